"""The question over the old picture, while the class predicts what the new one will look like."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from simulator import theme
from simulator.models.prediction import Prediction
from simulator.views.image_view import ImageView

MOST_LINES = 4
"""Turned knobs that the card names."""


class QuestionCard(QWidget):
    """Stands at the top of the picture and leaves its lower part free to point at."""

    def __init__(self, prediction: Prediction, image: ImageView) -> None:
        super().__init__(image.viewport())
        self._prediction, self._image = prediction, image
        self._turned: tuple[str, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        image.viewport().installEventFilter(self)
        prediction.changed.connect(self._follow)
        self.hide()

    @property
    def question(self) -> str:
        """What the class is asked."""
        return self._prediction.words or self.tr("What will happen?")

    def tell(self, turned: tuple[str, ...]) -> None:
        """Say what has been turned since the picture was kept still."""
        self._turned = turned[:MOST_LINES]
        self.setAccessibleDescription("   ".join((self.question, *turned)))
        self.update()

    @Slot()
    def _follow(self) -> None:
        self.setGeometry(self._image.viewport().rect())
        self.setVisible(self._prediction.armed)
        self.tell(())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._image.viewport().rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self._image.place
        if place is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plain = self._image.letters
        large = QFont(plain)
        large.setBold(True)
        large.setPointSizeF(1.7 * plain.pointSizeF())
        em, head = QFontMetricsF(plain).height(), QFontMetricsF(large)
        width = min(0.9 * (place.right_px - place.left_px), 30 * em)
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        text = head.boundingRect(QRectF(0, 0, width - 2 * em, 1e4), wrap, self.question)
        below = [*self._turned, self.tr("W: the new picture")]
        box = QRectF(0, 0, width, text.height() + (1.8 + 1.25 * len(below)) * em)
        box.moveTop(place.top_px + em)
        box.moveLeft((place.left_px + place.right_px - width) / 2)
        painter.setPen(QColor(theme.NOTICE))
        painter.setBrush(QColor(11, 14, 17, 225))
        painter.drawRoundedRect(box, 8, 8)
        inside = box.adjusted(em, 0.6 * em, -em, 0)
        painter.setFont(large)
        painter.setPen(QColor(theme.NOTICE))
        painter.drawText(inside, wrap, self.question)
        inside.adjust(0, text.height() + 0.4 * em, 0, 0)
        painter.setFont(plain)
        for number, line in enumerate(below):
            last = number == len(below) - 1
            painter.setPen(QColor(theme.QUIET if last else theme.TEXT))
            shown = QFontMetricsF(plain).elidedText(
                line, Qt.TextElideMode.ElideRight, inside.width()
            )
            painter.drawText(inside, Qt.AlignmentFlag.AlignHCenter, shown)
            inside.adjust(0, 1.25 * em, 0, 0)
