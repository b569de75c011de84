"""The beam across the image plane: a fixed lens, focused once and for all.

One-way field of an aperture of height h with a lens of focal length z_y, at height y and at
distance r in the image plane, relative to a point source of the same strength:

    E(y, r) = (1/h) int exp(-jk [(y - y')^2 / (2 r) - y'^2 / (2 z_y)]) dy'

(Fresnel approximation). The aperture is written as a sum of four Gaussians A exp(-B (y'/h)^2),
and each integral is then known in closed form:

    E(y, r) = (1/h) sum_n A_n sqrt(pi / Q_n) exp(-(k y / r)^2 / (4 Q_n)) exp(-jk y^2 / (2 r))
    Q_n     = B_n / h^2 + (jk / 2) (1/r - 1/z_y)

Source: Wen and Breazeale, J Acoust Soc Am 1988;83:1752 (the expansion); Garcia, Comput Methods
Programs Biomed 2022;218:106726, eq. 17 and 18 (this use of it, and the four terms).
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

_A = np.array([0.187 + 0.275j, 0.288 - 1.954j, 0.187 - 0.275j, 0.288 + 1.954j])
_B = np.array([4.558 - 25.59j, 8.598 - 7.924j, 4.558 + 25.59j, 8.598 + 7.924j])
"""The four Gaussians (`MGBMcoeff(4)` of MUST), for an aperture from -1/2 to 1/2."""
_WHOLE = float(sum(a * np.sqrt(np.pi / b) for a, b in zip(_A, _B, strict=True)).real)
"""What the four make of the whole aperture; 0.992."""


def elevation_field(
    frequency_hz: np.ndarray,
    y_m: np.ndarray,
    range_m: np.ndarray,
    *,
    height_m: float,
    elevation_focus_m: float,
    speed_m_s: float = MACHINE_SPEED_M_S,
    curved: bool = True,
) -> np.ndarray:
    """One-way elevation field, complex128 [n_frequency, n_y, n_range], for every combination.

    `curved`: with the longer way to places beside the plane, exp(-jk y^2 / (2 r)). Without it
    for those who take that way into account themselves.
    """
    # k >= 0 with exp(-jkr): the conjugate of the source, which the pairs of terms allow
    k = 2 * np.pi * np.asarray(frequency_hz, float)[:, None, None] / speed_m_s
    y, r = np.asarray(y_m, float)[None, :, None], np.asarray(range_m, float)
    defocus = 0.5j * k * (1 / r - 1 / elevation_focus_m)
    slope = (k * y / r) ** 2 / 4
    field = np.zeros((k.size, y.size, r.size), complex)
    for a, b in zip(_A, _B, strict=True):
        width = b / height_m**2 + defocus
        field += a / height_m * np.sqrt(np.pi / width) * np.exp(-slope / width)
    field /= _WHOLE  # at the focus of the lens the whole aperture adds up: E = 1
    return field * np.exp(-0.5j * k * y**2 / r) if curved else field


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
        return elevation_field(hz, y, range_m, height_m=height_m, elevation_focus_m=focus_m)

    two_way = field(frequency) * field(frequency / 2) ** 2 if harmonic else field(frequency) ** 2
    incoherent = np.sqrt(np.einsum("fyr,y->fr", np.abs(two_way) ** 2, weight))
    coherent = np.abs(np.einsum("fyr,y->fr", two_way, weight))
    return ElevationWeights(frequency, range_m, incoherent, coherent)
