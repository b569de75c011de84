"""What is drawn over the tissue when asked for: the patches a lesson measures, and names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from lessons.lesson import Patch
from lessons.sight import patch_distance_m
from phantoms import Phantom
from physics.frame import Frame
from simulator import theme
from simulator.views.name_places import places_of_names
from simulator.views.picture_map import PictureMap

_SHADE = QColor(11, 14, 17, 170)


@dataclass(frozen=True)
class Outline:
    """The border of a patch in the picture of one pose, in mm of the probe frame."""

    label: str
    lines_mm: tuple[np.ndarray, ...]
    """float64[n, 2] each: x and z along a line; open where the grid ends."""


def outlines_of(
    frame: Frame, patches: Iterable[Patch], region_names: Sequence[str]
) -> tuple[Outline, ...]:
    """Borders of `patches` in this picture; those out of it have no lines."""
    medium = frame.medium
    origin = np.array([medium.x0_m, medium.z0_m])
    step = np.array([medium.dx_m, medium.dz_m])
    outlines = []
    for patch in patches:
        distance = np.asarray(patch_distance_m(frame, patch, region_names), np.float64)
        curves = pg.functions.isocurve(distance, 0.0, connected=True)
        # a point of the grid lies at its index + 1/2 for pyqtgraph
        lines = [1e3 * (origin + step * (np.array(c, np.float64) - 0.5)) for c in curves]
        outlines.append(Outline(patch.label, tuple(lines)))
    return tuple(outlines)


def draw_outlines(painter: QPainter, place: PictureMap, outlines: Iterable[Outline]) -> None:
    """Dashed borders with the patch's name at the highest point that is in the picture."""
    painter.save()
    painter.setClipRect(_picture(place))
    for outline in outlines:
        for dark in (True, False):  # a dark line under the dashes, for bright tissue
            pen = QPen(_SHADE if dark else QColor(theme.ACCENT), 3.0 if dark else 1.5)
            pen.setStyle(Qt.PenStyle.SolidLine if dark else Qt.PenStyle.DashLine)
            painter.setPen(pen)
            for line in outline.lines_mm:
                painter.drawPolyline(
                    QPolygonF([QPointF(place.x_px(x), place.z_px(z)) for x, z in line])
                )
        points = [p for line in outline.lines_mm for p in line if _is_inside(place, *p)]
        if points:
            x, z = min(points, key=lambda p: float(p[1]))
            above = QPointF(place.x_px(x), place.z_px(z) - 0.7 * _height(painter))
            _write(painter, place, above, outline.label, QColor(theme.ACCENT))
    painter.restore()


def draw_names(painter: QPainter, place: PictureMap, frame: Frame, phantom: Phantom) -> None:
    """Names of the structures in view, each where its phantom wants it and the probe has put it."""
    painter.save()
    painter.setClipRect(_picture(place))
    wanted = [
        (QPointF(place.x_px(x), place.z_px(z)), text)
        for text, x, z in places_of_names(phantom, frame)
        if _is_inside(place, x, z)
    ]
    metrics = QFontMetricsF(_bold(painter.font()))
    boxes = [_box(metrics, place, at, text) for at, text in wanted]
    for (at, text), box in zip(wanted, apart(boxes, _picture(place)), strict=True):
        if not box.contains(at):  # it had to make room
            painter.setPen(QPen(QColor(theme.TEXT), 1.0))
            painter.drawLine(at, box.center())
            painter.setBrush(QColor(theme.TEXT))
            painter.drawEllipse(at, 2.5, 2.5)
        _fill(painter, box, text, QColor(theme.TEXT))
    painter.restore()


def apart(boxes: Sequence[QRectF], within: QRectF) -> list[QRectF]:
    """The boxes, moved up or down (and if that does not do, to a side) as little as it takes so
    that none covers another; the first ones keep their place."""
    placed: list[QRectF] = []
    for box in boxes:
        step = box.height() + 1
        moves = sorted(
            ((dx, dy) for dy in range(-12, 13) for dx in (-1, 0, 1)),
            key=lambda m: abs(m[1]) * step + abs(m[0]) * box.width(),
        )
        tries = [box.translated(dx * (box.width() + 2), dy * step / 2) for dx, dy in moves]
        free = (b for b in tries if within.contains(b) and not any(b.intersects(o) for o in placed))
        placed.append(next(free, box))
    return placed


def _write(painter: QPainter, place: PictureMap, at: QPointF, text: str, colour: QColor) -> None:
    """Text centred at a point, moved so that all of it is in the picture."""
    _fill(painter, _box(QFontMetricsF(_bold(painter.font())), place, at, text), text, colour)


def write_near(
    painter: QPainter, place: PictureMap, at: QPointF, texts: Sequence[str], colour: QColor
) -> None:
    """Lines of text at the upper right of a point, all of it in the picture."""
    metrics = QFontMetricsF(_bold(painter.font()))
    text = "\n".join(texts)
    box = _box(metrics, place, at, text)
    aside = QPointF(box.width() + metrics.height(), -box.height() - 0.6 * metrics.height()) / 2
    _fill(painter, _box(metrics, place, at + aside, text), text, colour)


def _box(metrics: QFontMetricsF, place: PictureMap, at: QPointF, text: str) -> QRectF:
    """Round a text centred at a point, moved so that all of it is in the picture."""
    rows = text.split("\n")
    wide = max(metrics.horizontalAdvance(row) for row in rows)
    box = QRectF(0, 0, wide + 6, metrics.height() * len(rows))
    box.moveCenter(at)
    picture = _picture(place)
    box.moveLeft(max(min(box.left(), picture.right() - box.width()), picture.left()))
    box.moveTop(max(min(box.top(), picture.bottom() - box.height()), picture.top()))
    return box


def _fill(painter: QPainter, box: QRectF, text: str, colour: QColor) -> None:
    plain = painter.font()
    painter.setFont(_bold(plain))
    painter.fillRect(box, _SHADE)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(plain)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold


def _picture(place: PictureMap) -> QRectF:
    width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
    return QRectF(place.left_px, place.top_px, width, height)


def _is_inside(place: PictureMap, x_mm: float, z_mm: float) -> bool:
    return place.left_mm <= x_mm <= place.right_mm and place.top_mm <= z_mm <= place.bottom_mm


def _height(painter: QPainter) -> float:
    return QFontMetricsF(painter.font()).height()
