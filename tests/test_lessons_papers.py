"""Mock papers: drawn by the blueprint and a seed, sat against the clock, kept at every change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.papers import (
    BLUEPRINT,
    KINDS,
    STATEMENTS,
    apportion,
    draw_paper,
    longest_paper,
    paper_from_json,
    shortfalls,
    supply,
)
from lessons.progress import Place, ProgressStore
from lessons.question_bank import load_bank
from lessons.questions import SINGLE_BEST, TRUE_FALSE
from lessons.sitting import begin, mark_paper, resume, unfinished

ITEMS = load_bank().items
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
seeds = st.integers(0, 2**31 - 1)


class FakeClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock):
    with ProgressStore(None, clock) as store:
        yield store


def test_the_blueprint_is_a_whole_paper():
    assert sum(BLUEPRINT.values()) == 100


@given(st.integers(0, 500))
def test_seats_go_by_largest_remainder(n):
    seats = apportion(n, BLUEPRINT)
    assert sum(seats.values()) == n
    assert all(abs(seats[name] - n * BLUEPRINT[name] / 100) < 1 for name in seats)


@settings(max_examples=30)
@given(seeds, st.integers(1, 200))
def test_a_paper_of_single_best_answers_has_the_blueprints_weights_and_no_item_twice(seed, n):
    paper = draw_paper("sba", seed, ITEMS, n)
    assert len(set(paper.items)) == len(paper.items) == n
    assert {ITEMS[name].kind for name in paper.items} == {SINGLE_BEST}
    found = dict.fromkeys(BLUEPRINT, 0)
    for part in paper.parts:
        assert part.outcome == ITEMS[part.items[0]].outcome
        found[part.outcome] += 1
    assert found == apportion(n, BLUEPRINT)


@settings(max_examples=30)
@given(seeds, st.integers(1, 14))
def test_an_frcr_paper_has_stems_of_five_statements_on_one_outcome_each(seed, n):
    paper = draw_paper("frcr", seed, ITEMS, n)
    assert len(paper.parts) == n
    assert len(set(paper.items)) == STATEMENTS * n
    for part in paper.parts:
        assert part.heading.startswith("Concerning ")
        assert {ITEMS[name].outcome for name in part.items} == {part.outcome}
        assert {ITEMS[name].kind for name in part.items} == {TRUE_FALSE}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_draws_the_same_paper_and_another_seed_another(kind):
    assert draw_paper(kind, 7, ITEMS) == draw_paper(kind, 7, ITEMS)
    assert draw_paper(kind, 7, ITEMS).items != draw_paper(kind, 8, ITEMS).items


def test_a_seed_means_the_same_paper_in_every_version():
    any_item = next(item for item in ITEMS.values() if item.kind == SINGLE_BEST)
    bank = {
        f"{outcome.lower()}_{letter}": any_item.model_copy(
            update={"id": f"{outcome.lower()}_{letter}", "outcome": outcome}
        )
        for outcome in BLUEPRINT
        for letter in "abc"
    }
    assert draw_paper("sba", 1, bank, 5).items == PINNED


PINNED = ("lo4_b", "lo3_a", "lo5_c", "lo1_a", "lo2_c")


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_written_as_text_is_read_back(kind):
    paper = draw_paper(kind, 5, ITEMS)
    assert paper_from_json(paper.to_json()) == paper


def test_times_are_those_of_the_real_papers():
    assert draw_paper("sba", 1, ITEMS, 110).limit_s == 7200
    assert draw_paper("frcr", 1, ITEMS, 14).limit_s == 14 * 180


def test_what_the_bank_cannot_fill_is_refused_and_said_by_outcome():
    longest = longest_paper("frcr", ITEMS)
    assert longest >= 14
    assert longest_paper("sba", ITEMS) >= 200
    assert shortfalls("frcr", longest, ITEMS) == ()
    assert "items are needed, the bank has" in shortfalls("frcr", longest + 1, ITEMS)[0]
    with pytest.raises(ValueError, match=rf"900 stems .* allowed: 1 to {longest} .*LO1 \(Sound"):
        draw_paper("frcr", 1, ITEMS, 900)
    with pytest.raises(ValueError, match="allowed: 1 to"):
        draw_paper("sba", 1, ITEMS, 0)
    assert all(need.n_item >= need.n_needed for need in supply("sba", 110, ITEMS))


# --- sitting it -----------------------------------------------------------------------------------


def all_right(paper):
    return {place: ITEMS[name].key for place, name in enumerate(paper.items)}


@settings(max_examples=25, deadline=None)
@given(seeds, st.dictionaries(st.integers(0, 49), st.integers(0, 2)))
def test_scores_add_up_and_every_fault_is_listed(seed, answers):
    paper = draw_paper("sba", seed, ITEMS)
    result = mark_paper(paper, answers, ITEMS)
    assert result.total.total == 50
    assert result.total.right + len(result.faults) == 50
    assert sum(score.right for score in result.by_outcome.values()) == result.total.right
    assert {o: s.total for o, s in result.by_outcome.items()} == apportion(50, BLUEPRINT)
    assert result.total.unanswered == 50 - len(answers)
    for fault in result.faults:
        assert fault.item.id == paper.items[fault.place]
        assert fault.answer == answers.get(fault.place) != fault.item.key


def test_all_right_is_full_marks():
    paper = draw_paper("frcr", 3, ITEMS)
    result = mark_paper(paper, all_right(paper), ITEMS)
    assert (result.total.share, result.faults) == (1.0, ())


def test_after_a_crash_a_paper_goes_on_with_its_answers_and_its_clock(tmp_path, clock):
    path = tmp_path / "progress.sqlite"
    store = ProgressStore(path, clock)
    sitting = begin(store, draw_paper("sba", 4, ITEMS))
    clock.go_on(100)
    assert sitting.answer(0, 1)
    assert sitting.answer(0, 2)
    assert sitting.answer(1, 0)
    assert sitting.answer(1, None)
    # the program ends without a word; the file is opened again
    clock.go_on(50)
    with ProgressStore(path, clock) as again:
        resumed = unfinished(again)
        assert resumed is not None
        assert resumed.paper == sitting.paper
        assert resumed.answers == {0: 2}
        assert resumed.remaining_s() == sitting.paper.limit_s - 150
        shown = resumed.presentation(0, ITEMS)
        assert shown == sitting.presentation(0, ITEMS)
    store.close()


def test_when_time_is_up_no_answer_is_taken_and_the_paper_can_be_handed_in(store, clock):
    sitting = begin(store, draw_paper("sba", 4, ITEMS))
    assert sitting.answer(0, 0)
    clock.go_on(sitting.paper.limit_s)
    assert sitting.remaining_s() == 0
    assert not sitting.answer(1, 0)
    clock.go_on(5000)
    result = sitting.hand_in(ITEMS)
    assert result.total.unanswered == 49
    assert sitting.ended == sitting.ends
    assert unfinished(store) is None


def test_a_clock_put_back_gives_no_time_back(store, clock):
    sitting = begin(store, draw_paper("sba", 4, ITEMS))
    clock.go_on(1000)
    sitting.answer(0, 0)
    clock.go_on(-5000)
    assert sitting.remaining_s() == sitting.paper.limit_s - 1000
    assert resume(store, sitting.number).remaining_s() == sitting.paper.limit_s - 1000


def test_a_paper_is_handed_in_once_and_its_answers_enter_the_log_once(store):
    sitting = begin(store, draw_paper("frcr", 4, ITEMS))
    for place, key in all_right(sitting.paper).items():
        sitting.answer(place, key)
    first = sitting.hand_in(ITEMS)
    assert sitting.hand_in(ITEMS) == first
    assert resume(store, sitting.number).hand_in(ITEMS) == first
    assert not sitting.answer(0, 0)
    log = store.reviews()
    assert [review.item for review in log] == list(sitting.paper.items)
    assert {(review.correct, review.place) for review in log} == {(True, Place.PAPER)}


def test_an_item_withdrawn_from_the_bank_is_not_counted():
    paper = draw_paper("sba", 4, ITEMS)
    left = {name: item for name, item in ITEMS.items() if name != paper.items[3]}
    result = mark_paper(paper, all_right(paper), left)
    assert (result.total.total, result.withdrawn) == (49, (paper.items[3],))
    assert mark_paper(paper, {}, {}).total.total == 0


def test_a_place_that_the_paper_lacks_is_refused(store):
    sitting = begin(store, draw_paper("sba", 4, ITEMS, 5))
    with pytest.raises(ValueError, match="0 to 4"):
        sitting.answer(5, 0)
    with pytest.raises(ValueError, match="no mock paper"):
        resume(store, 99)
