"""Cine memory: the pictures of the last seconds, to scrub through, play, trim and save."""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass

from physics.frame import Frame
from simulator.renderer import Request

SECONDS = 10.0
"""How far back the memory reaches."""
MOST_BYTES = 128_000_000
"""What all its pictures may take: 10 s at 20 of the usual pictures (0.6 MB) a second."""
LEAST_INTERVAL_S = 0.02
"""Pictures of one loop count as at least this far apart."""


@dataclass(frozen=True)
class Shot:
    """A picture that was on the screen, without its signals, and when."""

    time_s: float
    request: Request
    frame: Frame


class Cine:
    """The newest pictures of one run of the scanner, oldest first; of them one is looked at.

    All are of one size and scale, so that they make a film: another depth, region, probe, phantom
    or run starts anew, as on scanners. Older than `seconds` before the newest, or beyond
    `most_bytes`, they are forgotten. Trimming leaves out what lies before or behind, and forgets
    nothing.
    """

    def __init__(self, seconds: float = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._seconds, self._most_bytes = seconds, most_bytes
        self._shots: deque[Shot] = deque()
        self._bytes = 0
        self._position = 0
        self._first, self._last = 0, -1
        """What trimming has left: indices of its first and last picture."""

    def add(self, request: Request, frame: Frame, time_s: float) -> None:
        """Remember a picture and look at it; `time_s` counts from anywhere and never falls."""
        shot = Shot(time_s, request, frame.without_signals())
        if self._shots and not _makes_a_film(self._shots[-1], shot):
            self.clear()
        self._shots.append(shot)
        self._bytes += _size(shot)
        while len(self._shots) > 1 and (
            self._bytes > self._most_bytes or time_s - self._shots[0].time_s > self._seconds
        ):
            self._bytes -= _size(self._shots.popleft())
        self.untrim()
        self._position = self._last

    def retake(self, request: Request, frame: Frame) -> None:
        """Put another picture in the place of the newest (a frozen one under another gain)."""
        if not self._shots:
            return
        old = self._shots.pop()
        self._bytes -= _size(old)
        self.add(request, frame, old.time_s)

    def clear(self) -> None:
        self._shots.clear()
        self._bytes = 0
        self.untrim()
        self._position = 0

    def __len__(self) -> int:
        return len(self._shots)

    @property
    def n_byte(self) -> int:
        """What the pictures take."""
        return self._bytes

    @property
    def shown(self) -> Shot | None:
        """The picture looked at; None while there is none."""
        return self._shots[self._position] if self._shots else None

    @property
    def position(self) -> int:
        """Which picture is looked at: 0 is the oldest."""
        return self._position

    @property
    def age_s(self) -> float:
        """How much older than the newest picture the one looked at is, s."""
        return self._shots[-1].time_s - self._shots[self._position].time_s if self._shots else 0.0

    def seek(self, position: int) -> None:
        """Look at another picture; stops at the ends of what trimming has left."""
        self._position = max(min(position, self._last), self._first, 0)

    # --- the loop: what is played and saved ------------------------------------------------------

    @property
    def ends(self) -> tuple[int, int]:
        """First and last picture of the loop."""
        return self._first, self._last

    def start_here(self) -> None:
        """Trim off what lies before the picture looked at."""
        self._first = self._position

    def end_here(self) -> None:
        """Trim off what lies behind the picture looked at."""
        self._last = self._position

    def untrim(self) -> None:
        """Take the whole memory as the loop again."""
        self._first, self._last = 0, len(self._shots) - 1

    @property
    def loop(self) -> tuple[Shot, ...]:
        """The pictures that trimming has left."""
        return tuple(self._shots)[self._first : self._last + 1]

    @property
    def interval_s(self) -> float:
        """Mean time between two pictures of the loop, s."""
        loop = self.loop
        if len(loop) < 2:
            return LEAST_INTERVAL_S
        return max((loop[-1].time_s - loop[0].time_s) / (len(loop) - 1), LEAST_INTERVAL_S)

    def elapsed_s(self) -> float:
        """Where in the loop the picture looked at is, s after its first."""
        if not self._shots:
            return 0.0
        return self._shots[self._position].time_s - self._shots[self._first].time_s

    def play(self, elapsed_s: float) -> None:
        """Look at what was on the screen `elapsed_s` after the first picture of the loop, which
        begins again after its last."""
        loop = self.loop
        if not loop:
            return
        times = [shot.time_s - loop[0].time_s for shot in loop]
        within = elapsed_s % (times[-1] + self.interval_s)
        self.seek(self._first + bisect_right(times, within) - 1)


def _makes_a_film(before: Shot, after: Shot) -> bool:
    def run(request: Request) -> tuple[object, ...]:
        return request.phantom, request.probe, request.acquisition

    return run(before.request) == run(after.request) and before.frame.same_scale(after.frame)


def _size(shot: Shot) -> int:
    frame = shot.frame
    curves = frame.line_x_m.nbytes + frame.sample_z_m.nbytes + frame.tgc_curve_db.nbytes
    return frame.picture.nbytes + curves
