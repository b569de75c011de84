"""Made-up media, in which one effect stands alone, and how to look at them.

A `Medium` is a list of regions, each a signed distance in body coordinates (exact for the
shapes here), so that what the engine finds can be checked against what was put in.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from physics.frame import Frame
from physics.geometry import Pose
from physics.imaging_chain import BModeChain
from physics.medium import Slice, Tissues
from physics.probe import find_probe
from physics.settings import ScanSettings

Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Signed distance from body coordinates (X, Z), m; < 0 inside."""

_PLAIN = {
    "speed_m_s": 1540.0,
    "density_kg_m3": 1000.0,
    "attenuation_db_m": 0.0,
    "attenuation_power": 1.0,
    "diffuse_per_m_sr": 0.0,
    "fibrous_per_m_sr": 0.0,
    "backscatter_power": 0.0,
    "fibre_length_m": 1e-3,
    "fibre_wave_m": 0.0,
    "fibre_wave_length_m": 3e-3,
    "septum_spacing_m": 0.0,
    "septum_length_m": 4e-3,
    "septum_reflection": 0.0,
    "roughness_m": 0.0,
    "ringing_s": 0.0,
}

SPECKLE = {"diffuse_per_m_sr": 0.2}
"""About as bright as muscle at 7 MHz, 1/(m sr), at every frequency."""
SILENT: dict[str, float] = {}
"""Neither echoes nor loss: water as a machine imagines it."""
MIRROR = {"density_kg_m3": 1e12}
"""So hard that nothing gets in: R = 1 against everything else here."""


def make_tissues(*rows: dict[str, float]) -> Tissues:
    """Tissues from what differs from a lossless, echo-free medium of 1540 m/s."""
    columns = {
        key: np.array([{**_PLAIN, **row}[key] for row in rows], dtype=np.float64) for key in _PLAIN
    }
    return Tissues(names=tuple(f"tissue{i}" for i in range(len(rows))), **columns)


def everywhere(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Inside at every place."""
    return np.full(np.broadcast(x, z).shape, -1.0)


def below(depth_m: float, tilt_rad: float = 0.0, about_m: float = 0.0) -> Distance:
    """Half space under a plane through (about, depth) that goes down to the right by `tilt`."""
    c, s = math.cos(tilt_rad), math.sin(tilt_rad)
    return lambda x, z: -((z - depth_m) * c - (x - about_m) * s)


def right_of(x_m: float) -> Distance:
    """Half space to the right of a plane."""
    return lambda x, z: x_m - x + 0.0 * z


def disc(x_m: float, z_m: float, radius_m: float) -> Distance:
    """Circular cylinder across the plane."""
    return lambda x, z: np.hypot(x - x_m, z - z_m) - radius_m


def box(left_m: float, right_m: float, top_m: float, bottom_m: float) -> Distance:
    """Rectangle with sides along X and Z."""
    return tilted_box(
        0.5 * (left_m + right_m), 0.5 * (top_m + bottom_m), right_m - left_m, bottom_m - top_m, 0.0
    )


def tilted_box(
    x_m: float, z_m: float, width_m: float, height_m: float, tilt_rad: float
) -> Distance:
    """Rectangle about (x, z) whose long side goes down to the right by `tilt`."""
    c, s = math.cos(tilt_rad), math.sin(tilt_rad)

    def distance(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        along = (x - x_m) * c + (z - z_m) * s
        across = -(x - x_m) * s + (z - z_m) * c
        a, b = np.abs(along) - width_m / 2, np.abs(across) - height_m / 2
        return np.hypot(np.maximum(a, 0), np.maximum(b, 0)) + np.minimum(np.maximum(a, b), 0)

    return distance


@dataclass(frozen=True)
class Region:
    """One region: its tissue's index, its shape, and how its fibres run."""

    tissue: int
    distance: Distance = everywhere
    tilt_rad: float = 0.0
    """Angle by which the fibres go down to the right."""
    seed: int = 1
    backscatter: float = 1.0


@dataclass(frozen=True, eq=False)
class Medium:
    """A medium that the chain can cut slices from (`slice`); its identity is its key."""

    tissues: Tissues
    regions: Sequence[Region] = (Region(0),)
    wires: Sequence[tuple[float, float, float]] = field(default=())
    """X, Z (m) and strength of each wire."""

    def slice(
        self, pose: Pose, *, x0_m: float, dx_m: float, n_x: int, dz_m: float, n_z: int,
        face_m: float = 0.0,
    ) -> Slice:  # fmt: skip
        """`face_m`, the width of the probe's face, does not matter: nothing is pressed."""
        x = (x0_m + np.arange(n_x) * dx_m)[:, None]
        z = (np.arange(n_z) * dz_m)[None, :]
        body_x, body_z = pose.to_body(x + 0 * z, z + 0 * x)
        tilts = sorted({region.tilt_rad for region in self.regions})
        along = [body_x * math.cos(t) + body_z * math.sin(t) for t in tilts]
        across = [-body_x * math.sin(t) + body_z * math.cos(t) for t in tilts]
        wires = np.array(self.wires, dtype=np.float64).reshape(-1, 3)
        wire_x, wire_z = pose.to_probe(wires[:, 0], wires[:, 1])
        return Slice(
            x0_m=x0_m,
            dx_m=dx_m,
            dz_m=dz_m,
            distance_m=np.stack([r.distance(body_x, body_z) for r in self.regions]).astype(
                np.float32
            ),
            region_tissue=np.array([r.tissue for r in self.regions], np.int32),
            region_frame=np.array([tilts.index(r.tilt_rad) for r in self.regions], np.int32),
            along_m=np.stack(along).astype(np.float32),
            across_m=np.stack(across).astype(np.float32),
            region_seed=np.array([r.seed for r in self.regions], np.int32),
            region_backscatter=np.array([r.backscatter for r in self.regions], np.float32),
            tissues=self.tissues,
            point_x_m=wire_x,
            point_z_m=wire_z,
            point_strength=wires[:, 2].copy(),
        )


def uniform(**tissue: float) -> Medium:
    """One tissue everywhere."""
    return Medium(make_tissues(tissue))


def mirror(depth_m: float, tilt_rad: float = 0.0, *, wall: dict[str, float] = MIRROR) -> Medium:
    """A smooth plane at `depth` under the middle of the probe, in a silent medium."""
    return Medium(make_tissues(SILENT, wall), (Region(0), Region(1, below(depth_m, tilt_rad))))


CHAIN = BModeChain()
"""Shared by all measurements: the beams of a probe are computed once."""


def look(
    medium: Medium,
    *,
    probe: str = "L12-3",
    pose: Pose | None = None,
    seed: int = 1,
    noise_seed: int = 1,
    acquisition: int = 1,
    chain: BModeChain | None = None,
    **knobs: Any,
) -> Frame:
    """One frame of `medium`; knobs by display name, e.g. `focus_mm=20`.

    The probe's ring-down is off unless asked for: it would be the largest echo of many media.
    """
    return (chain or CHAIN).render(
        medium=medium,
        medium_key=medium,
        probe=find_probe(probe),
        pose=pose or Pose(),
        settings=ScanSettings().turned(**{"ring_down": "off", **knobs}),
        seed=seed,
        noise_seed=noise_seed,
        acquisition=acquisition,
    )


def level_db(signal: np.ndarray) -> float:
    """Mean power, dB."""
    return float(10 * np.log10(np.mean(np.abs(signal) ** 2)))


def part(frame: Frame, *, x_mm: tuple[float, float], z_mm: tuple[float, float]) -> np.ndarray:
    """The IQ of a rectangle of the frame: complex64 [line, sample]."""
    line = (frame.line_x_m >= x_mm[0] * 1e-3) & (frame.line_x_m <= x_mm[1] * 1e-3)
    sample = (frame.sample_z_m >= z_mm[0] * 1e-3) & (frame.sample_z_m <= z_mm[1] * 1e-3)
    return frame.iq[np.ix_(line, sample)]


def peak(signal: np.ndarray) -> float:
    """Largest amplitude of one line, between its samples too."""
    at = int(np.clip(np.abs(signal).argmax(), 4, signal.size - 5))
    near = CubicSpline(np.arange(9), signal[at - 4 : at + 5])
    return float(np.abs(near(np.linspace(2, 6, 201))).max())


def middle_peak(frame: Frame) -> float:
    """Largest amplitude on the middle line."""
    return peak(frame.iq[frame.iq.shape[0] // 2])


def full_width(position: np.ndarray, level: np.ndarray, threshold_db: float) -> float:
    """Full width of the main peak at `threshold_db` below it; cubic spline between samples.

    level : dB. nan if a side never falls that low.
    """
    fine = np.linspace(position[0], position[-1], 200 * position.size)
    value = CubicSpline(position, level)(fine)
    peak = int(value.argmax())
    low = value[peak] + threshold_db
    left, right = np.flatnonzero(value[:peak] <= low), np.flatnonzero(value[peak:] <= low)
    if not (left.size and right.size):
        return math.nan
    return float(fine[peak + right[0]] - fine[left[-1]])


def to_db(amplitude: np.ndarray) -> np.ndarray:
    """20 log10 of an amplitude."""
    return 20 * np.log10(np.maximum(np.abs(amplitude), 1e-30))
