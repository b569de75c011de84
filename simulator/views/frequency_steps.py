"""Penetration, general, resolution: the frequency in three steps, as many scanners have it."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from simulator.models.knob_limits import GEN, PEN, RES
from simulator.models.scanner import Scanner
from simulator.views.knob_control import show_unless
from simulator.views.number_control import number_text


class FrequencySteps(QWidget):
    """Three keys below the frequency; the one that fits is down."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.keys: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for step, text, name in (
            (PEN, self.tr("Pen"), self.tr("Penetration")),
            (GEN, self.tr("Gen"), self.tr("General")),
            (RES, self.tr("Res"), self.tr("Resolution")),
        ):
            key = self.keys[step] = QPushButton(text)
            key.setObjectName("step")
            key.setCheckable(True)
            key.setAccessibleName(name)
            key.clicked.connect(lambda _=False, step=step: self.take(step))
            row.addWidget(key)
        self._tips = {
            PEN: self.tr("Penetration: the lowest frequency of this probe, %1."),
            GEN: self.tr("General: a frequency between the ends of this probe's band, %1."),
            RES: self.tr("Resolution: the highest frequency of this probe, %1."),
        }
        scanner.changed.connect(self._show)
        self._show()

    def take(self, step: str) -> None:
        """Set the frequency to `PEN`, `GEN` or `RES`."""
        self._scanner.turn(frequency_mhz=self._scanner.frequency_steps_mhz[step])
        self._show()  # a key that changed nothing must not stay up

    @Slot()
    def _show(self) -> None:
        now = self._scanner.settings.display("frequency_mhz")
        for step, mhz in self._scanner.frequency_steps_mhz.items():
            masked = "frequency_mhz" in self._scanner.concealed
            self.keys[step].setChecked(abs(mhz - now) < 1e-6 and not masked)
            tip = self._tips[step].replace("%1", number_text(mhz, 1, "MHz"))
            self.keys[step].setToolTip(tip)
        self.setEnabled("frequency_mhz" not in self._scanner.locked)
        show_unless(self, "frequency_mhz" in self._scanner.hidden)
