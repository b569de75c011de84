"""Keeps the picture up to date with the scanner: asks for frames, passes on the newest."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from simulator.frame_worker import Finished, FrameWorker
from simulator.models.scanner import Scanner, differ

NOISE_INTERVAL_MS = 125
"""Between two pictures of a scanner that nobody touches, so that its noise lives (8 a second)."""
BEHIND_AFTER_MS = 200
"""The picture is behind once the oldest turn of a knob that it does not show is older than this.
A drag whose frames each come sooner than this is never behind, however long it lasts."""


class LiveScan(QObject):
    """Between the scanner's state and the worker: every change asks for a frame at once."""

    shown = Signal(object)
    """The newest `Finished`; numbers only ever grow."""
    behind = Signal(bool)
    """Whether the shown picture lags what the knobs say, and a newer one is being computed."""
    failed = Signal(str)
    """One sentence fit to show the user; the shown picture stays."""
    frame_shown = Signal(object)
    """The frame of `shown`, for those who do not ask what it was made from."""
    chain_known = Signal(object)
    """The engine's pipeline, once it has been built."""

    def __init__(
        self,
        scanner: Scanner,
        worker: FrameWorker,
        parent: QObject | None = None,
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._scanner, self._worker, self._clock_s = scanner, worker, clock_s
        self._last: Finished | None = None
        self._troubled = False
        self._unshown: deque[tuple[int, float]] = deque()
        """Changes that no shown picture has: number of the request and when, oldest first."""
        self._noise = QTimer(self, interval=NOISE_INTERVAL_MS, timerType=Qt.TimerType.CoarseTimer)
        self._patience = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._noise.timeout.connect(self._tick)
        self._patience.timeout.connect(self._say_whether_behind)
        scanner.changed.connect(self._ask)
        worker.built.connect(self._learn_chain)
        worker.frame_ready.connect(self._take)
        worker.failed.connect(self._trouble)

    def start(self) -> None:
        """Start the worker and ask for the first frame."""
        self._worker.start()
        self._worker.submit(self._scanner.request())
        self._noise.start()

    def stop(self, timeout_s: float | None = None) -> bool:
        """Ask no more and wait for the worker's thread to end; whether it has."""
        self._noise.stop()
        self._patience.stop()
        return self._worker.stop(timeout_s)

    @property
    def up_to_date(self) -> bool:
        """Whether the shown picture is what the knobs say (the draw of the noise aside)."""
        if self._last is None:
            return False
        return not differ(self._last.request, self._scanner.request())

    @Slot()
    def _ask(self) -> None:
        self._troubled = False
        number = self._worker.submit(self._scanner.request())
        self._unshown.append((number, self._clock_s()))
        if not self._patience.isActive():
            self._say_whether_behind()

    @Slot()
    def _tick(self) -> None:
        waiting_for_first = self._last is None
        if self._scanner.frozen or self._troubled or waiting_for_first or not self._worker.idle:
            return
        self._scanner.next_noise()
        self._worker.submit(self._scanner.request())

    @Slot(object)
    def _take(self, finished: Finished) -> None:
        if self._last is not None and finished.number <= self._last.number:
            return  # late: a newer picture is on the screen
        self._last = finished
        self._troubled = False
        while self._unshown and self._unshown[0][0] <= finished.number:
            self._unshown.popleft()
        self.shown.emit(finished)
        self.frame_shown.emit(finished.frame)
        self._say_whether_behind()

    @Slot()
    def _say_whether_behind(self) -> None:
        """Judge by the oldest change that is not shown, and judge again when it gets too old."""
        self._patience.stop()
        if self._last is None:
            return  # there is no picture yet that could be behind
        if self.up_to_date or not self._unshown:
            self.behind.emit(False)
            return
        age_ms = 1e3 * (self._clock_s() - self._unshown[0][1])
        self.behind.emit(age_ms >= BEHIND_AFTER_MS)
        if age_ms < BEHIND_AFTER_MS:
            self._patience.start(int(BEHIND_AFTER_MS - age_ms) + 1)

    @Slot(str)
    def _trouble(self, message: str) -> None:
        """Say it. What failed is not being computed any more, so nothing is waited for."""
        self._troubled = True
        if self._worker.idle:
            self._unshown.clear()
            self._say_whether_behind()
        self.failed.emit(message)

    @Slot(object)
    def _learn_chain(self, compute: Any) -> None:
        chain = getattr(compute, "chain", None)
        if chain is not None:
            self._scanner.set_chain(chain)
            self.chain_known.emit(chain)
