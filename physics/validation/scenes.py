"""The engine beside full-wave solutions of scenes that no formula closes (`references`).

Asked for: position within half a wavelength, level within 3 dB. What does not get there says
why (`shortfall`). references/README.md says what the files are and how far they can be
trusted.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from physics.constants import MACHINE_SPEED_M_S
from physics.frame import Frame
from physics.geometry import Pose
from physics.paths import follow
from physics.survey import survey
from physics.validation import full_wave
from physics.validation.check import Check, about, at_most, short_of
from physics.validation.full_wave import analytic, point_echo_signals, receive_line
from physics.validation.media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    below,
    box,
    disc,
    level_db,
    look,
    make_tissues,
    mirror,
    part,
    peak,
)

DISCS = ("fast_matched", "fast", "slow")
DISC_Z_M, DISC_RADIUS_M = 6e-3, 2.25e-3
DISC_TISSUE = {
    "fast_matched": {"speed_m_s": 1540 * 1700 / 1460, "density_kg_m3": 1000 * 1460 / 1700},
    "fast": {"speed_m_s": 1540 * 1700 / 1460},
    "slow": {"speed_m_s": 1400.0, "density_kg_m3": 1100.0},
}
FRESNEL_M = 0.4e-3
"""Rays know no diffraction: both sides are blurred by about half of sqrt(wavelength x 3 mm)."""
PLANE_DEPTHS_M = (9e-3, 10e-3, 12e-3)
ONE_RAY = (
    "one ray stands for the whole beam of a line: it takes the beam of an aperture 4 mm wide to "
    "the one place where its middle is bent to. "
)
SLOW_TOO_BRIGHT = ONE_RAY + (
    "Behind a slower disc lines that run together show speckle up to 10 dB too bright (+7.5 dB "
    "1.25 to 1.5 mm off the axis, where the wave has -2 to -3 dB)"
)
MISPLACED = ONE_RAY + (
    "The darkest line lies 0.6 to 0.7 mm from where the wave has it (2.0 mm off the axis, within "
    "the edge at 2.25 mm)"
)
J_WAVE = "j-Wave, 2-D, lossless"
LAYERS = {
    "fibres": {"fibrous_per_m_sr": 0.2, "fibre_length_m": 30e-3},
    "septa": {
        "septum_spacing_m": 0.125e-3, "septum_length_m": 50e-3, "septum_reflection": 0.02,
    },
}  # fmt: skip
Shown = tuple[float, float, float]
"""x and z, m, and level, dB, of an echo."""


@lru_cache
def reference(name: str) -> dict[str, np.ndarray]:
    """All arrays of one reference, float64."""
    return {key: value.astype(np.float64) for key, value in full_wave.load(name).items()}


def even_apertures(scene: dict[str, np.ndarray]) -> dict[str, Any]:
    """Knobs of a scene with its focus and both apertures as in the file."""
    return {
        "frequency_mhz": float(scene["frequency_hz"]) * 1e-6,
        "focus_mm": float(scene["focus_m"]) * 1e3,
        "tx_f_number": float(scene["f_number"]),
        "rx_f_number": float(scene["f_number"]),
        "rx_apodisation": "rect",
        "depth_mm": 20,
    }


# --- the edge shadow ---------------------------------------------------------------------------


def behind_a_disc(name: str) -> Medium:
    """Even tissue with a disc in it."""
    tissues = make_tissues(SPECKLE, {**SPECKLE, **DISC_TISSUE[name]})
    return Medium(tissues, (Region(0), Region(1, disc(0.0, DISC_Z_M, DISC_RADIUS_M))))


def ray_power(medium: Medium, x_m: np.ndarray, depth_m: float) -> np.ndarray:
    """Squared pressure that the engine's rays carry to a depth, re that without the disc: what
    is left of each, over the width that it has there and the slope of its way."""
    step = 20e-6
    n_x, n_z = round(16e-3 / step) + 1, round(16e-3 / step) + 1
    cut = medium.slice(Pose(), x0_m=-8e-3, dx_m=step, n_x=n_x, dz_m=step, n_z=n_z)
    paths = follow(cut, survey(cut))
    left = np.cumprod(paths.passed.astype(np.float64), axis=1)
    width = float(x_m[1] - x_m[0])
    power = np.zeros(x_m.size)
    for ray in range(n_x):
        j = int(np.searchsorted(paths.z_m[ray], depth_m))
        if j == n_z or left[ray, j] == 0.0:
            continue
        i = round((float(paths.x_m[ray, j]) - float(x_m[0])) / width)
        if 0 <= i < x_m.size:
            slope = (paths.z_m[ray, j] - paths.z_m[ray, j - 1]) / step
            power[i] += left[ray, j] ** 2 / float(slope) * step / width
    return power


def plane_wave_check(name: str) -> Check:
    """Ray density x what was let through, against the wave's squared pressure, both blurred."""
    scene = reference(f"edge_shadow_{name}")
    x = scene["x_m"]
    blur = FRESNEL_M / float(np.diff(x)[0])
    worst = []
    for depth in PLANE_DEPTHS_M:
        wave = scene["plane_rms"][:, np.abs(scene["z_m"] - depth).argmin()] ** 2
        rays = ray_power(behind_a_disc(name), x, depth)
        here = np.abs(x) < 4e-3
        found, expected = (
            10 * np.log10(gaussian_filter1d(power, blur))[here] for power in (rays, wave)
        )
        worst.append(np.abs(found - expected).max())
    return at_most(
        f"plane wave behind a disc ({name}): bent rays, largest error over 8 mm and 3 depths",
        max(worst), 3.0, unit="dB", source=J_WAVE, group="bent rays behind a disc",
    )  # fmt: skip


@lru_cache
def mean_power(name: str | None, refraction: str = "on") -> tuple[Frame, np.ndarray]:
    """A frame with its axes, and the power of even tissue around a disc (None: without), mean of
    12 textures and both sides: [line, sample]."""
    scene = reference("edge_shadow_slow")
    f_number = float(scene["line_f_number"])
    medium = Medium(make_tissues(SPECKLE)) if name is None else behind_a_disc(name)
    frames = [
        look(
            medium, seed=seed, frequency_mhz=5, focus_mm=float(scene["line_depth_m"]) * 1e3,
            tx_f_number=f_number, rx_f_number=f_number, rx_apodisation="rect", depth_mm=15,
            refraction=refraction, multiple_paths="off",
        )
        for seed in range(1, 13)
    ]  # fmt: skip
    power = np.mean([np.abs(frame.iq) ** 2 for frame in frames], axis=0)
    return frames[0], (power + power[::-1]) / 2


def picture_speckle(name: str, refraction: str = "on") -> np.ndarray:
    """Power of the picture's speckle in the row of the reference, line by line, re the same
    without the disc, dB. The row is read at the range where straight rays show it."""
    scene = reference(f"edge_shadow_{name}")
    depth = float(scene["line_depth_m"])
    frame, power = mean_power(name, refraction)
    x, z = frame.line_x_m, frame.sample_z_m
    plain = np.abs(z - depth) < 0.4e-3
    without = mean_power(None)[1][:, plain][np.abs(x) < 6e-3].mean()
    chord = 2 * np.sqrt(np.maximum(DISC_RADIUS_M**2 - x**2, 0))
    shown_m = depth + (MACHINE_SPEED_M_S / DISC_TISSUE[name]["speed_m_s"] - 1) * chord
    row = np.abs(z[None, :] - shown_m[:, None]) < 0.4e-3
    mean = np.where(row, power, 0.0).sum(axis=1) / row.sum(axis=1)
    return 10 * np.log10(np.interp(scene["line_x_m"], x, mean / without))


def wave_speckle(name: str) -> np.ndarray:
    """The same as the full wave has it, dB."""
    return 10 * np.log10(reference(f"edge_shadow_{name}")["speckle_power"])


def speckle_check(name: str) -> Check:
    """Brightness of speckle behind a disc, every line: 3 dB, of which 0.5 is chance."""
    error = np.abs(picture_speckle(name) - wave_speckle(name)).max()
    check = at_most(
        f"speckle behind a disc ({name}): largest error of a line", error, 3.0, unit="dB",
        source=J_WAVE, group="speckle behind a disc",
    )  # fmt: skip
    return short_of(check, SLOW_TOO_BRIGHT, worst=3.7) if name == "slow" else check


def darkest_line_check(name: str) -> Check:
    """Place of the darkest line behind a disc: half a wavelength."""
    line = reference(f"edge_shadow_{name}")["line_x_m"]
    fine = np.linspace(line[0], line[-1], 401)
    found, expected = (
        1e3 * fine[CubicSpline(line, level)(fine).argmin()]
        for level in (picture_speckle(name), wave_speckle(name))
    )
    check = about(
        f"speckle behind a disc ({name}): place of the darkest line", found, expected,
        abs_=0.154, unit="mm", source=J_WAVE, group="darkest line behind a disc",
    )  # fmt: skip
    return short_of(check, MISPLACED, worst=4.8)


# --- reverberation -----------------------------------------------------------------------------


def rungs(scene: dict[str, np.ndarray]) -> list[tuple[float, float]]:
    """Depth (m) and amplitude of each echo of the slab, from the formula: one bounce more for
    each, R from above, -R from inside."""
    top, bottom = scene["slab_m"]
    r = float(scene["reflection"])
    inside = [(bottom + m * (bottom - top), (1 - r**2) * r ** (2 * m + 1)) for m in range(4)]
    return [(float(top), r), *inside]


def tallest(line: np.ndarray, depth_m: np.ndarray, near_m: float) -> tuple[float, float]:
    """Depth and amplitude of the largest echo within 0.4 mm."""
    inside = np.flatnonzero(np.abs(depth_m - near_m) < 0.4e-3)
    at = inside[np.abs(line[inside]).argmax()]
    return float(depth_m[at]), peak(line[at - 6 : at + 7])


def plane_rungs() -> list[tuple[float, float]]:
    """Depth and amplitude of each echo of the reference's plane wave."""
    scene = reference("reverberation_slab")
    fine = analytic(scene["plane"], finer=8)
    time = scene["time_s"][0] + np.arange(fine.size) * np.diff(scene["time_s"])[0] / 8
    return [tallest(fine, time * MACHINE_SPEED_M_S / 2, depth) for depth, _ in rungs(scene)]


def slab_checks() -> list[Check]:
    """Focused beam; levels re a mirror at the depth where each echo is shown. The grid takes up to
    2.8 dB off the last echo, and as much off a plane wave's, which has a formula: with that put
    right, 1 dB."""
    scene = reference("reverberation_slab")
    plane = plane_rungs()
    depth = np.arange(6e-3, 15.6e-3, 5e-6)
    line = receive_line(
        scene["focused"], scene["time_s"], scene["element_x_m"], line_m=0.0, depth_m=depth,
        f_number=float(scene["f_number"]), speed_m_s=MACHINE_SPEED_M_S,
    )  # fmt: skip
    knobs = even_apertures(scene)
    tissues = make_tissues(SILENT, {"density_kg_m3": 4000.0})
    top, bottom = (float(z) for z in scene["slab_m"])
    slab = Medium(tissues, (Region(0), Region(1, box(-40e-3, 40e-3, top, bottom))))
    frame = look(slab, **knobs)
    middle = frame.iq[frame.iq.shape[0] // 2]
    half_wave = MACHINE_SPEED_M_S / float(scene["frequency_hz"]) / 2
    checks = []
    for order, (near, formula) in enumerate(rungs(scene)):
        at, amplitude = tallest(line, depth, near)
        lost = 20 * math.log10(plane[order][1] / formula)
        expected = 20 * math.log10(amplitude / float(scene["mirror_peak"][order]))
        shown, bright = tallest(middle, frame.sample_z_m, near)
        plate = look(mirror(near), **knobs)
        alone = tallest(plate.iq[plate.iq.shape[0] // 2], plate.sample_z_m, near)[1]
        level = 20 * math.log10(bright / alone)
        what = f"echo {order + 1} of a slab (R 0.6)"
        checks += [
            about(f"{what}: depth", 1e3 * shown, 1e3 * at, abs_=1e3 * half_wave, unit="mm",
                  source=J_WAVE, group="echoes of a slab: depth"),
            about(f"{what}: level re a mirror there", level, expected, abs_=3.0, unit="dB",
                  source=J_WAVE, group="echoes of a slab: level"),
            about(f"{what}: level, what the solver's grid loses put right", level, expected - lost,
                  abs_=1.0, unit="dB", source=J_WAVE, group="echoes of a slab: level, corrected"),
        ]  # fmt: skip
    return checks


# --- mirror image ------------------------------------------------------------------------------


@lru_cache
def reference_image(response: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines, depths and envelope [line, depth] of the reference's point, as a scanner with a
    focus of 9 mm and even apertures of F 2 sees it."""
    scene = reference("mirror_image_25deg")
    lines, depths = np.arange(-2.4e-3, 2.5e-3, 0.2e-3), np.arange(6e-3, 13e-3, 20e-6)
    out = np.empty((lines.size, depths.size))
    for i, x in enumerate(lines):
        signals, time = point_echo_signals(
            scene[response], scene["time_s"], scene["element_x_m"], line_m=float(x), focus_m=9e-3,
            f_number=2.0, speed_m_s=MACHINE_SPEED_M_S,
        )  # fmt: skip
        line = receive_line(
            signals, time, scene["element_x_m"], line_m=float(x), depth_m=depths, f_number=2.0,
            speed_m_s=MACHINE_SPEED_M_S,
        )  # fmt: skip
        out[i] = np.abs(line)
    return lines, depths, out


def brightest(
    line_m: np.ndarray, depth_m: np.ndarray, envelope: np.ndarray, near_m: np.ndarray
) -> Shown:
    """Place and level (dB) of the largest echo within 0.8 mm to the side, 0.5 mm in depth."""
    lines = np.flatnonzero(np.abs(line_m - near_m[0]) < 0.8e-3)
    depths = np.flatnonzero(np.abs(depth_m - near_m[1]) < 0.5e-3)
    box_ = envelope[np.ix_(lines, depths)]
    i, j = np.unravel_index(box_.argmax(), box_.shape)
    return float(line_m[lines[i]]), float(depth_m[depths[j]]), 20 * math.log10(box_[i, j])


def wave_image() -> Shown:
    """Place of the ghost in the reference, and its level re the same point placed there."""
    near = reference("mirror_image_25deg")["image_m"]
    x, z, level = brightest(*reference_image("with_plate"), near)
    return x, z, level - brightest(*reference_image("at_image"), near)[2]


def mirror_checks() -> list[Check]:
    """Ghost of a wire above a plate of 25 degrees: within half a wavelength in depth and a line to
    the side; level re the same wire placed there, without a plate. (Levels re the wire's own echo
    would compare the spreading in two and in three dimensions.)"""
    scene = reference("mirror_image_25deg")
    x, z, level = wave_image()
    through = scene["plate_through_m"]
    plate = Region(1, below(float(through[1]), float(scene["plate_tilt_rad"]), float(through[0])))
    tissues = make_tissues(SILENT, {"density_kg_m3": 4000.0})

    def shown(place: str, *regions: Region) -> Shown:
        wire = (float(scene[place][0]), float(scene[place][1]), 0.3)
        frame = look(
            Medium(tissues, (Region(0), *regions), wires=(wire,)), frequency_mhz=4, focus_mm=9,
            tx_f_number=2, rx_f_number=2, rx_apodisation="rect", depth_mm=20,
        )  # fmt: skip
        return brightest(frame.line_x_m, frame.sample_z_m, np.abs(frame.iq), scene["image_m"])

    shown_x, shown_z, bright = shown("point_m", plate)
    bright -= shown("image_m")[2]
    half_wave = MACHINE_SPEED_M_S / float(scene["frequency_hz"]) / 2
    what = "mirror image of a wire in a plate of 25 degrees"
    return [
        about(f"{what}: place to the side", 1e3 * shown_x, 1e3 * x, abs_=0.21, unit="mm",
              source=J_WAVE),
        about(f"{what}: depth", 1e3 * shown_z, 1e3 * z, abs_=1e3 * half_wave, unit="mm",
              source=J_WAVE),
        about(f"{what}: level re a wire placed there", bright, level, abs_=3.0, unit="dB",
              source=J_WAVE),
    ]  # fmt: skip


# --- tilted layers -----------------------------------------------------------------------------


@lru_cache
def layer_levels(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tilts, degrees, and the power of layers from 10 to 13 mm re that at 0 degrees, dB: of the
    engine, of the wave."""
    scene = reference("tilted_layers")
    row = (scene["depth_m"] >= 10e-3) & (scene["depth_m"] <= 13e-3)
    power = (scene["line_re"] ** 2 + scene["line_im"] ** 2)[:, :, row].mean(axis=(1, 2))
    tissues = make_tissues(LAYERS[kind])
    level = []
    for degrees in scene["tilt_deg"]:
        medium = Medium(tissues, (Region(0, tilt_rad=math.radians(degrees)),))
        frames = [look(medium, seed=seed, **even_apertures(scene)) for seed in range(1, 9)]
        cells = [part(frame, x_mm=(-12, 12), z_mm=(10, 13)) for frame in frames]
        level.append(level_db(np.concatenate(cells)))
    return scene["tilt_deg"], np.array(level) - level[0], 10 * np.log10(power / power[0])


def layer_checks(kind: str) -> list[Check]:
    """Within 2 dB (asked for: 3 dB). The wave's sheets are Gaussian and weigh its lower
    frequencies, whose beams see tilt less sharply."""
    return [
        about(
            f"{kind} 0.125 mm apart tilted by {degrees:g} degrees, re none", found, wave,
            abs_=2.0, unit="dB", source=J_WAVE, group="tilted layers",
        )
        for degrees, found, wave in zip(*layer_levels(kind), strict=True)
        if degrees
    ]  # fmt: skip
