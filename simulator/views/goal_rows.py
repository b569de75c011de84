"""Goals and limits of a console question as they stand: number, target, tick."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from lessons.console_session import GoalResult, LimitResult
from lessons.number import wanted
from simulator import theme
from simulator.views.lesson_parts import GOOD, wrapped_label


class GoalRows(QFrame):
    """A row each: what is measured, its number, what is wanted; below them the limits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("goals")
        self.setStyleSheet(
            f"QFrame#goals {{ background: {theme.PANEL}; border: 1px solid {theme.LINE};"
            " border-radius: 4px; }"
        )
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(8, 6, 8, 6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._labels: dict[tuple[int, int], QLabel] = {}
        self.hide()

    def show_state(self, goals: Sequence[GoalResult], limits: Sequence[LimitResult]) -> None:
        """Show how they stand in the newest picture; nothing at all hides the box."""
        self.setVisible(bool(goals))
        for row, one in enumerate(goals):
            label = one.goal.goal.reading.label
            target = self.tr("wanted: {0}").format(wanted(one.goal.goal))
            self._put(2 * row, 0, _tick(one.met), _colour(one.met))
            self._put(2 * row, 1, label[:1].upper() + label[1:], theme.TEXT)
            self._put(2 * row, 2, one.number.text_with_unit, _colour(one.met))
            self._put(2 * row + 1, 1, target, theme.QUIET)
        for row, limit in enumerate(limits, 2 * len(goals)):
            self._put(row, 0, _tick(limit.kept), _colour(limit.kept))
            self._put(row, 1, limit.sentence, theme.TEXT if limit.kept else theme.NOTICE, span=2)

    @property
    def text(self) -> str:
        """All that stands in it, for tests and screen readers."""
        return " ".join(label.text() for _, label in sorted(self._labels.items()))

    def _put(self, row: int, column: int, text: str, colour: str, span: int = 1) -> None:
        label = self._labels.get((row, column))
        if label is None:
            label = wrapped_label() if column == 1 else QLabel()
            side = Qt.AlignmentFlag.AlignRight if column == 2 else Qt.AlignmentFlag(0)
            self._grid.addWidget(label, row, column, 1, span, side | Qt.AlignmentFlag.AlignTop)
            self._labels[row, column] = label
        if label.text() != text:
            label.setText(text)
        label.setStyleSheet(f"color: {colour};")


def _tick(held: bool) -> str:
    return "✓" if held else "○"


def _colour(held: bool) -> str:
    return GOOD if held else theme.NOTICE
