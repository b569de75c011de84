"""Soft tissue under a pressed probe: every layer gives way as its stiffness lets it.

Three steps, each on the coarse grid that the smooth field needs.

1. *How much thinner.* Below each place of the face the layers are springs in series. They carry
   the pressure q of the face, which spreads with depth as under a strip of the width of the
   face's footprint across the picture (Flamant; Johnson, Contact Mechanics, 2.5). A layer of
   modulus E becomes thinner by 1 / (1 + q / E): it stiffens in proportion as it is squeezed
   (in vivo fat does so more, muscle less: Hatt et al. 2023). q is what makes them give way by as
   much as the face comes down, and bone carries what it is given.
2. *Where it goes.* With x at rest and Z as pressed, the function phi(x, Z) = swept(x) f(x, Z) with
   f the share of the face's way that tissue at Z has moved, and `swept` the area that the face
   has swept from its middle to x, makes

       z = Z - d(phi)/dx,    X = x - d(phi)/dZ

   the generating function of a canonical map: it preserves every area whatever phi is
   (Goldstein, Classical Mechanics, ch. 9). phi = 0 in bone, so bone stays.
3. *What is rigid* (a stone) moves as a whole: phi is linear there.

Known errors: docs/model.md, "Pressing".
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.ndimage import map_coordinates, spline_filter

from phantoms.contact import Contact
from physics.geometry import Pose

FOOTPRINT_M = 10e-3
"""Width of the face's footprint across the picture plane. Chosen for teaching."""
DX_M, DZ_M = 1.0e-3, 0.5e-3
STONE_HOLDS_M = 3.0e-3
_NEWTON = 4
_NOTHING = 1e-12
"""Taken as 0: float32 is slow with what is too small for it."""

BESIDE_M = 2e-3
"""How far beyond what is seen the field goes on."""
BULGE, TURN_M = 4.0, 5e-3
"""Length over which skin beside the face is lifted, in half faces; length over which it comes up
from the edge of the face, m. Chosen for teaching."""
LEAST_WAY_M = 0.2e-3
"""A shorter way is spread among the layers as this one is, m."""


def spread(depth_m: np.ndarray) -> np.ndarray:
    """Vertical stress below the middle of a uniformly loaded strip, re the load."""
    ratio = FOOTPRINT_M / 2 / np.maximum(depth_m, 1e-9)
    return (2 / math.pi) * (np.arctan(ratio) + ratio / (1 + ratio * ratio))


@dataclass(frozen=True, eq=False)
class Stone:
    """A rigid body that no bone holds: its middle, and its distance function (x, z) at rest."""

    x_m: float
    z_m: float
    distance: Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Springs:
    """What a body is made of for a press: a coarse map of it at rest.

    x0_m, z0_m : first node; nodes are DX_M and DZ_M apart.
    compliance_per_pa : float64 [n_x, n_z], 1 / E of what gives way, smooth, 0 in bone and below.
    floor_m : float64 [n_x], depth below which nothing gives way.
    """

    x0_m: float
    z0_m: float
    compliance_per_pa: np.ndarray
    floor_m: np.ndarray
    stones: Sequence[Stone] = ()

    def at(self, x_m: np.ndarray, z_m: np.ndarray) -> np.ndarray:
        """Compliance at places of the body at rest."""
        where = np.array([(x_m - self.x0_m) / DX_M, (z_m - self.z0_m) / DZ_M])
        return map_coordinates(self.compliance_per_pa, where, order=1, mode="nearest")

    def floor_at(self, x_m: np.ndarray) -> np.ndarray:
        nodes = self.x0_m + np.arange(self.floor_m.size) * DX_M
        return np.interp(x_m, nodes, self.floor_m)


@dataclass(frozen=True, eq=False)
class Press:
    """The field of one press: what is seen at (x, z) lies at (x, z) - (u, w) when not pressed.

    Nodes x0 + i DX_M, z0 + j DZ_M in the body frame. u_m, w_m : float64 [n_x, n_z].
    longer : float64 [n_x, n_z], by what part a length at rest exceeds the length seen, at most,
    >= 0. pressure_pa : float64 [n_x], under the face, by place at rest.
    """

    x0_m: float
    z0_m: float
    u_m: np.ndarray
    w_m: np.ndarray
    longer: np.ndarray
    pressure_pa: np.ndarray

    @cached_property
    def _splines(self) -> tuple[np.ndarray, ...]:
        splines = tuple(spline_filter(a, order=3) for a in (self.u_m, self.w_m, self.longer))
        for a in splines:
            a[np.abs(a) < _NOTHING] = 0.0
        return splines

    def at(self, x_m: np.ndarray, z_m: np.ndarray) -> list[np.ndarray]:
        """u, w and `longer` of what is now at these places."""
        where = np.array([(x_m - self.x0_m) / DX_M, (z_m - self.z0_m) / DZ_M])
        return [
            map_coordinates(a, where, order=3, mode="nearest", prefilter=False)
            for a in self._splines
        ]

    def now(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where what was at these places before the press is now."""
        x, z = x_m, z_m
        for _ in range(40):
            u, w, _ = self.at(x, z)
            x, z = x + 0.45 * (x_m + u - x), z + 0.45 * (z_m + w - z)
        return x, z

    @property
    def deepest_m(self) -> float:
        """Depth of the last node but one."""
        return self.z0_m + (self.u_m.shape[1] - 2) * DZ_M

    def seen_by(self, pose: Pose, half_m: float, deepest_m: float) -> "Press":
        """The same field on nodes of the probe frame; u and w stay along the face and Z."""
        if pose.rock_rad == 0.0 and pose.tilt_rad == 0.0:
            return replace(self, x0_m=self.x0_m - pose.slide_m, z0_m=self.z0_m - pose.down_m)
        n = math.ceil(half_m / DX_M) + 1
        x = np.arange(-n, n + 1) * DX_M
        z = np.arange(-1, math.ceil(deepest_m / DZ_M) + 2) * DZ_M
        u, w, longer = self.at(*pose.along_face(x[:, None], z[None, :]))
        return replace(self, x0_m=float(x[0]), z0_m=float(z[0]), u_m=u, w_m=w, longer=longer)

    def pressure_at(self, x_m: float, z_m: float) -> float:
        """Vertical stress at a place of the body at rest, Pa."""
        nodes = self.x0_m + np.arange(self.pressure_pa.size) * DX_M
        return float(np.interp(x_m, nodes, self.pressure_pa) * spread(np.array(z_m)))

    def on_grid(self, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, ...]:
        """u, w and `longer` at every pair of an x and a z, both evenly spaced: float32 [n_x, n_z].
        Below the nodes nothing moves."""
        across = _weights(self.x0_m, DX_M, self.u_m.shape[0], x_m)
        down = _weights(self.z0_m, DZ_M, self.u_m.shape[1], z_m)
        return tuple((down @ (across @ a.astype(np.float32)).T).T.copy() for a in self._splines)


def press(
    springs: Springs,
    contact: Contact,
    press_m: float,
    *,
    half_face_m: float,
    beyond_m: float = BESIDE_M,
) -> Press:
    """The field below a face that has come down by `press_m` from where `contact` has it.

    The face reaches `half_face_m` to either side along X, the field `beyond_m` farther and down
    to what does not give way.
    """
    n = math.ceil((half_face_m + beyond_m) / DX_M)
    x = contact.slide_m + np.arange(-n, n + 1) * DX_M
    under = np.clip(x, contact.slide_m - half_face_m, contact.slide_m + half_face_m)
    skin = np.asarray(contact.pressed_m(under), np.float64)
    face = (under - contact.slide_m) * contact.slope + press_m
    # a gel pad fills what is between face and skin, and is not squeezed itself
    way = np.full(x.size, press_m) if contact.standoff_m else np.clip(face - skin, 0.0, press_m)
    top = float(min(face.min(), skin.min())) - 2 * DZ_M
    deepest = float(springs.floor_at(x).max())
    z = top + np.arange(math.ceil((deepest - top) / DZ_M) + 3) * DZ_M
    x_at, z_at = np.broadcast_arrays(x[:, None], z[None, :])
    below = np.maximum(z_at, skin[:, None])
    rest = contact.material_depth(x_at, below)[0] if contact.slope else below
    compliance = springs.at(x_at, rest)
    compliance *= spread(below - skin[:, None])
    pressure, moved = _squeeze(z, skin, np.maximum(way, LEAST_WAY_M), compliance)
    swept = _swept(x - contact.slide_m, way, springs.floor_at(x) - skin, half_face_m)
    phi = swept[:, None] * moved
    for stone in springs.stones:
        phi = _carried(phi, x, z, stone, contact)
    u, w = -np.gradient(phi, DZ_M, axis=1), np.gradient(phi, DX_M, axis=0)
    return _as_seen(x, z, u, w, pressure * (way > 0))


def _squeeze(
    z: np.ndarray, skin: np.ndarray, way: np.ndarray, compliance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pressure [n_x] that makes the springs below the skin give way, and the share of the way
    that what is now at each z has come: [n_x, n_z], 1 at the face and more above it."""
    weight = np.clip((z[None, :] - skin[:, None]) / DZ_M + 0.5, 0.0, 1.0) * DZ_M
    pressure = way / np.maximum(np.sum(compliance * weight, axis=1), 1e-12)
    for _ in range(_NEWTON):
        thinner = 1.0 / (1.0 + compliance * pressure[:, None])
        missing = way - np.sum((1.0 - thinner) * weight, axis=1)
        slope = np.sum(compliance * thinner * thinner * weight, axis=1)
        pressure = np.maximum(pressure + missing / np.maximum(slope, 1e-15), 0.0)
    thinner = 1.0 / (1.0 + compliance * pressure[:, None])
    # how far each node at rest has come: the deepest has not
    step = DZ_M * (1 - 0.5 * (thinner[:, 1:] + thinner[:, :-1]))
    moved = np.zeros((skin.size, z.size + 1))
    moved[:, 1:-1] = np.cumsum(step[:, ::-1], axis=1)[:, ::-1]
    # and a node far above, in line with the two uppermost
    far = z.size * DZ_M
    moved[:, 0] = moved[:, 1] + step[:, 0] / DZ_M * far
    rest = np.concatenate([[z[0] - far], z])
    share = np.array([np.interp(z, rest + m, m) for m in moved])
    place = (skin + way - z[0]) / DZ_M
    above = place.astype(np.intp)
    row = np.arange(skin.size)
    at_face = share[row, above] + (place - above) * (share[row, above + 1] - share[row, above])
    return pressure, share / at_face[:, None]


def _swept(x: np.ndarray, way: np.ndarray, height: np.ndarray, half_face: float) -> np.ndarray:
    """Area that the face has swept from where tissue parts to x, m^2; beyond the face it falls
    to nothing, for what was squeezed out lifts the skin there.

    Tissue parts where it is thin: the pressures that drive flows q through a narrow room of this
    height, dp/dx ~ q / height^3, end alike at both ends of the face (Reynolds).
    """
    swept = np.concatenate([[0.0], np.cumsum((way[1:] + way[:-1]) / 2 * DX_M)])
    resistance = np.where(np.abs(x) <= half_face, height, np.inf) ** -3.0
    swept -= np.sum(swept * resistance) / np.sum(resistance)
    beyond = np.maximum(np.abs(x) - half_face, 0.0)
    edge = np.interp(np.clip(x, -half_face, half_face), x, swept)
    edge += np.sign(x) * way * TURN_M * (1.0 - np.exp(-beyond / TURN_M))
    return edge * smooth_step(1.0 - beyond / (BULGE * half_face))


def _carried(
    phi: np.ndarray, x: np.ndarray, z: np.ndarray, stone: Stone, contact: Contact
) -> np.ndarray:
    """phi, linear in a rigid body, which then moves without being squeezed."""
    i = round((stone.x_m - x[0]) / DX_M)
    if not 1 <= i < x.size - 1:
        return phi
    before = float(contact.pressed_depth(np.array([stone.x_m]), np.array([stone.z_m]))[0])
    down = 0.0
    for _ in range(3):
        j = min(max(round((before + down - z[0]) / DZ_M), 1), z.size - 2)
        down = (phi[i + 1, j] - phi[i - 1, j]) / (2 * DX_M)
    aside = (phi[i, j + 1] - phi[i, j - 1]) / (2 * DZ_M)
    x_at, z_at = np.broadcast_arrays(x[:, None], z[None, :])
    linear = phi[i, j] + down * (x_at - x[i]) + aside * (z_at - z[j])
    away = stone.distance(x_at, contact.material_depth(x_at, z_at - down)[0])
    share = smooth_step(1.0 - (away - DX_M / 2) / STONE_HOLDS_M)
    return phi + share * (linear - phi)


def _as_seen(x: np.ndarray, z: np.ndarray, u: np.ndarray, w: np.ndarray, q: np.ndarray) -> Press:
    """The field by place as seen, from the field by (x at rest, z as seen)."""
    node = np.arange(x.size, dtype=np.float64)
    place = np.array([np.interp(x, x + row, node) for row in u.T]).T
    left = np.minimum(place.astype(np.intp), x.size - 2)
    right = place - left
    u, w = (
        (1 - right) * np.take_along_axis(a, left, 0) + right * np.take_along_axis(a, left + 1, 0)
        for a in (u, w)
    )
    xx, xz = 1.0 - np.gradient(u, DX_M, axis=0), -np.gradient(u, DZ_M, axis=1)
    zx, zz = -np.gradient(w, DX_M, axis=0), 1.0 - np.gradient(w, DZ_M, axis=1)
    squares = xx * xx + xz * xz + zx * zx + zz * zz
    area = xx * zz - xz * zx
    root = np.sqrt(np.maximum(squares * squares - 4 * area * area, 0.0))
    longer = np.maximum(np.sqrt(0.5 * (squares + root)) - 1.0, 0.0)
    return Press(float(x[0]), float(z[0]), u, w, longer, q)


def smooth_step(t: np.ndarray) -> np.ndarray:
    """From 0 (t <= 0) to 1 (t >= 1) without a kink."""
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


def _weights(x0_m: float, dx_m: float, n: int, at_m: np.ndarray) -> sparse.csr_array:
    """float32 [at.size, n]: weights of the coefficients of cubic splines (of `_splines`) at
    places; 0 beyond the last node but one."""
    place = (np.asarray(at_m, np.float64) - x0_m) / dx_m
    first = np.clip(np.floor(place).astype(np.intp) - 1, 0, n - 4)
    t = (place - first)[:, None] - np.arange(4)
    far = np.abs(t)
    weight = np.where(far < 1, 2 / 3 - far**2 + far**3 / 2, np.maximum(2 - far, 0.0) ** 3 / 6)
    weight[weight < _NOTHING] = 0.0
    weight[place > n - 2] = 0.0
    columns = first[:, None] + np.arange(4)
    rows = np.arange(place.size + 1) * 4
    return sparse.csr_array(
        (weight.astype(np.float32).ravel(), columns.ravel(), rows), shape=(place.size, n)
    )
