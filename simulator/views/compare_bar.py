"""Below the picture, once a picture is kept as A: how A and B are shown, and what differs."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from simulator.models.comparison import A_ONLY, B_ONLY, BLINK, RATES_HZ, SIDE, WIPE, Comparison
from simulator.views.differences import Difference
from simulator.views.number_control import number_text


class CompareBar(QWidget):
    """Hands for `Comparison`."""

    swap_asked = Signal()
    keep_asked = Signal()

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._comparison = comparison
        self._rows: tuple[Difference, ...] = ()
        self._table: DifferenceTable | None = None
        self.modes: dict[str, QToolButton] = {}
        self._keys = QHBoxLayout()
        self._keys.setSpacing(4)
        for mode, text, tip in (
            (B_ONLY, self.tr("B: now"), self.tr("The present picture alone.")),
            (SIDE, self.tr("A | B"), self.tr("Beside each other, on the same scale in mm.")),
            (WIPE, self.tr("Wipe"), self.tr("A left of an edge that can be dragged, B right.")),
            (BLINK, self.tr("Blink"), self.tr("A and B by turns. Not for people whom flashing "
                                              "pictures make ill: at most 3 changes a second.")),
            (A_ONLY, self.tr("A: kept"), self.tr("The kept picture alone.")),
        ):  # fmt: skip
            key = self._add(text, tip)
            key.setCheckable(True)
            key.clicked.connect(lambda _=False, mode=mode: comparison.show(mode))
            self.modes[mode] = key
        self.rate = QComboBox()
        self.rate.setAccessibleName(self.tr("Changes per second"))
        self.rate.setToolTip(self.tr("How often the picture changes while it blinks."))
        self.rate.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for rate_hz in RATES_HZ:
            self.rate.addItem(number_text(rate_hz, 1, "/ s"), rate_hz)
        self.rate.activated.connect(lambda row: comparison.blink_at(self.rate.itemData(row)))
        self._keys.addWidget(self.rate)
        self._keys.addStretch(1)
        self.swap = self._add(
            self.tr("Swap"), self.tr("A's settings become the scanner's, and B is kept (X).")
        )
        self.swap.clicked.connect(self.swap_asked)
        self.keep = self._add(self.tr("New A"), self.tr("Keep the present picture as A (K)."))
        self.keep.clicked.connect(self.keep_asked)
        self.forget = self._add(self.tr("End"), self.tr("Forget A."))
        self.forget.clicked.connect(lambda: comparison.keep(None))
        self.text = QLabel()
        self.text.setProperty("quiet", True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumWidth(10)
        self.all = self._add(
            self.tr("List"), self.tr("All settings that differ, with both values.")
        )
        self.all.clicked.connect(self.open_table)
        below = QHBoxLayout()
        below.addWidget(self.text, 1)
        below.addWidget(self.all)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 2)
        column.setSpacing(3)
        column.addLayout(self._keys)
        column.addLayout(below)
        comparison.changed.connect(self._show)
        self.hide()

    def _add(self, text: str, tip: str) -> QToolButton:
        key = QToolButton()
        key.setText(text)
        key.setToolTip(tip)
        key.setAccessibleDescription(tip)
        key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._keys.addWidget(key)
        return key

    def tell(self, differences: tuple[Difference, ...]) -> None:
        """Show what differs."""
        self._rows = differences
        self._write()
        if self._table is not None:
            self._table.show_rows(differences)

    @property
    def sentence(self) -> str:
        """All differences in one line."""
        if not self._rows:
            return self.tr("A and B have the same settings and place.")
        each = self.tr("%1: A %2, B %3")
        return "    ".join(
            each.replace("%1", d.label).replace("%2", d.a).replace("%3", d.b) for d in self._rows
        )

    @Slot()
    def open_table(self) -> None:
        """The list in a window of its own, which stays open."""
        if self._table is None:
            self._table = DifferenceTable(self.window())
        self._table.show_rows(self._rows)
        self._table.show()
        self._table.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        sentence = self.sentence
        elided = self.text.fontMetrics().elidedText(
            sentence, Qt.TextElideMode.ElideRight, self.text.width()
        )
        self.text.setText(elided)
        self.text.setToolTip(sentence if elided != sentence else "")
        self.text.setAccessibleName(sentence)

    @Slot()
    def _show(self) -> None:
        comparison = self._comparison
        for mode, key in self.modes.items():
            key.setChecked(mode == comparison.mode)
        with QSignalBlocker(self.rate):
            self.rate.setCurrentIndex(self.rate.findData(comparison.rate_hz))
        self.rate.setEnabled(comparison.mode == BLINK)


class DifferenceTable(QDialog):
    """Setting, A, B."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What differs between A and B"))
        self.table = QTableWidget(0, 3)
        headings = [self.tr("Setting"), self.tr("A: kept"), self.tr("B: now")]
        self.table.setHorizontalHeaderLabels(headings)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        column = QVBoxLayout(self)
        column.addWidget(self.table)
        em = self.fontMetrics().height()
        self.resize(30 * em, 18 * em)

    def show_rows(self, rows: tuple[Difference, ...]) -> None:
        """Write these into the table."""
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, text in enumerate((row.label, row.a, row.b)):
                self.table.setItem(number, column, QTableWidgetItem(text))
