"""Transducers and beams: resolution, focus, apertures, grating lobes."""

import math

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory
from physics.constants import MACHINE_SPEED_M_S as C

LO2, add = generators("LO2", "lo2_fresh")


@add(1, "apply", "kremkau")
def axial_resolution(draw: Draw) -> Numeric:
    n, f = draw.choice((2, 3, 4)), draw.grid(4, 18, 1)
    length = n * theory.wavelength(f * 1e6) * 1e3
    return Numeric(
        f"A pulse of {f:g} MHz has {n} cycles. Down to which distance along the beam can two "
        "surfaces be told apart (1540 m/s)?", length / 2, "mm",
        f"Half of the pulse length of {n} wavelengths, because the way to the deeper one is covered twice.",
        (
            Wrong(length, "return_path_forgotten", "This is the whole length of the pulse; half of it is enough."),
            Wrong(length / n / 2, "factor_left_out", "This is half a wavelength; the number of cycles was left out."),
            Wrong(length / 4, "two_way_everywhere", "The pulse length was halved twice."),
            Wrong(n * f / 2 / 10, "ratio_reversed", "Higher frequency makes pulses shorter, not longer."),
        ),
    )  # fmt: skip


@add(3, "apply", "szabo", "model")
def axial_from_bandwidth(draw: Draw) -> Numeric:
    f, b = draw.grid(5, 18, 1), draw.grid(50, 80, 5)
    mm = theory.axial_width(f * 1e6 * b / 100) * 1e3
    return Numeric(
        f"A probe of {f:g} MHz has a pulse-echo bandwidth of {b:g} % at −6 dB. How long, as depth on "
        "the screen, is its echo of a point at −6 dB (Gaussian pulse, 1540 m/s)?", mm, "mm",
        "Half the speed times 0.88 over the bandwidth in Hz: broad band, short pulse.",
        (
            Wrong(mm * 2, "return_path_forgotten", "Depth on the screen is half of the way that sound has gone."),
            Wrong(mm * b / 100, "factor_left_out", "The centre frequency was taken for the bandwidth."),
            Wrong(mm / 2, "two_way_everywhere", "The way back was counted twice."),
            Wrong(mm * (b / 100) ** 2, "ratio_reversed", "A broader band makes the pulse shorter, not longer."),
        ),
    )  # fmt: skip


@add(2, "apply", "szabo", "model")
def beam_width(draw: Draw) -> Numeric:
    f, n = draw.grid(5, 18, 1), draw.choice((1.5, 2, 2.5, 3, 4))
    mm = theory.lateral_width(f * 1e6, n) * 1e3
    return Numeric(
        f"At {f:g} MHz and F-number {n:g} in transmission and reception, how wide is the image of a "
        "point at the focus (−6 dB, even apertures, 1540 m/s)?", mm, "mm",
        "0.886 times wavelength times F-number, for the product of both beams.",
        (
            Wrong(mm / n, "factor_left_out", "This is about the wavelength; the F-number was left out."),
            Wrong(mm / n**2, "ratio_reversed", "A larger F-number makes the beam wider, not narrower."),
            Wrong(mm * n, "square_mixed_up", "The F-number counts once for width; squared it gives depth of field."),
            Wrong(mm * 2, "two_way_everywhere", "Width is not a path; there is nothing to double."),
            Wrong(mm / 2, "return_path_forgotten", "Halving belongs to depth, not to width."),
        ),
    )  # fmt: skip


@add(1, "apply", "kremkau")
def f_number(draw: Draw) -> Numeric:
    z, d = draw.grid(10, 50, 2), draw.grid(5, 25, 1)
    n = z / d
    return Numeric(
        f"A beam is focused at {z:g} mm by an aperture {d:g} mm wide. What is its F-number?", n, "F",
        "Depth of the focus over width of the aperture.",
        (
            Wrong(d / z, "ratio_reversed", "Aperture over depth is the reverse of an F-number."),
            Wrong(n / 2, "two_way_everywhere", "The width was doubled; an F-number knows no way back."),
            Wrong(n * 2, "factor_left_out", "Half of the aperture was taken; its whole width counts."),
            Wrong(n**2, "square_mixed_up", "The F-number is squared for depth of field only."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def elements_of_aperture(draw: Draw) -> Numeric | None:
    z, n, pitch = (
        draw.grid(12, 40, 2),
        draw.choice((1.5, 2, 2.5, 3)),
        draw.choice((0.1, 0.15, 0.2, 0.25, 0.3)),
    )
    count = z / n / pitch
    if abs(count - round(count)) > 1e-9:
        return None
    return Numeric(
        f"The focus lies at {z:g} mm, the F-number is {n:g} and elements are {pitch:g} mm apart. How "
        "many of them send?", count, "elements",
        f"The aperture is {z:g}/{n:g} mm wide; divided by the distance of the elements.",
        (
            Wrong(z * n / pitch, "ratio_reversed", "A larger F-number means a smaller aperture."),
            Wrong(z / pitch, "factor_left_out", "The F-number was left out."),
            Wrong(count / 2, "two_way_everywhere", "Half of the aperture was taken."),
            Wrong(z / n, "factor_left_out", "This is the aperture in mm, not its elements."),
            Wrong(count * 2, "return_path_forgotten", "Sending is one way: nothing is doubled."),
        ),
    )  # fmt: skip


@add(2, "apply", "kinsler")
def near_field(draw: Draw) -> Numeric:
    d, f = draw.grid(4, 14, 1), draw.grid(2, 8, 0.5)
    mm = theory.near_field_m(d * 1e-3, f * 1e6) * 1e3
    return Numeric(
        f"How long is the near field of an unfocused round transducer of {d:g} mm diameter at "
        f"{f:g} MHz (1540 m/s)?", mm, "mm",
        "Diameter squared over four wavelengths.",
        (
            Wrong(mm * 4, "factor_left_out", "With the radius squared the four goes; with the diameter it stays."),
            Wrong(mm / d, "square_mixed_up", "The diameter has to be squared."),
            Wrong(mm / f**2, "ratio_reversed", "Higher frequency makes the near field longer."),
            Wrong(mm / 2, "two_way_everywhere", "The way back plays no part in the length of the near field."),
        ),
    )  # fmt: skip


@add(2, "apply", "szabo", "model")
def depth_of_field(draw: Draw) -> Numeric:
    f, n = draw.grid(5, 18, 1), draw.choice((1.5, 2, 2.5, 3, 4))
    mm = theory.depth_of_field(f * 1e6, n) * 1e3
    return Numeric(
        f"How deep is the focal region (two-way, −6 dB, about 7 wavelengths times the F-number "
        f"squared) at {f:g} MHz and F {n:g} (1540 m/s)?", mm, "mm",
        "6.95 times the wavelength times the square of the F-number.",
        (
            Wrong(mm / n, "square_mixed_up", "The F-number counts squared for depth, once for width."),
            Wrong(mm / n**2, "factor_left_out", "The F-number was left out altogether."),
            Wrong(mm / 6.95, "factor_left_out", "The factor of about 7 was left out."),
            Wrong(mm * n, "square_mixed_up", "The F-number was taken to the third power."),
            Wrong(mm * 2, "two_way_everywhere", "The formula is two-way already."),
        ),
    )  # fmt: skip


@add(3, "apply", "szabo")
def pitch_without_grating_lobes(draw: Draw) -> Numeric:
    f, t = draw.grid(4, 15, 1), draw.choice((10, 15, 20, 30))
    mm = theory.most_pitch_m(f * 1e6, math.radians(t)) * 1e3
    wave = theory.wavelength(f * 1e6) * 1e3
    return Numeric(
        f"What is the largest distance of elements that has no grating lobes at {f:g} MHz when "
        f"beams are steered by {t:g}° (1540 m/s)?", mm, "mm",
        "The wavelength over 1 plus the sine of the steering angle.",
        (
            Wrong(wave, "factor_left_out", "One wavelength is enough only without steering."),
            Wrong(wave / 4, "two_way_everywhere", "A quarter is more than needed: half a wavelength does for any angle."),
            Wrong(wave * (1 + math.sin(math.radians(t))), "ratio_reversed", "Steering brings the lobe nearer, so elements must be closer."),
            Wrong(wave * 2, "lobes_mixed_up", "At two wavelengths grating lobes are there even unsteered."),
        ),
    )  # fmt: skip


@add(3, "apply", "szabo")
def grating_lobe_angle(draw: Draw) -> Numeric | None:
    f, pitch = draw.grid(7, 18, 0.5), draw.grid(0.15, 0.35, 0.01)
    wave = theory.wavelength(f * 1e6) * 1e3
    t = abs(math.degrees(theory.grating_lobe_angle(f * 1e6, pitch * 1e-3)))
    if not 15 < t < 80:  # nan too
        return None
    return Numeric(
        f"Elements are {pitch:g} mm apart. At which angle to an unsteered beam is the first grating "
        f"lobe at {f:g} MHz (1540 m/s)?", t, "°",
        "The arcsine of wavelength over distance of the elements.",
        (
            Wrong(math.degrees(math.atan(wave / pitch)), "factor_left_out", "Path differences go with the sine, not with the tangent."),
            Wrong(90 - t, "ratio_reversed", "This angle is counted from the face instead of from the beam."),
            Wrong(math.degrees(math.asin(wave / pitch / 2)), "two_way_everywhere", "Half a wavelength makes neighbours cancel; a whole one makes a lobe."),
            Wrong(math.degrees(wave / pitch), "factor_left_out", "The sine was taken for the angle."),
            Wrong(t / 3, "lobes_mixed_up", "Side lobes are as near as this; grating lobes are farther out."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def matching_layer(draw: Draw) -> Numeric:
    f, c = draw.grid(3, 15, 0.5), draw.grid(2400, 2900, 50)
    um = c / (4 * f * 1e6) * 1e6
    return Numeric(
        f"Sound in a matching layer travels at {c:g} m/s. How thick is it on a probe of {f:g} MHz, "
        "at a quarter of a wavelength?", um, "µm",
        f"{c:g} m/s over {f:g} MHz is the wavelength in the layer; a quarter of it.",
        (
            Wrong(um * 2, "factor_left_out", "Half a wavelength is right for the element, not for its matching layer."),
            Wrong(um * 1540 / c, "frequency_changes_speed", "The wavelength in tissue was taken; the layer has its own."),
            Wrong(um * 4, "factor_left_out", "This is the whole wavelength."),
            Wrong(um / 2, "two_way_everywhere", "Sound passes twice, which the quarter takes care of already."),
        ),
    )  # fmt: skip


@add(3, "apply", "szabo")
def steering_delay(draw: Draw) -> Numeric:
    t, pitch = draw.grid(5, 20, 1), draw.choice((0.1, 0.15, 0.2, 0.25, 0.3))
    ns = pitch * 1e-3 * math.sin(math.radians(t)) / C * 1e9
    return Numeric(
        f"Elements are {pitch:g} mm apart. By how much later must each send than its neighbour to "
        f"steer the beam by {t:g}° (1540 m/s)?", ns, "ns",
        "The sine of the angle times the distance, over the speed.",
        (
            Wrong(ns * 2, "two_way_everywhere", "Sending goes one way; nothing is doubled."),
            Wrong(pitch * 1e-3 * math.cos(math.radians(t)) / C * 1e9, "ratio_reversed", "The cosine is of the way along the beam; unsteered it would not vanish."),
            Wrong(pitch * 1e-3 / C * 1e9, "factor_left_out", "The angle was left out: this is a beam along the face."),
            Wrong(ns * 10, "unit_slip", "A power of ten was lost on the way to nanoseconds."),
        ),
    )  # fmt: skip
