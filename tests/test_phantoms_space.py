"""A body in space: the biceps groove in its two axes, and what slices say of a third direction."""

import math
from dataclasses import replace

import numpy as np
import pytest

from phantoms import Phantom, load_phantom
from phantoms.phantom import winning_region
from physics.frame import Frame
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import UnknownNameError
from simulator.renderer import Renderer, start_request

GRID = {"x0_m": -0.019, "dx_m": 2e-4, "n_x": 191, "dz_m": 2e-4, "n_z": 176}
SHORT = Pose(turn_rad=math.pi / 2)


@pytest.fixture
def groove() -> Phantom:
    return load_phantom("biceps_groove")


def extent_mm(cut: Slice, phantom: Phantom, name: str) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of a region in a slice."""
    i, j = np.nonzero(winning_region(cut.distance_m) == phantom.region_names.index(name))
    x, z = cut.x_m[i] * 1e3, cut.z_m[j] * 1e3
    return float(x.min()), float(x.max()), float(z.min()), float(z.max())


def test_the_groove_is_as_wide_and_deep_as_published(groove: Phantom) -> None:
    """12.5 to 13.4 mm wide, 2.6 to 2.9 mm deep, a tendon 4.3 to 4.7 mm wide."""
    z = np.arange(0.015, 0.025, 1e-5)
    y = np.linspace(-0.012, 0.012, 481)
    bone = groove.region_names.index("humerus")
    sheath, tendon = (groove.region_names.index(n) for n in ("tendon_sheath", "biceps_tendon"))
    region = groove.region_at(np.zeros(1), z[None, :], y[:, None])
    top = z[np.argmax(np.isin(region, [bone]), axis=1)]
    left, right = (side[top[side].argmin()] for side in (np.arange(240), np.arange(241, 481)))
    assert 12.5 <= (y[right] - y[left]) * 1e3 <= 13.5
    rim = np.interp(y, [y[left], y[right]], [top[left], top[right]])
    assert 2.6 <= (top - rim)[left:right].max() * 1e3 <= 2.95
    wide = y[(region == tendon).any(axis=1)]
    assert 4.3 <= np.ptp(wide) * 1e3 <= 4.7
    assert (region[240] == sheath).any()


def test_a_tube_is_an_oval_in_short_axis_and_a_band_in_long_axis(groove: Phantom) -> None:
    left, right, top, bottom = extent_mm(groove.slice(SHORT, **GRID), groove, "biceps_tendon")
    assert right - left == pytest.approx(4.5, abs=0.45)
    assert bottom - top == pytest.approx(3.4, abs=0.45)
    left, right, _, _ = extent_mm(groove.slice(Pose(), **GRID), groove, "biceps_tendon")
    assert right - left > 37


def test_the_same_point_has_the_same_coordinates_in_both_axes(groove: Phantom) -> None:
    """Below the middle of the face the two planes cross."""
    turned, plain = groove.slice(SHORT, **GRID), groove.slice(Pose(slide_y_m=1e-9), **GRID)
    assert turned.x_m[95] == pytest.approx(0.0, abs=1e-12)
    for name in ("along_m", "across_m", "beside_m", "distance_m"):
        one, two = (getattr(cut, name)[:, 95] for cut in (turned, plain))
        np.testing.assert_allclose(one, two, atol=3e-7, err_msg=name)


def test_sliding_across_finds_the_tendon_beside_the_middle(groove: Phantom) -> None:
    left, right, _, _ = extent_mm(
        groove.slice(replace(SHORT, slide_y_m=5e-3), **GRID), groove, "biceps_tendon"
    )
    assert 0.5 * (left + right) == pytest.approx(-5, abs=0.2)


@pytest.mark.parametrize("name", ["muscle_block", "qa_block"])
def test_a_body_that_runs_straight_on_says_no_more_than_it_needs(name: str) -> None:
    phantom = load_phantom(name)
    for pose in (Pose(), Pose(1e-3, 0.05)):
        cut = phantom.slice(pose, **GRID)
        assert cut.beside_m.size == cut.fibre_lean.size == cut.surface_lean.size == 0
    beside = phantom.slice(Pose(slide_y_m=2e-3), **GRID)
    assert beside.fibre_lean.size == beside.surface_lean.size == 0
    np.testing.assert_allclose(beside.beside_m, 2e-3, atol=1e-9)
    tilted = phantom.slice(Pose(tilt_rad=0.2), **GRID)
    body = list(phantom.geometry.frames).index("body")
    np.testing.assert_allclose(tilted.surface_lean[body], math.tan(0.2), rtol=1e-5)
    np.testing.assert_allclose(tilted.fibre_lean[body], 0.0, atol=1e-6)


@pytest.mark.parametrize(
    "pose", [SHORT, Pose(2e-3, 0.1, 0.1, 0.0, 0.0, 2e-3, 1.2), Pose(2e-3, -0.1, 0.15)]
)
def test_bone_stays_however_the_probe_is_held(groove: Phantom, pose: Pose) -> None:
    cut = groove.slice(pose, **GRID)
    x, z = np.meshgrid(cut.x_m, cut.z_m, indexing="ij")
    places = pose.place(x, 0.0, z)
    bone = groove.region_names.index("humerus")
    expected = groove.region_at(places[0], places[2], places[1])
    changed = (expected == bone) != (winning_region(cut.distance_m) == bone)
    assert changed[places[2] > groove.soft_depth_m].mean() < 5e-4  # float32 on the very surface


@pytest.mark.parametrize("turn_deg", [0, 40, 90])
def test_a_turned_probe_presses_what_lies_under_it(groove: Phantom, turn_deg: float) -> None:
    """The left end of a rocked face is lifted, the right one squeezes fat and deltoid."""
    pose = Pose(rock_rad=0.2, turn_rad=math.radians(turn_deg))
    cut = groove.slice(pose, **GRID)
    gel = winning_region(cut.distance_m) == 0
    assert gel[10, 1]
    assert not gel[100:].any()


def test_a_place_is_named_where_it_is_seen_and_only_when_it_is_near(groove: Phantom) -> None:
    lesser = groove.labels["lesser"]
    place = [np.array([v * 1e-3]) for v in (lesser.x_mm, lesser.z_mm, lesser.y_mm or 0.0)]
    x, z = groove.view(SHORT, half_face_m=0.019, wide_m=0.019, deepest_m=0.03).seen_at(*place)
    assert (x[0] * 1e3, z[0] * 1e3) == pytest.approx((lesser.y_mm, lesser.z_mm))
    assert np.isnan(
        groove.view(Pose(), half_face_m=0.019, wide_m=0.019, deepest_m=0.03).seen_at(*place)
    ).all()


def test_standard_views_are_where_the_probe_is_put(groove: Phantom) -> None:
    assert list(groove.views) == ["short", "long"]
    assert groove.start_pose == groove.views["short"].pose == SHORT
    assert groove.standard_view("long").pose == Pose()
    with pytest.raises(UnknownNameError, match="did you mean 'long'"):
        groove.standard_view("lon")
    assert start_request("biceps_groove", None, "long").pose == Pose()


# --- pictures -------------------------------------------------------------------------------

_RENDERER = Renderer()


def tendon_and_deltoid(frame: Frame, phantom: Phantom) -> list[np.ndarray]:
    """IQ of samples well inside the tendon and the deltoid, near the middle of the picture."""
    medium = frame.medium
    x, z = frame.line_x_m[:, None], frame.sample_z_m[None, :]
    i = np.rint((x - medium.x0_m) / medium.dx_m).astype(int)
    j = np.rint((z - medium.z0_m) / medium.dz_m).astype(int)
    found = []
    for name in ("biceps_tendon", "deltoid"):
        inside = medium.distance_m[phantom.region_names.index(name)] < -4e-4
        inside &= winning_region(medium.distance_m) == phantom.region_names.index(name)
        chosen = inside[i, np.minimum(j, inside.shape[1] - 1)] & (np.abs(x) < 6e-3)
        found.append(frame.iq[chosen])
    return found


def levels_db(pose: Pose, phantom: Phantom) -> np.ndarray:
    """Median level of tendon and deltoid over three pieces of tissue."""
    request = replace(start_request("biceps_groove"), pose=pose)
    frames = [_RENDERER.render(replace(request, seed=seed)) for seed in (1, 2, 3)]
    parts = [tendon_and_deltoid(frame, phantom) for frame in frames]
    return np.array(
        [10 * np.log10(np.median(np.abs(np.concatenate(p)) ** 2)) for p in zip(*parts, strict=True)]
    )


def test_a_tilt_of_10_degrees_darkens_tendon_and_not_muscle(groove: Phantom) -> None:
    """At least 8 dB, and less than 2 dB."""
    upright = levels_db(SHORT, groove)
    for tilt_deg in (-10, 10):
        tendon, muscle = upright - levels_db(
            replace(SHORT, tilt_rad=math.radians(tilt_deg)), groove
        )
        assert tendon >= 8
        assert abs(muscle) < 2


def test_lines_in_long_axis_are_dots_in_short_axis(groove: Phantom) -> None:
    """Lateral length of the tendon's texture: half width of the envelope's correlation."""
    lengths = []
    for pose in (SHORT, Pose()):
        request = replace(start_request("biceps_groove"), pose=pose)
        correlations = []
        for seed in range(1, 7):
            frame = _RENDERER.render(replace(request, seed=seed))
            rows = (frame.sample_z_m > 18.2e-3) & (frame.sample_z_m < 19.6e-3)
            columns = np.abs(frame.line_x_m) < 1.9e-3
            part = np.abs(frame.iq[np.ix_(columns, rows)])
            part = part - part.mean(axis=0)
            n = len(part)
            correlations.append([np.sum(part[: n - k] * part[k:]) / (n - k) for k in range(n // 2)])
        mean = np.mean(correlations, axis=0)
        below = np.flatnonzero(mean < 0.5 * mean[0])
        lengths.append(below[0] if below.size else len(mean))
    short, long = lengths
    assert long >= 1.5 * short
