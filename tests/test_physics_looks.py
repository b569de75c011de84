"""Steered beams and compounded looks: where they go, what they show, and what it costs."""

import math

import naive
import numpy as np
import pytest
from media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    box,
    full_width,
    level_db,
    look,
    make_tissues,
    to_db,
    uniform,
)
from scipy.ndimage import uniform_filter1d

from physics.beams import (
    element_table,
    lay_out_lines,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.frame import Frame
from physics.imaging_chain import BModeChain
from physics.looks import COMPOUND_SPREAD_RAD, Look, lines_of, plan_looks
from physics.probe import find_probe
from physics.pulse import pulse_spectrum
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe
from physics.theory import frame_rate_hz, grating_lobe_angle
from physics.validation import compounding
from physics.validation.check import faults
from physics.validation.compounding import QUIET, compounded, tendon


@pytest.mark.parametrize(
    ("name", "steer_deg", "printed_deg"),
    [("L11-5v", 0, 42.5), ("L11-5v", 20, 19.5), ("L12-3v", 20, 42.8)],
)
def test_the_grating_lobe_lies_where_the_pitch_puts_it(
    name: str, steer_deg: float, printed_deg: float
) -> None:
    """sin(t_g) = sin(t_s) - lambda / p, on the other side (facts, section 2): within 0.5 degrees.
    The one-way receive beam of 64 real elements, 7.6 / 7.54 MHz, far from the face."""
    probe, steer = find_probe(name), math.radians(steer_deg)
    hz, far = np.array([probe.centre_hz]), np.array([0.2])
    layout = lay_out_lines(
        probe, np.zeros(1), per_pitch=4, reach_u=0.26, widest_m=6.4e-3, mirrors=False
    )
    step, kind = layout.columns.step, layout.classes[0]
    n_side = layout.reach_element * 4 + layout.n_tap + 1
    table = element_table(probe, hz, far, step=step, n_side=n_side, planar=True, steer_rad=steer)
    weights, _ = receive_weights(
        probe, hz, kind, reach_element=layout.reach_element, range_m=far, f_number=far[0] / 12.8e-3,
        apodisation="hann", steer_rad=steer,
    )  # fmt: skip
    field = sum_over_elements(table, weights, kind, layout)[:, 0, 0]
    aside = (kind.first_tap + np.arange(layout.n_tap)) * step - kind.fraction_u
    angle = np.degrees(np.arctan2(aside + far * math.sin(steer), far * math.cos(steer)))
    level = np.hypot(*field)
    near, beyond = np.abs(angle - steer_deg) < 10, angle < steer_deg - 15
    assert angle[near][level[near].argmax()] == pytest.approx(steer_deg, abs=0.5)
    lobe = -angle[beyond][level[beyond].argmax()]
    assert lobe == pytest.approx(printed_deg, abs=0.5)
    assert lobe == pytest.approx(
        -math.degrees(grating_lobe_angle(hz[0], probe.pitch_m, steer)), abs=0.5
    )


def brightest(frame: Frame) -> tuple[int, int]:
    line, sample = np.unravel_index(np.abs(frame.iq).argmax(), frame.iq.shape)
    return int(line), int(sample)


def peak_place(frame: Frame) -> tuple[float, float]:
    """x and z of the brightest echo, m: the parabola through the peak and its neighbours."""
    b, j = brightest(frame)
    level = np.log(np.abs(frame.iq) + 1e-12)

    def offset(low: float, here: float, high: float) -> float:
        return 0.5 * (low - high) / (low - 2 * here + high)

    db = offset(level[b - 1, j], level[b, j], level[b + 1, j])
    dj = offset(level[b, j - 1], level[b, j], level[b, j + 1])
    u = frame.lines.u[b] + db * frame.lines.step_u
    x, z = frame.lines.place(u, frame.sample_z_m[j] + dj * np.diff(frame.sample_z_m)[0])
    return float(x), float(z)


@pytest.mark.parametrize("steer_deg", [-20, -12, 7, 20])
@pytest.mark.parametrize("wire_mm", [(1.5, 12.0), (-2.3, 20.0), (3.1, 33.0)])
def test_a_steered_point_lies_at_its_true_place(
    steer_deg: float, wire_mm: tuple[float, float]
) -> None:
    """Within 0.1 mm, wherever it is and however the beam is steered."""
    x, z = (1e-3 * w for w in wire_mm)
    medium = Medium(make_tissues(SILENT), wires=((x, z, 0.3),))
    frame = look(medium, steer_deg=steer_deg, focus_mm=20, **QUIET)
    shown = peak_place(frame)
    assert math.hypot(shown[0] - x, shown[1] - z) < 0.1e-3


@pytest.mark.parametrize("trapezoid_at_mm", [None, 14.0])
@pytest.mark.parametrize("steer_deg", [-15, 20])
def test_a_steered_point_is_as_wide_as_a_direct_sum_says(
    steer_deg: float, trapezoid_at_mm: float | None
) -> None:
    """-6 dB width across the beam within 5 % of the twin in tests/naive.py, elements, delays and
    pulse summed one by one; the same for a diverging line near the edge."""
    probe = find_probe("L12-3")
    settings = ScanSettings().turned(frequency_mhz=8, focus_mm=20)
    knobs: dict[str, object] = {"frequency_mhz": 8, "focus_mm": 20, **QUIET}
    if trapezoid_at_mm is not None:
        if steer_deg < 0:
            pytest.skip("once is enough")
        knobs["trapezoid"] = "on"
        lines = lines_of(probe, Look(diverging=True))
        u = float(lines.u[np.abs(lines.u - 1e-3 * trapezoid_at_mm).argmin()])
        steer = float(lines.angle(np.array(u)))
        settings = ScanSettings(**{**settings.__dict__, "steer_rad": steer})
    else:
        knobs["steer_deg"] = steer_deg
        steer = math.radians(steer_deg)
        settings = settings.turned(steer_deg=steer_deg)
        u = float(probe.element_u[96])
    x, z = u + 20e-3 * math.sin(steer), 20e-3 * math.cos(steer)
    frame = look(Medium(make_tissues(SILENT), wires=((x, z, 0.3),)), **knobs)
    line, _ = brightest(frame)
    near = slice(line - 6, line + 7)
    level = to_db(np.abs(frame.iq[near]).max(axis=1))
    width = full_width(frame.line_x_m[near], level, -6.02)
    hz = 8e6 * np.linspace(0.4, 1.6, 25)
    weight = pulse_spectrum(8e6)(hz)
    expected = []
    for b in range(line - 6, line + 7):
        ahead = (u - float(frame.lines.u[b])) * math.sin(steer)
        s = 20e-3 + ahead + np.linspace(-0.15e-3, 0.15e-3, 13)
        own = ScanSettings(
            **{**settings.__dict__, "steer_rad": float(frame.lines.angle(frame.lines.u[b]))}
        )
        place = {"u": float(frame.lines.u[b]), "point_m": (x, z), "sample_range_m": s}
        expected.append(naive.steered_envelope(probe, own, (hz, weight), **place).max())
    twin = full_width(frame.line_x_m[near], to_db(np.array(expected)), -6.02)
    assert width == pytest.approx(twin, rel=0.05)


def test_at_the_focus_of_a_steered_beam_every_element_arrives_together() -> None:
    """At the focus the field has the phase of the line itself: every element arrives together."""
    probe, steer = find_probe("L12-3"), math.radians(17)
    hz, at = np.array([6e6, 9e6]), np.array([20e-3])
    layout = lay_out_lines(
        probe, probe.element_u[96:97], per_pitch=3, reach_u=1e-3, widest_m=6e-3, mirrors=False
    )
    kind = layout.classes[0]
    n_side = layout.reach_element * 3 + layout.n_tap + 1
    table = element_table(
        probe, hz, at, step=layout.columns.step, n_side=n_side, planar=False, steer_rad=steer
    )
    sent = transmit_weights(
        probe, hz, kind, reach_element=layout.reach_element, focus_m=20e-3, f_number=2,
        apodisation="rect", steer_rad=steer,
    )[None]  # fmt: skip
    field = sum_over_elements(table, sent, kind, layout)
    middle = -kind.first_tap
    phase = np.arctan2(field[1, 0, :, middle], field[0, 0, :, middle])
    np.testing.assert_allclose(phase, 0.0, atol=0.02)


# --- compounding ---------------------------------------------------------------------------------


def test_looks_lie_evenly_about_the_steering_angle_and_none_beyond_20_degrees() -> None:
    for n in ("3", "5", "7", "9"):
        angles = [one.steer_rad for one in
                  plan_looks(steer_rad=0.0, compound_angles=n, trapezoid="off")]  # fmt: skip
        assert len(angles) == int(n)
        assert angles[len(angles) // 2] == 0.0
        assert angles[-1] == pytest.approx(COMPOUND_SPREAD_RAD[int(n)])
        assert angles == [-a for a in reversed(angles)]  # mirror images share beams
    steered = plan_looks(steer_rad=math.radians(15), compound_angles="5", trapezoid="off")
    assert max(one.steer_rad for one in steered) == pytest.approx(math.radians(20))


@pytest.mark.parametrize("n", ["3", "9"])
def test_compounding_quietens_speckle_by_the_root_of_the_independent_looks(n: str) -> None:
    """SNR = 1.913 sqrt(N_ind) within 10 %, N_ind from the correlation between the looks: N^2 over
    the sum of all coefficients. Check 30; Trahey 1986."""
    snr, independent = compounding.independent_looks(n)
    assert independent > 1.5
    assert not faults([compounding.quieter(n, (snr, independent))])


def level_at(frame: Frame, z_mm: tuple[float, float], half_width_mm: float = 8) -> float:
    x, z = frame.lines.place(frame.lines.u[:, None], frame.sample_z_m[None, :])
    inside = (np.abs(x) < 1e-3 * half_width_mm) & (z > 1e-3 * z_mm[0]) & (z < 1e-3 * z_mm[1])
    return level_db(frame.iq[inside])


def test_a_tilted_tendon_brightens_when_the_beam_is_steered_to_face_it() -> None:
    """Fibres that go down to the right by 10 degrees face a beam that goes down to the left: at
    least 8 dB brighter than straight down, and within 2 dB of flat fibres seen straight."""
    knobs = {"frequency_mhz": 8, "focus_mm": 18, **QUIET}
    straight, facing = (
        level_at(look(tendon(10), steer_deg=s, **knobs), (15, 20)) for s in (0, -10)
    )
    flat = level_at(look(tendon(0), **knobs), (15, 20))
    assert facing - straight > 8.0
    assert facing == pytest.approx(flat, abs=2.0)
    assert level_at(look(tendon(10), steer_deg=10, **knobs), (15, 20)) < straight


@pytest.mark.parametrize("tilt_deg", [0, 10])
def test_compounding_shows_the_mean_of_what_its_angles_show(tilt_deg: float) -> None:
    """Anisotropy is softened: amplitude of the compounded tendon = mean amplitude of the looks,
    within 0.5 dB. Check 30."""
    assert not faults([compounding.mean_of_angles(tilt_deg)])


@pytest.mark.parametrize(("width", "top"), [(6e-3, 6e-3), (8e-3, 5e-3)])
def test_the_shadow_of_a_strip_becomes_a_triangle(width: float, top: float) -> None:
    """Each look casts its shadow its own way; all nine meet in a triangle that ends w / (2 tan b)
    below a strip of width w, b the largest angle. There the two outermost looks come in: 2 / 9 of
    the amplitude, half of it at the very place, within 15 %. Beyond 1.1 w / (2 tan(b / 2))
    two more are there."""
    stopper = {"attenuation_db_m": 12000.0}
    strip = Region(1, box(-width / 2, width / 2, top, top + 1e-3))
    medium = Medium(make_tissues(SPECKLE, stopper), (Region(0), strip))
    knobs = {
        "compound_angles": "9",
        "frequency_mhz": 8,
        "tx_f_number": 4,
        "rx_f_number": 4,
        **QUIET,
    }
    chain = BModeChain()
    dark, lit = [], []
    for seed in range(1, 4):
        frame, both = compounded(chain, medium, seed=seed, **knobs)
        dark.append(both[np.abs(frame.line_x_m) < 0.4e-3].mean(axis=0))
        lit.append(
            compounded(chain, uniform(**SPECKLE), seed=seed, **knobs)[1][60:130].mean(axis=0)
        )
    share = uniform_filter1d(np.mean(dark, 0), 35) / uniform_filter1d(np.mean(lit, 0), 35)
    below_it = frame.sample_z_m - top - 1e-3
    ends = width / 2 / math.tan(COMPOUND_SPREAD_RAD[9])
    came_in = below_it[(below_it > 1e-3) & (share > 1 / 9)][0]
    assert came_in == pytest.approx(ends, rel=0.15)
    assert share[(below_it > 1e-3) & (below_it < 0.6 * ends)].max() < 0.05
    assert share[np.abs(below_it - 2.2 * ends).argmin()] > 1.3 * 2 / 9


@pytest.mark.parametrize(
    ("depth_mm", "n", "expected_hz"),
    [(40, "1", 91.5), (40, "3", 30.5), (40, "5", 18.3), (60, "3", 20.9)],
)
def test_every_look_takes_its_time(depth_mm: float, n: str, expected_hz: float) -> None:
    """192 lines, 2 z / c + 5 us each (facts, section 7); exactly 1 / n of one look's rate."""
    frame = look(uniform(), depth_mm=depth_mm, compound_angles=n)
    assert frame.frame_rate_hz == pytest.approx(expected_hz, abs=0.06)
    one = frame_rate_hz(192, depth_mm * 1e-3)
    assert frame.frame_rate_hz == pytest.approx(one / int(n), rel=1e-12)


def test_the_middle_look_of_a_compounded_frame_is_the_frame_without_compounding() -> None:
    medium = uniform(**SPECKLE)
    one, three = look(medium), look(medium, compound_angles="3")
    np.testing.assert_allclose(three.iq, one.iq, atol=2e-5 * np.abs(one.iq).max())
    assert three.picture.shape == one.picture.shape
    assert (three.left_m, three.right_m, three.bottom_m) == (one.left_m, one.right_m, one.bottom_m)


def test_each_look_has_noise_of_its_own() -> None:
    """Noise alone: nine looks have at least the SNR of nine draws, 1.913 sqrt(9)."""
    chain = BModeChain()
    frame, both = compounded(chain, uniform(), compound_angles="9")
    deep = (frame.sample_z_m > 25e-3) & (frame.sample_z_m < 27e-3)
    noise = both[60:130][:, deep]
    # interpolation between samples quietens those of the steered looks a little more
    assert 1.913 * 3 * 0.98 < noise.mean() / noise.std() < 1.913 * 3 * 1.5


# --- what a probe cannot do -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probe", "knobs", "message"),
    [
        ("C5-2v", {"steer_deg": 5}, "steer_deg is 5; convex probe C5-2v allows only 0"),
        ("C5-2v", {"compound_angles": "3"}, "compound_angles is 3; convex probe C5-2v allows only"),
        ("C5-2v", {"trapezoid": "on"}, "trapezoid is on; convex probe C5-2v allows only off"),
        ("L12-3", {"trapezoid": "on", "steer_deg": -5}, "with trapezoid on only 0 is allowed"),
        ("L12-3", {"trapezoid": "on", "compound_angles": "5"}, "with trapezoid on only 1 is"),
    ],
)
def test_what_a_probe_cannot_do_is_refused_in_one_sentence(
    probe: str, knobs: dict[str, object], message: str
) -> None:
    settings = ScanSettings(frequency_hz=4e6).turned(**knobs)
    with pytest.raises(ValueError, match=message):
        check_for_probe(settings, find_probe(probe))
    check_for_probe(fitted_to_probe(settings, find_probe(probe)), find_probe(probe))
