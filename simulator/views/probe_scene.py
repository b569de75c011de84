"""The body in three dimensions with the probe on it: slide, turn, lean and press it by hand."""

import math
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from phantoms.surfaces import Body, outline
from physics.frame import Frame
from simulator import theme
from simulator.frame_worker import Finished
from simulator.models import probe_body as solid
from simulator.models.body_raster import Plane
from simulator.models.camera import Camera
from simulator.models.fibre_angle import FibreAngle, fibre_angle
from simulator.models.scanner import Scanner
from simulator.models.scene_hands import (
    LEAN,
    ORBIT,
    ORBIT_DEG_PER_PX,
    PRESS,
    SLIDE,
    TURN,
    SceneHands,
)
from simulator.views import probe_painting as paint
from simulator.views.body_loader import BodyLoader
from simulator.views.body_painting import BodyPainter, write
from simulator.views.step_slider import WHEEL_NOTCH

REACH_PX = 7.0
"""How far beside a handle it can still be grabbed."""
FRAME_EVERY_MS = 150
"""The picture in the drawing may be this old: the large one is beside it."""
ANGLE_EVERY_MS = 60
"""The angle to the fibres is worked out no more often."""
ZOOM_PER_NOTCH = 1.15
STILL_MS = 150
"""The camera stands still when it has not moved for so long."""


class ProbeScene(QWidget):
    """Shows the scanner's pose; everything grabbed asks the scanner to move."""

    grabbed = Signal()
    released = Signal()
    fibres_found = Signal(object)
    """The `FibreAngle` of the pose as it is now."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner, self._hands = scanner, SceneHands(scanner)
        self._frame: Frame | None = None
        self._image: QImage | None = None
        self._hot = ""
        self._last = QPointF()
        self._notches = 0.0
        self._places: dict[str, QPolygonF] = {}
        self._housing = np.empty((0, 2))
        self.fibres = FibreAngle("")
        self._loader = BodyLoader(self)
        self._loader.ready.connect(self.show_body)
        self._angle_timer = QTimer(self, interval=ANGLE_EVERY_MS, singleShot=True)
        self._angle_timer.timeout.connect(self._find_fibres)
        self._frame_timer = QTimer(self, interval=FRAME_EVERY_MS, singleShot=True)
        self._frame_timer.timeout.connect(self.update)
        self._draft = QTimer(self, interval=STILL_MS, singleShot=True)
        self._draft.timeout.connect(self._refine)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Probe on the body"))
        scanner.changed.connect(self._follow)
        scanner.phantom_changed.connect(self._take_phantom)
        self._take_phantom()

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(18 * em, 15 * em)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(12 * em, 9 * em)

    # --- what is shown -------------------------------------------------------------------------

    @property
    def camera(self) -> Camera:
        return self._camera

    @Slot()
    def _take_phantom(self) -> None:
        body = outline(self._scanner.phantom)
        self._frame = self._image = None
        self._painter: BodyPainter | None = None
        self._body = body
        self._fitted = self._scanner.probe.name
        self._camera = self._start_camera()
        self._loader.load(self._scanner.phantom)
        self._follow()

    def _start_camera(self) -> Camera:
        (x0, y0, _), (x1, y1, deep) = self._body.low_m, self._body.high_m
        tall = -1.02 * solid.TAIL_M
        ranges = self._scanner.pose_ranges
        (s0, s1), (a0, a1) = ranges["slide_m"], ranges["slide_y_m"]
        corners = [(x, y, z) for x in (x0, x1) for y in (y0, y1) for z in (0.0, deep)]
        corners += [(x, y, tall) for x in (s0, s1) for y in (a0, a1)]
        probe = self._scanner.probe
        if probe.is_convex:  # sees farther to the sides than the block goes
            plane = paint.plane_outline(probe, self._scanner.settings.depth_m)
            seen = solid.in_body(self._scanner.pose, plane).tolist()
            corners += [(x, y, z) for x, y, z in seen]
        em = float(self.fontMetrics().height())
        box = (0.4 * em, 0.4 * em, max(self.width() - 0.8 * em, 1.0),
               max(self.height() - 1.8 * em, 1.0))  # fmt: skip
        return Camera(tuple(corners), box_px=box)

    @Slot(object)
    def show_body(self, body: Body) -> None:
        """Draw this body from now on, if it is that of the phantom."""
        if body.name == self._scanner.phantom.name:
            self._body, self._painter = body, None
            self.update()

    @Slot(object)
    def show_frame(self, finished: Finished) -> None:
        """Put this picture on the image plane."""
        if finished.request.phantom == self._scanner.phantom.name:
            self._frame, self._image = finished.frame, paint.texture(finished.frame)
            if not self._frame_timer.isActive():
                self._frame_timer.start()

    @Slot()
    def _follow(self) -> None:
        if self._scanner.probe.name != self._fitted:
            self._fitted = self._scanner.probe.name
            self.look_from(replace(self._camera, corners_m=self._start_camera().corners_m))
        if not self._angle_timer.isActive():
            self._angle_timer.start()  # it paints too: at every event that would starve the engine

    @Slot()
    def _find_fibres(self) -> None:
        scanner = self._scanner
        focus_m = scanner.settings.focus_m + scanner.probe.sagitta_m
        self.fibres = fibre_angle(scanner.phantom, scanner.pose, focus_m, scanner.pose_ranges)
        self.fibres_found.emit(self.fibres)
        self.update()

    def look_from(self, camera: Camera) -> None:
        """Look from somewhere else; coarsely until the camera stands still."""
        self._camera, self._painter = camera, None
        self._draft.start()
        self.update()

    @Slot()
    def _refine(self) -> None:
        self._painter = None
        self.update()

    def reset_camera(self) -> None:
        self.look_from(self._start_camera())

    # --- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#14181c"))
        pose, probe, camera = self._scanner.pose, self._scanner.probe, self._camera
        if self._painter is None:
            self._painter = BodyPainter(
                self._body, camera, (self.width(), self.height()), draft=self._draft.isActive()
            )
        body, plane = self._painter, self._plane()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        body.draw_block(painter)
        behind, before = body.raster.cut(plane)
        body.draw_cut(painter, behind)
        edge_m = solid.in_body(pose, paint.plane_outline(probe, self._scanner.settings.depth_m))
        shown = self._frame if self._frame and self._frame.probe.name == probe.name else None
        paint.draw_plane(painter, camera, pose, edge_m, shown, self._image)
        body.draw_cut(painter, before, body.fading(plane))
        if self.fibres.region:
            paint.draw_fibres(painter, camera, pose, probe, self.fibres)
        body.draw_skin(painter)
        ring = None
        low, high = self._scanner.pose_ranges["turn_rad"]
        if low < high:
            ring = paint.draw_ring(painter, camera, pose, probe, self._hot == TURN)
        paint.draw_gel(painter, camera, pose, probe)
        housing = paint.draw_probe(painter, camera, pose, probe)
        body.draw_sides(painter, self._scanner.phantom.sides)
        self._draw_handles(painter, housing, ring)
        self._write(painter)

    def _plane(self) -> Plane:
        pose = self._scanner.pose
        place = np.array([pose.slide_m, pose.slide_y_m, pose.down_m])
        normal = pose.rotation[:, 1]
        sign = 1.0 if (self._camera.eye_m - place) @ normal > 0 else -1.0
        return Plane(place, sign * normal)

    def _draw_handles(
        self, painter: QPainter, housing: np.ndarray, ring: np.ndarray | None
    ) -> None:
        pose, probe, camera = self._scanner.pose, self._scanner.probe, self._camera
        em = float(self.fontMetrics().height())
        tail = QPointF(*camera.project(solid.tail(pose))[0])
        paint.draw_knob(painter, tail, em, self._hot == LEAN)
        self._places = {LEAN: QPolygonF([tail])}
        ranges = self._scanner.pose_ranges
        if ranges["press_m"][0] < ranges["press_m"][1]:
            upper, lower = (QPointF(*p) for p in camera.project(solid.press_arrow(pose, probe))[0])
            paint.draw_arrow(painter, upper, lower, em, self._hot == PRESS)
            self._places[PRESS] = QPolygonF([upper, (upper + lower) / 2, lower])
        self._housing = housing
        if ring is not None:
            paint.draw_knob(painter, QPointF(*ring[0]), 0.8 * em, self._hot == TURN)
            self._places[TURN] = QPolygonF([QPointF(*p) for p in ring])

    def _write(self, painter: QPainter) -> None:
        """What the mark is, and what a hand can do here."""
        pose, probe = self._scanner.pose, self._scanner.probe
        half = solid.half_face_m(probe) + solid.RIM_M
        end = solid.in_body(pose, np.array([[-half, 0, -13e-3], [-half - 13e-3, 0, -20e-3]]))
        (x0, y0), (x1, y1) = self._camera.project(end)[0]
        painter.setPen(QColor(theme.ACCENT))
        painter.drawLine(QPointF(x0, y0), QPointF(x1, y1))
        write(painter, QPointF(x1, y1), self.tr("mark"), QColor(theme.ACCENT), bold=True)
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(
            self._hint(), Qt.TextElideMode.ElideRight, self.width() - metrics.height()
        )
        at = QPointF(self.width() / 2, self.height() - 0.6 * metrics.height())
        write(painter, at, text, QColor(theme.QUIET))

    def _hint(self) -> str:
        hints = {
            SLIDE: self.tr("Slide.  Shift: lean it.  Ctrl: press"),
            LEAN: self.tr("Lean it: sideways and to and fro"),
            TURN: self.tr("Turn it on the skin"),
            PRESS: self.tr("Down: press.  Up: less"),
            ORBIT: self.tr("Drag: look from elsewhere.  Wheel: nearer"),
        }
        idle = self.tr("Drag the probe, its cable, ring or arrow")
        return hints.get(self._hands.grabbed or self._hot, idle)

    # --- what can be grabbed -------------------------------------------------------------------

    def zone_at(self, point: QPointF) -> str:
        """What a press here would take hold of."""
        for zone in (LEAN, PRESS):
            if zone in self._places and _distance(self._places[zone], point) < REACH_PX + 3:
                return zone
        if len(self._housing):
            within = paint.hull(self._housing)
            if within.containsPoint(point, Qt.FillRule.WindingFill):
                return SLIDE
        if TURN in self._places and _distance(self._places[TURN], point) < REACH_PX:
            return TURN
        return ORBIT

    def mousePressEvent(self, event: QMouseEvent) -> None:
        right = event.button() == Qt.MouseButton.RightButton
        zone = ORBIT if right else self.zone_at(event.position())
        self._last = event.position()
        if zone == ORBIT:
            self._hands.grabbed = ORBIT
        else:
            self.grabbed.emit()
            self._hands.grab(zone, event.position().x(), event.position().y(), self._camera)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._hands.grabbed == ORBIT:
            by = (point - self._last) * math.radians(ORBIT_DEG_PER_PX)
            self._last = point
            self.look_from(self._camera.orbited(-by.x(), by.y()))
        elif self._hands.grabbed:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._hands.drag(point.x(), point.y(), leaning=shift, pressing=ctrl)
        else:
            self._warm(self.zone_at(point))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        orbiting = self._hands.grabbed == ORBIT
        self._hands.release()
        if not orbiting:
            self.released.emit()
        self._warm(self.zone_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.zone_at(event.position()) == ORBIT:
            self.reset_camera()
        else:
            self._scanner.recentre()

    def wheelEvent(self, event: QWheelEvent) -> None:
        angle = event.angleDelta().y() or event.angleDelta().x()  # Shift turns it sideways
        zone = self.zone_at(event.position())
        if zone == ORBIT:
            self.look_from(self._camera.zoomed(ZOOM_PER_NOTCH ** (angle / WHEEL_NOTCH)))
            return
        self._notches += angle / WHEEL_NOTCH
        whole = int(self._notches)
        self._notches -= whole
        if whole:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._hands.wheel(whole, leaning=shift or zone == LEAN, turning=zone == TURN)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the window has the keys

    def leaveEvent(self, event: QEvent) -> None:
        self._warm("")

    def enterEvent(self, event: QEnterEvent) -> None:
        self._warm(self.zone_at(event.position()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        camera = self._start_camera()
        self.look_from(replace(self._camera, box_px=camera.box_px))

    def _warm(self, zone: str) -> None:
        if zone != self._hot:
            self._hot = zone
            can = zone in (SLIDE, LEAN, TURN, PRESS)
            self.setCursor(Qt.CursorShape.OpenHandCursor if can else Qt.CursorShape.ArrowCursor)
            self.update()


def _distance(line: QPolygonF, point: QPointF) -> float:
    """From a point to the nearest corner of a line on the screen."""
    return min(math.hypot(p.x() - point.x(), p.y() - point.y()) for p in line.toList())
