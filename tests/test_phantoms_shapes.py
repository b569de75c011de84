"""Curves and shapes: true distances, smooth orthogonal coordinates, no pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms import load_phantom, phantom_names
from phantoms.build import Geometry
from phantoms.curves import CLIP_M, ArcCurve, FlatCurve, GraphCurve, Points
from phantoms.cutting import cut
from phantoms.frames import Frame
from phantoms.shapes import ZERO, Everything, Overlap, Shape, Union, band, below, layer, strip, tube
from phantoms.solids import Rod, ball, between, disc, ellipse, ellipsoid
from phantoms.space_curve import PathCurve
from phantoms.sweep import Sweep
from phantoms.tables import Profile, constant, spline_table
from physics.geometry import Pose

HILLS = [(-0.04, 0.010), (-0.02, 0.012), (0.0, 0.009), (0.02, 0.015), (0.04, 0.013)]
WAVE = GraphCurve(HILLS)
ARC = ArcCurve((0.002, 0.045), 0.023)
TAPER = Profile([(-0.02, 0.006), (0.0, 0.005), (0.015, -0.001)])
COURSE = (
    spline_table([(-0.03, 0.004), (0.0, 0.0), (0.03, 0.002)]),
    spline_table([(-0.03, -0.003), (0.0, 0.0), (0.03, 0.006)]),
)
CARRIED = GraphCurve(HILLS, Sweep(turn_rad=0.4, course=COURSE))
LIMB = GraphCurve(HILLS, Sweep(turn_rad=1.2, axis_m=0.05, beside_radius_m=0.035))
SADDLE = GraphCurve(HILLS, Sweep(axis_m=-0.02, is_hollow=True, beside_radius_m=0.029))
HEAD = ArcCurve((0.002, 0.045), 0.023, Sweep(axis_m=0.045, beside_radius_m=0.023))
PATH = PathCurve([(-0.03, 0.003, 0.012), (0.0, -0.002, 0.02), (0.03, 0.004, 0.024)], 0.5)
SHAPES: dict[str, Shape] = {
    "everything": Everything(),
    "below flat": below(FlatCurve(0.01)),
    "below wave": below(WAVE),
    "below arc": below(ARC),
    "below tapering": below(ARC, TAPER),
    "below carried": below(CARRIED, constant(1e-3)),
    "below limb": below(LIMB),
    "below saddle": below(SADDLE),
    "below head": below(HEAD),
    "layer": layer(FlatCurve(0.008), WAVE),
    "band": band(WAVE, ZERO, TAPER),
    "strip": strip(LIMB, constant(-1e-3), constant(2e-3), constant(4e-3), to_m=0.01),
    "tube": tube(PATH, constant(3e-3), constant(3e-3)),
    "flat tube": tube(PATH, Profile([(0.0, 4e-3), (0.02, 3e-3)]), constant(2.5e-3), from_m=-0.01),
    "one tube of a bundle": tube(PATH, constant(2e-3), constant(1e-3), middle_m=(3e-3, -2e-3)),
    "disc": disc((0.001, 0.02), 0.004),
    "ellipse": ellipse((0.0, 0.02), (0.008, 0.004), 0.3),
    "rod": Rod((-0.01, 0.01), (0.01, 0.02), 0.003),
    "needle": Rod((-0.01, -0.01, 0.01), (0.01, 0.004, 0.02), 0.003),
    "ball": ball((0.001, 0.002, 0.02), 0.004),
    "ellipsoid": ellipsoid((0.001, 0.002, 0.02), (0.008, 0.005, 0.004), 0.3),
    "barrel": between(disc((0.001, 0.02), 0.004), 0.002, 0.005),
    "union": Union((disc((0.0, 0.02), 0.004), Rod((0.0, 0.02), (0.01, 0.02), 0.002))),
    "overlap": Overlap((disc((0.0, 0.02), 0.004), below(WAVE))),
}
SLACK_M = 2e-8  # float32 at 0.1 m


def distance(shape: Shape, x: np.ndarray, z: np.ndarray, y: np.ndarray | float = 0.0) -> np.ndarray:
    x, y, z = (np.asarray(p, np.float32) for p in (x, y, z))
    points = Points(x, z, np.broadcast_to(y, x.shape))
    raw = np.broadcast_to(shape.distance(points), x.shape)
    return np.clip(raw, -CLIP_M, CLIP_M).astype(np.float64)


def steepest(shape: Shape, seed: int, n: int = 2000, box_m: float = 0.03) -> float:
    """Largest change of the distance per metre between random neighbours in space."""
    rng = np.random.default_rng(seed)
    here = rng.uniform([-box_m, -0.02, 0.0], [box_m, 0.02, 0.045], (n, 3))
    step = 10 ** rng.uniform(-4.5, -3, n)
    way = rng.normal(size=(n, 3))
    there = here + way * (step / np.linalg.norm(way, axis=1))[:, None]
    before, after = (distance(shape, p[:, 0], p[:, 2], p[:, 1]) for p in (here, there))
    return float(np.max((np.abs(after - before) - SLACK_M) / step))


STEEPER = {"ellipse": 1.12, "below tapering": 1.03, "band": 1.03}
"""The ellipse is right to first order at its surface and up to 12 % too steep beside it. A slope
of thickness is steeper on the hollow side of a bend."""


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**31), name=st.sampled_from(sorted(SHAPES)))
def test_distances_change_by_at_most_one_metre_per_metre(seed: int, name: str) -> None:
    assert steepest(SHAPES[name], seed) <= STEEPER.get(name, 1.001)


@pytest.mark.parametrize("name", phantom_names())
def test_the_library_keeps_to_one_metre_per_metre(name: str) -> None:
    phantom = load_phantom(name)
    for region, shape in zip(phantom.region_names[1:], phantom.geometry.shapes, strict=True):
        assert steepest(shape, 5, box_m=0.04) <= 1.03, region


@pytest.mark.parametrize("name", ["disc", "ellipse", "rod", "below wave", "below arc"])
def test_the_distance_is_true_near_the_surface(name: str) -> None:
    """|gradient| = 1 where the distance is zero, so that an offset of d is d metres away."""
    shape = SHAPES[name]
    rng = np.random.default_rng(2)
    x, z = rng.uniform(-0.02, 0.02, 40_000), rng.uniform(0.0, 0.04, 40_000)
    near = np.abs(distance(shape, x, z)) < 2e-4
    x, z, h = x[near], z[near], 2e-5
    slope_x = distance(shape, x + h, z) - distance(shape, x - h, z)
    slope_z = distance(shape, x, z + h) - distance(shape, x, z - h)
    np.testing.assert_allclose(np.hypot(slope_x, slope_z) / (2 * h), 1.0, atol=0.02)


def test_a_graph_finds_the_nearest_point() -> None:
    """Against a search over 40 000 points of the curve: 1 um is the spacing of the search."""
    rng = np.random.default_rng(3)
    x, z = rng.uniform(-0.03, 0.03, 200), rng.uniform(0.004, 0.018, 200)
    along, across, _, _ = Points(x.astype(np.float32), z.astype(np.float32)).on(WAVE)
    s = np.linspace(-0.045, 0.045, 90_001)
    curve_x, curve_z = WAVE.point(s)
    gap = np.hypot(x[:, None] - curve_x, z[:, None] - curve_z)
    np.testing.assert_allclose(np.abs(across), gap.min(axis=1), atol=1e-7)
    np.testing.assert_allclose(along, s[gap.argmin(axis=1)], atol=2e-5)
    np.testing.assert_array_equal(across > 0, z > np.interp(x, curve_x, curve_z))


FRAMES: dict[str, Frame] = {
    "body": Frame(),
    "wave": Frame(WAVE),
    "arc": Frame(ARC),
    "limb": Frame(LIMB),
    "limb, round it": Frame(LIMB, runs_beside=True),
    "saddle": Frame(SADDLE),
    "head": Frame(HEAD),
    "path": Frame(PATH),
    "carried": Frame(CARRIED),
    "pennate": Frame(WAVE, 0.3),
    "pennate path": Frame(PATH, -0.2),
}
SKEW = {"pennate": 0.15, "pennate path": 0.1, "path": 0.06, "carried": 0.25}
"""Largest cosine between two axes. Turning the frame of a bent curve mixes lengths that differ by
up to 40 %; a path that winds has axes that turn about it; a course shears."""


def near(frame: Frame, n: int = 500, seed: int = 4) -> np.ndarray:
    """Places within 4 mm of the frame's curve, [3, n]: X, Y, Z."""
    rng = np.random.default_rng(seed)
    places = rng.uniform([-0.02, -0.012, 0.001], [0.02, 0.012, 0.028], (40 * n, 3)).T
    if frame.curve is ARC or frame.curve is HEAD:
        places[2] += 0.012
    across = coordinates(frame, places, plain=True)[1:]
    off = np.abs(across[0]) if not isinstance(frame.curve, PathCurve) else np.hypot(*across)
    return places[:, off < 4e-3][:, :n]


def coordinates(frame: Frame, places: np.ndarray, *, plain: bool = False) -> np.ndarray:
    x, y, z = places.astype(np.float32)
    points = Points(x, z, y)
    found = points.on(frame.curve)[:3] if plain else frame.coordinates(points)
    return np.array([np.broadcast_to(c, x.shape) for c in found], np.float64)


def gradients(frame: Frame, places: np.ndarray) -> np.ndarray:
    """Gradients of along, across and beside by central differences over 0.2 mm: [3, 3, n]."""
    h = 1e-4
    steps = h * np.eye(3)
    parts = [
        (coordinates(frame, places + s[:, None]) - coordinates(frame, places - s[:, None]))
        / (2 * h)
        for s in steps
    ]
    return np.stack(parts, axis=1)


@pytest.mark.parametrize("name", FRAMES)
def test_along_across_and_beside_are_orthogonal(name: str) -> None:
    """Within 4 mm of a curve of radius 14 mm and more: |grad along| = R / (R -+ 4 mm)."""
    axes = gradients(FRAMES[name], near(FRAMES[name]))
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    for a, b in ((0, 1), (0, 2), (1, 2)):
        cosine = np.abs(np.sum(axes[a] * axes[b], axis=0))
        assert np.max(cosine) < SKEW.get(name, 0.02), (a, b)


@pytest.mark.parametrize("name", ["body", "wave", "arc", "limb", "saddle", "head", "path"])
def test_across_grows_by_one_metre_per_metre(name: str) -> None:
    across = gradients(FRAMES[name], near(FRAMES[name]))[1]
    np.testing.assert_allclose(np.linalg.norm(across, axis=0), 1.0, atol=0.01)


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("pose", [Pose(0, 0.1, 0.3, 0.0, 0.7), Pose(turn_rad=np.pi / 2)])
def test_leans_are_those_of_the_gradients(name: str, pose: Pose) -> None:
    """Fibres run where across and beside stay: along the vector product of their gradients."""
    frame = FRAMES[name]
    places = near(frame)
    points = Points(*(places[i].astype(np.float32) for i in (0, 2, 1)))
    fibre, sheet = frame.leans(points, pose.rotation)
    _, across, beside = np.moveaxis(gradients(frame, places), 0, 0)
    t = pose.rotation.T @ np.cross(across, beside, axis=0)
    n = pose.rotation.T @ across
    shown = np.abs(n[2]) > 0.4
    # a turned frame of a bent curve mixes lengths: see SKEW
    tolerance = 0.12 if "pennate" in name else 0.04
    np.testing.assert_allclose(sheet[shown], (-n[1] / n[2])[shown], atol=tolerance)
    t /= np.linalg.norm(t, axis=0)
    shown = t[0] ** 2 + t[1] ** 2 > 0.2
    expected = t[2] * t[1] / (t[0] ** 2 + t[1] ** 2)
    np.testing.assert_allclose(fibre[shown], expected[shown], atol=tolerance)


def test_a_positive_pennate_angle_runs_deeper_to_the_right() -> None:
    """Following the fibre to the right by 1 m at 30 degrees goes 0.5 m deeper."""
    frame = Frame(angle_rad=np.radians(30))
    c, s = np.cos(np.radians(30)), np.sin(np.radians(30))
    along, across, _ = frame.coordinates(Points(np.float32([c]), np.float32([s])))
    assert along[0] == pytest.approx(1.0, abs=1e-6)
    assert across[0] == pytest.approx(0.0, abs=1e-6)


# --- closed forms in space ------------------------------------------------------------------


def places_in_space(n: int = 4000, seed: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform([-0.02, -0.02, 0.0], [0.02, 0.02, 0.04], (n, 3)).T


def raw_distance(shape: Shape, places: np.ndarray) -> np.ndarray:
    x, y, z = places.astype(np.float32)
    return np.asarray(shape.distance(Points(x, z, y)), np.float64)


def test_a_tube_on_a_straight_path_is_a_cylinder_about_a_line() -> None:
    start, end = np.array([-0.03, -0.01, 0.01]), np.array([0.03, 0.02, 0.03])
    turn = 0.3
    c, s = np.cos(turn), np.sin(turn)
    body = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    path = PathCurve([tuple(start), tuple(0.5 * (start + end)), tuple(end)], turn)
    way = body @ (end - start)
    places = places_in_space()
    off = places - (body @ start)[:, None]
    expected = np.linalg.norm(np.cross(off, way, axis=0), axis=0) / np.linalg.norm(way) - 3e-3
    expected = np.maximum(expected, -1.5e-3)  # cut at half of its half width
    found = raw_distance(tube(path, constant(3e-3), constant(3e-3)), places)
    np.testing.assert_allclose(found, expected, atol=3e-7)  # float32


def test_a_tube_of_a_bundle_lies_beside_its_curve() -> None:
    """On a level straight path 3 mm to the side and 2 mm less deep: a cylinder there."""
    path = PathCurve([(-0.03, 0.01, 0.02), (0.03, 0.01, 0.02)])
    places = places_in_space()
    expected = np.hypot(places[1] - 0.013, places[2] - 0.018) - 1e-3
    found = raw_distance(tube(path, constant(1e-3), constant(1e-3), middle_m=(3e-3, -2e-3)), places)
    np.testing.assert_allclose(found, np.maximum(expected, -0.5e-3), atol=3e-7)


def test_a_tube_on_part_of_a_ring_is_a_torus() -> None:
    """A path through points of a level circle: a spline leaves it by less than 2 um."""
    radius = 0.03
    angle = np.linspace(-1.1, 1.1, 41)
    path = PathCurve([(radius * np.sin(a), radius * np.cos(a), 0.02) for a in angle])
    rng = np.random.default_rng(1)
    a = rng.uniform(-0.8, 0.8, 3000)
    r, dz = radius + rng.uniform(-5e-3, 5e-3, 3000), rng.uniform(-5e-3, 5e-3, 3000)
    places = np.array([r * np.sin(a), r * np.cos(a), 0.02 + dz])
    found = raw_distance(tube(path, constant(2e-3), constant(2e-3)), places)
    np.testing.assert_allclose(found, np.maximum(np.hypot(r - radius, dz) - 2e-3, -1e-3), atol=3e-6)
    along = Points(*(places[i].astype(np.float32) for i in (0, 2, 1))).on(path).along
    np.testing.assert_allclose(along, radius * a, atol=1e-5)


def test_an_arc_revolved_about_its_own_centre_is_a_ball() -> None:
    centre = np.array([0.002, 0.0, 0.045])[:, None]
    places = places_in_space()
    expected = np.linalg.norm(places - centre, axis=0) - 0.023
    np.testing.assert_allclose(raw_distance(below(HEAD), places), expected, atol=3e-7)
    middle = ball((0.002, 0.0, 0.045), 0.023)
    np.testing.assert_allclose(raw_distance(middle, places), expected, atol=1e-6)


def test_a_level_line_revolved_about_an_axis_is_a_cylinder() -> None:
    limb = FlatCurve(0.008, Sweep(turn_rad=0.6, axis_m=0.04, beside_radius_m=0.032))
    x, y, z = places_in_space()
    across = np.cos(0.6) * y - np.sin(0.6) * x
    expected = np.hypot(across, 0.04 - z) - 0.032
    found = raw_distance(below(limb), np.array([x, y, z]))
    np.testing.assert_allclose(found, expected, atol=3e-7)
    beside = Points(*(p.astype(np.float32) for p in (x, z, y))).on(limb).beside
    np.testing.assert_allclose(beside, 0.032 * np.arctan2(across, 0.04 - z), atol=1e-6)


def test_a_level_line_carried_along_a_slope_is_a_sheared_plane() -> None:
    """Its distance is divided by what the shear stretches: here that is the true distance."""
    slope = 0.3
    straight = spline_table([(-0.03, 0.0), (0.03, 0.0)])
    falling = spline_table([(-0.03, -slope * 0.03), (0.03, slope * 0.03)])
    plane = FlatCurve(0.02, Sweep(course=(straight, falling)))
    x, y, z = places_in_space()
    expected = -(z - 0.02 - slope * y) / np.hypot(1.0, slope)
    np.testing.assert_allclose(raw_distance(below(plane), np.array([x, y, z])), expected, atol=3e-7)


def test_an_ellipsoid_of_revolution_is_right_at_its_surface() -> None:
    body = ellipsoid((0.0, 0.0, 0.02), (0.008, 0.005, 0.004), 0.4)
    rng = np.random.default_rng(2)
    way = rng.normal(size=(3, 1000))
    way /= np.linalg.norm(way, axis=0)
    c, s = np.cos(0.4), np.sin(0.4)
    local = way * np.array([0.008, 0.005, 0.004])[:, None]
    places = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ local + np.array([[0], [0], [0.02]])
    np.testing.assert_allclose(raw_distance(body, places), 0.0, atol=1e-7)


# --- the compiled twin ------------------------------------------------------------------------

POSES = [
    Pose(),
    Pose(1e-3, 0.1),
    Pose(slide_y_m=4e-3),
    Pose(0, -0.1, 0.3, 2e-3, 0.7),
    Pose(turn_rad=np.pi / 2),
]


@pytest.mark.parametrize("pose", POSES)
def test_pictures_are_cut_as_few_points_are(pose: Pose) -> None:
    """Distances, coordinates and leans of every shape and frame here, to a micrometre (float32)."""
    frames = {name: FRAMES[name] for name in FRAMES}
    numbers = [list(FRAMES).index("path") if "tube" in name else 0 for name in SHAPES]
    geometry = Geometry({}, frames, tuple(SHAPES.values()), tuple(numbers))
    x = np.linspace(-0.02, 0.02, 45)[:, None]
    z = np.linspace(0.0, 0.04, 81)[None, :]
    places = [np.broadcast_to(p, (45, 81)).astype(np.float32) for p in pose.place(x, 0.0, z)]
    shrink = np.empty((45, 0), np.float32)
    found = cut(geometry, (places[0], places[1], places[2]), shrink, pose)
    points = Points(places[0], places[2], places[1])
    for name, shape, many in zip(SHAPES, SHAPES.values(), found.distance_m[1:], strict=True):
        few = np.clip(shape.distance(points), -CLIP_M, CLIP_M)
        np.testing.assert_allclose(many, few, atol=2e-6, err_msg=name)
    for f, (name, frame) in enumerate(FRAMES.items()):
        few = [np.broadcast_to(c, (45, 81)) for c in frame.coordinates(points)]
        near = np.ones((45, 81), np.bool_)
        if frame.curve is PATH:
            near = np.hypot(few[1], few[2]) < 5e-3
        elif frame.curve in (WAVE, CARRIED, LIMB, SADDLE):
            near = np.abs(few[1]) < 9e-3
        if not near.any():
            continue
        np.testing.assert_allclose(found.along_m[f][near], few[0][near], atol=3e-6, err_msg=name)
        np.testing.assert_allclose(found.across_m[f][near], few[1][near], atol=3e-6, err_msg=name)
        if found.beside_m.size:
            beside = found.beside_m[f][near]
            np.testing.assert_allclose(beside, few[2][near], atol=3e-6, err_msg=name)
        if found.fibre_lean.size:
            for lean, expected in zip(
                (found.fibre_lean[f], found.surface_lean[f]),
                frame.leans(points, pose.rotation),
                strict=True,
            ):
                off = np.abs(lean[near] - expected[near])
                assert np.quantile(off, 0.999) < 2e-3, name
