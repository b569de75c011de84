"""The echoes of the medium, at fixed places in the tissue, on a fine (column, range) grid.

The grid is real: reflectivity over apparent range. Every surface is written at its exact
apparent range; texture is looked up at the place in the tissue that each sample shows
(physics.texture). What is bright and what is dark follows from the sum through the beam.

Septa are thin sheets along the fibres. Boundaries are sheets with the reflection of the
impedance step, R = (Z2 - Z1) / (Z2 + Z1).

Units: a scatterer's echo is (b p^2) and a sheet's (k / 2 pi) R int p^2 dA
(facts: docs/model.md, "One scale for speckle and mirrors"), with the beam's pressure p
of physics.beams times the elevation weights of physics.elevation.
"""

import math

import numpy as np

from physics import texture as grain
from physics.bounces import FAINTEST, N_SURFACE, Surfaces
from physics.constants import MACHINE_SPEED_M_S
from physics.echo_grid import IMPULSE, write_piece
from physics.kernel import inner_kernel, kernel
from physics.medium import Slice
from physics.parallel import run_split
from physics.rays import Way
from physics.slice_thickness import N_SLOPE, SLOPE_STEP
from physics.survey import MAX_REGIONS, Survey, split_cell

_BUNDLE_M = 0.4e-3
"""Distance across over which neighbouring fibres wander together."""
_APPARENT_M = 0.3e-3
"""Beam width for which `fibrous_per_m_sr` is the apparent backscatter, i.e. that of point
scatterers as bright: measured for F/2, 10 MHz, fibres of 2 mm (tests/test_physics_speckle).
Fibres longer than the beam is wide fill it coherently, so the width goes as 1 / f."""
_APPARENT_HZ = 10e6
TABULATED_HZ = 7e6
_ROUGH_M = 0.1e-3
_LARGEST = 2.4
"""No `_hash` is larger."""
_JITTER = 0.2 * _LARGEST
"""Farthest that a septum lies from its even place, in spacings."""
_N_ALONG, _N_ACROSS = grain.N_ALONG, grain.N_ACROSS
_ALONG_MASK, _ACROSS_MASK, _ROW = _N_ALONG - 1, _N_ACROSS - 1, _N_ACROSS + 1
_STRIP_M = 0.8e-3
"""Width of a septum beside the fibres: about that of a bundle of muscle (chosen for teaching)."""
_FAR_M = 10.0
"""Added to coordinates so that cutting off decimals always rounds down."""
_SILENT = 1e-5
"""Two-way amplitude left of the lowest frequency below which echoes are lost in noise."""
_APART = 3
"""Neighbouring rays that begin farther apart than this, in steps, have nothing between them."""
_WIDEST_M = 0.5e-3
"""Longest piece of a sheet in one column; steeper ones are fainter than they should be."""


def synthesise_echoes(
    medium: Slice,
    found: Survey,
    way: Way,
    *,
    column_m: np.ndarray,
    range_step_m: float,
    n_range: int,
    carrier_hz: float,
    sheet_gain: np.ndarray,
    plane_weight: np.ndarray,
    lean_gain: np.ndarray,
    seed: int,
    slant: np.ndarray | None = None,
    spread: np.ndarray | None = None,
) -> tuple[np.ndarray, Surfaces]:
    """Echo grid of one slice: float32 [n_column, n_range], and the surfaces in it.

    column_m : float64 [n_column], lateral positions, evenly spaced.
    sheet_gain : float32 [n_z], by depth of the slice's grid: coherent over incoherent
        elevation weight, m^0.5 (a sheet across the plane adds up in amplitude).
    plane_weight, lean_gain : of physics.slice_thickness, by region (and last, for surfaces).
    slant : float64 [n_column], sine of the columns' angle to the face's normal (None: 0). Echoes
        are heard along wavefronts, which are then not parallel to the face.
    spread : float64 [n_z], distance of neighbouring columns over that at the face (None: 1).
    """
    t = medium.tissues
    regions = medium.region_tissue
    du = float(column_m[1] - column_m[0])
    # strengths at the carrier frequency; physics.rays carries them to the others
    factor = medium.region_backscatter * (carrier_hz / TABULATED_HZ) ** t.backscatter_power[regions]
    fibre_m = np.maximum(t.fibre_length_m[regions], 0.1e-3)
    slowness = MACHINE_SPEED_M_S / t.speed_m_s[regions]
    area = du * range_step_m / slowness  # of tissue, in one sample of one column
    sheet = carrier_hz / MACHINE_SPEED_M_S * du  # k / (2 pi) x column width
    apparent_m = _APPARENT_M * _APPARENT_HZ / carrier_hz
    diffuse = t.diffuse_per_m_sr[regions] * factor / (grain.ALONG_M * grain.ACROSS_M)
    fibrous = t.fibrous_per_m_sr[regions] * factor / (apparent_m * grain.ACROSS_M)
    texture = np.empty((regions.size, 14), np.float32)
    texture[:, 0] = np.sqrt(diffuse) * area * grain.QUANTUM
    texture[:, 1] = np.sqrt(fibrous) * area * grain.QUANTUM
    texture[:, 2] = grain.PER_FIBRE / fibre_m
    texture[:, 3] = t.fibre_wave_m[regions]
    texture[:, 4] = np.maximum(t.fibre_wave_length_m[regions], 0.1e-3)
    texture[:, 5] = t.septum_spacing_m[regions]
    texture[:, 6] = np.maximum(t.septum_length_m[regions], 0.1e-3)
    texture[:, 7] = t.septum_reflection[regions] * sheet
    texture[:, 8] = t.impedance_rayl[regions]
    texture[:, 9] = t.roughness_m[regions]
    texture[:, 10] = sheet
    texture[:, 11] = slowness
    texture[:, 12] = range_step_m / (slowness * medium.dz_m)  # of a cell, in one sample
    texture[:, 13] = fibre_m
    tiles = grain.texture_tiles(seed, 0.5 / range_step_m)
    seeds = medium.region_seed.astype(np.int64) + 1000 * seed
    waves = np.zeros(found.region.shape, np.float32)
    run_split(
        _bend_fibres, found.region.shape[0], found.region, medium.along_m, medium.across_m,
        medium.beside_m, medium.region_frame, seeds, texture, waves,
    )  # fmt: skip
    out = np.empty((column_m.size, n_range), np.float32)
    surfaces = Surfaces(column_m.size)
    ahead = np.zeros(column_m.size) if slant is None else du * slant
    loss, sparse = np.empty_like(way.log_loss), np.ones((2, sheet_gain.size), np.float32)
    run_split(lambda a, b: np.exp(way.log_loss[a:b], out=loss[a:b]), len(loss))
    if spread is not None:
        loss *= spread.astype(np.float32)
        folded = grain.folded_power(du * spread)
        sparse = np.stack([1 / np.sqrt(folded), 1 / spread]).astype(np.float32)
    run_split(
        _fill_columns,
        column_m.size,
        medium.distance_m,
        found.region,
        found.lowest,
        found.highest,
        found.plain,
        loss,
        medium.along_m,
        medium.across_m,
        medium.region_frame,
        waves,
        seeds,
        texture,
        tiles.diffuse.ravel(),
        tiles.fibrous.ravel(),
        sheet_gain,
        IMPULSE,
        ((column_m - medium.x0_m) / medium.dx_m),
        du / medium.dx_m,
        ahead,
        sparse,
        1.0 / range_step_m,
        medium.dx_m,
        medium.dz_m,
        2.0 * (2.0 * math.pi * carrier_hz / MACHINE_SPEED_M_S) ** 2,
        way.begin,
        way.apparent_m,
        medium.plane_region,
        found.thick,
        plane_weight,
        medium.beside_m,
        medium.fibre_lean,
        medium.surface_lean,
        lean_gain,
        surfaces.count,
        surfaces.place,
        out,
    )
    if slant is not None:  # the columns' width across the beam
        out *= np.sqrt(1 - slant**2).astype(np.float32)[:, None]
    return out, surfaces


@inner_kernel
def _hash(a, b, seed):
    """A number of mean 0, variance 1 and kurtosis 3 in -2.4..2.4 that belongs to the place (a, b).

    A uniform one, bent by a cubic until sums of few are as Gaussian as speckle needs.
    """
    h = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15)
    h ^= np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(seed) * np.uint64(
        0x165667B19E3779F9
    )
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    u = np.float32(np.int64(h >> np.uint64(40))) * np.float32(2.0648e-7) - np.float32(1.7320508)
    return u * (np.float32(0.35094) + np.float32(0.34036) * u * u)


@inner_kernel
def _strength(row, position, seed):
    """Strength of a row at `position` (> 0, in node spacings): unit-variance nodes joined by
    lines. Each row has its nodes elsewhere (by the golden ratio), so that no pattern runs
    across rows."""
    position += 0.6180339887 * (row & 1023)
    i = np.int64(position)
    w = np.float32(position - i)
    a = _hash(row, i, seed)
    return a + w * (_hash(row, i + 1, seed) - a)


@kernel
def _wander(along, across, amplitude, length, seed):
    """Smooth sideways displacement of fibres: a lattice of random values, joined linearly."""
    p = along / length
    q = across / _BUNDLE_M
    i, j = math.floor(p), math.floor(q)
    u, v = p - i, q - j
    u = u * u * (3.0 - 2.0 * u)
    i, j = np.int64(i), np.int64(j)
    top = _hash(i, j, seed) * (1.0 - u) + _hash(i + 1, j, seed) * u
    low = _hash(i, j + 1, seed) * (1.0 - u) + _hash(i + 1, j + 1, seed) * u
    return amplitude * 0.57735 * (top + v * (low - top))


@kernel
def _bend_fibres(first, last, region, along, across, beside, frame, seeds, texture, waves):
    """Sideways displacement of the fibres at the grid's points, by the uppermost region. Beside
    each other they wander over the same length as along."""
    for i in range(first, last):
        for j in range(region.shape[1]):
            here = region[i, j]
            k = texture[here]
            if k[3] > 0.0:
                f = frame[here]
                place = along[f, i, j]
                if len(beside) > 0:
                    place += beside[f, i, j]
                waves[i, j] = _wander(place, across[f, i, j], k[3], k[4], seeds[here] + 11)


@inner_kernel
def _fixed(position):
    """A position in values of a tile as a fixed-point number: whole part times 65536."""
    return np.int64(math.floor(position * 65536.0))


@kernel
def _add_texture(line, first, n, along, along_step, across, across_step, gain, gain_step, tile):
    """Add gain x texture to samples first .. first + n - 1 of one column.

    along, across : place of the first sample, in values of the tile; *_step to the next one.
    tile : int8 [(N_ALONG + 1) * (N_ACROSS + 1)]. Fixed-point places: a third faster.
    """
    a, a_step = _fixed(along), np.int64(along_step * 65536.0)
    c, c_step = _fixed(across), np.int64(across_step * 65536.0)
    strength, strength_step = np.float32(gain), np.float32(gain_step)
    part = np.float32(1 / 65536)
    out = line[first : first + n]
    for q in range(n):
        u, v = np.float32(a & 65535) * part, np.float32(c & 65535) * part
        o = ((a >> 16) & _ALONG_MASK) * _ROW + ((c >> 16) & _ACROSS_MASK)
        t0, t1 = np.float32(tile[o]), np.float32(tile[o + 1])
        t2, t3 = np.float32(tile[o + _ROW]), np.float32(tile[o + _ROW + 1])
        upper, lower = t0 + v * (t1 - t0), t2 + v * (t3 - t2)
        out[q] += strength * (upper + u * (lower - upper))
        a += a_step
        c += c_step
        strength += strength_step


@inner_kernel
def _slope_index(slope):
    """Row of the table of slopes across the plane (physics.slice_thickness)."""
    return min(int(abs(slope) * (1.0 / SLOPE_STEP) + 0.5), N_SLOPE - 1)


@inner_kernel
def _ends(field, f, i, j, w):
    """Field f at the upper and lower end of one cell, at the place w between two rays."""
    top = field[f, i, j] + w * (field[f, i + 1, j] - field[f, i, j])
    return top, field[f, i, j + 1] + w * (field[f, i + 1, j + 1] - field[f, i, j + 1])


@inner_kernel
def _place(along, across, waves, f, i, j, w, wanders):
    """Place along and across the fibres at a cell's two ends: s, s, n, n."""
    sa, sb = _ends(along, f, i, j, w)
    na, nb = _ends(across, f, i, j, w)
    if wanders:
        na += waves[i, j] + w * (waves[i + 1, j] - waves[i, j])
        nb += waves[i, j + 1] + w * (waves[i + 1, j + 1] - waves[i, j + 1])
    return sa, sb, na, nb


@inner_kernel
def _layer(beside, f, i, j, w, thick_m):
    """Which layer beside the fibres a cell lies in; 0 where there is no such coordinate."""
    if len(beside) == 0:
        return np.int64(0)
    place = beside[f, i, j] + w * (beside[f, i + 1, j] - beside[f, i, j])
    return np.int64(math.floor(place * (1.0 / thick_m)))


@inner_kernel
def _moved_by(layer):
    """Values of the tile by which a layer's grain is moved: none for the one at 0, and no even step
    from one to the next, or rows would run across a plane that cuts the layers."""
    h = np.uint64(layer) * np.uint64(0x9E3779B97F4A7C15)
    h ^= h >> np.uint64(32)
    h *= np.uint64(0xD6E8FEB86659FD93)
    return np.int64(h >> np.uint64(40)) & 0x7FF


@inner_kernel
def _share(plane_region, plane_weight, q, i, j, here):
    """Region at height q, and the amplitude of all heights that have it; 0 if one before q has it.

    here : region in the image plane, which may be cut within the cell.
    """
    middle = plane_region.shape[0] // 2
    there = np.int32(here if q == middle else plane_region[q, i, j])
    power = np.float32(0.0)
    for p in range(plane_region.shape[0]):
        if (here if p == middle else plane_region[p, i, j]) == there:
            if p < q:
                return there, np.float32(0.0)
            power += plane_weight[p, j] * plane_weight[p, j]
    return there, np.float32(math.sqrt(power))


@inner_kernel
def _gain_across(along, f, i, j, dx, dz, fibre_m, sheet_gain):
    """Amplitude of fibres by how far they run across the image plane.

    Along it they fill the beam's width, and their layers beside each other add up in energy.
    Across it (q = 1) they fill the beam's height, int p^2 dy, as far as they are long, and what
    the grid has for one layer stands for its thickness.
    """
    t_x = (along[f, i + 1, j] - along[f, i, j]) / dx
    t_z = (along[f, i, j + 1] - along[f, i, j]) / dz
    square = max(1.0 - t_x * t_x - t_z * t_z, 0.0)
    q = square / max(t_x * t_x + square, 1e-6)
    filled = min(sheet_gain * sheet_gain, fibre_m)
    return np.float32(math.sqrt(1.0 - q + q * filled * (1.0 / grain.LAYER_M)))


@inner_kernel
def _write_septa(
    line, across, f, i, j, ends, k, seed, strip, t0, t1, z0, z1, l0, l1, column_width, ahead_m,
    per_step, gain, impulse,
):  # fmt: skip
    """Septa between t0 and t1 of one cell (0..1 of its depth), in one column.

    strip : which of the strips beside each other, each with strengths of its own."""
    sa, sb, na, nb = ends
    cell_n = nb - na
    n0, n1 = na + t0 * cell_n, na + t1 * cell_n
    low, high = min(n0, n1), max(n0, n1)
    m = np.int64(math.ceil(low / k[5] - _JITTER))
    m_last = np.int64(math.floor(high / k[5] + _JITTER))
    if m > m_last or abs(cell_n) < 1e-9:
        return
    sheer = 0.5 * (
        across[f, i + 1, j] - across[f, i, j] + across[f, i + 1, j + 1] - across[f, i, j + 1]
    )
    # range that one septum covers inside this column
    spread = min(abs((z1 - z0) * column_width * sheer / cell_n - ahead_m), _WIDEST_M)
    while m <= m_last:
        place = (m + _JITTER / _LARGEST * _hash(m, np.int64(3), seed + 5)) * k[5]
        if low < place <= high:
            t = (place - na) / cell_n
            s = sa + t * (sb - sa)
            strength = _strength(m, (s + _FAR_M) / k[6], seed + 6 + 7919 * strip)
            if strength > 0.0:
                echo = np.float64(strength * k[7] * gain * (l0 + t * (l1 - l0)))
                at = (z0 + t * (z1 - z0)) * per_step
                write_piece(line, at, spread * per_step, echo, impulse)
        m += 1


@inner_kernel
def _write_texture(
    line, ends, k, away, q0, n, t, dt, lost, dlost, upright, sparse, diffuse, fibrous
):
    """Texture of one tissue in samples q0 .. q0 + n - 1, which lie at t, t + dt, ... of the cell.

    away : values of the tile by which this region is moved, so that no two look alike.
    upright : what fibres keep that lean across the image plane. sparse : on diffuse texture.
    """
    sa, sb, na, nb = ends
    s, ds = sa + t * (sb - sa), dt * (sb - sa)
    m = (na + t * (nb - na)) * (1.0 / grain.ACROSS_M) + away
    dm = dt * (nb - na) * (1.0 / grain.ACROSS_M)
    if k[0] > 0.0:
        gain = k[0] * sparse
        _add_texture(
            line, q0, n, s * (1.0 / grain.ALONG_M), ds * (1.0 / grain.ALONG_M), m, dm,
            gain * lost, gain * dlost, diffuse,
        )  # fmt: skip
    if k[1] > 0.0:
        gain = k[1] * upright
        scale = np.float64(k[2])
        _add_texture(line, q0, n, s * scale, ds * scale, m, dm, gain * lost, gain * dlost, fibrous)


@inner_kernel
def _loss_on_this_side(region, loss, i, j, w, here, otherwise):
    """Mean of the loss at those corners of a cell that lie in region `here`."""
    total, weight = np.float32(0.0), np.float32(0.0)
    for a in range(2):
        share = w if a == 1 else np.float32(1.0) - w
        for b in range(2):
            if region[i + a, j + b] == here:
                total += share * loss[i + a, j + b]
                weight += share
    return total / weight if weight > 0.05 else otherwise


@kernel
def _fill_columns(
    first, last, distance, region, lowest, highest, plain, loss, along, across, frame, waves, seeds,
    texture, diffuse, fibrous, sheet_gain, impulse, column_x, column_width, ahead_m, sparse,
    per_step, dx, dz, rough_loss, begin, apparent, plane_region, thick, plane_weight, beside,
    fibre_lean, surface_lean, lean_gain, count, surface, out,
):  # fmt: skip
    """Columns first..last. Down each column, cell by cell, part by part: first the
    boundary that opens the part, then septa and texture. Travel time is added up on the
    way."""
    n_region, n_x, n_z = distance.shape
    n_range, n_plane = out.shape[1], plane_region.shape[0]
    above = np.empty(n_region, np.float32)
    below = np.empty(n_region, np.float32)
    starts = np.empty(MAX_REGIONS + 2, np.float32)
    parts = np.empty(MAX_REGIONS + 2, np.int32)
    for c in range(first, last):
        x = min(max(column_x[c], 0.0), n_x - 1.001)
        i = int(x)
        w = np.float32(x - i)
        line = out[c]
        line[:] = 0.0
        previous = np.int32(-1)
        top = max(begin[i], begin[i + 1])
        if top > min(begin[i], begin[i + 1]) + _APART or top >= n_z - 1:
            continue
        # apparent range so far: exact in every column, or slopes would glitter
        ahead = apparent[i, top] + w * (apparent[i + 1, top] - apparent[i, top])
        for j in range(top, n_z - 1):
            l0 = loss[i, j] + w * (loss[i + 1, j] - loss[i, j])
            l1 = loss[i, j + 1] + w * (loss[i + 1, j + 1] - loss[i, j + 1])
            if j == top:
                l_above = l0
            low, high = lowest[i, j], highest[i, j]
            is_plain = plain[i, j] and plain[i + 1, j]
            starts[0], starts[1] = 0.0, 1.0
            parts[0] = low
            n_part = 1
            is_cut = False
            for r in range(low + 1, high + 1):
                above[r] = distance[r, i, j] + w * (distance[r, i + 1, j] - distance[r, i, j])
                below[r] = distance[r, i, j + 1] + w * (
                    distance[r, i + 1, j + 1] - distance[r, i, j + 1]
                )
                if below[r] < 0.0:
                    parts[0] = r
                is_cut |= (above[r] < 0.0) != (below[r] < 0.0)
            if is_cut:
                n_part = split_cell(above, below, low, high, starts, parts)
            for p in range(n_part):
                here = parts[p]
                t0, t1 = starts[p], starts[p + 1]
                k = texture[here]
                if not is_plain:
                    # beside a boundary: as it is on this side, not dimmed by passing it
                    l0 = l1 = _loss_on_this_side(region, loss, i, j, w, here, l_above)
                # apparent range at the cell's two ends, were it all of this tissue
                z0 = ahead - t0 * dz * k[11]
                z1 = z0 + dz * k[11]
                opens = ahead
                ahead += (t1 - t0) * dz * k[11]
                f = frame[here]
                seed = seeds[here]
                if here != previous:
                    if previous >= 0:
                        was = texture[previous]
                        reflection = (k[8] - was[8]) / (k[8] + was[8])
                        rough = max(k[9], was[9])
                        zeta = opens
                        if rough > 0.0:
                            s = along[0, i, j] + w * (along[0, i + 1, j] - along[0, i, j])
                            zeta += rough * _strength(np.int64(1), (s + _FAR_M) / _ROUGH_M, seed)
                        # slope of the surface from the distance that changed sign
                        r = max(here, previous)
                        gx = 0.5 * (
                            distance[r, i + 1, j] - distance[r, i, j]
                            + distance[r, i + 1, j + 1] - distance[r, i, j + 1]
                        )  # fmt: skip
                        gz = (distance[r, i, j + 1] - distance[r, i, j]) * (1.0 - w) + (
                            distance[r, i + 1, j + 1] - distance[r, i + 1, j]
                        ) * w
                        slower = max(k[11], was[11])
                        spread = slower * dz * column_width * gx / max(abs(gz), 1e-9)
                        # two steps up no sub-beam has passed the surface yet
                        up = max(j - 2, top)
                        clear = loss[i, up] + w * (loss[i + 1, up] - loss[i, up])
                        left = max(l_above, clear)
                        square = np.float32(1.0)
                        if len(surface_lean) > 0:
                            leaning = surface_lean[frame[max(here, previous)], i, j]
                            square = lean_gain[n_region, _slope_index(leaning), j]
                        slope = -spread if gz > 0.0 else spread
                        write_piece(
                            line, zeta * per_step,
                            min(abs(slope + ahead_m[c]), _WIDEST_M) * per_step,
                            np.float64(reflection * k[10] * left * square
                                       * sheet_gain[min(int(zeta / dz), n_z - 1)]), impulse,
                        )  # fmt: skip
                        n = count[c]
                        # what a rough surface reflects as a mirror would
                        reflection *= math.exp(-rough_loss * rough * rough)
                        if abs(reflection) > FAINTEST and n < N_SURFACE:
                            surface[c, n, 0], surface[c, n, 1] = zeta, reflection
                            surface[c, n, 2], surface[c, n, 4] = left * sparse[1, j], square
                            surface[c, n, 3] = slope
                            count[c] = n + 1
                    previous = here
                l_above = l1
                is_thick = n_plane > 0 and thick[i, j]
                if l0 < _SILENT or (k[0] == 0.0 and k[1] == 0.0 and k[5] == 0.0 and not is_thick):
                    continue
                ends = _place(along, across, waves, f, i, j, w, k[3] > 0.0)
                if k[5] > 0.0:
                    upright = sheet_gain[j]
                    if len(surface_lean) > 0:
                        upright *= lean_gain[here, _slope_index(surface_lean[f, i, j]), j]
                    strip = _layer(beside, f, i, j, w, _STRIP_M)
                    _write_septa(
                        line, across, f, i, j, ends, k, seed, strip, t0, t1, z0, z1, l0, l1,
                        column_width, ahead_m[c], per_step, upright, impulse,
                    )  # fmt: skip
                # samples beyond `opens`, up to `ahead`
                q0 = int(opens * per_step) + 1
                n = min(int(ahead * per_step) + 1, n_range) - q0
                if n <= 0:
                    continue
                dt = k[12]
                t = (q0 - z0 * per_step) * dt
                lost, dlost = l0 + t * (l1 - l0), dt * (l1 - l0)
                for q in range(n_plane if is_thick else 1):
                    there, share = here, np.float32(1.0)
                    if is_thick:  # all planes of one region at once
                        there, share = _share(plane_region, plane_weight, q, i, j, here)
                        if share == 0.0:
                            continue
                    kind, of = texture[there], frame[there]
                    if kind[0] == 0.0 and kind[1] == 0.0:
                        continue
                    seen = ends
                    if there != here:
                        seen = _place(along, across, waves, of, i, j, w, kind[3] > 0.0)
                    upright = np.float32(1.0)
                    if len(fibre_lean) > 0:
                        upright = lean_gain[there, _slope_index(fibre_lean[of, i, j]), j]
                    if len(beside) > 0 and kind[1] > 0.0:
                        upright *= _gain_across(along, of, i, j, dx, dz, kind[13], sheet_gain[j])
                    # other grains in each layer beside
                    layer = _layer(beside, of, i, j, w, grain.LAYER_M)
                    away = (seeds[there] + _moved_by(layer)) & 0x7FF
                    _write_texture(
                        line, seen, kind, away, q0, n, t, dt, share * lost, share * dlost, upright,
                        sparse[0, j], diffuse, fibrous,
                    )  # fmt: skip
