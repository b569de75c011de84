"""Closed forms of the field, for tests and for the "theory beside measurement" read-outs.

Lengths in metres, frequencies in hertz. Sources in each docstring.
"""

import math
from functools import lru_cache

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import MACHINE_SPEED_M_S

LATERAL_FACTOR = {
    ("rect", "rect"): 0.8859,
    ("rect", "hann"): 1.056,
    ("hann", "rect"): 1.056,
    ("hann", "hann"): 1.441,
}
"""Two-way -6 dB width at the focus in wavelengths x F, equal F both ways: zeros of the
product of the apertures' Fourier transforms (Harris 1978; computed)."""


def wavelength(frequency_hz: float, speed_m_s: float = MACHINE_SPEED_M_S) -> float:
    """Wavelength, m."""
    return speed_m_s / frequency_hz


def lateral_width(
    frequency_hz: float, f_number: float, tx: str = "rect", rx: str = "rect"
) -> float:
    """-6 dB width of a point at the focus, m; both apertures of the same F-number."""
    return LATERAL_FACTOR[tx, rx] * wavelength(frequency_hz) * f_number


@lru_cache(maxsize=64)
def two_way_width(
    frequency_hz: float,
    tx_f_number: float,
    rx_f_number: float,
    tx: str = "rect",
    rx: str = "hann",
    *,
    speed_m_s: float = MACHINE_SPEED_M_S,
) -> float:
    """-6 dB width of a point at the focus, m, of any two apertures: where the product of their
    Fourier transforms falls to a half (Harris 1978; `lateral_width` has the ratio for equal F)."""
    u = (np.arange(64) + 0.5) / 64
    wave_m = wavelength(frequency_hz, speed_m_s)
    x_m = np.linspace(0.0, 2 * wave_m * max(tx_f_number, rx_f_number), 401)
    product = np.ones(x_m.size)
    for f_number, name in ((tx_f_number, tx), (rx_f_number, rx)):
        weight = apodisation_weights(name, u)
        phase = np.pi / (wave_m * f_number) * x_m[:, None] * u[None, :]
        product *= np.cos(phase) @ weight / weight.sum()
    first = int(np.argmax(product < 0.5))
    part = (product[first - 1] - 0.5) / (product[first - 1] - product[first])
    return float(2 * (x_m[first - 1] + part * (x_m[1] - x_m[0])))


def axial_width(bandwidth_hz: float) -> float:
    """-6 dB length of a Gaussian pulse-echo envelope, m: (c / 2) 0.8825 / bandwidth."""
    return MACHINE_SPEED_M_S / 2 * 0.8825 / bandwidth_hz


def depth_of_field(frequency_hz: float, f_number: float) -> float:
    """Two-way -6 dB depth of field of a cylindrical focus, m: 6.95 lambda F^2. One way it is where
    the beam is within 3 dB of its focus."""
    return 6.95 * wavelength(frequency_hz) * f_number**2


def grating_lobe_angle(frequency_hz: float, pitch_m: float, steer_rad: float = 0.0) -> float:
    """First grating lobe, rad; nan where there is none: sin(t_g) = sin(t_s) - lambda / pitch."""
    s = abs(math.sin(steer_rad)) - wavelength(frequency_hz) / pitch_m
    return math.asin(s) if abs(s) <= 1 else math.nan


def reflection(z1_rayl: float, z2_rayl: float) -> float:
    """Pressure reflection coefficient at normal incidence: (Z2 - Z1) / (Z2 + Z1)."""
    return (z2_rayl - z1_rayl) / (z2_rayl + z1_rayl)


def two_way_loss_db(attenuation_db_cm_mhz: float, frequency_hz: float, depth_m: float) -> float:
    """Two-way attenuation, dB."""
    return 2 * attenuation_db_cm_mhz * frequency_hz * 1e-6 * depth_m * 100


def centroid_after(
    frequency_hz: float, sigma_hz: float, attenuation_db_cm_mhz: float, depth_m: float
) -> float:
    """Centre of a Gaussian amplitude spectrum after a two-way path, Hz: f0 - sigma^2 beta 2 z.

    sigma_hz : standard deviation of the *amplitude* spectrum.
    """
    beta = attenuation_db_cm_mhz / 8.685889638 * 1e-6 * 100  # Np per metre and hertz
    return frequency_hz - sigma_hz**2 * beta * 2 * depth_m


def sheet_acceptance(tilt_rad: np.ndarray | float, f_number: float) -> np.ndarray:
    """Echo of a tilted plane re the same plane facing the probe: tri(2 F tan(tilt)).

    The specular echo leaves the aperture; what is left is the overlap of the two apertures.
    """
    return np.maximum(0.0, 1.0 - 2 * f_number * np.abs(np.tan(tilt_rad)))


WAIT_S = {"normal": 5e-6, "high": 0.0}
"""Time from the deepest echo to the next pulse, by the knob `pulse_rate` (facts: 5 to 20 us)."""


def frame_rate_hz(
    n_line: int,
    depth_m: float,
    n_transmit: int = 1,
    *,
    speed_m_s: float = MACHINE_SPEED_M_S,
    pulse_rate: str = "normal",
) -> float:
    """Frames a second that sound allows: each transmit waits for the deepest echo and `WAIT_S`.

    n_transmit : transmits a line: zones x looks x pulses. speed_m_s : what the machine believes.
    """
    per_transmit = 2 * depth_m / speed_m_s + WAIT_S[pulse_rate]
    return 1.0 / (n_line * n_transmit * per_transmit)


def refracted_rad(angle_rad: float, speed1_m_s: float, speed2_m_s: float) -> float:
    """Angle to the normal beyond a boundary, rad; nan above the critical angle (Snell)."""
    s = math.sin(angle_rad) * speed2_m_s / speed1_m_s
    return math.asin(s) if abs(s) <= 1 else math.nan


def critical_rad(speed1_m_s: float, speed2_m_s: float) -> float:
    """Angle of incidence above which nothing passes, rad; nan into a slower medium (Snell)."""
    s = speed1_m_s / speed2_m_s
    return math.asin(s) if s <= 1 else math.nan


def amplitude_ratio(level_db: float) -> float:
    """Ratio of pressures that `level_db` stands for: 10^(dB / 20)."""
    return 10 ** (level_db / 20)


def power_ratio(level_db: float) -> float:
    """Ratio of powers or intensities that `level_db` stands for: 10^(dB / 10)."""
    return 10 ** (level_db / 10)


def highest_pulse_rate_hz(depth_m: float, speed_m_s: float = MACHINE_SPEED_M_S) -> float:
    """PRF at which the deepest echo still comes before the next pulse: c / (2 z)."""
    return speed_m_s / (2 * depth_m)


def doppler_shift_hz(
    frequency_hz: float, flow_m_s: float, angle_rad: float, speed_m_s: float = MACHINE_SPEED_M_S
) -> float:
    """Doppler shift of an echo, Hz: 2 f v cos(angle) / c (Hoskins, Diagnostic Ultrasound)."""
    return 2 * frequency_hz * flow_m_s * math.cos(angle_rad) / speed_m_s


def nyquist_m_s(prf_hz: float, frequency_hz: float, angle_rad: float = 0.0) -> float:
    """Fastest flow without aliasing, m/s: the shift is PRF / 2."""
    return prf_hz / 2 / doppler_shift_hz(frequency_hz, 1.0, angle_rad)


def near_field_m(diameter_m: float, frequency_hz: float) -> float:
    """Length of the near field of an unfocused disc, m: D^2 / (4 lambda) (Kinsler, sec. 7.4)."""
    return diameter_m**2 / (4 * wavelength(frequency_hz))


def shown_length_m(
    length_m: float, speed_m_s: float, machine_speed_m_s: float = MACHINE_SPEED_M_S
) -> float:
    """What the scanner's ruler makes of a length along the beam, m."""
    return length_m * machine_speed_m_s / speed_m_s


def most_pitch_m(frequency_hz: float, steer_rad: float = 0.0) -> float:
    """Largest pitch without grating lobes, m: lambda / (1 + |sin(steer)|)."""
    return wavelength(frequency_hz) / (1 + abs(math.sin(steer_rad)))


SPECKLE_SNR = math.sqrt(math.pi / (4 - math.pi))
"""Mean re standard deviation of the amplitude of speckle, one look: 1.91 (Burckhardt 1978)."""
