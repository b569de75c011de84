"""Files of the question bank -> `Bank`. What is refused here could not be used at all.

The bank is a folder of `*.toml` with several items each, and `vocabulary.toml` with the sources
and misconceptions that items name. How items should be *worded* is checked by
`lessons.question_rules`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Literal

from lessons.questions import Item
from phantoms.checked import (
    MAX_FILE_BYTES,
    ContentError,
    Entry,
    Name,
    Text,
    check,
    parse_toml,
    unknown,
)
from physics.probe import UnknownNameError

VOCABULARY = "vocabulary.toml"
FOLDER = "lessons/bank"
"""What messages call the bank that comes with the program."""


class VocabularyFile(Entry):
    """All of `vocabulary.toml`: what items may name, and what each name stands for."""

    format: Literal[1]
    sources: dict[Name, Text]
    misconceptions: dict[Name, Text]


class BankFile(Entry):
    """A file of items; `item` is checked entry by entry."""

    format: Literal[1]
    item: list[dict[str, Any]]


@dataclass(frozen=True)
class Bank:
    """Items by id in the order of the files, and the names they use."""

    items: Mapping[str, Item]
    where: Mapping[str, str]
    """File and entry of each item, for messages."""
    sources: Mapping[str, str]
    misconceptions: Mapping[str, str]


@dataclass
class _Reading:
    """A bank being read, with all that is wrong with it."""

    words: VocabularyFile
    items: dict[str, Item] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def add(self, data: dict[str, Any], where: str) -> None:
        item = check(Item, data, where)
        if item.id in self.where:
            raise ContentError(f"{where}: id: found again; {self.where[item.id]} has it already")
        for source in item.source:
            if source not in self.words.sources:
                problem = unknown("source", source, self.words.sources)
                raise ContentError(f"{where}: source: {problem}")
        for number, option in enumerate(item.options, 1):
            believed, known = option.misconception, self.words.misconceptions
            if believed is not None and believed not in known:
                problem = unknown("misconception", believed, known)
                raise ContentError(f"{where}: options {number}: {problem}")
        self.items[item.id], self.where[item.id] = item, where


@cache
def load_bank() -> Bank:
    """The bank that comes with the program; ContentError for the first thing that is wrong."""
    bank, faults = read_bank(resources.files("lessons").joinpath("bank"), FOLDER)
    if faults:
        raise ContentError(faults[0])
    return bank


def load_item(name: str) -> Item:
    """The item with this id; UnknownNameError (a ValueError) if there is none."""
    items = load_bank().items
    if name not in items:
        raise UnknownNameError("question", name, list(items))
    return items[name]


def read_bank(folder: Traversable, shown_as: str) -> tuple[Bank, list[str]]:
    """The bank in a folder without the entries that are wrong, and a sentence for each of those.

    shown_as : how messages call the folder.
    """
    try:
        words = check(VocabularyFile, *_parsed(folder.joinpath(VOCABULARY), shown_as))
    except ContentError as error:
        return Bank({}, {}, {}, {}), [str(error)]
    reading = _Reading(words)
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    for file in sorted(files, key=lambda entry: entry.name):
        if file.name != VOCABULARY:
            _read_file(file, shown_as, reading)
    bank = Bank(reading.items, reading.where, words.sources, words.misconceptions)
    return bank, reading.faults


def read_items(files: Mapping[str, bytes]) -> tuple[Bank, list[str]]:
    """Items of files that stand in no folder, by what messages call them. They use the vocabulary
    of the program's bank, and no id that it has."""
    own = load_bank()
    reading = _Reading(VocabularyFile(
        format=1, sources=dict(own.sources), misconceptions=dict(own.misconceptions)
    ))  # fmt: skip
    reading.where.update(own.where)
    for name, content in files.items():
        try:
            _read_entries(parse_toml(content, name), name, reading)
        except ContentError as error:
            reading.faults.append(str(error))
    where = {name: reading.where[name] for name in reading.items}
    return Bank(reading.items, where, own.sources, own.misconceptions), reading.faults


def _read_file(file: Traversable, shown_as: str, reading: _Reading) -> None:
    try:
        _read_entries(*_parsed(file, shown_as), reading)
    except ContentError as error:
        reading.faults.append(str(error))


def _read_entries(data: dict[str, Any], name: str, reading: _Reading) -> None:
    entries = check(BankFile, data, name).item
    for number, entry in enumerate(entries, 1):
        called = f" '{entry['id']}'" if isinstance(entry.get("id"), str) else ""
        try:
            reading.add(entry, f"{name}: item {number}{called}")
        except ContentError as error:
            reading.faults.append(str(error))


def _parsed(file: Traversable, shown_as: str) -> tuple[dict[str, Any], str]:
    """The file's contents, and its name in messages."""
    name = f"{shown_as}/{file.name}"
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ContentError(f"{name}: cannot be read ({error.strerror})") from None
    if len(content) > MAX_FILE_BYTES:
        raise ContentError(f"{name}: is longer than the {MAX_FILE_BYTES} bytes allowed")
    return parse_toml(content, name), name
