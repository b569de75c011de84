"""The window as a hand and an eye meet it: controls, picture, probe, focus, freeze."""

import math
from dataclasses import replace

import numpy as np
import pytest
from cli_fakes import FAKE_OUTPUT
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSlider, QWidget
from window_fakes import FakeEngine, fake_chain

from physics.settings import KNOBS
from simulator import theme
from simulator.frame_worker import FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.scanner import Scanner
from simulator.views import image_view
from simulator.views.console import PRIMARY
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow
from simulator.views.screen_marks import output_texts
from simulator.views.stage_strip import StageStrip

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qtbot):
    theme.apply(QApplication.instance())
    scanner = Scanner("muscle_block")
    live = LiveScan(scanner, FrameWorker(FakeEngine))
    window = MainWindow(scanner, on_close=live.stop)
    window.scanner, window.live = scanner, live
    qtbot.addWidget(window)
    live.shown.connect(window.show_frame)
    live.behind.connect(window.image.set_behind)
    live.failed.connect(window.show_trouble)
    live.chain_known.connect(window.set_chain)
    window.show()
    with qtbot.waitSignal(live.shown):
        live.start()
    return window


def shown_settings(window):
    return window.image.shown.frame.settings


def skin(window, x_mm=0.0):
    """A point on the probe's face, above this place of the picture."""
    place = window.image.place
    return QPoint(round(place.x_px(x_mm)), round(place.top_px - 10))


def drag(qtbot, widget, start, end, button=LEFT, modifier=NONE):
    qtbot.mousePress(widget, button, modifier, start)
    middle = (start + end) / 2
    for point in (middle, end):
        event_point = QPoint(point)
        qtbot.mouseMove(widget, event_point)
    qtbot.mouseRelease(widget, button, modifier, end)


def test_the_window_closes_its_worker(window):
    window.close()
    assert window.live._worker.stop(0)


def test_a_picture_takes_the_place_of_the_progress_message(qtbot):
    window = MainWindow(Scanner("muscle_block"))
    qtbot.addWidget(window)
    window.show()
    assert window.preparing.isVisible()
    window.show_trouble("it went wrong.")
    assert not window.preparing.isVisible()
    assert window.banner.message.text() == "it went wrong."


def test_every_knob_has_a_control(window):
    controls = {*window.console.knobs, *window.console.choices, "tgc_db"}
    assert controls == set(KNOBS)
    assert set(PRIMARY) == {k.name for k in KNOBS.values() if k.group == "main"} - {"tgc_db"}


def test_every_control_has_a_name_and_a_tool_tip(window):
    kinds = (QSlider, QAbstractButton, QComboBox)
    controls = [w for kind in kinds for w in window.findChildren(kind)]
    assert len(controls) > 30
    ours = [w for w in controls if not w.objectName().startswith("qt_")]
    for control in ours:
        assert control.accessibleName() or control.text(), control
        assert control.toolTip(), (control, control.accessibleName())


@pytest.mark.parametrize("size", [(1366, 690), (1920, 1040)])
def test_it_fits_the_screens_it_is_made_for(window, qtbot, size):
    hint = window.minimumSizeHint()
    assert hint.width() <= 1366
    assert hint.height() <= 690
    window.resize(*size)
    qtbot.waitUntil(lambda: (window.width(), window.height()) == size)
    qtbot.wait(20)
    frame, place = window.image.shown.frame, window.image.place
    assert place.bottom_mm == pytest.approx(frame.bottom_m * 1e3)
    assert 0 < place.left_px < place.right_px < window.image.width()
    assert 0 < place.top_px < place.bottom_px < window.image.height()


def test_a_millimetre_is_as_long_down_as_across(window):
    place, view = window.image.place, window.image
    corners = [view.image.mapToScene(QPointF(*p)) for p in ((0, 0), (384, 400))]
    assert corners[0].x() == pytest.approx(place.left_px, abs=1.5)
    assert corners[0].y() == pytest.approx(place.top_px, abs=1.5)
    assert corners[1].x() == pytest.approx(place.right_px, abs=1.5)
    assert corners[1].y() == pytest.approx(place.bottom_px, abs=1.5)
    across = (place.right_px - place.left_px) / (place.right_mm - place.left_mm)
    down = (place.bottom_px - place.top_px) / place.bottom_mm
    assert across == pytest.approx(down)


def test_greys_reach_the_screen_unchanged(window, qtbot):
    flat = np.full((400, 384), 137, np.uint8)
    window.image.image.setImage(flat, autoLevels=False)
    place = window.image.place
    middle = QPoint(round(place.x_px(5.0)), round(place.z_px(12.0)))
    pixel = window.image.grab().toImage().pixelColor(middle)
    assert (pixel.red(), pixel.green(), pixel.blue()) == (137, 137, 137)


@pytest.mark.parametrize("name", PRIMARY)
def test_keys_and_wheel_turn_a_knob_by_its_step(window, qtbot, name):
    knob, control = KNOBS[name], window.console.knobs[name]
    low, high = window.scanner.knob_range(name)
    start = knob.step * round((low + high) / 2 / knob.step)
    window.scanner.turn(**{name: start})
    qtbot.keyClick(control.slider, Qt.Key.Key_Up)
    assert control.value == pytest.approx(start + knob.step)
    wheel(control, -240)
    assert control.value == pytest.approx(start - knob.step)
    assert window.scanner.settings.display(name) == pytest.approx(control.value)


def wheel(widget, angle):
    position = QPointF(widget.rect().center())
    event = QWheelEvent(position, QPointF(widget.mapToGlobal(position.toPoint())), QPoint(),
                        QPoint(0, angle), Qt.MouseButton.NoButton, NONE,
                        Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_a_slider_follows_the_mouse_and_a_double_click_resets_it(window, qtbot):
    slider = window.console.knobs["gain_db"].slider
    qtbot.mousePress(slider, LEFT, NONE, QPoint(slider.width() - 1, slider.height() // 2))
    qtbot.mouseRelease(slider, LEFT)
    assert window.scanner.settings.gain_db == KNOBS["gain_db"].high
    qtbot.mouseDClick(slider, LEFT)
    assert window.scanner.settings.gain_db == 0.0


def test_a_value_can_be_typed(window, qtbot):
    control = window.console.knobs["frequency_mhz"]
    qtbot.mouseClick(control.value_button, LEFT)
    control._edit.setText("7.6")
    qtbot.keyClick(control._edit, Qt.Key.Key_Return)
    assert window.scanner.settings.frequency_hz == pytest.approx(7.6e6)
    qtbot.keyClick(control.slider, Qt.Key.Key_Up)
    assert window.scanner.settings.frequency_hz == pytest.approx(8.0e6)


@pytest.mark.parametrize("text", ["99", "-1", "nan", "inf", "abc", ""])
def test_nonsense_cannot_be_typed(window, qtbot, text):
    control, before = window.console.knobs["frequency_mhz"], window.scanner.settings
    control.start_typing()
    control._edit.setText(text)
    qtbot.keyClick(control._edit, Qt.Key.Key_Return)
    assert window.scanner.settings == before


def test_the_probe_limits_the_knobs(window):
    window.scanner.set_probe("L18-4")
    control = window.console.knobs["frequency_mhz"]
    assert control.value == pytest.approx(8)
    assert "18.0" in control.toolTip()
    assert window.console.probe_box.currentData() == "L18-4"


def test_tgc_sliders_say_their_depth_and_change_the_picture(window, qtbot):
    labels = [slider.label.text() for slider in window.console.tgc.sliders]
    assert labels[0].startswith("2.5")
    assert labels[-1].startswith("37.5")
    qtbot.keyClick(window.console.tgc.sliders[2].slider, Qt.Key.Key_PageUp)
    assert window.scanner.settings.tgc_db == (0, 0, 5, 0, 0, 0, 0, 0)
    qtbot.waitUntil(lambda: shown_settings(window).tgc_db[2] == 5)
    qtbot.mouseClick(window.console.tgc.flat, LEFT)
    assert window.scanner.settings.tgc_db == (0,) * 8


def test_dragging_the_probe_slides_it_as_far_as_the_mouse_goes(window, qtbot):
    start = skin(window)
    before = window.scanner.pose.slide_m
    by_px = 60
    drag(qtbot, window.image.viewport(), start, start + QPoint(by_px, 0))
    moved_mm = (window.scanner.pose.slide_m - before) * 1e3
    assert moved_mm == pytest.approx(by_px / window.image.place.px_per_mm, rel=0.01)
    assert window.scanner.pose.rock_rad == 0.0


@pytest.mark.parametrize(("button", "modifier"), [(LEFT, SHIFT), (RIGHT, NONE)])
def test_shift_or_the_right_button_rocks_it(window, qtbot, button, modifier):
    start, slide = skin(window), window.scanner.pose.slide_m
    viewport = window.image.viewport()
    drag(qtbot, viewport, start, start + QPoint(50, 0), button, modifier)
    assert math.degrees(window.scanner.pose.rock_rad) == pytest.approx(10)
    assert window.scanner.pose.slide_m == slide


def test_a_drag_in_the_picture_moves_nothing(window, qtbot):
    place, pose = window.image.place, window.scanner.pose
    inside = QPoint(round(place.x_px(0)), round(place.z_px(20)))
    drag(qtbot, window.image.viewport(), inside, inside + QPoint(40, 0))
    assert window.scanner.pose == pose


def test_the_focus_mark_can_be_dragged(window, qtbot):
    place = window.image.place
    x = round(place.right_px + 10)
    start, end = (QPoint(x, round(place.z_px(mm))) for mm in (18, 31))
    drag(qtbot, window.image.viewport(), start, end)
    assert window.scanner.settings.display("focus_mm") == pytest.approx(31)
    drag(qtbot, window.image.viewport(), end, QPoint(x, 0))
    assert window.scanner.settings.display("focus_mm") == pytest.approx(KNOBS["focus_mm"].low)


@pytest.mark.parametrize(
    ("key", "modifier", "slide_mm", "rock_deg"),
    [
        (Qt.Key.Key_Right, NONE, 1.0, 0.0),
        (Qt.Key.Key_Left, SHIFT, -0.2, 0.0),
        (Qt.Key.Key_Right, CTRL, 0.0, 1.0),
        (Qt.Key.Key_BracketLeft, NONE, 0.0, -1.0),
    ],
)
@pytest.mark.parametrize("focus", ["picture", "knob"])
def test_keys_move_the_probe_wherever_the_focus_is(
    window, qtbot, key, modifier, slide_mm, rock_deg, focus
):
    target = window.image if focus == "picture" else window.console.knobs["gain_db"].slider
    start, gain = window.scanner.pose, window.scanner.settings.gain_db
    qtbot.keyClick(target, key, modifier)
    assert (window.scanner.pose.slide_m - start.slide_m) * 1e3 == pytest.approx(slide_mm)
    assert math.degrees(window.scanner.pose.rock_rad - start.rock_rad) == pytest.approx(rock_deg)
    assert window.scanner.settings.gain_db == gain
    qtbot.keyClick(target, Qt.Key.Key_Home)
    assert window.scanner.pose == window.scanner.phantom.start_pose


def test_keys_press_the_probe_and_home_lifts_it(window, qtbot):
    for key, press_mm in (
        (Qt.Key.Key_Period, 0.5),
        (Qt.Key.Key_Period, 1.0),
        (Qt.Key.Key_Comma, 0.5),
    ):
        qtbot.keyClick(window.image, key)
        assert window.scanner.pose.press_m * 1e3 == pytest.approx(press_mm)
    qtbot.keyClick(window.image, Qt.Key.Key_Home)
    assert window.scanner.pose.press_m == 0.0


def test_a_letter_selects_a_knob_and_a_digit_a_tgc_slider(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window.image, "g")
    assert window.console.knobs["gain_db"].slider.hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), "3")
    assert window.console.tgc.sliders[2].slider.hasFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert window.scanner.settings.tgc_db[2] == -1


def test_no_key_is_bound_twice(window):
    keys = [key for binding in window.keys.bindings for key in binding.actions]
    assert len(keys) == len(set(keys))


def test_freeze_keeps_the_picture_and_lets_the_gain_act(window, qtbot):
    qtbot.keyClick(window.image, Qt.Key.Key_Space)
    assert window.scanner.frozen
    assert window.console.freeze.isChecked()
    window.scanner.turn(focus_mm=30, gain_db=4)
    qtbot.waitUntil(lambda: shown_settings(window).gain_db == 4)
    assert shown_settings(window).display("focus_mm") == pytest.approx(18)
    assert window.console.knobs["focus_mm"].value_button.property("waiting")
    qtbot.mouseClick(window.console.freeze, LEFT)
    qtbot.waitUntil(lambda: shown_settings(window).display("focus_mm") == pytest.approx(30))
    assert not window.console.knobs["focus_mm"].value_button.property("waiting")


def test_a_turn_is_written_at_the_picture_and_lights_its_stages(window, qtbot):
    window.scanner.turn(gain_db=6)
    qtbot.waitUntil(lambda: window.image.caption != "")
    assert window.image.caption.split() == ["Gain", "+6", "dB"]
    assert "Receive" in window.stages.lit


def test_the_safety_indices_are_written_beside_the_picture_however_low_the_view(
    window, qtbot, monkeypatch
):
    written = []

    class Painter(QPainter):
        def drawText(self, *args):
            written.append(args[-1])
            super().drawText(*args)

    monkeypatch.setattr(image_view, "QPainter", Painter)
    window.image.resize(420, 300)
    window.image.repaint()
    assert {"MI 0.9", "TIS 0.1", "TIB 0.1"} <= set(written)
    assert "Frame rate" not in written


def test_indices_are_written_to_the_nearest_tenth():
    output = replace(FAKE_OUTPUT, mi=1.304, tis=0.049, tib=1.96)
    assert output_texts(output) == ("MI 1.3", "TIS 0.0", "TIB 2.0")


def test_an_error_leaves_the_picture_and_goes_with_the_next_one(window, qtbot):
    shown = window.image.shown
    window.live.failed.emit("it went wrong.")
    assert window.banner.isVisible()
    assert window.image.shown is shown
    window.scanner.turn(gain_db=9)
    qtbot.waitUntil(lambda: not window.banner.isVisible())


def test_choosing_a_phantom_loads_it(window, qtbot):
    box = window.console.phantom_box
    row = box.findData("supraspinatus_lax")
    box.setCurrentIndex(row)
    box.activated.emit(row)
    assert window.scanner.phantom.name == "supraspinatus_lax"
    qtbot.waitUntil(lambda: window.image.shown.request.phantom == "supraspinatus_lax")


def test_help_pages_open(window, qtbot):
    for show, words in ((window.show_keys, "Space"), (window.show_about, "not for diagnosis")):
        show()
        box = QApplication.activeModalWidget()
        assert words in box.text()
        box.close()


def test_the_late_mark_is_painted(window, qtbot):
    window.image.set_behind(True)
    place = window.image.place
    pixel = (
        window.image.grab().toImage().pixelColor(round(place.left_px - 2), round(place.z_px(20)))
    )
    assert pixel.red() > 150 > pixel.blue()


def test_image_processing_is_a_closed_group_of_its_own(window, qtbot):
    console = window.console
    rows = [console.knobs["persistence"], console.choices["grey_map"]]
    assert not any(row.isVisible() for row in rows)
    console.folds["image"].button.click()
    qtbot.waitUntil(lambda: all(row.isVisible() for row in rows))
    assert not console.knobs["tx_f_number"].isVisible()
    assert "Frame averaging" in rows[0].toolTip()
    assert "Compression" in console.knobs["dynamic_range_db"].toolTip()


def test_a_level_typed_between_two_steps_goes_to_the_nearest(window):
    window.console.knobs["edge_enhancement"].asked.emit(1.7)
    assert window.scanner.settings.display("edge_enhancement") == 2


def test_a_lesson_that_was_asked_for_is_open_on_any_screen(qtbot, monkeypatch):
    monkeypatch.setattr(MainWindow, "minimumSizeHint", lambda self: QSize(9999, 500))
    for wanted in (True, False):
        window = MainWindow(Scanner("muscle_block"), lesson=QWidget(), lesson_wanted=wanted)
        qtbot.addWidget(window)
        assert window.lesson_dock.isHidden() is not wanted


def test_a_window_with_a_lesson_fits_a_small_screen(qtbot):
    scanner = Scanner("muscle_block")
    window = MainWindow(scanner, lesson=LessonPanel(scanner), lesson_wanted=True)
    qtbot.addWidget(window)
    assert window.minimumSizeHint().width() <= 1024
    assert window.minimumSizeHint().height() <= 640
    window.resize(1024, 640)
    window.show()
    qtbot.waitUntil(lambda: window.width() == 1024)
    qtbot.waitUntil(lambda: window.probe.slide.slider.width() > 100)


def test_the_stage_strip_takes_rows_instead_of_cutting_its_words(qtbot):
    strip = StageStrip()
    qtbot.addWidget(strip)
    strip.set_chain(fake_chain())
    heights = []
    for width in (1400, 500):
        strip.resize(width, strip.height())
        heights.append(strip.sizeHint().height())
        strip.resize(width, heights[-1])
        strip._place_boxes()
        for group, box in strip._boxes:
            assert box.width() >= strip.fontMetrics().horizontalAdvance(group.label)
            assert box.right() < width
            assert box.bottom() <= strip.height()
    assert heights[1] > heights[0]
