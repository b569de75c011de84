"""The detection end: persistence, speckle reduction, edge enhancement and grey maps, by what
their names promise. (Their twins are in test_physics_twins, what runs in test_physics_chain.)"""

import math
from itertools import pairwise

import numpy as np
import pytest
from media import (
    SPECKLE,
    Medium,
    Region,
    below,
    look,
    make_tissues,
    part,
    to_db,
    uniform,
)

from physics.despeckle import SPECKLE_VARIATION, WINDOWS, reduce_speckle
from physics.display import OVERSHOOT_PER_LEVEL, log_compress, sharpen
from physics.geometry import Pose
from physics.grey_maps import GreyMap, apply_grey_map, load_grey_maps, make_grey_map
from physics.imaging_chain import B_MODE, BModeChain
from physics.persistence import N_FRAMES, frames_to_settle, old_share, persist
from physics.settings import KNOBS, ScanSettings
from simulator.renderer import Renderer, Request

LEVELS = [1, 2, 3, 4]
MIDDLE = {"x_mm": (-10.0, 10.0), "z_mm": (15.0, 25.0)}
TISSUE = uniform(**SPECKLE, attenuation_db_m=100.0)
NOISE = uniform(attenuation_db_m=60.0)
RAYLEIGH_SD_DB = 5.57
"""Standard deviation of the level of a Rayleigh amplitude, dB (Burckhardt 1978)."""


def moving_noise(n: int, shape: tuple[int, int] = (60, 400)) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    return [
        (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64)
        for _ in range(n)
    ]


# ---- all off ----------------------------------------------------------------------------


def test_with_all_of_it_off_every_stage_hands_on_what_it_was_given() -> None:
    """The same array, not a copy: the picture is bit for bit what it was without the stages,
    at no cost."""
    chain = BModeChain()
    look(TISSUE, chain=chain)
    values = {stage.name: chain.pipeline.newest(stage.name) for stage in B_MODE}
    assert values["persist"] is values["compound_bands"] is values["listen"]
    assert values["despeckle"] is values["receive"].envelope
    assert values["sharpen"] is values["detect"]
    assert values["grey_map"] is values["scan_convert"]


def test_all_of_it_is_off_from_the_start() -> None:
    off = {knob.name: ScanSettings().display(knob.name) for knob in KNOBS.values()
           if knob.group == "image"}  # fmt: skip
    assert off.pop("grey_map") == "linear"
    assert off.pop("frequency_compounding") == "off"
    assert set(off.values()) == {0.0}


# ---- persistence ------------------------------------------------------------------------


@pytest.mark.nojit
@pytest.mark.parametrize("level", LEVELS)
def test_persistence_is_the_sum_weighted_by_powers_of_p(level: int) -> None:
    """After n frames: p^(n-1) first + sum over the others of (1 - p) p^(n-k) frame_k, in dB."""
    frames, p = moving_noise(6, (4, 30)), old_share(level)
    kept = None
    for frame in frames:
        kept = persist(frame, kept, persistence=level)
    assert kept is not None
    weights = [p**5, *((1 - p) * p ** (5 - k) for k in range(1, 6))]
    assert sum(weights) == pytest.approx(1.0)
    expected = sum(w * to_db(f) for w, f in zip(weights, frames, strict=True))
    np.testing.assert_allclose(to_db(kept), expected, atol=1e-4)
    np.testing.assert_allclose(np.angle(kept), np.angle(frames[-1]), atol=1e-5)


@pytest.mark.parametrize("level", LEVELS)
def test_noise_quietens_to_what_a_recursive_filter_leaves(level: int) -> None:
    """Variance (1 - p) / (1 + p) = 1 / N of the level's; 24 000 samples are good to 2 %."""
    p, kept = old_share(level), None
    for frame in moving_noise(frames_to_settle(level) + 1):
        kept = persist(frame, kept, persistence=level)
    assert kept is not None
    remaining = np.var(to_db(kept)) / RAYLEIGH_SD_DB**2
    assert remaining == pytest.approx((1 - p) / (1 + p), rel=0.04)
    assert (1 - p) / (1 + p) == pytest.approx(1 / N_FRAMES[level])


@pytest.mark.nojit
@pytest.mark.parametrize("level", LEVELS)
def test_what_stands_still_stays_and_a_change_arrives_with_p_to_the_n(level: int) -> None:
    still = np.full((3, 8), 1e-3 + 1e-3j, np.complex64)
    np.testing.assert_allclose(persist(still, still, persistence=level), still, rtol=1e-6)
    kept, n = 0.01 * still, frames_to_settle(level)  # 40 dB lower before
    for _ in range(n):
        kept = persist(still, kept, persistence=level)
    missing_db = to_db(still[0, 0]) - to_db(kept[0, 0])
    assert missing_db == pytest.approx(40 * old_share(level) ** n, abs=1e-3)
    assert missing_db < 0.4


@pytest.mark.nojit
def test_persistence_off_or_without_a_past_is_the_new_picture() -> None:
    one, two = moving_noise(2, (4, 30))
    assert persist(one, two, persistence=0) is one
    assert persist(one, None, persistence=4) is one
    assert (old_share(0), frames_to_settle(0)) == (0.0, 0)


def shown_noise(seeds: range, chain: BModeChain, **knobs: object) -> np.ndarray:
    """Level of the picture's noise after these moments re its mean at each depth, dB."""
    for seed in seeds:
        frame = look(NOISE, chain=chain, noise_seed=seed, **knobs)
    level = to_db(frame.envelope[40:150, (frame.sample_z_m > 10e-3) & (frame.sample_z_m < 30e-3)])
    return level - level.mean(axis=0)


def test_in_the_chain_noise_quietens_frame_by_frame_and_the_echoes_stay_the_newest() -> None:
    chain = BModeChain()
    spread = [shown_noise(range(s, s + 1), chain, persistence=3).std() for s in range(1, 13)]
    assert spread[0] == pytest.approx(RAYLEIGH_SD_DB, rel=0.03)
    assert all(later < earlier for earlier, later in pairwise(spread[:5]))
    assert spread[-1] == pytest.approx(RAYLEIGH_SD_DB / math.sqrt(N_FRAMES[3]), rel=0.05)
    newest = look(NOISE, chain=chain, noise_seed=12, persistence=3)
    np.testing.assert_array_equal(newest.iq, look(NOISE, noise_seed=12).iq)


def test_a_moved_probe_leaves_a_trail_that_fades() -> None:
    chain = BModeChain()
    here, there = Pose(0.0, 0.0), Pose(3e-3, 0.0)
    for seed in (1, 2, 3):
        look(TISSUE, chain=chain, pose=here, noise_seed=seed, persistence=4)
    level_of_new = to_db(look(TISSUE, pose=there).envelope)
    lag = [
        np.abs(to_db(look(TISSUE, chain=chain, pose=there, noise_seed=s, persistence=4).envelope)
               - level_of_new).mean()
        for s in range(4, 10)
    ]  # fmt: skip
    assert lag[0] > 3.0
    assert all(later < earlier for earlier, later in pairwise(lag))


@pytest.mark.parametrize(
    "change",
    [{"depth_mm": 30}, {"probe": "L18-4"}, {"seed": 2}, {"medium": NOISE}, {"acquisition": 2}],
    ids=lambda change: next(iter(change)),
)
def test_another_view_starts_anew(change: dict[str, object]) -> None:
    """Nothing of another depth, probe, phantom, tissue or run is blended in."""
    view = {"medium": TISSUE, "probe": "L12-3", **change}
    medium = view.pop("medium")
    chain = BModeChain()
    for seed in (1, 2):
        look(TISSUE, chain=chain, noise_seed=seed, persistence=4)
    after = look(medium, chain=chain, noise_seed=3, persistence=4, **view)
    alone = look(medium, chain=BModeChain(), noise_seed=3, **view)
    np.testing.assert_array_equal(after.picture, alone.picture)


def test_a_wider_receive_reach_keeps_the_past() -> None:
    """It lays out other columns, but the same lines and samples."""
    chain = BModeChain()
    look(TISSUE, chain=chain, persistence=4)
    after = look(TISSUE, chain=chain, noise_seed=2, persistence=4, rx_f_number=6)
    alone = look(TISSUE, noise_seed=2, rx_f_number=6)
    assert not np.array_equal(after.picture, alone.picture)


def test_a_frozen_picture_stands_still_and_gain_acts_on_all_of_it() -> None:
    """The same moment again and again is not averaged with itself; gain moves what persisted
    by its whole amount, old and new alike."""
    chain = BModeChain()
    for seed in (1, 2, 3):
        frozen = look(NOISE, chain=chain, noise_seed=seed, persistence=3)
    for gain_db in (5, -3, 0):
        turned = look(NOISE, chain=chain, noise_seed=3, persistence=3, gain_db=gain_db)
        free = (turned.envelope < 1.0) & (frozen.envelope < 1.0)
        moved = to_db(turned.envelope[free]) - to_db(frozen.envelope[free])
        np.testing.assert_allclose(moved, gain_db, atol=1e-3)
    assert turned.picture is frozen.picture


def test_a_settled_picture_is_the_same_every_time_and_quiet() -> None:
    """Whatever was shown before; its newest echoes are those of the request."""
    settings = ScanSettings().turned(persistence=3, gain_db=10)
    request = Request("qa_block", "L12-3", Pose(), settings, noise_seed=7)
    busy, fresh = Renderer(), Renderer()
    plain = busy.render(Request("qa_block", "L12-3", Pose(), ScanSettings(), noise_seed=7))
    busy.render(Request("qa_block", "L12-3", Pose(2e-3, 0.0), settings, noise_seed=3))
    settled, again, other = (r.render_settled(request) for r in (busy, busy, fresh))
    np.testing.assert_array_equal(settled.picture, again.picture)
    np.testing.assert_array_equal(settled.picture, other.picture)
    np.testing.assert_array_equal(settled.iq, plain.iq)


# ---- speckle reduction ------------------------------------------------------------------


def speckle_snr(envelope: np.ndarray) -> float:
    return float(envelope.mean() / envelope.std())


@pytest.mark.parametrize(("level", "factor"), [(1, 1.3), (2, 1.9), (3, 2.4), (4, 3.1)])
def test_speckle_reduction_raises_the_speckle_snr_and_keeps_the_level(
    level: int, factor: float
) -> None:
    """Mean over standard deviation of the engine's own speckle (1.91), without its slow change
    of level with depth; mean amplitude within 0.2 dB. The mean of the decibels rises by up to
    1.5 dB: dark gaps count much in it, and fill."""
    middle, depth = (slice(40, 150), slice(450, 760)), np.arange(450, 760)
    plain = np.ascontiguousarray(look(TISSUE, gain_db=-12).envelope)
    trend = np.exp(np.polyval(np.polyfit(depth, np.log(plain[middle].mean(axis=0)), 3), depth))
    before = plain[middle] / trend
    after = reduce_speckle(plain, speckle_reduction=level)[middle] / trend
    assert plain[middle].max() < 1.0
    assert speckle_snr(before) == pytest.approx(1.913, abs=0.08)
    assert speckle_snr(after) > factor * speckle_snr(before)
    assert to_db(after.mean()) == pytest.approx(to_db(before.mean()), abs=0.2)
    assert 0 < to_db(after).mean() - to_db(before).mean() < 1.5


@pytest.mark.nojit
@pytest.mark.parametrize("level", LEVELS)
def test_pure_rayleigh_speckle_gains_nearly_what_a_plain_mean_would(level: int) -> None:
    """Independent samples: a mean over n gives sqrt(n). Windows that vary more than expected by
    chance are spared, which costs most where windows are small."""
    rng = np.random.default_rng(3)
    plain = rng.rayleigh(0.1, (60, 80)).astype(np.float32)
    smooth = reduce_speckle(plain, speckle_reduction=level)
    n_line, n_sample = WINDOWS[level]
    gain = speckle_snr(smooth) / speckle_snr(plain)
    assert 0.4 * math.sqrt(n_line * n_sample) < gain < math.sqrt(n_line * n_sample)
    assert plain.var() / plain.mean() ** 2 == pytest.approx(SPECKLE_VARIATION, rel=0.05)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("axis", [0, 1])
def test_speckle_reduction_leaves_an_edge_where_it_was(level: int, axis: int) -> None:
    """A step of 20 dB in speckle: the averaged profile crosses the middle, in amplitude,
    within one line or sample of its place."""
    rng = np.random.default_rng(4)
    plain = rng.rayleigh(0.02, (200, 400)).astype(np.float32)
    edge = plain.shape[axis] // 2
    strong = (slice(edge, None), slice(None)) if axis == 0 else (slice(None), slice(edge, None))
    plain[strong] *= 10
    profile = reduce_speckle(plain, speckle_reduction=level).mean(axis=1 - axis)
    middle = (profile[: edge - 20].mean() + profile[edge + 20 :].mean()) / 2
    assert int(np.argmax(profile > middle)) == pytest.approx(edge, abs=1)


@pytest.mark.parametrize("level", LEVELS)
def test_a_bright_surface_keeps_its_level(level: int) -> None:
    """W = 1 - Cu^2 / Ci^2 is large at a bright line: its peak loses 2 dB at most (0.8 to 2.0
    measured), where a plain mean over the larger windows would lose 8 to 12 dB."""
    wall = Medium(
        make_tissues(SPECKLE, {**SPECKLE, "density_kg_m3": 1400.0}),
        (Region(0), Region(1, below(20e-3))),
    )
    plain = look(wall, gain_db=-40).envelope.max(axis=1)[60:130]
    smooth = np.ascontiguousarray(look(wall, gain_db=-40).envelope)
    smooth = reduce_speckle(smooth, speckle_reduction=level).max(axis=1)[60:130]
    assert plain.max() < 1.0
    assert to_db(smooth).mean() == pytest.approx(to_db(plain).mean(), abs=2.1)


def test_measures_read_echoes_that_no_image_processing_has_touched() -> None:
    processed = {"persistence": 3, "speckle_reduction": 3, "rejection_db": 10,
                 "edge_enhancement": 3, "grey_map": "dark"}  # fmt: skip
    plain, shown = look(TISSUE), look(TISSUE, **processed)
    np.testing.assert_array_equal(part(plain, **MIDDLE), part(shown, **MIDDLE))
    assert not np.array_equal(plain.picture, shown.picture)


# ---- edge enhancement -------------------------------------------------------------------


@pytest.mark.nojit
@pytest.mark.parametrize("level", [1, 2, 3])
def test_edge_enhancement_overshoots_a_step_by_the_set_amount_and_leaves_flats(level: int) -> None:
    grey = np.full((3, 80), 80.0, np.float32)
    grey[:, 40:] = 160.0
    sharp = sharpen(grey, edge_enhancement=level)
    overshoot = OVERSHOOT_PER_LEVEL * level * 80.0
    assert sharp.max() == pytest.approx(160.0 + overshoot, abs=1e-3)
    assert sharp.min() == pytest.approx(80.0 - overshoot, abs=1e-3)
    np.testing.assert_allclose(sharp[:, :36], 80.0, atol=1e-4)
    np.testing.assert_allclose(sharp[:, 44:], 160.0, atol=1e-4)
    assert int(np.argmax(sharp[0] > 120.0)) == 40  # the step is where it was


@pytest.mark.nojit
def test_edge_enhancement_works_along_depth_only_and_stays_between_black_and_white() -> None:
    across = np.repeat(np.array([[0.0], [255.0], [30.0]], np.float32), 50, axis=1)
    np.testing.assert_allclose(sharpen(across, edge_enhancement=3), across, atol=1e-4)
    along = np.ascontiguousarray(np.tile(np.array([0.0, 255.0], np.float32), (4, 30)))
    sharp = sharpen(along, edge_enhancement=3)
    assert (sharp.min(), sharp.max()) == (0.0, 255.0)


# ---- rejection in the picture -----------------------------------------------------------


def test_rejection_counts_from_the_foot_of_the_dynamic_range() -> None:
    envelope = np.full((2, 4), 10 ** (-45 / 20), np.float32)  # 15 dB above a foot at -60 dB
    assert np.all(log_compress(envelope, dynamic_range_db=60.0, rejection_db=14.0) > 0)
    assert np.all(log_compress(envelope, dynamic_range_db=60.0, rejection_db=16.0) == 0)
    assert np.all(log_compress(envelope, dynamic_range_db=70.0, rejection_db=16.0) > 0)


# ---- grey maps --------------------------------------------------------------------------


@pytest.mark.nojit
@pytest.mark.parametrize("grey_map", load_grey_maps().values(), ids=lambda m: m.name)
def test_a_grey_map_rises_from_black_to_white(grey_map: GreyMap) -> None:
    table = grey_map.table.astype(int)
    assert table.shape == (256,)
    assert (table[0], table[255]) == (0, 255)
    assert np.all(np.diff(table) >= 0)
    assert grey_map.summary


@pytest.mark.nojit
def test_the_knob_offers_every_grey_map() -> None:
    assert KNOBS["grey_map"].choices == tuple(load_grey_maps())
    assert len(load_grey_maps()) >= 6
    np.testing.assert_array_equal(load_grey_maps()["linear"].table, np.arange(256))


@pytest.mark.nojit
def test_grey_maps_do_what_their_names_say() -> None:
    maps = {name: m.table.astype(int) for name, m in load_grey_maps().items()}
    middle = slice(20, 236)
    for brighter in ("soft", "bright", "projector"):
        assert np.all(maps[brighter][middle] > np.arange(256)[middle])
    for darker in ("crisp", "dark"):
        assert np.all(maps[darker][middle] < np.arange(256)[middle])
    s_curve = maps["s-curve"]
    assert np.all(s_curve[20:110] < np.arange(20, 110))
    assert np.all(s_curve[146:236] > np.arange(146, 236))


@pytest.mark.nojit
def test_the_projector_map_makes_even_steps_of_lightness_in_a_lit_room() -> None:
    """CIE L* of (ambient + grey^2.2) / (1 + ambient); the rounding to 8 bits leaves 0.6 of 100."""
    table, ambient = load_grey_maps()["projector"].table, 0.05
    luminance = (ambient + (table / 255) ** 2.2) / (1 + ambient)
    lightness = 116 * np.cbrt(luminance) - 16
    even = np.linspace(lightness[0], 100, 256)
    np.testing.assert_allclose(lightness, even, atol=0.6)


@pytest.mark.nojit
def test_a_picture_is_looked_up_pixel_by_pixel() -> None:
    picture = np.arange(256, dtype=np.uint8).reshape(16, 16)
    shown = apply_grey_map(picture, grey_map="dark")
    assert shown.dtype == np.uint8
    np.testing.assert_array_equal(shown.ravel(), load_grey_maps()["dark"].table)
    assert apply_grey_map(picture, grey_map="linear") is picture


@pytest.mark.nojit
@pytest.mark.parametrize(
    "entry", [{}, {"gamma": 1.0, "contrast": 2.0}, {"gain": 1.0}, {"gamma": 0.0}, {"gamma": -1}]
)
def test_an_entry_that_is_no_map_is_named(entry: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="grey map mine"):
        make_grey_map("mine", {**entry, "summary": "Mine"})
