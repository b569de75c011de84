"""Figures of texts, rendered by the engine while the text is read, and kept."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from lessons.lesson import Figure
from physics.frame import Frame

log = logging.getLogger(__name__)

MakePicture = Callable[[Figure], Frame]
_kept: dict[Figure, QImage] = {}
"""Every figure that was made since the program started: some 100 kB each."""


def build_figure_engine() -> MakePicture:
    """An engine of its own for figures; imports numba."""
    from simulator.renderer import Renderer, Request

    renderer = Renderer()

    def render(figure: Figure) -> Frame:
        scene = figure.scene
        request = Request(figure.phantom, figure.probe, scene.pose, scene.settings)
        return renderer.render_settled(request)

    return render


class FigureMaker(QObject):
    """Makes figures one after another in a thread that ends when nothing is left to do.

    The engine is built for the first figure and dropped with the thread: it holds some 100 MB.
    """

    made = Signal()
    """One more is there (`of`). Comes on the thread of the maker's owner."""

    def __init__(
        self, make_engine: Callable[[], MakePicture] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make_engine = make_engine or build_figure_engine
        self._lock = threading.Lock()
        self._wanted: deque[Figure] = deque()
        self._thread: threading.Thread | None = None

    def of(self, figures: Iterable[Figure]) -> dict[str, QImage]:
        """The figures that are there, by name; the others are asked for, and what was asked for
        before and is not in them is not made any more."""
        figures = list(figures)
        missing = [figure for figure in figures if figure not in _kept]
        with self._lock:
            self._wanted = deque(missing)
            if missing and self._thread is None:
                # a daemon: a window that closes does not wait for a figure
                self._thread = threading.Thread(target=self._run, name="figures", daemon=True)
                self._thread.start()
        return {figure.name: _kept[figure] for figure in figures if figure in _kept}

    def stop(self, timeout_s: float | None = None) -> bool:
        """Make no more; wait for the one being made. Whether the thread has ended."""
        with self._lock:
            self._wanted.clear()
            thread = self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _run(self) -> None:
        engine: MakePicture | None = None
        while (figure := self._next()) is not None:
            try:
                engine = engine or self._make_engine()
                _kept[figure] = cropped(engine(figure), figure)
            except Exception:
                log.exception("the figure %s could not be made", figure.name)
                continue
            try:
                self.made.emit()
            except RuntimeError:  # the window has gone
                with self._lock:
                    self._wanted.clear()
                    self._thread = None
                return

    def _next(self) -> Figure | None:
        with self._lock:
            while self._wanted:
                figure = self._wanted.popleft()
                if figure not in _kept:
                    return figure
            self._thread = None
            return None


def cropped(frame: Frame, figure: Figure) -> QImage:
    """The part of the picture that the figure shows."""
    picture = frame.picture
    if figure.crop_m is not None:
        left, right, top, bottom = figure.crop_m
        rows, columns = frame.pixel_of(np.array([left, right]), np.array([top, bottom]))
        first, last = np.clip(np.rint(rows + 0.5), 0, picture.shape[0]).astype(int)
        start, end = np.clip(np.rint(columns + 0.5), 0, picture.shape[1]).astype(int)
        if last > first and end > start:
            picture = picture[first:last, start:end]
    grey = np.ascontiguousarray(picture)
    height, width = grey.shape
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
    return image.copy()  # which owns its pixels
