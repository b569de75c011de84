"""What differs between two pictures, with both values: for A and B, and for revealed faults."""

from dataclasses import dataclass
from typing import Any

from phantoms import load_phantom
from physics.settings import KNOBS
from simulator.faults import MASK
from simulator.views.changes import MOVES, Stand
from simulator.views.knob_control import knob_is_signed, knob_label, translated
from simulator.views.number_control import number_text
from simulator.words import move_name, translate


@dataclass(frozen=True)
class Difference:
    """A setting, and its value in A and in B with unit."""

    label: str
    a: str
    b: str


def value_text(name: str, value: Any) -> str:
    """A knob's value with its unit; a list for the TGC sliders."""
    knob = KNOBS[name]
    if knob.choices:
        return translated(value)
    signed = knob_is_signed(knob)
    if knob.n_value > 1:
        numbers = " ".join(number_text(v, knob.decimals, "", signed=signed) for v in value)
        return f"{numbers}\N{NO-BREAK SPACE}{knob.unit}"
    return number_text(value, knob.decimals, knob.unit, signed=signed)


def differences(
    a: Stand, b: Stand, concealed: frozenset[str] = frozenset()
) -> tuple[Difference, ...]:
    """Phantom, probe, pose and knobs that differ, in the console's order; all `concealed` knobs are
    one entry without values, which says nothing about how many there are."""
    found = []
    if a.phantom != b.phantom:
        titles = (load_phantom(stand.phantom).title for stand in (a, b))
        found.append(Difference(translate("Differences", "Phantom"), *titles))
    if a.probe != b.probe:
        found.append(Difference(translate("Differences", "Probe"), a.probe, b.probe))
    for field, per_si, decimals, unit, signed in MOVES:
        was, now = getattr(a.pose, field), getattr(b.pose, field)
        if was != now:
            texts = (number_text(v * per_si, decimals, unit, signed=signed) for v in (was, now))
            found.append(Difference(move_name(field), *texts))
    for name in KNOBS:
        if name not in concealed:
            found += _of_knob(name, a.settings.display(name), b.settings.display(name))
    if any(a.settings.display(name) != b.settings.display(name) for name in concealed):
        found.append(Difference(translate("Differences", "Hidden until revealed"), MASK, MASK))
    return tuple(found)


def _of_knob(name: str, was: Any, now: Any) -> list[Difference]:
    if was == now:
        return []
    label = knob_label(KNOBS[name])
    if KNOBS[name].n_value == 1:
        return [Difference(label, value_text(name, was), value_text(name, now))]
    pairs = enumerate(zip(was, now, strict=True), start=1)
    knob = KNOBS[name]
    return [
        Difference(
            f"{label} {i}", *(number_text(v, knob.decimals, knob.unit, signed=True) for v in pair)
        )
        for i, pair in pairs
        if pair[0] != pair[1]
    ]
