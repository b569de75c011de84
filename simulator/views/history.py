"""Undo and redo of all that a hand does to the scanner: Qt's stack beside the plain model.

The history listens to the model and keeps where it stood; it is asked by nobody. Changes make one
step if they come while a control is held (`watch`), in one turn of the event loop (a lesson that
sets several things), or if they turn the same thing again within a second (keys, wheel).
"""

import time
from collections.abc import Callable
from dataclasses import fields

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QWidget

from simulator.models.scanner import Scanner, State
from simulator.views.changes import describe_change
from simulator.views.step_slider import StepSlider
from simulator.words import translate

TOGETHER_S = 1.0
"""Turns of the same knob that follow each other sooner are one step."""
MOST_STEPS = 200


class History(QObject):
    """Keeps what can be taken back."""

    told = Signal(str)
    """What was taken back or done again."""
    changed = Signal()
    """Something else can be taken back or done again."""

    def __init__(
        self,
        scanner: Scanner,
        parent: QObject | None = None,
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._scanner, self._clock_s = scanner, clock_s
        self.stack = QUndoStack(self)
        self.stack.setUndoLimit(MOST_STEPS)
        self.stack.indexChanged.connect(self.changed)
        self._now, self._rules = scanner.state, scanner.rules
        self._gesture, self._held, self._restoring = 0, False, False
        self._turn_over = QTimer(self, interval=0, singleShot=True)
        self._turn_over.timeout.connect(self._end_turn)
        scanner.changed.connect(self._record)

    def watch(self, widget: QWidget) -> None:
        """Let every drag of a slider inside be one step."""
        for slider in widget.findChildren(StepSlider):
            slider.sliderPressed.connect(self.hold)
            slider.sliderReleased.connect(self.let_go)

    @Slot()
    def hold(self) -> None:
        """What changes from here to `let_go` is one step."""
        self._gesture += 1
        self._held = True

    @Slot()
    def let_go(self) -> None:
        self._gesture += 1
        self._held = False

    @property
    def concealed(self) -> frozenset[str]:
        """Knobs whose values are not to be named."""
        return self._scanner.concealed

    def go_to(self, state: State, said: str) -> None:
        """Put the scanner where it stood, without making a step of it."""
        self._restoring, self._now = True, state
        try:
            self._scanner.restore(state)
        finally:
            self._restoring = False
        self.told.emit(said)

    @Slot()
    def _record(self) -> None:
        rules = self._scanner.rules
        if rules != self._rules:  # nobody undoes his way past a lock
            self._rules, self._now = rules, self._scanner.state
            self.stack.clear()
            return
        state = self._scanner.state
        if self._restoring or state == self._now:
            return
        step = Step(self, self._now, state, self._gesture, self._clock_s())
        self._now = state
        self.stack.push(step)
        self._turn_over.start()

    @Slot()
    def _end_turn(self) -> None:
        if not self._held:
            self._gesture += 1


class Step(QUndoCommand):
    """From one state of the scanner to another."""

    def __init__(
        self, history: History, before: State, after: State, gesture: int, at_s: float
    ) -> None:
        super().__init__()
        self._history, self._fresh = history, True
        self.before, self.after, self.gesture, self.at_s = before, after, gesture, at_s
        self._name()

    def id(self) -> int:
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        assert isinstance(other, Step)
        soon = other.at_s - self.at_s < TOGETHER_S
        again = soon and parts(self.before, self.after) == parts(other.before, other.after)
        if not again and other.gesture != self.gesture:
            return False
        self.after, self.gesture, self.at_s = other.after, other.gesture, other.at_s
        self._name()
        self.setObsolete(self.after == self.before)
        return True

    def undo(self) -> None:
        said = translate("History", "Undone: %1")
        self._history.go_to(self.before, said.replace("%1", self.text()))

    def redo(self) -> None:
        if self._fresh:  # pushing a command does it, but the scanner has moved already
            self._fresh = False
            return
        said = translate("History", "Done again: %1")
        self._history.go_to(self.after, said.replace("%1", self.text()))

    def _name(self) -> None:
        self.setText(step_text(self.before, self.after, self._history.concealed))


def parts(before: State, after: State) -> frozenset[str]:
    """Names of what differs: fields of the settings and the pose, and of the state itself."""
    changed = {f.name for f in fields(State) if getattr(before, f.name) != getattr(after, f.name)}
    for part in ("settings", "pose"):
        was, now = getattr(before, part), getattr(after, part)
        changed |= {f.name for f in fields(was) if getattr(was, f.name) != getattr(now, f.name)}
    return frozenset(changed)


def step_text(before: State, after: State, concealed: frozenset[str] = frozenset()) -> str:
    """What a step did, in a few words."""
    if before.phantom != after.phantom:
        return translate("History", "phantom")
    if before.probe != after.probe:
        return translate("History", "probe")
    if before.view != after.view:
        return translate("History", "standard view")
    if before.preset != after.preset:
        return translate("History", "preset")
    if before.display != after.display:
        flipped = before.display.flipped != after.display.flipped
        return translate("History", "flip") if flipped else translate("History", "read zoom")
    return describe_change(before, after, concealed) or translate("History", "several knobs")
