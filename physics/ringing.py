"""Ring-down of the probe: what it hears of itself just after it has sent (the main bang).

An element rings on for a moment after its pulse, and lens, backing and matching layers send
parts of it to and fro. The receiver is already open, so this is heard before any echo, in the
first millimetres: it belongs to the probe, not to what lies under it. Every element adds

    r_e(s) = 10^(-(40 dB + 10 dB/mm s) / 20) (a n(s) + b n_e(s)),     a^2 + b^2 = 1

re the reference mirror: one random course n for all, because they are built alike, and a part
of its own, both through the probe's and the receiver's spectrum at the frequency in use. The
receiver sums elements with the weights of its aperture at that depth. The numbers are estimates
chosen for teaching, within the dead zone that quality assurance allows (3 mm above 7 MHz:
Goodsitt et al., AAPM Ultrasound Task Group 1, Med Phys 1998;25:1385).

Ringing is linear in what is sent: it follows the power, and the two pulses of pulse inversion
cancel it as they cancel the fundamental (Simpson, Chin and Burns 1999).

**Air instead of gel** (physics.face) sends all of the pulse back through the lens, whose two
faces then throw it to and fro: bright bands, 2 d / c_lens apart and each weaker by the face's
reflection and the lens's loss. That is the picture of a probe in air, by which dead elements are
looked for.

Simplified: elements are summed without their delays, so that lines have the level stated.
"""

import math
import zlib
from functools import lru_cache

import numpy as np

from physics.acquire import SubBands
from physics.apodisation import without_side_lobes
from physics.beams import LineClass, aperture_weights
from physics.constants import MACHINE_SPEED_M_S
from physics.face import Face
from physics.probe import Probe
from physics.pulse import pulse_edges, pulse_spectrum
from physics.scan_grid import Grid

FIRST_DB = -40.0
"""rms level at the face, re the mirror."""
FALL_DB_M = 10e3
"""How fast it falls: 30 dB within 3 mm."""
LAST_M = 7.5e-3
"""Where it is left out: -115 dB, below the receiver's noise."""
LENS_M = 0.48e-3
LENS_SPEED_M_S = 1147.0
"""Thickness and speed of the lens: Verasonics L22-14v (computeTrans), taken for all probes."""
LENS_LOSS_DB_CM = 0.8
LENS_POWER = 1.3
"""Its loss at 1 MHz, one way, and how that grows: silicone rubber, estimates."""
_OWN = 0.3
"""Part of the amplitude that differs from element to element. Chosen for teaching."""
_STEP_HZ = MACHINE_SPEED_M_S / (2 * 10e-3)
"""Frequencies are so far apart: all would repeat after 10 mm."""


def ring_down(
    probe: Probe,
    grid: Grid,
    bands: SubBands,
    face: Face,
    *,
    ring_down: str,
    frequency_hz: float,
    rx_f_number: float,
    rx_apodisation: str,
    side_lobes: str,
    harmonic: str,
) -> np.ndarray | None:
    """What every line hears of the probe, at full power: complex64 [line, first samples], re the
    reference mirror and about the carrier of `bands`. None if there is nothing to hear."""
    rings = ring_down == "on"
    if harmonic == "on" or not (rings or face.lifted):
        return None
    range_m = bands.out_m[bands.out_m < LAST_M]
    element = np.zeros((probe.n_element, range_m.size), np.complex64)
    if rings:
        waves = _waves(_bins_hz(frequency_hz), bands.carrier_hz, range_m)
        element += _courses(probe, frequency_hz) @ waves
        element *= (10 ** ((FIRST_DB - FALL_DB_M * range_m) / 20)).astype(np.float32)
    if face.lifted:
        element[list(face.lifted)] += _lens_echoes(probe, frequency_hz, bands.carrier_hz, range_m)
    element[list(face.dead)] = 0.0
    reach = math.ceil(LAST_M / (2 * rx_f_number) / probe.pitch_m) + 1
    weights = aperture_weights(
        probe,
        LineClass(0.0, 0, -reach, reach),
        np.arange(-reach, reach + 1),
        range_m,
        rx_f_number,
        without_side_lobes(rx_apodisation, side_lobes),
    ).astype(np.float32)
    beside = np.zeros((probe.n_element + 2 * reach, range_m.size), np.complex64)
    beside[reach : reach + probe.n_element] = element
    nearest = np.rint((grid.line_u - probe.element_u[0]) / probe.pitch_u).astype(int)
    at = nearest[:, None] + np.arange(2 * reach + 1)
    present = (at >= reach) & (at < reach + probe.n_element)
    heard = np.zeros((nearest.size, range_m.size), np.complex64)
    for q in range(2 * reach + 1):
        active = np.flatnonzero(weights[:, q])
        if active.size:
            rest = slice(active[0], None)
            heard[:, rest] += weights[rest, q] * beside[at[:, q], rest]
    return heard / np.maximum(present @ weights.T, 1e-3)


def _bins_hz(frequency_hz: float) -> np.ndarray:
    """Frequencies that the random courses are made of."""
    low, high = pulse_edges(frequency_hz)
    return np.arange(math.ceil(low / _STEP_HZ), math.floor(high / _STEP_HZ) + 1) * _STEP_HZ


def _waves(hz: np.ndarray, carrier_hz: float, range_m: np.ndarray) -> np.ndarray:
    """Waves of these frequencies along the range, about the carrier: complex64 [n_hz, n_range]."""
    turns = (hz - carrier_hz)[:, None] * (2 / MACHINE_SPEED_M_S * range_m)
    return np.exp(2j * np.pi * turns).astype(np.complex64)


def _lens_echoes(
    probe: Probe, frequency_hz: float, carrier_hz: float, range_m: np.ndarray
) -> np.ndarray:
    """Echoes of a lens with air before it: complex64 [n_range].

    Range 0 is the lens's surface, where air sends back all there is; of that the stack behind
    the lens sends the part `face_reflection` out again, and so on.
    """
    hz = np.arange(1, math.ceil(2 * frequency_hz / _STEP_HZ)) * _STEP_HZ
    weight = pulse_spectrum(frequency_hz)(hz)
    passage_s = 2 * LENS_M / LENS_SPEED_M_S
    loss = 10 ** (-2 * LENS_M * 100 * LENS_LOSS_DB_CM * (hz * 1e-6) ** LENS_POWER / 20)
    once = -probe.face_reflection * loss * np.exp(-2j * np.pi * hz * passage_s)
    order = np.arange(math.ceil(LAST_M / (MACHINE_SPEED_M_S / 2 * passage_s)))[:, None]
    echoes = -(once[None, :] ** order).sum(axis=0)
    strength = (echoes * weight / weight.sum()).astype(np.complex64)
    return np.asarray(strength @ _waves(hz, carrier_hz, range_m))


@lru_cache(maxsize=4)
def _draw(name: str, n_element: int, n_bin: int) -> np.ndarray:
    """Random strengths of the bins from 0 Hz up: complex64 [n_element, n_bin], always the same for
    a probe."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    drawn = rng.standard_normal((n_bin, n_element + 1, 2)).view(np.complex128)[..., 0].T
    mixed = math.sqrt(1 - _OWN**2) * drawn[:1] + _OWN * drawn[1:]
    return (mixed / math.sqrt(2)).astype(np.complex64)


def _courses(probe: Probe, frequency_hz: float) -> np.ndarray:
    """Random strengths of `_bins_hz` for every element, of courses with rms 1 behind the pulse's
    spectrum: complex64 [n_element, n_bin]."""
    hz = _bins_hz(frequency_hz)
    weight = pulse_spectrum(frequency_hz)(hz)
    weight = (weight / np.sqrt(np.sum(weight**2))).astype(np.complex64)
    highest = math.ceil(pulse_edges(probe.high_hz)[1] / _STEP_HZ) + 1
    first = round(hz[0] / _STEP_HZ)
    return _draw(probe.name, probe.n_element, highest)[:, first : first + hz.size] * weight
