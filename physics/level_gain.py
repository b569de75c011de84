"""Automatic gain: the gain and the TGC sliders that make soft tissue equally bright at every depth.

After the principle of automatic gain compensation in US patent 5 579 768 (filed 1995): the picture
is cut into small zones in range and across; only those that hold tissue echoes count, and gain
follows their level by depth. Numbers below are chosen for teaching. It knows what the scanner
knows, echoes: nothing of the tissue.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from physics.frame import Frame
from physics.receive import FULL_SCALE_DB
from physics.settings import N_TGC, find_knob

CELLS_ACROSS, CELLS_PER_ZONE = 12, 4
"""Cells across the picture, and down one eighth of its depth."""
LEAST_SNR = 2.0
"""A cell holds echoes if their power is so many times that of the noise."""
LEAST_PART = 0.25
"""Part of an eighth's cells that must hold tissue for its level to be believed."""
BRIGHT_DB = 12.0
"""A cell so far above the median of its own eighth and the two beside it is a surface or bone, not
tissue."""
MAIN_BANG_M = 2e-3
"""What comes from nearer is not counted: there the probe still hears itself."""
MIDDLE = 0.5
"""Grey level that the tissue is brought to: the middle of the scale."""


@dataclass(frozen=True)
class Levelled:
    """What the knobs should be, display units, and how many eighths of the depth had echoes."""

    gain_db: float
    tgc_db: tuple[float, ...]
    n_zone: int


def level_gain(frame: Frame, other: Frame) -> Levelled | None:
    """Gain and TGC for two pictures of the same scene one after the other; None without echoes.

    What is the same in both is echo, what differs is noise: the cross power of a cell over the two
    is that of its echoes alone. The level of an eighth of the depth is the median, dB, of its cells
    with tissue. Gain is what brings the mean of the eighths to the middle of the grey scale, and
    the sliders are what is left for each; an eighth without echoes (shadow, noise) takes the slider
    of its nearest neighbour, so that noise is not lifted. Raises ValueError for two scenes.
    """
    if frame.iq.shape != other.iq.shape or frame.iq.size == 0:
        raise ValueError("automatic gain needs two pictures of the same scene")
    settings = frame.settings
    zone_m = settings.depth_m / N_TGC
    level_db = _zone_levels_db(frame, other, zone_m)
    found = np.isfinite(level_db)
    if not found.any():
        return None
    target_db = FULL_SCALE_DB - (1 - MIDDLE) * settings.dynamic_range_db
    wanted = target_db - level_db
    wanted = np.interp(np.arange(N_TGC), np.flatnonzero(found), wanted[found])
    gain, slider = find_knob("gain_db"), find_knob("tgc_db")
    gain_db = float(np.clip(round(float(wanted[found].mean())), gain.low, gain.high))
    sliders = np.clip(np.round(wanted - gain_db), slider.low, slider.high)
    return Levelled(gain_db, tuple(float(s) for s in sliders), int(found.sum()))


def _zone_levels_db(frame: Frame, other: Frame, zone_m: float) -> np.ndarray:
    """Level of the tissue in each eighth after the scanner's own compensation, dB re the mirror;
    nan where there is none. float64 [N_TGC]."""
    z_m = frame.sample_z_m
    middles = (np.arange(N_TGC) + 0.5) * zone_m
    own_db = frame.tgc_curve_db - np.interp(z_m, middles, frame.settings.tgc_db)
    gain = 10 ** (own_db / 20)
    first, second = frame.iq * gain, other.iq * gain
    echo = (first * second.conj()).real
    power = 0.5 * (np.abs(first) ** 2 + np.abs(second) ** 2)
    row = np.where(z_m < MAIN_BANG_M, -1, np.floor(z_m / (zone_m / CELLS_PER_ZONE))).astype(int)
    edges = np.linspace(0, len(echo), CELLS_ACROSS + 1).astype(int)
    cells = np.array(
        [
            [_cell_db(echo[a:b, row == r], power[a:b, row == r]) for a, b in pairwise(edges)]
            for r in range(N_TGC * CELLS_PER_ZONE)
        ]
    ).reshape(N_TGC, -1)
    return np.array([_tissue_db(cells, zone) for zone in range(N_TGC)])


def _cell_db(echo: np.ndarray, power: np.ndarray) -> float:
    """Level of the echoes in a cell, dB; nan if noise has the upper hand."""
    if echo.size == 0:
        return math.nan
    echoes, both = float(echo.mean()), float(power.mean())
    if echoes <= 0 or echoes < LEAST_SNR * (both - echoes):
        return math.nan
    return 10 * math.log10(echoes)


def _tissue_db(cells: np.ndarray, zone: int) -> float:
    """Median level of those cells of an eighth that are neither empty nor a bright surface.

    cells : [N_TGC, cell], dB, nan where empty.
    """
    around = cells[max(zone - 1, 0) : zone + 2]
    if np.isnan(around).all():
        return math.nan
    own = cells[zone]
    tissue = own[own < np.nanmedian(around) + BRIGHT_DB]  # nan is not below anything
    return float(np.median(tissue)) if len(tissue) >= LEAST_PART * len(own) else math.nan
