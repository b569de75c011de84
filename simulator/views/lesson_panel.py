"""The lesson pane of the window: the list of lessons, or the lesson under way."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from lessons.lesson import Lesson
from lessons.loader import load_lessons
from phantoms import ContentError
from physics.frame import Frame
from simulator.figures import FigureMaker
from simulator.views.lesson_page import LessonPage
from simulator.views.lesson_parts import push_button, scrolling, wrapped_label
from simulator.views.lesson_scene import Scanner

WIDTH_EM = 17
"""Preferred width in line heights: about 300 px at the usual font size."""


class LessonPanel(QWidget):
    """Offers the lessons, then leads through one of them."""

    outlined = Signal(object)
    """What to outline in the picture: the patches that the lesson measures, or nothing."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self._page: LessonPage | None = None
        self.figures = FigureMaker(parent=self)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._contents_page())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setMinimumWidth(WIDTH_EM * self.fontMetrics().height())

    @property
    def page(self) -> LessonPage | None:
        """The lesson under way, if any."""
        return self._page

    @Slot(object)
    def show_frame(self, frame: Frame) -> None:
        """Measure the picture that is now on the screen."""
        if self._page is not None:
            self._page.show_frame(frame)

    def open_lesson(self, lesson: Lesson) -> None:
        """Load the lesson's scene into the scanner and show its first step."""
        self.close_lesson()
        self._page = LessonPage(self._scanner, lesson, figures=self.figures)
        self._page.left.clicked.connect(self.close_lesson)
        self._page.outlined.connect(self.outlined)
        self._stack.addWidget(self._page)
        self._stack.setCurrentWidget(self._page)

    @Slot()
    def close_lesson(self) -> None:
        """Go back to the list of lessons; the scanner stays as it is."""
        if self._page is not None:
            self._stack.removeWidget(self._page)
            self._page.deleteLater()
            self._page = None
            self.outlined.emit(())

    def _contents_page(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        heading = wrapped_label(self.tr("Lessons"))
        heading.setObjectName("section")
        column.addWidget(heading)
        try:
            lessons = list(load_lessons().values())
        except ContentError as error:  # the rest of the window works without lessons
            lessons = []
            column.addWidget(wrapped_label(str(error)))
        for lesson in lessons:
            column.addWidget(wrapped_label(lesson.title, bold=True))
            column.addWidget(wrapped_label(lesson.summary, quiet=True))
            column.addWidget(self._start_button(lesson), 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        return scrolling(body)

    def _start_button(self, lesson: Lesson) -> QPushButton:
        button = push_button(self.tr("Start"))
        button.setObjectName(f"start_{lesson.name}")
        button.setAccessibleName(self.tr("Start the lesson: {0}").format(lesson.title))
        button.clicked.connect(lambda: self.open_lesson(lesson))
        return button
