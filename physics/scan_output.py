"""What the scanner sends at one position of its knobs: a stage of the imaging chain.

The field is that of the picture (elements, apodisation, focus, lens), with its absolute
scale: a face of mean pressure p0 makes, on the axis of the line,

    p(z, f) = p0 (k / 2 pi) pitch h E(0, z) sum_e a_e exp(jk(r_e(focus) - focus)) T_e(0, z)

with T of physics.beams, E of physics.elevation, h the elevation aperture. Source: Rayleigh
integral, soft baffle (Kinsler et al., Fundamentals of Acoustics, 4th ed., 7.4). At a focus
of both planes that is the focal gain D h / (lambda z).

Only the axis of the line nearest to the middle of the face is computed: a symmetric aperture has
its largest pressure there, and lines near the ends of the array have smaller apertures. What
scanning adds sideways follows from the power each line carries, so no lateral field is needed.

Of several focal zones the strongest pulse counts for MI and pressures, and the mean over all for
what heats: each has its share of the pulses a second.
"""

import math

import numpy as np

from physics.acoustic_output import (
    W01_LENGTH_M,
    AcousticOutput,
    derating,
    mechanical_index,
    soft_tissue_index,
)
from physics.apodisation import without_side_lobes
from physics.beams import LineClass, element_table, transmit_weights
from physics.constants import MACHINE_SPEED_M_S
from physics.elevation import elevation_field
from physics.looks import Look, lines_of
from physics.probe import Probe
from physics.pulse import BANDWIDTH, pulse_spectrum
from physics.sector import Sector
from physics.theory import frame_rate_hz
from physics.zones import Zones

IMPEDANCE_RAYL = 1000.0 * MACHINE_SPEED_M_S
"""Water as the machine imagines it: measurements of output are made in water."""
_N_FREQUENCY = 16
_N_TIME = 128
_SHALLOWEST = 0.4
"""Nearest depth looked at, of the elevation aperture: nearer, the lens does nothing yet."""
_DURATION = 2.2655
"""Pulse duration over sigma of a Gaussian envelope: 1.25 times the time in which its energy
goes from 10 % to 90 % (UD 2): 1.25 x 2 x 1.2816 / sqrt(2)."""


def measure_output(
    probe: Probe,
    sector: Sector,
    zones: Zones,
    *,
    frequency_hz: float,
    depth_m: float,
    tx_f_number: float,
    tx_apodisation: str,
    power_db: float,
    harmonic: str = "off",
    machine_speed_m_s: float = MACHINE_SPEED_M_S,
    side_lobes: str = "on",
    pulse_rate: str = "normal",
) -> AcousticOutput:
    """Indices and intensities of B-mode, one pulse a line and zone.

    The receiver is not asked: gain, TGC and dynamic range cannot move what is sent. In harmonic
    mode that is half the frequency; pulse inversion sends as many pulses a second, for half
    as many frames. The machine's speed says how long it listens; its delays are taken to fit
    the water that output is measured in.
    """
    frequency_hz = frequency_hz / 2 if harmonic == "on" else frequency_hz
    tx_apodisation = without_side_lobes(tx_apodisation, side_lobes)
    source_pa = probe.source_pressure_pa * 10 ** (power_db / 20)
    spectrum = source_spectrum(frequency_hz)
    z = np.sort(
        np.concatenate(
            [depths_to_search(probe, frequency_hz, f, tx_f_number) for f in zones.focus_m]
        )
    )
    lens = _lens_gain(probe, spectrum[0], z)
    kept = derating(frequency_hz, z)
    lines = lines_of(probe, Look(), sector)
    element = _nearest_elements(probe, lines.u)

    # one pulse of each zone, on the axis
    pulses, apertures = [], []
    for focus_m in zones.focus_m:
        weights = _weights_of_line(
            probe, spectrum[0], focus_m, tx_f_number, tx_apodisation, int(element[lines.central])
        )
        gain = _array_gain(probe, spectrum[0], z, weights) * lens
        energy = _energy_s(spectrum, gain) * kept**2
        best = int(np.argmax(energy))
        pressure = source_pa * float(kept[best]) * _peak(spectrum, gain[:, best])
        pulses.append((pressure, float(z[best]), float(energy[best])))
        apertures.append(np.abs(weights[0]) ** 2)
    pressure_pa, peak_m, energy_s = max(pulses)
    duration_s = _DURATION * _envelope_sigma_s(frequency_hz)
    source_w_m2 = source_pa**2 / (2 * IMPEDANCE_RAYL)

    # many pulses: every line, as often as if it had one zone
    line_rate_hz = frame_rate_hz(
        lines.n, depth_m, speed_m_s=machine_speed_m_s, pulse_rate=pulse_rate
    )
    face_j_m2 = source_w_m2 * float(_energy_s(spectrum, np.ones((_N_FREQUENCY, 1)))[0])
    fired = np.bincount(element, minlength=probe.n_element)
    power_w, of_centre_w = np.mean(
        [_power(probe, sector, fired, one, face_j_m2 * line_rate_hz) for one in apertures], axis=0
    ).tolist()
    spread = probe.radius_m / (probe.radius_m + z) if probe.is_convex else 1.0
    active = float(np.mean([one.sum() for one in apertures])) * probe.pitch_u / sector.step_u
    scanned = _energy_s(spectrum, lens) * kept**2 * spread * active
    warmest = int(np.argmax(scanned))
    tis = soft_tissue_index(of_centre_w, frequency_hz)
    return AcousticOutput(
        mi=mechanical_index(pressure_pa, frequency_hz),
        tis=tis,
        tib=tis,
        pressure_pa=pressure_pa,
        peak_m=peak_m,
        pulse_intensity_w_m2=source_w_m2 * energy_s / duration_s,
        average_intensity_w_m2=source_w_m2 * line_rate_hz * float(scanned[warmest]),
        average_peak_m=float(z[warmest]),
        power_w=power_w,
        power_of_centre_w=of_centre_w,
        pulse_rate_hz=frame_rate_hz(1, depth_m, speed_m_s=machine_speed_m_s, pulse_rate=pulse_rate),
    )


def source_spectrum(frequency_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies of the transmitted pulse, Hz, and their shares, which add up to 1.

    The transmitter has the root of the two-way spectrum, the receiver the other half. Steps
    of a tenth of the frequency: the pulse repeats only after ten cycles.
    """
    f = frequency_hz * np.linspace(0.25, 1.75, _N_FREQUENCY)
    share = np.sqrt(pulse_spectrum(frequency_hz)(f))
    return f, share / share.sum()


def depths_to_search(
    probe: Probe, frequency_hz: float, focus_m: float, f_number: float
) -> np.ndarray:
    """Depths at which the peak is looked for, m: evenly to beyond the focus of the lens, and
    about the transmit focus 1.2 lambda F^2 apart, which misses its peak by 0.1 dB at most."""
    widest = 2 * _reach(probe, focus_m, f_number) * probe.pitch_m
    half = 7 * (MACHINE_SPEED_M_S / frequency_hz) * max(f_number, focus_m / widest) ** 2
    nearest, lens_m = _SHALLOWEST * probe.height_m, probe.elevation_focus_m
    about = focus_m + half * np.linspace(-1, 1, 13)
    about = np.clip(about, nearest, 1.2 * max(focus_m, lens_m))
    return np.sort(np.concatenate([about, np.linspace(nearest, 1.2 * lens_m, 13)]))


def axis_gain(
    probe: Probe,
    frequency_hz: np.ndarray,
    z_m: np.ndarray,
    *,
    focus_m: float,
    tx_f_number: float,
    tx_apodisation: str,
) -> np.ndarray:
    """Pressure on the axis of the middle line re that of the face: complex [n_frequency, n_z]."""
    middle = probe.n_element // 2
    weights = _weights_of_line(probe, frequency_hz, focus_m, tx_f_number, tx_apodisation, middle)
    return _array_gain(probe, frequency_hz, z_m, weights) * _lens_gain(probe, frequency_hz, z_m)


def _reach(probe: Probe, focus_m: float, f_number: float) -> int:
    wanted = math.ceil(focus_m / (2 * f_number) / probe.pitch_m) + 1
    return min(wanted, probe.n_channel // 2)


def _nearest_elements(probe: Probe, line_u: np.ndarray) -> np.ndarray:
    """The element that each line is nearest to: int64 [n_line]."""
    place = np.rint((line_u - probe.element_u[0]) / probe.pitch_u).astype(np.int64)
    return np.clip(place, 0, probe.n_element - 1)


def _weights_of_line(
    probe: Probe,
    frequency_hz: np.ndarray,
    focus_m: float,
    f_number: float,
    apodisation: str,
    element: int,
) -> np.ndarray:
    """Complex weight of each element about the line in front of one: [n_frequency, n_q]."""
    reach = _reach(probe, focus_m, f_number)
    kind = LineClass(0.0, 0, -min(element, reach), min(probe.n_element - 1 - element, reach))
    return transmit_weights(
        probe,
        frequency_hz,
        kind,
        reach_element=reach,
        focus_m=focus_m,
        f_number=f_number,
        apodisation=apodisation,
    )


def _array_gain(
    probe: Probe, frequency_hz: np.ndarray, z_m: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Gain in the image plane alone: complex [n_frequency, n_z]."""
    n_side = weights.shape[1] // 2
    table = element_table(probe, frequency_hz, z_m, step=probe.pitch_u, n_side=n_side, planar=False)
    summed = np.einsum("znq,nq->nz", table[0] + 1j * table[1], weights)
    return probe.pitch_m * np.sqrt(frequency_hz[:, None] * z_m / MACHINE_SPEED_M_S) * summed


def _lens_gain(probe: Probe, frequency_hz: np.ndarray, z_m: np.ndarray) -> np.ndarray:
    """Gain across the image plane, by the lens: complex [n_frequency, n_z]."""
    lens = elevation_field(
        frequency_hz,
        np.zeros(1),
        z_m,
        height_m=probe.height_m,
        elevation_focus_m=probe.elevation_focus_m,
    )[:, 0]
    return probe.height_m * np.sqrt(frequency_hz[:, None] / (MACHINE_SPEED_M_S * z_m)) * lens


def _energy_s(spectrum: tuple[np.ndarray, np.ndarray], gain: np.ndarray) -> np.ndarray:
    """Integral of the squared envelope over the pulse re the face's peak, s: one for each
    column of `gain` [n_frequency, ...] (Parseval)."""
    f, share = spectrum
    return np.sum(np.abs(share[:, None] * gain) ** 2, axis=0) / (f[1] - f[0])


def _peak(spectrum: tuple[np.ndarray, np.ndarray], gain: np.ndarray) -> float:
    """Largest value of the envelope re the face's peak, at one place; gain [n_frequency].

    Taken as the rarefactional peak: the phase of the carrier is not known, and linear sound
    rarefies as much as it compresses.
    """
    f, share = spectrum
    turns = np.outer(np.arange(_N_TIME) / _N_TIME, np.arange(f.size))  # over one period
    return float(np.abs(np.exp(2j * np.pi * turns) @ (share * gain)).max())


def _envelope_sigma_s(frequency_hz: float) -> float:
    """Standard deviation in time of the transmitted envelope, s."""
    two_way_hz = BANDWIDTH * frequency_hz / (2 * math.sqrt(2 * math.log(2)))
    return 1 / (2 * math.pi * math.sqrt(2) * two_way_hz)


def _power(
    probe: Probe, sector: Sector, fired: np.ndarray, aperture: np.ndarray, w_m2: float
) -> tuple[float, float]:
    """Time-average power leaving the whole face, and the centimetre in the sector's middle, W.

    fired : int64 [n_element], lines that each element is the nearest one of. aperture : float64
    [n_q], squared weights about a line. w_m2 : intensity, averaged over time, of an element that
    is active with weight 1 in just one line of each frame.
    """
    n_firing = np.convolve(fired, aperture)[aperture.size // 2 :][: probe.n_element]
    from_middle = np.abs(probe.element_u - sector.centre_u) * probe.metre_per_u
    inside = np.clip((W01_LENGTH_M / 2 - from_middle) / probe.pitch_m + 0.5, 0, 1)
    of_element = w_m2 * probe.pitch_m * probe.height_m * n_firing
    return float(of_element.sum()), float((of_element * inside).sum())
