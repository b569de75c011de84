"""What there is to choose from: phantoms, probes and knobs, one line each."""

import json
from collections.abc import Sequence
from typing import Any

from phantoms import load_phantom, phantom_headings
from phantoms.presets import load_presets
from physics.probe import load_probes
from physics.settings import KNOBS, Knob, ScanSettings


def list_phantoms(as_json: bool = False) -> str:
    """Name, part of the body, summary, suggested probe, standard views, and the parent of a
    variant; variants stand below their parents."""
    rows = []
    for heading in phantom_headings():
        phantom = load_phantom(heading.name)
        inset = "" if as_json or not heading.variant_of else "  "
        rows.append({
            "name": inset + phantom.name, "group": heading.group, "summary": phantom.summary,
            "probe": phantom.probe, "views": ", ".join(phantom.views),
            "variant_of": phantom.variant_of or "",
        })  # fmt: skip
    return _as_text(rows, as_json)


def list_probes(as_json: bool = False) -> str:
    """Name, title and what each probe's knobs may be."""
    rows = [
        {
            "name": probe.name,
            "frequency": f"{probe.low_hz * 1e-6:g} to {probe.high_hz * 1e-6:g} MHz",
            "depth": f"up to {probe.max_depth_m * 1e3:g} mm",
            "title": probe.title,
        }
        for probe in load_probes().values()
    ]
    return _as_text(rows, as_json)


def list_presets(as_json: bool = False) -> str:
    """Name, the probe it is made for, knobs and title of every preset."""
    rows = [
        {
            "name": preset.name,
            "probe": preset.probe,
            "knobs": ", ".join(f"{name}={value}" for name, value in preset.knobs),
            "title": preset.title,
        }
        for preset in load_presets().values()
    ]
    return _as_text(rows, as_json)


def list_knobs(as_json: bool = False) -> str:
    """Name, unit, range, default and meaning of every knob."""
    defaults = ScanSettings().to_display()
    rows = [
        {
            "name": knob.name,
            "unit": knob.unit,
            "range": _range(knob),
            "default": _default(defaults[knob.name]),
            "meaning": knob.meaning,
        }
        for knob in KNOBS.values()
    ]
    return _as_text(rows, as_json)


def _range(knob: Knob) -> str:
    if knob.choices:
        return " | ".join(knob.choices)
    each = "" if knob.n_value == 1 else f" ({knob.n_value} numbers)"
    whole = " (whole)" if knob.whole else ""
    return f"{knob.low:g} to {knob.high:g}{each}{whole}"


def _default(value: Any) -> str:
    """As it would be written after `--set name=`."""
    values = value if isinstance(value, tuple) else (value,)
    return ",".join(v if isinstance(v, str) else f"{v:g}" for v in values)


def _as_text(rows: Sequence[dict[str, str]], as_json: bool) -> str:
    if as_json:
        return json.dumps(list(rows), indent=2)
    cells = [[text or "-" for text in row.values()] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
