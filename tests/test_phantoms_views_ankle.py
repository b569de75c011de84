"""Ankle and foot: layers as in the table of standard views (rows 18 to 22), and their variants."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import Phantom, load_phantom
from phantoms.curves import Points
from phantoms.phantom import winning_region
from simulator.renderer import Renderer, Request, start_request

STEP_MM = 0.01
DEEPEST_MM = 35.0

# phantom, X, Y: region, top and bottom in mm from the skin, tolerance in mm. Sourced thicknesses:
# Achilles 4.9 (middle) and 4.4 (insertion), ATFL 2.2, tibialis posterior 4 to 6, plantar fascia 2
# to 4.
LAYERS = [
    ("achilles", 0, 0, "skin", 0, 1.5, 0.1),
    ("achilles", 0, 0, "subcutaneous_fat", 1.5, 2.5, 0.1),
    ("achilles", 0, 0, "achilles_tendon", 3, 7.9, 0.05),
    ("achilles", 0, 0, "kager_fat", 8, 20, 0.5),
    ("achilles", 0, 0, "flexor_hallucis", 20, 26.5, 0.5),
    ("achilles", 46, 0, "achilles_tendon", 3, 7.4, 0.15),
    ("achilles", 46, 0, "calcaneus", 8, DEEPEST_MM, 0.1),
    ("achilles", 40, 0, "bursa", 8, 9.2, 0.2),
    ("atfl", 0, 0, "skin", 0, 1.2, 0.1),
    ("atfl", 0, 0, "subcutaneous_fat", 1.2, 3, 0.1),
    ("atfl", 0, 0, "atfl", 3.6, 5.8, 0.1),
    ("tibialis_posterior", 0, 0, "skin", 0, 1, 0.1),
    ("tibialis_posterior", 0, 0, "subcutaneous_fat", 1, 3, 0.2),
    ("tibialis_posterior", 0, 0, "flexor_retinaculum", 2.9, 3.5, 0.15),
    ("tibialis_posterior", 0, 0, "tibialis_posterior", 3.9, 8.1, 0.1),
    ("tibialis_posterior", 0, 0, "tibia", 8.5, DEEPEST_MM, 0.1),
    ("plantar_fascia", -9, 0, "skin", 0, 2.5, 0.1),
    ("plantar_fascia", -9, 0, "heel_pad_large_chambers", 6.6, 17, 0.1),
    ("plantar_fascia", -9, 0, "plantar_fascia", 17, 20.1, 0.1),
    ("plantar_fascia", -9, 0, "calcaneus", 20.1, DEEPEST_MM, 0.1),
    ("plantar_fascia", 14, 0, "plantar_fascia", 15.8, 18.25, 0.1),
]


def column(phantom: Phantom, x_mm: float, y_mm: float = 0.0) -> dict[str, tuple[float, float]]:
    """Top and bottom of every region met on the way straight down, mm."""
    z_mm = np.arange(0.5 * STEP_MM, DEEPEST_MM, STEP_MM)
    top = phantom.region_at(np.array(x_mm * 1e-3), z_mm * 1e-3, np.array(y_mm * 1e-3))
    return {
        phantom.region_names[i]: (
            float(z_mm[top == i][0] - STEP_MM / 2),
            float(z_mm[top == i][-1] + STEP_MM / 2),
        )
        for i in dict.fromkeys(top)
    }


def thickness(phantom: Phantom, regions: tuple[str, ...], x_mm: float, y_mm: float = 0.0) -> float:
    """From the uppermost to the deepest of these regions, mm."""
    layers = column(phantom, x_mm, y_mm)
    met = [layers[r] for r in regions if r in layers]
    return max(b for _, b in met) - min(a for a, _ in met) if met else 0.0


def width(phantom: Phantom, region: str, x_mm: float) -> tuple[float, float]:
    """First and last Y in mm at which a region is met at X."""
    y, z = np.arange(-25, 25, 0.2) * 1e-3, np.arange(0.2, 22, 0.1) * 1e-3
    found = phantom.region_at(np.array(x_mm * 1e-3), z[None, :], y[:, None])
    met = y[(found == phantom.region_names.index(region)).any(axis=1)]
    return float(met[0] * 1e3), float(met[-1] * 1e3)


def fibre_slopes_deg(
    phantom: Phantom, frame: str, x_mm: list[float], z_mm: list[float]
) -> np.ndarray:
    """How steeply fibres run deeper to the right, in the plane Y = 0."""
    places = [np.array(v, np.float32) * np.float32(1e-3) for v in (x_mm, z_mm)]
    points = Points(places[0], places[1], np.zeros(len(x_mm), np.float32))
    (x, _, z), _, _ = phantom.geometry.frames[frame].curve.directions(points)
    return np.degrees(np.arctan2(z, x))


@pytest.mark.parametrize(("name", "x", "y", "region", "top", "bottom", "within"), LAYERS)
def test_layers_are_where_the_table_has_them(
    name: str, x: float, y: float, region: str, top: float, bottom: float, within: float
) -> None:
    found = column(load_phantom(name), x, y)[region]
    assert found == pytest.approx((top, bottom), abs=within)


@pytest.mark.parametrize(
    ("name", "region", "x", "narrowest", "widest"),
    [
        ("achilles", "achilles_tendon", 0, 13, 16),
        ("achilles", "achilles_tendon", 46, 21, 22.5),
        ("tibialis_posterior", "tibialis_posterior", 0, 5.5, 6.5),
        ("tibialis_posterior", "flexor_digitorum", 0, 3.5, 4),
        ("atfl", "atfl", 0, 7, 8),
        ("plantar_fascia", "plantar_fascia", -9, 17, 23),
        ("achilles", "bursa", 40, 12, 16),
    ],
)
def test_nothing_long_is_an_endless_sheet(
    name: str, region: str, x: float, narrowest: float, widest: float
) -> None:
    first, last = width(load_phantom(name), region, x)
    assert narrowest <= last - first <= widest


def test_the_achilles_is_hollow_on_its_deep_side_and_not_where_it_inserts() -> None:
    phantom = load_phantom("achilles")
    deep = [column(phantom, 0, y)["achilles_tendon"][1] for y in (-4.5, 0, 4.5)]
    assert min(deep[0], deep[2]) - deep[1] >= 0.25
    deep = [column(phantom, 40, y)["achilles_tendon"][1] for y in (-7, 0, 7)]
    assert deep[1] > max(deep[0], deep[2])


def test_fibres_turn_down_by_10_to_20_degrees_at_the_insertion() -> None:
    slopes = fibre_slopes_deg(
        load_phantom("achilles"), "achilles", [0, 44, 51, 54, 58], [6, 5.3, 6, 6.9, 8.2]
    )
    assert np.all(np.abs(slopes[:2]) < 3)
    assert np.all((slopes[2:] > 10) & (slopes[2:] < 22))


def test_the_achilles_ends_on_the_bone() -> None:
    phantom = load_phantom("achilles")
    layers = column(phantom, 56)
    assert layers["achilles_tendon"][1] == pytest.approx(layers["calcaneus"][0], abs=1e-6)
    assert "achilles_tendon" not in column(phantom, 68)


def test_behind_the_malleolus_come_tendons_then_vessels_then_the_nerve() -> None:
    phantom = load_phantom("tibialis_posterior")
    order = ["tibialis_posterior", "flexor_digitorum", "posterior_tibial_artery", "tibial_nerve"]
    middles = [sum(width(phantom, region, 0)) / 2 for region in order]
    assert middles == sorted(middles)
    assert column(phantom, 0, -10)["tibia"][0] < 5
    assert column(phantom, 0, 15)["flexor_hallucis"][0] > column(phantom, 0, 15)["tibial_nerve"][1]


def test_the_ligament_is_15_mm_long_between_its_bones() -> None:
    phantom = load_phantom("atfl")
    along = np.arange(-20, 20, 0.02) * 1e-3
    x, y, z = phantom.geometry.curves["ligament"].point(along)  # type: ignore[misc]
    inside = phantom.region_at(x, z, y) == phantom.region_names.index("atfl")
    assert along[inside][[0, -1]] == pytest.approx([-8e-3, 7e-3], abs=1.2e-3)
    assert np.count_nonzero(inside) * 0.02 == pytest.approx(15, abs=1)


def test_the_plantar_fascia_rises_from_the_bone_and_thins_towards_the_toes() -> None:
    phantom = load_phantom("plantar_fascia")
    found = [thickness(phantom, ("plantar_fascia",), x) for x in (-9, 0, 8, 20)]
    assert all(2 <= t <= 4 for t in found)
    assert np.all(np.diff(found) <= 0.05)
    steep, level = fibre_slopes_deg(phantom, "fascia", [-18, 4], [18.4, 17.4])
    assert -18 < steep < -9
    assert abs(level) < 5


# --- variants -----------------------------------------------------------------------------


def test_tendinopathy_is_a_spindle_at_least_2_7_mm_thicker() -> None:
    healthy, ill = load_phantom("achilles"), load_phantom("achilles_tendinopathy")
    parts = ("achilles_tendon", "degenerate_part")
    x_mm = (-24, -12, 0, 12, 24)
    more = [thickness(ill, parts, x) - thickness(healthy, parts, x) for x in x_mm]
    assert more[2] >= 2.7
    assert abs(more[0]) < 0.4
    assert abs(more[4]) < 0.4
    assert more[0] < more[1] < more[2] > more[3] > more[4]
    deep = [column(ill, 0, y)["achilles_tendon"][1] for y in (-4.5, 0, 4.5)]
    assert deep[1] > max(deep[0], deep[2])  # no longer hollow
    dark = column(ill, 0)["degenerate_part"]
    assert dark[1] - dark[0] > 3


def test_fasciitis_is_thicker_than_4_mm_only_near_the_bone() -> None:
    phantom = load_phantom("plantar_fasciitis")
    parts = ("plantar_fascia", "thick_part")
    assert thickness(phantom, parts, -9) == pytest.approx(5.4, abs=0.2)
    assert thickness(phantom, parts, 19) < 3
    first, last = width(phantom, "thick_part", -9)
    assert last - first < 21


def test_the_torn_ligament_has_a_gap_of_fluid_between_its_stumps() -> None:
    phantom = load_phantom("atfl_tear")
    assert {"atfl", "talar_stump"}.isdisjoint(column(phantom, 0.6))
    assert "effusion" in column(phantom, 0.6)
    assert thickness(phantom, ("atfl",), -4) > 2.8
    assert thickness(phantom, ("talar_stump",), 4.8) > 2.4


FILES = [
    "achilles", "achilles_tendinopathy", "tibialis_posterior", "atfl", "atfl_tear",
    "plantar_fascia", "plantar_fasciitis",
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_no_soft_tissue_is_drawn_into_bone(name: str) -> None:
    phantom = load_phantom(name)
    x, y = np.arange(-30, 66, 3.0) * 1e-3, np.arange(-15, 19, 2.0) * 1e-3
    z = np.arange(0.5, 35, 0.5) * 1e-3
    found = phantom.region_at(x[:, None, None], z, y[None, :, None])
    is_bone = [tissue.skeletal for tissue in phantom.tissue_of_region[1:]]
    grid = np.broadcast_arrays(x[:, None, None], z, y[None, :, None])
    points = Points(*(a.astype(np.float32) for a in grid))
    for shape, skeletal in zip(phantom.geometry.shapes, is_bone, strict=True):
        if skeletal:
            inside = np.broadcast_to(shape.distance(points) < -1e-4, found.shape)
            assert np.array([False, *is_bone])[found[inside]].all()


@pytest.mark.parametrize("name", FILES)
def test_labels_stand_in_what_they_name(name: str) -> None:
    """Below the skin, and no two in one place."""
    labels = load_phantom(name).labels.values()
    assert all(0 < label.z_mm < DEEPEST_MM for label in labels)
    assert len({label.text for label in labels}) >= 5


# --- what the views tell the learner to try -------------------------------------------------


def level_db(
    request: Request, region: str, *, x_mm: tuple[float, float] = (-19, 19), seeds: int = 2
) -> float:
    """Median level of the samples well inside a region, between two places of the picture."""
    phantom = load_phantom(request.phantom)
    found = []
    for seed in range(1, seeds + 1):
        frame = _RENDERER.render(replace(request, seed=seed))
        medium = frame.medium
        x, z = frame.line_x_m[:, None], frame.sample_z_m[None, :]
        i = np.rint((x - medium.x0_m) / medium.dx_m).astype(int)
        j = np.rint((z - medium.z0_m) / medium.dz_m).astype(int)
        index = phantom.region_names.index(region)
        inside = winning_region(medium.distance_m) == index
        inside &= medium.distance_m[index] < -1e-4
        chosen = inside[i, np.minimum(j, inside.shape[1] - 1)]
        chosen &= (x > x_mm[0] * 1e-3) & (x < x_mm[1] * 1e-3)
        found.append(np.abs(frame.iq[chosen]) ** 2)
    return float(10 * np.log10(np.median(np.concatenate(found))))


_RENDERER = Renderer()


def test_heel_toe_brings_the_insertion_back() -> None:
    """Fibres 8 to 12 mm beyond the corner run 15 to 20 degrees down."""
    request = start_request("achilles", None, "insertion_long")
    flat = level_db(request, "achilles_tendon", x_mm=(6, 10))
    above = level_db(request, "achilles_tendon", x_mm=(-14, -6))
    rocked = replace(request, pose=replace(request.pose, rock_rad=np.radians(10)))
    assert above - flat >= 6
    assert level_db(rocked, "achilles_tendon", x_mm=(2, 10)) - flat >= 5


@pytest.mark.parametrize(
    ("name", "view", "tendon", "steady"),
    [
        ("achilles", "mid_short", "achilles_tendon", "kager_fat"),
        ("tibialis_posterior", "short", "tibialis_posterior", "tibial_nerve"),
    ],
)
def test_a_tilt_of_10_degrees_darkens_the_tendon_more_than_what_lies_beside_it(
    name: str, view: str, tendon: str, steady: str
) -> None:
    request = start_request(name, None, view)
    tilted = replace(request, pose=replace(request.pose, tilt_rad=np.radians(10)))
    fall = [level_db(request, r) - level_db(tilted, r) for r in (tendon, steady)]
    assert fall[0] >= 6
    assert fall[1] <= fall[0] - 4, fall


@pytest.mark.parametrize(
    ("healthy", "ill", "normal", "part"),
    [
        ("achilles", "achilles_tendinopathy", "achilles_tendon", "degenerate_part"),
        ("plantar_fascia", "plantar_fasciitis", "plantar_fascia", "thick_part"),
    ],
)
def test_the_diseased_part_is_hypoechoic(healthy: str, ill: str, normal: str, part: str) -> None:
    before = level_db(start_request(healthy), normal, x_mm=(-12, 4))
    after = level_db(start_request(ill), part, x_mm=(-12, 4))
    assert before - after >= 4, before - after
