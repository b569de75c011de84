"""What a hand in the drawing of the body does: grabs the probe by one of its handles and drags."""

import math
from typing import Any

import numpy as np

from physics.geometry import Pose
from simulator.models import probe_body as solid
from simulator.models.camera import Camera
from simulator.models.scanner import Scanner

SLIDE, LEAN, TURN, PRESS, ORBIT = "slide", "lean", "turn", "press", "orbit"
"""What can be grabbed: the housing, the cable's end, the ring, the arrow, and all else."""
ORBIT_DEG_PER_PX = 0.5
LEAN_DEG_PER_PX = 0.25
PRESS_M_PER_PX = 0.05e-3


class SceneHands:
    """Turns drags into requests to the scanner, measured from where they began.

    The probe stays under the pointer: what was grabbed of it at one height above the skin is
    drawn along in the plane of that height.
    """

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self.grabbed = ""
        self._from_px = np.zeros(2)
        self._pose = Pose()
        self._camera: Camera | None = None
        self._level_m, self._from_m = 0.0, np.zeros(3)

    def grab(self, what: str, x_px: float, y_px: float, camera: Camera) -> None:
        """Take hold."""
        self.grabbed, self._camera, self._pose = what, camera, self._scanner.pose
        self._from_px = np.array([x_px, y_px])
        self._level_m = 0.0
        if what == SLIDE:
            self._level_m = self._height(x_px, y_px, camera)
        elif what == LEAN:
            self._level_m = float(solid.tail(self._pose)[2])
        place = camera.on_level(x_px, y_px, self._level_m)
        self._from_m = place if place is not None else np.zeros(3)
        if place is None:
            self.grabbed = ""

    def _height(self, x_px: float, y_px: float, camera: Camera) -> float:
        """Z of the place on the probe's axis that the pointer is nearest to."""
        axis = solid.in_body(self._pose, np.linspace([0, 0, 0], [0, 0, -solid.TAIL_M], 33))
        px, _ = camera.project(axis)
        nearest = np.argmin(np.hypot(*(px - [x_px, y_px]).T))
        return float(axis[nearest, 2])

    def drag(self, x_px: float, y_px: float, *, leaning: bool = False, pressing: bool = False
             ) -> None:  # fmt: skip
        """Follow the pointer; `leaning` and `pressing` do that instead of sliding."""
        if self._camera is None or not self.grabbed:
            return
        by_px = np.array([x_px, y_px]) - self._from_px
        if self.grabbed == PRESS or (self.grabbed == SLIDE and pressing):
            self._scanner.move(press_m=self._pose.press_m + PRESS_M_PER_PX * by_px[1])
        elif self.grabbed == SLIDE and leaning:
            self._lean_by(by_px)
        else:
            place = self._camera.on_level(x_px, y_px, self._level_m)
            if place is not None:
                self._scanner.move(**self._moves(place))

    def _moves(self, place_m: np.ndarray) -> dict[str, Any]:
        pose = self._pose
        if self.grabbed == SLIDE:
            by = place_m - self._from_m
            return {"slide_m": pose.slide_m + by[0], "slide_y_m": pose.slide_y_m + by[1]}
        if self.grabbed == LEAN:
            rock, tilt = solid.lean_towards(pose, place_m)
            return {"rock_rad": rock, "tilt_rad": tilt}
        angle = _angle(place_m, pose) - _angle(self._from_m, pose)
        return {"turn_rad": pose.turn_rad + math.remainder(angle, 2 * math.pi)}

    def _lean_by(self, by_px: np.ndarray) -> None:
        """Leaning with the hand on the housing: sideways heel-toe, up and down tilt, as the face
        lies on the screen."""
        assert self._camera is not None
        pose, per_px = self._pose, math.radians(LEAN_DEG_PER_PX)
        ends = solid.in_body(pose, np.array([[0.0, 0.0, 0.0], [5e-3, 0.0, 0.0]]))
        px, _ = self._camera.project(ends)
        towards = math.copysign(1.0, px[1, 0] - px[0, 0])
        self._scanner.move(
            rock_rad=pose.rock_rad + towards * per_px * by_px[0],
            tilt_rad=pose.tilt_rad - towards * per_px * by_px[1],
        )

    def release(self) -> None:
        self.grabbed = ""

    def wheel(self, notches: int, *, leaning: bool, turning: bool) -> None:
        """One notch: 1 mm along, 1 degree of heel-toe, or 5 degrees of turn."""
        pose = self._scanner.pose
        if turning:
            self._scanner.move(turn_rad=pose.turn_rad + math.radians(5.0 * notches))
        elif leaning:
            self._scanner.move(rock_rad=pose.rock_rad + math.radians(notches))
        else:
            self._scanner.move(slide_m=pose.slide_m + 1e-3 * notches)


def _angle(place_m: np.ndarray, pose: Pose) -> float:
    return math.atan2(place_m[1] - pose.slide_y_m, place_m[0] - pose.slide_m)
