"""Console questions in the pane: goals as they stand, steps, marks, help, and what is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from lesson_fakes import TENDON, fake_frame
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from test_simulator_lesson_panel import FakeScanner

from lessons.build_console import load_console
from lessons.console import ConsoleGoal, ConsoleQuestion, Limits, Route, Why
from lessons.console_session import differences
from lessons.lesson import Choice, Goal, Reading, Scene
from lessons.progress import ConsoleRun, ProgressError, ProgressStore
from physics.geometry import Pose
from physics.settings import ScanSettings
from simulator.learning import Learning
from simulator.models.scanner import Scanner
from simulator.views import console_list_page, console_page
from simulator.views.lesson_panel import LessonPanel

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
START = Scene(Pose(), ScanSettings().turned(gain_db=20.0))
GREY = Reading("grey", "grey of the tendon", "mean_grey", TENDON)
QUESTION = ConsoleQuestion(
    name="too_bright",
    title="Too bright",
    request="Show the tendon.",
    outcome="LO4",
    difficulty=1,
    phantom="flat_tendon",
    probe="L12-3",
    start=START,
    goals=(ConsoleGoal(Goal(GREY, 80, 160, "It is {value}."), 3, "Gain lifts all greys."),),
    limits=Limits(2, (), 1),
    routes=(Route("stored", (Scene(Pose(), ScanSettings().turned(gain_db=0.0)),), 1),),
    why=Why("Why?", (Choice("no", False, "because not"), Choice("yes", True, "because so"))),
    sources=("chosen for teaching",),
)


class FakeClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def picture(scanner, grey=None):
    """A picture whose grey follows the gain: 100 + 5 per dB."""
    frame = fake_frame(pose=scanner.pose, settings=scanner.settings)
    grey = min(255, 100 + 5 * scanner.settings.gain_db) if grey is None else grey
    return replace(frame, picture=np.full((40, 40), round(grey), np.uint8))


@pytest.fixture
def scanner():
    return FakeScanner()


@pytest.fixture
def learning():
    learning = Learning(None, FakeClock())
    yield learning
    learning.close()


@pytest.fixture
def panel(qtbot, scanner, learning, monkeypatch):
    monkeypatch.setattr(console_list_page, "load_console", lambda: {"too_bright": QUESTION})
    monkeypatch.setattr(console_page, "REST_MS", 1)
    panel = LessonPanel(scanner, learning=learning)
    qtbot.addWidget(panel)
    panel.resize(300, 620)
    panel.show()
    panel.open_console_list()
    return panel


def click(qtbot, panel, name):
    qtbot.mouseClick(panel.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def begin(qtbot, panel, scanner):
    click(qtbot, panel, "console_too_bright")
    panel.show_frame(picture(scanner))
    return panel.other


def turn(qtbot, panel, scanner, gain_db):
    """Turn, let go, and see the picture."""
    scanner.turn(gain_db=gain_db)
    qtbot.waitUntil(lambda: not panel.other._rest.isActive())
    panel.show_frame(picture(scanner))


def test_the_list_names_outcome_difficulty_and_what_came_of_it(qtbot, panel, learning):
    texts = " ".join(label.text() for label in panel.other.findChildren(QLabel))
    assert "LO4 (Knobology of B-mode), difficulty 1 of 3" in texts
    assert "Not done yet" in texts
    learning.store.record_console(ConsoleRun("too_bright", NOON, 9.0, 4, 4, 1, True, False))
    panel.open_console_list()
    state = panel.other.findChild(QLabel, "state_too_bright").text()
    assert state == "✓ Done: 4 of 4 marks"


def test_the_scanner_is_set_at_the_start_and_goals_stand_with_their_targets(qtbot, panel, scanner):
    page = begin(qtbot, panel, scanner)
    assert (scanner.phantom.name, scanner.settings.gain_db) == ("flat_tendon", 20.0)
    assert "200" in page._rows.text
    assert "wanted: 80.0 to 160.0" in page._rows.text
    assert "0 steps taken; 2 allowed." in page._rows.text


def test_a_drag_is_one_step_however_many_values_it_passes(qtbot, panel, scanner):
    page = begin(qtbot, panel, scanner)
    for gain in (15.0, 10.0, 5.0):
        scanner.turn(gain_db=gain)
    qtbot.waitUntil(lambda: page.session.n_step == 1)
    panel.show_frame(picture(scanner))
    assert "1 step taken; 2 allowed." in page._rows.text
    turn(qtbot, panel, scanner, 0.0)
    assert page.session.n_step == 2


def test_judging_names_the_faults_then_gives_marks_asks_why_and_keeps_both(
    qtbot, panel, scanner, learning
):
    page = begin(qtbot, panel, scanner)
    click(qtbot, panel, "console_judge")
    assert "0 of 4 marks" in page._verdict.text
    assert "Gain lifts all greys." in page._verdict.text
    assert page._why is None
    turn(qtbot, panel, scanner, 0.0)
    qtbot.keyClick(page, Qt.Key.Key_Return)
    assert "✓ 4 of 4 marks" in page._verdict.text
    first, last = learning.store.console_runs()
    assert (first.marks, first.passed, last.marks, last.passed) == (0, False, 4, True)
    assert (last.n_step, last.helped) == (1, False)
    assert last.took_s > first.took_s
    qtbot.keyClick(page, Qt.Key.Key_2)
    assert page._why.is_right
    assert page.session.answered == 1
    assert [note.isVisibleTo(page) for note in page._why.notes] == [True, True]
    assert "because not" in page._why.notes[0].text


def test_the_solution_sets_the_scanner_and_counts_as_helped_even_after_a_reset(
    qtbot, panel, scanner, learning
):
    page = begin(qtbot, panel, scanner)
    click(qtbot, panel, "console_solution")
    assert scanner.settings.gain_db == 0.0
    assert "Gain: 0 dB" in page._verdict.text
    click(qtbot, panel, "console_reset")
    assert scanner.settings.gain_db == 20.0
    assert page.session.n_step == 0
    panel.show_frame(picture(scanner))
    turn(qtbot, panel, scanner, 0.0)
    click(qtbot, panel, "console_judge")
    (run,) = learning.store.console_runs()
    assert (run.passed, run.helped) == (True, True)


def test_the_judge_waits_for_the_picture_of_what_is_set(qtbot, panel, scanner, learning):
    page = begin(qtbot, panel, scanner)
    scanner.turn(gain_db=0.0)
    click(qtbot, panel, "console_judge")
    assert learning.store.console_runs() == ()
    panel.show_frame(picture(scanner))
    assert "4 of 4 marks" in page._verdict.text


def test_no_picture_but_that_of_the_start_begins_an_attempt(qtbot, panel, scanner):
    click(qtbot, panel, "console_too_bright")
    scanner.turn(gain_db=0.0)
    panel.show_frame(picture(scanner))
    assert not panel.other.session.has_begun
    assert scanner.settings.gain_db == 20.0


def test_another_phantom_or_a_freeze_is_said_and_nothing_is_judged(qtbot, panel, scanner, learning):
    page = begin(qtbot, panel, scanner)
    scanner.set_frozen(True)
    click(qtbot, panel, "console_judge")
    assert "frozen" in page.status.text()
    scanner.set_frozen(False)
    scanner.load_phantom("other")
    click(qtbot, panel, "console_judge")
    assert "Reset" in page.status.text()
    assert learning.store.console_runs() == ()


def test_a_store_that_cannot_write_is_one_sentence_and_the_marks_are_shown(
    qtbot, panel, scanner, monkeypatch
):
    def fail(self, run):
        raise ProgressError("'progress.sqlite': progress cannot be kept (disk full)")

    monkeypatch.setattr(ProgressStore, "record_console", fail)
    page = begin(qtbot, panel, scanner)
    click(qtbot, panel, "console_judge")
    assert page.status.text() == "'progress.sqlite': progress cannot be kept (disk full)."
    assert "of 4 marks" in page._verdict.text


def test_a_store_that_cannot_be_opened_keeps_answers_in_memory(tmp_path):
    (tmp_path / "file").write_text("no folder")
    learning = Learning(tmp_path / "file" / "progress.sqlite", FakeClock())
    run = ConsoleRun("too_bright", NOON, 9.0, 4, 4, 1, True, False)
    assert learning.keep(lambda store: store.record_console(run))
    assert learning.console_runs == (run,)
    assert "only until the window is closed" in learning.trouble
    learning.close()


@pytest.mark.parametrize("name", load_console())
def test_the_scanner_takes_the_start_and_the_solution_of_every_question_exactly(name):
    question = load_console()[name]
    scanner = Scanner("muscle_block")
    for scene in (question.start, *question.routes[0].scenes):
        console_page.load_scene(scanner, question, scene)
        assert not differences(scene, Scene(scanner.pose, scanner.settings))
