"""Aiken, as https://docs.moodle.org/en/Aiken_format describes it: questions and a key, no more."""

import re
from collections.abc import Sequence

from lessons.exchange.common import Loss, Question, common_losses
from lessons.exchange.texts import to_html, to_plain

_LIKE_AN_OPTION = re.compile(r"[A-Z][.)]\s|ANSWER:")
_LETTERS = "ABCDE"
_PLAIN = re.compile(r"<(?!/?p>)")


def write_aiken(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    """The file, and what it does not hold."""
    losses = common_losses(questions)
    parts = []
    for question in questions:
        item = question.item
        stem = to_plain(item.stem)
        if _LIKE_AN_OPTION.match(stem):
            why = "not exported: its stem begins as an option or a key does in Aiken"
            losses.append(Loss(item.id, "question", why))
            continue
        lines = [stem]
        for letter, option in zip(_LETTERS, item.options, strict=False):
            lines.append(f"{letter}. {to_plain(option.text)}")
        parts.append("\n".join([*lines, f"ANSWER: {_LETTERS[item.key]}"]) + "\n")
        losses.append(Loss(item.id, "explanation", "Aiken has no feedback"))
        losses.append(
            Loss(item.id, "id, outcome, level, difficulty, source and tags", "Aiken has no labels")
        )
        texts = (item.stem, *(option.text for option in item.options))
        if any(_PLAIN.search(made := to_html(text)) or r"\(" in made for text in texts):
            losses.append(Loss(item.id, "markup", "Aiken is plain text; formulas stay as LaTeX"))
        if question.picture is not None:
            losses.append(Loss(item.id, "picture", "Aiken is text and holds no files"))
        if item.in_order:
            losses.append(Loss(item.id, "in_order", "Aiken cannot say that options stay in order"))
    return "\n".join(parts).encode(), losses
