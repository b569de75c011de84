"""Arrangement and menus: lesson at the left, picture in the middle, console at the right."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from simulator.frame_worker import Finished
from simulator.models.scanner import Chain, Scanner, differ
from simulator.views import notices
from simulator.views.console import Console
from simulator.views.image_view import ImageView
from simulator.views.keys import KeyMap
from simulator.views.measure_layer import MeasureLayer
from simulator.views.measure_menu import MeasureMenu
from simulator.views.probe_panel import ProbePanel
from simulator.views.review_bar import ReviewBar
from simulator.views.saving import Saving
from simulator.views.stage_strip import StageStrip

CONSOLE_EMS = 23.5
LESSON_EMS = 21.0
SMALL_SCREEN_EMS = 80
"""On a narrower screen the lesson leaves to the picture what it can."""
PART_OF_SCREEN = 0.85
"""Width and height of a new window on a large screen."""


class MainWindow(QMainWindow):
    """The scanner's screen. Shows what it is given; decides nothing."""

    def __init__(
        self,
        scanner: Scanner,
        *,
        lesson: QWidget | None = None,
        lesson_wanted: bool = False,
        on_close: Callable[[], object] | None = None,
        memory: QSettings | None = None,
    ) -> None:
        """`lesson` goes into the pane at the left, which stays open even on a small screen if
        `lesson_wanted`; `on_close` is called once the window is hidden; `memory` keeps the
        window's size and place (None: not kept)."""
        super().__init__()
        self._scanner, self._on_close, self._memory = scanner, on_close, memory
        self.setWindowTitle(self.tr("Insonate: ultrasound physics and knobology"))
        self.image = ImageView(scanner)
        self.preparing = notices.Preparing(self.image)
        self.banner = notices.Banner()
        self.probe = ProbePanel(scanner)
        self.stages = StageStrip()
        self.console = Console(scanner)
        self.console.setFixedWidth(round(CONSOLE_EMS * self.fontMetrics().height()))
        self.keys = KeyMap(scanner, self.console)
        self.measuring = MeasureLayer(scanner, self.image)
        self.measure_menu = MeasureMenu(self.measuring, self)
        self.review = ReviewBar(scanner, self.image, self.measure_menu)
        self.saving = Saving(scanner, self.image, self.review, self)
        self.saving.failed.connect(self.banner.say)
        self._arrange()
        self.lesson_dock = self._make_dock(lesson)
        self._make_menus()
        self._restore_geometry(lesson_wanted)
        self.image.setFocus()

    def _arrange(self) -> None:
        centre = QVBoxLayout()
        centre.setContentsMargins(0, 0, 0, 0)
        centre.setSpacing(0)
        centre.addWidget(self.banner)
        centre.addWidget(self.image, 1)
        centre.addWidget(self.review)
        centre.addWidget(self.probe)
        centre.addWidget(_line(QFrame.Shape.HLine))
        centre.addWidget(self.stages)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(centre, 1)
        row.addWidget(_line(QFrame.Shape.VLine))
        row.addWidget(self.console)
        self.setCentralWidget(whole)

    def _make_dock(self, lesson: QWidget | None) -> QDockWidget | None:
        if lesson is None:
            return None
        dock = QDockWidget(self.tr("Lesson"), self)
        dock.setObjectName("lesson")
        dock.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setWidget(lesson)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        em = self.fontMetrics().height()
        width = round(LESSON_EMS * em)
        if self.screen().availableGeometry().width() < SMALL_SCREEN_EMS * em:
            width = lesson.minimumWidth()
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        return dock

    def _make_menus(self) -> None:
        file_menu = self.menuBar().addMenu(self.tr("&File"))
        saving = self.saving
        self._add(file_menu, self.tr("&Open scene …"), "Ctrl+O", saving.ask_which_scene)
        self._add(file_menu, self.tr("&Save scene …"), "Ctrl+S", saving.ask_scene)
        self._add(file_menu, self.tr("Save &picture …"), "Ctrl+P", saving.ask_picture)
        self._add(file_menu, self.tr("Save &loop …"), "Ctrl+L", saving.ask_loop)
        file_menu.addSeparator()
        self._add(file_menu, self.tr("&Quit"), QKeySequence.StandardKey.Quit, self.close)
        view_menu = self.menuBar().addMenu(self.tr("&View"))
        if self.lesson_dock is not None:
            toggle = self.lesson_dock.toggleViewAction()
            toggle.setShortcut(QKeySequence("F9"))
            view_menu.addAction(toggle)
        names = self._add(view_menu, self.tr("&Names of structures"), "L", self.image.show_names)
        names.setCheckable(True)
        full = self._add(view_menu, self.tr("&Full screen"), "F11", self._set_full_screen)
        full.setCheckable(True)
        self.menuBar().addMenu(self.measure_menu)
        help_menu = self.menuBar().addMenu(self.tr("&Help"))
        self._add(help_menu, self.tr("&Keys"), "F1", self.show_keys)
        self._add(help_menu, self.tr("&About Insonate"), "", self.show_about)

    def _add(
        self,
        menu: object,
        text: str,
        key: str | QKeySequence.StandardKey,
        slot: Callable[..., object],
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(slot)
        menu.addAction(action)  # type: ignore[attr-defined]
        return action

    # --- what is shown -------------------------------------------------------------------------

    @Slot(object)
    def show_frame(self, finished: Finished) -> None:
        """Show a finished frame wherever frames are shown."""
        self.preparing.hide()
        before = self.image.shown
        self.review.take(finished)
        self.image.show_frame(finished)
        if before is None or differ(before.request, finished.request):
            self.banner.hide()
            self.stages.show_frame(finished)

    @Slot(str)
    def show_trouble(self, sentence: str) -> None:
        """Say what went wrong; without a picture there is also nothing more to wait for."""
        self.preparing.hide()
        self.banner.say(sentence)

    @Slot(object)
    def set_chain(self, chain: Chain) -> None:
        self.stages.set_chain(chain)

    @Slot()
    def show_keys(self) -> None:
        notices.show_keys(self, self.keys.bindings)

    @Slot()
    def show_about(self) -> None:
        notices.show_about(self)

    @Slot(bool)
    def _set_full_screen(self, full: bool) -> None:
        self.setWindowState(
            Qt.WindowState.WindowFullScreen if full else Qt.WindowState.WindowNoState
        )

    # --- Qt's events -----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1366, 690)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.keys.press(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._memory is not None:
            self._memory.setValue("window/geometry", self.saveGeometry())
        self.hide()
        self.saving.wait()
        if self._on_close is not None:
            self._on_close()
        super().closeEvent(event)

    def _restore_geometry(self, lesson_wanted: bool) -> None:
        room = self.screen().availableGeometry().size()
        kept = self._memory.value("window/geometry") if self._memory is not None else None
        if not (isinstance(kept, QByteArray) and self.restoreGeometry(kept)):
            self.resize(self.sizeHint().expandedTo(room * PART_OF_SCREEN).boundedTo(room))
        if self.lesson_dock is None or lesson_wanted:
            return
        if self.minimumSizeHint().width() > room.width():
            self.lesson_dock.hide()  # large letters on a small screen: the picture comes first


def _line(shape: QFrame.Shape) -> QFrame:
    line = QFrame()
    line.setFrameShape(shape)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setStyleSheet("color: #3d4650;")
    return line
