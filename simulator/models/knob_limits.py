"""How far each knob goes on a probe, with the other knobs as they are."""

from dataclasses import replace
from typing import Any

from physics.probe import Probe
from physics.sector import LEAST_SHOWN_M, most_centre_m
from physics.settings import (
    ScanSettings,
    find_knob,
    lowest_hz,
    with_possible_looks,
    with_possible_view,
)

PEN, GEN, RES = "pen", "gen", "res"
"""Penetration, general, resolution: the three steps that scanners have on one key."""


def knob_range(name: str, settings: ScanSettings, probe: Probe) -> tuple[float, float]:
    """Lowest and highest display value that this probe and depth allow."""
    knob = find_knob(name)
    low, high = knob.low, knob.high
    if name == "frequency_mhz":
        low = max(low, lowest_hz(settings, probe) * knob.per_si)
        high = min(high, probe.high_hz * knob.per_si)
    elif name == "depth_mm":
        high = min(high, probe.max_depth_m * knob.per_si)
    elif name == "focus_mm":
        low = max(low, settings.top_m * knob.per_si)
        high = min(high, settings.depth_m * knob.per_si)
    elif name == "top_mm":
        high = min(high, (settings.depth_m - LEAST_SHOWN_M) * knob.per_si)
    elif name == "centre_mm":
        most_m = most_centre_m(
            probe, line_density=settings.line_density, width_share=settings.width_share
        )
        low, high = -most_m * knob.per_si, most_m * knob.per_si
    return low, high


def frequency_steps_mhz(settings: ScanSettings, probe: Probe) -> dict[str, float]:
    """Frequency of each of `PEN`, `GEN`, `RES` on this probe, MHz.

    The ends of what the knob offers, and between them their geometric mean to the nearest step of
    the knob; chosen for teaching.
    """
    low, high = knob_range("frequency_mhz", settings, probe)
    step = find_knob("frequency_mhz").step
    return {PEN: low, GEN: step * round((low * high) ** 0.5 / step), RES: high}


def turned(settings: ScanSettings, probe: Probe, **display_values: Any) -> ScanSettings:
    """The settings with these knobs turned (display names and units), and what has to follow.

    A focus left out of a picture made shallower moves to its edge, and a frequency that
    harmonics could not be sent for moves up. A sector moves with its width, and a zoom with
    the depth, to where they can be. Steering and compounding switch the trapezoid off, and the
    other way round. ValueError for a value that cannot be.
    """
    settings = settings.turned(**display_values)
    if "frequency_mhz" not in display_values:
        lowest = lowest_hz(settings, probe)
        settings = replace(settings, frequency_hz=max(settings.frequency_hz, lowest))
    if {"steer_deg", "compound_angles"} & set(display_values):
        plain = settings.steer_rad == 0 and settings.compound_angles == "1"
        settings = settings if plain else replace(settings, trapezoid="off")
    settings = with_possible_view(with_possible_looks(settings, probe), probe)
    if "focus_mm" not in display_values:
        settings = focused_in_picture(settings)
    return settings


def focused_in_picture(settings: ScanSettings) -> ScanSettings:
    """The settings with the focus at the picture's edge if it was beyond."""
    focus_m = min(max(settings.focus_m, settings.top_m), settings.depth_m)
    return replace(settings, focus_m=focus_m)
