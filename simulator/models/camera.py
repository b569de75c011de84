"""A camera that goes round the middle of a scene: where places of the body lie on the screen."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

LOWEST_RAD, HIGHEST_RAD = math.radians(6.0), math.radians(86.0)
"""The camera stays above the skin and does not go over the top."""
NEAREST, FARTHEST = 0.5, 3.0
"""Limits of the zoom."""
AWAY = 4.0
"""Distance of the eye from the middle, in radii of the scene: a mild perspective."""

Corner = tuple[float, float, float]


@dataclass(frozen=True)
class Camera:
    """Looks at the middle of `corners_m` (X, Y, Z), which at a zoom of 1 just fit into the view,
    from an azimuth (0: the reader's side, positive: from the right) and a height above the skin."""

    corners_m: tuple[Corner, ...]
    azimuth_rad: float = math.radians(24.0)
    height_rad: float = math.radians(30.0)
    zoom: float = 1.0
    box_px: tuple[float, float, float, float] = (0.0, 0.0, 300.0, 200.0)
    """Left, top, width and height of what the corners fit into."""

    @cached_property
    def axes(self) -> np.ndarray:
        """float64 [3, 3]: rows are right, up and towards the eye, in body (X, Y, Z)."""
        c, s = math.cos(self.azimuth_rad), math.sin(self.azimuth_rad)
        flat, rise = math.cos(self.height_rad), math.sin(self.height_rad)
        towards = np.array([s * flat, c * flat, -rise])
        right = np.array([c, -s, 0.0])
        return np.stack([right, np.cross(towards, right), towards])

    @cached_property
    def middle_m(self) -> np.ndarray:
        corners = np.array(self.corners_m)
        middle: np.ndarray = (corners.min(axis=0) + corners.max(axis=0)) / 2
        return middle

    @cached_property
    def away_m(self) -> float:
        """From the eye to the middle."""
        reach = np.linalg.norm(np.array(self.corners_m) - self.middle_m, axis=1)
        return AWAY * float(reach.max())

    @property
    def eye_m(self) -> np.ndarray:
        return np.asarray(self.middle_m + self.away_m * self.axes[2])

    @cached_property
    def _fit(self) -> tuple[float, np.ndarray]:
        """Scale at the middle, px/m, and where the middle is on the screen."""
        flat, _ = self._flat(np.array(self.corners_m))
        low, high = flat.min(axis=0), flat.max(axis=0)
        left, top, width, height = self.box_px
        scale = self.zoom * float(min(width / (high[0] - low[0]), height / (high[1] - low[1])))
        centre = np.array([left + width / 2, top + height / 2])
        return scale, centre - scale * (low + high) / 2

    def _flat(self, places_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Right and down of the middle as seen in the plane through it, m; nearness, m."""
        off = np.moveaxis(places_m - self.middle_m, -1, 0)
        x, y, near = (a * off[0] + b * off[1] + c * off[2] for a, b, c in self.axes.tolist())
        grows = self.away_m / np.maximum(self.away_m - near, 0.1 * self.away_m)
        return np.stack([x * grows, -y * grows], axis=-1), near

    def project(self, places_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places [..., 3] on the screen: px [..., 2], and how near they are to the eye, m [...]
        (larger is nearer, 0 at the middle)."""
        flat, near = self._flat(places_m)
        scale, middle_px = self._fit
        return flat * scale + middle_px, near

    def ray(self, x_px: float, y_px: float) -> np.ndarray:
        """Unit vector from the eye through a point of the screen."""
        scale, middle_px = self._fit
        across, down = (np.array([x_px, y_px]) - middle_px) / scale
        way = across * self.axes[0] - down * self.axes[1] - self.away_m * self.axes[2]
        unit: np.ndarray = way / np.linalg.norm(way)
        return unit

    def on_level(self, x_px: float, y_px: float, depth_m: float) -> np.ndarray | None:
        """Where the pointer meets the plane Z = `depth_m`: (X, Y, Z), or None above the horizon."""
        eye, ray = self.eye_m, self.ray(x_px, y_px)
        if ray[2] < 0.02:
            return None
        place: np.ndarray = eye + (depth_m - eye[2]) / ray[2] * ray
        return place

    def orbited(self, across_rad: float, up_rad: float) -> "Camera":
        """Gone round by this, as far as it may."""
        height = min(max(self.height_rad + up_rad, LOWEST_RAD), HIGHEST_RAD)
        azimuth = math.remainder(self.azimuth_rad + across_rad, 2 * math.pi)
        return replace(self, azimuth_rad=azimuth, height_rad=height)

    def zoomed(self, factor: float) -> "Camera":
        return replace(self, zoom=min(max(self.zoom * factor, NEAREST), FARTHEST))
