"""Below the picture: the signal of the line at the cursor, as an oscilloscope would show it."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from physics.frame import Frame
from physics.line_signal import power_spectrum, radio_frequency
from physics.pulse import BANDWIDTH, gaussian_spectrum
from simulator import theme
from simulator.models.insight import Spot
from simulator.models.scanner import Scanner
from simulator.views.insight_layer import InsightLayer
from simulator.views.number_control import number_text

GATE_M = 4e-3
"""Half the depth whose spectrum is shown. Chosen for teaching: about 40 wavelengths."""
NEAR_M = 1.5e-3
"""Half the depth of which the RF is shown, so that its cycles can be seen. Chosen for teaching."""
FLOOR_DB = -80.0
RF, ENVELOPE, PULSE = "#58a6d8", "#f0b73e", "#e69f00"


class SignalView(QWidget):
    """RF and envelope, level after gain, TGC, spectrum. Depths run to the right, in mm; the cursor
    is that of the picture, and moving over a plot moves it along the line."""

    def __init__(self, scanner: Scanner, layer: InsightLayer) -> None:
        super().__init__()
        self._scanner, self._layer = scanner, layer
        self.where = QLabel()
        self.where.setProperty("quiet", True)
        self.rf = _plot(self.tr("RF, envelope"))
        self.level = _plot(self.tr("After gain (dB FS)"))
        self.tgc = _plot(self.tr("TGC (dB)"))
        self.spectrum = _plot(self.tr("Spectrum (dB)"))
        self.plots = (self.rf, self.level, self.tgc, self.spectrum)
        self._curves: dict[str, pg.PlotDataItem] = {}
        self._cursors: list[pg.InfiniteLine] = []
        self._dress()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for plot, part in zip(self.plots, (4, 4, 3, 3), strict=True):
            row.addWidget(plot, part)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 2)
        column.setSpacing(0)
        column.addWidget(self.where)
        column.addLayout(row, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Signal of the line at the cursor"))
        self.hide()
        layer.pointed.connect(self.refresh)
        scanner.changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        return QSize(600, round(13 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _dress(self) -> None:
        depth = self.tr("depth (mm)")
        self._hovers = [_Hover(self, plot) for plot in (self.rf, self.level, self.tgc)]
        for hover in self._hovers:
            plot = hover.plot
            plot.setLabel("bottom", depth, color=theme.QUIET)
            cursor = pg.InfiniteLine(angle=90, pen=pg.mkPen(theme.TEXT, style=Qt.PenStyle.DotLine))
            plot.addItem(cursor)
            self._cursors.append(cursor)
            plot.scene().sigMouseMoved.connect(hover.move)
        self.tgc.setXLink(self.level)
        self.rf.showAxis("top")
        self._times = self.rf.getAxis("top")
        self._times.setLabel(self.tr("time (\N{MICRO SIGN}s)"), color=theme.QUIET)
        self._times.setTextPen(theme.QUIET)
        self.spectrum.setLabel("bottom", self.tr("frequency (MHz)"), color=theme.QUIET)
        self.spectrum.setYRange(-50, 3, padding=0)
        self.rf.setYRange(-1.1, 1.1, padding=0)
        self.level.setYRange(FLOOR_DB, 5, padding=0)
        for name, plot, pen in (
            ("rf", self.rf, pg.mkPen(RF, width=1)),
            ("upper", self.rf, pg.mkPen(ENVELOPE, width=1)),
            ("level", self.level, pg.mkPen(ENVELOPE, width=1)),
            ("tgc", self.tgc, pg.mkPen(theme.ACCENT, width=2)),
            ("spectrum", self.spectrum, pg.mkPen(RF, width=1)),
            ("pulse", self.spectrum, pg.mkPen(PULSE, width=1)),
        ):
            self._curves[name] = plot.plot(pen=pen, antialias=False)
        self._band = pg.LinearRegionItem(movable=False, brush=pg.mkBrush(230, 159, 0, 40))
        for line in self._band.lines:
            line.setPen(pg.mkPen(None))
        self.spectrum.addItem(self._band)

    @Slot()
    def _follow(self) -> None:
        wanted = "signal" in self._layer.shown
        if self.isHidden() == wanted:
            self.setVisible(wanted)
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the line pointed at; nothing happens while hidden."""
        if self.isHidden():
            return
        frame, spot = self._layer.insight.frame, self._layer.spot
        if frame is None or spot is None or frame.inside is None or frame.iq.size == 0:
            self.where.setText(self.tr("The memory keeps pictures without their signals."))
            for curve in self._curves.values():
                curve.setData([], [])
            return
        self._show_depths(frame, spot)
        self._show_spectrum(frame, spot)
        text = self.tr(
            "Line %1 of %2, %3 deep, %4 after the pulse; spectrum of \N{PLUS-MINUS SIGN}%5"
        )
        values = (
            str(spot.line + 1), str(frame.lines.n), number_text(1e3 * spot.range_m, 1, "mm"),
            number_text(2e6 * spot.range_m / frame.settings.machine_speed_m_s, 1,
                        "\N{MICRO SIGN}s"),
            number_text(1e3 * GATE_M, 0, "mm"),
        )  # fmt: skip
        for number, value in enumerate(values, start=1):
            text = text.replace(f"%{number}", value)
        self.where.setText(text)

    def _show_depths(self, frame: Frame, spot: Spot) -> None:
        assert frame.inside is not None
        settings, iq, shown_m = frame.settings, frame.iq[spot.line], frame.sample_z_m
        near = np.flatnonzero(np.abs(shown_m - spot.range_m) <= 2 * NEAR_M)
        if near.size > 1:
            depth_m, rf = radio_frequency(
                iq[near], shown_m[near], frame.inside.carrier_hz, settings.machine_speed_m_s
            )
            envelope, mm = np.abs(iq[near]), 1e3 * shown_m[near]
            top = max(float(envelope.max()), 1e-9)
            self._curves["rf"].setData(1e3 * depth_m, rf / top)
            both = np.concatenate([envelope, [np.nan], -envelope]) / top
            places = np.concatenate([mm, [np.nan], mm])
            self._curves["upper"].setData(places, both, connect="finite")
        self.rf.setXRange(1e3 * (spot.range_m - NEAR_M), 1e3 * (spot.range_m + NEAR_M), padding=0)
        mm = 1e3 * shown_m
        level_db = 20 * np.log10(np.maximum(frame.envelope[spot.line], 1e-6))
        self._curves["level"].setData(mm, np.maximum(level_db, FLOOR_DB))
        self._curves["tgc"].setData(mm, frame.tgc_curve_db + settings.gain_db)
        self.level.setXRange(mm[0], mm[-1], padding=0.01)
        per_us = 1e3 * settings.machine_speed_m_s * 1e-6 / 2
        self._times.setScale(1 / per_us)
        for cursor in self._cursors:
            cursor.setValue(1e3 * spot.range_m)

    def _show_spectrum(self, frame: Frame, spot: Spot) -> None:
        assert frame.inside is not None
        settings = frame.settings
        gate = np.abs(frame.sample_z_m - spot.range_m) <= GATE_M
        if gate.sum() < 16:
            self._curves["spectrum"].setData([], [])
            return
        frequency, power = power_spectrum(
            frame.iq[spot.line, gate], frame.sample_z_m[gate], frame.inside.carrier_hz,
            settings.machine_speed_m_s,
        )  # fmt: skip
        mhz = 1e-6 * frequency
        db = 10 * np.log10(np.maximum(power / max(power.max(), 1e-300), 1e-8))
        self._curves["spectrum"].setData(mhz, db)
        pulse = np.linspace(0.0, 2 * settings.frequency_hz, 200)
        of_pulse = gaussian_spectrum(pulse, settings.frequency_hz, BANDWIDTH)
        pulse_db = 20 * np.log10(np.maximum(of_pulse, 1e-6))
        self._curves["pulse"].setData(1e-6 * pulse, pulse_db)
        half = BANDWIDTH * settings.frequency_hz / 2  # between the half-amplitude points
        self._band.setRegion(
            (1e-6 * (settings.frequency_hz - half), 1e-6 * (settings.frequency_hz + half))
        )
        self.spectrum.setXRange(max(mhz[0], 0.0), mhz[-1], padding=0)

    def point_at(self, depth_mm: float) -> None:
        """Move the cursor along its line."""
        frame, spot = self._layer.insight.frame, self._layer.spot
        if frame is None or spot is None or not 0 <= depth_mm <= 1e3 * frame.settings.depth_m:
            return
        u = np.array(float(frame.lines.u[spot.line]))
        x, z = frame.lines.place(u, np.array(1e-3 * depth_mm))
        self._layer.point(float(x), float(z))


class _Hover:
    """Mouse over one plot."""

    def __init__(self, view: SignalView, plot: pg.PlotWidget) -> None:
        self._view, self.plot = view, plot

    def move(self, at: QPointF) -> None:
        box: Any = self.plot.getViewBox()
        if box.sceneBoundingRect().contains(at):
            self._view.point_at(box.mapSceneToView(at).x())


def _plot(title: str) -> pg.PlotWidget:
    plot = pg.PlotWidget(background=theme.PICTURE)
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.setTitle(title, color=theme.TEXT, size="9pt")
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.setMinimumWidth(90)
    plot.setAccessibleName(title)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setTextPen(theme.QUIET)
        axis.setPen(theme.LINE)
    return plot
