"""Below the picture: what the overlays' colours mean, and the truth under the cursor."""

import html
import math

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from simulator.models.scanner import Scanner
from simulator.views import insight_painting as painting
from simulator.views.insight_layer import InsightLayer
from simulator.views.number_control import number_text
from simulator.views.tissue_kinds import KINDS, OTHER, kind_of, kind_text, tissue_text

FULL_HEIGHT_PX = 768
"""Letters keep the system's size up to a window this high."""
MOST_LARGER = 1.5
_SWATCH = "\N{BLACK SQUARE}"
_GAP = "&nbsp;&nbsp; "


class InsightBar(QWidget):
    """Hidden while no overlay is on."""

    def __init__(self, scanner: Scanner, layer: InsightLayer) -> None:
        super().__init__()
        self._scanner, self._layer = scanner, layer
        self.legend, self.truth = QLabel(), QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 2, 8, 3)
        column.setSpacing(1)
        for label in (self.truth, self.legend):
            label.setWordWrap(True)
            column.addWidget(label)
        self.legend.setAccessibleName(self.tr("Legend of the overlays"))
        self.truth.setAccessibleName(self.tr("Truth under the cursor"))
        self.hide()
        layer.pointed.connect(self._show)
        scanner.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        shown = self._layer.shown
        if self.isHidden() == bool(shown):
            self.setVisible(bool(shown))
        if not shown:
            return
        font = self.font()  # grows with the window, for a projector's back row
        larger = min(max(self.window().height() / FULL_HEIGHT_PX, 1.0), MOST_LARGER)
        font.setPointSizeF(QApplication.font().pointSizeF() * larger)
        if font != self.legend.font():
            self.legend.setFont(font)
            self.truth.setFont(font)
        legend = self._legend()
        if legend != self.legend.text():
            self.legend.setText(legend)
            self.legend.setVisible(bool(legend))
        tells = bool(shown & {"truth", "fibres"})
        self.truth.setVisible(tells)
        if tells:
            truth = self.truth_text()
            if truth != self.truth.text():  # a new text lays out the window anew
                self.truth.setText(truth)

    def truth_text(self) -> str:
        """What really is where the mouse points."""
        spot, insight = self._layer.spot, self._layer.insight
        if spot is None or not insight.sees:
            return self.tr("The memory keeps pictures without what was under the probe.")
        truth = insight.truth(spot)
        if truth is None:
            return self.tr("Point at the picture.")
        parts = [
            f"<b>{html.escape(tissue_text(truth.tissue))}</b>",
            self.tr("depth %1").replace("%1", number_text(1e3 * spot.z_m, 1, "mm")),
            self.tr("speed %1").replace("%1", number_text(truth.speed_m_s, 0, "m/s")),
            self.tr("loss %1 one way").replace(
                "%1", number_text(1e-2 * truth.loss_db_m, 1, "dB/cm")
            ),
        ]
        if math.isfinite(truth.angle_rad):
            degrees = number_text(math.degrees(truth.angle_rad), 0, "°")
            parts.append(self.tr("beam to fibres <b>%1</b>").replace("%1", degrees))
        if "truth" in self._layer.shown:
            parts.insert(0, self.tr("Truth here:"))
        return _GAP.join(parts)

    def _legend(self) -> str:
        shown, insight = self._layer.shown, self._layer.insight
        parts: list[str] = []
        if "anatomy" in shown and insight.sees:
            parts.append(self.tr("true borders of:"))
            parts += self._kinds()
        six, twenty, lambda_f = "\N{MINUS SIGN}6 dB", "\N{MINUS SIGN}20 dB", "6.95 \u03bbF\u00b2"
        beam = self.tr("beam there and back: solid %1, dashed %2")
        if "beam" in shown:
            parts.append(_keyed(painting.BEAM, beam.replace("%1", six).replace("%2", twenty)))
            parts.append(_keyed(painting.FOCUS, self.tr("focal zone, %1").replace("%1", lambda_f)))
        if "focus" in shown:
            parts.append(_keyed(painting.FOCUS, self.tr("focus")))
            parts.append(_keyed(painting.LENS, self.tr("focus of the slice (lens, fixed)")))
        if "rays" in shown:
            rays = self.tr("rays, bent by refraction; dot: thrown back as a whole")
            parts.append(_keyed(painting.RAYS, rays))
        if "fibres" in shown:
            texts = (self.tr("beam square on to fibres or septa"), "75°", self.tr("60° or less"))
            parts += [_keyed(_hex(c), text) for c, text in zip(painting.WASH, texts, strict=True)]
        return _GAP.join(parts)

    def _kinds(self) -> list[str]:
        """Kinds of tissue with a border in view."""
        insight = self._layer.insight
        assert insight.frame is not None
        medium = insight.frame.medium
        there = {kind_of(medium.tissues.names[int(medium.region_tissue[region])])
                 for region in insight.borders()}  # fmt: skip
        return [_keyed(kind.colour, kind_text(kind)) for kind in (*KINDS, OTHER) if kind in there]


def _keyed(colour: str, text: str) -> str:
    return f'<span style="color:{colour}">{_SWATCH}</span>&nbsp;{html.escape(text)}'


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in colour)
