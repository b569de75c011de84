"""The file of progress: what is kept survives, what cannot be used is said and set aside."""

import contextlib
import csv
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import progress_file
from lessons.progress import Confidence, Place, ProgressError, ProgressStore, Review, StationRun
from lessons.progress_export import answers_csv, progress_json, results_csv, student_code
from lessons.progress_file import APPLICATION_ID, MIGRATIONS, TABLES

ROOT = Path(__file__).resolve().parent.parent
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FakeClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "deep" / "progress.sqlite"


def answered(item="lo4_a", correct=True, at=NOON, **more) -> Review:
    return Review(item=item, outcome="LO4", at=at, correct=correct, answer=int(correct), **more)


reviews = st.builds(
    Review,
    item=st.sampled_from(["lo1_a", "lo1_b", "lo4_c"]),
    outcome=st.sampled_from(["LO1", "LO4"]),
    at=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=t.microsecond // 1000 * 1000, tzinfo=UTC)
    ),
    correct=st.booleans(),
    answer=st.integers(0, 4),
    version=st.integers(0, 2**31),
    confidence=st.none() | st.sampled_from(Confidence),
    took_s=st.none() | st.integers(0, 10**7).map(lambda ms: ms * 1e-3),
    place=st.sampled_from(Place),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(reviews, max_size=4), max_size=6))
def test_what_was_recorded_is_read_back_in_its_order_whole(batches):
    with ProgressStore(None, FakeClock()) as store:
        for batch in batches:
            store.record(*batch)
        assert store.reviews() == tuple(review for batch in batches for review in batch)


def test_it_is_there_again_after_closing(path, clock):
    with ProgressStore(path, clock) as store:
        store.record(answered())
        store.set_preference("exam_date", "2026-05-01")
        store.record_station(StationRun("biceps", NOON, 400.0, {"gain 1": 2}))
    with ProgressStore(path, clock) as store:
        assert store.notice is None
        assert store.reviews() == (answered(),)
        assert store.preference("exam_date") == "2026-05-01"
        assert store.station_runs() == (StationRun("biceps", NOON, 400.0, {"gain 1": 2}),)


def test_a_clock_without_its_offset_is_refused_and_nothing_is_kept(path, clock):
    with ProgressStore(path, clock) as store:
        with pytest.raises(ValueError, match="offset"):
            store.record(answered(), answered(at=datetime(2026, 3, 2)))
        assert store.reviews() == ()


# --- files of other ages and makers ---------------------------------------------------------------

VERSION_1 = f"""
CREATE TABLE review (
    id INTEGER PRIMARY KEY, item TEXT NOT NULL, outcome TEXT NOT NULL, version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, answer INTEGER NOT NULL, correct INTEGER NOT NULL,
    confidence TEXT, took_ms INTEGER);
CREATE TABLE preference (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO review VALUES (1, 'lo4_a', 'LO4', 0, 1772452800000, 1, 1, 'high', 9000);
INSERT INTO preference VALUES ('new_per_day', '5');
PRAGMA user_version = 1;
PRAGMA application_id = {APPLICATION_ID};
"""


def made_by_hand(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def version_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(version)


def test_a_file_of_version_1_is_brought_up_to_date_with_all_it_holds(path, clock):
    made_by_hand(path, VERSION_1)
    with ProgressStore(path, clock) as store:
        assert store.notice is None
        old = Review("lo4_a", "LO4", NOON, True, 1, 0, Confidence.HIGH, 9.0, Place.REVISION)
        assert store.reviews() == (old,)
        assert store.preference("new_per_day") == "5"
        store.begin_sitting("sba", 1, "[]", 60.0)
    assert version_of(path) == len(MIGRATIONS)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, clock, monkeypatch):
    made_by_hand(path, VERSION_1)
    monkeypatch.setattr(progress_file, "MIGRATIONS", (*MIGRATIONS, ("CREATE TABLE broken (",)))
    with pytest.raises(ProgressError):
        ProgressStore(path, clock)
    assert version_of(path) == 1
    monkeypatch.undo()
    with ProgressStore(path, clock) as store:
        assert len(store.reviews()) == 1


def test_the_table_of_columns_is_what_the_migrations_make(path, clock):
    with ProgressStore(path, clock):
        pass
    connection = sqlite3.connect(path)
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert {name for (name,) in names} == set(TABLES)
    for table, columns in TABLES.items():
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        assert found == columns.split()
    connection.close()


def test_a_newer_file_is_refused_in_a_sentence_and_left_alone(path, clock):
    made_by_hand(path, VERSION_1 + "PRAGMA user_version = 99;")
    before = path.read_bytes()
    with pytest.raises(ProgressError, match=rf"newer Insonate .*99.*up to {len(MIGRATIONS)}"):
        ProgressStore(path, clock)
    assert path.read_bytes() == before


FOREIGN = {
    "text": lambda path: path.write_text("not a database at all, but longer than its header" * 9),
    "another program's database": lambda path: made_by_hand(path, "CREATE TABLE bookmark (url);"),
    "another program's id": lambda path: made_by_hand(path, "PRAGMA application_id = 7;"),
    "a file that lacks a table": lambda path: made_by_hand(
        path, f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {len(MIGRATIONS)};"
    ),
    "our file without a version": lambda path: made_by_hand(
        path, VERSION_1 + "PRAGMA user_version = 0;"
    ),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_file_that_cannot_be_used_is_put_aside_and_a_new_one_begun(path, clock, kind):
    path.parent.mkdir()
    FOREIGN[kind](path)
    before = path.read_bytes()
    with ProgressStore(path, clock) as store:
        assert store.notice is not None
        assert "put aside" in store.notice
        assert store.notice.endswith(".")
        store.record(answered())
    (aside,) = path.parent.glob("*put-aside*.sqlite")
    assert aside.name in store.notice
    # its header may tell of another journal mode
    assert aside.read_bytes()[100:] == before[100:]
    with ProgressStore(path, clock) as store:
        assert (store.notice, len(store.reviews())) == (None, 1)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 400))
def test_a_damaged_file_is_either_read_or_put_aside_and_never_crashes(tmp_path_factory, seed, n):
    path = tmp_path_factory.mktemp("damage") / "progress.sqlite"
    with ProgressStore(path, FakeClock()) as store:
        store.record(*(answered(f"lo4_{i}") for i in range(60)))
    content, draw = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(n):
        content[draw.randrange(len(content))] = draw.randrange(256)
    path.write_bytes(content)
    with contextlib.suppress(ProgressError), ProgressStore(path, FakeClock()) as store:
        store.record(answered("lo4_new"))
        assert store.reviews()
        assert "\n" not in (store.notice or "")


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("review", "at_ms = 9000000000000000000"),
        ("review", "took_ms = 'soon'"),
        ("review", "answer = 'b'"),
        ("station_run", "awarded = '{'"),
        ("station_run", "awarded = '[1]'"),
        ("station_run", "started_ms = x'00ff'"),
    ],
)
def test_a_damaged_row_is_named_in_a_sentence(path, clock, table, change):
    with ProgressStore(path, clock) as store:
        store.record(answered())
        store.record_station(StationRun("s", NOON, 60.0, {"a": 1}))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE {table} SET {change}")
    with ProgressStore(path, clock) as store:
        with pytest.raises(ProgressError, match=f"row 1 of {table} is damaged"):
            store.reviews() if table == "review" else store.station_runs()
        assert json.loads(progress_json(store))[table]


def test_what_was_put_aside_is_deleted_too(path, clock):
    path.parent.mkdir()
    path.write_bytes(b"no database" * 100)
    ProgressStore(path, clock).close()
    (aside,) = path.parent.glob("*-put-aside-*")
    aside.with_name(aside.name + "-wal").write_bytes(b"answers")
    with ProgressStore(path, clock) as store:
        store.delete_everything()
    assert not list(path.parent.glob("*-put-aside-*"))


def test_two_files_put_aside_in_one_second_do_not_replace_each_other(path, clock):
    path.parent.mkdir()
    for content in (b"first" * 99, b"second" * 99):
        path.write_bytes(content)
        ProgressStore(path, clock).close()
    asides = sorted(p.read_bytes() for p in path.parent.glob("*put-aside*.sqlite"))
    assert asides == [b"first" * 99, b"second" * 99]


def test_a_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path, clock):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="progress cannot be kept"):
        ProgressStore(tmp_path / "file" / "progress.sqlite", clock)


# --- several processes, and one that dies ---------------------------------------------------------

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from lessons.progress import ProgressStore, Review
now = datetime(2026, 3, 2, 12, tzinfo=UTC)
with ProgressStore(Path(sys.argv[1]), lambda: now) as store:
    sitting = store.begin_sitting("sba", 1, "[]", 3600.0)
    for i in range(int(sys.argv[2])):
        store.record(Review(f"lo4_{i}", "LO4", now, True, 1))
        store.keep_answer(sitting, i, 1)
        print(i, flush=True)
"""


def writer(path: Path, n: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(n)], cwd=ROOT, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("n_kill", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_a_program_killed_at_any_moment_loses_its_last_answer_at_most(tmp_path, clock, n_kill):
    draw = random.Random(n_kill)
    path = tmp_path / "progress.sqlite"
    expected = 0
    for _ in range(n_kill):
        process = writer(path, 10**6)
        assert process.stdout is not None
        said = [process.stdout.readline()]
        timer = threading.Timer(draw.uniform(0.0, 0.15), process.send_signal, [signal.SIGKILL])
        timer.start()
        said += process.stdout.readlines()
        process.wait()
        timer.cancel()
        n_said = sum(line.endswith(b"\n") for line in said)
        with ProgressStore(path, clock) as store:
            assert store.notice is None
            kept = store.reviews()[expected:]
            assert n_said <= len(kept) <= n_said + 1
            assert [review.item for review in kept] == [f"lo4_{i}" for i in range(len(kept))]
            assert n_said <= len(store.sittings()[-1].answers) <= len(kept)
            expected += len(kept)
    assert expected > n_kill


DYING = """
import os, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from lessons.progress import ProgressStore, Review
now = datetime(2026, 3, 2, 12, tzinfo=UTC)
connect = sqlite3.connect
def dying_at(statement):
    left = statement
    def count(sql):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def made(*args, **more):
        connection = connect(*args, **more)
        connection.set_trace_callback(count)
        return connection
    return made
for path in sorted(Path(sys.argv[1]).iterdir()):
    if os.fork() == 0:
        sqlite3.connect = dying_at(int(path.stem))
        with ProgressStore(path, lambda: now) as store:
            store.record(Review("lo4_new", "LO4", now, True, 1))
        os._exit(0)
    killed = os.WIFSIGNALED(os.wait()[1])
    with ProgressStore(path, lambda: now) as store:
        kept = [review.item for review in store.reviews()]
        print(path.stem, int(killed), store.notice is None, ",".join(kept))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills its own forks")
@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_program_killed_before_a_statement_leaves_a_file_that_can_be_used(
    tmp_path, version, step
):
    for statement in range(step, 71, step):
        path = tmp_path / f"{statement:02}.sqlite"
        if version:
            made_by_hand(path, VERSION_1)
        else:
            path.touch()
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split(" ") for line in done.stdout.splitlines()]
    assert {row[2] for row in rows} == {"True"}
    assert {row[1] for row in rows} == {"0", "1"}  # the last were not killed
    for _, killed, _, kept in rows:
        before = ["lo4_a"] * version
        whole = [*before, "lo4_new"]
        assert kept.split(",") == whole or (killed == "1" and kept == ",".join(before))


def test_two_programs_that_start_and_write_at_once_both_keep_everything(tmp_path, clock):
    path = tmp_path / "progress.sqlite"
    processes = [writer(path, 40) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    with ProgressStore(path, clock) as store:
        assert len(store.reviews()) == 80
        assert [len(sitting.answers) for sitting in store.sittings()] == [40, 40]


def test_while_another_program_writes_for_too_long_an_answer_is_refused_in_a_sentence(
    path, clock, monkeypatch
):
    monkeypatch.setattr(progress_file, "BUSY_S", 0.05)
    with ProgressStore(path, clock) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        with pytest.raises(ProgressError, match="another Insonate"):
            store.record(answered())
        assert time.monotonic() - started < 2.0
        assert store.reviews() == ()
        other.execute("ROLLBACK")
        other.close()
        store.record(answered())
        assert len(store.reviews()) == 1


# --- taking away and deleting ---------------------------------------------------------------------


def test_the_export_holds_everything_as_json_and_every_answer_as_csv(path, clock):
    with ProgressStore(path, clock) as store:
        store.record(answered(took_s=4.25, confidence=Confidence.LOW), answered("lo4_b", False))
        store.keep_answer(store.begin_sitting("sba", 3, "[]", 60.0), 0, 2)
        whole = json.loads(progress_json(store))
        assert [row["item"] for row in whole["review"]] == ["lo4_a", "lo4_b"]
        assert whole["sitting_answer"][0]["answer"] == 2
        assert set(TABLES) <= set(whole)
        rows = list(csv.DictReader(io.StringIO(answers_csv(store))))
        assert [(r["item"], r["correct"]) for r in rows] == [("lo4_a", "1"), ("lo4_b", "0")]
        assert (rows[0]["took_s"], rows[0]["confidence"]) == ("4.2", "low")


def test_deleted_answers_do_not_stay_in_the_file(path, clock):
    with ProgressStore(path, clock) as store:
        store.record(*(answered(f"telltale_{i}") for i in range(300)))
        store.set_preference("student_code", "TELLTALE")
        store.delete_everything()
        assert store.reviews() == ()
        assert student_code(store) != "TELLTALE"
        for file in path.parent.iterdir():
            assert b"telltale" not in file.read_bytes().lower()


def test_results_for_a_lecturer_hold_a_code_and_days_and_no_times_of_day(path, clock):
    with ProgressStore(path, clock) as store:
        store.record(answered(), answered(at=NOON + timedelta(minutes=5), took_s=12.0))
        store.record(answered("lo4_b", False))
        store.record_station(StationRun("biceps", NOON, 400.0, {"gain 1": 2, "viva 1": 1}))
        code = student_code(store)
        assert len(code) == 8
        assert code == student_code(store)
        text = results_csv(store, code)
        rows = list(csv.DictReader(io.StringIO(text)))
        assert {row["student_code"] for row in rows} == {code}
        assert [(r["name"], r["attempts"], r["right"], r["passed"]) for r in rows] == [
            ("lo4_a", "2", "2", "1"), ("lo4_b", "1", "0", "0"), ("biceps", "1", "3", ""),
        ]  # fmt: skip
        assert "12:0" not in text
        assert [r["name"] for r in csv.DictReader(io.StringIO(results_csv(store, code, {"lo4_b"})))
                if r["kind"] == "item"] == ["lo4_b"]  # fmt: skip


@pytest.mark.parametrize("code", ["=1+2", "ab", "Anna Maria", "x" * 21, "a,b,c"])
def test_a_code_that_is_no_code_is_refused(clock, code):
    with ProgressStore(None, clock) as store, pytest.raises(ValueError, match="3 to 20 letters"):
        student_code(store, code)
