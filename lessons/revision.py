"""When an item comes back: spaced return by FSRS, worked out from the log of answers.

Nothing is stored but the log (`lessons.progress`): a card's state is its answers replayed through
`fsrs.Scheduler` without fuzz, so the same log gives the same dates for ever. Cards belong to item
ids. A parametric item returns in a fresh version: `Due.version` counts the answers given so far,
and seeds both its numbers and the order of its options.

Sources: FSRS, github.com/open-spaced-repetition/py-fsrs; retention 0.90, the mapping of answers
to ratings, interleaving and "passed twice in a row" are the teaching notes of this project
(docs/architecture.md, "Progress and revision").
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import fsrs

from lessons.progress import Confidence, Place, Review
from lessons.questions import Item

DESIRED_RETENTION = 0.90
"""Share of items that should still be known when they come back."""
FAST_S = 15.0
"""A right answer sooner than this, given with confidence, is easy; chosen for teaching."""
NEW_PER_DAY = 10
"""Items never seen before that a day brings; chosen for teaching."""
RUN_UP_DAYS = 7
"""Before an exam every item returns once more on one of so many days; chosen for teaching."""
IN_A_ROW = 2
"""Right answers in a row with which an item is passed."""


@dataclass(frozen=True)
class Card:
    """What the log says about one item."""

    item: str
    outcome: str
    due: datetime
    stability_days: float
    """Time after which it is still known with the desired retention."""
    n_review: int
    in_a_row: int
    """Right answers since the last wrong one."""
    last: datetime

    @property
    def is_passed(self) -> bool:
        """Whether the last two answers were right."""
        return self.in_a_row >= IN_A_ROW


@dataclass(frozen=True)
class Due:
    """An item to be asked now, in this version."""

    item: str
    version: int
    is_new: bool


@dataclass(frozen=True)
class Plan:
    """How a learner revises."""

    new_per_day: int = NEW_PER_DAY
    exam: date | None = None


def rating(review: Review) -> fsrs.Rating:
    """How well an item was known: wrong again, right but unsure hard, right good, and right, sure
    and quick easy."""
    if not review.correct:
        return fsrs.Rating.Again
    if review.confidence is Confidence.LOW:
        return fsrs.Rating.Hard
    quick = review.took_s is not None and review.took_s <= FAST_S
    if quick and review.confidence is Confidence.HIGH:
        return fsrs.Rating.Easy
    return fsrs.Rating.Good


def replay(reviews: Iterable[Review], plan: Plan = Plan()) -> dict[str, Card]:
    """The card of every item in the log, in the order of their first answers.

    A clock that was put back does not turn an interval negative: an answer counts as no earlier
    than the one before it.
    """
    answers: dict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        answers[review.item].append(review)
    scheduler = fsrs.Scheduler(desired_retention=DESIRED_RETENTION, enable_fuzzing=False)
    return {item: _card(log, scheduler, plan) for item, log in answers.items()}


def _card(log: Sequence[Review], scheduler: fsrs.Scheduler, plan: Plan) -> Card:
    at = log[0].at.astimezone(UTC)
    state = fsrs.Card(card_id=1, due=at)
    in_a_row = 0
    for review in log:
        at = max(at, review.at.astimezone(UTC))
        state, _ = scheduler.review_card(state, rating(review), review_datetime=at)
        in_a_row = in_a_row + 1 if review.correct else 0
    assert state.stability is not None
    return Card(
        item=log[0].item,
        outcome=log[-1].outcome,
        due=_before_exam(log[0].item, at, state.due, plan.exam),
        stability_days=state.stability,
        n_review=len(log),
        in_a_row=in_a_row,
        last=at,
    )


def _before_exam(item: str, last: datetime, due: datetime, exam: date | None) -> datetime:
    """`due`, but once more in the run-up to the exam; each item on its own day of it."""
    if exam is None:
        return due
    days = 1 + int.from_bytes(sha256(item.encode()).digest()[:4]) % RUN_UP_DAYS
    midnight = datetime(exam.year, exam.month, exam.day, tzinfo=last.tzinfo)
    look = midnight - timedelta(days=days)
    return min(due, look) if last < look else due


def queue(
    reviews: Sequence[Review],
    items: Mapping[str, Item],
    now: datetime,
    plan: Plan = Plan(),
) -> tuple[Due, ...]:
    """What to ask now: items that are due, then new ones as far as today's number allows.

    reviews : the whole log. items : those there are; answers to others are left alone.
    now : with the offset of local time, which says where a day begins.

    Both parts alternate between outcomes. New items come from every outcome in turn, easy ones
    first.
    """
    cards = replay(reviews, plan)
    due = sorted(
        (c for c in cards.values() if c.item in items and c.due <= now), key=lambda c: c.due
    )
    left = max(0, plan.new_per_day - begun_on(reviews, now))
    new = _first_of_each_outcome([i for i in items.values() if i.id not in cards], left)
    return (
        *(Due(card.item, card.n_review, False) for card in _alternating(due)),
        *(Due(item.id, 0, True) for item in new),
    )


def begun_on(reviews: Iterable[Review], now: datetime) -> int:
    """How many items were first met in revision on the local day of `now`."""
    first: dict[str, Review] = {}
    for review in reviews:
        first.setdefault(review.item, review)
    return sum(
        review.place is Place.REVISION and review.at.astimezone(now.tzinfo).date() == now.date()
        for review in first.values()
    )


def _first_of_each_outcome(items: Sequence[Item], n: int) -> list[Item]:
    """`n` items, each outcome in turn giving its easiest that is left."""
    rank: Counter[str] = Counter()
    ranked = []
    for item in sorted(items, key=lambda i: i.difficulty):  # stable: else in the bank's order
        ranked.append((rank[item.outcome], item))
        rank[item.outcome] += 1
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])[:n]]


def _alternating(cards: Sequence[Card]) -> list[Card]:
    """In an order in which neighbours differ in outcome as long as that is possible.

    Always takes from the outcome with most left that is not the last one; equal ones in the
    order given.
    """
    waiting: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        waiting[card.outcome].append(card)
    mixed: list[Card] = []
    while waiting:
        last = mixed[-1].outcome if mixed else None
        others = [outcome for outcome in waiting if outcome != last] or list(waiting)
        outcome = max(others, key=lambda name: len(waiting[name]))
        mixed.append(waiting[outcome].pop(0))
        if not waiting[outcome]:
            del waiting[outcome]
    return mixed
