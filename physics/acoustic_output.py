"""Acoustic output: the indices that a scanner shows, and what they are made of.

Formulas of the output display standard (AIUM/NEMA UD 3; the first edition of IEC 62359 is
meant to give the same) and of AIUM/NEMA UD 2. They are written there in MPa, MHz, mW and
cm; here SI comes in, and the index, which has no unit, goes out. The field of the present
settings is worked out by physics.scan_output.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

DERATING_DB_CM_MHZ = 0.3
"""Loss assumed between probe and place, one way (FDA 510(k) guidance; UD 2). Less than that
of average tissue (0.5): on purpose, so that the indices err on the safe side."""

MI_LIMIT, AVERAGE_INTENSITY_LIMIT_W_M2, TI_LIMIT = 1.9, 7200.0, 6.0
"""FDA Track 3, all uses but the eye: MI 1.9, I_SPTA.3 720 mW/cm2. TI 6 is advice."""

W01_LENGTH_M = 10e-3
"""W01 is what leaves the central centimetre of the face, along the scan."""


def derating(frequency_hz: float, depth_m: np.ndarray | float) -> np.ndarray:
    """Factor on pressure at this depth: 10 ** (-0.3 f z / 20), f in MHz, z in cm (UD 2).

    An intensity takes the square of it.
    """
    loss_db = DERATING_DB_CM_MHZ * frequency_hz * 1e-6 * np.asarray(depth_m, float) * 100
    return 10 ** (-loss_db / 20)


def mechanical_index(pressure_pa: float, frequency_hz: float) -> float:
    """MI = p_r.3 / sqrt(f), MPa and MHz (UD 3; IEC 62359).

    pressure_pa : derated peak rarefactional pressure where the derated pulse intensity
    integral is largest, Pa.
    """
    return pressure_pa * 1e-6 / math.sqrt(frequency_hz * 1e-6)


def soft_tissue_index(power_w: float, frequency_hz: float) -> float:
    """TIS of a scanned mode: W01 f / 210, mW and MHz (UD 3; IEC 62359).

    power_w : W01, the time-average power leaving the central centimetre, W. Scanned modes
    warm most at the surface, so no derating.
    """
    return power_w * 1e3 * frequency_hz * 1e-6 / 210


def bone_index_of_held_beam(power_w: float, intensity_w_m2: float) -> float:
    """TIB of a beam that is *not* scanned: min(sqrt(W.3 I_TA.3) / 50, W.3 / 4.4), mW and cm.

    power_w, intensity_w_m2 : derated power and time-average intensity at one depth; the
    index is the largest over all depths (UD 3). For scanned modes the standard takes TIB =
    TIS: the surface is then at least as warm as bone at the focus. So B-mode does not use
    this; M-mode and Doppler would.
    """
    power_mw, intensity_mw_cm2 = power_w * 1e3, intensity_w_m2 * 0.1
    return min(math.sqrt(power_mw * intensity_mw_cm2) / 50, power_mw / 4.4)


@dataclass(frozen=True)
class AcousticOutput:
    """What one setting of the scanner sends, derated by 0.3 dB/cm/MHz where the name says .3."""

    mi: float
    tis: float
    tib: float
    """Indices; no unit. `tib` equals `tis` in scanned modes, by the standard."""
    pressure_pa: float
    """p_r.3: peak rarefactional pressure at `peak_m`, Pa."""
    peak_m: float
    """Depth of the largest derated pulse intensity integral, m."""
    pulse_intensity_w_m2: float
    """I_SPPA.3: intensity at `peak_m`, averaged over the pulse, W/m^2."""
    average_intensity_w_m2: float
    """I_SPTA.3: intensity averaged over the whole scan, at the depth where that is largest."""
    average_peak_m: float
    """That depth, m."""
    power_w: float
    """W0: time-average power leaving the face, W."""
    power_of_centre_w: float
    """W01: that of the central centimetre, W."""
    pulse_rate_hz: float
    """Pulses a second, all lines together."""

    def to_dict(self) -> dict[str, float]:
        """Every value by name, SI units."""
        return asdict(self)
