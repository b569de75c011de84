"""One number with its name and unit: drag, wheel, arrow keys, typing; double-click resets."""

import math

from PySide6.QtCore import QEvent, QLocale, QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolTip,
    QWidget,
)

from simulator.faults import MASK
from simulator.theme import LARGE
from simulator.views.step_slider import StepSlider


class NumberControl(QWidget):
    """Shows a value and says what the user asks for; holds no value of its own making."""

    asked = Signal(float)
    reset_asked = Signal()

    def __init__(
        self,
        name: str,
        unit: str,
        *,
        step: float,
        decimals: int,
        stacked: bool = True,
        signed: bool = False,
        sideways: bool = False,
        label: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """`stacked` puts the slider below its label; `signed` writes + before positive values;
        `label` (rich text) is what is written, if that is more than the name."""
        super().__init__(parent)
        self._name, self._unit, self._step, self._decimals = name, unit, step, decimals
        self._signed = signed
        self._low, self._high, self._value = 0.0, 1.0, 0.0
        self._locked = self._masked = False
        self._ranged: tuple[float, float] | None = None
        self._showing: tuple[object, ...] = ()
        self._enlarged = 1.0
        self.label = QLabel(label or name)
        self.slider = StepSlider(sideways=sideways)
        self.slider.setAccessibleName(name)
        self.slider.setProperty("bipolar", signed)
        self.value_button = QPushButton()
        self.value_button.setObjectName("value")
        self.value_button.setFlat(True)
        self.value_button.setAccessibleName(self.tr("%1, type a value").replace("%1", name))
        self.value_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._edit = QLineEdit()
        self._edit.setObjectName("typed")
        self._edit.setAccessibleName(name)
        self._edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.value_button)
        self._stack.addWidget(self._edit)
        self._stack.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._arrange(stacked)
        self.slider.dragged.connect(self._drag)
        self.slider.stepped.connect(self._steps)
        self.slider.reset_asked.connect(self.reset_asked)
        self.value_button.clicked.connect(self.start_typing)
        self._edit.returnPressed.connect(self._typed)
        self._edit.installEventFilter(self)
        self.setFocusProxy(self.slider)

    def _arrange(self, stacked: bool) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        right = Qt.AlignmentFlag.AlignRight
        grid.addWidget(self.label, 0, 0)
        if stacked:
            grid.addWidget(self._stack, 0, 2, right)
            grid.addWidget(self.slider, 1, 0, 1, 3)
        else:
            grid.addWidget(self.slider, 0, 1)
            grid.addWidget(self._stack, 0, 2, right)

    def set_range(self, low: float, high: float) -> None:
        """Lowest and highest value that may be asked for."""
        if (low, high) == self._ranged:
            return
        self._ranged = low, high
        self._low, self._high = low, max(low, high)
        with QSignalBlocker(self.slider):
            self.slider.setEnabled(self._high > self._low and not self._locked)
            self.slider.setRange(0, max(1, math.ceil((self._high - self._low) / self._step - 1e-9)))
        if self._signed and low < 0 < high:
            self.slider.set_mark(-low / (high - low))
        self.reserve_width(*(self._text(v) for v in (low, high)))

    def reserve_width(self, *texts: str) -> None:
        """Keep room for these values, so that nothing moves while they change."""
        bold = QFont(self.font())
        bold.setBold(True)
        bold.setPointSizeF(self._enlarged * bold.pointSizeF())
        metrics = QFontMetricsF(bold)
        width = max(metrics.horizontalAdvance("0" + text) for text in texts) + metrics.height()
        if width > self._stack.width() or not self._stack.minimumWidth():
            self._stack.setFixedWidth(round(width))

    def show_value(self, value: float, *, waiting: bool = False) -> None:
        """Show `value`; `waiting` says that it does not act yet."""
        showing = (value, waiting, self._masked, self._ranged)
        if showing == self._showing:
            return  # while another knob is dragged there is no time to write this one anew
        self._showing = showing
        self._value = value
        text = MASK if self._masked else self._text(value)
        handle = self.slider.maximum() / 2 if self._masked else (value - self._low) / self._step
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(handle))
        self.value_button.setText(text)
        self.slider.setAccessibleDescription(text)
        if self.value_button.property("waiting") != waiting:
            self.value_button.setProperty("waiting", waiting)
            self.value_button.style().polish(self.value_button)

    def rename(self, name: str) -> None:
        """Give it its name after it was made (by a widget that asks `tr` for it)."""
        self._name = name
        self.label.setText(name)
        self.slider.setAccessibleName(name)
        self._edit.setAccessibleName(name)
        self.value_button.setAccessibleName(self.tr("%1, type a value").replace("%1", name))

    def enlarge(self) -> None:
        """Write name and value in larger letters."""
        for widget in (self.label, self.value_button, self._edit):
            widget.setProperty("large", True)
        self._enlarged = LARGE

    def set_locked(self, locked: bool) -> None:
        """Take the controls away; the value is still shown."""
        self._locked = locked
        self.slider.setEnabled(not locked and self._high > self._low)
        self.value_button.setEnabled(not locked)

    def set_masked(self, masked: bool) -> None:
        """Keep the value from the class: it can be stepped up and down, or typed, but not read.
        Acts with the next `show_value`."""
        self._masked = masked

    def set_tool_tip(self, text: str) -> None:
        if text == self.toolTip():
            return
        for widget in (self, self.label, self.slider, self.value_button, self._edit):
            widget.setToolTip(text)

    @property
    def value(self) -> float:
        """The value shown, in display units."""
        return self._value

    @property
    def value_text(self) -> str:
        return self.value_button.text()

    @Slot()
    def start_typing(self) -> None:
        """Open the field in which a value can be typed."""
        shown = "" if self._masked else QLocale().toString(self._value, "f", self._decimals)
        self._edit.setText(shown)
        self._edit.selectAll()
        self._stack.setCurrentWidget(self._edit)
        self._edit.setFocus()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._stack.setCurrentWidget(self.value_button)
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pressed and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            self.slider.setFocus()
            return True
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._locked:
            self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._locked:
            event.ignore()
            return
        self.slider.wheelEvent(event)  # the whole control is a target, not only the thin slider

    @Slot(float)
    def _drag(self, fraction: float) -> None:
        if self._masked:
            return  # where the handle stands would tell
        self._ask(self._low + self._step * round(fraction * self.slider.maximum()))

    @Slot(int)
    def _steps(self, count: int) -> None:
        """Go to the next whole step: 7.6 goes up to 8.0 when the step is 0.5."""
        place = self._value / self._step
        place = math.floor(place + 1e-6) if count > 0 else math.ceil(place - 1e-6)
        self._ask((place + count) * self._step)

    @Slot()
    def _typed(self) -> None:
        text = self._edit.text().replace(self._unit, "").strip().replace("\N{MINUS SIGN}", "-")
        value, understood = QLocale().toDouble(text)
        if not understood:
            value, understood = QLocale.c().toDouble(text)
        if understood and math.isfinite(value) and self._low <= value <= self._high:
            self.slider.setFocus()
            self._ask(value)
        else:
            allowed = f"{self._name}: {self._text(self._low)} – {self._text(self._high)}"
            QToolTip.showText(self._edit.mapToGlobal(QPoint(0, self._edit.height())), allowed)

    def _ask(self, value: float) -> None:
        value = min(max(value, self._low), self._high)
        if not math.isclose(value, self._value, abs_tol=1e-9):
            self.asked.emit(value)

    def _text(self, value: float) -> str:
        return number_text(value, self._decimals, self._unit, signed=self._signed)


def number_text(value: float, decimals: int, unit: str, *, signed: bool = False) -> str:
    """`+6 dB`: the number as the user's language writes it, with a real minus sign."""
    shown = round(value, decimals) + 0.0  # no "-0"
    number = QLocale().toString(abs(shown), "f", decimals)
    sign = "\N{MINUS SIGN}" if shown < 0 else "+" if signed and shown > 0 else ""
    gap = "" if unit in ("", "°") else "\N{NO-BREAK SPACE}"
    return f"{sign}{number}{gap}{unit}"
