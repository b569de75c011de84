"""`.insonate` files: a scene (phantom, probe, place, knobs, seeds) to open again or hand on.

A scene is one JSON object in display units, at most 1 MB; nothing in it is run or names a file.
Reading it gives back every number to its last bit, so the same version of the program draws the
same picture. A checksum tells files that were damaged or changed since they were saved; it keeps
out accidents, and the checks of every entry keep out the rest.
"""

import json
from dataclasses import fields
from decimal import DecimalException
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import Field

from phantoms import ContentError, load_phantom
from phantoms.checked import Entry, Name, check
from phantoms.presets import find_preset
from physics.geometry import Pose
from physics.probe import UnknownNameError, find_probe
from physics.settings import KNOBS, ScanSettings, check_for_probe, find_knob
from simulator.desk import Desk, Display
from simulator.exact_numbers import (
    checksum,
    number,
    parsed,
    short,
    si,
    si_knob,
    written,
    written_knob,
)
from simulator.faults import masked_by, sealed, unsealed
from simulator.placing import POSE
from simulator.renderer import Request
from simulator.version import program_version

SUFFIX = ".insonate"
FORMAT = 1
MOST_BYTES = 1_000_000
"""A scene is a few numbers: a larger file is not one of ours."""

_Word = Annotated[str, Field(min_length=1, max_length=40)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=400)]
_Seed = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


class _DisplayEntry(Entry):
    """How the picture was put on the screen."""

    flipped: bool = Field(default=False, strict=True)
    zoom: Any = 1
    middle: tuple[Any, Any] = ("0.5", "0.5")
    overlays: _Words = ()


class _SceneEntry(Entry):
    """What a scene holds; the entries with a default say nothing about the picture itself."""

    phantom: Name
    probe: _Word
    pose: dict[_Word, Any] = Field(max_length=40)
    knobs: dict[_Word, Any] = Field(max_length=400)
    seed: _Seed
    noise_seed: _Seed
    view: Annotated[str, Field(max_length=40)] = ""
    preset: Annotated[str, Field(max_length=40)] = ""
    display: _DisplayEntry = _DisplayEntry()
    hidden: _Words = ()
    locked: _Words = ()
    sealed: Annotated[str, Field(max_length=20_000)] = ""


class _FileEntry(Entry):
    """A whole file."""

    insonate_scene: Annotated[int, Field(strict=True)]
    saved_by: Annotated[str, Field(max_length=40)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    scene: _SceneEntry


def write_scene(file: BinaryIO, request: Request, desk: Desk | None = None) -> None:
    """The scene of `request` as text, with the scanner's desk around it."""
    desk = desk or Desk()
    masked = masked_by(desk.faults) if desk.secret else frozenset()
    scene = {
        "phantom": request.phantom,
        "probe": request.probe,
        "pose": {
            part.name: written(getattr(request.pose, part.field), part.per_si)
            for part in POSE.values()
        },
        "knobs": {
            knob.name: written_knob(request.settings, knob)
            for knob in KNOBS.values()
            if knob.name not in masked
        },
        "seed": request.seed,
        "noise_seed": request.noise_seed,
        "view": desk.view,
        "preset": desk.preset,
        "display": {
            "flipped": desk.display.flipped,
            "zoom": written(desk.display.zoom, 1.0),
            "middle": [written(part, 1.0) for part in desk.display.middle],
            "overlays": sorted(desk.display.overlays),
        },
        "hidden": sorted(desk.hidden),
        "locked": sorted(desk.locked),
        "sealed": sealed(request.settings, desk.faults, secret=desk.secret),
    }
    whole = {
        "insonate_scene": FORMAT,
        "saved_by": program_version(),
        "sha256": checksum(parsed(json.dumps(scene))),
        "scene": scene,
    }
    file.write((json.dumps(whole, indent=2, allow_nan=False) + "\n").encode())


def read_scene(path: Path) -> Request:
    """What is scanned in a scene's file, and how; ContentError (a ValueError) with one sentence if
    it cannot be used."""
    return read_scene_and_desk(path)[0]


def read_scene_and_desk(path: Path) -> tuple[Request, Desk]:
    """All of a scene's file; ContentError as `read_scene`."""
    name = path.name
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ContentError(f"{path}: cannot be read ({reason})") from None
    return parse_scene_and_desk(content, name)


def parse_scene(content: bytes, name: str) -> Request:
    """What is scanned, and how; ContentError calls the file `name`."""
    return parse_scene_and_desk(content, name)[0]


def parse_scene_and_desk(content: bytes, name: str) -> tuple[Request, Desk]:
    """All that is in a file's `content`; ContentError calls the file `name`."""
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than 1 MB, so it is no scene of Insonate")
    try:
        whole = parsed(content.decode("utf-8"))
    except (ValueError, RecursionError, DecimalException) as error:
        cause = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ContentError(
            f"{name}: is damaged, or no scene of Insonate (it is not a JSON text: {cause[:120]})"
        ) from None
    if not isinstance(whole, dict) or not isinstance(whole.get("insonate_scene"), int):
        raise ContentError(f"{name}: is no scene of Insonate (it has no entry 'insonate_scene')")
    version = whole["insonate_scene"]
    if version > FORMAT:
        raise ContentError(
            f"{name}: was saved by a newer Insonate ({str(whole.get('saved_by'))[:20]}, format "
            f"{short(version)}); this one reads formats up to {FORMAT}"
        )
    if version != FORMAT:
        raise ContentError(f"{name}: has the format {short(version)}; there is only {FORMAT}")
    entry = check(_FileEntry, whole, name)
    if entry.sha256 != checksum(whole["scene"]):
        raise ContentError(
            f"{name}: was changed or damaged after it was saved (its checksum does not fit); "
            "save the scene again"
        )
    try:
        return _request(entry.scene), _desk(entry.scene)
    except (ValueError, DecimalException) as error:
        raise ContentError(f"{name}: {error}") from None


def _request(scene: _SceneEntry) -> Request:
    phantom, probe = load_phantom(scene.phantom), find_probe(scene.probe)
    pose = {}
    for name, value in scene.pose.items():
        if name not in POSE:
            raise UnknownNameError("part of a pose", name, list(POSE))
        place = number(name, value)
        POSE[name].check(float(place), phantom, name)
        pose[POSE[name].field] = si(place, POSE[name].per_si)
    masked, _, _ = unsealed(scene.sealed)
    shown = {**scene.knobs, **masked}
    knobs = {find_knob(name).field: si_knob(name, value) for name, value in shown.items()}
    settings = ScanSettings(**knobs)
    check_for_probe(settings, probe)
    return Request(
        phantom=phantom.name,
        probe=probe.name,
        pose=Pose(**pose),
        settings=settings,
        seed=scene.seed,
        noise_seed=scene.noise_seed,
    )


def _desk(scene: _SceneEntry) -> Desk:
    view = scene.view
    if view and view not in (views := load_phantom(scene.phantom).views):
        raise UnknownNameError("view", view, list(views))
    if scene.preset:
        find_preset(scene.preset)
    x, y = (float(number("middle", part)) for part in scene.display.middle)
    zoom = float(number("zoom", scene.display.zoom))
    _, faults, secret = unsealed(scene.sealed)
    return Desk(
        view=view,
        preset=scene.preset,
        display=Display(scene.display.flipped, zoom, (x, y), frozenset(scene.display.overlays)),
        hidden=frozenset(scene.hidden),
        locked=frozenset(scene.locked),
        faults=faults,
        secret=secret,
    )


assert {part.field for part in POSE.values()} == {f.name for f in fields(Pose)}
