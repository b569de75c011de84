"""Whether what is asked can be done and has to be: every task starts unmet, every stored solution
meets it. Computed with the engine, which the caller brings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phantoms
from lessons.console import ConsoleQuestion
from lessons.console_session import ConsoleSession
from lessons.lesson import FadedStep, Lesson, QuestionStep, Scene, TaskStep, WorkedStep
from lessons.session import LessonSession, Report
from physics.frame import Frame
from physics.geometry import Pose
from physics.settings import ScanSettings

Render = Callable[[str, str, Pose, ScanSettings], Frame]
"""The settled picture of a phantom and a probe by name, in a pose with settings."""


@dataclass
class Walk:
    """Goes through a lesson in the order and scenes of its solutions."""

    lesson: Lesson
    render: Render

    def __post_init__(self) -> None:
        self.session = LessonSession(self.lesson, _region_names(self.lesson.phantom))
        self.look(self.lesson.start)

    def look(self, scene: Scene) -> Report:
        """What the picture of a scene says about the present step."""
        self.scene = scene
        lesson = self.lesson
        frame = self.render(lesson.phantom, lesson.probe, scene.pose, scene.settings)
        return self.session.observe(frame)

    def arrive_at(self, index: int) -> Report:
        """Do all steps before this one; what the picture says on arrival."""
        while self.session.index < index:
            self.finish()
            self._turn_page(self.session.index + 1)
        return self.look(self.scene)

    def finish(self) -> None:
        """Do the present step as its solution says."""
        session = self.session
        while (move := session.next_move()) is not None:
            self.look(move.scene)
        if isinstance(session.step, TaskStep):
            self.look(session.show_solution())

    def _turn_page(self, index: int) -> None:
        start = self.session.go_to(index)
        if start is not None:
            self.look(start)


def lesson_faults(lesson: Lesson, shown_as: str, render: Render) -> Iterator[str]:
    """A sentence for every task that cannot be done or need not be, and every number shown that is
    not in the picture.

    shown_as : what messages call the lesson's folder.
    """
    walk = Walk(lesson, render)
    for index, step in enumerate(lesson.steps):
        where = f"{shown_as}/lesson.toml: step {index + 1} '{step.name}'"
        report = walk.arrive_at(index)
        for number in report.numbers:
            if number.text == "–":
                yield f"{where}, shows: {number.reading.name} cannot be measured at the start"
        if isinstance(step, TaskStep):
            if report.met:
                yield f"{where}, goals: are met at the start already ({report.sentence})"
            if isinstance(step, FadedStep):
                while (move := walk.session.next_move()) is not None:
                    report = walk.look(move.scene)
                if report.met:
                    yield f"{where}, goals: are met by the moves that are shown ({report.sentence})"
            report = walk.look(walk.session.show_solution())
            if not report.met:
                yield f"{where}, solution: does not meet the goals ({report.sentence})"
        elif isinstance(step, WorkedStep | QuestionStep):
            walk.finish()


def console_faults(question: ConsoleQuestion, shown_as: str, render: Render) -> Iterator[str]:
    """A sentence for everything about a console question that its marks would get wrong."""
    file = f"{shown_as}/{question.name}.toml"

    def picture(scene: Scene) -> Frame:
        return render(question.phantom, question.probe, scene.pose, scene.settings)

    session = ConsoleSession(question, _region_names(question.phantom))
    start = picture(question.start)
    for number in session.begin(start):
        if number.text == "–":
            yield f"{file}: reading '{number.reading.name}': cannot be measured at the start"
    if session.judge(start).passed:
        yield f"{file}: goal: all are met at the start already"
    for route in question.routes:
        session.begin(start)
        for scene in route.scenes:
            session.change(scene)
            session.settle()
        for said in session.judge(picture(route.scenes[-1])).residual_faults:
            yield f"{file}: {route.title}: does not meet the goals ({said})"
        if route.n_step > question.limits.steps:
            yield (
                f"{file}: {route.title}: turns {route.n_step} knobs; limits allow "
                f"{question.limits.steps} steps"
            )


def _region_names(phantom: str) -> tuple[str, ...]:
    names: tuple[str, ...] = phantoms.load_phantom(phantom).region_names
    return names
