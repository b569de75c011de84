"""Commands for teachers and learners: lessons, stations, class packs, progress."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.errors import say

Run = Callable[[argparse.Namespace], int]
Finish = Callable[[argparse.ArgumentParser, Run], None]
"""Adds what every command has, and says who answers."""


def add_teaching_commands(commands: Any, finish: Finish) -> None:
    """Add `lessons`, `osce`, `pack` and `progress`."""
    _add_lessons(commands, finish)
    _add_osce(commands, finish)
    _add_pack(commands, finish)
    _add_progress(commands, finish)


def _add_lessons(commands: Any, finish: Finish) -> None:
    lessons = commands.add_parser("lessons", help="lessons and questions", allow_abbrev=False)
    actions = lessons.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check", help="check every lesson and every question of the bank", allow_abbrev=False
    )
    finish(check, _check_lessons)


def _add_osce(commands: Any, finish: Finish) -> None:
    osce = commands.add_parser(
        "osce", help="list the OSCE stations, or print the sheet of one", allow_abbrev=False
    )
    osce.add_argument("name", nargs="?", metavar="NAME", help="a station; without it: list them")
    osce.add_argument("--out", type=Path, metavar="FILE", help="the sheet: .pdf or .html")
    osce.add_argument("--code", default="", metavar="CODE", help="student code on the sheet")
    finish(osce, _osce)


def _add_pack(commands: Any, finish: Finish) -> None:
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
    finish(make, _pack)
    check = actions.add_parser("check", help="say what is in a pack", allow_abbrev=False)
    check.add_argument("file", type=Path, metavar="FILE")
    finish(check, _pack)
    unpack = actions.add_parser(
        "open", help="check a pack and put its scenes into a new folder", allow_abbrev=False
    )
    unpack.add_argument("file", type=Path, metavar="FILE")
    unpack.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    finish(unpack, _pack)


def _add_progress(commands: Any, finish: Finish) -> None:
    progress = commands.add_parser(
        "progress", help="what was learnt on this machine", allow_abbrev=False
    )
    actions = progress.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", help="a few numbers", allow_abbrev=False)
    finish(show, _progress)
    export = actions.add_parser("export", help="everything, or the answers", allow_abbrev=False)
    export.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help=".json: everything; .csv: answers"
    )
    finish(export, _progress)
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
    finish(results, _progress)
    delete = actions.add_parser("delete", help="forget everything", allow_abbrev=False)
    delete.add_argument("--yes", action="store_true", help="really")
    finish(delete, _progress)


def _check_lessons(args: argparse.Namespace) -> int:
    from lessons.content_check import check_content

    report = check_content()
    for fault in report.faults:
        say(fault)
    if report.faults:
        return 2
    print(report.summary())
    return 0


def _osce(args: argparse.Namespace) -> int:
    from simulator.teaching_commands import osce

    return osce(args.name, args.out, args.code)


def _pack(args: argparse.Namespace) -> int:
    from simulator import teaching_commands

    if args.action == "make":
        return teaching_commands.make_pack(args)
    if args.action == "check":
        return teaching_commands.check_pack(args.file)
    return teaching_commands.open_pack(args.file, args.out)


def _progress(args: argparse.Namespace) -> int:
    from simulator import progress_commands

    with progress_commands.opened_store() as store:
        answer: Callable[..., int] = getattr(progress_commands, args.action)
        return answer(store, args)
