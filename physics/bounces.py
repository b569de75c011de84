"""Sound that bounces between surfaces before it comes back: reverberation and comet tails.

Every path that ends at the face goes down to a surface, may go up to a shallower one (or to
the face of the probe itself) and down again, and so on. The scanner believes in one echo at
half of the way travelled, so each path is written at the *path length*:

    zeta = a - b + c - d + e ...,     a, c, e: surfaces met going down, b, d: going up
    amplitude = R_a A_a (-R_b / B_b) R_c A_c (-R_d / B_d) ...

with R the reflection met going down (going up it has the other sign), A the two-way
amplitude left at a surface and B = A (1 - R^2) what is left just below it (deeper down no A is
taken as more: loss is a mean over the aperture, which sees past the edges of small things). With b
the face, a ladder of echoes at multiples of a depth; between two surfaces d apart, rungs d c0 / c
apart that fall by R_b R_c each; in steel, the comet tail (Kremkau and Taylor, J Ultrasound Med
1986;5:227; layered media: Brekhovskikh, Waves in Layered Media, 2nd ed., chapter 3). Slopes add and
subtract like the depths, so a ghost of a sloping surface slopes twice as much and fades as such a
surface would.

A rough surface mirrors less: R exp(-2 (k s)^2) for an rms height s, at the probe's centre
frequency (Rayleigh roughness; Beckmann and Spizzichino, The Scattering of Electromagnetic Waves
from Rough Surfaces, 1963, chapter 5).

A column is taken as layered: sound bounces up and down in it. Sound that a sloping surface
throws aside is physics.paths' business (`mirrored`).
"""

import numpy as np

from physics.echo_grid import IMPULSE, write_piece
from physics.kernel import kernel
from physics.parallel import run_split

N_SURFACE = 24
"""Surfaces of one column that take part."""
FAINTEST = 0.02
"""Reflection coefficient below which a surface does not take part."""
_WEAKEST = 1.8e-4
"""Amplitude of the faintest path followed (-75 dB re a mirror: well below speckle)."""
_STRONG = 0.5
"""Reflection coefficient that no two soft tissues have between them."""
_DEEPEST = 64
"""Bounces on the way up that are followed."""
_MOST = 600
"""Paths written in one column."""


class Surfaces:
    """Surfaces met by every column, from the face down.

    count : int32 [n_column]. place : float32 [n_column, N_SURFACE, 5]: apparent range (m),
    reflection coefficient, two-way amplitude left there, slope (apparent range gained within
    the column's width, m), and what is kept of an echo that leans across the plane as it does.
    """

    def __init__(self, n_column: int) -> None:
        self.count = np.zeros(n_column, np.int32)
        self.place = np.zeros((n_column, N_SURFACE, 5), np.float32)
        self.place[:, :, 4] = 1.0


def write_bounces(
    surfaces: Surfaces,
    *,
    face_reflection: float,
    range_step_m: float,
    sheet_gain: np.ndarray,
    gain_step_m: float,
    out: np.ndarray,
    ahead_m: np.ndarray | None = None,
) -> None:
    """Add every path with more than one bounce to `out` (float32 [n_column, n_range]).

    face_reflection : amplitude that the face sends down again.
    sheet_gain : float32 [n], echo of a perfect sheet by apparent range, `gain_step_m` apart.
    ahead_m : float64 [n_column], range that a wavefront gains within the column's width (None: 0).
    """
    if ahead_m is None:
        ahead_m = np.zeros(out.shape[0])
    run_split(
        _bounce, out.shape[0], _down_to_gas(surfaces), surfaces.place, face_reflection,
        1.0 / range_step_m, sheet_gain, 1.0 / gain_step_m, ahead_m, IMPULSE, out,
    )  # fmt: skip


def _down_to_gas(surfaces: Surfaces) -> np.ndarray:
    """Number of surfaces of every column as far as gas, which swallows what little enters it (its
    loss grows as f^2, the even loss of bounced sound does not): int32 [n_column].

    Gas is entered where the first strong surface is a soft one; a rough one mirrors less than
    it reflects, so its R alone does not tell.
    """
    strong = np.abs(surfaces.place[:, :, 1]) > _STRONG
    strong &= np.arange(N_SURFACE) < surfaces.count[:, None]
    first = strong.argmax(axis=1)
    soft = strong.any(axis=1) & (surfaces.place[np.arange(first.size), first, 1] < 0)
    return np.where(soft, first + 1, surfaces.count).astype(np.int32)


@kernel
def _bounce(first, last, count, place, face, per_step, sheet_gain, per_gain, ahead_m, impulse, out):
    """Paths of columns first..last."""
    found = np.empty((_MOST, 3), np.float64)
    deepest = (out.shape[1] - 1) / per_step
    for c in range(first, last):
        surface = place[c, : count[c]]
        # rather fewer paths than some paths, whichever come first: the faintest are left out
        weakest = _WEAKEST
        n_path = _paths(surface, face, weakest, deepest, found)
        while n_path > _MOST:
            weakest *= 2.0
            n_path = _paths(surface, face, weakest, deepest, found)
        for n in range(n_path):
            zeta, echo, leans = found[n, 0], found[n, 1], found[n, 2]
            at = min(int(zeta * per_gain), sheet_gain.size - 1)
            length = min(abs(leans + ahead_m[c]), 5e-4)
            write_piece(out[c], zeta * per_step, length * per_step, echo * sheet_gain[at], impulse)


@kernel
def _paths(surface, face, weakest, deepest, found):
    """Range, amplitude and slope (float64 [n, 3]) of all paths of one column above an amplitude,
    depth first. Returns their number; `_MOST` + 1 if there are more.

    Level `n` of the path has come down to surface `low[n]` with `reach[n]` of range and
    `left[n]` of amplitude behind it; `up[n]` (-1: the face) and `down[n]` are the next
    bounces to try.
    """
    low = np.empty(_DEEPEST + 1, np.int64)
    up = np.empty(_DEEPEST + 1, np.int64)
    down = np.empty(_DEEPEST + 1, np.int64)
    reach = np.empty(_DEEPEST + 1, np.float64)
    left = np.empty(_DEEPEST + 1, np.float64)
    slope = np.empty(_DEEPEST + 1, np.float64)
    n_surface = len(surface)
    strongest = 0.0
    for m in range(n_surface):
        strongest = max(strongest, abs(surface[m, 1]) * surface[m, 2])
    n_path = 0
    for start in range(n_surface):
        level = 0
        low[0], up[0], down[0] = start, -2, n_surface
        reach[0], slope[0] = surface[start, 0], surface[start, 3]
        left[0] = surface[start, 1] * surface[start, 2]
        while level >= 0:
            if down[level] >= n_surface:  # the next surface (or the face) to bounce off
                up[level] += 1
                down[level] = up[level] + 1
                if up[level] >= low[level]:
                    level -= 1
                    continue
            b = up[level]
            if b < 0:
                below = 1.0
                turned, back, tilt = left[level] * face, 0.0, 0.0
            else:
                below = surface[b, 2] * (1.0 - surface[b, 1] * surface[b, 1])
                turned = -left[level] * surface[b, 1] / max(below, 1e-12)
                back, tilt = surface[b, 0], surface[b, 3]
            if abs(turned) * strongest < weakest:
                down[level] = n_surface
                continue
            d = down[level]
            down[level] += 1
            # what the fan hears past the edge of a small thing does not come from below its surface
            echo = turned * surface[d, 1] * min(surface[d, 2], below)
            zeta = reach[level] - back + surface[d, 0]
            if abs(echo) < weakest or zeta > deepest:
                continue
            if n_path == _MOST:
                return _MOST + 1
            leans = slope[level] - tilt + surface[d, 3]
            found[n_path, 0], found[n_path, 1] = zeta, echo * surface[d, 4]
            found[n_path, 2] = leans
            n_path += 1
            if level < _DEEPEST:
                level += 1
                low[level], up[level], down[level] = d, -2, n_surface
                reach[level], left[level], slope[level] = zeta, echo, leans
    return n_path
