"""One thread pool for all kernels.

Kernels take a range, release the GIL and write only into their own part of the
output, so that splitting the range over threads needs no locks. (numba's own
`parallel=True` is not used: with its fallback threading layer two callers at once
abort the process.)
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import Any

N_THREAD = max(1, min(4, os.cpu_count() or 1))
"""Threads used for one frame: more than four gain little and starve the window."""


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=N_THREAD, thread_name_prefix="insonate-pool")


def run_split(kernel: Callable[..., Any], n: int, *arguments: Any) -> None:
    """Call `kernel(first, last, *arguments)` over parts of range(n), all threads at once.

    Twice as many parts as threads: the parts of a slice differ in cost.
    """
    n_part = min(n, 2 * N_THREAD) if N_THREAD > 1 else 1
    edges = [n * i // n_part for i in range(n_part + 1)]
    if n_part <= 1:
        kernel(0, n, *arguments)
        return
    jobs = [_pool().submit(kernel, first, last, *arguments) for first, last in pairwise(edges)]
    for job in jobs:
        job.result()
