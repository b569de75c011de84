"""Paints the probe, its image plane with the picture, and what can be grabbed."""

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

from physics.frame import Frame
from physics.geometry import Pose
from physics.looks import Look, lines_of
from physics.probe import Probe
from simulator import theme
from simulator.models import probe_body as solid
from simulator.models.body_raster import lit
from simulator.models.camera import Camera
from simulator.models.fibre_angle import FibreAngle
from simulator.views.body_painting import polygon
from simulator.views.locator import outline

GEL = QColor(88, 150, 190, 110)
MOST_PX = 220
"""The picture is drawn on the plane with no more rows or columns than this."""
FIBRE_M = 9e-3
"""Half the length of the line along the fibres."""
BEAM, FIBRE = QColor(theme.TEXT), QColor(theme.NOTICE)
SHADES = 32
KNOB_EMS = 0.42
"""Radius of a handle, in line heights."""


def _brushes(colour: QColor) -> list[QBrush]:
    """A colour from black to full light."""
    r, g, b = colour.red(), colour.green(), colour.blue()
    shades = [i / (SHADES - 1) for i in range(SHADES)]
    return [QBrush(QColor(round(r * s), round(g * s), round(b * s))) for s in shades]


PROBE, MARK = _brushes(QColor("#dfe6ee")), _brushes(QColor(theme.ACCENT).lighter(125))


@lru_cache(maxsize=16)
def _solid(probe: Probe) -> solid.Solid:
    return solid.probe_body(probe)


def texture(frame: Frame) -> QImage:
    """A small copy of the picture."""
    grey = np.ascontiguousarray(frame.picture)
    rows, columns = grey.shape
    whole = QImage(grey.data, columns, rows, columns, QImage.Format.Format_Grayscale8)
    share = min(1.0, MOST_PX / max(rows, columns))
    size = max(round(columns * share), 1), max(round(rows * share), 1)
    smooth = Qt.TransformationMode.SmoothTransformation
    return whole.scaled(*size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth).copy()


@lru_cache(maxsize=8)
def plane_outline(probe: Probe, depth_m: float) -> np.ndarray:
    """float64 [n, 3]: the outline of what the probe sees down to a depth, in the probe frame."""
    x, z = outline(lines_of(probe, Look()), 0.0, depth_m)
    return np.stack([x, np.zeros_like(x), z + probe.sagitta_m], axis=-1)


def draw_plane(
    painter: QPainter, camera: Camera, pose: Pose, outline_m: np.ndarray, shown: Frame | None,
    image: QImage | None,
) -> None:  # fmt: skip
    """The image plane, with the picture that was made of it as long as it still belongs there."""
    border = polygon(camera.project(outline_m)[0])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(10, 14, 18, 150))
    painter.drawPolygon(border)
    if shown is not None and image is not None:
        painter.save()
        clip = QTransform()
        sagitta = shown.probe.sagitta_m
        left, right, top, bottom = shown.bounds_m
        corners = np.array(
            [[left, 0, top], [right, 0, top], [right, 0, bottom], [left, 0, bottom]], float
        )
        corners[:, 2] += sagitta
        on_screen = polygon(camera.project(solid.in_body(pose, corners))[0])
        width, height = float(image.width()), float(image.height())
        source = QPolygonF(
            [QPointF(0, 0), QPointF(width, 0), QPointF(width, height), QPointF(0, height)]
        )
        path = QPainterPath()
        path.addPolygon(border)
        painter.setClipPath(path)
        if QTransform.quadToQuad(source, on_screen, clip):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.setTransform(clip, True)
            painter.drawImage(QPointF(0, 0), image)
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.TEXT), 1.0))
    painter.drawPolygon(border)
    painter.setPen(QPen(QColor(theme.ACCENT), 3.0))  # the marker's side
    painter.drawLine(border.at(0), border.at(border.size() - 1))


def draw_fibres(painter: QPainter, camera: Camera, pose: Pose, probe: Probe, found: FibreAngle
                ) -> None:  # fmt: skip
    """The central beam down to the focus, and the way the fibres run there."""
    sagitta = probe.sagitta_m
    beam = solid.in_body(pose, np.array([[0.0, 0.0, sagitta], [0.0, 0.0, found.depth_m]]))
    way = np.array(found.fibre) * FIBRE_M
    run = np.stack([beam[1] - way, beam[1] + way])
    for line, colour, width in ((beam, BEAM, 1.4), (run, FIBRE, 2.6)):
        ends, _ = camera.project(line)
        pen = QPen(colour, width)
        if line is beam:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(*ends[0]), QPointF(*ends[1]))


def draw_gel(painter: QPainter, camera: Camera, pose: Pose, probe: Probe) -> None:
    """The gel between face and skin."""
    if pose.standoff_m <= 0:
        return
    half, thick = solid.half_face_m(probe) + solid.RIM_M, 7e-3
    ring = np.array([(-half, -thick), (half, -thick), (half, thick), (-half, thick)])
    upper = solid.in_body(pose, np.column_stack([ring, np.zeros(4)]))
    lower = upper.copy()
    lower[:, 2] = 0.0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(GEL)
    upper_px, lower_px = camera.project(upper)[0], camera.project(lower)[0]
    for i in range(4):
        j = (i + 1) % 4
        painter.drawPolygon(polygon(np.array([upper_px[i], upper_px[j], lower_px[j], lower_px[i]])))


def draw_probe(painter: QPainter, camera: Camera, pose: Pose, probe: Probe) -> np.ndarray:
    """The housing; returns the corners of it that are seen on the screen, float64 [n, 2]."""
    body = _solid(probe)
    corners = solid.in_body(pose, body.corners_m)
    normals = body.normals @ pose.rotation.T
    px, near = camera.project(corners)
    seen = np.einsum("ij,ij->i", normals, camera.eye_m - corners[:, 0]) > 0
    shades = np.round(lit(normals) * (SHADES - 1)).astype(int)
    order = np.argsort(near.mean(axis=1))
    for i in order[seen[order]].tolist():
        brush = (MARK if body.is_mark[i] else PROBE)[shades[i]]
        painter.setPen(QPen(brush, 0.8))  # over the seams
        painter.setBrush(brush)
        painter.drawConvexPolygon(polygon(px[i]))
    return np.asarray(px[seen].reshape(-1, 2))


def hull(points: np.ndarray) -> QPolygonF:
    """Convex hull (A. M. Andrew's monotone chain)."""
    ordered = sorted(map(tuple, points.tolist()))

    def half(places: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        chain: list[tuple[float, ...]] = []
        for p in places:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], p) <= 0:
                chain.pop()
            chain.append(p)
        return chain[:-1]

    return QPolygonF([QPointF(x, y) for x, y in half(ordered) + half(ordered[::-1])])


def _turn(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def draw_ring(painter: QPainter, camera: Camera, pose: Pose, probe: Probe, hot: bool) -> np.ndarray:
    """The ring that turns the probe; returns its points on the screen, from the marker's end."""
    px, _ = camera.project(solid.ring(pose, probe))
    colour = QColor(theme.ACCENT)
    if not hot:
        colour.setAlpha(170)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 3.0 if hot else 1.6))
    painter.drawPolyline(polygon(px))
    return px


def draw_knob(painter: QPainter, at: QPointF, em: float, hot: bool) -> None:
    """A handle to be dragged any way."""
    painter.setPen(QPen(QColor("#0b0e11"), 1))
    painter.setBrush(QColor(theme.TEXT if hot else theme.ACCENT))
    radius = KNOB_EMS * em
    painter.drawEllipse(at, radius, radius)


def draw_arrow(painter: QPainter, upper: QPointF, lower: QPointF, em: float, hot: bool) -> None:
    """An arrow with two heads."""
    painter.setPen(QPen(QColor(theme.TEXT if hot else theme.ACCENT), 3.0 if hot else 2.0))
    painter.drawLine(upper, lower)
    way = upper - lower
    length = math.hypot(way.x(), way.y()) or 1.0
    way = way / length * 0.38 * em
    aside = QPointF(-way.y(), way.x())
    for tip, back in ((upper, -1), (lower, 1)):
        painter.drawLine(tip, tip + way * back + aside * 0.8)
        painter.drawLine(tip, tip + way * back - aside * 0.8)
