"""Where the probe is: the limb's surface with the probe on it, sliders, and a way back."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from simulator import theme
from simulator.models.scanner import Scanner
from simulator.views.knob_control import with_key
from simulator.views.number_control import NumberControl, number_text

LEAST_EMS_WITH_SKETCH = 40
"""Width below which the sliders need the room of the drawing, in line heights."""
LEAST_EMS_WITH_COLUMNS = 62
"""Width from which there is room for two columns of sliders, in line heights."""


@dataclass(frozen=True)
class Movement:
    """One way to move the probe: a field of `Pose`, and how it is shown."""

    field: str
    label: str
    keys: str
    unit: str
    per_si: float
    step: float
    tip: str
    decimals: int = 1
    signed: bool = True


class ProbePanel(QWidget):
    """The ways to move the probe as numbers and as a small drawing, and the standard views."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.sketch = ProbeSketch(scanner)
        self._movements = self._list_movements()
        self.controls = {m.field: self._control(m) for m in self._movements}
        self.slide, self.rock = self.controls["slide_m"], self.controls["rock_rad"]
        self.gel, self.press = self.controls["standoff_m"], self.controls["press_m"]
        self.tilt, self.turn = self.controls["tilt_rad"], self.controls["turn_rad"]
        self.across = self.controls["slide_y_m"]
        self.views = QComboBox()
        self.views.setAccessibleName(self.tr("Standard view"))
        self.views.setToolTip(self.tr("Standard views of this phantom: probe and knobs go there."))
        self.views.activated.connect(self._take_view)
        self.centre = QPushButton(self.tr("Recentre"))
        self.centre.setAccessibleName(self.tr("Recentre the probe"))
        self.centre.setToolTip(
            self.tr("Put the probe back where this phantom or its standard view starts (Home).")
        )
        self.centre.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.centre.clicked.connect(scanner.recentre)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(12)
        row.addWidget(self.sketch)
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(2)
        for column in (
            (self.slide, self.rock, self.press, self.gel),
            (self.tilt, self.turn, self.across),
        ):
            sliders = QVBoxLayout()
            sliders.setSpacing(2)
            for control in column:
                sliders.addWidget(control)
            sliders.addStretch(1)
            self._columns.addLayout(sliders, 1)
        row.addLayout(self._columns, 1)
        last = QVBoxLayout()
        last.addWidget(self.views)
        last.addWidget(self.centre)
        row.addLayout(last)
        scanner.phantom_changed.connect(self._list_views)
        scanner.changed.connect(self._show)
        self._list_views()
        self._show()

    def _list_movements(self) -> tuple[Movement, ...]:
        degrees = math.degrees(1.0)
        return (
            Movement(
                "slide_m", self.tr("Slide"), "\N{LEFTWARDS ARROW} \N{RIGHTWARDS ARROW}", "mm", 1e3,
                1.0,
                self.tr("<b>Moves the probe along the skin.</b><br>"
                        "Left and Right: 1 mm; with Shift 0.2 mm."),
            ),
            Movement(
                "rock_rad", self.tr("Heel-toe"), "[ ]", "°", degrees, 1.0,
                self.tr("<b>Rocks the probe within the picture's plane</b> (heel-toe): positive "
                        "presses the right end into the skin.<br>Keys [ and ], or Ctrl with Left "
                        "and Right: 1°."),
            ),
            Movement(
                "press_m", self.tr("Pressure"), ", .", "mm", 1e3, 0.5,
                self.tr("<b>Presses the probe into the skin</b> (compression), by so many mm "
                        "beyond just touching it: soft layers become thinner, veins close, bone "
                        "stays where it is.<br>Keys , and . : 0.5 mm less or more."),
                signed=False,
            ),
            Movement(
                "standoff_m", self.tr("Gel pad"), "", "mm", 1e3, 1.0,
                self.tr("<b>Gel between probe and skin</b> (stand-off): what lies near the skin "
                        "comes out of the probe's own clutter and nearer to the focus of its "
                        "lens."),
                decimals=0, signed=False,
            ),
            Movement(
                "tilt_rad", self.tr("Tilt"), "- +", "°", degrees, 1.0,
                self.tr("<b>Tilts the probe about the long axis of its face</b> (fanning): the "
                        "picture's plane leaves the upright, and tendon goes dark where muscle "
                        "does not.<br>Keys - and +: 1°."),
            ),
            Movement(
                "turn_rad", self.tr("Turn"), "( )", "°", degrees, 5.0,
                self.tr("<b>Turns the probe on the skin</b> (rotation): by 90° from a long into a "
                        "short axis.<br>Keys ( and ): 5°."),
            ),
            Movement(
                "slide_y_m", self.tr("Across"), "Ctrl \N{UPWARDS ARROW} \N{DOWNWARDS ARROW}", "mm",
                1e3, 1.0,
                self.tr("<b>Moves the probe across the body</b>, to the reader of a picture that "
                        "is not turned.<br>Ctrl with Up and Down: 1 mm."),
            ),
        )  # fmt: skip

    def minimumSizeHint(self) -> QSize:
        """Room for the sliders below each other: the drawing goes when there is no more."""
        hint, sketch = super().minimumSizeHint(), self.sketch.sizeHint()
        widths = [control.minimumSizeHint().width() for control in self.controls.values()]
        last = max(self.centre.sizeHint().width(), self.views.sizeHint().width())
        return QSize(max(widths) + last + 28, max(hint.height(), sketch.height() + 8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        em = self.fontMetrics().height()
        self.sketch.setVisible(self.width() > LEAST_EMS_WITH_SKETCH * em)
        is_wide = self.width() > LEAST_EMS_WITH_COLUMNS * em
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(beside if is_wide else below)
        self._columns.setSpacing(12 if is_wide else 2)

    def _control(self, movement: Movement) -> NumberControl:
        control = NumberControl(
            movement.label,
            movement.unit,
            step=movement.step,
            decimals=movement.decimals,
            stacked=False,
            signed=movement.signed,
            sideways=True,
            label=with_key(movement.label, movement.keys) if movement.keys else movement.label,
        )
        metrics = control.fontMetrics()
        control.label.setMinimumWidth(metrics.horizontalAdvance("Heel-toe   [ ]0"))
        control.reserve_width(number_text(-88.8, 1, "mm"))
        control.set_tool_tip(movement.tip)
        field, scanner = movement.field, self._scanner
        control.asked.connect(lambda value: scanner.move(**{field: value / movement.per_si}))
        control.reset_asked.connect(
            lambda: scanner.move(**{field: getattr(scanner.start_pose, field)})
        )
        return control

    @Slot()
    def _show(self) -> None:
        waiting, pose = self._scanner.pose_waits, self._scanner.pose
        ranges = self._scanner.pose_ranges
        for movement in self._movements:
            control, per_si = self.controls[movement.field], movement.per_si
            low, high = ranges[movement.field]
            control.setVisible(low < high)
            control.set_range(low * per_si, high * per_si)
            control.show_value(getattr(pose, movement.field) * per_si, waiting=waiting)
        self.views.setCurrentIndex(self.views.findData(self._scanner.view_name))

    @Slot()
    def _list_views(self) -> None:
        self.views.clear()
        for name, view in self._scanner.phantom.views.items():
            self.views.addItem(view.title, name)
            self.views.setItemData(
                self.views.count() - 1, view.look_for, Qt.ItemDataRole.ToolTipRole
            )
        self.views.setVisible(self.views.count() > 1)

    @Slot(int)
    def _take_view(self, row: int) -> None:
        self._scanner.take_view(self.views.itemData(row))


class ProbeSketch(QWidget):
    """The probe on the skin, seen from the side; drag it along."""

    grabbed = Signal()
    released = Signal()

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
        self.grabbed.emit()
        self._grab_m = self._scanner.pose.slide_m - event.position().x() / self._px_per_m()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scanner.move(slide_m=self._grab_m + event.position().x() / self._px_per_m())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.released.emit()

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
