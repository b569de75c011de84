"""Where the probe is, in numbers: a slider for every movement, standard views, and a way back."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from simulator.models.scanner import Scanner
from simulator.views.knob_control import with_key
from simulator.views.movements import keys_of
from simulator.views.number_control import NumberControl, number_text
from simulator.words import MOVES, move_name, translate

LEAST_EMS_WITH_COLUMNS = 46
"""Width from which there is room for two columns of sliders, in line heights."""


@dataclass(frozen=True)
class Movement:
    """One way to move the probe: a field of `Pose`, and how it is shown."""

    field: str
    unit: str
    per_si: float
    step: float
    tip: str
    decimals: int = 1
    signed: bool = True

    @property
    def label(self) -> str:
        """What is written beside the slider: name and keys, rich text."""
        keys = keys_of(self.field)
        modifier = f"{translate('Keys', keys.modifier)} " if keys.modifier else ""
        return with_key(move_name(self.field), modifier + keys.keys)


class ProbePanel(QWidget):
    """The ways to move the probe as numbers, and the standard views."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
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
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._columns.setSpacing(2)
        ways = (
            (self.slide, self.rock, self.press, self.gel),
            (self.tilt, self.turn, self.across),
        )
        last = QHBoxLayout()
        last.addWidget(self.views, 1)
        last.addWidget(self.centre)
        for controls in ways:
            column = QVBoxLayout()
            column.setSpacing(2)
            for control in controls:
                column.addWidget(control)
            if controls is ways[-1]:
                column.addLayout(last)
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        row.addLayout(self._columns, 1)
        scanner.phantom_changed.connect(self._list_views)
        scanner.changed.connect(self._show)
        self._list_views()
        self._show()

    def _list_movements(self) -> tuple[Movement, ...]:
        degrees = math.degrees(1.0)
        return (
            Movement(
                "slide_m", "mm", 1e3, 1.0,
                self.tr("<b>Moves the probe along the skin.</b><br>"
                        "Left and Right: 1 mm; with Shift 0.2 mm."),
            ),
            Movement(
                "rock_rad", "°", degrees, 1.0,
                self.tr("<b>Rocks the probe within the picture's plane</b> (heel-toe): positive "
                        "presses the right end into the skin.<br>Keys [ and ], or Ctrl with Left "
                        "and Right: 1°."),
            ),
            Movement(
                "press_m", "mm", 1e3, 0.5,
                self.tr("<b>Presses the probe into the skin</b> (compression), by so many mm "
                        "beyond just touching it: soft layers become thinner, veins close, bone "
                        "stays where it is.<br>Keys , and . : 0.5 mm less or more."),
                signed=False,
            ),
            Movement(
                "standoff_m", "mm", 1e3, 1.0,
                self.tr("<b>Gel between probe and skin</b> (stand-off): what lies near the skin "
                        "comes out of the probe's own clutter and nearer to the focus of its "
                        "lens.<br>Keys Ctrl and , or . : 1 mm less or more."),
                decimals=0, signed=False,
            ),
            Movement(
                "tilt_rad", "°", degrees, 1.0,
                self.tr("<b>Tilts the probe about the long axis of its face</b> (fanning): the "
                        "picture's plane leaves the upright, and tendon goes dark where muscle "
                        "does not.<br>Keys - and +: 1°."),
            ),
            Movement(
                "turn_rad", "°", degrees, 5.0,
                self.tr("<b>Turns the probe on the skin</b> (rotation): by 90° from a long into a "
                        "short axis.<br>Keys ( and ): 5°."),
            ),
            Movement(
                "slide_y_m", "mm", 1e3, 1.0,
                self.tr("<b>Moves the probe across the body</b>, to the reader of a picture that "
                        "is not turned.<br>Ctrl with Up and Down: 1 mm."),
            ),
        )  # fmt: skip

    def minimumSizeHint(self) -> QSize:
        """Room for the sliders below each other."""
        widths = [control.minimumSizeHint().width() for control in self.controls.values()]
        return QSize(max(widths) + 28, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() > LEAST_EMS_WITH_COLUMNS * self.fontMetrics().height()
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._columns.setDirection(beside if is_wide else below)
        self._columns.setSpacing(12 if is_wide else 2)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for movement in self._movements:
                self.controls[movement.field].rename(move_name(movement.field))
                self.controls[movement.field].label.setText(movement.label)

    def _control(self, movement: Movement) -> NumberControl:
        control = NumberControl(
            move_name(movement.field),
            movement.unit,
            step=movement.step,
            decimals=movement.decimals,
            stacked=False,
            signed=movement.signed,
            sideways=True,
            label=movement.label,
        )
        metrics = control.fontMetrics()
        longest = max((name for terms in MOVES.values() for name in terms.values()), key=len)
        control.label.setMinimumWidth(metrics.horizontalAdvance(longest + "   Ctrl , ."))
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
