"""Everything that is wrong with the lessons and the question bank, for `insonate lessons check`."""

from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from lessons.fresh.all import GENERATORS
from lessons.loader import lesson_folders, load_lesson_folder
from lessons.question_bank import FOLDER, read_bank
from lessons.question_rules import item_problems, wording_faults
from lessons.questions import SINGLE_BEST
from phantoms.checked import ContentError

OWN = resources.files("lessons")
N_VERSION = 5


@dataclass(frozen=True)
class ContentReport:
    """What was looked at, and a sentence for each thing that is wrong."""

    n_lesson: int
    n_single_best: int
    n_true_false: int
    faults: tuple[str, ...]
    n_fresh: int = 0
    """Questions made fresh, of which a few versions were looked at."""

    def summary(self) -> str:
        """One line for content without faults."""
        fresh = f", and {self.n_fresh} made fresh," if self.n_fresh else " "
        return (
            f"{self.n_lesson} lesson{'' if self.n_lesson == 1 else 's'} and "
            f"{self.n_single_best + self.n_true_false} questions "
            f"({self.n_single_best} single best answer, {self.n_true_false} true or false)"
            f"{fresh}{' ' if self.n_fresh else ''}are in order."
        )


def check_content(package: Traversable | None = None) -> ContentReport:
    """Check all lessons and the bank in the folder `package` (default: those of the program)."""
    package = package or OWN
    names: set[str] = set()
    faults: list[str] = []
    folders = lesson_folders(package.joinpath("content"))
    for folder in folders:
        shown_as = f"lessons/content/{folder.name}"
        try:
            name = load_lesson_folder(folder, shown_as=shown_as).name
        except ContentError as error:
            faults.append(str(error))
            continue
        if name in names:
            faults.append(
                f"{shown_as}/lesson.toml: name: found '{name}', which another has already"
            )
        names.add(name)
    bank, bank_faults = read_bank(package.joinpath("bank"), FOLDER)
    n_single = sum(item.kind == SINGLE_BEST for item in bank.items.values())
    n_fresh, fresh_faults = (0, []) if package is not OWN else check_fresh()
    return ContentReport(
        n_lesson=len(folders),
        n_single_best=n_single,
        n_true_false=len(bank.items) - n_single,
        faults=(*faults, *bank_faults, *wording_faults(bank), *fresh_faults),
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
