"""Settings and fixtures of all tests; the environment is set before Qt or numba come in."""

import os
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

from simulator.__main__ import set_up_numba

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYQTGRAPH_QT_LIB"] = "PySide6"


set_up_numba()  # the program's own: `make setup` has compiled the kernels into it

# The same examples on every run, and no deadline: a first call may compile a kernel.
settings.register_profile("insonate", derandomize=True, deadline=None)
settings.load_profile("insonate")

COMPUTE_POOL = "insonate-pool"  # threads shared by the whole process; they may outlive a test
GRACE_S = 2.0


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers that are the same in every run."""
    return np.random.default_rng(20261123)


def _threads_to_end() -> set[threading.Thread]:
    return {
        thread
        for thread in threading.enumerate()
        if not thread.daemon and not thread.name.startswith(COMPUTE_POOL)
    }


@pytest.fixture(autouse=True)
def no_thread_left_running() -> Iterator[None]:
    """Fail a test that leaves a non-daemon thread alive: it would keep the program from closing."""
    before = _threads_to_end()
    yield
    give_up = time.monotonic() + GRACE_S
    for thread in _threads_to_end() - before:
        thread.join(max(0.0, give_up - time.monotonic()))
    left = sorted(thread.name for thread in _threads_to_end() - before)
    assert not left, f"the test left these threads running: {left}"
