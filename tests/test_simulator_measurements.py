"""Calipers read what geometry says, in the machine's millimetres."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from window_fakes import FakeEngine

from simulator.models.measurements import (
    ANGLE,
    DISTANCE,
    ELLIPSE,
    N_POINT,
    NOTE,
    Angle,
    Arrow,
    BodyMark,
    Distance,
    Ellipse,
    Note,
    Sheet,
    area_reading,
    length_reading,
)
from simulator.renderer import start_request

pytestmark = pytest.mark.nojit

metres = st.floats(-0.1, 0.1)
points = st.tuples(metres, metres)
angles = st.floats(-math.pi, math.pi)


def turned(point, by_rad, to=(0.0, 0.0)):
    """The point turned about the origin, then moved."""
    c, s = math.cos(by_rad), math.sin(by_rad)
    return to[0] + c * point[0] - s * point[1], to[1] + s * point[0] + c * point[1]


def texts(mark) -> list[str]:
    return [reading.text.replace("\N{NO-BREAK SPACE}", " ") for reading in mark.readings]


def test_a_caliper_reads_3_4_5():
    assert texts(Distance((0.0, 0.010), (0.003, 0.014))) == ["5.0 mm"]


@given(points, points, angles, points)
def test_a_distance_is_the_same_wherever_and_however_it_lies(a, b, turn, to):
    moved = Distance(turned(a, turn, to), turned(b, turn, to))
    assert moved.length_m == pytest.approx(Distance(a, b).length_m, abs=1e-12)
    assert Distance(b, a).length_m == Distance(a, b).length_m


@given(st.floats(1e-3, 0.05), st.floats(1e-3, 0.05), angles, points, st.floats(-0.9, 0.9))
def test_an_ellipse_has_the_axes_it_was_drawn_with(a, b, turn, to, along):
    """Wherever along the axis the side's point is put."""
    ends = [turned(p, turn, to) for p in ((-a, 0.0), (a, 0.0), (along * a, b))]
    ellipse = Ellipse(*ends)
    assert ellipse.semi_axes_m == pytest.approx((a, b), rel=1e-6)
    assert ellipse.area_m2 == pytest.approx(math.pi * a * b, rel=1e-6)
    assert ellipse.centre == pytest.approx(to, abs=1e-12)


@given(st.floats(1e-3, 0.05), st.floats(1e-3, 0.05))
def test_a_circumference_is_that_of_many_short_chords(a, b):
    t = np.linspace(0, 2 * math.pi, 20001)
    chords = np.hypot(np.diff(a * np.cos(t)), np.diff(b * np.sin(t))).sum()
    ellipse = Ellipse((-a, 0.0), (a, 0.0), (0.0, b))
    assert ellipse.circumference_m == pytest.approx(chords, rel=1e-6)


def test_circles_and_flat_ellipses_have_their_closed_forms():
    circle = Ellipse((-0.005, 0.02), (0.005, 0.02), (0.0, 0.025))
    assert circle.circumference_m == pytest.approx(math.pi * 0.010)
    assert texts(circle) == [
        "area 78.5 mm²", "circumference 31.4 mm", "length 10.0 mm", "width 10.0 mm",
    ]  # fmt: skip
    flat = Ellipse((-0.005, 0.0), (0.005, 0.0), (0.0, 0.0))
    assert (flat.area_m2, flat.circumference_m) == (0.0, pytest.approx(0.020))
    nothing = Ellipse((0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    assert nothing.circumference_m == 0.0


@given(st.floats(0, math.pi), st.floats(1e-3, 0.1), st.floats(1e-3, 0.1), angles, points)
def test_an_angle_is_that_between_its_arms_whatever_their_length(angle, one, two, turn, to):
    arms = (one, 0.0), (two * math.cos(angle), two * math.sin(angle))
    a, b = (turned(arm, turn, to) for arm in arms)
    assert Angle(a, to, b).angle_rad == pytest.approx(angle, abs=1e-6)
    assert Angle(b, to, a).angle_rad == pytest.approx(angle, abs=1e-6)


def test_an_angle_is_read_in_whole_degrees():
    assert texts(Angle((0.01, 0.0), (0.0, 0.0), (0.01, 0.01))) == ["45°"]


@given(points, points, points, st.floats(0.1, 10))
def test_twice_the_scale_is_twice_the_length_and_four_times_the_area(a, b, c, scale):
    big = [(scale * x, scale * z) for x, z in (a, b, c)]
    assert Distance(*big[:2]).length_m == pytest.approx(scale * Distance(a, b).length_m, abs=1e-12)
    area = Ellipse(a, b, c).area_m2
    assume(area > 1e-9)
    assert Ellipse(*big).area_m2 == pytest.approx(scale**2 * area, rel=1e-6)
    assert Angle(*big).angle_rad == pytest.approx(Angle(a, b, c).angle_rad, abs=1e-6)


@pytest.mark.parametrize(
    ("mm", "text"), [(0.04, "0.0 mm"), (12.34, "12.3 mm"), (99.94, "99.9 mm"), (99.96, "100 mm")]
)
def test_lengths_are_rounded_to_what_a_hand_can_place(mm, text):
    assert length_reading(mm * 1e-3).text.replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("mm2", "text"),
    [(9.96, "area 10.0 mm²"), (99.94, "area 99.9 mm²"), (99.96, "area 1.00 cm²"),
     (1234.5, "area 12.35 cm²")],
)  # fmt: skip
def test_areas_change_their_unit_at_one_square_centimetre(mm2, text):
    assert area_reading(mm2 * 1e-6).text.replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_picture_of_40_mm_measures_40_mm_from_edge_to_edge():
    request = start_request("muscle_block")
    frame = FakeEngine()(replace(request, settings=request.settings.turned(depth_mm=40)))
    n_row, n_column = frame.picture.shape
    rows, columns = np.array([-0.5, n_row - 0.5]), np.array([-0.5, n_column - 0.5])
    x, z = frame.place_of(rows, columns)
    assert Distance((0.0, z[0]), (0.0, z[1])).length_m == pytest.approx(0.040)
    assert Distance((x[0], 0.0), (x[1], 0.0)).length_m == pytest.approx(frame.probe.footprint_m)


# --- the sheet -------------------------------------------------------------------------------


def test_a_tool_makes_a_mark_of_its_points():
    sheet = Sheet()
    assert sheet.click((0.0, 0.0)) is None
    assert sheet.empty
    sheet.take(DISTANCE)
    assert sheet.click((0.0, 0.0)) is None
    assert sheet.preview((0.0, 0.002)) == Distance((0.0, 0.0), (0.0, 0.002))
    assert sheet.click((0.0, 0.003)) == Distance((0.0, 0.0), (0.0, 0.003))
    assert sheet.preview((0.0, 0.0)) is None
    assert sheet.tool == DISTANCE


@pytest.mark.parametrize("tool", list(N_POINT))
def test_every_tool_makes_its_mark_after_as_many_points_as_it_says(tool):
    sheet = Sheet()
    sheet.take(tool)
    sheet.note_text = "cyst"
    made = [sheet.click((0.001 * i, 0.002 * i**2)) for i in range(N_POINT[tool])]
    assert made[:-1] == [None] * (len(made) - 1)
    assert type(made[-1]).__name__.lower() == tool
    assert sheet.marks == made[-1:]


def test_an_ellipse_is_a_line_until_it_has_two_ends():
    sheet = Sheet()
    sheet.take(ELLIPSE)
    sheet.click((-0.005, 0.0))
    assert isinstance(sheet.preview((0.0, 0.0)), Distance)
    sheet.click((0.005, 0.0))
    assert sheet.preview((0.0, 0.002)) == Ellipse((-0.005, 0.0), (0.005, 0.0), (0.0, 0.002))


def test_undo_takes_back_points_first_then_marks():
    sheet = Sheet()
    sheet.marks = [Arrow((0.0, 0.0), (0.01, 0.01)), Note((0.0, 0.0), "tendon")]
    sheet.take(ANGLE)
    sheet.click((0.0, 0.0))
    sheet.undo()
    assert len(sheet.marks) == 2
    sheet.undo()
    assert [type(mark) for mark in sheet.marks] == [Arrow]
    sheet.undo()
    sheet.undo()
    assert sheet.empty


def test_clearing_wipes_marks_body_mark_and_tool():
    sheet = Sheet()
    sheet.take(NOTE)
    sheet.click((0.0, 0.0))
    sheet.body_mark = BodyMark("Right shoulder")
    sheet.clear()
    assert sheet.empty
    assert sheet.tool == ""


def test_an_unknown_tool_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="there are: distance, ellipse"):
        Sheet().take("ruler")


def test_arrows_and_notes_measure_nothing():
    assert Arrow((0.0, 0.0), (0.0, 1.0)).readings == Note((0.0, 0.0), "x").readings == ()
