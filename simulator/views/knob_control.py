"""One knob of the scanner, made from its entry in `physics.settings.KNOBS`."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QFont
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from physics.settings import Knob, find_knob
from simulator.faults import MASK
from simulator.models.scanner import Scanner
from simulator.theme import QUIET
from simulator.views.knob_menu import open_knob_menu
from simulator.views.number_control import NumberControl, number_text
from simulator.words import translate

LABEL_EMS = 8.5
"""Room for the label of a knob whose slider stands beside it, in line heights."""
SIGNED_UNIT = "dB"
"""Levels are written with their sign, except for the width of the grey scale."""


class KnobControl(NumberControl):
    """A knob that holds one number."""

    def __init__(
        self,
        scanner: Scanner,
        name: str,
        key: str = "",
        *,
        large: bool = False,
        stacked: bool = True,
        letters: QFont | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`key` is the key that selects this knob; it is written beside the label. `large` is for
        those that are turned most; `stacked` puts the slider below its label; `letters` are others
        than the system's."""
        knob = find_knob(name)
        label = knob_label(knob)
        super().__init__(
            label,
            knob.unit,
            step=knob.step,
            decimals=knob.decimals,
            signed=knob_is_signed(knob),
            label=with_key(label, key),
            stacked=stacked,
            parent=parent,
        )
        if letters is not None:
            self.setFont(letters)
        if large:
            self.enlarge()
        if not stacked:
            self.label.setMinimumWidth(round(LABEL_EMS * self.fontMetrics().height()))
        self._scanner, self._knob = scanner, knob
        self._stands: tuple[object, ...] = ()
        self.asked.connect(self._turn)
        self.reset_asked.connect(self._reset)
        scanner.changed.connect(self._show)
        self._show()

    @Slot(float)
    def _turn(self, value: float) -> None:
        self._scanner.turn(**{self._knob.name: round(value) if self._knob.whole else value})

    @Slot()
    def _reset(self) -> None:
        self._scanner.reset_knob(self._knob.name)

    @Slot()
    def _show(self) -> None:
        name, scanner = self._knob.name, self._scanner
        low, high = scanner.knob_range(name)
        value, waiting = scanner.settings.display(name), scanner.waits(name)
        locked, masked = name in scanner.locked, name in scanner.concealed
        stands = (low, high, value, waiting, locked, masked, name in scanner.hidden)
        if stands == self._stands:
            return
        self._stands = stands
        self.set_range(low, high)
        self.set_masked(masked)
        self.show_value(value, waiting=waiting)
        self.set_tool_tip(knob_tool_tip(self._knob, low, high, waiting=waiting, locked=locked))
        self.set_locked(locked)
        show_unless(self, name in self._scanner.hidden)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        open_knob_menu(self._scanner, self._knob.name, event.globalPos(), self)


class ChoiceControl(QWidget):
    """A knob that is one of a few names."""

    def __init__(self, scanner: Scanner, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner, self._knob = scanner, find_knob(name)
        self.box = QComboBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.box.setAccessibleName(knob_label(self._knob))
        for choice in self._knob.choices:
            self.box.addItem(translated(choice), choice)
        label = QLabel(knob_label(self._knob))
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label, 1)
        row.addWidget(self.box)
        self._tipped = (self, label, self.box)
        self._stands: tuple[object, ...] = ()
        self.box.setPlaceholderText(MASK)
        self.box.activated.connect(self._turn)
        scanner.changed.connect(self._show)
        self._show()

    @Slot(int)
    def _turn(self, row: int) -> None:
        self._scanner.turn(**{self._knob.name: self.box.itemData(row)})

    @Slot()
    def _show(self) -> None:
        name, scanner = self._knob.name, self._scanner
        value, masked = scanner.settings.display(name), name in scanner.concealed
        locked, hidden = name in scanner.locked, name in scanner.hidden
        if (value, masked, locked, hidden) == self._stands:
            return
        self._stands = value, masked, locked, hidden
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(-1 if masked else self.box.findData(value))
        show_unless(self, hidden)
        self._show_lock(locked)

    def _show_lock(self, locked: bool) -> None:
        lines = [translated(self._knob.cost), *_other_names(self._knob), *_locked_text(locked)]
        for widget in self._tipped:
            widget.setToolTip(f"<p>{translated(self._knob.meaning)}</p>" + "<br>".join(lines))
        self.box.setEnabled(not locked)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        open_knob_menu(self._scanner, self._knob.name, event.globalPos(), self)


def show_unless(widget: QWidget, hidden: bool) -> None:
    """Hide a part of the console, or show it again. A new widget, which has no place yet, is left
    alone: it would come up as a window of its own."""
    if bool(widget.property("put_away")) != hidden:
        widget.setProperty("put_away", hidden)
        widget.setVisible(not hidden)


def translated(text: str) -> str:
    """A text of the knob table in the user's language."""
    return translate("Knob", text)


def knob_label(knob: Knob) -> str:
    """The knob's name in the user's language."""
    return translated(knob.label)


def knob_is_signed(knob: Knob) -> bool:
    """Whether values are written with their sign."""
    return knob.unit == SIGNED_UNIT and knob.low < 0


def with_key(label: str, key: str) -> str:
    """A label with the key that selects its control."""
    return f"{label}&nbsp;&nbsp;<span style='color:{QUIET}'>{key}</span>" if key else label


def knob_tool_tip(
    knob: Knob, low: float, high: float, *, waiting: bool = False, locked: bool = False
) -> str:
    """What the knob does, what that costs, what it may be and how to reset it."""
    low_text, high_text = (
        number_text(v, knob.decimals, knob.unit, signed=knob_is_signed(knob)) for v in (low, high)
    )
    how = translate("Knob", "%1 to %2. Double-click resets; click the number to type.")
    how = how.replace("%1", low_text).replace("%2", high_text)
    lines = [
        f"<b>{translated(knob.meaning)}</b>",
        translated(knob.cost),
        *_other_names(knob),
        f"<span style='color:{QUIET}'>{how}</span>",
    ]
    if waiting:
        lines.append(translate("Knob", "Acts when the picture is unfrozen."))
    return "<br>".join([*lines, *_locked_text(locked)])


def _locked_text(locked: bool) -> list[str]:
    return [f"<b>{translate('Knob', 'Locked: it keeps this value.')}</b>"] if locked else []


def _other_names(knob: Knob) -> list[str]:
    """One line with what else scanners call the knob; none if they do not."""
    if not knob.also:
        return []
    names = translate("Knob", "Also called: %1.")
    return [names.replace("%1", ", ".join(translated(name) for name in knob.also))]
