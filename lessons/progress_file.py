"""The file that a learner's progress is kept in: made, brought up to date, refused or set aside.

One SQLite file in write-ahead mode. Every answer is a transaction that is on the disk before
`commit` returns (`synchronous = FULL`), so a program that is killed loses at most the answer it
was writing, and never the file (sqlite.org/wal.html, sqlite.org/atomiccommit.html).
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import platformdirs

APPLICATION_ID = 0x494E5350
"""Letters INSP: how a progress file differs from other programs' SQLite files."""
BUSY_S = 3.0
"""How long a second Insonate that is writing is waited for; chosen."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE review (
            id INTEGER PRIMARY KEY,
            item TEXT NOT NULL,
            outcome TEXT NOT NULL,
            version INTEGER NOT NULL,
            at_ms INTEGER NOT NULL,
            answer INTEGER NOT NULL,
            correct INTEGER NOT NULL CHECK (correct IN (0, 1)),
            confidence TEXT,
            took_ms INTEGER
        )""",
        "CREATE TABLE preference (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    (
        "ALTER TABLE review ADD COLUMN place TEXT NOT NULL DEFAULT 'revision'",
        "CREATE INDEX review_item ON review (item, id)",
        """CREATE TABLE sitting (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            seed INTEGER NOT NULL,
            paper TEXT NOT NULL,
            started_ms INTEGER NOT NULL,
            limit_ms INTEGER NOT NULL,
            ended_ms INTEGER
        )""",
        """CREATE TABLE sitting_answer (
            sitting INTEGER NOT NULL REFERENCES sitting (id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            answer INTEGER,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (sitting, place)
        )""",
        """CREATE TABLE station_run (
            id INTEGER PRIMARY KEY,
            station TEXT NOT NULL,
            started_ms INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            awarded TEXT NOT NULL
        )""",
    ),
    (
        """CREATE TABLE console_run (
            id INTEGER PRIMARY KEY,
            question TEXT NOT NULL,
            started_ms INTEGER NOT NULL,
            took_ms INTEGER NOT NULL,
            marks INTEGER NOT NULL,
            most_marks INTEGER NOT NULL,
            n_step INTEGER NOT NULL,
            passed INTEGER NOT NULL CHECK (passed IN (0, 1)),
            helped INTEGER NOT NULL CHECK (helped IN (0, 1))
        )""",
    ),
)
"""What turns version n of the file into version n + 1; the newest version is their number.
A migration is for ever: files of every age exist."""

TABLES = {
    "review": "id item outcome version at_ms answer correct confidence took_ms place",
    "preference": "name value",
    "sitting": "id kind seed paper started_ms limit_ms ended_ms",
    "sitting_answer": "sitting place answer at_ms",
    "station_run": "id station started_ms took_ms awarded",
    "console_run": "id question started_ms took_ms marks most_marks n_step passed helped",
}
"""Columns that a file of the newest version has."""

_IN_USE = ("database is locked", "database table is locked", "database schema is locked")

_NO_DAMAGE = frozenset({
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOLFS,
})  # fmt: skip
"""What SQLite reports of the machine, not of the file."""


class ProgressError(ValueError):
    """Progress cannot be read or kept; the message is one sentence fit to show."""


class _UnusableError(Exception):
    """The file is damaged or another program's; why."""


def progress_path() -> Path:
    """Where this user's progress is kept."""
    return Path(platformdirs.user_data_path("insonate", appauthor=False)) / "progress.sqlite"


def open_file(path: Path | None, now: datetime) -> tuple[sqlite3.Connection, str | None]:
    """A connection to an up-to-date file, and a sentence if an old one had to be set aside.

    path : None for one in memory, that is gone when it is closed.
    now : names the file that is set aside.
    Raises ProgressError for a file of a newer Insonate, or one that cannot be reached.
    """
    if path is None:
        return _opened(None), None
    with told_about(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        found = _inode(path)
        try:
            return _opened(path), None
        except _UnusableError as error:
            if _inode(path) != found:  # a second Insonate was quicker
                return _opened(path), None
            aside = _set_aside(path, now)
            return _opened(path), (
                f"The file of your progress could not be used ({error}); it was put aside as "
                f"'{aside}', and a new one was begun."
            )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, path: Path | None) -> Iterator[None]:
    """All or nothing of what is done inside; ProgressError says what kept it from being kept."""
    with told_about(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextlib.contextmanager
def told_about(path: Path | None) -> Iterator[None]:
    """What SQLite and the disk refuse inside, as one sentence (ProgressError)."""
    try:
        yield
    except sqlite3.Error as error:
        if str(error) in _IN_USE:
            raise ProgressError(
                f"'{path}' is being written by another Insonate, which did not finish within "
                f"{BUSY_S:.0f} s; close it and try again"
            ) from error
        raise ProgressError(f"'{path}': progress cannot be kept ({error})") from error
    except OSError as error:
        raise ProgressError(
            f"'{path}': progress cannot be kept ({error.strerror or error})"
        ) from error


def _opened(path: Path | None) -> sqlite3.Connection:
    connection = sqlite3.connect(path or ":memory:", timeout=BUSY_S, isolation_level=None)
    connection.text_factory = _text
    try:
        with _damage_noticed():
            version = _recognise(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            _check_sound(connection)
            if version < len(MIGRATIONS):
                _migrate(connection, path)
            _check_columns(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _damage_noticed() -> Iterator[None]:
    """Damage as `_UnusableError`. A disk that is full or a file in use is no damage."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code & 0xFF in _NO_DAMAGE:
            raise
        raise _UnusableError(str(error)) from error
    except UnicodeDecodeError as error:  # of SQLite's own words about what is damaged
        raise _UnusableError("it is damaged") from error


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _recognise(connection: sqlite3.Connection, path: Path | None) -> int:
    """Version of our file, 0 for an empty one; nothing is written."""
    owner, version = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if owner == 0 and version == 0:
        if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise _UnusableError("it belongs to another program")
        return 0
    if owner != APPLICATION_ID:
        raise _UnusableError("it belongs to another program")
    if version < 1:
        raise _UnusableError(f"it is damaged: its version is {version}")
    if version > len(MIGRATIONS):
        raise ProgressError(
            f"'{path}' was written by a newer Insonate (version {version} of the file; this one "
            f"reads versions up to {len(MIGRATIONS)}); update Insonate to go on with it"
        )
    return version


def _migrate(connection: sqlite3.Connection, path: Path | None) -> None:
    with transaction(connection, path):
        for number in range(_recognise(connection, path), len(MIGRATIONS)):  # another may have
            for statement in MIGRATIONS[number]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _check_sound(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise _UnusableError(f"it is damaged: {' '.join(found.split())}")


def _check_columns(connection: sqlite3.Connection) -> None:
    for table, columns in TABLES.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        missing = [name for name in columns.split() if name not in there]
        if missing:
            raise _UnusableError(f"it is damaged: {table} has no '{missing[0]}'")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _inode(path: Path) -> int | None:
    return path.stat().st_ino if path.exists() else None


def files_put_aside(path: Path) -> list[Path]:
    """Files that could not be used and were put aside, with what SQLite kept beside them."""
    names = f"{path.stem}-put-aside-*{path.suffix}"
    return [file for end in ("", "-wal", "-shm") for file in path.parent.glob(names + end)]


def _set_aside(path: Path, now: datetime) -> Path:
    """Rename the file (its newest pages first, which SQLite keeps beside it)."""
    stem = f"{path.stem}-put-aside-{now:%Y-%m-%d-%H%M%S}"
    aside = path.with_name(stem + path.suffix)
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{stem}-{number}{path.suffix}")
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    path.rename(aside)
    return aside
