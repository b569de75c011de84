"""Where everything of one probe, depth and look lies: lines, columns, ranges, the slice's grid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import fft

from physics.beams import LineLayout, lay_out_lines
from physics.constants import MACHINE_SPEED_M_S
from physics.echo_grid import GUARD
from physics.face import WHOLE, Face
from physics.geometry import Pose
from physics.looks import Look, lines_of
from physics.medium import Slice
from physics.probe import Probe
from physics.pulse import pulse_edges
from physics.scan_lines import ScanLines
from physics.sector import Sector

_TAIL_M = 4e-3
"""Range kept below the picture, so that a pulse at its edge is whole."""
_REACH_M = 2.5e-3
"""How far beside it a line hears, at least; farther with large receive F-numbers."""
_COLUMN_M = 70e-6
"""Largest distance between columns of the echo grid."""
SLICE_M = 0.2e-3
"""Grid of the slice: boundaries and fibres are interpolated between its points."""
_CLIP_STEP = 3
"""Lines at the array's ends share a beam in groups of this many elements."""

_GROUP = 6
"""Diverging lines that share a beam: their angles differ by a degree at most."""


@dataclass(frozen=True)
class Ranges:
    """The samples along lines and columns, alike for all looks of a probe and depth."""

    n_range: int
    range_step_m: float


@dataclass(frozen=True)
class Grid:
    """Everything about places that follows from the probe, the depth and the way of looking.

    A look to the left may use the grid of its mirror image; `lines_for` gives its own lines.
    """

    layout: LineLayout
    lines: ScanLines
    n_range: int
    range_step_m: float
    node_m: np.ndarray
    """Depths at which beams are computed."""
    x0_m: float
    n_x: int
    ray_m: float
    """Rays leave the face at x0 + i * ray (m along it)."""
    n_z: int
    step_m: float
    """Points along each ray: j * step. Also the spacing of the slice."""

    @property
    def line_u(self) -> np.ndarray:
        return self.lines.u

    @property
    def column_u(self) -> np.ndarray:
        return self.layout.columns.u

    @property
    def column_m(self) -> np.ndarray:
        """Where each column leaves the face, m along it."""
        return self.layout.columns.u * self.lines.metre_per_u

    @property
    def ray_u(self) -> np.ndarray:
        """float64 [n_x]: lateral coordinate of every ray."""
        return (self.x0_m + np.arange(self.n_x) * self.ray_m) / self.lines.metre_per_u

    @property
    def ray_length_m(self) -> np.ndarray:
        """float64 [n_z]: length of a ray to each of its points."""
        return np.arange(self.n_z) * self.step_m

    @property
    def nearest_ray(self) -> np.ndarray:
        """int32 [n_column]: the ray that each column is nearest to."""
        place = np.rint((self.column_m - self.x0_m) / self.ray_m)
        return np.clip(place, 0, self.n_x - 1).astype(np.int32)

    def lines_for(self, look: Look) -> ScanLines:
        """The look's own lines."""
        return replace(self.lines, steer_rad=look.steer_rad)

    def mirrors(self, look: Look) -> bool:
        """Whether this is the grid of the look's mirror image."""
        return self.lines.steer_rad != look.steer_rad


def find_reach(probe: Probe, aim: Look, *, rx_f_number: float) -> float:
    """How far beside it a line hears, m along the face: to the foot of the widest main lobe,
    2 lambda F for a Hann aperture, in steps of half a millimetre; more for a steered beam."""
    widest = 2 * rx_f_number * MACHINE_SPEED_M_S / probe.low_hz
    return max(_REACH_M, math.ceil(widest / 0.5e-3) * 0.5e-3) / math.cos(aim.steer_rad)


def find_ranges(
    probe: Probe,
    *,
    depth_m: float,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
    pulse_rate: str = "normal",
) -> Ranges:
    """Samples that reach a little beyond the picture and hold the highest frequency heard. A
    machine that believes in slow sound listens longer for the same depth. Where pulses follow at
    once, echoes from twice the depth are heard too (physics.pulse_rate)."""
    heard_m = depth_m * (MACHINE_SPEED_M_S / machine_speed_m_s)
    heard_m *= 2 if pulse_rate == "high" else 1
    step = MACHINE_SPEED_M_S / (4 * GUARD * pulse_edges(probe.high_hz)[1])
    return Ranges(fft.next_fast_len(math.ceil((heard_m + _TAIL_M) / step), real=True), step)


def lay_out(
    probe: Probe,
    ranges: Ranges,
    reach_m: float,
    aim: Look,
    face: Face = WHOLE,
    sector: Sector | None = None,
) -> Grid:
    """Lines, columns, ranges and beam nodes of one probe, depth, reach and way of looking.

    Rays leave the whole face, however narrow the sector: sound of all elements passes there.
    """
    lines = lines_of(probe, aim, sector)
    layout = lay_out_lines(
        probe,
        lines.u,
        per_pitch=math.ceil(probe.pitch_m / _COLUMN_M),
        reach_u=reach_m / lines.metre_per_u,
        clip_step=_CLIP_STEP,
        mirrors=lines.steer_rad == 0,
        group=_GROUP if math.isfinite(lines.apex_m) else 0,
        silent=face.silent,
    )
    total = ranges.n_range * ranges.range_step_m
    left, right = _width_of_rays(probe, layout)
    n_x = math.ceil((right - left) / SLICE_M) + 2
    # a convex probe's slice is large, and its waves are long
    step = SLICE_M * (2 if lines.is_convex else 1)
    return Grid(
        layout=layout,
        lines=lines,
        n_range=ranges.n_range,
        range_step_m=ranges.range_step_m,
        node_m=_depth_nodes(total),
        x0_m=0.5 * (left + right) - 0.5 * (n_x - 1) * SLICE_M,
        n_x=n_x,
        ray_m=SLICE_M,
        # slow tissue (fat) needs less depth than range, fast tissue more
        n_z=math.ceil(1.12 * total / step) + 2,
        step_m=step,
    )


def _width_of_rays(probe: Probe, layout: LineLayout) -> tuple[float, float]:
    """Left and right end, m along the face: of what lines of the whole face would hear."""
    columns, n_side = layout.columns, layout.n_tap // 2
    first = float(probe.element_u[0]) - n_side * columns.step
    last = first + ((probe.n_element - 1) * columns.per_pitch + 2 * n_side) * columns.step
    u = columns.u
    left, right = min(first, float(u[0])), max(last, float(u[-1]))
    return left * probe.metre_per_u, right * probe.metre_per_u


def _depth_nodes(deepest_m: float) -> np.ndarray:
    """Depths at which beams are computed: dense near the face, where they change fast."""
    z = [0.4e-3]
    while z[-1] < deepest_m:
        z.append(z[-1] + float(np.clip(0.06 * z[-1], 0.15e-3, 1.0e-3)))
    return np.array(z)


def cut_slice(
    medium: Any, pose: Pose, probe: Probe, grids: Sequence[Grid], looks: Sequence[Look]
) -> Slice:
    """The medium under the probe, as far as any of the looks goes.

    The outermost elements of a convex face touch the skin where a flat face would, and its middle
    is pressed in; tissue is cut away by it, not displaced.
    """
    grid = grids[0]
    x0, n_x, n_z, dx = grid.x0_m, grid.n_x, grid.n_z, grid.step_m
    lines = [g.lines_for(look) for g, look in zip(grids, looks, strict=True)]
    sagitta = probe.sagitta_m
    if not all(line.is_plain for line in lines):
        ends = [
            line.place(g.ray_u[[0, -1]], g.ray_length_m[[0, -1]][:, None])[0]
            for g, line in zip(grids, lines, strict=True)
        ]
        first = math.floor((min(float(x.min()) for x in ends) - x0) / dx)
        last = math.ceil((max(float(x.max()) for x in ends) - x0) / dx)
        x0, n_x = x0 + first * dx, last - first + 1
        n_z += math.ceil(sagitta / dx)
    cut = medium.slice(pose, x0_m=x0, dx_m=dx, n_x=n_x, dz_m=dx, n_z=n_z, face_m=probe.footprint_m)
    return replace(cut, z0_m=-sagitta) if sagitta else cut
