"""A picture kept as A, to be looked at beside the present one, B."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from physics.frame import Frame
from simulator.models.state import State
from simulator.renderer import Request

B_ONLY, SIDE, WIPE, BLINK, A_ONLY = "b", "side", "wipe", "blink", "a"
MODES = (B_ONLY, SIDE, WIPE, BLINK, A_ONLY)
"""How the two are shown: the present one alone, beside each other, one over the other up to an
edge, by turns, and the kept one alone."""
RATES_HZ = (0.5, 1.0, 1.5, 2.0, 3.0)
"""Changes of picture per second while blinking.

WCAG 2.2, 2.3.1, allows three flashes a second; a flash is a change and back, so this is half of it.
"""


@dataclass(frozen=True)
class Kept:
    """A picture without its signals, what it was made from, and where the scanner stood."""

    request: Request
    frame: Frame
    state: State


class Comparison(QObject):
    """What is kept as A, and how A and B are shown. Off until something is kept."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: Kept | None = None
        self._mode = B_ONLY
        self._edge = 0.5
        self._rate_hz = 1.0

    @property
    def kept(self) -> Kept | None:
        """A; None until a picture is kept."""
        return self._kept

    @property
    def mode(self) -> str:
        """One of `MODES`."""
        return self._mode

    @property
    def edge(self) -> float:
        """Part of the picture's width on the screen, from the left, in which a wipe shows A."""
        return self._edge

    @property
    def rate_hz(self) -> float:
        """Changes of picture per second while blinking."""
        return self._rate_hz

    def keep(self, kept: Kept | None) -> None:
        """Take a picture as A; None forgets it."""
        self._kept = kept
        self._mode = self._mode if kept is not None else B_ONLY
        self.changed.emit()

    def show(self, mode: str) -> None:
        """Show the two in one of `MODES`; ValueError for another. Without A there is only B."""
        if mode not in MODES:
            raise ValueError(f"the way to compare is '{mode}'; allowed: {', '.join(MODES)}")
        self._mode = mode if self._kept is not None else B_ONLY
        self.changed.emit()

    def show_next(self) -> None:
        """Go on to the next way; blinking is only chosen by name."""
        modes = [mode for mode in MODES if mode != BLINK]
        here = modes.index(self._mode) if self._mode in modes else 0
        self.show(modes[(here + 1) % len(modes)])

    def move_edge(self, share: float) -> None:
        """Put the wipe's edge; it stops at the picture's sides."""
        self._edge = min(max(share, 0.0), 1.0)
        self.changed.emit()

    def blink_at(self, rate_hz: float) -> None:
        """Set the rate; the lowest and the highest of `RATES_HZ` are its ends."""
        self._rate_hz = min(max(rate_hz, RATES_HZ[0]), RATES_HZ[-1])
        self.changed.emit()
