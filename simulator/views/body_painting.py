"""Paints the block of a body round its nets: edges, wires and the half transparent skin."""

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from phantoms.surfaces import Body
from simulator import theme
from simulator.models.body_raster import BodyRaster, Plane
from simulator.models.camera import Camera
from simulator.words import translate

SKIN, EDGE, GRID = QColor(222, 168, 142, 40), QColor(170, 145, 132, 170), QColor(222, 178, 158, 44)
WIRE = QColor(200, 210, 220, 170)
FAINT = 0.16
"""How much is left of what lies before an image plane that faces the camera."""
FACING = (0.15, 0.5)
"""Cosines between plane and camera: what lies before it fades from the first to the second."""
GRID_M = 10e-3


def polygon(points_px: np.ndarray) -> QPolygonF:
    """From float64 [n, 2]."""
    return QPolygonF([QPointF(x, y) for x, y in points_px.tolist()])


class BodyPainter:
    """One body as one camera sees it."""

    def __init__(
        self, body: Body, camera: Camera, size_px: tuple[int, int], *, draft: bool
    ) -> None:
        self.body, self.camera = body, camera
        self._size_px = size_px
        self._skin: QPixmap | None = None
        self.raster = BodyRaster(body, camera, size_px, draft=draft)
        (x0, y0, z0), (x1, y1, z1) = body.low_m, body.high_m
        around = ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
        corners = np.array([(x, y, z) for z in (z0, z1) for x, y in around])
        px = camera.project(corners)[0]
        self._top, self._bottom = px[:4], px[4:]
        wires = [((x, y0, z), (x, y1, z)) for x, z in body.wires_m.tolist()]
        tens = [((x, y0, 0.0), (x, y1, 0.0)) for x in _tens(x0, x1)]
        tens += [((x0, y, 0.0), (x1, y, 0.0)) for y in _tens(y0, y1)]
        off, x = 0.4 * GRID_M, x0 + 0.8 * (x1 - x0)  # to the right: the probe is in the middle
        places = {
            "left": (x0 - off, (y0 + y1) / 2, 0.0),
            "right": (x1 + off, (y0 + y1) / 2, 0.0),
            "near": ((x0 + x1) / 2, y1, z1 + off),
            "far": (x, y0 - off, 0.0),
        }
        self._sides = {
            side: QPointF(*camera.project(np.array(place))[0]) for side, place in places.items()
        }
        self._wires, self._grid = _lines(camera, wires), _lines(camera, tens)

    def draw_cut(self, painter: QPainter, picture: np.ndarray, opacity: float = 1.0) -> None:
        """Draw one of the two pictures that the plane cuts the body into (`BodyRaster.cut`)."""
        height, width = picture.shape
        image = QImage(picture.data, width, height, 4 * width,
                       QImage.Format.Format_ARGB32_Premultiplied)  # fmt: skip
        painter.setOpacity(opacity)
        scale = self.raster.scale
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale > 1)
        painter.drawImage(QRectF(0, 0, width * scale, height * scale), image)
        painter.setOpacity(1.0)

    def fading(self, plane: Plane) -> float:
        """How much is shown of what lies before the plane, 0 to 1."""
        facing = float(plane.normal @ self.camera.axes[2])
        return float(np.interp(facing, FACING, [1.0, FAINT]))

    def draw_block(self, painter: QPainter) -> None:
        """Edges below the skin, and wires."""
        painter.setPen(QPen(EDGE, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(polygon(self._bottom))
        for a, b in zip(self._top, self._bottom, strict=True):
            painter.drawLine(QPointF(*a), QPointF(*b))
        _draw(painter, self._wires, WIRE)

    def draw_skin(self, painter: QPainter) -> None:
        """The surface, half transparent, with lines every 10 mm; painted once for a camera."""
        if self._skin is None:
            self._skin = QPixmap(*self._size_px)
            self._skin.fill(Qt.GlobalColor.transparent)
            once = QPainter(self._skin)
            once.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_skin(once)
            once.end()
        painter.drawPixmap(0, 0, self._skin)

    def _paint_skin(self, painter: QPainter) -> None:
        painter.setPen(QPen(EDGE, 1.2))
        painter.setBrush(SKIN)
        painter.drawPolygon(polygon(self._top))
        _draw(painter, self._grid, GRID)

    def draw_sides(self, painter: QPainter, sides: Mapping[str, str]) -> None:
        """What lies on each side of the block."""
        for side, word in sides.items():
            write(painter, self._sides[side], translate("Side", word), QColor(theme.TEXT))


Lines = list[tuple[QPointF, QPointF]]
_End = tuple[float, float, float]


def _lines(camera: Camera, ends_m: list[tuple[_End, _End]]) -> Lines:
    if not ends_m:
        return []
    px = camera.project(np.array(ends_m))[0]
    return [(QPointF(*a), QPointF(*b)) for a, b in px.tolist()]


def _draw(painter: QPainter, lines: Lines, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1))
    for a, b in lines:
        painter.drawLine(a, b)


def _tens(low: float, high: float) -> list[float]:
    first, last = int(np.ceil(low / GRID_M)), int(np.floor(high / GRID_M))
    return [n * GRID_M for n in range(first, last + 1)]


def write(painter: QPainter, at: QPointF, text: str, colour: QColor, bold: bool = False) -> None:
    """A word centred at a point, on a dark ground, kept inside what is painted on."""
    plain = painter.font()
    font = QFont(plain)
    font.setBold(bold)
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    box = QRectF(0, 0, metrics.horizontalAdvance(text) + 6, metrics.height())
    box.moveCenter(at)
    room = painter.window()
    box.moveLeft(min(max(box.left(), 1.0), room.width() - box.width() - 1))
    box.moveTop(min(max(box.top(), 1.0), room.height() - box.height() - 1))
    painter.fillRect(box, QColor(11, 14, 17, 150))
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(plain)
