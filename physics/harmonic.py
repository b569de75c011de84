"""Tissue harmonics: what sound makes of itself at twice its frequency.

Crests travel faster than troughs, so a wave of f1 feeds one of 2 f1 all along its way. In
the quasi-linear approximation (the wave itself loses nothing to it) a plane wave makes

    p2(z) = beta w1 p1^2 z / (2 rho c^3)

(Hamilton and Blackstock, Nonlinear Acoustics; Duck, Ultrasound Med Biol 2002;28:1). In a
beam the harmonic made higher up has spread or drawn together before it arrives. Of a
Gaussian beam with the amplitude A(z) on its axis that makes

    p2(u, z) = beta w1 / (2 rho c^3) p1(u, z)^2 g(z),     g(z) = int_0^z A(z') dz' / A(z)

exactly (Du and Breazeale, J Acoust Soc Am 1985;78:2083): the shape of p2 is the square of
that of p1, and g is the length over which it grew. Here p1 is the field of the real
aperture, with its side lobes, and g that of the Gaussian beam that is as wide at the focus.
A plane wave has A = 1 and g = z.

Loss: where it grows in proportion to the frequency, exp(-alpha(2 f1) z) = exp(-2 alpha(f1) z),
so it does not matter where the harmonic was made.
"""

import math

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.parallel import run_split
from physics.probe import Probe
from physics.rays import Rays

BETA = 4.5
"""1 + B / 2A. B/A is about 7 in soft tissue (Dunn; muscle 7.17, liver 7.28, blood 6.11, fat
10.07, water 4.96: IT'IS). One value for all tissues: fat would make 2.5 dB more."""
DENSITY_KG_M3 = 1060.0
"""Of average soft tissue."""
N_TRANSMIT = 2
"""Pulses sent for each line. The second one is the first upside down, and the sum of their
echoes holds no fundamental: pulse inversion (Simpson, Chin and Burns, IEEE UFFC 1999;46:372)."""
PULSE_POWER = 1.5
"""The harmonic's spectrum, as received, is this power of the fundamental's of its frequency.
Half of that is the transmitter's; squared in time at half the frequency it is as wide as the
whole; and half is the receiver's."""
HARMONIC_GAIN_DB = 8.0
"""What the scanner's own gain adds to harmonics, so that tissue at the focus keeps its grey at
full power. Chosen for teaching."""
_GAUSSIAN = 0.606
"""Rayleigh length of the Gaussian beam that is as wide (-6 dB) at the focus as that of a
rectangular aperture D: 0.606 D^2 / lambda."""
_STEP_M = 0.1e-3


def growth_per_pascal(transmit_hz: np.ndarray | float) -> np.ndarray | float:
    """beta w1 / (2 rho c^3), 1 / (Pa m): p2 / p1 of a plane wave for each pascal and metre."""
    per_hz = BETA * 2 * math.pi / (2 * DENSITY_KG_M3 * MACHINE_SPEED_M_S**3)
    return per_hz * transmit_hz


def pulse_scale(probe: Probe, frequency_hz: float) -> float:
    """What the square of the engine's field at half `frequency_hz`, times a length of growth,
    is in units of its field at that frequency, 1/m, at full power.

    The engine's pulse of unit spectrum stands for one whose peak at the face is p0, whatever
    its frequency; one unit of its field is p0 pitch h (f / c) / (sqrt(2 pi) sigma_f) pascals
    per hertz (physics.scan_output), and the square of a Gaussian pulse has sqrt(2) its band.
    """
    transmit_hz = frequency_hz / 2
    face = probe.pitch_m * probe.height_m * transmit_hz / (math.sqrt(2) * MACHINE_SPEED_M_S)
    return float(growth_per_pascal(transmit_hz)) * probe.source_pressure_pa * face


def growth_m(
    transmit_hz: np.ndarray,
    range_m: np.ndarray,
    *,
    focus_m: float,
    aperture_m: float,
    probe: Probe,
) -> np.ndarray:
    """Length g over which the harmonic grew: complex128 [n_frequency, n_range], m.

    transmit_hz : float64 [n_frequency]. range_m : float64 [n_range], rising, > 0.
    aperture_m : width of the transmitting aperture, or the sum of its weights times the pitch.
    """
    fine = np.append(np.arange(0.0, range_m[-1], _STEP_M), range_m[-1])
    wavelength = MACHINE_SPEED_M_S / np.asarray(transmit_hz, float)[:, None]
    axis = np.ones((wavelength.size, fine.size), complex)
    for width, focus in ((aperture_m, focus_m), (probe.height_m, probe.elevation_focus_m)):
        rayleigh = _GAUSSIAN * width**2 / wavelength
        axis /= np.sqrt(1 - fine / focus - 1j * fine / rayleigh)
    pieces = 0.5 * (axis[:, 1:] + axis[:, :-1]) * np.diff(fine)
    made = np.concatenate([np.zeros((wavelength.size, 1)), np.cumsum(pieces, axis=1)], axis=1)
    length = made / axis
    return np.stack(
        [np.interp(range_m, fine, g.real) + 1j * np.interp(range_m, fine, g.imag) for g in length]
    )


def second_harmonic(field: np.ndarray, growth: np.ndarray) -> np.ndarray:
    """field^2 x growth: float32 [2, n_range, n_frequency, n_tap], real and imaginary.

    field : float32, same shape, at half the frequencies. growth : complex [n_frequency, n_range].
    """
    out = np.empty_like(field)
    run_split(_square, field.shape[1], field, growth.T.astype(np.complex64), out)
    return out


@kernel
def _square(first, last, field, growth, out):
    for i in range(first, last):
        for n in range(field.shape[2]):
            g_r, g_i = growth[i, n].real, growth[i, n].imag
            for t in range(field.shape[3]):
                a, b = field[0, i, n, t], field[1, i, n, t]
                real, imag = a * a - b * b, np.float32(2.0) * a * b
                out[0, i, n, t] = g_r * real - g_i * imag
                out[1, i, n, t] = g_r * imag + g_i * real


def lose_boundaries_thrice(
    loss: np.ndarray,
    rays: Rays,
    *,
    dz_m: float,
    range_m: np.ndarray,
    bounced: np.ndarray | None = None,
) -> None:
    """Turn the loss of the fundamental, there and back, into that of the harmonic, in place.

    loss : float32 [n_band, n_x, n_range] of `physics.rays.loss_in_bands`. range_m : float64
        [n_range], or [n_x, n_range] if it is each column's own. bounced : as there; ghosts, whose
        strength stands for all that surfaces took, are left as they are.

    Out go two waves at half the frequency, back comes one: L(f / 2) + L(f) / 2, with L the log
    of the two-way loss. L is linear in the frequency there, so this is L(f) + L(0) / 2: what
    boundaries and shadows take, whatever the frequency, they take three times, not twice.
    """
    low_hz, high_hz = rays.loss_hz
    still = rays.log_loss[0] - low_hz / (high_hz - low_hz) * (rays.log_loss[1] - rays.log_loss[0])
    if bounced is not None:
        still = still * (1 - bounced)
    grid_m = np.arange(still.shape[1]) * dz_m
    places = np.broadcast_to(range_m, (len(still), range_m.shape[-1]))
    rows = [np.interp(place, grid_m, row) for place, row in zip(places, still, strict=True)]
    more = np.exp(0.5 * np.stack(rows))
    loss *= more.astype(np.float32)
