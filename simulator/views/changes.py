"""Says in a few words what differs between two pictures."""

import math
from typing import Protocol

from physics.geometry import Pose
from physics.settings import KNOBS, ScanSettings
from simulator.views.knob_control import knob_is_signed, knob_label, translated
from simulator.views.number_control import number_text
from simulator.words import move_name

_MANY = 2
"""More knobs than this changed at once: a preset, not a turn of a knob."""


class Stand(Protocol):
    """Where a scanner stands: a request or a state."""

    @property
    def phantom(self) -> str: ...
    @property
    def probe(self) -> str: ...
    @property
    def pose(self) -> Pose: ...
    @property
    def settings(self) -> ScanSettings: ...


def describe_change(before: Stand, after: Stand, concealed: frozenset[str] = frozenset()) -> str:
    """`Gain +6 dB`, `Slide -3.0 mm`; empty if nothing that a hand turns has changed. Nothing is
    said of `concealed` knobs."""
    if (before.phantom, before.probe) != (after.phantom, after.probe):
        return ""
    parts = _moves(before, after)
    for name, knob in KNOBS.items():
        was, now = before.settings.display(name), after.settings.display(name)
        if was == now or name in concealed:
            continue
        if knob.n_value > 1:
            turned = [i for i, (a, b) in enumerate(zip(was, now, strict=True)) if a != b]
            value = _number(now[turned[0]], name) if len(turned) == 1 else ""
            which = f" {turned[0] + 1}" if len(turned) == 1 else ""
            parts.append(f"{knob_label(knob)}{which}  {value}".rstrip())
        elif knob.choices:
            parts.append(f"{knob_label(knob)}  {translated(now)}")
        else:
            parts.append(f"{knob_label(knob)}  {_number(now, name)}")
    return "   ".join(parts) if len(parts) <= _MANY else ""


MOVES = (
    ("slide_m", 1e3, 1, "mm", True),
    ("slide_y_m", 1e3, 1, "mm", True),
    ("turn_rad", math.degrees(1.0), 1, "°", True),
    ("tilt_rad", math.degrees(1.0), 1, "°", True),
    ("rock_rad", math.degrees(1.0), 1, "°", True),
    ("standoff_m", 1e3, 0, "mm", False),
    ("press_m", 1e3, 1, "mm", False),
)
"""Field of `Pose`, display units per SI unit, decimals, unit, whether it is signed."""


def move_text(pose: Pose, field: str) -> str:
    """One part of a pose with its name: `Heel-toe  +3.0°`."""
    for name, per_si, decimals, unit, signed in MOVES:
        if name == field:
            number = number_text(getattr(pose, field) * per_si, decimals, unit, signed=signed)
            return f"{move_name(field)}  {number}"
    raise KeyError(field)


def _moves(before: Stand, after: Stand) -> list[str]:
    changed = (f for f, *_ in MOVES if getattr(after.pose, f) != getattr(before.pose, f))
    return [move_text(after.pose, field) for field in changed]


def _number(value: float, name: str) -> str:
    knob = KNOBS[name]
    return number_text(value, knob.decimals, knob.unit, signed=knob_is_signed(knob))
