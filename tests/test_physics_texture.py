"""The grain of tissue and how echoes are written: what the picture's grid is made of."""

import math

import numpy as np
import pytest

from physics.beams import Columns
from physics.echo_grid import GUARD, IMPULSE, write_piece, write_real_points
from physics.echoes import _add_texture
from physics.texture import ACROSS_M, PER_FIBRE, QUANTUM, texture_tiles

LIMIT_PER_M = 29e3
"""What the grid of L12-3 can hold."""


def spectrum(line: np.ndarray, cycles_per_sample: np.ndarray, about: float) -> np.ndarray:
    phase = cycles_per_sample[:, None] * (np.arange(line.size) - about)
    return (line * np.exp(-2j * np.pi * phase)).sum(axis=1)


@pytest.mark.parametrize("place", [30.0, 30.25, 30.5, 30.9])
def test_an_impulse_between_samples_keeps_its_place_and_strength(place: float) -> None:
    """Phase within 2 degrees and strength within 0.1 dB up to 0.6 of the Nyquist frequency,
    where the far half of every pulse lies; 2.5 dB at the far end of the band (1 / GUARD)."""
    line = np.zeros(64, np.float32)
    write_piece(line, place, 0.0, 1.0, IMPULSE)
    most = spectrum(line, np.linspace(0.01, 0.3, 20), place)
    assert np.abs(20 * np.log10(np.abs(most))).max() < 0.1
    assert np.abs(np.degrees(np.angle(most))).max() < 2.0
    end = spectrum(line, np.array([0.5 / GUARD]), place)
    assert abs(20 * math.log10(abs(end[0]))) < 2.5


def test_a_steep_piece_echoes_as_its_length_says() -> None:
    """A piece spread evenly over L samples has the spectrum sinc(L f)."""
    f = np.linspace(0.01, 0.3, 20)
    for length in (1.0, 3.3, 8.0):
        line = np.zeros(96, np.float32)
        write_piece(line, 40.3, length, 2.0, IMPULSE)
        np.testing.assert_allclose(np.abs(spectrum(line, f, 40.3)) / 2, np.abs(np.sinc(length * f)),
                                   atol=0.01)  # fmt: skip


def test_what_would_reach_beyond_the_grid_is_left_out() -> None:
    for place in (1.0, 62.0, -5.0, 1e6):
        line = np.zeros(64, np.float32)
        write_piece(line, place, 0.0, 1.0, IMPULSE)
        assert not line.any()


def test_points_are_shared_by_the_columns_beside_them() -> None:
    """The sum over columns is the point's amplitude, and its centre of gravity is its place."""
    columns = Columns(-1e-3, 1e-4, 3, 21)
    grid = np.zeros((21, 400), np.float32)
    write_real_points(
        grid, columns, 1e-5, np.array([0.23e-3, 5.0]), np.array([2e-3, 2e-3]), np.array([3.0, 1.0])
    )
    per_column = grid.sum(axis=1)
    assert per_column.sum() == pytest.approx(3.0, rel=2e-3)  # the second lies far outside
    assert (per_column * columns.u).sum() / per_column.sum() == pytest.approx(0.23e-3, abs=1e-8)


@pytest.mark.parametrize("kind", ["diffuse", "fibrous"])
def test_tiles_are_gaussian_and_white_across_up_to_their_limit(kind: str) -> None:
    """Flat within 0.5 dB below 0.8 of the limit, nothing above; kurtosis 3.

    Joining values by lines (sinc^2) is undone beforehand: here it is put back.
    """
    tile = getattr(texture_tiles(1, LIMIT_PER_M), kind)[:-1, :-1] * np.float32(QUANTUM)
    assert (tile**4).mean() / (tile**2).mean() ** 2 == pytest.approx(3.0, abs=0.1)
    frequency = np.fft.rfftfreq(tile.shape[1], ACROSS_M)
    power = (np.abs(np.fft.rfft(tile, axis=1)) ** 2).mean(axis=0) / tile.shape[1]
    power *= np.sinc(frequency * ACROSS_M) ** 4
    inside = power[(frequency > 2e3) & (frequency < 0.8 * LIMIT_PER_M)]
    groups = inside[: inside.size // 25 * 25].reshape(-1, 25).mean(axis=1)  # of many draws
    assert np.abs(10 * np.log10(groups / inside.mean())).max() < 0.5
    assert power[frequency > 1.01 * LIMIT_PER_M].max() < 1e-3 * inside.mean()
    if kind == "fibrous":  # variance 1 at its nodes, 2/3 in the mean along a fibre
        assert inside.mean() == pytest.approx(2 / 3, rel=0.05)


def test_a_fibre_keeps_its_strength_over_its_length() -> None:
    """Nodes one fibre length apart, joined by lines, each row with its nodes elsewhere: the
    correlation along is that of two triangles, 1/4 one length away and 0 at two."""
    tile = texture_tiles(1, LIMIT_PER_M).fibrous[:-1, :-1].astype(float)

    def correlation(lengths: float) -> float:
        moved = np.roll(tile, round(lengths * PER_FIBRE), axis=0)
        return float((tile * moved).mean() / (tile**2).mean())

    assert correlation(1.0) == pytest.approx(0.25, abs=0.02)
    assert abs(correlation(2.0)) < 0.02


def test_detail_below_the_limit_does_not_depend_on_it() -> None:
    """Two probes see the same grain; only the finer one sees more of it."""
    coarse, fine = (texture_tiles(3, limit).diffuse[:-1, :-1] for limit in (20e3, 40e3))
    inside = np.fft.rfftfreq(coarse.shape[1], ACROSS_M) < 15e3
    a, b = (np.fft.rfft(t.astype(float), axis=1)[:, inside] for t in (coarse, fine))
    assert abs(np.vdot(a, b)) / (np.linalg.norm(a) * np.linalg.norm(b)) > 0.999


def test_texture_is_looked_up_between_its_values() -> None:
    """Bilinear, repeating, in fixed point: the slow twin within 1 % of the largest value."""
    tile = texture_tiles(1, LIMIT_PER_M).diffuse
    n_along, n_across = tile.shape[0] - 1, tile.shape[1] - 1
    line = np.zeros(50, np.float32)
    along, across = -3.3, 5000.7
    _add_texture(line, 4, 40, along, 0.21, across, -1.7, 2.0, 0.05, tile.ravel())
    for q in range(40):
        a, c = along + 0.21 * q, across - 1.7 * q
        i, j = math.floor(a), math.floor(c)
        u, v = a - i, c - j
        corner = [
            [float(tile[(i + p) % n_along, (j + r) % n_across]) for r in (0, 1)] for p in (0, 1)
        ]
        top, low = (row[0] + v * (row[1] - row[0]) for row in corner)
        expected = (2.0 + 0.05 * q) * (top + u * (low - top))
        assert line[4 + q] == pytest.approx(expected, abs=3.0), q
    assert not line[:4].any()
    assert not line[44:].any()
