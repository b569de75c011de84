"""The window with focal zones, a narrow sector and a zoom: knobs, marks, ruler, locator, hands."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter
from window_fakes import FakeEngine

from physics.geometry import Pose
from physics.probe import find_probe
from physics.settings import KNOBS, ScanSettings, fitted_to_probe
from simulator.frame_worker import FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.scanner import Scanner
from simulator.renderer import Request
from simulator.views import image_view, screen_marks
from simulator.views.console import Console
from simulator.views.hands import FOCUS, PROBE
from simulator.views.locator import outline, shows_part, whole_and_part
from simulator.views.main_window import MainWindow

ZOOM = {"depth_mm": 30, "top_mm": 12, "width_percent": 50, "centre_mm": 4}
LINE_KNOBS = ("focal_zones", "line_density", "width_percent", "centre_mm", "top_mm")


@pytest.fixture
def scanner(qapp):
    return Scanner("muscle_block")


@pytest.fixture
def view(scanner, qtbot):
    """The picture's view, in its window, with a running scanner behind it."""
    live = LiveScan(scanner, FrameWorker(FakeEngine))
    window = MainWindow(scanner, on_close=live.stop)
    qtbot.addWidget(window)
    live.shown.connect(window.show_frame)
    window.resize(1366, 1000)
    window.show()
    with qtbot.waitSignal(live.shown):
        live.start()
    yield window.image
    del window  # it must live as long as the test


def turn(view, scanner, qtbot, **knobs):
    """Turn knobs one after the other, and wait for the picture."""
    for name, value in knobs.items():
        scanner.turn(**{name: value})
    qtbot.waitUntil(lambda: view.shown.frame.settings == scanner.settings)


def frame_of(probe="L12-3", **knobs):
    settings = fitted_to_probe(ScanSettings(), find_probe(probe)).turned(**knobs)
    return FakeEngine()(Request("muscle_block", probe, Pose(), settings, 1, 1, 1))


# --- the model --------------------------------------------------------------------------------


def test_a_sector_stays_on_the_face_when_it_widens(scanner):
    scanner.turn(width_percent=50)
    assert scanner.knob_range("centre_mm") == pytest.approx((-9.6, 9.6))
    scanner.turn(centre_mm=9)
    scanner.turn(width_percent=75)
    assert scanner.settings.display("centre_mm") == pytest.approx(4.8)
    scanner.turn(width_percent=100)
    assert scanner.settings.display("centre_mm") == 0
    assert scanner.knob_range("centre_mm") == (0, 0)


def test_a_zoom_stays_above_the_depth_and_keeps_the_focus_in_sight(scanner):
    scanner.turn(depth_mm=40, focus_mm=15)
    scanner.turn(top_mm=20)
    assert scanner.settings.display("focus_mm") == pytest.approx(20)
    assert scanner.knob_range("focus_mm") == pytest.approx((20, 40))
    assert scanner.knob_range("top_mm") == pytest.approx((0, 35))
    scanner.turn(depth_mm=15)
    assert scanner.settings.display("top_mm") == pytest.approx(10)
    assert scanner.settings.display("focus_mm") == pytest.approx(15)


def test_another_probe_takes_the_sector_with_it(scanner):
    scanner.turn(width_percent=50)
    scanner.turn(centre_mm=9.5)
    scanner.set_probe("C5-2v")
    assert scanner.settings.display("centre_mm") == pytest.approx(9.5)
    scanner.turn(centre_mm=16)
    scanner.set_probe("L12-3")
    assert scanner.settings.display("centre_mm") == pytest.approx(9.6)


# --- the console ------------------------------------------------------------------------------


def test_the_knobs_of_the_lines_are_a_group_of_their_own(scanner, qtbot):
    console = Console(scanner)
    qtbot.addWidget(console)
    fold = console.folds["lines"]
    controls = {**console.knobs, **console.choices}
    assert all(fold.isAncestorOf(controls[name]) for name in LINE_KNOBS)
    assert {k.name for k in KNOBS.values() if k.group == "lines"} == set(LINE_KNOBS)
    assert "Write zoom" in console.knobs["top_mm"].toolTip()


def test_a_knob_with_nowhere_to_go_is_grey(scanner, qtbot):
    console = Console(scanner)
    qtbot.addWidget(console)
    assert not console.knobs["centre_mm"].slider.isEnabled()
    scanner.turn(width_percent=50)
    assert console.knobs["centre_mm"].slider.isEnabled()


# --- the picture ------------------------------------------------------------------------------


def test_every_focal_zone_has_a_mark_at_its_depth(view, scanner, qtbot, monkeypatch):
    marked = []
    draw = screen_marks.focus_mark
    monkeypatch.setattr(screen_marks, "focus_mark", lambda *a: marked.append(a[2]) or draw(*a))
    turn(view, scanner, qtbot, depth_mm=40, focus_mm=20, focal_zones="3")
    marked.clear()
    view.grab()
    assert marked == pytest.approx([15, 20, 25])
    place = view.place
    tips = [draw(place, view._layout(), mm)[0].y() for mm in marked]
    assert tips == pytest.approx([place.z_px(mm) for mm in marked])


def test_millimetres_of_a_zoomed_picture_are_true(view, scanner, qtbot):
    turn(view, scanner, qtbot, **ZOOM)
    place = view.place
    assert (place.top_mm, place.bottom_mm) == (12, 30)
    assert (place.left_mm, place.right_mm) == pytest.approx((4 - 9.6, 4 + 9.6))
    across = (place.right_px - place.left_px) / 19.2
    assert across == pytest.approx((place.bottom_px - place.top_px) / 18)
    view.grab()  # lays the image out

    n_row, n_column = view.image.image.shape
    corners = [view.image.mapToScene(QPointF(*p)) for p in ((0, 0), (n_column, n_row))]
    assert corners[0].x() == pytest.approx(place.x_px(4 - 9.6), abs=1.5)
    assert corners[0].y() == pytest.approx(place.z_px(12), abs=1.5)
    assert corners[1].x() == pytest.approx(place.x_px(4 + 9.6), abs=1.5)
    assert corners[1].y() == pytest.approx(place.z_px(30), abs=1.5)


def texts_of(view, monkeypatch):
    """What is written round the picture."""
    written = []

    class Painter(QPainter):
        def drawText(self, *args):
            written.append(args[-1])
            super().drawText(*args)

    monkeypatch.setattr(image_view, "QPainter", Painter)
    view.grab()
    return written


def test_the_ruler_of_a_zoom_begins_at_its_top(view, scanner, qtbot, monkeypatch):
    turn(view, scanner, qtbot, **ZOOM)
    view.resize(900, 1000)  # room for all read-outs
    written = texts_of(view, monkeypatch)
    ruler = written[written.index("Top of picture") + 2 :]  # the read-outs come first
    numbers = [text for text in ruler if text.replace("\N{NO-BREAK SPACE}mm", "").isdigit()]
    depths = [int(text.replace("\N{NO-BREAK SPACE}mm", "")) for text in numbers]
    assert depths == sorted(depths)
    assert 12 <= depths[0] < depths[-1] <= 30
    assert numbers[0].endswith("mm")
    assert {"Sector width", "Sector centre", "Top of picture"} <= set(written)


def test_a_zoomed_picture_has_the_probe_above_it_to_be_grabbed(view, scanner, qtbot):
    turn(view, scanner, qtbot, **ZOOM)
    place, before = view.place, scanner.pose.slide_m
    handle = QPoint(round(place.x_px(4)), round(place.top_px - 12))
    assert view.zone_at(QPointF(handle)) == PROBE
    assert view.zone_at(QPointF(place.x_px(4), place.z_px(20))) == ""
    viewport = view.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=handle)
    qtbot.mouseMove(viewport, handle + QPoint(45, 0))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=handle + QPoint(45, 0))
    moved_mm = (scanner.pose.slide_m - before) * 1e3
    assert moved_mm == pytest.approx(45 / place.px_per_mm, rel=0.01)


def test_the_focus_of_a_zoom_is_dragged_to_the_depth_under_the_mouse(view, scanner, qtbot):
    turn(view, scanner, qtbot, **ZOOM)
    place = view.place
    at = QPoint(round(place.right_px + 10), round(place.z_px(25)))
    assert view.zone_at(QPointF(at)) == FOCUS
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert scanner.settings.display("focus_mm") == pytest.approx(25)


def test_a_low_view_keeps_its_frame_rate_and_leaves_the_locator_out(
    view, scanner, qtbot, monkeypatch
):
    turn(view, scanner, qtbot, **ZOOM)
    drawn = []
    monkeypatch.setattr(image_view, "draw_locator", lambda *_: drawn.append(1))
    for height, there in ((1000, 1), (480, 0)):
        drawn.clear()
        view.resize(900, height)
        assert "Frame rate" in texts_of(view, monkeypatch)
        assert bool(drawn) == bool(there)


# --- the locator ------------------------------------------------------------------------------


def test_the_locator_is_there_only_if_a_part_is_shown():
    assert not shows_part(frame_of())
    assert shows_part(frame_of(width_percent=60))
    assert shows_part(frame_of(top_mm=10))


def test_the_locator_shows_the_region_in_the_whole_field():
    whole, part = whole_and_part(frame_of(**ZOOM))
    assert (whole[0].min(), whole[0].max()) == pytest.approx((-19.2e-3, 19.2e-3))
    assert (whole[1].min(), whole[1].max()) == pytest.approx((0, 30e-3))
    assert (part[0].min(), part[0].max()) == pytest.approx((-5.6e-3, 13.6e-3))
    assert (part[1].min(), part[1].max()) == pytest.approx((12e-3, 30e-3))


def test_the_locator_of_a_convex_probe_is_a_sector():
    frame = frame_of("C5-2v", depth_mm=100, width_percent=50, top_mm=40)
    whole, part = whole_and_part(frame)
    radius = frame.probe.radius_m
    for places, ranges in ((whole, (0.0, 100e-3)), (part, (40e-3, 100e-3))):
        far = np.hypot(places[0], places[1] + radius) - radius
        assert (far.min(), far.max()) == pytest.approx(ranges, abs=1e-9)
    angle = np.arctan2(whole[0], whole[1] + radius)
    assert np.ptp(np.arctan2(part[0], part[1] + radius)) == pytest.approx(np.ptp(angle) / 2)
    again = outline(frame.lines, 40e-3, 100e-3)
    np.testing.assert_array_equal(again[0], part[0])
