"""Numbers that are answers to questions are worked out again, from the numbers in the stems."""

import math
import re
from collections.abc import Callable

import pytest

from lessons.question_bank import load_bank
from lessons.questions import SINGLE_BEST, Item

C = 1540.0
"""Speed of sound where a stem leaves it to the convention, m/s."""


def db(ratio: float) -> float:
    return 20 * math.log10(ratio)


def amplitude(level_db: float) -> float:
    return 10 ** (level_db / 20)


def reflected(z1: float, z2: float) -> float:
    """Pressure reflection coefficient at normal incidence."""
    return (z2 - z1) / (z2 + z1)


def two_way(alpha: float, f_mhz: float, depth_cm: float) -> float:
    """Two-way loss, dB."""
    return alpha * f_mhz * 2 * depth_cm


def deg(rad: float) -> float:
    return math.degrees(rad)


def sin(angle_deg: float) -> float:
    return math.sin(math.radians(angle_deg))


def tan(angle_deg: float) -> float:
    return math.tan(math.radians(angle_deg))


def nyquist_cm_s(prf_hz: float, f_mhz: float, cosine: float = 1.0) -> float:
    return C * prf_hz / (4 * f_mhz * 1e6 * cosine) * 100


# (item, number and unit in the key, numbers of the stem, formula of those in the stem's units)
ROWS: list[tuple[str, str, tuple[str, ...], Callable[..., float]]] = [
    # sound and tissue
    ("lo1_wavelength_10_mhz", "0.15 mm", ("10 MHz", "1540 m/s"), lambda f, c: c / f * 1e-3),
    ("lo1_impedance_of_muscle", "1.69 MRayl", ("1075 kg", "1575 m/s"), lambda r, c: r * c * 1e-6),
    ("lo1_reflection_fat_muscle", "12 %", ("1.34 M", "1.69 M"), lambda a, b: 100 * reflected(a, b)),
    ("lo1_reflection_bone_intensity", "33 %", ("1.7 M", "6.3 M"),
     lambda a, b: 100 * reflected(a, b) ** 2),
    ("lo1_steel_needle_reflection", "93 %", ("1.69 M", "44.7 M"),
     lambda a, b: 100 * reflected(a, b)),
    ("lo1_snell_fat_to_muscle", "21.7°", ("1460 m/s", "1575 m/s", "20.0°"),
     lambda c1, c2, t: deg(math.asin(c2 / c1 * sin(t)))),
    ("lo1_critical_angle_fat_tendon", "59°", ("1460 m/s", "1700 m/s"),
     lambda c1, c2: deg(math.asin(c1 / c2))),
    ("lo1_period_10_mhz", "0.1 µs", ("10 MHz",), lambda f: 1 / f),
    ("lo1_two_way_loss_2_cm", "24 dB", ("0.6 dB", "10 MHz", "2.0 cm"), two_way),
    ("lo1_two_way_loss_12_mhz_4_cm", "48 dB", ("0.5 dB", "12 MHz", "4.0 cm"), two_way),
    ("lo1_ten_db_intensity", "10 %", ("10 dB",), lambda loss: 100 * 10 ** (-loss / 10)),
    ("lo1_forty_db_amplitude_ratio", "100 times", ("40 dB",), amplitude),
    ("lo1_rayleigh_power_law", "16-fold", (), lambda: 2.0**4),
    ("lo1_half_intensity_depth", "5.0 mm", ("6.0 dB",), lambda a: 10 * math.log10(2) / a * 10),
    ("lo1_penetration_budget", "4.0 cm", ("60 dB", "0.5 dB", "15 MHz"),
     lambda loss, a, f: loss / (2 * a * f)),
    # transducers and beams
    ("lo2_quarter_wave_thickness", "63 µm", ("2500 m/s", "10 MHz"), lambda c, f: c / f / 4),
    ("lo2_axial_resolution_10_mhz", "0.15 mm", ("2.0 cycles", "10 MHz", "1540 m/s"),
     lambda n, f, c: n * c / f * 1e-3 / 2),
    ("lo2_convex_line_spacing", "1.5 mm", ("50 mm", "0.50 mm", "100 mm"),
     lambda r, s, z: s * (r + z) / r),
    ("lo2_f_number_meaning", "F/2", ("20 mm", "10 mm"), lambda z, a: z / a),
    ("lo2_beam_width_12_mhz", "0.26 mm", ("12 MHz", "F/2", "1540 m/s"),
     lambda f, n, c: c / f * 1e-3 * n),
    ("lo2_deepest_f2_focus", "51 mm", ("128 elements", "0.20 mm", "F/2"),
     lambda n, p, f: n * p * f),
    ("lo2_depth_of_field_10_mhz", "4.3 mm", ("10 MHz", "F/2", "1540 m/s"),
     lambda f, n, c: 6.95 * c / f * 1e-3 * n**2),
    ("lo2_first_side_lobe_level", "13 dB", (), lambda: -db(0.21723)),
    ("lo2_grating_lobe_angle", "40°", ("0.20 mm", "12 MHz", "1540 m/s"),
     lambda p, f, c: deg(math.asin(c / f * 1e-3 / p))),
    # image formation
    ("lo3_time_for_one_centimetre", "13 µs", ("1.0 cm", "1540 m/s"), lambda z, c: 2 * z / c * 1e4),
    ("lo3_depth_from_echo_time", "3.0 cm", ("39 µs", "1540 m/s"), lambda t, c: c * t / 2 * 1e-4),
    ("lo3_highest_prf_4_cm", "19 kHz", ("4.0 cm", "1540 m/s"), lambda z, c: c / (2 * z) * 0.1),
    ("lo3_frame_rate_256_lines", "75 frames/s", ("256 lines", "4.0 cm", "1540 m/s"),
     lambda n, z, c: c * 100 / 2 / (n * z)),
    ("lo3_frame_rate_two_foci", "38 frames/s", ("256 lines", "4.0 cm"),
     lambda n, z: C * 50 / (n * z * 2)),
    ("lo3_frame_rate_foci_and_angles", "13 frames/s", ("256 lines", "4.0 cm", "1540 m/s"),
     lambda n, z, c: c * 50 / (n * z * 2 * 3)),
    ("lo3_time_of_one_frame", "10 ms", ("192 lines", "4.0 cm", "13 µs"),
     lambda n, z, t: n * z * t * 1e-3),
    ("lo3_amplitudes_in_60_db", "1000 to 1", ("60 dB",), amplitude),
    ("lo3_decibels_per_grey_level", "0.24 dB", ("60 dB", "255 steps"), lambda r, n: r / n),
    ("lo3_adc_bits", "84 dB", ("14 bits",), lambda n: db(2**n)),
    ("lo3_harmonic_side_lobes", "26 dB", ("13 dB",), lambda level: db(amplitude(level) ** 2)),
    ("lo3_speckle_snr_three_looks", "3.3 to 1", ("1.91",), lambda snr: snr * math.sqrt(3)),
    # knobology
    ("lo4_gain_step_in_greys", "26 steps", ("60 dB", "255 grey", "6 dB"),
     lambda r, n, g: n * g / r),
    ("lo4_tgc_slope_10_mhz", "10 dB", ("0.5 dB", "10 MHz"), lambda a, f: two_way(a, f, 1.0)),
    ("lo4_grey_of_minus_15_db", "191", ("255", "60 dB", "15 dB"), lambda n, r, x: n * (r - x) / r),
    ("lo4_depth_and_frame_rate", "30 frames/s", ("3.0 cm", "60 frames/s", "6.0 cm"),
     lambda z1, fr, z2: fr * z1 / z2),
    ("lo4_shoulder_at_18_mhz", "65 dB", ("0.6 dB", "18 MHz", "3.0 cm"),
     lambda a, f, z: two_way(a, f, z)),
    ("lo4_gained_by_lower_frequency", "16 dB", ("12 MHz", "8 MHz", "4.0 cm", "0.5 dB"),
     lambda f1, f2, z, a: two_way(a, f1 - f2, z)),
    ("lo4_narrower_field", "50 frames/s", ("25 frames/s",), lambda fr: 2 * fr),
    ("lo4_angle_left_after_steering", "10°", ("30°", "20°"), lambda a, b: a - b),
    ("lo4_five_angles_frame_rate", "9 frames/s", ("45 frames/s",), lambda fr: fr / 5),
    ("lo4_two_frames_a_second", "2 frames/s", ("4.0 cm", "256 lines", "77 000"),
     lambda z, n, v: v / (z * n * 4 * 9)),
    ("lo4_persistence_lag", "0.6 s", ("15 frames/s",), lambda fr: 9 / fr),
    # artefacts
    ("lo5_where_tilted_echo_lands", "7.1 mm", ("20 mm", "10°"), lambda z, t: 2 * z * tan(t)),
    ("lo5_tilt_that_loses_the_echo", "14°", ("F/2",), lambda f: deg(math.atan(1 / (2 * f)))),
    ("lo5_enhancement_decibels", "12 dB", ("10 mm", "0.6 dB", "10 MHz"),
     lambda d, a, f: two_way(a, f, d / 10)),
    ("lo5_shadow_by_absorption", "8 dB", ("4.0 mm", "1.0 dB", "10 MHz"),
     lambda d, a, f: two_way(a, f, d / 10)),
    ("lo5_width_of_edge_strip", "0.42 mm", ("1460 m/s", "3.0 mm", "1700 m/s"),
     lambda c1, a, c2: a * (1 - c1 / c2)),
    ("lo5_umbra_length", "4.0 mm", ("2.0 mm", "F/2"), lambda w, f: w * f),
    ("lo5_refraction_shifts_sideways", "0.6 mm", ("1.7°", "20 mm"), lambda t, z: z * tan(t)),
    ("lo5_reverberation_from_8_mm", "16", ("8 mm",), lambda z: 2 * z),
    ("lo5_ghost_moves_twice", "14 mm", ("7 mm",), lambda z: 2 * z),
    ("lo5_needle_ladder_spacing", "0.14 mm", ("0.50 mm", "5660 m/s", "1540 m/s"),
     lambda d, c, c0: d * c0 / c),
    ("lo5_fat_reads_too_thick", "21.1 mm", ("1460 m/s", "20.0 mm", "1540 m/s"),
     lambda c, d, c0: d * c0 / c),
    ("lo5_tendon_reads_too_thin", "9.1 mm", ("1700 m/s", "10.0 mm", "1540 m/s"),
     lambda c, d, c0: d * c0 / c),
    ("lo5_water_bath_ruler", "31.2 mm", ("30.0 mm", "1482 m/s", "1540 m/s"),
     lambda d, c, c0: d * c0 / c),
    ("lo5_side_lobe_depth", "17 mm", ("15 mm", "8.0 mm"), math.hypot),
    ("lo5_range_ambiguity_depth", "2.0 cm", ("15.4 kHz", "7.0 cm"),
     lambda prf, z: z - C / (2 * prf) * 0.1),
    # Doppler
    ("lo6_doppler_shift", "490 Hz", ("5.0 cm/s", "7.5 MHz", "1540 m/s"),
     lambda v, f, c: 2 * f * 1e6 * v * 0.01 / c),
    ("lo6_nyquist_500_hz", "2.6 cm/s", ("500 Hz", "7.5 MHz"), nyquist_cm_s),
    ("lo6_nyquist_60_degrees", "15 cm/s", ("1.0 kHz", "5.0 MHz", "60°"),
     lambda prf, f, t: nyquist_cm_s(1e3 * prf, f, math.cos(math.radians(t)))),
    ("lo6_aliased_velocity", "-2.2 cm/s", ("2.6 cm/s", "3.0 cm/s"),
     lambda n, v: (v + n) % (2 * n) - n),
    ("lo6_angle_error", "15 %", ("60°", "5.0°"), lambda t, d: 100 * tan(t) * math.radians(d)),
    ("lo6_colour_frame_rate", "2.5 frames/s", ("30 lines", "600 Hz"),
     lambda n, prf: prf / (n * 8)),
    # safety
    ("lo7_mi_from_pressure", "0.80", ("2.4 MPa", "9.0 MHz"), lambda p, f: p / math.sqrt(f)),
    ("lo7_mi_edge_table", "1.3", ("2.89 MPa", "4.91 MHz"), lambda p, f: p / math.sqrt(f)),
    ("lo7_derated_pressure", "1.2 MPa", ("2.0 MPa", "3.0 cm", "5.0 MHz", "0.3 dB"),
     lambda p, z, f, a: p * amplitude(-a * f * z)),
    ("lo7_same_pressure_higher_frequency", "0.71", ("5 MHz", "10 MHz"),
     lambda f1, f2: math.sqrt(f1 / f2)),
    # quality assurance
    ("lo8_caliper_error", "3 %", ("20.0 mm", "20.6 mm"), lambda a, b: 100 * (b / a - 1)),
]  # fmt: skip

# (item, text with a number somewhere else in it, that number, how it comes about)
STATED: list[tuple[str, str, str, float]] = [
    ("lo1_wavelength_10_mhz", "which is 0.154 mm", "0.154", C / 10e6 * 1e3),
    ("lo1_why_gel", "99.95 % of the amplitude", "99.95", 100 * abs(reflected(1.69, 0.0004))),
    ("lo1_minus_6_db_amplitude", "= -6.0 dB", "-6.0", db(0.5)),
    ("lo1_decibels_add", "0.71 and 0.35 in amplitude", "0.71", amplitude(-3)),
    ("lo1_decibels_add", "0.71 and 0.35 in amplitude", "0.35", amplitude(-9)),
    ("lo1_sound_left_after_bone_surface", "about 67 %", "67", 100 * (1 - reflected(1.7, 6.3) ** 2)),
    ("lo1_tilt_muscle_and_tendon", "grows by 2 % at 10°", "2",
     100 * (1 / math.cos(math.radians(10)) - 1)),
    ("lo1_rayleigh_power_law", "or 12 dB", "12", 10 * math.log10(2**4)),
    ("lo2_steering_and_grating_lobes", "from 42.5° in to 19.5°", "42.5",
     deg(math.asin(C / 7.6e6 / 0.3e-3))),
    ("lo2_steering_and_grating_lobes", "from 42.5° in to 19.5°", "19.5",
     deg(math.asin(C / 7.6e6 / 0.3e-3 - sin(20)))),
    ("lo2_apodisation_widens", "by 63 %", "63", 100 * (1.441 / 0.8859 - 1)),
    ("lo2_probe_for_deep_hip", "over 18 cm of path", "18", 2 * 9),
    ("lo3_lines_of_one_moment", "about 10 ms younger", "10", 192 * 2 * 0.04 / C * 1e3),
    ("lo3_rayleigh_ratio", "at 1.91", "1.91", math.sqrt(math.pi / (4 - math.pi))),
    ("lo4_shoulder_at_18_mhz", "it would be 36 dB", "36", two_way(0.6, 10, 3)),
    ("lo4_needle_steering", "the beam is 5° off", "5", 25 - 20),
    ("lo5_tilt_that_loses_the_echo", "it would be 9.5°", "9.5", deg(math.atan(1 / 6))),
    ("lo5_why_tilted_tendon_is_dark", "turns the echo by 24°", "24", 2 * 12),
    ("lo5_reverberation_from_8_mm", "16 and 24 mm", "24", 3 * 8),
    ("lo6_nyquist_60_degrees", "= 0.077 / 0.5 m/s", "0.077", nyquist_cm_s(1000, 5) / 100),
    ("lo6_angle_error", "at 30° it would be 5 %", "5", 100 * tan(30) * math.radians(5)),
    ("lo6_colour_frame_rate", "= 0.40 s for each", "0.40", 30 * 8 / 600),
    ("lo8_hot_and_cold_phantom", "by nearly 3 %", "3", 100 * (1524 / 1482 - 1)),
    ("lo8_rubber_phantom", "The ruler, by 6 %", "6", 100 * (1540 / 1450 - 1)),
]  # fmt: skip


def number(text: str) -> float:
    """The first number in a text; `F/2` is 2."""
    found = re.search(r"-?\d[\d ]*(?:\.\d+)?", text)
    assert found, text
    return float(found[0].replace(" ", ""))


def half_a_digit(shown: str) -> float:
    """Half of the last digit that a number shows: 0.05 for 3.0, 5 for 490."""
    digits = re.search(r"\d[\d ]*(?:\.(\d+))?", shown)
    assert digits, shown
    if digits[1]:
        return 0.5 * 10 ** -len(digits[1])
    return 5.0 if re.search(r"\d\d0(?!\d)", shown) else 0.5


def unit(text: str) -> str:
    """What is left of a text without its numbers."""
    return re.sub(r"-?\d[\d .]*", "#", text)


def all_texts(item: Item) -> str:
    parts = [item.stem]
    for option in item.options:
        parts += [option.text, option.explanation]
    return " | ".join(parts)


@pytest.mark.parametrize(("name", "shown", "given", "formula"), ROWS, ids=[row[0] for row in ROWS])
def test_the_key_is_what_the_numbers_of_the_stem_make(name, shown, given, formula):
    item = load_bank().items[name]
    for text in given:
        assert text in item.stem, f"{text!r} is not in the stem"
    key = item.options[item.key].text
    assert shown in key
    value = formula(*(number(text) for text in given))
    assert value == pytest.approx(number(shown), abs=half_a_digit(shown) + 1e-9)


@pytest.mark.parametrize(("name", "shown", "given", "formula"), ROWS, ids=[row[0] for row in ROWS])
def test_no_other_option_is_near_the_value(name, shown, given, formula):
    """Rounding, or a slightly different speed of sound, must not make a second answer right."""
    item = load_bank().items[name]
    value = formula(*(number(text) for text in given))
    for option in item.options:
        if not option.correct and unit(option.text) == unit(item.options[item.key].text):
            assert number(option.text) != pytest.approx(value, rel=0.02), option.text


@pytest.mark.parametrize(("name", "words", "shown", "value"), STATED)
def test_numbers_in_explanations_and_statements_are_right(name, words, shown, value):
    assert words in all_texts(load_bank().items[name])
    assert shown in words
    assert value == pytest.approx(float(shown), abs=half_a_digit(shown) + 1e-9)


def test_no_calculation_is_left_out():
    """An item tagged `calculation` whose key has a number is in the table above."""
    done = {row[0] for row in ROWS}
    left = [
        name
        for name, item in load_bank().items.items()
        if item.kind == SINGLE_BEST
        and "calculation" in item.tags
        and re.search(r"\d", item.options[item.key].text)
        and name not in done
    ]
    assert left == ["lo4_echo_outside_range"]  # names the two ranges of its stem
    assert len(ROWS) >= 60
