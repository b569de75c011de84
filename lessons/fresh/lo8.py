"""Quality assurance in numbers: rulers, targets, penetration, elements."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory

LO8, add = generators("LO8", "lo8_fresh")


@add(1, "apply", "cirs040")
def caliper_error(draw: Draw) -> Numeric:
    true, error = draw.choice((20, 25, 40, 50, 60, 80)), draw.grid(0.6, 2.4, 0.2)
    measured = round(true + error, 1)
    per_cent = error / true * 100
    return Numeric(
        f"Wires {true} mm apart are measured as {measured:g} mm. What is the error of the ruler?",
        per_cent, "%",
        f"{error:g} mm over the true {true} mm.",
        (
            Wrong(error, "unit_slip", "This is the error in millimetres."),
            Wrong(per_cent / 2, "two_way_everywhere", "Halving belongs to echo times; a ruler shows depth."),
            Wrong(per_cent * 10, "unit_slip", "A power of ten was lost on the way."),
            Wrong(per_cent * 2, "return_path_forgotten", "The error was doubled for the way back, which the ruler has in it."),
            Wrong(true / measured * 100, "ratio_reversed", "This is what part of the reading is true."),
        ),
    )  # fmt: skip


@add(2, "apply", "ats539")
def rubber_block(draw: Draw) -> Numeric:
    mm, c = draw.choice((10, 15, 20, 30, 40, 50, 60)), draw.choice((1430, 1440, 1450, 1460))
    out = theory.shown_length_m(mm, c)
    return Numeric(
        f"In a block of rubber of {c} m/s two wires are {mm} mm apart along the beam. What does a "
        "scanner for 1540 m/s measure?", out, "mm",
        f"Slow rubber reads too long: {mm} × 1540/{c}.",
        (
            Wrong(mm * c / 1540, "ratio_reversed", "Slow sound is late, so things read deeper, not nearer."),
            Wrong(mm * (1540 / c) ** 2, "square_mixed_up", "The ratio of the speeds counts once."),
            Wrong(mm, "artefact_is_real", "It would be right only in a block whose wires have been moved to fit."),
            Wrong(out / 2, "two_way_everywhere", "The ruler has halved the way already."),
            Wrong(mm * 2, "return_path_forgotten", "The way there and back is no length."),
        ),
    )  # fmt: skip


@add(2, "apply", "cirs040")
def dead_part_of_aperture(draw: Draw) -> Numeric:
    n, dead = draw.choice((32, 40, 48, 64)), draw.choice((4, 6, 8, 10, 12, 16, 20))
    loss = -20 * math.log10(1 - dead / n)
    return Numeric(
        f"Of {n} elements that make a transmit aperture {dead} are dead. By how much does the pressure at "
        "the focus fall, if all of them add up there equally?", loss, "dB",
        f"20 log of the part that is left, {n - dead}/{n}.",
        (
            Wrong(loss / 2, "amplitude_for_intensity", "Pressures add up, and pressure takes 20 log."),
            Wrong(dead / n * 100, "decibel_slip", "This is the part of dead elements in per cent."),
            Wrong(-20 * math.log10(dead / n), "ratio_reversed", "This is the level of the dead part, not of what is left."),
            Wrong(loss * 2, "two_way_everywhere", "Asked is the pressure that is sent; reception would add its own loss."),
        ),
    )  # fmt: skip


@add(3, "analyse", "cirs040")
def penetration_lost(draw: Draw) -> Numeric:
    f, a, lost = draw.grid(4, 12, 1), draw.choice((0.5, 0.7)), draw.choice((3, 4, 6, 8, 10, 12))
    z = lost / theory.two_way_loss_db(a, f * 1e6, 0.01) * 10
    return Numeric(
        f"A probe has lost {lost} dB of sensitivity. By how much less deep does it reach in a test block "
        f"of {a:g} dB/cm/MHz at {f:g} MHz?", z, "mm",
        f"2 × {a:g} × {f:g} dB are one centimetre of depth.",
        (
            Wrong(z * 2, "return_path_forgotten", "Each centimetre of depth costs its loss twice."),
            Wrong(z / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(z / 10, "unit_slip", "This depth is in cm, not in mm."),
            Wrong(lost / (2 * a) / 10, "factor_left_out", "The frequency was left out of it."),
            Wrong(float(lost), "decibel_slip", "Decibels are no millimetres."),
        ),
    )  # fmt: skip


@add(2, "apply", "cirs040")
def target_contrast(draw: Draw) -> Numeric:
    inside, outside = draw.grid(20, 80, 5), draw.grid(100, 200, 10)
    db = 20 * math.log10(inside / outside)
    return Numeric(
        f"Before log compression the mean amplitude in a target is {inside:g}, beside it {outside:g} of the "
        "same units. What is the contrast of the target?", db, "dB",
        f"20 log of the ratio {inside:g}/{outside:g}.",
        (
            Wrong(db / 2, "amplitude_for_intensity", "Amplitudes take 20 log, intensities 10."),
            Wrong(-db, "ratio_reversed", "The target is darker, so its contrast is negative."),
            Wrong(inside - outside, "decibel_slip", "A difference of amplitudes is no level."),
            Wrong(db * 2, "two_way_everywhere", "The echo has been there and back already; nothing is doubled."),
        ),
    )  # fmt: skip


@add(2, "apply", "kinsler")
def water_bath(draw: Draw) -> Numeric:
    mm, c = draw.choice((30, 40, 50, 60, 80, 100)), draw.choice((1470, 1482, 1490, 1500))
    error = mm - theory.shown_length_m(mm, c)
    return Numeric(
        f"A wire hangs {mm} mm deep in water of {c} m/s. How far from its true depth does a scanner for "
        "1540 m/s draw it?", -error, "mm",
        f"{mm} × (1540/{c} − 1): cool water is slower than tissue.",
        (
            Wrong(-error * 2, "two_way_everywhere", "The ruler halves the way already; the error is not doubled."),
            Wrong(-error / 2, "return_path_forgotten", "Sound is late on both ways, and the ruler halves the sum."),
            Wrong(mm - error, "factor_left_out", "This is where it is drawn, not how far off."),
            Wrong(-error * 10, "unit_slip", "A power of ten was lost on the way."),
        ),
    )  # fmt: skip
