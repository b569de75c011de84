"""A page of the pane at the left: heading, a part that scrolls, a part that does not, buttons."""

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from physics.frame import Frame
from simulator import theme
from simulator.views.lesson_parts import push_button, scrolling, wrapped_label

_DIGITS = range(Qt.Key.Key_1.value, Qt.Key.Key_9.value + 1)
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PanePage(QWidget):
    """Digits and Enter come to `press_digit` and `press_enter`."""

    closed = Signal()
    """The learner wants back to the home page."""
    outlined = Signal(object)
    """What to outline in the picture just shown (`simulator.views.overlays.Outline`)."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = wrapped_label(title, bold=True)
        self.title.setObjectName("section")
        self.home = push_button(QCoreApplication.translate("PanePage", "Home"))
        self.home.setObjectName("home")
        self.home.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.home, 0, Qt.AlignmentFlag.AlignTop)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, 6, 0)
        self.area = scrolling(content)
        self.pinned = QVBoxLayout()
        self.status = wrapped_label()
        self.status.setObjectName("page_status")
        self.footer = QHBoxLayout()
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.area, 1)
        column.addLayout(self.pinned)
        column.addWidget(self.status)
        column.addLayout(self.footer)
        self.say("")

    def show_frame(self, frame: Frame) -> None:
        """A picture is on the screen now."""

    def say(self, text: str, colour: str = theme.NOTICE) -> None:
        """One sentence below everything else; empty hides it."""
        self.status.setStyleSheet(f"color: {colour};")
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def button(self, text: str, name: str) -> QPushButton:
        """A new button at the end of the footer."""
        button = push_button(text)
        button.setObjectName(name)
        self.footer.addWidget(button)
        return button

    def press_digit(self, digit: int) -> None:
        """A digit from 1 was typed."""

    def press_enter(self) -> None:
        """Enter was typed."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _DIGITS:
            self.press_digit(event.key() - Qt.Key.Key_0.value)
        elif event.key() in _ENTER:
            self.press_enter()
        else:
            super().keyPressEvent(event)

    def clear_body(self) -> None:
        """Take everything out of the part that scrolls."""
        while self.body.count():
            entry = self.body.takeAt(0)
            widget = entry.widget() if entry is not None else None
            if widget is not None:
                widget.hide()  # at once: it is deleted only when the event loop runs
                widget.deleteLater()

    def bring_into_view(self, widget: QWidget) -> None:
        self.body.activate()  # a widget just shown has no place yet
        self.area.ensureWidgetVisible(widget)
