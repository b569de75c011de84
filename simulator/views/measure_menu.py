"""The menu of measuring tools, and what it asks for words."""

import math

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QInputDialog,
    QLineEdit,
    QMenu,
    QWidget,
)

from simulator.models.measurements import ANGLE, ARROW, DISTANCE, ELLIPSE, BodyMark
from simulator.views.measure_layer import MeasureLayer

LONGEST_TEXT = 60
"""Characters of a note or a body mark."""
TOOL_KEYS = {DISTANCE: "M", ELLIPSE: "E", ANGLE: "A", ARROW: "Shift+A"}
UNDO_KEY, PUT_AWAY_KEY, WORDS_KEY = "Backspace", "Esc", "T"


class MeasureMenu(QMenu):
    """Tools for the picture; taking one freezes it."""

    def __init__(self, layer: MeasureLayer, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("&Measure"))
        self._layer = layer
        self._tools: dict[str, QAction] = {}
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for tool, text in (
            (DISTANCE, self.tr("&Distance: two points")),
            (ELLIPSE, self.tr("&Ellipse: ends of an axis, then its side")),
            (ANGLE, self.tr("An&gle: arm, vertex, arm")),
            (ARROW, self.tr("A&rrow: tail, then tip")),
        ):
            action = self._add(text, TOOL_KEYS[tool])
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda on, tool=tool: layer.take(tool if on else ""))
            self._tools[tool] = action
        self._add(self.tr("&Words …"), WORDS_KEY).triggered.connect(self.ask_words)
        self._add(self.tr("&Body mark …"), "").triggered.connect(self.ask_body_mark)
        self.addSeparator()
        self._add(self.tr("&Take the last one back"), UNDO_KEY).triggered.connect(layer.undo)
        put_away = self._add(self.tr("&Put the tool away"), PUT_AWAY_KEY)
        put_away.triggered.connect(lambda: layer.take(""))
        self._add(self.tr("&Remove all"), "").triggered.connect(layer.clear)
        layer.changed.connect(self._show)

    @Slot()
    def ask_words(self) -> None:
        """Ask for words; the next click on the picture writes them there."""
        title, question = self.tr("Words"), self.tr("To be written where you click next:")
        text, wanted = QInputDialog.getText(self.parentWidget(), title, question)
        if wanted and text.strip():
            self._layer.write(text.strip()[:LONGEST_TEXT])

    @Slot()
    def ask_body_mark(self) -> None:
        """Ask what is scanned and how the probe lies; no words take the mark away."""
        dialog = BodyMarkDialog(self._layer.sheet.body_mark, self.parentWidget())
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._layer.put_body_mark(dialog.mark)
        dialog.deleteLater()

    def _add(self, text: str, key: str) -> QAction:
        action = self.addAction(text)
        action.setShortcut(QKeySequence(key))
        return action

    @Slot()
    def _show(self) -> None:
        for tool, action in self._tools.items():
            action.setChecked(tool == self._layer.sheet.tool)


class BodyMarkDialog(QDialog):
    """Words and the probe's direction on the limb."""

    def __init__(self, mark: BodyMark | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Body mark"))
        self.text = QLineEdit(mark.text if mark else "")
        self.text.setMaxLength(LONGEST_TEXT)
        self.text.setPlaceholderText(self.tr("Right shoulder"))
        self.direction = QComboBox()
        self.direction.addItem(self.tr("along the limb"), math.pi / 2)
        self.direction.addItem(self.tr("across the limb"), 0.0)
        self.direction.addItem(self.tr("oblique"), math.pi / 4)
        if mark is not None:
            self.direction.setCurrentIndex(max(self.direction.findData(mark.turn_rad), 0))
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Ok | button.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(self.tr("Part of the body"), self.text)
        form.addRow(self.tr("Probe"), self.direction)
        form.addRow(buttons)

    @property
    def mark(self) -> BodyMark | None:
        text = self.text.text().strip()
        return BodyMark(text, float(self.direction.currentData())) if text else None
