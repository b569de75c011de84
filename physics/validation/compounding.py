"""Compounded looks beside their statistics. Check 30 of the thirty."""

import math
from typing import Any

import numpy as np
from scipy.ndimage import uniform_filter1d

from physics.frame import Frame
from physics.imaging_chain import BModeChain
from physics.looks import plan_looks
from physics.validation.check import Check, Curve, Figure, Panel, Section, about
from physics.validation.media import SPECKLE, Medium, Region, look, make_tissues, uniform

QUIET: dict[str, Any] = {"noise": "off"}
FIBRES = {"fibrous_per_m_sr": 0.74, "diffuse_per_m_sr": 1e-3, "fibre_length_m": 2e-3}
SNR_SCAN: dict[str, Any] = {"frequency_mhz": 8, "focus_mm": 22, **QUIET}
TENDON_SCAN: dict[str, Any] = {"frequency_mhz": 8, "focus_mm": 18, **QUIET}


def at_places(frame: Frame, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Amplitude of a frame at places, by the nearest sample of the nearest line."""
    u, s = frame.lines.locate(x, z)
    line = np.clip(np.rint(frame.lines.line_number(u)), 0, frame.lines.n - 1).astype(int)
    sample = np.rint(s / np.diff(frame.sample_z_m)[0]).astype(int)
    return np.abs(frame.iq[line, np.clip(sample, 0, frame.sample_z_m.size - 1)])


def level_out(amplitude: np.ndarray) -> np.ndarray:
    """Without its slow change with depth."""
    mean = uniform_filter1d(amplitude.mean(axis=0), amplitude.shape[1] // 3)
    return amplitude / mean


def compounded(chain: BModeChain, medium: Medium, **knobs: Any) -> tuple[Frame, np.ndarray]:
    """A frame, and its mean amplitude before any gain."""
    frame = look(medium, chain=chain, **knobs)
    both = chain.pipeline.newest("compound")
    return frame, np.abs(both[:, : frame.sample_z_m.size])


def looks_of(n: str) -> list[float]:
    """Angles of a compounded frame, degrees."""
    planned = plan_looks(steer_rad=0.0, compound_angles=n, trapezoid="off")
    return [math.degrees(one.steer_rad) for one in planned]


def independent_looks(n: str) -> tuple[float, float]:
    """SNR of compounded speckle, and the number of independent looks by their correlation: N^2
    over the sum of all coefficients."""
    chain = BModeChain()
    amplitudes = []
    for seed in (1, 2, 3):
        frame, heard = compounded(
            chain, uniform(**SPECKLE), compound_angles=n, seed=seed, **SNR_SCAN
        )
        inside = np.ix_(np.arange(40, 152), np.flatnonzero(np.abs(frame.sample_z_m - 22e-3) < 6e-3))
        x, z = frame.lines.place(frame.lines.u[:, None], frame.sample_z_m[None, :])
        each = [
            at_places(look(uniform(**SPECKLE), seed=seed, chain=chain, steer_deg=angle, **SNR_SCAN),
                      x, z)[inside]
            for angle in looks_of(n)
        ]  # fmt: skip
        amplitudes.append((heard[inside], *each))
    flat = [
        np.concatenate([level_out(a[i]).ravel() for a in amplitudes]) for i in range(int(n) + 1)
    ]
    independent = int(n) ** 2 / np.corrcoef(np.array(flat[1:])).sum()
    return float(flat[0].mean() / flat[0].std()), float(independent)


def quieter(n: str, found: tuple[float, float] | None = None) -> Check:
    """SNR of compounded speckle: 1.913 sqrt(N_ind), 10 %."""
    snr, independent = found or independent_looks(n)
    return about(
        f"speckle SNR of {n} looks, {independent:.1f} of them independent", snr,
        1.913 * math.sqrt(independent), rel=0.10, number=30,
        source="1.913 sqrt(N_ind), Trahey 1986",
    )  # fmt: skip


def tendon(tilt_deg: float) -> Medium:
    """Straight fibres everywhere that go down to the right."""
    return Medium(make_tissues(FIBRES), (Region(0, tilt_rad=math.radians(tilt_deg)),))


def mean_of_angles(tilt_deg: float) -> Check:
    """Amplitude of a compounded tendon re the mean amplitude of its looks, each a frame of its
    own."""
    frame, both = compounded(BModeChain(), tendon(tilt_deg), compound_angles="5", **TENDON_SCAN)
    inside = np.ix_(
        np.flatnonzero(np.abs(frame.line_x_m) < 8e-3),
        np.flatnonzero((frame.sample_z_m > 15e-3) & (frame.sample_z_m < 20e-3)),
    )
    x, z = frame.lines.place(frame.lines.u[:, None], frame.sample_z_m[None, :])
    means = [
        at_places(look(tendon(tilt_deg), steer_deg=angle, **TENDON_SCAN), x[inside],
                  z[inside]).mean()
        for angle in looks_of("5")
    ]  # fmt: skip
    return about(
        f"five looks at a tendon tilted by {tilt_deg:g} degrees re the mean of each alone",
        20 * math.log10(both[inside].mean()) - 20 * math.log10(np.mean(means)), 0.0, abs_=0.5,
        unit="dB", number=30, source="mean over the angles",
    )  # fmt: skip


def section(quick: bool = False) -> Section:
    """Check 30."""
    if quick:
        return Section("Compounding", "", ())
    found = {n: independent_looks(n) for n in ("3", "5", "9")}
    snr, independent = np.array(list(found.values())).T
    fine = np.linspace(1, 4.2, 65)
    figure = Figure(
        "compounding",
        "Speckle SNR of 3, 5 and 9 looks over how many of them are independent.",
        (
            Panel("", "independent looks", "mean over standard deviation",
                  (Curve(fine, 1.913 * np.sqrt(fine), "1.913 sqrt(N)"),
                   Curve(independent, snr, "engine: 3, 5, 9 looks", measured=True))),
        ),
    )  # fmt: skip
    return Section(
        "Compounding",
        "Each look is a complete acquisition of its own. More looks within the same angles are "
        "hardly more independent.",
        [*(quieter(n, pair) for n, pair in found.items()), mean_of_angles(0), mean_of_angles(10)],
        (figure,),
    )
