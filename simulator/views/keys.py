"""The keyboard: one table that both the keys and their help page are made from."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from physics.settings import N_TGC, find_knob
from simulator.models.scanner import Scanner
from simulator.views.console import KNOB_KEYS, Console
from simulator.views.knob_control import knob_label
from simulator.views.movements import MOVE_KEYS, MoveKeys
from simulator.views.number_control import number_text
from simulator.words import move_name, translate

_Key = Qt.Key
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier


@dataclass(frozen=True)
class Binding:
    """Keys that do one thing."""

    keys: str
    """As written on the help page."""
    what: str
    """What they do, in the user's language."""
    actions: dict[tuple[int, Qt.KeyboardModifier], Callable[[], object]]


class KeyMap(QObject):
    """What keys do that no widget wanted for itself (they come up to the window)."""

    def __init__(self, scanner: Scanner, console: Console) -> None:
        super().__init__()
        self._scanner, self._console = scanner, console
        self._actions = {k: act for b in self.bindings for k, act in b.actions.items()}

    def press(self, event: QKeyEvent) -> bool:
        """Do what this key is for; whether it is for anything."""
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        action = self._actions.get((event.key(), plain))
        if action is None and plain == _NONE | Qt.KeyboardModifier.GroupSwitchModifier:
            action = self._actions.get((event.key(), _NONE))  # brackets behind AltGr
        if action is None:
            return False
        action()
        return True

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """All of them, in the words that are in use now."""
        return (*self._probe(), *self._knobs(), *self._rest())

    def _probe(self) -> tuple[Binding, ...]:
        by = self.tr("%1 by %2")
        moves = []
        for keys in MOVE_KEYS:
            modifier = f"{translate('Keys', keys.modifier)} + " if keys.modifier else ""
            decimals = 0 if keys.step == round(keys.step) else 1
            step = number_text(keys.step, decimals, keys.unit)
            what = by.replace("%1", move_name(keys.field)).replace("%2", step)
            less, more = self._move(keys, -1), self._move(keys, 1)
            actions = {**dict.fromkeys(keys.less, less), **dict.fromkeys(keys.more, more)}
            moves.append(Binding(modifier + keys.keys.replace(" ", "  "), what, actions))
        home = self.tr("put the probe back where it started")
        back = Binding(self.tr("Home"), home, {(_Key.Key_Home, _NONE): self._scanner.recentre})
        return (*moves, back)

    def _move(self, keys: MoveKeys, steps: int) -> Callable[[], object]:
        scanner, field, by = self._scanner, keys.field, steps * keys.step_si
        return lambda: scanner.move(**{field: getattr(scanner.pose, field) + by})

    def _knobs(self) -> tuple[Binding, ...]:
        choose = self.tr("choose the knob: %1")
        selects = [
            Binding(letter, choose.replace("%1", knob_label(find_knob(name))),
                    {(ord(letter), _NONE): self._select(name)})
            for name, letter in sorted(KNOB_KEYS.items(), key=lambda item: item[1])
        ]  # fmt: skip
        tgc = {(ord(str(i + 1)), _NONE): self._select_tgc(i) for i in range(N_TGC)}
        up_down = "\N{UPWARDS ARROW}  \N{DOWNWARDS ARROW}"
        return (
            *selects,
            Binding(f"1 – {N_TGC}", self.tr("choose a TGC slider, 1 nearest to the skin"), tgc),
            Binding(up_down, self.tr("turn the knob that was chosen"), {}),
            Binding(
                self.tr("PageUp  PageDown"),
                self.tr("turn it by five steps"),
                {},
            ),
        )

    def _rest(self) -> tuple[Binding, ...]:
        return (
            Binding(self.tr("Space"), self.tr("freeze, and run again"),
                    {(_Key.Key_Space, _NONE): self._freeze}),
            Binding("M  E  A", self.tr("measure a distance, an ellipse, an angle (freezes)"), {}),
            Binding("T", self.tr("write words on the picture"), {}),
            Binding(self.tr("Backspace  Esc"), self.tr("take a mark back, put the tool away"), {}),
            Binding(self.tr("Ctrl") + " + O  S", self.tr("open a scene, save the scene"), {}),
            Binding(self.tr("Ctrl") + " + P  L", self.tr("save the picture, save the loop"), {}),
            Binding("L", self.tr("name the structures in the picture"), {}),
            Binding("F2  F3  F4  F5  F6  F7  F12  U",
                    self.tr("insight: anatomy, beam, focus, rays, fibre angle, theory, signal, "
                            "truth under the cursor; Shift + F2: all off"), {}),
            Binding("I", self.tr("flip left and right"), {}),
            Binding(self.tr("Z  Shift + Z"), self.tr("read zoom: larger, smaller"), {}),
            Binding("O", self.tr("automatic gain: level the brightness"), {}),
            Binding(self.tr("Ctrl + Z  Ctrl + Shift + Z"), self.tr("undo, redo"), {}),
            Binding(self.tr("Tab"), self.tr("go on to the next control; Space or Enter presses it"),
                    {}),
            Binding("F1  ?", self.tr("this page"), {}),
            Binding("F8", self.tr("show or hide the probe in 3-D"), {}),
            Binding(self.tr("Shift") + " + F8", self.tr("show or hide the probe's sliders"), {}),
            Binding("F9", self.tr("show or hide the lesson"), {}),
            Binding("K  C  X", self.tr("keep the picture as A, next way to compare, swap A and B"),
                    {}),
            Binding("W", self.tr("freeze and predict: hold the picture, then show the new one"),
                    {}),
            Binding("V", self.tr("reveal the faults that are hidden, or hide them again"), {}),
            Binding(self.tr("F11  Shift + F11"), self.tr("presentation, full screen"), {}),
        )  # fmt: skip

    def _select(self, name: str) -> Callable[[], object]:
        return lambda: self._console.select(name)

    def _select_tgc(self, index: int) -> Callable[[], object]:
        return lambda: self._console.select_tgc(index)

    def _freeze(self) -> None:
        self._scanner.set_frozen(not self._scanner.frozen)
