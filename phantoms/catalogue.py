"""Phantom files by name, with what variants take from their parents, and how they are grouped."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from phantoms.checked import ContentError, parse_toml, read_bytes, unknown
from phantoms.description import BodyRegion
from phantoms.variants import inherit

LIBRARY = Path(__file__).with_name("library")
BLOCK = "block"
"""Group of what is no part of a body."""
GROUPS = (*get_args(BodyRegion), BLOCK)


@dataclass(frozen=True)
class Source:
    """A phantom file as a dictionary with its parents put in."""

    data: dict[str, Any]
    content: bytes
    """Of the file and of all its parents."""


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


@cache
def library_headings() -> tuple[Heading, ...]:
    """Every phantom of the library: part of the body by part, blocks last, variants after their
    parents."""
    headings = {name: _heading(name) for name in phantom_names()}
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


def _heading(name: str) -> Heading:
    data = read_source(LIBRARY / f"{name}.toml").data
    group: Any = data.get("region_of_body")
    return Heading(
        name=name,
        title=str(data.get("title", name)),
        summary=str(data.get("summary", "")),
        group=group if group in GROUPS else BLOCK,
        variant_of=data.get("variant_of"),
    )


def read_source(path: Path, younger: tuple[str, ...] = ()) -> Source:
    """The file, and if it is a variant its parents: beside it, or in the library.

    younger : names of its own variants that are being read. ContentError names the file.
    """
    content = read_bytes(path)
    data = parse_toml(content, path.name)
    if "variant_of" not in data:
        return Source(data, content)
    name = data["variant_of"]
    family = (*younger, path.stem)
    if name in family:
        circle = ", ".join(f"'{a}' of '{b}'" for a, b in pairwise((*family, name)))
        raise ContentError(f"{path.name}: variant_of goes round in a circle: {circle}")
    parent = read_source(_parent(path, name), family)
    return Source(inherit(parent.data, data, path.name), content + b"\0" + parent.content)


def _parent(path: Path, name: Any) -> Path:
    beside = {file.stem: file for file in path.parent.glob("*.toml") if file != path}
    known = {file.stem: file for file in LIBRARY.glob("*.toml")} | beside
    if name not in known:
        what = unknown("phantom", str(name), sorted(known))
        raise ContentError(f"{path.name}: variant_of: {what}")
    return known[name]
