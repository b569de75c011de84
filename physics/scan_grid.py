"""Where everything of one probe and depth lies: lines, columns, ranges, the slice's grid."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import fft

from physics.beams import LineLayout, lay_out_lines
from physics.constants import MACHINE_SPEED_M_S
from physics.echo_grid import GUARD
from physics.geometry import Pose, line_positions
from physics.medium import Slice
from physics.probe import Probe
from physics.pulse import pulse_edges

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


@dataclass(frozen=True)
class Grid:
    """Everything about places that follows from the probe and the depth."""

    layout: LineLayout
    line_u: np.ndarray
    n_range: int
    range_step_m: float
    node_m: np.ndarray
    """Depths at which beams are computed."""
    x0_m: float
    n_x: int
    n_z: int
    """The slice's grid: x0 + i * 0.2 mm, j * 0.2 mm."""

    @property
    def column_m(self) -> np.ndarray:
        return self.layout.columns.u


def find_reach(probe: Probe, *, rx_f_number: float) -> float:
    """How far beside it a line hears, m: to the foot of the widest main lobe, 2 lambda F for a
    Hann aperture, in steps of half a millimetre."""
    widest = 2 * rx_f_number * MACHINE_SPEED_M_S / probe.low_hz
    return max(_REACH_M, math.ceil(widest / 0.5e-3) * 0.5e-3)


def lay_out(
    probe: Probe, reach_m: float, *, depth_m: float, machine_speed_m_s: float = MACHINE_SPEED_M_S
) -> Grid:
    """Lines, columns, ranges and beam nodes of one probe, reach and depth. A machine that
    believes in slow sound listens longer for the same depth."""
    heard_m = depth_m * (MACHINE_SPEED_M_S / machine_speed_m_s)
    line_u = line_positions(probe)
    layout = lay_out_lines(
        probe,
        line_u,
        per_pitch=math.ceil(probe.pitch_m / _COLUMN_M),
        reach_u=reach_m,
        clip_step=_CLIP_STEP,
    )
    step = MACHINE_SPEED_M_S / (4 * GUARD * pulse_edges(probe.high_hz)[1])
    n_range = fft.next_fast_len(math.ceil((heard_m + _TAIL_M) / step), real=True)
    total = n_range * step
    columns = layout.columns.u
    n_x = math.ceil((columns[-1] - columns[0]) / SLICE_M) + 2
    return Grid(
        layout=layout,
        line_u=line_u,
        n_range=n_range,
        range_step_m=step,
        node_m=_depth_nodes(total),
        x0_m=0.5 * float(columns[0] + columns[-1]) - 0.5 * (n_x - 1) * SLICE_M,
        n_x=n_x,
        # slow tissue (fat) needs less depth than range, fast tissue more
        n_z=math.ceil(1.12 * total / SLICE_M) + 2,
    )


def _depth_nodes(deepest_m: float) -> np.ndarray:
    """Depths at which beams are computed: dense near the face, where they change fast."""
    z = [0.4e-3]
    while z[-1] < deepest_m:
        z.append(z[-1] + float(np.clip(0.06 * z[-1], 0.15e-3, 1.0e-3)))
    return np.array(z)


def cut_slice(medium: Any, pose: Pose, grid: Grid) -> Slice:
    """The medium under the probe."""
    return medium.slice(
        pose, x0_m=grid.x0_m, dx_m=SLICE_M, n_x=grid.n_x, dz_m=SLICE_M, n_z=grid.n_z
    )
