"""Pictures whose lines are not parallel or not straight down: where everything is on the screen."""

import math

import numpy as np
import pytest
from media import SILENT, SPECKLE, Medium, level_db, look, make_tissues, mirror, uniform

from physics import scan_grid
from physics.frame import Frame
from physics.imaging_chain import BModeChain
from physics.looks import Look, lines_of
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.scan_lines import ScanLines
from physics.sector import plan_sector
from physics.settings import ScanSettings

QUIET = {"noise": "off"}
WAYS = {
    "straight": ("L12-3", {"depth_mm": 40}),
    "steered left": ("L12-3", {"steer_deg": -15, "depth_mm": 40}),
    "steered right": ("L12-3", {"steer_deg": 20, "depth_mm": 40}),
    "trapezoid": ("L12-3", {"trapezoid": "on", "depth_mm": 40}),
    "compounded": ("L12-3", {"compound_angles": "3", "depth_mm": 40}),
    "narrow, dense, steered": (
        "L12-3",
        {
            "steer_deg": -12,
            "depth_mm": 40,
            "width_percent": 60,
            "centre_mm": 5,
            "line_density": "high",
        },
    ),
    "zoom": (
        "L12-3",
        {"depth_mm": 40, "top_mm": 14, "width_percent": 50, "centre_mm": -6, "focal_zones": "2"},
    ),
    "zoom of a trapezoid": (
        "L12-3",
        {
            "trapezoid": "on",
            "depth_mm": 40,
            "top_mm": 15,
            "width_percent": 50,
            "centre_mm": 8,
        },
    ),
    "convex": (
        "C5-2v",
        {
            "frequency_mhz": 3.5,
            "depth_mm": 120,
            "focus_mm": 60,
            "tx_f_number": 4,
            "rx_f_number": 4,
        },
    ),
    "zoom of a convex one": (
        "C5-2v",
        {
            "frequency_mhz": 3.5,
            "depth_mm": 120,
            "focus_mm": 60,
            "tx_f_number": 4,
            "rx_f_number": 4,
            "top_mm": 40,
            "width_percent": 60,
            "centre_mm": 9,
        },
    ),
    "convex, deep": (
        "C5-2v",
        {
            "frequency_mhz": 2.5,
            "depth_mm": 200,
            "focus_mm": 80,
            "tx_f_number": 6,
            "rx_f_number": 5,
        },
    ),
}


@pytest.mark.nojit
@pytest.mark.parametrize(
    "lines",
    [
        ScanLines(0.2e-3, 192),
        ScanLines(0.2e-3, 192, steer_rad=0.3),
        ScanLines(0.2e-3, 192, apex_m=70e-3),
        ScanLines(0.01, 128, radius_m=50e-3),
        ScanLines(0.005, 50, radius_m=50e-3, centre_u=0.2),
        ScanLines(0.1e-3, 50, apex_m=70e-3, centre_u=-3e-3),
    ],
    ids=["straight", "steered", "diverging", "convex", "part of convex", "part of diverging"],
)
def test_a_place_and_its_line_and_range_are_inverse(lines: ScanLines) -> None:
    u, s = np.meshgrid(lines.u[::17], np.linspace(1e-3, 60e-3, 9))
    x, z = lines.place(u, s)
    back_u, back_s = lines.locate(x, z)
    np.testing.assert_allclose(back_u, u, atol=1e-12)
    np.testing.assert_allclose(back_s, s, atol=1e-12)
    assert lines.line_number(lines.u[5]) == pytest.approx(5)


@pytest.mark.nojit
@pytest.mark.parametrize("lines", [ScanLines(2e-4, 192, steer_rad=-0.3),
                                   ScanLines(2e-4, 192, apex_m=70e-3)])  # fmt: skip
def test_a_wavefront_lies_across_its_line(lines: ScanLines) -> None:
    """Places of equal s + ahead(u) on neighbouring lines are joined at a right angle to them."""
    u, s, du = 6e-3, 20e-3, 1e-6
    ahead = float(lines.ahead_m(u + du) - lines.ahead_m(u))
    here, there = np.array(lines.place(u, s)), np.array(lines.place(u + du, s - ahead))
    along = np.array([math.sin(lines.angle(u)), math.cos(lines.angle(u))])
    assert abs(np.dot(there - here, along)) < 1e-3 * np.linalg.norm(there - here)


def spot(frame: Frame, x_m: float, z_m: float, about_px: int) -> tuple[float, float]:
    """Row and column of the middle of the bright spot about a place, by its greys."""
    row, column = (round(float(v)) for v in frame.pixel_of(x_m, z_m))
    top, left = max(row - about_px, 0), max(column - about_px, 0)
    part = frame.picture[top : row + about_px + 1, left : column + about_px + 1].astype(float)
    weight = np.maximum(part - 0.75 * part.max(), 0) ** 2
    rows, columns = np.indices(part.shape)
    return (
        top + float((rows * weight).sum() / weight.sum()),
        left + float((columns * weight).sum() / weight.sum()),
    )


@pytest.mark.parametrize("way", WAYS)
def test_wires_appear_at_their_pixels_at_every_depth(way: str) -> None:
    """Within one pixel down and across, near the middle line and towards both edges. (Convex: with
    apertures that the array has there, or the wider ones of lines farther in draw the spot.)"""
    probe, knobs = WAYS[way]
    settings = ScanSettings().turned(**knobs)
    sector = plan_sector(
        find_probe(probe),
        line_density=settings.line_density,
        width_share=settings.width_share,
        centre_m=settings.centre_m,
    )
    look_of = Look(settings.steer_rad, settings.trapezoid == "on")
    lines = lines_of(find_probe(probe), look_of, sector)
    top, depth = settings.top_m, settings.depth_m
    wires = []
    for share in (0.2, 0.45, 0.7, 0.9):
        for line in (0.15, 0.5, 0.8) if probe == "L12-3" else (0.3, 0.5, 0.7):
            u = lines.u[round(line * lines.n)]  # between lines a picture is only interpolated
            x, z = lines.place(u, top + 0.9 * share * (depth - top))
            wires.append((float(x), float(z), 0.3))
    # a convex face is pressed in: the slice begins where its ends are
    pressed_m = find_probe(probe).sagitta_m
    medium = Medium(make_tissues(SILENT), wires=[(x, z + pressed_m, s) for x, z, s in wires])
    frame = look(medium, probe=probe, gain_db=-25, **knobs, **QUIET)
    pixel = (frame.bottom_m - frame.top_m) / frame.picture.shape[0]
    about = round(2.2e-3 / pixel) if probe == "L12-3" else round(9e-3 / pixel)
    for x, z, _ in wires:
        expected = frame.pixel_of(x, z)
        shown = spot(frame, x, z, about)
        assert abs(shown[0] - expected[0]) < 1.0, (x, z)
        assert abs(shown[1] - expected[1]) < 1.0, (x, z)


def test_pixels_and_places_are_inverse_and_square() -> None:
    frame = look(uniform(), probe="C5-2v", frequency_mhz=3.5, depth_mm=120)
    row, column = frame.pixel_of(*frame.place_of(np.array(123.0), np.array(456.0)))
    assert (float(row), float(column)) == pytest.approx((123, 456))
    n_row, n_column = frame.picture.shape
    high = (frame.bottom_m - frame.top_m) / n_row
    assert (frame.right_m - frame.left_m) / n_column == pytest.approx(high, rel=1e-3)
    # the face is deepest in the middle; its ends stick out above
    probe = find_probe("C5-2v")
    edge = probe.n_element * probe.pitch_u / 2
    assert frame.top_m == pytest.approx(-probe.radius_m * (1 - math.cos(edge)), rel=1e-6)
    far = (probe.radius_m + 120e-3) * math.sin(edge)
    assert (frame.left_m, frame.right_m) == pytest.approx((-far, far), rel=1e-3)


@pytest.mark.parametrize("way", [w for w in WAYS if w not in ("straight", "compounded", "zoom")])
def test_outside_the_lines_the_picture_is_black(way: str) -> None:
    probe, knobs = WAYS[way]
    frame = look(uniform(**SPECKLE), probe=probe, gain_db=30, **knobs)
    rows, columns = np.indices(frame.picture.shape)
    u, s = frame.lines.locate(*frame.place_of(rows, columns))
    line = frame.lines.line_number(u)
    top = frame.settings.top_m
    above = top if frame.lines.is_convex else 0.0
    outside = (line < -1) | (line > frame.lines.n) | (s < above - 1e-4)
    deep = (s > top + 2e-3) & (s < 0.9 * frame.bottom_m)
    inside = (line > 2) & (line < frame.lines.n - 3) & deep
    assert outside.mean() > 0.1
    assert not frame.picture[outside].any()
    assert (frame.picture[inside] > 0).mean() > 0.99


@pytest.mark.parametrize("depth_m", [30e-3, 60e-3, 100e-3])
@pytest.mark.parametrize("angle_deg", [-25, 4, 20])
def test_lines_of_a_convex_picture_have_the_angles_of_image_points(
    angle_deg: float, depth_m: float
) -> None:
    """The path that is checked against SIMUS sees a point on the same line: within a tenth of the
    line spacing of 0.6 degrees."""
    probe = find_probe("C5-2v")
    lines = lines_of(probe, Look())
    b = round(float(lines.line_number(math.radians(angle_deg))))
    x, z = (float(v) for v in lines.place(lines.u[b], depth_m))
    knobs = {"frequency_mhz": 3.5, "depth_mm": 120, "focus_mm": depth_m * 1e3}
    medium = Medium(make_tissues(SILENT), wires=((x, z + probe.sagitta_m, 0.3),))
    frame = look(medium, probe="C5-2v", **knobs, **QUIET)
    near = np.arange(b - 4, b + 5)
    sample = np.arange(depth_m - 3e-3, depth_m + 3e-3, 0.05e-3)
    chord = probe.radius_m - probe.apothem_m
    iq = image_points(
        np.array([x]), np.array([z + chord]), np.ones(1), probe=probe,
        settings=ScanSettings(frequency_hz=3.5e6, focus_m=depth_m, depth_m=0.12),
        line_u=lines.u[near], sample_z_m=sample,
    )  # fmt: skip
    window = np.abs(frame.sample_z_m - depth_m) < 3e-3
    shown = np.abs(frame.iq[near][:, window]).max(axis=1)
    expected = np.abs(iq).max(axis=1)

    def centre(amplitude: np.ndarray) -> float:
        weight = (amplitude / amplitude.max()).astype(float) ** 4
        return float((near * weight).sum() / weight.sum())

    assert centre(shown) == pytest.approx(centre(expected), abs=0.1)
    assert centre(shown) == pytest.approx(b, abs=0.1)


def test_a_convex_probe_hears_a_mirror_at_its_reference_level() -> None:
    """A plane mirror 20 mm in front of the middle of the face: 0 dB, within 1 dB."""
    probe = find_probe("C5-2v")
    sagitta = probe.sagitta_m
    frame = look(mirror(20e-3 + sagitta), probe="C5-2v", frequency_mhz=3.57, depth_mm=40,
                 focus_mm=20, **QUIET)  # fmt: skip
    line = np.abs(frame.iq[frame.lines.n // 2])
    assert 20 * math.log10(line.max()) == pytest.approx(0.0, abs=1.0)


def test_speckle_keeps_its_level_where_lines_part() -> None:
    """The trapezoid's lines are 1.5 times as far apart at 35 mm as at the face. Even speckle must
    not tell: its level agrees with the straight picture's within 1 dB at every depth."""
    knobs = {"frequency_mhz": 8, "focus_mm": 20, **QUIET}
    level: dict[tuple[str, float], float] = {}
    for trapezoid in ("off", "on"):
        frames = [
            look(uniform(**SPECKLE), seed=seed, trapezoid=trapezoid, **knobs) for seed in (1, 2, 3)
        ]
        for z in (8e-3, 20e-3, 35e-3):
            near = np.abs(frames[0].sample_z_m - z) < 2e-3
            level[trapezoid, z] = level_db(np.stack([f.iq[40:152][:, near] for f in frames]))
    for z in (8e-3, 20e-3, 35e-3):
        assert level["on", z] == pytest.approx(level["off", z], abs=1.0), z


def test_deep_speckle_of_a_convex_probe_does_not_depend_on_its_columns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Columns five times as far apart at 190 mm as at the face, or half of that: the same level
    within 1 dB."""
    knobs = {"probe": "C5-2v", "frequency_mhz": 3, "depth_mm": 200, "focus_mm": 80, **QUIET}
    levels = []
    for column_m in (scan_grid._COLUMN_M, scan_grid._COLUMN_M / 2):
        monkeypatch.setattr(scan_grid, "_COLUMN_M", column_m)
        frame = look(uniform(**SPECKLE), chain=BModeChain(), **knobs)
        levels.append([
            level_db(frame.iq[10:118][:, np.abs(frame.sample_z_m - z) < 5e-3])
            for z in (40e-3, 100e-3, 190e-3)
        ])  # fmt: skip
    np.testing.assert_allclose(*levels, atol=1.0)
