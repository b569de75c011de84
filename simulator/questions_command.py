"""`insonate questions`: the bank to and from the formats of other programs."""

import argparse
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from lessons.exchange.aiken import write_aiken
from lessons.exchange.anki import write_anki
from lessons.exchange.common import MOST_BYTES, Loss, Question, bank_toml
from lessons.exchange.gift import read_gift, write_gift
from lessons.exchange.moodle import read_moodle, write_moodle
from lessons.exchange.qti import write_qti
from lessons.question_bank import load_bank
from lessons.questions import OUTCOMES
from phantoms.checked import MAX_FILE_BYTES
from simulator.errors import UserError, say, users_fault
from simulator.output_file import OutputFiles

Write = Callable[[Sequence[Question]], tuple[bytes, list[Loss]]]

WRITERS: dict[str, tuple[tuple[str, ...], Write]] = {
    "moodle": ((".xml",), write_moodle),
    "gift": ((".txt", ".gift"), write_gift),
    "aiken": ((".txt",), write_aiken),
    "qti": ((".zip",), write_qti),
    "anki": ((".apkg",), write_anki),
}
"""Suffixes (the first is asked for) and writer of each format."""
READERS = {".xml": read_moodle, ".gift": read_gift, ".txt": read_gift}


def questions(args: argparse.Namespace) -> int:
    """Do what the command asks; the exit status."""
    if args.outcome is not None and args.outcome not in OUTCOMES:
        raise UserError(f"--outcome: '{args.outcome}' is none of {', '.join(OUTCOMES)}")
    if args.action == "export":
        return _export(args.format, args.outcome, args.out)
    return _import(args.file, args.outcome, args.out)


def _export(form: str, outcome: str | None, out: Path) -> int:
    suffixes, write = WRITERS[form]
    chosen = [
        Question(item) for item in load_bank().items.values() if outcome in (None, item.outcome)
    ]
    suffix = out.suffix.lower() if out.suffix.lower() in suffixes else suffixes[0]
    with OutputFiles((out, suffix)) as files, users_fault():
        content, losses = write(chosen)
        files.put(0, content)
    _count(len(chosen), out)
    _tell(losses)
    return 0


def _import(path: Path, outcome: str | None, out: Path) -> int:
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise UserError(f"'{path}' must have a name that ends in {', '.join(READERS)}")
    with OutputFiles((out, ".toml")) as files:
        try:
            with path.open("rb") as file:
                content = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UserError(f"{path}: cannot be read ({reason})") from None
        with users_fault():
            found = read(content, path.name, outcome)
        losses = list(found.losses)
        for question in found.questions:
            if question.picture is not None:
                losses.append(Loss(question.item.id, "picture", "files of the bank hold none"))
            if question.item.id in load_bank().items:
                why = "the program's bank has it already; change it before making a pack"
                losses.append(Loss(question.item.id, "id", why))
            for name in question.item.source:
                if name not in load_bank().sources:
                    why = f"the bank's vocabulary has no '{name}'; change it before making a pack"
                    losses.append(Loss(question.item.id, "source", why))
        if not found.questions:
            _tell(losses)
            raise UserError(f"{path}: no question in it can be imported")
        made = bank_toml(question.item for question in found.questions).encode()
        if len(made) > MAX_FILE_BYTES:
            raise UserError(
                f"{path}: its questions need {len(made) // 1000} kB; a file of the bank has at "
                f"most {MAX_FILE_BYTES // 1000} kB"
            )
        files.put(0, made)
    _count(len(found.questions), out)
    _tell(losses)
    return 0


def _tell(losses: Iterable[Loss]) -> None:
    for loss in losses:
        say(str(loss))


def _count(n: int, out: Path) -> None:
    print(f"1 question is in '{out}'." if n == 1 else f"{n} questions are in '{out}'.")
