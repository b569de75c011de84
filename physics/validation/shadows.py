"""Loss on the way beside closed forms: shadows with soft edges, enhancement, attenuation.

Expected levels are integrals over the band of the pulse: what comes back is lower in
frequency than what the knob says, and so is its loss. Checks 10, 23 and 24 of the thirty.
"""

import math
from typing import Any

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.frame import Frame
from physics.geometry import Pose
from physics.medium import Tissues
from physics.paths import follow
from physics.probe import find_probe
from physics.rays import trace
from physics.survey import survey
from physics.theory import two_way_loss_db
from physics.validation.check import (
    Check,
    Curve,
    Figure,
    Panel,
    Section,
    about,
    at_most,
    short_of,
)
from physics.validation.media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    box,
    level_db,
    look,
    make_tissues,
    part,
    uniform,
)

OPAQUE = {"attenuation_db_m": 60.0 / 0.4e-3, "attenuation_power": 0.0}
"""60 dB through the 0.4 mm of a strip, one way."""
STRIP_TOP_M, STRIP_BOTTOM_M = 9.6e-3, 10.0e-3
STRIP_M = 0.5 * (STRIP_TOP_M + STRIP_BOTTOM_M)
F_NUMBERS = (1.5, 2.0, 3.0)
BLOCKING_WIDTHS_MM = (2.0, 4.0, 6.0)
UMBRA_WIDTHS_MM = (1.0, 2.0, 4.0)
BANDS_MM = ((21, 24), (24, 28), (30, 35), (35, 39))
COARSE_FAN = (
    "with 21 sub-beams and a grid of 0.2 mm the edge of a shadow is good to 0.1 to 0.2 mm, which "
    "behind a strip 2 mm wide is that much at single points; in the mean it is not"
)
COVERED = "part of the cone that the strip covers, w F / (z - z0) on the axis"


def blocked_fraction(width_m: float, f_number: float) -> tuple[np.ndarray, ...]:
    """Lateral places and depths, m, and the part of the aperture that a strip hides from them."""
    medium = Medium(
        make_tissues(SILENT, OPAQUE),
        (Region(0), Region(1, box(-width_m / 2, width_m / 2, STRIP_TOP_M, STRIP_BOTTOM_M))),
    )
    cut = medium.slice(Pose(), x0_m=-20e-3, dx_m=0.2e-3, n_x=201, dz_m=0.2e-3, n_z=240)
    rays = trace(
        follow(cut, survey(cut)),
        find_probe("L12-3"),
        tx_f_number=f_number,
        rx_f_number=f_number,
        tx_apodisation="rect",
        rx_apodisation="rect",
    )
    return cut.x_m, cut.z_m, 1.0 - np.exp(0.5 * rays.depth_log_loss)


def blocking(width_mm: float, f_number: float) -> list[Check]:
    """Part that a strip hides, within 2 mm of its axis and to 38 mm (128 channels are 25.6 mm: F
    1.5 to here): 0.05 as rms over all points and in the mean along the axis, 0.06 in the mean of
    every depth."""
    width = width_mm * 1e-3
    x, z, blocked = blocked_fraction(width, f_number)
    near = np.abs(x) < 2e-3
    deep = (z > STRIP_BOTTOM_M + 1e-3) & (z < 38e-3)
    half_cone = (z[deep] - STRIP_M) / (2 * f_number)
    left = np.maximum(x[near, None] - half_cone, -width / 2)
    right = np.minimum(x[near, None] + half_cone, width / 2)
    closed = np.maximum(right - left, 0.0) / (2 * half_cone)
    error = blocked[np.ix_(near, deep)] - closed
    on_axis = np.abs(x).argmin()
    beyond = (z > 1.05 * (STRIP_M + width * f_number)) & (z < 38e-3)
    along = blocked[on_axis, beyond] - width * f_number / (z[beyond] - STRIP_M)
    what = f"part blocked by a strip of {width_mm:g} mm, F {f_number:g}"
    words: dict[str, Any] = {"number": 23, "source": COVERED}
    return [
        at_most(f"{what}: rms error", math.sqrt(np.mean(error**2)), 0.05, **words),
        at_most(f"{what}: mean error of the worst depth", np.abs(error.mean(axis=0)).max(), 0.06,
                **words),
        at_most(f"{what}: mean error along the axis", abs(along.mean()), 0.05, **words),
        at_most(f"{what}: error of the worst point on the axis", np.abs(along).max(), 0.05,
                **words),
    ]  # fmt: skip


def umbra(width_mm: float, f_number: float) -> Check:
    """Depth on the axis at which the aperture begins to see past the strip: 10 %."""
    width = width_mm * 1e-3
    x, z, blocked = blocked_fraction(width, f_number)
    below = z > STRIP_BOTTOM_M + 0.4e-3
    return about(
        f"end of the umbra of a strip of {width_mm:g} mm, F {f_number:g}",
        1e3 * z[below & (blocked[np.abs(x).argmin()] < 0.98)][0],
        1e3 * (STRIP_M + width * f_number),
        rel=0.10, unit="mm", number=23, source="z0 + w F",
    )  # fmt: skip


def picture_of_shadow(n_seed: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Depths, m, and echo amplitude on the axis of an opaque strip of 4 mm at F 2, re the same
    tissue without a strip: rms over `n_seed` textures."""
    tissues = make_tissues(SPECKLE, OPAQUE)
    strip = Region(1, box(-2e-3, 2e-3, STRIP_TOP_M, STRIP_BOTTOM_M))
    knobs: dict[str, Any] = {
        "frequency_mhz": 7.5, "focus_mm": 25, "tx_f_number": 2.0, "rx_f_number": 2.0,
        "rx_apodisation": "rect",
    }  # fmt: skip
    power = []
    for regions in ((Region(0), strip), (Region(0),)):
        frames = [look(Medium(tissues, regions), seed=s, **knobs) for s in range(1, n_seed + 1)]
        middle = [part(f, x_mm=(-0.5, 0.5), z_mm=(0, 40)) for f in frames]
        power.append(np.mean(np.abs(np.concatenate(middle)) ** 2, axis=0))
    return frames[0].sample_z_m, np.stack(power)


def penumbra() -> list[Check]:
    """Amplitude below the strip: (1 - blocked)^2 for equal even apertures, 0.05 of the fraction.
    In the umbra the side lobes bring in what lies in the light: 30 dB down."""
    z, power = picture_of_shadow()

    def heard(low_mm: float, high_mm: float) -> float:
        inside = (z > low_mm * 1e-3) & (z < high_mm * 1e-3)
        return float(np.sqrt(power[0][inside].mean() / power[1][inside].mean()))

    checks = [
        about(
            f"picture below a strip of 4 mm, F 2: part blocked, {low} to {high} mm",
            1 - math.sqrt(heard(low, high)), 4e-3 * 2 / (0.5e-3 * (low + high) - STRIP_M),
            abs_=0.05, number=23, source=COVERED,
        )
        for low, high in BANDS_MM
    ]  # fmt: skip
    umbra_db = 20 * math.log10(heard(12, 16))
    return [
        *checks,
        at_most("picture in the umbra of that strip, re no strip", umbra_db, -30.0, unit="dB",
                number=23, source="nothing but side lobes"),
    ]  # fmt: skip


def spectrum(signal: np.ndarray, frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies, Hz, and mean power of a piece of IQ."""
    n = signal.shape[1]
    hz = np.fft.fftfreq(n, np.diff(frame.sample_z_m)[0]) * MACHINE_SPEED_M_S / 2
    power = np.abs(np.fft.fft(signal * np.hanning(n), axis=1)) ** 2
    return hz + frame.probe.centre_hz, power.mean(axis=0)


def loss_over_band(hz: np.ndarray, power: np.ndarray, loss_db: np.ndarray) -> float:
    """Drop in mean power of echoes of this spectrum that suffer `loss_db` by frequency, dB."""
    return float(-10 * math.log10(np.sum(power * 10 ** (-loss_db / 10)) / np.sum(power)))


def with_and_without(
    tissues: Tissues, layer_m: tuple[float, float], *, z_mm: tuple[float, float], **knobs: Any
) -> tuple[Frame, np.ndarray, np.ndarray]:
    """IQ under a wide layer of tissue 1, and of the same tissue 0 without the layer."""
    layer = Region(1, box(-60e-3, 60e-3, *layer_m))
    under: list[np.ndarray] = []
    free: list[np.ndarray] = []
    for seed in (1, 2):
        for regions, found in (((Region(0), layer), under), ((Region(0),), free)):
            frame = look(Medium(tissues, regions), seed=seed, **knobs)
            found.append(part(frame, x_mm=(-12, 12), z_mm=z_mm))
    return frame, np.concatenate(under), np.concatenate(free)


def enhancement(probe: str) -> Check:
    """Behind 10 mm of fluid in muscle (0.6 dB/cm/MHz) at 10 MHz; 12 dB at 10 MHz itself, less
    because the band's lower half gets through better."""
    muscle = {**SPECKLE, "attenuation_db_m": 60.0}
    frame, under, free = with_and_without(
        make_tissues(muscle, SILENT), (5e-3, 15e-3), z_mm=(16, 22),
        probe=probe, frequency_mhz=10, focus_mm=18, depth_mm=30,
    )  # fmt: skip
    hz, power = spectrum(under, frame)
    expected = loss_over_band(hz, power, two_way_loss_db(0.6, 1.0, 10e-3) * np.maximum(hz, 0))
    return about(
        f"rise behind 10 mm of fluid, 0.6 dB/cm/MHz, 10 MHz, {probe}",
        level_db(under) - level_db(free), expected,
        abs_=0.3, unit="dB", number=24, source="2 alpha f d over the frequencies that arrive",
    )  # fmt: skip


def even_enhancement() -> Check:
    """The same with a loss of 6 dB/cm at every frequency."""
    muscle = {**SPECKLE, "attenuation_db_m": 600.0, "attenuation_power": 0.0}
    _, under, free = with_and_without(
        make_tissues(muscle, SILENT), (5e-3, 15e-3), z_mm=(16, 20),
        probe="L18-4", frequency_mhz=10, focus_mm=18, depth_mm=30,
    )  # fmt: skip
    return about(
        "rise behind 10 mm of fluid, 6 dB/cm at every frequency",
        level_db(under) - level_db(free), 12.0, abs_=0.3, unit="dB", number=24, source="2 a d",
    )  # fmt: skip


def even_attenuation() -> Check:
    """Slope of the level of even tissue with a loss that knows no frequency, re the same
    without."""
    lossless, lossy = (
        uniform(**SPECKLE),
        uniform(**SPECKLE, attenuation_db_m=300.0, attenuation_power=0.0),
    )
    frames = [look(m, frequency_mhz=7.5) for m in (lossless, lossy)]
    depths, fall = (8, 14, 20, 26, 32), []
    for depth in depths:
        there = [part(f, x_mm=(-12, 12), z_mm=(depth - 1, depth + 1)) for f in frames]
        fall.append(level_db(there[0]) - level_db(there[1]))
    return about(
        "fall of speckle with depth, 3 dB/cm at every frequency",
        10 * np.polyfit(depths, fall, 1)[0], 6.0, rel=0.01, unit="dB/cm", number=10, source="2 a",
    )  # fmt: skip


def blocking_summary() -> list[Check]:
    """Of all widths and F-numbers the worst of each kind."""
    all_checks = [blocking(w, f) for w in BLOCKING_WIDTHS_MM for f in F_NUMBERS]
    names = ("rms error", "mean error of the worst depth", "mean error along the axis",
             "error of the worst point on the axis")  # fmt: skip
    summary = [
        at_most(f"part blocked by strips of 2 to 6 mm, F 1.5 to 3: {name}",
                max(checks[i].measured for checks in all_checks), all_checks[0][i].high,
                number=23, source=COVERED)
        for i, name in enumerate(names)
    ]  # fmt: skip
    return [*summary[:3], short_of(summary[3], COARSE_FAN, worst=2.7)]


def _figure() -> Figure:
    panels = []
    for width_mm in (2.0, 4.0):
        curves = []
        for colour, f_number in enumerate((1.5, 3.0)):
            x, z, blocked = blocked_fraction(width_mm * 1e-3, f_number)
            deep = (z > STRIP_BOTTOM_M + 0.4e-3) & (z < 38e-3)
            closed = np.minimum(1, width_mm * 1e-3 * f_number / (z[deep] - STRIP_M))
            curves += [
                Curve(1e3 * z[deep], closed, f"w F / (z - z0), F {f_number:g}", colour=colour),
                Curve(1e3 * z[deep][::4], blocked[np.abs(x).argmin(), deep][::4],
                      f"engine, F {f_number:g}", measured=True, colour=colour),
            ]  # fmt: skip
        panels.append(
            Panel(f"strip of {width_mm:g} mm", "depth, mm", "part of the aperture hidden", curves,
                  (0.0, 1.05))
        )  # fmt: skip
    z, power = picture_of_shadow()
    shown = (z > 11e-3) & (z < 39.5e-3)
    smooth = [np.convolve(p, np.ones(61) / 61, "same")[shown] for p in power]
    depth = z[shown]
    hidden = np.minimum(1 - 1e-2, 4e-3 * 2 / (depth - STRIP_M))
    panels.append(
        Panel("picture, strip of 4 mm, F 2", "depth, mm", "level re no strip, dB",
              (Curve(1e3 * depth, 40 * np.log10(1 - hidden), "(1 - blocked)^2"),
               Curve(1e3 * depth[::12], 10 * np.log10(smooth[0] / smooth[1])[::12], "engine",
                     measured=True)), (-50.0, 2.0))
    )  # fmt: skip
    caption = "Umbra and penumbra of an opaque strip 10 mm deep, on its axis."
    return Figure("shadow", caption, panels)


def section(quick: bool = False) -> Section:
    """Checks 10, 23 and 24."""
    if quick:
        return Section("Shadows and enhancement", "", [umbra(2.0, 2.0)])
    checks = [umbra(w, f) for w in UMBRA_WIDTHS_MM for f in F_NUMBERS]
    checks += [*blocking_summary(), *penumbra()]
    checks += [enhancement(probe) for probe in ("L12-3", "L18-4")]
    checks += [even_enhancement(), even_attenuation()]
    return Section(
        "Shadows and enhancement",
        "Loss is taken over a fan of 21 sub-beams that leave the aperture and meet at the echo, so "
        "a thing that covers part of the aperture casts half a shadow.",
        checks,
        (_figure(),),
    )
