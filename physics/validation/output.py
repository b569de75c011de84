"""Acoustic output and frame rate beside printed values. Check 29 of the thirty.

The data sheet's check 29 also asks for Doppler velocities; there is no Doppler mode.
"""

from typing import Any

import numpy as np

from physics.acoustic_output import (
    bone_index_of_held_beam,
    derating,
    mechanical_index,
    soft_tissue_index,
)
from physics.probe import find_probe
from physics.scan_output import axis_gain
from physics.theory import frame_rate_hz
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import look, uniform

FRAME_RATES = (
    (40, 192, 1, 91.5),
    (40, 192, 3, 30.5),
    (40, 192, 5, 18.3),
    (60, 192, 3, 20.9),
    (30, 128, 1, 178),
)
"""Depth, mm, lines, transmits for each, and frames a second worked out by hand."""
MANUAL = "SonoSite user guide: L38x, colour, 4.91 MHz, 1.1 cm, p_r 3.48 MPa"
STANDARD = "AIUM/NEMA UD 3"


def printed_row() -> list[Check]:
    """A row of a maker's manual."""
    derated = 3.48e6 * float(derating(4.91e6, 11e-3))
    words: dict[str, Any] = {"number": 29, "source": MANUAL}
    return [
        about("derated pressure of a printed row", derated * 1e-6, 2.888, rel=0.005, unit="MPa",
              **words),
        about("MI of a printed row (shown: 1.3)", mechanical_index(derated, 4.91e6), 1.304,
              rel=0.005, **words),
    ]  # fmt: skip


def unit_indices() -> list[Check]:
    """Where the standard says that an index is 1: MI at 1 MPa and 1 MHz; TIS at 210 mW MHz in the
    central centimetre; TIB at 50 mW/cm, or 4.4 mW in a narrow beam."""
    found = {
        "MI at 1 MPa and 1 MHz": mechanical_index(1e6, 1e6),
        "TIS at 42 mW and 5 MHz": soft_tissue_index(42e-3, 5e6),
        "TIB of a held beam, 50 mW and 50 mW/cm2": bone_index_of_held_beam(50e-3, 500.0),
        "TIB of a held narrow beam, 4.4 mW": bone_index_of_held_beam(4.4e-3, 1e9),
    }
    return [
        about(claim, value, 1.0, rel=1e-6, number=29, source=STANDARD)
        for claim, value in found.items()
    ]


def frame_rate(depth_mm: float, n_line: int, n_transmit: int, expected_hz: float) -> Check:
    """Frames a second against those worked out by hand to three digits."""
    return about(
        f"frame rate: {depth_mm:g} mm, {n_line} lines, {n_transmit} for each",
        frame_rate_hz(n_line, depth_mm * 1e-3, n_transmit), expected_hz, rel=0.003, unit="Hz",
        number=29, source="1 / (lines x transmits x (2 z / c + 5 us))",
    )  # fmt: skip


def focal_gain(f_number: float) -> Check:
    """Pressure gain where lens and array focus together. The rim of a wide aperture sees the focus
    from aside: 25 % / F^2."""
    probe = find_probe("L12-3")
    f, z = 10e6, probe.elevation_focus_m
    gain = axis_gain(
        probe, np.array([f]), np.array([z]), focus_m=z, tx_f_number=f_number, tx_apodisation="rect"
    )
    n_element = 2 * int(np.floor(z / (2 * f_number) / probe.pitch_m + 1e-9)) + 1
    closed = n_element * probe.pitch_m * probe.height_m / (1540.0 / f * z)
    return about(
        f"pressure gain at the focus of lens and array, F {f_number:g}", abs(gain[0, 0]), closed,
        rel=0.25 / f_number**2, source="D h / (lambda z), Kinsler et al., 7.4",
        group="focal gain",
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Check 29."""
    checks = [*printed_row(), *unit_indices(), *(frame_rate(*case) for case in FRAME_RATES)]
    if quick:
        return Section("Output and frame rate", "Printed values.", checks)
    checks += [focal_gain(f) for f in (2, 3, 4)]
    power = np.arange(-30.0, 1.0, 5.0)
    told = [look(uniform(), power_db=p).output for p in power]
    figure = Figure(
        "output",
        "The power knob at default settings: MI goes with pressure, TIS with its square.",
        (
            Panel("MI", "power, dB", "MI",
                  (Curve(power, told[-1].mi * 10 ** (power / 20), "pressure"),
                   Curve(power, np.array([t.mi for t in told]), "engine", measured=True))),
            Panel("TIS", "power, dB", "TIS",
                  (Curve(power, told[-1].tis * 10 ** (power / 10), "pressure squared"),
                   Curve(power, np.array([t.tis for t in told]), "engine", measured=True))),
        ),
    )  # fmt: skip
    return Section(
        "Output and frame rate",
        "Indices of the output display standard against a printed row and the standard's own "
        "units. (Doppler, which check 29 names too, does not exist here.)",
        checks,
        (figure,),
    )
