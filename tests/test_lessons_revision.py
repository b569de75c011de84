"""When items come back: FSRS over the log, interleaved, limited, and never beyond an exam."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import fsrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.dashboard import dashboard
from lessons.progress import Confidence, Place, Review, StationRun
from lessons.question_bank import load_bank
from lessons.revision import (
    DESIRED_RETENTION,
    FAST_S,
    RUN_UP_DAYS,
    Due,
    Plan,
    queue,
    rating,
    replay,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ITEMS = load_bank().items
SOME = {name: ITEMS[name] for name in list(ITEMS)[::12]}


def answered(item: str, correct=True, at=NOON, **more) -> Review:
    outcome = ITEMS[item].outcome if item in ITEMS else "LO4"
    return Review(item, outcome, at, correct, 0, **more)


logs = st.lists(
    st.tuples(st.sampled_from(list(SOME)), st.booleans(), st.integers(0, 40 * 24 * 60)), max_size=40
).map(
    lambda rows: [
        answered(item, right, NOON + timedelta(minutes=minute))
        for item, right, minute in sorted(rows, key=lambda row: row[2])
    ]
)


@pytest.mark.parametrize(
    ("correct", "confidence", "took_s", "expected"),
    [
        (False, Confidence.HIGH, 2.0, fsrs.Rating.Again),
        (True, Confidence.LOW, 2.0, fsrs.Rating.Hard),
        (True, None, None, fsrs.Rating.Good),
        (True, Confidence.FAIR, 2.0, fsrs.Rating.Good),
        (True, Confidence.HIGH, FAST_S + 1, fsrs.Rating.Good),
        (True, Confidence.HIGH, FAST_S, fsrs.Rating.Easy),
    ],
)
def test_an_answer_is_rated_by_right_sure_and_quick(correct, confidence, took_s, expected):
    review = answered("lo4_a", correct, confidence=confidence, took_s=took_s)
    assert rating(review) is expected


def test_a_card_is_what_fsrs_makes_of_the_log():
    log = [answered("a", right, NOON + i * 3 * DAY) for i, right in enumerate([1, 1, 0, 1])]
    scheduler = fsrs.Scheduler(desired_retention=DESIRED_RETENTION, enable_fuzzing=False)
    card = fsrs.Card(card_id=1, due=NOON)
    for review in log:
        card, _ = scheduler.review_card(card, rating(review), review_datetime=review.at)
    ours = replay(log)["a"]
    assert (ours.due, ours.stability_days) == (card.due, card.stability)


def test_an_item_known_in_time_comes_back_when_nine_in_ten_would_know_it():
    log = [answered("a", True, NOON + timedelta(minutes=10 * i)) for i in range(3)]
    card = replay(log)["a"]
    scheduler = fsrs.Scheduler(desired_retention=DESIRED_RETENTION, enable_fuzzing=False)
    state = fsrs.Card(card_id=1, due=NOON)
    for review in log:
        state, _ = scheduler.review_card(state, rating(review), review_datetime=review.at)
    known = scheduler.get_card_retrievability(state, current_datetime=card.due)
    assert known == pytest.approx(DESIRED_RETENTION, abs=0.02)  # intervals are whole days


@given(logs)
def test_replaying_a_log_gives_the_same_cards_every_time(log):
    assert replay(log) == replay(list(log))


@given(logs)
def test_the_order_of_different_items_in_a_log_does_not_matter(log):
    by_item = sorted(log, key=lambda review: review.item)  # stable: each item's order stays
    assert replay(log) == replay(by_item)


@given(logs)
def test_items_wrong_last_come_back_sooner_than_if_they_had_been_right(log):
    if not log:
        return
    *before, last = log
    due = {
        right: replay([*before, answered(last.item, right, last.at)])[last.item].due
        for right in (True, False)
    }
    assert due[False] <= due[True]


def test_a_clock_put_back_shortens_no_interval_below_nothing():
    log = [answered("a", True, NOON), answered("a", True, NOON - 400 * DAY)]
    card = replay(log)["a"]
    assert card.last == NOON
    assert card.due >= NOON


def test_an_item_is_passed_when_it_was_right_twice_in_a_row():
    passed = {
        rights: replay([answered("a", r, NOON + i * DAY) for i, r in enumerate(rights)])[
            "a"
        ].is_passed
        for rights in [(1,), (1, 1), (1, 0, 1), (1, 1, 0), (0, 1, 1)]
    }
    assert [rights for rights, is_passed in passed.items() if is_passed] == [(1, 1), (0, 1, 1)]


# --- the exam -------------------------------------------------------------------------------------


@given(logs, st.integers(-5, 60))
def test_every_item_returns_once_more_in_the_run_up_to_the_exam(log, days):
    exam = (NOON + days * DAY).date()
    midnight = datetime(exam.year, exam.month, exam.day, tzinfo=UTC)
    free, capped = replay(log), replay(log, Plan(exam=exam))
    for item, card in capped.items():
        assert card.due <= free[item].due
        if card.last < midnight - RUN_UP_DAYS * DAY:
            assert card.due < midnight
        if card.last >= midnight:
            assert card.due == free[item].due


def test_the_run_up_spreads_the_items_over_its_days():
    log = [answered(item, True, NOON - i * DAY) for item in ITEMS for i in (60, 50, 30, 0)]
    cards = replay(log, Plan(exam=date(2026, 3, 12))).values()
    days = Counter(card.due.date() for card in cards)
    assert set(days) == {date(2026, 3, 5 + i) for i in range(RUN_UP_DAYS)}
    assert max(days.values()) < 0.3 * len(ITEMS)


# --- what is asked now ----------------------------------------------------------------------------


@given(logs, st.integers(0, 60), st.integers(0, 12))
def test_the_queue_holds_what_is_due_and_as_many_new_ones_as_the_day_allows(log, days, limit):
    now = NOON + days * DAY
    log = [review for review in log if review.at <= now]
    cards = replay(log)
    asked = queue(log, SOME, now, Plan(new_per_day=limit))
    assert len({due.item for due in asked}) == len(asked)
    due = {entry.item for entry in asked if not entry.is_new}
    assert due == {item for item, card in cards.items() if card.due <= now}
    new = [entry.item for entry in asked if entry.is_new]
    assert not set(new) & cards.keys()
    first = {}
    for review in log:
        first.setdefault(review.item, review.at.date())
    begun = sum(day == now.date() for day in first.values())
    assert len(new) == min(len(SOME) - len(cards), max(0, limit - begun))


@given(logs)
def test_neighbours_in_the_queue_differ_in_outcome_as_long_as_that_is_possible(log):
    asked = queue(log, SOME, NOON + 400 * DAY, Plan(new_per_day=0))
    outcomes = [SOME[due.item].outcome for due in asked]
    most = max(Counter(outcomes).values(), default=0)
    together = sum(a == b for a, b in pairwise(outcomes))
    assert together == max(0, 2 * most - len(outcomes) - 1)


def test_an_item_comes_back_in_a_version_it_was_not_asked_in():
    log = [answered("lo4_caliper_ruler", False, NOON + i * DAY) for i in range(3)]
    (due,) = queue(log, ITEMS, NOON + 9 * DAY, Plan(new_per_day=0))
    assert due == Due("lo4_caliper_ruler", 3, False)


def test_an_item_that_is_no_longer_in_the_bank_is_left_alone():
    log = [answered("lo4_withdrawn", False)]
    assert queue(log, ITEMS, NOON + 9 * DAY, Plan(new_per_day=0)) == ()


def test_new_items_come_from_every_outcome_easy_ones_first():
    asked = queue([], ITEMS, NOON, Plan(new_per_day=11))
    items = [ITEMS[due.item] for due in asked]
    assert len({item.outcome for item in items}) == 11
    assert {item.difficulty for item in items} == {1}


def test_a_day_begins_at_local_midnight_and_papers_do_not_use_up_its_new_items():
    names = list(ITEMS)
    auckland = timezone(timedelta(hours=13))
    evening = datetime(2026, 3, 2, 23, 30, tzinfo=auckland)  # 10:30 UTC
    log = [answered(name, True, evening.astimezone(UTC)) for name in names[:10]]
    log += [answered(names[10], True, evening, place=Place.PAPER)]
    for now, n_new in ((evening + timedelta(minutes=15), 0), (evening + timedelta(hours=1), 10)):
        asked = queue(log, ITEMS, now)
        assert sum(due.is_new for due in asked) == n_new


# --- the dashboard --------------------------------------------------------------------------------


@given(logs)
def test_the_dashboard_counts_every_answer_once(log):
    board = dashboard(log, SOME, NOON + 41 * DAY)
    assert sum(day.n_answer for day in board.days) == len(log)
    assert sum(day.n_right for day in board.days) == sum(review.correct for review in log)
    assert [day.day for day in board.days] == sorted({review.at.date() for review in log})
    assert sum(one.n_seen for one in board.outcomes) == len({review.item for review in log})
    assert sum(one.n_item for one in board.outcomes) == len(SOME)
    assert board.n_due == sum(one.n_due for one in board.outcomes)
    for one in board.outcomes:
        assert one.n_passed <= one.n_seen <= one.n_item


def test_an_outcome_is_mastered_when_four_fifths_of_its_items_are_passed():
    own = [item.id for item in ITEMS.values() if item.outcome == "LO8"]
    enough = -(-4 * len(own) // 5)
    for n, mastered in ((enough - 1, 0), (enough, 1)):
        log = [answered(item, True, NOON + i * DAY) for item in own[:n] for i in (0, 1)]
        assert dashboard(log, ITEMS, NOON + 2 * DAY).n_mastered == mastered


def test_time_is_that_of_answers_and_stations_and_an_hour_away_counts_five_minutes():
    log = [answered("lo4_caliper_ruler", True, took_s=20.0), answered("b", True, took_s=3600.0)]
    run = StationRun("biceps", NOON, 480.0, {})
    board = dashboard(log, ITEMS, NOON, stations=[run, run])
    assert board.time_s == 20.0 + 300.0 + 2 * 480.0
    assert board.n_station == 1
