"""Arrangement and menus: lesson at the left, picture in the middle, console at the right."""

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QFrame, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from simulator.frame_worker import Finished
from simulator.models.scanner import Chain, Scanner, differ
from simulator.user_presets import UserPresets
from simulator.views import notices
from simulator.views.actions import Actions
from simulator.views.auto_gain import AutoGain
from simulator.views.classroom import Classroom
from simulator.views.console import Console
from simulator.views.history import History
from simulator.views.image_view import ImageView
from simulator.views.insight_bar import InsightBar
from simulator.views.insight_layer import InsightLayer
from simulator.views.insight_menu import InsightMenu
from simulator.views.keys import KeyMap
from simulator.views.measure_layer import MeasureLayer
from simulator.views.measure_menu import MeasureMenu
from simulator.views.probe_pane import ProbePane
from simulator.views.probe_panel import ProbePanel
from simulator.views.review_bar import ReviewBar
from simulator.views.saving import Saving
from simulator.views.signal_view import SignalView
from simulator.views.stage_strip import StageStrip
from simulator.views.status_line import StatusLine
from simulator.words import call_moves, moves_called

CONSOLE_EMS = 23.5
LESSON_EMS, WIDE_LESSON_EMS = 21.0, 29.0
"""Width of the column at the left, and on a large screen."""
LARGE_SCREEN_EMS = 115
SMALL_SCREEN_EMS = 80
"""On a narrower screen the lesson leaves to the picture what it can."""
PART_OF_SCREEN = 0.85
"""Width and height of a new window on a large screen."""


class MainWindow(QMainWindow):
    """The scanner's screen. Shows what it is given; decides nothing."""

    frame_shown = Signal(object)
    """The frame that has come onto the screen."""

    def __init__(
        self,
        scanner: Scanner,
        *,
        lesson: QWidget | None = None,
        lesson_wanted: bool = False,
        on_close: Callable[[], object] | None = None,
        memory: QSettings | None = None,
        own_presets: UserPresets | None = None,
    ) -> None:
        """`lesson` goes into the pane at the left, which stays open even on a small screen if
        `lesson_wanted`; `on_close` is called once the window is hidden; `memory` keeps the
        window's size and place (None: not kept), `own_presets` the user's presets."""
        super().__init__()
        self.scanner, self._on_close, self.memory = scanner, on_close, memory
        self.setWindowTitle(self.tr("Insonate: ultrasound physics and knobology"))
        self.image = ImageView(scanner)
        self.preparing = notices.Preparing(self.image)
        self.banner = notices.Banner()
        self.probe = ProbePanel(scanner)
        self.pane = ProbePane(scanner)
        self.stages = StageStrip()
        self.console = Console(scanner, own_presets)
        self.console.setFixedWidth(round(CONSOLE_EMS * self.fontMetrics().height()))
        self.keys = KeyMap(scanner, self.console)
        self.insight = InsightLayer(scanner, self.image)
        self.insight_menu = InsightMenu(scanner, self)
        self.insight_bar = InsightBar(scanner, self.insight)
        self.signal = SignalView(scanner, self.insight)
        self.measuring = MeasureLayer(scanner, self.image)
        self.measure_menu = MeasureMenu(self.measuring, self)
        self.review = ReviewBar(scanner, self.image, self.measure_menu)
        self.saving = Saving(scanner, self.image, self.review, self)
        self.auto_gain = AutoGain(scanner, self)
        self.history = History(scanner, self)
        self.status = StatusLine(scanner)
        self.setStatusBar(self.status)
        self.classroom = Classroom(self)
        self._arrange()
        self.lesson_dock = self._make_dock(lesson)
        self.probe_dock = self._make_probe_dock()
        self.presentation = self.classroom.make_presentation(self)
        self.actions_ = Actions(self)
        self._connect()
        self._restore_geometry(lesson_wanted)
        self.image.setFocus()

    def _arrange(self) -> None:
        centre = QVBoxLayout()
        centre.setContentsMargins(0, 0, 0, 0)
        centre.setSpacing(0)
        centre.addWidget(self.banner)
        centre.addWidget(self.image, 1)
        centre.addWidget(self.insight_bar)
        centre.addWidget(self.signal)
        centre.addWidget(self.review)
        centre.addWidget(self.classroom.comparing.bar)
        centre.addWidget(self.probe)
        self.rule = _line(QFrame.Shape.HLine)
        centre.addWidget(self.rule)
        centre.addWidget(self.stages)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(centre, 1)
        row.addWidget(_line(QFrame.Shape.VLine))
        row.addWidget(self.console)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        for action in (self.actions_.undo, self.actions_.redo, self.actions_.flip):
            self.console.add_key(action)
        self.console.tgc.auto_asked.connect(self.auto_gain.press)
        presets = self.console.presets
        class_told = self.classroom.told
        for told in (self.auto_gain.told, self.history.told, presets.told, class_told):
            told.connect(self.status.say)
        for failed in (self.saving.failed, presets.failed):
            failed.connect(self.banner.say)
        self.history.watch(self.console)
        self.history.watch(self.probe)
        for hands in (self.image, self.pane.scene):
            hands.grabbed.connect(self.history.hold)
            hands.released.connect(self.history.let_go)

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
        room = self.screen().availableGeometry().width()
        width = round((WIDE_LESSON_EMS if room > LARGE_SCREEN_EMS * em else LESSON_EMS) * em)
        if room < SMALL_SCREEN_EMS * em:
            width = lesson.minimumWidth()
        self.resizeDocks([dock], [width], Qt.Orientation.Horizontal)
        return dock

    def _make_probe_dock(self) -> QDockWidget:
        """Below the lesson, with which it shares the column; a second screen can have it."""
        dock = QDockWidget(self.tr("Probe"), self)
        dock.setObjectName("probe")
        dock.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea)
        dock.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetClosable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
        )
        dock.setWidget(self.pane)
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        return dock

    # --- what is shown -------------------------------------------------------------------------

    @Slot(object)
    def show_frame(self, finished: Finished) -> None:
        """Show a finished frame wherever frames are shown."""
        self.preparing.hide()
        self.auto_gain.take(finished)
        if self.classroom.passed(finished) is None:
            return  # the class is still predicting it
        before = self.image.shown
        self.review.take(finished)
        self.image.show_frame(finished)
        self.pane.scene.show_frame(finished)
        if before is None or differ(before.request, finished.request):
            self.banner.hide()
            self.stages.show_frame(finished)
        self.classroom.after(finished)
        self.frame_shown.emit(finished.frame)

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
    def show_sliders(self, shown: bool) -> None:
        """Show the probe's sliders below the picture, or give their room to it."""
        self.probe.setVisible(shown)
        self.pane.show_numbers(not shown)

    @Slot(bool)
    def set_full_screen(self, full: bool) -> None:
        self.setWindowState(
            Qt.WindowState.WindowFullScreen if full else Qt.WindowState.WindowNoState
        )

    # --- Qt's events -----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1366, 690)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.presentation.on:
            self.presentation.leave()
        elif not self.keys.press(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.presentation.leave()
        if self.memory is not None:
            self.memory.setValue("window/geometry", self.saveGeometry())
            self.memory.setValue("window/docks", self.saveState())
            self.memory.setValue("console/open", ",".join(self.console.open_groups))
            self.memory.setValue("probe/sliders", self.actions_.sliders.isChecked())
            self.memory.setValue("probe/words", moves_called())
        self.hide()
        self.saving.wait()
        if self._on_close is not None:
            self._on_close()
        super().closeEvent(event)

    def _restore_geometry(self, lesson_wanted: bool) -> None:
        room = self.screen().availableGeometry().size()
        kept = self.memory.value("window/geometry") if self.memory is not None else None
        if not (isinstance(kept, QByteArray) and self.restoreGeometry(kept)):
            self.resize(self.sizeHint().expandedTo(room * PART_OF_SCREEN).boundedTo(room))
        self._restore_groups()
        docks = self.memory.value("window/docks") if self.memory is not None else None
        if isinstance(docks, QByteArray):
            self.restoreState(docks)
        self._restore_probe()
        if self.lesson_dock is None:
            return
        if lesson_wanted:
            self.lesson_dock.show()
            return
        if self.minimumSizeHint().width() > room.width():
            self.probe_dock.hide()
            self.lesson_dock.hide()  # large letters on a small screen: the picture comes first

    def _restore_probe(self) -> None:
        if self.memory is None:
            return
        call_moves(str(self.memory.value("probe/words")))
        shown = self.memory.value("probe/sliders", True, type=bool)
        self.actions_.sliders.setChecked(bool(shown))

    def _restore_groups(self) -> None:
        kept = self.memory.value("console/open") if self.memory is not None else None
        if isinstance(kept, str):
            self.console.open_only(tuple(kept.split(",")))
        else:
            self.console.open_if_roomy(self.height())


def _line(shape: QFrame.Shape) -> QFrame:
    line = QFrame()
    line.setFrameShape(shape)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setStyleSheet("color: #3d4650;")
    return line
