"""Make the pictures of docs/students.md and docs/lecturers.md in docs/guide: `make screenshots`.

The real window, led through named states. With names as arguments only those are made.
"""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import numpy as np
from PIL import Image
from PySide6.QtCore import QBuffer, QDeadlineTimer, QEventLoop
from PySide6.QtWidgets import QApplication

from lessons.build_console import load_console
from simulator import theme
from simulator.app import Engine, build_engine
from simulator.frame_worker import FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.measurements import DISTANCE
from simulator.models.scanner import Scanner
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow

FOLDER = Path(__file__).parents[1] / "docs" / "guide"
SIZE_PX = (1366, 768)
MOST_BYTES = 250_000
WIDTHS_PX = (1366, 1240, 1120, 1000)
"""Tried in this order until the file is small enough."""
PATIENCE_MS, SETTLE_MS = 300_000, 1_800
"""The first picture may have to wait for its kernels; captions fade within the second."""


@dataclass(frozen=True)
class Desk:
    """What a step may touch."""

    scanner: Scanner
    window: MainWindow
    pane: LessonPanel


Step = Callable[[Desk], object]


def turn(**values: float | str) -> Step:
    """Turn knobs, in display units."""
    return lambda desk: desk.scanner.turn(**values)


def show(*overlays: str) -> Step:
    """Switch overlays of the menu Insight on."""

    def step(desk: Desk) -> None:
        for name in overlays:
            desk.scanner.show_as(desk.scanner.display.toggled(name))

    return step


def measure_tendon(desk: Desk) -> None:
    """Across the bright part of the tendon."""
    layer = desk.window.measuring
    layer.take(DISTANCE)
    for point in ((-9.8e-3, 16.6e-3), (-9.8e-3, 21.0e-3)):
        layer.sheet.click(point)
    layer.take("")


STATES: dict[str, tuple[str, tuple[Step, ...]]] = {
    "window": ("supraspinatus_lax", ()),
    "dark_tendon": (
        "supraspinatus_lax",
        (
            lambda desk: desk.scanner.move(slide_m=-11e-3, rock_rad=np.radians(8.0)),
            lambda desk: desk.window.actions_.names.trigger(),
        ),
    ),
    "measure": ("supraspinatus_lax", (measure_tendon,)),
    "focus": (
        "qa_block",
        (
            turn(focus_mm=10),
            lambda desk: desk.window.classroom.comparing.keep(),
            turn(focus_mm=35),
        ),
    ),
    "console_question": (
        "supraspinatus_lax",
        (lambda desk: desk.pane.open_console(load_console()["depth_and_focus"]),),
    ),
    "presentation": ("muscle_block", (lambda desk: desk.window.presentation.enter(),)),
    "predict": ("muscle_block", (lambda desk: desk.window.classroom.ask(), turn(gain_db=20))),
    "overlays": ("supraspinatus_lax", (show("anatomy", "beam", "fibres"),)),
}
"""Phantom, and what is done one after another, each once the picture before is there."""


def wait(live: LiveScan) -> None:
    """Until the picture is what the knobs say and the window has settled."""
    given_up = QDeadlineTimer(PATIENCE_MS)
    wait_for = QEventLoop.ProcessEventsFlag.AllEvents
    while not live.up_to_date:
        if given_up.hasExpired():
            sys.exit(f"make_screenshots: no picture within {PATIENCE_MS // 1000} s")
        QApplication.processEvents(wait_for, 50)
    settled = QDeadlineTimer(SETTLE_MS)
    while not settled.hasExpired() or not live.up_to_date:
        QApplication.processEvents(wait_for, 50)


def picture_of(engine: Engine, phantom: str, steps: tuple[Step, ...]) -> Image.Image:
    """The window after these steps."""
    scanner = Scanner(phantom)
    live = LiveScan(scanner, FrameWorker(lambda: engine))
    pane = LessonPanel(scanner)
    window = MainWindow(scanner, lesson=pane, lesson_wanted=True, on_close=lambda: live.stop(0.0))
    live.shown.connect(window.show_frame)
    live.behind.connect(window.image.set_behind)
    live.chain_known.connect(window.set_chain)
    window.frame_shown.connect(pane.show_frame)
    pane.outlined.connect(window.image.show_outlines)
    window.resize(*SIZE_PX)
    window.show()
    live.start()
    wait(live)
    for step in steps:
        step(Desk(scanner, window, pane))
        wait(live)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    window.close()
    pane.figures.stop(1.0)
    return Image.open(io.BytesIO(buffer.data().data())).convert("RGB")


def small_png(picture: Image.Image) -> bytes:
    """A PNG with a palette, scaled down if it is too large otherwise."""
    for width in WIDTHS_PX:
        size = (width, round(picture.height * width / picture.width))
        scaled = picture.resize(size, Image.Resampling.LANCZOS)
        file = io.BytesIO()
        scaled.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        if file.tell() <= MOST_BYTES:
            break
    return file.getvalue()


def main(names: list[str]) -> None:
    """Make the named pictures, or all of them."""
    unknown = [name for name in names if name not in STATES]
    if unknown:
        sys.exit(f"make_screenshots: no picture is called '{unknown[0]}'; allowed: "
                 f"{', '.join(STATES)}")  # fmt: skip
    app = QApplication(sys.argv[:1])
    app.setApplicationDisplayName("Insonate")
    theme.apply(app)
    engine = build_engine()
    FOLDER.mkdir(exist_ok=True)
    for name in names or STATES:
        data = small_png(picture_of(engine, *STATES[name]))
        (FOLDER / f"{name}.png").write_bytes(data)
        print(f"{name}.png: {len(data) / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
