"""Fresh numbers: each answer worked out again from the numbers in the stem, by another formula."""

import math
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.fresh.all import GENERATORS, fresh_item
from lessons.fresh.draw import Draw
from lessons.fresh.generator import APART, Numeric
from lessons.fresh.numbers import shown
from lessons.question_bank import load_bank
from lessons.question_rules import item_problems
from physics.probe import UnknownNameError

SEEDS = st.integers(0, 10**6)


def sin(angle_deg: float) -> float:
    return math.sin(math.radians(angle_deg))


def cos(angle_deg: float) -> float:
    return math.cos(math.radians(angle_deg))


def arcsin(value: float) -> float:
    return math.degrees(math.asin(value))


def db(ratio: float) -> float:
    return 20 * math.log(ratio) / math.log(10)


def refraction(c2, c1, t, z):
    out = arcsin(sin(t) * c2 / c1)
    return z * sin(out - t) / cos(out - t)


# numbers of the stem, in its order and units -> answer in the unit of the options
TWINS: dict[str, Callable[..., float]] = {
    "lo1_fresh_wavelength": lambda c, f: c / f / 1e3,
    "lo1_fresh_frequency_of_wavelength": lambda mm, c: c / mm / 1e3,
    "lo1_fresh_two_way_loss": lambda a, f, z: a * f * (z + z),
    "lo1_fresh_depth_for_loss": lambda f, a, loss: loss / (a * f) / 2,
    "lo1_fresh_frequency_for_depth": lambda loss, a, z: loss / (a * 2 * z),
    "lo1_fresh_frequency_change_of_loss": lambda hi, lo, z, a: 2 * z * a * hi - 2 * z * a * lo,
    "lo1_fresh_level_of_amplitude_ratio": lambda n: db(n),
    "lo1_fresh_amplitude_ratio_of_level": lambda level: math.exp(level * math.log(10) / 20),
    "lo1_fresh_intensity_left": lambda level: 100 * math.exp(-level * math.log(10) / 10),
    "lo1_fresh_impedance": lambda rho, c: rho * c / 1e6,
    "lo1_fresh_reflected_intensity": lambda a, b: 100 * (1 - 4 * a * b / (a + b) ** 2),
    "lo1_fresh_reflection_level": lambda a, b: db((b + a) / (b - a)),
    "lo1_fresh_snell": lambda t, a, b: arcsin(sin(t) / a * b),
    "lo1_fresh_critical_angle": lambda a, b: arcsin(a / b),
    "lo2_fresh_axial_resolution": lambda f, n, c: n * c / f / 1e3 / 2,
    "lo2_fresh_axial_from_bandwidth": lambda f, b, _1, _2, c: 0.88254 / 2 * c / (f * b / 100) / 1e3,
    "lo2_fresh_beam_width": lambda f, n, _, c: 0.8859 * n * c / f / 1e3,
    "lo2_fresh_f_number": lambda z, d: z / d,
    "lo2_fresh_elements_of_aperture": lambda z, n, p: z / (n * p),
    "lo2_fresh_near_field": lambda d, f, c: (d / 2) ** 2 / (c / f / 1e3),
    "lo2_fresh_depth_of_field": lambda _6, _7, f, n, c: 6.95 * n * n * c / f / 1e3,
    "lo2_fresh_pitch_without_grating_lobes": lambda f, t, c: c / f / 1e3 / (1 + sin(t)),
    "lo2_fresh_grating_lobe_angle": lambda p, f, c: arcsin(c / f / 1e3 / p),
    "lo2_fresh_matching_layer": lambda c, f: c / f / 4,
    "lo2_fresh_steering_delay": lambda p, t, c: p * sin(t) / c * 1e6,
    "lo3_fresh_echo_time": lambda z, c: z / c * 2000,
    "lo3_fresh_depth_of_echo": lambda t, c: t * c / 2000,
    "lo3_fresh_pulse_rate_limit": lambda z, c: c / (z + z) / 10,
    "lo3_fresh_frame_rate": lambda n, zones, z, k: k / z / n / zones,
    "lo3_fresh_lines_for_frame_rate": lambda z, rate, c: c * 50 / z / rate,
    "lo3_fresh_frame_time": lambda n, lines, z, _: n * lines * z * 2 / 154000 * 1000,
    "lo3_fresh_grey_levels": lambda dr, n: dr / n,
    "lo3_fresh_range_as_ratio": lambda dr: math.exp(dr * math.log(10) / 20),
    "lo3_fresh_speckle_snr": lambda snr, n: 1.9131 * n**0.5,
    "lo3_fresh_converter_range": lambda bits: bits * db(2),
    "lo4_fresh_grey_of_level": lambda _0, top, below, dr: top - below / dr * top,
    "lo4_fresh_gain_step_in_greys": lambda gain, dr, n: n / dr * gain,
    "lo4_fresh_tgc_slope": lambda a, f: a * f + a * f,
    "lo4_fresh_pressure_at_lower_power": lambda p: 100 * math.exp(p * math.log(10) / 20),
    "lo4_fresh_frame_rate_after_depth": lambda z, rate, new: rate / (new / z),
    "lo4_fresh_frame_rate_after_foci": lambda rate, zones, angles: rate / zones / angles,
    "lo4_fresh_frame_rate_after_width": lambda rate, width: rate / width * 100,
    "lo4_fresh_machine_speed_ruler": lambda c, believed, mm: mm / c * believed,
    "lo4_fresh_gain_factor": lambda gain: math.exp(gain * math.log(10) / 20),
    "lo5_fresh_fat_displacement": lambda mm, c, c0: mm * (c0 - c) / c,
    "lo5_fresh_tendon_shown": lambda mm, c, c0: mm / c * c0,
    "lo5_fresh_enhancement": lambda d, a, f: a * f * d / 5,
    "lo5_fresh_reverberation_depth": lambda z, gap, n: z + gap + gap * n,
    "lo5_fresh_rungs_in_steel": lambda mm, c, c0: mm / c * c0,
    "lo5_fresh_range_ambiguity": lambda prf, z, c: z - c / prf / 2,
    "lo5_fresh_mirror_depth": lambda above, mirror: mirror + above,
    "lo5_fresh_tilt_of_half_echo": lambda n: math.degrees(math.atan2(1, 4 * n)),
    "lo5_fresh_shift_by_refraction": refraction,
    "lo6_fresh_shift": lambda v, t, f, c: 2 * v * f * cos(t) / c * 1e4,
    "lo6_fresh_flow_of_shift": lambda f, t, hz, c: hz * c / (2 * f * cos(t)) / 1e4,
    "lo6_fresh_nyquist": lambda prf, f, c: prf * c / (4 * f) / 1e4,
    "lo6_fresh_pulse_rate_for_flow": lambda v, t, f, c: 4 * v * f * cos(t) / c * 10,
    "lo6_fresh_aliased_speed": lambda limit, v: -((v + limit) % (2 * limit) - limit),
    "lo6_fresh_angle_error": lambda t, s: abs(cos(t) - cos(s)) / cos(s) * 100,
    "lo6_fresh_colour_frame_rate": lambda lines, n, prf: prf * 1e3 / lines / n,
    "lo7_fresh_mechanical_index_of_pressure": lambda p, f: p / f**0.5,
    "lo7_fresh_mi_after_frequency": lambda f1, mi, f2: mi * f1**0.5 / f2**0.5,
    "lo7_fresh_mi_after_power": lambda mi, p: mi * math.exp(p * math.log(10) / 20),
    "lo7_fresh_ti_after_power": lambda ti, p: ti * math.exp(p * math.log(10) / 10),
    "lo7_fresh_derated_pressure": lambda p, z, f, a: p * math.exp(-a * f * z * math.log(10) / 20),
    "lo7_fresh_soft_tissue_thermal_index": lambda w, f, _: w * f / 210,
    "lo7_fresh_highest_pressure": lambda f, mi: mi * f**0.5,
    "lo8_fresh_caliper_error": lambda true, read: (read / true - 1) * 100,
    "lo8_fresh_rubber_block": lambda c, mm, c0: mm / c * c0,
    "lo8_fresh_dead_part_of_aperture": lambda n, dead: db(n / (n - dead)),
    "lo8_fresh_penetration_lost": lambda lost, a, f: lost / (a * f) * 5,
    "lo8_fresh_target_contrast": lambda inside, outside: db(inside / outside),
    "lo8_fresh_water_bath": lambda mm, c, c0: mm * c0 / c - mm,
}
NUMERIC = sorted(name for name, made in GENERATORS.items() if made.version(0).number)


def numbers_of(stem: str) -> list[float]:
    plain = stem.replace("\N{NO-BREAK SPACE}", "").replace("77 000", "77000")
    plain = plain.replace("\N{MINUS SIGN}", "-")
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", plain)]


def test_there_are_at_least_60_and_each_number_has_a_twin():
    assert len(GENERATORS) >= 60
    assert set(NUMERIC) == set(TWINS)


@pytest.mark.parametrize("name", NUMERIC)
def test_every_version_has_one_right_answer_that_its_twin_agrees_with(name):
    for seed in range(200):
        check_version(name, seed)


@settings(max_examples=200)
@given(name=st.sampled_from(NUMERIC), seed=SEEDS)
def test_so_has_any_seed(name, seed):
    check_version(name, seed)


def check_version(name: str, seed: int) -> None:
    fresh = fresh_item(name, seed)
    n = TWINS[name].__code__.co_argcount  # what stands after them quotes a rule
    again = TWINS[name](*numbers_of(fresh.item.stem)[:n])
    assert fresh.number.accepts(again)
    assert again == pytest.approx(fresh.number.value, rel=2e-3)

    options = fresh.item.options
    assert 4 <= len(options) <= 5
    assert shown(fresh.number.value, fresh.number.unit) == options[fresh.item.key].text
    assert all(option.misconception for option in options if not option.correct)
    given_values = [numbers_of(option.text)[0] for option in options]
    for i, one in enumerate(given_values):
        for other in given_values[:i]:
            assert abs(one - other) > APART * max(abs(one), abs(other)), options
    assert sum(fresh.number.accepts(value) for value in given_values) == 1
    assert not list(item_problems(fresh.item))
    assert len(fresh.item.stem.split()) <= 60


def test_names_belong_to_the_vocabulary():
    bank = load_bank()
    assert not set(GENERATORS) & set(bank.items)
    for made in GENERATORS.values():
        assert set(made.source) <= set(bank.sources), made.name
        assert made.name.startswith(f"{made.outcome.lower()}_fresh_")
        for option in made.version(1).item.options:
            assert option.misconception in {None, *bank.misconceptions}, made.name


def test_a_seed_is_a_version_for_ever():
    """Written down once: other machines and later programs must draw the same."""
    assert [Draw("x").below(1000), Draw("y").below(1000)] == [175, 551]
    assert fresh_item("lo1_fresh_wavelength", 7) == fresh_item("lo1_fresh_wavelength", 7)
    stem = fresh_item("lo1_fresh_wavelength", 7).item.stem
    assert stem == "What is the wavelength in soft tissue (1540 m/s) at 3 MHz?"


def test_different_seeds_give_different_versions():
    for name in NUMERIC:
        assert len({fresh_item(name, seed).item.stem for seed in range(60)}) >= 6, name


def test_an_unknown_item_is_asked_for_by_a_name_near_a_real_one():
    with pytest.raises(UnknownNameError, match="lo1_fresh_wavelength"):
        fresh_item("lo1_fresh_wavelenght", 1)


def test_a_question_without_enough_different_answers_is_drawn_again():
    made = GENERATORS["lo1_fresh_wavelength"]
    question = made.make(Draw("any"))
    assert isinstance(question, Numeric)
    assert len(question.wrong) >= 3
