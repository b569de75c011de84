"""Speckle beside its statistics: Rayleigh, size, contrast, level against a mirror.

Everything is measured on the IQ of whole frames, so that texture, rays, beams, pulse and
noise are all in it. Checks 11 to 16 and 19 of the thirty, and what noise alone looks like.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.stats import kstest

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.probe import find_probe
from physics.theory import axial_width, wavelength
from physics.validation.check import Check, Curve, Figure, Panel, Section, about, at_least
from physics.validation.media import (
    SILENT,
    Medium,
    Region,
    full_width,
    level_db,
    look,
    make_tissues,
    middle_peak,
    mirror,
    part,
    right_of,
    to_db,
    uniform,
)

CENTRE_MHZ = 7.54
"""Of the L12-3: there the echo's spectrum is centred on the knob's frequency."""
BACKSCATTER = 0.2
EVEN = uniform(diffuse_per_m_sr=BACKSCATTER)
F_NUMBERS = (3.0, 4.0)
FACTORS = (10.0, 4.0, 0.3, 0.05)
"""Backscatter of one tissue over that of another."""
RAYLEIGH = "Burckhardt 1978; Wagner: Rayleigh statistics"


def equal_apertures(f_number: float, **knobs: Any) -> dict[str, Any]:
    """Knobs for the closed forms of two even apertures of one F-number."""
    both: dict[str, Any] = {
        "tx_f_number": f_number,
        "rx_f_number": f_number,
        "rx_apodisation": "rect",
    }
    return {"frequency_mhz": CENTRE_MHZ, "focus_mm": 20, **both, **knobs}


def speckle(n_seed: int, *, z_mm: tuple[float, float], **knobs: Any) -> np.ndarray:
    """IQ of even tissue, [seed, line, sample], the middle 24 mm; rms 1 at every depth."""
    frames = [
        part(look(EVEN, seed=seed, **knobs), x_mm=(-12, 12), z_mm=z_mm)
        for seed in range(1, n_seed + 1)
    ]
    iq = np.stack(frames)
    return iq / np.sqrt(np.mean(np.abs(iq) ** 2, axis=(0, 1)))


@lru_cache(maxsize=1)
def default_speckle() -> np.ndarray:
    """20 000 cells of 0.3 x 0.13 mm, complex [seed, line, sample]."""
    return speckle(6, z_mm=(16, 24), frequency_mhz=CENTRE_MHZ)


def signal_to_noise() -> Check:
    """Mean over standard deviation of the envelope."""
    envelope = np.abs(default_speckle())
    return about(
        "speckle: mean over standard deviation of the envelope",
        envelope.mean() / envelope.std(), math.sqrt(math.pi / (4 - math.pi)),
        abs_=0.03, number=11, source=RAYLEIGH,
    )  # fmt: skip


def spread_in_decibels() -> list[Check]:
    """Standard deviation of the level, and its mean re mean power."""
    level = to_db(default_speckle())
    return [
        about("speckle: standard deviation of the level", level.std(), 5.57, abs_=0.15,
              unit="dB", number=12, source=RAYLEIGH),
        about("speckle: mean level re mean power", level.mean(), -2.51, abs_=0.15,
              unit="dB", number=12, source=RAYLEIGH),
    ]  # fmt: skip


def rayleigh_test() -> Check:
    """Kolmogorov-Smirnov on samples a cell or more apart (0.6 mm and 0.25 mm): 2000 or more."""
    apart = np.abs(default_speckle()[:2, :, :][:, ::3, ::6]).ravel()
    scale = math.sqrt(np.mean(apart**2) / 2)
    return at_least(
        f"speckle: Kolmogorov-Smirnov p against Rayleigh, {apart.size} cells",
        kstest(apart / scale, "rayleigh").pvalue, 0.01, number=13, source=RAYLEIGH,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class LateralSize:
    """Lateral autocovariance of intensity, each frequency of the band by itself."""

    check: Check
    lag_in_lambda_f: np.ndarray
    rho2: np.ndarray
    """Mean over the band, at these lags."""


def lateral_size(f_number: float) -> LateralSize:
    """Full half width of the lateral autocovariance of intensity of two even apertures."""
    knobs = equal_apertures(f_number)
    frame = look(EVEN, **knobs)
    pitch, step = np.diff(frame.line_x_m)[0], np.diff(frame.sample_z_m)[0]
    iq = speckle(6, z_mm=(18, 22), **knobs)
    n_line, n_sample = iq.shape[1:]
    spectrum = np.fft.fft(iq * np.hanning(n_sample), axis=2)
    hz = np.fft.fftfreq(n_sample, step) * MACHINE_SPEED_M_S / 2 + CENTRE_MHZ * 1e6
    power = np.abs(np.fft.fft(spectrum, 2 * n_line, axis=1)) ** 2
    overlap = np.arange(n_line, n_line - 30, -1)[:, None]
    covariance = np.fft.ifft(power.sum(axis=0), axis=0)[:30].real / overlap
    lag = np.linspace(0, 5e-3, 10_000)
    in_lambda_f = np.linspace(0, 1.5, 61)
    ratio, curves = [], []
    for i in np.flatnonzero(np.abs(hz - CENTRE_MHZ * 1e6) < 2e6):
        rho = CubicSpline(np.arange(30) * pitch, covariance[:, i] / covariance[0, i])
        width = 2 * lag[np.flatnonzero(rho(lag) ** 2 < 0.5)[0]]
        unit = wavelength(hz[i]) * f_number
        ratio.append(width / unit)
        curves.append(rho(in_lambda_f * unit) ** 2)
    check = about(
        f"speckle: lateral width of the intensity's autocovariance, F {f_number:g}",
        np.mean(ratio), 0.836, rel=0.05, unit="lambda F", number=14,
        source="autocorrelation of the squared sinc",
    )  # fmt: skip
    return LateralSize(check, in_lambda_f, np.mean(curves, axis=0))


def axial_size() -> list[Check]:
    """Pulse of a wire against its closed form, autocovariance of speckle against that pulse."""
    knobs = equal_apertures(2.0)
    iq = np.concatenate(speckle(4, z_mm=(17, 23), **knobs))
    wire = Medium(make_tissues(SILENT), wires=[(1e-4, 20e-3, 0.1)])
    frame = look(wire, **knobs)
    step = np.diff(frame.sample_z_m)[0]
    n = iq.shape[1]
    power = np.mean(np.abs(np.fft.fft(iq, 2 * n, axis=1)) ** 2, axis=0)
    rho = np.fft.ifft(power)[: n // 2] / np.arange(n, n - n // 2, -1)
    lag = np.linspace(0, 0.5e-3, 5000)
    intensity = np.abs(CubicSpline(np.arange(n // 2) * step, rho / rho[0])(lag)) ** 2
    acf = 2 * lag[np.flatnonzero(intensity < 0.5)[0]]
    near = np.abs(frame.sample_z_m - 20e-3) < 1e-3
    line = np.abs(frame.iq).max(axis=1).argmax()
    pulse = full_width(frame.sample_z_m[near], to_db(frame.iq[line, near]), HALF_AMPLITUDE_DB)
    return [
        about("picture of a wire: axial width at -6 dB", 1e3 * pulse,
              1e3 * axial_width(0.5 * CENTRE_MHZ * 1e6), rel=0.05, unit="mm", number=8,
              source="(c / 2) 0.8825 / band of a Gaussian"),
        about("speckle: axial width of the intensity's autocovariance", 1e3 * acf, 1e3 * pulse,
              rel=0.05, unit="mm", number=15, source="that of the pulse, Gaussian band"),
    ]  # fmt: skip


def contrast(factor: float) -> Check:
    """Level of one tissue re another beside it; 5000 cells on either side."""
    tissues = make_tissues(
        {"diffuse_per_m_sr": BACKSCATTER}, {"diffuse_per_m_sr": factor * BACKSCATTER}
    )
    medium = Medium(tissues, (Region(0), Region(1, right_of(0.0))))
    left, right = [], []
    for seed in (1, 2, 3):
        frame = look(medium, seed=seed, frequency_mhz=CENTRE_MHZ)
        left.append(part(frame, x_mm=(-13, -2), z_mm=(10, 30)))
        right.append(part(frame, x_mm=(2, 13), z_mm=(10, 30)))
    return about(
        f"contrast of two tissues, backscatter {factor:g} to 1",
        level_db(np.concatenate(right)) - level_db(np.concatenate(left)),
        10 * math.log10(factor), abs_=0.5, unit="dB", number=16, source="10 log10(eta1 / eta2)",
    )  # fmt: skip


def speckle_to_mirror() -> list[Check]:
    """Power of speckle re a perfect mirror at the focus, against the short formula for even
    apertures and against its integrals done by number.

    The pulse is wide and the lens has its focus at exactly this depth only for one frequency.
    """
    knobs = equal_apertures(2.0)
    plate = look(mirror(20e-3), **knobs)
    line, top = np.abs(plate.iq[plate.iq.shape[0] // 2]), middle_peak(plate)
    length = np.sum(line**2) / top**2 * np.diff(plate.sample_z_m)[0]
    tissue = np.concatenate(
        [part(look(EVEN, seed=s, **knobs), x_mm=(-12, 12), z_mm=(19, 21)) for s in range(1, 7)]
    )
    measured = level_db(tissue) - 20 * math.log10(top)
    probe = find_probe("L12-3")
    f_elevation = probe.elevation_focus_m / probe.height_m
    short = 10 * math.log10(BACKSCATTER * length / (2.25 * 2.0 * f_elevation))
    x = np.linspace(-12e-3, 12e-3, 20_001)
    lam = wavelength(CENTRE_MHZ * 1e6)
    profiles = [np.sinc(x / (lam * f)) for f in (2.0, f_elevation)]
    fourth = math.prod(np.trapezoid(p**4, x) for p in profiles)
    second = math.prod(np.trapezoid(p**2, x) for p in profiles)
    full = 10 * math.log10(BACKSCATTER * length * fourth / (second / lam) ** 2)
    words: dict[str, Any] = {"abs_": 1.5, "unit": "dB", "number": 19}
    return [
        about("speckle re a mirror at the focus", measured, short,
              source="eta l / (2.25 Fx Fy)", **words),
        about("speckle re a mirror, integrals done by number", measured, full,
              source="eta l int p^4 / (k / 2 pi int p^2)^2", **words),
    ]  # fmt: skip


def noise_alone() -> list[Check]:
    """Complex Gaussian noise, -110 dB re the mirror at its depth."""
    frame = look(uniform(), frequency_mhz=CENTRE_MHZ)
    noise = part(frame, x_mm=(-12, 12), z_mm=(17, 23))
    ratio = np.abs(noise).mean() / np.abs(noise).std()
    return [
        about("noise alone: standard deviation of the level", to_db(noise).std(), 5.57,
              abs_=0.15, unit="dB", number=30, source=RAYLEIGH),
        about("noise alone: mean over standard deviation", ratio, 1.913, abs_=0.03, number=30,
              source=RAYLEIGH),
        about("noise alone: level re the reference mirror", level_db(noise), -110.0, abs_=0.5,
              unit="dB", source="the noise floor of the model"),
    ]  # fmt: skip


def penetration() -> list[Check]:
    """Depth at which speckle equals noise in a loss that knows no frequency: there the closed
    form holds. Speckle falls 2 a per depth, so doubling a halves the depth below the place where
    it would meet the noise without loss; what beam and noise do with depth is measured without
    loss."""
    knobs: dict[str, Any] = {"frequency_mhz": CENTRE_MHZ, "focus_mm": 20, "depth_mm": 60}

    def level(medium: Medium, **more: Any) -> tuple[np.ndarray, np.ndarray]:
        frames = [look(medium, seed=s, noise_seed=s, **knobs, **more) for s in (1, 2, 3)]
        power = np.mean([np.abs(f.iq[40:150]) ** 2 for f in frames], axis=(0, 1))
        return frames[0].sample_z_m, 10 * np.log10(np.convolve(power, np.ones(41) / 41, "same"))

    z, lossless = level(EVEN, noise="off")
    _, noise = level(uniform())
    found = []
    for loss_db_mm in (0.6, 0.9):
        lossy = uniform(
            diffuse_per_m_sr=BACKSCATTER, attenuation_db_m=1e3 * loss_db_mm, attenuation_power=0.0
        )
        _, heard = level(lossy, noise="off")
        inside = (z > 6e-3) & (z < 58e-3)
        measured = z[inside][np.flatnonzero((heard < noise)[inside])[0]]
        closed = z[inside][np.flatnonzero((lossless - 2e3 * loss_db_mm * z < noise)[inside])[0]]
        found.append(
            about(f"depth at which speckle equals noise, {loss_db_mm:g} dB/mm", 1e3 * measured,
                  1e3 * closed, rel=0.05, unit="mm", number=30,
                  source="speckle - 2 a z = noise"),
        )  # fmt: skip
    return found


def section(quick: bool = False) -> Section:
    """Checks 11 to 16 and 19, and noise."""
    if quick:
        return Section("Speckle", "Rayleigh statistics.", [signal_to_noise()])
    sizes = [lateral_size(f) for f in F_NUMBERS]
    checks = [signal_to_noise(), *spread_in_decibels(), rayleigh_test()]
    checks += [size.check for size in sizes]
    checks += axial_size()
    checks += [contrast(factor) for factor in FACTORS]
    checks += [*speckle_to_mirror(), *noise_alone(), *penetration()]
    amplitude = np.abs(default_speckle()).ravel()
    amplitude = amplitude / math.sqrt(np.mean(amplitude**2))
    share, edges = np.histogram(amplitude, np.linspace(0, 3, 41), density=True)
    centre = 0.5 * (edges[1:] + edges[:-1])
    fine = np.linspace(0, 3, 200)
    u = sizes[0].lag_in_lambda_f
    closed = _two_way_correlation(u) ** 2
    figure = Figure(
        "speckle",
        "Left: distribution of the envelope and Rayleigh's. Right: correlation of speckle across "
        "the lines against that of two even apertures.",
        (
            Panel("envelope", "amplitude re rms", "density",
                  (Curve(fine, 2 * fine * np.exp(-(fine**2)), "Rayleigh"),
                   Curve(centre, share, "engine", measured=True)), (0.0, 1.0)),
            Panel("lateral autocovariance of intensity", "lag, lambda F", "correlation",
                  (Curve(u, closed, "closed form"),
                   *(Curve(u[::2], size.rho2[::2], f"engine, F {f:g}", measured=True, colour=i)
                     for i, (size, f) in enumerate(zip(sizes, F_NUMBERS, strict=True)))),
                  (0.0, 1.05)),
        ),
    )  # fmt: skip
    return Section(
        "Speckle and noise",
        "Even tissue seen through the whole chain: fully developed speckle has no property of "
        "the tissue but its level; its grain is that of beam and pulse.",
        checks,
        (figure,),
    )


def _two_way_correlation(lag_in_lambda_f: np.ndarray) -> np.ndarray:
    """Autocorrelation of sinc^2, the two-way field of two even apertures."""
    x = np.linspace(-30, 30, 24_001)
    field = np.sinc(x) ** 2
    return np.array(
        [np.trapezoid(field * np.sinc(x - u) ** 2, x) for u in lag_in_lambda_f]
    ) / np.trapezoid(field**2, x)
