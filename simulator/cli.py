"""The command line: what can be asked for, and who answers."""

import argparse
import contextlib
import logging
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from simulator import number_range
from simulator.errors import UserError, start_logging
from simulator.options import WindowOptions
from simulator.paper_cli import add_paper
from simulator.phantom_cli import PICTURES, add_phantom
from simulator.scatterers_cli import add_scatterers
from simulator.signed_values import join_signed_values
from simulator.teaching_cli import add_lessons, add_teaching

if TYPE_CHECKING:
    import numpy as np

    from physics.compiling import Compiling

_MAX_SEED = 1_000_000
_MAX_PICTURES = 400

log = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Raises what is wrong as one sentence instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message} (see '{self.prog} --help')")


def run(argv: Sequence[str]) -> int:
    """Do what the arguments ask; the exit status. UserError for what the user can put right."""
    args = _make_parser().parse_args(join_signed_values(argv))
    start_logging(getattr(args, "verbose", False))
    log.debug("arguments: %s", args)
    status: int = args.run(args)
    return status


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="insonate",
        description="Ultrasound physics and knobology. Without a command: open the window.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version)
    _add_verbose(parser)
    _add_window_options(parser)
    parser.set_defaults(run=_window, command=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, help_text in (
        ("phantoms", "list the phantoms"),
        ("probes", "list the probes"),
        ("presets", "list the presets of regions"),
        ("knobs", "list every knob with unit, range, default and meaning"),
    ):
        listing = commands.add_parser(name, help=help_text, allow_abbrev=False)
        listing.add_argument("--json", action="store_true", help="as JSON")
        _finish(listing, _listing)
    _add_render(commands)
    _finish(add_scatterers(commands, _add_set), _scatterers)
    _finish(add_lessons(commands), _check_lessons)
    for action in add_phantom(commands):
        _finish(action, _phantom)
    for action in add_teaching(commands):
        _finish(action, _teaching)
    add_paper(commands, _finish, _paper)
    _add_validate(commands)
    prepare = commands.add_parser(
        "prepare",
        help="compile the engine now instead of at its first start",
        allow_abbrev=False,
    )
    _finish(prepare, _prepare)
    return parser


def _add_window_options(parser: argparse.ArgumentParser) -> None:
    window = parser.add_argument_group("the window")
    window.add_argument("--phantom", dest="window_phantom", metavar="NAME")
    window.add_argument("--view", dest="window_view", metavar="NAME")
    window.add_argument("--probe", dest="window_probe", metavar="NAME")
    window.add_argument("--scene", dest="window_scene", type=Path, metavar="FILE")
    window.add_argument("--preset", dest="window_preset", metavar="NAME")
    window.add_argument("--lesson", dest="window_lesson", metavar="NAME")
    window.add_argument("--size", dest="window_size", type=number_range.size, metavar="WxH")
    window.add_argument(
        "--screenshot",
        dest="window_screenshot",
        type=Path,
        metavar="FILE",
        help="save a PNG of the window after its first picture, then quit",
    )
    window.add_argument(
        "--fresh",
        dest="window_fresh",
        action="store_true",
        default=None,
        help="do not begin where the last run ended",
    )
    window.add_argument(
        "--smoke",
        dest="window_smoke",
        action="store_true",
        default=None,
        help="draw a few pictures and quit",
    )


def _add_render(commands: Any) -> None:
    render = commands.add_parser(
        "render", help="render one picture, or a sweep, into a file", allow_abbrev=False
    )
    render.add_argument("--phantom", metavar="NAME", help=f"default: {WindowOptions.phantom}")
    render.add_argument("--probe", metavar="NAME", help="default: the phantom's suggestion")
    render.add_argument(
        "--scene", type=Path, metavar="FILE", help="start from a saved scene (.insonate)"
    )
    _add_set(render)
    render.add_argument("--view", metavar="NAME", help="a standard view of the phantom")
    for option, unit, help_text in (
        ("--slide-mm", "MM", "probe along the skin"),
        ("--slide-y-mm", "MM", "probe across the skin"),
        ("--turn-deg", "DEG", "about the normal of the skin: 90 turns a long into a short axis"),
        ("--tilt-deg", "DEG", "about the face's long axis: the image plane leaves the upright"),
        ("--rock-deg", "DEG", "heel-toe angle"),
        ("--standoff-mm", "MM", "gel between face and skin (default 0)"),
        ("--press-mm", "MM", "how far the face is pressed into the skin"),
    ):
        render.add_argument(option, type=number_range.finite, metavar=unit, help=help_text)
    seed = number_range.whole(0, _MAX_SEED)
    render.add_argument("--seed", type=seed, help="which tissue and noise (default 1)")
    render.add_argument(
        "--noise-seed", type=seed, metavar="SEED", help="other noise in the same tissue"
    )
    render.add_argument(
        "--sweep",
        type=_sweep,
        metavar="NAME=START:STOP:STEP",
        help="a loop of pictures along the skin (slide_mm), or of any knob that is a number",
    )
    render.add_argument(
        "--out", type=Path, required=True, metavar="FILE",
        help="picture: .png, .gif or .dcm (DICOM); sweep: .gif, .mp4 or .dcm",
    )  # fmt: skip
    render.add_argument(
        "--save-scene", type=Path, metavar="FILE", help="also save the scene (.insonate)"
    )
    render.add_argument(
        "--npz",
        type=Path,
        help="also save iq, line_x_m, sample_z_m, picture, settings_json, output_json",
    )
    _finish(render, _render)


def _add_validate(commands: Any) -> None:
    validate = commands.add_parser(
        "validate",
        help="measure what is claimed of the engine and write a report with figures",
        allow_abbrev=False,
    )
    validate.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    validate.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="data of a peer to compare with (default: looked for beside the project)",
    )
    validate.add_argument("--quick", action="store_true", help="a few measurements only")
    _finish(validate, _validate)


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        type=_knob_turn,
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="turn a knob, as listed by 'insonate knobs'; may be repeated",
    )


def _knob_turn(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form KNOB=VALUE")
    return name.strip(), value.strip()


def _add_verbose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--verbose",
        action="store_true",
        default=argparse.SUPPRESS,  # so that a command does not reset what stands before it
        help="log to the terminal",
    )


def _sweep(text: str) -> tuple[str, "np.ndarray"]:
    name, equals, values = text.partition("=")
    if not (name and equals and values):
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form NAME=START:STOP:STEP")
    return name.strip(), number_range.spaced(_MAX_PICTURES)(values)


def _finish(parser: argparse.ArgumentParser, run_command: Any) -> None:
    _add_verbose(parser)
    parser.set_defaults(run=run_command)


class _Version(argparse.Action):
    """Looks the version up only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        from simulator.version import program_version

        print(f"insonate {program_version()}")
        parser.exit()


def _window(args: argparse.Namespace) -> int:
    with _compiling() as compiling:
        from simulator.window_command import open_window

        wanted = _window_options(args)
        resume = not wanted.pop("fresh", False) and not _SCENE_OPTIONS & set(wanted)
        return open_window(WindowOptions(**wanted, resume=resume), compiling)


def _listing(args: argparse.Namespace) -> int:
    from simulator import listings

    _refuse_window_options(args)
    list_them = getattr(listings, f"list_{args.command}")
    print(list_them(as_json=args.json))
    return 0


def _render(args: argparse.Namespace) -> int:
    _refuse_window_options(args)
    with _ended_by_exception(), _compiling() as compiling:
        from simulator.render_command import render

        return render(args, compiling)


def _scatterers(args: argparse.Namespace) -> int:
    from simulator.scatterers_command import scatterers

    _refuse_window_options(args)
    with _ended_by_exception():
        return scatterers(args)


def _check_lessons(args: argparse.Namespace) -> int:
    _refuse_window_options(args)
    if args.fast:
        from simulator.lessons_command import check_lessons

        return check_lessons(fast=True)
    with _ended_by_exception(), _compiling() as compiling:
        from simulator.lessons_command import check_lessons

        return check_lessons(fast=False, compiling=compiling)


def _phantom(args: argparse.Namespace) -> int:
    from simulator.phantom_command import run

    _refuse_window_options(args)
    with _ended_by_exception():
        if args.action not in PICTURES:
            return run(args)
        with _compiling() as compiling:
            return run(args, compiling)


def _teaching(args: argparse.Namespace) -> int:
    from simulator.teaching_commands import run

    _refuse_window_options(args)
    with _ended_by_exception():
        return run(args)


def _paper(args: argparse.Namespace) -> int:
    _refuse_window_options(args)
    with _ended_by_exception(), _compiling() as compiling:
        from simulator.paper_command import paper

        compiling.finish()
        return paper(args)


def _validate(args: argparse.Namespace) -> int:
    _refuse_window_options(args)
    with _ended_by_exception(), _compiling() as compiling:
        from simulator.validate_command import validate

        return validate(args, compiling)


def _prepare(args: argparse.Namespace) -> int:
    _refuse_window_options(args)
    with _ended_by_exception(), _compiling() as compiling:
        if not compiling.finish():
            raise UserError("the engine could not be compiled ahead; its first start will do it")
    print("The engine is compiled: the next start is quick.")
    return 0


@contextlib.contextmanager
def _compiling() -> Iterator["Compiling"]:
    """Kernels being compiled, if they have to be, while the rest of the program is imported."""
    from physics.compiling import Compiling

    compiling = Compiling()
    try:
        yield compiling
    finally:
        compiling.cancel()


_SCENE_OPTIONS = {"phantom", "view", "probe", "preset", "scene", "lesson"}
"""Options that say what to begin with: the last run's state is then left alone."""


def _window_options(args: argparse.Namespace) -> dict[str, Any]:
    prefix = "window_"
    return {
        name.removeprefix(prefix): value
        for name, value in vars(args).items()
        if name.startswith(prefix) and value is not None
    }


def _refuse_window_options(args: argparse.Namespace) -> None:
    for name in _window_options(args):
        raise UserError(
            f"--{name} stands before '{args.command}' and would set up the window; "
            f"options of '{args.command}' come after it"
        )


@contextlib.contextmanager
def _ended_by_exception() -> Iterator[None]:
    """Let SIGTERM raise SystemExit, so that temporary files are removed."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
