"""The picture in mm, with what a scanner draws around it; probe and focus can be dragged."""

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from phantoms import Phantom, load_phantom
from physics.frame import Frame
from simulator import theme
from simulator.desk import shown_part
from simulator.frame_worker import Finished
from simulator.models.scanner import Scanner, differ
from simulator.views import screen_marks as marks
from simulator.views.changes import describe_change
from simulator.views.hands import FOCUS, PICTURE, PROBE, Hands, zone_at
from simulator.views.locator import draw_locator, shows_part
from simulator.views.overlays import Outline, draw_names, draw_outlines
from simulator.views.picture_map import PictureMap

FULL_SIZE_PX = (730, 620)
"""Letters keep the system's size up to a view this wide or this high, then grow with it."""
CAPTION_MS, PRESENTED_CAPTION_MS = 1500, 3000
"""How long a change is written at the foot of the picture; the back row needs more time."""
PROJECTED_WIDTH = 1.5
"""Of a projected view's height: in a narrower one the letters leave no room for the TGC curve."""
PROJECTED_LINE_PX = 3.0
"""Lines that the back row can see."""
NARROW_EMS = 34
"""Width of a narrow view, in line heights: that of a small screen with a lesson open."""


class _SmoothImage(pg.ImageItem):
    """Interpolates between pixels, as a scanner's display does."""

    def paint(self, painter: QPainter, *args: Any) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *args)


class ImageView(pg.GraphicsView):
    """Shows the newest frame with the settings *it* was made with."""

    grabbed = Signal()
    """A drag begins."""
    released = Signal()
    showing = Signal()
    """Another picture is shown."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=theme.PICTURE)
        self._scanner = scanner
        self._finished: Finished | None = None
        self._place: PictureMap | None = None
        self._laid_out = scanner.display
        self._hands = Hands(scanner)
        self._hot = ""
        self._behind = False
        self._caption = ""
        self._tgc_turned = False
        self._phantom: Phantom | None = None  # that of the shown frame
        self._outlines: tuple[Outline, ...] = ()
        self._names = False
        self._letters_px = 0.0
        self._stands = (scanner.frozen, scanner.rules)
        self._beside: Frame | None = None
        self._place_beside: PictureMap | None = None
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False, invertY=True, lockAspect=1.0)
        self._box.setDefaultPadding(0.0)
        self.setCentralItem(self._box)
        self.image = _SmoothImage(axisOrder="row-major", levels=(0, 255))
        self.image.setLookupTable(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
        self._box.addItem(self.image)
        self._caption_end = QTimer(self, interval=CAPTION_MS, singleShot=True)
        self._caption_end.timeout.connect(self._end_caption)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Ultrasound picture"))
        self.setMinimumSize(420, 300)
        scanner.changed.connect(self._follow)

    # --- what is shown -------------------------------------------------------------------------

    @Slot(object)
    def show_frame(self, finished: Finished, told: bool = True) -> None:
        """Show this frame; if it is to be `told`, say at its foot what differs from the last."""
        before, self._finished = self._finished, finished
        if told and before and differ(before.request, finished.request):
            self._caption = describe_change(
                before.request, finished.request, self._scanner.concealed
            )
            self._tgc_turned = before.request.settings.tgc_db != finished.request.settings.tgc_db
            self._caption_end.start()
        self._phantom = load_phantom(finished.request.phantom)
        self._outlines = ()  # of another pose; a lesson sends those of this one
        self._lay_out()
        self.showing.emit()
        self.setAccessibleDescription(f"{self._phantom.title}. {self._caption}")

    @Slot(object)
    def show_outlines(self, outlines: tuple[Outline, ...]) -> None:
        """Outline these patches in the picture that is shown now, until the next one comes."""
        self._outlines = outlines
        self.refresh()

    @property
    def outlines(self) -> tuple[Outline, ...]:
        return self._outlines

    @Slot(bool)
    def show_names(self, shown: bool) -> None:
        """Write the names of the structures into the picture."""
        self._names = shown
        self.refresh()

    @property
    def names_shown(self) -> bool:
        return self._names

    @Slot(bool)
    def set_behind(self, behind: bool) -> None:
        """Mark the picture as older than the knobs."""
        if behind != self._behind:
            self._behind = behind
            self.refresh()

    @property
    def shown(self) -> Finished | None:
        """What is on the screen."""
        return self._finished

    @property
    def place(self) -> PictureMap | None:
        """Where the picture is; None before the first frame."""
        return self._place

    @property
    def caption(self) -> str:
        return self._caption

    @property
    def place_beside(self) -> PictureMap | None:
        """Where the picture beside the newest is to be painted; None if there is none."""
        return self._place_beside

    def leave_room_for(self, beside: Frame | None) -> None:
        """Leave room at the left for another picture on the same scale (None: for none)."""
        if beside is not self._beside:
            self._beside = beside
            self._lay_out()

    def present(self, letters_px: float) -> None:
        """Write in letters of this size, for a projector (0: as the view's size asks)."""
        self._letters_px = letters_px
        self._caption_end.setInterval(PRESENTED_CAPTION_MS if letters_px else CAPTION_MS)
        self._lay_out()

    def tell(self, text: str) -> None:
        """Write something at the foot of the picture for a moment."""
        self._caption = text
        self._caption_end.start()
        self.refresh()

    @property
    def letters(self) -> QFont:
        """Font of what is written over the picture."""
        return self._font()

    @Slot()
    def _follow(self) -> None:
        if self._scanner.display != self._laid_out:
            self._lay_out()
        stands = self._scanner.frozen, self._scanner.rules
        if stands != self._stands:
            self._stands = stands
            self.refresh()  # else the next picture does it: painting takes the engine's time

    @Slot()
    def refresh(self) -> None:
        self.viewport().update()

    @Slot()
    def _end_caption(self) -> None:
        self._caption, self._tgc_turned = "", False
        self.refresh()

    @property
    def marks_layout(self) -> marks.Layout:
        """Places around the picture."""
        return self._layout()

    def _layout(self) -> marks.Layout:
        em = QFontMetricsF(self._font()).height()
        line_px = PROJECTED_LINE_PX if self._letters_px else 1.0
        wanted_px = NARROW_EMS * em
        if self._letters_px:
            wanted_px = max(wanted_px, PROJECTED_WIDTH * self.height())
        return marks.Layout(em, narrow=self.width() < wanted_px, line_px=line_px)

    def _font(self) -> QFont:
        """The system font, larger where the view is large (a projector's back row)."""
        font = self.font()
        if self._letters_px:
            font.setPointSizeF(self._letters_px * 72.0 / self.logicalDpiY())
            return font
        size = self.width() / FULL_SIZE_PX[0], self.height() / FULL_SIZE_PX[1]
        font.setPointSizeF(font.pointSizeF() * min(max(min(size), 1.0), 1.6))
        return font

    def _lay_out(self) -> None:
        if self._finished is None:
            return
        display = self._scanner.display
        shown = shown_part(self._finished.frame, display)
        picture = self._finished.frame.picture[shown.rows, shown.columns]
        extent = shown.extent_mm
        width, height = float(self.viewport().width()), float(self.viewport().height())
        margins = self._layout().margins
        view = (width, height)
        self._place_beside = None
        if self._beside is None:
            place = PictureMap.fitted(extent, view, margins, flipped=display.flipped)
        else:
            other = shown_part(self._beside, display).extent_mm
            self._place_beside, place = PictureMap.side_by_side(
                other, extent, view, margins, flipped=display.flipped
            )
        self._place = place
        picture = np.ascontiguousarray(picture[:, ::-1] if display.flipped else picture)
        self.image.setImage(picture, autoLevels=False)
        across, down = place.right_px - place.left_px, place.bottom_px - place.top_px
        self.image.setRect(QRectF(place.left_px, place.top_px, across, down))
        self._box.setRange(QRectF(0.0, 0.0, width, height), padding=0)
        self._laid_out = display
        self.refresh()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_box"):  # pyqtgraph resizes while it is being made
            self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._finished is None or self._place is None or self._phantom is None:
            return
        frame, place, layout = self._finished.frame, self._place, self._layout()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font())
        if self._behind:
            marks.draw_late(painter, place)
        if self._names and frame.medium is not None:
            draw_names(painter, place, frame, self._phantom)
        draw_outlines(painter, place, self._outlines)
        marks.draw_title(painter, layout, self.width(), self._phantom.title, self._states())
        bottom_px = float(self.height())
        box = layout.locator(place.top_px, bottom_px)
        display = self._scanner.display
        if box and (shows_part(frame) or display.zoom > 1):
            draw_locator(painter, box, frame, place if display.zoom > 1 else None, place.flipped)
            bottom_px = box.top()
        concealed = self._scanner.concealed
        marks.draw_read_outs(painter, place, layout, frame, display, bottom_px, concealed)
        marks.draw_grey_bar(painter, place, layout, frame.settings.grey_map)
        marks.draw_ruler(painter, place, layout)
        if "tgc_db" not in concealed:
            marks.draw_tgc(painter, place, layout, frame, strong=self._tgc_turned)
        foci_mm = [] if "focus_mm" in concealed else [1e3 * f_m for f_m in frame.foci_m]
        marks.draw_foci(painter, place, layout, foci_mm, hot=self._hot == FOCUS)
        marks.draw_probe(painter, place, frame, layout, hot=self._hot == PROBE)
        marks.draw_marker_dot(painter, place, layout)
        if self._caption:
            marks.draw_caption(painter, place, layout, self._caption)

    def _states(self) -> str:
        states = [self.tr("COMPUTING")] if self._behind else []
        if self._scanner.frozen:
            states.append(self.tr("FROZEN"))
        return "   ".join(states)

    # --- what can be grabbed -------------------------------------------------------------------

    def zone_at(self, point: QPointF) -> str:
        """PROBE, FOCUS, PICTURE (of which a read zoom shows a part) or an empty text."""
        zone = zone_at(point, self._place, self._layout()) if self._place else ""
        return "" if zone == PICTURE and self._scanner.display.zoom == 1 else zone

    def mousePressEvent(self, event: QMouseEvent) -> None:
        zone = self.zone_at(event.position())
        if zone and self._place:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            rocking = zone == PROBE and (shifted or event.button() == Qt.MouseButton.RightButton)
            self.grabbed.emit()
            self._hands.grab(zone, event.position(), self._place, rocking=rocking)
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hands.grabbed and self._place:
            self._hands.drag(event.position(), self._place)
        else:
            self._warm(self.zone_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hands.release()
        self.released.emit()
        self._warm(self.zone_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._hands.reset(self.zone_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        zone = self.zone_at(event.position())
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self._place:
            self._hands.zoom(event.position(), event.angleDelta().y(), self._place)
        elif zone in (PROBE, FOCUS):
            angle = event.angleDelta().y() or event.angleDelta().x()  # Shift turns it sideways
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._hands.wheel(zone, angle, rocking=shifted)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the window has the keys

    def leaveEvent(self, event: QEvent) -> None:
        self._warm("")
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            tips = {
                PROBE: self.tr("The probe. Drag: slide it along the skin. Right button or Shift: "
                               "heel-toe. Double-click: back to the start."),
                FOCUS: self.tr("Depth in mm. Drag the triangle to move the focus."),
                PICTURE: self.tr("Read zoom. Drag: look at another part. Ctrl and wheel: zoom."),
            }  # fmt: skip
            QToolTip.showText(event.globalPos(), tips.get(self.zone_at(QPointF(event.pos())), ""))
            return True
        return super().viewportEvent(event)

    def _warm(self, zone: str) -> None:
        if zone != self._hot:
            self._hot = zone
            shapes = {
                PROBE: Qt.CursorShape.SizeHorCursor,
                FOCUS: Qt.CursorShape.SizeVerCursor,
                PICTURE: Qt.CursorShape.OpenHandCursor,
            }
            self.viewport().setCursor(shapes.get(zone, Qt.CursorShape.ArrowCursor))
            self.refresh()
