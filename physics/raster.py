"""The picture's pixels: where they lie in the probe frame, and on which line at which range."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from physics.acquire import SubBands
from physics.constants import MACHINE_SPEED_M_S
from physics.display import scan_convert
from physics.kernel import kernel
from physics.looks import Look, middle_of
from physics.parallel import run_split
from physics.scan_grid import Grid
from physics.scan_lines import ScanLines
from physics.speed import shown_m
from physics.wavefronts import GUARD_M

N_ROW = 800
"""Rows of the picture."""
MOST_COLUMNS = 4000
"""Of a wide and low picture, which has fewer rows."""


@dataclass(frozen=True)
class Raster:
    """Square pixels from the left to the right and the top to the bottom edge (probe frame, m).

    line, sample : float32 [row, column], place among the lines and samples; line < 0 where no
        line comes (black). None where all lines go straight down.
    """

    lines: ScanLines
    sample_z_m: np.ndarray
    left_m: float
    right_m: float
    top_m: float
    bottom_m: float
    line: np.ndarray | None = None
    sample: np.ndarray | None = None


def lay_raster(
    grids: Sequence[Grid],
    looks: Sequence[Look],
    bands: SubBands,
    *,
    depth_m: float,
    top_m: float = 0.0,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> Raster:
    """Pixels of the picture that the middle look's lines make, from `top_m` down.

    Lines that leave a flat face at an angle are shown between the same depths as straight ones, as
    far as they were listened to; a convex probe's all between the same ranges.
    """
    lines = middle_of(grids).lines_for(middle_of(looks))
    place_m = shown_m(bands.out_m, machine_speed_m_s)
    if lines.is_plain:
        u, half = lines.u, lines.step_u / 2
        return Raster(lines, place_m, float(u[0] - half), float(u[-1] + half), top_m, depth_m)
    heard_m = shown_m(bands.length_m - GUARD_M, machine_speed_m_s)
    edge = lines.edge_u
    if lines.is_convex:
        shortest, longest = top_m, depth_m
        left, right, top, bottom = lines.bounds_m(longest, shortest)
        bottom = depth_m if edge[0] <= 0 <= edge[1] else bottom
    else:  # where the outermost lines come in and reach the bottom
        shortest, longest = 0.0, heard_m
        top, bottom = top_m, depth_m
        angle = lines.angle(edge)
        above = edge + top_m * np.tan(angle)
        x = edge + np.minimum(depth_m / np.cos(angle), heard_m) * np.sin(angle)
        left, right = min(float(x[0]), float(above[0])), max(float(x[1]), float(above[1]))
    n_row = rows_of(right - left, bottom - top)
    pixel = (bottom - top) / n_row
    n_column = max(2, round((right - left) / pixel))
    x = left + (np.arange(n_column) + 0.5) / n_column * (right - left)
    z = top + (np.arange(n_row) + 0.5) * pixel
    u, range_m = lines.locate(x[None, :], z[:, None])
    line = lines.line_number(u)
    out = (line < -0.5) | (line > lines.n - 0.5) | (range_m < shortest) | (range_m > longest)
    line = np.where(out, -1.0, np.clip(line, 0, lines.n - 1.001))
    step = shown_m(bands.length_m, machine_speed_m_s) / bands.n_out
    sample = np.clip(range_m / step, 0, bands.n_out - 1.001)
    return Raster(
        lines, place_m, left, right, top, bottom,
        line.astype(np.float32), sample.astype(np.float32),
    )  # fmt: skip


def rows_of(width_m: float, height_m: float) -> int:
    """Rows of a picture of this size."""
    return min(N_ROW, round(MOST_COLUMNS * height_m / width_m))


def fill_raster(grey: np.ndarray, raster: Raster) -> np.ndarray:
    """The picture: uint8 [row, column], bilinear; black where no line comes.

    grey : float32 [line, sample].
    """
    if raster.line is None or raster.sample is None:
        return scan_convert(
            grey,
            line_x_m=raster.lines.u,
            sample_z_m=raster.sample_z_m,
            depth_m=raster.bottom_m,
            n_row=rows_of(raster.right_m - raster.left_m, raster.bottom_m - raster.top_m),
            top_m=raster.top_m,
        )
    picture = np.empty(raster.line.shape, np.uint8)
    run_split(_fill_raster, len(picture), grey, raster.line, raster.sample, picture)
    return picture


@kernel
def _fill_raster(first, last, grey, line, sample, picture):
    half = np.float32(0.5)
    for r in range(first, last):
        for c in range(line.shape[1]):
            if line[r, c] < 0.0:
                picture[r, c] = 0
                continue
            b, j = int(line[r, c]), int(sample[r, c])
            v, w = line[r, c] - np.float32(b), sample[r, c] - np.float32(j)
            left = grey[b, j] + w * (grey[b, j + 1] - grey[b, j])
            right = grey[b + 1, j] + w * (grey[b + 1, j + 1] - grey[b + 1, j])
            picture[r, c] = np.uint8(left + v * (right - left) + half)
