"""Point echoes on the (column, range) grid, at their exact place."""

import numpy as np

from physics.beams import Columns
from physics.constants import MACHINE_SPEED_M_S


def write_points(
    grid: np.ndarray,
    columns: Columns,
    range_step_m: float,
    carrier_hz: float,
    u: np.ndarray,
    range_m: np.ndarray,
    amplitude: np.ndarray,
) -> None:
    """Add points to `grid` (complex64 [n_column, n_range]), in place.

    Cubic weights on four columns and four samples, with the exact carrier phase
    exp(-j 4 pi f s / c0). Points outside the grid are left out.
    u : float64 [n_point], m or rad. range_m, amplitude : float64 [n_point].
    """
    value = amplitude * np.exp(-4j * np.pi * carrier_hz / MACHINE_SPEED_M_S * range_m)
    column, column_weight = _cubic(np.asarray((u - columns.u0) / columns.step))
    sample, sample_weight = _cubic(range_m / range_step_m)
    for a in range(4):
        for b in range(4):
            i, j = column + a - 1, sample + b - 1
            inside = (i >= 0) & (i < grid.shape[0]) & (j >= 0) & (j < grid.shape[1])
            weight = value * column_weight[a] * sample_weight[b]
            np.add.at(grid, (i[inside], j[inside]), weight[inside].astype(np.complex64))


def _cubic(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower neighbour and the four Lagrange weights about each position."""
    lower = np.floor(position).astype(int)
    t = position - lower
    weights = np.stack(
        [
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        ]
    )
    return lower, weights
