"""Is there a screen, and can Qt use it? Asked before Qt is started, which would abort."""

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping
from importlib import util
from pathlib import Path

from simulator.errors import UserError

HOW_TO_GET_A_WINDOW = "for a window start it in a desktop session or under 'xvfb-run -a'"
SYSTEM_LIBRARIES = (
    "libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0 libxcb-cursor0 "
    "libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0"
)
"""Debian packages that Qt's wheels expect to find on the system."""


def has_screen(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Whether a window can be shown. Windows and macOS are believed to have a screen."""
    if platform in ("win32", "darwin") or environment.get("QT_QPA_PLATFORM"):
        return True
    wayland, x11 = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if wayland:
        folder = environment.get("XDG_RUNTIME_DIR", "")
        if _answers(socket.AF_UNIX, str(Path(folder) / wayland)):
            return True
    return bool(x11) and x11_answers(str(x11))


def x11_answers(display: str) -> bool:
    """Whether an X server listens at `display` (":0", "unix:1.0", "host:10.0").

    DISPLAY often outlives its server, and Qt aborts when nobody answers. What this
    cannot read is believed.
    """
    match = re.fullmatch(r"(?P<host>[\w.-]*):(?P<number>\d{1,5})(\.\d+)?", display)
    if not match:
        return True
    host, number = match["host"], int(match["number"])
    if host in ("", "unix"):
        place = f"/tmp/.X11-unix/X{number}"
        return _answers(socket.AF_UNIX, place) or _answers(socket.AF_UNIX, "\0" + place)
    return _answers(socket.AF_INET, (host, 6000 + number))


def check_qt() -> None:
    """UserError if Qt's system libraries are missing.

    Linux only: elsewhere the wheels bring all they need.
    """
    try:
        from PySide6 import QtGui, QtWidgets  # noqa: F401
    except ImportError as error:
        raise UserError(_missing(error)) from error
    if sys.platform.startswith("linux") and not os.environ.get("QT_QPA_PLATFORM"):
        _check_xcb_plugin()


def _check_xcb_plugin() -> None:
    """Load Qt's X11 plugin by hand: Qt itself aborts if one of its libraries is missing."""
    spec = util.find_spec("PySide6")
    if spec is None or spec.origin is None or not os.environ.get("DISPLAY"):
        return
    plugin = Path(spec.origin).parent / "Qt/plugins/platforms/libqxcb.so"
    if plugin.is_file():
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            raise UserError(_missing(error)) from error


def _missing(error: Exception) -> str:
    return (
        f"the window needs system libraries that are missing ({error}); on Debian or Ubuntu run: "
        f"apt-get install {SYSTEM_LIBRARIES}"
    )


def _answers(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as link:
        link.settimeout(2.0)
        try:
            link.connect(address)
        except (OSError, OverflowError):
            return False
    return True
