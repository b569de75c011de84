"""What the machine cannot know, laid over the picture: a clear sheet that lets clicks through."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from phantoms import load_phantom
from physics.frame import Frame
from simulator.models.insight import Insight, Spot
from simulator.models.scanner import Scanner
from simulator.views import insight_painting as painting
from simulator.views.image_view import ImageView
from simulator.views.overlays import draw_names
from simulator.views.picture_map import PictureMap
from simulator.views.theory_table import draw_theory

PAINTED = frozenset(("anatomy", "beam", "focus", "rays", "fibres", "theory", "signal"))
"""Overlays that are (also) painted; `truth` is only told below."""
TELLING = frozenset(("beam", "focus", "theory", "signal", "truth"))
"""Those that tell where knobs stand: not shown while some are concealed."""
STILL = frozenset(("anatomy", "focus", "rays", "fibres"))
"""Those that do not follow the cursor."""


class InsightLayer(QWidget):
    """Paints the overlays that the scanner's display wants. Off, it is hidden and costs nothing."""

    pointed = Signal()
    """`spot` is another, or the frame is."""

    def __init__(self, scanner: Scanner, image: ImageView) -> None:
        super().__init__(image.viewport())
        self._scanner, self._image = scanner, image
        self.insight = Insight()
        self._spot: Spot | None = None
        self._wash: tuple[object, QImage] | None = None
        self._still: tuple[tuple[Any, tuple[Any, ...]], QPixmap] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(self.tr("Insight overlays"))
        image.viewport().installEventFilter(self)
        image.showing.connect(self.take)
        scanner.changed.connect(self._follow)
        self._follow()

    @property
    def spot(self) -> Spot | None:
        """What is pointed at; if nothing yet, the focus of the middle line."""
        return self._spot or self.insight.middle_spot()

    @property
    def shown(self) -> frozenset[str]:
        """The overlays that are on and may be seen."""
        overlays = self._scanner.display.overlays
        return overlays - TELLING if self._scanner.concealed else overlays

    @Slot()
    def take(self) -> None:
        """Look into the picture that the view shows now."""
        finished = self._image.shown
        frame = finished.frame if finished is not None else None
        if frame is not None and self.shown:
            self.insight.take(frame)
            if self._spot is not None:
                self._spot = self.insight.spot(self._spot.x_m, self._spot.z_m)
            self.pointed.emit()  # no update: the view below paints itself anew, and this with it
        elif not self.shown:
            self.insight = Insight()  # do not hold on to what is not shown
            self._wash = self._still = None

    def point(self, x_m: float, z_m: float) -> None:
        """Point at a place of the probe frame."""
        spot = self.insight.spot(x_m, z_m)
        if spot is not None and spot != self._spot:
            self._spot = spot
            self.pointed.emit()
            self.update()

    @Slot()
    def _follow(self) -> None:
        wanted = bool(self.shown & PAINTED)
        if wanted == self.isHidden():
            self.setVisible(wanted)
        if self.shown or self.insight.frame is not None:
            self.take()
            self.update()

    # --- Qt's events -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.Resize, QEvent.Type.Show):
            self.setGeometry(self._image.viewport().rect())
        elif kind == QEvent.Type.MouseMove and self.shown:
            assert isinstance(event, QMouseEvent)
            self._point_px(event.position())
        return False

    def _point_px(self, at: QPointF) -> None:
        place = self._image.place
        if place is not None and (
            place.left_px <= at.x() <= place.right_px and place.top_px <= at.y() <= place.bottom_px
        ):
            self.point(1e-3 * place.x_mm(at.x()), 1e-3 * place.z_mm(at.y()))

    def paintEvent(self, event: QPaintEvent) -> None:
        place, finished = self._image.place, self._image.shown
        if place is None or finished is None or not self.insight.sees:
            return
        frame, shown, spot = self.insight.frame, self.shown, self.spot
        if frame is None or frame is not finished.frame:
            return  # a picture of the memory
        painter = QPainter(self)
        self._dress(painter)
        beam = self.insight.beam(spot.line) if spot is not None and "beam" in shown else None
        if spot is not None:
            painting.clip_to_field(painter, place, frame)
            if shown & {"signal", "truth", "fibres", "theory"}:
                painting.draw_line(painter, place, frame, spot)
            if beam is not None:
                painting.draw_beam(painter, place, self.insight, spot, beam)
            painter.setClipping(False)
        if shown & STILL:
            still = self._still_pixmap(place, frame, finished.request.phantom)
            part, ratio = painting.picture_rect(place).toAlignedRect(), still.devicePixelRatio()
            source = QRectF(part.topLeft() * ratio, part.size() * ratio)
            painter.drawPixmap(QRectF(part), still, source)
        if spot is not None and beam is not None:
            painting.draw_widths(painter, place, frame, spot, beam)
        if spot is not None and "theory" in shown:
            draw_theory(painter, place, self.rect(), spot, self.insight.comparison(spot))

    def _dress(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._image.letters)

    def _still_pixmap(self, place: PictureMap, frame: Frame, phantom: str) -> QPixmap:
        """What does not follow the cursor, painted anew only if it is of something else."""
        insight, shown = self.insight, self.shown & STILL
        wash = self._wash_image() if "fibres" in shown else None
        rays = insight.rays() if "rays" in shown else []
        key = (
            shown, place, self.size(), self._image.letters, phantom, frame.pose, frame.lines,
            frame.foci_m, frame.settings.depth_m, frame.settings.top_m, self._image.names_shown,
        )  # fmt: skip
        of = (frame.medium, frame.probe, wash, rays if "rays" in shown else None)
        if self._still is not None:
            (old_key, old_of), pixmap = self._still
            if old_key == key and all(a is b for a, b in zip(old_of, of, strict=True)):
                return pixmap
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self._dress(painter)
        painting.clip_to_field(painter, place, frame)
        if wash is not None:
            painting.draw_wash(painter, place, insight, wash)
        if "anatomy" in shown:
            painting.draw_anatomy(painter, place, insight)
        painting.draw_rays(painter, place, rays)
        if "focus" in shown:
            painting.draw_foci(painter, place, frame)
        painter.setClipping(False)
        if "anatomy" in shown and not self._image.names_shown:
            draw_names(painter, place, frame, load_phantom(phantom))
        painter.end()
        self._still = (key, of), pixmap
        return pixmap

    def _wash_image(self) -> QImage:
        angles = self.insight.angles()
        if self._wash is None or self._wash[0] is not angles:
            self._wash = angles, painting.wash_image(angles)
        return self._wash[1]
