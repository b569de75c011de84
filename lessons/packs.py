"""A class pack: scenes and questions of a lecturer in one file, checked before anything is used.

A `.insonate-pack` is a zip with `pack.toml` (title, author), `scenes/*.insonate` and `items/*.toml`
(as in the bank; sources and misconceptions are those of the bank's vocabulary). It holds data
only. Everything in it comes from somebody else, so it is read in memory, within limits, and never
unpacked into folders: no name in it becomes a path. Checksums of its entries (`pack.toml`) tell
damage and change; they do not prove who made it.
"""

import hashlib
import io
import json
import re
import stat
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import Field

from lessons.question_bank import Bank, read_items
from lessons.question_rules import wording_faults
from lessons.questions import Item
from lessons.schema import Line
from phantoms.checked import MAX_FILE_BYTES, ContentError, Entry, check, parse_toml

SUFFIX = ".insonate-pack"
INDEX = "pack.toml"
MOST_FILES = 200
MOST_BYTES = 20_000_000
"""Of the file, and of all that is in it together."""
_NAME = re.compile(
    r"(scenes/[a-z0-9][a-z0-9_-]{0,59}\.insonate|items/[a-z0-9][a-z0-9_-]{0,59}\.toml)"
)
_DAMAGE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, NotImplementedError,
    RuntimeError, EOFError, OSError, ValueError,
)  # fmt: skip
"""What reading a zip that is damaged, encrypted or none may raise."""
_DATE = (1980, 1, 1, 0, 0, 0)
"""Of every entry, so that the same contents make the same file."""

CheckScene = Callable[[bytes, str], None]
"""Raises ContentError for contents that are no scene, calling them by the name given."""


class IndexEntry(Entry):
    """All of `pack.toml`."""

    format: Literal[1]
    title: Line
    author: Annotated[str, Field(max_length=120)] = ""
    sha256: dict[str, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]
    """Checksum of every other file, by its name."""


@dataclass(frozen=True)
class Pack:
    """A pack that was read and checked."""

    title: str
    author: str
    scenes: Mapping[str, bytes]
    """Contents of scene files by name without folder and suffix."""
    items: Mapping[str, Item]
    faults: tuple[str, ...]
    """What is badly worded; the pack can be used all the same."""

    def summary(self) -> str:
        """One line about it."""
        return (
            f"'{self.title}' holds {_count(len(self.scenes), 'scene')} and "
            f"{_count(len(self.items), 'question')}."
        )


def write_pack(
    stream: BinaryIO, title: str, author: str, files: Mapping[str, bytes], check_scene: CheckScene
) -> Pack:
    """Write a pack of these files (names as in the pack) and give back what a reader will find.

    Raises ContentError, and writes nothing, if a reader would refuse it.
    """
    index = [
        "format = 1",
        f"title = {_toml(title)}",
        f"author = {_toml(author)}",
        "",
        "[sha256]",
        *(f"{_toml(name)} = {_toml(_checksum(files[name]))}" for name in sorted(files)),
    ]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [(INDEX, "\n".join(index).encode() + b"\n"), *sorted(files.items())]:
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    whole = buffer.getvalue()
    pack = parse_pack(whole, "the pack", check_scene)
    stream.write(whole)
    return pack


def read_pack(path: Path, check_scene: CheckScene) -> Pack:
    """The pack in a file; ContentError with one sentence if it cannot be used."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ContentError(f"{path}: cannot be read ({reason})") from None
    return parse_pack(content, path.name, check_scene)


def parse_pack(content: bytes, name: str, check_scene: CheckScene) -> Pack:
    """The pack in a file's `content`; messages call the file `name`."""
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than the {MOST_BYTES // 10**6} MB allowed")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = _files(archive, name)
    except _DAMAGE as error:
        if isinstance(error, ContentError):
            raise
        raise ContentError(f"{name}: is damaged, or no class pack ({str(error)[:80]})") from None
    if INDEX not in files:
        raise ContentError(f"{name}: is no class pack (it has no {INDEX})")
    shown = f"{name}: {INDEX}"
    index = check(IndexEntry, parse_toml(files.pop(INDEX), shown), shown)
    _check_sums(index, files, name)
    bank, faults = read_items(
        {f"{name}: {file}": data for file, data in files.items() if file.startswith("items/")}
    )
    if faults:
        raise ContentError(faults[0])
    scenes = {}
    for file, data in files.items():
        if file.startswith("scenes/"):
            check_scene(data, f"{name}: {file}")
            scenes[Path(file).stem] = data
    if not scenes and not bank.items:
        raise ContentError(f"{name}: is empty: it has no scene and no question")
    return Pack(index.title, index.author, scenes, bank.items, _worded(bank))


def _files(archive: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    """Contents of every file by name, within the limits of number, kind and size."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise ContentError(f"{name}: holds {len(entries)} files; {MOST_FILES} are allowed")
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    for entry in entries:
        file = entry.filename
        if file in ("scenes/", "items/"):
            continue
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise ContentError(f"{name}: {file[:80]!r} is a link or no ordinary file")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ContentError(f"{name}: {file[:80]!r} is packed in a way that is not allowed")
        if file != INDEX and not _NAME.fullmatch(file):
            raise ContentError(
                f"{name}: {file[:80]!r} has no place in a pack; allowed are {INDEX}, "
                "scenes/NAME.insonate and items/NAME.toml (small letters, digits, - and _)"
            )
        if file in files:
            raise ContentError(f"{name}: '{file}' stands in it twice")
        most = min(MAX_FILE_BYTES, left)
        with archive.open(entry) as stream:
            data = stream.read(most + 1)  # whatever size the archive says it has
        if len(data) > most:
            raise ContentError(
                f"{name}: '{file}' is too large; {MAX_FILE_BYTES // 1000} kB a file and "
                f"{MOST_BYTES // 10**6} MB in all are allowed"
            )
        left -= len(data)
        files[file] = data
    return files


def _check_sums(index: IndexEntry, files: Mapping[str, bytes], name: str) -> None:
    for file in sorted(set(files) ^ set(index.sha256)):
        which = "has no checksum in" if file in files else "is missing, but stands in"
        raise ContentError(f"{name}: {file[:80]!r} {which} {INDEX}")
    for file, data in files.items():
        if _checksum(data) != index.sha256[file]:
            raise ContentError(
                f"{name}: '{file}' was changed or damaged after the pack was made (its checksum "
                "does not fit); make the pack again"
            )


def _worded(bank: Bank) -> tuple[str, ...]:
    return tuple(wording_faults(bank)) if bank.items else ()


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _toml(text: str) -> str:
    """A basic string of TOML, which JSON's strings are but for what `json` leaves as it is."""
    quoted = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    assert tomllib.loads(f"x = {quoted}")["x"] == text
    return quoted


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
