"""The kernel that reads a volume: apart from others, for only phantoms from volumes have it."""

import numpy as np

from physics.kernel import kernel


@kernel
def in_volume(n, x, y, z, nodes, first, per_step, unit, out):
    """`phantoms.volume.Volume`: float32 [n, m]. nodes : int16 [n_x, n_y, n_z]. first : float32 [3],
    place of the first node."""
    zero, n_x, n_y, n_z = np.float32(0.0), nodes.shape[0], nodes.shape[1], nodes.shape[2]
    for i in range(n):
        for j in range(x.shape[1]):
            u = min(max((x[i, j] - first[0]) * per_step, zero), np.float32(n_x - 1))
            v = min(max((y[i, j] - first[1]) * per_step, zero), np.float32(n_y - 1))
            w = min(max((z[i, j] - first[2]) * per_step, zero), np.float32(n_z - 1))
            a, b, c = min(int(u), n_x - 2), min(int(v), n_y - 2), min(int(w), n_z - 2)
            u, v, w = u - np.float32(a), v - np.float32(b), w - np.float32(c)
            one = np.float32(1.0)
            low = (one - w) * nodes[a, b, c] + w * nodes[a, b, c + 1]
            high = (one - w) * nodes[a, b + 1, c] + w * nodes[a, b + 1, c + 1]
            left = (one - v) * low + v * high
            low = (one - w) * nodes[a + 1, b, c] + w * nodes[a + 1, b, c + 1]
            high = (one - w) * nodes[a + 1, b + 1, c] + w * nodes[a + 1, b + 1, c + 1]
            out[i, j] = unit * ((one - u) * left + u * ((one - v) * low + v * high))
