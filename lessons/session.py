"""One learner's way through one lesson: which step, what was measured, what is missing.

No window and no clock: pictures come in with `observe`, answers with `answer`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

from lessons.echo_measures import level_db
from lessons.lesson import (
    Choice,
    FadedStep,
    Lesson,
    Move,
    Patch,
    QuestionStep,
    Reading,
    ReadStep,
    Scene,
    Step,
    TaskStep,
    WorkedStep,
)
from lessons.measures import MEASURES, acting_on_levels, read
from lessons.number import Number, missing
from lessons.sight import Sight
from physics.frame import Frame
from physics.settings import KNOBS, Knob, ScanSettings


class Progress(Enum):
    """How far a learner has got with a step."""

    OPEN = "open"
    HELPED = "helped"
    """Done, but the solution was shown first, or the first answer was wrong."""
    DONE = "done"


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
    """Where a learner is in a lesson. Remembers the best levels seen and what is done.

    A best level belongs to the knobs it was seen with: a change of focus also changes levels,
    and must not pass for a change of angle. Gain, TGC and dynamic range change none.
    """

    def __init__(self, lesson: Lesson, region_names: Sequence[str]) -> None:
        """region_names : those of the lesson's phantom, one for each region of its slices."""
        self.lesson = lesson
        self._region_names = tuple(region_names)
        self._best_db: dict[tuple[ScanSettings, str], float] = {}
        self._progress = [Progress.OPEN] * len(lesson.steps)
        self._answers: list[int | None] = [None] * len(lesson.steps)
        self._helped: set[int] = set()
        self._n_moved = 0
        self.index = 0

    @property
    def step(self) -> Step:
        return self.lesson.steps[self.index]

    @property
    def scene(self) -> Scene:
        """What the present step starts from, or the lesson if the step has no scene."""
        return self.step.start or self.lesson.start

    @property
    def patches(self) -> tuple[Patch, ...]:
        """What the present step measures, in the order of its readings."""
        readings = list(self.step.shows)
        if isinstance(self.step, TaskStep):
            readings += [goal.reading for goal in self.step.goals]
        both = [patch for r in readings for patch in (r.patch, r.re_patch) if patch is not None]
        return tuple(dict.fromkeys(both))

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

    @property
    def moves(self) -> tuple[Move, ...]:
        """What the present step shows being done; empty unless it is an example."""
        return self.step.moves if isinstance(self.step, WorkedStep | FadedStep) else ()

    @property
    def n_moved(self) -> int:
        """How many of `moves` have been handed out since the step began or was rewound."""
        return self._n_moved

    def next_move(self) -> Move | None:
        """The next move of the example, None after the last. A worked example that has been seen to
        its end is done."""
        if self._n_moved == len(self.moves):
            return None
        self._n_moved += 1
        if isinstance(self.step, WorkedStep) and self._n_moved == len(self.moves):
            self._finish()
        return self.moves[self._n_moved - 1]

    def rewind(self) -> Scene:
        """Go back to where the example begins: the scene it starts from."""
        self._n_moved = 0
        return self.scene

    def go_to(self, index: int) -> Scene | None:
        """Turn to a step. Returns the scene it starts from, None to leave the scanner alone.

        A page that only had to be read counts as done when it is left.
        """
        if not 0 <= index < len(self.lesson.steps):
            raise ValueError(f"step {index + 1} of {len(self.lesson.steps)} does not exist")
        if isinstance(self.step, ReadStep):
            self._finish()
        self.index, self._n_moved = index, 0
        return self.step.start

    def observe(self, frame: Frame, *, judge: bool = True) -> Report:
        """Read a picture of the lesson's phantom.

        judge : False for a picture that lags the probe: its numbers are shown and count
            as seen, but it does not finish a task.
        """
        sight = Sight(frame, self._region_names)
        knobs = acting_on_levels(frame.settings)
        best_of = self._note_best(knobs, sight)

        @cache
        def number_of(reading: Reading) -> Number:
            return Number(reading, read(reading, sight, best_of(reading.patch)))

        numbers = tuple(number_of(reading) for reading in self.step.shows)
        if not isinstance(self.step, TaskStep):
            return Report(numbers)
        checked = [(goal, number_of(goal.reading)) for goal in self.step.goals]
        unmet = [(goal, number) for goal, number in checked if not goal.is_met(number.value)]
        turned = self._turned(knobs)
        if turned is not None and not any(math.isnan(number.value) for _, number in checked):
            return Report(numbers, False, _put_back(turned, self.scene.settings))
        if unmet:
            return Report(numbers, False, missing(*unmet[0]))
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

    def _turned(self, knobs: ScanSettings) -> Knob | None:
        """A knob that keeps these levels from being compared with those of the step's scene."""
        goals = self.step.goals if isinstance(self.step, TaskStep) else ()
        if not any(MEASURES[goal.reading.measure].is_re_best for goal in goals):
            return None
        wanted = acting_on_levels(self.scene.settings)
        return next((k for k in KNOBS.values() if _of(wanted, k) != _of(knobs, k)), None)

    def _note_best(self, knobs: ScanSettings, sight: Sight) -> Callable[[Patch | None], float]:
        """Take note of levels seen with these knobs; the best of a patch with them."""
        for reading in self.lesson.readings:
            if MEASURES[reading.measure].is_re_best and reading.patch is not None:
                key = (knobs, reading.patch.name)
                level = level_db(sight, reading.patch)
                if level > self._best_db.get(key, -math.inf):  # never so for NaN
                    self._best_db[key] = level
        return lambda patch: self._best_db.get((knobs, patch.name if patch else ""), -math.inf)


def _of(settings: ScanSettings, knob: Knob) -> object:
    return getattr(settings, knob.field)


def _put_back(knob: Knob, wanted: ScanSettings) -> str:
    value = wanted.display(knob.name)
    shown = value if knob.choices else f"{value:.{knob.decimals}f} {knob.unit}".rstrip()
    shown = shown.replace("-", "−")
    return f"Put {knob.label} back to {shown}: levels compare only while no other knob is turned."
