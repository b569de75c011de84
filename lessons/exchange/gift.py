"""GIFT, as https://docs.moodle.org/en/GIFT_format describes it, both ways."""

import re
from collections.abc import Sequence

from lessons.exchange.common import (
    MOST_BYTES,
    MOST_QUESTIONS,
    Draft,
    Imported,
    Loss,
    Question,
    accept,
    common_losses,
    export_name,
    labels_of,
)
from lessons.exchange.texts import from_html, from_plain, to_html
from lessons.questions import SINGLE_BEST, TRUE_FALSE, TRUE_OR_FALSE
from phantoms.checked import ContentError

_SPECIAL = re.compile(r"[\\~=#{}:]")
_ESCAPED = re.compile(r"\\([\\~=#{}:n])")
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]*)?)%")
_HIDDEN = 0xDC80
"""Escaped characters are kept as lone surrogates, which no decoded text can hold, until a
question has been cut up."""
_SHOWN = {_HIDDEN + ord(c): "\n" if c == "n" else c for c in "\\~=#{}:n"}
_LABEL = re.compile(r"\[(id|tag):([^\]]*)\]")


def write_gift(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    """The file, and what it does not hold."""
    losses = common_losses(questions)
    parts = []
    for question in questions:
        item = question.item
        if question.picture is not None:
            losses.append(Loss(item.id, "picture", "GIFT is text and holds no files"))
        if item.in_order:
            losses.append(Loss(item.id, "in_order", "GIFT cannot say that options stay in order"))
        labels = "".join(f" [tag:{label}]" for label in labels_of(item))
        start = (
            f"// [id:{item.id}]{labels}\n"
            f"::{_escape(export_name(item))}::[html]{_escape(to_html(item.stem))}{{"
        )
        if item.kind == TRUE_FALSE:
            right, wrong = item.options[item.key], item.options[1 - item.key]
            whys = "".join(f"#{_marked(to_html(option.explanation))}" for option in (wrong, right))
            parts.append(f"{start}{right.text.upper()}{whys}}}\n")
            continue
        options = "".join(
            f"\t{'=' if option.correct else '~'}{_marked(to_html(option.text, block=False))}"
            f"#{_marked(to_html(option.explanation))}\n"
            for option in item.options
        )
        parts.append(f"{start}\n{options}}}\n")
    return "\n".join(parts).encode(), losses


def _escape(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text.replace("\r", "")).replace("\n", "\\n")


def _marked(text: str) -> str:
    """Escaped, and told from a format or a weight that it happens to look like."""
    return ("[html]" if text[:1] in ("[", "%") else "") + _escape(text)


def read_gift(content: bytes, name: str, outcome: str | None = None) -> Imported:
    """Questions of a file, and a sentence for what it holds besides.

    Raises ContentError if it cannot be read. outcome : of questions that name none.
    """
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than the {MOST_BYTES // 10**6} MB allowed")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ContentError(f"{name}: is not text in UTF-8") from None
    blocks = re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(blocks) > 4 * MOST_QUESTIONS:
        raise ContentError(f"{name}: has more than the {MOST_QUESTIONS} questions allowed")
    found = Imported()
    labels: list[tuple[str, str]] = []
    for number, block in enumerate(blocks, 1):
        lines = block.split("\n")
        comments = [line for line in lines if line.strip().startswith("//")]
        labels += [pair for line in comments for pair in _LABEL.findall(line)]
        body = "\n".join(line for line in lines if not line.strip().startswith("//")).strip()
        if body:
            _read(body, number, labels, found, outcome)
            labels = []
    return found


def _read(
    body: str, number: int, labels: list[tuple[str, str]], found: Imported, outcome: str | None
) -> None:
    text = _ESCAPED.sub(lambda escaped: chr(_HIDDEN + ord(escaped[1])), body)
    if text.startswith("$CATEGORY:"):
        return
    title = ""
    if text.startswith("::") and (end := text.find("::", 2)) >= 0:
        title, text = _show(text[2:end]).strip(), text[end + 2 :].strip()
    name = next((value for kind, value in labels if kind == "id"), "") or title
    name = name or f"question {number}"
    shown = " ".join(name.split())[:60]
    start, end = text.find("{"), text.find("}")
    if start < 0 and end < 0:
        found.lose(shown, "question", "not imported: an item cannot be of type 'description'")
        return
    if not 0 <= start < end:
        found.lose(shown, "question", "not imported: its braces { } do not match")
        return
    answers, rest = text[start + 1 : end].strip(), text[end + 1 :].strip()
    stem = text[:start] + (f" _____ {rest}" if rest else "")
    answers, general, _ = answers.partition("####")
    if general:
        found.lose(shown, "general feedback", "items explain each option, not the question")
    form = match[1] if (match := _FORMAT.match(stem.strip())) else "moodle"
    kind = _kind(answers)
    if kind not in (SINGLE_BEST, TRUE_FALSE):
        found.lose(shown, "question", f"not imported: an item cannot be of type '{kind}'")
        return
    if kind == TRUE_FALSE:
        word, *whys = answers.split("#", 2)
        wrong, right = (_words(why, form, shown, found) for why in [*whys, "", ""][:2])
        is_true = word.strip().startswith("T")
        options = [
            (text, right if is_key else wrong, is_key)
            for text, is_key in zip(TRUE_OR_FALSE, (is_true, not is_true), strict=True)
        ]
    else:
        options = []
        for sign, option in re.findall(r"([~=])([^~=]*)", answers):
            option, weight = option.strip(), 100.0 if sign == "=" else 0.0
            if sign == "~" and (match := _WEIGHT.match(option)):
                option, weight = option[match.end() :], float(match[1])
                if 0 < weight < 100:
                    found.lose(shown, "weight", "an answer that earns part of the mark is wrong")
            answer, _, why = option.partition("#")
            options.append(
                (_words(answer, form, shown, found), _words(why, form, shown, found), weight == 100)
            )
        if sum(right for *_, right in options) != 1:
            found.lose(shown, "question", "not imported: it has several right answers, or none")
            return
    accept(
        Draft(
            name, kind, _words(stem, form, shown, found), tuple(options),
            labels=tuple(value for kind, value in labels if kind == "tag"),
        ),
        found, outcome,
    )  # fmt: skip


def _kind(answers: str) -> str:
    answers = answers.strip()
    if not answers:
        return "essay"
    if answers.startswith("#"):
        return "numerical"
    if "~" in answers:
        return SINGLE_BEST
    if "=" in answers and "->" in answers:
        return "matching"
    if answers.partition("#")[0].strip() in ("T", "TRUE", "F", "FALSE"):
        return TRUE_FALSE
    return "short answer"


def _words(text: str, form: str, shown: str, found: Imported) -> str:
    """Markdown of a part of a question; form : the format that it has if it says nothing."""
    text = text.strip()
    if match := _FORMAT.match(text):
        form, text = match[1], text[match.end() :]
    text = _show(text).strip()
    if form == "markdown":
        return text
    if form == "plain":
        return from_plain(text)
    words = from_html(text)
    if words.dropped:
        found.lose(shown, "markup", f"<{'>, <'.join(words.dropped)}> lost, their text is kept")
    if words.pictures:
        found.lose(shown, "picture", "GIFT is text and holds no files")
    return words.markdown


def _show(text: str) -> str:
    return text.translate(_SHOWN)
