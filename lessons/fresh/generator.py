"""From a seed to an item: what a generator is, and how distractors become options.

A generator is a small pure function of a `Draw`. It returns its question with the answer and the
misconceptions as *values*; which of them can stand side by side as options is decided here, once
for all. Where too few differ, the next draw of the same seed is taken, so a seed always gives
the same item.
"""

from collections.abc import Callable
from dataclasses import dataclass

from lessons.fresh.draw import Draw
from lessons.fresh.numbers import rounded, shown
from lessons.fresh.scene import Scene, Spot
from lessons.questions import Item, Level, Option, Outcome

APART = 0.05
"""Relative distance of any two options: more than an honest slip of rounding makes."""

TOLERANCE = 0.02
"""Relative error that is still right where the number itself is typed in."""

N_WRONG, FEWEST_WRONG, MOST_DRAWS = 4, 3, 60


@dataclass(frozen=True)
class Wrong:
    """A value that a misconception leads to."""

    value: float
    misconception: str
    why: str
    """What was done to get it, and what is right instead."""


@dataclass(frozen=True)
class Numeric:
    """A question whose answer is a number."""

    stem: str
    answer: float
    unit: str
    why: str
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True)
class Choice:
    """A question, mostly about pictures, whose options are words."""

    stem: str
    options: tuple[Option, ...]
    pictures: tuple[Scene, ...] = ()
    spot: Spot | None = None
    in_order: bool = False


@dataclass(frozen=True)
class Number:
    """The answer to be typed in, and how far off it may be."""

    value: float
    unit: str
    tolerance: float

    def accepts(self, typed: float) -> bool:
        """Whether a typed number, in the same unit, is right."""
        return abs(typed - self.value) <= self.tolerance


@dataclass(frozen=True)
class Fresh:
    """One version of an item, with all that is needed to show and mark it."""

    item: Item
    version: int
    """The seed: same seed, same version, on every machine."""
    number: Number | None = None
    """Set where the answer may also be typed in."""
    pictures: tuple[Scene, ...] = ()
    spot: Spot | None = None
    """Set where the answer may also be a click on the picture."""


@dataclass(frozen=True)
class Generator:
    """Makes versions of one item."""

    name: str
    """The id of its items, for ever."""
    outcome: Outcome
    difficulty: int
    level: Level
    source: tuple[str, ...]
    make: Callable[[Draw], Numeric | Choice | None]
    """None: this draw makes no good question; the next one is taken."""

    def version(self, seed: int) -> Fresh:
        """The item that belongs to the seed."""
        for attempt in range(MOST_DRAWS):
            question = self.make(Draw(f"{self.name}:{seed}:{attempt}"))
            fresh = None if question is None else self._fresh(question, seed)
            if fresh is not None:
                return fresh
        raise ValueError(f"{self.name}: seed {seed} makes no question in {MOST_DRAWS} draws")

    def _fresh(self, question: Numeric | Choice, seed: int) -> Fresh | None:
        if isinstance(question, Choice):
            item = self._item(question.stem, question.options, question.in_order)
            return Fresh(item, seed, pictures=question.pictures, spot=question.spot)
        wrong = apart(question)
        if len(wrong) < FEWEST_WRONG:
            return None
        key = Option(
            text=shown(question.answer, question.unit), explanation=question.why, correct=True
        )
        others = [
            Option(
                text=shown(one.value, question.unit),
                explanation=one.why,
                misconception=one.misconception,
            )
            for one in wrong
        ]
        off = max(abs(question.answer) * TOLERANCE, abs(question.answer - rounded(question.answer)))
        number = Number(question.answer, question.unit, off)
        return Fresh(self._item(question.stem, (key, *others)), seed, number)

    def _item(self, stem: str, options: tuple[Option, ...], in_order: bool = False) -> Item:
        return Item(
            id=self.name,
            kind="sba",
            outcome=self.outcome,
            difficulty=self.difficulty,
            level=self.level,
            source=self.source,
            stem=stem,
            options=options,
            in_order=in_order,
        )


def apart(question: Numeric) -> list[Wrong]:
    """The first distractors that differ from the key and from one another when written down."""
    taken, kept = [rounded(question.answer)], []
    for one in question.wrong:
        value = rounded(one.value)
        if all(abs(value - other) > APART * max(abs(value), abs(other)) for other in taken):
            taken.append(value)
            kept.append(one)
    return kept[:N_WRONG]


def generators(
    outcome: Outcome, prefix: str
) -> tuple[list[Generator], Callable[..., Callable[[Callable], Callable]]]:
    """A list, and a decorator that puts functions into it: `@add(2, "apply", "kremkau")`.

    prefix : what stands before the function's name in the item's id.
    """
    made: list[Generator] = []

    def add(difficulty: int, level: Level, *source: str) -> Callable[[Callable], Callable]:
        def put(make: Callable) -> Callable:
            name = f"{prefix}_{make.__name__}"
            made.append(Generator(name, outcome, difficulty, level, source, make))
            return make

        return put

    return made, add
