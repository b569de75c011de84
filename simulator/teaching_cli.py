"""Commands for teachers and learners: lessons, OSCE stations, packs, questions, progress."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXPORTS = ("moodle", "gift", "aiken", "qti", "anki")
"""Formats of `questions export`."""


def add_lessons(commands: Any) -> argparse.ArgumentParser:
    """Add `lessons check`; its parser, to be finished."""
    lessons = commands.add_parser("lessons", help="lessons and questions", allow_abbrev=False)
    actions = lessons.add_subparsers(dest="action", metavar="ACTION", required=True)
    check: argparse.ArgumentParser = actions.add_parser(
        "check",
        help="check lessons, console questions, bank and stations, and solve every task",
        allow_abbrev=False,
    )
    check.add_argument("--fast", action="store_true", help="read only: solve no task")
    return check


def add_teaching(commands: Any) -> Iterator[argparse.ArgumentParser]:
    """Add `osce`, `pack`, `questions` and `progress`; their parsers, to be finished."""
    yield _add_osce(commands)
    yield from _add_pack(commands)
    yield from _add_questions(commands)
    yield from _add_progress(commands)


def _add_osce(commands: Any) -> argparse.ArgumentParser:
    osce: argparse.ArgumentParser = commands.add_parser(
        "osce", help="list the OSCE stations, or print the sheet of one", allow_abbrev=False
    )
    osce.add_argument("name", nargs="?", metavar="NAME", help="a station; without it: list them")
    osce.add_argument("--out", type=Path, metavar="FILE", help="the sheet: .pdf or .html")
    osce.add_argument("--code", default="", metavar="CODE", help="student code on the sheet")
    return osce


def _add_pack(commands: Any) -> Iterator[argparse.ArgumentParser]:
    pack = commands.add_parser(
        "pack", help="class packs: scenes and questions in one file", allow_abbrev=False
    )
    actions = pack.add_subparsers(dest="action", metavar="ACTION", required=True)
    make = actions.add_parser("make", help="make a pack", allow_abbrev=False)
    make.add_argument("--title", required=True)
    make.add_argument("--author", default="", help="who made it, if that should be known")
    for option, what in (
        ("--scene", "a saved scene (.insonate)"),
        ("--items", "questions (.toml)"),
    ):
        make.add_argument(
            option, type=Path, action="append", default=[], metavar="FILE",
            help=f"{what}; may be repeated",
        )  # fmt: skip
    make.add_argument("--out", type=Path, required=True, metavar="FILE", help=".insonate-pack")
    yield make
    check = actions.add_parser("check", help="say what is in a pack", allow_abbrev=False)
    check.add_argument("file", type=Path, metavar="FILE")
    yield check
    unpack = actions.add_parser(
        "open", help="check a pack and put its scenes into a new folder", allow_abbrev=False
    )
    unpack.add_argument("file", type=Path, metavar="FILE")
    unpack.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    yield unpack


def _add_questions(commands: Any) -> Iterator[argparse.ArgumentParser]:
    questions = commands.add_parser(
        "questions", help="questions in the formats of other programs", allow_abbrev=False
    )
    actions = questions.add_subparsers(dest="action", metavar="ACTION", required=True)
    export = actions.add_parser("export", help="write questions of the bank", allow_abbrev=False)
    export.add_argument("--format", choices=EXPORTS, required=True)
    export.add_argument("--outcome", metavar="LO4", help="only questions of this outcome")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    yield export
    read = actions.add_parser(
        "import", help="read Moodle XML (.xml) or GIFT (.gift, .txt)", allow_abbrev=False
    )
    read.add_argument("file", type=Path, metavar="FILE")
    read.add_argument("--outcome", metavar="LO4", help="of questions that name none")
    read.add_argument("--out", type=Path, required=True, metavar="FILE", help=".toml")
    yield read


def _add_progress(commands: Any) -> Iterator[argparse.ArgumentParser]:
    progress = commands.add_parser(
        "progress", help="what was learnt on this machine", allow_abbrev=False
    )
    actions = progress.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="a few numbers", allow_abbrev=False)
    yield show
    export = actions.add_parser("export", help="everything, or the answers", allow_abbrev=False)
    export.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".json: everything; .csv: answers"
    )
    yield export
    results = actions.add_parser(
        "results", help="results for a lecturer, without a name", allow_abbrev=False
    )
    results.add_argument("--out", type=Path, required=True, metavar="FILE", help=".csv")
    results.add_argument(
        "--code",
        metavar="CODE",
        help="student code (default: the one used before, or a random one)",
    )
    results.add_argument("--pack", type=Path, metavar="FILE", help="only its questions")
    yield results
    delete = actions.add_parser("delete", help="forget everything", allow_abbrev=False)
    delete.add_argument("--yes", action="store_true", help="really")
    yield delete
