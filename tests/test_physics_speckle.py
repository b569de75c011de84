"""Speckle against its statistics: Rayleigh, size, contrast, level; `facts` section 9, 11-16, 19.

Everything is measured on the IQ of whole frames, so that texture, rays, beams, pulse and
noise are all in it.
"""

import math

import numpy as np
import pytest
from media import (
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
from scipy.interpolate import CubicSpline
from scipy.stats import kstest

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.probe import find_probe
from physics.theory import axial_width, wavelength

CENTRE_MHZ = 7.54
"""Of the L12-3: there the echo's spectrum is centred on the knob's frequency."""
BACKSCATTER = 0.2
EVEN = uniform(diffuse_per_m_sr=BACKSCATTER)


def equal_apertures(f_number: float, **knobs: object) -> dict[str, object]:
    """Knobs for the closed forms of two even apertures of one F-number."""
    both = {"tx_f_number": f_number, "rx_f_number": f_number, "rx_apodisation": "rect"}
    return {"frequency_mhz": CENTRE_MHZ, "focus_mm": 20, **both, **knobs}


def speckle(n_seed: int, *, z_mm: tuple[float, float], **knobs: object) -> np.ndarray:
    """IQ of even tissue, [seed, line, sample], the middle 24 mm; rms 1 at every depth."""
    frames = [
        part(look(EVEN, seed=seed, **knobs), x_mm=(-12, 12), z_mm=z_mm)
        for seed in range(1, n_seed + 1)
    ]
    iq = np.stack(frames)
    return iq / np.sqrt(np.mean(np.abs(iq) ** 2, axis=(0, 1)))


@pytest.fixture(scope="module")
def default_speckle() -> np.ndarray:
    """20 000 cells of 0.3 x 0.13 mm."""
    return speckle(6, z_mm=(16, 24), frequency_mhz=CENTRE_MHZ)


def test_speckle_has_the_signal_to_noise_ratio_of_rayleigh(default_speckle: np.ndarray) -> None:
    """mean / sd = sqrt(pi / (4 - pi)) = 1.913. Check 11: +-0.03 from 2000 cells or more."""
    envelope = np.abs(default_speckle)
    assert envelope.mean() / envelope.std() == pytest.approx(1.913, abs=0.03)


def test_speckle_in_decibels_spreads_by_5_6(default_speckle: np.ndarray) -> None:
    """20 log10 of a Rayleigh variable: sd 5.57 dB, mean 2.51 dB below mean power. Check 12."""
    level = to_db(default_speckle)
    assert level.std() == pytest.approx(5.57, abs=0.15)
    assert level.mean() == pytest.approx(-2.51, abs=0.15)


def test_speckle_amplitudes_are_rayleigh_distributed() -> None:
    """Kolmogorov-Smirnov, p > 0.01, on samples a cell or more apart. Check 13: 2000 cells."""
    iq = speckle(2, z_mm=(16, 24), frequency_mhz=CENTRE_MHZ)
    apart = np.abs(iq[:, ::3, ::6]).ravel()  # 0.6 mm and 0.25 mm
    assert apart.size >= 2000
    scale = math.sqrt(np.mean(apart**2) / 2)
    assert kstest(apart / scale, "rayleigh").pvalue > 0.01


@pytest.mark.parametrize("f_number", [3.0, 4.0])
def test_speckle_is_0_84_wavelengths_f_wide(f_number: float) -> None:
    """Lateral autocovariance of intensity, two even apertures: full half width 0.836 lambda F,
    taken at every frequency of the band by itself. Check 14: 5 %."""
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
    ratio = []
    for i in np.flatnonzero(np.abs(hz - CENTRE_MHZ * 1e6) < 2e6):
        rho = CubicSpline(np.arange(30) * pitch, covariance[:, i] / covariance[0, i])(lag)
        width = 2 * lag[np.flatnonzero(rho**2 < 0.5)[0]]
        ratio.append(width / (wavelength(hz[i]) * f_number))
    assert np.mean(ratio) == pytest.approx(0.836, rel=0.05)


def test_speckle_is_as_long_as_the_pulse() -> None:
    """Axial autocovariance of intensity of a Gaussian pulse: as wide as the pulse's envelope,
    0.8825 (c / 2) / band, half of the frequency. Check 15: 5 %."""
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
    assert pulse == pytest.approx(axial_width(0.5 * CENTRE_MHZ * 1e6), rel=0.05)
    assert acf == pytest.approx(pulse, rel=0.05)


@pytest.mark.parametrize("mhz", [7.5, 10, 12])
def test_grains_echo_alike_whichever_way_their_frame_lies(mhz: float) -> None:
    """Diffuse texture has no direction: its level does not depend on the tilt of the material.

    No closed form; 1.5 dB to 15 degrees (what rocking asks for), 3 dB up to 60. Rows of texture
    within 20 degrees of the beam are known to be wrong (`physics.echoes`, largest stretch).
    """
    tissues = make_tissues({"diffuse_per_m_sr": BACKSCATTER})
    level = {}
    for degrees in (0, 6, 12, 15, 30, 45, 60):
        medium = Medium(tissues, (Region(0, tilt_rad=math.radians(degrees)),))
        frames = [look(medium, seed=s, frequency_mhz=mhz, focus_mm=18, depth_mm=30) for s in (1, 2)]
        level[degrees] = level_db(
            np.concatenate([part(f, x_mm=(-12, 12), z_mm=(14, 22)) for f in frames])
        )
    for degrees, found in level.items():
        assert found - level[0] == pytest.approx(0.0, abs=1.5 if degrees <= 15 else 3.0), degrees


@pytest.mark.parametrize("factor", [10.0, 4.0, 0.3, 0.05])
def test_contrast_is_the_ratio_of_backscatter(factor: float) -> None:
    """10 log10(eta1 / eta2). Check 16: +-0.5 dB, from 5000 cells on either side."""
    tissues = make_tissues(
        {"diffuse_per_m_sr": BACKSCATTER}, {"diffuse_per_m_sr": factor * BACKSCATTER}
    )
    medium = Medium(tissues, (Region(0), Region(1, right_of(0.0))))
    left, right = [], []
    for seed in (1, 2, 3):
        frame = look(medium, seed=seed, frequency_mhz=CENTRE_MHZ)
        left.append(part(frame, x_mm=(-13, -2), z_mm=(10, 30)))
        right.append(part(frame, x_mm=(2, 13), z_mm=(10, 30)))
    contrast = level_db(np.concatenate(right)) - level_db(np.concatenate(left))
    assert contrast == pytest.approx(10 * math.log10(factor), abs=0.5)


def test_a_factor_on_a_region_is_a_factor_on_its_backscatter() -> None:
    """What a grey-scale target of a quality phantom is made of."""
    medium = Medium(
        make_tissues({"diffuse_per_m_sr": BACKSCATTER}), (Region(0), Region(0, right_of(0.0)))
    )
    brighter = Medium(medium.tissues, (Region(0), Region(0, right_of(0.0), backscatter=4.0)))
    frames = [look(m, frequency_mhz=CENTRE_MHZ) for m in (medium, brighter)]
    levels = [level_db(part(f, x_mm=(2, 13), z_mm=(10, 30))) for f in frames]
    assert levels[1] - levels[0] == pytest.approx(20 * math.log10(2), abs=0.02)


def test_speckle_and_mirror_have_the_ratio_that_theory_gives() -> None:
    """<|Vs|^2> / |Vm|^2 = eta l int p^4 dA / (k / 2 pi int p^2 dA)^2 at the focus, for even
    apertures eta l / (2.25 Fx Fy), with l the length of the squared pulse. Check 19: 1.5 dB.

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
    assert measured == pytest.approx(short, abs=1.5)
    # the same with the integrals done by number
    x = np.linspace(-12e-3, 12e-3, 20_001)
    lam = wavelength(CENTRE_MHZ * 1e6)
    profiles = [np.sinc(x / (lam * f)) for f in (2.0, f_elevation)]
    fourth = math.prod(np.trapezoid(p**4, x) for p in profiles)
    second = math.prod(np.trapezoid(p**2, x) for p in profiles)
    full = 10 * math.log10(BACKSCATTER * length * fourth / (second / lam) ** 2)
    assert full == pytest.approx(short, abs=0.3)
    assert measured == pytest.approx(full, abs=1.5)


@pytest.mark.parametrize("depth_mm", [25, 40, 60])
def test_levels_refer_to_a_mirror_whatever_the_depth_of_the_picture(depth_mm: float) -> None:
    """A perfect mirror 20 mm deep is 0 dB by definition; 0.15 dB: its peak is between samples."""
    frame = look(mirror(20e-3), frequency_mhz=CENTRE_MHZ, depth_mm=depth_mm)
    assert 20 * math.log10(middle_peak(frame)) == pytest.approx(0.0, abs=0.15)


def test_noise_alone_is_rayleigh_too() -> None:
    """Complex Gaussian noise: sd 5.57 dB, 1.913; and at -110 dB re the mirror at its depth."""
    frame = look(uniform(), frequency_mhz=CENTRE_MHZ)
    noise = part(frame, x_mm=(-12, 12), z_mm=(17, 23))
    assert to_db(noise).std() == pytest.approx(5.57, abs=0.15)
    assert np.abs(noise).mean() / np.abs(noise).std() == pytest.approx(1.913, abs=0.03)
    assert level_db(noise) == pytest.approx(-110.0, abs=0.5)
