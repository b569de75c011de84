"""Plays a worked example: its moves one after another, each with its commentary."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from lessons.session import LessonSession
from simulator import theme
from simulator.views.lesson_parts import Prose, push_button, wrapped_label


class ExamplePlayer(QFrame):
    """Play, pause and step through the moves that a session hands out; hidden without any.

    A move stands as long as it says. Whoever turns knobs in between may: a move says where probe
    and knobs are after it, not by how much they turn.
    """

    moved = Signal(object)
    """The `Scene` to take now."""
    ended = Signal()
    """The last move has been shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: LessonSession | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)
        self.setObjectName("example")
        self.setStyleSheet(
            f"QFrame#example {{ background: {theme.PANEL}; border: none;"
            f" border-left: 3px solid {theme.ACCENT}; }}"
        )
        self._count, self._says = wrapped_label(quiet=True), Prose()
        self._says.setObjectName("commentary")
        self._play, self._step = push_button(self.tr("Play")), push_button(self.tr("Step"))
        self._again = push_button(self.tr("Again"))
        self._play.setObjectName("example_play")
        self._step.setObjectName("example_step")
        self._again.setObjectName("example_again")
        self._play.clicked.connect(self._toggle)
        self._step.clicked.connect(self._one)
        self._again.clicked.connect(self._rewind)
        buttons = QHBoxLayout()
        for button in (self._play, self._step, self._again):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 10, 6)
        column.addWidget(self._count)
        column.addWidget(self._says)
        column.addLayout(buttons)
        self.hide()

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    def show_example(self, session: LessonSession) -> None:
        """Stand at the beginning of the present step's example."""
        self._timer.stop()
        self._session = session
        self.setVisible(bool(session.moves))
        self._show()

    def stop(self) -> None:
        """Hand out nothing by itself any more."""
        self._timer.stop()
        self._show()

    @Slot()
    def _toggle(self) -> None:
        if self.is_playing:
            self.stop()
        else:
            self._go_on()

    @Slot()
    def _one(self) -> None:
        self._timer.stop()
        self._take_next()

    @Slot()
    def _go_on(self) -> None:
        self._take_next(playing=True)

    @Slot()
    def _rewind(self) -> None:
        assert self._session is not None
        self._timer.stop()
        self.moved.emit(self._session.rewind())
        self._show()

    def _take_next(self, *, playing: bool = False) -> None:
        session = self._session
        assert session is not None
        move = session.next_move()
        if move is None:
            self.stop()
            return
        self.moved.emit(move.scene)
        at_end = session.n_moved == len(session.moves)
        if playing and not at_end:
            self._timer.start(round(1e3 * move.seconds))
        self._show()
        if at_end:
            self.ended.emit()

    def _show(self) -> None:
        session = self._session
        if session is None or not session.moves:
            return
        n, of = session.n_moved, len(session.moves)
        self._count.setText(self.tr("Move {0} of {1}").format(n, of))
        begin = self.tr("Press *Play*, or *Step* for one move at a time.")
        self._says.set_markdown(session.moves[n - 1].say if n else begin)
        self._play.setText(self.tr("Pause") if self.is_playing else self.tr("Play"))
        self._play.setEnabled(n < of)
        self._step.setEnabled(n < of)
        self._again.setEnabled(n > 0)
