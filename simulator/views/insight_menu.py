"""The menu of insight overlays: each on or off, by one key."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from simulator.desk import OVERLAYS
from simulator.models.scanner import Scanner

KEYS = {
    "anatomy": "F2", "beam": "F3", "focus": "F4", "rays": "F5", "fibres": "F6", "theory": "F7",
    "signal": "F12", "truth": "U",
}  # fmt: skip
ALL_OFF_KEY = "Shift+F2"


class InsightMenu(QMenu):
    """Says and sets which overlays the scanner's display wants."""

    def __init__(self, scanner: Scanner, parent: QWidget) -> None:
        super().__init__(self.tr("&Insight"), parent)
        self._scanner = scanner
        self.overlays: dict[str, QAction] = {}
        for name, text, tip in self._texts():
            action = self.addAction(text)
            action.setCheckable(True)
            action.setShortcut(QKeySequence(KEYS[name]))
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.setData(name)
            action.triggered.connect(self._toggle)
            self.overlays[name] = action
        self.addSeparator()
        self.none = self.addAction(self.tr("All &off"))
        self.none.setShortcut(QKeySequence(ALL_OFF_KEY))
        self.none.triggered.connect(self._none)
        self.setToolTipsVisible(True)
        scanner.changed.connect(self._show)
        self._show()

    def _texts(self) -> tuple[tuple[str, str, str], ...]:
        return (
            ("anatomy", self.tr("&Anatomy: true borders and names"),
             self.tr("Where tissues really lie; the picture may show them elsewhere.")),
            ("beam", self.tr("&Beam width at the cursor"),
             self.tr("Width there and back at \N{MINUS SIGN}6 and \N{MINUS SIGN}20 dB over depth, "
                     "and the focal zone.")),
            ("focus", self.tr("&Focus of lines and of the slice"),
             self.tr("Depths of the transmit focus and of the fixed lens.")),
            ("rays", self.tr("&Rays"),
             self.tr("The ways of sound, bent where its speed changes.")),
            ("fibres", self.tr("Angle to fi&bres"),
             self.tr("Angle between beam and fibres, as colour in fibrous tissue.")),
            ("theory", self.tr("&Theory beside measurement"),
             self.tr("Closed forms beside what echoes and beams show at the cursor.")),
            ("signal", self.tr("&Signal of the line at the cursor"),
             self.tr("RF, envelope, spectrum and TGC below the picture.")),
            ("truth", self.tr("Truth &under the cursor"),
             self.tr("Tissue, depth, speed, loss and fibre angle of the place pointed at.")),
        )  # fmt: skip

    @Slot()
    def _toggle(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self._scanner.show_as(self._scanner.display.toggled(action.data()))

    @Slot()
    def _none(self) -> None:
        display = self._scanner.display
        for name in sorted(display.overlays):
            display = display.toggled(name)
        self._scanner.show_as(display)

    @Slot()
    def _show(self) -> None:
        shown = self._scanner.display.overlays
        for name, action in self.overlays.items():
            action.setChecked(name in shown)
        self.none.setEnabled(bool(shown))


assert set(KEYS) == set(OVERLAYS)
