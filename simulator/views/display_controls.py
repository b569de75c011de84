"""How the finished picture is put on the screen: read zoom and flip. Nothing is computed again."""

from dataclasses import replace

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence

from simulator.desk import MOST_ZOOM
from simulator.models.scanner import Scanner
from simulator.views.knob_control import LABEL_EMS
from simulator.views.number_control import NumberControl

ZOOM_STEP = 0.5


class ReadZoom(NumberControl):
    """Magnifies the picture that is there; works in freeze."""

    def __init__(self, scanner: Scanner) -> None:
        super().__init__("", "\N{MULTIPLICATION SIGN}", step=ZOOM_STEP, decimals=1, stacked=False)
        self.rename(self.tr("Read zoom"))
        self.label.setMinimumWidth(round(LABEL_EMS * self.fontMetrics().height()))
        self.set_range(1.0, MOST_ZOOM)
        self.set_tool_tip(
            self.tr("<b>Magnifies the pixels of the picture that is there</b>; also in freeze.<br>"
                    "No more detail than before: a write zoom (top, depth, width and centre above) "
                    "scans a region anew.<br>Keys Z and Shift+Z, or Ctrl and the wheel over the "
                    "picture; drag the picture to look elsewhere.<br>Also called: post-zoom, pan "
                    "zoom.")
        )  # fmt: skip
        self._scanner = scanner
        self.asked.connect(self.set_zoom)
        self.reset_asked.connect(self.whole)
        scanner.changed.connect(self._show)
        self._show()

    @Slot(float)
    def set_zoom(self, zoom: float) -> None:
        """Magnify so many times, about the middle of what is shown."""
        display = replace(self._scanner.display, zoom=min(max(zoom, 1.0), MOST_ZOOM))
        self._scanner.show_as(display.moved(0.0, 0.0))

    @Slot()
    def larger(self) -> None:
        self.set_zoom(self._scanner.display.zoom + ZOOM_STEP)

    @Slot()
    def smaller(self) -> None:
        self.set_zoom(self._scanner.display.zoom - ZOOM_STEP)

    @Slot()
    def whole(self) -> None:
        """Show the whole picture."""
        self._scanner.show_as(replace(self._scanner.display, zoom=1.0, middle=(0.5, 0.5)))

    @Slot()
    def _show(self) -> None:
        self.show_value(self._scanner.display.zoom)


class FlipAction(QAction):
    """Exchanges left and right on the screen."""

    def __init__(self, scanner: Scanner, parent: QObject) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.setText(self.tr("Flip left and &right"))
        self.setIconText(self.tr("Flip L/R"))
        self.setShortcut(QKeySequence("I"))
        self.setCheckable(True)
        self.setToolTip(
            self.tr("Exchanges left and right on the screen (I); the probe's marker goes with "
                    "them. The probe itself stays as it lies.")
        )  # fmt: skip
        self.triggered.connect(self._flip)
        scanner.changed.connect(self._show)
        self._show()

    @Slot(bool)
    def _flip(self, flipped: bool) -> None:
        self._scanner.show_as(replace(self._scanner.display, flipped=flipped))

    @Slot()
    def _show(self) -> None:
        self.setChecked(self._scanner.display.flipped)
