"""The beam across the image plane: a fixed lens, focused once and for all.

One-way field of an aperture of height h with a lens of focal length z_y, at height y
and range r, relative to a point source of the same strength:

    E(y, r) = (1/h) int exp(-jk [sqrt(r^2 + (y - y')^2) - r] + jk [sqrt(z_y^2 + y'^2) - z_y]) dy'

Source: Rayleigh integral in one dimension, rigid thin lens (Kinsler et al., 4th ed., 7.4).
A medium that does not change across the plane is seen through two weights:
incoherent scatterers add their powers, W_inc^2 = int |E|^4 dy, and a sheet across the
plane adds its amplitudes, W_coh = |int E^2 dy|. In harmonic mode E(f / 2)^2 goes out
(physics.harmonic) and E(f) comes back, so that takes the place of E^2.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.probe import Probe


def elevation_field(
    frequency_hz: np.ndarray,
    y_m: np.ndarray,
    range_m: np.ndarray,
    *,
    height_m: float,
    elevation_focus_m: float,
    speed_m_s: float = MACHINE_SPEED_M_S,
    n_piece: int = 128,
) -> np.ndarray:
    """One-way elevation field, complex128 [n_frequency, n_y, n_range], for every combination."""
    k = 2 * np.pi * np.asarray(frequency_hz, float) / speed_m_s
    piece = (np.arange(n_piece) + 0.5) / n_piece * height_m - height_m / 2
    y, r = np.asarray(y_m, float), np.asarray(range_m, float)
    lens = np.sqrt(elevation_focus_m**2 + piece**2) - elevation_focus_m
    path = np.sqrt(r[None, :, None] ** 2 + (y[:, None, None] - piece) ** 2) - r[None, :, None]
    excess = lens - path
    field = np.empty((k.size, y.size, r.size), complex)
    steps = np.diff(k)
    even = k.size > 2 and np.allclose(steps, steps[0], rtol=1e-9)
    wave = step = np.exp(1j * k[0] * excess)
    for i, wavenumber in enumerate(k):
        if i > 0 and even:  # one exponential for the first frequency and one for the step
            step = np.exp(1j * steps[0] * excess) if i == 1 else step
            wave = wave * step
        elif i > 0:
            wave = np.exp(1j * wavenumber * excess)
        field[i] = wave.mean(axis=2)
    return field


@dataclass(frozen=True)
class ElevationWeights:
    """Two-way weights of a medium uniform across the plane, tabulated for one probe.

    incoherent, coherent : float64 [n_frequency, n_range]; units m^0.5 and m.
    """

    frequency_hz: np.ndarray
    range_m: np.ndarray
    incoherent: np.ndarray
    coherent: np.ndarray

    def at(self, table: np.ndarray, frequency_hz: np.ndarray, range_m: np.ndarray) -> np.ndarray:
        """`table` (one of the two above) at other frequencies and ranges, bilinear."""
        f = np.interp(frequency_hz, self.frequency_hz, np.arange(self.frequency_hz.size))
        i = np.minimum(f.astype(int), self.frequency_hz.size - 2)
        rows = np.stack([np.interp(range_m, self.range_m, row) for row in table])
        w = (f - i)[:, None]
        return (1 - w) * rows[i] + w * rows[i + 1]


@lru_cache(maxsize=8)
def elevation_weights(probe: Probe, harmonic: bool = False) -> ElevationWeights:
    """Weights of `probe` over its band and depth range; made once, then remembered."""
    frequency = np.linspace(0.4 * probe.low_hz, 1.6 * probe.high_hz, 9)
    range_m = np.geomspace(0.5e-3, 1.1 * probe.max_depth_m, 40)
    # the incoherent integral needs the beam's skirts where it is wide, and its core at the focus
    y = np.linspace(0.0, 1.2 * probe.height_m, 161)
    dy = y[1] - y[0]
    weight = np.full(y.size, 2.0 * dy)
    weight[0] = dy

    def field(hz: np.ndarray) -> np.ndarray:
        height_m, focus_m = probe.height_m, probe.elevation_focus_m
        return elevation_field(
            hz, y, range_m, height_m=height_m, elevation_focus_m=focus_m, n_piece=96
        )

    two_way = field(frequency) * field(frequency / 2) ** 2 if harmonic else field(frequency) ** 2
    incoherent = np.sqrt(np.einsum("fyr,y->fr", np.abs(two_way) ** 2, weight))
    coherent = np.abs(np.einsum("fyr,y->fr", two_way, weight))
    return ElevationWeights(frequency, range_m, incoherent, coherent)
