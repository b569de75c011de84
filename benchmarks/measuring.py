"""What the benchmarks share: the machine, a yardstick, repeated timing, memory."""

import argparse
import hashlib
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Times:
    """Wall-clock times of one thing done many times, ms."""

    each: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.each)

    @property
    def p95(self) -> float:
        return float(np.percentile(self.each, 95))


def timed(work: Callable[[int], object], *, n: int, n_warm: int = 3) -> Times:
    """Call work(0), work(1), ... and time all but the first `n_warm` calls."""
    each = []
    for i in range(n_warm + n):
        started = time.perf_counter()
        work(i)
        each.append(1e3 * (time.perf_counter() - started))
    return Times(tuple(each[n_warm:]))


def yardstick_ms() -> float:
    """A fixed piece of single-threaded work; other times may be read in units of it.

    Its arrays are small: large ones are slow until the process has freed large ones before.
    """
    line = np.random.default_rng(1).standard_normal(4096)

    def work(_: int) -> None:
        for _ in range(200):
            np.fft.rfft(line)

    return timed(work, n=25, n_warm=10).median


def cores_at_hand() -> float:
    """How many cores work for this process at once just now, of two asked for.

    A container's limit or other programs can leave less than the system reports.
    """
    block = bytes(4_000_000)

    def work(_: int) -> None:
        hashlib.sha256(block).digest()  # leaves other threads alone with the interpreter

    with ThreadPoolExecutor(max_workers=2) as pool:
        one = timed(work, n=9).median
        two = timed(lambda _: list(pool.map(work, range(2))), n=9).median
    return 2 * one / two


def describe_machine() -> str:
    """Python, processor, cores and how busy they are, in one line."""
    parts = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"]
    if hasattr(os, "sched_getaffinity"):
        parts.append(f"{len(os.sched_getaffinity(0))} of {os.cpu_count()} cores")
    else:
        parts.append(f"{os.cpu_count()} cores")
    if hasattr(os, "getloadavg"):
        parts.append(f"load average {os.getloadavg()[0]:.1f}")
    parts.append(f"{cores_at_hand():.1f} of 2 cores free")
    return ", ".join(parts)


def print_heading(title: str) -> float:
    """Title, machine and yardstick; returns the yardstick for `print_footing`."""
    before = yardstick_ms()
    print(f"\n{title}\n{describe_machine()}, yardstick {before:.1f} ms")
    print("These numbers inform; they decide nothing (benchmarks/README.md says how to read them).")
    return before


def print_footing(before: float) -> None:
    """Say if the machine's speed changed while it was measured."""
    after = yardstick_ms()
    print(f"\nYardstick at the end {after:.1f} ms.", end="")
    if not 0.8 < after / before < 1.25:
        print(" The machine was busy with other things: measure again.", end="")
    print()


def peak_memory_mb() -> float | None:
    """Largest memory this process has held, MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def use_threads(n: int | None) -> int:
    """Have the engine use `n` threads (None: its own choice); before it is imported."""
    assert "physics.acquire" not in sys.modules, "the engine has already read N_THREAD"
    from physics import parallel

    if n is not None:
        parallel.N_THREAD = n
    return parallel.N_THREAD


def parse_options(description: str, argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options that all benchmarks understand, so that `make bench` can pass them on."""
    from phantoms import phantom_names

    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument("--threads", type=_positive, metavar="N", help="threads for one frame")
    parser.add_argument("--repeats", type=_positive, default=30, metavar="N")
    parser.add_argument("--phantom", choices=phantom_names(), help="one phantom instead of all")
    return parser.parse_args(argv)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
