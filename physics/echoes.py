"""The echoes of the medium, at fixed places in the tissue, on a fine (column, range) grid.

Every echo is written at its exact apparent range: the carrier phase exp(-j 4 pi f zeta / c0)
is that of the echo, not of the grid, and the amplitude is shared by the two nearest
samples. What is bright and what is dark follows from the sum through the beam.

Texture is drawn in *material* coordinates (along, across), from a hash of place, so that
it moves with the tissue. It is made of rows: lines across = constant, each with random
strength that keeps its value over a length. Over 0.1 mm, a row is a row of point
scatterers; over 1-2 mm it is a fibre, whose echo the beam hears only when it meets it
squarely. Septa are sparse rows with the reflection of a thin sheet. Boundaries are sheets
with the reflection of the impedance step, R = (Z2 - Z1) / (Z2 + Z1).

Units: a scatterer's echo is (b p^2) and a sheet's (k / 2 pi) R int p^2 dA
(facts: docs/model.md, "One scale for speckle and mirrors"), with the beam's pressure p
of physics.beams times the elevation weights of physics.elevation.
"""

import math

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import inner_kernel, kernel
from physics.medium import Slice
from physics.parallel import run_split
from physics.rays import Rays
from physics.survey import MAX_REGIONS, Survey, split_cell

ROW_M = 24e-6
"""Mean distance between texture rows, each somewhere within its own strip."""
_GRAIN_M = 0.07e-3
"""Length over which a diffuse row keeps its strength: well inside any beam."""
_STRIP_M = 0.3e-3
"""Length over which a diffuse row wanders once through its strip."""
_BUNDLE_M = 0.4e-3
"""Distance across over which neighbouring fibres wander together."""
_APPARENT_M = 0.3e-3
"""Beam width for which `fibrous_per_m_sr` is the apparent backscatter, i.e. that of point
scatterers as bright: measured for F/2, 10 MHz, fibres of 2 mm (tests/test_physics_anisotropy).
Fibres longer than the beam is wide fill it coherently, so the width goes as 1 / f."""
_APPARENT_HZ = 10e6
TABULATED_HZ = 7e6
_ROUGH_M = 0.1e-3
_FAR_M = 10.0
_FAR_ROWS = 1_000_000
"""Added to coordinates and row numbers so that cutting off decimals always rounds down."""
_N_CARRIER = 2048
_SILENT = 1e-5
"""Two-way amplitude left of the lowest frequency below which echoes are lost in noise."""
_MAX_STRETCH = 3.0
"""Largest length of a row inside one column, in column widths: rows within 20 degrees of the
beam are fainter than they should be."""


def synthesise_echoes(
    medium: Slice,
    found: Survey,
    rays: Rays,
    *,
    column_m: np.ndarray,
    range_step_m: float,
    n_range: int,
    carrier_hz: float,
    sheet_gain: np.ndarray,
    seed: int,
) -> np.ndarray:
    """Echo grid of one slice: complex64 [n_column, n_range].

    column_m : float64 [n_column], lateral positions, evenly spaced.
    sheet_gain : float32 [n_z], by depth of the slice's grid: coherent over incoherent
        elevation weight, m^0.5 (a sheet across the plane adds up in amplitude).
    """
    t = medium.tissues
    regions = medium.region_tissue
    du = float(column_m[1] - column_m[0])
    # strengths at the carrier frequency; physics.rays carries them to the others
    factor = medium.region_backscatter * (carrier_hz / TABULATED_HZ) ** t.backscatter_power[regions]
    apparent_m = _APPARENT_M * _APPARENT_HZ / carrier_hz
    texture = np.empty((regions.size, 12), np.float32)
    texture[:, 0] = np.sqrt(t.diffuse_per_m_sr[regions] * factor * ROW_M / _white_length(du)) * du
    texture[:, 1] = np.sqrt(t.fibrous_per_m_sr[regions] * factor * ROW_M / apparent_m) * du
    texture[:, 2] = np.maximum(t.fibre_length_m[regions], _GRAIN_M)
    texture[:, 3] = t.fibre_wave_m[regions]
    texture[:, 4] = np.maximum(t.fibre_wave_length_m[regions], 0.1e-3)
    texture[:, 5] = t.septum_spacing_m[regions]
    texture[:, 6] = np.maximum(t.septum_length_m[regions], 0.1e-3)
    sheet = carrier_hz / MACHINE_SPEED_M_S * du  # k / (2 pi) x column width
    texture[:, 7] = t.septum_reflection[regions] * sheet
    texture[:, 8] = t.impedance_rayl[regions]
    texture[:, 9] = t.roughness_m[regions]
    texture[:, 10] = sheet
    texture[:, 11] = MACHINE_SPEED_M_S / t.speed_m_s[regions]
    turn = np.arange(_N_CARRIER) * (2 * np.pi / _N_CARRIER)
    carrier = np.stack([np.cos(turn), -np.sin(turn)]).astype(np.float32)
    out = np.empty((column_m.size, n_range), np.complex64)
    run_split(
        _fill_columns,
        column_m.size,
        medium.distance_m,
        found.region,
        found.plain,
        np.exp(rays.depth_log_loss),
        medium.along_m,
        medium.across_m,
        medium.region_frame,
        medium.region_seed.astype(np.int64) + 1000 * seed,
        texture,
        sheet_gain,
        carrier,
        ((column_m - medium.x0_m) / medium.dx_m),
        du / medium.dx_m,
        2.0 * carrier_hz / MACHINE_SPEED_M_S,
        1.0 / range_step_m,
        medium.dz_m,
        out,
    )
    return out


def _white_length(du: float) -> float:
    """Power density at zero lateral frequency of a diffuse row seen at columns `du` apart, m:
    that of random nodes joined by lines, L sinc(L kappa)^4, with its aliases."""
    kappa = np.arange(-4, 5) / du
    return float((_GRAIN_M * np.sinc(_GRAIN_M * kappa) ** 4).sum())


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


@inner_kernel
def _write(real, imag, zeta, amplitude, cycles, per_step, carrier):
    """Add one echo at apparent range `zeta`, shared by the two nearest samples."""
    g = zeta * per_step
    j = int(g)
    if g < 0.0 or j >= real.size - 1:
        return
    w = np.float32(g - j)
    turn = zeta * cycles
    m = int((turn - int(turn)) * _N_CARRIER)
    c_r, c_i = amplitude * carrier[0, m], amplitude * carrier[1, m]
    real[j] += c_r * (np.float32(1.0) - w)
    real[j + 1] += c_r * w
    imag[j] += c_i * (np.float32(1.0) - w)
    imag[j + 1] += c_i * w


@kernel
def _write_sloping(real, imag, zeta, spread, amplitude, cycles, per_step, carrier):
    """Add a piece of a sheet that covers `spread` of range within this column.

    A steep sheet must be drawn as long as it is, or its echoes in neighbouring columns
    would alias into brightness. Pieces of 1/12 cycle.
    """
    n = int(spread * cycles * 6.0) + 1
    if n > 64:
        n = 64
    part = amplitude / n
    for p in range(n):
        _write(real, imag, zeta + ((p + 0.5) / n - 0.5) * spread, part, cycles, per_step, carrier)


@kernel
def _fill_columns(
    first, last, distance, region, plain, loss, along, across, frame, seeds, texture,
    sheet_gain, carrier, column_x, column_width, cycles, per_step, dz, out,
):  # fmt: skip
    """Columns first..last. Down each column, cell by cell, part by part: first the
    boundary that opens the part, then the rows of texture that cross it. Travel time is
    added up on the way."""
    n_region, n_x, n_z = distance.shape
    above = np.empty(n_region, np.float32)
    below = np.empty(n_region, np.float32)
    starts = np.empty(MAX_REGIONS + 2, np.float32)
    parts = np.empty(MAX_REGIONS + 2, np.int32)
    real = np.empty(out.shape[1], np.float32)
    imag = np.empty(out.shape[1], np.float32)
    for c in range(first, last):
        x = min(max(column_x[c], 0.0), n_x - 1.001)
        i = int(x)
        w = np.float32(x - i)
        column = out[c]
        real[:] = 0.0
        imag[:] = 0.0
        previous = np.int32(-1)
        ahead = 0.0  # apparent range so far: exact in every column, or slopes would glitter
        for j in range(n_z - 1):
            l0 = loss[i, j] + w * (loss[i + 1, j] - loss[i, j])
            l1 = loss[i, j + 1] + w * (loss[i + 1, j + 1] - loss[i, j + 1])
            is_plain = plain[i, j] and plain[i + 1, j]
            if is_plain:
                starts[0], starts[1] = 0.0, 1.0
                parts[0] = region[i, j]
                n_part = 1
            else:
                for r in range(n_region):
                    above[r] = distance[r, i, j] + w * (distance[r, i + 1, j] - distance[r, i, j])
                    below[r] = distance[r, i, j + 1] + w * (
                        distance[r, i + 1, j + 1] - distance[r, i, j + 1]
                    )
                n_part = split_cell(above, below, starts, parts)
            for p in range(n_part):
                here = parts[p]
                t0, t1 = starts[p], starts[p + 1]
                k = texture[here]
                # apparent range at the cell's two ends, were it all of this tissue
                z0 = ahead - t0 * dz * k[11]
                z1 = z0 + dz * k[11]
                ahead += (t1 - t0) * dz * k[11]
                f = frame[here]
                seed = seeds[here]
                if here != previous:
                    if previous >= 0:
                        was = texture[previous]
                        reflection = (k[8] - was[8]) / (k[8] + was[8])
                        rough = max(k[9], was[9])
                        zeta = ahead - (t1 - t0) * dz * k[11]
                        if rough > 0.0:
                            s = along[0, i, j] + w * (along[0, i + 1, j] - along[0, i, j])
                            zeta += rough * _strength(np.int64(1), (s + _FAR_M) / _ROUGH_M, seed)
                        # slope of the surface from the distance that changed sign
                        r = max(here, previous)
                        gx = 0.5 * (
                            distance[r, i + 1, j] - distance[r, i, j]
                            + distance[r, i + 1, j + 1] - distance[r, i, j + 1]
                        )  # fmt: skip
                        gz = abs(
                            (distance[r, i, j + 1] - distance[r, i, j]) * (1.0 - w)
                            + (distance[r, i + 1, j + 1] - distance[r, i + 1, j]) * w
                        )
                        slower = max(k[11], was[11])
                        spread = slower * dz * column_width * abs(gx) / max(gz, 1e-9)
                        gain = sheet_gain[j] * k[10] * l0  # not dimmed by what is lost behind it
                        _write_sloping(
                            real, imag, zeta, min(spread, 5e-4), np.float64(reflection * gain),
                            cycles, per_step, carrier,
                        )  # fmt: skip
                    previous = here
                if (k[0] == 0.0 and k[1] == 0.0 and k[5] == 0.0) or l0 < _SILENT:
                    continue
                # material coordinates at the two ends of this part
                sa = along[f, i, j] + w * (along[f, i + 1, j] - along[f, i, j])
                sb = along[f, i, j + 1] + w * (along[f, i + 1, j + 1] - along[f, i, j + 1])
                na = across[f, i, j] + w * (across[f, i + 1, j] - across[f, i, j])
                nb = across[f, i, j + 1] + w * (across[f, i + 1, j + 1] - across[f, i, j + 1])
                sheer = 0.5 * (
                    across[f, i + 1, j] - across[f, i, j]
                    + across[f, i + 1, j + 1] - across[f, i, j + 1]
                )  # fmt: skip
                if k[3] > 0.0:
                    na += _wander(sa, na, k[3], k[4], seed + 11)
                    nb += _wander(sb, nb, k[3], k[4], seed + 11)
                cell_n = nb - na
                if abs(cell_n) < 1e-9:
                    continue
                # range that one row covers inside this column
                spread = min(abs((z1 - z0) * column_width * sheer / cell_n), 5e-4)
                n0, n1 = na + t0 * cell_n, na + t1 * cell_n
                low, high = min(n0, n1), max(n0, n1)
                if k[5] > 0.0:
                    m = np.int64(math.floor(low / k[5])) - 1
                    m_last = np.int64(math.floor(high / k[5])) + 1
                    while m <= m_last:
                        place = (m + 0.2 * _hash(m, np.int64(3), seed + 5)) * k[5]
                        if low < place <= high:
                            t = (place - na) / cell_n
                            s = sa + t * (sb - sa)
                            strength = _strength(m, (s + _FAR_M) / k[6], seed + 6)
                            if strength > 0.0:
                                strength *= k[7] * sheet_gain[j] * (l0 + t * (l1 - l0))
                                _write_sloping(
                                    real, imag, z0 + t * (z1 - z0), spread, np.float64(strength),
                                    cycles, per_step, carrier,
                                )  # fmt: skip
                        m += 1
                if k[0] == 0.0 and k[1] == 0.0:
                    continue
                _write_rows(
                    real, imag, na, cell_n, low, high, sa, sb, z0, z1, l0, l1, spread, k, seed,
                    min(dz / abs(cell_n), _MAX_STRETCH), cycles, per_step, carrier,
                )  # fmt: skip
        for q in range(real.size):
            column[q] = complex(real[q], imag[q])


@kernel
def _write_rows(
    real, imag, na, cell_n, low, high, sa, sb, z0, z1, l0, l1, spread, k, seed, stretch,
    cycles, per_step, carrier,
):  # fmt: skip
    """Rows of texture with low < across <= high in one cell of one column.

    Rows lie in even strips, so along, range and loss go in even steps too. Within its strip
    each row lies elsewhere (multiples of irrational numbers, evenly spread), or the even
    spacing would fold the spectrum over; a diffuse row also wanders through its strip.
    stretch : length of a row inside this column, in column widths.
    """
    row = np.int64(math.floor(low / ROW_M)) + 1
    n = np.int64(math.floor(high / ROW_M)) - row + 1
    if n <= 0:
        return
    dt = ROW_M / cell_n
    t = (row * ROW_M - na) / cell_n
    s, ds = sa + t * (sb - sa) + _FAR_M, dt * (sb - sa)
    zeta, dzeta = z0 + t * (z1 - z0), dt * (z1 - z0)
    lost, dlost = (l0 + t * (l1 - l0)) * stretch, dt * (l1 - l0) * stretch
    per_grain, per_fibre, per_strip = 1.0 / _GRAIN_M, 1.0 / k[2], 1.0 / _STRIP_M
    steep = spread * cycles >= 0.17
    for _ in range(n):
        if k[0] > 0.0:
            place = (row + _FAR_ROWS) * 0.7548776662 + s * per_strip
            place -= np.int64(place) + 0.5
            value = np.float32(lost * k[0] * _strength(row, s * per_grain, seed + 1))
            _write(real, imag, zeta + place * dzeta, value, cycles, per_step, carrier)
        if k[1] > 0.0:
            place = (row + _FAR_ROWS) * 0.5698402910
            place -= np.int64(place) + 0.5
            value = np.float32(lost * k[1] * _strength(row, s * per_fibre, seed + 2))
            z = zeta + place * dzeta
            if steep:
                _write_sloping(real, imag, z, spread, np.float64(value), cycles, per_step, carrier)
            else:
                _write(real, imag, z, value, cycles, per_step, carrier)
        row += 1
        s += ds
        zeta += dzeta
        lost += dlost
