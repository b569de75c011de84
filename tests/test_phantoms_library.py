"""The phantoms themselves: layers as in the table of views, targets where the block has them."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import Phantom, load_phantom, phantom_names
from phantoms.curves import Points
from phantoms.phantom import winning_region
from phantoms.tissue import find_tissue
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import UnknownNameError, find_probe
from physics.settings import ScanSettings, check_for_probe

STEP_MM = 0.01


def column(phantom: Phantom, x_mm: float) -> dict[str, tuple[float, float]]:
    """Top and bottom (mm) of every region met on the way straight down at X."""
    z_mm = np.arange(0.5 * STEP_MM, 45, STEP_MM)
    top = phantom.region_at(np.array(x_mm * 1e-3), z_mm * 1e-3)
    found = {}
    for index in dict.fromkeys(top):
        inside = z_mm[top == index]
        found[phantom.region_names[index]] = (
            inside[0] - STEP_MM / 2,
            inside[-1] + STEP_MM / 2,
        )
    return found


def cut(phantom: Phantom, pose: Pose, n_x: int = 230, n_z: int = 260) -> Slice:
    """A slice of 38 mm x 40 mm."""
    return phantom.slice(
        pose, x0_m=-0.019, dx_m=0.038 / (n_x - 1), n_x=n_x, dz_m=0.04 / (n_z - 1), n_z=n_z
    )


@pytest.fixture
def shoulder() -> Phantom:
    return load_phantom("supraspinatus_lax")


@pytest.fixture
def block() -> Phantom:
    return load_phantom("qa_block")


# --- every phantom ----------------------------------------------------------------------


@pytest.mark.parametrize("name", phantom_names())
def test_a_phantom_says_what_it_is_and_starts_with_settings_that_work(name: str) -> None:
    phantom = load_phantom(name)
    assert phantom.name == name
    assert phantom.title
    assert phantom.summary
    assert "\n" not in phantom.summary
    assert phantom.teaches
    assert phantom.labels
    settings = ScanSettings.from_display(phantom.start_settings)
    check_for_probe(settings, find_probe(phantom.probe))
    low, high = phantom.slide_range_m
    assert low <= phantom.start_pose.slide_m <= high
    assert load_phantom(name) is phantom
    assert hash(phantom.key) == hash(load_phantom(name).key)


@pytest.mark.parametrize("name", phantom_names())
@pytest.mark.parametrize("rock", [0.0, -1.0, 1.0])
def test_a_slice_keeps_its_contract(name: str, rock: float) -> None:
    phantom = load_phantom(name)
    pose = Pose(phantom.slide_range_m[1], rock * phantom.rock_range_rad[1])
    s = cut(phantom, pose)
    n_region = len(phantom.region_names)
    assert s.distance_m.shape == (n_region, 230, 260)
    assert s.along_m.shape == s.across_m.shape == (len(phantom.geometry.frames), 230, 260)
    assert s.region_frame.max() < len(s.along_m)
    for array in (s.distance_m, s.along_m, s.across_m, s.region_backscatter):
        assert array.dtype == np.float32
        assert array.flags.c_contiguous
        assert np.isfinite(array).all()
    for array in (s.region_tissue, s.region_frame, s.region_seed):
        assert array.shape == (n_region,)
        assert array.dtype == np.int32
    assert s.region_backscatter.shape == (n_region,)
    assert len(set(s.region_seed)) == n_region
    assert s.region_tissue.max() < len(s.tissues.names)
    assert (s.distance_m[0] < 0).all()
    # "about 1 m per m": within 15 % where the skin is pressed hard.
    by_x = np.abs(np.diff(s.distance_m, axis=1)).max() / s.dx_m
    by_z = np.abs(np.diff(s.distance_m, axis=2)).max() / s.dz_m
    assert max(by_x, by_z) < 1.15


@pytest.mark.parametrize("name", phantom_names())
def test_gel_fills_the_gap_under_a_lifted_face_and_nothing_else(name: str) -> None:
    phantom = load_phantom(name)
    pose = Pose(phantom.start_pose.slide_m, phantom.rock_range_rad[1])
    s = cut(phantom, pose)
    x, z = np.meshgrid(s.x_m, s.z_m, indexing="ij")
    _, z_body = pose.to_body(x, z)
    gel = winning_region(s.distance_m) == 0
    assert gel[z_body < -1e-5].all()
    assert not gel[z_body > 1e-5].any()


@pytest.mark.parametrize("name", phantom_names())
def test_tissue_slides_with_the_probe_unchanged(name: str) -> None:
    """What lies at a body point has the same coordinates whatever the probe's slide."""
    phantom = load_phantom(name)
    here, there = cut(phantom, Pose(0.0)), cut(phantom, Pose(10 * 0.038 / 229))
    np.testing.assert_allclose(there.across_m[:, :-10], here.across_m[:, 10:], atol=1e-7)
    np.testing.assert_allclose(there.along_m[:, :-10], here.along_m[:, 10:], atol=1e-7)


def test_an_unknown_phantom_names_those_that_are_there() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'qa_block'"):
        load_phantom("qa_blok")


def test_a_phantom_is_frozen(shoulder: Phantom) -> None:
    with pytest.raises(AttributeError):
        shoulder.name = "x"  # type: ignore[misc]
    assert replace(shoulder, title="x").title == "x"


# --- shoulder ---------------------------------------------------------------------------


def test_shoulder_layers_are_as_thick_as_the_table_says(shoulder: Phantom) -> None:
    """At the top of the head, mm from the skin: skin 0-1.5, fat -5, deltoid 5-15, bursa 15-16,
    supraspinatus 16-22, cartilage 1 (table of standard views, row 4)."""
    layers = column(shoulder, -9)
    assert layers["skin"] == pytest.approx((0, 1.5), abs=0.15)
    assert layers["subcutaneous_fat"] == pytest.approx((1.5, 5), abs=0.3)
    assert layers["deltoid_fascia"][0] == pytest.approx(5, abs=0.3)
    assert layers["peribursal_fat"][1] == pytest.approx(15, abs=0.3)
    bursa, tendon, cartilage = (layers[k] for k in ("bursa", "supraspinatus_tendon", "cartilage"))
    assert bursa[1] == pytest.approx(16, abs=0.1)
    assert 0.7 <= bursa[1] - bursa[0] <= 1.0
    assert tendon[1] - tendon[0] == pytest.approx(5.5, abs=0.2)
    assert cartilage[1] - cartilage[0] == pytest.approx(1.0, abs=0.05)
    assert layers["humerus"][0] == pytest.approx(22.5, abs=0.1)


def test_the_tendon_tapers_over_a_footprint_of_13_to_16_mm(shoulder: Phantom) -> None:
    """Beyond the sulcus the tendon thins steadily to nothing; footprint 13.5-14.9 mm (row 4)."""
    x_mm = np.arange(-9, 20, 0.25)
    thickness = []
    for x in x_mm:
        top, bottom = column(shoulder, x).get("supraspinatus_tendon", (0.0, 0.0))
        thickness.append(bottom - top)
    on_bone = [
        x
        for x, t in zip(x_mm, thickness, strict=True)
        if t > 0 and "cartilage" not in column(shoulder, x)
    ]
    assert 12.5 <= max(on_bone) - min(on_bone) <= 16
    footprint = [t for x, t in zip(x_mm, thickness, strict=True) if x >= min(on_bone) + 2]
    assert np.all(np.diff(footprint) <= 0.02)
    assert thickness[-1] == 0.0


def test_fibres_lie_level_over_the_head_and_15_to_25_degrees_down_at_the_footprint(
    shoulder: Phantom,
) -> None:
    along, _ = tendon_gradients(shoulder, np.array([-9, 2, 5, 8, 11]), 1.0)
    slope_deg = np.degrees(np.arctan2(along[1], along[0]))
    assert slope_deg[0] == pytest.approx(0, abs=3)
    assert np.all((slope_deg[1:] > 15) & (slope_deg[1:] < 26))


def test_the_tendon_frame_is_orthogonal_with_unit_lengths(shoulder: Phantom) -> None:
    """`across` is a distance; `along` is measured on the bursal face (radius 28 mm or more),
    so 5 mm below it fibres of one length span up to 1 / (1 - 5/28) of it."""
    for depth_mm in (0.5, 2.5, 5.0):
        along, across = tendon_gradients(shoulder, np.linspace(-16, 3, 60), depth_mm)
        product = np.sum(along * across, axis=0)
        np.testing.assert_allclose(np.linalg.norm(across, axis=0), 1.0, atol=0.005)
        np.testing.assert_allclose(np.linalg.norm(along, axis=0), 1.0, atol=0.28)
        np.testing.assert_allclose(product, 0.0, atol=0.01)


def tendon_gradients(
    phantom: Phantom, x_mm: np.ndarray, below_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Gradients of (along, across), each [2, n], some mm under the bursal face at X."""
    curve, frame = phantom.geometry.curves["cuff"], phantom.geometry.frames["cuff"]
    s = np.linspace(-0.04, 0.04, 801)
    x, z = curve.point(np.interp(x_mm * 1e-3, curve.point(s)[0], s))
    z, h = z + below_mm * 1e-3, 1e-4

    def at(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        points = Points(x.astype(np.float32), z.astype(np.float32))
        return np.array(frame.coordinates(points)[:2], dtype=np.float64)

    by_x = (at(x + h, z) - at(x - h, z)) / (2 * h)
    by_z = (at(x, z + h) - at(x, z - h)) / (2 * h)
    return np.array([by_x[0], by_z[0]]), np.array([by_x[1], by_z[1]])


@pytest.mark.parametrize("rock_deg", [-20, -8, 8, 20])
def test_bone_and_tendon_stay_where_they_are_when_the_probe_is_rocked(
    shoulder: Phantom, rock_deg: float
) -> None:
    pose = Pose(0.0, np.radians(rock_deg))
    s = cut(shoulder, pose)
    x, z = np.meshgrid(s.x_m, s.z_m, indexing="ij")
    expected = shoulder.region_at(*pose.to_body(x, z))
    found = winning_region(s.distance_m)
    for name in ("humerus", "cartilage", "supraspinatus_tendon"):
        index = shoulder.region_names.index(name)
        changed = (expected == index) != (found == index)
        assert changed.mean() < 1e-4, name  # float32 on the very surface


def test_pressing_thins_fat_and_deltoid(shoulder: Phantom) -> None:
    pose = Pose(0.0, np.radians(18))
    s = cut(shoulder, pose)
    fat = shoulder.region_names.index("subcutaneous_fat")
    thickness = (winning_region(s.distance_m) == fat).sum(axis=1) * s.dz_m
    assert thickness[-1] < 0.7 * thickness[0]


def test_the_acromion_comes_into_view_when_sliding_medially(shoulder: Phantom) -> None:
    index = shoulder.region_names.index("acromion")
    assert not (winning_region(cut(shoulder, Pose(0.0)).distance_m) == index).any()
    medial = cut(shoulder, Pose(shoulder.slide_range_m[0]))
    assert (winning_region(medial.distance_m) == index).any()


# --- test block -------------------------------------------------------------------------


def wires(phantom: Phantom) -> set[tuple[float, float]]:
    x, z = phantom.wires.x_m * 1e3, phantom.wires.z_m * 1e3
    return {(round(float(a), 3), round(float(b), 3)) for a, b in zip(x, z, strict=True)}


def test_wires_are_where_the_block_has_them(block: Phantom) -> None:
    """Near field x -30...-6, z 1...5; vertical every 10 mm; horizontal -30, -20, 0, 20 at 40 mm;
    resolution gaps 4, 3, 2, 1, 0.5, 0.25 mm lateral and axial at 30 mm."""
    found = wires(block)
    assert {(-30 + 6 * i, 1 + i) for i in range(5)} <= found
    assert {(0, z) for z in (10, 20, 30, 40)} <= found
    assert {(x, 40) for x in (-30, -20, 0, 20)} <= found
    row_a = sorted(x for x, z in found if z == 30 and x > 5)
    np.testing.assert_allclose(np.diff(row_a), [4, 3, 2, 1, 0.5, 0.25], atol=1e-6)
    row_b = sorted((x, 30 - z) for x, z in found if x > 5 and 25 < z < 30)
    np.testing.assert_allclose([dz for _, dz in row_b], [4, 3, 2, 1, 0.5, 0.25], atol=1e-6)
    assert [x for x, _ in row_b] == row_a[:6]
    assert len(found) == len(block.wires.x_m)  # none twice


def test_wire_strength_follows_from_impedance_and_radius(block: Phantom) -> None:
    """R sqrt(a k / (4 pi)) at 7 MHz: nylon 2.96 MRayl in 1.61 MRayl."""
    z1, z2 = find_tissue("tmm_block").impedance_rayl, find_tissue("nylon_wire").impedance_rayl
    k = 2 * np.pi * 7e6 / 1540
    r = (z2 - z1) / (z2 + z1)
    thick, thin = (r * np.sqrt(a * k / (4 * np.pi)) for a in (0.05e-3, 0.04e-3))
    assert block.wires.strength.max() == pytest.approx(thick)
    assert block.wires.strength.min() == pytest.approx(thin)


@pytest.mark.parametrize(
    ("name", "x_mm", "level_db"),
    [
        ("grey_hyper", -10, 15),
        ("grey_plus_6", -22, 6),
        ("grey_plus_3", -34, 3),
        ("grey_minus_3", -46, -3),
        ("grey_minus_6", -58, -6),
        ("grey_minus_9", -70, -9),
    ],
)
def test_grey_targets_differ_from_the_block_in_scattering_only(
    block: Phantom, name: str, x_mm: float, level_db: float
) -> None:
    index = block.region_names.index(name)
    layers = column(block, x_mm)
    assert layers[name] == pytest.approx((26, 34), abs=0.02)
    assert 10 * np.log10(block.region_backscatter[index]) == pytest.approx(level_db, abs=1e-4)
    assert block.region_tissue[index] == block.region_tissue[1]


@pytest.mark.parametrize("z_mm", [15, 45])
def test_anechoic_cylinders_step_down_from_left_to_right(block: Phantom, z_mm: float) -> None:
    x_mm = np.arange(-78, -20, STEP_MM)
    at = block.region_at(x_mm * 1e-3, np.array(z_mm * 1e-3))
    widths = [
        np.count_nonzero(at == i) * STEP_MM
        for i in dict.fromkeys(at)
        if block.region_names[i].startswith("anechoic")
    ]
    np.testing.assert_allclose(widths, [6.7, 4.5, 3, 3, 2, 1.33], atol=0.02)
    assert all(
        block.region_backscatter[i] == 0
        for i, n in enumerate(block.region_names)
        if n.startswith("anechoic")
    )


def test_the_whole_block_can_be_reached(block: Phantom) -> None:
    half = find_probe(block.probe).footprint_m / 2
    assert block.slide_range_m[0] - half <= -0.075
    assert block.slide_range_m[1] + half >= 0.03


def test_wires_stay_in_the_block_when_the_probe_is_tilted(block: Phantom) -> None:
    """Deeper than the soft membrane a wire is at its place in the body frame."""
    pose = Pose(0.0, np.radians(3))
    s = cut(block, pose)
    x, z = pose.to_body(s.point_x_m, s.point_z_m)
    assert len(x) >= 3
    for at in zip(x * 1e3, z * 1e3, strict=True):
        if at[1] > 6:
            assert min(np.hypot(at[0] - a, at[1] - b) for a, b in wires(block)) < 1e-6


# --- muscle block -----------------------------------------------------------------------


def test_the_muscle_block_has_a_stone_a_cyst_and_clean_muscle_between() -> None:
    phantom = load_phantom("muscle_block")
    stone = column(phantom, -11)["calcification"]
    assert stone[0] == pytest.approx(11.5, abs=0.05)
    cyst = column(phantom, 11)["cyst"]
    assert cyst[1] - cyst[0] == pytest.approx(10, abs=0.05)
    for x_mm in (-7.0, 0.0, 4.0):
        assert list(column(phantom, x_mm)) == ["skin", "subcutaneous_fat", "fascia", "muscle"]
    at = phantom.region_at(np.arange(-20, 0, STEP_MM) * 1e-3, np.array(12.5e-3))
    width = np.count_nonzero(at == phantom.region_names.index("calcification")) * STEP_MM
    assert width == pytest.approx(4.0, abs=0.03)
