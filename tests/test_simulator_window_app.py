"""`run_window`: starts, does its errand, ends, and says what went wrong."""

import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from window_fakes import FakeEngine

from lessons import lesson_names
from simulator import app
from simulator.options import WindowOptions


@pytest.fixture
def no_memory(monkeypatch):
    monkeypatch.setattr(app, "_memory", lambda: None)


def test_a_screenshot_has_the_size_asked_for_and_shows_a_picture(qapp, tmp_path):
    path = tmp_path / "window.png"
    options = WindowOptions(phantom="muscle_block", screenshot=path, size=(1366, 690))
    assert app.run_window(options, FakeEngine) == 0
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1366, 690)
    greys = {image.pixelColor(x, 300).value() for x in range(500, 800, 3)}
    assert len(greys) > 30  # speckle in the middle


def test_a_smoke_run_ends_by_itself_and_leaves_no_thread(qapp):
    before = set(threading.enumerate())
    assert app.run_window(WindowOptions(smoke=True), FakeEngine) == 0
    assert set(threading.enumerate()) <= before


def test_it_opens_with_the_probe_asked_for(qapp):
    engine = FakeEngine()
    assert app.run_window(WindowOptions(probe="L18-4", smoke=True), lambda: engine) == 0
    assert engine.requests[0].probe == "L18-4"


def test_it_opens_with_the_lesson_asked_for_and_shows_it_the_frames(qapp, monkeypatch):
    opened, frames = [], []
    monkeypatch.setattr(app.LessonPanel, "open_lesson", lambda self, lesson: opened.append(lesson))
    monkeypatch.setattr(app.LessonPanel, "show_frame", lambda self, frame: frames.append(frame))
    name = lesson_names()[0]
    assert app.run_window(WindowOptions(lesson=name, smoke=True), FakeEngine) == 0
    assert [lesson.name for lesson in opened] == [name]
    assert frames


def test_an_engine_that_fails_ends_the_errand_with_a_sentence(qapp, capsys):
    def make():
        raise RuntimeError("no kernels today")

    assert app.run_window(WindowOptions(smoke=True), make) == 1
    message = capsys.readouterr().err
    assert message.startswith("insonate: ")
    assert "no kernels today" in message


def test_a_screenshot_that_cannot_be_written_is_told(qapp, tmp_path, capsys):
    path = tmp_path / "missing" / "window.png"
    assert app.run_window(WindowOptions(screenshot=path), FakeEngine) == 1
    assert "window.png" in capsys.readouterr().err


def test_an_error_in_a_slot_is_told_not_swallowed(qapp, monkeypatch, capsys):
    def broken(self, finished):
        raise ZeroDivisionError("a slot broke")

    monkeypatch.setattr(app.MainWindow, "show_frame", broken)
    assert app.run_window(WindowOptions(smoke=True), FakeEngine) == 1
    assert "a slot broke" in capsys.readouterr().err


def test_closing_does_not_wait_for_a_long_computation(qapp, monkeypatch, no_memory):
    left, go = [], threading.Event()
    monkeypatch.setattr(app, "_leave", left.append)
    monkeypatch.setattr(app, "LEAVE_AFTER_S", 0.01)

    def compiles_for_long():
        assert go.wait(10)
        return FakeEngine()

    QTimer.singleShot(100, lambda: [window.close() for window in qapp.topLevelWidgets()])
    try:
        assert app.run_window(WindowOptions(), compiles_for_long) == 0
    finally:
        go.set()
    assert left == [0]


def test_the_window_says_how_far_compiling_is(qtbot):
    from simulator.views.notices import Preparing

    ground, done = QWidget(), [3]
    qtbot.addWidget(ground)
    preparing = Preparing(ground)
    preparing.follow(lambda: (done[0], 18))
    assert "3 of 18" in preparing.note.text()
    assert (preparing.bar.value(), preparing.bar.maximum()) == (3, 18)
    done[0] = 18
    qtbot.waitUntil(lambda: "picture" in preparing.note.text())
    assert preparing.bar.maximum() == 0  # how long the rest takes is not known


def test_the_engine_is_not_imported_before_the_window_is_up():
    import subprocess
    import sys

    code = "import simulator.app, sys; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
