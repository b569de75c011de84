"""Where the probe is: the limb's surface with the probe on it, sliders, and a way back."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from physics.geometry import MAX_STANDOFF_M
from simulator import theme
from simulator.models.scanner import Scanner
from simulator.views.knob_control import with_key
from simulator.views.number_control import NumberControl, number_text

SLIDE_STEP_MM = 1.0
ROCK_STEP_DEG = 1.0
PRESS_STEP_MM = 0.5
GEL_STEP_MM = 1.0
LEAST_EMS_WITH_SKETCH = 40
"""Width below which the sliders need the room of the drawing, in line heights."""


class ProbePanel(QWidget):
    """Slide, heel-toe, pressure and gel pad as numbers and as a small drawing."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.sketch = ProbeSketch(scanner)
        self.slide = self._control(
            self.tr("Slide"), "\N{LEFTWARDS ARROW} \N{RIGHTWARDS ARROW}", "mm", SLIDE_STEP_MM
        )
        self.rock = self._control(self.tr("Heel-toe"), "[ ]", "°", ROCK_STEP_DEG)
        self.gel = self._control(
            self.tr("Gel pad"), "", "mm", GEL_STEP_MM, decimals=0, signed=False
        )
        self.gel.set_range(0.0, MAX_STANDOFF_M * 1e3)
        self.gel.set_tool_tip(
            self.tr(
                "<b>Gel between probe and skin</b> (stand-off): what lies near the skin comes out "
                "of the probe's own clutter and nearer to the focus of its lens."
            )
        )
        self.press = self._control(self.tr("Pressure"), ", .", "mm", PRESS_STEP_MM, signed=False)
        self.slide.set_tool_tip(
            self.tr(
                "<b>Moves the probe along the skin.</b><br>Left and Right: 1 mm; with Shift 0.2 mm."
            )
        )
        self.rock.set_tool_tip(
            self.tr(
                "<b>Rocks the probe within the picture's plane</b> (heel-toe): positive presses "
                "the right end into the skin.<br>Keys [ and ], or Ctrl with Left and Right: 1°."
            )
        )
        self.press.set_tool_tip(
            self.tr(
                "<b>Presses the probe into the skin</b> (compression), by so many mm beyond just "
                "touching it: soft layers become thinner, veins close, bone stays where it is."
                "<br>Keys , and . : 0.5 mm less or more."
            )
        )
        self.centre = QPushButton(self.tr("Recentre"))
        self.centre.setAccessibleName(self.tr("Recentre the probe"))
        self.centre.setToolTip(self.tr("Put the probe back where this phantom starts (Home)."))
        self.centre.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.centre.clicked.connect(scanner.recentre)
        self.slide.asked.connect(self._slide)
        self.rock.asked.connect(self._rock)
        self.gel.asked.connect(self._lift)
        self.gel.reset_asked.connect(self._reset_gel)
        self.slide.reset_asked.connect(self._reset_slide)
        self.rock.reset_asked.connect(self._reset_rock)
        self.press.asked.connect(self._press)
        self.press.reset_asked.connect(self._reset_press)
        sliders = QVBoxLayout()
        sliders.setSpacing(2)
        sliders.addWidget(self.slide)
        sliders.addWidget(self.rock)
        sliders.addWidget(self.press)
        sliders.addWidget(self.gel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.sketch)
        row.addLayout(sliders, 1)
        row.addWidget(self.centre)
        scanner.changed.connect(self._show)
        self._show()

    def minimumSizeHint(self) -> QSize:
        """Room for the sliders: the drawing goes when there is no more."""
        hint = super().minimumSizeHint()
        sketch = self.sketch.sizeHint()
        width = hint.width() - (sketch.width() if self.sketch.isVisibleTo(self) else 0)
        return QSize(width, max(hint.height(), sketch.height() + 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        em = self.fontMetrics().height()
        self.sketch.setVisible(self.width() > LEAST_EMS_WITH_SKETCH * em)

    def _control(
        self,
        name: str,
        keys: str,
        unit: str,
        step: float,
        *,
        decimals: int = 1,
        signed: bool = True,
    ) -> NumberControl:
        control = NumberControl(
            name,
            unit,
            step=step,
            decimals=decimals,
            stacked=False,
            signed=signed,
            sideways=True,
            label=with_key(name, keys) if keys else name,
        )
        metrics = control.fontMetrics()
        control.label.setMinimumWidth(metrics.horizontalAdvance("Heel-toe   [ ]0"))
        control.reserve_width(number_text(-88.8, 1, "mm"))
        return control

    @Slot()
    def _show(self) -> None:
        waiting = self._scanner.pose_waits
        low, high = self._scanner.slide_range_m
        self.slide.set_range(low * 1e3, high * 1e3)
        self.slide.show_value(self._scanner.pose.slide_m * 1e3, waiting=waiting)
        low, high = self._scanner.rock_range_rad
        self.rock.set_range(math.degrees(low), math.degrees(high))
        self.rock.show_value(math.degrees(self._scanner.pose.rock_rad), waiting=waiting)
        self.gel.show_value(self._scanner.pose.standoff_m * 1e3, waiting=waiting)
        low, high = self._scanner.press_range_m
        self.press.set_range(low * 1e3, high * 1e3)
        self.press.show_value(self._scanner.pose.press_m * 1e3, waiting=waiting)

    @Slot(float)
    def _slide(self, mm: float) -> None:
        self._scanner.move(slide_m=mm * 1e-3)

    @Slot(float)
    def _rock(self, degrees: float) -> None:
        self._scanner.move(rock_rad=math.radians(degrees))

    @Slot(float)
    def _press(self, mm: float) -> None:
        self._scanner.move(press_m=mm * 1e-3)

    @Slot()
    def _reset_press(self) -> None:
        self._scanner.move(press_m=self._scanner.phantom.start_pose.press_m)

    @Slot(float)
    def _lift(self, mm: float) -> None:
        self._scanner.move(standoff_m=mm * 1e-3)

    @Slot()
    def _reset_gel(self) -> None:
        self._scanner.move(standoff_m=self._scanner.phantom.start_pose.standoff_m)

    @Slot()
    def _reset_slide(self) -> None:
        self._scanner.move(slide_m=self._scanner.phantom.start_pose.slide_m)

    @Slot()
    def _reset_rock(self) -> None:
        self._scanner.move(rock_rad=self._scanner.phantom.start_pose.rock_rad)


class ProbeSketch(QWidget):
    """The probe on the skin, seen from the side; drag it along."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(self.tr("Probe on the skin"))
        self.setToolTip(self.tr("The probe on the skin. Drag it along."))
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        scanner.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 3 * em)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grab_m = self._scanner.pose.slide_m - event.position().x() / self._px_per_m()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scanner.move(slide_m=self._grab_m + event.position().x() / self._px_per_m())

    def _px_per_m(self) -> float:
        """Scale at which the whole range of the probe, and half a probe beyond, fits."""
        low, high = self._scanner.slide_range_m
        return self.width() / (high - low + 1.2 * self._scanner.probe.footprint_m)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = self._scanner.slide_range_m
        scale = self._px_per_m()
        skin_px = 0.72 * self.height()
        painter.fillRect(QRectF(0, skin_px, self.width(), self.height()), QColor("#5b4740"))
        painter.setPen(QPen(QColor("#c9a392"), 2))
        painter.drawLine(QPointF(0, skin_px), QPointF(self.width(), skin_px))
        pose = self._scanner.pose
        gel_px = pose.standoff_m * scale
        face_px = skin_px + pose.press_m * scale - gel_px
        painter.fillRect(QRectF(0, skin_px - gel_px, self.width(), gel_px), QColor("#3f5f73"))
        middle_px = self.width() / 2 + (pose.slide_m - (low + high) / 2) * scale
        painter.translate(middle_px, face_px)
        painter.rotate(math.degrees(pose.rock_rad))
        half = self._scanner.probe.footprint_m * scale / 2
        tall = 0.62 * self.height()
        body = [(-half, 0), (half, 0), (half, -0.4 * tall), (half / 3, -tall)]
        body += [(-half / 3, -tall), (-half, -0.4 * tall)]
        painter.setPen(QPen(QColor("#0b0e11"), 1))
        painter.setBrush(QColor("#aeb9c4"))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in body]))
        painter.setBrush(QColor(theme.ACCENT))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(-0.78 * half, -0.2 * tall), 0.09 * tall, 0.09 * tall)
