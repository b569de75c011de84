"""Line density, sector width and write zoom: which lines there are, and what they cost and show."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    below,
    box,
    full_width,
    look,
    make_tissues,
    to_db,
    uniform,
)

from physics.frame import Frame
from physics.imaging_chain import BModeChain, frame_rate_of
from physics.looks import plan_looks
from physics.probe import find_probe, load_probes
from physics.raster import MOST_COLUMNS
from physics.sector import LINES_PER_ELEMENT, plan_sector, whole_face
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe
from physics.zones import plan_zones

QUIET = {"noise": "off"}


# --- frame rate -------------------------------------------------------------------------------


@st.composite
def scans(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    """A probe, and knobs of its frame rate by display name."""
    name = draw(st.sampled_from(list(load_probes())))
    probe = find_probe(name)
    knobs: dict[str, object] = {
        "depth_mm": draw(st.floats(10, probe.max_depth_m * 1e3)),
        "line_density": draw(st.sampled_from(list(LINES_PER_ELEMENT))),
        "width_percent": draw(st.floats(25, 100)),
        "focal_zones": draw(st.sampled_from("1234")),
        "harmonic": draw(st.sampled_from(["on", "off"])),
        "machine_speed_m_s": draw(st.floats(1400, 1640)),
        "pulse_rate": draw(st.sampled_from(["normal", "high"])),
    }
    if not probe.is_convex:
        knobs["compound_angles"] = draw(st.sampled_from("13579"))
    return name, knobs


@pytest.mark.nojit
@given(scans())
def test_the_frame_rate_is_what_sound_allows(scan: tuple[str, dict[str, object]]) -> None:
    """1 / (lines x zones x angles x pulses x (2 depth / c + 5 us)), exactly; where pulses follow at
    once, frame rate x depth x lines x foci x angles x pulses = c / 2."""
    name, knobs = scan
    probe, settings = find_probe(name), ScanSettings().turned(**knobs)
    sector = plan_sector(
        probe,
        line_density=settings.line_density,
        width_share=settings.width_share,
        centre_m=settings.centre_m,
    )
    looks = plan_looks(
        steer_rad=0.0, compound_angles=settings.compound_angles, trapezoid=settings.trapezoid
    )
    zones = plan_zones(
        focal_zones=settings.focal_zones, focus_m=settings.focus_m, depth_m=settings.depth_m,
        top_m=settings.top_m,
    )  # fmt: skip

    n_all = probe.n_element * {"low": 1, "medium": 2, "high": 4}[str(knobs["line_density"])] // 2
    lines = n_all - 2 * round(n_all * (1 - settings.width_share) / 2)
    n_zone, n_angle = int(str(knobs["focal_zones"])), int(str(knobs.get("compound_angles", 1)))
    pulses = 2 if knobs["harmonic"] == "on" else 1
    listening_s = 2 * settings.depth_m / settings.machine_speed_m_s
    waiting_s = 5e-6 if knobs["pulse_rate"] == "normal" else 0.0
    expected_hz = 1 / (lines * n_zone * n_angle * pulses * (listening_s + waiting_s))
    told_hz = frame_rate_of(settings, sector, looks, zones)
    assert told_hz == pytest.approx(expected_hz, rel=1e-12)
    if knobs["pulse_rate"] == "high":
        product = told_hz * settings.depth_m * lines * n_zone * n_angle * pulses
        assert product == pytest.approx(settings.machine_speed_m_s / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("knobs", "expected_hz"),
    [
        ({}, 91.46),  # 192 lines x (2 x 40 mm / 1540 m/s + 5 us)
        ({"focal_zones": "3"}, 91.46 / 3),
        ({"line_density": "low"}, 2 * 91.46),
        ({"line_density": "high"}, 91.46 / 2),
        ({"width_percent": 50}, 2 * 91.46),
        ({"width_percent": 25, "line_density": "high", "focal_zones": "2"}, 91.46),
        ({"top_mm": 20}, 91.46),
        ({"focal_zones": "2", "compound_angles": "3", "harmonic": "on"}, 91.46 / 12),
    ],
)
def test_the_picture_says_the_rate_of_its_own_lines(
    knobs: dict[str, object], expected_hz: float
) -> None:
    frame = look(uniform(), **knobs, **QUIET)
    assert frame.frame_rate_hz == pytest.approx(expected_hz, rel=1e-3)
    n = len(frame.lines.u)
    assert frame.iq.shape[0] == frame.line_x_m.size == n
    n_transmit = int(str(knobs.get("focal_zones", 1))) * int(str(knobs.get("compound_angles", 1)))
    n_transmit *= 2 if "harmonic" in knobs else 1
    expected = 1 / (n * n_transmit * (2 * 0.04 / 1540 + 5e-6))
    assert frame.frame_rate_hz == pytest.approx(expected, rel=1e-12)


# --- where the lines are ----------------------------------------------------------------------


@pytest.mark.nojit
@given(
    name=st.sampled_from(list(load_probes())),
    density=st.sampled_from(list(LINES_PER_ELEMENT)),
    width=st.floats(0.25, 1.0),
    side=st.floats(-1, 1),
)
def test_a_sector_is_a_run_of_the_faces_lines(
    name: str, density: str, width: float, side: float
) -> None:
    """Wherever it lies, its lines are among those of the whole face, and none is off the face."""
    probe = find_probe(name)
    whole = plan_sector(probe, line_density=density, width_share=1.0, centre_m=0.0)
    free_m = (whole.n - round(whole.n * width)) / 2 * whole.step_u * probe.metre_per_u
    centre_m = side * max(free_m - whole.step_u * probe.metre_per_u, 0.0)
    sector = plan_sector(probe, line_density=density, width_share=width, centre_m=centre_m)
    assert abs(sector.n - whole.n * width) <= 1
    first = (sector.centre_u / whole.step_u) + (whole.n - sector.n) / 2
    assert first == pytest.approx(round(first), abs=1e-9)
    assert 0 <= round(first) <= whole.n - sector.n
    assert abs(sector.centre_u * probe.metre_per_u - centre_m) <= whole.step_u * probe.metre_per_u


@pytest.mark.nojit
@pytest.mark.parametrize("name", list(load_probes()))
def test_medium_density_puts_a_line_in_front_of_each_element(name: str) -> None:
    probe = find_probe(name)
    medium = plan_sector(probe, line_density="medium", width_share=1.0, centre_m=0.0)
    assert medium == whole_face(probe)
    for density, per_element in (("low", 0.5), ("high", 2)):
        sector = plan_sector(probe, line_density=density, width_share=1.0, centre_m=0.0)
        assert sector.n == per_element * probe.n_element
        assert sector.n * sector.step_u == pytest.approx(probe.n_element * probe.pitch_u)


SHADED = Medium(
    make_tissues(
        {**SPECKLE, "attenuation_db_m": 50.0},
        {"attenuation_db_m": 12000.0},
        {**SPECKLE, "speed_m_s": 1500.0, "attenuation_db_m": 50.0},
    ),
    (
        Region(0),
        Region(1, box(-5e-3, -2e-3, 5e-3, 6e-3)),
        Region(2, below(12e-3)),
    ),
)
"""A shadow is cast into the sector from beside it."""

WAYS: dict[str, tuple[str, dict[str, object]]] = {
    "straight": ("L12-3", {}),
    "dense": ("L12-3", {"line_density": "high"}),
    "sparse, L11-5v": ("L11-5v", {"line_density": "low", "frequency_mhz": 8}),
    "steered left": ("L12-3", {"steer_deg": -12}),
    "steered right": ("L12-3", {"steer_deg": 12}),
    "trapezoid": ("L11-5v", {"trapezoid": "on", "frequency_mhz": 8, "depth_mm": 30}),
    "zones": ("L12-3", {"focal_zones": "2"}),
    "convex": ("C5-2v", {"frequency_mhz": 4, "depth_mm": 60, "focus_mm": 40}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_narrow_sector_hears_what_the_same_lines_hear_in_the_whole(way: str) -> None:
    """Fewer lines, not smaller apertures: elements beside the sector still send and hear, and what
    lies beside it still casts its shadow into it. Within -60 dB of the rms; steered, some columns
    lie half-way between two rays and take the loss of either: -30 dB, all at the shadow's edge."""
    probe, knobs = WAYS[way]
    whole = look(SHADED, probe=probe, **knobs, **QUIET)
    part = look(SHADED, probe=probe, width_percent=40, centre_mm=4, **knobs, **QUIET)
    place = np.searchsorted(whole.lines.u, part.lines.u[0] - 1e-9)
    same = slice(place, place + part.lines.n)
    np.testing.assert_allclose(part.lines.u, whole.lines.u[same], atol=1e-12)
    assert part.lines.n < 0.5 * whole.lines.n
    error, rms = np.abs(part.iq - whole.iq[same]), np.abs(whole.iq[same])
    allowed = 0.03 if "steer_deg" in knobs else 1e-3
    assert np.sqrt(np.mean(error**2)) < allowed * np.sqrt(np.mean(rms**2))
    if not whole.lines.is_convex:
        assert part.right_m - part.left_m < whole.right_m - whole.left_m


def test_compounding_in_a_sector_at_one_side_still_averages_all_looks() -> None:
    """Looks to the left have no mirror images there; near the face all looks see the same."""
    knobs = {"compound_angles": "3", "frequency_mhz": 8, **QUIET}
    chain = BModeChain()
    heard = []
    for more in ({}, {"width_percent": 50, "centre_mm": 6}):
        frame = look(uniform(**SPECKLE), chain=chain, **knobs, **more)
        heard.append(chain.pipeline.newest("compound"))
    n = frame.lines.n
    first = 96 + 30 - n // 2
    middle = np.s_[n // 2 - 10 : n // 2 + 10, 100:500]
    whole = np.abs(heard[0][first : first + n][middle])
    part = np.abs(heard[1][middle])
    assert np.sqrt(np.mean((part - whole) ** 2)) < 1e-3 * np.sqrt(np.mean(whole**2))


def test_another_sector_starts_a_persistence_of_its_own() -> None:
    chain = BModeChain()
    for i, width in enumerate((100, 50, 100)):
        knobs = {"width_percent": width, "pulse_rate": "high" if i == 2 else "normal"}
        frame = look(uniform(**SPECKLE), chain=chain, persistence=4, noise_seed=i, **knobs)
        assert frame.envelope.shape[0] == 192 * width // 100


# --- density ----------------------------------------------------------------------------------


def scalloping_db(density: str) -> float:
    """How much a wire's brightest echo differs from place to place across the lines."""
    wires = [(-12e-3 + i * (3e-3 + 0.05e-3), 20e-3, 0.3) for i in range(8)]
    medium = Medium(make_tissues(SILENT), wires=wires)
    frame = look(medium, frequency_mhz=12, focus_mm=20, line_density=density, **QUIET)
    level = np.abs(frame.iq).max(axis=1)
    peaks = [level[np.abs(frame.line_x_m - x) < 1e-3].max() for x, _, _ in wires]
    return float(np.ptp(to_db(np.array(peaks))))


def test_sparse_lines_miss_what_lies_between_them() -> None:
    """The beam at F 2 (Hann on receive, F 1.5) is some 0.25 mm wide at -6 dB; lines are 0.4, 0.2 or
    0.1 mm apart. A wire between two of them is half a spacing off both: -6 dB x (spacing / width)^2
    for a Gaussian beam."""
    medium = Medium(make_tissues(SILENT), wires=[(0.05e-3, 20e-3, 0.3)])
    frame = look(medium, frequency_mhz=12, focus_mm=20, line_density="high", **QUIET)
    near = np.abs(frame.line_x_m) < 1.5e-3
    profile = to_db(np.abs(frame.iq[near]).max(axis=1))
    width_m = full_width(frame.line_x_m[near], profile, -6.02)
    for density, spacing_m in (("low", 0.4e-3), ("medium", 0.2e-3), ("high", 0.1e-3)):
        expected = 6.02 * (spacing_m / width_m) ** 2
        assert scalloping_db(density) == pytest.approx(expected, rel=0.35, abs=0.3), density


# --- the picture ------------------------------------------------------------------------------


def test_a_zoom_shows_the_same_echoes_from_the_top_down() -> None:
    """Which part is shown changes no echo, and the picture's millimetres stay what they are."""
    medium = uniform(**SPECKLE)
    knobs = {"depth_mm": 30, "width_percent": 50, "centre_mm": -3, **QUIET}
    whole, zoom = look(medium, **knobs), look(medium, top_mm=18, **knobs)
    shown = whole.sample_z_m >= 18e-3
    np.testing.assert_array_equal(zoom.iq, whole.iq[:, shown])
    np.testing.assert_array_equal(zoom.sample_z_m, whole.sample_z_m[shown])
    np.testing.assert_array_equal(zoom.envelope, whole.envelope[:, shown])
    assert (zoom.top_m, zoom.bottom_m) == (18e-3, 30e-3)
    assert (zoom.left_m, zoom.right_m) == (whole.left_m, whole.right_m)
    lines = zoom.lines.edge_u
    assert (zoom.left_m, zoom.right_m) == pytest.approx((lines[0], lines[1]))
    assert "acquire" not in zoom.ran
    assert zoom.frame_rate_hz == whole.frame_rate_hz


def grey_at(frame: Frame, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
    row, column = frame.pixel_of(x_m, z_m)
    return frame.picture[np.rint(row).astype(int), np.rint(column).astype(int)].astype(float)


@pytest.mark.parametrize(
    ("probe", "knobs"),
    [
        ("L12-3", {"depth_mm": 30, "centre_mm": -4}),
        ("L12-3", {"depth_mm": 30, "trapezoid": "on", "centre_mm": 5}),
        ("L12-3", {"depth_mm": 30, "steer_deg": 10}),
        ("C5-2v", {"depth_mm": 90, "frequency_mhz": 4, "focus_mm": 60, "centre_mm": 8}),
    ],
    ids=["straight", "trapezoid", "steered", "convex"],
)
def test_a_place_has_the_same_grey_in_the_zoomed_picture(
    probe: str, knobs: dict[str, object]
) -> None:
    medium = uniform(**SPECKLE, attenuation_db_m=50.0)
    top_m = 1e-3 * float(str(knobs["depth_mm"])) / 2
    whole = look(medium, probe=probe, width_percent=50, **knobs, **QUIET)
    zoom = look(medium, probe=probe, width_percent=50, top_mm=top_m * 1e3, **knobs, **QUIET)
    u = np.linspace(zoom.lines.u[3], zoom.lines.u[-4], 60)[:, None]
    s = np.linspace(1.08 * top_m, 1.9 * top_m, 80)[None, :]
    x, z = zoom.lines.place(u, s)
    assert np.abs(grey_at(zoom, x, z) - grey_at(whole, x, z)).mean() < 4
    n_row, n_column = zoom.picture.shape
    high, wide = (zoom.bottom_m - zoom.top_m) / n_row, (zoom.right_m - zoom.left_m) / n_column
    assert wide == pytest.approx(high, rel=2e-3)
    assert high < 0.75 * (whole.bottom_m - whole.top_m) / whole.picture.shape[0]


def test_a_low_and_wide_picture_keeps_square_pixels_and_a_bearable_size() -> None:
    frame = look(uniform(), depth_mm=40, top_mm=35, **QUIET)
    n_row, n_column = frame.picture.shape
    assert n_column == pytest.approx(MOST_COLUMNS, rel=2e-3)
    assert n_column / n_row == pytest.approx(38.4 / 5, rel=2e-3)


# --- what cannot be ---------------------------------------------------------------------------


@pytest.mark.nojit
@pytest.mark.parametrize(
    ("probe", "knobs", "words"),
    [
        ("L12-3", {"centre_mm": 3}, "centre_mm is 3; with width_percent 100 probe L12-3 allows "
         "only 0 mm, because lines can leave from its face alone"),
        ("L12-3", {"centre_mm": -15, "width_percent": 50},
         "centre_mm is -15; with width_percent 50 probe L12-3 allows -9.6 to 9.6 mm"),
        ("C5-2v", {"centre_mm": 30, "width_percent": 75}, "centre_mm is 30; with width_percent 75"),
        ("L12-3", {"top_mm": 36}, "top_mm is 36; depth_mm 40 allows up to 35 mm, because "
         "at least 5 mm are shown"),
    ],
)  # fmt: skip
def test_what_cannot_be_scanned_is_refused_in_one_sentence(
    probe: str, knobs: dict[str, object], words: str
) -> None:
    settings = ScanSettings(frequency_hz=5e6).turned(**knobs)
    with pytest.raises(ValueError, match=words):
        check_for_probe(settings, find_probe(probe))
    check_for_probe(fitted_to_probe(settings, find_probe(probe)), find_probe(probe))


@pytest.mark.nojit
def test_a_sector_can_lie_at_the_very_end_of_the_face() -> None:
    settings = ScanSettings().turned(width_percent=25, centre_mm=14.4)
    check_for_probe(settings, find_probe("L12-3"))
    sector = plan_sector(
        find_probe("L12-3"), line_density="medium", width_share=0.25, centre_m=14.4e-3
    )
    last = sector.centre_u + (sector.n - 1) / 2 * sector.step_u
    assert last == pytest.approx(find_probe("L12-3").element_u[-1])
    assert math.isclose(sector.n, 48)


@pytest.mark.parametrize("density", list(LINES_PER_ELEMENT))
@pytest.mark.parametrize("probe", ["L12-3", "L18-4"])
def test_a_look_to_the_left_is_the_mirror_image_of_one_to_the_right(
    probe: str, density: str
) -> None:
    """Wires and their mirror image, steered by 12 degrees to either side: within 1 % of the peak,
    also where lines stand half-way between two columns."""
    wires = [(-8e-3, 12e-3, 1.0), (1e-3, 16e-3, 1.0), (5e-3, 22e-3, 1.0)]
    left, right = (
        look(
            Medium(make_tissues(SILENT), wires=[(side * x, z, a) for x, z, a in wires]),
            probe=probe, steer_deg=12 * side, line_density=density, depth_mm=30, focus_mm=16,
            **QUIET,
        ).iq
        for side in (-1, 1)
    )  # fmt: skip
    assert np.abs(left - right[::-1]).max() < 0.01 * np.abs(right).max()
