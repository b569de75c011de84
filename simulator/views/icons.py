"""Pictures on buttons, from Qt's own style, in the colour of the text beside them."""

from functools import cache

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QStyle

from simulator import theme

PLAY, PAUSE = QStyle.StandardPixmap.SP_MediaPlay, QStyle.StandardPixmap.SP_MediaPause
OPEN, SAVE = QStyle.StandardPixmap.SP_DialogOpenButton, QStyle.StandardPixmap.SP_DialogSaveButton
_SIZE_PX = 64


@cache
def icon(which: QStyle.StandardPixmap, colour: str = theme.TEXT) -> QIcon:
    """The style's picture as a silhouette in one colour: the style draws for light windows."""
    drawn = QApplication.style().standardIcon(which).pixmap(QSize(_SIZE_PX, _SIZE_PX))
    tinted = QPixmap(drawn.size())
    tinted.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tinted)
    painter.drawPixmap(0, 0, drawn)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(QRectF(0, 0, tinted.width(), tinted.height()), colour)
    painter.end()
    return QIcon(tinted)
