"""Pieces of the lesson pane: prose, progress dots, measured numbers, answers, notes."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lessons.lesson import Choice
from lessons.number import Number
from lessons.session import Progress
from simulator import theme
from simulator.prose import rich_text

GOOD = "#6fc48b"
"""Reached. Never the only sign of it: a tick or a word stands beside it."""

_FIGURE_EM = 16
"""How wide a figure is, in line heights: it fits the narrowest pane."""


def wrapped_label(text: str = "", *, bold: bool = False, quiet: bool = False) -> QLabel:
    """Plain text that breaks lines instead of widening the pane."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    label.setProperty("quiet", quiet)
    if bold:
        font = QFont(label.font())
        font.setBold(True)
        label.setFont(font)
    return label


def scrolling(body: QWidget) -> QScrollArea:
    """A scroll area round `body` that scrolls up and down only."""
    area = QScrollArea()
    area.setWidget(body)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return area


def push_button(text: str) -> QPushButton:
    """A button that a click does not give the focus: arrow keys stay with the probe."""
    button = QPushButton(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class Prose(QLabel):
    """Markdown with formulas and figures, shown as rich text (raw HTML in it stays text)."""

    def __init__(self, parent: QWidget | None = None, *, bold: bool = False) -> None:
        super().__init__(parent)
        font = QFont(self.font())
        font.setBold(bold)
        self.setFont(font)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setMinimumWidth(1)
        self.setOpenExternalLinks(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)

    def set_markdown(self, text: str, figures: Mapping[str, QImage] | None = None) -> None:
        """figures : those of the text that are computed."""
        em = self.fontMetrics().height()
        self.setText(
            rich_text(text, letter_px=_letter_px(self), figures=figures, width_px=_FIGURE_EM * em)
        )


class Dots(QWidget):
    """One dot a step: hollow to do, filled done, half filled done with help, ringed now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress: tuple[Progress, ...] = ()
        self._index = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_progress(self, progress: tuple[Progress, ...], index: int) -> None:
        self._progress, self._index = progress, index
        n_done = sum(state is not Progress.OPEN for state in progress)
        words = self.tr("Step {0} of {1}, {2} done").format(index + 1, len(progress), n_done)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(6 * self._em(), self._em())

    def paintEvent(self, event: QPaintEvent) -> None:
        em = float(self._em())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for i, state in enumerate(self._progress):
            dot = QRectF(1.1 * em * i + 0.25 * em, 0.25 * em, 0.5 * em, 0.5 * em)
            painter.setPen(QColor(theme.QUIET))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot)
            if state is not Progress.OPEN:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(GOOD if state is Progress.DONE else theme.NOTICE))
                half = state is Progress.HELPED
                painter.drawPie(dot, 90 * 16, (180 if half else 360) * 16)
            if i == self._index:
                painter.setPen(QColor(theme.ACCENT))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(dot.adjusted(-0.18 * em, -0.18 * em, 0.18 * em, 0.18 * em))
        painter.end()

    def _em(self) -> int:
        return self.fontMetrics().height()


class Readout(QFrame):
    """Measured numbers: the first one large, the others in rows below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readout")
        self.setStyleSheet(
            f"QFrame#readout {{ background: {theme.PANEL}; border: 1px solid {theme.LINE};"
            " border-radius: 4px; }"
        )
        self._caption = wrapped_label(quiet=True)
        self._value, self._unit = QLabel(), QLabel()
        self._unit.setContentsMargins(0, 0, 0, self.fontMetrics().height() // 3)
        large = QFont(self.font())
        large.setPointSizeF(2.6 * large.pointSizeF())
        large.setBold(True)
        self._value.setFont(large)
        self._value.setObjectName("measured")
        self._rows = QGridLayout()
        self._rows.setColumnStretch(0, 1)
        line = QHBoxLayout()
        line.addWidget(self._value)
        line.addWidget(self._unit, 1, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(2)
        column.addWidget(self._caption)
        column.addLayout(line)
        column.addLayout(self._rows)

    def show_numbers(self, numbers: Sequence[Number], *, met: bool = False) -> None:
        """Show these readings; hide the whole box when there are none."""
        self.setVisible(bool(numbers))
        if not numbers:
            return
        first, *others = numbers
        self._caption.setText(_capital(first.reading.label))
        self._value.setText(first.text)
        self._unit.setText(first.unit)
        self._value.setStyleSheet(f"color: {GOOD if met else theme.TEXT};")
        self._value.setAccessibleName(f"{first.reading.label}: {first.text_with_unit}")
        while self._rows.count() > 2 * len(others):
            _drop_last(self._rows)
        for row, number in enumerate(others):
            self._put(row, 0, _capital(number.reading.label), quiet=True)
            self._put(row, 1, number.text_with_unit, quiet=False)

    def _put(self, row: int, column: int, text: str, *, quiet: bool) -> None:
        item = self._rows.itemAtPosition(row, column)
        label = item.widget() if item is not None else None
        if not isinstance(label, QLabel):
            label = wrapped_label(quiet=True) if quiet else QLabel()
            align = Qt.AlignmentFlag.AlignVCenter if quiet else Qt.AlignmentFlag.AlignRight
            self._rows.addWidget(label, row, column, align)
        label.setText(text)


class Note(QFrame):
    """A tinted box with a word of verdict and its reason (Markdown)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("note")
        self._verdict = wrapped_label(bold=True)
        self._reason = Prose()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.setSpacing(2)
        column.addWidget(self._verdict)
        column.addWidget(self._reason)
        self.hide()

    def say(self, verdict: str, reason: str, *, colour: str) -> None:
        """Show the box; an empty verdict hides it."""
        self.setVisible(bool(verdict))
        self.setStyleSheet(
            f"QFrame#note {{ background: {theme.PANEL}; border: none;"
            f" border-left: 3px solid {colour}; }}"
        )
        self._verdict.setStyleSheet(f"color: {colour};")
        self._verdict.setText(verdict)
        self._reason.set_markdown(reason)

    @property
    def text(self) -> str:
        """Verdict and reason as they stand, for tests and screen readers."""
        return f"{self._verdict.text()} {self._reason.text()}"


class Choices(QWidget):
    """Answers to choose from; choosing one answers the question."""

    chosen = Signal(int)

    def __init__(self, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        em = self.fontMetrics().height()
        side, ring = round(0.7 * em), max(2, round(0.1 * em))
        self.setStyleSheet(
            f"QRadioButton::indicator {{ width: {side}px; height: {side}px;"
            f" border: {ring}px solid {theme.QUIET}; border-radius: {side // 2 + ring}px;"
            f" background: {theme.PANEL}; }}"
            f"QRadioButton::indicator:hover, QRadioButton::indicator:focus"
            f" {{ border-color: {theme.ACCENT}; }}"
            f"QRadioButton::indicator:checked {{ background: {theme.ACCENT}; }}"
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for i, choice in enumerate(choices):
            button = QRadioButton()
            button.setAccessibleName(choice.text)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button, i)
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(_ClickLabel(choice.text, button), 1)
            column.addLayout(row)
        self._group.idClicked.connect(self.chosen)

    def show_answer(self, index: int | None) -> None:
        button = None if index is None else self._group.button(index)
        if button is not None:
            button.setChecked(True)


class _ClickLabel(QLabel):
    """The text beside a radio button: radio buttons cannot break lines themselves."""

    def __init__(self, text: str, button: QRadioButton) -> None:
        super().__init__()
        self._button = button
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setText(rich_text(text, letter_px=_letter_px(self), block=False))
        self.setWordWrap(True)
        self.setMinimumWidth(1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._button.click()


def _letter_px(widget: QWidget) -> float:
    """Size of the letters, as a formula is told it."""
    return QFontInfo(widget.font()).pixelSize()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _drop_last(layout: QLayout) -> None:
    item = layout.takeAt(layout.count() - 1)
    widget = item.widget() if item is not None else None
    if widget is not None:
        widget.hide()  # at once: it is deleted only when the event loop runs
        widget.deleteLater()
