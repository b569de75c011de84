"""Slow, obvious twins of the engine's kernels: what the fast code must equal."""

import math

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import MACHINE_SPEED_M_S
from physics.probe import Probe
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
