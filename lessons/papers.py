"""Mock papers: which questions, in which order, for how long. Drawn by a seed, as pure functions.

Two kinds. "sba": one best answer of three to five, as in the SPI. "frcr": stems with five
statements, each true or false, as in Part 1 of the FRCR, made from the bank's true/false items of
one outcome; so a stem is no more than the heading "Concerning ...". Outcomes have the weights of
`BLUEPRINT`, seats going by largest remainder.

Times are those of the real papers: 110 questions in two hours (SPI), 40 stems in two hours (FRCR
Part 1; mrradiologist.com/frcr-tips/frcr-part-1, spistudy.com/blog/spi-exam-domains-guide). No
pass mark is given: none was found in a source.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from lessons.questions import OUTCOMES, SINGLE_BEST, TRUE_FALSE, Item

Kind = Literal["sba", "frcr"]
KINDS: tuple[Kind, ...] = ("sba", "frcr")
TITLES = {"sba": "Single best answer", "frcr": "FRCR style: five true or false statements a stem"}

BLUEPRINT = {
    "LO1": 15, "LO2": 12, "LO3": 13, "LO4": 20, "LO5": 20, "LO6": 8, "LO7": 7, "LO8": 5,
}  # fmt: skip
"""Percent of a paper by outcome: estimate for a first unit, to be set by the lecturer."""

STATEMENTS = 5
"""Statements of an FRCR stem."""
SECONDS_EACH = {"sba": 7200 / 110, "frcr": 7200 / 40}
"""Time for a question, or for a stem with its statements."""
USUAL_LENGTH = {"sba": 50, "frcr": 14}
"""Questions or stems, unless asked otherwise: chosen; 14 stems are all that the bank fills."""
_KIND_OF_ITEM = {"sba": SINGLE_BEST, "frcr": TRUE_FALSE}


@dataclass(frozen=True)
class Part:
    """A question, or a stem with its statements."""

    outcome: str
    heading: str
    """Shown above the statements; empty for a question that stands alone."""
    items: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """A paper as it is sat. Answers belong to places: items counted through all parts from 0."""

    kind: Kind
    seed: int
    limit_s: float
    parts: tuple[Part, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Id of the item at each place."""
        return tuple(item for part in self.parts for item in part.items)

    def to_json(self) -> str:
        """All of it as text; `paper_from_json` reads it."""
        parts = [[part.outcome, part.heading, *part.items] for part in self.parts]
        return json.dumps([self.kind, self.seed, self.limit_s, parts])


@dataclass(frozen=True)
class Supply:
    """What the bank has for one outcome of a kind of paper, and what a paper of a length needs."""

    outcome: str
    weight_percent: int
    n_item: int
    n_needed: int

    @property
    def missing(self) -> int:
        return max(0, self.n_needed - self.n_item)


def paper_from_json(text: str) -> Paper:
    """The paper that `Paper.to_json` wrote."""
    kind, seed, limit_s, parts = json.loads(text)
    return Paper(kind, seed, limit_s, tuple(Part(o, h, tuple(items)) for o, h, *items in parts))


def apportion(n: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`n` seats by largest remainder (Hamilton); of equal remainders the first gets the seat."""
    total = sum(weights.values())
    seats = {name: n * weight // total for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: -(n * weights[name] % total))
    for name in by_remainder[: n - sum(seats.values())]:
        seats[name] += 1
    return seats


def supply(kind: Kind, n: int, items: Mapping[str, Item]) -> tuple[Supply, ...]:
    """What a paper of `n` questions or stems needs of each outcome, beside what there is."""
    per_part = STATEMENTS if kind == "frcr" else 1
    there = dict.fromkeys(BLUEPRINT, 0)
    for item in items.values():
        if item.kind == _KIND_OF_ITEM[kind] and item.outcome in there:
            there[item.outcome] += 1
    return tuple(
        Supply(outcome, BLUEPRINT[outcome], there[outcome], seats * per_part)
        for outcome, seats in apportion(n, BLUEPRINT).items()
    )


def longest_paper(kind: Kind, items: Mapping[str, Item]) -> int:
    """Most questions or stems for which the items suffice at these weights."""
    n = 0
    while n < len(items) and not any(s.missing for s in supply(kind, n + 1, items)):
        n += 1
    return n


def shortfalls(kind: Kind, n: int, items: Mapping[str, Item]) -> tuple[str, ...]:
    """A sentence for each outcome that has too few items for such a paper."""
    return tuple(
        f"{need.outcome} ({OUTCOMES[need.outcome]}): {need.n_needed} items are needed, "
        f"the bank has {need.n_item}"
        for need in supply(kind, n, items)
        if need.missing
    )


def draw_paper(kind: Kind, seed: int, items: Mapping[str, Item], n: int | None = None) -> Paper:
    """The paper of this seed: the same for ever while the items stay the same.

    n : questions or stems, by default `USUAL_LENGTH`. items : parametric ones as made by this
        seed, also when the paper is shown and marked.
    Raises ValueError with a sentence if the items do not suffice.
    """
    n = USUAL_LENGTH[kind] if n is None else n
    longest = longest_paper(kind, items)
    if not 1 <= n <= longest:
        what = "stems" if kind == "frcr" else "questions"
        raise ValueError(
            f"a paper of {n} {what} cannot be drawn from these items; allowed: 1 to {longest} "
            f"({'; '.join(shortfalls(kind, n, items)) or 'at least one'})"
        )
    places = {item: number for number, item in enumerate(items)}
    parts: list[Part] = []
    for need in supply(kind, n, items):
        own = [
            item.id
            for item in items.values()
            if item.kind == _KIND_OF_ITEM[kind] and item.outcome == need.outcome
        ]
        drawn = _shuffled(own, seed)[: need.n_needed]
        if kind == "sba":
            parts += [Part(need.outcome, "", (item,)) for item in drawn]
        else:
            drawn.sort(key=places.__getitem__)  # neighbours in the bank's files share a topic
            heading = f"Concerning {_lower_first(OUTCOMES[need.outcome])}:"
            parts += [
                Part(need.outcome, heading, tuple(_shuffled(drawn[i : i + STATEMENTS], seed)))
                for i in range(0, len(drawn), STATEMENTS)
            ]
    order = _shuffled([part.items[0] for part in parts], seed)
    first = {part.items[0]: part for part in parts}
    limit_s = 60.0 * -(-n * SECONDS_EACH[kind] // 60.0)
    return Paper(kind, seed, limit_s, tuple(first[item] for item in order))


def _shuffled(names: Sequence[str], seed: int) -> list[str]:
    """In an order drawn by digests, which no version of Python changes."""
    return sorted(names, key=lambda name: sha256(f"paper:{seed}:{name}".encode()).digest())


def _lower_first(title: str) -> str:
    return title if title.startswith("Doppler") else title[0].lower() + title[1:]
