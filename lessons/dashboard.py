"""Numbers of the dashboard, from the log of answers alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from lessons.progress import Review, StationRun
from lessons.questions import OUTCOMES, Item
from lessons.revision import Plan, begun_on, replay

MASTERED_SHARE = 0.8
"""Share of an outcome's items that must be passed for it to count as mastered; chosen for
teaching."""
LONGEST_ANSWER_S = 300.0
"""An answer is counted with this time at most: somebody who goes away is not learning; chosen."""


@dataclass(frozen=True)
class OutcomeProgress:
    """How far a learner is with one learning outcome."""

    outcome: str
    title: str
    n_item: int
    n_seen: int
    n_passed: int
    """Items whose last two answers were right."""
    n_due: int

    @property
    def passed_share(self) -> float:
        return self.n_passed / self.n_item if self.n_item else 0.0

    @property
    def is_mastered(self) -> bool:
        return self.n_item > 0 and self.passed_share >= MASTERED_SHARE


@dataclass(frozen=True)
class Day:
    """Answers of one local day."""

    day: date
    n_answer: int
    n_right: int
    time_s: float

    @property
    def accuracy(self) -> float:
        return self.n_right / self.n_answer


@dataclass(frozen=True)
class Dashboard:
    """All that the dashboard shows."""

    outcomes: tuple[OutcomeProgress, ...]
    n_due: int
    """Items seen before that should be asked again now."""
    n_new_today: int
    """New items that today may still bring."""
    days: tuple[Day, ...]
    """Days with answers, oldest first: accuracy over time."""
    time_s: float
    """Spent on questions whose time was taken, and on stations."""
    n_station: int

    @property
    def n_mastered(self) -> int:
        return sum(outcome.is_mastered for outcome in self.outcomes)


def dashboard(
    reviews: Sequence[Review],
    items: Mapping[str, Item],
    now: datetime,
    plan: Plan = Plan(),  # noqa: B008
    stations: Sequence[StationRun] = (),
) -> Dashboard:
    """The dashboard at `now` (local time with its offset).

    items : those there are; answers to others count for days and time, and for no outcome.
    """
    cards = {name: card for name, card in replay(reviews, plan).items() if name in items}
    due = {name for name, card in cards.items() if card.due <= now}
    outcomes = tuple(
        OutcomeProgress(
            outcome=outcome,
            title=title,
            n_item=len(own),
            n_seen=len(own & cards.keys()),
            n_passed=sum(cards[name].is_passed for name in own & cards.keys()),
            n_due=len(own & due),
        )
        for outcome, title in OUTCOMES.items()
        if (own := {item.id for item in items.values() if item.outcome == outcome})
    )
    days = _days(reviews, now)
    unseen = len(items) - len(cards)
    return Dashboard(
        outcomes=outcomes,
        n_due=len(due),
        n_new_today=min(unseen, max(0, plan.new_per_day - begun_on(reviews, now))),
        days=days,
        time_s=sum(day.time_s for day in days) + sum(run.took_s for run in stations),
        n_station=len({run.station for run in stations}),
    )


def _days(reviews: Sequence[Review], now: datetime) -> tuple[Day, ...]:
    by_day: dict[date, list[Review]] = defaultdict(list)
    for review in reviews:
        by_day[review.at.astimezone(now.tzinfo).date()].append(review)
    return tuple(
        Day(
            day,
            len(answers),
            sum(review.correct for review in answers),
            sum(min(review.took_s or 0.0, LONGEST_ANSWER_S) for review in answers),
        )
        for day, answers in sorted(by_day.items())
    )
