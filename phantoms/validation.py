"""The tissue table beside what was seen in real tissue: tendon and muscle, check 21."""

import math
from typing import Any

import numpy as np

from phantoms.tissue import pack
from physics.validation.check import (
    Check,
    Curve,
    Figure,
    Panel,
    Section,
    at_least,
    at_most,
    between,
)
from physics.validation.media import Medium, Region, box, level_db, look, part
from physics.validation.surfaces import zero_crossing

CRASS = "Crass 1988 (hock tendon, linear array)"
TILTS_DEG = np.arange(0.0, 16.0, 1.0)


def tendon_in_muscle(tilt_rad: float, **knobs: Any) -> tuple[float, float]:
    """Levels of a tendon, fibres tilted, and of the muscle beside it, dB."""
    medium = Medium(
        pack(["tendon", "muscle"]),
        (Region(1), Region(0, box(-60e-3, 0.0, 12e-3, 18e-3), tilt_rad=tilt_rad)),
    )
    tendon, muscle = [], []
    for seed in (1, 2, 3):
        frame = look(medium, seed=seed, frequency_mhz=10, focus_mm=15, depth_mm=30, **knobs)
        tendon.append(part(frame, x_mm=(-12, -2), z_mm=(13, 17)))
        muscle.append(part(frame, x_mm=(2, 12), z_mm=(13, 17)))
    return level_db(np.concatenate(tendon)), level_db(np.concatenate(muscle))


def tilt_levels() -> np.ndarray:
    """Levels of tendon and muscle at TILTS_DEG, dB: [tilt, 2]."""
    return np.array([tendon_in_muscle(math.radians(t)) for t in TILTS_DEG])


def tendon_checks(levels: np.ndarray) -> list[Check]:
    """Brighter than muscle when met squarely, equal at 2 to 7 degrees, darker beyond; 10 dB
    below its peak at 12 degrees."""
    above_muscle = levels[:, 0] - levels[:, 1]
    words: dict[str, Any] = {"number": 21, "source": CRASS}
    return [
        at_least("tendon met squarely re muscle, 10 MHz", above_muscle[0], 0.0, unit="dB", **words),
        between("tilt at which tendon is as bright as muscle",
                zero_crossing(TILTS_DEG, above_muscle), 2.0, 7.0, unit="degrees", **words),
        at_most("tendon at 12 degrees re its own peak", levels[12, 0] - levels[:, 0].max(), -10.0,
                unit="dB", **words),
    ]  # fmt: skip


def section(quick: bool = False) -> Section:
    """Tendon darkening beside muscle."""
    if quick:
        return Section("Tendon and muscle", "", ())
    levels = tilt_levels()
    muscle = levels[:, 1].mean()
    figure = Figure(
        "tendon",
        "Tendon of the tissue table beside muscle, 10 MHz, F 2 and 1.5.",
        (Panel("", "tilt of the fibres, degrees", "level re muscle, dB",
               (Curve(TILTS_DEG, levels[:, 0] - muscle, "tendon", measured=True),
                Curve(TILTS_DEG, levels[:, 1] - muscle, "muscle", measured=True, colour=1))),),
    )  # fmt: skip
    return Section(
        "Tendon and muscle",
        "With the values of the tissue table: a tendon 6 mm thick beside muscle.",
        tendon_checks(levels),
        (figure,),
    )
