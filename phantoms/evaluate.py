"""The kernels that cut a body: columns of a picture on curves, in solids and in regions.

The fast twins of the `distance`, `coordinates` and `leans` of shapes and frames (tests compare).
Apart from them so that listing or checking phantoms, which asks for few points, needs no compiler;
and apart from each other so that only what a phantom has is compiled.

Rows of numbers, one for each point of a column, stay in the processor's cache, and small loops over
them are vectorised: twice as fast as one loop that does everything with each point.
"""

import math

import numpy as np

from phantoms.curves import CLIP_M, LARGEST_STEP_M, NEWTON_STEPS
from phantoms.frames import STEEPEST
from phantoms.shapes import ELLIPSE_STEPS
from physics.kernel import inner_kernel, kernel

_CLIP, _MOST = np.float32(CLIP_M), np.float32(LARGEST_STEP_M)
_DEEP = np.float32(0.5e-3)
"""Farther than this from a boundary, m, lies the middle of no thin layer."""
ABOVE, ASIDE, GIVEN = range(3)
"""What a row of `measure` is: across - offset, abs(beside - middle) - offset, or given."""
CLOSES_PART, CLOSES_REGION, IS_UNITED = 1, 2, 4
"""What ends with a row, and whether its part is united with those before it (bits)."""


@kernel
def _look(u, first, last, entries, scale, out):
    """A table (first place, step, 1 / step) at places u: value, slope and bend."""
    start, step, per_step = scale[0], scale[1], scale[2]
    n = np.float32(entries.shape[0] - 1)
    for j in range(first, last):
        off = u[j] - start
        i = np.int32(min(max(off * per_step, np.float32(0.0)), n) + np.float32(0.5))
        beyond = off - np.float32(i) * step
        at = np.uint32(i)
        turn = beyond * entries[at, 2]
        out[0, j] = entries[at, 0] + beyond * (entries[at, 1] + np.float32(0.5) * turn)
        out[1, j] = entries[at, 1] + turn
        out[2, j] = entries[at, 2]


@inner_kernel
def _angle(y, x):
    """arctan2, to 2e-7 rad, which is vectorised: a polynomial in the smaller over the larger
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.49: 2e-8 in arithmetic)."""
    ax, ay = abs(x), abs(y)
    t = min(ax, ay) / max(max(ax, ay), np.float32(1e-12))
    q = t * t
    p = np.float32(-0.0161657367) + q * np.float32(0.0028662257)
    p = np.float32(-0.0752896400) + q * (np.float32(0.0429096138) + q * p)
    p = np.float32(-0.1420889944) + q * (np.float32(0.1065626393) + q * p)
    p = np.float32(-0.3333314528) + q * (np.float32(0.1999355085) + q * p)
    angle = t * (np.float32(1.0) + q * p)
    angle = np.float32(0.5 * math.pi) - angle if ay > ax else angle
    angle = np.float32(math.pi) - angle if x < np.float32(0.0) else angle
    return -angle if y < np.float32(0.0) else angle


@kernel
def unsweep(n, x, y, z, cos, sin, aside, deep, scale, axis, side, radius, out):
    """`phantoms.sweep.Sweep` undone: float32 [7, n, m] of X', beside, Z', slopes of the course and
    the gradient of Z' in Y' and Z.

    aside, deep, scale : tables of the course. side : 1 above the axis, -1 below it, 0 without one.
    """
    m = x.shape[1]
    one = np.float32(1.0)
    by_x, by_z = np.zeros((3, m), np.float32), np.zeros((3, m), np.float32)
    for j in range(m):
        by_x[0, j], by_z[0, j] = aside[0, 0], deep[0, 0]
    for i in range(n):
        for j in range(m):
            out[0, i, j] = cos * x[i, j] + sin * y[i, j]
            out[1, i, j] = cos * y[i, j] - sin * x[i, j]
        if aside.shape[0] > 1:
            _look(out[1, i], 0, m, aside, scale[0], by_x)
        if deep.shape[0] > 1:
            _look(out[1, i], 0, m, deep, scale[1], by_z)
        for j in range(m):
            out[0, i, j] -= by_x[0, j]
            out[2, i, j] = z[i, j] - by_z[0, j]
            out[3, i, j], out[4, i, j] = by_x[1, j], by_z[1, j]
            out[5, i, j], out[6, i, j] = np.float32(0.0), one
        if side != 0.0:
            for j in range(m):
                up = side * (axis - out[2, i, j])
                away = math.sqrt(out[1, i, j] * out[1, i, j] + up * up)
                out[5, i, j], out[6, i, j] = -side * out[1, i, j] / away, up / away
                out[1, i, j] = radius * _angle(out[1, i, j], up)
                out[2, i, j] = axis - side * away


@kernel
def project_on_graph(n, x, z, depth, length, scale, is_gentle, reach, out):
    """`phantoms.curves.GraphCurve`: float32 [5, n, m] of along, across, (beside is left alone) and
    the curve's direction.

    depth, length, scale : its tables. reach : what is farther above or below it is only told its
    offset from the curve at its own X'.
    """
    m = x.shape[1]
    one, half, least = np.float32(1.0), np.float32(0.5), np.float32(-0.3)
    u, moved, deep = np.empty(m, np.float32), np.empty(m, np.float32), np.empty((3, m), np.float32)
    for i in range(n):
        px, pz = x[i], z[i]
        along, across, c, s = out[0, i], out[1, i], out[3, i], out[4, i]
        _look(px, 0, m, depth, scale[0], deep)
        for j in range(m):
            slope, above = deep[1, j], pz[j] - deep[0, j]
            shrink = one / (one + slope * slope)
            u[j] = px[j] + above * slope * shrink
            c[j] = math.sqrt(shrink)
            s[j] = slope * c[j]
            along[j], across[j] = u[j], above
        if is_gentle:
            for j in range(m):
                across[j] *= c[j]
            continue
        first, last = m, 0
        for j in range(m):
            if abs(across[j]) <= reach:
                first, last = min(j, first), j + 1
        for _ in range(NEWTON_STEPS if first < last else 0):
            _look(u, first, last, depth, scale[0], deep)
            for j in range(first, last):
                slope, above = deep[1, j], pz[j] - deep[0, j]
                # beyond the centre of curvature: no farther than this
                steepness = min(above * deep[2, j] - slope * slope - one, least)
                move = ((px[j] - u[j]) + above * slope) / steepness
                moved[j] = min(max(move, -_MOST), _MOST)
                u[j] -= moved[j]
        for j in range(first, last):  # the curve at the new u, from where it was looked up
            slope = deep[1, j] - moved[j] * deep[2, j]
            above = pz[j] - deep[0, j] + half * moved[j] * (deep[1, j] + slope)
            aside = px[j] - u[j]
            across[j] = math.copysign(math.sqrt(aside * aside + above * above), across[j])
            c[j] = one / math.sqrt(one + slope * slope)
            s[j] = slope * c[j]
        if first < last:
            _look(u, first, last, length, scale[1], deep)
            for j in range(first, last):
                along[j] = deep[0, j]


@kernel
def project_on_arc(n, x, z, centre_x, centre_z, radius, is_full, out):
    """`phantoms.curves.ArcCurve`: see `project_on_graph`."""
    for i in range(n):
        for j in range(x.shape[1]):
            aside, up = x[i, j] - centre_x, centre_z - z[i, j]
            away = math.sqrt(aside * aside + up * up)
            out[1, i, j] = radius - away
            if is_full:
                out[0, i, j] = radius * _angle(aside, up)
                out[3, i, j], out[4, i, j] = up / away, aside / away


@kernel
def project_on_path(n, x, y, z, depth, aside, length, scale, n_step, reach2, out):
    """`phantoms.space_curve.PathCurve`: float32 [6, n, m] of along, across, beside, and the
    direction (x, y, z); what is farther than sqrt(reach2) is told its offset at its own X'."""
    m = x.shape[1]
    one, least = np.float32(1.0), np.float32(-0.3)
    u = np.empty(m, np.float32)
    deep, side = np.empty((3, m), np.float32), np.empty((3, m), np.float32)
    for i in range(n):
        px, py, pz = x[i], y[i], z[i]
        first, last = m, 0
        _look(px, 0, m, depth, scale[0], deep)
        _look(px, 0, m, aside, scale[1], side)
        for j in range(m):
            out[0, i, j], out[1, i, j], out[2, i, j] = px[j], pz[j] - deep[0, j], py[j] - side[0, j]
            u[j] = px[j]
            out[3, i, j] = one
            out[4, i, j] = out[5, i, j] = np.float32(0.0)
        for j in range(m):
            if out[1, i, j] * out[1, i, j] + out[2, i, j] * out[2, i, j] <= reach2:
                first, last = min(j, first), j + 1
        if first > last:
            continue
        for step in range(n_step + 1):
            bent, far = np.float32(step > 0), _MOST if step > 0 else one
            for j in range(first, last):
                n_slope, b_slope = deep[1, j], side[1, j]
                dn, db = pz[j] - deep[0, j], py[j] - side[0, j]
                bend = bent * (dn * deep[2, j] + db * side[2, j])
                steepness = min(bend - n_slope * n_slope - b_slope * b_slope - one, least)
                move = ((px[j] - u[j]) + dn * n_slope + db * b_slope) / steepness
                u[j] -= min(max(move, -far), far)
            _look(u, first, last, depth, scale[0], deep)
            _look(u, first, last, aside, scale[1], side)
        for j in range(first, last):
            dx, dn, db = px[j] - u[j], pz[j] - deep[0, j], py[j] - side[0, j]
            tx = one / math.sqrt(one + deep[1, j] * deep[1, j] + side[1, j] * side[1, j])
            ty, tz = side[1, j] * tx, deep[1, j] * tx
            level = one / math.sqrt(tx * tx + ty * ty)
            out[1, i, j] = (dn - tz * (dx * tx + db * ty + dn * tz)) * level
            out[2, i, j] = (tx * db - ty * dx) * level
            out[3, i, j], out[4, i, j], out[5, i, j] = tx, ty, tz
        _look(u, first, last, length, scale[2], deep)
        for j in range(first, last):
            out[0, i, j] = deep[0, j]


@kernel
def lean(n, place, swept, is_path, runs_beside, cos, sin, q, start, fibre, sheet):
    """How fibres and sheets of one frame lean across the image plane (`phantoms.frames`).

    place : of `project_on_*`. swept : of `unsweep`, or empty. cos, sin : of the fibres' angle. q :
    float32 [3, 3], from the curve's axes to the probe's. fibre, sheet : float32 [n_x, m], columns
    `start` to start + n of which are written.
    """
    tiny, most, one = np.float32(1e-6), np.float32(STEEPEST), np.float32(1.0)
    m = place.shape[2]
    along, deep = np.zeros((3, m), np.float32), np.zeros((3, m), np.float32)
    for i in range(n):
        if is_path:
            for j in range(m):
                x, y, z = place[3, i, j], place[4, i, j], place[5, i, j]
                level = one / math.sqrt(x * x + y * y)
                deep[0, j], deep[1, j], deep[2, j] = -z * x * level, -z * y * level, one / level
                along[0, j], along[1, j], along[2, j] = x, y, z
                if runs_beside:
                    along[0, j], along[1, j] = -y * level, x * level
                    along[2, j] = np.float32(0.0)
        elif swept.shape[1] == 0:
            for j in range(m):
                c, s = place[3, i, j], place[4, i, j]
                along[0, j], along[2, j], deep[0, j], deep[2, j] = c, s, -s, c
                if runs_beside:
                    along[0, j], along[1, j], along[2, j] = np.float32(0.0), one, np.float32(0.0)
        else:
            for j in range(m):
                c, s = place[3, i, j], place[4, i, j]
                course_x, course_z = swept[3, i, j], swept[4, i, j]
                to_y, to_z = swept[5, i, j], swept[6, i, j]
                deep[0, j], deep[2, j] = -s, c * to_z
                deep[1, j] = s * course_x + c * (to_y - to_z * course_z)
                if runs_beside:
                    along[0, j], along[1, j] = course_x * to_z, to_z
                    along[2, j] = course_z * to_z - to_y
                else:
                    along[0, j], along[1, j] = c + course_x * to_y * s, to_y * s
                    along[2, j] = (to_z + course_z * to_y) * s
        # rows of q, turned by the fibres' angle where they are used
        for j in range(m):
            ax, ay, az, bx, by, bz = (
                along[0, j], along[1, j], along[2, j], deep[0, j], deep[1, j], deep[2, j],
            )  # fmt: skip
            tx, ty, tz = cos * ax + sin * bx, cos * ay + sin * by, cos * az + sin * bz
            nx, ny, nz = cos * bx - sin * ax, cos * by - sin * ay, cos * bz - sin * az
            px = q[0, 0] * tx + q[0, 1] * ty + q[0, 2] * tz
            py = q[1, 0] * tx + q[1, 1] * ty + q[1, 2] * tz
            pz = q[2, 0] * tx + q[2, 1] * ty + q[2, 2] * tz
            fibre[start + i, j] = min(max(pz * py / max(px * px + py * py, tiny), -most), most)
            py = q[1, 0] * nx + q[1, 1] * ny + q[1, 2] * nz
            pz = q[2, 0] * nx + q[2, 1] * ny + q[2, 2] * nz
            slope = -py / (pz if abs(pz) > tiny else tiny)
            sheet[start + i, j] = min(max(slope, -most), most)


@kernel
def in_tube(n, place, width, height, scale, beside, deeper, reach2, shrink, out):
    """`phantoms.shapes.Tube`: float32 [n, m]; width, height, scale : its tables. beside,
    deeper : its middle on the curve. What is farther than sqrt(reach2) from that is outside, and
    that is all that is said of it."""
    one, zero, tiny, m = np.float32(1.0), np.float32(0.0), np.float32(1e-9), out.shape[1]
    half_x, half_z = np.empty((3, m), np.float32), np.empty((3, m), np.float32)
    for i in range(n):
        first, last = m, 0
        for j in range(m):
            out[i, j] = _CLIP
            x, z = place[2, i, j] - beside, place[1, i, j] - deeper
            if x * x + z * z <= reach2:
                first, last = min(j, first), j + 1
        _look(place[0, i], first, last, width, scale[0], half_x)
        _look(place[0, i], first, last, height, scale[1], half_z)
        for j in range(first, last):
            a, b, x, z = (
                half_x[0, j],
                half_z[0, j],
                abs(place[2, i, j] - beside) + tiny,
                abs(place[1, i, j] - deeper) + tiny,
            )
            tx = tz = np.float32(0.70710678)
            for _ in range(ELLIPSE_STEPS):
                ex, ez = (a * a - b * b) * tx * tx * tx / a, (b * b - a * a) * tz * tz * tz / b
                rx, rz, qx, qz = a * tx - ex, b * tz - ez, x - ex, z - ez
                ratio = math.sqrt((rx * rx + rz * rz) / (qx * qx + qz * qz + tiny * tiny))
                tx = min(max((qx * ratio + ex) / a, zero), one)
                tz = min(max((qz * ratio + ez) / b, zero), one)
                length = math.sqrt(tx * tx + tz * tz + tiny)
                tx, tz = tx / length, tz / length
            dx, dz = x - a * tx, z - b * tz
            off = math.sqrt(dx * dx + dz * dz)
            off = -off if (x / a) * (x / a) + (z / b) * (z / b) < one else off
            out[i, j] = shrink * max(off, np.float32(-0.5) * min(a, b))


@kernel
def in_solid(n, x, y, z, axes, per, least, shrink, out):
    """`phantoms.solids.Solid`: float32 [n, m]. axes : float32 [3, 4], each axis and the place of
    the middle along it. per : 1 over the half axes. least : depth at which it is cut."""
    one, tiny = np.float32(1.0), np.float32(1e-6)
    for i in range(n):
        for j in range(x.shape[1]):
            px, py, pz = x[i, j], y[i, j], z[i, j]
            a = (axes[0, 0] * px + axes[0, 1] * py + axes[0, 2] * pz - axes[0, 3]) * per[0]
            b = (axes[1, 0] * px + axes[1, 1] * py + axes[1, 2] * pz - axes[1, 3]) * per[1]
            c = (axes[2, 0] * px + axes[2, 1] * py + axes[2, 2] * pz - axes[2, 3]) * per[2]
            size = math.sqrt(a * a + b * b + c * c + tiny)
            a, b, c = a * per[0], b * per[1], c * per[2]
            gradient = math.sqrt(a * a + b * b + c * c + tiny / (least * least))
            out[i, j] = shrink * max(size * (size - one) / gradient, -least)


@kernel
def in_rod(n, x, y, z, at, way, per_length2, y_counts, radius, out):
    """`phantoms.solids.Rod`: float32 [n, m]."""
    for i in range(n):
        for j in range(x.shape[1]):
            dx, dy, dz = x[i, j] - at[0], (y[i, j] - at[1]) * y_counts, z[i, j] - at[2]
            t = (dx * way[0] + dy * way[1] + dz * way[2]) * per_length2
            t = min(max(t, np.float32(0.0)), np.float32(1.0))
            dx, dy, dz = dx - t * way[0], dy - t * way[1], dz - t * way[2]
            out[i, j] = math.sqrt(dx * dx + dy * dy + dz * dz) - radius


@kernel
def measure(n, places, given, rows, reals, entries, table_int, table_real, shrink, start, distance):
    """Signed distance to every region.

    places : float32 [n_curve, 6, n, m]. given : float32 [n_given, n, m]. rows : see
    `phantoms.program`. distance : float32 [1 + n_region, n_x, m], of which columns `start` to
    start + n are written.
    """
    m = places.shape[3]
    part, whole, level = (
        np.empty(m, np.float32),
        np.empty(m, np.float32),
        np.empty((3, m), np.float32),
    )
    for i in range(n):
        r = 0
        for q in range(rows.shape[0]):
            kind, k, coordinate, table, joins, closes = rows[q]
            scale, offset, middle = reals[q, 0], reals[q, 1], reals[q, 2]
            of = given[k, i] if kind == GIVEN else places[k, coordinate, i]
            if table >= 0:
                begin, end = table_int[table, 0], table_int[table, 1]
                _look(places[k, 0, i], 0, m, entries[begin:end], table_real[table], level)
            else:
                for j in range(m):
                    level[0, j] = offset
            if kind == ASIDE:
                for j in range(m):
                    level[1, j] = scale * (abs(of[j] - middle) - level[0, j])
            else:
                for j in range(m):
                    level[1, j] = scale * (of[j] - level[0, j])
            for j in range(m):
                part[j] = max(part[j], level[1, j]) if joins else level[1, j]
            if closes & CLOSES_PART:
                for j in range(m):
                    whole[j] = min(whole[j], part[j]) if closes & IS_UNITED else part[j]
            if closes & CLOSES_REGION:
                r += 1
                for j in range(m):
                    distance[r, start + i, j] = min(max(whole[j], -_CLIP), _CLIP)
                for j in range(shrink.shape[1]):
                    distance[r, start + i, j] *= shrink[start + i, j]


@kernel
def regions_beside(first, last, distance, change, at_x, at_z, middle, region, differs):
    """The uppermost region at heights beside the image plane, of the columns between nodes
    first..last and the next ones.

    distance : float32 [1 + n_region, n_x, n_z], in the plane. change : float32
    [1 + n_region, n_side, n_node_x, n_node_z], what it gains beside it, at the columns at_x and the
    rows at_z; linear between them. (Far from a boundary, where the distance in the plane may have a
    tip, it is taken from the nodes too: the middle of a small ball.) middle : which of the heights
    is the plane. region : int16 [1 + n_side, n_x, n_z]. differs : bool [n_node_x], whether a region
    does anywhere.
    """
    n_all, n_x, n_z = distance.shape
    n_side, n_row = change.shape[1], at_z.size - 1
    most = np.empty((n_all, n_row + 1), np.float32)
    for c in range(first, last):
        for r in range(1, n_all):
            for k in range(n_row + 1):
                most[r, k] = np.float32(0.0)
                for p in range(n_side):
                    here = max(abs(change[r, p, c, k]), abs(change[r, p, c + 1, k]))
                    most[r, k] = max(most[r, k], here)
            for k in range(n_row):
                most[r, k] = max(most[r, k], most[r, k + 1])
        end = at_x[c + 1] if c + 2 < at_x.size else n_x
        for i in range(at_x[c], end):
            u = np.float32((i - at_x[c]) / (at_x[c + 1] - at_x[c]))
            for k in range(n_row):
                until = at_z[k + 1] if k + 1 < n_row else n_z
                for j in range(at_z[k], until):
                    here, near = 0, False
                    for r in range(n_all - 1, 0, -1):
                        near = near or abs(distance[r, i, j]) < most[r, k]
                        if distance[r, i, j] < 0.0:
                            here = r
                            break
                    for q in range(n_side + 1):
                        region[q, i, j] = here
                    if not near:
                        continue
                    v = np.float32((j - at_z[k]) / (at_z[k + 1] - at_z[k]))
                    for p in range(n_side):
                        top = 0
                        for r in range(n_all - 1, 0, -1):
                            d = distance[r, i, j]
                            if abs(d) < most[r, k]:
                                if abs(d) > _DEEP:
                                    left, right = distance[r, at_x[c]], distance[r, at_x[c + 1]]
                                    o, below = at_z[k], at_z[k + 1]
                                    a = left[o] + v * (left[below] - left[o])
                                    b = right[o] + v * (right[below] - right[o])
                                    d = a + u * (b - a)
                                gain = change[r, p]
                                a = gain[c, k] + v * (gain[c, k + 1] - gain[c, k])
                                b = gain[c + 1, k] + v * (gain[c + 1, k + 1] - gain[c + 1, k])
                                d += a + u * (b - a)
                            if d < 0.0:
                                top = r
                                break
                        if top != here:
                            region[p if p < middle else p + 1, i, j] = top
                            differs[c] = True
