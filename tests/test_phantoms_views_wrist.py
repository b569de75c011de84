"""Elbow, wrist and hand: layers and sizes in the body itself, variants, pictures."""

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from phantoms import Phantom, load_phantom
from physics.frame import Frame
from physics.geometry import Pose
from simulator.renderer import Renderer, Request, start_request

STEP_MM = 0.01


def layers(name: str, x_mm: float, y_mm: float) -> list[tuple[str, float, float]]:
    """Region, top and bottom (mm) of all that is met straight down from a place on the skin."""
    phantom = load_phantom(name)
    z_mm = np.arange(0.5 * STEP_MM, 30, STEP_MM)
    found = phantom.region_at(np.array(x_mm * 1e-3), z_mm * 1e-3, np.array(y_mm * 1e-3))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(found)) + 1, [found.size]])
    return [(phantom.region_names[found[a]], a * STEP_MM, b * STEP_MM) for a, b in pairwise(starts)]


def extent(name: str, at_mm: tuple[float, float], regions: tuple[str, ...]) -> tuple[float, float]:
    """First top and last bottom of some regions below a place."""
    here = [(a, b) for region, a, b in layers(name, *at_mm) if region in regions]
    return here[0][0], here[-1][1]


NERVE = ("median_nerve", "fascicles")


@pytest.mark.parametrize(
    ("name", "at_mm", "regions", "top_mm", "bottom_mm", "within_mm"),
    [
        # row 10: skin 0-1, fat -2, palmaris, retinaculum 3-4, nerve 4-6.5, tendons 6-14, bone 14-16
        ("carpal_tunnel", (0, 0), ("skin",), 0, 1, 0.1),
        ("carpal_tunnel", (0, 0), ("subcutaneous_fat",), 1, 2, 0.1),
        ("carpal_tunnel", (0, 0), ("palmaris_longus",), 2.3, 2.9, 0.2),
        ("carpal_tunnel", (0, 0), ("retinaculum",), 3, 4, 0.1),
        ("carpal_tunnel", (0, 3), NERVE, 4, 6, 0.2),
        ("carpal_tunnel", (0, 3), ("superficial_flexors", "deep_flexors"), 6.5, 12, 0.3),
        ("carpal_tunnel", (0, -1.6), ("superficial_flexors", "deep_flexors"), 5.5, 12.8, 0.3),
        # row 11: skin 1, tendon 1.5-2.5, capsule 0.68 above the bone, cartilage 0.55, bone 4-5
        ("mcp_dorsal", (0, 0), ("skin",), 0, 1, 0.1),
        ("mcp_dorsal", (0, 0), ("extensor_tendon",), 1.5, 2.5, 0.1),
        ("mcp_dorsal", (0, 0), ("joint_fluid", "cartilage"), 4.3 - 0.68, 4.3, 0.02),
        ("mcp_dorsal", (0, 0), ("cartilage",), 4.3 - 0.55, 4.3, 0.02),
        # row 7: skin 1.2, fat 3, tendon 3-8: 4.6 on the humerus, 3.55 at the joint, 3.17 beyond
        ("common_extensor", (-6, 0), ("skin",), 0, 1.2, 0.1),
        ("common_extensor", (-6, 0), ("subcutaneous_fat",), 1.2, 3, 0.2),
        ("common_extensor", (-6, 0), ("tendon",), 3.2, 3.2 + 4.6, 0.05),
        ("common_extensor", (0, 0), ("tendon",), 3.3, 3.3 + 3.55, 0.05),
        ("common_extensor", (6, 0), ("tendon",), 3.45, 3.45 + 3.17, 0.05),
        ("common_extensor", (6, 0), ("collateral_ligament",), 6.7, 7.95, 0.1),
        # row 9: skin 1, fat 3, nerve 3-6
        ("cubital_tunnel", (0, 3), ("skin",), 0, 1, 0.1),
        ("cubital_tunnel", (0, 3), ("subcutaneous_fat",), 1, 3, 0.1),
        ("cubital_tunnel", (0, 3), ("ulnar_nerve", "fascicles"), 3.35, 5.7, 0.1),
        # row 8: skin 1.2, fat 4, muscle 4-16, cartilage 1-1.5, bone 18-20
        ("elbow_anterior", (-6, 0), ("skin",), 0, 1.2, 0.1),
        ("elbow_anterior", (-6, 0), ("subcutaneous_fat",), 1.2, 4, 0.1),
        ("elbow_anterior", (-6, 0), ("brachioradialis", "brachialis"), 4.3, 15.5, 0.1),
        ("elbow_anterior", (-6, 0), ("cartilage",), 16.8, 18, 0.05),
    ],
)
def test_layers_lie_where_the_table_of_views_has_them(
    name: str,
    at_mm: tuple[float, float],
    regions: tuple[str, ...],
    top_mm: float,
    bottom_mm: float,
    within_mm: float,
) -> None:
    assert extent(name, at_mm, regions) == pytest.approx((top_mm, bottom_mm), abs=within_mm)


@pytest.mark.parametrize(
    ("name", "at_mm", "bone", "least_mm", "most_mm"),
    [
        ("carpal_tunnel", (0, 0), "proximal_row", 14, 16),
        ("mcp_dorsal", (0, 0), "metacarpal", 4, 5),
        ("mcp_dorsal", (9, 0), "phalanx", 4.5, 5.5),
        ("common_extensor", (-6, 0), "humerus", 7.5, 8.5),
        ("common_extensor", (6, 0), "radius", 7.5, 10),
        ("cubital_tunnel", (-3, 10.8), "humerus", 3.5, 5),
        ("elbow_anterior", (-6, 0), "humerus", 18, 20),
        ("elbow_anterior", (9, 0), "radius", 18, 20),
    ],
)
def test_bone_is_as_deep_as_the_table_of_views_says(
    name: str, at_mm: tuple[float, float], bone: str, least_mm: float, most_mm: float
) -> None:
    assert least_mm <= extent(name, at_mm, (bone,))[0] <= most_mm


PIXEL_MM = 0.04


@cache
def section(name: str, x_mm: float) -> np.ndarray:
    """int[y, z]: regions in the plane across the limb at X, 12 mm to both sides, 15 mm high."""
    y, z = np.arange(-12, 12, PIXEL_MM)[:, None], np.arange(1, 16, PIXEL_MM)[None, :]
    return load_phantom(name).region_at(np.array([[x_mm * 1e-3]]), z * 1e-3, y * 1e-3)


def across(name: str, x_mm: float, regions: tuple[str, ...]) -> np.ndarray:
    """bool[y, z]: where some regions are in that plane."""
    names = load_phantom(name).region_names
    return np.isin(section(name, x_mm), [names.index(r) for r in regions])


def area_mm2(name: str, x_mm: float, regions: tuple[str, ...]) -> float:
    return float(across(name, x_mm, regions).sum() * PIXEL_MM**2)


def test_the_median_nerve_has_the_published_area_and_flatness_at_the_inlet() -> None:
    """7.4 mm2 and 2.66 : 1; 10.4 mm (+- 1.1) from the retinaculum to the bone."""
    nerve = across("carpal_tunnel", 0, NERVE)
    assert nerve.sum() * PIXEL_MM**2 == pytest.approx(7.4, abs=0.1)
    wide, high = (
        np.ptp(np.flatnonzero(nerve.any(axis=1))),
        np.ptp(np.flatnonzero(nerve.any(axis=0))),
    )
    assert wide / high == pytest.approx(2.66, abs=0.06)
    roof, bone = (extent("carpal_tunnel", (0, 0), (r,)) for r in ("retinaculum", "proximal_row"))
    assert bone[0] - roof[1] == pytest.approx(10.4, abs=0.5)
    assert area_mm2("carpal_tunnel", 0, ("fascicles",)) > 2.5


def test_nine_tendons_lie_apart_in_the_tunnel_and_beside_the_nerve() -> None:
    sizes = {"superficial_flexors": 4, "deep_flexors": 4, "flexor_pollicis_longus": 1}
    for region, n in sizes.items():
        _, found = ndimage.label(across("carpal_tunnel", 0, (region,)))
        assert found == n, region
    _, found = ndimage.label(across("carpal_tunnel", 0, (*sizes, *NERVE)))
    assert found == 10


def test_the_ulnar_nerve_has_the_published_area_at_the_epicondyle() -> None:
    """7.3 mm2 (+- 1.6)."""
    assert area_mm2("cubital_tunnel", -3, ("ulnar_nerve", "fascicles")) == pytest.approx(
        7.3, abs=0.2
    )


@pytest.mark.parametrize(
    ("name", "x_mm", "region", "widest_mm"),
    [
        ("common_extensor", -5.0, "tendon", 16),
        ("mcp_dorsal", 0.0, "extensor_tendon", 6),
        ("mcp_dorsal", 0.0, "metacarpal", 17),
        ("elbow_anterior", -6.0, "radial_nerve", 4),
    ],
)
def test_structures_end_to_both_sides(
    name: str, x_mm: float, region: str, widest_mm: float
) -> None:
    wide = np.flatnonzero(across(name, x_mm, (region,)).any(axis=1))
    assert 0 < np.ptp(wide) * PIXEL_MM <= widest_mm


# --- variants -------------------------------------------------------------------------------


def bow_mm(name: str) -> float:
    """How far the retinaculum stands forward of the line between its ends."""
    curve = load_phantom(name).geometry.curves["roof"]
    along = np.linspace(-0.02, 0.02, 801)
    x, z = (np.asarray(c) * 1e3 for c in curve.point(along))
    ends = np.interp([-12, 11], x, z)
    line = np.interp(x, [-12, 11], ends)
    return float((line - z)[(x > -12) & (x < 11)].max())


def test_an_enlarged_nerve_is_thick_at_the_inlet_and_bows_the_retinaculum() -> None:
    """More than 10 to 12 mm2, 2 mm2 more than in the forearm; a normal bow is below 0.8 mm."""
    swollen = area_mm2("carpal_tunnel_syndrome", 0, NERVE)
    assert 12 < swollen < 16
    assert swollen - area_mm2("carpal_tunnel_syndrome", -20, NERVE) > 2
    assert area_mm2("carpal_tunnel_syndrome", 9, NERVE) < 0.6 * swollen
    assert bow_mm("carpal_tunnel") < 0.8
    assert bow_mm("carpal_tunnel_syndrome") > 1.2
    _, apart = ndimage.label(
        across("carpal_tunnel_syndrome", 0, ("superficial_flexors", "deep_flexors", *NERVE))
    )
    assert apart == 9


def test_a_ganglion_has_one_wall_and_a_slender_neck_down_to_the_joint() -> None:
    phantom = load_phantom("wrist_ganglion")
    fluid = phantom.region_names.index("ganglion")
    x, y, z = np.meshgrid(
        np.arange(-24, -4, 0.25), np.arange(8, 26, 0.25), np.arange(3, 20, 0.25), indexing="ij"
    )
    inside = phantom.region_at(x * 1e-3, z * 1e-3, y * 1e-3) == fluid
    _, bodies = ndimage.label(inside)
    assert bodies == 1
    per_depth = inside.sum(axis=(0, 1)) * 0.25**2
    sac, neck = per_depth[z[0, 0] < 11], per_depth[(z[0, 0] > 12.5) & (z[0, 0] < 14.5)]
    assert 60 < sac.max() < 120
    assert 0 < neck.max() < 3
    assert z[inside].max() > 14.5


def test_a_splinter_and_a_needle_lie_in_muscle_with_a_halo_round_them() -> None:
    for name, tissue, thick_mm in (
        ("forearm_splinter", "wood", 1.3),
        ("forearm_steel_fragment", "steel_needle", 0.9),
    ):
        phantom = load_phantom(name)
        below = layers(name, 22, 0)
        met = [region for region, _, _ in below]
        i = met.index("foreign_body")
        assert met[i - 2 : i + 3] == ["muscle", "halo", "foreign_body", "halo", "muscle"]
        assert below[i][2] - below[i][1] == pytest.approx(thick_mm, abs=0.1)
        number = phantom.region_tissue[phantom.region_names.index("foreign_body")]
        assert phantom.tissues.names[number] == tissue
        assert "foreign_body" not in [region for region, _, _ in layers(name, 22, 2)]


# --- pictures -------------------------------------------------------------------------------

_RENDERER = Renderer()


def level_db(frame: Frame, phantom: Phantom, regions: tuple[str, ...], inside_m: float) -> float:
    """Median echo level well inside some regions."""
    medium = frame.medium
    i = np.rint((frame.line_x_m[:, None] - medium.x0_m) / medium.dx_m).astype(int)
    j = np.rint(frame.sample_z_m[None, :] / medium.dz_m).astype(int)
    numbers = [phantom.region_names.index(name) for name in regions]
    n = medium.distance_m.shape[0]
    wins = n - 1 - np.argmax(medium.distance_m[::-1] < 0, axis=0)
    chosen = np.isin(wins, numbers) & (medium.distance_m[numbers[0]] < -inside_m)
    there = chosen[i, np.minimum(j, chosen.shape[1] - 1)]
    return float(10 * np.log10(np.median(np.abs(frame.iq[there]) ** 2)))


def tilted(request: Request, tilt_deg: float, seed: int) -> Frame:
    pose: Pose = replace(request.pose, tilt_rad=math.radians(tilt_deg))
    return _RENDERER.render(replace(request, pose=pose, seed=seed))


def test_a_tilt_of_10_degrees_darkens_the_tendons_of_the_tunnel_more_than_the_nerve() -> None:
    """Tendon by 8 dB or more, nerve by 7 dB or less and 4 dB less than the tendons."""
    phantom, request = load_phantom("carpal_tunnel"), start_request("carpal_tunnel", None, "short")

    def levels(tilt_deg: float) -> np.ndarray:
        frames = [tilted(request, tilt_deg, seed) for seed in (1, 2, 3)]
        parts = (NERVE, 2e-4), (("superficial_flexors",), 4e-4)
        return np.array(
            [np.mean([level_db(f, phantom, names, deep) for f in frames]) for names, deep in parts]
        )

    nerve, tendon = levels(0.0) - levels(10.0)
    assert tendon >= 8
    assert nerve <= 7
    assert tendon - nerve >= 4


def mean_db(frame: Frame, x_mm: tuple[float, float], z_mm: tuple[float, float]) -> float:
    x, z = frame.line_x_m * 1e3, frame.sample_z_m * 1e3
    part = frame.iq[np.ix_((x > x_mm[0]) & (x < x_mm[1]), (z > z_mm[0]) & (z < z_mm[1]))]
    return float(10 * np.log10(np.mean(np.abs(part) ** 2)))


def test_fluid_is_dark_and_what_lies_below_it_brighter_than_beside_it() -> None:
    """Below the ganglion by 4 dB or more; inside 15 dB darker than the tissue beside it."""
    frame = _RENDERER.render(start_request("wrist_ganglion", None, "short"))
    centre = 12 - 18.6  # the picture runs from radial (left) to ulnar
    below, beside = (mean_db(frame, (c - 2, c + 2), (12.6, 15)) for c in (centre, centre - 8))
    inside, around = (mean_db(frame, (c - 2, c + 2), (7, 10)) for c in (centre, centre - 8))
    assert below - beside >= 4
    assert around - inside >= 15


def test_wood_casts_a_shadow_and_steel_a_tail_that_ends_without_multiple_paths() -> None:
    """At the same depth beside and below, mm of the picture: 10 dB darker below the wood, 10 dB
    brighter below the steel, and darker again when sound comes back once only."""
    wood, steel = (
        start_request(name, None, "long") for name in ("forearm_splinter", "forearm_steel_fragment")
    )
    once = replace(steel, settings=replace(steel.settings, multiple_paths="off"))
    levels = []
    for request in (wood, steel, once):
        frame = _RENDERER.render(request)
        below = mean_db(frame, (22 - 14 - 2, 22 - 14 + 2), (10.6, 11.6))
        beside = mean_db(
            _RENDERER.render(replace(request, pose=replace(request.pose, slide_y_m=6e-3))),
            (22 - 14 - 2, 22 - 14 + 2),
            (10.6, 11.6),
        )
        levels.append(below - beside)
    assert levels[0] <= -10
    assert levels[1] >= 10
    assert levels[2] <= -10
