"""The ways to move the probe: steps and keys of each, in one table for sliders, keys and help."""

import math
from dataclasses import dataclass

from PySide6.QtCore import Qt

_Key, _Modifier = Qt.Key, Qt.KeyboardModifier
_NONE, _SHIFT, _CTRL = _Modifier.NoModifier, _Modifier.ShiftModifier, _Modifier.ControlModifier

Press = tuple[int, Qt.KeyboardModifier]
ARROWS = "\N{LEFTWARDS ARROW} \N{RIGHTWARDS ARROW}"
UP_DOWN = "\N{UPWARDS ARROW} \N{DOWNWARDS ARROW}"


@dataclass(frozen=True)
class MoveKeys:
    """Keys that change one field of `Pose` by one step of its display unit."""

    field: str
    modifier: str
    """As written before the keys: `Shift`, `Ctrl` or nothing."""
    keys: str
    step: float
    unit: str
    less: tuple[Press, ...]
    more: tuple[Press, ...]

    @property
    def step_si(self) -> float:
        return math.radians(self.step) if self.unit == "°" else 1e-3 * self.step


def _either(key: Qt.Key) -> tuple[Press, ...]:
    """A key that some keyboards have behind Shift."""
    return (key, _NONE), (key, _SHIFT)


MOVE_KEYS = (
    MoveKeys("slide_m", "", ARROWS, 1.0, "mm",
             ((_Key.Key_Left, _NONE),), ((_Key.Key_Right, _NONE),)),
    MoveKeys("slide_m", "Shift", ARROWS, 0.2, "mm",
             ((_Key.Key_Left, _SHIFT),), ((_Key.Key_Right, _SHIFT),)),
    MoveKeys("slide_y_m", "Ctrl", UP_DOWN, 1.0, "mm",
             ((_Key.Key_Up, _CTRL),), ((_Key.Key_Down, _CTRL),)),
    MoveKeys("rock_rad", "", "[ ]", 1.0, "°",
             ((_Key.Key_BracketLeft, _NONE),), ((_Key.Key_BracketRight, _NONE),)),
    MoveKeys("rock_rad", "Ctrl", ARROWS, 1.0, "°",
             ((_Key.Key_Left, _CTRL),), ((_Key.Key_Right, _CTRL),)),
    MoveKeys("tilt_rad", "", "- +", 1.0, "°",
             _either(_Key.Key_Minus), _either(_Key.Key_Plus)),
    MoveKeys("turn_rad", "", "( )", 5.0, "°",
             _either(_Key.Key_ParenLeft), _either(_Key.Key_ParenRight)),
    MoveKeys("press_m", "", ", .", 0.5, "mm",
             ((_Key.Key_Comma, _NONE),), ((_Key.Key_Period, _NONE),)),
    MoveKeys("standoff_m", "Ctrl", ", .", 1.0, "mm",
             ((_Key.Key_Comma, _CTRL),), ((_Key.Key_Period, _CTRL),)),
)  # fmt: skip


def keys_of(field: str) -> MoveKeys:
    """The first of the keys for this field."""
    return next(keys for keys in MOVE_KEYS if keys.field == field)
