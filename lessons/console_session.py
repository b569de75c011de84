"""One learner's attempt at a console question: steps taken, what was noted, how it is judged.

No window and no clock: changes come in with `change` and `settle`, pictures with `begin` and
`judge`, times with the events.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from lessons.build_console import LOCKED_GROUPS
from lessons.console import ConsoleGoal, ConsoleQuestion
from lessons.lesson import Choice, Reading, Scene
from lessons.measures import read
from lessons.number import Number, missing, shown, wanted, with_unit
from lessons.sight import Sight
from physics.frame import Frame
from physics.geometry import Pose
from physics.settings import KNOBS


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    at_s: float
    what: str
    """`begin`, `step`, `judge` or `why`."""
    changed: str = ""
    """Of a step: the knob by display name, or the field of the pose."""
    before: object = None
    after: object = None
    """Of a step in display units; of `judge` the marks, of `why` the index of the answer."""


@dataclass(frozen=True)
class GoalResult:
    """How one goal came out."""

    goal: ConsoleGoal
    number: Number
    met: bool

    @property
    def sentence(self) -> str:
        """Measured number, target and physical reason."""
        if not self.met:
            said = missing(self.goal.goal, self.number)
            return f"{said} Wanted: {wanted(self.goal.goal)}. {self.goal.reason}"
        label = self.number.reading.label
        said = f"{label[:1].upper()}{label[1:]}: {self.number.text_with_unit}"
        return f"{said} (wanted: {wanted(self.goal.goal)}). {self.goal.reason}"


@dataclass(frozen=True)
class LimitResult:
    """Whether one limit was kept, and a sentence that says so with its numbers."""

    kept: bool
    sentence: str


@dataclass(frozen=True)
class Result:
    """What one picture and the way to it were worth."""

    goals: tuple[GoalResult, ...]
    limits: tuple[LimitResult, ...]
    n_step: int
    marks: int
    most_marks: int

    @property
    def passed(self) -> bool:
        """All goals met and all limits kept."""
        return all(goal.met for goal in self.goals) and all(one.kept for one in self.limits)

    @property
    def residual_faults(self) -> tuple[str, ...]:
        """A sentence with number, target and physics for all that is still wrong."""
        goals = [goal.sentence for goal in self.goals if not goal.met]
        return (*goals, *(limit.sentence for limit in self.limits if not limit.kept))


class ConsoleSession:
    """An attempt. Call `begin` with the picture of the start, then tell it every change."""

    def __init__(self, question: ConsoleQuestion, region_names: Sequence[str]) -> None:
        """region_names : those of the question's phantom."""
        self.question = question
        self._region_names = tuple(region_names)
        self._settled = self._scene = question.start
        self._events: list[Event] = []
        self._start: dict[str, Number] = {}
        self.n_step = 0
        self.answered: int | None = None

    @property
    def events(self) -> tuple[Event, ...]:
        """All that happened, oldest first."""
        return tuple(self._events)

    @property
    def has_begun(self) -> bool:
        return bool(self._events)

    def begin(self, frame: Frame, at_s: float = 0.0) -> tuple[Number, ...]:
        """Take the picture of the start; the numbers of the goals in it."""
        sight = Sight(frame, self._region_names)
        readings = [goal.goal.reading for goal in self.question.goals]
        for reading in (*readings, *self.question.limits.not_above_start):
            self._start[reading.name] = Number(reading, read(reading, sight))
        self._settled = self._scene = self.question.start
        self._events, self.n_step, self.answered = [Event(at_s, "begin")], 0, None
        return tuple(self._start[reading.name] for reading in readings)

    def change(self, scene: Scene, at_s: float = 0.0) -> None:
        """Knobs and probe are now like this. What changes at once is one step (a preset, or a depth
        that takes the focus along); a change of something else settles the one before."""
        under_way = differences(self._settled, self._scene)
        if under_way and not under_way.keys() & differences(self._scene, scene).keys():
            self.settle(at_s)
        self._scene = scene

    def settle(self, at_s: float = 0.0) -> int:
        """The learner has let go: a change since the last time counts as one step, and none if it
        was turned back. Returns the number of steps so far."""
        changed = differences(self._settled, self._scene)
        self.n_step += bool(changed)
        for name, (before, after) in changed.items():
            self._events.append(Event(at_s, "step", name, before, after))
        self._settled = self._scene
        return self.n_step

    def observe(self, frame: Frame) -> tuple[tuple[GoalResult, ...], tuple[LimitResult, ...]]:
        """How goals and limits stand in a picture; nothing is judged or noted."""
        assert self.has_begun
        sight = Sight(frame, self._region_names)
        return self._goals_in(sight), tuple(self._limits_in(sight))

    def judge(self, frame: Frame, at_s: float = 0.0) -> Result:
        """Judge a picture of the scene that was told last, and the steps to it."""
        assert self.has_begun
        self.settle(at_s)
        sight = Sight(frame, self._region_names)
        goals, kept = self._goals_in(sight), self._limits_in(sight)
        locked = _locked(self.question.start, self._scene)
        if locked:
            kept.append(LimitResult(False, f"{locked} is no knob of a scanner; put it back."))
        marks = sum(one.goal.marks for one in goals if one.met)
        if all(one.met for one in goals) and not locked:
            marks += self.question.limits.marks * sum(one.kept for one in kept)
        result = Result(goals, tuple(kept), self.n_step, marks, self.question.most_marks)
        self._events.append(Event(at_s, "judge", after=marks))
        return result

    def _goals_in(self, sight: Sight) -> tuple[GoalResult, ...]:
        goals = []
        for goal in self.question.goals:
            number = Number(goal.goal.reading, read(goal.goal.reading, sight))
            goals.append(GoalResult(goal, number, goal.goal.is_met(number.value)))
        return tuple(goals)

    def _limits_in(self, sight: Sight) -> list[LimitResult]:
        limits = self.question.limits
        kept = [_steps(self.n_step, limits.steps)]
        for reading in limits.not_above_start:
            kept.append(_not_above(self._start[reading.name], read(reading, sight), reading))
        return kept

    def answer_why(self, index: int, at_s: float = 0.0) -> Choice:
        """Answer the question that is asked afterwards."""
        choice = self.question.why.choices[index]
        self.answered = index
        self._events.append(Event(at_s, "why", after=index))
        return choice


def differences(before: Scene, after: Scene) -> dict[str, tuple[object, object]]:
    """What differs, by knob or part of the pose: display units for knobs, SI for the pose."""
    found: dict[str, tuple[object, object]] = {}
    for knob in KNOBS.values():
        one, other = (getattr(scene.settings, knob.field) for scene in (before, after))
        if one != other:
            values = (scene.settings.display(knob.name) for scene in (before, after))
            found[knob.name] = (next(values), next(values))
    for field in fields(Pose):
        one, other = (getattr(scene.pose, field.name) for scene in (before, after))
        if one != other:
            found[field.name] = (one, other)
    return found


def _steps(taken: int, most: int) -> LimitResult:
    said = f"{taken} step{'' if taken == 1 else 's'} taken; {most} allowed."
    return LimitResult(taken <= most, said)


def _not_above(start: Number, value: float, reading: Reading) -> LimitResult:
    """Compared as shown: less than the last digit is not noticed."""
    digits = reading.decimals
    kept = math.isfinite(value) and round(value, digits) <= round(start.value, digits)
    label = f"{reading.label[:1].upper()}{reading.label[1:]}"
    now = with_unit("–" if math.isnan(value) else shown(value, reading), reading)
    if kept:
        return LimitResult(True, f"{label} is {now}; it was {start.text_with_unit}.")
    said = f"{label} rose from {start.text_with_unit} to {now}; it must not rise here."
    return LimitResult(False, said)


def _locked(start: Scene, now: Scene) -> str:
    """Label of a knob that no scanner has and that was turned; empty if none was."""
    for name in differences(start, now):
        if name in KNOBS and KNOBS[name].group in LOCKED_GROUPS:
            return KNOBS[name].label
    return ""
