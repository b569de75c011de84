"""The question bank that comes with the program: what it promises as a whole."""

from collections import Counter

import pytest
from markdown_it import MarkdownIt

from lessons.content_check import check_content
from lessons.fresh.all import GENERATORS
from lessons.question_bank import load_bank
from lessons.questions import SINGLE_BEST, TRUE_FALSE, Item

WEIGHTS = {"LO1": 15, "LO2": 12, "LO3": 13, "LO4": 20, "LO5": 20, "LO6": 8, "LO7": 7, "LO8": 5}
"""Per cent of the paper of Unit 1; LO9 to LO11 are examined by doing."""


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return list(load_bank().items.values())


def share(items, chosen) -> float:
    """Per cent of the items that were chosen."""
    return 100 * sum(map(chosen, items)) / len(items)


def test_nothing_is_wrong_with_lessons_and_bank():
    report = check_content()
    assert report.faults == ()
    assert report.n_lesson >= 1


def test_there_are_at_least_300_items_of_both_kinds(items):
    assert len(items) >= 300
    assert share(items, lambda item: item.kind == SINGLE_BEST) == pytest.approx(70, abs=3)


def test_outcomes_have_the_weights_of_the_paper(items):
    paper = [item for item in items if item.outcome in WEIGHTS]
    for outcome, weight in WEIGHTS.items():
        found = share(paper, lambda item, outcome=outcome: item.outcome == outcome)
        assert found == pytest.approx(weight, abs=3), outcome
    for outcome in ("LO9", "LO10", "LO11"):
        assert sum(item.outcome == outcome for item in items) >= 5


def test_difficulties_are_spread(items):
    for difficulty, per_cent in ((1, 30), (2, 50), (3, 20)):
        found = share(items, lambda item, d=difficulty: item.difficulty == d)
        assert found == pytest.approx(per_cent, abs=6), difficulty


def test_every_outcome_has_items_that_ask_for_more_than_recall(items):
    thinking = Counter(item.outcome for item in items if item.level != "recall")
    for outcome, n in Counter(item.outcome for item in items).items():
        if outcome in WEIGHTS:
            assert thinking[outcome] >= 0.3 * n, outcome


def test_an_item_is_in_the_file_of_its_outcome():
    bank = load_bank()
    for name, item in bank.items.items():
        prefix = f"{item.outcome.lower()}_"
        assert name.startswith(prefix)
        assert f"/{prefix}" in bank.where[name]


def test_true_statements_do_not_outnumber_false_ones(items):
    judged = [item for item in items if item.kind == TRUE_FALSE]
    assert share(judged, lambda item: item.key == 0) == pytest.approx(50, abs=8)


def test_the_vocabulary_has_no_idle_names(items):
    bank = load_bank()
    assert set(bank.sources) == {name for item in items for name in item.source}
    believed = {option.misconception for item in items for option in item.options}
    believed |= {
        option.misconception
        for made in GENERATORS.values()
        for option in made.version(1).item.options
    }
    assert set(bank.misconceptions) == believed - {None}


def test_common_misconceptions_are_offered_again_and_again(items):
    """A belief that is offered once cannot be told from a slip."""
    offered = Counter(
        option.misconception for item in items for option in item.options if option.misconception
    )
    for name in (
        "gain_changes_output", "read_zoom_resolves", "high_prf_sensitive", "dark_tendon_is_tear",
        "compounding_keeps_artefacts", "gain_lifts_echo_from_noise", "focus_sets_slice",
    ):  # fmt: skip
        assert offered[name] >= 2, name


def test_texts_are_short_and_plain_markdown(items):
    markdown = MarkdownIt()
    for item in items:
        assert len(item.stem.split()) <= 60, item.id
        for option in item.options:
            assert len(option.explanation.split()) <= 40, item.id
        for text in (item.stem, *(o.text for o in item.options)):
            kinds = {token.type for token in markdown.parse(text)}
            assert kinds <= {"paragraph_open", "inline", "paragraph_close"}, (item.id, kinds)
