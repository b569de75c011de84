"""Theory beside measurement, as a small table beside or over the picture."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from physics.comparison import Row
from simulator import theme
from simulator.models.insight import Spot
from simulator.views.number_control import number_text
from simulator.views.picture_map import PictureMap
from simulator.words import translate

_GROUND = QColor(11, 14, 17, 215)
_UNITS = {"attenuation": (1e-2, 1, "dB/cm"), "frame_rate": (1.0, 0, "Hz")}
"""Display units per SI unit, decimals, unit; of the others millimetres."""


def row_labels() -> dict[str, str]:
    """What each comparison is called."""
    return {
        "wavelength": translate("Insight", "Wavelength c/f"),
        "pulse_length": translate("Insight", "Pulse length \N{MINUS SIGN}6 dB"),
        "focus_width": translate("Insight", "Beam at the focus, \N{GREEK SMALL LETTER LAMDA}F"),
        "beam_width": translate("Insight", "Beam here, \N{MINUS SIGN}6 dB"),
        "wire_width": translate("Insight", "Wire here: beam, picture"),
        "attenuation": translate("Insight", "Loss there and back"),
        "frame_rate": translate("Insight", "Frame rate c/2zN"),
    }


def value_text(name: str, value: float) -> str:
    """A value with its unit; a dash where there is none."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    per_si, decimals, unit = _UNITS.get(name, (1e3, 2, "mm"))
    return number_text(value * per_si, decimals, unit)


def draw_theory(
    painter: QPainter, place: PictureMap, view: QRect, spot: Spot, rows: Sequence[Row]
) -> None:
    """The table right of the picture if there is room, else in that of its right corners which is
    farther from the spot."""
    if not rows:
        return
    plain = QFont(painter.font())
    plain.setPointSizeF(max(0.92 * plain.pointSizeF(), theme.least_points(painter)))
    bold = QFont(plain)
    bold.setBold(True)
    metrics = QFontMetricsF(bold)
    em = metrics.height()
    labels = row_labels()
    heads = ("", translate("Insight", "theory"), translate("Insight", "measured"))
    table = [(labels[r.name], value_text(r.name, r.theory), value_text(r.name, r.measured))
             for r in rows]  # fmt: skip
    wide = [max(metrics.horizontalAdvance(row[c]) for row in (heads, *table)) for c in range(3)]
    width, height = sum(wide) + 2.6 * em, (len(table) + 1) * 1.15 * em + 0.6 * em
    box = QRectF(0, 0, width, height)
    beside = place.right_px + 8.0 * em
    if beside + width <= view.right():
        box.moveTopLeft(QRectF(beside, place.top_px, 0, 0).topLeft())
    else:
        middle = (place.top_px + place.bottom_px) / 2
        low = place.z_px(1e3 * spot.z_m) < middle
        box.moveTop(place.bottom_px - height - 0.4 * em if low else place.top_px + 0.4 * em)
        box.moveRight(place.right_px - 0.4 * em)
    painter.fillRect(box, _GROUND)
    y = box.top() + 0.3 * em
    for number, row in enumerate((heads, *table)):
        x = box.left() + 0.6 * em
        for column, text in enumerate(row):
            quiet = number == 0 or column == 0
            painter.setFont(plain if quiet else bold)
            painter.setPen(QColor(theme.QUIET if quiet else theme.TEXT))
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            cell = QRectF(x, y, wide[column] + 1, 1.15 * em)
            painter.drawText(cell, side | Qt.AlignmentFlag.AlignVCenter, text)
            x += wide[column] + 0.7 * em
        y += 1.15 * em
