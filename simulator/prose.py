"""Markdown of lessons and questions -> rich text: formulas between dollar signs, figures."""

import html
import re
from collections.abc import Mapping

from markdown_it import MarkdownIt
from PySide6.QtGui import QImage

from simulator import theme
from simulator.formulas import formula_html, image_html

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_FORMULA = re.compile(r"\$([^$\n]+)\$")
_HELD = re.compile("\ue000(\\d+)\ue001")
_ALONE = re.compile("<p>\ue000(\\d+)\ue001</p>")
_FIGURE = re.compile(r'<img src="figure:(\w+)" alt="([^"]*)" />')


def rich_text(
    markdown: str,
    *,
    letter_px: float,
    colour: str = theme.TEXT,
    figures: Mapping[str, QImage] | None = None,
    width_px: int = 260,
    block: bool = True,
) -> str:
    """Rich text as Qt's labels show it; raw HTML in it stays text.

    letter_px : height of the letters, to which formulas are fitted.
    figures : those that are computed; the others are announced by their caption.
    width_px : how wide a figure is shown.
    block : False for a line without paragraphs (an answer).
    """
    formulas: list[str] = []

    def hold(found: re.Match[str]) -> str:
        formulas.append(found[1])
        return f"\ue000{len(formulas) - 1}\ue001"

    def draw(found: re.Match[str]) -> str:
        return formula_html(formulas[int(found[1])], letter_px=letter_px, colour=colour)

    def draw_alone(found: re.Match[str]) -> str:
        latex = formulas[int(found[1])]
        drawn = formula_html(latex, letter_px=letter_px, colour=colour, large=True)
        return f'<p align="center">{drawn}</p>'

    def show(found: re.Match[str]) -> str:
        image = (figures or {}).get(found[1])
        if image is None:
            return f'<i style="color: {theme.QUIET};">[{found[2]} …]</i>'
        height = round(width_px * image.height() / image.width())
        return f"{image_html(image, width_px, height, found[2])}<br/><i>{found[2]}</i>"

    held = _FORMULA.sub(hold, markdown)  # before Markdown, which has its own ideas about * and _
    made = _MARKDOWN.render(held) if block else _MARKDOWN.renderInline(held)
    return _FIGURE.sub(show, _HELD.sub(draw, _ALONE.sub(draw_alone, made)))


def figure_names(markdown: str) -> tuple[str, ...]:
    """Figures that a text shows, in its order."""
    return tuple(html.unescape(name) for name in re.findall(r"\]\(figure:(\w+)\)", markdown))
