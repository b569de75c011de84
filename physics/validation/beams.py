"""Beams beside closed forms: focal width, side lobes, depth of field, grating lobes, slice.

Fine-pitch arrays of thin elements in a two-dimensional world, at large F, so that the
paraxial formulas hold. Checks 1 to 7 of the thirty.
"""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from physics.beams import (
    element_table,
    face_distance,
    lay_out_lines,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.elevation import elevation_field
from physics.probe import Probe, find_probe
from physics.theory import depth_of_field, grating_lobe_angle, lateral_width, wavelength
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import full_width, to_db

FREQUENCY_HZ = 7.7e6  # wavelength 0.2 mm
F_NUMBER = 4.0
FOCUS_M = 40e-3
HARRIS = "Harris, Proc IEEE 1978;66:51: transform of the aperture"

SENT_WIDTHS = (
    ("rect", HALF_AMPLITUDE_DB, 1.2067, 0.02),
    ("rect", -20.0, 1.816, 0.02),
    ("hann", HALF_AMPLITUDE_DB, 2.001, 0.03),
    ("hamming", HALF_AMPLITUDE_DB, 1.816, 0.03),
    ("tukey", HALF_AMPLITUDE_DB, 1.573, 0.03),
)
"""Apodisation, level, width in wavelengths x F, tolerance."""
TWO_WAY_WIDTHS = (("rect", "rect", 0.02), ("hann", "hann", 0.03), ("rect", "hann", 0.03))
SIDE_LOBES = (("rect", -13.26, 0.3), ("hann", -31.47, 0.7))
GRATING_LOBES = ((0.3, 7.6e6, 42.5), (0.3048, 10e6, 30.3))
"""Pitch in mm, frequency, printed angle in degrees: L11-5v and L14-5/38."""
SLICES = (
    (10e6, 5e-3, 20e-3, 5e-3, 3.47e-3, 3.06e-3),
    (10e6, 5e-3, 20e-3, 12e-3, 1.88e-3, 1.20e-3),
    (10e6, 5e-3, 20e-3, 20e-3, 0.74e-3, 0.54e-3),
    (10e6, 5e-3, 20e-3, 30e-3, 1.47e-3, 0.93e-3),
    (10e6, 5e-3, 20e-3, 40e-3, 4.06e-3, 3.30e-3),
    (7.5e6, 5e-3, 18e-3, 4.5e-3, 3.41e-3, 3.14e-3),
    (7.5e6, 5e-3, 18e-3, 18e-3, 0.90e-3, 0.66e-3),
    (7.5e6, 5e-3, 18e-3, 36e-3, 4.35e-3, 1.73e-3),
    (15e6, 3.5e-3, 12e-3, 3e-3, 2.49e-3, 2.23e-3),
    (15e6, 3.5e-3, 12e-3, 12e-3, 0.42e-3, 0.31e-3),
    (15e6, 3.5e-3, 12e-3, 24e-3, 3.45e-3, 2.23e-3),
)
"""Frequency, height and focal length of the lens, depth, thickness one way and both ways, m:
Fresnel integrals."""


def fine_probe(pitch_m: float = 0.05e-3) -> Probe:
    """Many thin elements, one in front of every place where a line is put."""
    return replace(
        find_probe("L12-3"),
        n_element=2 * math.ceil(12e-3 / pitch_m) + 1,
        pitch_m=pitch_m,
        width_m=pitch_m,
        n_channel=10_000,
    )


def one_way(
    apodisation: str,
    *,
    depth_m: np.ndarray | float = FOCUS_M,
    f_number: float = F_NUMBER,
    receiving: bool = False,
    frequency_hz: float = FREQUENCY_HZ,
) -> tuple[np.ndarray, np.ndarray]:
    """Field of one line's aperture: lateral offsets, m, and complex [n_depth, n_offset].

    Sent with one focus at FOCUS_M, or heard with a focus that follows the depth.
    """
    probe, depth = fine_probe(), np.atleast_1d(np.asarray(depth_m, float))
    frequency = np.array([frequency_hz])
    layout = lay_out_lines(probe, np.zeros(1), per_pitch=2, reach_u=4e-3)
    kind = layout.classes[0]
    n_side = layout.reach_element * 2 + layout.n_tap + 1
    table = element_table(
        probe, frequency, depth, step=layout.columns.step, n_side=n_side, planar=True
    )
    if receiving:
        weights, _ = receive_weights(
            probe, frequency, kind, range_m=depth, apodisation=apodisation,
            reach_element=layout.reach_element, f_number=f_number,
        )  # fmt: skip
    else:
        weights = transmit_weights(
            probe, frequency, kind, focus_m=FOCUS_M, apodisation=apodisation,
            reach_element=layout.reach_element, f_number=f_number,
        )[None]  # fmt: skip
    field = sum_over_elements(table, weights, kind, layout)[:, :, 0]
    return layout.columns.u, field[0] + 1j * field[1]


def width_in_wavelengths_f(offset_m: np.ndarray, field: np.ndarray, level_db: float) -> float:
    """Full width of a field at the focus, in wavelengths x F."""
    return full_width(offset_m, to_db(field), level_db) / (wavelength(FREQUENCY_HZ) * F_NUMBER)


def highest_lobe_db(offset_m: np.ndarray, field: np.ndarray) -> float:
    """Highest local maximum beside the main one, dB re the main one."""
    level = to_db(field) - to_db(field).max()
    peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] > level[2:])) + 1
    return float(max(level[p] for p in peaks if abs(offset_m[p]) > 1e-4))


def sent_focus(apodisation: str, level_db: float, factor: float, tolerance: float) -> Check:
    """Width of the sent focus. 2 %: element steps of the aperture (pitch / aperture = 0.5 %) and
    angles up to 7 degrees."""
    offset, field = one_way(apodisation)
    return about(
        f"one-way focal width at {level_db:.0f} dB, {apodisation}",
        width_in_wavelengths_f(offset, field[0], level_db), factor,
        rel=tolerance, unit="lambda F", number=1, source=HARRIS,
    )  # fmt: skip


def two_way_focus(tx: str, rx: str, tolerance: float) -> Check:
    """Width of the product of both apertures' fields at the focus."""
    offset, sent = one_way(tx)
    _, heard = one_way(rx, receiving=True)
    width = full_width(offset, to_db(sent[0] * heard[0]), HALF_AMPLITUDE_DB)
    unit = lateral_width(FREQUENCY_HZ, F_NUMBER, "rect", "rect") / 0.8859
    return about(
        f"two-way focal width at -6 dB, {tx} x {rx}",
        width / unit, lateral_width(FREQUENCY_HZ, F_NUMBER, tx, rx) / unit,
        rel=tolerance, unit="lambda F", number=2 if tx == rx == "rect" else 3, source=HARRIS,
    )  # fmt: skip


def side_lobes(apodisation: str, one_way_db: float, tolerance_db: float) -> list[Check]:
    """Highest side lobe one way, and twice that both ways."""
    offset, sent = one_way(apodisation)
    _, heard = one_way(apodisation, receiving=True)
    number = 4 if apodisation == "rect" else 5
    return [
        about(
            f"highest side lobe {way}, {apodisation}", highest_lobe_db(offset, field), level,
            abs_=margin, unit="dB", number=number, source=HARRIS,
        )
        for way, field, level, margin in (
            ("one way", sent[0], one_way_db, tolerance_db),
            ("both ways", sent[0] * heard[0], 2 * one_way_db, max(0.5, 2 * tolerance_db)),
        )
    ]  # fmt: skip


def focal_depth() -> Check:
    """Two-way -6 dB depth of field. 8 %: the formula holds for a depth of field much smaller than
    the depth; it is 0.14 of it."""
    f_number = 2.0
    depth = np.linspace(30e-3, 50e-3, 401)
    offset, field = one_way("rect", depth_m=depth, f_number=f_number)
    on_axis = np.abs(field[:, np.argmin(np.abs(offset))]) * np.sqrt(depth)  # spreading taken out
    measured = full_width(depth, 2 * to_db(on_axis), HALF_AMPLITUDE_DB)
    return about(
        "two-way -6 dB depth of field, F 2", 1e3 * measured,
        1e3 * depth_of_field(FREQUENCY_HZ, f_number),
        rel=0.08, unit="mm", number=6, source="6.95 lambda F^2: cylindrical focus",
    )  # fmt: skip


def grating_lobe(pitch_mm: float, frequency_hz: float) -> Check:
    """Angle of the first grating lobe of 33 elements. Half a degree: the lobe is 1 degree wide
    and leans on the element's own directivity."""
    pitch, distance = pitch_mm * 1e-3, 150e-3
    probe = replace(find_probe("L11-5v"), n_element=33, pitch_m=pitch, width_m=0.9 * pitch)
    element = probe.element_u
    step = pitch / 64
    reach = math.ceil((distance + element[-1]) / step) + 1
    focus, _, _ = face_distance(probe, element, np.array([distance]))
    delay = np.exp(2j * np.pi * frequency_hz / MACHINE_SPEED_M_S * (focus - distance))
    closed = abs(math.degrees(grating_lobe_angle(frequency_hz, pitch)))
    angle = np.arange(closed - 3, closed + 3, 0.1)
    field = np.empty(angle.size)
    for i, a in enumerate(np.radians(angle)):  # one place on an arc about the array at a time
        table = element_table(
            probe,
            np.array([frequency_hz]),
            np.array([distance * math.cos(a)]),
            step=step,
            n_side=reach,
            planar=True,
        )[:, 0, 0]
        place = np.rint((distance * math.sin(a) - element) / step).astype(int) + reach
        field[i] = np.abs(np.sum(delay * (table[0, place] + 1j * table[1, place])))
    return about(
        f"grating lobe, pitch {pitch_mm:g} mm at {frequency_hz * 1e-6:g} MHz",
        angle[field.argmax()], closed, abs_=0.5, unit="degrees", number=7,
        source="sin t = lambda / pitch",
    )  # fmt: skip


def slice_thickness(
    frequency_hz: float,
    height_m: float,
    focus_m: float,
    depth_m: float,
    one_way_m: float,
    two_way_m: float,
) -> list[Check]:
    """Half-amplitude thickness one way and both ways, between the outermost crossings: near the
    probe the profile ripples. 10 % (the four Gaussians leave 8 % at the nearest place), at the
    focus 4 %."""
    y = np.linspace(-6e-3, 6e-3, 4801)
    field = elevation_field(
        np.array([frequency_hz]), y, np.array([depth_m]),
        height_m=height_m, elevation_focus_m=focus_m,
    )[0, :, 0]  # fmt: skip
    level = to_db(field) - to_db(field).max()
    tolerance = 0.04 if depth_m == focus_m else 0.10
    where = f"{frequency_hz * 1e-6:g} MHz, lens {height_m * 1e3:g} mm / {focus_m * 1e3:g} mm"
    return [
        about(
            f"slice thickness {way}, {where}, at {depth_m * 1e3:g} mm",
            1e3 * np.ptp(y[ways * level >= HALF_AMPLITUDE_DB]), 1e3 * expected,
            rel=tolerance, unit="mm", source="Fresnel integral",
        )
        for way, ways, expected in (("one way", 1, one_way_m), ("both ways", 2, two_way_m))
    ]  # fmt: skip


def _worst(claim: str, checks: Iterable[Check]) -> Check:
    """Of many alike the one that uses most of its tolerance, under a common name."""
    worst = max(checks, key=lambda c: abs(c.measured - c.expected) / (c.high - c.expected))
    return replace(worst, claim=f"{claim}: {worst.claim}")


def _profiles() -> Figure:
    panels = []
    for name in ("rect", "hann"):
        offset, sent = one_way(name)
        _, heard = one_way(name, receiving=True)
        field = sent[0] * heard[0]
        inside = np.abs(offset) < 2e-3
        level = to_db(field[inside]) - to_db(field).max()
        u = offset[inside] / (wavelength(FREQUENCY_HZ) * F_NUMBER)
        closed = np.sinc(u)
        if name == "hann":
            at_pole = np.abs(np.abs(u) - 1) < 1e-6  # 0 / 0 there: 1 / 2
            closed = np.where(at_pole, 0.5, closed / np.where(at_pole, 1, 1 - u**2))
        closed_db = np.maximum(2 * to_db(closed) - 2 * to_db(closed).max(), -80)
        mm = offset[inside] * 1e3
        panels.append(
            Panel(
                f"{name} x {name}", "beside the line, mm", "two-way field, dB",
                (Curve(mm, closed_db, "transform squared"),
                 Curve(mm[::4], np.maximum(level, -80)[::4], "engine", measured=True)),
                (-80.0, 2.0),
            )
        )  # fmt: skip
    return Figure(
        "beams", "Two-way beam at the focus (7.7 MHz, F 4, 40 mm), both apertures alike.", panels
    )


def section(quick: bool = False) -> Section:
    """Checks 1 to 7, and the slice of the elevation lens."""
    widths = SENT_WIDTHS[:1] if quick else SENT_WIDTHS
    both = TWO_WAY_WIDTHS[:1] if quick else TWO_WAY_WIDTHS
    lobes = SIDE_LOBES[:1] if quick else SIDE_LOBES
    checks = [sent_focus(*case) for case in widths]
    checks += [two_way_focus(*case) for case in both]
    checks += [check for case in lobes for check in side_lobes(*case)]
    if not quick:
        checks.append(focal_depth())
        checks += [grating_lobe(pitch, hz) for pitch, hz, _ in GRATING_LOBES]
        thickness = [slice_thickness(*case) for case in SLICES]
        checks.append(_worst("one-way slice, worst of 11", (pair[0] for pair in thickness)))
        checks.append(_worst("two-way slice, worst of 11", (pair[1] for pair in thickness)))
    return Section(
        "Beams",
        "Fine-pitch arrays at F 4 in two dimensions, where the paraxial formulas hold. The width "
        "of a focus is that of the aperture's Fourier transform; pulse-echo is the product of "
        "transmit and receive.",
        checks,
        (_profiles(),),
    )
