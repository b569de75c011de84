"""Options of `insonate paper`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator import number_range

MOST_STUDENTS, MOST_ITEMS, MOST_SEED, MOST_WORKERS = 2000, 120, 1_000_000, 64
TITLE = "Physics and knobology of musculoskeletal ultrasound"


def add_paper(commands: Any, finish: Callable[..., None], run: Callable[..., int]) -> None:
    """Add the command; `finish` gives it what all commands have."""
    paper = commands.add_parser(
        "paper",
        help="make a fresh question paper for each student, with key and marking sheet",
        allow_abbrev=False,
    )
    whole = number_range.whole
    paper.add_argument("--students", type=whole(1, MOST_STUDENTS), required=True, metavar="N")
    paper.add_argument("--items", type=whole(1, MOST_ITEMS), default=30, metavar="N")
    paper.add_argument("--seed", type=whole(0, MOST_SEED), required=True, metavar="SEED")
    paper.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    paper.add_argument("--title", default=TITLE, help="what is printed at the top")
    who = paper.add_mutually_exclusive_group()
    who.add_argument(
        "--workers",
        type=whole(1, MOST_WORKERS),
        default=os.cpu_count() or 1,
        metavar="N",
        help="processes of this machine (default: one for each core)",
    )
    who.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask scheduler, whose workers make the papers"
    )
    finish(paper, run)
