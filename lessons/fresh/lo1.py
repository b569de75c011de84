"""Sound and tissue: wavelength, attenuation, decibels, impedance, refraction."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from lessons.fresh.numbers import shown
from physics import theory

LO1, add = generators("LO1", "lo1_fresh")


@add(1, "apply", "kremkau")
def wavelength(draw: Draw) -> Numeric:
    f = draw.grid(3, 18, 0.5)
    mm = theory.wavelength(f * 1e6) * 1e3
    return Numeric(
        f"What is the wavelength in soft tissue (1540 m/s) at {f:g} MHz?", mm, "mm",
        f"Speed over frequency: 1.54 mm/µs over {f:g} per µs.",
        (
            Wrong(mm * 10, "unit_slip", "A factor of ten was lost between MHz and mm."),
            Wrong(f / 1.54, "ratio_reversed", "This is frequency over speed; it is the other way round."),
            Wrong(mm / 2, "return_path_forgotten", "Halving belongs to echo times: a wavelength has no way back."),
            Wrong(mm * 2, "two_way_everywhere", "The way back plays no part in a wavelength."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frequency_of_wavelength(draw: Draw) -> Numeric:
    mm = draw.grid(0.08, 0.5, 0.01)
    f = 1540 / (mm * 1e-3) * 1e-6
    return Numeric(
        f"Which frequency has a wavelength of {mm:g} mm in soft tissue (1540 m/s)?", f, "MHz",
        f"Speed over wavelength: 1540 m/s over {mm:g} mm.",
        (
            Wrong(f / 10, "unit_slip", "A factor of ten was lost between millimetres and metres."),
            Wrong(f / 2, "two_way_everywhere", "The way back plays no part in a wavelength."),
            Wrong(f * 2, "return_path_forgotten", "Nothing has to be doubled: wavelength times frequency is the speed."),
            Wrong(1.54 * mm * 10, "ratio_reversed", "Speed was multiplied by the wavelength instead of divided by it."),
        ),
    )  # fmt: skip


@add(1, "apply", "kremkau")
def two_way_loss(draw: Draw) -> Numeric:
    f, z, a = draw.grid(4, 15, 1), draw.grid(1, 5, 0.5), draw.choice((0.5, 0.6, 0.7))
    loss = theory.two_way_loss_db(a, f * 1e6, z / 100)
    return Numeric(
        f"Tissue attenuates {a:g} dB/cm/MHz. How much weaker does a {f:g} MHz echo from {z:g} cm "
        "come back, by attenuation alone?", loss, "dB",
        f"{a:g} × {f:g} MHz × {2 * z:g} cm, for sound goes there and back.",
        (
            Wrong(loss / 2, "return_path_forgotten", "This is the loss on the way there; the echo loses as much on its way back."),
            Wrong(loss / f, "factor_left_out", "The loss goes with the frequency, which was left out."),
            Wrong(loss * 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(2 * a * f, "factor_left_out", "This is the loss for one centimetre of depth; the depth was left out."),
            Wrong(loss / z**2, "ratio_reversed", "The loss was divided by the depth; more depth means more loss."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def depth_for_loss(draw: Draw) -> Numeric:
    f, a, loss = draw.grid(5, 15, 1), draw.choice((0.5, 0.6, 0.7)), draw.grid(30, 70, 5)
    z = loss / theory.two_way_loss_db(a, f * 1e6, 0.01)
    return Numeric(
        f"At {f:g} MHz in tissue of {a:g} dB/cm/MHz, from which depth do echoes come back {loss:g} dB "
        "weaker by attenuation?", z, "cm",
        f"Each centimetre of depth costs 2 × {a:g} × {f:g} dB, there and back.",
        (
            Wrong(z * 2, "return_path_forgotten", "The loss of the way back was forgotten."),
            Wrong(z / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(z * a, "factor_left_out", "The coefficient of the tissue was left out."),
            Wrong(z * f / 10, "factor_left_out", "The frequency was taken as 10 MHz, whatever it is."),
            Wrong(loss / (2 * f), "factor_left_out", "Here the tissue is taken to lose 1 dB/cm/MHz."),
        ),
    )  # fmt: skip


@add(3, "analyse", "kremkau")
def frequency_for_depth(draw: Draw) -> Numeric | None:
    z, a, loss = draw.grid(2, 7, 0.5), draw.choice((0.5, 0.6, 0.7)), draw.grid(40, 60, 5)
    f = loss / theory.two_way_loss_db(a, 1e6, z / 100)
    if not 3 <= f <= 18:
        return None  # no probe of musculoskeletal work
    return Numeric(
        f"A scanner can afford {loss:g} dB of attenuation. What is the highest frequency that still "
        f"shows tissue of {a:g} dB/cm/MHz at {z:g} cm?", f, "MHz",
        f"{loss:g} dB over 2 × {z:g} cm × {a:g} dB/cm/MHz.",
        (
            Wrong(f * 2, "return_path_forgotten", "The echo has to come back as well, which halves what can be afforded."),
            Wrong(f / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(loss / (2 * z), "factor_left_out", "The tissue's coefficient was left out."),
            Wrong(f * a, "ratio_reversed", "Multiplied by the coefficient where division is meant."),
        ),
    )  # fmt: skip


@add(1, "apply", "kremkau")
def frequency_change_of_loss(draw: Draw) -> Numeric:
    low, a, z = draw.grid(4, 8, 1), draw.choice((0.5, 0.6, 0.7)), draw.grid(2, 5, 0.5)
    high = low + draw.grid(2, 8, 1)
    gain = theory.two_way_loss_db(a, (high - low) * 1e6, z / 100)
    return Numeric(
        f"The frequency is turned down from {high:g} to {low:g} MHz. By how much does an echo from "
        f"{z:g} cm grow in tissue of {a:g} dB/cm/MHz?", gain, "dB",
        f"2 × {a:g} × {z:g} cm × {high - low:g} MHz of difference.",
        (
            Wrong(gain / 2, "return_path_forgotten", "Only one way was counted."),
            Wrong(theory.two_way_loss_db(a, low * 1e6, z / 100), "factor_left_out", "This is the whole loss that is left at the lower frequency."),
            Wrong(20 * math.log10(high / low), "decibel_slip", "Loss in decibels goes with the frequency itself, not with its logarithm."),
            Wrong(theory.two_way_loss_db(a, high * 1e6, z / 100), "factor_left_out", "This is the whole loss at the higher frequency."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def level_of_amplitude_ratio(draw: Draw) -> Numeric:
    n = draw.choice((2, 3, 4, 5, 6, 8, 15, 20, 30, 50, 70, 200))
    db = 20 * math.log10(n)
    return Numeric(
        f"One echo has {n} times the amplitude (pressure) of another. How far apart are their levels?",
        db, "dB",
        f"20 log of {n}: amplitude counts 20, because its square is the intensity.",
        (
            Wrong(db / 2, "amplitude_for_intensity", "10 log is for intensities; amplitudes take 20."),
            Wrong(float(n), "decibel_slip", "A ratio is no level: its logarithm has to be taken."),
            Wrong(db * 2, "two_way_everywhere", "Levels of echoes are compared as they come; nothing is doubled."),
            Wrong(db / 20, "decibel_slip", "This is the logarithm alone, without the factor 20."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def amplitude_ratio_of_level(draw: Draw) -> Numeric:
    db = draw.choice((12, 14, 15, 16, 18, 22, 24, 26, 28, 30, 34))
    ratio = theory.amplitude_ratio(db)
    return Numeric(
        f"Two echoes differ by {db} dB. How many times larger is the amplitude of the stronger?",
        ratio, "times",
        f"10 to the power of {db}/20: 6 dB make two, 20 dB ten times the amplitude.",
        (
            Wrong(theory.power_ratio(db), "amplitude_for_intensity", "This is the ratio of intensities."),
            Wrong(db / 3, "decibel_slip", "Decibels add where ratios multiply; 3 dB are no step of one."),
            Wrong(float(db), "decibel_slip", "Decibels were read as a factor."),
            Wrong(theory.amplitude_ratio(db / 2), "two_way_everywhere", "Half of the decibels were taken, as if for one way."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def intensity_left(draw: Draw) -> Numeric:
    db = draw.grid(2, 16, 1)
    left = theory.power_ratio(-db) * 100
    return Numeric(
        f"Sound has lost {db:g} dB on its way. What part of its intensity is left?", left, "%",
        f"10 to the power of −{db:g}/10.",
        (
            Wrong(theory.amplitude_ratio(-db) * 100, "amplitude_for_intensity", "This part of the amplitude is left; intensity goes with its square."),
            Wrong(100 - 5 * db, "decibel_slip", "Decibels are no per cents that can be subtracted."),
            Wrong(100 - left, "ratio_reversed", "This part is lost, not left."),
            Wrong(100 / db, "decibel_slip", "The decibels were read as a divisor."),
        ),
    )  # fmt: skip


@add(1, "apply", "kinsler", "itis")
def impedance(draw: Draw) -> Numeric:
    rho, c = draw.grid(910, 1150, 10), draw.grid(1440, 1750, 10)
    z = rho * c * 1e-6
    return Numeric(
        f"A tissue has a density of {rho:g} kg/m³ and a speed of sound of {c:g} m/s. What is its "
        "acoustic impedance?", z, "MRayl",
        "Density times speed, in millions of kg/m²s.",
        (
            Wrong(c / rho, "ratio_reversed", "Speed over density; impedance is their product."),
            Wrong(z * 10, "unit_slip", "A power of ten was lost on the way to millions."),
            Wrong(rho / c, "density_slows_sound", "Density over speed; impedance is their product."),
            Wrong(z / 2, "two_way_everywhere", "Nothing is halved: an impedance knows no way back."),
        ),
    )  # fmt: skip


@add(2, "apply", "kinsler")
def reflected_intensity(draw: Draw) -> Numeric:
    z1, z2 = draw.grid(1.3, 1.9, 0.05), draw.choice((2.6, 2.96, 3.5, 5, 6, 6.3, 13.2))
    r = theory.reflection(z1, z2)
    return Numeric(
        f"Sound meets a boundary from {z1:g} to {z2:g} MRayl at a right angle. What part of its "
        "intensity is reflected?", r * r * 100, "%",
        "The square of (Z2 − Z1)/(Z2 + Z1).",
        (
            Wrong(r * 100, "amplitude_for_intensity", "This part of the pressure is reflected; intensity takes its square."),
            Wrong((1 - r * r) * 100, "ratio_reversed", "This is the part that passes."),
            Wrong(z1 / z2 * 100, "ratio_reversed", "The ratio of impedances alone is no reflection."),
            Wrong((1 - z1 / z2) ** 2 * 100, "factor_left_out", "The difference has to be divided by the sum of both."),
        ),
    )  # fmt: skip


@add(3, "apply", "kinsler")
def reflection_level(draw: Draw) -> Numeric:
    z1 = draw.grid(1.3, 1.6, 0.02)
    z2 = round(z1 + draw.grid(0.06, 0.5, 0.02), 2)
    r = theory.reflection(z1, z2)
    return Numeric(
        f"How far below that of a perfect mirror is the echo of a smooth boundary from {z1:g} to "
        f"{z2:g} MRayl, met at a right angle?", -20 * math.log10(r), "dB",
        f"20 log of (Z2 − Z1)/(Z2 + Z1), which is {shown(r, '')}.",
        (
            Wrong(-10 * math.log10(r), "amplitude_for_intensity", "The coefficient is one of pressure, which takes 20 log."),
            Wrong(-20 * math.log10(2 * r), "factor_left_out", "The difference was divided by the mean instead of the sum."),
            Wrong(r * 100, "decibel_slip", "This is the coefficient in per cent."),
            Wrong(-40 * math.log10(r), "two_way_everywhere", "A boundary is met once; its loss is not doubled."),
        ),
    )  # fmt: skip


@add(2, "apply", "kinsler")
def snell(draw: Draw) -> Numeric:
    t, c1, c2 = (
        draw.grid(15, 40, 1),
        draw.choice((1440, 1460, 1480)),
        draw.choice((1540, 1580, 1620, 1700)),
    )
    out = math.degrees(theory.refracted_rad(math.radians(t), c1, c2))
    return Numeric(
        f"A beam meets a boundary at {t:g}° to the normal, going from {c1} to {c2} m/s. What is its "
        "angle beyond?", out, "°",
        "Snell: the sines stand in the ratio of the speeds, and it bends away from the normal.",
        (
            Wrong(math.degrees(theory.refracted_rad(math.radians(t), c2, c1)), "ratio_reversed", "It bends towards the normal only where the second medium is slower."),
            Wrong(2 * t - out if 2 * t - out > 0 else t / 2, "ratio_reversed", "As far to the other side: the speeds were swapped."),
            Wrong(t, "beams_are_straight", "Sound would go straight on only with equal speeds or at a right angle."),
            Wrong(90 - t, "ratio_reversed", "This is the angle to the boundary instead of the normal."),
            Wrong(t * (c2 / c1) ** 2, "square_mixed_up", "The ratio of the speeds is taken once, and for the sines."),
            Wrong(90 - out, "ratio_reversed", "Right, but counted from the boundary: angles are taken to the normal."),
        ),
    )  # fmt: skip


@add(3, "apply", "kinsler")
def critical_angle(draw: Draw) -> Numeric:
    c1, c2 = draw.grid(1440, 1600, 10), draw.choice((1700, 1750, 2220, 2600, 3000, 3350, 5660))
    t = math.degrees(theory.critical_rad(c1, c2))
    return Numeric(
        f"From which angle to the normal on does no compression wave pass from {c1:g} m/s into "
        f"{c2:g} m/s?", t, "°",
        "Where the sine of the angle beyond would be 1: arcsin(c1/c2). In bone or steel a shear wave may still pass.",
        (
            Wrong(math.degrees(math.atan(c1 / c2)), "factor_left_out", "The tangent was taken; Snell's law has sines."),
            Wrong(90 - t, "ratio_reversed", "This angle is counted from the boundary."),
            Wrong(c1 / c2 * 90, "factor_left_out", "The angle itself was taken in proportion, not its sine."),
            Wrong(t / 2, "two_way_everywhere", "Nothing is halved: the beam passes once."),
            Wrong(math.degrees(math.asin((c1 / c2) ** 2)), "square_mixed_up", "The ratio of the speeds is not squared."),
        ),
    )  # fmt: skip
