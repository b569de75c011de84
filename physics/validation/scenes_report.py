"""The full-wave scenes as one section, with what the engine and the wave show of them."""

from physics.validation.check import Curve, Figure, Panel, Section
from physics.validation.scenes import (
    DISCS,
    LAYERS,
    darkest_line_check,
    layer_checks,
    layer_levels,
    mirror_checks,
    picture_speckle,
    plane_wave_check,
    reference,
    slab_checks,
    speckle_check,
    wave_speckle,
)


def _discs() -> Figure:
    panels = []
    for name, title in (("fast", "faster disc"), ("slow", "slower disc (falls short)")):
        x = 1e3 * reference(f"edge_shadow_{name}")["line_x_m"]
        panels.append(
            Panel(title, "beside the axis, mm", "speckle re no disc, dB",
                  (Curve(x, wave_speckle(name), "full wave"),
                   Curve(x, picture_speckle(name), "engine", measured=True)), (-12.0, 10.0))
        )  # fmt: skip
    curves = []
    for colour, kind in enumerate(LAYERS):
        tilt, found, wave = layer_levels(kind)
        if not colour:
            curves.append(Curve(tilt, wave, "full wave"))
        curves.append(Curve(tilt, found, f"engine, {kind}", measured=True, colour=colour))
    panels.append(Panel("tilted layers", "tilt, degrees", "power re facing, dB", curves))
    return Figure(
        "full_wave",
        "Left and middle: brightness of even tissue 3.75 mm below a disc 4.5 mm across. Right: "
        "layers 0.125 mm apart, tilted.",
        panels,
    )


def section(quick: bool = False) -> Section:
    """All scenes with a full-wave reference."""
    title = "Full-wave scenes"
    if quick:
        return Section(title, "A wire and its mirror image.", mirror_checks())
    checks = [plane_wave_check(name) for name in DISCS]
    checks += [speckle_check(name) for name in DISCS]
    checks += [darkest_line_check(name) for name in DISCS]
    checks += [*slab_checks(), *mirror_checks()]
    checks += [check for kind in LAYERS for check in layer_checks(kind)]
    return Section(
        title,
        "Scenes that no formula closes, against a full-wave solver (j-Wave, two dimensions, "
        "lossless, with its own speed and density at every point). Asked for: position within half "
        "a wavelength, level within 3 dB.",
        checks,
        (_discs(),),
    )
