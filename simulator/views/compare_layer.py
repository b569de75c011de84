"""Paints the kept picture A over, or beside, the present one; its millimetres are those of B."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from simulator import theme
from simulator.models.comparison import A_ONLY, B_ONLY, BLINK, SIDE, WIPE, Comparison, Kept
from simulator.views import screen_marks as marks
from simulator.views.differences import Difference
from simulator.views.image_view import ImageView
from simulator.views.picture_map import PictureMap

GRIP_PX = 8.0
"""How far beside the wipe's edge a click still takes it."""
MOST_LINES = 4
"""Differing settings that are written into each picture."""
_SHADE = QColor(11, 14, 17, 190)


class CompareLayer(QWidget):
    """A clear sheet over the picture. A and B have one scale in mm, so a caliper is right in both:
    what of A lies beyond B's picture is not seen, and beyond A's own end there is black."""

    grabbed = Signal()
    """The edge is taken."""

    def __init__(self, comparison: Comparison, image: ImageView) -> None:
        super().__init__(image.viewport())
        self._comparison, self._image = comparison, image
        self._drawn: tuple[Kept | None, QImage | None] = (None, None)
        self._differences: tuple[Difference, ...] = ()
        self._dragging, self._phase = False, False
        self._blink = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._blink.timeout.connect(self._turn)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        image.viewport().installEventFilter(self)
        comparison.changed.connect(self._follow)
        self.hide()

    def tell(self, differences: tuple[Difference, ...]) -> None:
        """Write these beside the letters A and B."""
        self._differences = differences
        self.update()

    @property
    def shows_a(self) -> bool:
        """Whether A covers the whole picture just now."""
        mode = self._comparison.mode
        return mode == A_ONLY or (mode == BLINK and self._phase)

    @property
    def edge_px(self) -> float | None:
        """Where on the screen the wipe's edge is; None if there is none."""
        place = self._image.place
        if place is None or self._comparison.mode != WIPE or self._comparison.kept is None:
            return None
        return place.left_px + self._comparison.edge * (place.right_px - place.left_px)

    @Slot()
    def _turn(self) -> None:
        self._phase = not self._phase
        self.update()

    @Slot()
    def _follow(self) -> None:
        mode, kept = self._comparison.mode, self._comparison.kept
        self._image.leave_room_for(kept.frame if kept is not None and mode == SIDE else None)
        interval_ms = round(1000 / self._comparison.rate_hz)
        if mode != BLINK:
            self._blink.stop()
            self._phase = False
        elif not self._blink.isActive() or self._blink.interval() != interval_ms:
            self._blink.start(interval_ms)
        self.setGeometry(self._image.viewport().rect())
        self.setVisible(kept is not None and mode != B_ONLY)
        self.update()

    # --- painting --------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        place, kept = self._image.place, self._comparison.kept
        if place is None or kept is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self._image.letters)
        font.setBold(True)
        painter.setFont(font)
        mode, whole, beside = self._comparison.mode, _rect(place), self._image.place_beside
        if mode == SIDE and beside is not None:
            self._paint(painter, kept, beside, _rect(beside))
            self._write(painter, "A", _rect(beside))
            self._write(painter, "B", whole)
        elif mode == WIPE and (edge_px := self.edge_px) is not None:
            part = QRectF(whole.left(), whole.top(), edge_px - whole.left(), whole.height())
            self._paint(painter, kept, place, part.adjusted(-1, -1, 0, 1))
            painter.setPen(QPen(QColor(theme.ACCENT), max(2.0, self._image.marks_layout.line_px)))
            painter.drawLine(QPointF(edge_px, whole.top()), QPointF(edge_px, whole.bottom()))
            self._write(painter, "A", part)
            self._write(painter, "B", whole, right=True)
        elif self.shows_a:
            self._paint(painter, kept, place, whole)
            self._write(painter, "A", whole)
        else:
            self._write(painter, "B", whole)
        painter.setFont(self._image.letters)
        if self._image.caption and mode != SIDE:
            painter.setClipRect(whole)
            marks.draw_caption(painter, place, self._image.marks_layout, self._image.caption)

    def _paint(self, painter: QPainter, kept: Kept, place: PictureMap, part: QRectF) -> None:
        """A's picture, where its millimetres lie, inside `part` of the screen."""
        left, right, top, bottom = (1e3 * edge for edge in kept.frame.bounds_m)
        x_px = sorted((place.x_px(left), place.x_px(right)))
        target = QRectF(QPointF(x_px[0], place.z_px(top)), QPointF(x_px[1], place.z_px(bottom)))
        picture = self._picture(kept)
        if place.flipped:
            picture = picture.flipped(Qt.Orientation.Horizontal)
        painter.save()
        painter.setClipRect(part)
        painter.fillRect(part, QColor(theme.PICTURE))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, picture)
        painter.restore()

    def _picture(self, kept: Kept) -> QImage:
        drawn, picture = self._drawn
        if drawn is not kept or picture is None:
            grey = kept.frame.picture
            n_row, n_column = grey.shape
            data, kind = grey.tobytes(), QImage.Format.Format_Grayscale8
            picture = QImage(data, n_column, n_row, n_column, kind).copy()
            self._drawn = kept, picture
        return picture

    def _write(self, painter: QPainter, name: str, part: QRectF, *, right: bool = False) -> None:
        """The letter, and the values that differ, in the upper corner of `part`."""
        lines = [f"{d.label}  {d.a if name == 'A' else d.b}" for d in self._differences]
        lines = [*lines[:MOST_LINES], *(["…"] if len(lines) > MOST_LINES else [])]
        plain = painter.font()
        large = QFont(plain)
        large.setPointSizeF(1.4 * plain.pointSizeF())
        head, body = QFontMetricsF(large), QFontMetricsF(plain)
        em = body.height()
        most = max(min(part.width() - em, 22 * em), em)
        lines = [body.elidedText(line, Qt.TextElideMode.ElideRight, most) for line in lines]
        widths = [head.horizontalAdvance(name), *map(body.horizontalAdvance, lines)]
        box = QRectF(0, 0, max(widths) + em, head.height() + em * len(lines) + 0.3 * em)
        box.moveTop(part.top() + 0.4 * em)
        if right:
            box.moveRight(part.right() - 0.4 * em)
        else:
            box.moveLeft(part.left() + 0.4 * em)
        painter.save()
        painter.setClipRect(part)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADE)
        painter.drawRoundedRect(box, 5, 5)
        painter.setPen(QColor(theme.NOTICE if name == "A" else theme.ACCENT))
        painter.setFont(large)
        inside = box.adjusted(0.5 * em, 0.1 * em, -0.5 * em, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft, name)
        painter.setFont(plain)
        painter.setPen(QColor(theme.TEXT))
        inside.adjust(0, head.height(), 0, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft, "\n".join(lines))
        painter.restore()

    # --- the wipe's edge -------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._image.viewport().rect())
        if not isinstance(event, QMouseEvent):
            return False
        if event.type() == QEvent.Type.MouseButtonRelease and self._dragging:
            self._dragging = False
            return True
        edge_px, place = self.edge_px, self._image.place
        if edge_px is None or place is None:
            return False
        at = event.position()
        if self._dragging:
            self._comparison.move_edge((at.x() - place.left_px) / _rect(place).width())
            return True
        near = abs(at.x() - edge_px) <= GRIP_PX and place.top_px <= at.y() <= place.bottom_px
        viewport = self._image.viewport()
        if event.type() == QEvent.Type.MouseButtonPress and near:
            self._dragging = True
            return True
        if event.type() == QEvent.Type.MouseMove:
            shape = viewport.cursor().shape()
            if near:
                viewport.setCursor(Qt.CursorShape.SplitHCursor)
            elif shape == Qt.CursorShape.SplitHCursor:
                viewport.setCursor(Qt.CursorShape.ArrowCursor)
            return near
        return near and event.type() == QEvent.Type.MouseButtonDblClick


def _rect(place: PictureMap) -> QRectF:
    width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
    return QRectF(place.left_px, place.top_px, width, height)
