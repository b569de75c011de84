"""Any list of point scatterers, element by element: for comparison with other simulators.

The equations of SIMUS (Garcia, Comput Methods Programs Biomed 2022;218:106726): every point is
lit by the transmitting elements, its echo reaches every receiving element, and the channels
are then delayed, weighted and summed for each sample by itself, as a scanner does it. The
beams of the pictures (`beams`) are made of the same elements, but hold the receive focus
still while a pulse passes.

    R_e(f) = S(f) sum_p A_p X_p(f) T_e(p, f),      X_p = sum_i a_i exp(jk (r_i(focus) - focus)) T_i
    T_e    = cos(theta) D(theta, f) E(y, r, f) exp(-(jk + alpha f) r) / r
    IQ(s)  = exp(-2j k_c s) sum_e w_e(s) R_e(t = (s + r_e(s)) / c)

In a two-dimensional world 1 / sqrt(r) stands for 1 / r, and there is no lens E.
Conventions: time zero is such that a point at range s appears at s; apertures by
F-number without renormalisation; the probe's response follows the transmit frequency.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import fft

from physics.apodisation import apodisation_weights
from physics.beams import face_distance
from physics.constants import MACHINE_SPEED_M_S
from physics.elevation import elevation_field
from physics.kernel import kernel
from physics.parallel import N_THREAD, run_split
from physics.probe import Probe
from physics.pulse import band_edges, pulse_echo_spectrum
from physics.settings import ScanSettings

_BAND_FLOOR_DB = 80.0
_REACH_M = 8e-3
"""How far beside the transmitted cone a line hears, at least. With large receive F-numbers
3 lambda F."""
_BLOCK_M = 6e-3
"""Points this close in range are recorded together; a record is as short as they allow."""
_PULSE_M = 1.5e-3
"""Half a pulse, with all that the probe's response adds; at least five wavelengths."""
_LINES_AT_ONCE = 36
_PRODUCT = 60_000
"""Size of the matrix products, lines x elements x points: OpenBLAS keeps complex products below
65 536 on one thread. Above that its own threads are thirty times slower here than this engine's."""
_SAMPLES_AT_ONCE = 512
_SAMPLES_PER_PERIOD = 8
"""Of each channel, in a period of the transmit frequency; interpolated linearly after
demodulation. So it was done in the data that the tests compare with; against exact delays it
leaves up to 0.1 dB at -20 dB."""
_ELEVATION_STEP_M = 0.05e-3
_LENS_STEP_RAD = 0.1
"""Steps of the table of the lens: height, and phase at the edge of the lens."""
_LENS_NEAREST_M = 1e-3
"""Nearer than this the lens is taken as here."""


def image_points(
    x_m: np.ndarray,
    z_m: np.ndarray,
    amplitude: np.ndarray,
    *,
    probe: Probe,
    settings: ScanSettings,
    line_u: np.ndarray,
    sample_z_m: np.ndarray,
    y_m: np.ndarray | None = None,
    attenuation_db_cm_mhz: float = 0.0,
    planar: bool = False,
) -> np.ndarray:
    """IQ of point scatterers at 1540 m/s: complex64 [n_line, n_sample], demodulated at the
    transmit frequency.

    x_m, z_m, amplitude, y_m : float[n_point]; z from the face (from the chord, on a convex
    array). line_u : lateral line positions, m or rad. sample_z_m : range along the line, m.
    `planar`: a two-dimensional world, no elevation lens, y_m ignored.
    """
    x, z = np.asarray(x_m, float), np.asarray(z_m, float)
    u, range_m = _to_line_frame(probe, x, z)
    y = np.zeros(u.size) if planar or y_m is None else np.abs(np.asarray(y_m, float))
    strength = np.asarray(amplitude, float)
    lines, samples = np.asarray(line_u, float), np.asarray(sample_z_m, float)
    world = _World(probe, settings, attenuation_db_cm_mhz, planar)
    iq = np.zeros((lines.size, samples.size), complex)
    for block in _blocks(range_m):
        points = _Points(u[block], range_m[block], y[block], strength[block])
        record = _plan_record(world, points)
        heard = np.flatnonzero((samples >= record.first_m) & (samples <= record.last_m))
        if heard.size == 0:
            continue
        lens = _lens_table(world, record, points)
        for first in range(0, lines.size, _LINES_AT_ONCE):
            part = slice(first, first + _LINES_AT_ONCE)
            elements = _elements_needed(world, lines[part], record)
            signal = _channels(world, record, points, lens, lines[part], elements)
            for start in range(0, heard.size, _SAMPLES_AT_ONCE):
                chosen = heard[start : start + _SAMPLES_AT_ONCE]
                iq[part, chosen] += _delay_and_sum(
                    world, record, signal, lines[part], elements, samples[chosen]
                )
    carrier = 4 * np.pi * settings.frequency_hz / MACHINE_SPEED_M_S
    return (iq * np.exp(-1j * carrier * samples)).astype(np.complex64)


@dataclass(frozen=True)
class _World:
    """What all points and lines share."""

    probe: Probe
    settings: ScanSettings
    attenuation_db_cm_mhz: float
    planar: bool

    def spectrum(self, frequency_hz: np.ndarray) -> np.ndarray:
        transmit_hz = self.settings.frequency_hz
        return pulse_echo_spectrum(
            frequency_hz,
            transmit_hz=transmit_hz,
            n_cycle=1.0,
            centre_hz=transmit_hz,
            bandwidth=self.probe.bandwidth,
        )

    def reach_u(self, range_m: np.ndarray) -> float:
        """How far beside it a line hears points between these ranges, m or rad."""
        probe, settings = self.probe, self.settings
        wavelength = MACHINE_SPEED_M_S / settings.frequency_hz
        half_m = settings.focus_m / (2 * settings.tx_f_number)
        cone_m = half_m * float(np.abs(range_m / settings.focus_m - 1).max())
        reach_m = cone_m + max(_REACH_M, 3 * wavelength * settings.rx_f_number)
        if not probe.is_convex:
            return reach_m
        return reach_m / probe.radius_m

    def weights(
        self, line_u: np.ndarray, element: np.ndarray, depth_m: np.ndarray, sent: bool
    ) -> np.ndarray:
        """Apodisation of elements for a focus at each depth: float64 [n_line, n_depth, n_element].

        Active where |s_element - s_line| <= depth / (2 F), as far as there are channels.
        """
        probe, settings = self.probe, self.settings
        f_number = settings.tx_f_number if sent else settings.rx_f_number
        name = settings.tx_apodisation if sent else settings.rx_apodisation
        arc = probe.radius_m if probe.is_convex else 1.0
        offset_m = np.abs(probe.element_u[element] - line_u[:, None]) * arc
        half_m = np.maximum(depth_m / (2 * f_number), 1e-9)
        weights = apodisation_weights(name, offset_m[:, None, :] / half_m[:, None])
        nearest = np.rint((line_u - probe.element_u[0]) / probe.pitch_u)
        nearest = np.clip(nearest, 0, probe.n_element - 1)
        beyond = np.abs(element - nearest[:, None]) > probe.n_channel // 2
        return np.where(beyond[:, None, :], 0.0, weights)

    def to_focus(self, line_u: np.ndarray, element: np.ndarray, depth_m: np.ndarray) -> np.ndarray:
        """Distance of elements to places on lines: float64 [n_line, n_depth, n_element]."""
        du = self.probe.element_u[element] - line_u[:, None]
        return face_distance(self.probe, du[:, None, :], depth_m[:, None])[0]


@dataclass(frozen=True)
class _Points:
    """Points in the frame of the lines; float64 [n_point] each."""

    u: np.ndarray
    range_m: np.ndarray
    y_m: np.ndarray
    amplitude: np.ndarray


@dataclass(frozen=True)
class _Record:
    """One recording of all channels: period and frequencies.

    Time is told as range, half the way that sound went since it left the focused aperture.
    """

    start_m: float
    step_m: float
    n_sample: int
    """Samples after which the record repeats itself."""
    frequency_hz: np.ndarray
    offset: np.ndarray
    """int64 [n_frequency]: of each frequency from the transmit frequency, in steps."""
    first_m: float
    last_m: float
    """Ranges on a line at which the points of the record can be heard."""
    reach_u: float
    """How far beside it a line hears them, m or rad."""

    @property
    def k_rad_m(self) -> np.ndarray:
        return 2 * np.pi * self.frequency_hz / MACHINE_SPEED_M_S


def _to_line_frame(probe: Probe, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if not probe.is_convex:
        return x, z
    along = z + probe.apothem_m
    return np.arctan2(x, along), np.hypot(x, along) - probe.radius_m


def _blocks(range_m: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of points that lie in the same _BLOCK_M of range."""
    order = np.argsort(range_m, kind="stable")
    ordered = range_m[order]
    first = 0
    while first < order.size:
        last = int(np.searchsorted(ordered, ordered[first] + _BLOCK_M, side="right"))
        yield order[first:last]
        first = last


def _plan_record(world: _World, points: _Points) -> _Record:
    """A record long enough that nothing of these points is heard in the wrong place.

    Looks at points at both ends of the block, in front of the line and at the end of its reach,
    from elements across both apertures.
    """
    probe, settings = world.probe, world.settings
    arc = probe.radius_m if probe.is_convex else 1.0
    near, far = float(points.range_m.min()), float(points.range_m.max())
    s = np.array([near, near, far, far])[:, None]
    reach = world.reach_u(s)
    du = np.array([0.0, reach, 0.0, reach])[:, None]
    across = np.linspace(-1, 1, 17)
    sent = across * min(settings.focus_m / (2 * settings.tx_f_number), probe.footprint_m) / arc
    heard = across * min((far + 3e-3) / (2 * settings.rx_f_number), probe.footprint_m) / arc

    def distance(du: np.ndarray, range_m: np.ndarray) -> np.ndarray:
        return face_distance(probe, du, range_m)[0]

    focus = np.array([settings.focus_m])
    way = distance(du - sent, s) - distance(sent, focus) + settings.focus_m
    back = distance(du - heard, s)
    late = back - distance(heard, s) + s  # as the delays of a sample at the point's range have it
    pulse = max(_PULSE_M, 5 * MACHINE_SPEED_M_S / settings.frequency_hz)
    height = float(points.y_m.max())
    more = 2 * (math.hypot(near, height) - near) + 2 * pulse
    first = (way.min(axis=1) + late.min(axis=1)).min() / 2 - pulse
    last = ((way.max(axis=1) + late.max(axis=1)).max() + more) / 2
    first = max(first, 1e-4)
    begin = min(first, (way.min(axis=1) + back.min(axis=1)).min() / 2 - pulse)
    end = ((way.max(axis=1) + back.max(axis=1)).max() + more) / 2
    end = max(end, (last + distance(heard, np.array([last])).max()) / 2)
    step_m = MACHINE_SPEED_M_S / settings.frequency_hz / (2 * _SAMPLES_PER_PERIOD)
    # a whole number of periods, so that the transmit frequency is one of the record's own
    n_period = fft.next_fast_len(math.ceil((end - begin) / step_m / _SAMPLES_PER_PERIOD))
    step_hz = settings.frequency_hz / n_period
    low, high = band_edges(world.spectrum, 2 * settings.frequency_hz, _BAND_FLOOR_DB)
    order = np.arange(math.ceil(low / step_hz), math.floor(high / step_hz) + 1)
    n_sample = n_period * _SAMPLES_PER_PERIOD
    return _Record(begin, step_m, n_sample, order * step_hz, order - n_period, first, last, reach)


def _elements_needed(world: _World, line_u: np.ndarray, record: _Record) -> np.ndarray:
    """Indices of all elements that send or receive on any of these lines."""
    every = np.arange(world.probe.n_element)
    sent = world.weights(line_u, every, np.array([world.settings.focus_m]), sent=True)
    heard = world.weights(line_u, every, np.array([record.last_m]), sent=False)
    used = np.flatnonzero((sent + heard).any(axis=(0, 1)))
    return np.arange(used[0], used[-1] + 1)


def _first_sample(
    world: _World, record: _Record, line_u: np.ndarray, element: np.ndarray
) -> np.ndarray:
    """When the channels of every line are first sampled: float64 [n_line], told as range.

    Sampling runs from the moment at which the outermost element fires.
    """
    focus = np.array([world.settings.focus_m])
    sent = world.weights(line_u, element, focus, sent=True)[:, 0]
    distance = world.to_focus(line_u, element, focus)[:, 0]
    early = (np.where(sent > 0, distance, focus).max(axis=1) - focus) / 2
    return np.ceil((record.start_m + early) / record.step_m) * record.step_m - early


@dataclass(frozen=True)
class _Lens:
    """`elevation_field` without its curvature, on planes y = i * step and even steps of 1 / r.

    plane : int64 [n_plane], the i that points need. table : complex64 [n_plane, n_frequency,
    n_inverse].
    """

    plane: np.ndarray
    table: np.ndarray
    first_inverse: float
    inverse_step: float

    def plane_of(self, y_m: np.ndarray) -> np.ndarray:
        """Where heights lie in the table: float64 [n_point]."""
        position = y_m / _ELEVATION_STEP_M
        lower = np.floor(position)
        return np.searchsorted(self.plane, lower) + (position - lower)

    def place_of(self, r_m: np.ndarray) -> np.ndarray:
        """Where distances lie in the table: float32, same shape."""
        place = (1 / np.maximum(r_m, _LENS_NEAREST_M) - self.first_inverse) / self.inverse_step
        return np.clip(place, 0.0, self.table.shape[2] - 1.001).astype(np.float32)


def _lens_table(world: _World, record: _Record, points: _Points) -> _Lens:
    probe, hz = world.probe, record.frequency_hz
    if world.planar:
        return _Lens(np.zeros(1, int), np.ones((1, hz.size, 2), np.complex64), 0.0, 1e9)
    nearest = max(float(points.range_m.min()), _LENS_NEAREST_M)
    farthest = 2 * math.hypot(record.last_m, probe.footprint_m)
    step = _LENS_STEP_RAD / (record.k_rad_m[-1] * probe.height_m**2 / 8)
    inverse = 1 / farthest + np.arange(math.ceil((1 / nearest - 1 / farthest) / step) + 2) * step
    lower = np.floor(points.y_m / _ELEVATION_STEP_M).astype(int)
    plane = np.unique(np.concatenate([lower, lower + 1])) if points.y_m.any() else np.zeros(1, int)
    table = np.empty((plane.size, hz.size, inverse.size), np.complex64)
    for i, height in enumerate(plane * _ELEVATION_STEP_M):
        field = elevation_field(
            hz,
            np.array([height]),
            1 / inverse,
            height_m=probe.height_m,
            elevation_focus_m=probe.elevation_focus_m,
            curved=False,
        )
        table[i] = field[:, 0]
    return _Lens(plane, table, 1 / farthest, step)


def _channels(
    world: _World,
    record: _Record,
    points: _Points,
    lens: _Lens,
    line_u: np.ndarray,
    element: np.ndarray,
) -> np.ndarray:
    """Signals of every element for every line's transmission, demodulated at the transmit
    frequency: complex64 [n_line, n_element, n_sample]."""
    focus = np.array([world.settings.focus_m])
    k = record.k_rad_m[:, None, None]
    sent = world.weights(line_u, element, focus, sent=True)[:, 0]
    excess = world.to_focus(line_u, element, focus)[:, 0] - world.settings.focus_m
    drive = (sent * np.exp(1j * k * excess)).astype(np.complex64)
    step_hz = record.frequency_hz[1] - record.frequency_hz[0]
    # a sine burst: its echo is in quadrature to the carrier
    pulse = -1j * step_hz * world.spectrum(record.frequency_hz)[:, None, None]
    pulse = pulse * np.exp(2j * k * _first_sample(world, record, line_u, element)[:, None])
    active = np.flatnonzero(sent.any(axis=0))
    sending = slice(int(active[0]), int(active[-1]) + 1)
    spectra = np.zeros(drive.shape, np.complex64)
    at_once = max(1, _PRODUCT // (line_u.size * element.size))
    for first in range(0, points.u.size, at_once):
        part = slice(first, first + at_once)
        near = np.abs(points.u[part] - line_u[:, None]) <= record.reach_u
        if not near.any():
            continue
        some = _Points(
            points.u[part], points.range_m[part], points.y_m[part], points.amplitude[part]
        )
        field = _element_field(world, record, some, element, lens)
        strength = (near * some.amplitude).astype(np.float32)
        run_split(
            _echo, record.frequency_hz.size, drive[:, :, sending], field, sending, strength, spectra
        )
    spectra *= pulse.astype(np.complex64)
    padded = np.zeros((line_u.size, element.size, record.n_sample), np.complex64)
    padded[:, :, record.offset % record.n_sample] = spectra.transpose(1, 2, 0)
    return fft.ifft(padded, axis=2, workers=N_THREAD, overwrite_x=True, norm="forward")


def _echo(
    first: int,
    last: int,
    drive: np.ndarray,
    field: np.ndarray,
    sending: slice,
    strength: np.ndarray,
    spectra: np.ndarray,
) -> None:
    """Add the echoes of some points at frequencies first..last: every line lights them, and
    they answer to every element. strength : float32 [n_line, n_point]."""
    part = slice(first, last)
    lit = drive[part] @ field[part, :, sending].transpose(0, 2, 1)
    spectra[part] += (lit * strength) @ field[part]


def _element_field(
    world: _World, record: _Record, points: _Points, element: np.ndarray, lens: _Lens
) -> np.ndarray:
    """T of the module's head: complex64 [n_frequency, n_point, n_element].

    As in SIMUS an element is split into pieces. Where each of them is, counts at every
    frequency; its own directivity is that of the transmit frequency.
    """
    probe, carrier_hz = world.probe, world.settings.frequency_hz
    du = points.u[:, None] - probe.element_u[element]
    flat, cosine, sine = face_distance(probe, du, points.range_m[:, None])
    piece = _pieces(world)
    ahead, across = flat * cosine, flat * sine - piece[:, None, None]
    flat = np.hypot(ahead, across)
    sine = across / flat
    r = np.maximum(np.hypot(flat, points.y_m[:, None]), MACHINE_SPEED_M_S / carrier_hz / 2)
    gain = np.maximum(ahead / flat, 0.0) / (np.sqrt(r) if world.planar else r) / piece.size
    gain *= np.sinc(carrier_hz / MACHINE_SPEED_M_S * probe.width_m / piece.size * sine)
    k, step = record.k_rad_m[0], record.k_rad_m[1] - record.k_rad_m[0]
    # neper per metre for every radian per metre
    loss = world.attenuation_db_cm_mhz * 100e-6 * math.log(10) / 20 * MACHINE_SPEED_M_S / 2 / np.pi
    out = np.empty((record.frequency_hz.size, points.u.size, element.size), np.complex64)
    run_split(
        _fill_field,
        points.u.size,
        (gain * np.exp(-(1j + loss) * k * r)).astype(np.complex64),
        np.exp(-(1j + loss) * step * r).astype(np.complex64),
        lens.table,
        np.zeros(points.u.size) if world.planar else lens.plane_of(points.y_m),
        lens.place_of(flat.mean(axis=0)),
        out,
    )
    return out


def _pieces(world: _World) -> np.ndarray:
    """Where the pieces of an element are: float64 [ceil(width / shortest wavelength)], m."""
    probe = world.probe
    shortest = MACHINE_SPEED_M_S / (world.settings.frequency_hz * (1 + probe.bandwidth / 2))
    n = math.ceil(probe.width_m / shortest)
    return ((np.arange(n) + 0.5) / n - 0.5) * probe.width_m


@kernel
def _fill_field(first, last, wave, turn, lens, plane, place, out):
    """Points first..last of `_element_field`.

    wave, turn : complex64 [n_piece, n_point, n_element], at the first frequency and from one
    to the next. plane : float64 [n_point] and place : float32 [n_point, n_element], where to
    look in `lens`.
    """
    n_piece, _, n_element = wave.shape
    now = np.empty((n_piece, n_element), np.complex64)
    field = np.empty(n_element, np.complex64)
    for p in range(first, last):
        lower = int(plane[p])
        upper = min(lower + 1, lens.shape[0] - 1)
        between = np.float32(plane[p] - lower)
        now[:] = wave[:, p]
        for n in range(out.shape[0]):
            field[:] = 0.0
            for m in range(n_piece):
                for e in range(n_element):  # elements innermost: one after the other in memory
                    field[e] += now[m, e]
                    now[m, e] *= turn[m, p, e]
            here, beside = lens[lower, n], lens[upper, n]
            for e in range(n_element):
                i = int(place[p, e])
                along = place[p, e] - np.float32(i)
                seen = here[i] + along * (here[i + 1] - here[i])
                if between > 0:
                    other = beside[i] + along * (beside[i + 1] - beside[i])
                    seen += between * (other - seen)
                out[n, p, e] = field[e] * seen


def _delay_and_sum(
    world: _World,
    record: _Record,
    signal: np.ndarray,
    line_u: np.ndarray,
    element: np.ndarray,
    sample_m: np.ndarray,
) -> np.ndarray:
    """Every sample with its own delays and weights: complex64 [n_line, n_sample]."""
    weight = world.weights(line_u, element, sample_m, sent=False)
    path = (world.to_focus(line_u, element, sample_m) + sample_m[:, None]) / 2
    path -= _first_sample(world, record, line_u, element)[:, None, None]
    out = np.zeros((line_u.size, sample_m.size), np.complex64)
    run_split(_sum_channels, line_u.size, signal, weight, path / record.step_m, out)
    return out


@kernel
def _sum_channels(first, last, signal, weight, position, out):
    """Lines first..last of `_delay_and_sum`: linear interpolation, exact phase of the carrier."""
    n_sample = signal.shape[2]
    turn = 2 * math.pi / _SAMPLES_PER_PERIOD
    for b in range(first, last):
        for j in range(out.shape[1]):
            total = 0.0 + 0.0j
            for e in range(signal.shape[1]):
                w = weight[b, j, e]
                if w == 0.0:
                    continue
                x = position[b, j, e]
                i = math.floor(x)
                before, after = signal[b, e, i % n_sample], signal[b, e, (i + 1) % n_sample]
                value = before + (x - i) * (after - before)
                total += value * complex(w * math.cos(turn * x), w * math.sin(turn * x))
            out[b, j] = total
