"""Beams of a flat face whose lines diverge (trapezoid): each line has an angle of its own.

Neighbouring columns are not parallel, so the table of physics.beams does not serve. Here the
field is summed element by element for every tap, at the place where it really is: on the
column that leaves the face there, on the wavefront of the line's sample
(physics.wavefronts). Otherwise it is the field of physics.beams.
"""

import math

import numpy as np

from physics.beams import LineClass, LineLayout
from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.parallel import run_split
from physics.probe import Probe


def diverging_field(
    probe: Probe,
    frequency_hz: np.ndarray,
    node_m: np.ndarray,
    amplitude: np.ndarray,
    focus_m: np.ndarray,
    kind: LineClass,
    layout: LineLayout,
    apex_m: float,
    *,
    speed_m_s: float = MACHINE_SPEED_M_S,
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
) -> np.ndarray:
    """Field of an aperture at the line's taps: float32 [2, n_node, n_frequency, n_tap].

    frequency_hz : float64 [n_frequency], evenly spaced. node_m : float64 [n_node], ranges.
    amplitude : float64 [n_node, n_q], element weights about the line's nearest one, and
    focus_m : float64 [n_node], the depth that the elements are delayed for, as the machine
    believes. speed_m_s : of the medium; machine_speed_m_s : what the machine believes.
    """
    n_q = amplitude.shape[1]
    line_u = kind.place_u
    element_m = line_u - kind.fraction_u + (np.arange(n_q) - n_q // 2) * probe.pitch_m
    taps = kind.first_tap + np.arange(layout.n_tap)
    tap_m = line_u - kind.fraction_u + taps * layout.columns.step
    angle, column = math.atan2(line_u, apex_m), np.arctan2(tap_m, apex_m)
    ahead = np.hypot(tap_m, apex_m) - math.hypot(line_u, apex_m)
    # where the delays are right: the focus, on the line
    x, z = line_u + focus_m * math.sin(angle), focus_m * math.cos(angle)
    delay = np.hypot(x[:, None] - element_m, z[:, None]) - focus_m[:, None]
    delay *= MACHINE_SPEED_M_S / machine_speed_m_s
    slow = MACHINE_SPEED_M_S / speed_m_s
    k = 2 * np.pi * np.asarray(frequency_hz, float) / MACHINE_SPEED_M_S
    out = np.zeros((2, node_m.size, k.size, layout.n_tap), np.float32)
    run_split(
        _sum_field, node_m.size, np.asarray(node_m, float), np.ascontiguousarray(amplitude), delay,
        element_m, tap_m, np.sin(column), np.cos(column), ahead, slow, k, probe.width_m, out,
    )  # fmt: skip
    return out


@kernel
def _sum_field(
    first, last, node, amplitude, delay, element, tap, sine, cosine, ahead, slow, k, width, out
):
    """Nodes first..last. slow : c0 over the speed of the medium; ranges and delays are in c0 t.
    From one frequency to the next phases turn by equal steps."""
    dk = k[1] - k[0] if k.size > 1 else 0.0
    for i in range(first, last):
        for q in range(element.size):
            a = amplitude[i, q]
            if a == 0.0:
                continue
            for t in range(tap.size):
                s = (node[i] - ahead[t]) / slow  # depth along the tap's own column
                if s <= 0.0:
                    continue
                x, z = tap[t] + s * sine[t] - element[q], s * cosine[t]
                r = math.sqrt(x * x + z * z)
                gain = a * z / (r * r)
                way = slow * r - node[i] - delay[i, q]
                phase = complex(math.cos(k[0] * way), -math.sin(k[0] * way))
                turn = complex(math.cos(dk * way), -math.sin(dk * way))
                half = 0.5 * slow * width * x / r
                wave = complex(math.cos(k[0] * half), math.sin(k[0] * half))
                step = complex(math.cos(dk * half), math.sin(dk * half))
                for n in range(k.size):
                    y = k[n] * half
                    g = gain * (wave.imag / y if abs(y) > 1e-6 else 1.0)
                    out[0, i, n, t] += g * phase.real
                    out[1, i, n, t] += g * phase.imag
                    phase *= turn
                    wave *= step
