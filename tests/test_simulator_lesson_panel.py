"""The lesson pane shows the number and the reason, and judges only the picture it belongs to."""

import math
from dataclasses import replace

import numpy as np
import pytest
from lesson_fakes import DROP, LESSON, FakePhantom, scene, tilted_frame
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel

from lessons import load_lesson
from lessons.lesson import FadedStep, Figure, Goal, Move, WorkedStep
from phantoms import ContentError
from physics.geometry import Pose
from physics.probe import find_probe
from physics.settings import ScanSettings
from simulator import figures
from simulator.figures import FigureMaker
from simulator.models.scanner import Scanner
from simulator.prose import rich_text
from simulator.views.lesson_page import LessonPage
from simulator.views.lesson_panel import LessonPanel


class FakeScanner(QObject):
    """As much of `simulator.models.scanner.Scanner` as the pane uses."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.phantom = FakePhantom(name="something_else")
        self.probe = find_probe("L18-4")
        self.pose, self.settings, self.frozen = Pose(), ScanSettings(), False

    def load_phantom(self, name: str, probe: str | None = None) -> None:
        self.phantom, self.probe = FakePhantom(name=name), find_probe(probe or "L12-3")
        self.changed.emit()

    def set_frozen(self, frozen: bool) -> None:
        self.frozen = frozen
        self.changed.emit()

    def turn(self, **display_values) -> None:
        self.settings = self.settings.turned(**display_values)
        self.changed.emit()

    def move(self, **moves) -> None:
        self.pose = replace(self.pose, **moves)
        self.changed.emit()


@pytest.fixture
def scanner():
    return FakeScanner()


@pytest.fixture
def panel(qtbot, scanner, monkeypatch):
    monkeypatch.setattr("simulator.views.lesson_panel.load_lessons", lambda: {"tilt": LESSON})
    panel = LessonPanel(scanner)
    qtbot.addWidget(panel)
    panel.resize(300, 620)
    panel.show()
    panel.open_lesson(LESSON)
    return panel


def rock_to(panel: LessonPanel, scanner: FakeScanner, rock_deg: float) -> None:
    """Rock the probe and show the picture that follows."""
    scanner.move(rock_rad=math.radians(rock_deg))
    panel.show_frame(tilted_frame(scanner.pose.rock_rad, settings=scanner.settings))


def measured(page: LessonPage) -> str:
    return page.findChild(QLabel, "measured").text()


def status(page: LessonPage) -> str:
    return page.findChild(QLabel, "lesson_status").text()


def test_lessons_are_listed_and_start_with_one_click(qtbot, scanner, monkeypatch):
    monkeypatch.setattr("simulator.views.lesson_panel.load_lessons", lambda: {"tilt": LESSON})
    panel = LessonPanel(scanner)
    qtbot.addWidget(panel)
    assert panel.page is None
    assert scanner.phantom.name == "something_else"  # looking at the list changes nothing
    start = panel.findChild(QObject, "start_tilt")
    qtbot.mouseClick(start, Qt.MouseButton.LeftButton)
    assert panel.page is not None
    assert scanner.phantom.name == "flat_tendon"
    assert scanner.probe.name == "L12-3"


def test_bad_content_leaves_a_window_that_says_so(qtbot, scanner, monkeypatch):
    def fail():
        raise ContentError("lesson.toml: step 1: found nothing")

    monkeypatch.setattr("simulator.views.lesson_panel.load_lessons", fail)
    panel = LessonPanel(scanner)
    qtbot.addWidget(panel)
    assert any("step 1: found nothing" in label.text() for label in panel.findChildren(QLabel))


def test_number_what_is_missing_and_the_reason_are_shown(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    page._next.click()
    rock_to(panel, scanner, 5)
    assert measured(page) == "6.0"
    assert status(page) == "Only 6.0 dB so far."
    assert page._reason_note.isHidden()
    assert page._next.text() == "Skip"
    rock_to(panel, scanner, 11)
    assert measured(page) == "13.2"
    assert "Reached" in status(page)
    assert page._reason_note.isVisible()
    assert "angle" in page._reason_note.text
    assert page._next.text() == "Next"


def test_gain_does_not_meet_the_task(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    page._next.click()
    scanner.turn(gain_db=-30)
    rock_to(panel, scanner, 0)
    assert measured(page) == "0.0"
    assert not page.session.is_done


def test_every_answer_gets_its_reason(panel):
    page = panel.page
    page._choices._group.button(0).click()
    assert "because not" in page._reason_note.text
    page._choices._group.button(1).click()
    assert "Right" in page._reason_note.text
    assert "because so" in page._reason_note.text


def test_pictures_from_before_the_scene_was_loaded_are_not_counted(panel, scanner):
    page = panel.page
    old = tilted_frame(0.1)
    panel.show_frame(old)
    page._next.click()
    assert page._readout.isHidden()
    rock_to(panel, scanner, 0)
    assert measured(page) == "0.0"


def test_a_picture_that_lags_the_probe_finishes_no_task(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    page._next.click()
    scanner.move(rock_rad=0.0)
    panel.show_frame(tilted_frame(math.radians(12), settings=scanner.settings))
    assert measured(page) == "14.4"
    assert not page.session.is_done


def test_hint_first_and_only_then_the_solution(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    page._next.click()
    page._hint.click()
    assert "further" in page._hint_note.text
    assert scanner.pose.rock_rad == 0.0
    page._hint.click()
    assert math.degrees(scanner.pose.rock_rad) == pytest.approx(12)
    rock_to(panel, scanner, 12)
    assert page.session.is_done


def test_a_step_with_a_scene_of_its_own_puts_the_probe_there(panel, scanner):
    page = panel.page
    for _ in range(3):
        page._next.click()
    assert math.degrees(scanner.pose.rock_rad) == pytest.approx(-10)
    page._back.click()
    assert page.session.index == 2


def test_after_the_last_step_comes_the_list(panel):
    for _ in LESSON.steps:
        panel.page._next.click()
    assert panel.page is None


def test_another_phantom_stops_the_lesson_until_it_is_brought_back(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    scanner.load_phantom("something_else")
    panel.show_frame(tilted_frame(0.0))
    assert "needs its own phantom" in status(page)
    assert page._reload.isVisible()
    page._reload.click()
    assert scanner.phantom.name == "flat_tendon"
    assert not page._reload.isVisible()


def test_a_frozen_picture_is_named_as_the_obstacle(panel, scanner):
    page = panel.page
    rock_to(panel, scanner, 0)
    page._next.click()
    scanner.set_frozen(True)
    assert "frozen" in status(page)


@pytest.mark.parametrize("width", [240, 300, 420])
def test_nothing_is_cut_off(panel, qtbot, width):
    """Every wrapped text has the height it needs, and nothing is wider than the pane."""
    panel.resize(width, 560)
    page = panel.page
    page._choices._group.button(0).click()
    for _ in range(4):
        qtbot.wait(1)
        for label in panel.findChildren(QLabel):
            if label.isVisible() and label.wordWrap() and label.text():
                assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
        assert page.width() <= panel.width()
        assert page._scroll.widget().width() <= page._scroll.viewport().width()
        page._next.click()


def test_closing_a_lesson_leaves_the_scanner_alone(panel, scanner):
    rock_to(panel, scanner, 5)
    panel.page.left.click()
    assert panel.page is None
    assert math.degrees(scanner.pose.rock_rad) == pytest.approx(5)
    panel.show_frame(tilted_frame(0.0))  # no lesson: nothing to do


def test_the_real_scanner_takes_the_scene_of_the_real_lesson(qtbot):
    scanner, lesson = Scanner("qa_block"), load_lesson("anisotropy")
    panel = LessonPanel(scanner)
    qtbot.addWidget(panel)
    panel.open_lesson(lesson)
    assert scanner.phantom.name == lesson.phantom
    assert scanner.pose == lesson.start.pose
    assert scanner.settings == lesson.start.settings


# --- examples, formulas, figures ---------------------------------------------------------------


EXAMPLE = replace(
    LESSON,
    steps=(
        WorkedStep(
            "watch", "Watch", "text", start=scene(0), shows=(DROP,),
            moves=(Move(scene(2), "First *this*.", 1.0), Move(scene(6), "Then that.", 1.0)),
        ),
        FadedStep(
            "finish", "Finish", "text", start=scene(9), shows=(DROP,), ask="Go on.",
            goals=(Goal(DROP, -math.inf, 2.0, "Still {value}."),), hint="on", reason="angle",
            solution=scene(0), moves=(Move(scene(5), "I begin.", 1.0),),
        ),
        LESSON.steps[2],
    ),
)  # fmt: skip


@pytest.fixture
def example(panel):
    panel.open_lesson(EXAMPLE)
    return panel.page


def commentary(page: LessonPage) -> str:
    return page.findChild(QLabel, "commentary").text()


def rocked(scanner) -> float:
    return round(math.degrees(scanner.pose.rock_rad), 6)


def test_an_example_is_stepped_through_with_its_commentary(example, scanner):
    player = example._player
    assert player.isVisible()
    assert example._next.text() == "Skip"
    player._step.click()
    assert rocked(scanner) == 2
    assert "First <em>this</em>" in commentary(example)
    assert not example.session.is_done
    player._step.click()
    assert rocked(scanner) == 6
    assert example.session.is_done
    assert example._next.text() == "Next"
    assert not player._step.isEnabled()
    player._again.click()
    assert rocked(scanner) == 0
    assert player._step.isEnabled()


def test_an_example_plays_by_itself_and_can_be_stopped(example, scanner, qtbot):
    player = example._player
    player._play.click()
    assert rocked(scanner) == 2
    assert player._play.text() == "Pause"
    player._play.click()
    assert not player.is_playing
    player._play.click()
    assert rocked(scanner) == 6  # the next move, at once
    assert not player.is_playing
    player._again.click()
    player._play.click()
    qtbot.waitUntil(lambda: rocked(scanner) == 6, timeout=3000)
    assert example.session.is_done


def test_a_faded_example_is_finished_by_the_learner(example, panel, scanner):
    rock_to(panel, scanner, 0)
    example._next.click()
    assert rocked(scanner) == 9
    example._player._step.click()
    assert rocked(scanner) == 5
    rock_to(panel, scanner, 5)
    assert status(example) == "Still 6.0 dB."
    rock_to(panel, scanner, 1)
    assert example.session.is_done
    assert "angle" in example._reason_note.text


def test_leaving_an_example_stops_it(example, scanner):
    example._player._play.click()
    example._next.click()
    assert not example._player.is_playing
    example._next.click()
    assert example._player.isHidden()


def test_a_page_without_an_example_has_no_player(panel):
    assert panel.page._player.isHidden()


def test_figures_are_made_once_and_shown_when_they_are_there(qtbot, scanner, monkeypatch):
    monkeypatch.setattr(figures, "_kept", {})
    made = []

    def make(figure):
        made.append(figure.name)
        picture = np.full((40, 40), 99, np.uint8)
        return replace(tilted_frame(0.0), picture=picture, left_m=-0.02, right_m=0.02)

    maker = FigureMaker(lambda: make)
    crop = (0.0, 0.02, 0.0, 0.01)
    flat = Figure("flat", "flat_tendon", "L12-3", scene(3), crop)
    broken = Figure("flat", "flat_tendon", "L12-3", scene(4))
    step = replace(LESSON.steps[2], text="Look: ![a tendon](figure:flat)")
    lesson = replace(LESSON, steps=(step,), figures={"flat": flat})
    page = LessonPage(scanner, lesson, figures=maker)
    qtbot.addWidget(page)
    assert "a tendon" in page._text.text()
    qtbot.waitUntil(lambda: "data:image/png" in page._text.text(), timeout=5000)
    assert maker.stop(5.0)
    image = maker.of([flat])["flat"]
    assert (image.width(), image.height()) == (20, 10)
    assert image.pixelColor(3, 3).red() == 99
    assert made == ["flat"]
    assert broken not in figures._kept


def test_after_an_error_of_the_engine_the_next_figure_is_made(qtbot, monkeypatch):
    monkeypatch.setattr(figures, "_kept", {})

    def make(figure):
        if figure.name == "bad":
            raise RuntimeError("of the engine, not of Qt")
        picture = np.full((40, 40), 99, np.uint8)
        return replace(tilted_frame(0.0), picture=picture, left_m=-0.02, right_m=0.02)

    maker = FigureMaker(lambda: make)
    bad, good = (Figure(name, "flat_tendon", "L12-3", scene(3)) for name in ("bad", "good"))
    maker.of([bad, good])
    qtbot.waitUntil(lambda: good in figures._kept, timeout=5000)
    assert maker.stop(5.0)


def test_a_figure_that_fails_leaves_its_caption(qtbot, monkeypatch):
    monkeypatch.setattr(figures, "_kept", {})

    def fail(figure):
        raise ValueError("no such phantom")

    maker = FigureMaker(lambda: fail)
    assert maker.of([Figure("flat", "x", "L12-3", scene(0))]) == {}
    assert maker.stop(5.0)
    said = rich_text("![a tendon](figure:flat)", letter_px=12)
    assert "[a tendon …]" in said


def test_formulas_become_pictures_and_raw_html_stays_text(qapp):
    pytest.importorskip("ziamath")
    said = rich_text(r"Width $z / F$ <b>" + "\n\n" + r"$\tan\theta = \frac{1}{2 F}$", letter_px=12)
    assert said.count("data:image/png") == 2
    assert '<p align="center"><img' in said
    assert "&lt;b&gt;" in said
    assert "$" not in said


def test_a_formula_that_cannot_be_drawn_is_shown_as_it_is_written(qapp, monkeypatch):
    def fail(*_):
        raise ModuleNotFoundError("ziamath")

    monkeypatch.setattr("simulator.formulas._svg", fail)
    assert "<i>a &lt; b_1</i>" in rich_text("so $a < b_1$", letter_px=12.5)
    assert rich_text("so $a < b_1$", letter_px=12.5, block=False) == "so <i>a &lt; b_1</i>"
