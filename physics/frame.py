"""A finished picture together with everything it was made from."""

from dataclasses import dataclass, field

import numpy as np

from physics.acoustic_output import AcousticOutput
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import Probe
from physics.settings import ScanSettings


@dataclass(frozen=True)
class Frame:
    """One B-mode picture, the signals behind it, and the settings it was made with.

    Levels in `iq` are re the echo of a perfect plane mirror 20 mm deep, at full power.
    """

    picture: np.ndarray
    """uint8 [row, column]; 0 black, 255 full scale. Square pixels."""
    left_m: float
    right_m: float
    """Lateral position of the picture's left and right edge in the probe frame, m."""
    bottom_m: float
    """Depth of the picture's lower edge, m; the upper edge is the probe face."""
    iq: np.ndarray
    """complex64 [line, sample], newest echoes with noise, before persistence, gain and TGC."""
    envelope: np.ndarray
    """float32 [line, sample], after persistence, gain and TGC, re full scale."""
    line_x_m: np.ndarray
    sample_z_m: np.ndarray
    tgc_curve_db: np.ndarray
    """float32 [sample]: gain applied at each depth, the scanner's own and the sliders', dB."""
    probe: Probe
    settings: ScanSettings
    pose: Pose
    medium: Slice
    """What really was under the probe; for overlays and marking, never for the picture."""
    frame_rate_hz: float
    """Rate a scanner would reach with these settings (not this computer's speed)."""
    output: AcousticOutput
    """What was sent: indices and intensities. Nothing of the receiver is in it."""
    ran: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)
