"""The console at the right: phantom, probe, knobs, TGC, freeze."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import phantoms
from physics.probe import load_probes
from physics.settings import KNOBS
from simulator.models.scanner import Scanner
from simulator.views.eliding_box import ElidingBox
from simulator.views.fold import Fold
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
        self._list_phantoms()
        for probe in load_probes().values():
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

    def _list_phantoms(self) -> None:
        """Part of the body by part, variants inset below their parents, blocks last."""
        box, group = self.phantom_box, None
        for heading in phantoms.library_headings():
            if heading.group != group:
                group = heading.group
                box.addItem(self.tr("Blocks") if group == phantoms.BLOCK else group.capitalize())
                box.setItemData(box.count() - 1, 0, _FLAGS)
            inset = 4 if heading.variant_of else 2
            box.addItem(" " * inset + heading.title, heading.name)
            box.setItemData(box.count() - 1, heading.summary, Qt.ItemDataRole.ToolTipRole)

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
        for fold in self._make_folds():
            column.addWidget(fold)
        column.addStretch(2)
        area = _KeylessScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(inside.minimumSizeHint().width() + 4)
        self._area = area
        return area

    def _make_folds(self) -> list[Fold]:
        """The rarer knobs, in named groups; what no other group takes is beamforming."""
        self.folds = {
            "beamforming": Fold(
                self.tr("Beamforming"),
                self.tr("Show the beamforming knobs"),
                self.tr("Apertures and their weights, for transmit and receive."),
            ),
            "lines": Fold(
                self.tr("Lines and zoom"),
                self.tr("Show the knobs of the scan lines"),
                self.tr(
                    "How many lines and transmits make a frame, and what part of the field they "
                    "scan: what the frame rate is spent on."
                ),
            ),
            "image": Fold(
                self.tr("Image processing"),
                self.tr("Show the image processing knobs"),
                self.tr("What is done to echoes that are in already: averaging, smoothing, greys."),
            ),
            "physics": Fold(
                self.tr("Physics"),
                self.tr("Show the switches of the physics"),
                self.tr(
                    "Takes one property away from sound or tissue, to see what it was good for."
                ),
            ),
            "faults": Fold(
                self.tr("Faults"),
                self.tr("Show the faults of the machine"),
                self.tr("What can be wrong with probe, contact and surroundings."),
            ),
        }
        for knob in KNOBS.values():
            if knob.name in PRIMARY or knob.n_value > 1:
                continue
            fold = self.folds.get(knob.group, self.folds["beamforming"])
            if knob.choices:
                self.choices[knob.name] = ChoiceControl(self._scanner, knob.name)
                fold.add(self.choices[knob.name])
            else:
                self.knobs[knob.name] = KnobControl(self._scanner, knob.name)
                fold.add(self.knobs[knob.name])
        for fold in self.folds.values():
            fold.opened.connect(self._reveal)
        return list(self.folds.values())

    def _make_freeze(self) -> QPushButton:
        freeze = QPushButton()
        freeze.setObjectName("freeze")
        freeze.setCheckable(True)
        freeze.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        freeze.setAccessibleName(self.tr("Freeze"))
        freeze.setToolTip(
            self.tr("Stops sending and keeps the last picture (Space). Gain, TGC, dynamic range "
                    "and image processing except persistence still act on it; other knobs act "
                    "when it runs again.")
        )  # fmt: skip
        freeze.clicked.connect(self._scanner.set_frozen)
        return freeze

    @Slot(QWidget)
    def _reveal(self, fold: QWidget) -> None:
        """Scroll to what was unfolded."""
        self._area.ensureWidgetVisible(fold)

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


_FLAGS = Qt.ItemDataRole.UserRole - 1
"""Role in which the model of a combo box keeps the flags of a row; 0: cannot be chosen."""


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
