"""`insonate render`, and what `insonate` draws when there is no screen."""

import argparse
import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs

from phantoms import Phantom, load_phantom
from physics.compiling import Compiling
from physics.geometry import Pose
from physics.probe import UnknownNameError, find_probe
from physics.settings import KNOBS, ScanSettings, check_for_probe, find_knob
from simulator.errors import UserError, say, users_fault
from simulator.film import UNEQUAL, Film, format_for
from simulator.options import WindowOptions
from simulator.output_file import OutputFiles
from simulator.picture_file import describe, write_frame, write_png
from simulator.placing import POSE
from simulator.renderer import Renderer, Request, start_request
from simulator.scene_file import SUFFIX, read_scene, write_scene
from simulator.screen import HOW_TO_GET_A_WINDOW

SWEEP_INTERVAL_S = 0.1
"""Time between two pictures of a sweep, as it is played."""


def render(args: argparse.Namespace, compiling: Compiling | None = None) -> int:
    """Render one picture, or a sweep of them, into the files that were asked for."""
    with users_fault():
        request = make_request(args)
        sweep = [request] if args.sweep is None else sweep_requests(request, *args.sweep)
    suffix, kind = format_for(args.out, loop=args.sweep is not None)
    if args.npz and args.sweep:
        raise UserError("--npz saves one picture, and --sweep makes many; leave one of them out")
    wanted = [(args.out, suffix)]
    wanted += [(args.npz, ".npz")] if args.npz else []
    wanted += [(args.save_scene, SUFFIX)] if args.save_scene else []
    with OutputFiles(*wanted) as output:
        renderer = _make_renderer(compiling)
        frames = [renderer.render_settled(sweep[0])]
        description = describe(sweep[0])
        if args.npz:
            output.write(1, lambda file: write_frame(file, frames[0], description))
        for other in sweep[1:]:
            frames.append(renderer.render_settled(other).without_signals())
            if not frames[-1].same_scale(frames[0]):
                raise UserError(UNEQUAL)
        title = load_phantom(request.phantom).title
        film = Film(tuple(frames), SWEEP_INTERVAL_S, description, request.phantom, title)
        output.write(0, lambda file: kind.write(file, film))
        if args.save_scene:
            output.write(len(wanted) - 1, lambda file: write_scene(file, request))
    return 0


def render_without_screen(options: WindowOptions, compiling: Compiling | None = None) -> int:
    """Render the scene the window would open with into `insonate.png`, and say where it is."""
    with users_fault():
        if options.scene is not None:
            request = read_scene(options.scene)
        else:
            request = start_request(options.phantom, options.probe, options.view)
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
    if args.scene is None:
        start = start_request(args.phantom or WindowOptions.phantom, args.probe, args.view)
    elif args.phantom or args.probe or args.view:
        raise UserError(
            "a scene has its phantom, probe and place; leave --phantom, --probe and --view out"
        )
    else:
        start = read_scene(args.scene)
    settings = turn_knobs(start.settings, args.set)
    check_for_probe(settings, find_probe(start.probe))
    seed = start.seed if args.seed is None else args.seed
    noise_seed = start.noise_seed if args.seed is None else args.seed
    return replace(
        start,
        pose=_pose(args, start),
        settings=settings,
        seed=seed,
        noise_seed=noise_seed if args.noise_seed is None else args.noise_seed,
    )


def sweep_requests(request: Request, name: str, values: np.ndarray) -> list[Request]:
    """`request` with one part of the pose, or one knob, at each of the shown values."""
    phantom = load_phantom(request.phantom)
    return [_swept(request, phantom, name, float(f"{value:.12g}")) for value in values]


def _swept(request: Request, phantom: Phantom, name: str, value: float) -> Request:
    if name in POSE:
        POSE[name].check(value, phantom, name)
        pose = replace(request.pose, **{POSE[name].field: POSE[name].si(value)})
        return replace(request, pose=pose)
    numbers = [knob.name for knob in KNOBS.values() if not knob.choices and knob.n_value == 1]
    if name not in numbers:
        raise UnknownNameError("number to sweep", name, [*POSE, *numbers])
    settings = request.settings.turned(**{name: value})
    check_for_probe(settings, find_probe(request.probe))
    return replace(request, settings=settings)


def turn_knobs(settings: ScanSettings, turns: list[tuple[str, str]]) -> ScanSettings:
    """`settings` with each (display name, text) applied; ValueError if one is wrong."""
    values = {}
    for name, text in turns:
        values[name] = text.split(",") if find_knob(name).n_value > 1 else text
    return settings.turned(**values)


def _pose(args: argparse.Namespace, start: Request) -> Pose:
    """The pose at the start, with what options say instead."""
    phantom, pose = load_phantom(start.phantom), start.pose
    for part in POSE.values():
        value = getattr(args, part.name)
        if value is not None:
            part.check(value, phantom, "--" + part.name.replace("_", "-"))
            pose = replace(pose, **{part.field: part.si(value)})
    return pose


def _first_writable(stack: contextlib.ExitStack, name: str) -> tuple[Path, OutputFiles]:
    """A file called `name`, opened where it can be: here, else among the user's pictures,
    else in a new temporary folder."""
    for folder in (Path(), Path(platformdirs.user_pictures_path())):
        with contextlib.suppress(UserError):
            output = stack.enter_context(OutputFiles((folder / name, ".png")))
            return folder.absolute() / name, output
    folder = Path(tempfile.mkdtemp(prefix="insonate-"))
    return folder / name, stack.enter_context(OutputFiles((folder / name, ".png")))
