"""Compiling ahead: the list is complete, the work is shared, and nothing is left behind."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from physics import compiling
from physics.compiling import Compiling, Progress, read_list

ROOT = Path(__file__).resolve().parent.parent
LISTEN = next(job for job in read_list() if "_listen(" in job)
COMPRESS = next(job for job in read_list() if "_log_compress(" in job)


@pytest.fixture
def cold(monkeypatch, tmp_path):
    """No kernels on disk; makes a list of the given ones."""
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(compiling, "LIST", tmp_path / "list.txt")
    return lambda *jobs: compiling.LIST.write_text("# kernels\n" + "\n".join(jobs))


def kernel_files(folder):
    return sorted(path.name.partition("-")[0] for path in folder.rglob("*.nbi"))


def test_the_list_names_every_kernel_of_a_first_picture():
    command = [sys.executable, "tools/list_kernels.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_helpers_compile_what_is_listed_once(cold, tmp_path):
    cold(LISTEN, COMPRESS)
    work = Compiling(2)
    for thread in work._threads:  # so that this process finds nothing left to do
        thread.join()
    assert work.finish()
    assert work.progress == Progress(2, 2)
    assert kernel_files(tmp_path) == ["display._log_compress", "receive._listen"]
    assert not list(tmp_path.rglob("*.tmp*"))
    again = Compiling(2)
    assert again.progress == Progress(0, 0)
    assert again._helpers == []
    assert again.finish()


def test_a_changed_list_or_source_is_compiled_anew(cold):
    cold(LISTEN)
    assert Compiling(0).finish()
    cold(LISTEN, COMPRESS)
    assert Compiling(0).progress.total == 2


def test_without_helpers_this_process_does_it_all(cold, monkeypatch):
    cold(LISTEN, COMPRESS)
    monkeypatch.setattr(compiling.sys, "executable", "/nowhere/python")
    assert Compiling(1).finish()


def test_a_helper_that_dies_holds_nobody_up(cold, caplog):
    cold(LISTEN, COMPRESS)
    work = Compiling(1)
    work._helpers[0].kill()
    work._threads[0].join()
    assert not work.finish()
    assert "failed" in caplog.text
    assert Compiling(0).progress.total == 2  # the next start tries again


def test_cancelling_leaves_no_process(cold):
    cold(LISTEN, COMPRESS)
    work = Compiling(2)
    work.cancel()
    assert all(helper.poll() is not None for helper in work._helpers)
    assert not any(thread.is_alive() for thread in work._threads)
    assert not work.finish()


def test_a_kernel_that_has_gone_is_told_and_does_not_stop_the_rest(cold, caplog):
    cold("physics.receive _gone(int64)", LISTEN)
    with caplog.at_level(logging.WARNING):
        work = Compiling(0)
        assert not work.finish()
    assert work.progress == Progress(2, 2)
    assert "physics.receive._gone" in caplog.text


def test_nothing_is_compiled_ahead_where_numba_keeps_nothing(monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    assert Compiling(1).progress == Progress(0, 0)
