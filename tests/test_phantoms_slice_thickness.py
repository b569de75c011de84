"""What a phantom tells of the planes beside the image plane, and what it does to the picture."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from media import level_db, look, part

from phantoms import Phantom, cutting, load_phantom, read_phantom
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import find_probe
from physics.slice_thickness import plane_weights

GRID = {"x0_m": -0.019, "dx_m": 2e-4, "n_x": 191, "dz_m": 2e-4, "n_z": 220}
BLOCK = """
format = 2
title = "A cyst"
summary = "One cyst in a test block."
[start]
probe = "L12-3"
slide_mm = 0
rock_deg = 0
[view.only]
title = "Only"
look_for = "The cyst."
[limits]
slide_mm = [-15, 15]
slide_y_mm = [-5, 5]
rock_deg = [-15, 15]
soft_to_mm = 10
[curve.skin]
kind = "flat"
depth_mm = 0
[[region]]
name = "tissue"
tissue = "tmm_block"
shape = {{ kind = "below", curve = "skin" }}
[[region]]
name = "cyst"
tissue = "synovial_fluid"
shape = {shape}
"""


def block(folder: Path, shape: str) -> Phantom:
    path = folder / "cyst_block.toml"
    path.write_text(BLOCK.format(shape=f"{{ {shape} }}"), encoding="utf-8")
    return read_phantom(path)


def region_at_heights(phantom: Phantom, pose: Pose, cut: Slice) -> np.ndarray:
    """The same as `Slice.plane_region`, by the body's own shapes."""
    view = phantom.view(pose, half_face_m=19e-3, wide_m=19e-3, deepest_m=float(cut.z_m[-1]))
    places, _ = view.undeformed(cut.x_m[:, None], cut.z_m[None, :])
    return np.stack(
        [
            phantom.region_at(*(places[a] + np.float32(y * pose.rotation[a, 1]) for a in (0, 2, 1)))
            for y in cut.plane_y_m
        ]
    )


@pytest.mark.parametrize(
    ("move", "wrong"),
    [({}, 0.0003), ({"tilt_rad": 0.2}, 0.003), ({"turn_rad": 0.9}, 0.003)],
    ids=["start", "tilted", "turned"],
)
def test_the_planes_beside_show_the_regions_of_the_body(move: dict, wrong: float) -> None:
    phantom = load_phantom("biceps_groove")
    pose = replace(phantom.start_pose, **move)
    cut = phantom.slice(pose, **GRID)
    np.testing.assert_allclose(cut.plane_y_m, cutting.HEIGHTS_M)
    expected = region_at_heights(phantom, pose, cut)
    changes = (expected != expected[3]).any(axis=0).mean()
    off = (cut.plane_region != expected).mean(axis=(1, 2))
    assert off[3] == 0.0
    assert off.max() < min(wrong, changes / 2)


@pytest.mark.parametrize("move", [{}, {"slide_m": 3e-3}, {"rock_rad": 0.1}, {"press_m": 1e-3}])
@pytest.mark.parametrize("name", ["muscle_block", "soft_tissue_gas", "forearm_vessels"])
def test_a_body_that_goes_straight_on_has_no_planes_beside(name: str, move: dict) -> None:
    """So its picture is that of the image plane, bit for bit."""
    phantom = load_phantom(name)
    assert phantom.geometry.outline.is_prism
    cut = phantom.slice(replace(phantom.start_pose, **move), **GRID)
    assert cut.plane_y_m.size == cut.plane_region.size == 0


def test_a_straight_body_across_which_the_probe_is_turned_has_them() -> None:
    phantom = load_phantom("soft_tissue_gas")
    assert phantom.slice(replace(phantom.start_pose, turn_rad=0.5), **GRID).plane_y_m.size == 7


@pytest.mark.parametrize("move", [{}, {"slide_y_m": 1e-3}])
def test_a_prism_drawn_as_a_body_in_space_looks_as_without_planes(
    tmp_path: Path, move: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cylinder along Y in a file of format 2: the same picture when planes are never asked."""
    phantom = block(tmp_path, 'kind = "disc", centre_mm = [0, 20], diameter_mm = 6')
    pose = replace(phantom.start_pose, **move)
    asked = phantom.slice(pose, **GRID)
    monkeypatch.setattr(cutting, "_beside", lambda *_: (np.empty(0), np.empty((0, 1, 1), np.int16)))
    never = phantom.slice(pose, **GRID)
    for name in ("distance_m", "along_m", "across_m", "plane_y_m", "plane_region"):
        np.testing.assert_array_equal(getattr(asked, name), getattr(never, name))


@pytest.mark.slow
def test_a_cyst_of_two_millimetres_fills_in_where_the_slice_is_thicker(tmp_path: Path) -> None:
    """A ball 2 mm wide at the focus of the lens and at 38 mm, re the block beside it, and a tube
    through all planes. What is left is the share of the heights that pass beside it, as in the
    made-up media (test_physics_slice_thickness), within 2 dB over six draws."""
    contrast = {}
    for depth_mm in (20, 38):
        for name, shape in (
            ("ball", f'kind = "ball", centre_mm = [0, 0, {depth_mm}], diameter_mm = 2'),
            ("tube", f'kind = "disc", centre_mm = [0, {depth_mm}], diameter_mm = 2'),
        ):
            contrast[name, depth_mm] = contrast_db(block(tmp_path, shape), depth_mm)
    print(contrast)
    assert contrast["tube", 38] < contrast["ball", 38] - 8
    assert contrast["ball", 20] < contrast["ball", 38] - 5
    weights = plane_weights(find_probe("L12-3"), cutting.HEIGHTS_M, np.arange(250) * 0.2e-3)
    share = float((weights[np.abs(cutting.HEIGHTS_M) > 1e-3, 190] ** 2).sum())
    assert contrast["ball", 38] == pytest.approx(10 * math.log10(share), abs=2.0)


def contrast_db(phantom: Phantom, depth_mm: float) -> float:
    """Level in the middle of a cyst re that beside it."""
    inside, beside = [], []
    for seed in range(1, 7):
        frame = look(phantom, seed=seed, focus_mm=depth_mm, depth_mm=45, frequency_mhz=7.5)
        z = (depth_mm - 0.4, depth_mm + 0.4)
        inside.append(part(frame, x_mm=(-0.35, 0.35), z_mm=z))
        beside.append(part(frame, x_mm=(4, 12), z_mm=z))
    return level_db(np.concatenate(inside)) - level_db(np.concatenate(beside))
