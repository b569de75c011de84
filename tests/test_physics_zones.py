"""Focal zones: where they lie, what each shows, what is seen where they meet, and what is sent."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import (
    SILENT,
    SPECKLE,
    Medium,
    full_width,
    level_db,
    look,
    make_tissues,
    to_db,
    uniform,
)

from physics.probe import find_probe
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe
from physics.zones import FADE_M, NEAREST_M, Zones, plan_zones

QUIET = {"noise": "off"}
SEAM_DEPTHS_M = np.linspace(0, 60e-3, 601)


@pytest.mark.nojit
@given(
    n=st.sampled_from(["2", "3", "4"]),
    depth_m=st.floats(10e-3, 200e-3),
    place=st.floats(0, 1),
    top=st.floats(0, 1),
)
def test_zones_lie_an_eighth_of_the_picture_apart_and_in_it(
    n: str, depth_m: float, place: float, top: float
) -> None:
    top_m = top * (depth_m - 5e-3)
    focus_m = max(top_m + place * (depth_m - top_m), NEAREST_M)
    foci = plan_zones(focal_zones=n, focus_m=focus_m, depth_m=depth_m, top_m=top_m).focus_m
    assert len(foci) == int(n)
    assert foci[0] >= max(top_m, NEAREST_M) - 1e-12
    assert foci[-1] <= depth_m + 1e-12
    for upper, lower in pairwise(foci):
        assert lower - upper == pytest.approx((depth_m - top_m) / 8)
    middle = 0.5 * (foci[0] + foci[-1])
    moved = foci[0] == pytest.approx(max(top_m, NEAREST_M)) or foci[-1] == pytest.approx(depth_m)
    assert moved or middle == pytest.approx(focus_m)


@pytest.mark.nojit
def test_a_single_zone_lies_at_the_focus_whatever_the_depth() -> None:
    for depth_m, top_m in ((10e-3, 0.0), (60e-3, 40e-3)):
        zones = plan_zones(focal_zones="1", focus_m=20e-3, depth_m=depth_m, top_m=top_m)
        assert zones == Zones((20e-3,))
        np.testing.assert_array_equal(zones.share(SEAM_DEPTHS_M), 1.0)


@pytest.mark.nojit
@given(
    first=st.floats(3e-3, 30e-3), gaps=st.lists(st.floats(0.5e-3, 20e-3), min_size=1, max_size=3)
)
def test_every_depth_is_shown_once_and_seams_lie_half_way(first: float, gaps: list[float]) -> None:
    zones = Zones(tuple(first + np.cumsum([0.0, *gaps])))
    share = zones.share(SEAM_DEPTHS_M)
    np.testing.assert_allclose(share.sum(axis=0), 1.0, atol=1e-12)
    assert share.min() >= 0.0
    for i, (upper, lower) in enumerate(pairwise(zones.focus_m)):
        at_seam = zones.share(np.array([0.5 * (upper + lower)]))[:, 0]
        assert at_seam[i : i + 2] == pytest.approx([0.5, 0.5])
    for (above, below), row in zip(zones.extent_m, share, strict=True):
        assert not row[(above > SEAM_DEPTHS_M) | (below < SEAM_DEPTHS_M)].any()


WAYS: dict[str, tuple[str, dict[str, object]]] = {
    "straight": ("L12-3", {"frequency_mhz": 8}),
    "harmonic": ("L12-3", {"frequency_mhz": 10, "harmonic": "on"}),
    "steered left": ("L12-3", {"frequency_mhz": 8, "steer_deg": -12}),
    "trapezoid": ("L11-5v", {"frequency_mhz": 7, "trapezoid": "on", "depth_mm": 30}),
    "machine of 1450 m/s": ("L12-3", {"frequency_mhz": 8, "machine_speed_m_s": 1450}),
    "convex": ("C5-2v", {"frequency_mhz": 4, "depth_mm": 80, "focus_mm": 40}),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_zone_shows_what_a_picture_with_that_focus_shows(way: str) -> None:
    """A pulse length from the fades, every sample is that of its own transmit: within -50 dB of
    the rms of the echoes."""
    probe, knobs = WAYS[way]
    medium = uniform(**SPECKLE, attenuation_db_m=50.0)
    joined = look(medium, probe=probe, focal_zones="3", **knobs, **QUIET)
    assert len(joined.foci_m) == 3
    pulse_m = 2e-3 if probe == "C5-2v" else 0.7e-3
    share = Zones(joined.foci_m).share
    z = joined.sample_z_m
    seen = 0
    for i, focus_m in enumerate(joined.foci_m):
        alone = look(medium, probe=probe, **{**knobs, "focus_mm": focus_m * 1e3}, **QUIET)
        own = np.min([share(z + d)[i] for d in (-pulse_m, 0.0, pulse_m)], axis=0) == 1.0
        error = np.abs(joined.iq[:, own] - alone.iq[:, own])
        rms = np.sqrt(np.mean(np.abs(alone.iq[:, own]) ** 2))
        assert np.sqrt(np.mean(error**2)) < 10 ** (-50 / 20) * rms
        seen += int(own.sum())
    assert seen > 0.5 * z.size


def mean_level(frames: list, z_m: float, half_m: float = 0.3e-3) -> float:
    near = np.abs(frames[0].sample_z_m - z_m) < half_m
    return level_db(np.stack([frame.iq[30:-30][:, near] for frame in frames]))


def test_a_band_comes_out_where_zones_meet() -> None:
    """Nothing draws it. At the seam the deeper zone's wider aperture sends more: speckle is
    brighter by about the ratio of the apertures, which is that of the foci (F kept); and either
    beam is past its best, so the seam is darker than the foci above and below it."""
    seeds = range(1, 6)
    knobs = {"frequency_mhz": 8, "focus_mm": 10, **QUIET}
    medium = uniform(**SPECKLE)
    joined = [look(medium, seed=s, focal_zones="2", **knobs) for s in seeds]
    upper, lower = joined[0].foci_m
    seam = 0.5 * (upper + lower)
    above, below = (
        [look(medium, seed=s, **{**knobs, "focus_mm": f * 1e3}) for s in seeds]
        for f in (upper, lower)
    )
    step = mean_level(below, seam) - mean_level(above, seam)
    assert step == pytest.approx(10 * np.log10(lower / upper), abs=0.6)
    assert mean_level(joined, lower) - mean_level(joined, seam) > 2.0
    assert mean_level(joined, upper) - mean_level(joined, seam) > 0.5


def test_wires_are_as_narrow_at_every_zone_as_at_a_focus_of_their_own() -> None:
    """-6 dB width within 1 %; with one focus the outer wires are wider by a third or more."""
    knobs = {"frequency_mhz": 8, "depth_mm": 40, **QUIET}
    medium = Medium(
        make_tissues(SILENT), wires=[(1e-4 + 6e-3 * i, 15e-3 + 5e-3 * i, 0.3) for i in (0, 1, 2)]
    )

    def widths(focus_mm: float, zones: str = "1") -> list[float]:
        frame = look(medium, focus_mm=focus_mm, focal_zones=zones, **knobs)
        found = []
        for i in (0, 1, 2):
            near = np.abs(frame.sample_z_m - 15e-3 - 5e-3 * i) < 0.4e-3
            lines = np.abs(frame.line_x_m - 6e-3 * i) < 2e-3
            level = to_db(np.abs(frame.iq[np.ix_(lines, near)]).max(axis=1))
            found.append(full_width(frame.line_x_m[lines], level, -6.02))
        return found

    three = widths(20, "3")
    alone = [widths(focus_mm) for focus_mm in (15, 20, 25)]
    assert three == pytest.approx([alone[i][i] for i in (0, 1, 2)], rel=0.01)
    assert alone[1][0] > 1.33 * three[0]
    assert alone[1][2] > 1.33 * three[2]


def test_noise_is_faded_as_echoes_are() -> None:
    """Two draws of half weight have half the power: 3 dB less noise in the middle of a seam."""
    one, two = look(uniform()), look(uniform(), focal_zones="2")
    ratio = np.abs(two.iq).mean(axis=0) / np.abs(one.iq).mean(axis=0)
    expected = np.sqrt((Zones(two.foci_m).share(two.sample_z_m) ** 2).sum(axis=0))
    np.testing.assert_allclose(ratio, expected, rtol=1e-3)
    assert ratio.min() == pytest.approx(np.sqrt(0.5), abs=0.01)
    assert (np.abs(ratio - 1) > 1e-3).sum() * np.diff(one.sample_z_m)[0] < 1.1 * FADE_M


def test_interference_goes_on_from_transmit_to_transmit() -> None:
    """Each zone of a line is a transmit later than the one before: what line b hears in the zone i
    of two is what the line 2 b + i would hear of a frame with one."""
    off = {"noise": "off", "ring_down": "off", "interference_db": 40}
    one, two = look(uniform(), **off), look(uniform(), focal_zones="2", **off)
    share = Zones(two.foci_m).share(two.sample_z_m)
    for i in (0, 1):
        own = share[i] == 1.0
        np.testing.assert_allclose(two.iq[:96, own], one.iq[i::2, own], atol=1e-9)


@pytest.mark.parametrize(("focus_mm", "later_line"), [(20, 1), (8, 0)])
def test_late_echoes_come_from_the_transmit_before(focus_mm: float, later_line: int) -> None:
    """A wire at 50 mm in a picture of 40 mm is shown at 10 mm: on the next line where the first
    zone is shown, whose last pulse was of the last line; on its own in another zone."""
    medium = Medium(make_tissues(SILENT), wires=[(1e-4, 50e-3, 0.3)])
    frame = look(medium, focus_mm=focus_mm, focal_zones="4", pulse_rate="high", ring_down="off",
                 frequency_mhz=6, **QUIET)  # fmt: skip
    near = np.abs(frame.sample_z_m - 10e-3) < 1e-3
    shown_first = Zones(frame.foci_m).share(np.array([10e-3]))[0, 0]
    assert shown_first == later_line
    line = int(np.abs(frame.iq[:, near]).max(axis=1).argmax())
    assert line - int(np.abs(frame.line_x_m - 1e-4).argmin()) == later_line


@pytest.mark.nojit
@pytest.mark.parametrize("focus_mm", [60, 5])
def test_several_zones_need_a_focus_in_the_picture(focus_mm: float) -> None:
    probe = find_probe("L12-3")
    settings = ScanSettings().turned(focus_mm=focus_mm, focal_zones="2", top_mm=10)
    words = f"focus_mm is {focus_mm}; focal_zones 2 allows 10 to 40 mm, the picture's depths"
    with pytest.raises(ValueError, match=words):
        check_for_probe(settings, probe)
    check_for_probe(fitted_to_probe(settings, probe), probe)
    check_for_probe(settings.turned(focal_zones="1"), probe)
