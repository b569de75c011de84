"""Revision and the home page: asked, kept at once, explained, and said when it comes back."""

from datetime import UTC, datetime, timedelta

import pytest
from lesson_fakes import LESSON
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton
from test_simulator_lesson_panel import FakeScanner

from lessons.fresh.all import PICTURELESS
from lessons.progress import Confidence, ProgressError, ProgressStore, Review
from lessons.questions import Item, Option, present
from lessons.revision import Due
from simulator.learning import Learning
from simulator.views.lesson_panel import LessonPanel

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def item(name: str, outcome: str) -> Item:
    options = [("a", "because a", True), ("b", "because b", False), ("c", "because c", False)]
    return Item(
        id=name, kind="sba", outcome=outcome, difficulty=1, level="recall", source=("x",),
        stem=f"What of {name}?",
        options=tuple(Option(text=t, explanation=e, correct=c) for t, e, c in options),
    )  # fmt: skip


TRUE_FALSE = Item(
    id="flat", kind="true_false", outcome="LO5", difficulty=2, level="recall", source=("x",),
    stem="It is flat.",
    options=(
        Option(text="True", explanation="because flat", correct=True),
        Option(text="False", explanation="because not", correct=False),
    ),
)  # fmt: skip
ITEMS = {"first": item("first", "LO1"), "flat": TRUE_FALSE}


@pytest.fixture
def learning(monkeypatch):
    monkeypatch.setattr(Learning, "items", ITEMS)
    learning = Learning(None, FakeClock())
    yield learning
    learning.close()


@pytest.fixture
def panel(qtbot, learning, monkeypatch):
    monkeypatch.setattr("simulator.views.lesson_panel.load_lessons", lambda: {"tilt": LESSON})
    panel = LessonPanel(FakeScanner(), learning=learning)
    qtbot.addWidget(panel)
    panel.resize(300, 620)
    panel.show()
    panel.close_lesson()
    return panel


def click(qtbot, panel, name):
    qtbot.mouseClick(panel.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def place_of(name, answer, version=0):
    """Digit of an option of the item as shown."""
    return present(ITEMS[name], version).order.index(answer) + 1


def test_an_answer_is_kept_with_its_confidence_and_time_and_every_option_is_explained(
    qtbot, panel, learning
):
    click(qtbot, panel, "home_revision")
    page = panel.other
    learning.clock.now += timedelta(seconds=20)
    page.card.options._group.button(place_of("first", 0) - 1).click()
    assert learning.reviews == ()  # only once it is known how sure the learner is
    click(qtbot, panel, "unsure")
    assert learning.reviews == (
        Review("first", "LO1", learning.clock.now, True, 0, 0, Confidence.LOW, 20.0),
    )
    notes = " ".join(note.text for note in page.card.notes)
    assert all(f"because {name}" in notes for name in "abc")
    assert "✓ Right. It comes back in" in page.status.text()


def test_digits_choose_and_enter_confirms_to_the_summary(qtbot, panel, learning):
    click(qtbot, panel, "home_revision")
    page = panel.other
    qtbot.keyClick(page, Qt.Key.Key_Return)  # nothing is chosen yet
    assert learning.reviews == ()
    qtbot.keyClick(page, str(place_of("first", 1)))
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert "✗ Wrong." in page.status.text()
    qtbot.keyClick(page, str(place_of("first", 0)))  # too late
    assert not page.card.is_right
    qtbot.keyClick(page, Qt.Key.Key_Return)
    qtbot.keyClick(page, "1")
    qtbot.keyClick(page, Qt.Key.Key_Return)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    summary = page.findChild(QLabel, "revision_summary").text()
    assert "1 of 2 right." in summary
    assert "LO1 Sound and tissue: 0 of 1" in summary
    assert "LO5 Artefacts: 1 of 1" in summary
    assert [(r.item, r.correct) for r in learning.reviews] == [("first", False), ("flat", True)]


def test_an_answer_that_cannot_be_kept_is_one_sentence_and_is_explained_all_the_same(
    qtbot, panel, learning, monkeypatch
):
    def fail(self, *reviews):
        raise ProgressError("'progress.sqlite': progress cannot be kept (disk full)")

    monkeypatch.setattr(ProgressStore, "record", fail)
    click(qtbot, panel, "home_revision")
    qtbot.keyClick(panel.other, "1")
    click(qtbot, panel, "sure")
    assert panel.other.status.text() == "'progress.sqlite': progress cannot be kept (disk full)."
    assert not panel.other.card.notes[0].isHidden()


def test_a_true_false_question_comes_back_tomorrow_or_later_once_it_is_known(
    qtbot, panel, learning
):
    learning.store.record(Review("flat", "LO5", NOON - timedelta(days=1), True, 0))
    learning.store.record(Review("first", "LO1", NOON - timedelta(minutes=1), True, 0))
    click(qtbot, panel, "home_revision")
    assert panel.other.card.stem.text().count("It is flat.") == 1
    qtbot.keyClick(panel.other, "1")
    click(qtbot, panel, "sure")
    assert "It comes back in" in panel.other.status.text()
    assert "days" in panel.other.status.text()


def test_home_says_what_is_due_and_what_is_mastered(qtbot, panel, learning):
    assert panel.home.revision.text() == "Revision: 0 due, 2 new"
    for name, outcome in (("first", "LO1"), ("flat", "LO5")):
        learning.store.record(*(Review(name, outcome, NOON, True, 0) for _ in range(2)))
    panel.close_lesson()
    assert panel.home.progress.text() == "Your progress: 2 of 2 outcomes mastered"
    click(qtbot, panel, "home_progress")
    bars = {bar.accessibleName(): bar.value() for bar in panel.other.findChildren(QProgressBar)}
    assert bars["LO5 Artefacts: 1 / 1"] == 100
    assert bars["2026-11-02: 4 / 4"] == 100


def test_a_lesson_left_before_its_end_is_gone_on_with(qtbot, panel):
    assert panel.home.resume.isHidden()
    panel.open_lesson(LESSON)
    panel.page.go_to(2)
    panel.page.left.click()
    assert panel.home.resume.text() == "Continue: Tilt"
    click(qtbot, panel, "home_resume")
    assert panel.page.session.index == 2
    panel.page.go_to(len(LESSON.steps) - 1)
    panel.page.left.click()
    assert panel.home.resume.isHidden()


def test_a_fresh_question_comes_back_with_other_numbers():
    name = next(iter(PICTURELESS))
    learning = Learning(None, FakeClock())
    assert name in learning.items
    first, again = (learning.asked(Due(name, version, False)) for version in (0, 1))
    assert (first.id, again.id) == (name, name)
    assert first.stem != again.stem
    assert learning.asked(Due(name, 0, False)) == learning.items[name]
