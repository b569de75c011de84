"""The speed the machine believes in against that of the medium: ruler, delays, frame rate."""

import math
from dataclasses import replace

import naive
import numpy as np
import pytest
from media import (
    SPECKLE,
    Medium,
    Region,
    below,
    full_width,
    look,
    make_tissues,
    to_db,
    uniform,
)

from physics.beams import (
    element_table,
    lay_out_lines,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.probe import find_probe
from physics.settings import ScanSettings
from physics.speed import mean_speed, shown_m
from physics.survey import survey
from physics.theory import frame_rate_hz
from physics.validation import refraction
from physics.validation.beams import F_NUMBER, FREQUENCY_HZ, fine_probe
from physics.validation.check import faults
from physics.validation.harmonic import lateral_width_of_wire

DEPTH_M = 20e-3


def wire_in(speed_m_s: float, depth_m: float = DEPTH_M) -> Medium:
    tissue = make_tissues({"speed_m_s": speed_m_s})
    return Medium(tissue, (Region(0),), [(0.1e-3, depth_m, 1.0)])


def width_of_wire(
    speed_m_s: float, machine_m_s: float, f_number: float = 2.0, **knobs: object
) -> float:
    """-6 dB width at 8 MHz, focused where the wire is shown, with the rectangular aperture both
    ways that has this F-number for the true depth."""
    too_deep = machine_m_s / speed_m_s
    knobs |= {"tx_f_number": f_number * too_deep, "rx_f_number": f_number * too_deep}
    frame = look(
        wire_in(speed_m_s), machine_speed_m_s=machine_m_s, focus_mm=DEPTH_M * 1e3 * too_deep,
        depth_mm=26, frequency_mhz=8, rx_apodisation="rect", **knobs,
    )  # fmt: skip
    return lateral_width_of_wire(frame)


@pytest.mark.parametrize("speed", refraction.DEPTH_SPEEDS)
@pytest.mark.parametrize("machine", refraction.MACHINE_SPEEDS)
def test_a_depth_is_shown_as_wrong_as_the_machines_speed_is(speed: float, machine: int) -> None:
    """z c_machine / c, within a sample. Fat (1460 m/s) reads true with the machine at 1460, and
    1.1 mm too deep in 20 mm with the machine at 1540. Check 26."""
    assert not faults([refraction.depth_read(speed, machine)])


@pytest.mark.nojit
@pytest.mark.parametrize(("medium", "machine"), [(1450.0, 1540.0), (1600.0, 1500.0)])
def test_beams_are_delays_of_one_speed_on_sound_of_another(medium: float, machine: float) -> None:
    """Against the sum over elements in seconds (`naive`), beside and on the line."""
    probe, hz = replace(find_probe("L12-3"), n_element=48, n_channel=96), np.array([6e6])
    settings = ScanSettings(focus_m=13e-3, machine_speed_m_s=machine)
    layout = lay_out_lines(probe, probe.element_u[24:25], per_pitch=3, reach_u=1e-3)
    kind = layout.classes[0]
    common = {"reach_element": layout.reach_element, "speed_m_s": machine}
    s = np.array([8e-3, 13e-3, 21e-3])
    table = element_table(
        probe, hz, s, step=layout.columns.step, planar=False, speed_m_s=medium,
        n_side=layout.reach_element * 3 + layout.n_tap + 1,
    )  # fmt: skip
    sent = transmit_weights(
        probe, hz, kind, focus_m=13e-3, f_number=2.0, apodisation="rect", **common
    )[None]
    heard, _ = receive_weights(
        probe, hz, kind, range_m=shown_m(s, machine), f_number=1.5, apodisation="hann", **common
    )
    fields = [sum_over_elements(table, w, kind, layout)[:, :, 0] for w in (sent, heard)]
    product = (fields[0][0] + 1j * fields[0][1]) * (fields[1][0] + 1j * fields[1][1])
    if layout.line_mirrored[0]:
        product = product[:, ::-1]
    for i, place in enumerate(s):
        for tap in range(0, layout.n_tap, 3):
            expected = naive.heard_at_another_speed(
                probe, settings, 6e6, u=probe.element_u[24],
                point_x_m=layout.columns.u[layout.first_column[0] + tap],
                travel_s=2 * place / MACHINE_SPEED_M_S, medium_speed_m_s=medium,
            )  # fmt: skip
            assert product[i, tap] == pytest.approx(expected, rel=2e-3, abs=5.0 * 10)


@pytest.mark.parametrize(("medium", "machine"), [(1450.0, 1540.0), (1600.0, 1540.0)])
def test_a_wrong_speed_focuses_at_another_depth(medium: float, machine: float) -> None:
    """Delays of c_machine after the time t fit a source (c_machine / c)^2 times as deep as the
    one that echoes then: the same beam, to 3 % of its peak (paraxial, F = 4)."""
    probe, hz = fine_probe(), np.array([FREQUENCY_HZ])
    layout = lay_out_lines(probe, np.zeros(1), per_pitch=2, reach_u=2e-3)
    kind, s = layout.classes[0], np.array([30e-3])
    table = element_table(
        probe, hz, s, step=layout.columns.step, planar=True, speed_m_s=medium,
        n_side=layout.reach_element * 2 + layout.n_tap + 1,
    )  # fmt: skip
    true_m = 30e-3 * medium / MACHINE_SPEED_M_S
    found = []
    for depth, speed in (
        (float(shown_m(s, machine)[0]), machine),
        (true_m * (machine / medium) ** 2, medium),
    ):
        aperture_m = 30e-3 / F_NUMBER
        weights = transmit_weights(
            probe, hz, kind, reach_element=layout.reach_element, focus_m=depth,
            f_number=depth / aperture_m, apodisation="rect", speed_m_s=speed,
        )[None]  # fmt: skip
        field = sum_over_elements(table, weights, kind, layout)[:, 0, 0]
        found.append(np.hypot(field[0], field[1]))
    np.testing.assert_allclose(found[0], found[1], atol=0.03 * found[1].max())


@pytest.mark.parametrize("speed", [1450.0, 1510.0, 1600.0])
def test_a_wire_is_narrowest_when_the_machine_believes_in_the_true_speed(speed: float) -> None:
    """Refocusing. Minimum of a parabola through the narrowest setting and those 40 m/s off it."""
    machine = np.arange(1410, 1631, 40)
    width = np.array([width_of_wire(speed, m) for m in machine])
    i = int(np.clip(width.argmin(), 1, machine.size - 2))
    a, b, _ = np.polyfit(machine[i - 1 : i + 2] - speed, width[i - 1 : i + 2], 2)
    assert abs(-b / (2 * a)) < 15.0


def defocused_width(edge_rad: float) -> float:
    """-6 dB width of the two-way beam of a rectangular aperture with the phase error
    edge_rad x^2 (x = 1 at its edge), re that without."""
    x = np.linspace(-1, 1, 801)
    angle = np.linspace(-8, 8, 801)
    beams = [np.exp(1j * e * x**2) @ np.exp(1j * np.outer(x, angle)) for e in (0.0, edge_rad)]
    plain, blurred = (full_width(angle, to_db(b**2), HALF_AMPLITUDE_DB) for b in beams)
    return blurred / plain


@pytest.mark.parametrize("f_number", [2.0, 2.25])
def test_a_wire_is_twice_as_wide_where_the_phase_error_says(f_number: float) -> None:
    """At the edge of both apertures k z / (8 F^2) (1 - (c / c_machine)^2) radians; Huygens' sum
    doubles its width at 2.9 (0.46 wavelengths). 20 mm deep at 8 MHz that is 108 m/s too fast at
    F = 2 and 141 at F = 2.25. 10 %."""
    edge = np.arange(2.5, 3.3, 0.05)
    doubled = float(np.interp(2.0, [defocused_width(e) for e in edge], edge))
    assert doubled == pytest.approx(2.9, abs=0.1)
    speed = 1450.0
    strength = 2 * math.pi * 8e6 / speed * DEPTH_M / (8 * f_number**2)
    closed = speed * (1 / math.sqrt(1 - doubled / strength) - 1)
    machine = np.arange(speed, speed + 1.2 * closed, 10.0)
    width = np.array([width_of_wire(speed, m, f_number) for m in machine])
    first = int(np.flatnonzero(width > 2 * width[0])[0])
    off = np.interp(2 * width[0], width[first - 1 : first + 1], machine[first - 1 : first + 1])
    assert off - speed == pytest.approx(closed, rel=0.10)


def test_without_aberration_a_wrong_speed_shifts_and_does_not_blur() -> None:
    """The beam is then that of the depth shown, through the same aperture."""
    plain = width_of_wire(1540.0, 1540.0)
    for speed in (1450.0, 1600.0):
        as_deep = plain * 1540 / speed
        assert width_of_wire(speed, 1540, aberration="off") == pytest.approx(as_deep, rel=0.03)
        assert width_of_wire(speed, 1540) > 1.05 * width_of_wire(speed, speed)


def test_the_machines_speed_does_not_change_tissue_of_its_own() -> None:
    """At its default in a medium of 1540 m/s the switch does nothing at all."""
    medium = uniform(**SPECKLE)
    on, off = (look(medium, aberration=a) for a in ("on", "off"))
    np.testing.assert_array_equal(on.picture, off.picture)


@pytest.mark.parametrize("machine", [1400, 1540, 1640])
def test_a_slower_belief_listens_longer(machine: int) -> None:
    """2 depth / c_machine + 5 us a line; the picture reaches as deep as the knob says."""
    frame = look(uniform(), machine_speed_m_s=machine, depth_mm=40)
    assert frame.frame_rate_hz == pytest.approx(1 / (192 * (0.08 / machine + 5e-6)), rel=1e-12)
    assert frame.frame_rate_hz == frame_rate_hz(192, 40e-3, speed_m_s=machine)
    assert frame.output.pulse_rate_hz == pytest.approx(192 * frame.frame_rate_hz)
    step = np.diff(frame.sample_z_m)[0]
    assert 40e-3 - step < frame.sample_z_m[-1] <= 40e-3


def test_the_mean_speed_is_that_of_what_sound_goes_through() -> None:
    """From the mean travel time, bone left out, in steps of 10 m/s."""
    soft, bone = {"speed_m_s": 1450.0}, {"speed_m_s": 3350.0}
    medium = Medium(
        make_tissues(soft, {"speed_m_s": 1600.0}, bone),
        (Region(0), Region(1, below(10e-3)), Region(2, below(20e-3))),
    )
    cut = look(medium, depth_mm=30).medium
    closed = 2 / (1 / 1450 + 1 / 1600)
    assert mean_speed(cut, survey(cut), machine_speed_m_s=1500.0) == pytest.approx(closed, abs=8)
    all_bone = look(Medium(make_tissues(bone)), depth_mm=10).medium
    assert mean_speed(all_bone, survey(all_bone), machine_speed_m_s=1500.0) == 1500.0
