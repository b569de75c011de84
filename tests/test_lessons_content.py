"""All lessons, present and future, against the real engine: tasks can be done and must be done."""

from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from lessons import lesson_names, load_lesson
from lessons.lesson import Lesson, QuestionStep, Scene, TaskStep
from lessons.session import LessonSession, Report
from phantoms import load_phantom
from physics.frame import Frame
from simulator.renderer import Renderer, Request

TASKS = [
    (name, index)
    for name in lesson_names()
    for index, step in enumerate(load_lesson(name).steps)
    if isinstance(step, TaskStep)
]
each_lesson = pytest.mark.parametrize("name", lesson_names())
each_task = pytest.mark.parametrize(
    ("name", "index"), TASKS, ids=lambda part: part if isinstance(part, str) else f"step{part + 1}"
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


class Learner:
    """Goes through a lesson with the real engine, in the order and scenes of its solutions."""

    def __init__(self, lesson: Lesson, renderer: Renderer) -> None:
        self.lesson, self.scene, self._renderer = lesson, lesson.start, renderer
        self.session = LessonSession(lesson, load_phantom(lesson.phantom).region_names)
        self.look(self.scene)

    def frame(self, scene: Scene) -> Frame:
        request = Request(self.lesson.phantom, self.lesson.probe, scene.pose, scene.settings)
        return self._renderer.render(request)

    def look(self, scene: Scene) -> Report:
        self.scene = scene
        return self.session.observe(self.frame(scene))

    def arrive_at(self, index: int) -> Report:
        """Do all steps before this one; what the picture says on arrival."""
        for i in range(index):
            self.look(self.session.go_to(i) or self.scene)
            step = self.session.step
            if isinstance(step, TaskStep):
                self.look(self.session.show_solution())
        return self.look(self.session.go_to(index) or self.scene)


@each_task
def test_every_task_starts_unmet_and_its_solution_meets_it(name, index, renderer):
    learner = Learner(load_lesson(name), renderer)
    report = learner.arrive_at(index)
    step = learner.session.step
    assert not report.met, f"{step.ask!r} is already met at the start: {report.sentence}"
    report = learner.look(learner.session.show_solution())
    assert report.met, f"the solution of {step.ask!r} fails: {report.sentence}"


@each_task
def test_gain_and_tgc_neither_meet_nor_spoil_a_task(name, index, renderer):
    learner = Learner(load_lesson(name), renderer)
    before = learner.arrive_at(index)
    for gain_db in (-30.0, 30.0):
        loud = replace(learner.scene.settings, gain_db=gain_db, tgc_db=(gain_db / 2,) * 8)
        report = learner.look(replace(learner.scene, settings=loud))
        assert not report.met
        assert report.numbers == before.numbers
    solution = learner.session.show_solution()
    loud = replace(solution.settings, gain_db=30.0)
    assert learner.look(replace(solution, settings=loud)).met


@each_lesson
def test_every_number_shown_is_in_the_picture_at_the_start_of_its_step(name, renderer):
    learner = Learner(load_lesson(name), renderer)
    for index in range(len(learner.lesson.steps)):
        for number in learner.arrive_at(index).numbers:
            assert number.text != "–", f"step {index + 1} shows no {number.reading.label}"


@each_lesson
def test_a_question_explains_each_wrong_choice_in_its_own_words(name):
    for step in load_lesson(name).steps:
        if isinstance(step, QuestionStep):
            reasons = [choice.why for choice in step.choices]
            assert all(len(reason) > 20 for reason in reasons), step.name
            assert len(set(reasons)) == len(reasons), step.name


@each_lesson
def test_a_lesson_begins_with_a_prediction_and_ends_with_a_question(name):
    """Predict before doing; be asked again at the end (docs: how lessons are built)."""
    steps = load_lesson(name).steps
    assert isinstance(steps[0], QuestionStep)
    assert isinstance(steps[-1], QuestionStep)


@each_lesson
def test_texts_are_short_and_plain(name):
    """A step fits the pane without much scrolling; raw HTML would be shown as text."""
    for step in load_lesson(name).steps:
        assert len(step.text.split()) <= 140, step.name
        assert "html" not in {token.type[:4] for token in MarkdownIt().parse(step.text)}, step.name
        assert "](" not in step.text, f"{step.name} has a link; the program works offline"
