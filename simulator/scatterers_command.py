"""`insonate scatterers`: any list of point scatterers through the engine."""

import argparse
import math
from collections.abc import Callable, Iterable

import numpy as np

from physics.probe import Probe, find_probe
from physics.settings import ScanSettings, check_for_probe, find_knob, fitted_to_probe
from simulator.errors import UserError, users_fault
from simulator.output_file import OutputFiles
from simulator.picture_file import settings_json, write_arrays
from simulator.points_file import check_in_front, read_points
from simulator.render_command import turn_knobs

MAX_VALUES = 50_000_000
UNDERSTOOD = (
    "frequency_mhz",
    "focus_mm",
    "tx_f_number",
    "rx_f_number",
    "tx_apodisation",
    "rx_apodisation",
)
"""Knobs that points heed: those of elements and delays (`physics.point_echoes`)."""

ImagePoints = Callable[..., np.ndarray]
"""`physics.point_echoes.image_points`, or a stand-in."""


def scatterers(args: argparse.Namespace, image_points: ImagePoints | None = None) -> int:
    """Image the points of a file along the lines that were asked for."""
    with users_fault():
        probe = find_probe(args.probe)
        refuse_ignored(args.set)
        settings = turn_knobs(fitted_to_probe(ScanSettings(), probe), args.set)
        check_for_probe(settings, probe)
    line_u = check_lines(args, probe)
    sample_z_m = check_samples(args.depth_mm, line_u.size)
    points = read_points(args.points)
    check_in_front(points, probe)
    with OutputFiles((args.out, ".npz")) as output:
        if output.would_replace(args.points):
            raise UserError(f"the output '{args.out}' would overwrite the points file")
        iq = (image_points or _engine())(
            points.x_m,
            points.z_m,
            points.amplitude,
            y_m=points.y_m,
            line_u=line_u,
            probe=probe,
            settings=settings,
            sample_z_m=sample_z_m,
            attenuation_db_cm_mhz=args.attenuation_db_cm_mhz,
            planar=args.planar,
        )
        arrays = {
            "iq": iq,
            "line_rad" if probe.is_convex else "line_x_m": line_u,
            "sample_z_m": sample_z_m,
            "settings_json": np.array(_describe(args, settings)),
        }
        output.write(0, lambda file: write_arrays(file, arrays))
    return 0


def refuse_ignored(turns: Iterable[tuple[str, str]]) -> None:
    """UserError for a knob that would change nothing."""
    for name, _ in turns:
        if find_knob(name).name not in UNDERSTOOD:
            raise UserError(
                f"--set {name} would change nothing: 'scatterers' stops before amplifier and "
                f"picture and has no tissue; it heeds {', '.join(UNDERSTOOD)}"
            )


def check_lines(args: argparse.Namespace, probe: Probe) -> np.ndarray:
    """float64[n_line]: lateral line positions, m or rad, all on the face of `probe`."""
    if probe.is_convex:
        wanted, option, other, per_unit = args.line_deg, "--line-deg", "--line-x-mm", math.pi / 180
        unit = "degrees"
    else:
        wanted, option, other, per_unit = args.line_x_mm, "--line-x-mm", "--line-deg", 1e-3
        unit = "mm"
    if wanted is None:
        shape = "convex" if probe.is_convex else "linear"
        raise UserError(f"{probe.name} is {shape}; give its lines with {option}, not with {other}")
    half = probe.n_element * probe.pitch_u / 2 / per_unit
    beyond = wanted[np.abs(wanted) > half * (1 + 1e-9)]
    if beyond.size:
        raise UserError(
            f"{option} reaches {beyond[0]:g}; the face of {probe.name} allows "
            f"{-half:.4g} to {half:.4g} {unit}"
        )
    return wanted * per_unit


def check_samples(depth_mm: np.ndarray, n_line: int) -> np.ndarray:
    """float64[n_sample]: depths in m; UserError if they are negative or too many."""
    if depth_mm[0] < 0:
        raise UserError(f"--depth-mm starts at {depth_mm[0]:g}; allowed: 0 mm or deeper")
    if depth_mm.size * n_line > MAX_VALUES:
        raise UserError(
            f"{n_line} lines of {depth_mm.size} samples are too many; "
            f"allowed: {MAX_VALUES} values in all"
        )
    return depth_mm * 1e-3


def _engine() -> ImagePoints:
    from physics.point_echoes import image_points  # numba is slow to import

    return image_points


def _describe(args: argparse.Namespace, settings: ScanSettings) -> str:
    return settings_json(
        settings,
        probe=args.probe,
        attenuation_db_cm_mhz=args.attenuation_db_cm_mhz,
        planar=args.planar,
    )
