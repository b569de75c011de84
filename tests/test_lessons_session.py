"""A learner's way through a lesson, with pictures of known level instead of an engine."""

import math
from dataclasses import replace

import pytest
from lesson_fakes import DROP, LESSON, REGION_NAMES, fake_frame, scene, tilted_frame

from lessons.session import LessonSession, Number, Progress
from physics.settings import ScanSettings


@pytest.fixture
def session() -> LessonSession:
    return LessonSession(LESSON, REGION_NAMES)


def at(rock_deg: float, gain_db: float = 0.0):
    return tilted_frame(math.radians(rock_deg), settings=ScanSettings(gain_db=gain_db))


def test_the_whole_lesson_in_order(session):
    session.observe(at(0))
    assert session.answer(1).correct
    assert session.go_to(1) is None
    report = session.observe(at(5))
    assert not report.met
    assert report.sentence == "Only 6.0 dB so far."
    assert not session.is_done
    report = session.observe(at(10))
    assert report.met
    assert "tendon below its best 12.0 dB" in report.sentence
    session.go_to(2)
    assert session.observe(at(10)).numbers[0].text == "−4.0"
    assert session.go_to(3) == scene(-10)
    assert session.observe(at(-10)).sentence == "Still 12.0 dB below."
    assert session.observe(at(1)).met
    assert session.progress == (Progress.DONE,) * 4
    assert session.is_last


def test_gain_neither_meets_nor_spoils_a_task(session):
    session.observe(at(0))
    session.go_to(1)
    assert not session.observe(at(0, gain_db=-40)).met
    assert session.observe(at(10, gain_db=40)).met


def test_less_power_is_not_taken_for_anisotropy(session):
    """Everything 12 dB down: the tendon has its 10 dB, but so has the muscle."""
    session.go_to(1)
    session.observe(fake_frame({"tendon": -40.0, "muscle": -48.0}))
    report = session.observe(fake_frame({"tendon": -52.0, "muscle": -60.0}))
    assert not report.met
    assert report.sentence == "The muscle fell too, by 12.0 dB."


def test_the_best_level_is_the_best_of_the_whole_run(session):
    session.observe(at(5))
    session.observe(at(0))  # brighter: the new best
    session.go_to(1)
    assert session.observe(at(5)).numbers[0].value == pytest.approx(6.0, abs=0.1)


def test_a_goal_is_judged_on_the_number_as_shown():
    goal = LESSON.steps[1].goals[0]
    assert goal.is_met(9.96)  # shown as 10.0
    assert not goal.is_met(9.94)
    assert not goal.is_met(math.nan)


def test_a_picture_that_lags_the_probe_is_shown_but_does_not_finish_a_task(session):
    session.observe(at(0))
    session.go_to(1)
    report = session.observe(at(12), judge=False)
    assert report.met
    assert not session.is_done


def test_a_task_once_done_stays_done(session):
    session.observe(at(0))
    session.go_to(1)
    session.observe(at(12))
    assert not session.observe(at(0)).met
    assert session.is_done


def test_out_of_the_picture_is_said(session):
    session.go_to(1)
    shallow = ScanSettings(depth_m=0.014, focus_m=0.01)
    report = session.observe(fake_frame(settings=shallow))
    assert not report.met
    assert report.sentence.startswith("The tendon is not in the picture")
    assert report.numbers[0].text == "–"


def test_a_shown_solution_counts_as_help(session):
    session.observe(at(0))
    session.go_to(1)
    assert session.show_solution() == scene(12)
    session.observe(at(12))
    assert session.progress[1] is Progress.HELPED


def test_a_second_guess_counts_as_help_and_the_answer_is_remembered(session):
    assert session.answer(0).why == "because not"
    assert not session.is_done
    session.answer(1)
    assert session.progress[0] is Progress.HELPED
    session.go_to(1)
    session.go_to(0)
    assert session.answered == 1


def test_a_page_is_read_when_it_is_left(session):
    session.go_to(2)
    assert not session.is_done
    session.go_to(1)
    assert session.progress[2] is Progress.DONE


def test_there_is_no_step_beyond_the_last(session):
    with pytest.raises(ValueError, match="step 5 of 4"):
        session.go_to(4)


@pytest.mark.parametrize(
    ("value", "text"),
    [(-3.26, "−3.3 dB"), (-0.04, "0.0 dB"), (12.0, "12.0 dB"), (math.nan, "– dB")],
)
def test_numbers_are_written_as_on_paper(value, text):
    assert Number(replace(DROP), value).text_with_unit == text
