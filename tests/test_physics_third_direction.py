"""Fibres that run out of the image plane: the third material coordinate and the two leans."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from media import SILENT, Medium, level_db, look, make_tissues, part, uniform

from physics.elevation import elevation_weights
from physics.frame import Frame
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import find_probe

FIBRES = {"fibrous_per_m_sr": 0.5, "fibre_length_m": 2e-3}
SEPTA = {"septum_spacing_m": 0.4e-3, "septum_length_m": 4e-3, "septum_reflection": 0.02}
WINDOW = {"x_mm": (-14, 14), "z_mm": (18, 22)}


@dataclass(frozen=True, eq=False)
class Short:
    """A medium whose fibres run across the image plane, cut `y_m` along them."""

    medium: Medium
    y_m: float = 0.0
    fibre_lean: float = 0.0
    surface_lean: float = 0.0

    def slice(self, pose: Pose, **grid: float) -> Slice:
        cut = self.medium.slice(pose, **grid)
        turned = replace(
            cut, along_m=np.full_like(cut.along_m, self.y_m), beside_m=cut.along_m.copy()
        )
        if self.fibre_lean:
            turned = replace(turned, fibre_lean=np.full_like(cut.along_m, self.fibre_lean))
        if self.surface_lean:
            turned = replace(turned, surface_lean=np.full_like(cut.along_m, self.surface_lean))
        return turned


def pattern(frame: Frame) -> float:
    """Largest correlation of the envelope with itself, moved farther than a speckle: float."""
    rows = (frame.sample_z_m > 10e-3) & (frame.sample_z_m < 26e-3)
    envelope = np.abs(frame.iq[20:-20, rows][:, ::2])
    envelope = envelope / envelope.mean(axis=0) - 1.0
    spectrum = np.abs(np.fft.fft2(envelope, [2 * n for n in envelope.shape])) ** 2
    correlation = np.fft.ifft2(spectrum).real
    near_x = int(0.7e-3 / (frame.line_x_m[1] - frame.line_x_m[0]))
    correlation /= correlation[0, 0]
    return float(np.abs(correlation[near_x : len(envelope) // 2]).max())


def level_of(medium: object, **knobs: float) -> float:
    seeds = [look(medium, seed=n, focus_mm=20, frequency_mhz=7.5, **knobs) for n in (1, 2, 3)]
    return level_db(np.concatenate([part(frame, **WINDOW) for frame in seeds]))


def width_of_speckle(medium: object) -> float:
    """Lateral lag, m, at which the envelope's correlation falls to one half."""
    frame = look(medium, focus_mm=20, frequency_mhz=7.5)
    rows = (frame.sample_z_m > 18e-3) & (frame.sample_z_m < 22e-3)
    envelope = np.abs(frame.iq[:, rows])
    envelope = envelope - envelope.mean(axis=0)
    spectrum = np.abs(np.fft.fft(envelope, 2 * len(envelope), axis=0)) ** 2
    correlation = np.fft.ifft(spectrum, axis=0).real.sum(axis=1)[: len(envelope)]
    correlation /= np.arange(len(envelope), 0, -1)
    correlation /= correlation[0]
    after = int(np.argmax(correlation < 0.5))
    above, below = correlation[after - 1], correlation[after]
    lag = after - (0.5 - below) / (above - below)  # between two lines
    return float(lag) * float(frame.line_x_m[1] - frame.line_x_m[0])


def test_lines_in_the_long_axis_are_dots_in_the_short_axis() -> None:
    """Fibres of 2 mm: speckle is lines along them, and as wide as that of grains across them."""
    fibres, grains = uniform(**FIBRES), uniform(diffuse_per_m_sr=0.2)
    dots = width_of_speckle(Short(fibres))
    assert width_of_speckle(fibres) > 2 * dots
    assert dots == pytest.approx(width_of_speckle(grains), rel=0.35)


def expected_gain_db() -> float:
    """Effective height of the beam, up to a fibre's length, over its effective width at the focus:
    (int p^2)^2 / int p^4 of both, the width from the picture of a wire."""
    probe = find_probe("L12-3")
    table = elevation_weights(probe)
    at = np.array([7.5e6]), np.array([20e-3])
    height = float(table.at(table.coherent, *at)[0, 0] / table.at(table.incoherent, *at)[0, 0]) ** 2
    wire = Medium(make_tissues(SILENT), wires=((0.0, 20e-3, 1.0),))
    frame = look(wire, focus_mm=20, frequency_mhz=7.5, noise="off", multiple_paths="off")
    row = int(np.argmax(np.abs(frame.iq).max(axis=0)))
    beam = frame.iq[:, row]
    step = float(frame.line_x_m[1] - frame.line_x_m[0])
    width = float(abs(beam.sum()) ** 2 / (np.abs(beam) ** 2).sum()) * step
    print(f"beam {height * 1e3:.2f} mm high, {width * 1e3:.2f} mm wide")
    return 10 * math.log10(min(height, FIBRES["fibre_length_m"]) / width)


def test_turning_keeps_the_level_of_fibres() -> None:
    """Across or along the plane, the beam meets fibres at a right angle. Along it they fill its
    width, across it its height: here 2 dB more."""
    gain = level_of(Short(uniform(**FIBRES))) - level_of(uniform(**FIBRES))
    assert gain == pytest.approx(expected_gain_db(), abs=1.0)


def test_grain_stays_at_its_place_beside_the_fibres() -> None:
    """Sliding 1 mm beside the fibres moves the picture by 1 mm; 1 mm along them, half a fibre
    length, leaves it like itself; ten lengths along, it is another one."""
    medium = Short(uniform(**FIBRES))
    first = look(medium, focus_mm=20)
    moved = look(medium, focus_mm=20, pose=Pose(slide_m=1e-3))
    n = round(1e-3 / float(first.line_x_m[1] - first.line_x_m[0]))

    def likeness(a: np.ndarray, b: np.ndarray) -> float:
        return float(abs(np.vdot(a, b)) / (np.linalg.norm(a) * np.linalg.norm(b)))

    rows = (first.sample_z_m > 15e-3) & (first.sample_z_m < 25e-3)
    assert likeness(first.iq[n:, rows], moved.iq[:-n, rows]) > 0.9
    along = [look(replace(medium, y_m=y), focus_mm=20).iq[:, rows] for y in (1e-3, 20e-3)]
    assert likeness(first.iq[:, rows], along[0]) > 0.5
    assert likeness(first.iq[:, rows], along[1]) < 0.15


def test_fibres_lean_as_fibres_and_sheets_as_sheets() -> None:
    """10 degrees of either lean takes 8 dB or more from what leans, and nothing from the other."""
    slope = math.tan(math.radians(10))
    fall = {}
    for name, tissue in (("fibres", FIBRES), ("septa", SEPTA)):
        upright = level_of(Short(uniform(**tissue)))
        for lean in ("fibre_lean", "surface_lean"):
            fall[name, lean] = upright - level_of(Short(uniform(**tissue), **{lean: slope}))
    assert fall["fibres", "fibre_lean"] > 8
    assert fall["septa", "surface_lean"] > 8
    assert fall["fibres", "surface_lean"] == fall["septa", "fibre_lean"] == 0


def test_septa_are_short_bars_in_the_short_axis() -> None:
    """Muscle's septa: lines in the long axis, bars of the width of a bundle across it."""
    septa = uniform(**SEPTA)
    assert width_of_speckle(Short(septa)) < 0.6 * width_of_speckle(septa)


def test_grain_that_a_plane_cuts_across_shows_no_pattern() -> None:
    """Every layer beside the fibres has grain of its own: nothing comes back some way aside and
    deeper, any more than in a plane along the fibres."""
    grains, fibres = uniform(diffuse_per_m_sr=0.2), uniform(**FIBRES)
    knobs = {"frequency_mhz": 7.5, "focus_mm": 18, "noise": "off"}
    plain = pattern(look(grains, **knobs))
    for medium in (Short(grains), Short(fibres)):
        assert pattern(look(medium, **knobs)) < 1.5 * plain
