"""Compiles the kernels of a first picture on all cores, before they are called.

numba compiles one kernel at a time in a process, so one core does all the work. Here the kernels
are shared out between this process and helpers (`compile_helper.py`), which compile into the cache
on disk that all of them use. One helper on two cores takes a third off the very first start; it
costs a second and a half of work more (importing numba once more), so there are as many processes
as cores and not more.

`first_kernels.txt` lists which kernels a first picture needs, and for which argument types;
`tools/list_kernels.py` writes it and a test compares. The list only saves time: what is missing
from it, or could not be compiled, is compiled when it is called.
"""

import hashlib
import importlib
import itertools
import logging
import os
import platform
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

HOME = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("first_kernels.txt")
MAX_PROCESSES = 4
COMPILED = "compiled"
"""What a helper answers; anything else is a sentence about why not."""
PATIENCE_S = 60.0
"""A helper hangs that is not ready this long after everything else. A module takes seconds."""

log = logging.getLogger(__name__)


class Progress(NamedTuple):
    """How many of the kernels are compiled."""

    done: int
    total: int


class Compiling:
    """The compiling of the kernels of a first picture, shared out between processes.

    Making one starts the helpers, in a few milliseconds; nothing is started if the kernels are on
    disk. `finish` may be called from one thread, `progress` and `cancel` from any other.
    """

    def __init__(self, n_helper: int | None = None) -> None:
        """n_helper : processes besides this one; None takes one for each further core."""
        self._mark = _mark()
        jobs = [] if self._mark is None or self._mark.exists() else read_list()
        self._modules = deque(_by_module(jobs))
        self._total, self._done, self._failed = len(jobs), 0, False
        self._lock = threading.Lock()
        self._cancelled = False
        self._helpers: list[subprocess.Popen[str]] = []
        self._threads: list[threading.Thread] = []
        n_helper = _n_core() - 1 if n_helper is None else n_helper
        for _ in range(min(n_helper, len(self._modules))):
            self._start_helper()

    @property
    def progress(self) -> Progress:
        """How far it is. Nothing at all to do is (0, 0)."""
        return Progress(self._done, self._total)

    def finish(self) -> bool:
        """Compile with the helpers until nothing is left; whether all went well.

        A helper that could not start, died or hung leaves its kernels to whoever calls them.
        """
        for job in self._take_jobs():
            try:
                compile_kernel(job)
            except Exception as error:
                self._warn(failure(job, error))
            self._count()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        complete = self._done == self._total and not self._failed
        self.cancel()
        if complete and self._total and self._mark is not None:
            _set_mark(self._mark)
        return complete

    def cancel(self) -> None:
        """End the helpers at once and leave no process behind; `finish` stops after its kernel."""
        with self._lock:
            self._cancelled = True
            self._modules.clear()
            for helper in self._helpers:
                helper.kill()  # numba puts whole files in place, so none is left half-written
        for thread in self._threads:
            thread.join()

    def _start_helper(self) -> None:
        try:
            helper = subprocess.Popen(
                [sys.executable, "-m", "physics.compile_helper"],
                cwd=HOME,  # so that it finds our package, and none of another's
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows
            )
        except OSError as error:
            log.warning("a process that compiles kernels could not be started: %s", error)
            return
        thread = threading.Thread(target=self._serve, args=(helper,), name="compiling")
        self._helpers.append(helper)
        self._threads.append(thread)
        thread.start()

    def _serve(self, helper: "subprocess.Popen[str]") -> None:
        """Hand one kernel after the other to a helper, until there are no more or it has died."""
        assert helper.stdin is not None
        assert helper.stdout is not None
        try:
            with helper.stdin, helper.stdout:
                for job in self._take_jobs():
                    helper.stdin.write(f"{job}\n")
                    helper.stdin.flush()
                    answer = helper.stdout.readline().strip()
                    if not answer:
                        raise BrokenPipeError(f"it ended at {job.partition('(')[0]}")
                    if answer != COMPILED:
                        self._warn(answer)
                    self._count()
        except OSError as error:
            if not self._cancelled:
                self._warn(f"a process that compiles kernels failed: {error}")
        finally:
            helper.wait()

    def _count(self) -> None:
        with self._lock:
            self._done += 1

    def _warn(self, sentence: str) -> None:
        self._failed = True
        log.warning("%s", sentence)

    def _take_jobs(self) -> Iterator[str]:
        """Kernels for one process, one module after the other.

        Two processes never share a module: each imports less (scipy takes a quarter of a second),
        and they cannot both write the file of a kernel that others of the module call.
        """
        while True:
            with self._lock:
                if not self._modules:
                    return
                jobs = self._modules.popleft()
            for job in jobs:
                if not self._cancelled:
                    yield job


def compile_kernel(job: str) -> None:
    """Compile one kernel of the list into numba's cache on disk, or find it there."""
    place, _, types = job.partition("(")
    module, function = place.split()
    kernel = getattr(importlib.import_module(module), function)

    from numba.core.sigutils import normalize_signature

    # as a call would ask: numba keeps what it compiled under exactly what it was asked for
    kernel.compile(normalize_signature(f"({types}")[0])


def failure(job: str, error: Exception) -> str:
    """A sentence about a kernel of the list that could not be compiled."""
    name = job.partition("(")[0].replace(" ", ".")
    return f"{name} cannot be compiled ahead ({type(error).__name__}): run `make kernels`"


def read_list() -> list[str]:
    """The kernels of a first picture, those of the largest module first.

    Each reads `module function(argument types)`.
    """
    try:
        lines = LIST.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [line for line in lines if line and not line.startswith("#")]


def _by_module(jobs: list[str]) -> list[list[str]]:
    """The same, module by module, as they are listed."""
    return [list(group) for _, group in itertools.groupby(jobs, lambda job: job.split()[0])]


def _n_core() -> int:
    if hasattr(os, "sched_getaffinity"):
        n_core = len(os.sched_getaffinity(0))
    else:
        n_core = os.cpu_count() or 1
    return min(MAX_PROCESSES, n_core)


def _mark() -> Path | None:
    """The file that exists when everything is compiled; None if numba keeps nothing on disk.

    Its name stands for all that makes numba compile anew, as numba judges it: time and size of
    the sources, versions, processor, options.
    """
    folder = os.environ.get("NUMBA_CACHE_DIR")
    if not folder or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return None
    from llvmlite import binding

    modules = {job.split()[0] for job in read_list()} | {"physics.kernel"}
    sources = [HOME.joinpath(*module.split(".")).with_suffix(".py") for module in sorted(modules)]
    facts = [
        str(HOME),
        sys.version,
        metadata.version("numba"),
        platform.machine(),
        binding.get_host_cpu_name(),
        *(f"{name}={value}" for name, value in sorted(os.environ.items())
          if name.startswith("NUMBA_") and name != "NUMBA_CACHE_DIR"),
    ]  # fmt: skip
    for path in (*sources, LIST):
        try:
            state = path.stat()
        except OSError:
            continue
        facts.append(f"{path.name} {state.st_mtime_ns} {state.st_size}")
    place = hashlib.sha256(str(HOME).encode()).hexdigest()[:8]
    digest = hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
    return Path(folder) / f"compiled-{place}-{digest}"


def _set_mark(mark: Path) -> None:
    """Make the file, in the place of older ones of this copy of the program."""
    family = mark.name.rpartition("-")[0]
    try:
        for old in mark.parent.glob(f"{family}-*"):
            old.unlink()
        mark.touch()
    except OSError as error:
        log.debug("could not note that the kernels are compiled: %s", error)
