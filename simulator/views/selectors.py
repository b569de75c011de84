"""What is scanned, with which probe, from which preset: the top of the console."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

import phantoms
from physics.probe import load_probes
from simulator.models.scanner import Scanner
from simulator.user_presets import UserPresets
from simulator.views.eliding_box import ElidingBox
from simulator.views.preset_box import PresetBox
from simulator.words import translate

_FLAGS = Qt.ItemDataRole.UserRole - 1
"""Role in which the model of a combo box keeps the flags of a row; 0: cannot be chosen."""


class Selectors(QWidget):
    """Three choices, one below the other."""

    def __init__(
        self, scanner: Scanner, own: UserPresets | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.phantoms, self.probes = ElidingBox(), ElidingBox()
        self._list_phantoms()
        for probe in load_probes().values():
            kind, _, use = translate("Probe", probe.title).partition(":")
            _add(self.probes, kind, probe.name, use.strip())
        self._dress(self.phantoms, self.tr("Phantom"), self.tr("What is scanned."))
        probe_tip = self.tr("The transducer: its size and its frequencies.")
        self._dress(self.probes, self.tr("Probe"), probe_tip)
        self.phantoms.activated.connect(self._choose_phantom)
        self.probes.activated.connect(self._choose_probe)
        self.presets = PresetBox(scanner, own)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 2, 0)
        form.setVerticalSpacing(4)
        form.addRow(self.tr("Phantom"), self.phantoms)
        form.addRow(self.tr("Probe"), self.probes)
        form.addRow(self.tr("Preset"), self.presets)
        scanner.changed.connect(self._show)
        self._show()

    def _list_phantoms(self) -> None:
        """Part of the body by part, variants inset below their parents, blocks last."""
        box, group = self.phantoms, None
        own = {phantoms.BLOCK: self.tr("Blocks"), phantoms.OPENED: self.tr("Opened files")}
        for heading in phantoms.phantom_headings():
            if heading.group != group:
                group = heading.group
                box.addItem(own.get(group, group.capitalize()))
                box.setItemData(box.count() - 1, 0, _FLAGS)
            inset = 4 if heading.variant_of else 2
            _add(box, " " * inset + heading.title, heading.name, heading.summary)

    def _dress(self, box: QComboBox, name: str, tip: str) -> None:
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        box.setSizeAdjustPolicy(policy)
        box.setMinimumContentsLength(16)

    @Slot(int)
    def _choose_phantom(self, row: int) -> None:
        self._scanner.load_phantom(self.phantoms.itemData(row))

    @Slot(int)
    def _choose_probe(self, row: int) -> None:
        self._scanner.set_probe(self.probes.itemData(row))

    @Slot()
    def _show(self) -> None:
        for box, name in (
            (self.phantoms, self._scanner.phantom.name),
            (self.probes, self._scanner.probe.name),
        ):
            with QSignalBlocker(box):
                box.setCurrentIndex(box.findData(name))


def _add(box: QComboBox, text: str, name: str, tip: str) -> None:
    box.addItem(text, name)
    box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
