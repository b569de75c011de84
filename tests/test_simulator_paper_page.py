"""Mock papers in the pane: answers kept at once, flags, the clock, handing in, review."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from lessons.progress import Place, ProgressError, ProgressStore
from lessons.sitting import unfinished
from simulator.learning import Learning
from simulator.views.item_card import ItemCard
from simulator.views.paper_page import PaperPage


class FakeClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def learning():
    learning = Learning(None, FakeClock())
    yield learning
    learning.close()


@pytest.fixture
def page(qtbot, learning):
    return opened(qtbot, learning)


def opened(qtbot, learning):
    page = PaperPage(learning)
    qtbot.addWidget(page)
    page.resize(300, 620)
    page.show()
    return page


def click(qtbot, page, name):
    qtbot.mouseClick(page.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def test_answers_are_kept_at_once_and_can_be_changed_by_going_back(qtbot, page, learning):
    click(qtbot, page, "paper_sba")
    assert len(page.sitting.paper.items) == 50
    qtbot.keyClick(page, "1")
    first = dict(page.sitting.answers)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert page.place == 1
    click(qtbot, page, "paper_back")
    qtbot.keyClick(page, "2")
    assert page.sitting.answers[0] != first[0]
    assert unfinished(learning.store).answers == page.sitting.answers
    assert "1 answered" in page.status.text()


def test_a_paper_goes_on_after_the_window_was_closed_with_its_clock(qtbot, page, learning):
    click(qtbot, page, "paper_sba")
    qtbot.keyClick(page, "1")
    learning.clock.now += timedelta(minutes=5)
    again = opened(qtbot, learning)
    assert again.sitting.number == page.sitting.number
    assert again.place == 1  # the first without an answer
    assert again.clock.text() == "Time left: 50:00"


def test_a_flagged_question_is_named_until_the_flag_is_taken_down(qtbot, page):
    click(qtbot, page, "paper_sba")
    click(qtbot, page, "paper_next")
    click(qtbot, page, "paper_flag")
    assert "flagged: 2" in page.status.text()
    click(qtbot, page, "paper_next")
    assert not page.flag.isChecked()
    click(qtbot, page, "paper_back")
    click(qtbot, page, "paper_flag")
    assert "flagged" not in page.status.text()


def test_handing_in_is_asked_twice_and_shows_result_and_errors(qtbot, page, learning):
    click(qtbot, page, "paper_sba")
    presented = page.sitting.presentation(0, learning.bank)
    qtbot.keyClick(page, str(presented.order.index(presented.item.key) + 1))
    click(qtbot, page, "paper_hand_in")
    assert page.sitting.ended is None
    assert "49 without an answer" in page.status.text()
    click(qtbot, page, "paper_hand_in")
    texts = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "1 of 50 right, 49 without an answer" in texts
    assert "LO4 Knobology of B-mode:" in page.findChild(QLabel, "paper_result").text()
    qtbot.waitUntil(lambda: sum(card.isVisible() for card in page.findChildren(ItemCard)) == 49)
    (review,) = learning.reviews
    assert (review.place, review.correct) == (Place.PAPER, True)


def test_time_up_hands_in(qtbot, page, learning):
    click(qtbot, page, "paper_frcr")
    assert any("Concerning" in label.text() for label in page.findChildren(QLabel))
    learning.clock.now += timedelta(hours=2)
    page._show_clock()
    assert page.sitting.ended is not None
    assert page.next.isHidden()


def test_an_answer_that_cannot_be_kept_is_one_sentence(qtbot, page, monkeypatch):
    def fail(self, *what):
        raise ProgressError("'progress.sqlite': progress cannot be kept (disk full)")

    click(qtbot, page, "paper_sba")
    monkeypatch.setattr(ProgressStore, "keep_answer", fail)
    qtbot.keyClick(page, "1")
    assert page.status.text() == "'progress.sqlite': progress cannot be kept (disk full)."
