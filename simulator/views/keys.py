"""The keyboard: one table that both the keys and their help page are made from."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeyEvent

from physics.settings import N_TGC, find_knob
from simulator.models.scanner import Scanner
from simulator.views.console import KNOB_KEYS, Console
from simulator.views.knob_control import knob_label

_Key = Qt.Key
_NONE = Qt.KeyboardModifier.NoModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_CTRL = Qt.KeyboardModifier.ControlModifier

SLIDE_MM, FINE_SLIDE_MM, ROCK_DEG, PRESS_MM = 1.0, 0.2, 1.0, 0.5
TILT_DEG, TURN_DEG, ACROSS_MM = 1.0, 5.0, 1.0


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
        self.bindings = (*self._probe(), *self._knobs(), *self._rest())
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

    def _probe(self) -> tuple[Binding, ...]:
        left, right = _Key.Key_Left, _Key.Key_Right
        slide, rock = self._slide, self._rock
        arrows = "\N{LEFTWARDS ARROW}  \N{RIGHTWARDS ARROW}"
        return (
            Binding(arrows, self.tr("slide the probe by 1 mm"),
                    {(left, _NONE): slide(-SLIDE_MM), (right, _NONE): slide(SLIDE_MM)}),
            Binding(self.tr("Shift") + f" + {arrows}", self.tr("slide it by 0.2 mm"),
                    {(left, _SHIFT): slide(-FINE_SLIDE_MM), (right, _SHIFT): slide(FINE_SLIDE_MM)}),
            Binding("[  ]  " + self.tr("or Ctrl") + f" + {arrows}", self.tr("heel-toe by 1°"),
                    {(left, _CTRL): rock(-ROCK_DEG), (right, _CTRL): rock(ROCK_DEG),
                     (_Key.Key_BracketLeft, _NONE): rock(-ROCK_DEG),
                     (_Key.Key_BracketRight, _NONE): rock(ROCK_DEG)}),
            Binding(",  .", self.tr("press the probe less or more, by 0.5 mm"),
                    {(_Key.Key_Comma, _NONE): self._press(-PRESS_MM),
                     (_Key.Key_Period, _NONE): self._press(PRESS_MM)}),
            Binding("-  +", self.tr("tilt the probe by 1°"),
                    {**self._either(_Key.Key_Minus, self._turn_by("tilt_rad", -TILT_DEG)),
                     **self._either(_Key.Key_Plus, self._turn_by("tilt_rad", TILT_DEG))}),
            Binding("(  )", self.tr("turn the probe on the skin by 5°"),
                    {**self._either(_Key.Key_ParenLeft, self._turn_by("turn_rad", -TURN_DEG)),
                     **self._either(_Key.Key_ParenRight, self._turn_by("turn_rad", TURN_DEG))}),
            Binding(self.tr("Ctrl") + " + \N{UPWARDS ARROW}  \N{DOWNWARDS ARROW}",
                    self.tr("slide the probe across by 1 mm"),
                    {(_Key.Key_Up, _CTRL): self._across(-ACROSS_MM),
                     (_Key.Key_Down, _CTRL): self._across(ACROSS_MM)}),
            Binding(self.tr("Home"), self.tr("put the probe back where it started"),
                    {(_Key.Key_Home, _NONE): self._scanner.recentre}),
        )  # fmt: skip

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
            Binding("I", self.tr("flip left and right"), {}),
            Binding(self.tr("Z  Shift + Z"), self.tr("read zoom: larger, smaller"), {}),
            Binding("O", self.tr("automatic gain: level the brightness"), {}),
            Binding(self.tr("Ctrl + Z  Ctrl + Shift + Z"), self.tr("undo, redo"), {}),
            Binding(self.tr("Tab"), self.tr("go on to the next control; Space or Enter presses it"),
                    {}),
            Binding("F1  ?", self.tr("this page"), {}),
            Binding("F9", self.tr("show or hide the lesson"), {}),
            Binding("K  C  X", self.tr("keep the picture as A, next way to compare, swap A and B"),
                    {}),
            Binding("W", self.tr("freeze and predict: hold the picture, then show the new one"),
                    {}),
            Binding("V", self.tr("reveal the faults that are hidden, or hide them again"), {}),
            Binding(self.tr("F11  Shift + F11"), self.tr("presentation, full screen"), {}),
        )  # fmt: skip

    def _slide(self, mm: float) -> Callable[[], object]:
        return lambda: self._scanner.move(slide_m=self._scanner.pose.slide_m + mm * 1e-3)

    def _rock(self, degrees: float) -> Callable[[], object]:
        by = math.radians(degrees)
        return lambda: self._scanner.move(rock_rad=self._scanner.pose.rock_rad + by)

    def _turn_by(self, field: str, degrees: float) -> Callable[[], object]:
        by = math.radians(degrees)
        return lambda: self._scanner.move(**{field: getattr(self._scanner.pose, field) + by})

    def _across(self, mm: float) -> Callable[[], object]:
        return lambda: self._scanner.move(slide_y_m=self._scanner.pose.slide_y_m + mm * 1e-3)

    @staticmethod
    def _either(
        key: _Key, action: Callable[[], object]
    ) -> dict[tuple[int, Qt.KeyboardModifier], Callable[[], object]]:
        """A key that some keyboards have behind Shift."""
        return {(key, _NONE): action, (key, _SHIFT): action}

    def _press(self, mm: float) -> Callable[[], object]:
        return lambda: self._scanner.move(press_m=self._scanner.pose.press_m + mm * 1e-3)

    def _select(self, name: str) -> Callable[[], object]:
        return lambda: self._console.select(name)

    def _select_tgc(self, index: int) -> Callable[[], object]:
        return lambda: self._console.select_tgc(index)

    def _freeze(self) -> None:
        self._scanner.set_frozen(not self._scanner.frozen)
