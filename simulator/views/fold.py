"""A group of controls under a title, shown only when it is opened."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A title to press, and below it what it opens; closed at first."""

    opened = Signal(QWidget)
    """The part that was opened, once it has its place."""

    def __init__(self, title: str, name: str, tip: str, parent: QWidget | None = None) -> None:
        """`name` is what a screen reader says, `tip` the tool-tip."""
        super().__init__(parent)
        self.button = QToolButton()
        self.button.setObjectName("fold")
        self.button.setText(title)
        self.button.setAccessibleName(name)
        self.button.setToolTip(tip)
        self.button.setCheckable(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.toggled.connect(self._show)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._tell)
        self._inside = QWidget()
        self._rows = QVBoxLayout(self._inside)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(5)
        self._inside.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addWidget(self.button)
        column.addWidget(self._inside)

    def add(self, control: QWidget) -> None:
        """Put a control below the others."""
        self._rows.addWidget(control)

    @Slot(bool)
    def _show(self, open_: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self._inside.setVisible(open_)
        if open_:
            self._soon.start()

    @Slot()
    def _tell(self) -> None:
        self.opened.emit(self._inside)
