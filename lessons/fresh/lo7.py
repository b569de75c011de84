"""Safety in numbers: indices, power, derating."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory
from physics.acoustic_output import MI_LIMIT, derating, mechanical_index, soft_tissue_index

LO7, add = generators("LO7", "lo7_fresh")


@add(1, "apply", "iec62359")
def mechanical_index_of_pressure(draw: Draw) -> Numeric:
    p, f = draw.grid(0.8, 4, 0.1), draw.choice((2.5, 4, 5, 6, 7.5, 9, 12, 16))
    mi = mechanical_index(p * 1e6, f * 1e6)
    return Numeric(
        f"The derated peak rarefactional pressure is {p:g} MPa at {f:g} MHz. What is the MI?", mi, "MI",
        f"Pressure in MPa over the square root of {f:g}.",
        (
            Wrong(p / f, "square_mixed_up", "The root of the frequency is taken, not the frequency."),
            Wrong(p * math.sqrt(f), "ratio_reversed", "Higher frequency makes cavitation less likely, so it divides."),
            Wrong(p, "factor_left_out", "The frequency was left out of it."),
            Wrong(p * p / f, "indices_swapped", "The square of pressure belongs to intensity and heat."),
        ),
    )  # fmt: skip


@add(2, "apply", "iec62359")
def mi_after_frequency(draw: Draw) -> Numeric:
    mi, f1, f2 = (
        draw.grid(0.5, 1.6, 0.1),
        draw.choice((4, 5, 6, 7.5)),
        draw.choice((10, 12, 15, 18)),
    )
    new = mi * mechanical_index(1e6, f2 * 1e6) / mechanical_index(1e6, f1 * 1e6)
    return Numeric(
        f"At {f1:g} MHz a scanner shows MI {mi:g}. What does it show at {f2:g} MHz if the derated "
        "rarefactional pressure stays the same?", new, "MI",
        "MI goes with one over the root of the frequency.",
        (
            Wrong(mi * f1 / f2, "square_mixed_up", "The root of the ratio of frequencies counts."),
            Wrong(mi * math.sqrt(f2 / f1), "ratio_reversed", "A higher frequency lowers MI at equal pressure."),
            Wrong(mi, "factor_left_out", "MI depends on frequency, not on pressure alone."),
            Wrong(mi * f2 / f1, "indices_swapped", "TIS goes with the frequency; MI falls with it."),
        ),
    )  # fmt: skip


@add(2, "apply", "iec62359")
def mi_after_power(draw: Draw) -> Numeric:
    mi, db = draw.grid(0.7, 1.8, 0.1), draw.choice((3, 4, 6, 8, 9, 10, 12, 15))
    new = mi * theory.amplitude_ratio(-db)
    return Numeric(
        f"A scanner shows MI {mi:g} at full power. What is it at −{db} dB of power, all else equal?",
        new, "MI",
        f"MI goes with pressure: 10 to the power of −{db}/20.",
        (
            Wrong(mi * theory.power_ratio(-db), "amplitude_for_intensity", "Power falls by as much; MI goes with pressure."),
            Wrong(mi, "power_is_gain", "Power is what is sent; MI falls with it. Gain would leave it alone."),
            Wrong(mi / db, "decibel_slip", "Decibels were read as a divisor."),
            Wrong(mi * theory.amplitude_ratio(-db / 2), "two_way_everywhere", "Half of the decibels were taken."),
        ),
    )  # fmt: skip


@add(2, "apply", "iec62359")
def ti_after_power(draw: Draw) -> Numeric:
    ti, db = draw.grid(0.5, 2.5, 0.1), draw.choice((3, 4, 5, 6, 7, 9, 10))
    new = ti * theory.power_ratio(-db)
    return Numeric(
        f"A scanner shows TIS {ti:g} at full power. What is it at −{db} dB of power, all else equal?",
        new, "TIS",
        f"TIS goes with power: 10 to the power of −{db}/10.",
        (
            Wrong(ti * theory.amplitude_ratio(-db), "amplitude_for_intensity", "Pressure, and with it MI, falls by as much; TIS goes with power."),
            Wrong(ti, "power_is_gain", "Power is what is sent; only gain would leave TIS alone."),
            Wrong(ti / db, "decibel_slip", "Decibels were read as a divisor."),
            Wrong(ti * theory.power_ratio(-2 * db), "two_way_everywhere", "The decibels were counted for two ways."),
        ),
    )  # fmt: skip


@add(3, "apply", "iec62359")
def derated_pressure(draw: Draw) -> Numeric:
    p, f, z = draw.grid(2, 5, 0.5), draw.grid(4, 12, 1), draw.grid(1, 4, 0.5)
    out = p * float(derating(f * 1e6, z / 100))
    loss = 0.3 * f * z
    return Numeric(
        f"In water {p:g} MPa are measured at {z:g} cm and {f:g} MHz. What is the pressure derated by "
        "0.3 dB/cm/MHz?", out, "MPa",
        f"0.3 × {f:g} × {z:g} dB less, one way, as a ratio of pressures.",
        (
            Wrong(p * theory.power_ratio(-loss), "amplitude_for_intensity", "Intensity falls by this; pressure takes 20 in the exponent."),
            Wrong(p * theory.amplitude_ratio(-2 * loss), "two_way_everywhere", "Exposure is one way: nothing comes back."),
            Wrong(p * theory.amplitude_ratio(-loss / 2), "return_path_forgotten", "Half of the loss was taken; the whole way to that depth counts."),
            Wrong(p * theory.amplitude_ratio(-0.3 * f), "factor_left_out", "Depth was left out of the loss."),
            Wrong(p * theory.amplitude_ratio(-0.3 * z), "factor_left_out", "Frequency was left out of the loss."),
        ),
    )  # fmt: skip


@add(2, "apply", "iec62359")
def soft_tissue_thermal_index(draw: Draw) -> Numeric:
    w, f = draw.grid(10, 60, 5), draw.grid(4, 15, 1)
    ti = soft_tissue_index(w * 1e-3, f * 1e6)
    return Numeric(
        f"{w:g} mW leave the central centimetre of the face at {f:g} MHz in a scanned mode. What is TIS "
        "(the power in mW times the frequency in MHz, over 210)?", ti, "TIS",
        f"{w:g} mW times {f:g} MHz, divided by 210.",
        (
            Wrong(w / 210 * math.sqrt(f), "indices_swapped", "The root of the frequency belongs to MI."),
            Wrong(w / f, "ratio_reversed", "More is absorbed at higher frequency: it multiplies."),
            Wrong(w / 210, "factor_left_out", "The frequency was left out of it."),
            Wrong(ti * 2, "two_way_everywhere", "Heat is made on the way there; nothing is doubled."),
            Wrong(ti / 2, "amplitude_for_intensity", "The power is given as power; nothing is halved."),
        ),
    )  # fmt: skip


@add(2, "apply", "fda", "iec62359")
def highest_pressure(draw: Draw) -> Numeric:
    f = draw.choice((2.5, 3.5, 5, 6, 7.5, 10, 12, 15))
    p = MI_LIMIT * 1e6 / mechanical_index(1e6, f * 1e6) * 1e-6
    return Numeric(
        f"Up to which derated rarefactional pressure may a scanner go at {f:g} MHz with the FDA limit of "
        f"MI {MI_LIMIT:g}?", p, "MPa",
        f"{MI_LIMIT:g} times the square root of {f:g} (MHz).",
        (
            Wrong(MI_LIMIT * f, "square_mixed_up", "The root of the frequency is taken."),
            Wrong(MI_LIMIT / math.sqrt(f), "ratio_reversed", "Higher frequency allows more pressure, not less."),
            Wrong(MI_LIMIT, "factor_left_out", "MI is a pressure only at 1 MHz."),
        ),
    )  # fmt: skip
