"""The engine beside full-wave solutions of scenes that no formula closes (tests/references).

Asked for: position within half a wavelength, level within 3 dB. Where the engine does not get
there the test says by how much, and why. tests/references/README.md says what the files are
and how far they can be trusted.
"""

import math
from functools import lru_cache

import full_wave
import numpy as np
import pytest
from full_wave import FOLDER, analytic, point_echo_signals, receive_line
from media import (
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
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from physics.constants import MACHINE_SPEED_M_S
from physics.frame import Frame
from physics.geometry import Pose
from physics.paths import follow
from physics.survey import survey

SPEED_M_S = 1540.0
DISC_Z_M, DISC_RADIUS_M = 6e-3, 2.25e-3
DISC_TISSUE = {
    "fast_matched": {"speed_m_s": 1540 * 1700 / 1460, "density_kg_m3": 1000 * 1460 / 1700},
    "fast": {"speed_m_s": 1540 * 1700 / 1460},
    "slow": {"speed_m_s": 1400.0, "density_kg_m3": 1100.0},
}


@lru_cache
def reference(name: str) -> dict[str, np.ndarray]:
    return {key: value.astype(np.float64) for key, value in full_wave.load(name).items()}


def even_apertures(scene: dict[str, np.ndarray]) -> dict[str, object]:
    """Knobs of a scene with its focus and both apertures as in the file."""
    return {
        "frequency_mhz": float(scene["frequency_hz"]) * 1e-6,
        "focus_mm": float(scene["focus_m"]) * 1e3,
        "tx_f_number": float(scene["f_number"]),
        "rx_f_number": float(scene["f_number"]),
        "rx_apodisation": "rect",
        "depth_mm": 20,
    }


# --- the files -------------------------------------------------------------------------------


def test_every_reference_is_small_and_described() -> None:
    """Less than 200 kB each, float32, and named in the README."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    files = sorted(FOLDER.glob("*.npz"))
    assert files
    for path in files:
        assert path.stat().st_size < 200_000, path.name
        name = path.stem
        assert f"`{name}`" in text or f"`_{name.removeprefix('edge_shadow_')}`" in text, name
        for key, value in full_wave.load(name).items():
            assert value.dtype == np.float32, key
            assert np.isfinite(value).all(), key


# --- (a) the edge shadow ---------------------------------------------------------------------

FRESNEL_M = 0.4e-3
"""Rays know no diffraction: both sides are blurred by about half of sqrt(wavelength x 3 mm)."""


def behind_a_disc(disc_: str) -> Medium:
    tissues = make_tissues(SPECKLE, {**SPECKLE, **DISC_TISSUE[disc_]})
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


@pytest.mark.parametrize("name", ["fast_matched", "fast", "slow"])
def test_bent_rays_carry_the_power_of_the_plane_wave_behind_a_disc(name: str) -> None:
    """Ray density x what was let through, within 3 dB of the wave's squared pressure."""
    scene = reference(f"edge_shadow_{name}")
    x = scene["x_m"]
    blur = FRESNEL_M / float(np.diff(x)[0])
    worst = []
    for depth in (9e-3, 10e-3, 12e-3):
        wave = scene["plane_rms"][:, np.abs(scene["z_m"] - depth).argmin()] ** 2
        rays = ray_power(behind_a_disc(name), x, depth)
        here = np.abs(x) < 4e-3
        found, expected = (
            10 * np.log10(gaussian_filter1d(power, blur))[here] for power in (rays, wave)
        )
        worst.append(np.abs(found - expected).max())
    print(name, np.round(worst, 1))
    assert max(worst) < 3.0


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
    return 10 * np.log10(reference(f"edge_shadow_{name}")["speckle_power"])


ONE_RAY = (
    "one ray stands for the whole beam of a line: it takes the beam of an aperture 4 mm wide to "
    "the one place where its middle is bent to. "
)
SLOW_TOO_BRIGHT = pytest.mark.xfail(
    strict=True,
    reason=ONE_RAY + "Behind a slower disc lines that run together show speckle up to 10 dB too "
    "bright (+7.5 dB 1.25 to 1.5 mm off the axis, where the wave has -2 to -3 dB)",
)
MISPLACED = pytest.mark.xfail(
    strict=True,
    reason=ONE_RAY
    + "The darkest line lies 0.4 to 0.8 mm from where the wave has it (2.0 mm off the "
    "axis, within the edge at 2.25 mm)",
)


@pytest.mark.parametrize(
    "name", ["fast_matched", "fast", pytest.param("slow", marks=SLOW_TOO_BRIGHT)]
)
def test_speckle_behind_a_disc_is_as_bright_as_the_full_wave_makes_it(name: str) -> None:
    """Every line within 3 dB (0.5 dB of that is chance)."""
    found, expected = picture_speckle(name), wave_speckle(name)
    print(name, np.round(found, 1), np.round(expected, 1), sep="\n")
    assert np.abs(found - expected).max() < 3.0


@MISPLACED
@pytest.mark.parametrize("name", ["fast_matched", "fast", "slow"])
def test_the_edge_shadow_is_darkest_where_the_full_wave_has_it(name: str) -> None:
    """Within half a wavelength, 0.15 mm."""
    line = reference(f"edge_shadow_{name}")["line_x_m"]
    fine = np.linspace(line[0], line[-1], 401)
    darkest = [
        fine[CubicSpline(line, level)(fine).argmin()]
        for level in (picture_speckle(name), wave_speckle(name))
    ]
    print(name, "darkest at", np.round(np.array(darkest) * 1e3, 2), "mm")
    assert darkest[0] == pytest.approx(darkest[1], abs=0.154e-3)


@pytest.mark.parametrize("name", ["fast_matched", "fast"])
def test_an_edge_shadow_is_there_because_sound_is_bent(name: str) -> None:
    """Below the edge the wave lacks 4 to 6 dB. The engine shows a shadow there too, and it goes
    with refraction switched off."""
    at_edge = np.abs(reference(f"edge_shadow_{name}")["line_x_m"] - 2.25e-3) < 0.3e-3
    assert wave_speckle(name)[at_edge].mean() < -4.0
    bent, straight = (picture_speckle(name, switch)[at_edge].mean() for switch in ("on", "off"))
    print(name, "at the edge", bent, "without refraction", straight)
    assert bent < straight - 2.0


# --- (b) reverberation -----------------------------------------------------------------------


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
    return [tallest(fine, time * SPEED_M_S / 2, depth) for depth, _ in rungs(scene)]


def test_a_plane_wave_in_the_reference_slab_is_that_of_the_formula() -> None:
    """Arrival within 10 ns (8 um); amplitude within 0.6 dB for the direct echoes and 1 dB more
    for each bounce: on a grid a surface has a width, and R is 0.57 rather than 0.6."""
    formula = rungs(reference("reverberation_slab"))
    for order, ((at, found), (depth, amplitude)) in enumerate(
        zip(plane_rungs(), formula, strict=True)
    ):
        assert at == pytest.approx(depth, abs=8e-6), order
        error = 20 * math.log10(found / amplitude)
        assert error == pytest.approx(0.0, abs=0.6 + 1.0 * max(order - 1, 0)), order


def test_reverberation_in_a_slab_is_that_of_the_full_wave() -> None:
    """Focused beam; levels re a mirror at the depth where each echo is shown. The grid takes up to
    2.8 dB off the last echo, and as much off a plane wave's, which has a formula: with that put
    right, 1 dB."""
    scene = reference("reverberation_slab")
    plane = plane_rungs()
    depth = np.arange(6e-3, 15.6e-3, 5e-6)
    line = receive_line(
        scene["focused"], scene["time_s"], scene["element_x_m"], line_m=0.0, depth_m=depth,
        f_number=float(scene["f_number"]), speed_m_s=SPEED_M_S,
    )  # fmt: skip
    knobs = even_apertures(scene)
    tissues = make_tissues(SILENT, {"density_kg_m3": 4000.0})
    top, bottom = (float(z) for z in scene["slab_m"])
    slab = Medium(tissues, (Region(0), Region(1, box(-40e-3, 40e-3, top, bottom))))
    frame = look(slab, **knobs)
    middle = frame.iq[frame.iq.shape[0] // 2]
    half_wave = SPEED_M_S / float(scene["frequency_hz"]) / 2
    for order, (near, formula) in enumerate(rungs(scene)):
        at, amplitude = tallest(line, depth, near)
        lost = 20 * math.log10(plane[order][1] / formula)
        expected = 20 * math.log10(amplitude / float(scene["mirror_peak"][order]))
        shown, bright = tallest(middle, frame.sample_z_m, near)
        plate = look(mirror(near), **knobs)
        level = 20 * math.log10(
            bright / tallest(plate.iq[plate.iq.shape[0] // 2], plate.sample_z_m, near)[1]
        )
        print(f"order {order}: {(shown - at) * 1e6:+.0f} um, {level:.1f} dB ({expected:.1f})", lost)
        assert shown == pytest.approx(at, abs=half_wave), order
        assert level == pytest.approx(expected, abs=3.0), order
        assert level == pytest.approx(expected - lost, abs=1.0), order


# --- (c) mirror image ------------------------------------------------------------------------


@lru_cache
def reference_image(response: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lines, depths and envelope [line, depth] of the reference's point, as a scanner with a
    focus of 9 mm and even apertures of F 2 sees it."""
    scene = reference("mirror_image_25deg")
    lines, depths = np.arange(-2.4e-3, 2.5e-3, 0.2e-3), np.arange(6e-3, 13e-3, 20e-6)
    out = np.empty((lines.size, depths.size))
    for i, x in enumerate(lines):
        signals, time = point_echo_signals(
            scene[response], scene["time_s"], scene["element_x_m"], line_m=x, focus_m=9e-3,
            f_number=2.0, speed_m_s=SPEED_M_S,
        )  # fmt: skip
        out[i] = np.abs(
            receive_line(
                signals,
                time,
                scene["element_x_m"],
                line_m=x,
                depth_m=depths,
                f_number=2.0,
                speed_m_s=SPEED_M_S,
            )
        )
    return lines, depths, out


def brightest(
    line_m: np.ndarray, depth_m: np.ndarray, envelope: np.ndarray, near_m: np.ndarray
) -> tuple[float, float, float]:
    """Place and level (dB) of the largest echo within 0.8 mm to the side, 0.5 mm in depth."""
    lines = np.flatnonzero(np.abs(line_m - near_m[0]) < 0.8e-3)
    depths = np.flatnonzero(np.abs(depth_m - near_m[1]) < 0.5e-3)
    box_ = envelope[np.ix_(lines, depths)]
    i, j = np.unravel_index(box_.argmax(), box_.shape)
    return float(line_m[lines[i]]), float(depth_m[depths[j]]), 20 * math.log10(box_[i, j])


def test_the_reference_shows_a_ghost_where_the_mirror_image_is() -> None:
    """An image at the plate's other side, R^2 below the same point placed there: 0.1 mm to the side
    and 30 um in depth, level 1 dB (a plate of the grid reflects a little less than R)."""
    scene = reference("mirror_image_25deg")
    x, z, level = brightest(*reference_image("with_plate"), scene["image_m"])
    assert x == pytest.approx(scene["image_m"][0], abs=0.1e-3)
    assert z == pytest.approx(scene["image_m"][1], abs=30e-6)
    _, _, placed = brightest(*reference_image("at_image"), scene["image_m"])
    assert level - placed == pytest.approx(40 * math.log10(scene["reflection"]), abs=1.0)


@pytest.mark.xfail(
    strict=False,
    reason="the engine follows bounces up and down a column; sound that a slope throws aside is "
    "not followed, so there is no ghost: at its place the picture lies 43 dB below the same wire "
    "placed there (the plate's side lobes and noise), where the wave has -10 dB",
)
def test_a_mirror_image_below_a_slope_is_that_of_the_full_wave() -> None:
    """Ghost of a wire above a plate of 25 degrees: within half a wavelength in depth and a line to
    the side; level re the same wire placed there, without a plate, within 3 dB. (Levels re the
    wire's own echo would compare the spreading in two and in three dimensions.)"""
    scene = reference("mirror_image_25deg")
    x, z, level = brightest(*reference_image("with_plate"), scene["image_m"])
    level -= brightest(*reference_image("at_image"), scene["image_m"])[2]
    through = scene["plate_through_m"]
    plate = Region(1, below(float(through[1]), float(scene["plate_tilt_rad"]), float(through[0])))
    tissues = make_tissues(SILENT, {"density_kg_m3": 4000.0})

    def shown(place: str, *regions: Region) -> tuple[float, float, float]:
        wire = (float(scene[place][0]), float(scene[place][1]), 0.3)
        frame = look(
            Medium(tissues, (Region(0), *regions), wires=(wire,)), frequency_mhz=4, focus_mm=9,
            tx_f_number=2, rx_f_number=2, rx_apodisation="rect", depth_mm=20,
        )  # fmt: skip
        return brightest(frame.line_x_m, frame.sample_z_m, np.abs(frame.iq), scene["image_m"])

    shown_x, shown_z, bright = shown("point_m", plate)
    bright -= shown("image_m")[2]
    print(f"ghost {bright:.1f} dB, full wave {level:.1f} dB")
    assert shown_x == pytest.approx(x, abs=0.21e-3)
    assert shown_z == pytest.approx(z, abs=SPEED_M_S / float(scene["frequency_hz"]) / 2)
    assert bright == pytest.approx(level, abs=3.0)


# --- (d) tilted layers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param({"fibrous_per_m_sr": 0.2, "fibre_length_m": 30e-3}, id="fibres"),
        pytest.param(
            {"septum_spacing_m": 0.125e-3, "septum_length_m": 50e-3, "septum_reflection": 0.02},
            id="septa",
        ),
    ],
)
def test_tilted_layers_fade_as_in_the_full_wave(layers: dict[str, float]) -> None:
    """Power from 10 to 13 mm re that at 0 degrees: within 2 dB (asked for: 3 dB). The wave's sheets
    are Gaussian and weigh its lower frequencies, whose beams see tilt less sharply."""
    scene = reference("tilted_layers")
    row = (scene["depth_m"] >= 10e-3) & (scene["depth_m"] <= 13e-3)
    power = (scene["line_re"] ** 2 + scene["line_im"] ** 2)[:, :, row].mean(axis=(1, 2))
    tissues = make_tissues(layers)
    level = []
    for degrees in scene["tilt_deg"]:
        medium = Medium(tissues, (Region(0, tilt_rad=math.radians(degrees)),))
        frames = [look(medium, seed=seed, **even_apertures(scene)) for seed in range(1, 9)]
        cells = [part(frame, x_mm=(-12, 12), z_mm=(10, 13)) for frame in frames]
        level.append(level_db(np.concatenate(cells)))
    for degrees, found, expected in zip(scene["tilt_deg"], level, power, strict=True):
        faded, wave = found - level[0], 10 * math.log10(expected / power[0])
        print(f"{degrees:.0f} degrees: {faded:.1f} dB ({wave:.1f})")
        assert faded == pytest.approx(wave, abs=2.0), degrees
