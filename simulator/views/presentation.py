"""Presentation: the picture at full height, few knobs, large letters, a halo about the pointer.

Letters: 2.4 % of the screen's height, which is readable from six picture heights away (26 px on a
projector of 1080 lines): a text needs 4 mm of height per metre of distance.
"""

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from physics.settings import KNOBS
from simulator import theme
from simulator.models.scanner import Scanner
from simulator.views.console import KNOB_KEYS
from simulator.views.knob_control import ChoiceControl, KnobControl

if TYPE_CHECKING:
    from simulator.views.main_window import MainWindow

LETTERS, LINES = 26, 1080
"""Height of letters in px on a projector with so many lines."""
SMALLEST = 0.92
"""The read-outs' labels, of the size of their values (`screen_marks.draw_read_outs`)."""
FIRST_KNOBS = ("gain_db", "depth_mm", "focus_mm", "frequency_mhz")
"""Knobs shown until others are chosen."""
CAN_BE_SHOWN = tuple(knob.name for knob in KNOBS.values() if knob.n_value == 1)
HALO_MS = 20
HALO_PX = 46
"""Radius of the ring about the pointer, on a projector with `LINES`."""
PANEL_EMS = 14.0
"""Wide enough for the name, key and value of the frequency."""


def letters_px(screen_px: int) -> int:
    """Height of the smallest letters on a screen of this height."""
    return math.ceil(LETTERS * screen_px / LINES)


class Presentation(QObject):
    """Turns the window into one for a lecture hall, and back."""

    changed = Signal(bool)

    def __init__(self, window: "MainWindow", put_away: Iterable[QWidget]) -> None:
        """put_away : what is not shown meanwhile."""
        super().__init__(window)
        # it must not keep the window: Python's collector crashes over a child that does
        self._scanner, self._image, self._history = window.scanner, window.image, window.history
        self._console, self._put_away = window.console, tuple(put_away)
        beside = window.console.parentWidget()
        row = beside.layout() if beside is not None else None
        assert row is not None, "the console has no place yet"
        self._row = row
        self._were_shown: list[QWidget] = []
        self._was_full = False
        self.knobs: tuple[str, ...] = FIRST_KNOBS
        self.panel: PresentationPanel | None = None
        self.halo = Halo(window)

    @property
    def on(self) -> bool:
        return self.panel is not None

    @Slot()
    def toggle(self) -> None:
        self.leave() if self.on else self.enter()

    @Slot()
    def enter(self) -> None:
        """Fill the screen; what is not for the class goes away."""
        if self.on:
            return
        window = self._image.window()
        self._were_shown = [widget for widget in self._put_away if not widget.isHidden()]
        self._was_full = window.isFullScreen()
        for widget in self._were_shown:
            widget.hide()
        window.setWindowState(Qt.WindowState.WindowFullScreen)
        self._make_panel()
        self.halo.follow(letters_px(self._height_px) / LETTERS)
        self._image.tell(self.tr("Esc leaves the presentation"))
        self.changed.emit(True)

    @Slot()
    def leave(self) -> None:
        """Put everything back."""
        if not self.on:
            return
        self.halo.rest()
        self._drop_panel()
        self._image.present(0.0)
        full, plain = Qt.WindowState.WindowFullScreen, Qt.WindowState.WindowNoState
        self._image.window().setWindowState(full if self._was_full else plain)
        for widget in self._were_shown:
            widget.show()
        self._image.setFocus()
        self.changed.emit(False)

    def choose(self, names: Iterable[str]) -> None:
        """Take other knobs along, in the console's order."""
        wanted = set(names)
        self.knobs = tuple(name for name in CAN_BE_SHOWN if name in wanted)
        if self.on:
            self._make_panel()

    @property
    def _height_px(self) -> int:
        return int(self._image.screen().size().height())

    def _make_panel(self) -> None:
        self._drop_panel()
        smallest = letters_px(self._height_px)
        self._image.present(smallest / SMALLEST)
        self.panel = panel = PresentationPanel(self._scanner, self.knobs, smallest)
        self._row.addWidget(panel)
        panel.show()
        self._history.watch(panel)
        self._console.understudies = panel.controls

    def _drop_panel(self) -> None:
        self._console.understudies = {}
        if self.panel is not None:
            self.panel.hide()
            self.panel.deleteLater()
            self.panel = None


class PresentationPanel(QWidget):
    """The knobs that were chosen, and freeze, in letters for the back row."""

    def __init__(self, scanner: Scanner, names: Iterable[str], letters: int) -> None:
        super().__init__()
        self._scanner = scanner
        font = self.font()
        font.setPointSizeF(letters * 72.0 / self.logicalDpiY())
        self.setFont(font)
        self.setStyleSheet(_sheet(letters))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName("presentation")
        self.setFixedWidth(round(PANEL_EMS * self.fontMetrics().height()))
        self.controls: dict[str, KnobControl | ChoiceControl] = {}
        column = QVBoxLayout(self)
        column.setSpacing(round(0.8 * letters))
        for name in names:
            control: KnobControl | ChoiceControl
            if KNOBS[name].choices:
                control = ChoiceControl(scanner, name)
            else:
                control = KnobControl(scanner, name, KNOB_KEYS.get(name, ""), letters=font)
            self.controls[name] = control
            column.addWidget(control)
            control.setVisible(name not in scanner.hidden)
        column.addStretch(1)
        self.freeze = QPushButton()
        self.freeze.setObjectName("freeze")
        self.freeze.setCheckable(True)
        self.freeze.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.freeze.clicked.connect(scanner.set_frozen)
        column.addWidget(self.freeze)
        scanner.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        self.freeze.setChecked(self._scanner.frozen)
        self.freeze.setText(self.tr("Frozen") if self._scanner.frozen else self.tr("Freeze"))


class Halo(QWidget):
    """A ring about the pointer, which is too small for the back row."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._timer = QTimer(self, interval=HALO_MS)
        self._timer.timeout.connect(self._move)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def follow(self, scale: float) -> None:
        """Stay about the pointer from now on."""
        side = round(2 * HALO_PX * scale)
        self.resize(side, side)
        self._timer.start()
        self._move()
        self.show()
        self.raise_()

    def rest(self) -> None:
        self._timer.stop()
        self.hide()

    @Slot()
    def _move(self) -> None:
        at = self.window().mapFromGlobal(QCursor.pos())
        corner = at - QPoint(self.width() // 2, self.height() // 2)
        if corner != self.pos():
            self.move(corner)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.NOTICE)
        colour.setAlpha(170)
        painter.setPen(QPen(colour, 4))
        colour.setAlpha(36)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(self.rect()).adjusted(3, 3, -3, -3))


def _sheet(letters: int) -> str:
    """Letters of one size, on black."""
    handle = letters
    return f"""
    QWidget#presentation {{ background: {theme.PICTURE}; }}
    QLabel, QPushButton, QPushButton#value, QLineEdit, QComboBox {{
        font-size: {letters}px; color: {theme.TEXT}; }}
    QPushButton#freeze:checked {{ color: #15181b; }}
    QSlider::groove:horizontal {{
        height: {round(0.3 * handle)}px; background: #121519; border: 2px solid {theme.QUIET}; }}
    QSlider::handle:horizontal {{
        width: {round(0.7 * handle)}px; height: {handle}px; margin: -{round(0.4 * handle)}px 0;
        background: {theme.TEXT}; border: 2px solid {theme.TEXT}; }}
    """
