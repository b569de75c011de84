"""`insonate phantom`: what authors of phantoms need."""

import argparse
from pathlib import Path
from typing import BinaryIO

from phantoms import load_phantom
from phantoms.catalogue import find_file, phantom_names
from phantoms.check import faults_in
from physics.compiling import Compiling
from simulator.errors import say, users_fault
from simulator.output_file import OutputFiles


def run(args: argparse.Namespace, compiling: Compiling | None = None) -> int:
    """Do what was asked; the exit status."""
    if args.action == "check":
        return check(args.files)
    if args.action == "import":
        from simulator.import_command import import_volume

        return import_volume(args.volume, args.tissues, args.out)
    if compiling is not None:
        if compiling.progress.total:
            say("compiling the engine, only this first time; it takes some seconds")
        compiling.finish()
    return preview(args.phantom, args.out) if args.action == "preview" else atlas(args.out)


def check(files: list[str]) -> int:
    """Say every fault of every file; 2 if there is one."""
    with users_fault():
        paths = [_file(name) for name in files or phantom_names()]
    n_fault = 0
    for path in paths:
        for fault in faults_in(path):
            say(fault)
            n_fault += 1
    if n_fault:
        return 2
    print(f"{len(paths)} phantom{'' if len(paths) == 1 else 's'} in order.")
    return 0


def _file(name: str) -> Path:
    """A path as it is; a phantom's name as its file."""
    is_path = Path(name).suffix or Path(name).name != name
    return Path(name) if is_path else find_file(name)


def preview(name: str, out: Path) -> int:
    """One contact sheet."""
    from simulator.contact_sheet import as_jpeg, as_png, contact_sheet
    from simulator.renderer import Renderer

    with users_fault():
        phantom = load_phantom(name)
    is_jpeg = out.suffix.lower() == ".jpg"
    with OutputFiles((out, ".jpg" if is_jpeg else ".png")) as output:
        sheet = contact_sheet(phantom, Renderer())
        content = as_jpeg(sheet) if is_jpeg else as_png(sheet)
        output.write(0, lambda file: _write(file, content))
    return 0


def _write(file: BinaryIO, content: bytes) -> None:
    file.write(content)


def atlas(out: Path) -> int:
    """The page and sheets of the whole library."""
    from simulator.atlas import FIGURES, PAGE, write_atlas
    from simulator.renderer import Renderer
    from simulator.validate_command import report_folder

    with report_folder(out, PAGE, FIGURES) as folder:
        names = write_atlas(folder, Renderer())
    print(f"{len(names)} phantoms. The atlas is '{out / PAGE}'.")
    return 0
