"""Many points against one curve, compiled: the fast twin of `phantoms.curves.GraphCurve`.

Apart from phantoms.curves so that listing or checking phantoms, which asks for few points,
needs no compiler.
"""

import math

import numpy as np

from physics.kernel import inner_kernel, kernel
from physics.parallel import run_split


def nearest_on_graph(
    x_m: np.ndarray,
    z_m: np.ndarray,
    entries: np.ndarray,
    u0_m: float,
    step_m: float,
    is_gentle: bool,
    n_step: int,
) -> tuple[np.ndarray, np.ndarray]:
    """X of the nearest point of a graph, and the signed distance to it: float32 [n, m].

    x_m : [n, 1 or m], z_m : [1 or n, m]. entries : float32 [3, n], value, slope and curvature
    at u0 + i * step.
    """
    shape = np.broadcast_shapes(x_m.shape, z_m.shape)
    place, across = np.empty(shape, np.float32), np.empty(shape, np.float32)
    run_split(
        _nearest, shape[0], np.ascontiguousarray(x_m, np.float32),
        np.ascontiguousarray(z_m, np.float32), entries, np.float32(u0_m), np.float32(step_m),
        is_gentle, n_step, place, across,
    )  # fmt: skip
    return place, across


@inner_kernel
def _entry(u, u0, step, entries):
    """Nearest entry of a table, how far beyond it u is, and the slope there. All in float32."""
    place = min(
        max((u - u0) * (np.float32(1.0) / step), np.float32(0.0)), np.float32(entries.shape[1] - 1)
    )
    i = np.int32(place + np.float32(0.5))
    beyond = (u - u0) - np.float32(i) * step
    return i, beyond, entries[1, i] + beyond * entries[2, i]


@inner_kernel
def _value(i, beyond, entries):
    return entries[0, i] + beyond * (entries[1, i] + np.float32(0.5) * beyond * entries[2, i])


@kernel
def _nearest(first, last, x, z, entries, u0, step, is_gentle, n_step, place, across):
    """See `nearest_on_graph`, and `GraphCurve` for the method."""
    one, least, farthest = np.float32(1.0), np.float32(-0.3), np.float32(3e-3)
    for n in range(first, last):
        for m in range(place.shape[1]):
            px = x[n, m if x.shape[1] > 1 else 0]
            pz = z[n if z.shape[0] > 1 else 0, m]
            i, beyond, slope = _entry(px, u0, step, entries)
            above = pz - _value(i, beyond, entries)
            shrink = one / (one + slope * slope)
            u = px + above * slope * shrink
            if is_gentle:
                place[n, m] = u
                across[n, m] = above * math.sqrt(shrink)
                continue
            aside, move = np.float32(0.0), np.float32(0.0)
            for _ in range(n_step):
                i, beyond, slope = _entry(u, u0, step, entries)
                above = pz - _value(i, beyond, entries)
                aside = px - u
                # beyond the centre of curvature: no farther than this
                bend = min(above * entries[2, i] - slope * slope - one, least)
                move = min(max((above * slope + aside) / bend, -farthest), farthest)
                u -= move
            aside += move
            above += move * (slope - np.float32(0.5) * move * entries[2, i])  # z - f at the new u
            distance = math.sqrt(aside * aside + above * above)
            place[n, m] = u
            across[n, m] = distance if above >= 0.0 else -distance
