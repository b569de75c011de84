"""Artefacts in numbers: wrong speeds, longer paths, lost and gained decibels."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory

LO5, add = generators("LO5", "lo5_fresh")


@add(2, "apply", "artefacts_msk", "model")
def fat_displacement(draw: Draw) -> Numeric:
    mm, c = draw.grid(10, 40, 2), draw.choice((1440, 1450, 1460))
    more = theory.shown_length_m(mm, c) - mm
    return Numeric(
        f"Bone lies under {mm:g} mm of fat (speed {c} m/s). By how much too deep is it shown by a "
        "scanner that believes in 1540 m/s?", more, "mm",
        f"{mm:g} mm of fat take as long as {mm:g} × 1540/{c} mm of soft tissue.",
        (
            Wrong(more / 2, "return_path_forgotten", "Sound is late on both ways, and the ruler halves the sum."),
            Wrong(theory.shown_length_m(mm, c), "factor_left_out", "This is the whole thickness shown, not the error."),
            Wrong(mm * ((1540 / c) ** 2 - 1), "square_mixed_up", "The ratio of the speeds counts once."),
        ),
    )  # fmt: skip


@add(2, "apply", "artefacts_msk", "model")
def tendon_shown(draw: Draw) -> Numeric:
    mm, c = draw.grid(4, 12, 0.5), draw.choice((1650, 1680, 1700, 1750))
    out = theory.shown_length_m(mm, c)
    return Numeric(
        f"A tendon is {mm:g} mm thick, and sound passes it at {c} m/s. What does the ruler of a "
        "scanner that believes in 1540 m/s say?", out, "mm",
        f"Fast tissue reads too thin: {mm:g} × 1540/{c}.",
        (
            Wrong(mm * c / 1540, "ratio_reversed", "Fast tissue is passed sooner, so it reads thinner, not thicker."),
            Wrong(out / 2, "two_way_everywhere", "The ruler has halved the time already."),
            Wrong(mm * (1540 / c) ** 2, "square_mixed_up", "The ratio of the speeds counts once."),
            Wrong(mm, "artefact_is_real", "The ruler would be right only at 1540 m/s."),
            Wrong(mm * 2, "return_path_forgotten", "Way there and back is no thickness."),
        ),
    )  # fmt: skip


@add(2, "apply", "us_artifacts", "model")
def enhancement(draw: Draw) -> Numeric:
    d, f, a = draw.grid(4, 20, 1), draw.grid(5, 15, 1), draw.choice((0.5, 0.6, 0.7))
    db = theory.two_way_loss_db(a, f * 1e6, d * 1e-3)
    return Numeric(
        f"A cyst {d:g} mm thick (front to back), whose fluid takes nothing from the sound, lies in tissue of {a:g} "
        f"dB/cm/MHz. How much brighter is tissue behind it than beside it at {f:g} MHz?", db, "dB",
        f"What is not lost: 2 × {a:g} × {f:g} × {d / 10:g} cm.",
        (
            Wrong(db / 2, "return_path_forgotten", "The echo is spared on its way back as well."),
            Wrong(db * 10, "unit_slip", "Millimetres were taken for centimetres."),
            Wrong(db / f, "factor_left_out", "Attenuation goes with the frequency, which was left out."),
            Wrong(db * 2, "two_way_everywhere", "The way back was counted twice."),
        ),
    )  # fmt: skip


@add(1, "apply", "us_artifacts")
def reverberation_depth(draw: Draw) -> Numeric:
    z, gap, n = draw.grid(6, 15, 1), draw.grid(2, 7, 0.5), draw.choice((2, 3, 4))
    depth = z + (n + 1) * gap
    return Numeric(
        f"Two plates are seen at {z:g} mm and {gap:g} mm deeper. At which depth is line number {n} of the "
        "reverberation between them, counted below the deeper plate?", depth, "mm",
        f"Each bounce adds {gap:g} mm: the lower plate, and {n} times the distance below it.",
        (
            Wrong(z + n * gap, "factor_left_out", "Counted from the upper plate; the first line lies below the lower one."),
            Wrong((n + 1) * z, "depth_and_side_mixed_up", "Bounces between plate and probe would add the depth of the upper plate."),
            Wrong(z + gap + 2 * n * gap, "two_way_everywhere", "There and back are two distances of way and one of depth."),
            Wrong(z + gap + n * gap / 2, "return_path_forgotten", "Each bounce goes there and back: a whole distance of depth."),
        ),
    )  # fmt: skip


@add(2, "analyse", "us_artifacts", "olympus")
def rungs_in_steel(draw: Draw) -> Numeric:
    mm = draw.grid(0.6, 4, 0.2)
    rung = theory.shown_length_m(mm, 5660)
    return Numeric(
        f"Sound bounces within {mm:g} mm of steel (5660 m/s). How far apart are the lines of its ladder on "
        "a screen scaled for 1540 m/s?", rung, "mm",
        f"Steel is passed fast: {mm:g} × 1540/5660.",
        (
            Wrong(mm, "artefact_is_real", "The ruler assumes 1540 m/s, and steel is nearly four times as fast."),
            Wrong(mm * 5660 / 1540, "ratio_reversed", "Fast material reads thinner, not thicker."),
            Wrong(rung * 2, "two_way_everywhere", "The ruler has halved the way already."),
            Wrong(rung / 2, "return_path_forgotten", "Each bounce goes there and back within the steel."),
        ),
    )  # fmt: skip


@add(3, "analyse", "kremkau", "model")
def range_ambiguity(draw: Draw) -> Numeric | None:
    prf, z = draw.choice((10, 11, 12, 14, 15, 16, 18, 20)), draw.grid(50, 110, 5)
    span = theory.highest_pulse_rate_hz(1e-3) * 1e-3 / prf  # mm that one pulse listens to
    shown_mm = z - span
    if not 3 < shown_mm < span:
        return None
    return Numeric(
        f"Pulses follow at {prf} kHz. At which depth is an echo from {z:g} mm shown, which is heard "
        "only after the next pulse (1540 m/s)?", shown_mm, "mm",
        f"Depth is counted from the newest pulse: {z:g} mm less 1540/(2 × {prf}) mm.",
        (
            Wrong(span, "factor_left_out", "This is the depth that one pulse interval covers."),
            Wrong(z, "artefact_is_real", "The scanner cannot tell which pulse an echo belongs to."),
            Wrong(abs(z - 2 * span), "return_path_forgotten", "The way of one interval was not halved for the way back."),
            Wrong(z - span / 2, "two_way_everywhere", "The interval was halved once too often."),
            Wrong(z + span, "ratio_reversed", "Late echoes come in too high up, not too deep."),
        ),
    )  # fmt: skip


@add(1, "apply", "us_artifacts")
def mirror_depth(draw: Draw) -> Numeric | None:
    mirror, above = draw.grid(20, 40, 1), draw.grid(4, 14, 1)
    if above * 2 >= mirror:
        return None
    depth = mirror + above
    return Numeric(
        f"A vessel lies {above:g} mm above bone, which is level at {mirror:g} mm. At which depth is its "
        "mirror image?", depth, "mm",
        "As far below the mirror as the vessel lies above it.",
        (
            Wrong(mirror - above, "artefact_is_real", "This is where the vessel itself lies."),
            Wrong(mirror + 2 * above, "two_way_everywhere", "The longer way is there and back; half of it is depth."),
            Wrong(mirror + above / 2, "return_path_forgotten", "The detour was halved once too often."),
            Wrong(2 * mirror, "depth_and_side_mixed_up", "Twice the depth of bone is where it would reverberate."),
            Wrong(2 * (mirror - above), "depth_and_side_mixed_up", "Twice its own depth is a reverberation with the probe."),
        ),
    )  # fmt: skip


@add(3, "analyse", "crass", "model")
def tilt_of_half_echo(draw: Draw) -> Numeric:
    n = draw.choice((1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.5, 4))
    tilt = math.atan(1 / (4 * n))
    assert abs(theory.sheet_acceptance(tilt, n) - 0.5) < 1e-9
    deg = math.degrees(tilt)
    return Numeric(
        f"A smooth sheet at the focus sends its echo aside when it is tilted. At which tilt does half "
        f"of the amplitude still meet an aperture of F {n:g} (equal both ways)?", deg, "°",
        "The echo is displaced by 2 z tan(tilt); half is left where this is half the aperture.",
        (
            Wrong(math.degrees(math.atan(1 / (2 * n))), "factor_left_out", "Here the whole echo is lost; the same comes out if the doubling of the angle is forgotten."),
            Wrong(math.degrees(math.atan(1 / n)), "return_path_forgotten", "The whole aperture was taken, and the doubling forgotten."),
            Wrong(deg / 2, "two_way_everywhere", "The doubling of the angle was counted twice."),
            Wrong(math.degrees(math.atan(n / 4)), "ratio_reversed", "A larger F-number forgives less tilt, not more."),
        ),
    )  # fmt: skip


@add(2, "apply", "us_artifacts", "kinsler")
def shift_by_refraction(draw: Draw) -> Numeric:
    t, c1, c2, z = (
        draw.grid(15, 35, 1),
        draw.choice((1440, 1460)),
        draw.choice((1580, 1620, 1700)),
        draw.grid(10, 30, 2),
    )
    out = theory.refracted_rad(math.radians(t), c1, c2)
    shift = z * math.tan(out - math.radians(t))
    return Numeric(
        f"A beam enters tissue of {c2} m/s from fat ({c1} m/s) at {t:g}° to the normal and goes on for "
        f"{z:g} mm along its old direction. How far beside its straight course is it then?", shift, "mm",
        "It bends by the difference of both angles after Snell; the tangent of it times the way.",
        (
            Wrong(z * math.tan(out), "factor_left_out", "The angle to the normal was taken instead of the bend."),
            Wrong(shift * 2, "two_way_everywhere", "What is asked is the place of the beam, on its way there."),
            Wrong(z * math.tan(math.radians(t)), "beams_are_straight", "This is how far a straight beam runs to the side."),
            Wrong(shift / 2, "return_path_forgotten", "Halving belongs to echo times."),
        ),
    )  # fmt: skip
