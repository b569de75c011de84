"""Who makes the papers: this process, several processes of this machine, or a Dask scheduler."""

import importlib.util
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from simulator.errors import UserError
from simulator.paper_job import Job, make_html, prepare_process

RETRIES = 5
"""How often a paper whose worker has died is begun again."""

NO_DASK = (
    "--scheduler needs the package distributed, which is not installed; install Insonate with "
    "its extra 'cluster', or leave --scheduler out"
)
Made = Iterator[tuple[Job, bytes]]


def makers(workers: int, scheduler: str | None) -> Callable[[Sequence[Job]], Made]:
    """A function that yields papers as they are finished; UserError if it cannot be had."""
    if scheduler is not None:
        if not has_dask():
            raise UserError(NO_DASK)
        return lambda jobs: _on_dask(jobs, scheduler)
    if workers == 1:
        return lambda jobs: ((job, make_html(job)) for job in jobs)
    return lambda jobs: _in_processes(jobs, workers)


def has_dask() -> bool:
    """Whether the optional package is installed."""
    return importlib.util.find_spec("distributed") is not None


def _in_processes(jobs: Sequence[Job], workers: int) -> Made:
    n_thread = max(1, (os.cpu_count() or 1) // workers)
    pool = ProcessPoolExecutor(
        max_workers=min(workers, max(len(jobs), 1)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=prepare_process,
        initargs=(n_thread,),
    )
    try:
        waiting = {pool.submit(make_html, job): job for job in jobs}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
    except BrokenProcessPool:
        raise UserError(
            "a process that made papers has ended; those that are finished are kept, and the "
            "same command makes the rest"
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _on_dask(jobs: Sequence[Job], address: str) -> Made:
    """A worker that dies hands its papers to another; the bytes come back here to be written."""
    import distributed

    try:
        client = distributed.Client(address, timeout="10s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(f"no Dask scheduler answers at '{address}': {error}") from None
    with client:
        waiting = {client.submit(make_html, job, retries=RETRIES): job for job in jobs}
        for done in distributed.as_completed(list(waiting), loop=client.loop):
            job = waiting.pop(done)
            try:
                made = done.result()
            except distributed.KilledWorker:
                raise UserError(
                    f"paper {job.student} could not be made: its workers ended again and again; "
                    "those that are finished are kept, and the same command makes the rest"
                ) from None
            yield job, made
            done.release()
