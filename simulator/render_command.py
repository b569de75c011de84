"""`insonate render`, and what `insonate` draws when there is no screen."""

import argparse
import contextlib
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import platformdirs

from phantoms import load_phantom
from physics.compiling import Compiling
from physics.geometry import MAX_STANDOFF_M, Pose
from physics.probe import find_probe
from physics.settings import ScanSettings, check_for_probe, find_knob
from simulator.errors import UserError, say, users_fault
from simulator.options import WindowOptions
from simulator.output_file import OutputFiles
from simulator.picture_file import settings_json, write_frame, write_png
from simulator.renderer import Renderer, Request, start_request
from simulator.screen import HOW_TO_GET_A_WINDOW

MAX_TILT_DEG = 30.0
"""How far a probe may be tilted: beyond it the model of contact (flat skin) says little."""

_SLACK = 1e-9


def render(args: argparse.Namespace, compiling: Compiling | None = None) -> int:
    """Render one picture into the files that were asked for."""
    with users_fault():
        request = make_request(args)
    wanted = [(args.out, ".png")] + ([(args.npz, ".npz")] if args.npz else [])
    with OutputFiles(*wanted) as output:
        frame = _make_renderer(compiling).render_settled(request)
        description = describe(request)
        output.write(0, lambda file: write_png(file, frame.picture, description))
        if args.npz:
            output.write(1, lambda file: write_frame(file, frame, description))
    return 0


def render_without_screen(options: WindowOptions, compiling: Compiling | None = None) -> int:
    """Render the scene the window would open with into `insonate.png`, and say where it is."""
    with users_fault():
        request = start_request(options.phantom, options.probe)
    with contextlib.ExitStack() as stack:
        path, output = _first_writable(stack, "insonate.png")
        frame = _make_renderer(compiling).render_settled(request)
        output.write(0, lambda file: write_png(file, frame.picture, describe(request)))
    print(
        f"No screen was found, so the scene {request.phantom} was drawn into '{path}'; "
        f"{HOW_TO_GET_A_WINDOW}."
    )
    return 0


def _make_renderer(compiling: Compiling | None) -> Renderer:
    """A renderer with nothing left to compile; says so when that takes long."""
    if compiling is not None and compiling.progress.total:
        say("compiling the engine, only this first time; it takes some seconds")
    renderer = Renderer()
    if compiling is not None:
        compiling.finish()
    return renderer


def make_request(args: argparse.Namespace) -> Request:
    """What the command line asks for, checked; ValueError or UserError if it cannot be done."""
    start = start_request(args.phantom, args.probe)
    settings = turn_knobs(start.settings, args.set)
    check_for_probe(settings, find_probe(start.probe))
    return replace(
        start,
        pose=_pose(args, start.pose),
        settings=settings,
        seed=args.seed,
        noise_seed=args.seed if args.noise_seed is None else args.noise_seed,
    )


def turn_knobs(settings: ScanSettings, turns: list[tuple[str, str]]) -> ScanSettings:
    """`settings` with each (display name, text) applied; ValueError if one is wrong."""
    values = {}
    for name, text in turns:
        values[name] = text.split(",") if find_knob(name).n_value > 1 else text
    return settings.turned(**values)


def describe(request: Request) -> str:
    """The request as one JSON object."""
    return settings_json(
        request.settings,
        phantom=request.phantom,
        probe=request.probe,
        slide_mm=round(request.pose.slide_m * 1e3, 9),
        rock_deg=round(math.degrees(request.pose.rock_rad), 9),
        tilt_deg=round(math.degrees(request.pose.tilt_rad), 9),
        standoff_mm=round(request.pose.standoff_m * 1e3, 9),
        press_mm=round(request.pose.press_m * 1e3, 9),
        seed=request.seed,
        noise_seed=request.noise_seed,
    )


def _pose(args: argparse.Namespace, start: Pose) -> Pose:
    phantom = load_phantom(args.phantom)
    slide_m, rock_rad = start.slide_m, start.rock_rad
    if args.slide_mm is not None:
        slide_m = args.slide_mm * 1e-3
        allowed = tuple(limit * 1e3 for limit in phantom.slide_range_m)
        _check_range("--slide-mm", args.slide_mm, allowed, phantom.name, "mm")
    if args.rock_deg is not None:
        rock_rad = math.radians(args.rock_deg)
        allowed = tuple(math.degrees(limit) for limit in phantom.rock_range_rad)
        _check_range("--rock-deg", args.rock_deg, allowed, phantom.name, "degrees")
    tilt_rad = math.radians(args.tilt_deg)
    _check_range(
        "--tilt-deg", args.tilt_deg, (-MAX_TILT_DEG, MAX_TILT_DEG), phantom.name, "degrees"
    )
    thickest_mm = MAX_STANDOFF_M * 1e3
    _check_range("--standoff-mm", args.standoff_mm, (0.0, thickest_mm), phantom.name, "mm")
    deepest_mm = phantom.press_limit_m * 1e3
    _check_range("--press-mm", args.press_mm, (0.0, deepest_mm), phantom.name, "mm")
    return Pose(slide_m, rock_rad, tilt_rad, args.standoff_mm * 1e-3, args.press_mm * 1e-3)


def _check_range(
    option: str, value: float, allowed: tuple[float, ...], phantom: str, unit: str
) -> None:
    low, high = allowed
    if not low - _SLACK <= value <= high + _SLACK:
        raise UserError(
            f"{option} is {value:g}; phantom {phantom} allows {low:g} to {high:g} {unit}"
        )


def _first_writable(stack: contextlib.ExitStack, name: str) -> tuple[Path, OutputFiles]:
    """A file called `name`, opened where it can be: here, else among the user's pictures,
    else in a new temporary folder."""
    for folder in (Path(), Path(platformdirs.user_pictures_path())):
        with contextlib.suppress(UserError):
            output = stack.enter_context(OutputFiles((folder / name, ".png")))
            return folder.absolute() / name, output
    folder = Path(tempfile.mkdtemp(prefix="insonate-"))
    return folder / name, stack.enter_context(OutputFiles((folder / name, ".png")))
