"""The grain of tissue: random fields in material coordinates, as tiles that repeat.

An echo's strength is a property of the place in the tissue, so it is looked up by the
place's coordinates along and across the fibres: it slides with the tissue and comes back
when the probe does. Two fields are kept, both Gaussian, so that speckle is:

diffuse  white over all directions that a beam can resolve: scatterers far smaller than it.
fibrous  white across the fibres; along them each fibre keeps its strength over its length
         (nodes one fibre length apart, joined by lines). Nothing else makes anisotropy.

Both are band-limited to what the grid of echoes can carry (physics.echo_grid), or the part
beyond would be folded back and not move with the tissue.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft

from physics.parallel import N_THREAD

ACROSS_M = 8e-6
"""Distance of neighbouring values across the fibres."""
N_ACROSS = 2048
ALONG_M = 33e-6
"""Distance of neighbouring values along the fibres, diffuse."""
N_ALONG = 512
QUANTUM = 0.02
"""Tiles are kept as small whole numbers of this, so that they stay in the processor's cache:
38 dB below the texture itself, and three times as fast."""
LAYER_M = 0.15e-3
"""Thickness, beside the fibres, of layers that share one grain: half of what beams resolve. A
plane that cuts them aslant meets each in turn, and grain that is white has no seams."""
PER_FIBRE = 8
"""Values along one fibre length, fibrous."""
_ALONG_LIMIT_PER_M = 7.0e3
"""Diffuse texture holds no finer detail along the fibres than this, 1/m: more than a beam
resolves, and no more than columns 0.07 mm apart can carry."""

_BEAM_PER_M = 1.0e3
"""Detail along the face that a deep beam resolves (F/1.5 to F/2 at 3 MHz)."""


@dataclass(frozen=True)
class Tiles:
    """Two tiles of texture. The last row and column repeat the first, for interpolation.

    diffuse : int8 [N_ALONG + 1, N_ACROSS + 1]; fibrous : int8 [N_ALONG + 1, N_ACROSS + 1];
    times QUANTUM. Spectral density at the frequencies they hold: that of white noise of
    variance 1 (diffuse, and fibrous across).
    """

    diffuse: np.ndarray
    fibrous: np.ndarray


@lru_cache(maxsize=3)
def texture_tiles(seed: int, limit_per_m: float) -> Tiles:
    """The tiles of one draw of tissue, holding detail across the fibres up to `limit_per_m`.

    For one seed the detail below the limit is the same whatever the limit.
    """
    along = fft.rfftfreq(N_ALONG, ALONG_M)
    diffuse = _field((seed, 1), N_ALONG, _even_out(along, ALONG_M, _ALONG_LIMIT_PER_M), limit_per_m)
    # joining nodes by lines one fibre length apart leaves sinc^2 of the spectrum
    per_length = fft.rfftfreq(N_ALONG, 1 / PER_FIBRE)
    joined = np.sqrt(PER_FIBRE) * np.sinc(per_length) ** 2
    return Tiles(diffuse, _field((seed, 2), N_ALONG, joined, limit_per_m))


def folded_power(spacing_m: np.ndarray) -> np.ndarray:
    """Power of diffuse texture that a beam sees in samples so far apart along the fibres, over that
    of dense ones: detail too fine for them is folded into what beams resolve. float64 [n].
    """
    seen = np.linspace(-_BEAM_PER_M, _BEAM_PER_M, 9)[:, None, None]
    fold = np.arange(-8, 9)[:, None]
    frequency = np.abs(seen + fold / np.asarray(spacing_m, float))
    return _fade(frequency, _ALONG_LIMIT_PER_M).sum(axis=1).mean(axis=0)


def _fade(frequency: np.ndarray, limit: float) -> np.ndarray:
    """1 up to 0.85 of the limit, then falling to 0 at it."""
    fade = np.clip((limit - np.abs(frequency)) / (0.15 * limit), 0, 1)
    return np.sin(0.5 * np.pi * fade) ** 2


def _even_out(frequency: np.ndarray, step: float, limit: float) -> np.ndarray:
    """Flat up to 0.85 of the limit after values `step` apart have been joined by lines."""
    return _fade(frequency, limit) / np.sinc(frequency * step) ** 2


def _field(seed: tuple[int, int], n_along: int, along: np.ndarray, limit: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    white = rng.standard_normal((N_ACROSS, n_along), np.float32)
    across = _even_out(fft.fftfreq(N_ACROSS, ACROSS_M), ACROSS_M, limit)
    spectrum = fft.rfft2(white, workers=N_THREAD)
    spectrum *= (across[:, None] * along[None, :]).astype(np.float32)
    field = fft.irfft2(spectrum, s=white.shape, workers=N_THREAD).T
    whole = np.clip(np.rint(field / QUANTUM), -127, 127).astype(np.int8)
    return np.ascontiguousarray(np.pad(whole, ((0, 1), (0, 1)), mode="wrap"))
