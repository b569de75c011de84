"""Formulas of texts as pictures: LaTeX between dollar signs -> SVG (ziamath) -> PNG."""

import base64
import html
import logging
from functools import lru_cache

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter

log = logging.getLogger(__name__)

SHARPNESS = 2
"""Pixels of the picture for one of the screen, so that it is sharp on a dense one."""

_LARGE = 1.25
_FITTING = 1.15
"""Size of ziamath's letters re those of the text round them, so that they look alike."""


@lru_cache(maxsize=500)
def formula_html(latex: str, *, letter_px: float, colour: str, large: bool = False) -> str:
    """An `<img>` of the formula; its source in italics if it cannot be drawn.

    letter_px : height of the letters of the text round it.
    large : for a formula that stands alone.
    """
    try:
        svg = _svg(latex, letter_px * _FITTING * (_LARGE if large else 1.0), colour, large)
        image = _painted(svg)
    except Exception as error:  # a formula that a parser trips over must not take the page along
        log.warning("the formula %r could not be drawn: %s", latex, error)
        return f"<i>{html.escape(latex)}</i>"
    width, height = image.width() // SHARPNESS, image.height() // SHARPNESS
    return image_html(image, width, height, html.escape(latex, quote=True))


def image_html(image: QImage, width: int, height: int, alt: str) -> str:
    """An `<img>` with the picture in it. alt : escaped already."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub says bytes, Qt wants text
    encoded = base64.b64encode(data.data()).decode()
    return (
        f'<img src="data:image/png;base64,{encoded}" width="{width}" height="{height}" '
        f'alt="{alt}" style="vertical-align: middle;" />'
    )


def _svg(latex: str, size_px: float, colour: str, large: bool) -> str:
    from ziamath.config import config  # takes a tenth of a second
    from ziamath.zmath import Latex

    config.svg2 = False  # Qt draws SVG Tiny 1.2
    svg: str = Latex(latex, size=size_px, color=colour, inline=not large).svg()
    return svg


def _painted(svg: str) -> QImage:
    from PySide6.QtSvg import QSvgRenderer

    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize() * SHARPNESS
    if size.isEmpty():
        raise ValueError("nothing to draw")
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
