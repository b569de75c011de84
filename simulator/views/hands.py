"""What a hand on the picture does: grab the probe or the focus mark, drag it, turn the wheel."""

import math
from dataclasses import replace

from PySide6.QtCore import QPointF

from physics.geometry import Pose
from simulator.desk import MOST_ZOOM
from simulator.models.scanner import Scanner
from simulator.views.picture_map import PictureMap
from simulator.views.screen_marks import Layout
from simulator.views.step_slider import WHEEL_NOTCH

PROBE, FOCUS, PICTURE = "probe", "focus", "picture"
"""The things in the picture's view that can be grabbed."""
ZOOM_PER_NOTCH = 1.25
ROCK_DEG_PER_PX = 0.2
HIT_PX = 8.0
"""How far beside the probe a click still counts."""


def zone_at(point: QPointF, place: PictureMap, layout: Layout) -> str:
    """PROBE on the probe's face, FOCUS on the depth ruler, PICTURE inside, else an empty text."""
    above = place.top_px - layout.band - HIT_PX
    over = place.left_px - HIT_PX <= point.x() <= place.right_px + HIT_PX
    if over and above <= point.y() <= max(place.face_px, place.top_px) + HIT_PX:
        return PROBE
    beside = place.right_px < point.x() <= place.right_px + layout.ruler
    if beside and place.top_px - layout.em < point.y() <= place.bottom_px + layout.em:
        return FOCUS
    inside = place.top_px <= point.y() <= place.bottom_px
    return PICTURE if inside and place.left_px <= point.x() <= place.right_px else ""


class Hands:
    """Turns movements over the picture into requests to the scanner."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self.grabbed = ""
        self._rocking = False
        self._from_px = 0.0
        self._last = QPointF()
        self._from_pose = Pose()
        self._notches = 0.0

    def grab(self, zone: str, point: QPointF, place: PictureMap, *, rocking: bool) -> None:
        """Take hold of `zone`; `rocking` turns the probe instead of sliding it."""
        self.grabbed, self._rocking = zone, rocking
        self._from_px, self._from_pose = point.x(), self._scanner.pose
        self._last = point
        if zone == FOCUS:
            self.drag(point, place)

    def drag(self, point: QPointF, place: PictureMap) -> None:
        """Follow the mouse: the probe goes as far along the skin as the mouse on the screen."""
        across_px = place.to_right * (point.x() - self._from_px)
        if self.grabbed == FOCUS:
            self._set_focus(round(place.z_mm(point.y())))
        elif self.grabbed == PICTURE:
            self._pan(self._last - point, place)
            self._last = point
        elif self._rocking:
            by_rad = math.radians(ROCK_DEG_PER_PX * across_px)
            self._scanner.move(rock_rad=self._from_pose.rock_rad + by_rad)
        elif self.grabbed == PROBE:
            by_m = 1e-3 * across_px / place.px_per_mm
            self._scanner.move(slide_m=self._from_pose.slide_m + by_m)

    def release(self) -> None:
        self.grabbed = ""

    def wheel(self, zone: str, angle: int, *, rocking: bool) -> None:
        """One notch: 1 mm of slide or focus, or 1 degree."""
        self._notches += angle / WHEEL_NOTCH
        whole = int(self._notches)
        self._notches -= whole
        if zone == FOCUS:
            self._set_focus(self._scanner.settings.focus_m * 1e3 - whole)  # the mark goes up
        elif rocking:
            self._scanner.move(rock_rad=self._scanner.pose.rock_rad + math.radians(whole))
        else:
            self._scanner.move(slide_m=self._scanner.pose.slide_m + whole * 1e-3)

    def _pan(self, by_px: QPointF, place: PictureMap) -> None:
        display = self._scanner.display
        across = place.to_right * by_px.x() / ((place.right_px - place.left_px) * display.zoom)
        down = by_px.y() / ((place.bottom_px - place.top_px) * display.zoom)
        self._scanner.show_as(display.moved(across, down))

    def zoom(self, point: QPointF, angle: int, place: PictureMap) -> None:
        """Read zoom by the wheel; what is under the mouse stays there, as far as the edges let it.

        point : in the view; outside the picture its nearest point counts.
        """
        display = self._scanner.display
        zoom = display.zoom * ZOOM_PER_NOTCH ** (angle / WHEEL_NOTCH)
        zoom = min(max(zoom, 1.0), MOST_ZOOM)
        beside = (point.x() - place.left_px) / (place.right_px - place.left_px) - 0.5
        below = (point.y() - place.top_px) / (place.bottom_px - place.top_px) - 0.5
        share = 1 / display.zoom - 1 / zoom
        along = place.to_right * min(max(beside, -0.5), 0.5) * share
        down = min(max(below, -0.5), 0.5) * share
        self._scanner.show_as(replace(display, zoom=zoom).moved(along, down))

    def reset(self, zone: str) -> None:
        """Put what was double-clicked back to its start."""
        if zone == PROBE:
            self._scanner.recentre()
        elif zone == FOCUS:
            self._scanner.reset_knob("focus_mm")
        elif zone == PICTURE:
            self._scanner.show_as(replace(self._scanner.display, zoom=1.0, middle=(0.5, 0.5)))

    def _set_focus(self, mm: float) -> None:
        low, high = self._scanner.knob_range("focus_mm")
        self._scanner.turn(focus_mm=min(max(mm, low), high))
