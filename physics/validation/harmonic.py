"""Tissue harmonics beside closed forms: growth and width. Check 28 of the thirty."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.signal import resample

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.frame import Frame
from physics.harmonic import BETA, DENSITY_KG_M3, growth_m, growth_per_pascal
from physics.probe import find_probe
from physics.theory import wavelength
from physics.validation.beams import (
    F_NUMBER,
    FREQUENCY_HZ,
    HARRIS,
    highest_lobe_db,
    one_way,
)
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import Medium, Region, full_width, look, make_tissues, to_db

WIRES = ((8, 20), (10, 20), (12, 15))
"""Frequency, MHz, and focus, mm."""


def growth() -> list[Check]:
    """Harmonic of a plane wave: its growing length is the way, and p2 / p1 the textbook's."""
    wide = replace(find_probe("L12-3"), height_m=100.0, elevation_focus_m=1e6)
    z = np.array([1e-3, 5e-3, 20e-3])
    length = growth_m(np.array([5e6]), z, focus_m=1e6, aperture_m=100.0, probe=wide)[0]
    ratio = growth_per_pascal(5e6) * 1e6 * 20e-3
    closed = BETA * 2 * math.pi * 5e6 * 1e6 * 20e-3 / (2 * DENSITY_KG_M3 * MACHINE_SPEED_M_S**3)
    words: dict[str, Any] = {"number": 28}
    return [
        about("plane wave: growing length over way, worst of 3 depths",
              max(np.abs(length / z), key=lambda v: abs(v - 1)), 1.0, rel=1e-5,
              source="p2 grows with z", **words),
        about("plane wave: p2 / p1 at 5 MHz, 1 MPa, 20 mm", ratio, closed, rel=1e-12,
              source="beta w p1 z / (2 rho c^3)", **words),
        about("the same, against the value printed for tissue", ratio, 0.363, rel=0.02,
              source="beta w p1 z / (2 rho c^3)", **words),
    ]  # fmt: skip


def harmonic_beam() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lateral offsets, m, and two-way fields at the focus: of the harmonic, and of a fundamental
    of its frequency."""
    offset, heard = one_way("rect", receiving=True)
    _, sent = one_way("rect", frequency_hz=FREQUENCY_HZ / 2)
    _, same = one_way("rect")
    return offset, sent[0] ** 2 * heard[0], same[0] * heard[0]


def focus() -> list[Check]:
    """Width and side lobe of tx p1^2 x rx at 2 f1, F 4 both ways."""
    offset, beam, plain = harmonic_beam()
    lambda_f = wavelength(FREQUENCY_HZ / 2) * F_NUMBER
    words: dict[str, Any] = {"number": 28, "source": HARRIS}
    return [
        about("harmonic beam at the focus: -6 dB width",
              full_width(offset, to_db(beam), HALF_AMPLITUDE_DB) / lambda_f, 0.511, rel=0.03,
              unit="lambda1 F", **words),
        about("harmonic beam at the focus: highest side lobe", highest_lobe_db(offset, beam),
              -27.9, abs_=0.5, unit="dB", **words),
        about("fundamental of the same frequency: highest side lobe",
              highest_lobe_db(offset, plain), -26.5, abs_=0.5, unit="dB", **words),
    ]  # fmt: skip


def lateral_width_of_wire(frame: Frame) -> float:
    """Half-amplitude width, m, on lines 16 times as dense: the IQ is band-limited across the
    lines (up to one period in wavelength x F, lines are half of that apart), its envelope not.
    """
    dense = resample(frame.iq, 16 * frame.iq.shape[0], axis=0)
    place = frame.line_x_m[0] + np.arange(dense.shape[0]) * np.diff(frame.line_x_m)[0] / 16
    near = np.abs(place) < 3e-3
    return full_width(place[near], to_db(np.abs(dense).max(axis=1))[near], HALF_AMPLITUDE_DB)


def wire(frequency_mhz: float, focus_mm: float) -> Check:
    """Width of a wire at the focus in a whole picture, F = 3 both ways. 9 %: the band of a pulse,
    directive elements, a wire a pitch beside the focus of half the lines."""
    medium = Medium(make_tissues({}), (Region(0),), [(0.1e-3, focus_mm * 1e-3, 1.0)])
    frame = look(
        medium, frequency_mhz=frequency_mhz, focus_mm=focus_mm, tx_f_number=3, rx_f_number=3,
        rx_apodisation="rect", harmonic="on",
    )  # fmt: skip
    return about(
        f"harmonic picture of a wire at {focus_mm:g} mm, {frequency_mhz:g} MHz: -6 dB width",
        1e3 * lateral_width_of_wire(frame), 1e3 * 0.511 * wavelength(frequency_mhz * 0.5e6) * 3,
        rel=0.09, unit="mm", number=28, source="0.511 lambda1 F",
    )  # fmt: skip


def _figure() -> Figure:
    offset, beam, plain = harmonic_beam()
    _, sent = one_way("rect", frequency_hz=FREQUENCY_HZ / 2)
    _, low = one_way("rect", frequency_hz=FREQUENCY_HZ / 2, receiving=True)
    inside = np.abs(offset) < 2e-3
    u = offset[inside] / (wavelength(FREQUENCY_HZ) * F_NUMBER)
    closed = 2 * to_db(np.sinc(u / 2)) + to_db(np.sinc(u))
    mm = 1e3 * offset[inside]

    def level(field: np.ndarray) -> np.ndarray:
        return np.maximum(to_db(field[inside]) - to_db(field).max(), -60)

    return Figure(
        "harmonic",
        "Beams at the focus: harmonic between the fundamentals of the frequency sent and of that "
        "heard.",
        (
            Panel("", "beside the line, mm", "two-way field, dB",
                  (Curve(mm, np.maximum(closed, -60), "sinc^2(u/2) sinc(u)"),
                   Curve(mm[::3], level(beam)[::3], "harmonic, engine", measured=True),
                   Curve(mm, level(sent[0] * low[0]), "fundamental f1", colour=1),
                   Curve(mm, level(plain), "fundamental 2 f1", colour=2)), (-60.0, 2.0)),
        ),
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Check 28."""
    if quick:
        return Section("Harmonics", "", growth())
    return Section(
        "Harmonics",
        "The square of the field of half the frequency, grown along its way, heard by a beam of "
        "the whole frequency.",
        [*growth(), *focus(), *(wire(*case) for case in WIRES)],
        (_figure(),),
    )
