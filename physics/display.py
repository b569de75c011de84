"""From envelopes to a picture: log compression, rejection, edge enhancement, scan conversion."""

import math

import numpy as np
from scipy import ndimage

from physics.kernel import kernel
from physics.parallel import run_split

EDGE_WINDOW = 9
"""Samples that edge enhancement averages along depth: about three pulse lengths. Chosen for
teaching."""

OVERSHOOT_PER_LEVEL = 0.15
"""Overshoot of a sharp edge, as a share of its height, for each level of edge enhancement.
Chosen for teaching."""


def log_compress(
    envelope: np.ndarray, *, dynamic_range_db: float, rejection_db: float = 0.0
) -> np.ndarray:
    """Grey level 0..255 of every sample: float32 [line, sample].

    255 is full scale (envelope 1); 0 is `dynamic_range_db` below it. Levels less than
    `rejection_db` above that are black; the others keep their grey.
    """
    grey = np.empty(envelope.shape, np.float32)
    least = np.float32(255.0 * rejection_db / dynamic_range_db)
    run_split(_log_compress, envelope.shape[0], envelope, np.float32(dynamic_range_db), least, grey)
    return grey


@kernel
def _log_compress(first, last, envelope, dynamic_range_db, least, grey):
    floor = np.float32(10.0 ** (-dynamic_range_db / 20.0))
    per_log = np.float32(255.0 * 20.0 / math.log(10.0) / dynamic_range_db)
    for b in range(first, last):
        for j in range(envelope.shape[1]):
            level = math.log(max(envelope[b, j], floor))
            value = np.float32(255.0) + per_log * np.float32(level)
            grey[b, j] = value if value >= least else np.float32(0.0)


def sharpen(grey: np.ndarray, *, edge_enhancement: float) -> np.ndarray:
    """Greys with edges across depth overdrawn: float32 [line, sample], 0..255.

    grey : float32 [line, sample]. Returned itself if edge_enhancement is 0.
    edge_enhancement : whole level, 0 (off) to 3.

    Unsharp masking along depth: out = grey + a (grey - mean over 9 samples). On either side
    of a sharp step the picture overshoots by 0.15 of its height for each level, as far as
    black and white allow; evenly grey parts stay. Source: Pratt, Digital Image Processing,
    "Edge crispening".
    """
    if edge_enhancement == 0:
        return grey
    # just beyond a step the mean of 2m + 1 samples differs from the grey by m / (2m + 1) of it
    per_overshoot = EDGE_WINDOW / (EDGE_WINDOW // 2)
    amount = np.float32(per_overshoot * OVERSHOOT_PER_LEVEL * edge_enhancement)
    mean = ndimage.uniform_filter1d(grey, EDGE_WINDOW, axis=1, mode="nearest")
    return np.clip(grey + amount * (grey - mean), 0.0, 255.0)


def scan_convert(
    grey: np.ndarray,
    *,
    line_x_m: np.ndarray,
    sample_z_m: np.ndarray,
    depth_m: float,
    n_row: int,
    top_m: float = 0.0,
) -> np.ndarray:
    """Picture of a linear array, square pixels: uint8 [row, column], bilinear.

    The picture spans the lines plus half a line spacing on either side, and top..depth.
    Pixel centres lie half a pixel inside the edges.
    """
    spacing = float(line_x_m[1] - line_x_m[0])
    width = float(line_x_m[-1] - line_x_m[0]) + spacing
    pixel = (depth_m - top_m) / n_row
    n_column = max(2, round(width / pixel))
    x = (np.arange(n_column) + 0.5) / n_column * width - spacing / 2
    z = top_m + (np.arange(n_row) + 0.5) * pixel
    line = np.clip(x / spacing, 0, line_x_m.size - 1.001).astype(np.float32)
    step = float(sample_z_m[1] - sample_z_m[0])
    sample = np.clip((z - sample_z_m[0]) / step, 0, sample_z_m.size - 1.001).astype(np.float32)
    picture = np.empty((n_row, n_column), np.uint8)
    run_split(_scan_convert, n_row, grey, line, sample, picture)
    return picture


@kernel
def _scan_convert(first, last, grey, line, sample, picture):
    half = np.float32(0.5)
    row_above = np.empty(grey.shape[0], np.float32)
    for r in range(first, last):
        j = int(sample[r])
        w = sample[r] - np.float32(j)
        for b in range(grey.shape[0]):
            row_above[b] = grey[b, j] + w * (grey[b, j + 1] - grey[b, j])
        for c in range(line.size):
            b = int(line[c])
            v = line[c] - np.float32(b)
            picture[r, c] = np.uint8(row_above[b] + v * (row_above[b + 1] - row_above[b]) + half)
