"""Progress as text to take away: everything as JSON, answers as CSV, and results for a lecturer.

Texts only; the caller writes the file. The lecturer's results name nobody: a student is a code
that they chose or that was drawn for them.
"""

import csv
import io
import json
import re
import secrets
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from lessons.progress import ProgressStore, Review
from lessons.progress_file import MIGRATIONS
from lessons.revision import replay

STUDENT_CODE = "student_code"
"""Name of the preference that keeps the code."""
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without what is easily misread (I and 1, O and 0)."""
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,19}")

ANSWER_COLUMNS = (
    "item", "outcome", "version", "at", "correct", "answer", "confidence", "took_s", "place",
)  # fmt: skip
RESULT_COLUMNS = (
    "student_code", "kind", "name", "outcome", "attempts", "right", "share", "passed", "time_s",
    "last_day",
)  # fmt: skip


def progress_json(store: ProgressStore) -> str:
    """Everything in the store, table by table, times in ms since 1970 UTC."""
    whole = {
        "insonate_progress": len(MIGRATIONS),
        "exported_at": store.clock().isoformat(),
        **store.all_rows(),
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, default=str) + "\n"


def answers_csv(store: ProgressStore) -> str:
    """Every answer, a line each, in the order given."""
    return _csv(
        ANSWER_COLUMNS,
        [
            [
                r.item,
                r.outcome,
                r.version,
                r.at.isoformat(timespec="milliseconds"),
                int(r.correct),
                r.answer,
                r.confidence.value if r.confidence else "",
                "" if r.took_s is None else f"{r.took_s:.1f}",
                r.place.value,
            ]
            for r in store.reviews()
        ],
    )


def student_code(store: ProgressStore, chosen: str | None = None) -> str:
    """The student's code: the one chosen now, that kept from before, or a new random one.

    Raises ValueError for a code that is not 3 to 20 letters, digits and hyphens.
    """
    if chosen is not None and not _CODE.fullmatch(chosen):
        raise ValueError(
            f"the student code '{chosen[:40]}' cannot be used; allowed are 3 to 20 letters, digits "
            "and hyphens, and no name"
        )
    kept = store.preference(STUDENT_CODE)
    code = chosen or kept or "".join(secrets.choice(_LETTERS) for _ in range(8))
    if code != kept:
        store.set_preference(STUDENT_CODE, code)
    return code


def results_csv(store: ProgressStore, code: str, only: Collection[str] | None = None) -> str:
    """Results for a lecturer, a line for each item and for each station done.

    only : ids of items to be told about (those of a class pack); None for all.
    Days, no times of day: when somebody studies is nobody's business.
    """
    by_item: dict[str, list[Review]] = defaultdict(list)
    for review in store.reviews():
        if only is None or review.item in only:
            by_item[review.item].append(review)
    cards = replay(review for answers in by_item.values() for review in answers)
    now = store.clock()
    rows: list[Sequence[object]] = []
    for item, answers in sorted(by_item.items()):
        right = sum(review.correct for review in answers)
        time_s = sum(review.took_s or 0.0 for review in answers)
        rows.append((
            code, "item", item, answers[-1].outcome, len(answers), right,
            f"{right / len(answers):.2f}", int(cards[item].is_passed), f"{time_s:.0f}",
            _day(answers[-1].at, now),
        ))  # fmt: skip
    for run in store.station_runs():
        marks = sum(run.awarded.values())
        rows.append((
            code, "station", run.station, "", 1, marks, "", "", f"{run.took_s:.0f}",
            _day(run.started, now),
        ))  # fmt: skip
    return _csv(RESULT_COLUMNS, rows)


def _day(at: datetime, now: datetime) -> str:
    return at.astimezone(now.tzinfo).date().isoformat()


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
