"""All lessons and console questions against the real engine: tasks can be done and must be done."""

from dataclasses import replace

import pytest

from lessons import lesson_names, load_lesson
from lessons.build_console import load_console, load_console_question
from lessons.content_check import check_content
from lessons.lesson import Lesson, TaskStep
from lessons.measures import MEASURES
from lessons.solving import Render, Walk, console_faults, lesson_faults
from simulator.lessons_command import settled_pictures

QUICK = ("anisotropy", "gain_too_high", "depth_and_focus")
"""Models of their kind; the others take long together and are left to `make test-all`."""


def each(names):
    slow = pytest.mark.slow
    return [pytest.param(n, marks=() if n in QUICK else slow, id=n) for n in names]


each_lesson = pytest.mark.parametrize("name", each(lesson_names()))
each_console = pytest.mark.parametrize("name", each(load_console()))


@pytest.fixture(scope="module")
def render() -> Render:
    return settled_pictures()


@each_lesson
def test_every_task_starts_unmet_and_its_solution_meets_it(name, render):
    assert list(lesson_faults(load_lesson(name), name, render)) == []


@each_console
def test_every_console_question_starts_unmet_and_every_route_meets_it(name, render):
    assert list(console_faults(load_console_question(name), "console", render)) == []


@each_lesson
def test_gain_and_tgc_neither_meet_nor_spoil_a_task_about_echoes(name, render):
    walk = Walk(load_lesson(name), render)
    for index in about_echoes(walk.lesson):
        before = walk.arrive_at(index)
        start = walk.scene
        for gain_db in (-30.0, 30.0):
            loud = replace(start.settings, gain_db=gain_db, tgc_db=(gain_db / 2,) * 8)
            report = walk.look(replace(start, settings=loud))
            assert not report.met
            assert [n.text for n in report.numbers] == [n.text for n in before.numbers]
        solution = walk.session.show_solution()
        loud = replace(solution.settings, gain_db=30.0)
        assert walk.look(replace(solution, settings=loud)).met


def about_echoes(lesson: Lesson) -> list[int]:
    """Tasks of a lesson whose numbers are all taken before the gain."""
    return [
        index
        for index, step in enumerate(lesson.steps)
        if isinstance(step, TaskStep)
        and all(
            MEASURES[reading.measure].reads in ("echo", "tissue", "machine")
            for reading in (*step.shows, *(goal.reading for goal in step.goals))
        )
    ]


def test_content_keeps_all_rules_that_need_no_engine():
    assert check_content().faults == ()


def test_what_cannot_be_done_is_said(render):
    lesson = load_lesson("anisotropy")
    index = next(i for i, step in enumerate(lesson.steps) if step.name == "cause")
    step = lesson.steps[index]
    lazy = replace(step, solution=lesson.start)
    broken = replace(lesson, steps=(*lesson.steps[:index], lazy, *lesson.steps[index + 1 :]))
    (said,) = lesson_faults(broken, "here", render)
    assert said.startswith(f"here/lesson.toml: step {index + 1} 'cause', solution: does not meet")


def test_a_console_route_that_fails_is_said(render):
    question = load_console_question("depth_and_focus")
    half = replace(question.routes[0], title="half of it", scenes=question.routes[0].scenes[:1])
    (said,) = console_faults(replace(question, routes=(half,)), "here", render)
    assert said.startswith("here/depth_and_focus.toml: half of it: does not meet the goals (")
    assert "Wanted: at most 5.0 mm" in said
