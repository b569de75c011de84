"""What lies beside the image plane: how thick the slice is, and what a tilt across it costs.

The lens makes the beam narrow across the image plane at one depth only; elsewhere the picture
shows the mean over a slice several millimetres thick. Where the medium changes across that
slice, its texture is summed plane by plane with the weights of the beam,

    w_p(z)^2 = int_p abs(E)^4 dy / int abs(E)^4 dy

so that a small cyst off the focal depth fills in. Coherent things (fibres, septa, surfaces) that
lean across the plane, dz/dy = s, lose what their phase runs through within the beam:

    G(s; z) = abs(int E^2 exp(-2 j k s y) dy) / abs(int E^2 dy)

(for a plain rectangular aperture the triangle 1 - 2 F_y s, F_y = z / h). Planes a few tenths
of a millimetre apart could not carry that phase, hence the closed form. Directions of fibres
that spread with an rms angle a smear it: the root of the mean of G^2 over the spread.
E is the field of physics.elevation.
"""

from functools import lru_cache

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.elevation import elevation_field
from physics.probe import Probe

SLOPE_STEP = 0.01
N_SLOPE = 81
"""Slopes across the plane that are tabulated: 0 to 0.8 (39 degrees)."""
_N_DEPTH = 48
_N_Y = 241


@lru_cache(maxsize=8)
def _field(probe: Probe) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Heights y (both sides), depths and one-way field [n_y, n_depth] at the centre frequency."""
    y = np.linspace(-1.2 * probe.height_m, 1.2 * probe.height_m, _N_Y)
    depth = np.geomspace(0.5e-3, 1.2 * probe.max_depth_m, _N_DEPTH)
    field = elevation_field(
        np.array([probe.centre_hz]), np.abs(y), depth, height_m=probe.height_m,
        elevation_focus_m=probe.elevation_focus_m,
    )  # fmt: skip
    return y, depth, field[0]


def plane_weights(probe: Probe, plane_y_m: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
    """Share of each plane in incoherent echoes, as amplitudes: float32 [n_plane, n_depth].

    plane_y_m : heights of the planes, rising; each stands for all that is nearer to it than to
    any other. Their squares sum to 1. depth_m : evenly spaced from 0.
    """
    return _plane_weights(probe, tuple(plane_y_m.tolist()), depth_m.size, float(depth_m[-1]))


@lru_cache(maxsize=4)
def _plane_weights(
    probe: Probe, plane_y_m: tuple[float, ...], n: int, deepest_m: float
) -> np.ndarray:
    y, depth, field = _field(probe)
    plane = np.array(plane_y_m)
    edges = np.concatenate([[-np.inf], 0.5 * (plane[1:] + plane[:-1]), [np.inf]])
    # fine steps, so that an edge between two heights shares them fairly
    fine = np.linspace(y[0], y[-1], 20 * y.size)
    owner = np.searchsorted(edges, fine) - 1
    out = np.empty((plane.size, n), np.float32)
    shares = np.empty((plane.size, depth.size))
    for d in range(depth.size):
        density = np.interp(fine, y, np.abs(field[:, d]) ** 4)
        shares[:, d] = np.bincount(owner, density, plane.size) / density.sum()
    for p in range(plane.size):
        out[p] = np.sqrt(np.interp(np.linspace(0.0, deepest_m, n), depth, shares[p]))
    return out


def lean_gain(probe: Probe, spread_rad: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
    """What a coherent thing leaning across the plane keeps: float32 [n_spread, N_SLOPE, n_depth].

    spread_rad : rms spread of its directions, for each kind of thing. Slopes n * SLOPE_STEP.
    Divided by its value at slope 0: levels of upright things are what the tissue table says.
    depth_m : evenly spaced from 0.
    """
    spread, kind = np.unique(spread_rad, return_inverse=True)
    return _lean_gain(probe, tuple(spread.tolist()), depth_m.size, float(depth_m[-1]))[kind]


@lru_cache(maxsize=4)
def _lean_gain(probe: Probe, spread_rad: tuple[float, ...], n: int, deepest_m: float) -> np.ndarray:
    y, depth, field = _field(probe)
    depth_m = np.linspace(0.0, deepest_m, n)
    k = 2 * np.pi * probe.centre_hz / MACHINE_SPEED_M_S
    wide = np.arange(-2 * N_SLOPE, 2 * N_SLOPE + 1) * SLOPE_STEP
    phase = np.exp(-2j * k * wide[:, None] * y[None, :])
    gain = np.abs(phase @ field**2) ** 2  # [slope, depth]
    out = np.empty((len(spread_rad), N_SLOPE, n), np.float32)
    middle = 2 * N_SLOPE
    for i, spread in enumerate(spread_rad):
        weight = np.exp(-0.5 * (wide / max(spread, 1e-4)) ** 2)
        weight /= weight.sum()
        smeared = np.stack([np.convolve(gain[:, d], weight, "same") for d in range(depth.size)])
        kept = smeared[:, middle : middle + N_SLOPE] / smeared[:, middle : middle + 1]
        for s in range(N_SLOPE):
            out[i, s] = np.sqrt(np.interp(depth_m, depth, kept[:, s]))
    return out
