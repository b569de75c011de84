"""Files of this user between two runs: written whole, and set aside when they cannot be read."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import platformdirs

from simulator.errors import UserError
from simulator.output_file import OutputFiles

BROKEN = ".broken"
"""Added to the name of a file that could not be read."""


def config_folder() -> Path:
    """Where the user's presets and the state of the last run are kept."""
    return Path(platformdirs.user_config_path("insonate", appauthor=False))


def write_whole(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Put a file in place whole, in a folder that is made if need be; UserError if that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write '{path}': {error.strerror or error}") from None
    with OutputFiles((path, path.suffix)) as output:
        output.write(0, write)


def put_aside(path: Path) -> Path | None:
    """Rename a file that cannot be read, so that it is not read again, nor lost; its new name."""
    aside, number = path.with_name(path.name + BROKEN), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{BROKEN}-{number}")
    with contextlib.suppress(OSError):
        os.replace(path, aside)
        return aside
    return None
