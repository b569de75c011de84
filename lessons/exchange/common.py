"""What every exchange format shares: a question with its picture, and what a format loses."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lessons.questions import OUTCOMES, TRUE_FALSE, Item
from phantoms.checked import ContentError, check

MOST_BYTES = 20_000_000
"""Of a file that is read."""
MOST_QUESTIONS = 5000
MOST_PICTURE_BYTES = 5_000_000
PICTURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}
"""First bytes of the kinds of picture that are passed on, and the suffix of each."""

UNEXPLAINED = "The file that this question came from gives no explanation."
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Picture:
    """A picture that belongs to the stem."""

    content: bytes
    alt: str = ""

    @property
    def suffix(self) -> str:
        """Of a file with this content; ContentError for what is no PNG, JPEG or GIF."""
        for start, suffix in PICTURES.items():
            if self.content.startswith(start):
                return suffix
        raise ContentError("a picture is neither PNG nor JPEG nor GIF")


@dataclass(frozen=True)
class Question:
    """An item, and the picture that it asks about."""

    item: Item
    picture: Picture | None = None


@dataclass(frozen=True)
class Loss:
    """Something of a question that does not arrive."""

    item: str
    field: str
    why: str

    def __str__(self) -> str:
        return f"{self.item}: {self.field}: {self.why}"


@dataclass(frozen=True)
class Draft:
    """A question of another program, in the words of an item as far as it has them."""

    name: str
    kind: str
    stem: str
    options: tuple[tuple[str, str, bool], ...]
    """Text, explanation (may be empty) and whether it is right."""
    labels: tuple[str, ...] = ()
    """Tags; `outcome:LO4`, `level:apply`, `difficulty:2` and `source:kremkau` are read."""
    in_order: bool = False
    picture: Picture | None = None


@dataclass
class Imported:
    """What a file gave, and what it did not."""

    questions: list[Question] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def lose(self, item: str, what: str, why: str) -> None:
        """Report something that was lost."""
        self.losses.append(Loss(item, what, why))


def export_name(item: Item) -> str:
    """What other programs list a question under: the item's id."""
    return item.id


def labels_of(item: Item) -> tuple[str, ...]:
    """Tags that carry what has no field of its own elsewhere."""
    return (
        f"outcome:{item.outcome}",
        f"level:{item.level}",
        f"difficulty:{item.difficulty}",
        *(f"source:{name}" for name in item.source),
        *item.tags,
    )


def common_losses(questions: Iterable[Question]) -> list[Loss]:
    """What no other program has a place for."""
    return [
        Loss(question.item.id, "misconception", "the format has no place for it")
        for question in questions
        if any(option.misconception for option in question.item.options)
    ]


def accept(draft: Draft, found: Imported, outcome: str | None) -> None:
    """Add a draft to what was found, or say why it cannot be an item.

    outcome : of questions that name none.
    """
    labels = _labels(draft.labels)
    outcome = next(iter(labels["outcome"]), outcome)
    shown = " ".join(draft.name.split())[:60] or "a question without a name"
    if outcome is None:
        found.lose(shown, "question", "not imported: it names no outcome (use --outcome LO4)")
        return
    assumed: list[tuple[str, str]] = []

    def said(what: str, instead: str) -> str:
        if labels[what]:
            return labels[what][0]
        assumed.append((what, f"is not in the file; '{instead}' was put there"))
        return instead

    difficulty = said("difficulty", "1")
    data: dict[str, Any] = {
        "id": _free_id(draft.name, found),
        "kind": draft.kind,
        "outcome": outcome,
        "difficulty": int(difficulty) if difficulty in ("1", "2", "3") else difficulty,
        "level": said("level", "recall"),
        "source": labels["source"] or [said("source", "teaching")],
        "tags": [tag for tag in labels["tag"] if _NAME.fullmatch(tag)],
        "stem": draft.stem,
        "in_order": draft.in_order and draft.kind != TRUE_FALSE,
        "options": [
            {"text": text, "explanation": why or UNEXPLAINED, "correct": right}
            for text, why, right in draft.options
        ],
    }
    try:
        item = check(Item, data, shown)
    except ContentError as error:
        why = str(error).removeprefix(f"{shown}: ")
        found.lose(shown, "question", f"not imported: {why}")
        return
    for what, why in assumed:
        found.lose(item.id, what, why)
    if any(not why for _, why, _ in draft.options):
        found.lose(item.id, "explanation", "an option has none in the file; a sentence says so")
    for tag in labels["tag"]:
        if not _NAME.fullmatch(tag):
            found.lose(item.id, "tags", f"'{tag[:40]}' is no name (a to z, 0 to 9 and _)")
    found.questions.append(Question(item, draft.picture))


def bank_toml(items: Iterable[Item]) -> str:
    """A file of the bank with these items."""
    lines = ["format = 1"]
    for item in items:
        lines += ["", "[[item]]"]
        for key, value in item.model_dump(exclude={"options"}).items():
            if key == "in_order" and not value:
                continue
            lines.append(f"{key} = {_toml(value)}")
        for option in item.options:
            lines.append("[[item.options]]")
            pairs = option.model_dump(exclude_none=True)
            if not option.correct:
                del pairs["correct"]
            lines += [f"{key} = {_toml(value)}" for key, value in pairs.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    escaped = "".join(
        f"\\u{ord(c):04X}" if c < " " or c == "\x7f" else f"\\{c}" if c in '"\\' else c
        for c in value
    )
    return f'"{escaped}"'


def _labels(labels: Iterable[str]) -> Mapping[str, list[str]]:
    sorted_out: dict[str, list[str]] = {
        "outcome": [], "level": [], "difficulty": [], "source": [], "tag": []
    }  # fmt: skip
    for label in labels:
        kind, colon, value = label.partition(":")
        if colon and kind in sorted_out and kind != "tag":
            if kind != "outcome" or value in OUTCOMES:
                sorted_out[kind].append(value)
        else:
            sorted_out["tag"].append(label)
    return sorted_out


def _free_id(name: str, found: Imported) -> str:
    """An id made of a name that no question found before has."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not _NAME.fullmatch(name):
        base = base if base[:1].isalpha() else f"q_{base}".strip("_")
        base = base[:40].strip("_")
    else:
        base = name
    taken = {question.item.id for question in found.questions}
    candidate, n = base, 2
    while candidate in taken:
        candidate, n = f"{base[:35]}_{n}", n + 1
    return candidate
