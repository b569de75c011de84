"""What is wrong with lessons, question bank and OSCE stations, for `insonate lessons check`."""

from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from lessons import stations
from lessons.loader import lesson_folders, load_lesson_folder
from lessons.question_bank import FOLDER, read_bank
from lessons.question_rules import wording_faults
from lessons.questions import SINGLE_BEST
from phantoms.checked import ContentError, parse_toml


@dataclass(frozen=True)
class ContentReport:
    """What was looked at, and a sentence for each thing that is wrong."""

    n_lesson: int
    n_single_best: int
    n_true_false: int
    faults: tuple[str, ...]
    n_station: int = 0

    def summary(self) -> str:
        """One line for content without faults."""
        return (
            f"{self.n_lesson} lesson{'' if self.n_lesson == 1 else 's'}, "
            f"{self.n_single_best + self.n_true_false} questions "
            f"({self.n_single_best} single best answer, {self.n_true_false} true or false) "
            f"and {self.n_station} OSCE station{'' if self.n_station == 1 else 's'} are in order."
        )


def check_content(package: Traversable | None = None) -> ContentReport:
    """Check lessons, bank and stations in the folder `package` (default: those of the program)."""
    package = package or resources.files("lessons")
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
    n_station, station_faults = _check_stations(package.joinpath(stations.FOLDER))
    n_single = sum(item.kind == SINGLE_BEST for item in bank.items.values())
    return ContentReport(
        n_lesson=len(folders),
        n_single_best=n_single,
        n_true_false=len(bank.items) - n_single,
        faults=(*faults, *bank_faults, *wording_faults(bank), *station_faults),
        n_station=n_station,
    )


def _check_stations(folder: Traversable) -> tuple[int, list[str]]:
    """How many files of stations there are, and a sentence for each that is wrong."""
    files = [f for f in folder.iterdir() if f.name.endswith(".toml")] if folder.is_dir() else []
    faults = []
    for file in sorted(files, key=lambda entry: entry.name):
        shown_as = f"lessons/{stations.FOLDER}/{file.name}"
        try:
            station = stations.build_station(parse_toml(file.read_bytes(), shown_as), shown_as)
        except ContentError as error:
            faults.append(str(error))
            continue
        if f"{station.name}.toml" != file.name:
            faults.append(f"{shown_as}: name: found '{station.name}'; it must be that of the file")
    return len(files), faults
