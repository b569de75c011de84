"""Range ambiguity: echoes of one pulse that arrive while the next is already listened to.

A scanner that sends as soon as it has listened to the depth shown (PRF = c / 2 depth) cannot tell a
late echo of the last pulse from an early one of this. What lies at z, deeper than the picture,
is shown on the next line at

    z_a = z - c / (2 PRF)

(facts, section 4; Kremkau and Taylor, J Ultrasound Med 1986;5:227). More depth lowers the PRF and
moves it or takes it away; waiting longer takes it away too. With several focal zones only the first
of a line follows a pulse of the last line; the others hear the late echoes of their own.

Simplified: the late echo is heard with the beam of its own line and depth, though the line that
hears it lies one pitch farther and has its receive focus at z_a; echoes later than twice the
depth are left out. The first line of a frame follows the last. Of a pair of inverted pulses
both late echoes are taken to cancel as the early ones do; in truth the first pulse of a line still
hears the line before.
"""

import numpy as np
from scipy import fft

from physics.acquire import SubBands
from physics.constants import MACHINE_SPEED_M_S
from physics.parallel import N_THREAD
from physics.speed import shown_m
from physics.zones import Zones


def fold(
    iq: np.ndarray,
    gas: np.ndarray | None,
    bands: SubBands,
    zones: Zones,
    *,
    pulse_rate: str,
    depth_m: float,
    machine_speed_m_s: float,
) -> np.ndarray:
    """The echoes with those of each line's last pulse that come too late: complex64 [line, sample],
    valid down to the depth shown. `iq` itself if the scanner waits until they have died away.

    iq, gas : complex64 [line, sample], echoes and what ringing gas adds (or None), as if each
        pulse were the only one, to twice the depth.
    """
    iq = iq if gas is None else iq + gas
    if pulse_rate == "normal":
        return iq
    repeat_m = depth_m * (MACHINE_SPEED_M_S / machine_speed_m_s)
    n = iq.shape[1]
    # an exact move by part of a sample, and the carrier's phase with it
    bins = np.rint(fft.fftfreq(n, 1 / n))
    turns = bins * (repeat_m / bands.length_m) + 2 * bands.carrier_hz / MACHINE_SPEED_M_S * repeat_m
    late = fft.fft(iq, axis=1, workers=N_THREAD) * np.exp(2j * np.pi * turns).astype(np.complex64)
    late = fft.ifft(late, axis=1, workers=N_THREAD, overwrite_x=True)
    late[:, bands.out_m > bands.length_m - repeat_m] = 0.0  # gone round the end of the range
    of_last_line = np.roll(late, 1, axis=0)
    if zones.n == 1:
        return iq + of_last_line
    first = zones.share(shown_m(bands.out_m, machine_speed_m_s))[0].astype(np.float32)
    return iq + first * of_last_line + (1 - first) * late
