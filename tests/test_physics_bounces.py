"""Several paths: reverberation ladders, comet tails, and what the switch takes away."""

import math

import numpy as np
import pytest
from media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    below,
    disc,
    look,
    make_tissues,
    peak,
    tilted_box,
)

from phantoms import load_phantom
from physics.bounces import Surfaces, write_bounces
from physics.geometry import Pose
from physics.imaging_chain import B_MODE, NO_HISTORY
from physics.paths import follow, mirror_gain, mirrored
from physics.pipeline import Pipeline, Source
from physics.probe import find_probe
from physics.rays import trace, way_on
from physics.scan_echoes import Mixture, all_spectra, hear, loss_of_bands
from physics.settings import ScanSettings
from physics.survey import survey
from physics.validation import bounces
from physics.validation.bounces import rung
from physics.validation.check import faults

STEEL = {"speed_m_s": 5660.0, "density_kg_m3": 7900.0}


def ladder(depths_m: list[float], r: list[float], *, face: float, step_m: float = 16e-6):
    """What one column of smooth level surfaces echoes beyond its direct echoes, [sample]."""
    surfaces = Surfaces(1)
    left = 1.0
    for m, (depth, reflection) in enumerate(zip(depths_m, r, strict=True)):
        surfaces.place[0, m, :4] = depth, reflection, left, 0.0
        left *= 1 - reflection**2
    surfaces.count[0] = len(r)
    out = np.zeros((1, 4000), np.float32)
    write_bounces(
        surfaces, face_reflection=face, range_step_m=step_m,
        sheet_gain=np.ones(4000, np.float32), gain_step_m=step_m, ahead_m=np.zeros(1), out=out,
    )  # fmt: skip
    return out[0]


def test_sound_gains_nothing_on_its_way() -> None:
    """A surface met at a grazing angle keeps next to nothing, deeper ones more: what bounces off it
    on the way up stays fainter than what was sent."""
    surfaces = Surfaces(1)
    surfaces.place[0, :3, :4] = [[5e-3, 0.6, 1e-9, 0], [8e-3, 0.5, 0.4, 0], [9e-3, 0.5, 0.3, 0]]
    surfaces.count[0] = 3
    out = np.zeros((1, 800), np.float32)  # as deep as one way up and down
    write_bounces(
        surfaces, face_reflection=0.0, range_step_m=16e-6, sheet_gain=np.ones(4000, np.float32),
        gain_step_m=16e-6, out=out,
    )  # fmt: skip
    assert 0 < np.abs(out).max() < 0.6 * 0.4


def test_bounces_are_those_of_a_layered_medium() -> None:
    """Against the exact reflection response of a stack between two half spaces (recursion of
    Brekhovskikh, Waves in Layered Media, chapter 3), without its direct echoes: within 3 %
    of its largest value at every frequency; paths below -75 dB are left out."""
    depth, r, step = [4e-3, 7e-3, 11e-3], [0.4, -0.3, 0.5], 16e-6
    n = 4096
    f = np.fft.rfftfreq(n)  # cycles per sample
    total = np.zeros(f.size, complex)
    for d, above, reflection in zip(depth[::-1], [*depth[:-1][::-1], 0.0], r[::-1], strict=True):
        total = (reflection + total) / (1 + reflection * total)
        total = total * np.exp(-2j * np.pi * f * (d - above) / step)
    exact = np.fft.irfft(total, n)
    left, direct = 1.0, np.zeros(f.size, complex)
    for d, reflection in zip(depth, r, strict=True):
        direct += left * reflection * np.exp(-2j * np.pi * f * d / step)
        left *= 1 - reflection**2
    expected = exact - np.fft.irfft(direct, n)
    ours = np.zeros(n)
    ours[:4000] = ladder(depth, r, face=0.0)
    low = f < 0.2  # where impulses are written exactly
    error = np.fft.rfft(ours - expected)[low]
    assert np.abs(error).max() < 0.03 * np.abs(np.fft.rfft(ours))[low].max()


def test_between_the_face_and_a_plate_echoes_come_at_multiples_of_its_depth() -> None:
    """Each order R1 R2 of the last (0.3 dB), place within a sample. Check 27, the face being one
    of the two surfaces."""
    assert not faults(bounces.below_the_face())


@pytest.mark.parametrize("speed", bounces.PLATE_SPEEDS)
def test_inside_a_layer_the_rungs_are_as_far_apart_as_its_thickness_reads(speed: float) -> None:
    """Spacing d c0 / c (a sample), each rung R1 R2 of the one before (0.3 dB). Check 27.

    A plate 1.5 to 5.5 mm thick in water, far enough apart for the pulse to end between rungs.
    """
    assert not faults(bounces.inside_a_plate(speed))


def test_a_steel_needle_has_a_comet_tail() -> None:
    """0.5 mm of steel: rungs 0.136 mm apart (facts, section 4) merge into a tail that the switch
    takes away: 3 mm below the needle it stands 20 dB or more above nothing."""
    needle = Region(1, tilted_box(0.0, 12e-3, 60e-3, 0.5e-3, 0.0))
    medium = Medium(make_tissues(SILENT, STEEL), (Region(0), needle))
    tail = {}
    for switch in ("on", "off"):
        frame = look(medium, focus_mm=15, multiple_paths=switch)
        line = np.abs(frame.iq[frame.iq.shape[0] // 2])
        inside = (frame.sample_z_m > 12.8e-3) & (frame.sample_z_m < 15e-3)
        tail[switch] = 20 * math.log10(line[inside].mean() / line.max())
    assert tail["on"] > tail["off"] + 20
    assert tail["on"] < -5


def test_the_ghost_of_a_round_surface_is_that_of_one_twice_as_curved() -> None:
    """Path lengths double, and with them the slopes: the ghost of a cylinder of radius 10 mm at
    9 mm is the echo of one of 5 mm at 18 mm, lower by face x plate (1 dB)."""
    hard = make_tissues(SILENT, {"density_kg_m3": 4000.0})
    level = []
    for z, radius in ((9e-3, 10e-3), (18e-3, 5e-3)):
        frame = look(Medium(hard, (Region(0), Region(1, disc(0.0, z + radius, radius)))))
        line = np.abs(frame.iq[frame.iq.shape[0] // 2])
        inside = (frame.sample_z_m > 17.5e-3) & (frame.sample_z_m < 18.5e-3)
        level.append(20 * math.log10(peak(line[inside])))
    face = find_probe("L12-3").face_reflection
    assert level[0] - level[1] == pytest.approx(20 * math.log10(face * 0.6), abs=1.0)


def test_without_multiple_paths_there_is_one_echo_for_each_thing() -> None:
    medium = Medium(
        make_tissues(SILENT, {"density_kg_m3": 4000.0}), (Region(0), Region(1, below(9e-3)))
    )
    assert rung(look(medium), 18e-3)[1] > -40
    assert rung(look(medium, multiple_paths="off"), 18e-3)[1] < -70


def test_ghosts_fade_with_every_bounce_and_never_grow() -> None:
    """Energy: with any stack of surfaces and face, what bounces is less than what the direct echoes
    have left."""
    rng = np.random.default_rng(4)
    for _ in range(30):
        n = int(rng.integers(2, 8))
        depth = np.sort(rng.uniform(2e-3, 20e-3, n)).tolist()
        r = rng.uniform(-0.9, 0.9, n).tolist()
        trace = ladder(depth, r, face=0.3)
        assert trace.any()
        assert np.abs(trace).max() < 1.0
        left, direct = 1.0, 0.0
        for reflection in r:
            direct += (left * reflection) ** 2
            left *= 1 - reflection**2
        assert np.sum(trace**2) < 1.0 - direct + 0.1


def test_a_face_takes_no_rung_away() -> None:
    """Strong rungs are written however many faint paths there are: with a face that sends sound
    down again only more comes."""
    depth, r = [8e-3, 10e-3, 14e-3, 16e-3], [0.6, -0.6, 0.6, -0.6]
    alone, with_face = ladder(depth, r, face=0.0), ladder(depth, r, face=0.1)
    at = round(12e-3 / 16e-6)
    assert np.abs(alone[at - 3 : at + 4]).max() > 0.05
    near = slice(0, round(15.9e-3 / 16e-6))  # before the face joins in
    np.testing.assert_allclose(with_face[near], alone[near], atol=0.01)


@pytest.mark.parametrize("tilt_deg", [20, 30])
def test_a_sloping_plate_shows_the_mirror_image_of_what_lies_beside_it(tilt_deg: float) -> None:
    """Straight down to the plate, aside to a wire and back: the ghost lies beyond the plate at the
    length of the way (half a wavelength), as strong as a wire there times R^2 (3 dB). Depth =
    path length / 2."""
    tilt = math.radians(tilt_deg)
    plate = Region(1, below(20e-3, tilt))
    way_aside = 8e-3  # the plate goes down to the right: sound is thrown to the right and up
    x, z = way_aside * math.sin(2 * tilt), 20e-3 - way_aside * math.cos(2 * tilt)
    tissues = make_tissues(SILENT, STEEL)
    ghost = look(Medium(tissues, (Region(0), plate), wires=((x, z, 1.0),)), depth_mm=35)
    alone = look(Medium(tissues, (Region(0),), wires=((0.0, 28e-3, 1.0),)), depth_mm=35)
    off = look(
        Medium(tissues, (Region(0), plate), wires=((x, z, 1.0),)),
        depth_mm=35, multiple_paths="off",
    )  # fmt: skip
    place, level = rung(ghost, 28e-3)
    assert place == pytest.approx(28e-3, abs=0.077e-3)
    r = (7900.0 * 5660.0 - 1540e3) / (7900.0 * 5660.0 + 1540e3)
    assert level - rung(alone, 28e-3)[1] == pytest.approx(40 * math.log10(r), abs=3.0)
    assert rung(off, 28e-3)[1] < level - 30


def test_the_way_to_a_mirror_image_grows_evenly_from_ray_to_ray() -> None:
    """Or the phase of its echoes would jump: off a flat plate the apparent range to a step of the
    mirrored rays is linear in their place, within 1 um."""
    medium = Medium(
        make_tissues(SILENT, STEEL), (Region(0), Region(1, below(15e-3, math.radians(25))))
    )
    cut = medium.slice(Pose(), x0_m=-10e-3, dx_m=0.2e-3, n_x=101, dz_m=0.2e-3, n_z=180)
    found = survey(cut)
    paths = follow(cut, found)
    knobs = dict.fromkeys(("tx_f_number", "rx_f_number"), 2.0)
    knobs |= dict.fromkeys(("tx_apodisation", "rx_apodisation"), "rect")
    rays = trace(paths, find_probe("L12-3"), **knobs)
    gain = mirror_gain(paths, cut, 7.54e6)
    legs = mirrored(paths, cut, found, gain)
    assert legs is not None
    way = way_on(legs, rays, paths, gain)
    length = way.apparent_m[20:80, 170]  # all in the medium of 1540 m/s: range is length
    np.testing.assert_allclose(length, 170 * 0.2e-3, atol=1e-6)


def test_one_loss_for_direct_echoes_and_ghosts_is_as_good_as_two() -> None:
    """The shoulder at 6 MHz, with its bone, bursa and skin: echoes above -90 dB re the mirror."""
    knobs = ScanSettings(frequency_hz=6e6)
    stages = Pipeline(B_MODE)
    values = stages.run(
        knobs,
        {
            "medium": Source("shoulder", load_phantom("supraspinatus_lax")),
            "probe": Source("L12-3", find_probe("L12-3")),
            "pose": Source("pose", Pose()),
            "seed": Source(1, 1),
            "noise_seed": Source(1, 1),
            "history": NO_HISTORY,
        },
    )
    grid, look = values["layout"][0], values["looks"][0]

    def heard(echoes: np.ndarray, bounced: np.ndarray | None) -> np.ndarray:
        mixture = Mixture(echoes, bounced)
        loss = loss_of_bands(
            values["rays"][0], mixture, values["bands"], values["span"], grid, look, harmonic="off"
        )
        return hear(
            all_spectra(mixture, grid, look), values["pulse"], loss, values["beams"][0],
            values["bands"], values["span"], values["probe"], grid, look,
        )  # fmt: skip

    all_bounced = np.ones((grid.n_x, grid.n_z), np.float32)
    two = heard(values["echoes"][0].direct, None) + heard(values["ghosts"][0], all_bounced)
    one = values["acquire"][0]
    loud = np.abs(two) > 10 ** (-90 / 20)
    off_db = 20 * np.log10(np.abs(one[loud]) / np.abs(two[loud]))
    assert np.sqrt((off_db**2).mean()) < 0.5
    assert np.abs(off_db).max() > 0  # they are two ways of computing it


def test_a_round_steel_wire_sounds_no_louder_than_its_own_echo() -> None:
    """At its sides next to nothing gets in, but the aperture sees past it: what bounces there is
    not lifted by that."""
    medium = Medium(make_tissues(SPECKLE, STEEL), (Region(0), Region(1, disc(0.0, 13e-3, 0.4e-3))))
    loudest = [
        float(np.abs(look(medium, focus_mm=14, multiple_paths=switch).iq).max())
        for switch in ("on", "off")
    ]
    assert loudest[0] < 1.1 * loudest[1]
