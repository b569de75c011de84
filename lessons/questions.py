"""A question: what it consists of, in which order its options are shown, how an answer is marked.

Everything here is a value or a pure function. Questions of the bank come from
`lessons.question_bank`; whoever makes them otherwise builds an `Item` of the same kind.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from phantoms.checked import Entry, Name

SINGLE_BEST, TRUE_FALSE = "sba", "true_false"
TRUE_OR_FALSE = ("True", "False")
"""Texts of the options of a true/false item, in the order shown."""

FEWEST_OPTIONS, MOST_OPTIONS = 3, 5
"""Of a single-best-answer item."""

OUTCOMES = {
    "LO1": "Sound and tissue",
    "LO2": "Transducers and beams",
    "LO3": "Image formation",
    "LO4": "Knobology of B-mode",
    "LO5": "Artefacts",
    "LO6": "Doppler settings and artefacts",
    "LO7": "Safety",
    "LO8": "Quality assurance",
    "LO9": "Handling the probe",
    "LO10": "Normal appearances and standard views",
    "LO11": "Professional practice",
}
"""Learning outcomes by what their items are about."""

Outcome = Literal["LO1", "LO2", "LO3", "LO4", "LO5", "LO6", "LO7", "LO8", "LO9", "LO10", "LO11"]
Level = Literal["recall", "apply", "analyse"]
Words = Annotated[str, Field(min_length=1, max_length=1000)]
"""Markdown, formulas between dollar signs."""


class Option(Entry):
    """One answer, and why it is right or wrong."""

    text: Words
    explanation: Words
    correct: bool = False
    misconception: Name | None = None
    """What someone who chooses it probably believes: a name of the bank's vocabulary."""


class Item(Entry):
    """One question with a single right option."""

    id: Name
    kind: Literal["sba", "true_false"]
    outcome: Outcome
    difficulty: Annotated[int, Field(strict=True, ge=1, le=3)]
    level: Level
    source: Annotated[tuple[Name, ...], Field(min_length=1, max_length=4)]
    """Where the answer can be read up: names of the bank's vocabulary."""
    tags: tuple[Name, ...] = ()
    stem: Words
    """The question, or the statement to be judged."""
    options: tuple[Option, ...]
    in_order: bool = False
    """Options stay as they stand: they are labels of what a picture shows, A to D."""

    @model_validator(mode="after")
    def _has_one_answer(self) -> Self:
        n_correct = sum(option.correct for option in self.options)
        if n_correct != 1:
            raise ValueError(f"options: {n_correct} are marked correct; exactly one must be")
        texts = tuple(option.text for option in self.options)
        if self.kind == TRUE_FALSE and texts != TRUE_OR_FALSE:
            raise ValueError(
                f"options: found {list(texts)}; a true_false item has {list(TRUE_OR_FALSE)}"
            )
        if self.kind == SINGLE_BEST and not FEWEST_OPTIONS <= len(texts) <= MOST_OPTIONS:
            raise ValueError(
                f"options: found {len(texts)}; an sba item has {FEWEST_OPTIONS} to {MOST_OPTIONS}"
            )
        return self

    @property
    def key(self) -> int:
        """Index of the right option."""
        return next(i for i, option in enumerate(self.options) if option.correct)


@dataclass(frozen=True)
class Presentation:
    """An item with its options in the order shown."""

    item: Item
    order: tuple[int, ...]
    """Index in `item.options` of the option at each place."""

    @property
    def options(self) -> Sequence[Option]:
        """The options as shown."""
        return [self.item.options[i] for i in self.order]


@dataclass(frozen=True)
class Mark:
    """What an answer was worth, and what to say about it."""

    correct: bool
    chosen: Option
    key: Option


def present(item: Item, seed: int) -> Presentation:
    """The options in an order drawn by `seed`, the same for ever; true/false and labels of a
    picture stay in their order."""
    places = range(len(item.options))
    if item.kind == TRUE_FALSE or item.in_order:
        return Presentation(item, tuple(places))
    # digests, not `random`: its shuffle may differ between versions of Python
    draw = [hashlib.sha256(f"{seed}:{item.id}:{i}".encode()).digest() for i in places]
    return Presentation(item, tuple(sorted(places, key=lambda i: draw[i])))


def mark(item: Item, answer: int) -> Mark:
    """Mark the option at index `answer` of `item.options` (`Presentation.order` knows it).

    Raises ValueError if there is no such option.
    """
    if not 0 <= answer < len(item.options):
        raise ValueError(f"{item.id} has options 0 to {len(item.options) - 1}, got {answer}")
    chosen = item.options[answer]
    return Mark(chosen.correct, chosen, item.options[item.key])
