"""`.insonate` files: a scene (phantom, probe, place, knobs, seeds) to open again or hand on.

A scene is one JSON object in display units, at most 1 MB; nothing in it is run or names a file.
Reading it gives back every number to its last bit, so the same version of the program draws the
same picture. A checksum tells files that were damaged or changed since they were saved; it keeps
out accidents, and the checks of every entry keep out the rest.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Context, Decimal, DecimalException
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from pydantic import Field

from phantoms import ContentError, load_phantom
from phantoms.checked import Entry, Name, check
from physics.geometry import Pose
from physics.probe import UnknownNameError, find_probe
from physics.settings import KNOBS, Knob, ScanSettings, check_for_probe, find_knob
from simulator.placing import POSE
from simulator.renderer import Request
from simulator.version import program_version

SUFFIX = ".insonate"
FORMAT = 1
MOST_BYTES = 1_000_000
"""A scene is a few numbers: a larger file is not one of ours."""
_MOST_DIGITS, _MOST_EXPONENT = 40, 400
_EXACT = Context(prec=60)

_Word = Annotated[str, Field(min_length=1, max_length=40)]
_Seed = Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)]


class _SceneEntry(Entry):
    """What a scene holds."""

    phantom: Name
    probe: _Word
    pose: dict[_Word, Any] = Field(max_length=40)
    knobs: dict[_Word, Any] = Field(max_length=400)
    seed: _Seed
    noise_seed: _Seed


class _FileEntry(Entry):
    """A whole file."""

    insonate_scene: Annotated[int, Field(strict=True)]
    saved_by: Annotated[str, Field(max_length=40)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    scene: _SceneEntry


def write_scene(file: BinaryIO, request: Request) -> None:
    """The scene of `request` as text."""
    scene = {
        "phantom": request.phantom,
        "probe": request.probe,
        "pose": {
            part.name: _written(getattr(request.pose, part.field), part.per_si)
            for part in POSE.values()
        },
        "knobs": {knob.name: _written_knob(request.settings, knob) for knob in KNOBS.values()},
        "seed": request.seed,
        "noise_seed": request.noise_seed,
    }
    whole = {
        "insonate_scene": FORMAT,
        "saved_by": program_version(),
        "sha256": _checksum(_parsed(json.dumps(scene))),
        "scene": scene,
    }
    file.write((json.dumps(whole, indent=2, allow_nan=False) + "\n").encode())


def read_scene(path: Path) -> Request:
    """The scene in a file; ContentError (a ValueError) with one sentence if it cannot be used."""
    name = path.name
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ContentError(f"{path}: cannot be read ({reason})") from None
    return parse_scene(content, name)


def parse_scene(content: bytes, name: str) -> Request:
    """The scene in a file's `content`; ContentError calls the file `name`."""
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than 1 MB, so it is no scene of Insonate")
    try:
        whole = _parsed(content.decode("utf-8"))
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
            f"{_short(version)}); this one reads formats up to {FORMAT}"
        )
    if version != FORMAT:
        raise ContentError(f"{name}: has the format {_short(version)}; there is only {FORMAT}")
    entry = check(_FileEntry, whole, name)
    if entry.sha256 != _checksum(whole["scene"]):
        raise ContentError(
            f"{name}: was changed or damaged after it was saved (its checksum does not fit); "
            "save the scene again"
        )
    try:
        return _request(entry.scene)
    except (ValueError, DecimalException) as error:
        raise ContentError(f"{name}: {error}") from None


def _request(scene: _SceneEntry) -> Request:
    phantom, probe = load_phantom(scene.phantom), find_probe(scene.probe)
    pose = {}
    for name, value in scene.pose.items():
        if name not in POSE:
            raise UnknownNameError("part of a pose", name, list(POSE))
        shown = _number(name, value)
        POSE[name].check(float(shown), phantom, name)
        pose[POSE[name].field] = _si(shown, POSE[name].per_si)
    knobs = {find_knob(name).field: _si_knob(name, value) for name, value in scene.knobs.items()}
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


# --- numbers: shown units in the file, the very same SI value when it is read --------------------


def _written(value: float, per_si: float) -> float | str:
    """The shortest number that `_si` turns into `value`, else its decimal digits as text."""
    for digits in (12, 15, 17):
        shown = float(f"{value * per_si:.{digits}g}")
        if _si(Decimal(repr(shown)), per_si) == value:
            return int(shown) if shown == int(shown) else shown
    exact = Context(prec=30).multiply(Decimal(repr(value)), Decimal(repr(per_si)))
    return str(exact)


def _si(shown: Decimal, per_si: float) -> float:
    return float(_EXACT.divide(shown, Decimal(repr(per_si))))


def _written_knob(settings: ScanSettings, knob: Knob) -> Any:
    value = getattr(settings, knob.field)
    if knob.choices:
        return value
    if knob.n_value > 1:
        return [_written(v, knob.per_si) for v in value]
    return _written(value, knob.per_si)


def _si_knob(name: str, value: Any) -> Any:
    """What the field of a knob holds; ValueError if that is another kind of thing."""
    knob = find_knob(name)
    if knob.choices:
        return str(value)
    if knob.n_value == 1:
        return _si(_number(name, value), knob.per_si)
    if not isinstance(value, list):
        raise ValueError(f"{name} is {_short(value)}; allowed: {knob.range_text()}")
    return tuple(_si(_number(name, one), knob.per_si) for one in value)


def _number(name: str, value: Any) -> Decimal:
    """A number of the file, or its digits as text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise TypeError
        number = Decimal(value)
        short = len(number.as_tuple().digits) <= _MOST_DIGITS
        if not (number.is_finite() and short and abs(number.adjusted()) <= _MOST_EXPONENT):
            raise TypeError
    except (TypeError, DecimalException):
        raise ValueError(f"{name} is {_short(value)}, which is not a number here") from None
    return number


# --- JSON ----------------------------------------------------------------------------------------


def _parsed(text: str) -> Any:
    """JSON with exact numbers; ValueError for what JSON does not have, or for a key given twice."""
    return json.loads(
        text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_doubles
    )


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number here")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an entry stands in it twice")
    return found


def _checksum(scene: Mapping[str, Any]) -> str:
    """Of the values; how the text is broken into lines does not matter."""
    text = json.dumps(scene, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _short(value: Any) -> str:
    return repr(value)[:20] if isinstance(value, str) else str(value)[:20]


assert {part.field for part in POSE.values()} == {f.name for f in fields(Pose)}
