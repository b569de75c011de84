"""Interference: a radio source nearby that leads and receiver pick up.

Probe and cable are an aerial too. A source near the frequencies heard gets through the receive
filter and is shown like an echo, wherever the scanner happens to be listening: a regular pattern
that flashes, because source and frames know nothing of each other. It comes in behind all that is
sent, so power does not move it and gain does. Taken for it is a generator on the industrial,
scientific and medical frequency of 6.78 MHz (ITU Radio Regulations, 5.138) whose supply is the
rectified mains, switched by a converter:

    e(t) = A abs(sin(2 pi 50 Hz t)) (1 + cos(2 pi 60 kHz t)) / 2 exp(j 2 pi 6.78 MHz t)

in every channel alike. Converter and mains: chosen for teaching. Seen in quality assurance:
Goodsitt et al., AAPM Ultrasound Task Group 1, Med Phys 1998;25:1385.
"""

import math

import numpy as np

from physics.acquire import SubBands
from physics.constants import MACHINE_SPEED_M_S
from physics.looks import Look
from physics.pulse import pulse_spectrum
from physics.receive import NOISE_FLOOR_DB
from physics.scan_grid import Grid
from physics.speed import shown_m
from physics.theory import frame_rate_hz
from physics.zones import Zones

SOURCE_HZ = 6.78e6
CONVERTER_HZ = 60e3
MAINS_HZ = 50.0


def interfere(
    noise_seed: int,
    grid: Grid,
    bands: SubBands,
    look: Look,
    zones: Zones,
    *,
    interference_db: float,
    frequency_hz: float,
    depth_m: float,
    pulse_rate: str,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> np.ndarray | None:
    """What every line hears of the source: complex64 [line, sample], re the reference mirror and
    about the carrier of `bands`; None if it is switched off (0 dB).

    interference_db : largest amplitude re the receiver's rms noise, before the receive filter.
    noise_seed : the moment, which says where in its course the source is when the frame begins.
    """
    if interference_db == 0:
        return None
    seed = (noise_seed, round(1e6 * (1 + look.steer_rad)))
    begin_s = np.random.default_rng(seed).uniform(0.0, 1.0)
    pulse = np.arange(grid.line_u.size * zones.n).reshape(-1, zones.n)
    sent_s = begin_s + pulse / frame_rate_hz(1, depth_m, pulse_rate=pulse_rate)
    share = zones.share(shown_m(bands.out_m, machine_speed_m_s))
    after_s = 2 * bands.out_m / MACHINE_SPEED_M_S
    level = 10 ** ((NOISE_FLOOR_DB + interference_db) / 20)
    level *= math.sqrt(float(pulse_spectrum(frequency_hz)(np.array([SOURCE_HZ]))[0]))
    wave = np.exp(2j * np.pi * (SOURCE_HZ - bands.carrier_hz) * after_s)
    heard = np.zeros((len(pulse), after_s.size), np.complex64)
    for line_s, part in zip(sent_s.T, share, strict=True):
        time_s = line_s[:, None] + after_s
        course = level * np.abs(np.sin(2 * np.pi * MAINS_HZ * time_s))
        course *= 0.5 * (1 + np.cos(2 * np.pi * CONVERTER_HZ * time_s))
        start = np.exp(2j * np.pi * ((SOURCE_HZ * line_s) % 1.0))
        heard += (course * start[:, None] * (part * wave)).astype(np.complex64)
    return heard
