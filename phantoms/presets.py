"""Presets: where a scanner's knobs start for a region of the body, as checked data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from pydantic import Field

from phantoms.checked import ContentError, Entry, Name, Text, check, parse_toml
from physics.probe import UnknownNameError, find_probe
from physics.settings import KNOBS, ScanSettings, check_for_probe

KEPT_GROUPS = ("physics", "faults")
"""Knobs that no preset touches: they are the lecturer's, not the scanner's."""
_FILE = "presets.toml"


@dataclass(frozen=True)
class Preset:
    """Knobs of a region, or of a user; the rest of the scanner goes to its defaults."""

    name: str
    title: str
    summary: str
    knobs: tuple[tuple[str, Any], ...]
    """Display names and values, in display units."""
    probe: str = ""
    """The probe it is meant for; empty: any."""
    source: str = ""

    def applied_to(self, settings: ScanSettings) -> ScanSettings:
        """All knobs at their defaults or at the preset's values, but switches of the physics and
        faults as they are in `settings`. ValueError for a knob or a value that cannot be."""
        kept = {
            knob.field: getattr(settings, knob.field)
            for knob in KNOBS.values()
            if knob.group in KEPT_GROUPS
        }
        mine = ScanSettings().turned(**dict(self.knobs))
        rest = {f.name: getattr(mine, f.name) for f in fields(mine) if f.name not in kept}
        return ScanSettings(**rest, **kept)


class _PresetEntry(Entry):
    title: Text
    summary: Text
    probe: str
    knobs: dict[str, Any]
    source: Text


class _FileEntry(Entry):
    format: int = Field(ge=1, le=1)
    preset: dict[Name, _PresetEntry]


@cache
def load_presets() -> Mapping[str, Preset]:
    """Every preset of `presets.toml` by name, in the file's order."""
    text = resources.files("phantoms").joinpath(_FILE).read_bytes()
    return parse_presets(text, _FILE)


def parse_presets(content: bytes, name: str) -> dict[str, Preset]:
    """The presets in a file's `content`; ContentError, with `name` and the entry, if one cannot
    be used on the probe that it names."""
    whole = check(_FileEntry, parse_toml(content, name), name)
    presets = {}
    for key, entry in whole.preset.items():
        preset = Preset(
            key, entry.title, entry.summary, tuple(entry.knobs.items()), entry.probe, entry.source
        )
        try:
            if reserved := [k for k in entry.knobs if k in KNOBS and is_kept(k)]:
                raise ValueError(f"{reserved[0]} is none of the scanner's own knobs")
            check_for_probe(preset.applied_to(ScanSettings()), find_probe(entry.probe))
        except ValueError as error:
            raise ContentError(f"{name}: preset {key}: {error}") from None
        presets[key] = preset
    return presets


def find_preset(name: str) -> Preset:
    """The preset called `name`; UnknownNameError (a ValueError) if there is none."""
    presets = load_presets()
    if name not in presets:
        raise UnknownNameError("preset", name, list(presets))
    return presets[name]


def is_kept(name: str) -> bool:
    """Whether presets leave this knob alone."""
    return KNOBS[name].group in KEPT_GROUPS
