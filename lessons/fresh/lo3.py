"""Image formation: echo times, pulse and frame rates, compression, speckle."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory

LO3, add = generators("LO3", "lo3_fresh")


def frames(lines: float, depth_cm: float, n: float = 1) -> float:
    """Frames a second that sound allows if nothing waits, Hz."""
    return theory.frame_rate_hz(int(lines), depth_cm / 100, int(n), pulse_rate="high")


@add(1, "apply", "kremkau")
def echo_time(draw: Draw) -> Numeric:
    z = draw.grid(5, 80, 5)
    us = 2 * z * 1e-3 / 1540 * 1e6
    return Numeric(
        f"How long after the pulse does the echo from {z:g} mm come back (1540 m/s)?", us, "µs",
        "Twice the depth over the speed: 13 µs for each centimetre.",
        (
            Wrong(us / 2, "return_path_forgotten", "After this time the pulse has only just got there."),
            Wrong(us * 2, "two_way_everywhere", "There and back was counted twice."),
            Wrong(us / 10, "unit_slip", "A power of ten was lost between mm and cm."),
            Wrong(z * 1.54, "ratio_reversed", "Depth was multiplied by the speed instead of divided."),
        ),
    )  # fmt: skip


@add(1, "apply", "kremkau")
def depth_of_echo(draw: Draw) -> Numeric:
    us = draw.grid(10, 90, 4)
    mm = us * 1.54 / 2
    return Numeric(
        f"An echo arrives {us:g} µs after the pulse. How deep does the scanner draw it (1540 m/s)?",
        mm, "mm",
        "Half of the time is for the way back: 0.77 mm for each µs.",
        (
            Wrong(mm * 2, "return_path_forgotten", "This is the whole way there and back."),
            Wrong(mm / 2, "two_way_everywhere", "The way back was taken off twice."),
            Wrong(us / 1.54, "ratio_reversed", "The time was divided by the speed instead of multiplied."),
            Wrong(mm * 10, "unit_slip", "A power of ten was lost between mm and cm."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def pulse_rate_limit(draw: Draw) -> Numeric:
    z = draw.grid(2, 16, 0.5)
    khz = theory.highest_pulse_rate_hz(z / 100) * 1e-3
    return Numeric(
        f"The picture reaches to {z:g} cm. How many pulses can be sent in a second at most, if each "
        "waits for the deepest echo (1540 m/s)?", khz, "kHz",
        f"Each pulse takes 13 µs per cm: 77 kHz divided by {z:g}.",
        (
            Wrong(khz * 2, "return_path_forgotten", "The pulse has to come back before the next is sent."),
            Wrong(khz / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(khz * 10, "unit_slip", "A power of ten was lost between m, cm and mm."),
            Wrong(z * 7.7 / 10, "ratio_reversed", "Deeper means fewer pulses, not more."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frame_rate(draw: Draw) -> Numeric:
    z, lines, zones = (
        draw.grid(2, 8, 0.5),
        draw.choice((128, 192, 256, 384)),
        draw.choice((2, 3, 4)),
    )
    rate = frames(lines, z, zones)
    return Numeric(
        f"How many frames a second are possible with {lines} lines, {zones} focal zones and a depth "
        f"of {z:g} cm (77 000 cm/s for depth × pulses)?", rate, "frames/s",
        f"77 000 over {z:g} cm × {lines} lines × {zones} zones.",
        (
            Wrong(rate * zones, "foci_are_free", "Each focal zone needs a pulse of its own on every line."),
            Wrong(rate * 2, "return_path_forgotten", "Echoes have to come back: 77 000 is for both ways already."),
            Wrong(rate / 2, "two_way_everywhere", "The 77 000 cm/s hold the way back; it was taken off again."),
            Wrong(rate * z, "factor_left_out", "The depth was left out of it."),
            Wrong(rate * zones**2, "ratio_reversed", "More zones were taken to make more frames."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def lines_for_frame_rate(draw: Draw) -> Numeric:
    z, rate = draw.grid(2, 8, 0.5), draw.choice((20, 25, 30, 40, 50))
    lines = theory.frame_rate_hz(1, z / 100, pulse_rate="high") / rate
    return Numeric(
        f"A depth of {z:g} cm has to be shown at {rate} frames a second with one focus. About "
        "how many lines can a frame have (1540 m/s)?", lines, "lines",
        f"77 000 pulses × cm a second, over {z:g} cm and {rate} frames.",
        (
            Wrong(lines * 2, "return_path_forgotten", "Only the way there was counted."),
            Wrong(lines / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(lines * rate / 10, "factor_left_out", "Ten frames a second were reckoned with, whatever is asked."),
            Wrong(lines * z, "factor_left_out", "The depth was left out of it."),
            Wrong(lines / z, "square_mixed_up", "Depth was divided by twice."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frame_time(draw: Draw) -> Numeric:
    z, lines, angles = draw.grid(2, 6, 0.5), draw.choice((128, 192, 256)), draw.choice((3, 5, 7, 9))
    ms = 1e3 / frames(lines, z, angles)
    return Numeric(
        f"How long does one frame take, compounded from {angles} angles of {lines} lines each, at "
        f"{z:g} cm of depth (13 µs per cm)?", ms, "ms",
        f"{angles} × {lines} pulses of {z:g} × 13 µs.",
        (
            Wrong(ms / angles, "foci_are_free", "Each angle is a whole picture of its own."),
            Wrong(ms / 2, "return_path_forgotten", "13 µs hold the way back; it was halved."),
            Wrong(ms * 2, "two_way_everywhere", "13 µs per cm hold the way back already."),
            Wrong(ms / z, "factor_left_out", "The depth was left out of it."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def grey_levels(draw: Draw) -> Numeric:
    dr, steps = draw.grid(40, 96, 4), draw.choice((63, 127, 255))
    step = dr / steps
    return Numeric(
        f"A dynamic range of {dr:g} dB is shown with {steps} even steps of grey. By how much must two "
        "echoes differ to be one step apart?", step, "dB",
        f"{dr:g} dB are divided among {steps} steps.",
        (
            Wrong(steps / dr, "ratio_reversed", "This is the number of steps for one decibel."),
            Wrong(step * 2, "two_way_everywhere", "Nothing is doubled: the range is of echoes as they come."),
            Wrong(20 * math.log10(steps) / dr, "decibel_slip", "Greys are in proportion to decibels; no second logarithm is taken."),
            Wrong(step / 2, "amplitude_for_intensity", "Half the step: the range is one of levels, the same for both."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def range_as_ratio(draw: Draw) -> Numeric:
    dr = draw.choice((32, 36, 44, 48, 52, 56, 64, 66, 72))
    ratio = theory.amplitude_ratio(dr)
    return Numeric(
        f"The display shows {dr} dB. How many times larger is the amplitude of the strongest echo "
        "shown than of the weakest?", ratio, "times",
        f"10 to the power of {dr}/20.",
        (
            Wrong(theory.power_ratio(dr), "amplitude_for_intensity", "This ratio is one of intensities."),
            Wrong(float(dr), "decibel_slip", "Decibels were read as a factor."),
            Wrong(ratio**0.5, "two_way_everywhere", "Half of the decibels were taken."),
            Wrong(2.0**8, "decibel_slip", "This is the number of grey levels of eight bits."),
        ),
    )  # fmt: skip


@add(3, "analyse", "burckhardt", "trahey")
def speckle_snr(draw: Draw) -> Numeric:
    n = draw.choice((2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
    snr = theory.SPECKLE_SNR * math.sqrt(n)
    return Numeric(
        f"The mean amplitude of fully developed speckle is 1.91 standard deviations. How many is it "
        f"when {n} independent looks are averaged?", snr, "standard deviations",
        f"Averaging {n} independent looks gains the square root of {n}.",
        (
            Wrong(theory.SPECKLE_SNR * n, "square_mixed_up", "The gain is the square root of the number of looks."),
            Wrong(theory.SPECKLE_SNR / math.sqrt(n), "ratio_reversed", "Averaging makes speckle smoother, not rougher."),
            Wrong(theory.SPECKLE_SNR, "speckle_is_structure", "Other looks have other speckle, so averaging does change it."),
            Wrong(math.sqrt(n), "factor_left_out", "The one look that one starts from was left out."),
        ),
    )  # fmt: skip


@add(2, "apply", "hoskins")
def converter_range(draw: Draw) -> Numeric:
    bits = draw.choice((8, 9, 10, 11, 12, 13, 14, 15, 16))
    db = 20 * bits * math.log10(2)
    return Numeric(
        f"What range of amplitudes does an analogue-to-digital converter of {bits} bits span?",
        db, "dB",
        "Each bit doubles the largest number: 6 dB a bit.",
        (
            Wrong(db / 2, "amplitude_for_intensity", "3 dB a bit would be right if the samples were intensities."),
            Wrong(bits * 10.0, "decibel_slip", "A bit is a factor of two, not of ten."),
            Wrong(float(bits), "decibel_slip", "Bits are no decibels: each is worth six."),
            Wrong(db * 2, "two_way_everywhere", "The converter hears the echo once; nothing is doubled."),
        ),
    )  # fmt: skip
