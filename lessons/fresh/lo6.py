"""Doppler in numbers: shift, aliasing, pulse rate, angle."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory

LO6, add = generators("LO6", "lo6_fresh")


@add(2, "apply", "hoskins")
def shift(draw: Draw) -> Numeric:
    f, v, t = draw.grid(4, 12, 0.5), draw.grid(4, 40, 2), draw.choice((30, 40, 45, 50, 60))
    hz = theory.doppler_shift_hz(f * 1e6, v / 100, math.radians(t))
    return Numeric(
        f"Blood flows at {v:g} cm/s, at {t}° to a beam of {f:g} MHz (1540 m/s). What is the Doppler "
        "shift?", hz, "Hz",
        "2 f v cos(angle), over the speed of sound.",
        (
            Wrong(hz / 2, "return_path_forgotten", "The shift arises twice: at the blood as receiver and as source."),
            Wrong(hz / math.cos(math.radians(t)), "factor_left_out", "Only the part of the flow along the beam counts."),
            Wrong(hz * math.tan(math.radians(t)), "doppler_likes_90", "The sine would be largest at 90°, where there is no shift."),
            Wrong(hz * 100, "unit_slip", "Centimetres a second were taken for metres a second."),
        ),
    )  # fmt: skip


@add(2, "apply", "hoskins")
def flow_of_shift(draw: Draw) -> Numeric:
    f, hz, t = draw.grid(4, 12, 0.5), draw.grid(200, 1600, 100), draw.choice((30, 40, 45, 50, 60))
    v = hz / theory.doppler_shift_hz(f * 1e6, 0.01, math.radians(t))
    return Numeric(
        f"At {f:g} MHz and {t}° between beam and vessel a shift of {hz:g} Hz is measured (1540 m/s). How "
        "fast is the blood?", v, "cm/s",
        "c times the shift, over 2 f cos(angle).",
        (
            Wrong(v * 2, "return_path_forgotten", "The factor of two in the Doppler equation was forgotten."),
            Wrong(v * math.cos(math.radians(t)), "factor_left_out", "This is the part along the beam; the flow itself is faster."),
            Wrong(v * math.cos(math.radians(t)) ** 2, "ratio_reversed", "The cosine was multiplied by instead of divided by."),
            Wrong(v / 2, "two_way_everywhere", "The factor of two was used twice."),
        ),
    )  # fmt: skip


@add(2, "apply", "terslev", "hoskins")
def nyquist(draw: Draw) -> Numeric:
    prf, f = draw.choice((400, 500, 600, 700, 800, 1000, 1500, 2000)), draw.grid(5, 12, 0.5)
    v = theory.nyquist_m_s(prf, f * 1e6) * 100
    return Numeric(
        f"Pulse rate {prf} Hz, Doppler frequency {f:g} MHz, flow along the beam (1540 m/s). From which "
        "speed on does colour alias?", v, "cm/s",
        f"Where the shift is half the pulse rate, {prf / 2:g} Hz.",
        (
            Wrong(v * 2, "factor_left_out", "Two samples a period are needed: half the pulse rate is the limit."),
            Wrong(v / 2, "two_way_everywhere", "A factor of two was used once too often."),
            Wrong(v * 4, "return_path_forgotten", "Neither the half of the pulse rate nor the two of the equation was used."),
        ),
    )  # fmt: skip


@add(2, "apply", "hoskins")
def pulse_rate_for_flow(draw: Draw) -> Numeric:
    f, v, t = draw.grid(4, 12, 0.5), draw.grid(10, 80, 5), draw.choice((30, 45, 60))
    khz = 2 * theory.doppler_shift_hz(f * 1e6, v / 100, math.radians(t)) * 1e-3
    return Numeric(
        f"Flow of {v:g} cm/s at {t}° to a beam of {f:g} MHz has to be shown without aliasing (1540 m/s). "
        "Which pulse rate is needed at least?", khz, "kHz",
        "Twice the Doppler shift: two pulses a period.",
        (
            Wrong(khz / 2, "factor_left_out", "This is the shift itself; it needs two pulses a period."),
            Wrong(khz * 2, "two_way_everywhere", "The shift was doubled once too often."),
            Wrong(khz / math.cos(math.radians(t)), "factor_left_out", "More than needed: only the part of the flow along the beam counts."),
            Wrong(khz / 4, "return_path_forgotten", "The two of the Doppler equation was forgotten as well."),
        ),
    )  # fmt: skip


@add(3, "analyse", "hoskins")
def aliased_speed(draw: Draw) -> Numeric | None:
    limit = draw.grid(3, 20, 1)
    v = limit + draw.grid(1, 15, 1)
    if not 1 <= 2 * limit - v < limit or v >= 2 * limit:
        return None
    wrapped = 2 * limit - v
    return Numeric(
        f"The colour scale ends at ±{limit:g} cm/s. Flow towards the probe has {v:g} cm/s along the beam. "
        "Which speed away from the probe does its colour stand for?", wrapped, "cm/s",
        f"What exceeds the end comes in at the other: {v:g} − 2 × {limit:g} cm/s.",
        (
            Wrong(v - limit, "factor_left_out", "The excess is counted from the other end of the scale, not from zero."),
            Wrong(limit, "artefact_is_real", "The scale does not stop at its end; it goes round."),
            Wrong(v, "ratio_reversed", "The sign is turned, but the speed changes as well."),
            Wrong(v / 2, "two_way_everywhere", "Nothing is halved: twice the end of the scale is taken off."),
            Wrong(2 * limit, "factor_left_out", "This is the width of the whole scale."),
        ),
    )  # fmt: skip


@add(3, "analyse", "hoskins")
def angle_error(draw: Draw) -> Numeric:
    true, error = draw.choice((40, 45, 50, 55, 60, 65, 70)), draw.choice((5, 10, -5, -10))
    set_to = true + error
    per_cent = abs(math.cos(math.radians(true)) / math.cos(math.radians(set_to)) - 1) * 100
    way = "above" if error > 0 else "below"
    sines = abs(math.sin(math.radians(true)) / math.sin(math.radians(set_to)) - 1) * 100
    return Numeric(
        f"Flow runs at {true}° to the beam, and the angle cursor is set to {set_to}°. By how much does "
        f"the speed read {way} the true one?", per_cent, "%",
        "The reading goes with the cosine of the true angle over that of the angle set.",
        (
            Wrong(sines, "doppler_likes_90", "The sine was taken; the shift goes with the cosine."),
            Wrong(abs(error) / true * 100, "factor_left_out", "Angles were compared instead of their cosines."),
            Wrong(per_cent * 2, "two_way_everywhere", "The angle counts once; the way back is in the factor of two."),
            Wrong(float(abs(error)), "decibel_slip", "Degrees are no per cents; near 90° each degree costs more."),
            Wrong(per_cent / 2, "return_path_forgotten", "Halving the error has no reason: one cosine stands for both ways."),
        ),
    )  # fmt: skip


@add(2, "apply", "torp", "kremkau")
def colour_frame_rate(draw: Draw) -> Numeric:
    lines, n, khz = (
        draw.grid(30, 90, 10),
        draw.choice((6, 8, 10, 12, 16)),
        draw.choice((0.5, 0.8, 1, 1.5, 2, 4)),
    )
    rate = khz * 1e3 / (lines * n)
    return Numeric(
        f"A colour box has {lines:g} lines with {n} pulses each, sent at {khz:g} kHz one line after the other. "
        "How many colour frames a second are possible at most?", rate, "frames/s",
        f"{khz:g} kHz over {lines:g} × {n} pulses.",
        (
            Wrong(khz * 1e3 / lines, "foci_are_free", "Each line needs its whole packet of pulses."),
            Wrong(rate / 2, "two_way_everywhere", "The pulse rate counts pulses; the way back is in it."),
            Wrong(khz * 1e3 / n, "factor_left_out", "The number of lines was left out."),
            Wrong(rate * 2, "return_path_forgotten", "Half of the pulses would be enough only for half of the box."),
        ),
    )  # fmt: skip
