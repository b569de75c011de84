"""Shapes of the insight overlays, painted over the picture; geometry comes from the models."""

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.frame import Frame
from physics.inside import BeamShape
from physics.scan_lines import ScanLines
from simulator import theme
from simulator.models.insight import EVERY, Insight, Spot
from simulator.views.locator import outline
from simulator.views.number_control import number_text
from simulator.views.overlays import write_near
from simulator.views.picture_map import PictureMap
from simulator.views.tissue_kinds import kind_of
from simulator.words import translate

BEAM, FOCUS, LENS, RAYS = "#58a6d8", theme.NOTICE, "#f0e442", "#56b4e9"
_SHADE = QColor(11, 14, 17, 170)
LOW_DB = -20.0
"""Level of the outer edge of the beam that is drawn."""
WASH = np.array([[0, 114, 178], [240, 228, 66], [213, 94, 0]], float)
"""Colours of the fibre angle: square on, half-way, oblique (Okabe and Ito 2008)."""
OBLIQUE_DEG = 30.0
"""As far from square on, or farther, as the last colour stands for. Chosen for teaching."""
_WASH_ALPHA = 120


def to_px(place: PictureMap, x_m: np.ndarray, z_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of places in the probe frame."""
    x = place.x_px(0.0) + place.to_right * place.px_per_mm * 1e3 * np.asarray(x_m, float)
    return x, place.z_px(0.0) + place.px_per_mm * 1e3 * np.asarray(z_m, float)


def path_of(place: PictureMap, x_m: np.ndarray, z_m: np.ndarray, connect: str) -> QPainterPath:
    """A path through places: `connect` "all", or "pairs" for a piece between every two of them."""
    x, y = to_px(place, x_m, z_m)
    path: QPainterPath = pg.functions.arrayToQPath(x, y, connect=connect)
    return path


def pieces_of(
    place: PictureMap, x_m: np.ndarray, z_m: np.ndarray, dashed: bool = False
) -> QPainterPath:
    """A curve as pieces between neighbours, without those to nan: Qt strokes a long path several
    times slower."""
    places = np.stack([x_m, z_m], axis=1)
    ends = np.stack([places[:-1], places[1:]], axis=1)
    kept = np.isfinite(ends).all(axis=(1, 2))
    if dashed:
        kept &= np.arange(len(kept)) % 4 < 2
    ends = ends[kept].reshape(-1, 2)
    return path_of(place, ends[:, 0], ends[:, 1], "pairs")


def clip_to_field(painter: QPainter, place: PictureMap, frame: Frame) -> None:
    """Paint only where lines go."""
    if frame.lines.is_plain:
        painter.setClipRect(picture_rect(place))
    else:
        painter.setClipPath(field_path(place, frame))


def picture_rect(place: PictureMap) -> QRectF:
    """The picture on the screen."""
    width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
    return QRectF(place.left_px, place.top_px, width, height)


def field_path(place: PictureMap, frame: Frame) -> QPainterPath:
    """What lines cover in the picture."""
    lines, steep = frame.lines, 1.0
    if not lines.is_convex:
        steep = math.cos(float(np.abs(lines.angle(lines.edge_u)).max()))
    top_m = frame.settings.top_m if lines.is_convex else 0.0
    x, z = outline(lines, top_m, frame.settings.depth_m / steep)
    path = path_of(place, x, z, "all")
    path.closeSubpath()
    picture = QPainterPath()
    picture.addRect(picture_rect(place))
    return path.intersected(picture)


def draw_path(
    painter: QPainter,
    path: QPainterPath,
    colour: str,
    width: float,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """A line with a dark rim, to be seen on bright tissue too."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_SHADE, width + 1.6))
    painter.drawPath(path)
    painter.setPen(QPen(QColor(colour), width, style))
    painter.drawPath(path)


def draw_anatomy(painter: QPainter, place: PictureMap, insight: Insight) -> None:
    """Borders in the colour of the kind of tissue on top, and rings round wires."""
    assert insight.frame is not None
    medium = insight.frame.medium
    kinds: dict[str, list[np.ndarray]] = {}
    for region, segments in insight.borders().items():
        tissue = medium.tissues.names[int(medium.region_tissue[region])]
        kinds.setdefault(kind_of(tissue).colour, []).append(segments)
    for colour, parts in kinds.items():
        ends = np.concatenate(parts).reshape(-1, 2)
        draw_path(painter, path_of(place, ends[:, 0], ends[:, 1], "pairs"), colour, 1.6)
    x, y = to_px(place, medium.point_x_m, medium.point_z_m + medium.z0_m)
    radius = 0.5 * QFontMetricsF(painter.font()).height()
    for dark in (True, False):
        painter.setPen(QPen(_SHADE if dark else QColor(kind_of("wire").colour), 3 if dark else 1.4))
        for px, py in zip(x, y, strict=True):
            painter.drawEllipse(QPointF(px, py), radius, radius)


def wash_image(angles: np.ndarray) -> QImage:
    """Colours of fibre angles [n_x, n_z], rad: one pixel each, clear where there are no fibres."""
    off = np.clip(np.abs(90.0 - np.degrees(angles.T)) / OBLIQUE_DEG, 0.0, 1.0)
    fibrous = np.isfinite(off)
    off = np.where(fibrous, off, 0.0)
    rgba = np.zeros((*off.shape, 4), np.uint8)
    for channel in range(3):
        rgba[..., channel] = np.interp(off, (0.0, 0.5, 1.0), WASH[:, channel])
    rgba[..., 3] = np.where(fibrous, _WASH_ALPHA, 0)
    image = QImage(rgba.tobytes(), off.shape[1], off.shape[0], QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def draw_wash(painter: QPainter, place: PictureMap, insight: Insight, image: QImage) -> None:
    """The fibre angle laid over fibrous tissue."""
    assert insight.frame is not None
    medium = insight.frame.medium
    step = EVERY * np.array([medium.dx_m, medium.dz_m])
    first = np.array([medium.x0_m, medium.z0_m]) - step / 2
    last = first + step * np.array([image.width(), image.height()])
    (left, right), (top, bottom) = to_px(
        place, np.array([first[0], last[0]]), np.array([first[1], last[1]])
    )
    if place.flipped:
        image, left, right = image.transformed(QTransform.fromScale(-1, 1)), right, left
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(left, top, right - left, bottom - top), image)


def draw_rays(painter: QPainter, place: PictureMap, rays: Sequence[np.ndarray]) -> None:
    """Paths of sound from the face; a dot where one is thrown back as a whole."""
    if not rays:
        return
    ends = np.concatenate([np.stack([r[:-1], r[1:]], axis=1).reshape(-1, 2) for r in rays])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(RAYS), 1.3))  # pairs: long paths take Qt six times longer
    painter.drawPath(path_of(place, ends[:, 0], ends[:, 1], "pairs"))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(RAYS))
    longest = max(len(ray) for ray in rays)
    for ray in rays:
        if len(ray) < longest:
            x, y = to_px(place, ray[-1:, 0], ray[-1:, 1])
            painter.drawEllipse(QPointF(x[0], y[0]), 3.0, 3.0)


def beside(
    lines: ScanLines, u: float, away: np.ndarray, range_m: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Places on the wavefront of the line at u, `away` (in u) beside it."""
    ahead = lines.ahead_m(np.array(u)) - lines.ahead_m(u + away)
    return lines.place(u + away, range_m + ahead)


def draw_beam(
    painter: QPainter, place: PictureMap, insight: Insight, spot: Spot, shape: BeamShape
) -> None:
    """Edges of one line's beam at -6 and -20 dB, and its focal zones."""
    frame = insight.frame
    assert frame is not None
    lines, u = frame.lines, float(frame.lines.u[spot.line])
    edges, shown = _edges(frame, shape)
    inner = edges[HALF_AMPLITUDE_DB]
    there = np.isfinite(inner).all(axis=0)
    sides = [beside(lines, u, side[there], shown[there]) for side in inner]
    x = np.concatenate([sides[0][0], sides[1][0][::-1]])
    z = np.concatenate([sides[0][1], sides[1][1][::-1]])
    colour = QColor(BEAM)
    colour.setAlpha(70)
    painter.fillPath(path_of(place, x, z, "all"), colour)
    for db, pair in edges.items():
        for side in pair:
            x, z = beside(lines, u, side, shown)
            draw_path(painter, pieces_of(place, x, z, dashed=db == LOW_DB), BEAM, 1.4)
    for begin, end in insight.focal_zones_m():
        zone = np.linspace(begin, min(end, frame.settings.depth_m), 12)
        for side in edges[LOW_DB]:
            away = np.interp(zone, shown, np.nan_to_num(side, nan=0.0))
            x, z = beside(lines, u, 1.25 * away, zone)
            draw_path(painter, pieces_of(place, x, z), FOCUS, 3.0)


def _edges(frame: Frame, shape: BeamShape) -> tuple[dict[float, np.ndarray], np.ndarray]:
    """Edges by level, and the ranges they are shown at; not of the first wavelengths."""
    shown = shape.range_m * (frame.settings.machine_speed_m_s / MACHINE_SPEED_M_S)
    kept = (shown <= 1.2 * frame.settings.depth_m) & (shown >= 1.5e-3)
    return {db: shape.edges(db)[:, kept] for db in (HALF_AMPLITUDE_DB, LOW_DB)}, shown[kept]


def draw_widths(
    painter: QPainter, place: PictureMap, frame: Frame, spot: Spot, shape: BeamShape
) -> None:
    """How wide the beam is at the spot."""
    edges, shown = _edges(frame, shape)
    lines, u = frame.lines, float(frame.lines.u[spot.line])
    texts = []
    for db, pair in edges.items():
        away = np.array([np.interp(spot.range_m, shown, side) for side in pair])
        x, z = beside(lines, u, away, np.full(2, spot.range_m))
        draw_path(painter, path_of(place, x, z, "all"), theme.TEXT, 1.4)
        wide_mm = 1e3 * float(np.hypot(*np.diff(np.stack([x, z]), axis=1).ravel()))
        width = number_text(wide_mm, 2, "mm") if math.isfinite(wide_mm) else "\N{EN DASH}"
        texts.append(f"{number_text(round(db), 0, 'dB')}: {width}")
    x, z = lines.place(np.array(u), np.array(spot.range_m))
    px, py = to_px(place, x, z)
    write_near(painter, place, QPointF(float(px), float(py)), texts, QColor(theme.TEXT))


def draw_foci(painter: QPainter, place: PictureMap, frame: Frame) -> None:
    """Where the machine sends its focus to, and where the lens focuses the slice."""
    lens_m = frame.probe.elevation_focus_m
    marks = [(focus_m, FOCUS, Qt.PenStyle.SolidLine, translate("Insight", "focus %1"))
             for focus_m in frame.foci_m]  # fmt: skip
    marks.append((lens_m, LENS, Qt.PenStyle.DashDotLine,
                  translate("Insight", "lens of the slice %1")))  # fmt: skip
    lines = frame.lines
    left, right = lines.edge_u
    u = np.linspace(left, right, 41)
    thin = slice(None, None, 40 if lines.is_plain else 1)
    labels = []
    for depth_m, colour, style, text in marks:
        if not frame.settings.top_m <= depth_m <= frame.settings.depth_m:
            continue
        x, z = lines.place(u, np.full(u.size, depth_m))
        draw_path(painter, path_of(place, x[thin], z[thin], "all"), colour, 1.4, style)
        at = -2 if colour == LENS else 1
        px, py = to_px(place, x[at], z[at])
        label = text.replace("%1", number_text(1e3 * depth_m, 1, "mm"))
        labels.append((QPointF(float(px), float(py)), label, QColor(colour)))
    painter.setClipping(False)
    for place_px, label, ink in labels:
        write_near(painter, place, place_px, [label], ink)


def draw_line(painter: QPainter, place: PictureMap, frame: Frame, spot: Spot) -> None:
    """The line whose signal is shown, and the depth pointed at."""
    u = np.full(2, float(frame.lines.u[spot.line]))
    x, z = frame.lines.place(u, np.array([0.0, 1.2 * frame.settings.depth_m]))
    draw_path(painter, path_of(place, x, z, "all"), theme.TEXT, 1.0, Qt.PenStyle.DotLine)
    x, z = frame.lines.place(u[:1], np.array([spot.range_m]))
    px, py = to_px(place, x, z)
    painter.setPen(QPen(QColor(theme.TEXT), 1.6))
    at = QPointF(px[0], py[0])
    painter.drawPolyline(QPolygonF([at - QPointF(7, 0), at + QPointF(7, 0)]))
