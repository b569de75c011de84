r"""Texts of items (Markdown, formulas between dollar signs) -> HTML and back.

Formulas stand between `\(` and `\)` in HTML, where MathJax, as Moodle and others use it, finds
them. What CommonMark says of the rest: https://spec.commonmark.org/0.31.2/
"""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_FORMULA = re.compile(r"\$([^$\n]+)\$")
_HELD = re.compile("\ue000(\\d+)\ue001")
_MATHS = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$", re.DOTALL)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "blockquote",
        "pre",
        "table",
        "tr",
        "section",
    ]
)
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "code": "`"}
_KEPT = frozenset([*_BLOCKS, *_MARKS, "li", "br", "img", "span", "a", "html", "body"])
_SILENT = frozenset(["script", "style", "head"])
_DROPPED_LAYOUT = frozenset(
    ["h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "tr", "a"]
)


def to_html(markdown: str, *, block: bool = True) -> str:
    """HTML of a text; raw HTML in it stays text. block : with paragraphs."""
    formulas: list[str] = []

    def hold(found: re.Match[str]) -> str:
        formulas.append(found[1])
        return f"\ue000{len(formulas) - 1}\ue001"

    def put_back(found: re.Match[str]) -> str:
        n = int(found[1])
        return rf"\({html.escape(formulas[n])}\)" if n < len(formulas) else found[0]

    held = _FORMULA.sub(hold, markdown.strip())
    made = _MARKDOWN.render(held) if block else _MARKDOWN.renderInline(held)
    return _HELD.sub(put_back, made).strip()


def to_plain(markdown: str) -> str:
    """One line of plain text; formulas stay as LaTeX."""
    return " ".join(_read(to_html(markdown)).plain.split())


@dataclass
class Words:
    """HTML that was read."""

    markdown: str
    plain: str
    pictures: list[tuple[str, str]] = field(default_factory=list)
    """`src` and `alt` of each."""
    dropped: list[str] = field(default_factory=list)
    """Tags whose meaning is lost; their text is kept."""


def from_html(source: str) -> Words:
    """Markdown that renders as this HTML does, as far as items have the means."""
    words = _read(source)
    natural = _read(source, escape=False).markdown
    # without backslashes, if that is read as the same
    if " ".join(_read(to_html(natural)).markdown.split()) == " ".join(words.markdown.split()):
        words.markdown = natural
    return words


def from_plain(source: str) -> str:
    """Markdown that shows this text as it is."""
    return from_html(html.escape(source, quote=False)).markdown


def _read(source: str, escape: bool = True) -> Words:
    reader = _Reader(escape)
    reader.feed(source.replace("<![", "&lt;!["))  # marked sections, at which `html.parser` fails
    reader.close()
    return reader.words()


class _Reader(HTMLParser):
    """Collects Markdown and plain text."""

    def __init__(self, escape: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._escape = escape
        self._out: list[str] = []
        self._plain: list[str] = []
        self._pictures: list[tuple[str, str]] = []
        self._dropped: list[str] = []
        self._silent = 0
        self._lists: list[int | None] = []

    def words(self) -> Words:
        text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(self._out))
        text = re.sub(r"\n{3,}", "\n\n", text).strip()
        text = re.sub(r"\n{2,}(?=(?:- |\d+\. ))", "\n", text)
        return Words(text, "".join(self._plain).strip(), self._pictures, self._dropped)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag not in _KEPT or tag in _DROPPED_LAYOUT:
            self._drop(tag)
        if tag in _BLOCKS:
            self._break("\n\n")
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._break("\n\n" if not self._lists else "\n")
            count = self._lists[-1] if self._lists else None
            if count is None:
                self._out.append("- ")
            else:
                self._lists[-1] = count + 1
                self._out.append(f"{count + 1}. ")
        elif tag == "br":
            self._out.append("\\\n")
            self._plain.append("\n")
        elif tag == "img":
            named = dict(attrs)
            self._pictures.append((named.get("src") or "", named.get("alt") or ""))
        elif tag in _MARKS:
            self._out.append(_MARKS[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        if tag in _BLOCKS:
            self._break("\n\n")
        elif tag in _MARKS:
            self._out.append(_MARKS[tag])

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        data = re.sub(r"[ \t\r\n\f]+", " ", data)
        if self._out and self._out[-1].endswith(("\n", " ")):
            data = data.removeprefix(" ")
        self._plain.append(data)
        at = 0
        for found in _MATHS.finditer(data):
            formula = (found[1] or found[2] or found[3]).strip()
            self._out.append(self._escaped(data[at : found.start()]))
            self._out.append(f"${formula}$" if "$" not in formula else self._escaped(found[0]))
            at = found.end()
        self._out.append(self._escaped(data[at:]))

    def _escaped(self, text: str) -> str:
        if not self._escape:
            return text
        return re.sub(r"([!-#%-/:-@\[-`{-~])", r"\\\1", text).replace("$", "&#36;")

    def _break(self, how: str) -> None:
        if self._out and not self._out[-1].endswith("- "):
            self._out.append(how)
            self._plain.append("\n")

    def _drop(self, tag: str) -> None:
        if tag not in self._dropped:
            self._dropped.append(tag)
