"""A small drawing of the whole field with the part of it that is scanned: where a zoom looks."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from physics.frame import Frame
from physics.scan_lines import ScanLines
from simulator import theme
from simulator.views.picture_map import PictureMap

Places = tuple[np.ndarray, np.ndarray]


def shows_part(frame: Frame) -> bool:
    """Whether the picture shows less than the probe could see down to this depth."""
    return frame.settings.width_share < 1 or frame.settings.top_m > 0


def outline(lines: ScanLines, top_m: float, bottom_m: float) -> Places:
    """x and z round what these lines cover between two ranges, m."""
    left, right = lines.edge_u
    u = np.linspace(left, right, 17)
    x0, z0 = lines.place(u, np.full_like(u, top_m))
    x1, z1 = lines.place(u[::-1], np.full_like(u, bottom_m))
    return np.concatenate([x0, x1]), np.concatenate([z0, z1])


def whole_and_part(frame: Frame) -> tuple[Places, Places]:
    """Outlines of the whole field and of the part of it that is scanned."""
    lines, settings, probe = frame.lines, frame.settings, frame.probe
    n_all = round(probe.n_element * probe.pitch_u / lines.step_u)
    whole = replace(lines, n=n_all, centre_u=0.0)
    return outline(whole, 0.0, settings.depth_m), outline(lines, settings.top_m, settings.depth_m)


def draw_locator(
    painter: QPainter, box: QRectF, frame: Frame, zoomed: PictureMap | None, flipped: bool
) -> None:
    """The drawing, as large as fits into `box`, at its lower left.

    zoomed : what a read zoom shows of the picture; None: all of it.
    """
    whole, part = whole_and_part(frame)
    if zoomed is not None:
        x = np.array([zoomed.left_mm, zoomed.right_mm, zoomed.right_mm, zoomed.left_mm]) * 1e-3
        z = np.array([zoomed.top_mm, zoomed.top_mm, zoomed.bottom_mm, zoomed.bottom_mm]) * 1e-3
        whole = whole if shows_part(frame) else part
        part = x, z
    if flipped:
        whole, part = (-whole[0], whole[1]), (-part[0], part[1])
    left, top = float(whole[0].min()), float(whole[1].min())
    wide, high = float(np.ptp(whole[0])), float(np.ptp(whole[1]))
    scale = min(box.width() / wide, box.height() / high)

    def polygon(places: Places) -> QPolygonF:
        x_px = box.left() + (places[0] - left) * scale
        y_px = box.bottom() + (places[1] - top - high) * scale
        return QPolygonF([QPointF(x, y) for x, y in zip(x_px, y_px, strict=True)])

    painter.setPen(QPen(QColor(theme.QUIET), 1))
    painter.setBrush(QColor("#161b20"))
    painter.drawPolygon(polygon(whole))
    painter.setPen(QPen(QColor(theme.ACCENT), 1.4))
    fill = QColor(theme.ACCENT)
    fill.setAlpha(70)
    painter.setBrush(fill)
    painter.drawPolygon(polygon(part))
