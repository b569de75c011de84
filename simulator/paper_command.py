"""`insonate paper`: a folder with a paper for each student, the key and a marking sheet."""

import argparse
import json
import time
from pathlib import Path
from typing import BinaryIO

from lessons.fresh.paper import make_paper
from simulator.errors import UserError, say, users_fault
from simulator.output_file import OutputFiles
from simulator.paper_html import key_csv, marking_html
from simulator.paper_job import Job
from simulator.paper_workers import makers
from simulator.version import program_version

RECIPE, KEY, MARKING = "recipe.json", "key.csv", "marking.html"


def paper(args: argparse.Namespace) -> int:
    """Make what is not there yet: a paper that is in the folder is whole, and is left alone."""
    with users_fault():
        papers = [make_paper(args.seed, n, args.items) for n in range(1, args.students + 1)]
    make_all = makers(args.workers, args.scheduler)
    code = f"seed {args.seed}, {args.items} questions, Insonate {program_version()}"
    folder = _begin(args.out, {"seed": args.seed, "items": args.items, "title": args.title})
    _write(folder / KEY, key_csv(papers).encode("utf-8"))
    _write(folder / MARKING, marking_html(papers, args.title, code).encode("utf-8"))
    jobs = [
        Job(args.seed, one.student, args.items, args.title, code, program_version())
        for one in papers
        if not _file(folder, one.student).exists()
    ]
    began = time.monotonic()
    for number, (job, made) in enumerate(make_all(jobs), 1):
        _write(_file(folder, job.student), made)
        if number % 20 == 0:
            say(f"{number} of {len(jobs)} papers are made")
    print(
        f"{len(jobs)} papers made in {time.monotonic() - began:.0f} s, "
        f"{len(papers) - len(jobs)} were there; key in '{folder / KEY}'."
    )
    return 0


def _begin(folder: Path, recipe: dict[str, object]) -> Path:
    """The folder, made or found with papers of the same recipe; UserError if of another."""
    wanted = {**recipe, "insonate": program_version()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = folder / RECIPE
        if there.exists():
            found = json.loads(there.read_text(encoding="utf-8"))
        else:
            found = None
            if any(folder.glob("paper_*.html")):
                raise UserError(f"'{folder}' has papers, but no {RECIPE} that says which")
    except (OSError, ValueError) as error:
        raise UserError(f"cannot use the folder '{folder}': {error}") from None
    if found is not None and found != wanted:
        raise UserError(
            f"'{folder}' holds papers of {_said(found)}, and {_said(wanted)} were asked for; "
            "give another folder with --out"
        )
    if found is None:
        _write(folder / RECIPE, (json.dumps(wanted, indent=1) + "\n").encode("utf-8"))
    return folder


def _said(recipe: object) -> str:
    return json.dumps(recipe).strip("{}").replace('"', "")


def _file(folder: Path, student: int) -> Path:
    return folder / f"paper_{student:03d}.html"


def _write(path: Path, content: bytes) -> None:
    with OutputFiles((path, path.suffix)) as output:
        output.write(0, lambda file: _put(file, content))


def _put(file: BinaryIO, content: bytes) -> None:
    file.write(content)
