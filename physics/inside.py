"""What the chain worked out on the way to a picture, for those who look inside: beams and rays.

Nothing here makes a picture. All of it is of the middle look, whose lines are the frame's.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.scan_lines import ScanLines

if TYPE_CHECKING:
    from physics.beams import Beams
    from physics.paths import Paths


@dataclass(frozen=True)
class Inside:
    """Rays and beams behind a frame, by reference: they belong to the chain's memory.

    paths : rays of the middle look.
    beams : its two-way beams, at ranges `range_m` (float64 [n_depth], s = c0 t / 2).
    pulse : complex or float [n_band, n]: weights of each sub-band's bins.
    carrier_hz : that `Frame.iq` was mixed down with.
    """

    paths: "Paths"
    beams: "Beams"
    pulse: np.ndarray
    range_m: np.ndarray
    carrier_hz: float


@dataclass(frozen=True)
class BeamShape:
    """The two-way beam of one line.

    u : float64 [n_tap], place beside the line (m, rad on a convex probe).
    level_db : float64 [n_tap, n_depth], re the strongest place at each depth.
    power : float64 [n_depth], of the echoes of even texture, without loss; any unit.
    range_m : float64 [n_depth], s = c0 t / 2.
    """

    u: np.ndarray
    level_db: np.ndarray
    power: np.ndarray
    range_m: np.ndarray

    def edges(self, level_db: float = HALF_AMPLITUDE_DB) -> np.ndarray:
        """float64 [2, n_depth]: where the main lobe falls to `level_db` on the left and on the
        right, as places u beside the line; nan where it does not within what a line hears."""
        peak = np.argmax(self.level_db, axis=0)
        return np.stack([self._edge(peak, level_db, -1), self._edge(peak, level_db, 1)])

    def _edge(self, peak: np.ndarray, level_db: float, side: int) -> np.ndarray:
        n = self.u.size
        level, u = self.level_db[::side], self.u[::side]
        first = peak if side == 1 else n - 1 - peak
        below = (level < level_db) & (np.arange(n)[:, None] > first)
        outer = np.argmax(below, axis=0)
        depth = np.arange(level.shape[1])
        inner = np.maximum(outer - 1, 0)
        high, low = level[inner, depth], level[outer, depth]
        part = (high - level_db) / np.maximum(high - low, 1e-9)
        edge = u[inner] + part * (u[outer] - u[inner])
        return np.where(below.any(axis=0), edge, np.nan)


def beam_of(inside: Inside, lines: ScanLines, line: int, every: int = 1) -> BeamShape:
    """The beam of line `line` at every so many of its depths.

    At each place the pulse-pressure-squared integral both ways, which by Parseval's theorem is
    the sum over the sub-bands of pulse power x beam power (beam widths by it: IEC 62127-1).
    """
    beams, layout = inside.beams, inside.beams.layout
    weight = np.sum(np.abs(inside.pulse.astype(np.complex128)) ** 2, axis=1)
    part = beams.real[layout.line_class[line], :, :, ::every].astype(np.float64)
    power = part**2
    part = beams.imag[layout.line_class[line], :, :, ::every].astype(np.float64)
    power += part**2
    both = np.tensordot(weight / weight.sum(), power, axes=1)
    if layout.line_mirrored[line]:
        both = both[::-1]
    columns = layout.columns
    u = columns.u0 + (layout.first_column[line] + np.arange(layout.n_tap)) * columns.step
    peak = np.maximum(both.max(axis=0), 1e-300)
    level_db = 10 * np.log10(np.maximum(both / peak, 1e-12))
    return BeamShape(u - lines.u[line], level_db, both.sum(axis=0), inside.range_m[::every])


def ray_lines(inside: Inside, z0_m: float, count: int) -> list[np.ndarray]:
    """About `count` rays from the face to where they end: float64 [n, 2] each, x and z, m.

    z0_m : depth of the upper edge of the frame's slice, that rays are counted from.
    """
    paths = inside.paths
    n_ray = paths.x_m.shape[0]
    picked = np.unique(np.linspace(0, n_ray - 1, min(count, n_ray)).round().astype(int))
    found = []
    for ray in picked:
        first = int(paths.begin[ray])
        ended = np.flatnonzero(paths.passed[ray, first:] == 0)
        last = first + int(ended[0]) + 1 if ended.size else paths.x_m.shape[1]
        x, z = paths.x_m[ray, first:last], paths.z_m[ray, first:last] + z0_m
        if x.size > 1:
            found.append(np.stack([x, z], axis=1).astype(float))
    return found


def width_m(shape: BeamShape, lines: ScanLines, level_db: float = HALF_AMPLITUDE_DB) -> np.ndarray:
    """float64 [n_depth]: full width across the line of the main lobe, m."""
    left, right = shape.edges(level_db)
    spread = lines.metre_per_u * (1 + lines.curvature_per_m * shape.range_m)
    lean = np.cos(lines.steer_rad) if np.isinf(lines.apex_m) else 1.0
    return (right - left) * spread * lean


def time_s(range_m: np.ndarray) -> np.ndarray:
    """Time of flight, there and back, to a range s = c0 t / 2."""
    return 2 * range_m / MACHINE_SPEED_M_S
