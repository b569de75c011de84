"""Two-way beams: what one scan line hears of an echo beside it.

For every line and frequency the kernel is the product of the transmitted field and the
receive sensitivity at lateral offset u and range z,

    h(u; z) = [sum_e a_e exp(jk(r_e(focus) - focus)) T_e(u, z)]
              [sum_e w_e(z) exp(jk(r_e(z) - z)) T_e(u, z)]
    T_e(u, z) = cos(theta) sinc(k width sin(theta) / 2) exp(-jk(r - z)) / spread(r)

with finite elements (width, soft baffle), one transmit focus, and receive focus and
aperture that follow the depth. exp(-jkz) is left out both ways: it is the carrier.
Source: Fourier-domain radiation of array elements, e.g. Garcia 2022 (SIMUS), eq. 5-9.

T depends only on the distance between element and echo *along the face*, so it is
tabulated once on a lattice that holds both (the columns of the echo grid divide the
element pitch), and each beam is a short weighted sum over that table.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import MACHINE_SPEED_M_S
from physics.kernel import kernel
from physics.parallel import run_split
from physics.probe import Probe

_FAR = 3
"""Silent elements farther off than so many groups of lines may be one element from their place."""


@dataclass(frozen=True)
class Columns:
    """Lateral lattice that echoes are written on: u = u0 + i * step, a part of the pitch."""

    u0: float
    step: float
    per_pitch: int
    n: int

    @property
    def u(self) -> np.ndarray:
        return self.u0 + np.arange(self.n) * self.step


@dataclass(frozen=True, order=True)
class LineClass:
    """Lines that hear alike: same place between elements and same clipping at the array's ends."""

    fraction_u: float
    """Line position minus that of its nearest element."""
    first_tap: int
    """First column heard, counted from that element's column."""
    first_element: int
    last_element: int
    """Elements the array still has on either side of the nearest one, inclusive."""
    place_u: float = 0.0
    """Where the line is, if that matters beyond what is said above; otherwise 0."""
    silent: tuple[int, ...] = ()
    """Elements about the nearest one that neither send nor hear (physics.face), rising."""

    def mirrored(self, n_tap: int) -> "LineClass":
        """The class of a line at the mirror image of this place."""
        return LineClass(
            0.0 - self.fraction_u,
            1 - n_tap - self.first_tap,
            -self.last_element,
            -self.first_element,
            0.0 - self.place_u,
            tuple(-q for q in reversed(self.silent)),
        )

    def within(self, reach: int) -> "LineClass":
        """The same, where only `reach` elements on either side are used: what is clipped
        farther out does not matter."""
        return replace(
            self,
            first_element=max(self.first_element, -reach),
            last_element=min(self.last_element, reach),
            silent=tuple(q for q in self.silent if abs(q) <= reach),
        )

    def working(self, q: np.ndarray) -> np.ndarray:
        """float64 [n_q]: 1 for elements that work, 0 for silent ones."""
        return 1.0 - np.isin(q, self.silent)


@dataclass(frozen=True)
class LineLayout:
    """Where the lines lie on the column lattice."""

    columns: Columns
    n_tap: int
    classes: tuple[LineClass, ...]
    line_class: np.ndarray
    """int32 [n_line]: index in `classes`."""
    line_mirrored: np.ndarray
    """bool [n_line]: the line hears as the mirror image of its class."""
    first_column: np.ndarray
    """int32 [n_line]: column of each line's first tap."""
    reach_element: int
    """Largest number of elements on either side that any class may use."""


def lay_out_lines(
    probe: Probe,
    line_u: np.ndarray,
    *,
    per_pitch: int,
    reach_u: float,
    widest_m: float = math.inf,
    clip_step: int = 1,
    mirrors: bool = True,
    group: int = 0,
    silent: Sequence[int] = (),
) -> LineLayout:
    """Put lines and columns on one lattice.

    line_u : float64[n_line], lateral line positions (m or rad), anywhere.
    per_pitch : columns for each element pitch. reach_u : how far beside it a line hears.
    widest_m : widest half aperture that will be asked for; beyond it elements do not matter.
    clip_step : lines whose clipped apertures differ by fewer elements than this share a beam.
    group : so many neighbours are taken to lie where the middle one does, and hear alike; 0: where
        a line lies on the face does not matter.
    mirrors : lines at mirror images of each other's place share one; not if they are steered.
    silent : elements that neither send nor hear. Only lines that they are far from share a beam.
    """
    step = probe.pitch_u / per_pitch
    n_side = math.ceil(reach_u / step)
    n_tap = 2 * n_side + 1
    element0 = float(probe.element_u[0])
    half = probe.n_channel // 2
    if math.isfinite(widest_m):
        half = min(half, math.ceil(widest_m / probe.pitch_m) + 1)
    # clipped apertures are kept in groups, which may go a little beyond the array
    silent = [e for e in range(-clip_step, probe.n_element + clip_step)
              if min(max(e, 0), probe.n_element - 1) in silent]  # fmt: skip
    # half-way between two, the one nearer to the middle: the lattice stays its own mirror image
    inward_u = line_u * (1 - 1e-9)
    nearest = np.rint((inward_u - element0) / probe.pitch_u).astype(int)
    nearest = np.clip(nearest, 0, probe.n_element - 1)
    centre = np.rint((inward_u - element0) / step).astype(int)
    first = centre - n_side
    classes: dict[LineClass, int] = {}
    line_class = np.empty(line_u.size, np.int32)
    line_mirrored = np.zeros(line_u.size, np.bool_)
    for i, (n, c) in enumerate(zip(nearest, first, strict=True)):
        left = _coarse(int(n), clip_step, half)
        right = _coarse(int(probe.n_element - 1 - n), clip_step, half)
        fraction = float(line_u[i] - element0 - n * probe.pitch_u)
        # lines a hair (1e-6 of the pitch) apart count as equally placed
        fraction = round(fraction / probe.pitch_u, 6) * probe.pitch_u
        place = 0.0
        if group:
            wide = group * probe.pitch_u
            place = math.copysign((math.floor(abs(line_u[i]) / wide) + 0.5) * wide, line_u[i])
        out = _silent_about(int(n), silent, half, clip_step)
        kind = LineClass(fraction, int(c - n * per_pitch), -left, right, place, out)
        mirror = kind.mirrored(n_tap)
        line_mirrored[i] = mirrors and mirror < kind
        line_class[i] = classes.setdefault(min(kind, mirror) if mirrors else kind, len(classes))
    low = int(first.min())
    columns = Columns(
        u0=element0 + low * step,
        step=step,
        per_pitch=per_pitch,
        n=int(first.max()) - low + n_tap,
    )
    return LineLayout(
        columns,
        n_tap,
        tuple(classes),
        line_class,
        line_mirrored,
        (first - low).astype(np.int32),
        half,
    )


def _coarse(n: int, step: int, largest: int) -> int:
    if n >= largest:
        return largest
    return min(largest, n if step == 1 else step * (n // step) + step // 2)


def _silent_about(n: int, silent: Sequence[int], half: int, step: int) -> tuple[int, ...]:
    """Silent elements about element n; where all are far, as seen from the middle of its group."""
    if step > 1 and silent and min(abs(e - n) for e in silent) > _FAR * step:
        n = step * (n // step) + step // 2
    return tuple(e - n for e in silent if abs(e - n) <= half)


def face_distance(
    probe: Probe, du: np.ndarray, range_m: np.ndarray, steer_rad: float = 0.0
) -> tuple[np.ndarray, ...]:
    """Distance r from a face point to a point at range `range_m` of the line that leaves the face
    `du` beside it, and the cosine and sine of the angle at the face. Arrays broadcast; m and
    rad. steer_rad : angle of the line to a flat face's normal."""
    if probe.is_convex:
        radius = probe.radius_m
        far = radius + range_m
        along = far * np.cos(du) - radius
        across = far * np.sin(du)
    else:
        along = range_m * math.cos(steer_rad) + 0.0 * du
        across = du + range_m * math.sin(steer_rad)
    r = np.hypot(along, across)
    return r, along / r, across / r


def element_table(
    probe: Probe,
    frequency_hz: np.ndarray,
    range_m: np.ndarray,
    *,
    step: float,
    n_side: int,
    planar: bool,
    steer_rad: float = 0.0,
    speed_m_s: float = MACHINE_SPEED_M_S,
) -> np.ndarray:
    """T of the module's head on the lattice du = (-n_side .. n_side) * step.

    range_m : c0 t / 2, so an echo lies at range_m x speed_m_s / c0. speed_m_s : of the medium.

    Returns float32 [2, n_range, n_frequency, 2 n_side + 1], real and imaginary part.
    `planar`: two-dimensional world (spreading 1/sqrt(r)) instead of three (1/r).
    `steer_rad`: of lines to the normal of a flat face. What is left out of the phase is then
    that of the wavefront, z + du sin(steer): a table of curvature alone.
    """
    first = 0 if steer_rad == 0 else -n_side  # an unsteered table is even in du
    du = np.arange(first, n_side + 1) * step
    table = np.empty((2, range_m.size, frequency_hz.size, 2 * n_side + 1), np.float32)
    k = 2 * np.pi * np.asarray(frequency_hz, float) / speed_m_s
    depth_m = np.asarray(range_m, float)[:, None] * (speed_m_s / MACHINE_SPEED_M_S)
    r, cosine, sine = face_distance(probe, du[None, :], depth_m, steer_rad)
    gain = np.maximum(cosine, 0.0) / (np.sqrt(r) if planar else r)
    excess = r - depth_m - _ahead(du[None, :], steer_rad, speed_m_s)
    fill = _fill_table if steer_rad == 0 else _fill_uneven_table
    run_split(fill, range_m.size, k, excess, gain, sine, probe.width_m, table)
    return table


def _ahead(du: np.ndarray, steer_rad: float, speed_m_s: float) -> np.ndarray | float:
    """Way by which the wavefront of a steered beam has farther to go than `du` beside it.

    Columns are set out by c0 t / 2 (physics.wavefronts), so the time is that at c0, whatever
    the speed: sound of another speed leaves the columns' direction, as it should.
    """
    return 0.0 if steer_rad == 0 else du * math.sin(steer_rad) * (speed_m_s / MACHINE_SPEED_M_S)


@kernel
def _fill_table(first, last, k_rad_m, excess_m, gain, sine, width_m, out):
    """Rows first..last of the element table, which is even in du; see `element_table`."""
    centre = excess_m.shape[1] - 1
    for i in range(first, last):
        for n in range(k_rad_m.size):
            for m in range(centre + 1):
                x = 0.5 * k_rad_m[n] * width_m * sine[i, m]
                directivity = math.sin(x) / x if abs(x) > 1e-6 else 1.0
                a = gain[i, m] * directivity
                phase = k_rad_m[n] * excess_m[i, m]
                real, imag = a * math.cos(phase), -a * math.sin(phase)
                out[0, i, n, centre + m] = real
                out[0, i, n, centre - m] = real
                out[1, i, n, centre + m] = imag
                out[1, i, n, centre - m] = imag


@kernel
def _fill_uneven_table(first, last, k_rad_m, excess_m, gain, sine, width_m, out):
    """The same for a steered beam, whose table is not even."""
    for i in range(first, last):
        for n in range(k_rad_m.size):
            for m in range(excess_m.shape[1]):
                x = 0.5 * k_rad_m[n] * width_m * sine[i, m]
                directivity = math.sin(x) / x if abs(x) > 1e-6 else 1.0
                a = gain[i, m] * directivity
                phase = k_rad_m[n] * excess_m[i, m]
                out[0, i, n, m] = a * math.cos(phase)
                out[1, i, n, m] = -a * math.sin(phase)


def transmit_weights(
    probe: Probe,
    frequency_hz: np.ndarray,
    kind: LineClass,
    *,
    reach_element: int,
    focus_m: float,
    f_number: float,
    apodisation: str,
    steer_rad: float = 0.0,
    speed_m_s: float = MACHINE_SPEED_M_S,
) -> np.ndarray:
    """Complex weight of each element for one fixed focus: complex64 [n_frequency, n_q].

    focus_m, speed_m_s : as the machine believes.

    Elements q = -reach .. reach about the line's nearest one. Active where
    |s_element - s_line| <= focus / (2 F); no renormalisation.
    """
    q = np.arange(-reach_element, reach_element + 1)
    amplitude = aperture_weights(probe, kind, q, np.array([focus_m]), f_number, apodisation)
    focus = np.array([focus_m])
    return _focused(probe, frequency_hz, kind, q, focus, amplitude, steer_rad, speed_m_s)[0]


def receive_weights(
    probe: Probe,
    frequency_hz: np.ndarray,
    kind: LineClass,
    *,
    reach_element: int,
    range_m: np.ndarray,
    f_number: float,
    apodisation: str,
    steer_rad: float = 0.0,
    speed_m_s: float = MACHINE_SPEED_M_S,
) -> tuple[np.ndarray, np.ndarray]:
    """Element weights for a focus and aperture that follow the range.

    range_m : depths that the machine believes in, with the speed it believes in.

    Returns complex64 [n_range, n_frequency, n_q] and the real weights float64 [n_range, n_q].
    """
    q = np.arange(-reach_element, reach_element + 1)
    amplitude = aperture_weights(probe, kind, q, range_m, f_number, apodisation)
    weights = _focused(probe, frequency_hz, kind, q, range_m, amplitude, steer_rad, speed_m_s)
    return weights, amplitude


def aperture_weights(
    probe: Probe, kind: LineClass, q: np.ndarray, range_m: np.ndarray, f_number: float, name: str
) -> np.ndarray:
    """Real weight of the elements q about the line's nearest one, for an aperture range / F wide:
    float64 [n_range, n_q]. The scanner's own: it does not know which elements are silent."""
    arc = probe.radius_m if probe.is_convex else 1.0
    offset_m = np.abs(q * probe.pitch_u - kind.fraction_u) * arc
    half_m = np.maximum(range_m / (2 * f_number), 1e-9)[:, None]
    weights = apodisation_weights(name, offset_m[None, :] / half_m)
    weights[:, (q < kind.first_element) | (q > kind.last_element)] = 0.0
    return weights


def _focused(
    probe: Probe,
    frequency_hz: np.ndarray,
    kind: LineClass,
    q: np.ndarray,
    range_m: np.ndarray,
    amplitude: np.ndarray,
    steer_rad: float,
    speed_m_s: float,
) -> np.ndarray:
    du = kind.fraction_u - q * probe.pitch_u  # from the element to the line
    z = np.asarray(range_m, float)[:, None]
    r, _, _ = face_distance(probe, du[None, :], z, steer_rad)
    excess = r - z - _ahead(du[None, :], steer_rad, speed_m_s)
    k = 2 * np.pi * np.asarray(frequency_hz, float) / speed_m_s
    phase = (k[None, :, None] * excess[:, None, :]).astype(np.float32)
    out = np.empty(phase.shape, np.complex64)
    out.real, out.imag = np.cos(phase), np.sin(phase)
    if kind.silent:
        amplitude = amplitude * kind.working(q)
    out *= amplitude[:, None, :].astype(np.float32)
    return out


def sum_over_elements(
    table: np.ndarray, weights: np.ndarray, kind: LineClass, layout: LineLayout
) -> np.ndarray:
    """Field of a weighted aperture at the line's taps: float32 [2, n_range, n_frequency, n_tap].

    table : float32 [2, n_range, n_frequency, n_m] (`element_table`).
    weights : complex64 [n_range or 1, n_frequency, n_q].
    """
    _, n_range, n_frequency, n_m = table.shape
    out = np.zeros((2, n_range, n_frequency, layout.n_tap), np.float32)
    # table index of tap 0 seen from the element nearest to the line
    start = kind.first_tap + (n_m - 1) // 2
    run_split(
        _sum_elements,
        n_range,
        table,
        np.ascontiguousarray(weights),
        start,
        layout.columns.per_pitch,
        layout.reach_element,
        out,
    )
    return out


@kernel
def _sum_elements(first, last, table, weights, start, per_pitch, reach, out):
    """out[:, i, n, t] = sum_q weights[i, n, q] table[:, i, n, m + t],
    with m = start - (q - reach) per_pitch."""
    n_tap = out.shape[3]
    for i in range(first, last):
        row = i if weights.shape[0] > 1 else 0
        for n in range(out.shape[2]):
            out_r = out[0, i, n]
            out_i = out[1, i, n]
            for q in range(weights.shape[2]):
                w_r = weights[row, n, q].real
                w_i = weights[row, n, q].imag
                if w_r == 0.0 and w_i == 0.0:
                    continue
                m = start - (q - reach) * per_pitch
                t_r = table[0, i, n, m : m + n_tap]
                t_i = table[1, i, n, m : m + n_tap]
                for t in range(n_tap):
                    out_r[t] += w_r * t_r[t] - w_i * t_i[t]
                    out_i[t] += w_r * t_i[t] + w_i * t_r[t]


@dataclass(frozen=True)
class Beams:
    """Two-way kernels of every class of lines, ready for the lateral sum.

    real, imag : float32 [n_class, n_frequency, n_tap, n_depth]; depth innermost.
    """

    frequency_hz: np.ndarray
    layout: LineLayout
    real: np.ndarray
    imag: np.ndarray


def combine(
    layout: LineLayout,
    frequency_hz: np.ndarray,
    transmit: Sequence[np.ndarray],
    receive: Sequence[np.ndarray],
    factor: Sequence[np.ndarray],
    node_m: np.ndarray,
    depth_m: np.ndarray,
) -> Beams:
    """Multiply transmit by receive by `factor` at the nodes and interpolate along depth.

    transmit, receive : one float32 [2, n_node, n_frequency, n_tap] for each line class.
    factor : one complex or real [n_frequency, n_node] for each line class.
    depth_m : float64[n_depth].
    """
    n_class, n_frequency = len(layout.classes), frequency_hz.size
    shape = (n_class, n_frequency, layout.n_tap, depth_m.size)
    real, imag = np.empty(shape, np.float32), np.empty(shape, np.float32)
    position = np.interp(depth_m, node_m, np.arange(node_m.size))
    lower = np.minimum(position.astype(np.int32), node_m.size - 2)
    weight = (position - lower).astype(np.float32)
    for c in range(n_class):
        scale = np.ascontiguousarray(factor[c].T.astype(np.complex64))
        run_split(
            _combine_class,
            n_frequency,
            transmit[c],
            receive[c],
            scale,
            lower,
            weight,
            real[c],
            imag[c],
        )
    return Beams(frequency_hz, layout, real, imag)


@kernel
def _combine_class(first, last, transmit, receive, scale, lower, weight, real, imag):
    """Frequencies first..last of one class; see `combine`."""
    n_tap = transmit.shape[3]
    n_node = transmit.shape[1]
    product_r = np.empty((n_tap, n_node), np.float32)
    product_i = np.empty((n_tap, n_node), np.float32)
    for n in range(first, last):
        for i in range(n_node):
            s_r, s_i = scale[i, n].real, scale[i, n].imag
            for t in range(n_tap):
                t_r, t_i = transmit[0, i, n, t], transmit[1, i, n, t]
                r_r, r_i = receive[0, i, n, t], receive[1, i, n, t]
                p_r, p_i = t_r * r_r - t_i * r_i, t_r * r_i + t_i * r_r
                product_r[t, i] = p_r * s_r - p_i * s_i
                product_i[t, i] = p_r * s_i + p_i * s_r
        for t in range(n_tap):
            p_r, p_i = product_r[t], product_i[t]
            out_r, out_i = real[n, t], imag[n, t]
            for j in range(lower.size):
                i = lower[j]
                w = weight[j]
                out_r[j] = p_r[i] + w * (p_r[i + 1] - p_r[i])
                out_i[j] = p_i[i] + w * (p_i[i + 1] - p_i[i])
