"""The shoulder's standard views: layers and lesions, measured in the body itself.

Depths and thicknesses: table of standard views (estimates unless a source is named)."""

import math
from dataclasses import replace

import numpy as np
import pytest

from phantoms import Phantom, load_phantom
from phantoms.phantom import winning_region
from simulator.renderer import Renderer, start_request

STEP_MM = 0.02
LESIONS = [
    "supraspinatus_articular_tear",
    "supraspinatus_bursal_tear",
    "supraspinatus_full_tear",
    "supraspinatus_calcific",
    "biceps_tenosynovitis",
]


def layers(phantom: Phantom, x_mm: float, y_mm: float = 0.0) -> dict[str, tuple[float, float]]:
    """Depth of top and bottom (mm) of every region met on the way straight down."""
    z_mm = np.arange(STEP_MM / 2, 45, STEP_MM)
    met = phantom.region_at(np.array(x_mm * 1e-3), z_mm * 1e-3, y_mm * 1e-3)
    return {
        phantom.region_names[i]: (z_mm[met == i][0], z_mm[met == i][-1]) for i in np.unique(met)
    }


def size_of(phantom: Phantom, name: str, depth_mm: float) -> tuple[float, float]:
    """Extent along X and along Y (mm) of a region at one depth."""
    grid = np.meshgrid(np.arange(-16, 20, 0.1), np.arange(-14, 14, 0.1), indexing="ij")
    met = phantom.region_at(grid[0] * 1e-3, np.array(depth_mm * 1e-3), grid[1] * 1e-3)
    inside = met == phantom.region_names.index(name)
    return float(np.ptp(grid[0][inside])), float(np.ptp(grid[1][inside]))


# --- healthy views --------------------------------------------------------------------------

TABLE = [
    ("supraspinatus_lax", -9, "skin", 0.0, 1.5),
    ("supraspinatus_lax", -9, "subcutaneous_fat", 1.5, 5.0),
    ("supraspinatus_lax", -9, "deltoid", 5.4, 14.2),
    ("supraspinatus_lax", -9, "peribursal_fat", 14.5, 15.2),
    ("supraspinatus_lax", -9, "bursa", 15.2, 16.0),
    ("supraspinatus_lax", -9, "supraspinatus_tendon", 16.0, 21.5),
    ("supraspinatus_lax", -9, "cartilage", 21.5, 22.5),
    ("infraspinatus", 2, "skin", 0.0, 2.0),
    ("infraspinatus", 2, "subcutaneous_fat", 2.0, 6.0),
    ("infraspinatus", 2, "deltoid", 6.3, 15.1),
    ("infraspinatus", 2, "infraspinatus_tendon", 16.0, 21.0),
    ("infraspinatus", 2, "cartilage", 21.0, 22.0),
    ("subscapularis", -8, "skin", 0.0, 1.5),
    ("subscapularis", -8, "subcutaneous_fat", 1.5, 5.0),
    ("subscapularis", -8, "deltoid", 5.4, 15.8),
    ("subscapularis", -8, "subscapularis_tendon", 17.0, 21.3),
    ("subscapularis", -8, "cartilage", 21.3, 22.3),
    ("ac_joint", 0.5, "skin", 0.0, 1.5),
    ("ac_joint", 0.5, "subcutaneous_fat", 1.5, 3.0),
    ("ac_joint", 0.5, "capsule", 3.8, 4.8),
]


@pytest.mark.parametrize(("name", "x_mm", "region", "top_mm", "bottom_mm"), TABLE)
def test_layers_lie_at_the_depths_of_the_table(
    name: str, x_mm: float, region: str, top_mm: float, bottom_mm: float
) -> None:
    """Rows 3, 4, 5 and 6. Fascia and fat between deltoid and tendon count as deltoid there."""
    top, bottom = layers(load_phantom(name), x_mm)[region]
    assert top == pytest.approx(top_mm, abs=0.3)
    assert bottom == pytest.approx(bottom_mm, abs=0.3)


@pytest.mark.parametrize(
    ("name", "x_mm", "tendon", "least_mm", "most_mm"),
    [
        ("infraspinatus", 2, "infraspinatus_tendon", 4.4, 5.05),
        ("subscapularis", -8, "subscapularis_tendon", 3.8, 4.4),
    ],
)
def test_tendons_are_as_thick_as_published_and_end_on_bone(
    name: str, x_mm: float, tendon: str, least_mm: float, most_mm: float
) -> None:
    """4.4-4.9 and 3.8-4.4 mm; at its end the tendon has bone and no cartilage below it."""
    phantom = load_phantom(name)
    top, bottom = layers(phantom, x_mm)[tendon]
    assert least_mm <= bottom - top + STEP_MM <= most_mm
    at_footprint = layers(phantom, 18 if name == "infraspinatus" else 4)
    assert "cartilage" not in at_footprint
    assert at_footprint[tendon][1] == pytest.approx(at_footprint["humerus"][0], abs=2 * STEP_MM)


def test_the_labrum_lies_between_glenoid_and_head() -> None:
    phantom = load_phantom("infraspinatus")
    x_mm = np.arange(-32, 0, STEP_MM)
    met = phantom.region_at(x_mm * 1e-3, np.array(33.4e-3))
    order = [phantom.region_names[i] for i in met[np.r_[True, np.diff(met) != 0]]]
    assert order[-4:] == ["glenoid", "labrum", "cartilage", "humerus"]


def test_beside_the_lesser_tuberosity_the_biceps_lies_in_a_groove_of_published_size() -> None:
    """12.5-13.4 mm wide, 2.6-2.9 mm deep, a tendon 4.3-4.7 mm wide."""
    phantom = load_phantom("subscapularis")
    x_mm = np.arange(2, 28, 0.05)
    z_mm = np.arange(17, 27, STEP_MM)
    bone = np.isin(
        phantom.region_at(x_mm[:, None] * 1e-3, z_mm * 1e-3),
        [phantom.region_names.index("humerus")],
    )
    top = z_mm[bone.argmax(axis=1)]
    left, right = (np.flatnonzero(s)[top[s].argmin()] for s in (x_mm < 14, x_mm > 14))
    assert 12.5 <= x_mm[right] - x_mm[left] <= 13.4
    rim = np.interp(x_mm, x_mm[[left, right]], top[[left, right]])
    assert 2.6 <= (top - rim)[left:right].max() <= 2.95
    assert size_of(phantom, "biceps_tendon", 20.6)[0] == pytest.approx(4.5, abs=0.2)


def test_the_gap_of_the_ac_joint_is_3_to_5_mm_between_edges_at_5_to_7_mm() -> None:
    phantom = load_phantom("ac_joint")
    x_mm = np.arange(-8, 8, STEP_MM)
    met = phantom.region_at(x_mm * 1e-3, np.array(9e-3))
    clavicle, acromion = (phantom.region_names.index(n) for n in ("clavicle", "acromion"))
    assert 3 <= x_mm[met == acromion].min() - x_mm[met == clavicle].max() <= 5
    for x, bone in ((-5, "clavicle"), (5.5, "acromion")):
        assert 5 <= layers(phantom, x)[bone][0] <= 7
    assert layers(phantom, 0.5)["capsule"][0] < layers(phantom, -8)["clavicle"][0] - 1


@pytest.mark.parametrize("angle_deg", [-45, -12, 0, 15, 30, 45])
def test_in_short_axis_the_cuff_is_an_even_tyre_round_a_ball(angle_deg: float) -> None:
    """Head of radius 22-25 mm, 1 mm of cartilage, a tendon of 4.9-5.6 mm, at every angle."""
    phantom = load_phantom("supraspinatus_lax")
    r = np.arange(20, 32, STEP_MM)
    y, z = r * math.sin(math.radians(angle_deg)), 45.5 - r * math.cos(math.radians(angle_deg))
    met = phantom.region_at(np.array(-9e-3), z * 1e-3, y * 1e-3)
    thick = {n: np.count_nonzero(met == i) * STEP_MM for i, n in enumerate(phantom.region_names)}
    assert 22 <= r[met == phantom.region_names.index("humerus")].max() <= 25
    assert thick["cartilage"] == pytest.approx(1.0, abs=0.05)
    assert 4.9 <= thick["supraspinatus_tendon"] <= 5.65
    assert thick["bursa"] == pytest.approx(0.8, abs=0.05)


def test_the_biceps_lies_at_the_front_of_the_tendon_and_ends_in_a_groove() -> None:
    """Over the head inside its pulley, 4.3-4.7 mm wide; beyond the footprint sunk in the bone."""
    phantom = load_phantom("supraspinatus_lax")
    y_mm = np.arange(-15, 0, STEP_MM)
    across = phantom.region_at(np.array(-9e-3), np.array(20.9e-3), y_mm * 1e-3)
    biceps = y_mm[across == phantom.region_names.index("biceps_tendon")]
    assert 4.3 <= np.ptp(biceps) <= 4.7
    assert biceps.max() < -7
    front = layers(phantom, -9, -10.4)
    order = ["supraspinatus_tendon", "biceps_pulley", "tendon_sheath", "biceps_tendon", "cartilage"]
    tops = [front[name][0] for name in order]
    assert tops == sorted(tops)
    sunk = layers(phantom, 17, -9.7)
    beside = layers(phantom, 17, -9.7 + 4)["humerus"][0]
    assert sunk["biceps_tendon"][1] > beside + 1


# --- lesions --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LESIONS)
def test_a_lesion_says_what_it_is_and_what_to_look_for(name: str) -> None:
    phantom = load_phantom(name)
    parent = load_phantom(str(phantom.variant_of))
    assert phantom.region_of_body == "shoulder"
    for key, view in phantom.views.items():
        assert view.look_for != parent.views[key].look_for
    own = [label for key, label in phantom.labels.items() if key not in parent.labels]
    for view in phantom.views.values():
        sight = phantom.view(view.pose, half_face_m=0.019, wide_m=0.019, deepest_m=0.03)
        places = [(label.x_mm, label.z_mm, label.y_mm or 0.0) for label in own]
        seen = [sight.seen_at(*(np.array([v * 1e-3]) for v in place))[0] for place in places]
        assert np.isfinite(seen).any(), view.name


@pytest.mark.parametrize(
    ("name", "x_mm", "from_bone"),
    [("supraspinatus_articular_tear", -2.2, True), ("supraspinatus_bursal_tear", -2.5, False)],
)
def test_a_partial_tear_takes_less_than_half_of_the_tendon(
    name: str, x_mm: float, from_bone: bool
) -> None:
    """30 to 50 % of the thickness, 2 to 3 mm (Ellman grades 1 and 2), open to one side only."""
    healthy = layers(load_phantom("supraspinatus_lax"), x_mm)["supraspinatus_tendon"]
    found = layers(load_phantom(name), x_mm)
    tear, rest = found["tear"], found["supraspinatus_tendon"]
    depth = healthy[1] - tear[0] if from_bone else tear[1] - healthy[0]
    assert 0.3 <= depth / (healthy[1] - healthy[0]) <= 0.5
    assert 2 <= depth <= 3
    if from_bone:
        assert rest[0] == pytest.approx(healthy[0])
        assert tear[1] == pytest.approx(found["cartilage"][0], abs=2 * STEP_MM)
    else:
        assert rest[1] == pytest.approx(healthy[1])
        assert tear[0] < healthy[0]


def test_a_full_thickness_tear_leads_from_the_bursa_to_the_cartilage() -> None:
    """And there the bursal border is hollow: the bursa lies at least 1 mm deeper than it was."""
    healthy, torn = load_phantom("supraspinatus_lax"), load_phantom("supraspinatus_full_tear")
    at = layers(torn, -1)
    assert "supraspinatus_tendon" not in at
    assert at["tear"][0] == pytest.approx(at["sunken_bursa"][1], abs=2 * STEP_MM)
    assert at["tear"][1] == pytest.approx(at["cartilage"][0], abs=2 * STEP_MM)
    assert at["tear"][0] > layers(healthy, -1)["bursa"][1] + 1
    assert size_of(torn, "tear", 20.2) == pytest.approx((12, 13), abs=0.3)
    for x_mm in (-10, 9):
        assert layers(torn, x_mm) == layers(healthy, x_mm)


def test_a_calcific_deposit_lies_within_the_tendon() -> None:
    """Tendon above and below it; 1 cm long."""
    phantom = load_phantom("supraspinatus_calcific")
    at = layers(phantom, -9)
    stone, tendon = at["calcification"], at["supraspinatus_tendon"]
    assert tendon[0] < stone[0] - 0.5
    assert tendon[1] > stone[1]
    long, wide = size_of(phantom, "calcification", 19.3)
    assert 9 <= long <= 11
    assert 6 <= wide <= 9


@pytest.mark.parametrize("x_mm", [-12, 0, 12])
def test_inflamed_the_sheath_holds_over_1_mm_of_fluid_all_round_the_tendon(x_mm: float) -> None:
    """Over 1 mm is abnormal; the healthy groove has less."""
    rims = {}
    for name in ("biceps_groove", "biceps_tenosynovitis"):
        phantom = load_phantom(name)
        y, z = np.meshgrid(np.arange(-6, 6, 0.05), np.arange(13, 23, 0.05), indexing="ij")
        met = phantom.region_at(np.array(x_mm * 1e-3), z * 1e-3, y * 1e-3)
        tendon = met == phantom.region_names.index("biceps_tendon")
        sheath = met == phantom.region_names.index("tendon_sheath")
        mid_y, mid_z = (int(np.mean(i)) for i in np.nonzero(tendon))
        rims[name] = [
            0.05 * np.count_nonzero(line)
            for line in (
                sheath[:mid_y, mid_z], sheath[mid_y:, mid_z],
                sheath[mid_y, :mid_z], sheath[mid_y, mid_z:],
            )
        ]  # fmt: skip
    assert min(rims["biceps_tenosynovitis"]) > 1.0
    assert max(rims["biceps_groove"]) < 0.6


# --- pictures -------------------------------------------------------------------------------

_RENDERER = Renderer()


def level_db(name: str, rock_deg: float, region: str, x_mm: tuple[float, float]) -> float:
    """Median level of what lies well inside a region between two places of the body, in the
    long axis with the probe at X = -2 mm."""
    request = start_request(name, None, "long")
    pose = replace(request.pose, slide_m=-2e-3, rock_rad=math.radians(rock_deg))
    frame = _RENDERER.render(replace(request, pose=pose))
    medium, phantom = frame.medium, load_phantom(name)
    x, z = frame.line_x_m[:, None], frame.sample_z_m[None, :]
    i = np.rint((x - medium.x0_m) / medium.dx_m).astype(int)
    j = np.rint((z - medium.z0_m) / medium.dz_m).astype(int)
    index = phantom.region_names.index(region)
    inside = (medium.distance_m[index] < -6e-4) & (winning_region(medium.distance_m) == index)
    body_x = pose.place(x, 0.0, z)[0] * 1e3
    chosen = inside[i, np.minimum(j, inside.shape[1] - 1)]
    chosen &= (body_x > x_mm[0]) & (body_x < x_mm[1])
    return float(10 * np.log10(np.median(np.abs(frame.iq[chosen]) ** 2)))


def test_heel_toe_lights_up_a_dark_tendon_but_not_a_tear() -> None:
    """Between X = -4 and 2 mm the fibres dive: with a level probe both are dark."""
    place = (-4.0, 2.0)
    healthy, torn = (
        [level_db(name, rock, region, place) for rock in (0.0, 12.0)]
        for name, region in (
            ("supraspinatus_lax", "supraspinatus_tendon"),
            ("supraspinatus_full_tear", "tear"),
        )
    )
    assert healthy[1] - healthy[0] > 10
    assert healthy[1] - torn[1] > 20
    assert abs(torn[1] - torn[0]) < 6
