"""One paper from its numbers to bytes, in whatever process; only its renderer is kept."""

import os
import threading
from dataclasses import dataclass

from lessons.fresh.paper import make_paper
from simulator.errors import UserError
from simulator.paper_html import paper_html
from simulator.renderer import Renderer
from simulator.scene_picture import scene_jpeg
from simulator.version import program_version

_here = threading.local()


@dataclass(frozen=True)
class Job:
    """All that a paper depends on."""

    seed: int
    student: int
    n_item: int
    title: str
    code: str
    """What the paper and its key have in common, as it is printed."""
    version: str
    """Of the program that asks: a worker with another one would make another paper."""


def make_html(job: Job) -> bytes:
    """The paper's file. Equal jobs make equal bytes, wherever they run with the same program."""
    if job.version != program_version():
        raise UserError(
            f"a worker has Insonate {program_version()}, and papers of {job.version} were asked "
            "for; install the same on all machines"
        )
    paper = make_paper(job.seed, job.student, job.n_item)
    scenes = {scene for question in paper.questions for scene in question.fresh.pictures}
    # neighbours share beams, which the renderer remembers
    in_order = sorted(scenes, key=lambda scene: (scene.phantom, repr(scene)))
    pictures = {scene: scene_jpeg(scene, _renderer()) for scene in in_order}
    return paper_html(paper, pictures, job.title, job.code).encode("utf-8")


def prepare_process(n_thread: int) -> None:
    """In a new process, before the engine is imported: its cache, and how many threads it uses."""
    from simulator.__main__ import set_up_numba

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    set_up_numba()
    from physics import parallel

    parallel.N_THREAD = n_thread


def _renderer() -> Renderer:
    """This thread's renderer: one may be used by one thread at a time."""
    if not hasattr(_here, "renderer"):
        from simulator.__main__ import set_up_numba

        set_up_numba()  # a worker of a cluster has not come in by the program's door
        _here.renderer = Renderer()
    renderer: Renderer = _here.renderer
    return renderer
