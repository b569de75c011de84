"""The home page of the pane: what there is to do now, and the lessons."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from lessons.lesson import Lesson
from simulator import theme
from simulator.learning import Learning
from simulator.views.dashboard_page import board_of
from simulator.views.lesson_parts import push_button, scrolling, wrapped_label

LAST_LESSON = "last_lesson"
"""Name of the preference that keeps the lesson left before its end: `name:step`."""


class HomePage(QWidget):
    """Buttons to everything; `refresh` says what the store knows."""

    lesson_chosen = Signal(object)
    resumed = Signal(object, int)
    """A lesson, and the step to go on with."""

    def __init__(
        self,
        lessons: Sequence[Lesson],
        trouble: str,
        learning: Learning,
        parent: QWidget | None = None,
    ) -> None:
        """trouble : what is wrong with the lessons."""
        super().__init__(parent)
        self._learning = learning
        self._lessons = {lesson.name: lesson for lesson in lessons}
        body = QWidget()
        self._body = QVBoxLayout(body)
        self._trouble = wrapped_label()
        self._trouble.setObjectName("home_trouble")
        self._trouble.setStyleSheet(f"color: {theme.NOTICE};")
        self._trouble.hide()
        self._body.addWidget(self._trouble)
        self._heading(self.tr("Practise"))
        self.resume = self._row("", "home_resume")
        self.resume.hide()
        self.resume.clicked.connect(self._resume)
        self.revision = self._row(self.tr("Revision"), "home_revision")
        self.console = self._row(self.tr("Console questions"), "home_console")
        self.paper = self._row(self.tr("Mock paper"), "home_paper")
        self.progress = self._row(self.tr("Your progress"), "home_progress")
        self._heading(self.tr("Lessons"))
        if trouble:
            self._body.addWidget(wrapped_label(trouble))
        for lesson in lessons:
            self._body.addWidget(wrapped_label(lesson.title, bold=True))
            self._body.addWidget(wrapped_label(lesson.summary, quiet=True))
            self._body.addWidget(self._start_button(lesson), 0, Qt.AlignmentFlag.AlignLeft)
        self._body.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(scrolling(body))

    def refresh(self) -> None:
        """Show what has been done so far."""
        learning = self._learning
        board = board_of(learning)
        n = board.n_due + board.n_new_today
        due = self.tr("Revision: {0} due, {1} new").format(board.n_due, board.n_new_today)
        self.revision.setText(due if n else self.tr("Revision: nothing is due"))
        n_done = len({run.question for run in learning.console_runs if run.passed})
        done = self.tr("Console questions ({0} done)").format(n_done)
        self.console.setText(done if n_done else self.tr("Console questions"))
        mastered = self.tr("Your progress: {0} of {1} outcomes mastered")
        self.progress.setText(mastered.format(board.n_mastered, len(board.outcomes)))
        lesson, step = self._last_lesson()
        self.resume.setVisible(lesson is not None)
        if lesson is not None:
            self.resume.setText(self.tr("Continue: {0}").format(lesson.title))
            at = self.tr("Step {0} of {1}").format(step + 1, len(lesson.steps))
            self.resume.setToolTip(at)
        self._trouble.setText(learning.trouble)
        self._trouble.setVisible(bool(learning.trouble))

    @Slot()
    def _resume(self) -> None:
        lesson, step = self._last_lesson()
        if lesson is not None:
            self.resumed.emit(lesson, step)

    def _last_lesson(self) -> tuple[Lesson | None, int]:
        """The lesson that was left before its end, and the step."""
        kept = self._learning.preference(LAST_LESSON)
        name, _, step = kept.partition(":")
        lesson = self._lessons.get(name)
        if lesson is None or not step.isdecimal() or int(step) >= len(lesson.steps):
            return None, 0
        return lesson, int(step)

    def _heading(self, text: str) -> None:
        label = wrapped_label(text)
        label.setObjectName("section")
        self._body.addWidget(label)

    def _row(self, text: str, name: str) -> QPushButton:
        """A button as wide as the pane."""
        button = push_button(text)
        button.setObjectName(name)
        self._body.addWidget(button)
        return button

    def _start_button(self, lesson: Lesson) -> QPushButton:
        button = push_button(self.tr("Start"))
        button.setObjectName(f"start_{lesson.name}")
        button.setAccessibleName(self.tr("Start the lesson: {0}").format(lesson.title))
        button.clicked.connect(lambda: self.lesson_chosen.emit(lesson))
        return button
