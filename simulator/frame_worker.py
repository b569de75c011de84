"""One thread that computes pictures, so that the window never waits for one."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from simulator.errors import UserError, sentence

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finished:
    """A picture with what was asked for, as it comes back from the worker."""

    number: int
    """Which request this was; later requests have higher numbers."""
    request: Any
    frame: Any
    milliseconds: float
    """Time from the start of the computation to its end on this computer."""


class FrameWorker(QObject):
    """Computes frames off the GUI thread; of waiting requests only the newest survives.

    `make_compute` runs first, in the worker's thread: it may import and build what
    takes long, and returns the function request -> frame. Frames go into a mailbox for
    one, so a busy window skips pictures instead of falling behind; a signal without
    content says that there is one (a queue of frames once fell 7 s behind). Lives on,
    and delivers to, the thread that made it.
    """

    frame_ready = Signal(object)
    """A `Finished`, never older than the one before."""
    failed = Signal(str)
    """One sentence fit to show the user."""
    built = Signal(object)
    """What `make_compute` returned: the engine is there, nothing is computed yet."""
    _posted = Signal()

    def __init__(
        self,
        make_compute: Callable[[], Callable[[Any], Any]],
        parent: QObject | None = None,
        *,
        interrupt: Callable[[], None] | None = None,
    ) -> None:
        """interrupt : called by `stop`; cuts short what `make_compute` waits for."""
        super().__init__(parent)
        self._make_compute, self._interrupt = make_compute, interrupt
        self._wake = threading.Condition()
        self._waiting: tuple[int, Any] | None = None
        self._computing = False
        self._stopping = False
        self._number = 0
        self._mail: Finished | None = None
        self._posted.connect(self._deliver)
        self._thread = threading.Thread(target=self._run, name="frames")

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: Any) -> int:
        """Ask for a frame; an older request still waiting is dropped. Never blocks.

        Returns the number that `Finished` will carry.
        """
        with self._wake:
            self._number += 1
            self._waiting = (self._number, request)
            self._wake.notify()
            return self._number

    @property
    def idle(self) -> bool:
        """Whether nothing is being computed, waiting, or finished but not yet delivered."""
        with self._wake:
            return self._waiting is None and not self._computing and self._mail is None

    def stop(self, timeout_s: float | None = None) -> bool:
        """End the thread after the frame it is at; whether it has ended. No signals follow."""
        with self._wake:
            self._stopping = True
            self._waiting = self._mail = None
            self._wake.notify()
        if self._interrupt is not None:
            self._interrupt()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            compute = self._make_compute()
        except Exception as error:
            log.exception("the engine could not be built")
            what = "The engine could not be started"
            self._emit(self.failed, _message(what, error, "Start Insonate again"))
            return
        self._emit(self.built, compute)
        while (job := self._next()) is not None:
            number, request = job
            started = time.perf_counter()
            try:
                frame = compute(request)
            except Exception as error:
                log.exception("the frame for %s failed", request)
                self._post(None)  # first, so that whoever is told finds the worker idle
                what = "The picture could not be computed"
                self._emit(self.failed, _message(what, error, "Turn the last knob back"))
            else:
                elapsed_ms = 1e3 * (time.perf_counter() - started)
                self._post(Finished(number, request, frame, elapsed_ms))

    def _next(self) -> tuple[int, Any] | None:
        with self._wake:
            self._wake.wait_for(lambda: self._waiting is not None or self._stopping)
            if self._stopping:
                return None
            job, self._waiting = self._waiting, None
            self._computing = True
            return job

    def _post(self, finished: Finished | None) -> None:
        with self._wake:
            self._computing = False
            if finished is None:
                return
            rings = self._mail is None  # else the window has not yet come for the last one
            self._mail = finished
        if rings:
            self._emit(self._posted)

    def _emit(self, signal: Any, *content: Any) -> None:
        """Emit from the worker's thread, unless the window is closing."""
        if not self._stopping:
            signal.emit(*content)

    @Slot()
    def _deliver(self) -> None:
        with self._wake:
            finished, self._mail = self._mail, None
        if finished is not None:
            self.frame_ready.emit(finished)


def _message(what: str, error: Exception, remedy: str) -> str:
    """A line or two for a user; what a user cannot know about names the kind of error too."""
    if isinstance(error, ValueError | UserError):
        return sentence(error)
    cause = sentence(f"{type(error).__name__}: {error}").rstrip(".")
    return f"{what} ({cause}). {remedy}; started with --verbose, it tells more in the terminal."
