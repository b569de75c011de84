"""Says in a few words what differs between two pictures."""

import math

from PySide6.QtCore import QCoreApplication

from physics.settings import KNOBS
from simulator.renderer import Request
from simulator.views.knob_control import knob_is_signed, knob_label, translated
from simulator.views.number_control import number_text

_MANY = 2
"""More knobs than this changed at once: a preset, not a turn of a knob."""


def describe_change(before: Request, after: Request) -> str:
    """`Gain +6 dB`, `Slide -3.0 mm`; empty if nothing that a hand turns has changed."""
    if (before.phantom, before.probe) != (after.phantom, after.probe):
        return ""
    parts = _moves(before, after)
    for name, knob in KNOBS.items():
        was, now = before.settings.display(name), after.settings.display(name)
        if was == now:
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


def _moves(before: Request, after: Request) -> list[str]:
    parts = []
    if before.pose.slide_m != after.pose.slide_m:
        text = QCoreApplication.translate("ImageView", "Slide")
        parts.append(f"{text}  {number_text(after.pose.slide_m * 1e3, 1, 'mm', signed=True)}")
    if before.pose.rock_rad != after.pose.rock_rad:
        text = QCoreApplication.translate("ImageView", "Heel-toe")
        degrees = math.degrees(after.pose.rock_rad)
        parts.append(f"{text}  {number_text(degrees, 1, '°', signed=True)}")
    if before.pose.standoff_m != after.pose.standoff_m:
        text = QCoreApplication.translate("ImageView", "Gel pad")
        parts.append(f"{text}  {number_text(after.pose.standoff_m * 1e3, 0, 'mm')}")
    if before.pose.press_m != after.pose.press_m:
        text = QCoreApplication.translate("ImageView", "Pressure")
        parts.append(f"{text}  {number_text(after.pose.press_m * 1e3, 1, 'mm')}")
    return parts


def _number(value: float, name: str) -> str:
    knob = KNOBS[name]
    return number_text(value, knob.decimals, knob.unit, signed=knob_is_signed(knob))
