"""Theory beside measurement: closed forms for a frame's settings, and what its signals show.

What is measured is read from the frame's own echoes and beams; the medium only tells where a wire
or an even tissue is. Numbers are nan where there is nothing to measure.
"""

import math
from dataclasses import dataclass

import numpy as np

from physics.apodisation import without_side_lobes
from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.fibre_angle import is_fibrous
from physics.frame import Frame
from physics.inside import Inside, beam_of, width_m
from physics.line_signal import centre_hz, power_spectrum
from physics.outlines import region_along
from physics.pulse import BANDWIDTH
from physics.theory import axial_width, frame_rate_hz, two_way_width, wavelength

WIRE_NEAR_M = 3e-3
"""A wire this near to the cursor is measured."""
_ALONE_M = 2e-3
"""A wire with another one nearer than this is not."""
_GATE_M = 7.5e-3
"""Half the depth over which attenuation is fitted, and as far to either side."""
_STEP = 2
"""Of lines and samples there, which are closer than speckles: every so many."""
_CLEAR = 20.0
"""Least power of echoes to be fitted, of that of the noise: it then adds 0.2 dB."""
_LEAST_M = 4e-3
"""Least depth of one tissue to fit in."""


@dataclass(frozen=True)
class Row:
    """One comparison. `name` is one of `NAMES`; values in SI units, loss in dB/m."""

    name: str
    theory: float
    measured: float


NAMES = (
    "wavelength", "pulse_length", "focus_width", "beam_width", "wire_width", "attenuation",
    "frame_rate",
)  # fmt: skip


def compare(frame: Frame, u: float, range_m: float) -> tuple[Row, ...]:
    """The rows of `NAMES` for the line at `u` and what it shows at `range_m`.

    wavelength : c0 / f of the knob, and c0 over the centre of the spectrum heard there.
    pulse_length : (c / 2) 0.8825 / bandwidth, and of a wire's echo along the line.
    focus_width : zeros of the apertures' transforms (`two_way_width`), and the beam computed.
    beam_width : the same at this depth: theory only holds where the beam is focused.
    wire_width : the beam's width at the wire, and the wire's in the echoes, by pulse energy both.
    attenuation : 2 a f^n of the tissue there at the frequency heard, and the fall of the echoes
        less that of the beam; not in tissue with fibres or septa.
    frame_rate : c / (2 z N) with no waiting, and what the scanner reaches.
    """
    settings, inside = frame.settings, frame.inside
    if inside is None or frame.iq.size == 0:
        return ()
    line = int(np.clip(round(float(frame.lines.line_number(np.array(u)))), 0, frame.lines.n - 1))
    focus_theory = math.nan
    if settings.harmonic == "off":
        windows = (settings.tx_apodisation, settings.rx_apodisation)
        tx, rx = (without_side_lobes(name, settings.side_lobes) for name in windows)
        focus_theory = two_way_width(
            settings.frequency_hz, settings.tx_f_number, settings.rx_f_number, tx, rx
        )
    shape = beam_of(inside, frame.lines, line, every=2)
    scale = settings.machine_speed_m_s / MACHINE_SPEED_M_S
    widths = width_m(shape, frame.lines)
    focus_m = min(frame.foci_m, key=lambda f: abs(f - range_m)) if frame.foci_m else math.nan
    at_focus, here = np.interp([focus_m / scale, range_m / scale], shape.range_m, widths)
    around = slice(max(line - 20, 0), line + 21)
    gate = np.abs(frame.sample_z_m - range_m) <= 3e-3
    heard = math.nan
    if gate.sum() > 16:
        heard = centre_hz(
            *power_spectrum(
                frame.iq[around, gate], frame.sample_z_m[gate], inside.carrier_hz,
                settings.machine_speed_m_s,
            )
        )  # fmt: skip
    beam_at_wire, wire_width, wire_length = _wire(frame, inside, u, range_m)
    plain_rate = frame_rate_hz(
        frame.lines.n, settings.depth_m, 1, speed_m_s=settings.machine_speed_m_s,
        pulse_rate="high",
    )  # fmt: skip
    return (
        Row("wavelength", wavelength(settings.frequency_hz), wavelength(heard)),
        Row("pulse_length", axial_width(BANDWIDTH * settings.frequency_hz), wire_length),
        Row("focus_width", focus_theory, float(at_focus)),
        Row("beam_width", math.nan, float(here)),
        Row("wire_width", beam_at_wire, wire_width),
        Row("attenuation", *_attenuation(frame, inside, line, range_m, heard)),
        Row("frame_rate", plain_rate, frame.frame_rate_hz),
    )


def _wire(frame: Frame, inside: Inside, u: float, range_m: float) -> tuple[float, float, float]:
    """Beam width at the wire nearest to the cursor; the wire's own width and length; nan if none
    is near, or another one is too near to it."""
    medium, lines = frame.medium, frame.lines
    nothing = (math.nan, math.nan, math.nan)
    x, z = medium.point_x_m, medium.point_z_m + medium.z0_m
    at_x, at_z = (float(v) for v in lines.place(np.array(u), np.array(range_m)))
    if x.size == 0:
        return nothing
    far = np.hypot(x - at_x, z - at_z)
    nearest = int(np.argmin(far))
    apart = np.delete(np.hypot(x - x[nearest], z - z[nearest]), nearest)
    if far[nearest] > WIRE_NEAR_M or (apart.size and apart.min() < _ALONE_M):
        return nothing
    wire_u, wire_range = (float(v) for v in lines.locate(x[nearest], z[nearest]))
    centre = float(lines.line_number(np.array(wire_u)))
    wide = math.ceil(_ALONE_M / 2 / abs(lines.step_u * lines.metre_per_u)) + 2
    first, last = max(round(centre) - wide, 0), min(round(centre) + wide + 1, lines.n)
    window = np.abs(frame.sample_z_m - wire_range) < _ALONE_M / 2
    if last - first < 5 or window.sum() < 5:
        return nothing
    part = np.abs(frame.iq[first:last, window])
    peak_line, peak_sample = (int(v) for v in np.unravel_index(int(np.argmax(part)), part.shape))
    depth_m = frame.sample_z_m[window]
    per_line = lines.step_u * lines.metre_per_u
    per_line *= 1 + lines.curvature_per_m * float(depth_m[peak_sample])
    per_line *= math.cos(lines.steer_rad) if math.isinf(lines.apex_m) else 1.0
    wide_m = half_width(np.sqrt((part**2).sum(axis=1))) * abs(per_line)
    long_m = half_width(part[peak_line]) * float(depth_m[1] - depth_m[0])
    shape = beam_of(inside, lines, min(max(first + peak_line, 0), lines.n - 1), every=2)
    scale = frame.settings.machine_speed_m_s / MACHINE_SPEED_M_S
    beam_m = float(np.interp(wire_range / scale, shape.range_m, width_m(shape, lines)))
    return beam_m, wide_m, long_m


def half_width(amplitude: np.ndarray) -> float:
    """Full width at half amplitude about the highest sample, in samples; nan where it does not
    fall that far. Between samples by cubic convolution (Keys 1981) of the level in dB, which is
    near a parabola at the top of a main lobe.
    """
    n = amplitude.size
    fine = np.linspace(0, n - 1, 20 * (n - 1) + 1)
    first = np.minimum(fine.astype(int), n - 2)
    t = fine - first
    level = 20 * np.log10(np.maximum(amplitude, 1e-3 * amplitude.max()))
    padded = np.pad(level, 1, mode="edge")
    p0, p1, p2, p3 = (padded[first + k] for k in range(4))
    level = p1 + t / 2 * (
        p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0))
    )
    peak = int(np.argmax(level))
    half = level[peak] + HALF_AMPLITUDE_DB
    right = np.flatnonzero(level[peak:] < half)
    left = np.flatnonzero(level[peak::-1] < half)
    if not (left.size and right.size):
        return math.nan
    return float((left[0] + right[0] - 1) / 20)


def _attenuation(
    frame: Frame, inside: Inside, line: int, range_m: float, heard_hz: float
) -> tuple[float, float]:
    """Loss of the tissue there and back, dB/m: as tabulated, and as the echoes fall with depth in
    it, less what the beam alone changes."""
    settings, tissues = frame.settings, frame.medium.tissues
    place_m = frame.sample_z_m
    here = int(region_along(frame.medium, frame.lines, frame.lines.u[line], np.array(range_m)))
    tissue = int(frame.medium.region_tissue[here])
    law = float(tissues.attenuation_power[tissue])
    theory = 2 * float(tissues.attenuation_db_m[tissue]) * (heard_hz * 1e-6) ** law
    wide = round(_GATE_M / abs(frame.lines.step_u * frame.lines.metre_per_u))
    lines = np.arange(max(line - wide, 0), min(line + wide + 1, frame.lines.n))[::_STEP]
    gate = np.flatnonzero((np.abs(place_m - range_m) <= _GATE_M) & (place_m > 2e-3))[::_STEP]
    u = frame.lines.u[lines][:, None]
    same = region_along(frame.medium, frame.lines, u, place_m[None, gate]) == here
    deep = same.mean(axis=0) > 0.3
    kept = gate[deep]
    if is_fibrous(frame.medium)[here] or not kept.size:  # echoes of fibres are not even
        return theory, math.nan
    heard = _power(frame.iq, lines, kept, same[:, deep])
    if frame.noise.size:
        clear = heard > _CLEAR * _power(frame.noise, lines, kept, same[:, deep])
        heard, kept = heard[clear], kept[clear]
    if kept.size < 2 or place_m[kept[-1]] - place_m[kept[0]] < _LEAST_M:
        return theory, math.nan
    shape = beam_of(inside, frame.lines, line, every=2)
    scale = settings.machine_speed_m_s / MACHINE_SPEED_M_S
    expected = np.interp(place_m[kept] / scale, shape.range_m, shape.power)
    level_db = 10 * np.log10(np.maximum(heard, 1e-30) / np.maximum(expected, 1e-300))
    return theory, -float(np.polyfit(place_m[kept], level_db, 1)[0])


def _power(
    signal: np.ndarray, lines: np.ndarray, samples: np.ndarray, where: np.ndarray
) -> np.ndarray:
    """float64 [n_sample]: mean power over the lines, of those places only."""
    power = np.abs(signal[np.ix_(lines, samples)].astype(np.complex128)) ** 2
    return np.asarray(np.mean(power, axis=0, where=where))
