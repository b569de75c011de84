"""The window under many events: memory stays, threads end, closing while computing is clean."""

import random
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
import bench_window
from window_fakes import FakeEngine


@pytest.mark.slow
def test_two_thousand_events_leave_memory_flat_and_no_thread(qapp):
    """The real engine; the benchmark has 10 000."""
    before = set(threading.enumerate())
    rig = bench_window.Rig("muscle_block")
    memory_mb = bench_window.bench_events(rig, 2000)
    assert memory_mb[-1] - memory_mb[4] < bench_window.GOAL_MEMORY_MB
    _, ended, left = bench_window.close_while_computing(rig)
    assert ended
    assert set(left) <= {thread.name for thread in before}


def test_any_order_of_events_is_survived_and_closing_is_quick(qapp):
    """Knobs, probe, phantoms, faults, A and B, undo: what a class does to a window."""
    before = set(threading.enumerate())
    rig = bench_window.Rig("muscle_block", FakeEngine)
    chance = random.Random(7)
    troubles = []
    rig.live.failed.connect(troubles.append)
    for _ in range(250):
        bench_window.rough(rig, chance)
        rig.run(0.002)
    took_ms, ended, _ = bench_window.close_while_computing(rig)
    assert not troubles
    assert ended
    assert took_ms < 2000
    assert set(threading.enumerate()) <= before
