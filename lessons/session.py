"""One learner's way through one lesson: which step, what was measured, what is missing.

No window and no clock: pictures come in with `observe`, answers with `answer`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from lessons.lesson import (
    DECIMALS,
    Choice,
    Goal,
    Lesson,
    Patch,
    QuestionStep,
    Reading,
    ReadStep,
    Scene,
    Step,
    TaskStep,
)
from lessons.measures import MEASURES, level_db, read
from physics.frame import Frame


class Progress(Enum):
    """How far a learner has got with a step."""

    OPEN = "open"
    HELPED = "helped"
    """Done, but the solution was shown first, or the first answer was wrong."""
    DONE = "done"


@dataclass(frozen=True)
class Number:
    """A reading with its present value, ready to be shown."""

    reading: Reading
    value: float
    """NaN when the patch is not in the picture."""

    @property
    def unit(self) -> str:
        return MEASURES[self.reading.measure].unit

    @property
    def text(self) -> str:
        """The value with a true minus sign and no unit; a dash when there is none."""
        if math.isnan(self.value):
            return "–"
        shown = round(self.value, DECIMALS) + 0.0  # + 0.0 turns -0.0 into 0.0
        return f"{shown:.{DECIMALS}f}".replace("-", "−")

    @property
    def text_with_unit(self) -> str:
        return f"{self.text} {self.unit}"


@dataclass(frozen=True)
class Report:
    """What one picture says about the present step."""

    numbers: tuple[Number, ...]
    """The readings the step shows, in its order."""
    met: bool = False
    """Whether this very picture meets all goals (never for steps without a task)."""
    sentence: str = ""
    """What is missing, or what was reached, with the number; empty without a task."""


class LessonSession:
    """Where a learner is in a lesson. Remembers the best levels seen and what is done."""

    def __init__(self, lesson: Lesson, region_names: Sequence[str]) -> None:
        """region_names : those of the lesson's phantom, one for each region of its slices."""
        self.lesson = lesson
        self._region_names = tuple(region_names)
        self._best_db: dict[str, float] = {}
        self._progress = [Progress.OPEN] * len(lesson.steps)
        self._answers: list[int | None] = [None] * len(lesson.steps)
        self._helped: set[int] = set()
        self.index = 0

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.index]

    @property
    def is_last(self) -> bool:
        return self.index == len(self.lesson.steps) - 1

    @property
    def progress(self) -> tuple[Progress, ...]:
        """One entry for every step."""
        return tuple(self._progress)

    @property
    def is_done(self) -> bool:
        """Whether the present step is done (with help or without)."""
        return self._progress[self.index] is not Progress.OPEN

    @property
    def answered(self) -> int | None:
        """Index of the last answer given to the present question."""
        return self._answers[self.index]

    def go_to(self, index: int) -> Scene | None:
        """Turn to a step. Returns the scene it starts from, None to leave the scanner alone.

        A page that only had to be read counts as done when it is left.
        """
        if not 0 <= index < len(self.lesson.steps):
            raise ValueError(f"step {index + 1} of {len(self.lesson.steps)} does not exist")
        if isinstance(self.step, ReadStep):
            self._finish()
        self.index = index
        return self.step.start

    def observe(self, frame: Frame, *, judge: bool = True) -> Report:
        """Read a picture of the lesson's phantom.

        judge : False for a picture that lags the probe: its numbers are shown and count
            as seen, but it does not finish a task.
        """
        level_of = cache(lambda patch: level_db(frame, patch, self._region_names))
        self._note_best(level_of)
        numbers = tuple(self._number(reading, level_of) for reading in self.step.shows)
        if not isinstance(self.step, TaskStep):
            return Report(numbers)
        checked = [(goal, self._number(goal.reading, level_of)) for goal in self.step.goals]
        missing = [(goal, number) for goal, number in checked if not goal.is_met(number.value)]
        if missing:
            return Report(numbers, False, _missing(*missing[0]))
        if judge:
            self._finish()
        reached = ", ".join(
            f"{number.reading.label} {number.text_with_unit}" for _, number in checked
        )
        return Report(numbers, True, f"Reached: {reached}.")

    def answer(self, index: int) -> Choice:
        """Give an answer to the present question. A right one after a wrong one is `HELPED`."""
        assert isinstance(self.step, QuestionStep)
        choice = self.step.choices[index]
        self._answers[self.index] = index
        if choice.correct:
            self._finish()
        elif not self.is_done:
            self._helped.add(self.index)
        return choice

    def show_solution(self) -> Scene:
        """A scene that meets the present task; the task then counts as done with help."""
        assert isinstance(self.step, TaskStep)
        assert self.step.solution is not None
        if not self.is_done:
            self._helped.add(self.index)
        return self.step.solution

    def _finish(self) -> None:
        if not self.is_done:
            helped = self.index in self._helped
            self._progress[self.index] = Progress.HELPED if helped else Progress.DONE

    def _note_best(self, level_of: Callable[[Patch], float]) -> None:
        for reading in self.lesson.readings:
            if MEASURES[reading.measure].is_re_best:
                name, level = reading.patch.name, level_of(reading.patch)
                if level > self._best_db.get(name, -math.inf):  # never so for NaN
                    self._best_db[name] = level

    def _number(self, reading: Reading, level_of: Callable[[Patch], float]) -> Number:
        best_db = self._best_db.get(reading.patch.name, -math.inf)
        return Number(reading, read(reading, level_of, best_db))


def _missing(goal: Goal, number: Number) -> str:
    if math.isnan(number.value):
        return f"The {number.reading.patch.label} is not in the picture: bring it back into view."
    return goal.unmet.replace("{value}", number.text_with_unit)
