"""The window itself: from a hand's event to the painted picture, stalls, memory, and closing.

Real widgets, worker and engine; on Linux without a screen: `xvfb-run -a python
benchmarks/bench_window.py`. Events are put into Qt's queue as a mouse puts them there.
"""

import argparse
import itertools
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import measuring

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")
if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from phantoms import load_phantom, phantom_names
from physics.settings import KNOBS
from simulator import theme
from simulator.app import build_engine
from simulator.faults import FAULTS
from simulator.frame_worker import Finished, FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.comparison import MODES
from simulator.models.scanner import Scanner
from simulator.views.image_view import ImageView
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow

EVENTS_PER_S = 60
"""As often as a mouse that is dragged is heard of."""
GOALS_HZ = {"gain": 30.0, "focus": 20.0, "slide": 15.0}
GOAL_STALL_MS = 100.0
GOAL_MEMORY_MB = 30.0
HEARTBEAT_MS = 5
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Painted(ImageView):
    """Says when a picture has been painted; stands in for the window's own view."""

    after_paint: Callable[[Finished], None] | None = None

    def paintEvent(self, event):  # noqa: N802 Qt calls it so
        super().paintEvent(event)
        if self.after_paint is not None and self.shown is not None:
            self.after_paint(self.shown)


class Rig:
    """A window with its worker, as the program has them."""

    def __init__(self, phantom: str, make_compute=build_engine, view: str | None = None) -> None:
        from simulator.views import main_window

        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        theme.apply(self.app)
        self.scanner = Scanner(phantom)
        if view:
            self.scanner.take_view(view)
        self.worker = FrameWorker(make_compute)
        self.live = LiveScan(self.scanner, self.worker)
        self.lesson = LessonPanel(self.scanner)
        main_window.ImageView, own = Painted, main_window.ImageView
        try:
            self.window = MainWindow(
                self.scanner, lesson=self.lesson, on_close=partial(self.live.stop, 0.0)
            )
        finally:
            main_window.ImageView = own
        self.live.shown.connect(self.window.show_frame)
        self.live.behind.connect(self.window.image.set_behind)
        self.live.chain_known.connect(self.window.set_chain)
        self.window.frame_shown.connect(self.lesson.show_frame)
        self.lesson.outlined.connect(self.window.image.show_outlines)
        self.window.resize(1366, 690)
        self.window.show()
        self.live.start()
        self.wait_for(lambda: self.window.image.shown is not None, 300.0)

    def run(self, seconds: float) -> None:
        """Let the window live. (Asking for events again and again would take the time that the
        worker needs.)"""
        loop = QEventLoop()
        timer = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(loop.quit)
        timer.start(max(round(1e3 * seconds), 0))
        loop.exec()

    def wait_for(self, done: Callable[[], bool], seconds: float) -> bool:
        end = time.perf_counter() + seconds
        while not done() and time.perf_counter() < end:
            self.run(0.01)
        return done()

    def settle(self) -> None:
        """Until the picture is what the knobs say."""
        self.wait_for(lambda: self.live.up_to_date, 30.0)

    def close(self) -> bool:
        """Close the window; whether the worker's thread ends within a second."""
        self.window.close()
        return self.lesson.figures.stop(1.0) and self.live.stop(1.0)


def mouse(widget: QWidget, kind: QEvent.Type, at: QPointF, held: bool) -> None:
    """A mouse event into the queue."""
    buttons = LEFT if held else Qt.MouseButton.NoButton
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else LEFT
    there = QPointF(widget.mapToGlobal(at.toPoint()))
    QApplication.postEvent(widget, QMouseEvent(kind, at, there, button, buttons, NONE))


# --- drags ---------------------------------------------------------------------------------------


@dataclass
class Drag:
    """When events were sent, and when pictures that have them were painted."""

    asked_s: dict[int, float] = field(default_factory=dict)
    """By number of the request: when the hand's event that led to it was put into the queue."""
    painted_s: dict[int, float] = field(default_factory=dict)
    sent_s: float = 0.0
    computed_ms: list[float] = field(default_factory=list)
    """Of the pictures painted: the engine's time alone."""

    @property
    def rate_hz(self) -> float:
        """Median of pictures a second."""
        times = sorted(self.painted_s.values())
        gaps = [b - a for a, b in itertools.pairwise(times)]
        return 1 / statistics.median(gaps) if gaps else 0.0

    @property
    def latency_ms(self) -> tuple[float, float]:
        """Median and p95 from the event to the painted picture."""
        each = sorted(
            1e3 * (at - self.asked_s[n]) for n, at in self.painted_s.items() if n in self.asked_s
        )
        if not each:
            return float("nan"), float("nan")
        return statistics.median(each), each[int(0.95 * (len(each) - 1))]


def drag(rig: Rig, widget: QWidget, path: Iterator[QPointF], seconds: float) -> Drag:
    """Drag along `path` and watch what is painted."""
    result, submit = Drag(), rig.worker.submit

    def asked(request):
        number = submit(request)
        result.asked_s[number] = result.sent_s
        return number

    def painted(finished: Finished) -> None:
        if finished.number in result.asked_s and finished.number not in result.painted_s:
            result.painted_s[finished.number] = time.perf_counter()
            result.computed_ms.append(finished.milliseconds)

    image = rig.window.image
    rig.scanner.recentre()
    rig.settle()
    mouse(widget, QEvent.Type.MouseButtonPress, next(path), True)
    rig.run(0.1)
    rig.worker.submit, image.after_paint = asked, painted
    began = time.perf_counter()
    for number in itertools.count():
        due = began + number / EVENTS_PER_S
        if due > began + seconds:
            break
        rig.run(max(due - time.perf_counter(), 0))
        result.sent_s = time.perf_counter()
        mouse(widget, QEvent.Type.MouseMove, at := next(path), True)
    rig.worker.submit, image.after_paint = submit, None
    mouse(widget, QEvent.Type.MouseButtonRelease, at, False)
    rig.settle()
    return result


def to_and_fro(low: QPointF, high: QPointF, period_s: float = 2.0) -> Iterator[QPointF]:
    """Places between two points, at the rate of events; never the same twice running."""
    for i in itertools.count():
        phase = (i / EVENTS_PER_S / period_s) % 1.0
        yield low + (high - low) * (1 - abs(2 * phase - 1))


def slider_path(slider: QWidget) -> Iterator[QPointF]:
    y = slider.height() / 2
    return to_and_fro(QPointF(0.2 * slider.width(), y), QPointF(0.8 * slider.width(), y))


def probe_path(image: ImageView) -> Iterator[QPointF]:
    place = image.place
    middle, y = (place.left_px + place.right_px) / 2, place.face_px - 0.5 * image.marks_layout.band
    return to_and_fro(QPointF(middle - 30, y), QPointF(middle + 30, y))


def bench_drags(rig: Rig, seconds: float) -> dict[str, Drag]:
    """Gain, focus and the probe dragged with the mouse."""
    console, image = rig.window.console, rig.window.image
    gain, focus = console.knobs["gain_db"].slider, console.knobs["focus_mm"].slider
    return {
        "gain": drag(rig, gain, slider_path(gain), seconds),
        "focus": drag(rig, focus, slider_path(focus), seconds),
        "slide": drag(rig, image.viewport(), probe_path(image), seconds),
    }


# --- rough use -----------------------------------------------------------------------------------


class Heartbeat:
    """How late a timer of the GUI thread is: as late as a hand would be answered."""

    def __init__(self, parent: QWidget) -> None:
        self.late_ms: list[float] = []
        self.notes: list[str] = []
        self.doing = ""
        self._last = time.perf_counter()
        self._timer = QTimer(parent, timerType=Qt.TimerType.PreciseTimer, interval=HEARTBEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        late_ms = 1e3 * (now - self._last) - HEARTBEAT_MS
        if late_ms > GOAL_STALL_MS:
            self.notes.append(f"{late_ms:.0f} ms after {self.doing}")
        self.late_ms.append(late_ms)
        self._last = now

    def stop(self) -> None:
        self._timer.stop()


def hand(rig: Rig, chance: random.Random) -> str:
    """One thing that a hand does to a knob or the probe; what it was."""
    window, scanner = rig.window, rig.scanner
    kind = chance.randrange(10)
    if kind < 4:
        name = chance.choice([*window.console.knobs])
        knob = window.console.knobs[name]
        angle = QPoint(0, chance.choice((-240, -120, 120, 240)))
        middle = QPointF(knob.rect().center())
        event = QWheelEvent(
            middle, QPointF(knob.mapToGlobal(middle.toPoint())), QPoint(), angle,
            Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.postEvent(knob, event)
        return f"wheel on {name}"
    if kind == 4:
        name = chance.choice([*window.console.choices])
        scanner.turn(**{name: chance.choice(KNOBS[name].choices)})
        return f"choice of {name}"
    if kind == 5:
        index, db = chance.randrange(8), chance.randrange(-20, 21)
        scanner.turn_tgc(index, db)
        return "TGC"
    if kind == 6:
        letters = (Qt.Key.Key_Home, Qt.Key.Key_Comma, Qt.Key.Key_Period, Qt.Key.Key_Plus)
        press(window, chance.choice(letters))
        return "key"
    ranges = scanner.pose_ranges
    name = chance.choice([*ranges])
    scanner.move(**{name: chance.uniform(*ranges[name])})
    return f"move of {name}"


def press(window: MainWindow, key: Qt.Key) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.postEvent(window, QKeyEvent(kind, key, NONE))


def rough(rig: Rig, chance: random.Random) -> str:
    """One thing of rough use: mostly knobs and probe, now and then all else of the window."""
    window, scanner, classroom = rig.window, rig.scanner, rig.window.classroom
    acts: dict[str, Callable[[], object]] = {
        "freeze": lambda: scanner.set_frozen(not scanner.frozen),
        "phantom": lambda: scanner.load_phantom(chance.choice(phantom_names())),
        "view": lambda: scanner.take_view(chance.choice([*scanner.phantom.views]))
        if scanner.phantom.views else None,
        "names": lambda: window.image.show_names(chance.random() < 0.5),
        "keep A": classroom.comparing.keep,
        "compare": lambda: classroom.comparing.model.show(chance.choice(MODES)),
        "swap": classroom.comparing.swap,
        "predict": classroom.ask_or_show,
        "fault": lambda: scanner.inject(chance.choice([*FAULTS]), secret=chance.random() < 0.5),
        "mend": scanner.mend,
        "undo": window.history.stack.undo,
        "redo": window.history.stack.redo,
        "resize": lambda: window.resize(chance.randrange(1100, 1366), chance.randrange(620, 768)),
        "zoom": window.console.read_zoom.larger,
        "whole": window.console.read_zoom.whole,
        "flip": lambda: window.actions_.flip.trigger(),
        "reset": lambda: scanner.take_preset(scanner.preset),
    }  # fmt: skip
    if chance.random() < 0.85:
        return hand(rig, chance)
    name = chance.choice([*acts])
    acts[name]()
    return name


def bench_rough(rig: Rig, seconds: float, seed: int = 1) -> Heartbeat:
    """Twenty events a second of anything, for `seconds`."""
    for name in phantom_names():
        load_phantom(name)  # a first load is measured by nobody here: README says what it takes
    chance, beat = random.Random(seed), Heartbeat(rig.window)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        beat.doing = rough(rig, chance)
        rig.run(0.05)
    beat.stop()
    rig.scanner.set_frozen(False)
    return beat


# --- many events ---------------------------------------------------------------------------------


def memory_mb() -> float:
    """What this process holds just now (Linux)."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def bench_events(rig: Rig, n: int, seed: int = 2) -> list[float]:
    """Memory while `n` random turns of knobs and moves of the probe are made, MB, ten times; each
    time at the same scene, so that what the chain remembers is of one size."""
    chance = random.Random(seed)
    start = rig.scanner.state
    found = []
    for part in range(10):
        for _ in range(n // 10):
            hand(rig, chance)
            rig.run(0.004)
        rig.scanner.restore(start)
        rig.settle()
        for step in range(4):  # the three results of each stage that are remembered
            rig.scanner.turn(focus_mm=12 + step)
            rig.settle()
            rig.scanner.move(slide_m=1e-3 * (step + part % 2))
            rig.settle()
        found.append(memory_mb())
    return found


def close_while_computing(rig: Rig) -> tuple[float, bool, list[str]]:
    """Close the window just after a turn: ms until it is gone, whether the worker ended, and the
    threads that are left besides the kernels' pool, whose threads sleep."""
    rig.scanner.move(slide_m=2e-3)
    rig.run(0.005)
    began = time.perf_counter()
    ended = rig.close()
    took_ms = 1e3 * (time.perf_counter() - began)
    left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
    return took_ms, ended, [name for name in left if not name.startswith("insonate-pool")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)
    parser.add_argument("--phantom", default="supraspinatus_lax", choices=phantom_names())
    parser.add_argument("--view", help="one of its standard views")
    parser.add_argument("--threads", type=int, help="threads for one frame")
    parser.add_argument("--repeats", type=int, default=30, help="a tenth of it: seconds of a drag")
    parser.add_argument("--rough-s", type=float, default=60.0, help="seconds of rough use")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--part", choices=("drags", "rough", "events", "all"), default="all")
    options = parser.parse_args()
    measuring.use_threads(options.threads)
    before = measuring.print_heading("The window: from a hand's event to the painted picture")
    rig = Rig(options.phantom, view=options.view)
    if options.part in ("drags", "all"):
        print(f"\n{options.phantom} {options.view or ''}")
        print(
            f"{'dragged':10}{'pictures/s':>12}{'goal':>6}{'median ms':>11}{'p95 ms':>8}"
            f"{'engine ms':>11}"
        )
        for name, found in bench_drags(rig, options.repeats / 10).items():
            median, p95 = found.latency_ms
            print(f"{name:10}{found.rate_hz:12.1f}{GOALS_HZ[name]:6.0f}{median:11.1f}{p95:8.1f}"
                  f"{statistics.median(found.computed_ms or [0]):11.1f}")  # fmt: skip
    if options.part in ("rough", "all"):
        beat = bench_rough(rig, options.rough_s)
        late = sorted(beat.late_ms)
        print(f"\nRough use, {options.rough_s:.0f} s: the GUI thread was late by {late[-1]:.0f} ms "
              f"at most, {late[int(0.99 * len(late))]:.0f} ms in 1 of 100 beats "
              f"(goal {GOAL_STALL_MS:.0f} ms)")  # fmt: skip
        for note in beat.notes:
            print("  " + note)
        rig.scanner.load_phantom(options.phantom)
        rig.settle()
    if options.part in ("events", "all"):
        found = bench_events(rig, options.events)
        print(f"\n{options.events} events, MB after each tenth: "
              + " ".join(f"{mb:.0f}" for mb in found))  # fmt: skip
        print(f"Between the second tenth and the last: {found[-1] - found[1]:+.0f} MB "
              f"(goal {GOAL_MEMORY_MB:.0f} MB)")  # fmt: skip
    took_ms, ended, left = close_while_computing(rig)
    print(f"\nClosed in {took_ms:.0f} ms while computing; worker ended: {ended}; "
          f"threads left: {', '.join(left) or 'none'}")  # fmt: skip
    measuring.print_footing(before)


if __name__ == "__main__":
    main()
