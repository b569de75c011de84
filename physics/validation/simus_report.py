"""The comparison with SIMUS as sections, with both sides' profiles, widths, fields and speckle."""

from pathlib import Path

import numpy as np

from physics.constants import HALF_AMPLITUDE_DB
from physics.validation.check import Curve, Figure, Panel, Pictures, Section
from physics.validation.simus import (
    APODISATIONS,
    LINEAR,
    POINTS,
    compared,
    loss_check,
    near,
    reference,
    target_checks,
)
from physics.validation.simus_maps import (
    CYSTS,
    FIELDS,
    cyst,
    cyst_checks,
    field_check,
    slice_check,
    slice_widths,
    two_way_field,
)

PROFILED = LINEAR[9]
"""7.6 MHz, focus 20 mm, with the lens."""
WIDE_M = 4e-3
FIELD_EVERY = 3
QUICK_TARGETS = 2


def is_complete(folder: Path) -> bool:
    """Whether every file of the peer's data is there."""
    names = [*POINTS, *FIELDS, *(f"c_cyst_L11-5v_f7.60MHz_tx20mm_{world}" for world in CYSTS)]
    return all((folder / f"{name}.npz").is_file() for name in names)


def _profiles(folder: Path) -> Figure:
    ref = reference(folder, PROFILED)
    panels = []
    for target in ref.on_axis[:3]:
        curves = []
        for colour, apodisation in enumerate(APODISATIONS):
            found = compared(folder, PROFILED, apodisation, int(target), WIDE_M)
            place, ours, theirs = found.profiles["lateral"]
            curves += [
                Curve(1e3 * place, np.maximum(theirs - theirs.max(), -70),
                      f"SIMUS, {apodisation}", colour=colour),
                Curve(1e3 * place[::2], np.maximum(ours - ours.max(), -70)[::2],
                      f"engine, {apodisation}", measured=True, colour=colour),
            ]  # fmt: skip
        panels.append(
            Panel(f"{ref.depth_mm(target)} mm", "beside the target, mm", "dB", curves, (-70.0, 2.0))
        )
    return Figure(
        "point_spread",
        "Point targets above, at and below the focus (20 mm): lateral profiles at 7.6 MHz, even "
        "and Hann weights on receive, with the lens.",
        panels,
    )


def _widths(folder: Path) -> Figure:
    panels = []
    for level, title in ((HALF_AMPLITUDE_DB, "-6 dB width"), (-20.0, "-20 dB width")):
        curves = []
        for colour, name in enumerate((LINEAR[1], LINEAR[5], LINEAR[9])):
            ref = reference(folder, name)
            depth = np.array([ref.depth_mm(t) for t in ref.on_axis])
            ours, theirs = np.array(
                [
                    compared(folder, name, "hann", int(t), near(name)).widths["lateral", level]
                    for t in ref.on_axis
                ]
            ).T
            mhz = ref.meta["fc"] * 1e-6
            curves += [
                Curve(depth, 1e3 * theirs, f"SIMUS, {mhz:g} MHz", colour=colour),
                Curve(depth, 1e3 * ours, f"engine, {mhz:g} MHz", measured=True, colour=colour),
            ]
        panels.append(Panel(title, "depth, mm", "lateral width, mm", curves))
    return Figure("widths", "Lateral widths on the axis, focus 20 mm, Hann on receive.", panels)


def points_section(folder: Path, quick: bool = False) -> Section:
    """Point targets on and beside the axis, linear and convex, and loss."""
    names = [PROFILED] if quick else POINTS
    axis = {name: reference(folder, name).on_axis for name in names}
    if quick:
        axis = {name: targets[:QUICK_TARGETS] for name, targets in axis.items()}
    checks = target_checks(folder, names, APODISATIONS, axis, "on the axis")
    if not quick:
        beside = {
            name: [t for t in range(reference(folder, name).n_target) if t not in axis[name]]
            for name in names
        }
        checks += target_checks(folder, names, APODISATIONS, beside, "beside the axis")
        checks += [loss_check(folder, apodisation) for apodisation in APODISATIONS]
    return Section(
        "Point targets beside SIMUS",
        "`insonate scatterers` beside data computed with PyMUST: L11-5v at 5, 7.6 and 10 MHz with "
        "the focus at 20 or 35 mm, with and without attenuation, and C5-2v; even and Hann weights; "
        "in two dimensions and with the lens. Everything is compared as it is, the worst target "
        "counts. (A second independent simulator agrees with PyMUST within 2 % in width and 0.7 dB "
        "in amplitude.)",
        checks,
        () if quick else (_profiles(folder), _widths(folder)),
    )


def _grey(level_db: np.ndarray, floor_db: float) -> np.ndarray:
    shares = np.clip(1 - level_db / floor_db, 0, 1)
    return np.rint(255 * shares).astype(np.uint8)


def _field_figure(folder: Path) -> Figure:
    field = two_way_field(folder, FIELDS[4], "3d", "hann", 1)
    pictures = []
    for caption, level in (("SIMUS", field.theirs_db), ("engine", field.ours_db)):
        heard = np.where(field.theirs_db >= -35, level, -40)
        both = np.concatenate([heard[:, :0:-1], heard], axis=1)  # the map is symmetric
        pictures.append((f"{caption}, 0 to -40 dB", _grey(both, -40.0)))
    return Figure(
        "field",
        "Two-way field of one line (7.6 MHz, focus 20 mm, Hann, with the lens), depth downwards, "
        f"what lies above -35 dB: rms difference {field.difference_db:.2f} dB above -30 dB.",
        Pictures(pictures, 2 * np.ptp(field.place_m) / np.ptp(field.depth_m)),
    )


def _slices(folder: Path) -> Figure:
    curves = []
    for colour, name in enumerate((FIELDS[0], FIELDS[4])):
        depth, ours, theirs = 1e3 * np.array(list(slice_widths(folder, name))).T
        what = name.removeprefix("b_field_L11-5v_f")
        curves += [
            Curve(depth, theirs, f"SIMUS, {what}", colour=colour),
            Curve(depth[::3], ours[::3], f"engine, {what}", measured=True, colour=colour),
        ]
    panel = Panel("", "depth, mm", "one-way -6 dB thickness, mm", curves)
    return Figure("slice", "Thickness of the slice in the plane of the lens.", (panel,))


def fields_section(folder: Path, quick: bool = False) -> Section:
    """Two-way fields and slice thickness."""
    if quick:
        return Section("Fields beside SIMUS", "Slice thickness.", [slice_check(folder, FIELDS[4])])
    checks = [
        field_check(folder, name, world, apodisation, FIELD_EVERY)
        for name in FIELDS
        for world in CYSTS
        for apodisation in APODISATIONS
    ]
    checks += [slice_check(folder, name) for name in FIELDS]
    return Section(
        "Fields beside SIMUS",
        "What one line hears of single points, on every third column of the peer's maps; and the "
        "thickness of the transmitted beam across the picture plane.",
        checks,
        (_field_figure(folder), _slices(folder)),
    )


def speckle_section(folder: Path, quick: bool = False) -> Section:
    """Pictures of the same scatterers."""
    if quick:
        return Section("Speckle beside SIMUS", "", ())
    shown = cyst(folder, "3d", 1)
    checks = cyst_checks(shown, "hann")
    checks += cyst_checks(cyst(folder, "2d", 1), "rect")
    for world, apodisation in (("3d", "rect"), ("2d", "hann")):
        checks += cyst_checks(cyst(folder, world, 5), apodisation)
    ours = 20 * np.log10(np.abs(shown.image("hann")))
    theirs = shown.theirs_db("hann")
    correlation = checks[0].measured
    pictures = [
        (name, _grey((level - level.max()).T[::2], -60.0))
        for name, level in (("SIMUS", theirs), ("engine", ours))
    ]
    pictures.append(
        ("difference, black 0, white 3 dB",
         np.rint(255 * np.clip(np.abs((ours - ours.max()) - (theirs - theirs.max())).T[::2] / 3,
                               0, 1) * (theirs > theirs.max() - 60).T[::2]).astype(np.uint8)),
    )  # fmt: skip
    return Section(
        "Speckle beside SIMUS",
        f"The same {shown.data['sx'].size} scatterers about a cyst, speckle for speckle.",
        checks,
        (
            Figure(
                "cyst",
                "The same scatterers through both (7.6 MHz, focus 20 mm, Hann, with the lens; 60 "
                f"dB): correlation of the envelopes {correlation:.4f}.",
                Pictures(pictures, np.ptp(shown.line) / np.ptp(shown.depth)),
            ),
        ),
    )
