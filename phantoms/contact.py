"""How skin meets the probe: pressed under one end of a rocked face, gel under the other.

The skin at rest is the line Z = 0. Where the face lies deeper than that, soft tissue gives
way: the column between the face and `soft_depth` is squeezed, most at the face and not at
all at `soft_depth`, with no step in strain there. Below it nothing moves: bone never does.
Where the face is lifted off, coupling gel fills the gap and nothing is displaced; a gel pad lifts
all of it, and what is pressed in then is what the pad does not make up for.

With L = soft_depth, p = how deep the face is pressed, e = p / L and t = depth below the
face / (L - p), the tissue found there has come from the depth L t (1 + e - e t). To first
order that is a displacement p (1 - t)^2. Chosen for teaching: real tissue also bulges
sideways and bone carries the load; the shape is right and the cost is nil.
"""

from dataclasses import dataclass

import numpy as np

MAX_SQUEEZE = 0.6
"""Largest e: a face pressed deeper than 0.6 of the soft depth cuts into the tissue instead."""

STILL_M = 25e-3
"""Nothing deeper than this moves when the face is pressed in: the pressure is a quarter there.
Chosen for teaching."""


@dataclass(frozen=True)
class Contact:
    """Undeformed depths under a face that passes through (slide, -standoff) with a given slope.

    slope : rise of Z along the face per unit X, tan(rock).
    soft_depth_m : nothing deeper than this moves, m.
    standoff_m : gel under the middle of the face, m.
    """

    slide_m: float
    slope: float
    soft_depth_m: float
    standoff_m: float = 0.0

    def pressed_m(self, x_m: np.ndarray) -> np.ndarray:
        """How far the skin is pushed down, >= 0."""
        face = (x_m - np.float32(self.slide_m)) * np.float32(self.slope)
        if self.standoff_m:
            face -= np.float32(self.standoff_m)
        return np.clip(face, 0, np.float32(MAX_SQUEEZE * self.soft_depth_m), out=face)

    def material_depth(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Undeformed depth of what is now at (x, z), and by how much lengths are magnified.

        Both float32. The magnification (>= 1) is d(undeformed depth) / dz.
        """
        one, soft = np.float32(1.0), np.float32(self.soft_depth_m)
        pressed = self.pressed_m(x_m)
        squeeze = pressed * (one / soft)
        room = one / (soft - pressed)
        t = (z_m - pressed) * room
        np.minimum(t, one, out=t)
        stretch = squeeze * t  # e t
        depth = one + squeeze - stretch
        depth *= t
        depth *= soft  # L t (1 + e - e t); L where t was cut at 1, then as far again as z is
        beyond = z_m - soft
        np.maximum(beyond, 0, out=beyond)
        depth += beyond
        stretch *= np.float32(-2.0)
        stretch += one + squeeze
        stretch *= soft * room
        np.maximum(stretch, one, out=stretch)
        return depth, stretch

    def pressed_depth(self, x_m: np.ndarray, material_z_m: np.ndarray) -> np.ndarray:
        """Where tissue from (x, material depth) is now: the inverse of `material_depth`."""
        pressed = self.pressed_m(np.asarray(x_m, dtype=np.float64))
        e = pressed / self.soft_depth_m
        q = np.minimum(material_z_m / self.soft_depth_m, 1.0)
        t = 2.0 * q / (1.0 + e + np.sqrt((1.0 + e) ** 2 - 4.0 * e * q))
        beyond = np.maximum(material_z_m - self.soft_depth_m, 0.0)
        return pressed + t * (self.soft_depth_m - pressed) + beyond
