"""Messages over and above the picture: starting up, errors, help pages."""

import platform
from collections.abc import Callable, Iterable
from importlib.metadata import version

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot, qVersion
from PySide6.QtGui import QHideEvent, QIcon
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from simulator.theme import QUIET
from simulator.version import program_version
from simulator.views.keys import Binding
from simulator.words import translate

LOOK_MS = 150
"""Between two looks at how far compiling is."""


class Banner(QFrame):
    """One sentence about something that went wrong; the picture stays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        close = QPushButton(self.tr("Dismiss"))
        close.setAccessibleName(self.tr("Dismiss the message"))
        close.setToolTip(self.tr("Hide this message."))
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 6, 4)
        row.addWidget(self.message, 1)
        row.addWidget(close)
        self.hide()

    @Slot(str)
    def say(self, sentence: str) -> None:
        """Show the sentence until it is dismissed or a picture comes."""
        self.message.setText(sentence)
        self.message.setAccessibleName(sentence)
        self.show()


class Preparing(QWidget):
    """Stands where the picture will be while the engine compiles."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        title = QLabel(self.tr("Preparing the acoustic model"))
        large = title.font()
        large.setPointSizeF(1.5 * large.pointSizeF())
        large.setBold(True)
        title.setFont(large)
        self.note = QLabel(self.tr("This takes a few seconds."))
        self.note.setProperty("quiet", True)
        self.bar = bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedSize(24 * self.fontMetrics().height(), self.fontMetrics().height())
        bar.setAccessibleName(self.tr("Preparing the acoustic model"))
        self._progress: Callable[[], tuple[int, int]] | None = None
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._show_progress)
        column = QVBoxLayout(self)
        column.addStretch(1)
        for widget in (title, self.note, bar):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        parent.installEventFilter(self)

    def follow(self, progress: Callable[[], tuple[int, int]]) -> None:
        """Show how far compiling is: `progress` gives (done, total), asked until it is done."""
        self._progress = progress
        self._look.start()
        self._show_progress()

    @Slot()
    def _show_progress(self) -> None:
        done, total = self._progress() if self._progress is not None else (0, 0)
        if done < total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self.note.setText(
                self.tr("Compiling the engine, only this first time: {} of {} parts").format(
                    done, total
                )
            )
            return
        self._look.stop()
        if total:
            self.bar.setRange(0, 0)
            self.note.setText(self.tr("Computing the first picture"))

    def hideEvent(self, event: QHideEvent) -> None:
        self._look.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.setGeometry(self._ground.rect())
        return False


def show_keys(parent: QWidget, bindings: Iterable[Binding]) -> QMessageBox:
    """Open the page of keys."""
    rows = "".join(
        f"<tr><td style='padding: 3px 24px 3px 0'><b>{b.keys}</b></td>"
        f"<td style='padding: 3px 0'>{b.what}</td></tr>"
        for b in bindings
    )
    mouse = translate(
        "Notices",
        "Every knob also takes the wheel; double-click resets it; click its number to type. "
        "The probe above the picture can be dragged: with Shift or the right button it rocks. "
        "The triangle on the depth scale moves the focus.",
    )
    page = f"<table>{rows}</table><p style='color: {QUIET}'>{mouse}</p>"
    return open_page(parent, translate("Notices", "Keys"), page)


def show_about(parent: QWidget) -> QMessageBox:
    """Open the page that says what this is, and what it is not."""
    text = translate(
        "Notices",
        "<h3>Insonate</h3>"
        "<p>Ultrasound physics and knobology: the picture is computed from a model of sound in "
        "tissue, not painted.</p>"
        "<p><b>For teaching, not for diagnosis.</b> All pictures are simulated and show no "
        "person. The model leaves things out; docs/model.md says which.</p>",
    )
    versions = f"<p style='color: {QUIET}'>{_versions()}</p>"
    return open_page(parent, translate("Notices", "About Insonate"), text + versions)


def _versions() -> str:
    """What a report about a fault should name."""
    parts = ["Insonate " + program_version(), "Python " + platform.python_version()]
    parts.append("Qt " + qVersion())
    parts += [f"{name} {version(name)}" for name in ("numpy", "scipy", "numba")]
    return ", ".join(parts)


def open_page(parent: QWidget, title: str, text: str) -> QMessageBox:
    """Open a page of rich text, beside which the window goes on."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.RichText)
    box.setText(text)
    box.setStandardButtons(QMessageBox.StandardButton.Ok)
    box.button(QMessageBox.StandardButton.Ok).setIcon(QIcon())
    box.open()
    return box
