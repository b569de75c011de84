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
    medium = frame.medium
    view = phantom.view(
        frame.pose,
        half_face_m=frame.probe.footprint_m / 2,
        wide_m=float(np.abs(medium.x_m).max()),
        deepest_m=float(medium.z_m[-1] - medium.z0_m),
    )
    painter.save()
    painter.setClipRect(_picture(place))
    for label in phantom.labels.values():
        y_m = None if label.y_mm is None else np.array([label.y_mm * 1e-3])
        x_m, z_m = view.seen_at(np.array([label.x_mm * 1e-3]), np.array([label.z_mm * 1e-3]), y_m)
        # a convex face is pressed in
        x, z = float(x_m[0]) * 1e3, float(z_m[0] - frame.probe.sagitta_m) * 1e3
        if _is_inside(place, x, z):
            at = QPointF(place.x_px(x), place.z_px(z))
            _write(painter, place, at, label.text, QColor(theme.TEXT))
    painter.restore()


def _write(painter: QPainter, place: PictureMap, at: QPointF, text: str, colour: QColor) -> None:
    """Text centred at a point, moved so that all of it is in the picture."""
    plain = painter.font()
    bold = QFont(plain)
    bold.setBold(True)
    painter.setFont(bold)
    metrics = QFontMetricsF(bold)
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height())
    box.moveCenter(at)
    picture = _picture(place)
    box.moveLeft(max(min(box.left(), picture.right() - box.width()), picture.left()))
    box.moveTop(max(min(box.top(), picture.bottom() - box.height()), picture.top()))
    painter.fillRect(box, _SHADE)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(plain)


def _picture(place: PictureMap) -> QRectF:
    width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
    return QRectF(place.left_px, place.top_px, width, height)


def _is_inside(place: PictureMap, x_mm: float, z_mm: float) -> bool:
    return place.left_mm <= x_mm <= place.right_mm and place.top_mm <= z_mm <= place.bottom_mm


def _height(painter: QPainter) -> float:
    return QFontMetricsF(painter.font()).height()
