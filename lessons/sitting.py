"""Sitting a mock paper: the clock, answers kept at each change, handing in, and the result.

`Sitting` writes every change to the store at once, so a paper goes on after a crash where it
stood. Its time runs on meanwhile, as in a real examination.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lessons.papers import BLUEPRINT, Paper, paper_from_json
from lessons.progress import Place, ProgressStore, Review, SittingRecord
from lessons.questions import Item, Presentation, mark, present


@dataclass(frozen=True)
class Score:
    """Right, wrong and unanswered items of one outcome or of all."""

    right: int = 0
    wrong: int = 0
    unanswered: int = 0

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.unanswered

    @property
    def share(self) -> float:
        """Right re all, 0 to 1; an item without an answer counts like a wrong one."""
        return self.right / self.total if self.total else 0.0


@dataclass(frozen=True)
class Fault:
    """An item to look at again."""

    place: int
    item: Item
    answer: int | None
    """Index in `item.options`; None if it was not answered."""


@dataclass(frozen=True)
class PaperResult:
    """What a paper came to."""

    total: Score
    by_outcome: Mapping[str, Score]
    faults: tuple[Fault, ...]
    withdrawn: tuple[str, ...]
    """Ids of items that the bank no longer has: not counted."""


class Sitting:
    """A paper being sat, or sat. Made by `begin`, `resume` or `unfinished`."""

    def __init__(self, store: ProgressStore, record: SittingRecord) -> None:
        self._store = store
        self.number = record.number
        self.paper: Paper = paper_from_json(record.paper)
        self.started, self.ended = record.started, record.ended
        self._latest = record.last_change
        self._answers = dict(record.answers)

    @property
    def answers(self) -> Mapping[int, int]:
        """Index in `Item.options` by place."""
        return dict(self._answers)

    @property
    def ends(self) -> datetime:
        """When time is up."""
        return self.started + timedelta(seconds=self.paper.limit_s)

    def remaining_s(self) -> float:
        """Seconds left; 0 when time is up or the paper was handed in.

        A clock that was put back gives no time back that an answer has used.
        """
        if self.ended is not None:
            return 0.0
        self._latest = max(self._latest, self._store.clock())
        return max(0.0, (self.ends - self._latest).total_seconds())

    def presentation(self, place: int, items: Mapping[str, Item]) -> Presentation:
        """The item at a place with its options in the order of this paper; KeyError if gone."""
        return present(items[self.paper.items[place]], self.paper.seed)

    def answer(self, place: int, answer: int | None) -> bool:
        """Keep an answer (index in `Item.options`; None takes it back).

        False, and nothing is kept, when time is up or the paper was handed in. Raises ValueError
        for a place that the paper does not have, ProgressError if it cannot be written.
        """
        if not 0 <= place < len(self.paper.items):
            raise ValueError(
                f"this paper has the places 0 to {len(self.paper.items) - 1}, got {place}"
            )
        if self.remaining_s() <= 0.0:
            return False
        self._store.keep_answer(self.number, place, answer)
        if answer is None:
            self._answers.pop(place, None)
        else:
            self._answers[place] = answer
        return True

    def hand_in(self, items: Mapping[str, Item]) -> PaperResult:
        """Close the paper (once; later calls only give the result again).

        Its answers go into the log, so what was wrong comes back in revision.
        """
        if self.ended is None:
            ended = min(max(self._latest, self._store.clock()), self.ends)
            self._store.end_sitting(self.number, ended, self._reviews(items, ended))
            self.ended = ended
        return self.result(items)

    def result(self, items: Mapping[str, Item]) -> PaperResult:
        """What the answers so far come to."""
        return mark_paper(self.paper, self._answers, items)

    def _reviews(self, items: Mapping[str, Item], at: datetime) -> list[Review]:
        names = self.paper.items
        return [
            Review(
                item=names[place],
                outcome=items[names[place]].outcome,
                at=at,
                correct=mark(items[names[place]], answer).correct,
                answer=answer,
                version=self.paper.seed,
                place=Place.PAPER,
            )
            for place, answer in sorted(self._answers.items())
            if names[place] in items
        ]


def begin(store: ProgressStore, paper: Paper) -> Sitting:
    """Start the clock of a paper."""
    number = store.begin_sitting(paper.kind, paper.seed, paper.to_json(), paper.limit_s)
    return resume(store, number)


def resume(store: ProgressStore, number: int) -> Sitting:
    """A paper begun earlier, with the answers kept; ValueError if there is none."""
    for record in store.sittings():
        if record.number == number:
            return Sitting(store, record)
    raise ValueError(f"there is no mock paper with the number {number}")


def unfinished(store: ProgressStore) -> Sitting | None:
    """The newest paper that was not handed in (its time may be up: then hand it in)."""
    open_ones = [record for record in store.sittings() if record.ended is None]
    return Sitting(store, open_ones[-1]) if open_ones else None


def mark_paper(paper: Paper, answers: Mapping[int, int], items: Mapping[str, Item]) -> PaperResult:
    """Result by outcome, in the order of the blueprint; one mark for each item, none taken off."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    faults, withdrawn = [], []
    for place, name in enumerate(paper.items):
        if name not in items:
            withdrawn.append(name)
            continue
        item, answer = items[name], answers.get(place)
        right = answer is not None and mark(item, answer).correct
        counts[item.outcome][0 if right else 2 if answer is None else 1] += 1
        if not right:
            faults.append(Fault(place, item, answer))
    order = [*BLUEPRINT, *(name for name in counts if name not in BLUEPRINT)]
    return PaperResult(
        total=Score(*(sum(column) for column in zip(*counts.values(), strict=True))),
        by_outcome={name: Score(*counts[name]) for name in order if name in counts},
        faults=tuple(faults),
        withdrawn=tuple(withdrawn),
    )
