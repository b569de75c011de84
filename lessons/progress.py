"""What a learner has done: every answer, every mock paper, every station, kept on this machine.

`ProgressStore` writes facts and reads them back; what follows from them (when an item is due, how
far an outcome is mastered) is worked out by pure functions from the log: `lessons.revision`,
`lessons.dashboard`. So any other scheduler can be replayed over the same log. Nothing is sent
anywhere.

A store belongs to the thread that opened it. The clock is passed in and tells local time with its
offset.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from lessons.progress_file import (
    TABLES,
    ProgressError,
    files_put_aside,
    open_file,
    told_about,
    transaction,
)

Clock = Callable[[], datetime]
_T = TypeVar("_T")


class Confidence(Enum):
    """How sure a learner was of an answer before it was marked."""

    LOW = "low"
    FAIR = "fair"
    HIGH = "high"


class Place(Enum):
    """Where a question was answered."""

    REVISION = "revision"
    PAPER = "paper"
    LESSON = "lesson"


@dataclass(frozen=True)
class Review:
    """One answer to one item."""

    item: str
    """Id of the item; all versions of a parametric item share it."""
    outcome: str
    at: datetime
    correct: bool
    answer: int
    """Index in `Item.options` of that version."""
    version: int = 0
    """Seed of the presentation, and of the numbers of a parametric item."""
    confidence: Confidence | None = None
    took_s: float | None = None
    place: Place = Place.REVISION


@dataclass(frozen=True)
class SittingRecord:
    """A mock paper as it is kept: what was asked, what was answered, and when."""

    number: int
    kind: str
    seed: int
    paper: str
    """The questions in order, as JSON (`lessons.papers`)."""
    started: datetime
    limit_s: float
    ended: datetime | None
    answers: Mapping[int, int]
    """Index in `Item.options` by place in the paper."""
    last_change: datetime


@dataclass(frozen=True)
class StationRun:
    """An OSCE station done once, with the marks awarded to each line of its sheet."""

    station: str
    started: datetime
    took_s: float
    awarded: Mapping[str, int]


@dataclass(frozen=True)
class ConsoleRun:
    """A console question judged once."""

    question: str
    started: datetime
    took_s: float
    marks: int
    most_marks: int
    n_step: int
    passed: bool
    """All goals met and all limits kept."""
    helped: bool
    """The solution was shown before."""


class ProgressStore:
    """One file of progress, open. Use as a context manager, or close it."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        """path : None keeps everything in memory only. Raises ProgressError."""
        self.path, self.clock = path, clock
        self._db, self.notice = open_file(path, clock())
        """`notice` is a sentence if an unusable file was put aside."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # --- reviews -----------------------------------------------------------------------------

    def record(self, *reviews: Review) -> None:
        """Keep answers, all of them or (ProgressError) none."""
        with transaction(self._db, self.path):
            self._insert(reviews)

    def reviews(self) -> tuple[Review, ...]:
        """Every answer in the order in which they were kept."""
        rows = self._rows(
            "SELECT id, item, outcome, at_ms, correct, answer, version, confidence, took_ms, place "
            "FROM review ORDER BY id"
        )
        return self._made("review", rows, _review)

    def _insert(self, reviews: Sequence[Review]) -> None:
        self._db.executemany(
            "INSERT INTO review (item, outcome, at_ms, correct, answer, version, confidence, "
            "took_ms, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    review.item,
                    review.outcome,
                    _ms(review.at),
                    int(review.correct),
                    review.answer,
                    review.version,
                    review.confidence and review.confidence.value,
                    None if review.took_s is None else round(review.took_s * 1e3),
                    review.place.value,
                )
                for review in reviews
            ],
        )

    # --- mock papers -------------------------------------------------------------------------

    def begin_sitting(self, kind: str, seed: int, paper: str, limit_s: float) -> int:
        """Keep a paper that begins now; its number."""
        with transaction(self._db, self.path):
            number = self._db.execute(
                "INSERT INTO sitting (kind, seed, paper, started_ms, limit_ms) "
                "VALUES (?, ?, ?, ?, ?)",
                (kind, seed, paper, _ms(self.clock()), round(limit_s * 1e3)),
            ).lastrowid
        assert number is not None
        return number

    def keep_answer(self, sitting: int, place: int, answer: int | None) -> None:
        """Keep an answer of a paper in the place of an earlier one; None takes it back."""
        with transaction(self._db, self.path):
            self._db.execute(
                "INSERT INTO sitting_answer (sitting, place, answer, at_ms) VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET answer = excluded.answer, at_ms = excluded.at_ms",
                (sitting, place, answer, _ms(self.clock())),
            )

    def end_sitting(self, sitting: int, ended: datetime, reviews: Sequence[Review]) -> bool:
        """Close a paper and keep its answers as reviews. False if it was closed already."""
        with transaction(self._db, self.path):
            closed = self._db.execute(
                "UPDATE sitting SET ended_ms = ? WHERE id = ? AND ended_ms IS NULL",
                (_ms(ended), sitting),
            ).rowcount
            if closed:
                self._insert(reviews)
        return bool(closed)

    def sittings(self) -> tuple[SittingRecord, ...]:
        """Every paper begun, oldest first."""
        rows = self._rows(
            "SELECT id, kind, seed, paper, started_ms, limit_ms, ended_ms FROM sitting ORDER BY id"
        )
        return self._made("sitting", rows, self._sitting)

    def _sitting(
        self, number: int, kind: str, seed: int, paper: str, started: int, limit: int,
        ended: int | None,
    ) -> SittingRecord:  # fmt: skip
        rows = self._rows(
            "SELECT place, answer, at_ms FROM sitting_answer WHERE sitting = ?", (number,)
        )
        return SittingRecord(
            number=number,
            kind=kind,
            seed=seed,
            paper=paper,
            started=_time(started),
            limit_s=limit * 1e-3,
            ended=None if ended is None else _time(ended),
            answers={place: answer for place, answer, _ in rows if answer is not None},
            last_change=_time(max((at for _, _, at in rows), default=started)),
        )

    # --- stations ----------------------------------------------------------------------------

    def record_station(self, run: StationRun) -> None:
        with transaction(self._db, self.path):
            self._db.execute(
                "INSERT INTO station_run (station, started_ms, took_ms, awarded) "
                "VALUES (?, ?, ?, ?)",
                (run.station, _ms(run.started), round(run.took_s * 1e3), json.dumps(run.awarded)),
            )

    def station_runs(self) -> tuple[StationRun, ...]:
        rows = self._rows(
            "SELECT id, station, started_ms, took_ms, awarded FROM station_run ORDER BY id"
        )
        return self._made("station_run", rows, _station_run)

    # --- console questions -------------------------------------------------------------------

    def record_console(self, run: ConsoleRun) -> None:
        with transaction(self._db, self.path):
            self._db.execute(
                "INSERT INTO console_run (question, started_ms, took_ms, marks, most_marks, "
                "n_step, passed, helped) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run.question,
                    _ms(run.started),
                    round(run.took_s * 1e3),
                    run.marks,
                    run.most_marks,
                    run.n_step,
                    int(run.passed),
                    int(run.helped),
                ),
            )

    def console_runs(self) -> tuple[ConsoleRun, ...]:
        rows = self._rows(
            "SELECT id, question, started_ms, took_ms, marks, most_marks, n_step, passed, helped "
            "FROM console_run ORDER BY id"
        )
        return self._made("console_run", rows, _console_run)

    # --- preferences, and everything ---------------------------------------------------------

    def preference(self, name: str) -> str | None:
        """A word the learner chose (`exam_date`, `new_per_day`, `student_code`), or None."""
        rows = self._rows("SELECT value FROM preference WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    def set_preference(self, name: str, value: str | None) -> None:
        with transaction(self._db, self.path):
            if value is None:
                self._db.execute("DELETE FROM preference WHERE name = ?", (name,))
            else:
                self._db.execute("INSERT OR REPLACE INTO preference VALUES (?, ?)", (name, value))

    def all_rows(self) -> dict[str, list[dict[str, Any]]]:
        """Every table as it is kept, for the export."""
        return {
            table: [
                dict(zip(columns.split(), row, strict=True))
                for row in self._rows(f"SELECT {', '.join(columns.split())} FROM {table}")
            ]
            for table, columns in TABLES.items()
        }

    def delete_everything(self) -> None:
        """Forget all answers, papers, stations and preferences; they do not stay in the file,
        nor in any that was put aside beside it."""
        with transaction(self._db, self.path):
            for table in reversed(TABLES):
                self._db.execute(f"DELETE FROM {table}")
        self._rows("VACUUM")
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if self.path is not None:
            with told_about(self.path):
                for file in files_put_aside(self.path):
                    file.unlink(missing_ok=True)

    def _made(
        self, table: str, rows: Sequence[tuple[Any, ...]], make: Callable[..., _T]
    ) -> tuple[_T, ...]:
        """What rows tell, each beginning with its id; ProgressError names one that is damaged."""
        made = []
        for row in rows:
            try:
                made.append(make(*row))
            except ProgressError:
                raise
            except (OverflowError, TypeError, ValueError) as error:
                raise ProgressError(
                    f"'{self.path}': row {row[0]} of {table} is damaged ({error})"
                ) from None
        return tuple(made)

    def _rows(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with told_about(self.path):
            return self._db.execute(sql, values).fetchall()


def local_now() -> datetime:
    """The clock of the program: local time with its offset."""
    return datetime.now().astimezone()


def _review(
    _: int, item: str, outcome: str, at_ms: int, correct: int, answer: int, version: int,
    confidence: str | None, took_ms: int | None, place: str,
) -> Review:  # fmt: skip
    return Review(
        item=item,
        outcome=outcome,
        at=_time(at_ms),
        correct=bool(correct),
        answer=int(answer),
        version=int(version),
        confidence=Confidence(confidence) if confidence in _CONFIDENCES else None,
        took_s=None if took_ms is None else took_ms * 1e-3,
        place=Place(place) if place in _PLACES else Place.REVISION,
    )


def _station_run(_: int, station: str, started: int, took: int, awarded: str) -> StationRun:
    marks = json.loads(awarded)
    if not isinstance(marks, dict):
        raise TypeError("its marks are no table")
    return StationRun(
        station, _time(started), took * 1e-3, {line: int(mark) for line, mark in marks.items()}
    )


def _console_run(
    _: int, question: str, started: int, took: int, marks: int, most: int, n: int, passed: int,
    helped: int,
) -> ConsoleRun:  # fmt: skip
    return ConsoleRun(
        question, _time(started), took * 1e-3, int(marks), int(most), int(n), bool(passed),
        bool(helped),
    )  # fmt: skip


def _ms(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no offset from UTC; the clock must tell it")
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _time(ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)


_CONFIDENCES, _PLACES = {one.value for one in Confidence}, {one.value for one in Place}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

__all__ = [
    "Clock", "Confidence", "ConsoleRun", "Place", "ProgressError", "ProgressStore", "Review",
    "SittingRecord", "StationRun", "local_now",
]  # fmt: skip
