"""A console question as frozen values: a picture to be put right, and how it is marked."""

from dataclasses import dataclass

from lessons.lesson import Choice, Goal, Reading, Scene
from lessons.questions import Outcome


@dataclass(frozen=True)
class ConsoleGoal:
    """A goal, what reaching it is worth, and the physics that explains it."""

    goal: Goal
    marks: int
    reason: str


@dataclass(frozen=True)
class Limits:
    """What must be kept to while the goals are reached."""

    steps: int
    """Most settled changes of one knob or one part of the pose."""
    not_above_start: tuple[Reading, ...]
    """Readings that must not end higher than they began, as shown."""
    marks: int
    """For each limit that is kept, once all goals are met."""

    @property
    def n(self) -> int:
        return 1 + len(self.not_above_start)


@dataclass(frozen=True)
class Route:
    """A way to the goals: the scene after each turn."""

    title: str
    scenes: tuple[Scene, ...]
    n_step: int
    """Knobs, parts of the pose and presets that it turns, each counted whenever it is."""


@dataclass(frozen=True)
class Why:
    """What is asked afterwards."""

    ask: str
    choices: tuple[Choice, ...]
    item: str | None = None
    """Id of the question in the bank, if it comes from there."""


@dataclass(frozen=True)
class ConsoleQuestion:
    """A picture with faults, a clinical request, and goals that a good picture meets."""

    name: str
    title: str
    request: str
    outcome: Outcome
    difficulty: int
    phantom: str
    probe: str
    start: Scene
    goals: tuple[ConsoleGoal, ...]
    limits: Limits
    routes: tuple[Route, ...]
    """The stored solution first, then the alternatives."""
    why: Why
    sources: tuple[str, ...]

    @property
    def most_marks(self) -> int:
        return sum(goal.marks for goal in self.goals) + self.limits.n * self.limits.marks
