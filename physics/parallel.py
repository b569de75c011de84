"""One thread pool for all kernels.

Kernels take a range, release the GIL and write only into their own part of the
output, so that splitting the range over threads needs no locks. (numba's own
`parallel=True` is not used: with its fallback threading layer two callers at once
abort the process.)
"""

import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

N_THREAD = max(1, min(4, os.cpu_count() or 1))
"""Threads used for one frame: more than four gain little and starve the window."""


_PARTS_PER_THREAD = 4
"""The parts of a slice differ in cost: who is done first takes the next one."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=N_THREAD - 1, thread_name_prefix="insonate-pool")


def run_split(kernel: Callable[..., Any], n: int, *arguments: Any) -> None:
    """Call `kernel(first, last, *arguments)` over parts of range(n), all threads at once.

    The calling thread works too, so a small kernel never waits for another thread to wake up.
    """
    n_part = min(n, _PARTS_PER_THREAD * N_THREAD) if N_THREAD > 1 else 1
    if n_part <= 1:
        kernel(0, n, *arguments)
        return
    edges = [n * i // n_part for i in range(n_part + 1)]
    parts = deque(pairwise(edges))

    def work() -> None:
        while parts:
            try:
                first, last = parts.popleft()
            except IndexError:  # another thread was faster
                return
            kernel(first, last, *arguments)

    others = [_pool().submit(work) for _ in range(N_THREAD - 1)]
    work()
    for other in others:
        if not other.cancel():
            other.result()
