"""Where the probe is, and where lines, samples and pixels are.

Frames
------
body   X along the skin, Z away from the skin (the phantom's own frame).
probe  x to the right of the marker, z away from the face.
line   u = lateral coordinate of the line (m, or rad on a convex probe), range s = c0 t / 2.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pose:
    """Place of the probe on the skin.

    slide_m : the face centre along the skin, m, positive towards the right of the picture.
    rock_rad : heel-toe, rad; positive presses the right (marker-far) end into the skin.
    tilt_rad : turn about the face's long axis, rad: the image plane leaves the upright.
    standoff_m : how far the face is lifted off the skin, m, with gel in between (a gel pad).
    press_m : how far the face is pressed in from where it just rests on the skin, m.
    """

    slide_m: float = 0.0
    rock_rad: float = 0.0
    tilt_rad: float = 0.0
    standoff_m: float = 0.0
    press_m: float = 0.0

    def to_body(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Body coordinates (X, Z) of points given in the probe frame."""
        c, s = math.cos(self.rock_rad), math.sin(self.rock_rad)
        down_m = self.press_m - self.standoff_m
        return self.slide_m + x_m * c - z_m * s, x_m * s + z_m * c + down_m

    def to_probe(self, x_body_m: np.ndarray, z_body_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Probe coordinates (x, z) of points given in the body frame."""
        c, s = math.cos(self.rock_rad), math.sin(self.rock_rad)
        dx, dz = x_body_m - self.slide_m, z_body_m - (self.press_m - self.standoff_m)
        return dx * c + dz * s, -dx * s + dz * c


MAX_STANDOFF_M = 20e-3
"""Thickest gel between face and skin, m: that of the thickest pads."""
