"""Faults that a lecturer puts in with one click, and what a class is not to see of them.

A fault turns knobs; pictures follow from the physics. Sizes are chosen for teaching: large enough
to be seen from the back row. Hiding is no security: it keeps answers off the screen. Knows no Qt.
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from phantoms.presets import find_preset
from physics.probe import Probe, UnknownNameError
from physics.settings import KNOBS, ScanSettings, fitted_to_probe
from simulator.exact_numbers import parsed, si_knob, written_knob

MASK = "?"
"""Stands for a value that the class is not to see."""
SETTING = frozenset(
    {"frequency_mhz", "depth_mm", "focus_mm", "dynamic_range_db", "gain_db", "tgc_db"}
)
"""Masked together for a wrong setting: a single masked knob would be the answer."""
MACHINE = frozenset(k.name for k in KNOBS.values() if k.group == "faults") | {"machine_speed_m_s"}
"""Masked together for whatever is wrong with machine, probe or contact."""
_DEEP_M = 0.030
"""A focus above it counts as that of a superficial view. Chosen for teaching."""


@dataclass(frozen=True)
class Fault:
    """Something wrong: how it is called, what it looks like, and the knobs it turns."""

    name: str
    label: str
    signs: str
    """What it looks like and what helps."""
    put_in: Callable[[ScanSettings, Probe], ScanSettings]
    masks: frozenset[str]


@dataclass(frozen=True)
class Injection:
    """A fault that was put in, and how the knobs stood before and after."""

    fault: str
    changes: tuple[tuple[str, Any, Any], ...]
    """Knob, value before, value after, in display units."""

    @classmethod
    def between(cls, fault: str, before: ScanSettings, after: ScanSettings) -> "Injection":
        values = ((name, before.display(name), after.display(name)) for name in KNOBS)
        return cls(fault, tuple(v for v in values if v[1] != v[2]))


def _turning(**values: Any) -> Callable[[ScanSettings, Probe], ScanSettings]:
    return lambda settings, probe: settings.turned(**values)


def _misplace_focus(settings: ScanSettings, probe: Probe) -> ScanSettings:
    """At the far end of the picture from where it is."""
    top_mm, depth_mm = settings.display("top_mm"), settings.display("depth_mm")
    shallow = settings.focus_m < (settings.top_m + settings.depth_m) / 2
    least_mm = KNOBS["focus_mm"].low
    return settings.turned(focal_zones="1", focus_mm=depth_mm if shallow else max(top_mm, least_mm))


def _take_wrong_preset(settings: ScanSettings, probe: Probe) -> ScanSettings:
    """A superficial view gets the hip's preset, a deep one the hand's."""
    name = "hip" if settings.focus_m < _DEEP_M else "wrist_hand"
    return find_preset(name).applied_to(settings)


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("dead_elements", "Dead elements",
              "A dark stripe from the face down that moves with the probe: repair.",
              _turning(dead_elements=8), MACHINE),
        Fault("lost_contact", "Lost contact",
              "One end bright at the face and black below: gel, and hold the probe straight.",
              _turning(lost_contact_percent=30), MACHINE),
        Fault("air_bubble", "Air bubble in the gel",
              "Bright bands and black below, in the middle of the face: new gel.",
              _turning(air_bubble_mm=5), MACHINE),
        Fault("interference", "Electronic interference",
              "A regular flashing pattern that power does not change: find the source.",
              _turning(interference_db=35), MACHINE),
        Fault("wrong_speed", "Wrong speed of sound",
              "Blurred, and every depth measured too small: set the machine to 1540 m/s.",
              _turning(machine_speed_m_s=1450), MACHINE),
        Fault("wrong_preset", "Wrong preset",
              "Frequency, depth and focus of another part of the body: choose the right preset.",
              _take_wrong_preset, SETTING),
        Fault("focus_error", "Misplaced focus",
              "Blurred at the target, sharp elsewhere: focus at the target.",
              _misplace_focus, SETTING),
    )
}  # fmt: skip
"""Every fault by name, in the menu's order."""


def find_fault(name: str) -> Fault:
    """The fault with this name; UnknownNameError if there is none."""
    if name not in FAULTS:
        raise UnknownNameError("fault", name, list(FAULTS))
    return FAULTS[name]


def put_in(name: str, settings: ScanSettings, probe: Probe) -> ScanSettings:
    """The settings with a fault, as near as this probe can."""
    return fitted_to_probe(find_fault(name).put_in(settings, probe), probe)


def taken_out(injections: Iterable[Injection], settings: ScanSettings) -> ScanSettings:
    """The settings with all that the faults turned as it was before them."""
    before: dict[str, Any] = {}
    for injection in reversed(tuple(injections)):
        before |= {name: was for name, was, _ in injection.changes}
    return settings.turned(**before)


def masked_by(injections: Iterable[Injection]) -> frozenset[str]:
    """Knobs whose values would tell what was put in."""
    return frozenset().union(
        *(FAULTS[i.fault].masks | {name for name, _, _ in i.changes} for i in injections)
    )


# --- in scenes -----------------------------------------------------------------------------------


def sealed(settings: ScanSettings, injections: Iterable[Injection], *, secret: bool) -> str:
    """Faults, and the knobs that they mask, as text that nobody reads by accident; empty without
    any."""
    injections = tuple(injections)
    if not injections:
        return ""
    masked = masked_by(injections) if secret else frozenset()
    content = {
        "secret": secret,
        "faults": [[i.fault, i.changes] for i in injections],
        "knobs": {name: written_knob(settings, KNOBS[name]) for name in sorted(masked)},
    }
    return base64.b64encode(json.dumps(content).encode()).decode()


def unsealed(text: str) -> tuple[dict[str, Any], tuple[Injection, ...], bool]:
    """Masked knobs (as a scene has them), faults, and whether they are secret. ValueError for what
    `sealed` did not write."""
    if not text:
        return {}, (), False
    try:
        content = parsed(base64.b64decode(text, validate=True).decode())
        knobs, secret = dict(content["knobs"]), content["secret"] is True
        injections = tuple(_injection(*entry) for entry in content["faults"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, UnknownNameError):
            raise
        raise ValueError("its sealed part is damaged") from None
    return knobs, injections, secret


def _injection(fault: str, changes: list[Any]) -> Injection:
    find_fault(fault)
    known = (
        (str(name), _shown(str(name), was), _shown(str(name), now)) for name, was, now in changes
    )
    return Injection(fault, tuple(known))


def _shown(name: str, value: Any) -> Any:
    """A display value that the knob can have."""
    text = value if isinstance(value, str | list) else str(value)
    return ScanSettings(**{KNOBS[name].field: si_knob(name, text)}).display(name)
