"""Frequency compounding: what it does to speckle, to length and to level, and its slow twin."""

import math
from typing import NamedTuple

import naive
import numpy as np
import pytest
from media import Medium, Region, full_width, look, make_tissues, to_db, uniform
from test_physics_knobs import lateral_width_of_wire

from physics.constants import HALF_AMPLITUDE_DB
from physics.frame import Frame
from physics.frequency_compound import compound_bands
from physics.pulse import gaussian_sigma_hz

EVEN = uniform(diffuse_per_m_sr=0.2)
WIRE = Medium(make_tissues({}), (Region(0),), [(0.1e-3, 20e-3, 1e-2)])
MHZ = 8.0
PARTS = ("2", "3")


def amplitude(frame: Frame) -> np.ndarray:
    """Detected amplitude before gain: float [line, sample]."""
    return frame.envelope / 10 ** (frame.tgc_curve_db / 20)


def speckle(parts: str, **knobs: object) -> np.ndarray:
    """[seed, line, sample] of even tissue about the focus, rms 1 at every depth."""
    rows = []
    for seed in range(1, 7):
        frame = look(EVEN, seed=seed, frequency_mhz=MHZ, gain_db=-30,
                     frequency_compounding=parts, **knobs)  # fmt: skip
        lines = np.abs(frame.line_x_m) < 12e-3
        depth = (frame.sample_z_m > 16e-3) & (frame.sample_z_m < 24e-3)
        rows.append(amplitude(frame)[np.ix_(lines, depth)])
    found = np.stack(rows)
    return found


def evened(found: np.ndarray) -> np.ndarray:
    return found / found.mean(axis=(0, 1))


@pytest.mark.parametrize("harmonic", ["off", "on"])
@pytest.mark.parametrize("parts", PARTS)
def test_speckle_is_quieter_by_the_root_of_the_number_of_parts(parts: str, harmonic: str) -> None:
    """mean / sd = 1.913 sqrt(M) of M independent looks; 10 % (check 30): parts of one band
    overlap a little."""
    found = evened(speckle(parts, harmonic=harmonic))
    closed = 1.913 * math.sqrt(int(parts))
    assert found.mean() / found.std() == pytest.approx(closed, rel=0.10)


def length_of_wire(parts: str, **knobs: object) -> float:
    frame = look(WIRE, frequency_mhz=MHZ, gain_db=-30, frequency_compounding=parts, **knobs)
    line = int(frame.envelope.max(axis=1).argmax())
    near = np.abs(frame.sample_z_m - 20e-3) < 1.5e-3
    level = to_db(amplitude(frame)[line][near])
    return full_width(frame.sample_z_m[near], level, HALF_AMPLITUDE_DB)


@pytest.mark.parametrize("harmonic", ["off", "on"])
@pytest.mark.parametrize("parts", PARTS)
def test_a_wire_is_as_many_times_as_long_as_there_are_parts(parts: str, harmonic: str) -> None:
    """1 / M of the band is M times the pulse. 5 %; its width across stays (10 %)."""
    whole = length_of_wire("off", harmonic=harmonic)
    assert length_of_wire(parts, harmonic=harmonic) == pytest.approx(int(parts) * whole, rel=0.05)
    across = [
        lateral_width_of_wire(look(WIRE, frequency_mhz=MHZ, frequency_compounding=p))
        for p in ("off", parts)
    ]
    assert across[1] == pytest.approx(across[0], rel=0.10)


@pytest.mark.parametrize("parts", PARTS)
def test_mean_brightness_of_tissue_stays(parts: str) -> None:
    """The parts are made as strong in speckle as the whole. 0.5 dB."""
    ratio = speckle(parts).mean() / speckle("off").mean()
    assert 20 * math.log10(ratio) == pytest.approx(0.0, abs=0.5)


class Bins(NamedTuple):
    """What compounding needs of the sub-bands."""

    carrier_hz: float
    bin_hz: float
    n_out: int


@pytest.mark.nojit
@pytest.mark.parametrize("parts", PARTS)
def test_it_equals_the_sum_over_frequencies_written_out(parts: str) -> None:
    rng = np.random.default_rng(3)
    iq = (rng.standard_normal((2, 240)) + 1j * rng.standard_normal((2, 240))).astype(np.complex64)
    bins = Bins(7.54e6, 0.09e6, 240)
    found = compound_bands(iq, bins, frequency_compounding=parts, frequency_hz=9e6, harmonic="off")
    hz = bins.carrier_hz + np.fft.fftfreq(240, 1 / 240) * bins.bin_hz
    for line, row in zip(iq, found, strict=True):
        slow = naive.compounded_line(line, hz, 9e6, gaussian_sigma_hz(9e6), int(parts))
        np.testing.assert_allclose(row, slow, rtol=1e-4, atol=1e-4 * slow.max())
    assert compound_bands(
        iq, bins, frequency_compounding="off", frequency_hz=9e6, harmonic="off"
    ) is iq  # fmt: skip


def test_what_is_measured_is_the_echo_before_it() -> None:
    """`iq`, and with it every measure of the lessons, is that of the whole band."""
    whole, parts = (look(EVEN, frequency_compounding=p) for p in ("off", "3"))
    np.testing.assert_array_equal(whole.iq, parts.iq)
    assert not np.array_equal(whole.picture, parts.picture)
