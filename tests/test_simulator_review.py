"""Frozen: scrub, play and trim the last seconds, measure, save, and open again."""

import gc
import itertools
import json
import math
import weakref
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageSequence
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QInputDialog
from window_fakes import FakeEngine

from simulator import theme
from simulator.frame_worker import FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.measurements import ANGLE, DISTANCE, ELLIPSE, BodyMark, Distance, Note
from simulator.models.scanner import Scanner
from simulator.scene_file import read_scene
from simulator.views import mark_painting
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow
from simulator.views.measure_menu import BodyMarkDialog

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier


def picture(request) -> np.ndarray:
    """uint8 [400, 384]: all greys, moving with the probe."""
    row, column = np.indices((400, 384))
    return ((row + column + round(request.pose.slide_m * 7e3)) % 256).astype(np.uint8)


@pytest.fixture
def window(qtbot):
    """A window with four pictures in its cine memory."""
    theme.apply(QApplication.instance())
    engine, scanner = FakeEngine(picture), Scanner("muscle_block")
    live = LiveScan(scanner, FrameWorker(lambda: engine))
    window = MainWindow(scanner, on_close=live.stop)
    window.scanner, window.live, window.engine = scanner, live, engine
    qtbot.addWidget(window)
    live.shown.connect(window.show_frame)
    live.failed.connect(window.show_trouble)
    window.show()
    with qtbot.waitSignal(live.shown):
        live.start()
    live._noise.stop()  # pictures come only when a test moves something
    for slide_m in (1e-3, 2e-3, 3e-3):
        with qtbot.waitSignal(live.shown):
            scanner.move(slide_m=slide_m)
    return window


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def freeze(window, qtbot):
    with qtbot.waitSignal(window.live.shown):
        window.scanner.set_frozen(True)


def click(window, qtbot, x_mm, z_mm, button=LEFT):
    place = window.image.place
    at = QPoint(round(place.x_px(x_mm)), round(place.z_px(z_mm)))
    qtbot.mouseClick(window.measuring, button, NONE, at)


def shown_slides_mm(window):
    return round(window.image.shown.request.pose.slide_m * 1e3, 6)


# --- the loop ---------------------------------------------------------------------------------


def test_a_new_window_has_no_bar(qtbot):
    window = MainWindow(Scanner("muscle_block"), on_close=lambda: None)
    qtbot.addWidget(window)
    window.show()
    assert not window.review.isVisible()


def test_the_bar_is_there_while_frozen(window, qtbot):
    assert not window.review.isVisible()
    freeze(window, qtbot)
    assert window.review.isVisible()
    assert window.review.where.text().split() == ["0.0", "s", "4/4"]
    window.scanner.set_frozen(False)
    assert not window.review.isVisible()


def test_scrubbing_shows_the_older_pictures_as_they_were_and_computes_nothing(window, qtbot):
    pictures = [shot.frame.picture for shot in window.review.cine.loop]
    freeze(window, qtbot)
    assert window.image.caption == "Slide  +3.0\N{NO-BREAK SPACE}mm"
    asked = len(window.engine.requests)
    window.review.slider.dragged.emit(0.0)
    assert window.review.slider.value() == 0
    np.testing.assert_array_equal(window.image.image.image, pictures[0])
    window.review.slider.stepped.emit(2)
    assert shown_slides_mm(window) == 2
    np.testing.assert_array_equal(window.image.image.image, pictures[2])
    window.review.slider.reset_asked.emit()
    assert shown_slides_mm(window) == 3
    qtbot.wait(30)
    assert len(window.engine.requests) == asked
    assert window.image.caption == ""


def test_gain_in_freeze_acts_on_the_newest_picture_and_the_loop_keeps_the_rest(window, qtbot):
    freeze(window, qtbot)
    window.review.seek(1)
    with qtbot.waitSignal(window.live.shown):
        window.scanner.turn(gain_db=6)
    assert window.image.shown.frame.settings.gain_db == 6
    assert window.review.cine.position == 3
    gains = [shot.frame.settings.gain_db for shot in window.review.cine.loop]
    assert gains == [0, 0, 0, 6]


def test_a_loop_plays_round_and_round_until_it_is_stopped(window, qtbot):
    freeze(window, qtbot)
    now = [100.0]
    window.review._clock_s = lambda: now[0]
    window.review.play.click()
    cine, seen = window.review.cine, set()
    assert window.review.play.text() == "Stop"
    for _ in range(40):
        now[0] += cine.interval_s / 3
        window.review._tick()
        seen.add(shown_slides_mm(window))
    assert seen == {0, 1, 2, 3}
    window.review.play.click()
    assert window.review.play.text() == "Play"
    assert not window.review._timer.isActive()


def test_running_again_stops_the_loop_and_starts_a_new_one(window, qtbot):
    freeze(window, qtbot)
    window.review.play.click()
    with qtbot.waitSignal(window.live.shown):
        window.scanner.set_frozen(False)
    assert not window.review._timer.isActive()
    assert len(window.review.cine) == 1


def test_trimming_is_said(window, qtbot):
    freeze(window, qtbot)
    start, end, whole = window.review.trim.menu().actions()
    window.review.seek(1)
    start.trigger()
    window.review.seek(2)
    end.trigger()
    assert window.review.cine.ends == (1, 2)
    assert window.review.trim.text() == "Trimmed"
    whole.trigger()
    assert window.review.trim.text() == "Trim"


# --- measuring --------------------------------------------------------------------------------


def test_two_clicks_measure_a_distance_on_a_frozen_picture(window, qtbot):
    window.measure_menu._tools[DISTANCE].trigger()
    assert window.scanner.frozen
    click(window, qtbot, -6, 10)
    click(window, qtbot, 2, 25)
    (mark,) = window.measuring.sheet.marks
    one_pixel = 1e-3 / window.image.place.px_per_mm
    assert mark.length_m == pytest.approx(17e-3, abs=1.5 * one_pixel)
    ((number, text),) = mark_painting.results(window.measuring.sheet.marks)
    assert number == "1"
    assert text.split()[1] == "mm"
    assert float(text.split()[0]) == pytest.approx(17, abs=0.2)


def test_clicks_beside_the_picture_and_the_right_button_put_no_point(window, qtbot):
    window.measuring.take(DISTANCE)
    click(window, qtbot, -90, 10)
    assert window.measuring.sheet.empty
    click(window, qtbot, 0, 10)
    click(window, qtbot, 0, 10, RIGHT)
    assert window.measuring.sheet.empty
    assert window.measuring.sheet.tool == DISTANCE


def test_without_a_tool_the_picture_has_the_mouse(window, qtbot):
    place, focus_mm = window.image.place, 31
    window.measuring.take(DISTANCE)
    window.measuring.take("")
    at = QPoint(round(place.right_px + 10), round(place.z_px(focus_mm)))
    under = window.image.viewport().childAt(at)
    assert under is None or under is not window.measuring


def test_running_again_wipes_the_marks(window, qtbot):
    window.measuring.take(ANGLE)
    for x_mm in (-5, 0, 5):
        click(window, qtbot, x_mm, 10 + x_mm)
    window.measuring.put_body_mark(BodyMark("Right shoulder", math.pi / 2))
    assert not window.measuring.sheet.empty
    window.scanner.set_frozen(False)
    assert window.measuring.sheet.empty
    assert not window.measuring.isVisible()


def test_words_are_written_where_one_clicks_next_and_once(window, qtbot, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *args: ("  bursa ", True))
    window.measure_menu.ask_words()
    click(window, qtbot, 0, 10)
    click(window, qtbot, 5, 20)
    (note,) = window.measuring.sheet.marks
    assert isinstance(note, Note)
    assert note.text == "bursa"


def test_a_body_mark_says_place_and_direction(window, qtbot):
    dialog = BodyMarkDialog(None, window)
    assert dialog.mark is None
    dialog.text.setText("Left elbow")
    assert dialog.mark == BodyMark("Left elbow", math.pi / 2)
    assert BodyMarkDialog(BodyMark("Knee", 0.0), window).mark == BodyMark("Knee", 0.0)


def test_marks_are_painted_where_they_are_and_hidden_ones_are_not(window, qtbot):
    window.measuring.take(DISTANCE)
    sheet, place = window.measuring.sheet, window.image.place
    sheet.marks = [Distance((0.0, 10e-3), (0.0, 30e-3))]
    middle = QPointF(place.x_px(0), place.z_px(20)).toPoint()
    colour = window.image.grab().toImage().pixelColor(middle)
    assert colour.red() > 180 > colour.blue() + 60


def test_only_marks_that_measure_are_counted():
    marks = [Note((0.0, 0.0), "x"), Distance((0.0, 0.0), (0.0, 5e-3))]
    assert mark_painting.numbers(marks) == ["", "1"]
    assert [text.split() for _, text in mark_painting.results(marks)] == [["5.0", "mm"]]


def test_the_menu_shows_the_tool_in_hand(window):
    window.measuring.take(ELLIPSE)
    checked = [t for t, action in window.measure_menu._tools.items() if action.isChecked()]
    assert checked == [ELLIPSE]
    window.measuring.take("")
    assert not any(action.isChecked() for action in window.measure_menu._tools.values())


def test_no_menu_key_is_one_of_the_keyboard_map_or_another_menu(window):
    menus = [action.menu() for action in window.menuBar().actions()]
    keys = [action.shortcut() for menu in menus for action in menu.actions()]
    texts = [key.toString() for key in keys if not key.isEmpty()]
    assert len(texts) == len(set(texts))
    ours = [QKeySequence(key).toString() for (key, held) in window.keys._actions if held == NONE]
    assert not set(texts) & set(ours)


def test_nothing_of_the_bar_is_cut_off_even_with_a_lesson_on_a_small_screen(qtbot):
    scanner = Scanner("muscle_block")
    window = MainWindow(scanner, lesson=LessonPanel(scanner), lesson_wanted=True)
    qtbot.addWidget(window)
    window.show()
    scanner.set_frozen(True)
    for size in ((1920, 1040), (1366, 690), (1024, 640)):
        window.resize(*size)
        qtbot.waitUntil(lambda size=size: (window.width(), window.height()) == size)
        qtbot.wait(20)
        bar = window.review
        parts = [bar.play, bar.slider, bar.where, bar.trim, bar.measure]
        for part in parts:
            assert bar.rect().contains(part.geometry())
            assert part.width() >= part.minimumSizeHint().width()
        assert all(a.geometry().right() < b.x() for a, b in itertools.pairwise(parts))
        assert bar.slider.width() > 60
        assert window.image.height() >= 300


# --- saving -----------------------------------------------------------------------------------


def test_a_picture_alone_is_saved_as_it_was_computed(window, qtbot):
    freeze(window, qtbot)
    window.review.seek(1)
    picture = window.review.cine.shown.frame.picture
    for name in ("a.png", "a.dcm"):
        window.saving.save_picture(Path(name), with_marks=False)
        window.saving.wait()
    with Image.open("a.png") as png:
        np.testing.assert_array_equal(np.asarray(png), picture)
        assert json.loads(png.text["Description"])["slide_mm"] == 1
    np.testing.assert_array_equal(pydicom.dcmread("a.dcm").pixel_array, picture)
    qtbot.waitUntil(lambda: "Saved a.dcm" in window.image.caption)


def test_a_picture_with_its_marks_is_what_is_on_the_screen(window, qtbot):
    window.measuring.take(DISTANCE)
    click(window, qtbot, -6, 10)
    click(window, qtbot, 2, 25)
    window.image._end_caption()
    looks = window.image.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    window.saving.save_picture(Path("a.png"), with_marks=True)
    window.saving.wait()
    saved = QImage("a.png").convertToFormat(QImage.Format.Format_RGB32)
    assert saved.size() == looks.size()
    assert saved == looks


def test_a_loop_is_saved_as_far_as_it_is_trimmed(window, qtbot):
    freeze(window, qtbot)
    window.review.seek(1)
    window.review.cine.start_here()
    pictures = [shot.frame.picture for shot in window.review.cine.loop]
    window.saving.save_loop(Path("a.gif"))
    window.saving.wait()
    with Image.open("a.gif") as gif:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(gif)]
    np.testing.assert_array_equal(frames, pictures)
    assert len(pictures) == 3


def test_what_cannot_be_saved_is_said_in_the_window(window, qtbot):
    freeze(window, qtbot)
    window.saving.save_loop(Path("nowhere/a.gif"))
    qtbot.waitUntil(window.banner.isVisible)
    assert "there is no folder" in window.banner.message.text()
    window.saving.save_loop(Path("a.xyz"))
    assert ".gif" in window.banner.message.text()
    assert list(Path().iterdir()) == []


def test_a_scene_that_is_saved_and_opened_sets_everything_back(window, qtbot):
    window.scanner.turn(gain_db=5, focus_mm=12)
    window.scanner.seed = 3
    window.saving.save_scene(Path("a.insonate"))
    window.saving.wait()
    before = window.scanner.request()
    assert read_scene(Path("a.insonate")).settings == before.settings
    window.scanner.load_phantom("qa_block")
    window.saving.open_scene(Path("a.insonate"))
    after = window.scanner.request()
    assert (after.phantom, after.probe, after.pose) == (before.phantom, before.probe, before.pose)
    assert (after.settings, after.seed, after.noise_seed) == (
        before.settings, 3, before.noise_seed,
    )  # fmt: skip
    assert window.console.knobs["gain_db"].value_button.text().startswith("+5")


def test_the_scene_of_a_frozen_scanner_is_that_of_the_picture_shown(window, qtbot):
    freeze(window, qtbot)
    window.scanner.move(slide_m=-4e-3)
    window.review.seek(1)
    window.saving.save_scene(Path("a.insonate"))
    window.saving.wait()
    assert read_scene(Path("a.insonate")).pose.slide_m == 1e-3


def test_a_scene_that_cannot_be_read_is_said_and_changes_nothing(window, qtbot):
    before = window.scanner.request()
    Path("a.insonate").write_text('{"insonate_scene": 1')
    window.saving.open_scene(Path("a.insonate"))
    assert window.banner.isVisible()
    assert window.banner.message.text().startswith("a.insonate: is damaged")
    assert window.scanner.request() == before


def test_a_name_without_suffix_gets_that_of_the_kind_chosen(window, qtbot, monkeypatch):
    freeze(window, qtbot)
    answers = iter([("loop", "Animated picture, GIF (*.gif)"), ("x", ""), ("", "")])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: next(answers))
    window.saving.ask_loop()
    window.saving.wait()
    window.saving.ask_scene()
    window.saving.wait()
    window.saving.ask_picture()
    assert sorted(path.name for path in Path().iterdir()) == ["loop.gif", "x.insonate"]


def test_closing_waits_for_what_is_being_saved(window, qtbot):
    freeze(window, qtbot)
    window.saving.save_loop(Path("a.mp4"))
    window.close()
    assert Path("a.mp4").stat().st_size > 1000


def test_a_window_that_nobody_holds_is_gone_at_once(qapp):
    """A cycle of references would leave it to the collector, which may run in another thread."""
    window = MainWindow(Scanner("muscle_block"))
    parts = [weakref.ref(part) for part in (window, window.review, window.saving, window.measuring)]
    gc.disable()
    try:
        del window
        assert [part() for part in parts] == [None] * len(parts)
    finally:
        gc.enable()
