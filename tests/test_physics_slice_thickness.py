"""Across the image plane: how thick the slice is, small cysts that fill in, and tilted fibres."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from media import (
    SPECKLE,
    Medium,
    Region,
    disc,
    everywhere,
    level_db,
    look,
    make_tissues,
    part,
    uniform,
)

from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import find_probe
from physics.slice_thickness import SLOPE_STEP, lean_gain, plane_weights

DEPTH_M = np.arange(250) * 0.2e-3


@dataclass(frozen=True, eq=False)
class Solid:
    """A medium that changes across the plane: another `Medium` at every height."""

    at: Callable[[float], Medium]
    plane_y_m: tuple[float, ...]
    lean: float = 0.0

    def slice(self, pose: Pose, **grid: float) -> Slice:
        middle = self.at(0.0).slice(pose, **grid)
        region = []
        for y in self.plane_y_m:
            distance = self.at(y).slice(pose, **grid).distance_m
            region.append(len(distance) - 1 - np.argmax(distance[::-1] < 0, axis=0))
        shape = middle.distance_m.shape[1:]
        leaning = np.full(middle.along_m.shape, self.lean, np.float32)
        return replace(
            middle,
            plane_y_m=np.array(self.plane_y_m),
            plane_region=np.array(region, np.int16).reshape(-1, *shape),
            fibre_lean=leaning if self.lean else middle.fibre_lean,
            surface_lean=leaning if self.lean else middle.surface_lean,
        )


def nowhere(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return -everywhere(x, z)


PLANES = tuple(np.linspace(-2.4e-3, 2.4e-3, 13))


def test_the_planes_share_all_of_the_echo() -> None:
    weights = plane_weights(find_probe("L12-3"), np.array(PLANES), DEPTH_M)
    np.testing.assert_allclose((weights**2).sum(axis=0), 1.0, rtol=1e-5)
    # a weak lens: its waist lies before its focal length (focal shift, Li and Wolf, Opt Commun
    # 1981;39:211)
    waist = DEPTH_M[weights[len(PLANES) // 2].argmax()]
    assert 0.7 < waist / find_probe("L12-3").elevation_focus_m < 1.0


@pytest.mark.parametrize("depth_mm", [10, 20, 30, 40])
def test_a_thin_layer_across_the_plane_is_seen_as_its_share_says(depth_mm: float) -> None:
    """A slab of bright tissue from y = 0.5 mm outwards on one side, over dark tissue: level
    re bright all across = the weights' share, within 0.7 dB (over some draws)."""
    tissues = make_tissues({"diffuse_per_m_sr": 2e-6}, SPECKLE)
    dark, lit = (Medium(tissues, (Region(0), Region(1, shape))) for shape in (nowhere, everywhere))
    half = Solid(lambda y: lit if y >= 0.5e-3 else dark, PLANES)
    window = {"x_mm": (-14, 14), "z_mm": (depth_mm - 2, depth_mm + 2)}
    seen, whole = [], []
    for seed in range(1, 5):
        knobs = {"seed": seed, "focus_mm": depth_mm, "depth_mm": 45, "frequency_mhz": 7.5}
        seen.append(part(look(half, **knobs), **window))
        whole.append(part(look(uniform(**SPECKLE), **knobs), **window))
    weights = plane_weights(find_probe("L12-3"), np.array(PLANES), DEPTH_M)
    share = (weights[np.array(PLANES) >= 0.5e-3] ** 2).sum(axis=0)
    inside = np.abs(DEPTH_M - depth_mm * 1e-3) < 2e-3
    expected = 10 * math.log10(share[inside].mean())
    fall = level_db(np.concatenate(seen)) - level_db(np.concatenate(whole))
    assert fall == pytest.approx(expected, abs=0.7)


def test_a_small_cyst_fills_in_away_from_the_focus_of_the_lens() -> None:
    """A sphere of 1.2 mm radius: dark at the lens's focus (20 mm), filled in at 38 mm, where the
    slice is thicker than it; a cylinder through all planes stays dark at both."""
    tissues = make_tissues(SPECKLE, {"diffuse_per_m_sr": 1e-7})
    contrast = {}
    for depth in (20e-3, 38e-3):

        def ball(y: float, depth: float = depth) -> Medium:
            r = math.sqrt(max(1.2e-3**2 - y**2, 0.0))
            shape = disc(0.0, depth, r) if r > 0 else nowhere
            return Medium(tissues, (Region(0), Region(1, shape)))

        for name, medium in (("ball", Solid(ball, PLANES)), ("tube", ball(0.0))):
            inside, beside = [], []
            for seed in range(1, 7):
                frame = look(medium, seed=seed, focus_mm=depth * 1e3, depth_mm=45)
                z = (depth * 1e3 - 0.5, depth * 1e3 + 0.5)
                inside.append(part(frame, x_mm=(-0.4, 0.4), z_mm=z))
                beside.append(part(frame, x_mm=(4, 12), z_mm=z))
            contrast[name, depth] = level_db(np.concatenate(inside)) - level_db(
                np.concatenate(beside)
            )
    print(contrast)
    assert contrast["ball", 20e-3] < -15
    assert contrast["tube", 38e-3] < -40
    # what is left of it: the share of the planes that pass beside it, 1 mm and more off its middle
    weights = plane_weights(find_probe("L12-3"), np.array(PLANES), DEPTH_M)[:, 190]
    share = float((weights[np.abs(PLANES) > 1.0e-3] ** 2).sum())
    assert contrast["ball", 38e-3] == pytest.approx(10 * math.log10(share), abs=1.5)


def test_leaning_across_the_plane_costs_what_the_overlap_of_the_lens_says() -> None:
    """Triangle 1 - 2 F_y s with F_y = depth / height at the focus of the lens, for a thing of one
    direction: within 0.11 from half way down. Section 3.2 of the facts, eq. (1). The tip is
    round, as a direct sum shows for an aperture of F 4 in the plane too (test_physics_surfaces)."""
    probe = find_probe("L12-3")
    gain = lean_gain(probe, np.array([0.0]), DEPTH_M)[0]
    f_y = 20e-3 / probe.height_m
    for n in range(6, 20):
        closed = max(0.0, 1 - 2 * f_y * n * SLOPE_STEP)
        assert gain[n, 100] == pytest.approx(closed, abs=0.11), n
    assert (np.diff(gain[:12, 100]) < 0).all()


def test_tilting_across_fibres_darkens_them_and_leaves_grains() -> None:
    """Long fibres under 10 degrees of tilt lose 8 dB or more; even grains less than 0.5 dB.
    A spread of directions keeps more."""
    tilt = math.tan(math.radians(10))
    fall = {}
    for name, tissue in (
        ("straight", {"fibrous_per_m_sr": 0.5, "fibre_length_m": 2e-3}),
        ("wavy", {"fibrous_per_m_sr": 0.5, "fibre_length_m": 2e-3, "fibre_wave_m": 0.5e-3}),
        ("grains", SPECKLE),
    ):
        level = []
        for lean in (0.0, tilt):
            solid = Solid(lambda y, t=tissue: uniform(**t), (), lean)
            frame = look(solid, focus_mm=20, frequency_mhz=7.5)
            level.append(level_db(part(frame, x_mm=(-14, 14), z_mm=(18, 22))))
        fall[name] = level[0] - level[1]
    print(fall)
    assert fall["straight"] > 8
    assert 0.5 < fall["wavy"] < fall["straight"] - 3
    assert abs(fall["grains"]) < 0.5
