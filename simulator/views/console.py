"""The console at the right: phantom, probe, knobs, TGC, freeze."""

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import phantoms
from physics.probe import load_probes
from physics.settings import KNOBS
from simulator.models.scanner import Scanner
from simulator.views.eliding_box import ElidingBox
from simulator.views.knob_control import ChoiceControl, KnobControl
from simulator.views.number_control import NumberControl
from simulator.views.tgc_panel import TgcPanel

KNOB_KEYS = {
    "frequency_mhz": "Q",
    "depth_mm": "D",
    "focus_mm": "F",
    "gain_db": "G",
    "dynamic_range_db": "R",
    "power_db": "P",
}
"""Letter that selects each knob of the main group."""
PRIMARY = ("gain_db", "depth_mm", "focus_mm", "frequency_mhz", "dynamic_range_db", "power_db")
"""Knobs of the main group, most used first."""


class Console(QWidget):
    """Everything that a sonographer's left hand does."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.knobs: dict[str, KnobControl] = {}
        self.choices: dict[str, ChoiceControl] = {}
        self.tgc = TgcPanel(scanner)
        self.freeze = self._make_freeze()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(10, 8, 8, 8)
        outer.setSpacing(6)
        outer.addLayout(self._make_selectors())
        outer.addWidget(self._make_scroll_area(), 1)
        outer.addWidget(self.freeze)
        scanner.changed.connect(self._show)
        self._show()

    def select(self, name: str) -> None:
        """Give a knob the keyboard, so that Up and Down turn it."""
        self._focus(self.knobs[name])

    def select_tgc(self, index: int) -> None:
        """Give a TGC slider the keyboard."""
        self._focus(self.tgc.sliders[index])

    def _focus(self, control: NumberControl) -> None:
        control.slider.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._area.ensureWidgetVisible(control)

    def _make_selectors(self) -> QFormLayout:
        self.phantom_box, self.probe_box = ElidingBox(), ElidingBox()
        for name in phantoms.phantom_names():
            phantom = phantoms.load_phantom(name)
            self.phantom_box.addItem(phantom.title, name)
            row = self.phantom_box.count() - 1
            self.phantom_box.setItemData(row, phantom.summary, Qt.ItemDataRole.ToolTipRole)
        for probe in load_probes().values():
            if not probe.is_convex:
                kind, _, use = probe.title.partition(":")
                self.probe_box.addItem(kind, probe.name)
                row = self.probe_box.count() - 1
                self.probe_box.setItemData(row, use.strip(), Qt.ItemDataRole.ToolTipRole)
        self._dress(self.phantom_box, self.tr("Phantom"), self.tr("What is scanned."))
        probe_tip = self.tr("The transducer: its size and its frequencies.")
        self._dress(self.probe_box, self.tr("Probe"), probe_tip)
        self.phantom_box.activated.connect(self._choose_phantom)
        self.probe_box.activated.connect(self._choose_probe)
        form = QFormLayout()
        form.setContentsMargins(0, 0, 2, 0)
        form.setVerticalSpacing(4)
        form.addRow(self.tr("Phantom"), self.phantom_box)
        form.addRow(self.tr("Probe"), self.probe_box)
        return form

    def _dress(self, box: QComboBox, name: str, tip: str) -> None:
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        box.setSizeAdjustPolicy(policy)
        box.setMinimumContentsLength(16)

    def _make_scroll_area(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(7)
        for name in PRIMARY:
            self.knobs[name] = KnobControl(self._scanner, name, KNOB_KEYS[name])
            column.addWidget(self.knobs[name])
            column.addStretch(1)
        column.addWidget(_rule())
        column.addWidget(self.tgc, 8)
        column.addWidget(_rule())
        column.addWidget(self._make_fold())
        column.addWidget(self._make_beamforming())
        column.addStretch(2)
        area = _KeylessScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(inside.minimumSizeHint().width() + 4)
        self._area = area
        return area

    def _make_fold(self) -> QToolButton:
        self.fold = QToolButton()
        self.fold.setObjectName("fold")
        self.fold.setText(self.tr("Beamforming"))
        self.fold.setAccessibleName(self.tr("Show the beamforming knobs"))
        self.fold.setToolTip(self.tr("Apertures and their weights, for transmit and receive."))
        self.fold.setCheckable(True)
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setArrowType(Qt.ArrowType.RightArrow)
        self.fold.toggled.connect(self._unfold)
        return self.fold

    def _make_beamforming(self) -> QWidget:
        self._beamforming = QWidget()
        column = QVBoxLayout(self._beamforming)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for knob in KNOBS.values():
            if knob.name in PRIMARY or knob.n_value > 1:
                continue
            if knob.choices:
                self.choices[knob.name] = ChoiceControl(self._scanner, knob.name)
                column.addWidget(self.choices[knob.name])
            else:
                self.knobs[knob.name] = KnobControl(self._scanner, knob.name)
                column.addWidget(self.knobs[knob.name])
        self._beamforming.hide()
        return self._beamforming

    def _make_freeze(self) -> QPushButton:
        freeze = QPushButton()
        freeze.setObjectName("freeze")
        freeze.setCheckable(True)
        freeze.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        freeze.setAccessibleName(self.tr("Freeze"))
        freeze.setToolTip(
            self.tr("Stops sending and keeps the last picture (Space). Gain, TGC and dynamic "
                    "range still act on it; other knobs act when it runs again.")
        )  # fmt: skip
        freeze.clicked.connect(self._scanner.set_frozen)
        return freeze

    @Slot(bool)
    def _unfold(self, open_: bool) -> None:
        self.fold.setArrowType(Qt.ArrowType.DownArrow if open_ else Qt.ArrowType.RightArrow)
        self._beamforming.setVisible(open_)
        if open_:
            QTimer.singleShot(0, self._reveal)

    @Slot()
    def _reveal(self) -> None:
        """Scroll to what was unfolded, once it has its place."""
        self._area.ensureWidgetVisible(self._beamforming)

    @Slot(int)
    def _choose_phantom(self, row: int) -> None:
        self._scanner.load_phantom(self.phantom_box.itemData(row))

    @Slot(int)
    def _choose_probe(self, row: int) -> None:
        self._scanner.set_probe(self.probe_box.itemData(row))

    @Slot()
    def _show(self) -> None:
        for box, name in (
            (self.phantom_box, self._scanner.phantom.name),
            (self.probe_box, self._scanner.probe.name),
        ):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(name))
        frozen = self._scanner.frozen
        self.freeze.setChecked(frozen)
        self.freeze.setText(self.tr("Frozen: unfreeze") if frozen else self.tr("Freeze"))


class _KeylessScrollArea(QScrollArea):
    """Leaves the arrow keys to the window; the wheel and Tab still scroll."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.HLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setStyleSheet("color: #3d4650;")
    return rule
