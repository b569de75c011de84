"""Phantom files by name, with what variants take from their parents, and how they are grouped."""

import contextlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from phantoms.checked import ContentError, parse_toml, read_bytes, unknown
from phantoms.description import BodyRegion
from phantoms.variants import inherit
from physics.probe import UnknownNameError

LIBRARY = Path(__file__).with_name("library")
BLOCK, OPENED = "block", "opened"
"""Groups of what is no part of a body, and of files that were opened by their path."""
GROUPS = (*get_args(BodyRegion), BLOCK, OPENED)
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_opened: dict[str, Path] = {}
"""Files outside the library that were opened, by the name that they have from then on."""


@dataclass(frozen=True)
class Source:
    """A phantom file as a dictionary with its parents put in."""

    data: dict[str, Any]
    content: bytes
    """Of the file and of all its parents."""
    folders: tuple[Path, ...]
    """Of the file and of all its parents: where its volumes lie."""


@dataclass(frozen=True)
class Heading:
    """What a list of phantoms shows; nothing of it is checked."""

    name: str
    title: str
    summary: str
    group: str
    variant_of: str | None


def phantom_names() -> tuple[str, ...]:
    """Names of the phantoms in the library."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def find_file(name: str) -> Path:
    """The file of a phantom of the library, or that at the path `name`, which has its stem for a
    name from then on. UnknownNameError or ContentError if there is none."""
    path = Path(name)
    if path.suffix != ".toml" and path.name == name:
        known = {n: LIBRARY / f"{n}.toml" for n in phantom_names()} | _opened
        if name not in known:
            raise UnknownNameError("phantom", name, list(known))
        return known[name]
    if path.suffix != ".toml":
        raise ContentError(f"{name}: the file of a phantom must have a name that ends in .toml")
    if not _FILE_NAME.fullmatch(path.stem):
        raise ContentError(
            f"{name}: the file's name becomes that of the phantom, so it must be of lower-case "
            "letters, digits and _, and begin with a letter"
        )
    place = path.resolve()
    other = LIBRARY / path.name if path.stem in phantom_names() else _opened.get(path.stem, place)
    if place != other.resolve():
        raise ContentError(f"{name}: another phantom is called '{path.stem}'; rename the file")
    if place.parent != LIBRARY.resolve():
        _opened[path.stem] = place
    return path


def phantom_headings() -> tuple[Heading, ...]:
    """Every phantom of the library: part of the body by part, blocks after them, variants after
    their parents; then what was opened by its path."""
    opened = []
    for path in _opened.values():
        with contextlib.suppress(ContentError):  # it may be gone by now
            opened.append(_heading(path, OPENED))
    return (*_library(), *opened)


@cache
def _library() -> tuple[Heading, ...]:
    headings = {name: _heading(LIBRARY / f"{name}.toml") for name in phantom_names()}
    children: dict[str | None, list[Heading]] = {}
    for heading in headings.values():
        parent = heading.variant_of if heading.variant_of in headings else None
        children.setdefault(parent, []).append(heading)
    ordered: list[Heading] = []

    def add(heading: Heading) -> None:
        ordered.append(heading)
        for child in children.get(heading.name, []):
            add(child)

    for first in sorted(children.get(None, []), key=lambda h: GROUPS.index(h.group)):
        add(first)
    return tuple(ordered)


def _heading(path: Path, group: str | None = None) -> Heading:
    data = read_source(path).data
    said: Any = data.get("region_of_body")
    return Heading(
        name=path.stem,
        title=str(data.get("title", path.stem)),
        summary=str(data.get("summary", "")),
        group=group or (said if said in GROUPS else BLOCK),
        variant_of=data.get("variant_of") if group is None else None,
    )


def read_source(path: Path, younger: tuple[str, ...] = ()) -> Source:
    """The file, and if it is a variant its parents: beside it, or in the library.

    younger : names of its own variants that are being read. ContentError names the file.
    """
    content = read_bytes(path)
    data = parse_toml(content, path.name)
    if "variant_of" not in data:
        return Source(data, content, (path.parent,))
    name = data["variant_of"]
    family = (*younger, path.stem)
    if name in family:
        circle = ", ".join(f"'{a}' of '{b}'" for a, b in pairwise((*family, name)))
        raise ContentError(f"{path.name}: variant_of goes round in a circle: {circle}")
    parent = read_source(_parent(path, name), family)
    return Source(
        inherit(parent.data, data, path.name),
        content + b"\0" + parent.content,
        (path.parent, *parent.folders),
    )


def _parent(path: Path, name: Any) -> Path:
    beside = {file.stem: file for file in path.parent.glob("*.toml") if file != path}
    known = {file.stem: file for file in LIBRARY.glob("*.toml")} | beside
    if name not in known:
        what = unknown("phantom", str(name), sorted(known))
        raise ContentError(f"{path.name}: variant_of: {what}")
    return known[name]
