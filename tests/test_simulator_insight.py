"""Insight overlays in the window: keys, geometry on the screen, legend, signal, scenes."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from window_fakes import FakeEngine

from physics.probe import UnknownNameError
from simulator.desk import OVERLAYS, Desk, Display
from simulator.faults import FAULTS
from simulator.frame_worker import Finished, FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.insight import Insight
from simulator.models.scanner import Scanner
from simulator.renderer import Renderer, start_request
from simulator.scene_file import parse_scene_and_desk, write_scene
from simulator.views import insight_painting as painting
from simulator.views.insight_layer import TELLING
from simulator.views.insight_menu import KEYS
from simulator.views.main_window import MainWindow
from simulator.views.overlays import apart
from simulator.views.tissue_kinds import KINDS, OTHER, kind_of

ALL = frozenset(OVERLAYS)


@pytest.fixture(scope="module")
def renderer():
    return Renderer()


@pytest.fixture
def scanner(qapp):
    return Scanner("qa_block")


@pytest.fixture
def window(scanner, qtbot):
    window = MainWindow(scanner)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    return window


def scan(window, renderer, **knobs):
    """Show what the engine makes of the scanner's state and these knobs."""
    scanner = window.scanner
    for name, value in knobs.items():
        scanner.turn(**{name: value})
    finished = Finished(1, scanner.request(), renderer.render(scanner.request()), 1.0)
    window.show_frame(finished)
    return finished.frame


def show(window, *overlays, **display):
    scanner = window.scanner
    scanner.show_as(replace(scanner.display, overlays=frozenset(overlays), **display))
    QApplication.processEvents()  # the line of the legend takes its room


def pixels(window, colour, tolerance=60):
    """Places on the layer with about this colour: x and y, px."""
    image = window.insight.grab().toImage()
    image = image.convertToFormat(image.Format.Format_ARGB32)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    want = QColor(colour)
    off = np.abs(raw[..., :3].astype(int) - [want.blue(), want.green(), want.red()]).sum(axis=2)
    y, x = np.nonzero(off < tolerance)
    return x + 0.5, y + 0.5


# --- off and on -------------------------------------------------------------------------------


def test_overlays_are_off_and_cost_nothing_at_the_start(window, renderer):
    scan(window, renderer)
    assert window.insight.isHidden()
    assert window.insight.insight.frame is None
    assert window.insight_bar.isHidden()
    assert window.signal.isHidden()


@pytest.mark.parametrize("name", OVERLAYS)
def test_each_overlay_has_one_key_and_a_line_below_the_picture(window, renderer, qtbot, name):
    scan(window, renderer)
    action = window.insight_menu.overlays[name]
    assert action.shortcut().toString() == KEYS[name]
    action.trigger()
    assert window.scanner.display.overlays == {name}
    assert action.isChecked()
    assert window.insight_bar.isVisible()
    assert window.insight.isVisible() == (name != "truth")
    assert window.signal.isVisible() == (name == "signal")
    window.grab()
    action.trigger()
    assert window.insight_bar.isHidden()
    assert window.insight.isHidden()


def test_overlays_that_tell_a_concealed_knob_are_not_shown(window, renderer):
    scan(window, renderer)
    show(window, *ALL)
    window.scanner.inject(next(iter(FAULTS)), secret=True)
    assert window.scanner.concealed
    assert window.insight.shown == {"anatomy", "rays", "fibres"}
    assert window.signal.isHidden()
    show(window, *TELLING)
    assert window.insight.isHidden()
    assert window.insight_bar.isHidden()
    window.scanner.keep_secret(False)
    assert window.insight.shown == TELLING
    assert window.signal.isVisible()


def test_no_key_of_the_overlays_is_taken_by_anything_else(window):
    menus = [action.menu() for action in window.menuBar().actions()]
    keys = [a.shortcut().toString() for menu in menus for a in menu.actions()]
    keys = [key for key in keys if key]
    assert len(keys) == len(set(keys))
    from simulator.views.console import KNOB_KEYS

    assert not set(KEYS.values()) & set(KNOB_KEYS.values())


def test_all_overlays_are_put_off_at_once(window, renderer):
    scan(window, renderer)
    show(window, *ALL)
    window.insight_menu.none.trigger()
    assert window.scanner.display.overlays == frozenset()


def test_a_picture_without_a_medium_shows_no_overlay_and_no_harm(window, scanner):
    show(window, *ALL)
    window.image.show_names(True)
    request = scanner.request()
    window.show_frame(Finished(1, request, FakeEngine()(request), 1.0))
    window.grab()
    assert "memory" in window.insight_bar.truth.text()
    assert "memory" in window.signal.where.text()


def test_frames_of_the_memory_show_no_overlay(window, renderer, scanner):
    show(window, *ALL)
    frame = scan(window, renderer)
    scanner.set_frozen(True)
    window.show_frame(Finished(2, scanner.request(), frame.without_signals(), 1.0))
    window.grab()
    assert not window.insight.insight.sees


# --- state ------------------------------------------------------------------------------------


def test_a_scene_keeps_the_overlays():
    file, desk = io.BytesIO(), Desk(display=Display(overlays=frozenset({"rays", "beam"})))
    write_scene(file, start_request("qa_block"), desk)
    assert parse_scene_and_desk(file.getvalue(), "x")[1].display.overlays == {"rays", "beam"}


def test_an_unknown_overlay_is_named():
    with pytest.raises(UnknownNameError, match="no overlay is called 'ray'"):
        Display(overlays=frozenset({"ray"}))


def test_undo_leaves_the_overlays_as_they_are(window, renderer, scanner):
    scan(window, renderer)
    show(window, "rays")
    assert not window.history.stack.canUndo()
    scanner.turn(gain_db=6)
    show(window, "beam")
    window.actions_.undo.trigger()
    assert scanner.settings.gain_db == 0
    assert scanner.display.overlays == {"beam"}


def test_the_whole_picture_keeps_the_overlays(window, renderer, scanner):
    scan(window, renderer)
    show(window, "rays", zoom=2.0)
    window.console.read_zoom.whole()
    assert scanner.display == Display(overlays=frozenset({"rays"}))


# --- geometry ---------------------------------------------------------------------------------

VIEWS = {
    "linear": {},
    "flipped": {"flipped": True},
    "zoomed": {"zoom": 2.0, "middle": (0.5, 0.6)},
    "steered": {"steer_deg": 10},
    "convex": {"probe": "C5-2v"},
    "convex_flipped": {"probe": "C5-2v", "flipped": True},
}


def see(window, renderer, view):
    asked = dict(VIEWS[view])
    if "probe" in asked:
        window.scanner.set_probe(asked.pop("probe"))
        window.scanner.turn(depth_mm=50)
    knobs = {k: asked.pop(k) for k in ("steer_deg",) if k in asked}
    frame = scan(window, renderer, **knobs)
    show(window, "anatomy", **asked)
    window.image.show_names(True)  # written by the picture, not by the layer
    for _ in range(5):  # the legend takes its room
        window.grab()
        QApplication.processEvents()
    return frame


@pytest.mark.parametrize("view", VIEWS)
def test_outline_and_rings_lie_on_their_place_on_the_screen(window, renderer, view):
    """A disc 8 mm wide at X = -10 mm, Z = 30 mm of the block: its mean radius, and every pixel of
    the line, which is 1.6 px wide and smoothed over a pixel."""
    window.scanner.move(slide_m=-11e-3)
    frame = see(window, renderer, view)
    place, pose = window.image.place, frame.pose
    x, y = pixels(window, OTHER.colour)
    x_mm = np.array([place.x_mm(v) for v in x])
    z_mm = np.array([place.z_mm(v) for v in y])
    far = np.hypot(x_mm + 10 + 1e3 * pose.slide_m, z_mm + 1e3 * frame.probe.sagitta_m - 30)
    near = (far > 3) & (far < 5)  # there is a wire in its middle
    assert near.sum() > 40
    off = far[near].mean() - 4
    assert abs(off) < 0.1
    assert np.abs(far[near] - 4).max() < 0.1 + 1.8 / place.px_per_mm


@pytest.mark.parametrize("view", ["linear", "steered", "convex"])
def test_wires_of_the_picture_lie_within_their_rings(window, renderer, view):
    """The centre of a wire's echo, in the picture, is within 0.1 mm of the ring's centre (0.2 mm
    across with the broad beams of the convex probe)."""
    frame = see(window, renderer, view)
    medium, checked = frame.medium, 0
    x_mm, z_mm = 1e3 * medium.point_x_m, 1e3 * (medium.point_z_m + medium.z0_m)
    for x, z in zip(x_mm, z_mm, strict=True):
        alone = np.sort(np.hypot(x_mm - x, z_mm - z))[1] > 4
        row, column = frame.pixel_of(np.array(1e-3 * x), np.array(1e-3 * z))
        half = round(1.5e-3 * frame.picture.shape[0] / (frame.bottom_m - frame.top_m))
        r, c = round(float(row)), round(float(column))
        if not (alone and 15 < z < 32 and half < c < frame.picture.shape[1] - half):
            continue
        part = frame.picture[r - half : r + half + 1, c - half : c + half + 1].astype(float)
        part = np.where(part > 0.85 * part.max(), part, 0.0)
        rows, columns = np.mgrid[: part.shape[0], : part.shape[1]]
        found = [float((part * grid).sum() / part.sum()) for grid in (rows, columns)]
        at_x, at_z = frame.place_of(np.array(r - half + found[0]), np.array(c - half + found[1]))
        assert 1e3 * float(at_z) == pytest.approx(z, abs=0.1)
        assert 1e3 * float(at_x) == pytest.approx(x, abs=0.2 if view == "convex" else 0.1)
        checked += 1
    assert checked >= 1


@pytest.mark.parametrize("view", VIEWS)
def test_pointing_finds_the_place_under_the_mouse(window, renderer, view, qtbot):
    see(window, renderer, view)
    place = window.image.place
    at = QPoint(round(place.x_px(3.0)), round(place.z_px(20.0)))
    qtbot.mouseMove(window.image.viewport(), at)
    qtbot.mouseMove(window.image.viewport(), at + QPoint(1, 0))
    spot = window.insight.spot
    assert 1e3 * spot.x_m == pytest.approx(place.x_mm(at.x() + 1), abs=0.2)
    assert 1e3 * spot.z_m == pytest.approx(20.0, abs=0.2)
    frame = window.insight.insight.frame
    x, z = frame.lines.place(np.array(spot.u), np.array(spot.range_m))
    assert (float(x), float(z)) == pytest.approx((spot.x_m, spot.z_m), abs=1e-9)


def test_the_beam_is_drawn_about_the_line_pointed_at(window, renderer):
    frame = scan(window, renderer)
    show(window, "beam")
    window.insight.point(5e-3, 15e-3)
    x, _ = pixels(window, painting.BEAM)
    place = window.image.place
    line = 1e3 * float(frame.lines.u[window.insight.spot.line])
    # the median of two edges with about as many pixels jumps from one to the other
    assert (x.min() + x.max()) / 2 == pytest.approx(place.x_px(line), abs=1.5)
    assert np.ptp(x) < 3 * place.px_per_mm


# --- what is told -----------------------------------------------------------------------------


def test_the_truth_under_the_cursor_is_the_tissue_there(qtbot, qapp, renderer):
    window = MainWindow(Scanner("muscle_block"))
    qtbot.addWidget(window)
    window.show()
    scan(window, renderer)
    show(window, "truth")
    window.insight.point(11e-3, 17e-3)
    text = window.insight_bar.truth.text()
    assert "synovial fluid" in text
    assert "1,535" in text.replace("\N{NO-BREAK SPACE}", " ") or "1535" in text
    assert "°" not in text
    window.insight.point(-1e-3, 12e-3)
    assert "muscle" in window.insight_bar.truth.text()
    assert "°" in window.insight_bar.truth.text()


def test_the_legend_names_what_has_a_border_in_view(qtbot, qapp, renderer):
    window = MainWindow(Scanner("muscle_block"))
    qtbot.addWidget(window)
    window.show()
    scan(window, renderer)
    show(window, "anatomy")
    legend = window.insight_bar.legend.text()
    assert all(word in legend for word in ("muscle", "fluid", "fat", "bone, calcium"))
    assert "nerve" not in legend


def test_every_tissue_has_a_kind_and_colours_differ():
    kinds = (*KINDS, OTHER)
    assert len({kind.colour for kind in kinds}) == len(kinds)
    assert kind_of("subcutaneous_fat").label == "fat"
    assert kind_of("fibrocartilage").label == "cartilage"
    assert kind_of("peritendinous").label == "tendon, ligament, fascia"
    assert kind_of("tmm_block") is OTHER


def test_labels_make_room_for_each_other():
    within = QRectF(0, 0, 300, 200)
    boxes = [QRectF(100, 100, 90, 14) for _ in range(5)]
    placed = apart(boxes, within)
    assert placed[0] == boxes[0]
    assert all(within.contains(box) for box in placed)
    assert not any(a.intersects(b) for i, a in enumerate(placed) for b in placed[:i])


# --- the signal view --------------------------------------------------------------------------


def test_the_signal_view_shows_the_line_pointed_at(window, renderer):
    frame = scan(window, renderer)
    show(window, "signal")
    wire = np.flatnonzero(np.abs(frame.medium.point_z_m - 20e-3) < 1e-6)[0]
    window.insight.point(float(frame.medium.point_x_m[wire]), 20e-3)
    curves = window.signal._curves
    depth, rf = curves["rf"].getData()
    assert depth[np.argmax(np.abs(rf))] == pytest.approx(20.0, abs=0.15)
    mhz, db = curves["spectrum"].getData()
    assert mhz[np.argmax(db)] == pytest.approx(8.0, abs=2.5)
    assert curves["pulse"].getData()[1].max() == pytest.approx(0.0, abs=0.1)
    _, gain = curves["tgc"].getData()
    np.testing.assert_allclose(gain, frame.tgc_curve_db + frame.settings.gain_db, rtol=1e-6)
    assert "20.0" in window.signal.where.text()
    assert all(c.value() == pytest.approx(20.0, abs=0.01) for c in window.signal._cursors)


def test_moving_over_a_plot_moves_the_cursor_along_its_line(window, renderer):
    scan(window, renderer, steer_deg=10)
    show(window, "signal")
    window.insight.point(3e-3, 20e-3)
    line = window.insight.spot.line
    window.grab()
    box = window.signal.level.getViewBox()
    window.signal.level.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(30.0, -40.0)))
    assert window.insight.spot.line == line
    assert window.insight.spot.range_m == pytest.approx(30e-3, abs=0.2e-3)


def test_the_picture_keeps_its_room_on_a_small_screen(window, renderer):
    scan(window, renderer)
    show(window, *ALL)
    window.grab()
    assert window.minimumSizeHint().height() <= 768 - 40
    assert window.image.height() >= 300


def test_the_live_window_shows_overlays_of_each_new_frame(qtbot, scanner, renderer):
    def engine():
        return renderer.render

    live = LiveScan(scanner, FrameWorker(engine))
    window = MainWindow(scanner, on_close=live.stop)
    qtbot.addWidget(window)
    live.shown.connect(window.show_frame)
    window.show()
    show(window, *ALL)
    with qtbot.waitSignal(live.shown, timeout=60_000):
        live.start()
    scanner.turn(focus_mm=25)
    qtbot.waitUntil(lambda: window.image.shown.frame.settings == scanner.settings, timeout=20_000)
    assert window.insight.insight.frame is window.image.shown.frame
    window.grab()
    qtbot.keyClick(window, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    assert scanner.display.overlays == frozenset()
    live.stop()


# --- the model --------------------------------------------------------------------------------


def test_what_was_worked_out_is_kept_until_it_is_of_something_else(renderer):
    request = start_request("muscle_block")
    insight = Insight()
    insight.take(renderer.render(request))
    borders, angles, rays = insight.borders(), insight.angles(), insight.rays()
    beam = insight.beam(40)
    insight.take(renderer.render(replace(request, noise_seed=7)))
    assert insight.borders() is borders
    assert insight.angles() is angles
    assert insight.rays() is rays
    assert insight.beam(40) is beam
    pose = replace(request.pose, slide_m=request.pose.slide_m + 1e-3)
    insight.take(renderer.render(replace(request, pose=pose)))
    assert insight.borders() is not borders
    assert insight.beam(40) is beam
    insight.take(renderer.render(replace(request, settings=request.settings.turned(focus_mm=9))))
    assert insight.beam(40) is not beam
