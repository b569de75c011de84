"""`insonate` without a command: the window, or a picture where there is no screen."""

from dataclasses import replace

from lessons import load_lesson
from phantoms import load_phantom
from phantoms.presets import find_preset
from physics.compiling import Compiling
from physics.probe import find_probe
from simulator.errors import UserError, users_fault
from simulator.options import WindowOptions
from simulator.output_file import check_target
from simulator.scene_file import read_scene
from simulator.screen import HOW_TO_GET_A_WINDOW, check_qt, has_screen


def open_window(options: WindowOptions, compiling: Compiling | None = None) -> int:
    """Open the window; without a screen draw the scene into a file. The exit status.

    compiling : of the kernels for the first picture, begun before this module was imported.
    """
    with users_fault():
        phantom = load_phantom(options.phantom)
        if options.view is not None:
            phantom.standard_view(options.view)
        if options.probe is not None:
            find_probe(options.probe)
        if options.preset is not None:
            find_preset(options.preset)
        if options.lesson is not None:
            load_lesson(options.lesson)
        if options.scene is not None:
            read_scene(options.scene)
    if options.screenshot is not None:
        options = replace(options, screenshot=check_target(options.screenshot, ".png"))
    if not has_screen():
        return _without_screen(options, compiling)
    check_qt()
    from simulator.app import run_window

    return run_window(options, compiling=compiling)


def _without_screen(options: WindowOptions, compiling: Compiling | None) -> int:
    if options.screenshot is not None or options.smoke:
        raise UserError(f"no screen was found; {HOW_TO_GET_A_WINDOW}")
    from simulator.render_command import render_without_screen

    return render_without_screen(options, compiling)
