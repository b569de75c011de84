"""A body's nets as pictures, cut in two at the image plane.

Every quadrilateral is filled with places about a pixel apart. They are sorted once for a camera,
the farthest first; a picture is then one assignment in which the nearest comes last, and a moved
probe only asks which places lie behind its plane: some milliseconds without a polygon drawn.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from phantoms.surfaces import (
    BONE,
    DEPOSIT,
    FIBRES,
    FLUID,
    INCLUSION,
    NERVE,
    VESSEL,
    Body,
)
from simulator.models.camera import Camera

COLOURS = {
    BONE: (233, 224, 204), FIBRES: (214, 116, 84), NERVE: (232, 196, 66), VESSEL: (190, 56, 66),
    FLUID: (74, 140, 205), DEPOSIT: (244, 244, 244), INCLUSION: (104, 152, 184),
}  # fmt: skip
LIGHT = np.array([-0.36, 0.42, -0.83])
"""Unit vector towards the lamp in the body: from the left, the reader's side and above."""
DARKEST, INSIDE = 0.30, 0.42
"""Brightness of what the light only grazes, and of the inner side of an open surface."""
HAZE = 0.35
"""How much darker the far end of the block is than the near one."""
MOST_PIXELS, DRAFT_PIXELS = 100_000, 30_000
"""Larger views are drawn in fewer, larger pixels; fewer still while the camera moves."""
SPACING = 0.85
"""Distance of the places, pixels."""
_LEVELS = (2, 4, 6, 9, 13, 18, 26, 40)
"""Places along an edge of a quadrilateral."""


@dataclass(frozen=True, eq=False)
class Plane:
    """The image plane in the body: a place on it and its normal, which points to the camera."""

    place_m: np.ndarray
    normal: np.ndarray


def lit(normals: np.ndarray) -> np.ndarray:
    """float64 [n]: brightness of surfaces with these normals, 0 to 1."""
    return np.asarray(DARKEST + (1 - DARKEST) * np.clip(0.5 + 0.5 * normals @ LIGHT, 0, 1))


class BodyRaster:
    """A body as one camera sees it, in pixels of the size `scale` screen pixels."""

    def __init__(
        self, body: Body, camera: Camera, size_px: tuple[int, int], *, draft: bool = False
    ) -> None:
        width, height = size_px
        most = DRAFT_PIXELS if draft else MOST_PIXELS
        self.scale = max(1.0, (width * height / most) ** 0.5)
        self.shape = (max(round(height / self.scale), 1), max(round(width / self.scale), 1))
        groups = [_seen(net.kind, net.corners_m, net.normals, camera) for net in body.nets]
        groups = [group for group in groups if len(group[0])]
        self._place = np.empty((3, 0), np.float32)
        self._pixel, self._colour = np.empty(0, np.intp), np.empty(0, np.uint32)
        if groups:
            corners, shades = (np.concatenate(parts) for parts in zip(*groups, strict=True))
            self._fill(corners, shades, camera)

    def _fill(self, corners: np.ndarray, shades: np.ndarray, camera: Camera) -> None:
        px, near = camera.project(corners)
        px = px / self.scale
        edges = np.linalg.norm(px - np.roll(px, 1, axis=1), axis=2).max(axis=1)
        level = np.searchsorted(_LEVELS, edges / SPACING)
        far, close = near.min(), near.max()
        haze = 1 - HAZE * (close - near.mean(axis=1)) / max(close - far, 1e-9)
        rgb = np.clip(shades * haze[:, None], 0, 255).astype(np.uint32)
        packed = np.uint32(0xFF000000) | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]
        known = np.concatenate([px, near[..., None], corners], axis=2).astype(np.float32)
        places, pixels, nearness, colours = [], [], [], []
        for number in np.unique(level):
            which = np.nonzero(level == number)[0]
            weights = _weights(_LEVELS[min(number, len(_LEVELS) - 1)])
            # [place, quadrilateral x (column, row, nearness, X, Y, Z)], without a product of
            # matrices: its library's own threads wait for cores that the engine has
            corner = known[which].transpose(1, 0, 2).reshape(4, -1)
            all_ = weights[:, :1] * corner[0]
            for c in (1, 2, 3):
                all_ += weights[:, c : c + 1] * corner[c]
            at = all_.reshape(-1, 6)
            column, row = at[:, 0].astype(np.int32), at[:, 1].astype(np.int32)
            inside = (at[:, 0] >= 0) & (column < self.shape[1])
            inside &= (at[:, 1] >= 0) & (row < self.shape[0])
            pixels.append((row * self.shape[1] + column)[inside])
            places.append(at[inside, 3:])
            nearness.append(at[inside, 2])
            colours.append(np.tile(packed[which], len(weights))[inside])
        depth = np.concatenate(nearness)
        steps = ((depth - far) * (65535 / max(close - far, 1e-9))).astype(np.uint16)
        order = np.argsort(steps, kind="stable")  # of 16 bits: a radix sort
        self._place = np.ascontiguousarray(np.concatenate(places)[order].T)
        self._pixel = np.concatenate(pixels)[order]
        self._colour = np.concatenate(colours)[order]

    def cut(self, plane: Plane) -> tuple[np.ndarray, np.ndarray]:
        """uint32 [row, column] each, ARGB: what lies behind the plane, and what before it."""
        (x, y, z), (nx, ny, nz) = self._place, plane.normal.astype(np.float32)
        behind = x * nx + y * ny + z * nz <= np.float32(plane.place_m @ plane.normal)
        return self._picture(behind), self._picture(~behind)

    def _picture(self, which: np.ndarray) -> np.ndarray:
        out = np.zeros(self.shape[0] * self.shape[1], np.uint32)
        out[self._pixel[which]] = self._colour[which]
        return out.reshape(self.shape)


def _seen(
    kind: str, corners: np.ndarray, normals: np.ndarray, camera: Camera
) -> tuple[np.ndarray, np.ndarray]:
    """Quadrilaterals that face the camera, and their colours, float64 [n, 3]. Bones end where the
    block does, and there their inner side is seen."""
    facing = np.einsum("ij,ij->i", normals, camera.eye_m - corners[:, 0]) > 0
    shade = np.where(facing, lit(normals), INSIDE * lit(-normals))
    colours = shade[:, None] * np.array(COLOURS[kind], np.float64)
    if kind == BONE:
        return corners, colours
    return corners[facing], colours[facing]


@lru_cache(maxsize=16)
def _weights(n: int) -> np.ndarray:
    """float32 [n * n, 4]: of the corners of a quadrilateral at places evenly spread over it."""
    t = (np.arange(n) + 0.5) / n
    u, v = (a.ravel() for a in np.meshgrid(t, t, indexing="ij"))
    weights = np.column_stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v])
    return weights.astype(np.float32)
