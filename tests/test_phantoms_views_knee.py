"""Views of hip and knee: layers as in the table of standard views, in true geometry."""

import math
from functools import cache

import numpy as np
import pytest

from phantoms import load_phantom

STEP_MM = 0.02
NAMES = (
    "anterior_hip",
    "hip_effusion",
    "lateral_hip",
    "medial_collateral_ligament",
    "patellar_tendinopathy",
    "patellar_tendon",
    "suprapatellar_effusion",
    "suprapatellar_recess",
    "trochlear_cartilage",
)
Layers = dict[str, tuple[float, float]]


@cache
def layers(name: str, x_mm: float, y_mm: float) -> Layers:
    """First top and last bottom (mm) of every region on the way straight down."""
    phantom = load_phantom(name)
    z_mm = np.arange(0.5 * STEP_MM, 60, STEP_MM)
    found = phantom.region_at(np.array(x_mm * 1e-3), z_mm * 1e-3, y_mm * 1e-3)
    return {
        phantom.region_names[i]: (
            z_mm[found == i][0] - STEP_MM / 2,
            z_mm[found == i][-1] + STEP_MM / 2,
        )
        for i in dict.fromkeys(found)
    }


def width_mm(name: str, region: str, x_mm: float) -> float:
    """Across the body, wherever it is met."""
    phantom = load_phantom(name)
    y, z = np.arange(-35e-3, 35e-3, 5e-5), np.arange(1e-4, 40e-3, 2e-4)
    found = phantom.region_at(np.array(x_mm * 1e-3), z[None, :], y[:, None])
    return float(np.ptp(y[(found == phantom.region_names.index(region)).any(axis=1)])) * 1e3


# phantom, [X, Y], region, top, bottom, by how much each may be off; mm
DEPTHS = [
    # row 15: skin 1.5, fat 4, tendon 4-9, Hoffa's fat 9-30
    ("patellar_tendon", (0, 0), "skin", 0.0, 1.5, 0.1),
    ("patellar_tendon", (0, 0), "subcutaneous_fat", 1.5, 4.0, 0.15),
    ("patellar_tendon", (0, 0), "patellar_tendon", 4.0, 8.7, 0.2),
    ("patellar_tendon", (-8, 0), "hoffa_fat", 8.8, 32.0, 2.0),
    # row 14: skin 1.5, fat 5, quadriceps 6-13, recess 1-3, prefemoral fat 5, femur 22-26
    ("suprapatellar_recess", (0, 0), "skin", 0.0, 1.5, 0.1),
    ("suprapatellar_recess", (0, 0), "subcutaneous_fat", 1.5, 5.0, 0.3),
    ("suprapatellar_recess", (0, 0), "quadriceps_tendon", 5.6, 13.0, 0.4),
    ("suprapatellar_recess", (0, 0), "suprapatellar_fat", 13.0, 15.4, 0.3),
    ("suprapatellar_recess", (0, 0), "recess", 15.4, 17.4, 0.2),
    ("suprapatellar_recess", (0, 0), "prefemoral_fat", 17.4, 23.0, 0.5),
    # row 16: skin 1.5, fat 5, quadriceps 6-13, fat, cartilage, bone 18-22
    ("trochlear_cartilage", (0, 0), "subcutaneous_fat", 1.5, 5.2, 0.3),
    ("trochlear_cartilage", (0, 0), "quadriceps_tendon", 5.7, 13.0, 0.3),
    ("trochlear_cartilage", (0, 0), "deep_fat", 13.0, 19.6, 0.3),
    ("trochlear_cartilage", (0, 15), "cartilage", 15.5, 17.5, 0.3),
    # row 12: skin 1.5, fat 12, muscles 15-38, head 38, neck to 55
    ("anterior_hip", (-8, 0), "skin", 0.0, 1.5, 0.1),
    ("anterior_hip", (-8, 0), "subcutaneous_fat", 1.5, 12.0, 0.4),
    ("anterior_hip", (-8, 0), "iliopsoas", 12.5, 33.5, 0.5),
    ("anterior_hip", (-8, 0), "cartilage", 36.2, 38.0, 0.1),
    # row 13: skin 1.5, fat 15-30, tract 2-3 thick, tendons 4-6 thick, bursa about 1 thick
    ("lateral_hip", (0, 0), "skin", 0.0, 1.5, 0.1),
    ("lateral_hip", (0, 0), "subcutaneous_fat", 1.5, 22.0, 0.4),
    ("lateral_hip", (-14, 0), "iliotibial_tract", 22.1, 24.5, 0.3),
    ("lateral_hip", (4, -2), "trochanteric_bursa", 24.2, 25.1, 0.2),
    ("lateral_hip", (-6, -2), "medius_tendon", 25.2, 30.2, 0.3),
    ("lateral_hip", (2, 10), "minimus_tendon", 30.1, 34.3, 0.3),
    # row 17: skin 1.2, fat 4, superficial layer 4-6.5
    ("medial_collateral_ligament", (0, 0), "skin", 0.0, 1.2, 0.1),
    ("medial_collateral_ligament", (0, 0), "subcutaneous_fat", 1.2, 3.6, 0.4),
    ("medial_collateral_ligament", (0, 0), "superficial_layer", 3.8, 6.4, 0.3),
    ("medial_collateral_ligament", (0, 0), "deep_layer", 7.4, 8.4, 0.2),
]

# phantom, [X, Y], bone, its depth from, to; mm
BONES = [
    ("patellar_tendon", (-40, 0), "patella", 4.5, 6.0),
    ("patellar_tendon", (-26, 0), "patella", 7.0, 9.5),
    ("patellar_tendon", (28, 0), "tibia", 8.0, 10.0),
    ("patellar_tendon", (40, 0), "tibia", 6.5, 8.0),
    ("suprapatellar_recess", (-15, 0), "femur", 22.0, 26.0),
    ("suprapatellar_recess", (15, 0), "femur", 22.0, 26.0),
    ("suprapatellar_recess", (30, 0), "patella", 6.0, 9.0),
    ("trochlear_cartilage", (0, 0), "femur", 21.5, 22.5),
    ("trochlear_cartilage", (0, 15), "femur", 17.0, 18.5),
    ("trochlear_cartilage", (0, -15), "femur", 18.0, 19.5),
    ("anterior_hip", (-8, 0), "head", 37.9, 38.1),
    ("anterior_hip", (22, 0), "neck", 50.0, 55.0),
    ("lateral_hip", (3, 0), "femur", 30.0, 31.0),
    ("lateral_hip", (-15, 0), "femur", 40.0, 45.0),
    ("lateral_hip", (3, 14), "femur", 34.0, 40.0),
    ("medial_collateral_ligament", (-8, 0), "femur", 9.5, 11.0),
    ("medial_collateral_ligament", (9, 0), "tibia", 9.5, 11.0),
]


@pytest.mark.parametrize(("name", "at", "region", "top", "bottom", "off"), DEPTHS)
def test_layers_lie_where_the_table_says(
    name: str, at: tuple[float, float], region: str, top: float, bottom: float, off: float
) -> None:
    assert layers(name, *at)[region] == pytest.approx((top, bottom), abs=off)


@pytest.mark.parametrize(("name", "at", "bone", "low", "high"), BONES)
def test_bone_is_as_deep_as_the_table_says(
    name: str, at: tuple[float, float], bone: str, low: float, high: float
) -> None:
    top, bottom = layers(name, *at)[bone]
    assert low <= top <= high
    assert bottom - top > 5  # a solid bone, no shell


def test_the_patellar_tendon_is_as_thick_and_wide_as_published() -> None:
    """4.7 +- 0.4 mm and 22.4 mm in its middle; it ends at both bones."""
    for x in (-14, -6, 0, 6, 14):
        top, bottom = layers("patellar_tendon", x, 0)["patellar_tendon"]
        assert 4.3 <= bottom - top <= 5.1
    assert width_mm("patellar_tendon", "patellar_tendon", 0) == pytest.approx(22.4, abs=0.5)
    assert "patellar_tendon" not in layers("patellar_tendon", 42, 0)
    top, bottom = layers("patellar_tendon", -45, 0)["patellar_tendon"]
    assert bottom - top < 1.2


def test_the_quadriceps_tendon_has_three_sheets_with_seams_between_them() -> None:
    phantom = load_phantom("suprapatellar_recess")
    z = np.arange(5e-3, 13.5e-3, 1e-5)
    found = [phantom.region_names[i] for i in phantom.region_at(np.zeros(1), z)]
    order = [a for a, b in zip(found, [*found[1:], ""], strict=True) if a != b]
    sheet = "quadriceps_tendon"
    assert [n for n in order if n == sheet or n.endswith("seam")] == [
        sheet, "first_seam", sheet, "second_seam", sheet,
    ]  # fmt: skip
    assert found.count("first_seam") == pytest.approx(30, abs=2)
    assert 28 <= width_mm("suprapatellar_recess", sheet, 0) <= 38


def test_the_recess_is_a_slit_that_ends_on_all_sides() -> None:
    """1 to 3 mm deep in the middle; the patella closes it distally."""
    for x in (-8, 0, 8, 15):
        top, bottom = layers("suprapatellar_recess", x, 0)["recess"]
        assert 1.0 <= bottom - top <= 3.0
    for place in ((-42, 0), (0, 30), (0, -30), (26, 0)):
        assert "recess" not in layers("suprapatellar_recess", *place)


def test_cartilage_is_thinner_medially_as_published() -> None:
    """1.86 mm medially, 2.03 mm laterally, straight down where the facets are level."""
    for y, thickness in ((-13.6, 1.86), (15.6, 2.03)):
        top, bottom = layers("trochlear_cartilage", 0, y)["cartilage"]
        assert bottom - top == pytest.approx(thickness, abs=0.05)


def test_the_trochlea_is_a_v_of_published_angle() -> None:
    """Angle between the steepest parts of both facets, 135 to 150 degrees (chosen for teaching)."""
    phantom = load_phantom("trochlear_cartilage")
    bone = phantom.region_names.index("femur")
    y, z = np.arange(-12e-3, 12e-3, 2e-4), np.arange(15e-3, 25e-3, 1e-5)
    top = z[np.argmax(phantom.region_at(np.zeros(1), z[None, :], y[:, None]) == bone, axis=1)]
    slope = np.gradient(top, y)
    angle = 180 - math.degrees(math.atan(slope.max()) + math.atan(-slope.min()))
    assert 135 <= angle <= 150


def test_the_hip_capsule_stands_off_the_neck_as_published() -> None:
    """Bone to its outside 4 to 9 mm, mean 6.4; two layers of 2 to 4 mm with the recess between."""
    outside = []
    for x in np.arange(13, 31, 1.0):
        found = layers("anterior_hip", x, 0)
        outside.append(found["neck"][0] - found["capsule"][0])
    assert min(outside) >= 4
    assert max(outside) <= 9
    assert np.mean(outside) == pytest.approx(6.4, abs=0.6)
    found = layers("anterior_hip", 20, 0)
    recess = found["recess"]
    assert 2 <= recess[0] - found["capsule"][0] <= 4
    assert 2 <= found["neck"][0] - recess[1] <= 4
    assert recess[1] - recess[0] < 1


def test_vessels_and_tendon_of_the_hip_lie_medially() -> None:
    found = layers("anterior_hip", -8, -21)
    assert "femoral_artery" in found
    assert "femoral_vein" in layers("anterior_hip", -8, -31)
    tendon = layers("anterior_hip", -8, -10)["iliopsoas_tendon"]
    assert 4 <= tendon[1] - tendon[0] <= 6


@pytest.mark.parametrize("name", NAMES)
def test_each_view_shows_long_and_short_axis(name: str) -> None:
    views = load_phantom(name).views
    assert {"long", "short"} <= set(views)
    assert views["short"].pose.turn_rad == pytest.approx(math.pi / 2)
    assert views["long"].pose.turn_rad == 0


def test_the_meniscus_is_a_triangle_between_the_bones() -> None:
    """It narrows with depth and ends where the cartilages meet."""
    phantom = load_phantom("medial_collateral_ligament")
    x = np.arange(-15e-3, 15e-3, 5e-5)
    wide = []
    for z in (11e-3, 13e-3, 15e-3, 17e-3):
        found = phantom.region_at(x, np.array(z))
        wide.append(np.ptp(x[found == phantom.region_names.index("meniscus")]) * 1e3)
    assert wide == sorted(wide, reverse=True)
    assert 8 <= wide[0] <= 14
    assert wide[-1] < 0.5 * wide[0]
    assert "meniscus" not in {
        phantom.region_names[i] for i in phantom.region_at(x, np.array(21e-3))
    }  # fmt: skip
    ligament = width_mm("medial_collateral_ligament", "superficial_layer", 0)
    assert ligament == pytest.approx(13, abs=0.5)


def test_an_effusion_lifts_the_capsule_of_the_hip() -> None:
    """More than 9 mm over the neck, with fluid between both layers; the same over the head."""
    found = layers("hip_effusion", 20, 0)
    assert 9 < found["neck"][0] - found["capsule"][0] < 12
    assert 3 <= found["recess"][1] - found["recess"][0] <= 6
    assert 2 <= found["recess"][0] - found["capsule"][0] <= 4
    assert "recess" not in layers("hip_effusion", -12, 0)
    assert layers("hip_effusion", -8, 0)["head"] == layers("anterior_hip", -8, 0)["head"]


# label, the region that it stands in
LABELS = {
    "anterior_hip": {
        "capsule": "capsule", "labrum": "labrum", "recess": "recess", "neck": "neck",
        "psoas": "iliopsoas_tendon", "artery": "femoral_artery", "rectus": "rectus_femoris",
    },
    "hip_effusion": {"capsule": "capsule", "recess": "recess"},
    "lateral_hip": {"medius": "medius_tendon", "minimus": "minimus_tendon", "trochanter": "femur"},
    "medial_collateral_ligament": {"superficial": "superficial_layer", "meniscus": "meniscus"},
    "patellar_tendinopathy": {"tendon": "patellar_tendon", "focus": "dark_focus"},
    "patellar_tendon": {"tendon": "patellar_tendon", "hoffa": "hoffa_fat", "bursa": "deep_bursa"},
    "suprapatellar_effusion": {"recess": "recess", "prefemoral": "prefemoral_fat"},
    "suprapatellar_recess": {"recess": "recess", "suprapatellar": "suprapatellar_fat"},
    "trochlear_cartilage": {"cartilage": "cartilage", "tendon": "quadriceps_tendon"},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_labels_stand_in_what_they_name(name: str) -> None:
    phantom = load_phantom(name)
    for key, region in LABELS[name].items():
        label = phantom.labels[key]
        assert label.y_mm is not None
        at = (np.array(v * 1e-3) for v in (label.x_mm, label.z_mm, label.y_mm))
        assert phantom.region_names[int(phantom.region_at(*at))] == region


def test_an_effusion_distends_the_recess_and_leaves_the_tendon() -> None:
    """6 to 10 mm, and wider; the tendon keeps its place, bone stays below the fluid."""
    for x in (-8, 0, 8, 15):
        top, bottom = layers("suprapatellar_effusion", x, 0)["recess"]
        assert 6.0 <= bottom - top <= 10.0
        assert layers("suprapatellar_effusion", x, 0)["femur"][0] - bottom > 1.5
    normal = layers("suprapatellar_recess", 0, 0)["quadriceps_tendon"]
    assert layers("suprapatellar_effusion", 0, 0)["quadriceps_tendon"] == normal
    wide, narrow = (
        width_mm(name, "recess", 0) for name in ("suprapatellar_effusion", "suprapatellar_recess")
    )
    assert wide > narrow + 5
    for place in ((-58, 0), (0, 34), (0, -34), (27, 0)):
        assert "recess" not in layers("suprapatellar_effusion", *place)


def test_a_diseased_tendon_is_thick_only_below_the_patella() -> None:
    """7 to 8.5 mm there (cut-off 7.0), with the dark focus in its deep half; normal distally."""
    for x in (-18, -15, -12):
        found = layers("patellar_tendinopathy", x, 0)
        top, bottom = found["patellar_tendon"]
        bottom = max(bottom, found["dark_focus"][1])
        assert 7.0 <= bottom - top <= 8.5
        assert found["dark_focus"][0] > top + 0.4 * (bottom - top)
    assert 7 <= width_mm("patellar_tendinopathy", "dark_focus", -16) <= 12
    top, bottom = layers("patellar_tendinopathy", 8, 0)["patellar_tendon"]
    assert bottom - top == pytest.approx(4.7, abs=0.4)
