"""Several paths beside closed forms: reverberation ladders. Check 27 of the thirty."""

import math
from typing import Any

import numpy as np

from physics.frame import Frame
from physics.probe import find_probe
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import (
    SILENT,
    Medium,
    Region,
    below,
    box,
    look,
    make_tissues,
    mirror,
    peak,
    to_db,
)

PLATE_SPEEDS = (1540.0, 2500.0, 5660.0)
RUNG_M = 1.5e-3
"""Thickness of every plate as the machine reads it."""
PLATE: dict[str, Any] = {
    "focus_mm": 16, "tx_f_number": 6, "rx_f_number": 6, "depth_mm": 30, "refraction": "off",
}  # fmt: skip
LADDER = "spacing d c0 / c, R1 R2 per rung"


def rung(frame: Frame, near_m: float) -> tuple[float, float]:
    """Range (m) and level (dB) of the largest echo of the middle line within 0.4 mm."""
    line = np.abs(frame.iq[frame.iq.shape[0] // 2])
    inside = np.flatnonzero(np.abs(frame.sample_z_m - near_m) < 0.4e-3)
    at = inside[line[inside].argmax()]
    return float(frame.sample_z_m[at]), 20 * math.log10(peak(line[at - 6 : at + 7]))


def below_the_face() -> list[Check]:
    """Echoes between the face and a plate 9 mm deep, re plain plates at the same ranges, which
    have the beam's own change with depth."""
    tissues = make_tissues(SILENT, {"density_kg_m3": 4000.0})
    medium = Medium(tissues, (Region(0), Region(1, below(9e-3))))
    knobs: dict[str, Any] = {"depth_mm": 40, "focus_mm": 20}
    frame = look(medium, **knobs)
    z, level = np.array([rung(frame, n * 9e-3) for n in (1, 2, 3)]).T
    alone = [rung(look(mirror(n * 9e-3), **knobs), n * 9e-3)[1] for n in (1, 2, 3)]
    step = 1e3 * float(np.diff(frame.sample_z_m)[0])
    fall = np.diff(level - alone)
    per_order = 20 * math.log10(find_probe("L12-3").face_reflection * 0.6)
    words: dict[str, Any] = {"number": 27, "source": LADDER}
    return [
        *(about(f"face and plate at 9 mm: depth of echo {n}", 1e3 * z[n - 1], 9.0 * n, abs_=step,
                unit="mm", **words) for n in (1, 2, 3)),
        *(about(f"face and plate at 9 mm: echo {n + 1} re echo {n}", fall[n - 1], per_order,
                abs_=0.3, unit="dB", **words) for n in (1, 2)),
    ]  # fmt: skip


def plate_in_water(speed: float) -> Frame:
    """A plate of four times the impedance of its surroundings, 1.5 mm thick as the machine reads
    it: far enough apart for the pulse to end between rungs."""
    plate = {"speed_m_s": speed, "density_kg_m3": 4.0 * 1000.0 * 1540 / speed}
    thick = RUNG_M * speed / 1540
    layer = Region(1, box(-60e-3, 60e-3, 10e-3, 10e-3 + thick))
    return look(Medium(make_tissues(SILENT, plate), (Region(0), layer)), **PLATE)


def inside_a_plate(speed: float) -> list[Check]:
    """Spacing of the rungs (a sample) and fall of each re the one before (0.3 dB), the
    beam's own change with depth taken from plain plates at the same ranges."""
    frame = plate_in_water(speed)
    place = 10e-3 + np.arange(6) * RUNG_M
    z, level = np.array([rung(frame, at) for at in place[1:]]).T
    alone = np.array([rung(look(mirror(at), **PLATE), at)[1] for at in place[1:]])
    fall = np.diff(level - alone)
    step = 1e3 * float(np.diff(frame.sample_z_m)[0])
    gap = 1e3 * np.diff(z)
    per_rung = 20 * math.log10(0.6 * 0.6)
    worst_gap = gap[np.abs(gap - 1e3 * RUNG_M).argmax()]
    worst_fall = fall[np.abs(fall - per_rung).argmax()]
    words: dict[str, Any] = {"number": 27, "source": LADDER}
    return [
        about(f"plate of {speed:g} m/s: spacing of its rungs, worst of 4", worst_gap, 1e3 * RUNG_M,
              abs_=step, unit="mm", **words),
        about(f"plate of {speed:g} m/s: fall from rung to rung, worst of 4", worst_fall, per_rung,
              abs_=0.3, unit="dB", **words),
    ]  # fmt: skip


def _figure() -> Figure:
    frame = plate_in_water(2500.0)
    line = frame.iq[frame.iq.shape[0] // 2]
    inside = (frame.sample_z_m > 9e-3) & (frame.sample_z_m < 19e-3)
    reference = rung(look(mirror(10e-3), **PLATE), 10e-3)[1]
    place = 10e-3 + np.arange(6) * RUNG_M
    alone = np.array([rung(look(mirror(at), **PLATE), at)[1] for at in place])
    r = 0.6
    strength = np.array([r, *((1 - r**2) * r ** (2 * m + 1) for m in range(5))])
    return Figure(
        "reverberation",
        "A plate of 2500 m/s in water: its rungs, and where the ladder of R1 R2 puts them.",
        (
            Panel("", "depth, mm", "level re a mirror at 10 mm, dB",
                  (Curve(1e3 * frame.sample_z_m[inside], to_db(line[inside]) - reference,
                         "engine", measured=True, solid=True),
                   Curve(1e3 * place, to_db(strength) + alone - reference, "closed form",
                         measured=True, colour=1)), (-70.0, 2.0)),
        ),
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Check 27."""
    if quick:
        return Section("Reverberation", "", below_the_face())
    checks = below_the_face()
    for speed in PLATE_SPEEDS:
        checks += inside_a_plate(speed)
    return Section(
        "Reverberation",
        "Sound that goes down, up to a shallower surface or the face, and down again is shown at "
        "half the way travelled.",
        checks,
        (_figure(),),
    )
