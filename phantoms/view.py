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

    def undeformed(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Undeformed body coordinates, and the factor on distances in the first rows (z).

        x [n, 1], z [1, m] : places in the probe frame, evenly spaced, the first z on the face.
        """
        pose, contact = self.pose, self.contact
        if self.press_seen is not None:
            return self._unpressed(self.press_seen, x, z)
        if pose.rock_rad == 0.0:  # nothing moves; let what depends on x or z alone stay small
            nothing = np.empty((len(x), 0), dtype=np.float32)
            z_body = z + TOUCH_M - pose.standoff_m
            return (pose.slide_m + x).astype(np.float32), z_body.astype(np.float32), nothing
        x_body, z_body = self._body(x, z)
        # Deeper below the face than `soft_depth`, nothing is moved, however hard it is pressed.
        soft = slice(0, int(np.searchsorted(z[0], contact.soft_depth_m * math.cos(pose.rock_rad))))
        z_body[:, soft], stretch = contact.material_depth(x_body[:, soft], z_body[:, soft])
        return x_body, z_body, np.reciprocal(stretch, out=stretch)

    def seen_at(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where places of the undeformed body are seen, in the probe frame."""
        x, z = x_m, self.contact.pressed_depth(x_m, z_m)
        if self.press is not None:
            x, z = self.press.now(x, z)
        return self.pose.to_probe(x, z)

    def _body(self, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Body coordinates of a face that has not come down, let into the skin by `TOUCH_M`."""
        x32, z32 = x.astype(np.float32), z.astype(np.float32)
        down = np.float32(TOUCH_M - self.pose.standoff_m)
        if self.pose.rock_rad == 0.0:
            return np.float32(self.pose.slide_m) + x32, z32 + down
        c, s = np.float32(math.cos(self.pose.rock_rad)), np.float32(math.sin(self.pose.rock_rad))
        x_body = (np.float32(self.pose.slide_m) + x32 * c) - z32 * s
        return x_body, x32 * s + (z32 * c + down)

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
        face = pose.press_m + x[:, 0] * math.sin(pose.rock_rad)
        touching = (face >= 0.0) & (pose.standoff_m == 0.0)
        skin = contact.pressed_m(x_body[touching, rows]) + np.float32(TOUCH_M)
        z_body[touching, rows] = np.maximum(z_body[touching, rows], skin)
        if pose.rock_rad != 0.0:
            z_body[:, moving], more = contact.material_depth(x_near, z_near)
            stretch *= more
        for vessel, is_open in self.closing:
            stretch *= opened(vessel, is_open, x_near, z_near, self.floor_m)
        return x_body, z_body, np.reciprocal(stretch, out=stretch)
