"""What the command line asks of the window."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WindowOptions:
    """How the window starts. Names are checked before the window is made."""

    phantom: str = "supraspinatus_lax"
    view: str | None = None
    """Name of a standard view of the phantom; None takes its first."""
    probe: str | None = None
    """Name of the probe; None takes the phantom's suggestion."""
    scene: Path | None = None
    """A saved scene to open with; it has its phantom and its probe."""
    preset: str | None = None
    """Name of a region's preset to start with; None takes the phantom's knobs."""
    resume: bool = False
    """Begin where the last run ended, if nothing else is asked for."""
    screenshot: Path | None = None
    """Save a PNG of the window after the first finished frame, then quit."""
    size: tuple[int, int] | None = None
    """Width and height of the window, pixels; None leaves it to the window."""
    smoke: bool = False
    """Draw a few frames and quit: shows that the window works."""
    lesson: str | None = None
    """Name of the lesson to open with."""
