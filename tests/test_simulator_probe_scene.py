"""The body in three dimensions: where things lie on the screen, and what a hand does there."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from window_fakes import FakeEngine

from phantoms import load_phantom
from phantoms.surfaces import body_of
from physics.geometry import Pose
from physics.probe import find_probe
from simulator import theme
from simulator.frame_worker import Finished
from simulator.models import probe_body as solid
from simulator.models.body_raster import BodyRaster, Plane
from simulator.models.camera import HIGHEST_RAD, LOWEST_RAD, Camera
from simulator.models.fibre_angle import fibre_angle
from simulator.models.scanner import Scanner
from simulator.models.scene_hands import LEAN, ORBIT, PRESS, SLIDE, TURN, SceneHands
from simulator.views.main_window import MainWindow
from simulator.views.movements import MOVE_KEYS
from simulator.words import CONSENSUS, SYNONYMS, call_moves

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE = Qt.KeyboardModifier.NoModifier
CORNERS = ((-0.04, -0.03, 0.0), (0.04, 0.03, 0.03), (0.04, -0.03, -0.05), (-0.04, 0.03, 0.03))
CAMERA = Camera(CORNERS, box_px=(5.0, 5.0, 300.0, 240.0))
millimetres = st.floats(-30.0, 30.0)


# --- the camera ---------------------------------------------------------------------------------


@given(millimetres, millimetres, st.floats(-40.0, 0.0), st.floats(-3.1, 3.1), st.floats(0.3, 1.4))
def test_the_pointer_meets_a_level_plane_where_it_was_projected(x, y, z, azimuth, height):
    camera = replace(CAMERA, azimuth_rad=azimuth, height_rad=height)
    place = 1e-3 * np.array([x, y, z])
    px, _ = camera.project(place)
    np.testing.assert_allclose(camera.on_level(*px, place[2]), place, atol=1e-9)


@given(st.floats(-3.1, 3.1), st.floats(LOWEST_RAD, HIGHEST_RAD))
def test_the_scene_just_fits_into_the_view(azimuth, height):
    px, _ = replace(CAMERA, azimuth_rad=azimuth, height_rad=height).project(np.array(CORNERS))
    low, high = px.min(axis=0), px.max(axis=0)
    assert np.all(low >= 5.0 - 1e-6)
    assert np.all(high <= np.array([305.0, 245.0]) + 1e-6)
    assert np.isclose(high[0] - low[0], 300.0) or np.isclose(high[1] - low[1], 240.0)


def test_right_is_right_and_the_reader_is_in_front():
    """From the reader's side X runs to the right, depth downwards, and what is near is near."""
    camera = replace(CAMERA, azimuth_rad=0.0)
    px, near = camera.project(1e-3 * np.array([[0, 0, 0], [9, 0, 0], [0, 0, 9], [0, 9, 0]]))
    assert px[1, 0] > px[0, 0]
    assert px[2, 1] > px[0, 1]
    assert near[3] > near[0]


def test_the_camera_stays_above_the_skin():
    assert CAMERA.orbited(0.0, -9.0).height_rad == LOWEST_RAD
    assert CAMERA.orbited(0.0, 9.0).height_rad == HIGHEST_RAD


# --- the body cut at the image plane --------------------------------------------------------------


def test_what_lies_before_the_plane_and_what_lies_behind_make_up_the_body():
    body = body_of(load_phantom("achilles"))
    low, high = np.array(body.low_m), np.array(body.high_m)
    camera = Camera((tuple(low), tuple(high)), box_px=(0.0, 0.0, 200.0, 150.0))
    raster = BodyRaster(body, camera, (200, 150))
    towards = np.array([0.0, 1.0, 0.0])
    behind, before = raster.cut(Plane(np.zeros(3), towards))
    everything, nothing = raster.cut(Plane(high * towards + 1.0, towards))
    assert behind.any()
    assert before.any()
    assert not nothing.any()
    np.testing.assert_array_equal((behind > 0) | (before > 0), everything > 0)


# --- hands --------------------------------------------------------------------------------------


@pytest.fixture
def scanner():
    return Scanner("achilles")


def camera_of(scanner):
    body = body_of(scanner.phantom)
    top = (body.low_m[0], body.high_m[1], -solid.TAIL_M)
    return Camera((body.low_m, body.high_m, top), box_px=(0.0, 0.0, 400.0, 300.0))


def pull(scanner, what, start_m, end_m):
    """Grab what is seen at a place of the body, and drag it to where another place is seen."""
    camera, hands = camera_of(scanner), SceneHands(scanner)
    hands.grab(what, *camera.project(np.array(start_m))[0], camera)
    hands.drag(*camera.project(np.array(end_m))[0])
    hands.release()


def test_the_probe_slides_as_far_as_the_pointer_does(scanner):
    """Grabbed 15.6 mm above the face: the pointer stays on that place of it."""
    height = -solid.TAIL_M * 10 / 32
    pull(scanner, SLIDE, (0.0, 0.0, height), (7e-3, -4e-3, height))
    assert scanner.pose.slide_m == pytest.approx(7e-3, abs=1e-7)
    assert scanner.pose.slide_y_m == pytest.approx(-4e-3, abs=1e-7)


def test_a_drag_stops_at_the_limits(scanner):
    pull(scanner, SLIDE, (0.0, 0.0, 0.0), (0.2, 0.1, 0.0))
    ranges = scanner.pose_ranges
    assert scanner.pose.slide_m == ranges["slide_m"][1]
    assert scanner.pose.slide_y_m == ranges["slide_y_m"][1]


@pytest.mark.parametrize("turn_deg", [0.0, 40.0, -90.0])
def test_the_cable_leans_the_probe_towards_the_pointer(scanner, turn_deg):
    start = Pose(turn_rad=math.radians(turn_deg))
    scanner.move(turn_rad=start.turn_rad)
    wanted = replace(start, rock_rad=math.radians(6), tilt_rad=math.radians(-9))
    axis = solid.tail(wanted)
    level = solid.tail(start)[2]
    pull(scanner, LEAN, solid.tail(start), axis * (level / axis[2]))
    assert scanner.pose.rock_rad == pytest.approx(wanted.rock_rad, abs=1e-6)
    assert scanner.pose.tilt_rad == pytest.approx(wanted.tilt_rad, abs=1e-6)


def test_the_ring_turns_the_probe_by_the_angle_of_the_pointer(scanner):
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    pull(scanner, TURN, (0.03, 0.0, 0.0), (0.025 * c, 0.025 * s, 0.0))
    assert math.degrees(scanner.pose.turn_rad) == pytest.approx(30.0)


def test_the_arrow_presses_a_millimetre_for_20_pixels():
    scanner = Scanner("forearm_vessels")
    hands = SceneHands(scanner)
    hands.grab(PRESS, 200.0, 100.0, camera_of(scanner))
    hands.drag(200.0, 120.0)
    assert scanner.pose.press_m == pytest.approx(1e-3)


def test_the_mark_is_on_the_left_of_the_picture():
    for name in ("L12-3", "C5-2v"):
        probe = find_probe(name)
        body = solid.probe_body(probe)
        marked = body.corners_m[body.is_mark]
        assert len(marked)
        assert np.all(marked[..., 0].mean(axis=1) < 0)


def test_the_face_of_a_convex_probe_is_pressed_in_by_its_middle():
    probe = find_probe("C5-2v")
    x = np.array([0.0, solid.half_face_m(probe)])
    z = solid.face_z_m(probe, x)
    assert z[0] == pytest.approx(probe.sagitta_m, rel=1e-6)
    assert z[1] == pytest.approx(0.0, abs=0.2e-3)  # the last element's middle, not its edge


# --- the angle to the fibres ----------------------------------------------------------------------


@pytest.mark.parametrize(("at_mm", "lean_deg"), [(-15.9, 0), (-5.3, 10), (5.3, 20), (15.9, 30)])
def test_the_angle_is_that_of_the_blocks_tendons(at_mm, lean_deg):
    """Tendons of the block lean by known angles; a level probe is as far off the right angle."""
    phantom = load_phantom("block_anisotropy")
    found = fibre_angle(phantom, Pose(slide_m=1e-3 * at_mm), 14.5e-3)
    assert found.region == f"tendon_{lean_deg}"
    assert math.degrees(found.off_rad) == pytest.approx(lean_deg, abs=0.01)
    assert found.is_perpendicular is (lean_deg == 0)
    assert found.is_long_axis
    if lean_deg:  # they run deeper to the right: the right end has to be pressed in
        assert found.cure == "rock_rad"
        assert math.degrees(found.cure_rad) == pytest.approx(lean_deg, abs=0.01)


@pytest.mark.parametrize("turn_deg", [0.0, 35.0, 90.0])
@pytest.mark.parametrize("tilt_deg", [-8.0, 5.0])
def test_the_advice_makes_the_beam_perpendicular(turn_deg, tilt_deg):
    phantom = load_phantom("supraspinatus_lax")
    turn, tilt = math.radians(turn_deg), math.radians(tilt_deg)
    pose = Pose(slide_m=-3e-3, turn_rad=turn, tilt_rad=tilt, rock_rad=math.radians(3))
    found = fibre_angle(phantom, pose, 19e-3)
    cured = replace(pose, **{found.cure: getattr(pose, found.cure) + found.cure_rad})
    assert cured.rotation[:, 2] @ np.array(found.fibre) == pytest.approx(0.0, abs=1e-9)


def test_tilt_counts_in_short_axis_and_heel_toe_in_long():
    phantom = load_phantom("achilles")
    for turn, cure in ((0.0, "rock_rad"), (math.pi / 2, "tilt_rad")):
        pose = replace(Pose(turn_rad=turn), **{cure: math.radians(8)})
        found = fibre_angle(phantom, pose, 6e-3)
        assert found.region == "achilles_tendon"
        assert found.cure == cure
        assert math.degrees(found.cure_rad) == pytest.approx(-8, abs=1.5)
        assert found.is_long_axis is (turn == 0.0)
        assert found.is_short_axis is (turn != 0.0)


def test_advice_beyond_the_limits_says_so():
    scanner = Scanner("block_anisotropy")
    found = fibre_angle(scanner.phantom, Pose(slide_m=15.9e-3), 14.5e-3, scanner.pose_ranges)
    assert not found.within


def test_without_fibres_there_is_no_angle():
    assert fibre_angle(load_phantom("qa_block"), Pose(), 20e-3).region == ""


# --- the window -----------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot, qapp):
    theme.apply(qapp)
    window = MainWindow(Scanner("achilles"))
    qtbot.addWidget(window)
    window.resize(1366, 690)
    window.show()
    window.pane.scene.show_body(body_of(window.scanner.phantom))
    request = window.scanner.request()
    window.show_frame(Finished(1, request, FakeEngine()(request), 1.0))
    qtbot.wait(1)  # also lets earlier windows go
    window.pane.scene.grab()
    yield window
    call_moves(CONSENSUS)


def on_screen(window, place_m) -> QPoint:
    x, y = window.pane.scene.camera.project(np.array(place_m))[0]
    return QPoint(round(x), round(y))


def drag(qtbot, widget, start, end, button=LEFT):
    qtbot.mousePress(widget, button, NONE, start)
    qtbot.mouseMove(widget, (start + end) / 2)
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, button, NONE, end)


def test_a_drag_of_the_housing_is_one_step_of_the_history(qtbot, window):
    scene, height = window.pane.scene, -15e-3
    start, end = on_screen(window, (0, 0, height)), on_screen(window, (9e-3, 0, height))
    assert scene.zone_at(QPointF(start)) == SLIDE
    drag(qtbot, scene, start, end)
    assert 1e3 * window.scanner.pose.slide_m == pytest.approx(9.0, abs=1.2)  # whole pixels
    assert window.history.stack.count() == 1
    window.history.stack.undo()
    assert window.scanner.pose == window.scanner.start_pose


def test_the_handles_are_where_they_are_drawn(window):
    scene, pose, probe = window.pane.scene, window.scanner.pose, window.scanner.probe
    assert scene.zone_at(QPointF(on_screen(window, solid.tail(pose)))) == LEAN
    assert scene.zone_at(QPointF(on_screen(window, solid.ring(pose, probe)[36]))) == TURN
    assert scene.zone_at(QPointF(2, 2)) == ORBIT


def test_the_right_button_goes_round_and_leaves_the_probe(qtbot, window):
    scene, before = window.pane.scene, window.scanner.pose
    camera = scene.camera
    start = on_screen(window, (0, 0, -15e-3))
    drag(qtbot, scene, start, start + QPoint(40, 10), RIGHT)
    assert window.scanner.pose == before
    assert scene.camera.azimuth_rad == pytest.approx(camera.azimuth_rad - math.radians(20))
    qtbot.mouseDClick(scene, LEFT, NONE, QPoint(2, 2))
    assert scene.camera.azimuth_rad == camera.azimuth_rad


def test_a_double_click_on_the_probe_recentres_it(qtbot, window):
    window.scanner.move(slide_m=6e-3, tilt_rad=0.1)
    window.pane.scene.grab()
    qtbot.mouseDClick(window.pane.scene, LEFT, NONE, on_screen(window, (6e-3, 0, -12e-3)))
    assert window.scanner.pose == window.scanner.start_pose


def test_the_wheel_slides_over_the_probe_and_zooms_beside_it(window):
    scene, zoom = window.pane.scene, window.pane.scene.camera.zoom

    def turn(point: QPoint) -> None:
        at = QPointF(point)
        scene.wheelEvent(
            QWheelEvent(at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, NONE,
                        Qt.ScrollPhase.NoScrollPhase, False)
        )  # fmt: skip

    turn(on_screen(window, (0, 0, -15e-3)))
    assert window.scanner.pose.slide_m == pytest.approx(1e-3)
    assert scene.camera.zoom == zoom
    turn(QPoint(2, 2))
    assert scene.camera.zoom > zoom


def test_every_part_of_the_pose_has_keys():
    assert {keys.field for keys in MOVE_KEYS} == {f.name for f in fields(Pose)}


def test_keys_move_the_probe_by_their_step(qtbot, window):
    window.scanner.load_phantom("lateral_hip")  # may be pressed
    window.scanner.move(standoff_m=2e-3, press_m=1e-3)
    for keys in MOVE_KEYS:
        before = getattr(window.scanner.pose, keys.field)
        (key, modifier), (back, other) = keys.more[0], keys.less[0]
        qtbot.keyClick(window.image, Qt.Key(key), modifier)
        after = getattr(window.scanner.pose, keys.field)
        assert after == pytest.approx(before + keys.step_si), keys
        qtbot.keyClick(window.image, Qt.Key(back), other)
        assert getattr(window.scanner.pose, keys.field) == pytest.approx(before), keys


def test_synonyms_are_used_everywhere_once_chosen(window):
    rock = window.probe.rock
    assert "Heel-toe" in rock.label.text()
    call_moves(SYNONYMS)
    QApplication.processEvents()
    assert "Rock" in rock.label.text()
    assert rock.slider.accessibleName() == "Rock"
    assert any(binding.what == "Rock by 1°" for binding in window.keys.bindings)
    assert "Rock" in window.pane.numbers.text()
    window.scanner.move(rock_rad=0.05)
    assert window.history.stack.undoText().startswith("Rock")


def test_put_away_sliders_leave_their_numbers_below_the_drawing(window):
    assert window.probe.isVisible()
    assert window.pane.numbers.isHidden()
    window.actions_.sliders.trigger()
    assert window.probe.isHidden()
    assert window.pane.numbers.isVisible()
    window.scanner.move(tilt_rad=math.radians(4))
    assert "+4.0°" in window.pane.numbers.text()
    window.actions_.sliders.trigger()
    assert window.probe.isVisible()


def test_the_angle_is_said_in_words(qtbot, window):
    scanner, pane = window.scanner, window.pane
    scanner.turn(focus_mm=6)
    qtbot.waitUntil(lambda: "perpendicular" in pane.angle.text())
    scanner.move(rock_rad=math.radians(8))
    qtbot.waitUntil(lambda: "oblique" in pane.angle.text())
    assert "Heel-toe" in pane.advice.text()


def test_another_phantom_brings_another_body(qtbot, window):
    window.scanner.load_phantom("qa_block")
    qtbot.waitUntil(lambda: len(window.pane.scene._body.wires_m) > 0)
    qtbot.waitUntil(window.pane.angle.isHidden)
