"""PySide6 must not lose references to None and True.

PySide6 6.12.0 does on Python 3.11: each void call drops one reference to None and each
`emit(True)` one to True, until the interpreter aborts after about a minute. From Python 3.12
on these objects are immortal, so nothing can be seen or harmed there.
"""

import sys

import pytest
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

CALLS = 200
ALLOWED_FALL = 20  # other code takes and drops references too; the fault takes CALLS or more


class PaintedWidget(QWidget):
    switched = Signal(bool)

    def paintEvent(self, event):
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor("black"))
        painter.end()


def reference_counts():
    return {singleton: sys.getrefcount(singleton) for singleton in (None, True, False)}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from 3.12 on")
def test_painting_and_signals_keep_the_references_to_none_and_true(qtbot):
    widget = PaintedWidget()
    qtbot.addWidget(widget)
    received = []
    widget.switched.connect(lambda on: received.append(on is True))
    widget.show()
    qtbot.waitExposed(widget)

    before = reference_counts()
    for _ in range(CALLS):
        widget.repaint()
        widget.switched.emit(True)
    after = reference_counts()

    assert len(received) == CALLS
    lost = {str(s): before[s] - after[s] for s in before if before[s] - after[s] > ALLOWED_FALL}
    assert not lost, f"references lost in {CALLS} repaints and signals: {lost}"
