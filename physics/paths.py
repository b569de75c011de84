"""The ways that sound takes: bent by Snell's law at every boundary.

A ray starts at the face for every 0.2 mm of it and is followed in steps of its own length.
The medium is then seen along these rays: region, distances and material coordinates on a
grid of (ray, length along it), which is the picture that the scanner, believing in straight
lines, puts on its screen. Where rays part, cross or end, the picture is displaced, doubled
or dark.

    sin t2 / sin t1 = c2 / c1,   no way on where that exceeds 1 (total reflection)
    T = sqrt(1 - R^2),  R = (Z2 cos t1 - Z1 cos t2) / (Z2 cos t1 + Z1 cos t2)

(fluids; Kinsler et al., 4th ed., 6.2). One ray stands for the whole beam: what differs
between parts of the aperture is physics.rays' business.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from physics.kernel import inner_kernel, kernel
from physics.medium import Slice
from physics.parallel import run_split
from physics.survey import Survey, survey

_BENT_M = 1e-6
"""Rays that nowhere leave their straight line by more than this count as straight."""
_NOWHERE_M = 1e3
"""Where rays are that have not begun."""
_STRONG = 0.3
"""Reflection coefficient head-on of a surface that counts as a strong one. (What soft edges
throw aside by total reflection is a strip narrower than the beam, which a ray cannot tell.)"""
_MIRROR = 0.3
"""Least two-way amplitude of a mirror image that is followed."""
_SPREAD = 1.1
"""Neighbouring rays farther apart than this, in their distance at the face, have no plain cells
between them."""
_FRAME_FIELDS = ("along_m", "across_m", "beside_m", "fibre_lean", "surface_lean")
"""What a slice tells of its frames: each [n_frame, n_x, n_z] or empty."""
_MARGIN = 2
"""Points beyond the last cell with a frame, along a ray, at which its fields are known too."""
_BESIDE = 3.0
"""A point farther than this from the nearest ray, in steps of the grid, lies beside the fan."""


@dataclass(frozen=True)
class Fan:
    """Where rays leave the face, and the grid (ray, length along it) that they make.

    start : float64 [3, n_ray]: x, z (m, in the slice) and angle from straight down.
    x0_m, ray_m : place along the face of the first ray, and distance to the next.
    n_step, step_m : points along each ray.
    spread : float64 [n_step], distance of neighbouring rays over that at the face.
    lean : largest abs(sin(angle)) between rays and the normal of the face.
    face_per_m : curvature of the face; 0 of a flat one.
    """

    start: np.ndarray
    x0_m: float
    ray_m: float
    n_step: int
    step_m: float
    spread: np.ndarray
    lean: float
    face_per_m: float = 0.0

    @property
    def diagonal_m(self) -> np.ndarray:
        """float64 [n_step]: longest diagonal of the cells."""
        wide = self.ray_m * self.spread
        return np.sqrt(wide**2 + self.step_m**2 + 2 * self.lean * wide * self.step_m)

    def part(self, first: int, last: int) -> "Fan":
        """Rays first..last alone."""
        x0_m = self.x0_m + first * self.ray_m
        return replace(self, start=self.start[:, first:last], x0_m=x0_m)


@dataclass(frozen=True)
class Paths:
    """The medium as rays meet it, on the grid (ray, length along it).

    medium : Slice on that grid: `x` is where the ray leaves the face (m along it), `z` its length.
    found : its survey.
    x_m, z_m : float32 [n_ray, n_step], where the grid's points are, in the probe's frame.
    passed : float32 [n_ray, n_step], amplitude left by the boundary crossed in the step that
        ends at each point; 0 where the ray ends.
    begin : int32 [n_ray], first step that counts: 0 of a ray from the face, n_step of no ray.
    hit : float64 [8, n_ray], the first strong surface met: x, z, direction (x, z) of what it
        throws back, length of the way to it, amplitude reflection, region before and behind it;
        reflection 0 if there was none.
    fan : their grid.
    """

    medium: Slice
    found: Survey
    x_m: np.ndarray
    z_m: np.ndarray
    passed: np.ndarray
    begin: np.ndarray
    hit: np.ndarray
    fan: Fan


def straight_down(medium: Slice) -> Fan:
    """A ray from every column of a slice."""
    _, n_x, n_z = medium.distance_m.shape
    start = np.stack([medium.x_m, np.zeros(n_x), np.zeros(n_x)])
    return Fan(start, medium.x0_m, medium.dx_m, n_z, medium.dz_m, np.ones(n_z), 0.0)


def follow(
    medium: Slice, found: Survey, fan: Fan | None = None, *, refraction: str = "on"
) -> Paths:
    """Rays of a fan (None: straight down from every column). `refraction`: "on" or "off"."""
    fan = fan or straight_down(medium)
    n_ray = fan.start.shape[1]
    speed = _bending_speed(medium, refraction)
    x, z, angle = fan.start
    start = np.stack([x, z, np.sin(angle), np.cos(angle), np.zeros(n_ray)])
    paths = _walk(medium, found, fan, speed, start, np.zeros(n_ray, np.int32))
    same = paths.x_m.shape == found.region.shape and abs(fan.x0_m - medium.x0_m) < _BENT_M
    if same and np.abs(paths.x_m - paths.x_m[:, :1]).max() < _BENT_M:
        return paths
    return _as_seen(paths)


def _bending_speed(medium: Slice, refraction: str) -> np.ndarray:
    """Speed of each region as far as it bends rays: float64 [n_region]."""
    speed = medium.tissues.speed_m_s[medium.region_tissue].astype(np.float64)
    return np.full_like(speed, speed[0]) if refraction == "off" else speed


def mirrored(
    paths: Paths, space: Slice, found: Survey, gain: np.ndarray, *, refraction: str = "on"
) -> Paths | None:
    """What the first strong smooth surface of rays throws aside, followed on: mirror images.

    space, found : the slice in the probe's frame, and its survey. gain : of `mirror_gain`. Sound
    comes back the way it went, so what it meets is shown at the length of the way, beyond the
    surface. Of the rays only those from the first to the last that are thrown aside, with a
    neighbour on either side. None if no surface reflects enough (`_MIRROR` of the amplitude, both
    times together).
    """
    thrown = np.flatnonzero(gain > 0)
    if not thrown.size:
        return None
    first, last = max(int(thrown[0]) - 1, 0), min(int(thrown[-1]) + 2, gain.size)
    fan, hit, keeps = paths.fan.part(first, last), paths.hit[:, first:last], gain[first:last] > 0
    # the first point counted lies clearly on this side of the surface
    step = np.floor(hit[4] / fan.step_m + 0.1) + 1
    begin = np.where(keeps, step, fan.n_step).astype(np.int32)
    start = np.concatenate([hit[:4], begin[None] * fan.step_m - hit[4:5]])
    speed = _bending_speed(space, refraction)
    return _as_seen(_walk(space, found, fan, speed, start, np.minimum(begin, fan.n_step)))


def mirror_gain(paths: Paths, space: Slice, carrier_hz: float) -> np.ndarray:
    """Two-way amplitude that the surface hit leaves to its mirror image: float64 [n_ray]; 0 where
    it is too little to be followed. Rough surfaces mirror exp(-2 (k s)^2) of R each time."""
    rough_m = space.tissues.roughness_m[space.region_tissue]
    before, behind = paths.hit[6].astype(int), paths.hit[7].astype(int)
    rough = np.maximum(rough_m[before], rough_m[behind])
    k = 2 * np.pi * carrier_hz / space.tissues.speed_m_s[space.region_tissue][before]
    gain = (paths.hit[5] * np.exp(-2 * (k * rough) ** 2)) ** 2
    return np.where(gain > _MIRROR, gain, 0.0)


def _walk(
    medium: Slice, found: Survey, fan: Fan, speed: np.ndarray, start: np.ndarray, begin: np.ndarray
) -> Paths:
    shape = (fan.start.shape[1], fan.n_step)
    x_m, z_m, passed = (np.full(shape, _NOWHERE_M, np.float32) for _ in range(3))
    hit = np.zeros((8, shape[0]))
    run_split(
        _follow, shape[0], found.region, found.plain, medium.distance_m, speed,
        medium.tissues.impedance_rayl[medium.region_tissue], start, begin,
        medium.x0_m, medium.dx_m, medium.dz_m, fan.step_m, -medium.z0_m, fan.face_per_m,
        x_m, z_m, passed, hit,
    )  # fmt: skip
    return Paths(medium, found, x_m, z_m, passed, begin, hit, fan)


def _as_seen(paths: Paths) -> Paths:
    """The same, with the medium on the grid of the rays."""
    fan = paths.fan
    seen = _seen_along(paths.medium, fan, paths.x_m, paths.z_m)
    apart = np.diff(paths.x_m, axis=0) ** 2 + np.diff(paths.z_m, axis=0) ** 2
    parted = np.zeros(paths.x_m.shape, np.bool_)
    parted[:-1] = apart >= ((_SPREAD * fan.ray_m * fan.spread) ** 2).astype(np.float32)
    found = survey(seen, fan.diagonal_m, parted)
    seen = _frames_along(seen, found, paths.medium, paths.x_m, paths.z_m)
    return replace(paths, medium=seen, found=found)


@inner_kernel
def _between(field, i, j, u, v):
    """Bilinear in one cell."""
    a = field[i, j] + v * (field[i, j + 1] - field[i, j])
    b = field[i + 1, j] + v * (field[i + 1, j + 1] - field[i + 1, j])
    return a + u * (b - a)


@inner_kernel
def _cell(x, z, x0, dx, dz, n_x, n_z):
    """Grid cell of a place and the place in it; the nearest one outside the grid."""
    gx = min(max((x - x0) * (1.0 / dx), 0.0), n_x - 1.001)
    gz = min(max(z * (1.0 / dz), 0.0), n_z - 1.001)
    i, j = int(gx), int(gz)
    return i, j, gx - i, gz - j


@kernel
def _region_at(x, z, region, plain, distance, x0, dx, dz):
    n_region, n_x, n_z = distance.shape
    i, j, u, v = _cell(x, z, x0, dx, dz, n_x, n_z)
    if plain[i, j]:
        return np.int64(region[i, j])
    for r in range(n_region - 1, 0, -1):
        if _between(distance[r], i, j, u, v) < 0.0:
            return r
    return 0


@kernel
def _normal(field, x, z, x0, dx, dz):
    """Direction in which a distance grows: central differences, joined bilinearly."""
    n_x, n_z = field.shape
    i, j, u, v = _cell(x, z, x0, dx, dz, n_x, n_z)
    gx, gz = 0.0, 0.0
    for a in range(2):
        for b in range(2):
            weight = (u if a else 1.0 - u) * (v if b else 1.0 - v)
            p, q = i + a, j + b
            p0, p1 = max(p - 1, 0), min(p + 1, n_x - 1)
            q0, q1 = max(q - 1, 0), min(q + 1, n_z - 1)
            gx += weight * (field[p1, q] - field[p0, q]) / ((p1 - p0) * dx)
            gz += weight * (field[p, q1] - field[p, q0]) / ((q1 - q0) * dz)
    length = max(math.sqrt(gx * gx + gz * gz), 1e-12)
    return gx / length, gz / length


@kernel
def _follow(
    first, last, region, plain, distance, speed, impedance, start, begin, x0, dx, dz, length,
    face_z, face_per_m, x_m, z_m, passed, hit,
):  # fmt: skip
    """Rays first..last. start : float64 [5, n_ray], x, z, direction (x, z) and the length of the
    first step, to point `begin` of the grid. length : of the others. The face is at z = face_z in
    its middle."""
    _, n_x, n_z = distance.shape
    for ray in range(first, last):
        x, z = start[0, ray], start[1, ray]
        ax, az = start[2, ray], start[3, ray]
        passed[ray] = 1.0
        here = np.int64(-1)
        alive = True
        step_m = start[4, ray]
        for step in range(begin[ray], x_m.shape[1]):
            to_x, to_z = x + ax * step_m, z + az * step_m
            above = to_z - face_z
            above += 0.5 * face_per_m * (to_x * to_x + above * above)
            if above < -1e-9:  # out at the face
                passed[ray, step] = 0.0
                alive = False
            i, j, u, v = _cell(to_x, to_z, x0, dx, dz, n_x, n_z)
            if plain[i, j]:
                there = np.int64(region[i, j])
            else:
                there = _region_at(to_x, to_z, region, plain, distance, x0, dx, dz)
            if here < 0:
                here = there
            if alive and there != here:
                field = distance[max(here, there)]
                i, j, u, v = _cell(x, z, x0, dx, dz, n_x, n_z)
                before = _between(field, i, j, u, v)
                i, j, u, v = _cell(to_x, to_z, x0, dx, dz, n_x, n_z)
                after = _between(field, i, j, u, v)
                t = before / (before - after) if (before < 0.0) != (after < 0.0) else 0.5
                x, z = x + t * step_m * ax, z + t * step_m * az
                nx, nz = _normal(field, x, z, x0, dx, dz)
                cos_1 = ax * nx + az * nz
                if cos_1 < 0.0:
                    nx, nz, cos_1 = -nx, -nz, -cos_1
                ratio = speed[there] / speed[here]
                sin_2 = ratio * ratio * (1.0 - cos_1 * cos_1)
                reflection = 1.0
                if sin_2 < 1.0:
                    cos_2 = math.sqrt(1.0 - sin_2)
                    z1, z2 = impedance[here] * cos_2, impedance[there] * cos_1
                    reflection = (z2 - z1) / (z2 + z1)
                head_on = (impedance[there] - impedance[here]) / (
                    impedance[there] + impedance[here]
                )
                if abs(head_on) > _STRONG and hit[5, ray] == 0.0:
                    hit[0, ray], hit[1, ray] = x, z
                    hit[2, ray] = ax - 2.0 * cos_1 * nx
                    hit[3, ray] = az - 2.0 * cos_1 * nz
                    hit[4, ray] = step * length - (1.0 - t) * step_m
                    hit[5, ray] = reflection
                    hit[6, ray], hit[7, ray] = here, there
                if sin_2 >= 1.0:
                    passed[ray, step] = 0.0
                    alive = False
                else:
                    passed[ray, step] = math.sqrt(max(1.0 - reflection * reflection, 1e-6))
                    ax = ratio * ax + (cos_2 - ratio * cos_1) * nx
                    az = ratio * az + (cos_2 - ratio * cos_1) * nz
                to_x, to_z = x + (1.0 - t) * step_m * ax, z + (1.0 - t) * step_m * az
            here = there
            x, z = to_x, to_z
            x_m[ray, step], z_m[ray, step] = x, z
            step_m = length


def _seen_along(medium: Slice, fan: Fan, x_m: np.ndarray, z_m: np.ndarray) -> Slice:
    """The slice's regions at the rays' points; distances bilinear, the region beside the plane that
    of the nearest point. Frames are left as they are."""
    distance, plane = (
        np.empty((len(field), *x_m.shape), field.dtype)
        for field in (medium.distance_m, medium.plane_region)
    )
    run_split(
        _resample, x_m.shape[0], medium.distance_m, medium.plane_region, x_m, z_m, medium.x0_m,
        medium.dx_m, medium.dz_m, distance, plane,
    )  # fmt: skip
    point_x, point_z, inside = _seen_at(medium, fan, x_m, z_m)
    return replace(
        medium,
        x0_m=fan.x0_m,
        dx_m=fan.ray_m,
        dz_m=fan.step_m,
        point_x_m=point_x[inside],
        point_z_m=point_z[inside],
        point_strength=medium.point_strength[inside],
        distance_m=distance,
        plane_region=plane,
    )


def _frames_along(
    seen: Slice, found: Survey, medium: Slice, x_m: np.ndarray, z_m: np.ndarray
) -> Slice:
    """`seen` with the frames' fields, bilinear, along each ray as far as a region with that frame
    reaches into the cells on its two sides; elsewhere nobody asks, and they hold anything."""
    fields = [getattr(medium, name) for name in _FRAME_FIELDS]
    out = [np.empty((len(field), *x_m.shape), field.dtype) for field in fields]
    run_split(
        _resample_frames, x_m.shape[0], *fields, medium.region_frame, found.lowest, found.highest,
        found.thick, seen.plane_region, x_m, z_m, medium.x0_m, medium.dx_m, medium.dz_m, *out,
    )  # fmt: skip
    found_fields: dict[str, Any] = dict(zip(_FRAME_FIELDS, out, strict=True))
    return replace(seen, **found_fields)


@inner_kernel
def _cells_along(ray, x_m, z_m, x0, dx, dz, n_x, n_z, at, u, v):
    """Number of the grid point above and left of each of the ray's, and how far beyond."""
    for s in range(at.size):
        i, j, u[s], v[s] = _cell(x_m[ray, s], z_m[ray, s], x0, dx, dz, n_x, n_z)
        at[s] = i * n_z + j


@kernel
def _resample(first, last, distance, plane_region, x_m, z_m, x0, dx, dz, to_distance, to_plane):
    """See `_seen_along`: rays first..last."""
    _, n_x, n_z = distance.shape
    n = x_m.shape[1]
    at, u, v = np.empty(n, np.uint64), np.empty(n, np.float32), np.empty(n, np.float32)
    for ray in range(first, last):
        _cells_along(ray, x_m, z_m, x0, dx, dz, n_x, n_z, at, u, v)
        _join(distance, at, u, v, 0, distance.shape[0], 0, n, ray, to_distance)
        for s in range(n):
            at[s] += np.uint64((n_z if u[s] >= 0.5 else 0) + (1 if v[s] >= 0.5 else 0))
        _pick(plane_region, at, ray, to_plane)


@kernel
def _resample_frames(
    first, last, along, across, beside, fibre_lean, surface_lean, frame, lowest, highest, thick,
    plane_region, x_m, z_m, x0, dx, dz, to_along, to_across, to_beside, to_fibre, to_surface,
):  # fmt: skip
    """See `_frames_along`: rays first..last."""
    n_frame, n_x, n_z = along.shape
    n = x_m.shape[1]
    at, u, v = np.empty(n, np.uint64), np.empty(n, np.float32), np.empty(n, np.float32)
    begin, end = np.empty(n_frame, np.int64), np.empty(n_frame, np.int64)
    for ray in range(first, last):
        _cells_along(ray, x_m, z_m, x0, dx, dz, n_x, n_z, at, u, v)
        begin[:], end[:] = n, 0
        for i in range(max(ray - 1, 0), ray + 1):
            only = -1  # this one's frame, until another region comes
            for s in range(n):
                low, high = lowest[i, s], highest[i, s]
                if low == high == only:
                    continue
                if only >= 0:
                    end[frame[only]] = max(end[frame[only]], s)
                only = low if low == high else -1
                for r in range(low, high + 1):
                    f = frame[r]
                    begin[f], end[f] = min(begin[f], s), max(end[f], s + 1)
            if only >= 0:
                end[frame[only]] = n
            for s in range(n):
                if thick[i, s]:
                    for p in range(plane_region.shape[0]):
                        f = frame[plane_region[p, i, s]]
                        begin[f], end[f] = min(begin[f], s), max(end[f], s + 1)
        _join(along, at, u, v, 0, 1, 0, n, ray, to_along)  # the roughness of surfaces runs along it
        for f in range(n_frame):
            if begin[f] < end[f]:
                a, b = max(begin[f] - _MARGIN, 0), min(end[f] + _MARGIN, n)
                _join(along, at, u, v, f, f + 1, a, b, ray, to_along)
                _join(across, at, u, v, f, f + 1, a, b, ray, to_across)
                _join(beside, at, u, v, f, min(f + 1, len(beside)), a, b, ray, to_beside)
                _join(fibre_lean, at, u, v, f, min(f + 1, len(fibre_lean)), a, b, ray, to_fibre)
                _join(surface_lean, at, u, v, f, min(f + 1, len(surface_lean)), a, b, ray,
                      to_surface)  # fmt: skip


@kernel
def _join(field, at, u, v, first, last, begin, end, ray, out):
    """Fields first..last at places u, v beyond the points `at` of the grid, bilinear, for points
    begin..end of a ray."""
    one, beside = np.uint64(1), np.uint64(field.shape[2])
    for f in range(first, last):
        source, row = field[f].ravel(), out[f, ray]
        for s in range(begin, end):
            o = at[s]
            p, q, r = o + one, o + beside, o + beside + one
            a = source[o] + v[s] * (source[p] - source[o])
            b = source[q] + v[s] * (source[r] - source[q])
            row[s] = a + u[s] * (b - a)


@kernel
def _pick(field, at, ray, out):
    for f in range(field.shape[0]):
        source, row = field[f].ravel(), out[f, ray]
        for s in range(at.size):
            row[s] = source[at[s]]


def _seen_at(
    medium: Slice, fan: Fan, x_m: np.ndarray, z_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where along which ray the point echoes of the slice lie, and whether any ray comes near: the
    nearest grid point, and from there one step along the two directions of the grid."""
    found_x, found_z, inside = [], [], []
    for x, z in zip(medium.point_x_m, medium.point_z_m, strict=True):
        i, j = _nearest_point(x_m, z_m, x, z)
        i, j = min(max(i, 1), x_m.shape[0] - 2), min(max(j, 1), x_m.shape[1] - 2)
        across = np.array([x_m[i + 1, j] - x_m[i - 1, j], z_m[i + 1, j] - z_m[i - 1, j]]) / 2
        along = np.array([x_m[i, j + 1] - x_m[i, j - 1], z_m[i, j + 1] - z_m[i, j - 1]]) / 2
        off = np.array([x - x_m[i, j], z - z_m[i, j]])
        di, dj = np.linalg.lstsq(np.stack([across, along], axis=1), off, rcond=None)[0]
        found_x.append(fan.x0_m + (i + np.clip(di, -1, 1)) * fan.ray_m)
        found_z.append((j + np.clip(dj, -1, 1)) * fan.step_m)
        inside.append(max(abs(di), abs(dj)) < _BESIDE)
    return np.array(found_x), np.array(found_z), np.array(inside, np.bool_)


def _nearest_point(x_m: np.ndarray, z_m: np.ndarray, x: float, z: float) -> tuple[int, int]:
    """Index of the grid point nearest to a place: of every fourth, then of all about that one."""
    coarse = (x_m[::4, ::4] - x) ** 2 + (z_m[::4, ::4] - z) ** 2
    i, j = (4 * int(n) for n in np.unravel_index(int(np.argmin(coarse)), coarse.shape))
    i0, j0 = max(i - 8, 0), max(j - 8, 0)
    part = slice(i0, i + 9), slice(j0, j + 9)
    fine = (x_m[part] - x) ** 2 + (z_m[part] - z) ** 2
    i, j = (int(n) for n in np.unravel_index(int(np.argmin(fine)), fine.shape))
    return i0 + i, j0 + j
