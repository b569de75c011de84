"""Where the scanner stood when the window was closed: a scene in the user's folder."""

from pathlib import Path

from phantoms import ContentError
from simulator.desk import Desk
from simulator.errors import UserError, sentence
from simulator.renderer import Request
from simulator.scene_file import SUFFIX, read_scene_and_desk, write_scene
from simulator.user_folder import config_folder, put_aside, write_whole

FILE = "last" + SUFFIX


def save_last(request: Request, desk: Desk, folder: Path | None = None) -> str:
    """Keep the scene for the next start; a sentence if that failed."""
    try:
        write_whole(
            (folder or config_folder()) / FILE, lambda file: write_scene(file, request, desk)
        )
    except UserError as error:
        return sentence(error)
    return ""


def read_last(folder: Path | None = None) -> tuple[tuple[Request, Desk] | None, str]:
    """The scene of the last run, None if there is none; and a sentence if its file could not be
    used: it is then set aside, so that the next start is not disturbed."""
    path = (folder or config_folder()) / FILE
    if not path.exists():
        return None, ""
    try:
        return read_scene_and_desk(path), ""
    except ContentError as error:
        aside = put_aside(path)
        where = f"; its file is now called '{aside.name}'" if aside else ""
        return None, sentence(f"the last state could not be used{where}. {error}")
