"""Eight time-gain sliders, stacked as the depths they act on."""

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from physics.settings import N_TGC, find_knob
from simulator.models.scanner import Scanner
from simulator.theme import QUIET
from simulator.views.knob_control import knob_tool_tip, show_unless
from simulator.views.knob_menu import open_knob_menu
from simulator.views.number_control import NumberControl, number_text


class TgcPanel(QWidget):
    """The sliders of `tgc_db`, each labelled with the depth in the middle of its zone."""

    auto_asked = Signal()
    """Gain and sliders are to be set from the picture."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner, self._knob = scanner, find_knob("tgc_db")
        self._stands: tuple[object, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addLayout(self._heading())
        self.sliders = [self._make_slider(index) for index in range(N_TGC)]
        for slider in self.sliders:
            column.addWidget(slider, 1)
        scanner.changed.connect(self._show)
        self._show()

    def _heading(self) -> QHBoxLayout:
        title = QLabel(self.tr("TGC: gain by depth"))
        hint = QLabel(f"<span style='color:{QUIET}'>1 – {N_TGC}</span>")
        hint.setToolTip(self.tr("Keys 1 to 8 select a slider; Up and Down move it."))
        self.flat = QPushButton(self.tr("Level"))
        self.flat.setAccessibleName(self.tr("Level all TGC sliders"))
        self.flat.setToolTip(self.tr("Set all eight sliders back to where they started."))
        self.flat.clicked.connect(self._reset_all)
        self.auto = QPushButton(self.tr("Auto"))
        self.auto.setAccessibleName(self.tr("Automatic gain"))
        self.auto.setToolTip(
            self.tr("<b>Sets gain and TGC from the picture</b> (O): soft tissue becomes equally "
                    "bright at all depths.<br>Counted are echoes that stay the same from one "
                    "picture to the next; noise, shadows, fluid and bright surfaces are not. No "
                    "new information, and no more power.<br>Also called: auto-optimise, "
                    "tissue equalisation.")
        )  # fmt: skip
        self.auto.clicked.connect(self.auto_asked)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(hint)
        row.addStretch(1)
        row.addWidget(self.auto)
        row.addWidget(self.flat)
        return row

    def _make_slider(self, index: int) -> NumberControl:
        slider = NumberControl(
            self.tr("TGC slider %1").replace("%1", str(index + 1)),
            self._knob.unit,
            step=self._knob.step,
            decimals=self._knob.decimals,
            stacked=False,
            signed=True,
        )
        slider.set_range(self._knob.low, self._knob.high)
        slider.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        slider.label.setMinimumWidth(slider.fontMetrics().horizontalAdvance("188.8 mm"))
        slider.asked.connect(partial(self._scanner.turn_tgc, index))
        slider.reset_asked.connect(partial(self._reset, index))
        return slider

    def _reset(self, index: int) -> None:
        self._scanner.turn_tgc(index, self._scanner.knob_default("tgc_db")[index])

    @Slot()
    def _reset_all(self) -> None:
        self._scanner.reset_knob("tgc_db")

    @Slot()
    def _show(self) -> None:
        settings, locked = self._scanner.settings, "tgc_db" in self._scanner.locked
        waiting, rules = self._scanner.waits("tgc_db"), self._scanner.rules
        stands = (settings.depth_m, settings.tgc_db, waiting, rules)
        if stands == self._stands:
            return
        self._stands = stands
        zone_mm = settings.depth_m * 1e3 / N_TGC
        tip = knob_tool_tip(self._knob, self._knob.low, self._knob.high, locked=locked)
        for index, (slider, db) in enumerate(
            zip(self.sliders, self._scanner.settings.tgc_db, strict=True)
        ):
            middle_mm = (index + 0.5) * zone_mm
            slider.label.setText(number_text(middle_mm, 1, "mm"))
            slider.set_masked("tgc_db" in self._scanner.concealed)
            slider.show_value(db, waiting=waiting)
            slider.set_tool_tip(tip)
            slider.set_locked(locked)
        self.flat.setEnabled(not locked)
        self.auto.setEnabled(not {"tgc_db", "gain_db"} <= self._scanner.locked)
        show_unless(self, "tgc_db" in self._scanner.hidden)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        open_knob_menu(self._scanner, "tgc_db", event.globalPos(), self)
