"""Reading content files at the door: small, finite, known keys, and errors as one sentence."""

import copy
import difflib
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

MAX_FILE_BYTES = 1_000_000
"""A phantom is a description, not an image: a larger file is not one of ours."""

MOST_ROUNDS = 50
"""Unknown keys in one table are found one after the other, up to this many."""

MOST_LISTED = 15
"""A message lists all allowed names up to this many, else the most similar."""

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Length = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-500.0, le=500.0)]
"""A position or offset in mm."""
Size = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0.0, le=500.0)]
"""A thickness, radius or diameter in mm."""
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-90.0, le=90.0)]
Point = tuple[Length, Length]
"""[X, Z] in mm: X along the skin, Z away from it."""
Place = tuple[Length, Length, Length]
"""[X, Y, Z] in mm: Y across the picture of a probe that is not turned, to the reader."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class ContentError(ValueError):
    """A content file that cannot be used; the message is one sentence fit to show."""


class ManyFaultsError(ContentError):
    """Several things are wrong; the message is the first of them."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(faults[0])
        self.faults = tuple(faults)


def faults_of(error: ContentError) -> tuple[str, ...]:
    """Every sentence that an error has to say."""
    return error.faults if isinstance(error, ManyFaultsError) else (str(error),)


class Entry(BaseModel):
    """A table of a content file: frozen, and it names any key that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, dict):
            strange = [key for key in data if key not in cls.model_fields]
            if strange:
                said = (
                    f"'{strange[0]}' is not a key here; allowed: {', '.join(cls.model_fields)}"
                    + nearest(str(strange[0]), cls.model_fields)
                )
                raise PydanticCustomError(
                    "unknown_key", "{said}", {"said": said, "key": strange[0]}
                )
        return data


E = TypeVar("E", bound=Entry)


def nearest(name: str, allowed: Iterable[str]) -> str:
    """` (did you mean 'x'?)` for the closest allowed name, or nothing."""
    close = difflib.get_close_matches(name, list(allowed), n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""


def unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    """Half a sentence about a name that is in no table."""
    names = list(allowed)
    listed = ", ".join(names) or "none"
    if len(names) > MOST_LISTED:
        similar = difflib.get_close_matches(name, names, n=6, cutoff=0.0)
        listed = f"{len(names)}, among them {', '.join(similar)}"
    return f"no {kind} is called '{name}'; there are: {listed}{nearest(name, names)}"


def read_bytes(path: Path) -> bytes:
    """The file's bytes; ContentError if it cannot be read or is larger than 1 MB."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContentError(f"{path}: cannot be read ({reason})") from None
    if len(content) > MAX_FILE_BYTES:
        raise ContentError(
            f"{path}: the file is larger than {MAX_FILE_BYTES // 1000} kB; "
            "a phantom is a short description and must be smaller"
        )
    return content


def parse_toml(content: bytes, file: str) -> dict[str, Any]:
    """The file as a dictionary; ContentError naming `file` if it is not TOML."""
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise ContentError(f"{file}: is not text in UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ContentError(f"{file}: is not valid TOML: {error or 'nested too deeply'}") from None


def check(model: type[E], data: dict[str, Any], file: str) -> E:
    """`data` as a `model`; ManyFaultsError naming file, entry, what was found and allowed."""
    entry, faults = check_all(model, data, file)
    if entry is None:
        raise ManyFaultsError(faults)
    return entry


def check_all(model: type[E], data: dict[str, Any], file: str) -> tuple[E | None, list[str]]:
    """`data` as a `model`, or None, and a sentence for every fault that can be told at once."""
    faults: list[str] = []
    for _ in range(MOST_ROUNDS):
        try:
            entry = model.model_validate(data)
        except ValidationError as error:
            errors = error.errors(include_url=False)
        else:
            return (None if faults else entry), faults
        strange = [one for one in errors if one["type"] == "unknown_key"]
        # what an unknown key keeps from being looked at is looked at without it
        told = strange or errors
        faults += [f"{file}: {_sentence(one, data)}" for one in told]
        if not strange:
            break
        data = copy.deepcopy(data)
        for one in strange:
            _entry_at(one["loc"], data).pop(one["ctx"]["key"], None)
    return None, faults


def _entry_at(loc: tuple[int | str, ...], data: Any) -> dict[str, Any]:
    """The table at a place; tags of unions are not written in the file."""
    for part in loc:
        if isinstance(part, int) or part in data:
            data = data[part]
    table: dict[str, Any] = data
    return table


def _sentence(first: ErrorDetails, data: dict[str, Any]) -> str:
    entry, found = _place(first["loc"], data)
    where = f"{entry}: " if entry else ""
    message = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if first["type"] in ("value_error", "unknown_key"):
        return where + message
    if first["type"] == "missing" and isinstance(first["loc"][-1], int):
        return f"{where}number {first['loc'][-1] + 1} is missing, found {_short(found)}"
    if first["type"] == "missing":
        return f"{where}this key is missing"
    if first["type"] == "union_tag_invalid":
        context = first["ctx"]
        allowed = [tag.strip("' ") for tag in context["expected_tags"].split(",")]
        return where + unknown(context["discriminator"].strip("'"), context["tag"], allowed)
    message = message[0].lower() + message[1:].rstrip(".")
    return f"{where}{message}, found {_short(found)}"


def _place(loc: tuple[int | str, ...], data: Any) -> tuple[str, Any]:
    """The entry as its author would say it: `region 3 'tendon', shape, radius_mm`."""
    words: list[str] = []
    value = data
    for part in loc:
        if isinstance(part, int) and isinstance(value, list | tuple) and part < len(value):
            value = value[part]
            name = value.get("name") if isinstance(value, dict) else None
            words[-1:] = [f"{words[-1] if words else 'item'} {part + 1}"]
            if isinstance(name, str):
                words[-1] += f" '{name[:40]}'"
        elif isinstance(part, str) and isinstance(value, dict):
            if part in value:
                value = value[part]
                words.append(part)
            elif part is loc[-1]:
                words.append(part)
            # else: the tag of a union, which is not written in the file
    return ", ".join(words), value


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
