"""Bent rays beside Snell's law, and depths read with the wrong speed. Checks 18, 25 and 26."""

import math

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.geometry import Pose
from physics.paths import Paths, follow
from physics.survey import survey
from physics.validation.check import Check, Curve, Figure, Panel, Section, about, at_most
from physics.validation.media import (
    MIRROR,
    SILENT,
    Medium,
    Region,
    below,
    disc,
    look,
    make_tissues,
)

SPEEDS = (1400.0, 1480.0, 1600.0, 1750.0, 3350.0)
TILTS_DEG = (-25, -10, 3, 12, 24)
CYLINDERS = ((1460.0, 1700.0), (1575.0, 1700.0), (1450.0, 1640.0))
"""Speeds outside and inside, m/s: fat and tendon, muscle and tendon, fat and cartilage."""
DEPTH_SPEEDS = (1450.0, 1460.0, 1540.0, 1600.0, 1640.0)
MACHINE_SPEEDS = (1400, 1460, 1540, 1640)
RAY_STEP_M = 0.2e-3
SNELL = "Snell: sin t2 / sin t1 = c2 / c1"


def rays_in(medium: Medium, *, half_width_m: float = 12e-3, depth_m: float = 40e-3) -> Paths:
    """Rays of a medium, 0.2 mm apart."""
    n = round(2 * half_width_m / RAY_STEP_M) + 1
    cut = medium.slice(
        Pose(), x0_m=-half_width_m, dx_m=RAY_STEP_M, n_x=n, dz_m=RAY_STEP_M,
        n_z=round(depth_m / RAY_STEP_M) + 1,
    )  # fmt: skip
    return follow(cut, survey(cut))


def direction(paths: Paths, ray: int, near: int, far: int) -> float:
    """Angle of a piece of a ray from straight down, rad; positive to the right."""
    return math.atan2(
        float(paths.x_m[ray, far] - paths.x_m[ray, near]),
        float(paths.z_m[ray, far] - paths.z_m[ray, near]),
    )


def slope(c2_m_s: float, tilt_deg: float) -> Medium:
    """A second medium below a plane 15 mm deep that goes down to the right."""
    return Medium(
        make_tissues(SILENT, {"speed_m_s": c2_m_s}),
        (Region(0), Region(1, below(15e-3, math.radians(tilt_deg)))),
    )


def bent(c2_m_s: float, tilt_deg: float) -> Check:
    """Direction of the middle ray below a tilted plane. The plane goes down to the right: its
    normal leans to the left, the ray away from it."""
    paths = rays_in(slope(c2_m_s, tilt_deg))
    tilt = math.radians(tilt_deg)
    inside = math.asin(c2_m_s / MACHINE_SPEED_M_S * math.sin(tilt))
    return about(
        f"direction of a ray below a plane, {c2_m_s:g} m/s, {tilt_deg:g} degrees",
        math.degrees(direction(paths, paths.x_m.shape[0] // 2, 100, 180)),
        math.degrees(inside - tilt),
        abs_=0.1, unit="degrees", number=18, source=SNELL,
    )  # fmt: skip


def worst_bent() -> Check:
    """Largest error of all speeds and tilts."""
    cases = [(c, t) for c in SPEEDS for t in TILTS_DEG
             if abs(c / MACHINE_SPEED_M_S * math.sin(math.radians(t))) < 1]  # fmt: skip
    error = max(abs(check.measured - check.expected) for check in (bent(*case) for case in cases))
    return at_most(
        f"direction of a ray below a plane: largest error of {len(cases)} speeds and tilts", error,
        0.1, unit="degrees", number=18, source=SNELL,
    )  # fmt: skip


def critical_angle() -> Check:
    """Tilt from which on the middle ray ends, found in steps of 0.05 degrees."""
    c2 = 3350.0
    critical = math.degrees(math.asin(MACHINE_SPEED_M_S / c2))
    for degrees in np.arange(critical - 0.5, critical + 0.55, 0.05):
        paths = rays_in(slope(c2, float(degrees)))
        if (paths.passed[paths.x_m.shape[0] // 2] == 0).any():
            break
    return about(
        "angle from which nothing gets into bone (3350 m/s)", float(degrees), critical, abs_=0.2,
        unit="degrees", number=18, source="arcsin(c1 / c2)",
    )  # fmt: skip


def dark_edges(c1: float, c2: float) -> list[Check]:
    """Width of the strip at either edge of a faster cylinder: 10 % or one ray."""
    a = 5e-3
    tissues = make_tissues({"speed_m_s": c1}, {"speed_m_s": c2})
    paths = rays_in(Medium(tissues, (Region(0), Region(1, disc(0.0, 15e-3, a)))))
    ended = (paths.passed == 0).any(axis=1)
    x = paths.medium.x_m
    closed = a * (1 - c1 / c2)
    return [
        about(
            f"dark strip at the {side} edge of a cylinder, {c1:g} to {c2:g} m/s",
            1e3 * ended[where].sum() * RAY_STEP_M, 1e3 * closed,
            abs_=1e3 * max(0.1 * closed, RAY_STEP_M), unit="mm", number=25,
            source="total reflection: a (1 - c1 / c2)",
        )
        for side, where in (("right", x > 0), ("left", x < 0))
    ]  # fmt: skip


def depth_read(speed: float, machine: float = MACHINE_SPEED_M_S) -> Check:
    """Where a mirror 20 mm deep is shown: one sample."""
    tissue = {"speed_m_s": speed}
    medium = Medium(
        make_tissues(tissue, {**tissue, **MIRROR}), (Region(0), Region(1, below(20e-3)))
    )
    frame = look(medium, machine_speed_m_s=machine, frequency_mhz=7.5)
    line = np.abs(frame.iq[frame.iq.shape[0] // 2])
    return about(
        f"20 mm of {speed:g} m/s on a machine that believes in {machine:g} m/s",
        1e3 * frame.sample_z_m[line.argmax()], 20 * machine / speed,
        abs_=1e3 * float(np.diff(frame.sample_z_m)[0]), unit="mm", number=26,
        source="z c_machine / c",
    )  # fmt: skip


def _figure() -> Figure:
    tilts = np.linspace(0, 27, 28)
    fine = np.linspace(0, 27, 271)
    curves = []
    for colour, c2 in enumerate((1400.0, 1750.0, 3350.0)):
        closed = np.degrees(np.arcsin(np.minimum(c2 / 1540 * np.sin(np.radians(fine)), 1))) - fine
        can = c2 / 1540 * np.sin(np.radians(fine)) < 1
        curves.append(Curve(fine[can], closed[can], f"Snell, {c2:g} m/s", colour=colour))
        allowed = tilts[c2 / 1540 * np.sin(np.radians(tilts)) < 0.999][::3]
        found = [bent(c2, float(t)).measured for t in allowed]
        curves.append(
            Curve(allowed, np.array(found), f"engine, {c2:g} m/s", measured=True, colour=colour)
        )
    speeds = np.linspace(1450, 1600, 7)
    shown = [depth_read(float(c)) for c in speeds]
    return Figure(
        "refraction",
        "Left: turn of a ray at a tilted plane. Right: where a mirror 20 mm deep is shown.",
        (
            Panel("Snell", "tilt of the plane, degrees", "turn of the ray, degrees", curves),
            Panel("depth misread", "speed of sound, m/s", "shown depth, mm",
                  (Curve(speeds, 20 * 1540 / speeds, "z c0 / c"),
                   Curve(speeds, np.array([c.measured for c in shown]), "engine",
                         measured=True))),
        ),
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Checks 18, 25 and 26."""
    if quick:
        return Section("Refraction", "", [bent(1750.0, 12)])
    checks = [worst_bent(), critical_angle()]
    checks += [check for speeds in CYLINDERS for check in dark_edges(*speeds)]
    checks += [depth_read(speed) for speed in DEPTH_SPEEDS]
    checks += [depth_read(1460.0, machine) for machine in MACHINE_SPEEDS if machine != 1540]
    return Section(
        "Refraction and the wrong speed",
        "Rays are bent at every boundary; the machine shows them as if they were straight and all "
        "tissue had the speed it believes in.",
        checks,
        (_figure(),),
    )
