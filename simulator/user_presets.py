"""The user's own presets: one JSON file, checked when read and written whole. Knows no Qt."""

import json
from collections.abc import Mapping
from decimal import DecimalException
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import Field

from phantoms import ContentError
from phantoms.checked import Entry, check, nearest
from phantoms.presets import Preset, is_kept
from physics.settings import KNOBS, ScanSettings, find_knob
from simulator.errors import UserError, sentence
from simulator.exact_numbers import number, parsed
from simulator.user_folder import config_folder, put_aside, write_whole

FILE = "presets.json"
FORMAT = 1
MOST_BYTES = 1_000_000
MOST_PRESETS = 100
LONGEST_TITLE = 40
OWN = "own: "
"""Begins the name of a user's preset; no region's preset is called so."""

_Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
_Word = Annotated[str, Field(min_length=1, max_length=40)]


class _PresetEntry(Entry):
    probe: Annotated[str, Field(max_length=40)] = ""
    knobs: Annotated[dict[_Word, Any], Field(max_length=400)]


class _FileEntry(Entry):
    insonate_presets: Annotated[int, Field(ge=FORMAT, le=FORMAT)]
    presets: Annotated[dict[_Title, _PresetEntry], Field(max_length=MOST_PRESETS)]


class UserPresets:
    """Presets by title, in the order they were saved; every change is on disk when it returns.

    Whatever cannot be done is a UserError with one sentence, and changes nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """folder : None takes the user's configuration folder. Reads nothing yet."""
        self._path = (folder or config_folder()) / FILE
        self._presets: dict[str, Preset] = {}
        self._read_only = False

    def read(self) -> str:
        """Read the file; a sentence if it could not be used: then it is set aside, and there are
        no presets."""
        self._presets = {}
        try:
            with self._path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            self._read_only = True
            return sentence(f"your presets could not be read ({error.strerror or error})")
        try:
            self._presets = parse_user_presets(content, FILE)
        except ContentError as error:
            aside = put_aside(self._path)
            where = f"; the file is now called '{aside.name}'" if aside else ""
            return sentence(f"your presets could not be used{where}. {error}")
        return ""

    @property
    def presets(self) -> Mapping[str, Preset]:
        return self._presets

    def save(
        self, title: str, settings: ScanSettings, probe: str, *, replace: bool = False
    ) -> Preset:
        """Keep the scanner's own knobs under a title."""
        title = _checked_title(title)
        if title in self._presets and not replace:
            raise UserError(f"there is already a preset called '{title}'")
        knobs = tuple((name, settings.display(name)) for name in KNOBS if not is_kept(name))
        preset = _preset(title, knobs, probe)
        self._put({**self._presets, title: preset})
        return preset

    def rename(self, title: str, new: str) -> Preset:
        """Give a preset another title, in its old place."""
        old, new = self.find(title), _checked_title(new)
        if new != title and new in self._presets:
            raise UserError(f"there is already a preset called '{new}'")
        preset = _preset(new, old.knobs, old.probe)
        self._put({new if t == title else t: preset if t == title else p
                   for t, p in self._presets.items()})  # fmt: skip
        return preset

    def delete(self, title: str) -> None:
        self.find(title)
        self._put({t: p for t, p in self._presets.items() if t != title})

    def find(self, title: str) -> Preset:
        if title not in self._presets:
            raise UserError(f"you have no preset called '{title}'" + nearest(title, self._presets))
        return self._presets[title]

    def _put(self, presets: dict[str, Preset]) -> None:
        if self._read_only:
            raise UserError(f"cannot write '{self._path}': it could not be read either")
        if len(presets) > MOST_PRESETS:
            raise UserError(f"there are {MOST_PRESETS} presets already: delete one first")
        write_whole(self._path, lambda file: write_user_presets(file, presets))
        self._presets = presets


def write_user_presets(file: BinaryIO, presets: Mapping[str, Preset]) -> None:
    """All presets as JSON, in display units."""
    entries = {
        title: {"probe": preset.probe, "knobs": dict(preset.knobs)}
        for title, preset in presets.items()
    }
    whole = {"insonate_presets": FORMAT, "presets": entries}
    file.write((json.dumps(whole, indent=2, allow_nan=False) + "\n").encode())


def parse_user_presets(content: bytes, name: str) -> dict[str, Preset]:
    """The presets in a file's `content`, which may come from anybody; ContentError in one
    sentence that calls the file `name`."""
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than 1 MB")
    try:
        whole = parsed(content.decode("utf-8"))
    except (ValueError, RecursionError, DecimalException) as error:
        cause = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ContentError(f"{name}: is no JSON text ({cause[:120]})") from None
    if not isinstance(whole, dict):
        raise ContentError(f"{name}: holds no presets")
    entry = check(_FileEntry, whole, name)
    presets = {}
    for title, one in entry.presets.items():
        try:
            knobs = tuple((knob, _value(knob, value)) for knob, value in one.knobs.items())
            if _checked_title(title) != title:
                raise ValueError("the name has blanks at its ends")
            presets[title] = preset = _preset(title, knobs, one.probe)
            preset.applied_to(ScanSettings())
        except (ValueError, UserError) as error:
            raise ContentError(f"{name}: '{title}': {error}") from None
    return presets


def _value(name: str, value: Any) -> Any:
    """A knob's value in display units."""
    knob = find_knob(name)
    if is_kept(name):
        raise ValueError(f"{name} is none of the scanner's own knobs")
    if knob.choices:
        return value
    if knob.n_value == 1:
        return float(number(name, value))
    if not isinstance(value, list):
        raise ValueError(f"{name} is no list of numbers; allowed: {knob.range_text()}")
    return tuple(float(number(name, one)) for one in value)


def _preset(title: str, knobs: tuple[tuple[str, Any], ...], probe: str) -> Preset:
    return Preset(OWN + title, title, "", knobs, probe)


def _checked_title(title: str) -> str:
    title = title.strip()
    if not title or not title.isprintable():
        raise UserError("a preset needs a name of ordinary letters")
    if len(title) > LONGEST_TITLE:
        raise UserError(f"the name of a preset may have {LONGEST_TITLE} letters at most")
    return title
