"""What a probe in one pose sees of a body: where everything that is seen lies at rest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from phantoms.contact import Contact
from phantoms.vessels import Vessel, opened
from physics.geometry import Pose

if TYPE_CHECKING:
    from phantoms.press import Press

TOUCH_M = 1e-6
"""The face is let into the skin this far, so that rounding leaves no specks of gel on it, m."""
BESIDE_M = 3e-3
"""A place no farther than this from the image plane is seen in it, m."""
_FLOOR_M = 1e-3
"""Within this of the face the skin is held to it, m."""


@dataclass(frozen=True, eq=False)
class View:
    """Body and probe: the (rocked) face meets the skin, then comes down, then vessels close."""

    pose: Pose
    contact: Contact
    press: "Press | None" = None
    press_seen: "Press | None" = None
    """The same field on nodes of the probe frame."""
    closing: Sequence[tuple[Vessel, float]] = ()
    """Vessels, and how much of their area is left open."""
    floor_m: float = 0.0
    """Depth below which no vessel moves anything, m."""

    def undeformed(
        self, x: np.ndarray, z: np.ndarray
    ) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
        """Undeformed body coordinates (X, Y, Z), and the factor on distances in the first rows (z).

        x [n, 1], z [1, m] : places in the probe frame, evenly spaced, the first z on the face.
        Tissue gives way in the image plane, along the line of the face and down, whatever way the
        probe is turned and tilted. What does not change along x or z has one row or column only.
        """
        along, depth, shrink = self._on_face(x, z)
        pose = self.pose
        if pose.turn_rad == 0.0 and pose.tilt_rad == 0.0:
            return (along, np.full((1, 1), pose.slide_y_m, np.float32), depth), shrink
        c, s = np.float32(math.cos(pose.turn_rad)), np.float32(math.sin(pose.turn_rad))
        along = along - np.float32(pose.slide_m)
        rise, fall = math.sin(pose.rock_rad), math.cos(pose.rock_rad)
        aside = ((x * rise + z * fall) * math.sin(pose.tilt_rad)).astype(np.float32)
        x_body = np.float32(pose.slide_m) + c * along - s * aside
        y_body = np.float32(pose.slide_y_m) + s * along + c * aside
        return (x_body, y_body, depth), shrink

    def seen_at(
        self, x_m: np.ndarray, z_m: np.ndarray, y_m: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where places of the undeformed body are seen, (x, z) in the probe frame.

        y_m : None for lines along Y through (X, Z). nan for what runs along the image plane, or is
        farther than `BESIDE_M` from it.
        """
        pose = self.pose
        if y_m is None:
            x = pose.crossing(x_m, z_m)
        else:
            c, s = math.cos(pose.turn_rad), math.sin(pose.turn_rad)
            x = pose.slide_m + c * (x_m - pose.slide_m) + s * (y_m - pose.slide_y_m)
            x = np.where(np.abs(pose.seen(x_m, y_m, z_m)[1]) <= BESIDE_M, x, np.nan)
        z = self.contact.pressed_depth(x, z_m)
        if self.press is not None:
            x, z = self.press.now(x, z)
        return pose.from_face(x, z)

    def _on_face(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Undeformed places along the line of the face and depths, and the factor on distances."""
        pose, contact = self.pose, self.contact
        if self.press_seen is not None:
            return self._unpressed(self.press_seen, x, z)
        along, depth = self._body(x, z)
        if pose.rock_rad == 0.0:  # nothing moves
            return along, depth, np.empty((len(x), 0), dtype=np.float32)
        # Deeper below the face than `soft_depth`, nothing is moved, however hard it is pressed.
        steep = math.cos(pose.rock_rad) * math.cos(pose.tilt_rad)
        soft = slice(0, int(np.searchsorted(z[0], contact.soft_depth_m * steep)))
        depth[:, soft], stretch = contact.material_depth(along[:, soft], depth[:, soft])
        return along, depth, np.reciprocal(stretch, out=stretch)

    def _body(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """`Pose.along_face` of a face that has not come down, let into the skin by `TOUCH_M`."""
        pose = self.pose
        upright = np.float32(math.cos(pose.tilt_rad))
        x32, z32 = x.astype(np.float32), z.astype(np.float32)
        down = np.float32(TOUCH_M - pose.standoff_m)
        if pose.rock_rad == 0.0:
            return np.float32(pose.slide_m) + x32, z32 * upright + down
        c, s = np.float32(math.cos(pose.rock_rad)), np.float32(math.sin(pose.rock_rad))
        along = (np.float32(pose.slide_m) + x32 * c) - z32 * s
        return along, x32 * (s * upright) + (z32 * (c * upright) + down)

    def _unpressed(
        self, field: "Press", x: np.ndarray, z: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        pose, contact = self.pose, self.contact
        x_body, z_body = self._body(x, z)
        z_body += np.float32(pose.press_m)
        x_body, z_body = (np.array(np.broadcast_to(a, (len(x), z.size))) for a in (x_body, z_body))
        # below the last nodes nothing moves
        moving = slice(0, int(np.searchsorted(z[0], field.deepest_m)))
        aside, down, stretch = field.on_grid(x[:, 0], z[0, moving])
        np.maximum(stretch, 0.0, out=stretch)
        stretch += np.float32(1.0)
        x_near, z_near = x_body[:, moving], z_body[:, moving]
        x_near -= aside
        z_near -= down
        rows = slice(0, int(np.searchsorted(z[0], _FLOOR_M)))
        face = pose.press_m + x[:, 0] * math.sin(pose.rock_rad) * math.cos(pose.tilt_rad)
        touching = (face >= 0.0) & (pose.standoff_m == 0.0)
        skin = contact.pressed_m(x_body[touching, rows]) + np.float32(TOUCH_M)
        z_body[touching, rows] = np.maximum(z_body[touching, rows], skin)
        if pose.rock_rad != 0.0:
            z_body[:, moving], more = contact.material_depth(x_near, z_near)
            stretch *= more
        for vessel, is_open in self.closing:
            stretch *= opened(vessel, is_open, x_near, z_near, self.floor_m)
        return x_body, z_body, np.reciprocal(stretch, out=stretch)
