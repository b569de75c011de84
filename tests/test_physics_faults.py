"""What is wrong with machine, probe and contact: ring-down, dead elements, air at the face."""

import math
from dataclasses import replace

import numpy as np
import pytest
from media import (
    CHAIN,
    SILENT,
    SPECKLE,
    Medium,
    Region,
    below,
    box,
    full_width,
    level_db,
    look,
    make_tissues,
    middle_peak,
    mirror,
    part,
    to_db,
    uniform,
)

from phantoms import load_phantom
from phantoms.phantom import winning_region
from physics.beams import LineClass, element_table, receive_weights, sum_over_elements
from physics.face import Face, look_at_face
from physics.frame import Frame
from physics.geometry import Pose
from physics.looks import Look
from physics.probe import find_probe
from physics.ringing import LENS_LOSS_DB_CM, LENS_M, LENS_POWER, LENS_SPEED_M_S, ring_down
from physics.scan_beams import cut_bands
from physics.scan_grid import find_ranges, find_reach, lay_out
from physics.settings import ScanSettings

NOTHING = uniform(**SILENT)
SPECKLED = uniform(**SPECKLE)


def rung(**knobs: object) -> tuple[np.ndarray, np.ndarray]:
    """Depths and IQ of a probe that hears nothing but itself."""
    frame = look(NOTHING, **{"ring_down": "on", **knobs}, noise="off")
    return frame.sample_z_m, frame.iq


def test_the_ring_down_begins_40_db_below_the_mirror_and_loses_30_db_in_3_mm() -> None:
    """Facts, section 4: -40 dB falling to -70 dB over 3 mm. Mean power over 40 probes that differ
    in their draw alone (one course for nearly all elements, 12 cells in 3 mm): its scatter is
    0.6 dB
    at each depth. Elements' own parts average out in the sum, by 0.4 dB at most."""
    probe = find_probe("L12-3")
    ranges = find_ranges(probe, depth_m=0.02)
    grid = lay_out(probe, ranges, find_reach(probe, Look(), rx_f_number=1.5), Look())
    bands = cut_bands(probe, ranges)
    power = 0.0
    for n in range(40):
        heard = ring_down(
            replace(probe, name=f"probe {n}"), grid, bands, Face(), ring_down="on",
            frequency_hz=8e6, rx_f_number=1.5, rx_apodisation="hann", side_lobes="on",
            harmonic="off",
        )  # fmt: skip
        assert heard is not None
        power = power + np.mean(np.abs(heard) ** 2, axis=0) / 40
    z_mm = bands.out_m[: power.size] * 1e3
    slope, start = np.polyfit(z_mm[z_mm < 3], 10 * np.log10(power[z_mm < 3]), 1)
    assert start == pytest.approx(-40, abs=0.7)
    assert slope == pytest.approx(-10, abs=0.35)


def test_ring_down_belongs_to_the_probe_and_not_to_the_tissue_or_the_moment() -> None:
    first, *others = (
        look(SPECKLED, pose=pose, seed=seed, noise_seed=moment, ring_down="on").iq
        - look(SPECKLED, pose=pose, seed=seed, noise_seed=moment, ring_down="off").iq
        for pose, seed, moment in ((Pose(), 1, 1), (Pose(3e-3, 0.1), 1, 1), (Pose(), 2, 5))
    )
    for other in others:
        np.testing.assert_allclose(other, first, atol=1e-7)
    assert not np.allclose(rung(probe="L11-5v")[1][0, :40], rung(probe="L12-3")[1][0, :40])


def test_ring_down_is_on_as_in_a_real_scanner_and_off_costs_nothing() -> None:
    assert ScanSettings().ring_down == "on"
    silent = rung(ring_down="off")[1]
    assert not silent.any()


def test_ring_down_follows_the_power_and_pulse_inversion_cancels_it() -> None:
    quiet, full = rung(power_db=-10)[1], rung(power_db=0)[1]
    np.testing.assert_allclose(quiet, full * 10 ** (-10 / 20), rtol=1e-5, atol=1e-12)
    assert not rung(harmonic="on")[1].any()


def stripe_db(z_mm: tuple[float, float], **knobs: object) -> float:
    """Level in front of the dead elements of L12-3 re that of a whole probe."""
    middle = find_probe("L12-3").element_u[64] * 1e3
    window = {"x_mm": (middle - 0.35, middle + 0.35), "z_mm": z_mm}
    dead, whole = (
        look(SPECKLED, noise="off", frequency_mhz=8, dead_elements=n, **knobs) for n in (8, 0)
    )
    return level_db(part(dead, **window)) - level_db(part(whole, **window))


def test_dead_elements_make_a_dark_stripe_that_closes_with_depth() -> None:
    """At 2 mm all seven elements of the receive aperture (range / F = 1.3 mm) are dead; at 30 mm 8
    of 100. Sources of uniformity tests: the stripe is seen in the near field."""
    by_depth = [stripe_db(z) for z in ((1.5, 2.0), (4, 5), (9, 11), (28, 32))]
    assert by_depth[0] < -40
    assert by_depth == sorted(by_depth)
    assert -5 < by_depth[-1] < -2


def test_far_from_dead_elements_the_picture_is_untouched() -> None:
    dead, whole = (look(SPECKLED, frequency_mhz=8, dead_elements=n, noise="off") for n in (8, 0))
    away = {"x_mm": (5, 18), "z_mm": (0, 12)}
    np.testing.assert_allclose(part(dead, **away), part(whole, **away), atol=1e-6)


def test_the_field_without_some_elements_is_the_whole_less_theirs() -> None:
    probe = find_probe("L12-3")
    layout = lay_out(probe, find_ranges(probe, depth_m=0.03), 2.5e-3, Look()).layout
    z, hz = np.linspace(5e-3, 25e-3, 5), np.array([8e6])
    table = element_table(
        probe, hz, z, step=layout.columns.step, planar=False,
        n_side=layout.reach_element * layout.columns.per_pitch + layout.n_tap + 1,
    )  # fmt: skip

    def field(silent: tuple[int, ...]) -> np.ndarray:
        kind = LineClass(0.0, -(layout.n_tap // 2), -64, 64, 0.0, silent)
        weights, _ = receive_weights(
            probe, hz, kind, reach_element=layout.reach_element, range_m=z, f_number=1.5,
            apodisation="hann",
        )  # fmt: skip
        return sum_over_elements(table, weights, kind, layout)

    some = (-3, 0, 1, 7)
    others = tuple(q for q in range(-64, 65) if q not in some)
    np.testing.assert_allclose(field(some), field(()) - field(others), atol=1e-3)


def test_a_probe_without_faults_lays_out_its_lines_as_ever() -> None:
    probe = find_probe("L12-3")
    ranges = find_ranges(probe, depth_m=0.04)
    reach = find_reach(probe, Look(), rx_f_number=1.5)
    plain = lay_out(probe, ranges, reach, Look()).layout
    whole = lay_out(probe, ranges, reach, Look(), Face()).layout
    assert plain.classes == whole.classes
    assert all(kind.silent == () for kind in whole.classes)


@pytest.mark.parametrize("look_", [{}, {"steer_deg": 10}, {"trapezoid": "on"}])
def test_the_left_end_lifted_is_the_mirror_image_of_the_right_end_lifted(
    look_: dict[str, object],
) -> None:
    """In a medium that is its own mirror image; a look to the left is then one to the right. Two
    steered looks of a whole probe differ by 2 % of the largest echo themselves."""
    plane = Medium(
        make_tissues(SILENT, {"density_kg_m3": 2000.0}), (Region(0), Region(1, below(8e-3)))
    )
    other = {"steer_deg": -10} if "steer_deg" in look_ else look_
    knobs = {"noise": "off", "frequency_mhz": 8, "depth_mm": 12}
    right = look(plane, lost_contact_percent=30, **knobs, **look_).iq
    left = look(plane, lost_contact_percent=-30, **knobs, **other).iq
    deep = slice(np.searchsorted(np.arange(right.shape[1]), 120), None)
    scale = np.abs(right[:, deep]).max()
    np.testing.assert_allclose(left[::-1, deep] / scale, right[:, deep] / scale, atol=0.02)


def test_a_face_in_air_shows_the_bands_of_its_lens_and_nothing_below() -> None:
    """Bands 2 d / c_lens apart, each weaker by the face's reflection and twice the lens's loss."""
    probe = find_probe("L12-3")
    knobs = {"noise": "off", "frequency_mhz": 10, "multiple_paths": "off"}
    frame = look(mirror(15e-3), lost_contact_percent=40, **knobs)
    line = frame.iq[-20]
    z = frame.sample_z_m
    apart = LENS_M * 1540 / LENS_SPEED_M_S
    at = [z[np.abs(np.where(np.abs(z - n * apart) < apart / 3, line, 0)).argmax()] for n in (1, 2)]
    assert at == pytest.approx([apart, 2 * apart], abs=z[1] - z[0])
    fall = [to_db(line[np.abs(z - n * apart) < 0.1e-3]).max() for n in (1, 2)]
    loss_db = 2 * LENS_M * 100 * LENS_LOSS_DB_CM * 10**LENS_POWER
    assert fall[1] - fall[0] == pytest.approx(
        20 * math.log10(probe.face_reflection) - loss_db, abs=0.7
    )
    below_it = part(frame, x_mm=(12, 19), z_mm=(10, 20))
    assert np.abs(below_it).max() < 1e-5
    assert level_db(part(frame, x_mm=(-10, -5), z_mm=(14.8, 15.2))) > -15


def test_which_elements_are_out_of_work() -> None:
    probe = find_probe("L12-3")
    face = look_at_face(probe, dead_elements=4, lost_contact_percent=-10)
    assert face.dead == (62, 63, 64, 65)
    assert face.lifted == tuple(range(20))
    assert face.silent == (*range(20), 62, 63, 64, 65)
    assert look_at_face(probe, dead_elements=0, lost_contact_percent=50).lifted[0] == 96


def test_an_air_bubble_covers_as_many_elements_as_it_is_wide_and_no_more() -> None:
    probe = find_probe("L12-3")
    bubble = {"dead_elements": 0, "lost_contact_percent": 0, "air_bubble_m": 4e-3}
    face = look_at_face(probe, **bubble)
    assert face.dead == ()
    assert len(face.lifted) == round(4e-3 / probe.pitch_m)
    assert np.mean(probe.element_u[list(face.lifted)]) == pytest.approx(
        (0.6 - 0.5) * probe.footprint_m, abs=probe.pitch_m
    )
    both = look_at_face(probe, **{**bubble, "lost_contact_percent": 45})
    assert both.lifted == tuple(sorted(set(both.lifted)))


def test_below_an_air_bubble_there_is_less_and_beside_it_as_much_as_without() -> None:
    """A bubble as wide as the aperture at 6 mm (receive F-number 1.5: 4 mm) takes most of it."""
    knobs = {"noise": "off", "frequency_mhz": 10, "ring_down": "off", "focus_mm": 6}
    bubble, sound = look(mirror(6e-3), air_bubble_mm=6, **knobs), look(mirror(6e-3), **knobs)
    at = {"z_mm": (5.8, 6.2)}
    under = [level_db(part(frame, x_mm=(2.5, 5), **at)) for frame in (bubble, sound)]
    beside = [level_db(part(frame, x_mm=(-15, -8), **at)) for frame in (bubble, sound)]
    assert under[0] < under[1] - 12
    assert beside[0] == pytest.approx(beside[1], abs=0.1)


# --- gel stand-off -----------------------------------------------------------------------


@pytest.mark.parametrize("pose", [Pose(), Pose(2e-3, 0.2, 0.0), Pose(-1e-3, -0.1)])
def test_places_come_back_through_a_lifted_probe(pose: Pose) -> None:
    lifted = replace(pose, standoff_m=7e-3)
    x, z = np.array([-5e-3, 0.0, 9e-3]), np.array([0.0, 11e-3, 30e-3])
    np.testing.assert_allclose(lifted.to_probe(*lifted.to_body(x, z)), (x, z), atol=1e-12)
    middle = lifted.to_body(np.zeros(1), np.zeros(1))
    np.testing.assert_allclose(middle, [[pose.slide_m], [-7e-3]])


def test_a_gel_pad_lifts_the_face_by_its_thickness_and_moves_nothing_else() -> None:
    """The slice is that without the pad, as many rows lower, with gel above it."""
    phantom, step = load_phantom("muscle_block"), 0.2e-3
    cut = {"x0_m": -0.019, "dx_m": step, "n_x": 190, "dz_m": step}
    bare = phantom.slice(Pose(), **cut, n_z=150)
    padded = phantom.slice(Pose(standoff_m=10e-3), **cut, n_z=200)
    np.testing.assert_allclose(padded.distance_m[:, :, 50:], bare.distance_m, atol=2e-6)
    np.testing.assert_allclose(padded.across_m[:, :, 50:], bare.across_m, atol=2e-6)
    assert (winning_region(padded.distance_m)[:, :50] == 0).all()
    assert phantom.region_names[0] == "gel"


def muscle(gel_mm: float, **knobs: object) -> Frame:
    phantom = load_phantom("muscle_block")
    settings = ScanSettings.from_display({**phantom.start_settings, **knobs})
    return CHAIN.render(
        medium=phantom, medium_key=phantom.key, probe=find_probe("L12-3"),
        pose=Pose(standoff_m=gel_mm * 1e-3), settings=settings,
    )  # fmt: skip


def test_under_a_gel_pad_the_skin_lies_below_the_probes_own_clutter() -> None:
    """Skin at the pad's thickness (gel: 1520 m/s) within a sample; ring-down stays at the face."""
    frame, still = muscle(10), muscle(10, ring_down="off")
    z = frame.sample_z_m
    line = np.abs(frame.iq[96]) * (z > 8e-3) * (z < 11e-3)
    skin_m = 10e-3 * 1540 / 1520
    assert z[line.argmax()] == pytest.approx(skin_m, abs=1.5 * (z[1] - z[0]))
    clutter = np.abs(frame.iq - still.iq).max(axis=0)
    assert clutter[z < 1e-3].max() > 1e-3
    assert not clutter[z > 8e-3].any()
    bare, quiet = muscle(0), muscle(0, ring_down="off")
    assert level_db((bare.iq - quiet.iq)[:, z < 1e-3]) > level_db(quiet.iq[:, z < 1e-3]) + 3


def test_ten_millimetres_of_gel_cost_next_to_nothing() -> None:
    """Two-way 2 x 0.05 dB/cm x 8^1.2 = 1.2 dB at 8 MHz, and the skin reflects 0.7 % of the energy.
    Muscle just below the focus of both pictures, at the same place in the tissue."""
    bare, padded = muscle(0, focus_mm=18), muscle(10, focus_mm=28)
    low, high = {"x_mm": (-6, 4), "z_mm": (16, 20)}, {"x_mm": (-6, 4), "z_mm": (26, 30)}
    assert -4 < level_db(part(padded, **high)) - level_db(part(bare, **low)) < 1.0


# --- ringing gas -------------------------------------------------------------------------

GAS = {"speed_m_s": 353.0, "density_kg_m3": 1.14}


def gas_slab(ringing_us: float, top_m: float = 8e-3) -> Medium:
    """Gas all across, in a silent lossless medium: R = -0.9995."""
    gas = {**GAS, "ringing_s": ringing_us * 1e-6}
    return Medium(make_tissues(SILENT, gas), (Region(0), Region(1, below(top_m))))


def streak(ringing_us: float, seeds: range, **knobs: object) -> tuple[np.ndarray, np.ndarray]:
    """Depth below the gas and mean power of the middle line's streak over several draws."""
    power = 0.0
    for seed in seeds:
        frame = look(
            gas_slab(ringing_us), seed=seed, noise="off", multiple_paths="off", focus_mm=8, **knobs
        )
        power = power + np.abs(frame.iq[96]) ** 2 / len(seeds)
    return frame.sample_z_m - 8e-3, np.asarray(power)


@pytest.mark.parametrize("ringing_us", [8.0, 20.0])
def test_the_streak_behind_bubbles_falls_as_exp_minus_t_over_tau(ringing_us: float) -> None:
    """Facts, section 4: level e^(-t / tau), t = 2 s / c0, from -30 dB re the gas's own echo: at 20
    us 8.7 dB in 15.4 mm. Random resonances: 6 draws of 110 cells make the slope uncertain by 0.04
    dB/mm and its start by 0.6 dB."""
    s, power = streak(ringing_us, range(1, 7), frequency_mhz=7.5, depth_mm=30)
    behind = (s > 0.6e-3) & (s < 20e-3)
    level = 10 * np.log10(power[behind])
    slope, start = np.polyfit(s[behind] * 1e3, level, 1)
    start += 4.34 / (2 * 6)  # the mean of the dB of six draws lies below the dB of the mean
    assert slope == pytest.approx(-20 / math.log(10) * 2e-3 / (1540 * ringing_us * 1e-6), abs=0.1)
    assert start - 10 * np.log10(power.max()) == pytest.approx(-30, abs=1.5)


def test_the_streak_neither_fades_with_the_loss_of_tissue_nor_widens_with_the_beam() -> None:
    """The sound has gone no deeper than the gas: in tissue of 0.5 dB/cm/MHz the streak's shape is
    that without loss, just lower; a tenth of what tissue loses on that way would show."""
    lossy = {**SILENT, "attenuation_db_m": 50.0}
    gas = {**GAS, "ringing_s": 20e-6}
    knobs = {"noise": "off", "multiple_paths": "off", "focus_mm": 8, "frequency_mhz": 7.5}
    shape = []
    for tissue in (SILENT, lossy):
        medium = Medium(make_tissues(tissue, gas), (Region(0), Region(1, below(8e-3))))
        frame = look(medium, **knobs)
        z = frame.sample_z_m
        near, far = (level_db(frame.iq[60:130, (z > a) & (z < a + 4e-3)]) for a in (9e-3, 30e-3))
        shape.append(near - far)
    assert shape[1] == pytest.approx(shape[0], abs=1.5)
    bubble = Region(1, box(-0.5e-3, 0.5e-3, 8e-3, 9e-3))
    frame = look(Medium(make_tissues(SILENT, gas), (Region(0), bubble)), **knobs)
    z = frame.sample_z_m
    wide = [
        (np.mean(np.abs(frame.iq[:, (z > a) & (z < a + 6e-3)]) ** 2, axis=1) ** 0.5)
        for a in (10e-3, 30e-3)
    ]
    wide = [full_width(frame.line_x_m, to_db(w), -6.02) for w in wide]
    assert wide[1] == pytest.approx(wide[0], rel=0.1)


def test_gas_that_does_not_ring_has_no_streak_and_costs_nothing() -> None:
    s, power = streak(0.0, range(1, 2))
    assert power[(s > 4e-3) & (s < 25e-3)].max() < 1e-7 * power.max()
    frame = look(SPECKLED, depth_mm=39)
    assert frame.milliseconds["gas"] < 1.0


def test_thin_gas_lets_nothing_through_to_bounce_in_it() -> None:
    """Behind a rough sheet of gas 0.3 mm thick there are bounces between it and the face (at
    multiples of its depth), and none inside it."""
    rough = {**SILENT, "roughness_m": 10e-6}
    sheet = Region(1, box(-60e-3, 60e-3, 8e-3, 8.3e-3))
    frame = look(Medium(make_tissues(rough, GAS), (Region(0), sheet)), noise="off", depth_mm=22)
    z, level = frame.sample_z_m, np.abs(frame.iq[96])
    between = ((z > 11e-3) & (z < 14.5e-3)) | ((z > 18e-3) & (z < 22e-3))
    assert level[between].max() < 3e-3 * level.max()
    assert level[(z > 15.5e-3) & (z < 16.5e-3)].max() > 1e-2 * level.max()


def test_a_streak_follows_its_beam_and_begins_at_the_bubble() -> None:
    """Steered by 12 degrees it lies along the line through the bubble."""
    bubble = Region(1, box(-0.5e-3, 0.5e-3, 10e-3, 11e-3))
    knobs = {"noise": "off", "multiple_paths": "off", "frequency_mhz": 8, "steer_deg": 12}
    frame, mute = (
        look(Medium(make_tissues(SILENT, {**GAS, "ringing_s": tau}), (Region(0), bubble)), **knobs)
        for tau in (20e-6, 0.0)
    )
    z, ringing = frame.sample_z_m, np.abs(frame.iq - mute.iq)
    behind = np.mean(ringing[:, (z > 20e-3) & (z < 30e-3)], axis=1)
    u = frame.line_x_m[behind.argmax()]
    assert u + 10e-3 * math.tan(math.radians(12)) == pytest.approx(0, abs=0.5e-3)
    assert ringing[:, z < 9e-3].max() < 1e-2 * ringing.max()


def test_nothing_rings_before_the_gas_however_little_depth_is_shown() -> None:
    """What goes on ringing beyond the range does not come round to its beginning: 60 dB below."""
    bubble = Region(1, box(-0.5e-3, 0.5e-3, 8e-3, 9e-3))
    knobs = {"noise": "off", "multiple_paths": "off", "frequency_mhz": 8, "depth_mm": 12}
    frame, mute = (
        look(Medium(make_tissues(SILENT, {**GAS, "ringing_s": tau}), (Region(0), bubble)), **knobs)
        for tau in (20e-6, 0.0)
    )
    z, ringing = frame.sample_z_m, np.abs(frame.iq - mute.iq)
    assert ringing[:, z < 7e-3].max() < 1e-3 * ringing.max()


# --- interference ------------------------------------------------------------------------


def interference(moment: int = 1, **knobs: object) -> np.ndarray:
    """IQ with a source nearby less IQ without, in speckle."""
    with_it, without = (
        look(SPECKLED, noise_seed=moment, interference_db=level, **{"frequency_mhz": 7, **knobs}).iq
        for level in (40, 0)
    )
    return with_it - without


def test_interference_is_not_moved_by_power_and_is_by_gain() -> None:
    full, low = interference(), interference(power_db=-20)
    np.testing.assert_allclose(low, full, atol=1e-6)
    silent = {"medium": NOTHING, "noise": "off", "interference_db": 20, "frequency_mhz": 7}
    plain, raised = (look(**silent, gain_db=g) for g in (0, 12))
    np.testing.assert_allclose(raised.envelope, plain.envelope * 10 ** (12 / 20), rtol=1e-4)


def test_interference_peaks_at_its_level_above_the_noise_behind_the_receive_filter() -> None:
    """-110 + 40 dB, less the root of the pulse's spectrum at 6.78 MHz: 0.05 dB at 7 MHz and 9.1 dB
    at 12 MHz, where its offset is 2.05 standard deviations (0.2123 f each)."""
    for mhz in (7, 12):
        peak = np.abs(interference(frequency_mhz=mhz, noise="off")).max()
        sigmas = (mhz - 6.78) / (0.5 * mhz / 2.3548)
        expected = -110 + 40 - 10 * math.log10(math.e) * sigmas**2 / 2
        assert 20 * math.log10(peak) == pytest.approx(expected, abs=0.3)


def test_interference_is_a_pattern_that_is_elsewhere_in_the_next_frame() -> None:
    """Along each line it comes and goes 60 000 times a second: every 12.8 mm."""
    first, again, other = (np.abs(interference(m, noise="off")) for m in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] < 0.5
    line = first[np.abs(first).max(axis=1).argmax()]
    z = look(SPECKLED, noise="off").sample_z_m
    period = np.abs(np.fft.rfft(line - line.mean(), 16 * line.size))[1:].argmax() + 1
    assert 16 * line.size * (z[1] - z[0]) / period == pytest.approx(12.8e-3, rel=0.15)


# --- range ambiguity ---------------------------------------------------------------------


@pytest.mark.parametrize(("depth_mm", "shown_mm"), [(20, 10), (25, 5)])
def test_an_echo_from_below_the_picture_is_shown_on_the_next_line_too_high_up(
    depth_mm: float, shown_mm: float
) -> None:
    """z_a = z - c / (2 PRF), within a sample, from a wire 30 mm deep; the PRF is c / (2 depth)."""
    wire = Medium(make_tissues(SILENT), wires=((0.0, 30e-3, 1.0),))
    knobs = {"noise": "off", "depth_mm": depth_mm, "multiple_paths": "off", "frequency_mhz": 8}
    high, normal = (look(wire, pulse_rate=rate, **knobs) for rate in ("high", "normal"))
    deep = look(wire, **{**knobs, "depth_mm": 40})
    at = np.unravel_index(np.abs(high.iq).argmax(), high.iq.shape)
    true = np.unravel_index(np.abs(deep.iq).argmax(), deep.iq.shape)
    z = high.sample_z_m
    assert z[at[1]] == pytest.approx(shown_mm * 1e-3, abs=z[1] - z[0])
    assert at[0] - true[0] in (0, 1)  # the wire lies between two lines
    column = np.abs(high.iq).max(axis=1), np.abs(deep.iq).max(axis=1)
    np.testing.assert_allclose(np.roll(column[1], 1), column[0], atol=0.03 * column[0].max())
    assert np.abs(normal.iq).max() < 1e-3 * np.abs(high.iq).max()


def test_more_depth_takes_range_ambiguity_away() -> None:
    plane = mirror(30e-3, wall={"density_kg_m3": 1500.0})
    knobs = {"noise": "off", "multiple_paths": "off", "frequency_mhz": 8}
    rates = ("high", "normal")
    high, normal = (look(plane, pulse_rate=rate, depth_mm=36, **knobs) for rate in rates)
    above = high.sample_z_m < 28e-3
    assert np.abs(high.iq[:, above]).max() < 1e-3 * np.abs(high.iq).max()
    assert middle_peak(high) == pytest.approx(middle_peak(normal), rel=0.01)


def test_a_high_pulse_rate_is_that_of_sound_alone() -> None:
    """1540 / (2 x 20 mm) = 38.5 kHz, over 192 lines, and as many more pulses for TI to count."""
    normal, high = (look(NOTHING, depth_mm=20, pulse_rate=rate) for rate in ("normal", "high"))
    assert high.frame_rate_hz == pytest.approx(38.5e3 / 192)
    assert high.output.pulse_rate_hz == pytest.approx(38.5e3)
    assert high.output.power_w / normal.output.power_w == pytest.approx(
        high.frame_rate_hz / normal.frame_rate_hz
    )
    assert high.output.mi == normal.output.mi
