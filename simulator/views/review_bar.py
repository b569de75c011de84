"""Below a frozen picture: play, scrub and trim the last seconds, and measure."""

import time
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from simulator.frame_worker import Finished
from simulator.models.cine import Cine
from simulator.models.scanner import Scanner
from simulator.views.image_view import ImageView
from simulator.views.number_control import number_text
from simulator.views.step_slider import StepSlider

PLAY_MS = 20
"""Between two looks at the clock while a loop plays."""


class ReviewBar(QWidget):
    """Keeps the cine memory, and shows it while the scanner is frozen."""

    def __init__(
        self,
        scanner: Scanner,
        image: ImageView,
        measure: QMenu,
        *,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """measure : the menu of tools, offered here too."""
        super().__init__()
        self._scanner, self._image, self._clock_s = scanner, image, clock_s
        self.cine = Cine()
        self._began_s = 0.0
        self._timer = QTimer(self, interval=PLAY_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.play = QPushButton()
        self.play.setCheckable(True)
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.setToolTip(self.tr("Play the last seconds in a loop, or stop."))
        self.play.setMinimumWidth(self._width_of(self.tr("Play"), self.tr("Stop")))
        self.play.clicked.connect(self._set_playing)
        self.slider = StepSlider(sideways=True)
        self.slider.setAccessibleName(self.tr("Picture of the loop"))
        self.slider.setToolTip(
            self.tr("Look back through the last seconds: drag, wheel or arrow keys.")
        )
        self.slider.dragged.connect(self._drag)
        self.slider.stepped.connect(self._step)
        self.slider.reset_asked.connect(self._go_to_newest)
        self.where = QLabel()
        self.where.setMinimumWidth(self._width_of(self._where_text(-88.8, 888, 888)))
        self.trim = _menu_button(self.tr("Trim"), self.tr("Leave out what comes before or after."))
        self.trim.setMenu(self._trim_menu())
        self.measure = _menu_button(self.tr("Measure"), self.tr("Calipers, arrows and words."))
        self.measure.setMenu(measure)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 2)
        row.setSpacing(8)
        row.addWidget(self.play)
        row.addWidget(self.slider, 1)
        for widget in (self.where, self.trim, self.measure):
            row.addWidget(widget)
        scanner.changed.connect(self._follow)
        self.hide()  # or it would come up with its window
        self._follow()

    # --- pictures come in ------------------------------------------------------------------------

    def take(self, finished: Finished) -> None:
        """Remember a picture from the engine; frozen, it is the newest one under other knobs."""
        if self._scanner.frozen and len(self.cine):
            self.cine.retake(finished.request, finished.frame)
        else:
            self.cine.add(finished.request, finished.frame, self._clock_s())
        if self._scanner.frozen:
            self._stop()
            self._show_place()

    @Slot()
    def _follow(self) -> None:
        if not self._scanner.frozen:
            self._stop()
        if self.isHidden() == self._scanner.frozen:
            self.setVisible(self._scanner.frozen)
            self._show_place()

    # --- what hands ask for ----------------------------------------------------------------------

    def seek(self, position: int) -> None:
        """Stop playing and look at this picture."""
        self._stop()
        self._image.tell("")  # what changed last is not of this picture
        self.cine.seek(position)
        self._show()

    @Slot(float)
    def _drag(self, fraction: float) -> None:
        self.seek(round(fraction * (len(self.cine) - 1)))

    @Slot(int)
    def _step(self, count: int) -> None:
        self.seek(self.cine.position + count)

    @Slot()
    def _go_to_newest(self) -> None:
        self.seek(len(self.cine))

    @Slot(bool)
    def _set_playing(self, playing: bool) -> None:
        if not playing or len(self.cine.loop) < 2:
            self._stop()
            return
        at_end = self.cine.position == self.cine.ends[1]
        self._began_s = self._clock_s() - (0.0 if at_end else self.cine.elapsed_s())
        self._timer.start()
        self._show_place()

    def _stop(self) -> None:
        self._timer.stop()
        self._show_place()

    @Slot()
    def _tick(self) -> None:
        before = self.cine.position
        self.cine.play(self._clock_s() - self._began_s)
        if self.cine.position != before:
            self._show()

    def _trim_menu(self) -> QMenu:
        menu = QMenu(self)
        for text, act in (
            (self.tr("Loop &starts here"), self.cine.start_here),
            (self.tr("Loop &ends here"), self.cine.end_here),
            (self.tr("&Whole memory"), self.cine.untrim),
        ):
            action = menu.addAction(text)
            action.triggered.connect(act)
            action.triggered.connect(self._show_place)
        return menu

    # --- showing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        shot = self.cine.shown
        if shot is not None:
            self._image.show_frame(Finished(0, shot.request, shot.frame, 0.0), told=False)
        self._show_place()

    @Slot()
    def _show_place(self) -> None:
        playing = self._timer.isActive()
        self.play.setChecked(playing)
        self.play.setText(self.tr("Stop") if playing else self.tr("Play"))
        self.play.setAccessibleName(self.play.text())
        n, position = len(self.cine), self.cine.position
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(n - 1, 0))
            self.slider.setValue(position)
        first, last = self.cine.ends
        trimmed = n > 1 and (first, last) != (0, n - 1)
        self.trim.setText(self.tr("Trimmed") if trimmed else self.tr("Trim"))
        self.where.setText(self._where_text(-self.cine.age_s, position + 1, n))

    def _where_text(self, age_s: float, number: int, count: int) -> str:
        return f"{number_text(age_s, 1, 's')}   {number}/{count}"

    def _width_of(self, *texts: str) -> int:
        metrics = self.fontMetrics()
        return max(metrics.horizontalAdvance(text) for text in texts) + 2 * metrics.height()


def _menu_button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
