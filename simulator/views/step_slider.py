"""A slider that moves in whole steps by drag, wheel and keys, and resets on double-click."""

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from simulator.theme import QUIET

WHEEL_NOTCH = 120
"""Qt's angle units for one notch of a wheel; touchpads send less at a time."""
PAGE_STEPS = 5


class StepSlider(QSlider):
    """Horizontal slider. Says what is asked for; whoever owns the value moves the handle.

    Up and Down (PageUp and PageDown for more) step it when it has focus. Left and Right
    are left to the window, where they move the probe, unless `sideways` is set.
    """

    dragged = Signal(float)
    """Asked position, 0 at the left end to 1 at the right."""
    stepped = Signal(int)
    """Asked number of steps up or down."""
    reset_asked = Signal()

    def __init__(self, *, sideways: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._sideways = sideways
        self._notches = 0.0
        self._mark: float | None = None
        self.setFocusPolicy(
            Qt.FocusPolicy.TabFocus if sideways else Qt.FocusPolicy.StrongFocus
        )  # a probe slider that was dragged must not keep the arrow keys

    def set_mark(self, fraction: float | None) -> None:
        """Draw a tick at this part of the way from left to right (the zero of a signed value)."""
        if fraction != self._mark:
            self._mark = fraction
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._mark is not None:
            handle = self._handle_width()
            x = handle / 2 + self._mark * (self.width() - handle)
            painter = QPainter(self)
            painter.setPen(QPen(QColor(QUIET), 1))
            painter.drawLine(QPointF(x, 0.12 * self.height()), QPointF(x, 0.88 * self.height()))
            painter.end()
        super().paintEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self.setSliderDown(True)
        self.dragged.emit(self._fraction(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.dragged.emit(self._fraction(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._notches += event.angleDelta().y() / WHEEL_NOTCH
        whole = int(self._notches)
        if whole:
            self._notches -= whole
            self.stepped.emit(whole)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Down: -1,
            Qt.Key.Key_PageUp: PAGE_STEPS,
            Qt.Key.Key_PageDown: -PAGE_STEPS,
        }
        if self._sideways:
            steps |= {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        count = steps.get(Qt.Key(event.key()))
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if count is None or plain != Qt.KeyboardModifier.NoModifier:
            event.ignore()
        else:
            self.stepped.emit(count)

    def _fraction(self, x_px: float) -> float:
        handle = self._handle_width()
        span = max(1, self.width() - handle)
        return min(max((x_px - handle / 2) / span, 0.0), 1.0)

    def _handle_width(self) -> int:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        return handle.width()
