"""Computes the full-wave references of physics/validation/references with j-Wave (2-D, lossless).

    python tools/make_full_wave_references.py             makes all files
    python tools/make_full_wave_references.py mirror      those whose name begins so
    python tools/make_full_wave_references.py --finer     halves the grid, writes nothing, and
                                                          prints how far the files would change
                                                          (of many lines only a few)

j-Wave solves the linear first-order equations of a fluid with its own speed and density at every
point, by the k-space pseudospectral method (that of k-Wave): whatever waves do there, refraction,
diffraction and all reflections, is in. It needs the packages of the dependency group `fullwave`,
which neither the program nor the tests install. README.md in physics/validation/references says
what the files hold. On two idle cores all of them take about 10 minutes.
"""

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from scipy.interpolate import CubicSpline

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from physics.validation.full_wave import FOLDER, aperture_weights, focal_delay_s, receive_line  # noqa: E402

SPEED_M_S = 1540.0
DENSITY_KG_M3 = 1000.0
BANDWIDTH = 0.5
"""Two-way, at half amplitude, of the centre frequency: that of the engine's pulse."""
PULSE_AT_S = 1.2e-6
"""Time from the start of a run to the middle of the pulse."""
N_PML = 20
CFL = 0.3
SAMPLING_HZ = 25e6
"""Of the stored signals."""

Result = dict[str, np.ndarray]
Place = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A number for every place (x, z)."""


@dataclass(frozen=True)
class Grid:
    """A square grid: point (i, j) is x = (i - i0) step, z = (j - j0) step; the face is z = 0."""

    step_m: float
    i0: int
    j0: int
    n_x: int
    n_z: int

    @classmethod
    def over(cls, left_m: float, right_m: float, depth_m: float, step_m: float) -> "Grid":
        """Grid that holds the given part of the plane and the absorbing layers around it."""
        margin = N_PML + 4
        i0 = margin + math.ceil(-left_m / step_m)
        n_x = fast_size(i0 + math.ceil(right_m / step_m) + 1 + margin)
        return cls(step_m, i0, margin, n_x, fast_size(2 * margin + math.ceil(depth_m / step_m) + 1))

    @property
    def x_m(self) -> np.ndarray:
        return (np.arange(self.n_x) - self.i0) * self.step_m

    @property
    def z_m(self) -> np.ndarray:
        return (np.arange(self.n_z) - self.j0) * self.step_m

    def index(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Nearest grid points of places."""
        x, z = np.broadcast_arrays(x_m, z_m)
        i = np.rint(x / self.step_m).astype(np.int32) + self.i0
        j = np.rint(z / self.step_m).astype(np.int32) + self.j0
        return i.ravel(), j.ravel()


def fast_size(n: int) -> int:
    """Next even size whose only prime factors are 2, 3 and 5: four times faster than others."""
    n += n % 2
    while True:
        rest = n
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return n
        n += 2


@dataclass(frozen=True)
class Fluid:
    """A fluid on a grid, all float64 [n_x, n_z].

    density_kg_m3, softness_per_pa (compressibility 1 / (density speed^2)) : at the points.
    right_kg_m3, below_kg_m3 : density half a step to the right of and below the points, where
        the velocities are.
    """

    grid: Grid
    density_kg_m3: np.ndarray
    softness_per_pa: np.ndarray
    right_kg_m3: np.ndarray
    below_kg_m3: np.ndarray

    @classmethod
    def plain(cls, grid: Grid) -> "Fluid":
        density = np.full((grid.n_x, grid.n_z), DENSITY_KG_M3)
        return cls(grid, density, 1 / (density * SPEED_M_S**2), density, density)

    @property
    def speed_m_s(self) -> np.ndarray:
        return 1 / np.sqrt(self.density_kg_m3 * self.softness_per_pa)

    def with_body(
        self, distance: Place, *, speed_m_s: float = SPEED_M_S, density_kg_m3: float = DENSITY_KG_M3
    ) -> "Fluid":
        """Fill a body (signed distance < 0). Cells that its surface cuts get the mean density and
        the mean compressibility of their two parts, so that it lies where it should and not on
        a staircase."""

        def part(x: np.ndarray, z: np.ndarray) -> np.ndarray:
            return np.clip(0.5 - distance(x, z) / self.grid.step_m, 0.0, 1.0)

        softness = 1 / (density_kg_m3 * speed_m_s**2)
        return self.blended(part, density_kg_m3, softness)

    def blended(self, part: Place, density_kg_m3: float, softness_per_pa: float) -> "Fluid":
        """Mixture with another fluid, of which there is `part` (0..1) at each place."""
        x, z = self.grid.x_m[:, None], self.grid.z_m[None, :]
        half = self.grid.step_m / 2

        def mix(old: np.ndarray, new: float, x: np.ndarray, z: np.ndarray) -> np.ndarray:
            return old + part(x, z) * (new - old)

        return Fluid(
            self.grid,
            mix(self.density_kg_m3, density_kg_m3, x, z),
            mix(self.softness_per_pa, softness_per_pa, x, z),
            mix(self.right_kg_m3, density_kg_m3, x + half, z),
            mix(self.below_kg_m3, density_kg_m3, x, z + half),
        )


def pulse(time_s: np.ndarray, centre_hz: float, bandwidth: float) -> np.ndarray:
    """Gaussian pulse about PULSE_AT_S, peak 1; `bandwidth` at half amplitude, as a fraction."""
    t = time_s - PULSE_AT_S
    sigma_hz = bandwidth * centre_hz / (2 * math.sqrt(2 * math.log(2)))
    envelope = np.exp(-((2 * math.pi * sigma_hz * t) ** 2) / 2)
    return envelope * np.cos(2 * math.pi * centre_hz * t)


def propagate(
    fluid: Fluid,
    source: tuple[np.ndarray, np.ndarray],
    delay_s: np.ndarray,
    weight: np.ndarray,
    sensor: tuple[np.ndarray, np.ndarray],
    *,
    centre_hz: float,
    end_s: float,
    bandwidth: float = BANDWIDTH,
) -> tuple[np.ndarray, np.ndarray]:
    """Pressure at the sensors, float32 [n_sensor, n_step], and its times from the middle of the
    pulse. Sources add volume; a full row of them sends out a plane wave of amplitude 1."""
    dt = CFL * fluid.grid.step_m / float(fluid.speed_m_s.max())
    n_step = math.ceil((end_s + PULSE_AT_S) / dt)
    steps = np.arange(n_step) * dt
    signals = weight[None, :] * pulse(steps[:, None] - delay_s[None, :], centre_hz, bandwidth)
    run = _compiled(fluid.grid, dt, n_step)
    out = run(
        fluid.speed_m_s.astype(np.float32)[..., None],
        fluid.density_kg_m3.astype(np.float32)[..., None],
        np.stack([fluid.right_kg_m3, fluid.below_kg_m3], axis=-1).astype(np.float32),
        source,
        signals.astype(np.float32),
        sensor,
    )
    # a pressure lies half a step after the source that it was recorded with (measured)
    return np.asarray(out).T, steps + 0.5 * dt - PULSE_AT_S


@lru_cache(maxsize=2)
def _compiled(grid: Grid, dt: float, n_step: int) -> Callable[..., np.ndarray]:
    """j-Wave's solver for one grid and time axis."""
    import jax
    import jax.numpy as jnp
    import jwave.acoustics.time_varying as solver
    from jwave import FourierSeries
    from jwave.geometry import Domain, Medium, TimeAxis

    domain = Domain((grid.n_x, grid.n_z), (grid.step_m, grid.step_m))
    axis = TimeAxis(dt=dt, t_end=(n_step - 0.5) * dt)
    settings = solver.TimeWavePropagationSettings(checkpoint=False, smooth_initial=False)

    class Row:
        """Sources; j-Wave counts steps in floating point."""

        def __init__(self, where, signals):
            self.where, self.signals = where, signals

        def on_grid(self, step):
            field = jnp.zeros((grid.n_x, grid.n_z, 1))
            now = self.signals[step.astype(jnp.int32)]
            return field.at[self.where[0], self.where[1], 0].add(now)

    @jax.jit
    def run(speed, density, between, source, signals, sensor):
        medium = Medium(
            domain=domain,
            sound_speed=FourierSeries(speed, domain),
            density=FourierSeries(density, domain),
            pml_size=N_PML,
        )
        # j-Wave takes the mean of two points for the density between them. That blurs a surface
        # by one more cell, and halves its echo at six points to a wavelength
        with patch.object(solver, "_shift_rho", lambda *_: between):
            return solver.simulate_wave_propagation(
                medium,
                axis,
                settings=settings,
                sources=Row(source, signals),
                sensors=lambda p, u, rho: p.params[sensor[0], sensor[1], 0],
            )

    return run


def transmit(
    fluid: Fluid,
    sensor: tuple[np.ndarray, np.ndarray],
    *,
    line_m: float,
    width_m: float,
    focus_m: float | None,
    centre_hz: float,
    end_s: float,
    bandwidth: float = BANDWIDTH,
    taper_m: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """`propagate` from a piece of the face, focused or (focus None) flat with tapered ends."""
    grid = fluid.grid
    x = grid.x_m[N_PML : grid.n_x - N_PML]
    weight = aperture_weights(x, line_m, width_m)
    if taper_m > 0:
        inward = np.clip((width_m / 2 - np.abs(x - line_m)) / taper_m, 0, 1)
        weight = weight * np.sin(math.pi / 2 * inward) ** 2
    delay = np.zeros_like(x) if focus_m is None else focal_delay_s(x, line_m, focus_m, SPEED_M_S)
    return propagate(
        fluid,
        grid.index(x, np.zeros_like(x)),
        delay,
        weight,
        sensor,
        centre_hz=centre_hz,
        end_s=end_s,
        bandwidth=bandwidth,
    )


def resampled(signals: np.ndarray, times_s: np.ndarray, first_s: float, last_s: float) -> Result:
    """Signals at SAMPLING_HZ over a span of time, as they are stored."""
    at = np.arange(math.ceil(first_s * SAMPLING_HZ), last_s * SAMPLING_HZ) / SAMPLING_HZ
    return {"time_s": at, "signal": CubicSpline(times_s, signals, axis=1)(at)}


# --- (a) the edge shadow ---------------------------------------------------------------------

EDGE_HZ = 5e6
DISC_Z_M, DISC_RADIUS_M = 6e-3, 2.25e-3
DISCS = {
    # as fat to tendon (1460 to 1700): total reflection strip 0.141 a, without and with an echo
    "fast_matched": (SPEED_M_S * 1700 / 1460, DENSITY_KG_M3 * 1460 / 1700),
    "fast": (SPEED_M_S * 1700 / 1460, DENSITY_KG_M3),
    "slow": (1400.0, DENSITY_KG_M3 * SPEED_M_S / 1400.0),
}
EDGE_DEPTH_M = 12e-3
EDGE_F = 3.0


def edge_shadow(name: str, finer: int) -> Result:
    """Plane wave past a disc: rms of the pressure re the same without the disc. And the power
    of speckle at one depth, line by line, re the same without the disc: focused there on
    transmit and receive, both apertures even and of the same F-number."""
    speed, density = DISCS[name]

    def disc(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return np.hypot(x, z - DISC_Z_M) - DISC_RADIUS_M

    wide = Grid.over(-8e-3, 8e-3, 14e-3, 50e-6 / finer)
    x, z = np.arange(-50, 51) * 0.1e-3, np.arange(60, 141) * 0.1e-3
    points = wide.index(x[:, None], z[None, :])
    rms = []
    for fluid in (
        Fluid.plain(wide).with_body(disc, speed_m_s=speed, density_kg_m3=density),
        Fluid.plain(wide),
    ):
        p, _ = transmit(
            fluid, points, line_m=0.0, width_m=15.6e-3, focus_m=None, taper_m=3e-3,
            centre_hz=EDGE_HZ, end_s=11.5e-6,
        )  # fmt: skip
        rms.append(np.sqrt(np.sum(p.astype(np.float64) ** 2, axis=1)).reshape(x.size, z.size))
    out = {
        "x_m": x,
        "z_m": z,
        "plane_rms": rms[0] / rms[1],
        "plane_hz": np.array(EDGE_HZ),
    }
    out.update(_disc_lines(disc, speed, density, finer))
    return out


def _disc_lines(disc: Place, speed: float, density: float, finer: int) -> Result:
    """Sum over x and frequency of |P|^4 in one row: P^2 is the two-way response of a scatterer
    there, by reciprocity, with the pulse's root on the way out."""
    lines = np.arange(17) * 0.25e-3
    grid = Grid.over(-4e-3, 6.6e-3, EDGE_DEPTH_M + 0.5e-3, 50e-6 / finer)
    fluid = Fluid.plain(grid).with_body(disc, speed_m_s=speed, density_kg_m3=density)
    row = np.arange(-38, 65) * 0.1e-3

    def power(medium: Fluid, line_m: float) -> tuple[float, np.ndarray]:
        p, times = transmit(
            medium, grid.index(row, np.full_like(row, EDGE_DEPTH_M)), line_m=line_m,
            width_m=EDGE_DEPTH_M / EDGE_F, focus_m=EDGE_DEPTH_M, centre_hz=EDGE_HZ,
            end_s=10.5e-6, bandwidth=BANDWIDTH * math.sqrt(2),
        )  # fmt: skip
        dt = float(times[1] - times[0])
        spectrum = np.abs(np.fft.rfft(p, 2 * p.shape[1], axis=1)) * dt
        hz = np.fft.rfftfreq(2 * p.shape[1], dt)
        return float(np.sum(spectrum**4) * (hz[1] - hz[0])), np.sqrt(np.sum(p**2, axis=1) * dt)

    reference, alone = power(Fluid.plain(grid), 2.0e-3)
    skipped = (math.nan, np.full(row.size, math.nan))
    found = [skipped if finer > 1 and i % 8 else power(fluid, line) for i, line in enumerate(lines)]
    return {
        "line_x_m": lines,
        "line_depth_m": np.array(EDGE_DEPTH_M),
        "line_f_number": np.array(EDGE_F),
        "speckle_power": np.array([p for p, _ in found]) / reference,
        "row_x_m": row,
        "row_rms": np.stack([rms for _, rms in found]) / alone.max(),
    }


# --- (b) reverberation in a slab -------------------------------------------------------------

SLAB_HZ = 4e6
SLAB_TOP_M, SLAB_THICK_M, SLAB_DENSITY = 7e-3, 2e-3, 4.0
SLAB_FOCUS_M, SLAB_F = 9e-3, 2.0
SLAB_ELEMENT_X_M = (np.arange(49) - 24) * 0.2e-3


def reverberation(finer: int) -> Result:
    """A slab four times as dense as what is around it: what the face receives after a plane wave
    (its middle) and after a focused transmit (49 elements)."""
    grid = Grid.over(-8e-3, 8e-3, 10e-3, 50e-6 / finer)
    fluid = Fluid.plain(grid).with_body(
        lambda x, z: np.abs(z - SLAB_TOP_M - SLAB_THICK_M / 2) - SLAB_THICK_M / 2 + 0 * x,
        density_kg_m3=SLAB_DENSITY * DENSITY_KG_M3,
    )
    face = grid.index(SLAB_ELEMENT_X_M, np.zeros_like(SLAB_ELEMENT_X_M))
    last_s = 2 * 15.7e-3 / SPEED_M_S
    flat, times = transmit(
        fluid, face, line_m=0.0, width_m=15.6e-3, focus_m=None, taper_m=3e-3, centre_hz=SLAB_HZ,
        end_s=last_s + 0.2e-6,
    )  # fmt: skip
    focused, _ = transmit(
        fluid, face, line_m=0.0, width_m=SLAB_FOCUS_M / SLAB_F, focus_m=SLAB_FOCUS_M,
        centre_hz=SLAB_HZ, end_s=last_s + 0.2e-6,
    )  # fmt: skip
    stored = resampled(focused, times, 5e-6, last_s)
    middle = SLAB_ELEMENT_X_M.size // 2
    return {
        "time_s": stored["time_s"],
        "element_x_m": SLAB_ELEMENT_X_M,
        "focused": stored["signal"],
        "plane": resampled(flat[middle : middle + 1], times, 5e-6, last_s)["signal"][0],
        "frequency_hz": np.array(SLAB_HZ),
        "focus_m": np.array(SLAB_FOCUS_M),
        "f_number": np.array(SLAB_F),
        "slab_m": np.array([SLAB_TOP_M, SLAB_TOP_M + SLAB_THICK_M]),
        "reflection": np.array((SLAB_DENSITY - 1) / (SLAB_DENSITY + 1)),
        **_mirror_levels(finer),
    }


def _mirror_levels(finer: int) -> Result:
    """Peak of the same focused beam's echo from a perfect mirror, at the depths where the slab's
    echoes stand: the echo of a mirror at z is the wave that has gone 2 z."""
    depth = SLAB_TOP_M + SLAB_THICK_M * np.arange(5)
    grid = Grid.over(-8e-3, 8e-3, 2 * depth[-1] + 0.5e-3, 50e-6 / finer)
    where = grid.index(SLAB_ELEMENT_X_M[None, :], 2 * depth[:, None])
    p, times = transmit(
        Fluid.plain(grid), where, line_m=0.0, width_m=SLAB_FOCUS_M / SLAB_F, focus_m=SLAB_FOCUS_M,
        centre_hz=SLAB_HZ, end_s=2 * depth[-1] / SPEED_M_S + 1.5e-6,
    )  # fmt: skip
    p = p.reshape(depth.size, SLAB_ELEMENT_X_M.size, -1)
    peak = []
    for z, signals in zip(depth, p, strict=True):
        line = receive_line(
            signals, times, SLAB_ELEMENT_X_M, line_m=0.0, depth_m=z + np.arange(-30, 31) * 5e-6,
            f_number=SLAB_F, speed_m_s=SPEED_M_S,
        )  # fmt: skip
        peak.append(np.abs(line).max())
    return {"mirror_depth_m": depth, "mirror_peak": np.array(peak)}


# --- (c) mirror image ------------------------------------------------------------------------

MIRROR_HZ = 4e6
MIRROR_ELEMENT_X_M = (np.arange(64) - 31.5) * 0.2e-3
POINT_M = (1.05e-3, 7.0e-3)
PLATE_THROUGH_M, PLATE_DENSITY = (0.0, 9.25e-3), 4.0


def mirror_image(tilt_deg: int, finer: int) -> Result:
    """A point above a plate that goes down to the right: what 64 elements receive from it, with
    the plate; without it; and without it from where the point's mirror image would be."""
    tilt = math.radians(tilt_deg)

    def plate(x: np.ndarray, z: np.ndarray) -> np.ndarray:
        across = (z - PLATE_THROUGH_M[1]) * math.cos(tilt)
        return -(across - (x - PLATE_THROUGH_M[0]) * math.sin(tilt))

    height = float(plate(np.array(POINT_M[0]), np.array(POINT_M[1])))
    image = (
        POINT_M[0] - 2 * height * math.sin(tilt),
        POINT_M[1] + 2 * height * math.cos(tilt),
    )
    # a centre half way between two elements: the grid puts both on points
    grid = Grid.over(-7.5e-3, 7.5e-3, 13e-3, 0.1e-3 / 3 / finer)
    plain = Fluid.plain(grid)
    with_plate = plain.with_body(plate, density_kg_m3=PLATE_DENSITY * DENSITY_KG_M3)
    face = grid.index(MIRROR_ELEMENT_X_M, np.zeros_like(MIRROR_ELEMENT_X_M))
    signals = {}
    for name, fluid, point in (
        ("with_plate", with_plate, POINT_M),
        ("alone", plain, POINT_M),
        ("at_image", plain, image),
    ):
        i, j = grid.index(np.array(point[0]), np.array(point[1]))
        p, times = propagate(
            fluid, (i, j), np.zeros(1), np.ones(1) / grid.step_m * 1e-3, face,
            centre_hz=MIRROR_HZ, end_s=11.2e-6, bandwidth=BANDWIDTH * math.sqrt(2),
        )  # fmt: skip
        stored = resampled(p, times, 3.6e-6, 11e-6)
        signals[name] = stored["signal"]
    return {
        "time_s": stored["time_s"],
        "element_x_m": MIRROR_ELEMENT_X_M,
        **signals,
        "frequency_hz": np.array(MIRROR_HZ),
        "point_m": np.array(POINT_M),
        "image_m": np.array(image),
        "plate_through_m": np.array(PLATE_THROUGH_M),
        "plate_tilt_rad": np.array(tilt),
        "reflection": np.array((PLATE_DENSITY - 1) / (PLATE_DENSITY + 1)),
    }


# --- (d) tilted layers -----------------------------------------------------------------------

LAYER_HZ = 7.5e6
LAYER_TILT_DEG = (0, 3, 6, 10)
LAYER_SEEDS = (1, 2, 3, 4)
LAYER_SPACING_M, LAYER_WIDTH_M, LAYER_CONTRAST = 0.125e-3, 30e-6, 0.04
LAYER_FROM_TO_M = (9.3e-3, 13.7e-3)
LAYER_FOCUS_M, LAYER_F = 11.5e-3, 2.0
LAYER_ELEMENT_X_M = (np.arange(33) - 16) * 0.2e-3


def layers(finer: int) -> Result:
    """Middle line over layers of random spacing, by tilt and seed."""
    grid = Grid.over(-5e-3, 5e-3, 14.2e-3, 40e-6 / finer)
    face = grid.index(LAYER_ELEMENT_X_M, np.zeros_like(LAYER_ELEMENT_X_M))
    depth = np.arange(9e-3, 14e-3, 20e-6)
    shape = (len(LAYER_TILT_DEG), len(LAYER_SEEDS), depth.size)
    out = np.full(shape, complex(math.nan, math.nan), np.complex64)
    for a, degrees in enumerate(LAYER_TILT_DEG):
        tilt = math.radians(degrees)
        for s, seed in enumerate(LAYER_SEEDS):
            if finer > 1 and (seed > 1 or degrees not in (0, 10)):
                continue
            draw = np.random.default_rng(seed)
            place = np.cumsum(LAYER_SPACING_M * draw.uniform(0.5, 1.5, 120)) - 7.5e-3
            fine = np.arange(-9e-3, 9e-3, 2e-6)
            profile = np.exp(-(((fine[:, None] - place) / LAYER_WIDTH_M) ** 2) / 2).sum(axis=1)

            def layered(x, z, tilt=tilt, fine=fine, profile=profile):
                across = (z - LAYER_FOCUS_M) * math.cos(tilt) - x * math.sin(tilt)
                ramp = [(z - LAYER_FROM_TO_M[0]) / 0.4e-3, (LAYER_FROM_TO_M[1] - z) / 0.4e-3]
                inside = [np.sin(math.pi / 2 * np.clip(r + 0.5, 0, 1)) ** 2 for r in ramp]
                return inside[0] * inside[1] * np.interp(across, fine, profile)

            density = DENSITY_KG_M3 * (1 + LAYER_CONTRAST)
            fluid = Fluid.plain(grid).blended(layered, density, 1 / (density * SPEED_M_S**2))
            p, times = transmit(
                fluid, face, line_m=0.0, width_m=LAYER_FOCUS_M / LAYER_F, focus_m=LAYER_FOCUS_M,
                centre_hz=LAYER_HZ, end_s=2 * 14e-3 / SPEED_M_S + 1e-6,
            )  # fmt: skip
            late = times > 9e-6  # the transmit pulse itself has gone by
            out[a, s] = receive_line(
                p[:, late], times[late], LAYER_ELEMENT_X_M, line_m=0.0, depth_m=depth,
                f_number=LAYER_F, speed_m_s=SPEED_M_S,
            )  # fmt: skip
    return {
        "tilt_deg": np.array(LAYER_TILT_DEG),
        "depth_m": depth,
        "line_re": out.real,
        "line_im": out.imag,
        "frequency_hz": np.array(LAYER_HZ),
        "focus_m": np.array(LAYER_FOCUS_M),
        "f_number": np.array(LAYER_F),
    }


# ---------------------------------------------------------------------------------------------

SCENES: dict[str, Callable[[int], Result]] = {
    **{f"edge_shadow_{name}": partial(edge_shadow, name) for name in DISCS},
    "reverberation_slab": reverberation,
    "mirror_image_25deg": partial(mirror_image, 25),
    "tilted_layers": layers,
}


def changes(new: Result, old: Result) -> Iterator[str]:
    """How far the arrays of two results are apart: rms of the difference re the largest value.
    What was not computed again is nan in `new`."""
    for key, value in new.items():
        if value.ndim:
            again = ~np.isnan(value)
            apart = np.sqrt(np.mean((value - old[key])[again] ** 2)) / np.abs(old[key]).max()
            if apart > 1e-6:
                yield f"{key} {100 * apart:.2f} %"


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description="References of physics/validation/references.")
    parser.add_argument("scene", nargs="?", default="", help="a file's name, or its first letters")
    parser.add_argument("--finer", action="store_true", help="halve the grid and compare")
    arguments = parser.parse_args()
    exact = arguments.scene in SCENES
    for name, make in SCENES.items():
        if name != arguments.scene if exact else not name.startswith(arguments.scene):
            continue
        began = time.perf_counter()
        result = make(2 if arguments.finer else 1)
        path = FOLDER / f"{name}.npz"
        if arguments.finer:
            with np.load(path) as stored:
                print(name, "; ".join(changes(result, dict(stored))))
        else:
            arrays: dict[str, Any] = {k: v.astype(np.float32) for k, v in result.items()}
            np.savez_compressed(path, **arrays)
            print(f"{name}: {path.stat().st_size / 1024:.0f} kB", end=" ")
        print(f"({time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
