"""Fast kernels against their slow, obvious twins (`naive`); run with the JIT on and off."""

import math
from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from physics.acquire import acquire, plan_sub_bands, pulse_weights, range_spectra
from physics.beams import (
    combine,
    element_table,
    lay_out_lines,
    receive_weights,
    sum_over_elements,
    transmit_weights,
)
from physics.constants import MACHINE_SPEED_M_S
from physics.despeckle import WINDOWS, reduce_speckle
from physics.display import EDGE_WINDOW, OVERSHOOT_PER_LEVEL, log_compress, scan_convert, sharpen
from physics.echo_grid import write_points
from physics.medium import Slice
from physics.persistence import old_share, persist
from physics.point_echoes import image_points
from physics.probe import Probe, find_probe
from physics.pulse import pulse_echo_spectrum
from physics.receive import amplify, listen, make_noise
from physics.settings import ScanSettings
from physics.survey import MAX_REGIONS, split_cell, survey


def short_probe(name: str) -> Probe:
    """The same array with few elements: the twins are slow."""
    return replace(find_probe(name), n_element=24, n_channel=48)


@pytest.mark.nojit
@pytest.mark.parametrize("planar", [True, False])
@pytest.mark.parametrize("name", ["L12-3", "C5-2v"])
def test_fields_are_the_sum_over_elements(name: str, planar: bool) -> None:
    """Both ways, at the columns beside a line, at lines in front of and between elements and
    at the array's end."""
    probe, hz = short_probe(name), 5e6
    settings = ScanSettings(focus_m=12e-3, rx_apodisation="hann")
    depth = np.array([5e-3, 12e-3, 21e-3])
    pitch = probe.pitch_u
    lines = np.array([probe.element_u[12], probe.element_u[12] + 0.25 * pitch, probe.element_u[1]])
    layout = lay_out_lines(probe, lines, per_pitch=3, reach_u=3 * pitch)
    table = element_table(
        probe,
        np.array([hz]),
        depth,
        step=layout.columns.step,
        n_side=layout.reach_element * 3 + layout.n_tap + 1,
        planar=planar,
    )
    k = 2 * np.pi * hz / MACHINE_SPEED_M_S
    for b, u in enumerate(lines):
        kind = layout.classes[layout.line_class[b]]
        common = {"reach_element": layout.reach_element}
        sent = transmit_weights(
            probe, np.array([hz]), kind, focus_m=12e-3, f_number=2.0, apodisation="rect", **common
        )[None]
        heard, _ = receive_weights(
            probe, np.array([hz]), kind, range_m=depth, f_number=1.5, apodisation="hann", **common
        )
        fields = [sum_over_elements(table, w, kind, layout) for w in (sent, heard)]
        product = math.prod(f[0, :, 0] + 1j * f[1, :, 0] for f in fields)
        if layout.line_mirrored[b]:
            product = product[:, ::-1]
        for tap in range(0, layout.n_tap, 3):
            column = layout.columns.u[layout.first_column[b] + tap]
            for i, z in enumerate(depth):
                expected = naive.beamformed(
                    probe, settings, hz, u=u, point_u=column, point_range_m=z,
                    sample_range_m=z, planar=planar,
                )  # fmt: skip
                # the engine leaves exp(-jkz) out both ways
                assert product[i, tap] == pytest.approx(expected, rel=2e-3, abs=2e-3 * abs(k))


@pytest.mark.parametrize("z_mm", [12.0, 20.0, 32.0])
def test_the_beams_and_sub_bands_of_the_pictures_hear_a_point_as_its_channels_do(
    z_mm: float,
) -> None:
    """`acquire` through `combine`d beams against `image_points`, which treats every channel and
    sample by itself (and is laid beside SIMUS): correlation of the complex point-spread function
    0.99, the same peak within 0.2 dB. What differs is the receive focus that moves on while a
    pulse passes, and the steps in which apertures grow."""
    probe = find_probe("L11-5v")
    hz = 7.6e6
    settings = ScanSettings(
        frequency_hz=hz, focus_m=20e-3, tx_f_number=2.0, rx_f_number=1.5, rx_apodisation="hann"
    )

    def spectrum(f: np.ndarray) -> np.ndarray:
        return pulse_echo_spectrum(
            f, transmit_hz=hz, n_cycle=1.0, centre_hz=hz, bandwidth=probe.bandwidth
        )

    line_u = np.arange(-8, 9) * 0.15e-3
    layout = lay_out_lines(probe, line_u, per_pitch=12, reach_u=3e-3, widest_m=15e-3)
    step, n_range = MACHINE_SPEED_M_S / hz / 16, 3200
    bands = plan_sub_bands(
        0.45 * hz, 1.55 * hz, 23, carrier_hz=hz, step_m=step, n_range=n_range, n_out=n_range
    )
    node = np.arange(8e-3, 36e-3, 0.15e-3)
    n_side = layout.reach_element * 12 + layout.n_tap + 1
    table = element_table(
        probe, bands.frequency_hz, node, step=layout.columns.step, n_side=n_side, planar=True
    )
    transmit, receive = [], []
    for kind in layout.classes:
        common = {"reach_element": layout.reach_element}
        sent = transmit_weights(
            probe, bands.frequency_hz, kind, focus_m=20e-3, f_number=2.0, apodisation="rect",
            **common,
        )[None]  # fmt: skip
        heard, _ = receive_weights(
            probe, bands.frequency_hz, kind, range_m=node, f_number=1.5, apodisation="hann",
            **common,
        )  # fmt: skip
        transmit.append(sum_over_elements(table, sent, kind, layout))
        receive.append(sum_over_elements(table, heard, kind, layout))
    factor = [np.ones((bands.frequency_hz.size, node.size))] * len(layout.classes)
    beams = combine(layout, bands.frequency_hz, transmit, receive, factor, node, bands.decimated_m)
    grid = np.zeros((layout.columns.n, n_range), np.complex64)
    place = (np.zeros(1), np.array([z_mm * 1e-3]), np.ones(1))
    write_points(grid, layout.columns, step, hz, *place)
    weight = -1j * pulse_weights(bands, spectrum)
    iq = acquire(range_spectra(grid), None, weight, beams, bands)
    near = np.abs(bands.out_m - z_mm * 1e-3) < 1.5e-3
    expected = image_points(
        *place, probe=probe, settings=settings, line_u=line_u, sample_z_m=bands.out_m[near],
        planar=True,
    )  # fmt: skip
    together = np.vdot(expected, iq[:, near])
    norm = np.linalg.norm(expected) * np.linalg.norm(iq[:, near])
    assert together.real / norm > 0.99
    ratio = np.abs(iq[:, near]).max() / np.abs(expected).max()
    assert 20 * math.log10(ratio) == pytest.approx(0.0, abs=0.2)


@pytest.mark.nojit
@pytest.mark.parametrize("name", ["L11-5v", "C5-2v"])
def test_lines_know_where_they_are(name: str) -> None:
    """Every line finds its own columns on the common lattice, mirrored or not."""
    probe = find_probe(name)
    step = probe.pitch_u / 4
    lines = np.arange(-9, 10) * step + probe.element_u[40]
    layout = lay_out_lines(probe, lines, per_pitch=4, reach_u=5 * probe.pitch_u)
    for b, u in enumerate(lines):
        columns = layout.columns.u[layout.first_column[b] + np.arange(layout.n_tap)]
        assert columns[layout.n_tap // 2] == pytest.approx(u, abs=0.5001 * layout.columns.step)
        kind = layout.classes[layout.line_class[b]]
        if layout.line_mirrored[b]:
            kind = kind.mirrored(layout.n_tap)
        element = (u - kind.fraction_u - probe.element_u[0]) / probe.pitch_u
        assert element == pytest.approx(round(element), abs=1e-5)
        assert abs(kind.fraction_u) <= 0.5001 * probe.pitch_u
        first = u - kind.fraction_u + kind.first_tap * layout.columns.step
        assert columns[0] == pytest.approx(first, abs=1e-5 * probe.pitch_u)


@pytest.mark.nojit
@given(shift=st.floats(0, 1), place=st.floats(0, 1))
def test_a_written_point_is_the_one_that_a_band_limited_grid_holds(
    shift: float, place: float
) -> None:
    """Cubic weights: mass 1 and the right first moments in both directions."""
    probe = find_probe("L12-3")
    layout = lay_out_lines(probe, np.zeros(1), per_pitch=3, reach_u=1e-3)
    columns, step = layout.columns, 20e-6
    grid = np.zeros((columns.n, 64), np.complex64)
    u = columns.u0 + (columns.n // 2 + shift) * columns.step
    s = (30 + place) * step
    write_points(grid, columns, step, 0.0, np.array([u]), np.array([s]), np.array([2.0]))
    assert grid.sum() == pytest.approx(2.0, abs=1e-5)
    assert np.sum(grid.sum(axis=1) * columns.u).real / 2 == pytest.approx(
        u, abs=1e-3 * columns.step
    )
    assert np.sum(grid.sum(axis=0) * np.arange(64)).real / 2 == pytest.approx(s / step, abs=1e-3)


@pytest.mark.nojit
def test_points_outside_the_grid_are_left_out() -> None:
    layout = lay_out_lines(find_probe("L12-3"), np.zeros(1), per_pitch=3, reach_u=1e-3)
    grid = np.zeros((layout.columns.n, 64), np.complex64)
    for u, s in ((1.0, 5e-4), (-1.0, 5e-4), (0.0, 1.0), (0.0, -1.0)):
        write_points(grid, layout.columns, 2e-5, 5e6, np.array([u]), np.array([s]), np.ones(1))
    assert not grid.any()


distances = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32)), min_size=1, max_size=6
)


@pytest.mark.nojit
@given(ends=distances)
def test_a_cell_is_cut_where_its_regions_begin(ends: list[tuple[float, float]]) -> None:
    """Against looking at 20 000 places on the way down."""
    above = np.array([-1.0, *(a for a, _ in ends)], np.float32)
    below = np.array([-1.0, *(b for _, b in ends)], np.float32)
    starts = np.empty(MAX_REGIONS + 2, np.float32)
    regions = np.empty(MAX_REGIONS + 2, np.int32)
    n = split_cell(above, below, 0, above.size - 1, starts, regions)
    found = [(int(regions[p]), float(starts[p])) for p in range(n)]
    assert found[0][1] == 0.0
    assert starts[n] == 1.0
    expected = naive.parts_of_cell(above, below, 2000)
    for region, begin in expected:  # every part that the twin sees is there
        assert any(r == region and abs(t - begin) < 1e-3 for r, t in found)
    for t in np.linspace(0.0005, 0.9995, 173):
        part = int(np.searchsorted(starts[1:n], t, side="right"))
        if np.abs(starts[: n + 1] - t).min() > 1e-5:
            assert regions[part] == naive.top_region(above + np.float32(t) * (below - above))


def slice_of(distance: np.ndarray) -> Slice:
    """A slice that is nothing but distances on a grid of 0.2 mm."""
    n = distance.shape[0]
    empty = np.zeros((1, *distance.shape[1:]), np.float32)
    return Slice(
        x0_m=0.0, dx_m=0.2e-3, dz_m=0.2e-3, distance_m=distance.astype(np.float32),
        region_tissue=np.arange(n, dtype=np.int32), region_frame=np.zeros(n, np.int32),
        along_m=empty, across_m=empty, region_seed=np.zeros(n, np.int32),
        region_backscatter=np.ones(n, np.float32), tissues=None,
        point_x_m=np.zeros(0), point_z_m=np.zeros(0), point_strength=np.zeros(0),
    )  # fmt: skip


@pytest.mark.nojit
@pytest.mark.parametrize("seed", range(4))
def test_the_survey_finds_the_top_region_and_calls_no_cut_cell_plain(seed: int) -> None:
    """Discs of random places and sizes, one over the other."""
    rng = np.random.default_rng(seed)
    x, z = np.meshgrid(np.arange(24) * 0.2e-3, np.arange(30) * 0.2e-3, indexing="ij")
    discs = [
        np.hypot(x - rng.uniform(0, 5e-3), z - rng.uniform(0, 6e-3)) - rng.uniform(0.1e-3, 2e-3)
        for _ in range(5)
    ]
    distance = np.stack([np.full(x.shape, -1.0), *discs]).astype(np.float32)
    found = survey(slice_of(distance))
    for i in range(24):
        for j in range(30):
            assert found.region[i, j] == naive.top_region(distance[:, i, j])
    for i in range(23):
        for j in range(29):
            corners = found.region[i : i + 2, j : j + 2]
            assert corners.min() >= found.lowest[i, j]
            assert corners.max() <= found.highest[i, j]
            assert np.all(distance[found.lowest[i, j], i : i + 2, j : j + 2] < 0)
    assert found.plain.mean() > 0.3


@pytest.mark.nojit
@pytest.mark.parametrize("dynamic_range_db", [40.0, 60.0, 96.0])
def test_log_compression_is_a_straight_line_in_decibels(dynamic_range_db: float) -> None:
    envelope = np.concatenate([[0.0, 1e-12], np.geomspace(1e-6, 1.0, 300)])[None, :]
    envelope = np.repeat(envelope, 5, axis=0).astype(np.float32)
    grey = log_compress(envelope, dynamic_range_db=dynamic_range_db)
    expected = naive.log_compressed(envelope.astype(float), dynamic_range_db)
    np.testing.assert_allclose(grey, expected, atol=2e-3)
    assert grey.dtype == np.float32


@pytest.mark.nojit
@pytest.mark.parametrize("rejection_db", [6.0, 20.0])
def test_rejection_blacks_what_lies_below_and_leaves_the_rest_as_it_was(
    rejection_db: float,
) -> None:
    envelope = np.geomspace(1e-4, 1.0, 301, dtype=np.float32)[None, :]
    plain = log_compress(envelope, dynamic_range_db=60.0)
    grey = log_compress(envelope, dynamic_range_db=60.0, rejection_db=rejection_db)
    level_db = 20 * np.log10(envelope) + 60.0
    np.testing.assert_array_equal(grey[level_db < rejection_db - 1e-3], 0.0)
    above = level_db > rejection_db + 1e-3
    np.testing.assert_array_equal(grey[above], plain[above])


@pytest.mark.nojit
@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_persistence_is_the_weighted_mean_of_levels(level: int, rng: np.random.Generator) -> None:
    raw, history = (
        (rng.normal(size=(5, 40)) + 1j * rng.normal(size=(5, 40))).astype(np.complex64) * scale
        for scale in (1e-5, 1e-3)
    )
    kept = persist(raw, history, persistence=level)
    expected = naive.persisted(raw, history, old_share(level))
    assert kept.dtype == np.complex64
    np.testing.assert_allclose(kept, expected, rtol=1e-5)


@pytest.mark.nojit
@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("shape", [(11, 33), (3, 5)])
def test_speckle_reduction_is_lees_filter(
    level: int, shape: tuple[int, int], rng: np.random.Generator
) -> None:
    """Between weak and strong parts too: 80 dB side by side, rounding relative to the strong."""
    envelope = rng.rayleigh(0.1, shape).astype(np.float32)
    envelope[:, shape[1] // 2 :] *= 1e-4
    smooth = reduce_speckle(envelope, speckle_reduction=level)
    expected = naive.lee_filtered(envelope, *WINDOWS[level])
    assert smooth.dtype == np.float32
    np.testing.assert_allclose(smooth, expected, rtol=2e-4, atol=1e-9)


@pytest.mark.nojit
@pytest.mark.parametrize("level", [1, 2, 3])
def test_edge_enhancement_is_an_unsharp_mask_along_depth(
    level: int, rng: np.random.Generator
) -> None:
    grey = rng.uniform(0, 255, (5, 60)).astype(np.float32)
    amount = OVERSHOOT_PER_LEVEL * level * EDGE_WINDOW / (EDGE_WINDOW // 2)
    sharp = sharpen(grey, edge_enhancement=level)
    assert sharp.dtype == np.float32
    np.testing.assert_allclose(sharp, naive.sharpened(grey, amount, EDGE_WINDOW), atol=1e-3)


@pytest.mark.nojit
@pytest.mark.parametrize(("n_line", "n_sample", "n_row"), [(9, 40, 31), (17, 21, 60)])
def test_scan_conversion_is_bilinear_at_pixel_centres(
    n_line: int, n_sample: int, n_row: int, rng: np.random.Generator
) -> None:
    grey = rng.uniform(0, 255, (n_line, n_sample)).astype(np.float32)
    line_x = (np.arange(n_line) - (n_line - 1) / 2) * 0.3e-3
    sample_z = np.arange(n_sample) * 0.11e-3
    depth = 0.9 * sample_z[-1]
    picture = scan_convert(grey, line_x_m=line_x, sample_z_m=sample_z, depth_m=depth, n_row=n_row)
    expected = naive.scan_converted(grey, line_x, sample_z, depth, n_row)
    assert picture.dtype == np.uint8
    assert picture.shape == expected.shape
    np.testing.assert_allclose(picture, expected, atol=0.51)


@pytest.mark.nojit
def test_the_receiver_adds_scales_and_saturates(rng: np.random.Generator) -> None:
    shape = (7, 30)
    iq, noise = (
        (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64)
        for _ in range(2)
    )
    raw = listen(iq, noise, power_db=-6.0)
    np.testing.assert_allclose(raw, 10 ** (-6 / 20) * iq + noise, rtol=1e-5)
    curve = np.linspace(-80, 0, 30).astype(np.float32)
    low, high = (amplify(raw, gain_db=g, curve_db=curve) for g in (0.0, 6.0))
    free = high < 1
    assert 0 < free.mean() < 1
    np.testing.assert_allclose(high[free] / low[free], 10 ** (6 / 20), rtol=1e-5)
    assert high.max() == 1.0


@pytest.mark.nojit
def test_noise_has_the_level_asked_for_and_the_seed_decides_it() -> None:
    level = np.full((64, 512), 3e-3, np.float32)
    level[:, 256:] = 1e-3
    passband = np.zeros(512, np.float32)
    passband[:200] = 1.0
    noise = make_noise((64, 512), passband=passband, level=level, seed=3)
    rms = np.sqrt(np.mean(np.abs(noise) ** 2, axis=0))
    assert rms[:256].mean() == pytest.approx(3e-3, rel=0.05)
    assert rms[256:].mean() == pytest.approx(1e-3, rel=0.05)
    same = make_noise((64, 512), passband=passband, level=level, seed=3)
    np.testing.assert_array_equal(noise, same)
    other = make_noise((64, 512), passband=passband, level=level, seed=4)
    assert abs(np.vdot(noise, other)) < 0.05 * np.linalg.norm(noise) * np.linalg.norm(other)


def test_samples_asked_for_between_the_engines_own_are_those_of_the_same_signal() -> None:
    """A finer and a shifted depth axis show the same line."""
    common = {
        "probe": find_probe("L12-3v"),
        "settings": ScanSettings(frequency_hz=7.5e6),
        "line_u": np.zeros(1),
        "planar": True,
    }
    point = (np.zeros(1), np.array([15e-3]), np.ones(1))
    fine = np.arange(14e-3, 16e-3, 4e-6)
    coarse = np.arange(14e-3, 16e-3, 20e-6)[:-1] + 7e-6
    on_fine = image_points(*point, sample_z_m=fine, **common)[0]
    on_coarse = image_points(*point, sample_z_m=coarse, **common)[0]
    # the carrier turns with depth: compare the envelopes
    expected = CubicSpline(fine, np.abs(on_fine))(coarse)
    np.testing.assert_allclose(np.abs(on_coarse), expected, atol=0.01 * expected.max())
