"""The engine beside full-wave solutions of scenes that no formula closes.

Asked for: position within half a wavelength, level within 3 dB. Where the engine does not get
there the test says by how much, and why (`physics.validation.scenes`).
physics/validation/references/README.md says what the files are and how far they can be
trusted.
"""

import math

import numpy as np
import pytest

from physics.validation import full_wave, scenes
from physics.validation.check import faults
from physics.validation.full_wave import FOLDER
from physics.validation.scenes import picture_speckle, reference, wave_speckle

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


@pytest.mark.parametrize("name", scenes.DISCS)
def test_bent_rays_carry_the_power_of_the_plane_wave_behind_a_disc(name: str) -> None:
    """Ray density x what was let through, within 3 dB of the wave's squared pressure."""
    assert not faults([scenes.plane_wave_check(name)])


SLOW_TOO_BRIGHT = pytest.mark.xfail(strict=True, reason=scenes.SLOW_TOO_BRIGHT)
MISPLACED = pytest.mark.xfail(strict=True, reason=scenes.MISPLACED)


@pytest.mark.parametrize(
    "name", ["fast_matched", "fast", pytest.param("slow", marks=SLOW_TOO_BRIGHT)]
)
def test_speckle_behind_a_disc_is_as_bright_as_the_full_wave_makes_it(name: str) -> None:
    """Every line within 3 dB (0.5 dB of that is chance)."""
    assert not faults([scenes.speckle_check(name)])


@MISPLACED
@pytest.mark.parametrize("name", scenes.DISCS)
def test_the_edge_shadow_is_darkest_where_the_full_wave_has_it(name: str) -> None:
    """Within half a wavelength, 0.15 mm."""
    assert not faults([scenes.darkest_line_check(name)])


@pytest.mark.parametrize("name", scenes.DISCS)
def test_what_falls_short_behind_a_disc_is_no_worse_than_documented(name: str) -> None:
    """Each known shortfall has a bound of its own (`Check.worst`)."""
    for check in (scenes.speckle_check(name), scenes.darkest_line_check(name)):
        assert check.holds or check.excused, str(check)


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


def test_a_plane_wave_in_the_reference_slab_is_that_of_the_formula() -> None:
    """Arrival within 10 ns (8 um); amplitude within 0.6 dB for the direct echoes and 1 dB more
    for each bounce: on a grid a surface has a width, and R is 0.57 rather than 0.6."""
    formula = scenes.rungs(reference("reverberation_slab"))
    for order, ((at, found), (depth, amplitude)) in enumerate(
        zip(scenes.plane_rungs(), formula, strict=True)
    ):
        assert at == pytest.approx(depth, abs=8e-6), order
        error = 20 * math.log10(found / amplitude)
        assert error == pytest.approx(0.0, abs=0.6 + 1.0 * max(order - 1, 0)), order


def test_reverberation_in_a_slab_is_that_of_the_full_wave() -> None:
    """Place within half a wavelength, level within 3 dB; with what the solver's grid loses at
    each bounce put right, 1 dB."""
    assert not faults(scenes.slab_checks())


# --- (c) mirror image ------------------------------------------------------------------------


def test_the_reference_shows_a_ghost_where_the_mirror_image_is() -> None:
    """An image at the plate's other side, R^2 below the same point placed there: 0.1 mm to the side
    and 30 um in depth, level 1 dB (a plate of the grid reflects a little less than R)."""
    scene = reference("mirror_image_25deg")
    x, z, level = scenes.wave_image()
    assert x == pytest.approx(scene["image_m"][0], abs=0.1e-3)
    assert z == pytest.approx(scene["image_m"][1], abs=30e-6)
    assert level == pytest.approx(40 * math.log10(scene["reflection"]), abs=1.0)


def test_a_mirror_image_below_a_slope_is_that_of_the_full_wave() -> None:
    """Ghost of a wire above a plate of 25 degrees: within half a wavelength in depth and a line to
    the side; level re the same wire placed there, without a plate, within 3 dB."""
    assert not faults(scenes.mirror_checks())


# --- (d) tilted layers -----------------------------------------------------------------------


@pytest.mark.parametrize("layers", scenes.LAYERS)
def test_tilted_layers_fade_as_in_the_full_wave(layers: str) -> None:
    """Power from 10 to 13 mm re that at 0 degrees: within 2 dB (asked for: 3 dB)."""
    assert not faults(scenes.layer_checks(layers))
