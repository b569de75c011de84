"""Moodle XML, as https://docs.moodle.org/en/Moodle_XML_format describes it, both ways."""

import base64
import binascii
import html
import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from lessons.exchange.common import (
    MOST_PICTURE_BYTES,
    MOST_QUESTIONS,
    Draft,
    Imported,
    Loss,
    Picture,
    Question,
    accept,
    common_losses,
    export_name,
    labels_of,
)
from lessons.exchange.safe_xml import parse_xml
from lessons.exchange.texts import from_html, from_plain, to_html
from lessons.questions import SINGLE_BEST, TRUE_FALSE, TRUE_OR_FALSE
from phantoms.checked import ContentError

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OURS = {"multichoice": SINGLE_BEST, "truefalse": TRUE_FALSE}


def write_moodle(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    """The file, and what it does not hold."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>"]
    for question in questions:
        parts += _question(question)
    parts.append("</quiz>\n")
    return "\n".join(parts).encode(), common_losses(questions)


def _question(question: Question) -> list[str]:
    item, picture = question.item, question.picture
    true_false = item.kind == TRUE_FALSE
    stem, file = to_html(item.stem), ""
    if picture is not None:
        name = f"{item.id}{picture.suffix}"
        stem += f'\n<p><img src="@@PLUGINFILE@@/{name}" alt="{html.escape(picture.alt)}" /></p>'
        coded = base64.b64encode(picture.content).decode()
        file = f'<file name="{name}" path="/" encoding="base64">{coded}</file>'
    lines = [
        f'<question type="{"truefalse" if true_false else "multichoice"}">',
        f"<name>{_text(export_name(item))}</name>",
        f'<questiontext format="html">{_text(stem)}{file}</questiontext>',
        f'<generalfeedback format="html">{_text("")}</generalfeedback>',
        "<defaultgrade>1</defaultgrade>",
        f"<penalty>{1 if true_false else 0.3333333}</penalty>",
        "<hidden>0</hidden>",
        f"<idnumber>{item.id}</idnumber>",
    ]
    if not true_false:
        lines += [
            "<single>true</single>",
            f"<shuffleanswers>{'false' if item.in_order else 'true'}</shuffleanswers>",
            "<answernumbering>ABCD</answernumbering>",
        ]
    for option in item.options:
        text = option.text.lower() if true_false else to_html(option.text, block=False)
        form = "moodle_auto_format" if true_false else "html"
        lines += [
            f'<answer fraction="{100 if option.correct else 0}" format="{form}">{_text(text)}',
            f'<feedback format="html">{_text(to_html(option.explanation))}</feedback></answer>',
        ]
    tags = "".join(f"<tag>{_text(label)}</tag>" for label in labels_of(item))
    return [*lines, f"<tags>{tags}</tags>", "</question>"]


def _text(text: str) -> str:
    held = _NOT_IN_XML.sub("\ufffd", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<text><![CDATA[{held}]]></text>" if held else "<text></text>"


def read_moodle(content: bytes, name: str, outcome: str | None = None) -> Imported:
    """Questions of a file, and a sentence for what it holds besides.

    Raises ContentError if it cannot be read. outcome : of questions that name none.
    """
    root = parse_xml(content, name)
    if root.tag != "quiz":
        raise ContentError(
            f"{name}: is no Moodle XML: it begins with <{root.tag[:40]}>, not <quiz>"
        )
    entries = root.findall("question")
    if len(entries) > MOST_QUESTIONS:
        raise ContentError(f"{name}: has {len(entries)} questions; {MOST_QUESTIONS} are allowed")
    found = Imported()
    for number, entry in enumerate(entries, 1):
        if entry.get("type") != "category":
            _read(entry, number, found, outcome)
    return found


def _read(entry: Element, number: int, found: Imported, outcome: str | None) -> None:
    title = " ".join((entry.findtext("name/text") or "").split())
    name = (entry.findtext("idnumber") or "").strip() or title or f"question {number}"
    shown, kind = " ".join(name.split())[:60], str(entry.get("type"))
    if kind not in _OURS:
        found.lose(shown, "question", f"not imported: an item cannot be of type '{kind[:40]}'")
        return
    answers = entry.findall("answer")
    worth = [_fraction(answer) for answer in answers]
    single = (entry.findtext("single") or "true").strip().lower() in ("true", "1")
    if kind == "multichoice" and (not single or worth.count(100.0) != 1):
        found.lose(shown, "question", "not imported: it has several right answers, or none")
        return
    if any(0 < value < 100 for value in worth):
        found.lose(shown, "fraction", "an answer that earns a part of the mark is wrong here")
    if (entry.findtext("generalfeedback/text") or "").strip():
        found.lose(shown, "generalfeedback", "items explain each option, not the question")
    if entry.find("hint") is not None:
        found.lose(shown, "hint", "items have no hints")
    stem, picture = _stem(entry, shown, found)
    options = []
    for answer, value in zip(answers, worth, strict=True):
        text = _words(answer, entry, shown, found)
        feedback = answer.find("feedback")
        why = _words(feedback, entry, shown, found) if feedback is not None else ""
        options.append((text, why, value == 100))
    if kind == "truefalse":
        by_name = {text.strip().lower(): (why, right) for text, why, right in options}
        options = [
            (word, *by_name[word.lower()]) for word in TRUE_OR_FALSE if word.lower() in by_name
        ]
    shuffled = (entry.findtext("shuffleanswers") or "true").strip().lower() in ("true", "1")
    tags = [(tag.findtext("text") or "").strip() for tag in entry.findall("tags/tag")]
    accept(
        Draft(
            name, _OURS[kind], stem, tuple(options),
            labels=tuple(tag for tag in tags if tag), in_order=not shuffled, picture=picture,
        ),
        found, outcome,
    )  # fmt: skip


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction") or 0)
    except ValueError:
        return 0.0


def _stem(entry: Element, shown: str, found: Imported) -> tuple[str, Picture | None]:
    place = entry.find("questiontext")
    if place is None:
        return "", None
    pictures: list[tuple[str, str]] = []
    text = _words(place, entry, shown, found, pictures)
    files = {str(file.get("name")): file for file in place.findall("file")}
    for source, alt in pictures:
        file = files.get(source.removeprefix("@@PLUGINFILE@@/"))
        if file is None:
            found.lose(shown, "picture", f"'{source[:40]}' is not in the file")
            continue
        try:
            picture = Picture(_decoded(file), alt)
            _ = picture.suffix
        except ContentError as error:
            found.lose(shown, "picture", str(error))
            continue
        if len(pictures) > 1:
            found.lose(shown, "picture", "only the first of several is kept")
        return text, picture
    return text, None


def _decoded(file: Element) -> bytes:
    coded = "".join((file.text or "").split())
    if file.get("encoding") != "base64":
        raise ContentError("a picture is not coded in base64")
    if len(coded) > MOST_PICTURE_BYTES * 4 // 3 + 4:
        raise ContentError(f"a picture is larger than {MOST_PICTURE_BYTES // 10**6} MB")
    try:
        return base64.b64decode(coded, validate=True)
    except (binascii.Error, ValueError):
        raise ContentError("a picture is damaged (no base64)") from None


def _words(
    place: Element,
    entry: Element,
    shown: str,
    found: Imported,
    pictures: list[tuple[str, str]] | None = None,
) -> str:
    """Markdown of an element with `format` and `<text>`; pictures go into `pictures`."""
    source = place.findtext("text") or ""
    form = place.get("format") or "html"
    if form == "markdown":
        return source.strip()
    if form == "plain_text":
        return from_plain(source)
    words = from_html(source)
    if words.dropped:
        found.lose(shown, "markup", f"<{'>, <'.join(words.dropped)}> lost, their text is kept")
    if pictures is not None:
        pictures += words.pictures
    elif words.pictures:
        found.lose(shown, "picture", "options and explanations have no pictures")
    return words.markdown
