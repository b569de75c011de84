"""Files of `lessons/console/` -> `ConsoleQuestion`, every entry checked and converted to SI."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from lessons import schema
from lessons.build_parts import Parts, Path
from lessons.console import ConsoleGoal, ConsoleQuestion, Limits, Route, Why
from lessons.loader import read_file
from lessons.measures import MEASURES
from phantoms.checked import ContentError, check, faults_of, parse_toml
from physics.probe import UnknownNameError
from physics.settings import KNOBS

FOLDER = "lessons/console"
"""What messages call the folder that comes with the program."""

LOCKED_GROUPS = ("physics", "faults")
"""Groups of knobs that no scanner has: a console question may start with them turned, but nobody
may turn them."""


def build_console(content: dict[str, Any], file: str) -> ConsoleQuestion:
    """The question that the contents of a file describe; ContentError if anything is wrong."""
    return _Builder(content, file).question_of_file()


@cache
def load_console() -> dict[str, ConsoleQuestion]:
    """Every console question that comes with the program by name, in the order of the files.

    ContentError for the first thing that is wrong.
    """
    questions, faults = read_console(resources.files("lessons").joinpath("console"), FOLDER)
    if faults:
        raise ContentError(faults[0])
    return questions


def load_console_question(name: str) -> ConsoleQuestion:
    """The question of this name; UnknownNameError (a ValueError) if there is none."""
    questions = load_console()
    if name not in questions:
        raise UnknownNameError("console question", name, list(questions))
    return questions[name]


def read_console(
    folder: Traversable, shown_as: str
) -> tuple[dict[str, ConsoleQuestion], list[str]]:
    """Questions of a folder without those that are wrong, and a sentence for each thing wrong."""
    questions: dict[str, ConsoleQuestion] = {}
    faults: list[str] = []
    if not folder.is_dir():
        return questions, faults
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".toml"):
            continue
        file = f"{shown_as}/{entry.name}"
        try:
            question = build_console(parse_toml(read_file(entry, file), file), file)
        except ContentError as error:
            faults += faults_of(error)
            continue
        if question.name != entry.name.removesuffix(".toml"):
            faults.append(f"{file}: name: found '{question.name}'; it must be the file's name")
        questions[question.name] = question
    return questions, faults


class _Builder(Parts):
    def __init__(self, content: dict[str, Any], file: str) -> None:
        super().__init__(content, file)
        self.file = check(schema.ConsoleFile, content, file)
        self.phantom = self.load_phantom(self.file.phantom)
        base, self.probe = self.first_scene(self.phantom, self.file.view, self.file.probe)
        self.start = self.scene(("start",), self.file.start, base, self.phantom, self.probe)
        self.take_targets(self.file)

    def question_of_file(self) -> ConsoleQuestion:
        file = self.file
        goals = self.each("goal", file.goal, self._goal)
        limits = self.one("limits", self._limits)
        routes = [
            self.one("solution", self._solution),
            *self.each("alternative", file.alternative, self._alternative),
        ]
        asked = self.one("why", lambda path: self.question(path, file.why))
        self.raise_faults()
        assert limits is not None
        assert asked is not None
        return ConsoleQuestion(
            name=file.name,
            title=file.title,
            request=file.request,
            outcome=file.outcome,
            difficulty=file.difficulty,
            phantom=file.phantom,
            probe=self.probe.name,
            start=self.start,
            goals=tuple(goals),
            limits=limits,
            routes=tuple(route for route in routes if route is not None),
            why=Why(*asked, item=file.why.item),
            sources=tuple(file.sources),
        )

    def _goal(self, path: Path, entry: schema.ConsoleGoalEntry) -> ConsoleGoal:
        goal = self.goal(path, entry)
        if MEASURES[goal.reading.measure].is_re_best:
            raise self.error(
                (*path, "reading"),
                f"found '{entry.reading}'; a console question has no earlier pictures to compare "
                f"with, so {goal.reading.measure} is for lessons only",
            )
        return ConsoleGoal(goal, entry.marks, entry.reason)

    def _limits(self, path: Path) -> Limits:
        entry = self.file.limits
        readings = tuple(
            self.reading_called((*path, "not_above_start", i), name)
            for i, name in enumerate(entry.not_above_start)
        )
        return Limits(entry.steps, readings, entry.marks)

    def _solution(self, path: Path) -> Route:
        return self._route(path, "the stored solution", self.file.solution)

    def _alternative(self, path: Path, entry: schema.RouteEntry) -> Route:
        return self._route((*path, "turns"), entry.title, entry.turns)

    def _route(self, path: Path, title: str, turns: list[schema.TurnEntry]) -> Route:
        for i, turn in enumerate(turns):
            for name in turn.knobs:
                if name in KNOBS and KNOBS[name].group in LOCKED_GROUPS:
                    raise self.error(
                        (*path, i, "knobs"),
                        f"found '{name}'; no scanner has this knob, so nobody may turn it",
                    )
        n_step = sum(len(turn.knobs) + len(turn.model_fields_set - {"knobs"}) for turn in turns)
        return Route(title, self.route(path, turns, self.start), n_step)
