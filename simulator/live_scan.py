"""Keeps the picture up to date with the scanner: asks for frames, passes on the newest."""

from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from simulator.frame_worker import Finished, FrameWorker
from simulator.models.scanner import Scanner, differ

NOISE_INTERVAL_MS = 125
"""Between two pictures of a scanner that nobody touches, so that its noise lives (8 a second)."""
BEHIND_AFTER_MS = 200
"""A picture that lags the knobs for longer than this says so."""


class LiveScan(QObject):
    """Between the scanner's state and the worker: every change asks for a frame at once."""

    shown = Signal(object)
    """The newest `Finished`; numbers only ever grow."""
    behind = Signal(bool)
    """Whether the shown picture lags what the knobs say."""
    failed = Signal(str)
    """One sentence fit to show the user; the shown picture stays."""
    frame_shown = Signal(object)
    """The frame of `shown`, for those who do not ask what it was made from."""
    chain_known = Signal(object)
    """The engine's pipeline, once it has been built."""

    def __init__(
        self, scanner: Scanner, worker: FrameWorker, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._scanner, self._worker = scanner, worker
        self._last: Finished | None = None
        self._troubled = False
        self._clock = QTimer(self, interval=NOISE_INTERVAL_MS, timerType=Qt.TimerType.CoarseTimer)
        self._patience = QTimer(self, interval=BEHIND_AFTER_MS, singleShot=True)
        self._clock.timeout.connect(self._tick)
        self._patience.timeout.connect(self._say_behind)
        scanner.changed.connect(self._ask)
        worker.built.connect(self._learn_chain)
        worker.frame_ready.connect(self._take)
        worker.failed.connect(self._trouble)

    def start(self) -> None:
        """Start the worker and ask for the first frame."""
        self._worker.start()
        self._worker.submit(self._scanner.request())
        self._clock.start()

    def stop(self) -> None:
        """Ask no more and wait for the worker's thread to end."""
        self._clock.stop()
        self._patience.stop()
        self._worker.stop()

    @property
    def up_to_date(self) -> bool:
        """Whether the shown picture is what the knobs say (the draw of the noise aside)."""
        if self._last is None:
            return False
        return not differ(self._last.request, self._scanner.request())

    @Slot()
    def _ask(self) -> None:
        self._troubled = False
        self._worker.submit(self._scanner.request())
        if not self._patience.isActive():
            self._patience.start()

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
        self.shown.emit(finished)
        self.frame_shown.emit(finished.frame)
        if self.up_to_date:
            self._patience.stop()
            self.behind.emit(False)

    @Slot()
    def _say_behind(self) -> None:
        if self._last is not None and not self.up_to_date:
            self.behind.emit(True)

    @Slot(str)
    def _trouble(self, message: str) -> None:
        self._troubled = True
        self.failed.emit(message)

    @Slot(object)
    def _learn_chain(self, compute: Any) -> None:
        chain = getattr(compute, "chain", None)
        if chain is not None:
            self._scanner.set_chain(chain)
            self.chain_known.emit(chain)
