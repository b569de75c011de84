"""Lists of knobs with boxes to tick: what is locked or hidden, and what a presentation shows."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from physics.settings import KNOBS
from simulator.models.scanner import Scanner
from simulator.views.knob_control import knob_label


class KnobList(QDialog):
    """Knobs below each other, with columns of boxes."""

    def __init__(
        self, title: str, note: str, columns: list[str], names: Iterable[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels([self.tr("Knob"), *columns])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._items: dict[str, QTreeWidgetItem] = {}
        for name in names:
            item = self._items[name] = QTreeWidgetItem([knob_label(KNOBS[name])])
            self.tree.addTopLevelItem(item)
        text = QLabel(note)
        text.setWordWrap(True)
        kinds = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (text, self.tree, buttons):
            column.addWidget(widget)
        em = self.fontMetrics().height()
        self.resize(round(28 * em), round(34 * em))

    def ticked(self, column: int) -> frozenset[str]:
        """Knobs whose box in this column (1 is the first) is ticked."""
        return frozenset(
            name
            for name, item in self._items.items()
            if item.checkState(column) == Qt.CheckState.Checked
        )

    def tick(self, column: int, names: Iterable[str]) -> None:
        """Tick the boxes of these knobs in a column, and no others."""
        wanted = set(names)
        for name, item in self._items.items():
            checked = Qt.CheckState.Checked if name in wanted else Qt.CheckState.Unchecked
            item.setCheckState(column, checked)


class KnobRules(KnobList):
    """Which knobs are locked, and which are hidden."""

    def __init__(self, scanner: Scanner, parent: QWidget) -> None:
        super().__init__(
            self.tr("Lock and hide knobs"),
            self.tr("A locked knob keeps its value, a hidden one is not on the console. A saved "
                    "scene keeps both for whoever opens it. Anyone can unlock everything again, in "
                    "the menu Console: this guides, it does not protect."),
            [self.tr("Locked"), self.tr("Hidden")],
            KNOBS,
            parent,
        )  # fmt: skip
        self._scanner = scanner
        self.tick(1, scanner.locked)
        self.tick(2, scanner.hidden)
        self.accepted.connect(self._apply)

    def _apply(self) -> None:
        self._scanner.set_aside(locked=self.ticked(1), hidden=self.ticked(2))
