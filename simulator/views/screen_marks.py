"""What a scanner draws around its picture: ruler, focus mark, TGC curve, grey bar, probe, text."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QLinearGradient, QPainter, QPen, QPolygonF

from physics.acoustic_output import AcousticOutput
from physics.frame import Frame
from physics.grey_maps import load_grey_maps
from physics.settings import KNOBS, ScanSettings
from simulator import theme
from simulator.desk import Display
from simulator.faults import MASK
from simulator.views.knob_control import knob_is_signed, knob_label, translated
from simulator.views.number_control import number_text
from simulator.views.picture_map import PictureMap
from simulator.words import translate

READ_OUTS = ("frequency_mhz", "depth_mm", "focus_mm", "gain_db", "dynamic_range_db", "power_db")
_LOOKS = ("harmonic", "compound_angles", "trapezoid", "steer_deg")
READ_OUTS_IF_ON = tuple(
    k.name for k in KNOBS.values() if k.group in ("lines", "image") or k.name in _LOOKS
)
"""Said only when they are not at their default: a plain picture needs no words about them."""
GREY_BAR_STEP = 15
"""Greys between two colours of the grey bar; divides 255."""
TGC_LOWEST_DB, TGC_SPAN_DB = -20.0, 120.0
"""Gain at the left edge of the TGC curve's strip, and from there to the right edge."""
NAMES_MM = (1, 2, 5, 10, 20, 50)
"""Distances between numbers on the depth ruler, to choose from."""


@dataclass(frozen=True)
class Layout:
    """Places around the picture, px, all in lines of text of height `em`."""

    em: float
    narrow: bool = False
    """In a narrow view the picture takes the room of the TGC curve, which the sliders show too."""
    line_px: float = 1.0
    """Width of the thinnest lines: more where they are projected."""

    @property
    def margins(self) -> tuple[float, float, float, float]:
        """Left (text and grey bar), top (title and probe), right (ruler and TGC), bottom."""
        right = (4.5 if self.narrow else 7.6) * self.em
        return (8.4 if self.narrow else 10.2) * self.em, 4.6 * self.em, right, 1.2 * self.em

    @property
    def band(self) -> float:
        """Height of the probe above the picture: the part to grab."""
        return 2.3 * self.em

    def locator(self, top_px: float, height_px: float) -> QRectF | None:
        """Where a picture of a part says which part, in a view of this height: below the
        read-outs, down to the frame rate. None where there is no room."""
        box = QRectF(0.8 * self.em, height_px - 7.2 * self.em, 6.5 * self.em, 6.4 * self.em)
        read_outs = (1.35 * 3 + 0.8 + 2.5 * (len(READ_OUTS) + 2)) * self.em
        return box if box.top() >= top_px + read_outs else None

    @property
    def ruler(self) -> float:
        """Width of the depth ruler, right of the picture."""
        return 4.0 * self.em


def draw_probe(
    painter: QPainter, place: PictureMap, frame: Frame, layout: Layout, *, hot: bool
) -> None:
    """The probe's face along the top of the picture, with end caps; it is there to be grabbed.

    A picture that begins deeper has the probe above it with a broken line between: out of sight.
    """
    afar = _is_afar(place, frame)
    face = _face_px(place, frame, layout)
    (left, skin), right = face[0], face[-1][0]
    tall, cap = layout.band, 0.55 * layout.em
    grey = QColor("#dfe7ef" if hot else "#b9c4cf")
    curved = frame.probe.is_convex and not afar
    shell = [(x, y - 2) for x, y in reversed(face)] if curved else []
    shell += [(left - cap, skin - 2), (left - cap, skin - 0.45 * tall)]
    shell += [(left + 1.6 * tall, skin - tall), (right - 1.6 * tall, skin - tall)]
    shell += [(right + cap, skin - 0.45 * tall), (right + cap, skin - 2)]
    fill = QLinearGradient(0, skin - tall, 0, skin)
    fill.setColorAt(0.0, QColor("#22282e"))
    fill.setColorAt(1.0, QColor("#4a545e" if hot else "#39424b"))
    painter.setPen(QPen(QColor("#59646f"), 1))
    painter.setBrush(fill)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in shell]))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(grey)
    if afar:
        painter.setPen(QPen(grey, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(left, place.top_px - 2), QPointF(right, place.top_px - 2))
        painter.setPen(Qt.PenStyle.NoPen)
    elif curved:
        painter.setPen(QPen(grey, 4))
        painter.drawPolyline(QPolygonF([QPointF(x, y - 3) for x, y in face]))
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.drawRect(QRectF(left, skin - 5, right - left, 4))
    painter.drawRoundedRect(QRectF(left - cap, skin - 0.5 * tall, cap, 0.5 * tall), 2, 2)
    painter.drawRoundedRect(QRectF(right, skin - 0.5 * tall, cap, 0.5 * tall), 2, 2)
    painter.setPen(QColor("#dfe7ef" if hot else "#9aa7b4"))
    hint = translate("ImageView", "drag: slide    Shift + drag: heel-toe")
    if painter.fontMetrics().horizontalAdvance(hint) > right - left - 2 * layout.em:
        hint = translate("ImageView", "drag")
    painter.drawText(QRectF(left, skin - tall, right - left, tall - 5),
                     Qt.AlignmentFlag.AlignCenter, hint)  # fmt: skip


def _face_px(place: PictureMap, frame: Frame, layout: Layout) -> list[tuple[float, float]]:
    """What has lines of the face, on the screen, from left to right. Out of sight it is drawn flat
    above the picture, as wide as that."""
    if _is_afar(place, frame):
        y = place.top_px - 0.4 * layout.em
        return [(place.left_px, y), (place.right_px, y)]
    left, right = frame.lines.edge_u
    x_m, z_m = frame.lines.place(np.linspace(left, right, 49), np.zeros(49))
    face = [(place.x_px(1e3 * x), place.z_px(1e3 * z)) for x, z in zip(x_m, z_m, strict=True)]
    face = face[:: place.to_right]
    if place.right_mm - place.left_mm > 1e3 * (frame.right_m - frame.left_m) - 1e-6:
        return face
    return [(min(max(x, place.left_px), place.right_px), y) for x, y in face]  # a read zoom


def _is_afar(place: PictureMap, frame: Frame) -> bool:
    """Whether the probe's face is above what is shown."""
    return frame.settings.top_m > 0 or place.top_mm > 1e3 * frame.top_m + 1e-6


def draw_marker_dot(painter: QPainter, place: PictureMap, layout: Layout) -> None:
    """The dot that tells which end of the picture the probe's marker is at."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.ACCENT))
    x = place.right_px + 1.3 * layout.em if place.flipped else place.left_px - 1.3 * layout.em
    centre = QPointF(x, place.top_px - 0.9 * layout.em)
    painter.drawEllipse(centre, 0.38 * layout.em, 0.38 * layout.em)


def draw_ruler(painter: QPainter, place: PictureMap, layout: Layout) -> None:
    """Depth in mm at the right, ticks every cm below: the picture's two scales are one."""
    em = layout.em
    usable = [d for d in NAMES_MM if d * place.px_per_mm >= 2.2 * em]
    shallowest = max(place.top_mm, 0.0)
    usable = [d for d in usable if place.bottom_mm - shallowest <= 20 or d >= 5]
    named = usable[0] if usable else NAMES_MM[-1]
    fine = next((d for d in NAMES_MM if d * place.px_per_mm >= 5.0), named)
    painter.setPen(QPen(QColor(theme.QUIET), layout.line_px))
    x0 = place.right_px + 0.9 * em
    painter.drawLine(QPointF(x0, place.z_px(shallowest)), QPointF(x0, place.bottom_px))
    for depth in _multiples(fine, shallowest, place.bottom_mm):
        y = place.z_px(depth)
        length = 0.75 if depth % named == 0 else 0.5 if depth % 5 == 0 else 0.3
        painter.drawLine(QPointF(x0, y), QPointF(x0 + length * em, y))
    painter.setPen(QColor(theme.TEXT))
    numbers = _multiples(named, shallowest, place.bottom_mm)
    for depth in numbers:
        unit = "\N{NO-BREAK SPACE}mm" if depth == numbers[0] else ""
        rect = QRectF(x0 + em, place.z_px(depth) - em, 4 * em, 2 * em)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, f"{depth}{unit}")
    painter.setPen(QPen(QColor(theme.QUIET), layout.line_px))
    first = math.ceil(place.left_mm / 5) * 5
    for x in range(first, math.floor(place.right_mm) + 1, 5):
        y, length = place.bottom_px + 0.2 * em, 0.55 if x % 10 == 0 else 0.3
        painter.drawLine(QPointF(place.x_px(x), y), QPointF(place.x_px(x), y + length * em))


def _multiples(step: int, low: float, high: float) -> range:
    """Multiples of a whole number from low to high."""
    return range(step * math.ceil(low / step - 1e-6), int(high + 1e-6) + 1, step)


def focus_mark(place: PictureMap, layout: Layout, focus_mm: float) -> QPolygonF:
    """The triangle on the depth scale that points at the focus."""
    em = layout.em
    x, y = place.right_px + 0.12 * em, place.z_px(focus_mm)
    corners = [(x, y), (x + 0.78 * em, y - 0.5 * em), (x + 0.78 * em, y + 0.5 * em)]
    return QPolygonF([QPointF(a, b) for a, b in corners])


def draw_foci(
    painter: QPainter, place: PictureMap, layout: Layout, foci_mm: Iterable[float], *, hot: bool
) -> None:
    """A mark for every focal zone in the picture; brighter when they can be grabbed."""
    painter.setPen(QPen(QColor("#0b0e11"), 1))
    painter.setBrush(QColor("#ffd980" if hot else theme.NOTICE))
    for focus_mm in foci_mm:
        if place.top_mm - 1e-6 <= focus_mm <= place.bottom_mm + 1e-6:
            painter.drawPolygon(focus_mark(place, layout, focus_mm))


def draw_tgc(
    painter: QPainter, place: PictureMap, layout: Layout, frame: Frame, *, strong: bool
) -> None:
    """Gain over depth, in a strip beside the ruler; brighter while a slider moves."""
    if layout.narrow:
        return
    width = 2.6 * layout.em
    x0 = place.right_px + layout.ruler + 0.8 * layout.em
    colour = QColor(theme.ACCENT if strong else "#6f8798")
    painter.setPen(QPen(QColor("#2c343c"), layout.line_px))
    zero = x0 - TGC_LOWEST_DB / TGC_SPAN_DB * width
    painter.drawLine(QPointF(zero, place.top_px), QPointF(zero, place.bottom_px))
    depth_mm = frame.sample_z_m[:: max(1, len(frame.sample_z_m) // 128)] * 1e3
    gain_db = frame.tgc_curve_db[:: max(1, len(frame.sample_z_m) // 128)]
    inside = (depth_mm >= max(place.top_mm, 0)) & (depth_mm <= place.bottom_mm)
    share = np.clip((gain_db - TGC_LOWEST_DB) / TGC_SPAN_DB, 0.0, 1.0)
    points = [
        QPointF(x0 + float(s) * width, place.z_px(float(z)))
        for s, z in zip(share[inside], depth_mm[inside], strict=True)
    ]
    painter.setPen(QPen(colour, layout.line_px * (2.2 if strong else 1.4)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))
    painter.setPen(colour)
    painter.drawText(QRectF(x0 - layout.em, place.top_px - 1.7 * layout.em, 5 * layout.em,
                            1.5 * layout.em), Qt.AlignmentFlag.AlignLeft, "TGC")  # fmt: skip


def draw_grey_bar(painter: QPainter, place: PictureMap, layout: Layout, grey_map: str) -> None:
    """White to black as the picture uses them: the highest level above, through the grey map."""
    height = min(0.42 * (place.bottom_px - place.top_px), 14 * layout.em)
    bar = QRectF(place.left_px - 1.75 * layout.em, place.top_px + 1.2 * layout.em,
                 0.9 * layout.em, height)  # fmt: skip
    fill = QLinearGradient(bar.topLeft(), bar.bottomLeft())
    table = load_grey_maps()[grey_map].table
    for level in range(0, 256, GREY_BAR_STEP):
        grey = int(table[level])
        fill.setColorAt(1.0 - level / 255, QColor(grey, grey, grey))
    painter.setPen(QPen(QColor("#59646f"), 1))
    painter.setBrush(fill)
    painter.drawRect(bar)


def output_texts(output: AcousticOutput) -> tuple[str, ...]:
    """The safety indices as scanners write them, to the nearest 0.1; names are the standard's."""
    indices = (("MI", output.mi), ("TIS", output.tis), ("TIB", output.tib))
    return tuple(f"{name} {number_text(value, 1, '')}" for name, value in indices)


def draw_read_outs(
    painter: QPainter,
    place: PictureMap,
    layout: Layout,
    frame: Frame,
    display: Display,
    height_px: float,
    concealed: frozenset[str] = frozenset(),
) -> None:
    """Safety indices, probe, knobs and frame rate of the picture shown: what it was made with.

    Values of `concealed` knobs are masked. They may go on beside and below a small picture; in a
    low view the last ones are left out, never the indices.
    """
    em, left = layout.em, 0.8 * layout.em
    plain = painter.font()
    bold, small = QFont(plain), QFont(plain)
    bold.setBold(True)
    small.setPointSizeF(max(0.92 * plain.pointSizeF(), theme.least_points(painter)))
    painter.setFont(bold)
    painter.setPen(QColor(theme.TEXT))
    indices = output_texts(frame.output)
    for row, text in enumerate(indices):
        rect = QRectF(left, place.top_px + 1.35 * row * em, 8 * em, 1.4 * em)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, text)
    top_px = place.top_px + (1.35 * len(indices) + 0.8) * em
    rows = [(translate("ImageView", "Probe"), frame.probe.name)]
    if display.zoom > 1:
        zoom = translate("ImageView", "Read zoom")
        rows.append((zoom, f"\N{MULTIPLICATION SIGN}{number_text(display.zoom, 1, '')}"))
    shown = (_read_out(frame.settings, name) for name in READ_OUTS)
    rows += [
        (label, MASK if name in concealed else text)
        for name, (label, text) in zip(READ_OUTS, shown, strict=True)
    ]
    rate = translate("ImageView", "Frame rate")
    rows.append((rate, number_text(frame.frame_rate_hz, 0, "Hz")))
    default = ScanSettings()
    on = (
        n
        for n in READ_OUTS_IF_ON
        if frame.settings.display(n) != default.display(n) and n not in concealed
    )
    rows += [_read_out(frame.settings, name) for name in on]
    room = height_px - top_px
    pitch = min(max(room / len(rows), 2.5 * em), 2.9 * em)
    rows = rows[: int(room / pitch + 1e-6)]
    for row, (label, text) in enumerate(rows):
        y = top_px + row * pitch
        painter.setFont(small)
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(QRectF(left, y, 8 * em, 1.3 * em), Qt.AlignmentFlag.AlignLeft, label)
        painter.setFont(bold)
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(
            QRectF(left, y + 1.1 * em, 8 * em, 1.4 * em), Qt.AlignmentFlag.AlignLeft, text
        )
    painter.setFont(plain)


def _read_out(settings: ScanSettings, name: str) -> tuple[str, str]:
    """A knob's label and its value as text."""
    knob, value = KNOBS[name], settings.display(name)
    if knob.choices:
        return knob_label(knob), translated(value)
    text = number_text(value, knob.decimals, knob.unit, signed=knob_is_signed(knob))
    return knob_label(knob), text


def draw_title(painter: QPainter, layout: Layout, width_px: float, title: str, states: str) -> None:
    """The strip above: what is scanned, that it is no patient, and what state it is in."""
    em = layout.em
    plain = painter.font()
    bold = QFont(plain)
    bold.setBold(True)
    painter.setFont(bold)
    metrics = QFontMetricsF(bold)
    simulated = translate("ImageView", "SIMULATED")
    room = width_px - metrics.horizontalAdvance(simulated + states) - 5 * em
    title = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
    line = QRectF(0.8 * em, 0.5 * em, width_px - 1.6 * em, 1.4 * em)
    painter.setPen(QColor(theme.TEXT))
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft, title)
    painter.setPen(QColor(theme.QUIET))
    line.adjust(metrics.horizontalAdvance(title) + em, 0, 0, 0)
    painter.drawText(line, Qt.AlignmentFlag.AlignLeft, simulated)
    painter.setPen(QColor(theme.NOTICE))
    painter.drawText(line, Qt.AlignmentFlag.AlignRight, states)
    painter.setFont(plain)


def draw_caption(painter: QPainter, place: PictureMap, layout: Layout, text: str) -> None:
    """What has just changed, large, at the foot of the picture."""
    plain = painter.font()
    large = QFont(plain)
    large.setPointSizeF(1.5 * plain.pointSizeF())
    large.setBold(True)
    painter.setFont(large)
    metrics = QFontMetricsF(large)
    width, height = metrics.horizontalAdvance(text) + 2 * layout.em, 1.5 * metrics.height()
    centre = (place.left_px + place.right_px) / 2
    box = QRectF(centre - width / 2, place.bottom_px - height - layout.em, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(11, 14, 17, 205))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(theme.TEXT))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.setFont(plain)


def draw_late(painter: QPainter, place: PictureMap) -> None:
    """A border that says: this picture is older than the knobs."""
    painter.setPen(QPen(QColor(theme.NOTICE), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
    painter.drawRect(QRectF(place.left_px - 2, place.top_px - 1, width + 4, height + 3))
