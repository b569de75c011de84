"""Calipers, arrows and words over the frozen picture: a clear sheet that takes the clicks."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator import theme
from simulator.models.measurements import NOTE, BodyMark, Point, Sheet
from simulator.models.scanner import Scanner
from simulator.views import mark_painting
from simulator.views.image_view import ImageView


class MeasureLayer(QWidget):
    """Shows the sheet of marks. Taking a tool freezes the scanner; running again wipes it."""

    changed = Signal()
    """Another tool is in hand, or the marks are others."""

    def __init__(self, scanner: Scanner, image: ImageView) -> None:
        super().__init__(image.viewport())
        self._scanner, self._image = scanner, image
        self.sheet = Sheet()
        self._hover: Point | None = None
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Measurements"))
        image.viewport().installEventFilter(self)
        scanner.changed.connect(self._follow)
        self._refresh()

    # --- what hands ask for ----------------------------------------------------------------------

    @Slot(str)
    def take(self, tool: str) -> None:
        """Take a tool in hand (an empty text puts it away)."""
        if tool and self._image.place is None:
            return  # there is no picture yet
        if tool:
            self._scanner.set_frozen(True)
        self.sheet.take(tool)
        self._refresh()

    def write(self, text: str) -> None:
        """Let the next click write these words."""
        self.sheet.note_text = text
        self.take(NOTE)

    def put_body_mark(self, mark: BodyMark | None) -> None:
        """Say in the corner what is scanned."""
        self._scanner.set_frozen(True)
        self.sheet.body_mark = mark
        self._refresh()

    @Slot()
    def undo(self) -> None:
        self.sheet.undo()
        self._refresh()

    @Slot()
    def clear(self) -> None:
        self.sheet.clear()
        self._refresh()

    @Slot()
    def _follow(self) -> None:
        """Marks belong to a picture that stands still."""
        if not self._scanner.frozen and not (self.sheet.empty and not self.sheet.tool):
            self.clear()

    def _refresh(self) -> None:
        idle = not self.sheet.tool
        self._hover = None if idle else self._hover
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, idle)
        self.setCursor(Qt.CursorShape.ArrowCursor if idle else Qt.CursorShape.CrossCursor)
        self.setVisible(not (idle and self.sheet.empty))
        self.update()
        self.changed.emit()

    # --- Qt's events -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.setGeometry(self._image.viewport().rect())
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.undo()
            return
        point = self._point(event.position())
        if point is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if self.sheet.click(point) is not None and self.sheet.tool == NOTE:
            self.sheet.take("")  # words are written once
        self._refresh()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover = self._point(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self._image.place
        if place is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self._image.letters)
        font.setBold(True)
        painter.setFont(font)
        marks = list(self.sheet.marks)
        colours = [QColor(theme.NOTICE)] * len(marks)
        if self._hover is not None and (drawn := self.sheet.preview(self._hover)) is not None:
            marks.append(drawn)
            colours.append(QColor(theme.TEXT))
        numbers = mark_painting.numbers(marks)
        for mark, number, colour in zip(marks, numbers, colours, strict=True):
            mark_painting.draw_mark(painter, place, mark, number, colour)
        mark_painting.draw_results(painter, place, mark_painting.results(marks))
        if self.sheet.body_mark is not None:
            mark_painting.draw_body_mark(painter, place, self.sheet.body_mark)

    def _point(self, at: QPointF) -> Point | None:
        """The place in the probe frame, m; None outside the picture."""
        place = self._image.place
        if place is None:
            return None
        width, height = place.right_px - place.left_px, place.bottom_px - place.top_px
        if not QRectF(place.left_px, place.top_px, width, height).contains(at):
            return None
        return place.x_mm(at.x()) * 1e-3, place.z_mm(at.y()) * 1e-3
