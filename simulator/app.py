"""Starts the window. The only place where objects are made and connected."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

from PySide6.QtCore import QObject, QSettings, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from lessons import load_lesson
from lessons.progress_file import progress_path
from phantoms.presets import find_preset
from physics.compiling import Compiling
from physics.frame import Frame
from simulator import theme
from simulator.errors import say, sentence
from simulator.frame_worker import Finished, FrameWorker
from simulator.keeping import Keeping
from simulator.learning import Learning
from simulator.live_scan import LiveScan
from simulator.models.scanner import Chain, Scanner
from simulator.options import WindowOptions
from simulator.renderer import Renderer, Request
from simulator.scene_file import read_scene_and_desk
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow
from simulator.words import install_language

SMOKE_FRAMES = 5
"""Frames that a smoke run waits for."""
SETTLE_MS = 100
"""Time for a last repaint before a screenshot."""

LEAVE_AFTER_S = 1.0
"""The worker may take this long over its last picture once the window is closed."""

log = logging.getLogger(__name__)


class Engine:
    """The renderer as the worker calls it."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    @property
    def chain(self) -> Chain:
        """Its knob-to-stage graph."""
        return self._renderer.chain.pipeline

    def __call__(self, request: Request) -> Frame:
        return self._renderer.render(request)


def build_engine(compiling: Compiling | None = None) -> Engine:
    """Import and build the engine; slow, so the worker's thread does it.

    compiling : finished afterwards, so that nothing is left to compile for the first picture.
    """
    engine = Engine(Renderer())
    if compiling is not None:
        compiling.finish()
    return engine


def run_window(
    options: WindowOptions,
    make_compute: Callable[[], Callable[[Any], Any]] | None = None,
    compiling: Compiling | None = None,
) -> int:
    """Open the window and run until it is closed; the exit status.

    make_compute : called in the worker's thread; gives the function request -> frame.
    None builds the engine.
    compiling : kernels being compiled for the first picture; shown, and ended on closing.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("insonate")
    app.setApplicationDisplayName("Insonate")
    theme.apply(app)
    install_language(app)
    scanner = Scanner(options.phantom)
    if options.view is not None:
        scanner.take_view(options.view)
    if options.probe is not None:
        scanner.set_probe(options.probe)
    if options.preset is not None:
        scanner.take_preset(find_preset(options.preset))
    if options.scene is not None:
        scanner.open_scene(*read_scene_and_desk(options.scene))
    worker = FrameWorker(
        make_compute or partial(build_engine, compiling),
        interrupt=compiling.cancel if compiling is not None else None,
    )
    live = LiveScan(scanner, worker)
    passing = options.smoke or options.screenshot is not None
    learning = Learning(None if passing else progress_path())
    lesson = LessonPanel(scanner, learning=learning)
    if options.lesson is not None:
        lesson.open_lesson(load_lesson(options.lesson))
    keeping = Keeping(scanner, None if passing else _memory())
    window = MainWindow(
        scanner,
        lesson=lesson,
        lesson_wanted=options.lesson is not None,
        on_close=partial(_close, live, keeping),
        memory=keeping.memory,
        own_presets=keeping.presets,
    )
    for trouble in keeping.begin(resume=options.resume):
        window.banner.say(trouble)
    if compiling is not None:
        window.preparing.follow(lambda: compiling.progress)
    live.shown.connect(window.show_frame)
    live.behind.connect(window.image.set_behind)
    live.failed.connect(window.show_trouble)
    live.chain_known.connect(window.set_chain)
    window.frame_shown.connect(lesson.show_frame)
    lesson.outlined.connect(window.image.show_outlines)
    errand = _Errand(window, live, options) if passing else None
    if options.size is not None:
        window.resize(*options.size)
    window.show()
    with _surprises_told(live), _ended_by_signals(app):
        live.start()
        try:
            status = app.exec()
        finally:
            ended = lesson.figures.stop(LEAVE_AFTER_S)
            ended = live.stop(LEAVE_AFTER_S) and ended
            learning.close()
    if errand is not None:
        status = errand.status
    if not ended:
        _leave(status)
    return status


def _close(live: LiveScan, keeping: Keeping) -> None:
    live.stop(0.0)
    keeping.end()


def _leave(status: int) -> NoReturn:
    """End the process although the worker still computes: nobody wants its picture any more.

    What it may be compiling is lost, not broken: numba puts whole files in place.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)


class _Errand(QObject):
    """A run that ends by itself: after a screenshot, or after a few frames."""

    def __init__(self, window: MainWindow, live: LiveScan, options: WindowOptions) -> None:
        super().__init__()
        self.status = 1
        self._window, self._path = window, options.screenshot
        self._to_go = SMOKE_FRAMES if options.smoke else 1
        live.shown.connect(self._count)
        live.failed.connect(self._give_up)

    @Slot(object)
    def _count(self, finished: Finished) -> None:
        self._to_go -= 1
        if self._to_go == 0:
            QTimer.singleShot(SETTLE_MS, self._finish)

    @Slot()
    def _finish(self) -> None:
        if self._path is None or _save(self._window, self._path):
            self.status = 0
        self._window.close()

    @Slot(str)
    def _give_up(self, sentence: str) -> None:
        say(sentence)
        self._window.close()


def _save(window: QWidget, path: Path) -> bool:
    if window.grab().save(str(path), "PNG"):
        return True
    say(f"the screenshot could not be written to {path}; name a file in another folder")
    return False


def _memory() -> QSettings:
    """Where the window's place is kept."""
    scope = QSettings.Scope.UserScope
    return QSettings(QSettings.Format.IniFormat, scope, "insonate", "window")


@contextmanager
def _surprises_told(live: LiveScan) -> Iterator[None]:
    """Errors that nobody caught go to the log and, as one sentence, to the window."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.error("unexpected error", exc_info=(kind, error, trace))
        live.failed.emit(sentence(f"Something unexpected happened ({kind.__name__}: {error})"))

    before, sys.excepthook = sys.excepthook, hook
    try:
        yield
    finally:
        sys.excepthook = before


@contextmanager
def _ended_by_signals(app: QApplication) -> Iterator[None]:
    """Ctrl-C in the terminal, or SIGTERM, closes the window as a click on its cross does.

    Python hears of a signal only while it runs; the timer of the noise sees to that.
    """

    def end(number: int, frame: FrameType | None) -> None:
        QTimer.singleShot(0, app.quit)  # not here: this may be in the middle of a slot

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
