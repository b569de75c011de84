"""A finished picture together with everything it was made from."""

from dataclasses import dataclass, field, replace

import numpy as np

from physics.acoustic_output import AcousticOutput
from physics.geometry import Pose
from physics.inside import Inside
from physics.medium import Slice
from physics.probe import Probe
from physics.scan_lines import ScanLines
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
    """Depth of the picture's lower edge, m."""
    iq: np.ndarray
    """complex64 [line, sample], newest echoes with noise, before persistence, gain and TGC. Of a
    compounded frame those of the middle look, which has the frame's lines."""
    envelope: np.ndarray
    """float32 [line, sample], after compounding, persistence, gain and TGC, re full scale."""
    line_x_m: np.ndarray
    """float64 [line]: where each line leaves the face, x in the probe frame, m."""
    sample_z_m: np.ndarray
    """float64 [sample]: range along the line, m; the depth where lines go straight down."""
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
    lines: ScanLines = field(default_factory=lambda: ScanLines(1.0, 2))
    """Where the lines run; those of the middle look. Place of a sample: `lines.place`."""
    top_m: float = 0.0
    """Depth of the picture's upper edge, m: 0, the probe face; on a convex probe, whose face is
    deepest in the middle, less; more where only a region of the depth is shown."""
    foci_m: tuple[float, ...] = ()
    """Depths that the transmits of a line are focused at, from shallow to deep, m."""
    inside: Inside | None = None
    """Rays and beams it was made with; for overlays, never for the picture."""
    noise: np.ndarray = field(default_factory=lambda: np.empty((0, 0), np.complex64))
    """complex64 [line, sample]: the receiver's noise that is part of `iq`; zeros when it is off. As
    if there were one focal zone. For measures of the noise, which a test with the probe in air
    would give on a real scanner; never for the picture. Empty if not known."""
    ran: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)

    def without_signals(self) -> "Frame":
        """The same picture, to be kept in numbers: `iq`, `envelope` and `noise` are empty, and
        `medium` and `inside`, which only overlays ask for, are None."""
        return replace(
            self,
            iq=np.empty((0, 0), np.complex64),
            envelope=np.empty((0, 0), np.float32),
            noise=np.empty((0, 0), np.complex64),
            medium=None,  # type: ignore[arg-type]
            inside=None,
        )

    @property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """Left, right, top and bottom edge of the picture in the probe frame, m."""
        return self.left_m, self.right_m, self.top_m, self.bottom_m

    def same_scale(self, other: "Frame") -> bool:
        """Whether a pixel of both pictures is the same place in the probe frame."""
        same_size = self.picture.shape == other.picture.shape
        return same_size and self.bounds_m == other.bounds_m

    def pixel_of(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column, as fractions of pixels, of a place in the probe frame; 0 is the middle
        of the first pixel. It need not be in the picture."""
        n_row, n_column = self.picture.shape
        row = (z_m - self.top_m) / (self.bottom_m - self.top_m) * n_row - 0.5
        return row, (x_m - self.left_m) / (self.right_m - self.left_m) * n_column - 0.5

    def place_of(self, row: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """x and z of a pixel in the probe frame, m: the inverse of `pixel_of`."""
        n_row, n_column = self.picture.shape
        x_m = self.left_m + (column + 0.5) / n_column * (self.right_m - self.left_m)
        return x_m, self.top_m + (row + 0.5) / n_row * (self.bottom_m - self.top_m)
