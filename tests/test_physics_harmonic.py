"""Tissue harmonics: growth, beam, loss, level, noise and frame rate, each against its formula."""

import math
from dataclasses import replace

import naive
import numpy as np
import pytest
from media import (
    SPECKLE,
    Medium,
    Region,
    level_db,
    look,
    make_tissues,
    part,
    peak,
    uniform,
)

from physics.constants import MACHINE_SPEED_M_S
from physics.elevation import elevation_weights
from physics.geometry import Pose
from physics.harmonic import growth_m, growth_per_pascal
from physics.imaging_chain import BModeChain
from physics.probe import find_probe
from physics.scan_output import axis_gain
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe
from physics.theory import frame_rate_hz
from physics.validation import harmonic
from physics.validation.check import faults

L12_3 = find_probe("L12-3")
NOTHING = uniform()
LOSSY = uniform(**SPECKLE, attenuation_db_m=50.0)


def signal(medium: Medium, **knobs: object) -> np.ndarray:
    """Echoes alone: the noise of the very same seed taken off."""
    return look(medium, **knobs).iq - look(NOTHING, **knobs).iq


def test_a_plane_wave_feeds_its_harmonic_in_proportion_to_pressure_frequency_and_way() -> None:
    """p2 / p1 = beta w p1 z / (2 rho c^3): 0.363 at 5 MHz, 1 MPa and 2 cm (`facts` section 4)."""
    assert not faults(harmonic.growth())


@pytest.mark.parametrize("depth_mm", [4.0, 12.0, 20.0, 28.0])
def test_the_harmonic_of_a_gaussian_beam_is_its_square_times_the_growth(depth_mm: float) -> None:
    """Du and Breazeale 1985: exact, on the axis and beside it. (1 %: steps of the sum.)"""
    hz, focus = 5e6, 20e-3
    x = (np.arange(1024) - 512) * 0.03e-3
    k = 2 * np.pi * hz / MACHINE_SPEED_M_S
    radius = {"x": 3e-3, "y": 1.6e-3}  # of the source, to 1 / e
    sources = [np.exp(-((x / a) ** 2) + 0.5j * k * x**2 / focus) for a in radius.values()]
    z = np.linspace(0, depth_mm * 1e-3, 161)
    first, second = naive.quasi_linear_harmonic(*sources, x, transmit_hz=hz, z_m=z)
    # the aperture that physics.harmonic takes for such a beam
    width = {name: a * math.sqrt(math.pi / 0.606) for name, a in radius.items()}
    probe = replace(L12_3, height_m=width["y"], elevation_focus_m=focus)
    growth = growth_m(np.array([hz]), z[-1:], focus_m=focus, aperture_m=width["x"], probe=probe)
    np.testing.assert_allclose(
        np.abs(first**2 * growth[0, 0]), np.abs(second), atol=0.01 * np.abs(second).max()
    )


@pytest.mark.parametrize(
    ("f_number", "focus_mm", "depth_mm", "low_db", "high_db"),
    [
        (2, 20, 5, -1, 3), (2, 20, 20, -3, 3), (2, 20, 30, -1, 4),
        (3, 20, 20, -3, 3), (2, 12, 12, -3, 3), (2, 30, 30, -3, 3),
    ],
)  # fmt: skip
def test_the_harmonic_of_a_real_aperture_is_right_within_a_few_decibels(
    f_number: float, focus_mm: float, depth_mm: float, low_db: float, high_db: float
) -> None:
    """Energy across the beam in the plane y = 0 against the sum over all depths; 5 MHz, the lens
    of L12-3. The limits are what docs/model.md says."""
    hz, focus = 5e6, focus_mm * 1e-3
    x = (np.arange(2048) - 1024) * 0.025e-3
    k = 2 * np.pi * hz / MACHINE_SPEED_M_S
    aperture = focus / f_number
    # a soft edge of 5 %, as elements of finite width have: less ripple on the axis
    sources = [
        np.clip((d / 2 - np.abs(x)) / (0.05 * d) + 0.5, 0, 1) * np.exp(0.5j * k * x**2 / f)
        for d, f in ((aperture, focus), (L12_3.height_m, L12_3.elevation_focus_m))
    ]
    z = np.linspace(0, depth_mm * 1e-3, 121)
    first, second = naive.quasi_linear_harmonic(*sources, x, transmit_hz=hz, z_m=z)
    growth = growth_m(np.array([hz]), z[-1:], focus_m=focus, aperture_m=aperture, probe=L12_3)
    error_db = level_db(first**2 * growth[0, 0]) - level_db(second)
    assert low_db < error_db < high_db


def test_at_the_focus_the_harmonic_beam_lies_between_those_of_both_frequencies() -> None:
    """tx p1^2 x rx at 2 f1: -6 dB width 0.511 lambda1 F, between 0.886 and 0.443 of the
    fundamentals of f1 and 2 f1; highest side lobe -27.9 dB against -26.5. Check 28."""
    assert not faults(harmonic.focus())


@pytest.mark.parametrize(("frequency_mhz", "focus_mm"), harmonic.WIRES)
def test_a_wire_at_the_focus_has_the_width_of_the_harmonic_beam(
    frequency_mhz: float, focus_mm: float
) -> None:
    """0.511 lambda1 F, F = 3 both ways, all rectangular; 9 %, for a whole picture."""
    assert not faults([harmonic.wire(frequency_mhz, focus_mm)])


@pytest.mark.parametrize(("frequency_mhz", "focus_mm"), [(8, 20), (10, 20), (10, 15), (12, 25)])
def test_the_level_of_the_harmonic_follows_from_the_pressure_at_the_face(
    frequency_mhz: float, focus_mm: float
) -> None:
    """A wire at the focus, without loss, re its fundamental of the same frequency: p2 over p of
    that frequency, from the source pressure and the field of physics.scan_output; what the
    receive filter leaves of the longer pulse, sqrt(2 / 1.5); and the slice's weights. 0.6 dB."""
    z = np.array([focus_mm * 1e-3])
    wire = Medium(make_tissues({}), (Region(0),), [(0.1e-3, z[0], 1.0)])
    found = []
    for mode in ("on", "off"):
        frame = look(wire, frequency_mhz=frequency_mhz, focus_mm=focus_mm, harmonic=mode)
        found.append(peak(frame.iq[frame.iq.shape[0] // 2]))
    hz = np.array([frequency_mhz * 1e6])
    knobs = {"focus_m": z[0], "tx_f_number": 2.0, "tx_apodisation": "rect"}
    at_f1, at_f = (np.abs(axis_gain(L12_3, f, z, **knobs)[0, 0]) for f in (hz / 2, hz))
    growth = growth_m(hz / 2, z, focus_m=z[0], aperture_m=z[0] / 2, probe=L12_3)
    p1 = L12_3.source_pressure_pa * at_f1
    p2 = growth_per_pascal(hz[0] / 2) * p1**2 * abs(growth[0, 0])
    slice_weight = [float(t.at(t.incoherent, hz, z)[0, 0]) for t in map(weights_of, (True, False))]
    # the weights hold the axis' lens field, which both pressures hold too
    lens = [abs(lens_on_axis(f, z[0])) for f in (hz[0] / 2, hz[0])]
    weight = slice_weight[0] / lens[0] ** 2 / lens[1] / (slice_weight[1] / lens[1] ** 2)
    closed = p2 / (L12_3.source_pressure_pa * at_f) * math.sqrt(2 / 1.5) * weight
    assert 20 * math.log10(found[0] / found[1]) == pytest.approx(20 * math.log10(closed), abs=0.6)


def weights_of(harmonic: bool):
    return elevation_weights(L12_3, harmonic)


def lens_on_axis(hz: float, range_m: float) -> complex:
    from physics.elevation import elevation_field

    return elevation_field(
        np.array([hz]), np.zeros(1), np.array([range_m]), height_m=L12_3.height_m,
        elevation_focus_m=L12_3.elevation_focus_m,
    )[0, 0, 0]  # fmt: skip


def test_the_slice_is_thinner_than_that_of_the_frequency_sent() -> None:
    """Echo-weighted thickness, W_inc^2 over the axis' |E|^4, at the focus of the lens:
    between those of the fundamentals of f1 and 2 f1. sqrt(2 / 1.5) of the latter for Gaussians."""
    z, hz = np.array([20e-3]), np.array([8e6])
    plain, made = weights_of(False), weights_of(True)
    sent, heard = (plain.at(plain.incoherent, f, z)[0, 0] ** 2 for f in (hz / 2, hz))
    harmonic = made.at(made.incoherent, hz, z)[0, 0] ** 2
    assert heard < harmonic < 0.7 * sent
    assert harmonic / heard == pytest.approx(math.sqrt(2 / 1.5), rel=0.08)


@pytest.mark.parametrize("power_db", [-6, -12])
def test_power_acts_twice(power_db: int) -> None:
    """p2 goes as the square of p1."""
    knobs = {"frequency_mhz": 8.0, "harmonic": "on"}
    full, less = (signal(LOSSY, power_db=p, **knobs) for p in (0, power_db))
    np.testing.assert_allclose(less, 10 ** (power_db / 10) * full, atol=1e-6 * np.abs(full).max())


def test_a_harmonic_does_not_reach_as_deep_and_loses_more_of_it_with_power() -> None:
    """Depth at which speckle equals noise, at full power and 12 dB below."""
    depth: dict[str, list[float]] = {"on": [], "off": []}
    for mode, found in depth.items():
        for power in (0, -12):
            knobs = {"frequency_mhz": 8, "focus_mm": 30, "depth_mm": 60, "harmonic": mode}
            frame = look(LOSSY, power_db=power, **knobs)
            heard, noise = (
                np.convolve(np.mean(np.abs(iq) ** 2, axis=0), np.ones(25) / 25, "same")
                for iq in (frame.iq, look(NOTHING, power_db=power, **knobs).iq)
            )
            over = np.flatnonzero(heard > 2 * noise)
            found.append(float(frame.sample_z_m[over[-1]]))
    lost = {mode: full - less for mode, (full, less) in depth.items()}
    assert depth["on"][0] < depth["off"][0]
    assert lost["on"] > 1.3 * lost["off"]


def test_attenuation_in_proportion_to_frequency_takes_as_much_as_from_the_fundamental() -> None:
    """exp(-2 alpha(f1) z) out, exp(-alpha(2 f1) z) back, wherever it was made: 15 dB at 15 mm and
    10 MHz, less what the downshift of a wide pulse saves; it saves the harmonic less."""
    difference = {}
    for mode in ("on", "off"):
        levels = []
        for loss in (0.0, 50.0):
            medium = uniform(**SPECKLE, attenuation_db_m=loss)
            iq = signal(medium, frequency_mhz=10, harmonic=mode, focus_mm=15)
            depth = look(NOTHING, frequency_mhz=10).sample_z_m
            levels.append(level_db(iq[40:150, (depth > 14e-3) & (depth < 16e-3)]))
        difference[mode] = levels[0] - levels[1]
    assert difference["on"] == pytest.approx(15.0, rel=0.12)  # 2 x 0.5 dB/cm/MHz x 10 x 1.5
    assert difference["on"] == pytest.approx(difference["off"], abs=0.5)


def test_boundaries_take_their_part_three_times() -> None:
    """Two waves of f1 out, one of 2 f1 back, through a sheet of another impedance with the
    one-way amplitude T^2: speckle below loses a further 20 log10 T^2. 0.2 dB."""
    ratio = 3.0  # of impedances
    tissues = make_tissues(SPECKLE, {"density_kg_m3": 1000.0 * ratio})
    sheet = Region(1, lambda x, z: np.abs(z - 8e-3) - 0.5e-3 + 0.0 * x)
    lost = {}
    for mode in ("on", "off"):
        knobs = {
            "frequency_mhz": 10, "focus_mm": 18, "harmonic": mode, "multiple_paths": "off"
        }  # fmt: skip
        with_it, without = (
            level_db(part(look(Medium(tissues, regions), **knobs), x_mm=(-8, 8), z_mm=(15, 20)))
            for regions in ((Region(0), sheet), (Region(0),))
        )
        lost[mode] = without - with_it
    one_way_db = -20 * math.log10(1 - ((ratio - 1) / (ratio + 1)) ** 2)
    assert lost["off"] == pytest.approx(2 * one_way_db, abs=0.2)
    assert lost["on"] == pytest.approx(3 * one_way_db, abs=0.3)


def test_little_is_heard_from_near_the_face() -> None:
    """There the harmonic has not grown: speckle at 3 mm re that at the focus lies 10 dB or more
    below what the fundamental shows there."""
    near, focus = {"x_mm": (-8, 8), "z_mm": (2, 4)}, {"x_mm": (-8, 8), "z_mm": (19, 21)}
    medium = uniform(**SPECKLE)
    rise = {}
    for mode in ("on", "off"):
        frame = look(medium, frequency_mhz=10, focus_mm=20, harmonic=mode)
        rise[mode] = level_db(part(frame, **focus)) - level_db(part(frame, **near))
    assert rise["on"] > rise["off"] + 10


def test_pulse_inversion_halves_the_frames_and_the_power_of_the_noise() -> None:
    """Two transmits for each line (Simpson, Chin and Burns 1999), their echoes averaged."""
    on, off = (look(NOTHING, frequency_mhz=8, harmonic=h) for h in ("on", "off"))
    assert on.frame_rate_hz == off.frame_rate_hz / 2 == frame_rate_hz(192, 40e-3, 2)
    np.testing.assert_allclose(on.iq * math.sqrt(2), off.iq, rtol=1e-5)


def test_what_is_sent_is_a_fundamental_of_half_the_frequency() -> None:
    """Indices of 10 MHz harmonics are those of 5 MHz: as many pulses, half as many frames."""
    on = look(NOTHING, frequency_mhz=10, harmonic="on").output
    assert on == look(NOTHING, frequency_mhz=5).output


def test_a_frequency_whose_half_the_probe_cannot_send_is_refused_in_one_sentence() -> None:
    settings = ScanSettings().turned(frequency_mhz=7, harmonic="on")
    words = "frequency_mhz is 7, and harmonic is on; probe L12-3 then allows 8 to 12 MHz"
    with pytest.raises(ValueError, match=words):
        check_for_probe(settings, L12_3)
    with pytest.raises(ValueError, match=words):
        BModeChain().render(medium=None, medium_key=0, probe=L12_3, pose=Pose(), settings=settings)
    assert fitted_to_probe(settings, L12_3).display("frequency_mhz") == pytest.approx(8)
    check_for_probe(fitted_to_probe(settings, L12_3), L12_3)
