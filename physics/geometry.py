"""Where the probe is, and where lines, samples and pixels are.

Frames
------
body   X along the skin, Y across it (to the reader), Z away from the skin: the phantom's own frame,
       right-handed, with the skin at rest at Z = 0.
probe  x to the right of the marker, y across the image plane (to the reader), z away from the face.
line   u = lateral coordinate of the line (m, or rad on a convex probe), range s = c0 t / 2.
"""

import math
from dataclasses import dataclass

import numpy as np

LEAST_CROSSING = 0.1
"""Cosine of the largest turn at which lines along body Y are still said to cross the plane."""


@dataclass(frozen=True)
class Pose:
    """Place of the probe on the skin.

    slide_m : the face centre along the skin, m, positive towards the right of the picture.
    rock_rad : heel-toe, rad; positive presses the right (marker-far) end into the skin.
    tilt_rad : turn about the face's long axis, rad: the image plane leaves the upright; positive
        aims the sound to the reader (of a probe that is not turned).
    standoff_m : how far the face is lifted off the skin, m, with gel in between (a gel pad).
    press_m : how far the face is pressed in from where it just rests on the skin, m.
    slide_y_m : the face centre across the skin (along body Y), m.
    turn_rad : about the normal of the skin, rad, from body X towards body Y: 90 degrees turn a long
        axis into a short axis.

    The probe is turned first, then tilted about its face's long axis, then rocked within the image
    plane that this gives, and last moved up or down.
    """

    slide_m: float = 0.0
    rock_rad: float = 0.0
    tilt_rad: float = 0.0
    standoff_m: float = 0.0
    press_m: float = 0.0
    slide_y_m: float = 0.0
    turn_rad: float = 0.0

    @property
    def down_m(self) -> float:
        """Depth of the middle of the face, m."""
        return self.press_m - self.standoff_m

    @property
    def rotation(self) -> np.ndarray:
        """float64 [3, 3]: from directions (x, y, z) of the probe to (X, Y, Z) of the body."""
        c, s = math.cos(self.rock_rad), math.sin(self.rock_rad)
        rocked = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
        c, s = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        tilted = np.array([[1.0, 0.0, 0.0], [0.0, c, s], [0.0, -s, c]])
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        turned = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        rotation: np.ndarray = turned @ tilted @ rocked
        return rotation

    def place(
        self, x_m: np.ndarray, y_m: np.ndarray | float, z_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Body coordinates (X, Y, Z) of points given in the probe frame."""
        (xx, xy, xz), (yx, yy, yz), (zx, zy, zz) = self.rotation.tolist()
        return (
            self.slide_m + xx * x_m + xy * y_m + xz * z_m,
            self.slide_y_m + yx * x_m + yy * y_m + yz * z_m,
            self.down_m + zx * x_m + zy * y_m + zz * z_m,
        )

    def seen(
        self, x_body_m: np.ndarray, y_body_m: np.ndarray, z_body_m: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probe coordinates (x, y, z) of points given in the body frame: the inverse of `place`."""
        dx, dy, dz = x_body_m - self.slide_m, y_body_m - self.slide_y_m, z_body_m - self.down_m
        x, y, z = (a * dx + b * dy + c * dz for a, b, c in self.rotation.T.tolist())
        return x, y, z

    def to_body(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Body coordinates (X, Z) of points in the image plane."""
        x, _, z = self.place(x_m, 0.0, z_m)
        return x, z

    def to_probe(self, x_body_m: np.ndarray, z_body_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where lines along body Y through (X, Z) meet the image plane: (x, z) in it."""
        return self.from_face(self.crossing(x_body_m, z_body_m), z_body_m)

    def along_face(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where points of the image plane lie on the skin, measured along the line of the face
        (`slide_m` at its middle), and their depth Z: X and Z of a probe that is not turned."""
        c, s = math.cos(self.rock_rad), math.sin(self.rock_rad)
        return (
            self.slide_m + x_m * c - z_m * s,
            (x_m * s + z_m * c) * math.cos(self.tilt_rad) + self.down_m,
        )

    def from_face(self, along_m: np.ndarray, z_body_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The inverse of `along_face`: (x, z) in the image plane."""
        c, s = math.cos(self.rock_rad), math.sin(self.rock_rad)
        dx, dz = along_m - self.slide_m, (z_body_m - self.down_m) / math.cos(self.tilt_rad)
        return dx * c + dz * s, -dx * s + dz * c

    def crossing(self, x_body_m: np.ndarray, z_body_m: np.ndarray) -> np.ndarray:
        """Where, along the line of the face, lines along body Y through (X, Z) cross the image
        plane; nan if they run along it."""
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        if abs(c) < LEAST_CROSSING:
            return np.full(np.broadcast_shapes(np.shape(x_body_m), np.shape(z_body_m)), np.nan)
        aside = (z_body_m - self.down_m) * math.tan(self.tilt_rad)
        return self.slide_m + (x_body_m - self.slide_m + aside * s) / c


MAX_STANDOFF_M = 20e-3
"""Thickest gel between face and skin, m: that of the thickest pads."""
