"""Everything that is wrong with lessons, console questions, the question bank and OSCE stations,
for `insonate lessons check`."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from lessons import stations
from lessons.build_console import FOLDER as CONSOLE_FOLDER
from lessons.build_console import read_console
from lessons.fresh.all import GENERATORS
from lessons.lesson import Lesson
from lessons.lesson_rules import console_rule_faults, lesson_rule_faults
from lessons.loader import lesson_folders, load_lesson_folder
from lessons.question_bank import FOLDER, read_bank
from lessons.question_rules import item_problems, wording_faults
from lessons.questions import SINGLE_BEST
from lessons.solving import Render, console_faults, lesson_faults
from phantoms.checked import ContentError, faults_of, parse_toml


@dataclass(frozen=True)
class ContentReport:
    """What was looked at, and a sentence for each thing that is wrong."""

    n_lesson: int
    n_console: int
    n_single_best: int
    n_true_false: int
    faults: tuple[str, ...]
    solved: bool = False
    """Whether tasks and console questions were solved with the engine."""
    n_station: int = 0
    n_fresh: int = 0
    """Questions made fresh, of which the first versions were looked at."""

    def _fresh(self) -> str:
        return f", and {self.n_fresh} made fresh," if self.n_fresh else ""

    def summary(self) -> str:
        """One line for content without faults."""
        return (
            f"{_count(self.n_lesson, 'lesson')}, {_count(self.n_console, 'console question')}, "
            f"{_count(self.n_station, 'OSCE station')} and "
            f"{self.n_single_best + self.n_true_false} questions "
            f"({self.n_single_best} single best answer, {self.n_true_false} true or false)"
            f"{self._fresh()} are in order{'' if self.solved else '; no task was solved (--fast)'}."
        )


OWN = resources.files("lessons")
N_VERSION = 5


def check_content(
    package: Traversable | None = None, render: Render | None = None
) -> ContentReport:
    """Check lessons, console questions, bank and stations in the folder `package` (default: those
    of the program).

    render : makes pictures; with it every task and console question is solved as its file says.
        What has other faults is not solved.
    """
    package = package or OWN
    faults: list[str] = []
    names: set[str] = set()
    folders = lesson_folders(package.joinpath("content"))
    for folder in folders:
        shown_as = f"lessons/content/{folder.name}"
        try:
            lesson = load_lesson_folder(folder, shown_as=shown_as)
        except ContentError as error:
            faults += faults_of(error)
            continue
        if lesson.name in names:
            faults.append(
                f"{shown_as}/lesson.toml: name: found '{lesson.name}', which another has already"
            )
        names.add(lesson.name)
        faults += _faults_of_lesson(lesson, shown_as, render)
    questions, console = read_console(package.joinpath("console"), CONSOLE_FOLDER)
    faults += console
    for question in questions.values():
        worded = list(console_rule_faults(question, CONSOLE_FOLDER))
        faults += worded
        if render is not None and not worded:
            faults += console_faults(question, CONSOLE_FOLDER, render)
    bank, bank_faults = read_bank(package.joinpath("bank"), FOLDER)
    n_station, station_faults = _check_stations(package.joinpath(stations.FOLDER))
    n_single = sum(item.kind == SINGLE_BEST for item in bank.items.values())
    n_fresh, fresh_faults = (0, []) if package is not OWN else check_fresh()
    return ContentReport(
        n_lesson=len(folders),
        n_console=len(questions),
        n_single_best=n_single,
        n_true_false=len(bank.items) - n_single,
        faults=(*faults, *bank_faults, *wording_faults(bank), *station_faults, *fresh_faults),
        solved=render is not None,
        n_station=n_station,
        n_fresh=n_fresh,
    )


def check_fresh() -> tuple[int, list[str]]:
    """How many fresh questions there are, and what is wrong with their first versions."""
    faults = []
    for name, made in GENERATORS.items():
        for seed in range(N_VERSION):
            where = f"fresh question '{name}', seed {seed}"
            faults += [f"{where}: {problem}" for problem in item_problems(made.version(seed).item)]
    return len(GENERATORS), faults


def _faults_of_lesson(lesson: Lesson, shown_as: str, render: Render | None) -> Iterator[str]:
    worded = list(lesson_rule_faults(lesson, shown_as))
    yield from worded
    if render is not None and not worded:
        yield from lesson_faults(lesson, shown_as, render)


def _check_stations(folder: Traversable) -> tuple[int, list[str]]:
    """How many files of stations there are, and a sentence for each thing that is wrong."""
    files = [f for f in folder.iterdir() if f.name.endswith(".toml")] if folder.is_dir() else []
    faults: list[str] = []
    for file in sorted(files, key=lambda entry: entry.name):
        shown_as = f"lessons/{stations.FOLDER}/{file.name}"
        try:
            station = stations.build_station(parse_toml(file.read_bytes(), shown_as), shown_as)
        except ContentError as error:
            faults += faults_of(error)
            continue
        if f"{station.name}.toml" != file.name:
            faults.append(f"{shown_as}: name: found '{station.name}'; it must be the file's name")
    return len(files), faults


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
