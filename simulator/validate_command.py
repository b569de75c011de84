"""`insonate validate`: measures everything that is claimed and writes a report."""

import argparse
import contextlib
import os
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from physics.compiling import Compiling
from physics.validation.check import Section
from physics.validation.simus_report import is_complete
from simulator import validation_report
from simulator.charts import draw
from simulator.errors import UserError, say
from simulator.validation_report import FIGURES, LEFT_OUT, PAGE, Measure
from simulator.version import program_version

QUICK = "Of everything only a few measurements were made (`--quick`)."
BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "reference"
"""Where the peer's data are looked for."""
_ENDINGS = {".svg", ".png", ".jpg"}


def validate(args: argparse.Namespace, compiling: Compiling | None = None) -> int:
    """Measure, write the report, and say how it went: 0 if all is as claimed, else 1."""
    reference = find_reference(args.reference)
    left_out = [] if reference else [LEFT_OUT]
    left_out += [QUICK] if args.quick else []
    with report_folder(args.out) as folder:
        if compiling is not None:
            if compiling.progress.total:
                say("compiling the engine, only this first time; it takes some seconds")
            compiling.finish()
        found = measure(validation_report.sections(reference), args.quick)
        write(folder, found, left_out)
    for sentence in left_out:
        print(sentence)
    every = [check for section in found for check in section.checks]
    print(f"{validation_report.count(every)}. The report is '{args.out / PAGE}'.")
    failed = validation_report.failed(found)
    for check in failed:
        say(f"not as claimed: {check}")
    return 1 if failed else 0


def find_reference(wanted: Path | None) -> Path | None:
    """Folder of the peer's data: that named, or the one beside the project; None without."""
    if wanted is None:
        return BESIDE_THE_PROJECT if is_complete(BESIDE_THE_PROJECT) else None
    if not wanted.is_dir():
        raise UserError(f"--reference '{wanted}' is not a folder")
    if not is_complete(wanted):
        raise UserError(
            f"--reference '{wanted}' does not hold all of the peer's data (files a_points_..., "
            "b_field_..., c_cyst_... and d_points_... that end in .npz)"
        )
    return wanted


def measure(sections: Sequence[Measure], quick: bool) -> list[Section]:
    """Every section, with a line on the terminal for each."""
    found = []
    for one in sections:
        started = time.monotonic()
        section = one(quick)
        if section.checks:
            took = time.monotonic() - started
            print(f"{section.title}: {validation_report.count(section.checks)} ({took:.0f} s)",
                  flush=True)  # fmt: skip
        found.append(section)
    return found


def write(folder: Path, found: Sequence[Section], left_out: Sequence[str]) -> None:
    """The page and its figures."""
    (folder / FIGURES).mkdir()
    for section in found:
        for figure in section.figures:
            name, content = draw(figure)
            (folder / FIGURES / name).write_bytes(content)
    heading = (
        f"Insonate {program_version()}, measured beside closed forms, SIMUS and full waves. Python "
        f"{platform.python_version()}, {platform.system()} {platform.machine()}."
    )
    page = validation_report.page(found, heading, left_out)
    (folder / PAGE).write_text(page, encoding="utf-8")


@contextlib.contextmanager
def report_folder(out: Path, page: str = PAGE, figures: str = FIGURES) -> Iterator[Path]:
    """A temporary folder whose page and folder of figures move to `out` when all is written.

    Other files in `out` stay; an exception leaves `out` as it was.
    """
    target = Path(os.path.realpath(out))
    if target.exists() and not target.is_dir():
        raise UserError(f"cannot write the report to '{out}': it is not a folder")
    if not target.parent.is_dir():
        raise UserError(f"cannot write the report to '{out}': there is no folder '{target.parent}'")
    strange = _strange_figures(target / figures)
    if strange:
        raise UserError(
            f"cannot write the report to '{out}': in its folder '{figures}' is '{strange}', which "
            "no report has put there"
        )
    place = target if target.is_dir() else target.parent
    try:
        temporary = tempfile.TemporaryDirectory(dir=place, prefix=".insonate-")
    except OSError as error:
        raise UserError(f"cannot write the report to '{out}': {error.strerror}") from None
    with temporary as name:
        new = Path(name) / "report"
        try:
            new.mkdir()
            yield new
            _put_in_place(new, target, Path(name) / "old", page, figures)
        except OSError as error:
            raise UserError(f"cannot write the report to '{out}': {error.strerror}") from error


def _put_in_place(new: Path, target: Path, old: Path, page: str, figures: str) -> None:
    if not target.is_dir():
        os.replace(new, target)
        return
    if (target / figures).is_dir():
        os.replace(target / figures, old)
    os.replace(new / figures, target / figures)
    os.replace(new / page, target / page)


def _strange_figures(figures: Path) -> str | None:
    """Name of something in the folder of figures that is not a figure."""
    if not figures.exists():
        return None
    if not figures.is_dir():
        return figures.name
    strange = (path.name for path in figures.iterdir() if path.suffix not in _ENDINGS)
    return next(strange, None)
