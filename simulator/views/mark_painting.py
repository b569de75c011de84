"""Paints the marks of a sheet, and lists what they read."""

import itertools
import math
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from simulator import theme
from simulator.models.measurements import (
    Angle,
    Arrow,
    BodyMark,
    Distance,
    Ellipse,
    Mark,
    Note,
    Point,
    Reading,
)
from simulator.views.number_control import number_text
from simulator.views.picture_map import PictureMap
from simulator.words import translate

_SHADE = QColor(11, 14, 17, 150)


def numbers(marks: Iterable[Mark]) -> list[str]:
    """What to write beside each mark: those that measure something are counted."""
    count = itertools.count(1)
    return [str(next(count)) if mark.readings else "" for mark in marks]


def results(marks: Sequence[Mark]) -> list[tuple[str, str]]:
    """What the marks read, one line each: number of the mark (of its first line) and reading."""
    lines = []
    for number, mark in zip(numbers(marks), marks, strict=True):
        texts = [_reading_text(reading) for reading in mark.readings]
        lines += [(number if row == 0 else "", text) for row, text in enumerate(texts)]
    return lines


def _reading_text(reading: Reading) -> str:
    names = {
        "area": translate("Measurements", "area"),
        "circumference": translate("Measurements", "circumference"),
        "length": translate("Measurements", "length"),
        "width": translate("Measurements", "width"),
    }
    number = number_text(reading.value, reading.decimals, reading.unit)
    return f"{names[reading.what]} {number}" if reading.what else number


def draw_mark(
    painter: QPainter, place: PictureMap, mark: Mark, number: str, colour: QColor
) -> None:
    """One mark, with its number beside it; dark below, so that it shows on bright tissue."""
    for pen in (QPen(_SHADE, 4.0), QPen(colour, 1.6)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _draw_shape(painter, place, mark)
    text, at = (mark.text, mark.at) if isinstance(mark, Note) else (number, _label_point(mark))
    if text:
        _write(painter, place, _pixel(place, at), text, colour)


def draw_results(painter: QPainter, place: PictureMap, lines: Sequence[tuple[str, str]]) -> None:
    """The readings in the picture's lower left corner."""
    if not lines:
        return
    metrics = QFontMetricsF(painter.font())
    em = metrics.height()
    indent = max(metrics.horizontalAdvance(number) for number, _ in lines) + 0.8 * em
    width = indent + max(metrics.horizontalAdvance(text) for _, text in lines) + em
    height = em * len(lines) + 0.6 * em
    left, bottom = place.left_px + 0.4 * em, place.bottom_px - 0.4 * em
    box = QRectF(left, bottom - height, width, height)
    painter.fillRect(box, _SHADE)
    painter.setPen(QColor(theme.NOTICE))
    for row, (number, text) in enumerate(lines):
        y = box.top() + 0.3 * em + row * em + metrics.ascent()
        painter.drawText(QPointF(left + 0.5 * em, y), number)
        painter.drawText(QPointF(left + 0.5 * em + indent, y), text)


def draw_body_mark(painter: QPainter, place: PictureMap, mark: BodyMark) -> None:
    """A limb with the probe on it, its marker's end as a dot, and words below: lower right."""
    metrics = QFontMetricsF(painter.font())
    em = metrics.height()
    width = max(metrics.horizontalAdvance(mark.text) + em, 4.0 * em)
    box = QRectF(0, 0, width, 5.4 * em)
    box.moveBottomRight(QPointF(place.right_px - 0.4 * em, place.bottom_px - 0.4 * em))
    painter.fillRect(box, _SHADE)
    centre = QPointF(box.center().x(), box.top() + 2.2 * em)
    painter.setPen(QPen(QColor(theme.QUIET), 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    limb = QRectF(-0.9 * em, -1.9 * em, 1.8 * em, 3.8 * em).translated(centre)
    painter.drawRoundedRect(limb, 0.8 * em, 0.8 * em)
    # the marker's end towards the left of the screen, or the head
    along = QPointF(math.cos(mark.turn_rad), math.sin(mark.turn_rad)) * (0.75 * em)
    painter.setPen(QPen(QColor(theme.NOTICE), 3.0))
    painter.drawLine(centre - along, centre + along)
    painter.setBrush(QColor(theme.ACCENT))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(centre - along, 0.2 * em, 0.2 * em)
    painter.setPen(QColor(theme.TEXT))
    words = QRectF(box.left(), box.bottom() - 1.2 * em, width, em)
    painter.drawText(words, Qt.AlignmentFlag.AlignCenter, mark.text)


def _draw_shape(painter: QPainter, place: PictureMap, mark: Mark) -> None:
    em = QFontMetricsF(painter.font()).height()
    if isinstance(mark, Distance):
        a, b = _pixel(place, mark.a), _pixel(place, mark.b)
        painter.drawLine(a, b)
        _draw_cross(painter, a, em)
        _draw_cross(painter, b, em)
    elif isinstance(mark, Ellipse):
        _draw_ellipse(painter, place, mark)
        _draw_cross(painter, _pixel(place, mark.a), em)
        _draw_cross(painter, _pixel(place, mark.b), em)
    elif isinstance(mark, Angle):
        arms = [_pixel(place, point) for point in (mark.a, mark.vertex, mark.b)]
        painter.drawPolyline(QPolygonF(arms))
        _draw_cross(painter, arms[1], em)
    elif isinstance(mark, Arrow):
        _draw_arrow(painter, _pixel(place, mark.tail), _pixel(place, mark.tip), em)


def _draw_cross(painter: QPainter, at: QPointF, em: float) -> None:
    arm = 0.35 * em
    painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
    painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))


def _draw_ellipse(painter: QPainter, place: PictureMap, mark: Ellipse) -> None:
    a, b = (1e3 * axis * place.px_per_mm for axis in mark.semi_axes_m)
    painter.save()
    painter.translate(_pixel(place, mark.centre))
    painter.rotate(place.to_right * math.degrees(mark.turn_rad))
    painter.drawEllipse(QPointF(0, 0), a, b)
    painter.restore()


def _draw_arrow(painter: QPainter, tail: QPointF, tip: QPointF, em: float) -> None:
    painter.drawLine(tail, tip)
    back = math.atan2(tail.y() - tip.y(), tail.x() - tip.x())
    for side in (-0.45, 0.45):
        barb = QPointF(math.cos(back + side), math.sin(back + side)) * (0.8 * em)
        painter.drawLine(tip, tip + barb)


def _label_point(mark: Mark) -> Point:
    if isinstance(mark, Angle):
        return mark.vertex
    return (
        mark.tail if isinstance(mark, Arrow) else mark.b if not isinstance(mark, Note) else mark.at
    )


def _pixel(place: PictureMap, point: Point) -> QPointF:
    return QPointF(place.x_px(1e3 * point[0]), place.z_px(1e3 * point[1]))


def _write(painter: QPainter, place: PictureMap, at: QPointF, text: str, colour: QColor) -> None:
    """Words right of a point, left of it where there is no room."""
    metrics = QFontMetricsF(painter.font())
    em = metrics.height()
    width = metrics.horizontalAdvance(text) + 0.4 * em
    left = at.x() + 0.5 * em
    if left + width > place.right_px:
        left = max(at.x() - 0.5 * em - width, place.left_px)
    top = min(max(at.y() - em, place.top_px), place.bottom_px - em)
    box = QRectF(left, top, width, em)
    painter.fillRect(box, _SHADE)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
