"""Smooth surfaces and straight fibres: level and loss with tilt.

In the engine nothing knows an angle: what leaves the aperture is lost in the sum over it.
Checks 17 and 20 to 22 of the thirty; tendon beside muscle is in `phantoms.validation`.
"""

import math
from typing import Any

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.theory import reflection, sheet_acceptance
from physics.validation.check import (
    Check,
    Curve,
    Figure,
    Panel,
    Section,
    about,
    at_most,
    short_of,
)
from physics.validation.media import (
    SILENT,
    Medium,
    Region,
    box,
    level_db,
    look,
    make_tissues,
    middle_peak,
    mirror,
    part,
    tilted_box,
    to_db,
)

CENTRE_MHZ = 7.54
STEEL = {"speed_m_s": 5660.0, "density_kg_m3": 7900.0}
LONG_FIBRES = {"fibrous_per_m_sr": 0.74, "fibre_length_m": 30e-3}
REFLECTIONS = (0.003, 0.02, 0.138, 0.59)
F_NUMBERS = (2.0, 3.0, 4.0)
TILTS_DEG = (2, 4, 6, 8, 10, 12, 14, 16, 20)
NEEDLE_TILTS_DEG = (20, 30, 40, 50)
FIBRES_OVER_GRAINS_DB = 5.7
ROUND_TIP = (
    "the triangle is the limit of an aperture much wider than sqrt(lambda z) = 2 mm, and these are "
    "5 to 10 mm wide: a direct sum over elements and plane has the rounder tip too, and the engine "
    "follows that within 0.045"
)


def equal_apertures(f_number: float) -> dict[str, Any]:
    """Knobs for even apertures of one F-number, focused at 20 mm."""
    return {
        "frequency_mhz": CENTRE_MHZ,
        "focus_mm": 20,
        "depth_mm": 30,
        "tx_f_number": f_number,
        "rx_f_number": f_number,
        "rx_apodisation": "rect",
    }


def direct_sum(tilt_rad: float, f_number: float, depth_m: float = 20e-3) -> float:
    """Echo of a tilted plane by Huygens: elements to points of the plane and back, 7.54 MHz,
    both apertures focused at `depth` (two dimensions)."""
    pitch, width, k = 0.2e-3, 0.17e-3, 2 * np.pi * CENTRE_MHZ * 1e6 / MACHINE_SPEED_M_S
    element = np.arange(-200, 201) * pitch
    element = element[np.abs(element) <= depth_m / (2 * f_number) + 1e-9, None]
    x = np.arange(-6e-3, 6e-3, 1e-5)
    z = depth_m + x * math.tan(tilt_rad)
    r = np.hypot(x - element, z)
    delay = np.hypot(element, depth_m) - depth_m
    directivity = np.sinc(k * width / (2 * np.pi) * (x - element) / r) * z / r
    field = np.sum(directivity / r * np.exp(-1j * k * (r - delay)), axis=0)
    return float(np.abs(np.sum(field**2)))


def plane_reflection(r: float) -> Check:
    """Echo of an impedance step re that of a perfect mirror; noise is at -110 dB."""
    step = mirror(20e-3, wall={"density_kg_m3": 1000.0 * (1 + r) / (1 - r)})
    knobs = equal_apertures(2.0)
    ratio = middle_peak(look(step, **knobs)) / middle_peak(look(mirror(20e-3), **knobs))
    return about(
        f"echo of a plane of impedances 1 to {(1 + r) / (1 - r):.3g} re a mirror", ratio,
        reflection(1.0, (1 + r) / (1 - r)), rel=0.01, number=17, source="(Z2 - Z1) / (Z2 + Z1)",
    )  # fmt: skip


def tilted_plane(f_number: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Echo of a tilted plane re the plane facing the probe, at TILTS_DEG: of the engine, of the
    direct sum, and of the triangle."""
    knobs = equal_apertures(f_number)
    facing, direct = middle_peak(look(mirror(20e-3), **knobs)), direct_sum(0.0, f_number)
    tilts = np.radians(TILTS_DEG)
    engine = [middle_peak(look(mirror(20e-3, tilt), **knobs)) / facing for tilt in tilts]
    exact = [direct_sum(tilt, f_number) / direct for tilt in tilts]
    return np.array(engine), np.array(exact), sheet_acceptance(tilts, f_number)


def tilt_checks(f_number: float) -> list[Check]:
    """0.045 re the direct sum: the engine's receive focus is at each echo's own depth, up to 0.4 mm
    from that of the sample. 0.06 re the triangle (documented not to be met), 0.11 where the direct
    sum itself lies within 0.10 of it."""
    engine, exact, closed = tilted_plane(f_number)
    fair = np.abs(exact - closed) < 0.10
    words: dict[str, Any] = {
        "number": 20,
        "source": "tri(2 F tan t); direct sum over elements and plane",
    }
    what = f"tilted plane, F {f_number:g}, 2 to 20 degrees"
    return [
        at_most(f"{what}: largest error re the direct sum", np.abs(engine - exact).max(), 0.045,
                **words),
        at_most(f"{what}: largest error re the triangle, where the sum is near it",
                np.abs(engine - closed)[fair].max(), 0.11, **words),
        short_of(
            at_most(f"{what}: largest error re the triangle", np.abs(engine - closed).max(), 0.06,
                    **words),
            ROUND_TIP,
            worst=2.6,
        ),
    ]  # fmt: skip


def fibres_against_grains(tilt_rad: float, grains: float, knobs: dict[str, Any]) -> float:
    """Level of long fibres re a tissue of even grains beside them at the focus, dB."""
    tissues = make_tissues(LONG_FIBRES, {"diffuse_per_m_sr": grains})
    medium = Medium(
        tissues, (Region(0, tilt_rad=tilt_rad), Region(1, box(0.0, 60e-3, -1e-3, 60e-3)))
    )
    fibres, even = [], []
    for seed in (1, 2, 3):
        frame = look(medium, seed=seed, **knobs)
        fibres.append(part(frame, x_mm=(-13, -2), z_mm=(18, 22)))
        even.append(part(frame, x_mm=(2, 13), z_mm=(18, 22)))
    return level_db(np.concatenate(fibres)) - level_db(np.concatenate(even))


def zero_crossing(x: np.ndarray, level: np.ndarray) -> float:
    """Where a falling level first goes below 0."""
    i = int(np.flatnonzero(level < 0)[0])
    return float(np.interp(0.0, level[[i, i - 1]], x[[i, i - 1]]))


def iso_echo_angle(f_number: float) -> Check:
    """Tilt at which fibres fall to the level of grains that they outshine by 5.7 dB when met
    squarely."""
    knobs = equal_apertures(f_number)
    squarely = fibres_against_grains(0.0, 0.2, knobs)
    grains = 0.2 * 10 ** ((squarely - FIBRES_OVER_GRAINS_DB) / 10)
    tilts = np.arange(0.0, 10.0, 1.0)
    levels = np.array([fibres_against_grains(t, grains, knobs) for t in np.radians(tilts)])
    closed = math.atan((1 - 10 ** (-FIBRES_OVER_GRAINS_DB / 20)) / (2 * f_number))
    return about(
        f"tilt at which fibres fall to grains 5.7 dB below them, F {f_number:g}",
        zero_crossing(tilts, levels), math.degrees(closed), rel=0.15, unit="degrees", number=21,
        source="tan t = (1 - 10^(-C / 20)) / (2 F)",
    )  # fmt: skip


def needle(tilt_deg: float) -> Check:
    """Largest echo of a smooth rod re the same rod across the beam, F 2: lost is 30 dB, into
    muscle's speckle."""
    knobs = equal_apertures(2.0)
    level = []
    for tilt in (0.0, math.radians(tilt_deg)):
        rod = Region(1, tilted_box(0.0, 20e-3, 24e-3, 0.8e-3, tilt))
        frame = look(Medium(make_tissues(SILENT, STEEL), (Region(0), rod)), **knobs)
        level.append(to_db(part(frame, x_mm=(-3, 3), z_mm=(14, 26))).max())
    return at_most(
        f"needle at {tilt_deg:g} degrees, F 2 (limit 14), re the needle across the beam",
        level[1] - level[0], -30.0, unit="dB", number=22, source="lost at tan t > 1 / (2 F)",
    )  # fmt: skip


def _tilt_figure() -> Figure:
    fine = np.linspace(0, 20, 201)
    panels = []
    for f_number in F_NUMBERS:
        engine, _, _ = tilted_plane(f_number)
        degrees = np.array([0, *TILTS_DEG])
        exact = np.array([direct_sum(tilt, f_number) for tilt in np.radians(fine[::4])])
        panels.append(
            Panel(
                f"F {f_number:g}", "tilt, degrees", "echo re facing the probe",
                (Curve(fine, sheet_acceptance(np.radians(fine), f_number), "triangle"),
                 Curve(fine[::4], exact / exact[0], "direct sum", colour=1),
                 Curve(degrees, np.array([1, *engine]), "engine", measured=True, colour=1)),
                (0.0, 1.05),
            )
        )  # fmt: skip
    return Figure("tilted_plane", "Anisotropy: what a tilted mirror still sends back.", panels)


def section(quick: bool = False) -> Section:
    """Checks 17 and 20 to 22."""
    if quick:
        return Section("Surfaces and tilt", "", [plane_reflection(REFLECTIONS[2])])
    checks = [plane_reflection(r) for r in REFLECTIONS]
    checks += [check for f in F_NUMBERS for check in tilt_checks(f)]
    checks += [iso_echo_angle(f) for f in F_NUMBERS]
    checks += [needle(tilt) for tilt in NEEDLE_TILTS_DEG]
    return Section(
        "Surfaces and tilt",
        "Mirrors, fibres and needles in media of their own. No line of the engine weighs an echo "
        "by an angle: what a tilt takes away is lost in the sum over the aperture.",
        checks,
        (_tilt_figure(),),
    )
