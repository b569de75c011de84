"""One block for each artefact: that the picture it opens with shows what it promises."""

import math

import numpy as np
import pytest
from blocks import (
    across,
    box,
    brightest,
    frame_of,
    frame_without,
    level_db,
    places_mm,
    within,
)

from phantoms import load_phantom, phantom_names
from physics.theory import two_way_loss_db
from physics.validation.bounces import rung
from physics.validation.shadows import loss_over_band, spectrum
from physics.validation.surfaces import zero_crossing

SEEDS = (1, 2, 3)
BLOCKS = [name for name in phantom_names() if name.startswith(("block_", "qa_block_"))]


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_opens_in_a_view_that_says_what_to_look_for(name: str) -> None:
    phantom = load_phantom(name)
    assert phantom.views
    assert all(len(view.look_for) > 50 for view in phantom.views.values())


def frames_of(name: str, view: str, **knobs: object):  # type: ignore[no-untyped-def]
    return [frame_of(name, view, seed=s, **knobs) for s in SEEDS]


def test_calcification_casts_a_clean_shadow_and_gas_a_dirty_one() -> None:
    """Clean: 40 dB below gas. Dirty by sound that goes to and fro: without that 25 dB darker. Below
    a narrow calcification the shadow fills by 3 dB or more."""
    clean, dirty = box(-12, -9, 17.5, 20), box(8, 13, 12, 18)
    frames = frames_of("block_shadow", "side_by_side", noise="off")
    alone = frames_of("block_shadow", "side_by_side", noise="off", multiple_paths="off")
    assert level_db(frames, dirty) > level_db(frames, clean) + 40
    assert level_db(alone, dirty) < level_db(frames, dirty) - 25

    def depth(top: float) -> float:
        beside = level_db(frames, box(2, 4, top, top + 3))
        return beside - level_db(frames, box(-0.4, 0.4, top, top + 3))

    assert depth(14) > 12
    assert depth(14) > depth(20) + 3


@pytest.mark.parametrize("frequency_mhz", [6, 12])
def test_behind_10_mm_of_fluid_the_block_is_brighter_by_what_it_would_have_taken(
    frequency_mhz: float,
) -> None:
    """2 x 0.48 dB/cm/MHz x 1 cm x f over the frequencies that arrive, within 1 dB: 11.5 dB at 12
    MHz itself."""
    scene = ("block_enhancement", "pool_and_cyst")
    knobs = {"frequency_mhz": frequency_mhz}
    pool = frames_of(*scene, **knobs)
    none = [frame_without(*scene, {"pool": "block"}, seed=s, **knobs) for s in SEEDS]
    below = box(-8, -2, 18.7, 21)
    frame = pool[0]
    lines = (frame.line_x_m > -8e-3) & (frame.line_x_m < -2e-3)
    rows = (frame.sample_z_m > 18.7e-3) & (frame.sample_z_m < 21e-3)
    hz, power = spectrum(np.concatenate([f.iq[np.ix_(lines, rows)] for f in pool]), frame)
    kept = loss_over_band(hz, power, two_way_loss_db(0.48, 1.0, 10e-3) * np.maximum(hz, 0))
    assert level_db(pool, below) - level_db(none, below) == pytest.approx(kept, abs=1.0)


@pytest.mark.slow
def test_dark_lines_stand_below_the_edges_of_faster_bodies_and_go_with_refraction() -> None:
    """6 dB or more inside the edges of the large one, in strips a (1 - c1 / c2) = 1.2 mm wide."""

    def darkness(refraction: str) -> tuple[np.ndarray, np.ndarray]:
        frames = [
            frame_of("block_edge_shadow", "cylinders", seed=s, refraction=refraction)
            for s in range(1, 5)
        ]
        rows = (frames[0].sample_z_m > 24e-3) & (frames[0].sample_z_m < 34e-3)
        power = np.mean([(np.abs(f.iq[:, rows]) ** 2).mean(axis=1) for f in frames], axis=0)
        return 1e3 * frames[0].line_x_m, 10 * np.log10(power / np.median(power))

    x, level = darkness("on")
    for left, right in ((-15, -13.8), (-0.2, 1.0)):
        strip = (x > left - 0.3) & (x < right + 0.3)
        assert level[strip].min() < -6
    assert np.abs(level[(x > -12) & (x < -3)]).max() < 2.2
    _, without = darkness("off")
    assert without.min() > -2.5


def test_lines_of_reverberation_are_as_far_apart_as_the_plates_read() -> None:
    """Within 0.1 mm for the first, within a pulse for the second, which comes by more ways; each
    weaker than the last by 6 dB or more. Without multiple paths there are the plates alone."""
    frame = frame_of("block_reverberation", "plates")
    alone = frame_of("block_reverberation", "plates", multiple_paths="off")
    place, level = np.array([rung(frame, z * 1e-3) for z in (10, 15, 20, 25)]).T
    np.testing.assert_allclose(np.diff(place[:3]) * 1e3, 5.0, atol=0.1)
    assert place[3] * 1e3 == pytest.approx(25.0, abs=0.2)
    assert np.all(np.diff(level[1:]) < -6)
    for n in (0, 1):
        assert rung(alone, place[n])[1] == pytest.approx(level[n], abs=1)
    assert rung(alone, place[2])[1] < level[2] - 25


def test_the_rungs_of_a_steel_bar_are_resolved_and_those_of_a_splinter_taper() -> None:
    """3 mm: rungs 3 x 1540 / 5660 = 0.816 mm apart. 0.8 mm: a streak that falls all the way, 40 dB
    above what is there without bounces."""
    frame = frame_of("block_comet_tail", "steel")
    at = int(np.abs(frame.line_x_m + 10.5e-3).argmin())
    z, line = 1e3 * frame.sample_z_m, np.abs(frame.iq[at])
    spacing = 3 * 1540 / 5660
    tops = []
    for n in range(1, 9):
        near = np.flatnonzero(np.abs(z - (12.01 + n * spacing)) < spacing / 2)
        tops.append(z[near[line[near].argmax()]])
    np.testing.assert_allclose(np.diff(tops).mean(), spacing, rtol=0.01)

    def streak(multiple_paths: str) -> np.ndarray:
        steel = frame_of("block_comet_tail", "steel", multiple_paths=multiple_paths)
        return np.array([level_db(steel, box(0.6, 1.4, top, top + 1)) for top in range(13, 19)])

    tail = streak("on")
    assert np.all(np.diff(tail) < -2)
    assert np.all(tail[:4] > streak("off")[:4] + 25)


def test_the_mirror_image_lies_as_far_beyond_the_plate_as_the_wire_above_it() -> None:
    """Half a wavelength in depth, a line to the side; it comes by several paths."""
    tilt = math.radians(20)
    down = -22.03 + (120 + 10) * math.tan(tilt) - 16  # from the wire straight down to the plate
    away = down * math.cos(tilt)
    image = 10 - 2 * away * math.sin(tilt), 16 + 2 * away * math.cos(tilt)
    frame = frame_of("block_mirror", "plate")
    x, z, level = brightest(frame, within(*image, 1.2))
    assert x == pytest.approx(image[0], abs=0.21)
    assert z == pytest.approx(image[1], abs=1.54 / 6 / 2)
    none = frame_of("block_mirror", "plate", multiple_paths="off")
    assert brightest(none, within(*image, 1.2))[2] < level - 30


def test_side_lobes_stand_beside_a_wire_in_fluid_and_go_with_apodisation() -> None:
    """1.85 to 2.35 mm beside it, where there is fluid: above -47 dB with even apertures, below -55
    with Hann's both ways, whose main lobe has ended by then."""

    def beside(**knobs: str) -> float:
        x, level = across(frame_of("block_side_lobes", "pool", noise="off", **knobs), 16, 0.3)
        wing = (np.abs(x + 8) > 1.85) & (np.abs(x + 8) < 2.35)
        return float(level[wing].max() - level[np.abs(x + 8) < 0.5].max())

    assert beside() > -47
    assert beside(tx_apodisation="hann", rx_apodisation="hann") < -55


def test_below_20_mm_of_fat_all_is_shown_1_1_mm_too_deep() -> None:
    """20 (1540 / 1460 - 1) = 1.096 mm, for the thread and the plate; the fat reads 21.1."""
    frame = frame_of("block_speed", "step")
    for z in (25, 33):
        left = brightest(frame, box(-9.5, -8.5, z, z + 1.7))[1]
        right = brightest(frame, box(8.5, 9.5, z - 0.6, z + 0.6))[1]
        assert left - right == pytest.approx(20 * (1540 / 1460 - 1), abs=0.06)
    fat = brightest(frame, box(-9.5, -8.5, 20.5, 21.7))[1]
    assert fat == pytest.approx(20 * 1540 / 1460, abs=0.06)


def test_pieces_of_tendon_darken_with_the_angle_of_their_fibres() -> None:
    """Against muscle at their places: brighter at 0 degrees, alike at 2 to 7 (Crass 1988), 4 dB or
    more darker at 10 degrees, and 10 dB at 15."""
    pieces = {f"tendon_{angle}": "muscle" for angle in range(0, 31, 5)}
    frames = [frame_of("block_anisotropy", "ramp", seed=s) for s in SEEDS]
    muscle = [
        frame_without("block_anisotropy", "ramp", pieces, seed=s) for s in SEEDS
    ]  # fmt: skip
    above = []
    for k in range(7):
        piece = within(-15.9 + 5.3 * k, 14.2, 1.7)
        above.append(level_db(frames, piece) - level_db(muscle, piece))
    assert np.all(np.diff(above[:4]) < -2)
    assert above[0] > 2
    assert 2 <= zero_crossing(np.arange(0.0, 31.0, 5.0), np.array(above)) <= 7
    assert above[2] < -4
    assert max(above[3:]) < -10


@pytest.mark.slow
def test_a_bending_tendon_is_lost_in_the_muscle_at_2_to_7_degrees() -> None:
    """It is a circle of 60 mm radius from X = 60, so that its slope is known at every place."""
    frames = [frame_of("block_anisotropy", "bend", seed=s) for s in range(1, 6)]
    swapped = {"tendon_bend": "muscle"}
    muscle = [
        frame_without("block_anisotropy", "bend", swapped, seed=s) for s in range(1, 6)
    ]  # fmt: skip
    angles = np.arange(2.0, 15.0, 3.0)
    above = []
    for angle in angles:

        def there(x: np.ndarray, z: np.ndarray, angle: float = angle) -> np.ndarray:
            radius = np.hypot(x - 60, 70 - z)
            slope = np.degrees(np.arctan2(x - 60, 70 - z))
            return (np.abs(slope - angle) < 1.5) & (radius > 56) & (radius < 59)

        above.append(level_db(frames, there) - level_db(muscle, there))
    assert np.all(np.diff(above) < 0)
    assert 2 <= zero_crossing(angles, np.array(above)) <= 7


@pytest.mark.slow
def test_needles_fade_with_their_angle_and_come_back_when_the_beam_is_steered() -> None:
    """At 30 degrees and more next to nothing is left (Kline 2015); 15 degrees of steering bring the
    needle at 30 degrees back by 30 dB."""
    middles = {
        angle: (x + 4 * math.cos(math.radians(angle)), z + 4 * math.sin(math.radians(angle)))
        for angle, x, z in ((0, -18, 16.5), (15, -8.8, 16.5), (30, 0.2, 20), (45, 9.0, 24.5))
    }

    def levels(**knobs: float) -> dict[int, float]:
        frame = frame_of("block_needles", "angles", **knobs)
        return {a: brightest(frame, within(*place, 1.5))[2] for a, place in middles.items()}

    plain, steered = levels(), levels(steer_deg=-15)
    assert plain[0] > plain[15] > plain[30] + 20
    assert plain[45] < plain[30]
    assert steered[30] > plain[30] + 30


def test_places_of_a_level_probe_are_those_of_the_body() -> None:
    """What these tests lean on: a wire of the full block is found at its own place."""
    frame = frame_of("qa_block_deep", "resolution")
    x, z = places_mm(frame)
    assert x.shape == z.shape == frame.iq.shape
    assert brightest(frame, within(11.25, 26, 0.5))[:2] == pytest.approx((11.25, 26), abs=0.15)


def test_small_cysts_fill_in_where_the_slice_is_thicker_than_they_are() -> None:
    """2 mm: hardly darker than the block at 6 mm, black at the 20 mm of the lens, less so deeper;
    without slice thickness black at all three. 4 mm is darker where 2 mm is grey."""

    def contrast(x_mm: float, z_mm: float, radius_mm: float, **knobs: str) -> float:
        frames = [frame_of("block_slice", "cysts", seed=s, noise="off", **knobs) for s in SEEDS]

        def beside(x: np.ndarray, z: np.ndarray) -> np.ndarray:
            return (np.abs(z - z_mm) < 1.5) & (np.abs(x - x_mm) > 4) & (np.abs(x - x_mm) < 9)

        return level_db(frames, beside) - level_db(frames, within(x_mm, z_mm, radius_mm))

    near, lens, deep = (contrast(-10, z, 0.6) for z in (6, 20, 34))
    assert near < 6 < 15 < lens
    assert deep < lens - 5
    assert min(contrast(-10, z, 0.6, slice_thickness="off") for z in (6, 20, 34)) > 15
    assert contrast(8, 6, 1.2) > near + 8


def test_a_tube_is_grey_along_the_picture_and_black_across_it() -> None:
    """2 mm wide, 8 mm deep: by 10 dB and more."""

    def contrast(view: str, half_mm: float) -> float:
        frames = frames_of("block_slice", view, noise="off")
        inside = level_db(frames, box(60 - half_mm, 60 + half_mm, 7.5, 8.5))
        return level_db(frames, box(50, 70, 10.2, 12)) - inside

    assert contrast("tube_across", 0.6) > contrast("tube_along", 10) + 10
