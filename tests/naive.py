"""Slow, obvious twins of the engine's kernels: what the fast code must equal."""

import math

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import MACHINE_SPEED_M_S
from physics.probe import Probe
from physics.pulse import pulse_echo_spectrum
from physics.settings import ScanSettings


def element_places(probe: Probe) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x, z and angle of every element's normal; z from the face's apex."""
    if not probe.is_convex:
        return probe.element_u, np.zeros(probe.n_element), np.zeros(probe.n_element)
    angle = probe.element_u
    return probe.radius_m * np.sin(angle), probe.radius_m * (np.cos(angle) - 1), angle


def line_point(
    probe: Probe, u: float, range_m: float, steer_rad: float = 0.0
) -> tuple[float, float]:
    """x, z of a point on a scan line."""
    if not probe.is_convex:
        return u + range_m * math.sin(steer_rad), range_m * math.cos(steer_rad)
    far = probe.radius_m + range_m
    return far * math.sin(u), far * math.cos(u) - probe.radius_m


def element_field(
    probe: Probe, frequency_hz: float, x: float, z: float, *, planar: bool
) -> np.ndarray:
    """Field of every element at one point: cos(theta) sinc(k w sin(theta) / 2) exp(-jkr) / r
    (1 / sqrt(r) in two dimensions), soft baffle."""
    k = 2 * np.pi * frequency_hz / MACHINE_SPEED_M_S
    ex, ez, angle = element_places(probe)
    r = np.hypot(x - ex, z - ez)
    theta = np.arctan2(x - ex, z - ez) - angle
    directivity = np.sinc(k * probe.width_m * np.sin(theta) / (2 * np.pi))
    spread = np.sqrt(r) if planar else r
    return np.maximum(np.cos(theta), 0) * directivity * np.exp(-1j * k * r) / spread


def aperture(
    probe: Probe, u: float, depth_m: float, f_number: float, apodisation: str
) -> np.ndarray:
    """Weight of every element for a focus at this range on the line."""
    arc = probe.radius_m if probe.is_convex else 1.0
    distance = np.abs(probe.element_u - u) * arc
    return apodisation_weights(apodisation, distance / (depth_m / (2 * f_number)))


def focus_distance(probe: Probe, u: float, depth_m: float, steer_rad: float = 0.0) -> np.ndarray:
    """Distance of every element to the point at this range on the line."""
    x, z = line_point(probe, u, depth_m, steer_rad)
    ex, ez, _ = element_places(probe)
    return np.hypot(x - ex, z - ez)


def beamformed(
    probe: Probe,
    settings: ScanSettings,
    frequency_hz: float,
    *,
    u: float,
    point_u: float,
    point_range_m: float,
    sample_range_m: float,
    planar: bool,
) -> complex:
    """What one line hears of one unit point at one frequency, as delay-and-sum does it.

    Phases relative to the point at its own range: exp(+2jk point_range) is taken out.
    """
    k = 2 * np.pi * frequency_hz / MACHINE_SPEED_M_S
    field = element_field(
        probe, frequency_hz, *line_point(probe, point_u, point_range_m), planar=planar
    )
    focus = settings.focus_m
    sent = aperture(probe, u, focus, settings.tx_f_number, settings.tx_apodisation)
    sent = np.sum(sent * np.exp(1j * k * (focus_distance(probe, u, focus) - focus)) * field)
    s = sample_range_m
    heard = aperture(probe, u, s, settings.rx_f_number, settings.rx_apodisation)
    heard = np.sum(heard * np.exp(1j * k * (focus_distance(probe, u, s) - s)) * field)
    return complex(sent * heard * np.exp(2j * k * point_range_m))


def rayleigh_lens(
    frequency_hz: float, y_m: float, range_m: float, *, height_m: float, elevation_focus_m: float
) -> complex:
    """Elevation field by direct integration, exact paths and a thin lens (Kinsler et al.,
    Fundamentals of Acoustics, 4th ed., 7.4): what the four Gaussians stand for."""
    k = 2 * np.pi * frequency_hz / MACHINE_SPEED_M_S
    piece = (np.arange(2000) + 0.5) / 2000 * height_m - height_m / 2
    lens = np.sqrt(elevation_focus_m**2 + piece**2) - elevation_focus_m
    path = np.sqrt(range_m**2 + (y_m - piece) ** 2) - range_m
    return complex(np.mean(np.exp(1j * k * (lens - path))))


def four_gaussian_lens(k: float, y_m: float, r_m: np.ndarray, probe: Probe) -> np.ndarray:
    """The lens of SIMUS, exp(+jkr) as in its source (Garcia 2022, eq. 17 and 18)."""
    a1, a2, b1, b2 = 0.187 + 0.275j, 0.288 - 1.954j, 4.558 - 25.59j, 8.598 - 7.924j
    field = np.zeros(np.shape(r_m), complex)
    for a, b in ((a1, b1), (a2, b2), (np.conj(a1), np.conj(b1)), (np.conj(a2), np.conj(b2))):
        alpha = b / probe.height_m**2 + 0.5j * k * (1 / probe.elevation_focus_m - 1 / r_m)
        field += a * np.sqrt(np.pi / alpha) * np.exp(-((k * y_m / r_m) ** 2) / (4 * alpha))
    whole = 2 * np.real(a1 * np.sqrt(np.pi / b1) + a2 * np.sqrt(np.pi / b2))
    return field / (probe.height_m * whole)  # 1 at the focus of the lens


def simus_line(
    probe: Probe,
    settings: ScanSettings,
    *,
    u: float,
    sample_m: np.ndarray,
    point: tuple[float, float, float],
    planar: bool,
    attenuation_db_cm_mhz: float = 0.0,
    n_frequency: int = 400,
) -> np.ndarray:
    """IQ of one unit point (x, y, z from the apex of the face) on one line, as PyMUST's equations
    have it: a sum over frequencies, elements and their pieces; delays of every sample by itself.

    Source: Garcia 2022; PyMUST 0.1.9, `pfield` and `simus`. Distances in the image plane go into
    the lens and, with y, into all the rest.
    """
    x, y, z = point
    carrier = settings.frequency_hz
    n_piece = math.ceil(probe.width_m * carrier * (1 + probe.bandwidth / 2) / MACHINE_SPEED_M_S)
    piece = ((np.arange(n_piece) + 0.5) / n_piece - 0.5) * probe.width_m
    ex, ez, angle = element_places(probe)
    px = ex[:, None] + piece * np.cos(angle)[:, None]
    pz = ez[:, None] - piece * np.sin(angle)[:, None]
    flat = np.hypot(x - px, z - pz)
    r = np.maximum(np.hypot(flat, y), MACHINE_SPEED_M_S / carrier / 2)
    theta = np.arcsin((x - px) / flat) - angle[:, None]
    own = np.sinc(carrier / MACHINE_SPEED_M_S * probe.width_m / n_piece * np.sin(theta))
    gain = np.maximum(np.cos(theta), 0.0) * own / (np.sqrt(r) if planar else r)
    focus = settings.focus_m
    sent = aperture(probe, u, focus, settings.tx_f_number, settings.tx_apodisation)
    ahead = focus_distance(probe, u, focus) - focus
    heard = [aperture(probe, u, s, settings.rx_f_number, settings.rx_apodisation) for s in sample_m]
    path = np.array([focus_distance(probe, u, s) + s for s in sample_m])
    hz = np.linspace(0, 2, n_frequency + 1)[1:-1] * carrier
    amplitude = pulse_echo_spectrum(
        hz, transmit_hz=carrier, n_cycle=1.0, centre_hz=carrier, bandwidth=probe.bandwidth
    )
    iq = np.zeros(sample_m.size, complex)
    for f, a in zip(hz, amplitude, strict=True):
        k = 2 * np.pi * f / MACHINE_SPEED_M_S
        neper_m = attenuation_db_cm_mhz * f * 1e-6 * 100 * math.log(10) / 20
        field = np.mean(gain * np.exp(-(1j * k + neper_m) * r), axis=1)
        if not planar:
            field = field * np.conj(four_gaussian_lens(k, y, flat.mean(axis=1), probe))
        lit = np.sum(sent * np.exp(1j * k * ahead) * field)
        iq += -1j * a * lit * np.sum(heard * np.exp(1j * k * path) * field, axis=1)
    return iq * (hz[1] - hz[0]) * np.exp(-4j * np.pi * carrier / MACHINE_SPEED_M_S * sample_m)


def steered_envelope(
    probe: Probe,
    settings: ScanSettings,
    spectrum: tuple[np.ndarray, np.ndarray],
    *,
    u: float,
    point_m: tuple[float, float],
    sample_range_m: np.ndarray,
) -> np.ndarray:
    """Envelope of one unit point (x, z) along one steered line, by delay and sum of every element
    at every frequency and sample. spectrum : frequencies, Hz, and their weights."""
    out = np.zeros(sample_range_m.size, complex)
    focus, steer = settings.focus_m, settings.steer_rad
    ahead = focus_distance(probe, u, focus, steer) - focus
    sent = aperture(probe, u, focus, settings.tx_f_number, settings.tx_apodisation)
    for hz, share in zip(*spectrum, strict=True):
        k = 2 * np.pi * hz / MACHINE_SPEED_M_S
        field = element_field(probe, hz, *point_m, planar=False)
        tx = np.sum(sent * np.exp(1j * k * ahead) * field)
        for i, s in enumerate(sample_range_m):
            w = aperture(probe, u, s, settings.rx_f_number, settings.rx_apodisation)
            late = focus_distance(probe, u, s, steer) - s
            rx = np.sum(w * np.exp(1j * k * late) * field) / np.sum(w)
            out[i] += share * tx * rx * np.exp(2j * k * s)
    return np.abs(out)


def top_region(distances: np.ndarray) -> int:
    """The last region that holds a point; region 0 is everywhere."""
    inside = [r for r in range(len(distances)) if distances[r] < 0]
    return max([0, *inside])


def parts_of_cell(above: np.ndarray, below: np.ndarray, n: int = 20_000) -> list[tuple[int, float]]:
    """Regions met on the way down a cell and where each begins, by looking at n places."""
    found: list[tuple[int, float]] = []
    for t in (np.arange(n) + 0.5) / n:
        here = top_region(above + t * (below - above))
        if not found or found[-1][0] != here:
            found.append((here, 0.0 if not found else t))
    return found


def log_compressed(envelope: np.ndarray, dynamic_range_db: float) -> np.ndarray:
    with np.errstate(divide="ignore"):
        level = 20 * np.log10(envelope)
    return np.clip(255 * (level + dynamic_range_db) / dynamic_range_db, 0, 255)


def scan_converted(
    grey: np.ndarray, line_x: np.ndarray, sample_z: np.ndarray, depth_m: float, n_row: int
) -> np.ndarray:
    """Bilinear picture, pixel by pixel; half a line spacing beyond the outer lines."""
    pitch = line_x[1] - line_x[0]
    width = line_x[-1] - line_x[0] + pitch
    n_column = max(2, round(width / (depth_m / n_row)))
    picture = np.empty((n_row, n_column))
    for row in range(n_row):
        z = (row + 0.5) * depth_m / n_row
        j = (z - sample_z[0]) / (sample_z[1] - sample_z[0])
        j = min(max(j, 0.0), sample_z.size - 1.001)
        for column in range(n_column):
            x = line_x[0] - pitch / 2 + (column + 0.5) * width / n_column
            b = min(max((x - line_x[0]) / pitch, 0.0), line_x.size - 1.001)
            j0, b0 = int(j), int(b)
            v, w = j - j0, b - b0
            left = grey[b0, j0] * (1 - v) + grey[b0, j0 + 1] * v
            right = grey[b0 + 1, j0] * (1 - v) + grey[b0 + 1, j0 + 1] * v
            picture[row, column] = left * (1 - w) + right * w
    return picture


def persisted(raw: np.ndarray, history: np.ndarray, share: float) -> np.ndarray:
    """Amplitude whose level in dB is share x old + (1 - share) x new; phase of the new echo."""
    level = share * 20 * np.log10(np.abs(history)) + (1 - share) * 20 * np.log10(np.abs(raw))
    return 10 ** (level / 20) * np.exp(1j * np.angle(raw))


def lee_filtered(envelope: np.ndarray, n_line: int, n_sample: int) -> np.ndarray:
    """Mean of the window + W x (value - mean), W = max(0, 1 - Cu^2 / Ci^2), window by window."""
    margins = ((n_line // 2, n_line // 2), (n_sample // 2, n_sample // 2))
    wide = np.pad(envelope.astype(float), margins, mode="edge")
    out = np.empty(envelope.shape)
    for b in range(envelope.shape[0]):
        for j in range(envelope.shape[1]):
            window = wide[b : b + n_line, j : j + n_sample]
            mean, variance = window.mean(), window.var()
            pure = 4 / math.pi - 1
            weight = max(0.0, 1 - pure * mean**2 / variance) if variance > 0 else 0.0
            out[b, j] = mean + weight * (envelope[b, j] - mean)
    return out


def sharpened(grey: np.ndarray, amount: float, n_sample: int) -> np.ndarray:
    """grey + amount (grey - mean along depth), sample by sample; between black and white."""
    half = n_sample // 2
    out = np.empty(grey.shape)
    for b in range(grey.shape[0]):
        wide = np.pad(grey[b].astype(float), half, mode="edge")
        for j in range(grey.shape[1]):
            mean = wide[j : j + n_sample].mean()
            out[b, j] = min(max(grey[b, j] + amount * (grey[b, j] - mean), 0.0), 255.0)
    return out


def axis_gain(probe: Probe, settings: ScanSettings, z_m: float, n_strip: int = 4) -> float:
    """Pressure on the axis of the middle line re the mean pressure of the face: Rayleigh
    integral over small pieces of every element (soft baffle), with the lens as a delay.

    p = sum_e a_e exp(jk (r_e(focus) - focus)) int (z / r) exp(-jk (r - lens)) / r dA k / 2 pi
    """
    k = 2 * np.pi * settings.frequency_hz / MACHINE_SPEED_M_S
    u = float(probe.element_u[probe.n_element // 2])
    weight = aperture(probe, u, settings.focus_m, settings.tx_f_number, settings.tx_apodisation)
    weight[np.abs(np.arange(probe.n_element) - probe.n_element // 2) > probe.n_channel // 2] = 0
    delay = focus_distance(probe, u, settings.focus_m) - settings.focus_m
    n_row = 200
    y = ((np.arange(n_row) + 0.5) / n_row - 0.5) * probe.height_m
    lens = np.sqrt(probe.elevation_focus_m**2 + y**2) - probe.elevation_focus_m
    total = 0.0 + 0.0j
    for x, a, ahead in zip(probe.element_u, weight, delay, strict=True):
        for strip in ((np.arange(n_strip) + 0.5) / n_strip - 0.5) * probe.width_m:
            r = np.sqrt((x + strip - u) ** 2 + y**2 + z_m**2)
            total += a * np.sum(z_m / r**2 * np.exp(-1j * k * (r - ahead - lens)))
    piece = probe.pitch_m / n_strip * probe.height_m / n_row  # gaps count as face: the mean
    return float(abs(total) * piece * k / (2 * np.pi))


def quasi_linear_harmonic(
    source_x: np.ndarray,
    source_y: np.ndarray,
    place_m: np.ndarray,
    *,
    transmit_hz: float,
    z_m: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """A paraxial beam and its second harmonic over beta w1 / (2 rho c^3), by adding up what each
    depth sends on: p2(z) = int_0^z [p1(z')^2 carried from z' to z at 2 k] dz'.

    source_x, source_y : complex [n], the source is their product. z_m : evenly spaced from 0.
    Returns p1 and p2 at the last depth and y = 0: complex [n].
    """
    k = 2 * np.pi * transmit_hz / MACHINE_SPEED_M_S
    kappa = 2 * np.pi * np.fft.fftfreq(place_m.size, place_m[1] - place_m[0])
    middle = int(np.argmin(np.abs(place_m)))

    def carried(field: np.ndarray, wavenumber: float, length_m: float) -> np.ndarray:
        return np.fft.ifft(np.fft.fft(field) * np.exp(0.5j * kappa**2 * length_m / wavenumber))

    total = np.zeros(place_m.size, complex)
    for j, z in enumerate(z_m):
        weight = (z_m[1] - z_m[0]) * (0.5 if j in (0, z_m.size - 1) else 1.0)
        x, y = (carried(carried(s, k, z) ** 2, 2 * k, z_m[-1] - z) for s in (source_x, source_y))
        total += weight * x * y[middle]
    return carried(source_x, k, z_m[-1]) * carried(source_y, k, z_m[-1])[middle], total


def heard_at_another_speed(
    probe: Probe,
    settings: ScanSettings,
    frequency_hz: float,
    *,
    u: float,
    point_x_m: float,
    travel_s: float,
    medium_speed_m_s: float,
) -> complex:
    """What the line at u hears, `travel_s` after sending, of a point beside it that echoes then:
    delays by the machine's speed, sound by the medium's; a linear array. Phases re the way
    straight down and back."""
    omega, machine = 2 * np.pi * frequency_hz, settings.machine_speed_m_s
    z = medium_speed_m_s * travel_s / 2
    ex = probe.element_u
    r = np.hypot(point_x_m - ex, z)
    sine = (point_x_m - ex) / r
    k = omega / medium_speed_m_s
    field = (z / r) * np.sinc(k * probe.width_m * sine / (2 * np.pi)) / r
    late_s = (r - z) / medium_speed_m_s

    def summed(depth_m: float, f_number: float, name: str) -> complex:
        believed_s = (np.hypot(ex - u, depth_m) - depth_m) / machine
        weight = aperture(probe, u, depth_m, f_number, name)
        return complex(np.sum(weight * field * np.exp(1j * omega * (believed_s - late_s))))

    sent = summed(settings.focus_m, settings.tx_f_number, settings.tx_apodisation)
    shown = machine * travel_s / 2
    return sent * summed(shown, settings.rx_f_number, settings.rx_apodisation)


def compounded_line(
    iq: np.ndarray, hz: np.ndarray, centre_hz: float, sigma_hz: float, n_part: int
) -> np.ndarray:
    """Mean amplitude of parts of the band of one line; every sum over frequency written out.

    hz : frequency of each bin of the line's discrete spectrum.
    """
    n = iq.size
    turns = np.exp(-2j * np.pi * np.outer(np.arange(n), np.arange(n)) / n)
    spectrum = turns @ iq
    total = np.zeros(n)
    for m in range(n_part):
        middle = centre_hz + (m - (n_part - 1) / 2) * 2.45 * sigma_hz / n_part
        wanted = np.exp(-((hz - middle) ** 2) / (2 * (sigma_hz / n_part) ** 2))
        there = np.exp(-((hz - centre_hz) ** 2) / (2 * sigma_hz**2))
        total += np.abs(turns.conj() @ (spectrum * wanted / there)) / n * math.sqrt(n_part)
    return total / n_part
