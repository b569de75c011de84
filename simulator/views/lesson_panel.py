"""The pane at the left of the window: the home page, or a lesson, question or paper under way."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from lessons.console import ConsoleQuestion
from lessons.lesson import Lesson
from lessons.loader import load_lessons
from phantoms import ContentError
from physics.frame import Frame
from simulator.figures import FigureMaker
from simulator.learning import Learning
from simulator.views.console_list_page import ConsoleListPage
from simulator.views.console_page import ConsolePage
from simulator.views.dashboard_page import DashboardPage
from simulator.views.home_page import LAST_LESSON, HomePage
from simulator.views.lesson_page import LessonPage
from simulator.views.lesson_scene import Scanner
from simulator.views.pane_page import PanePage
from simulator.views.paper_page import PaperPage
from simulator.views.revision_page import RevisionPage

WIDTH_EM = 17
"""Preferred width in line heights: about 300 px at the usual font size."""


class LessonPanel(QWidget):
    """Offers what there is to do, then leads through it."""

    outlined = Signal(object)
    """What to outline in the picture: the patches that the lesson measures, or nothing."""

    def __init__(
        self,
        scanner: Scanner,
        parent: QWidget | None = None,
        *,
        learning: Learning | None = None,
    ) -> None:
        """learning : what the user has done so far; without it nothing outlasts the window."""
        super().__init__(parent)
        self._scanner, self._learning = scanner, learning or Learning(None)
        self._page: LessonPage | None = None
        self._other: PanePage | None = None
        self._is_told = False  # whether the home page shows what the store holds
        self.figures = FigureMaker(parent=self)
        self._stack = QStackedWidget()
        self.home = self._home_page()
        self._stack.addWidget(self.home)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setMinimumWidth(WIDTH_EM * self.fontMetrics().height())

    @property
    def page(self) -> LessonPage | None:
        """The lesson under way, if any."""
        return self._page

    @property
    def other(self) -> PanePage | None:
        """What else is under way, if anything."""
        return self._other

    @Slot(object)
    def show_frame(self, frame: Frame) -> None:
        """Measure the picture that is now on the screen."""
        if self._page is not None:
            self._page.show_frame(frame)
        elif self._other is not None:
            self._other.show_frame(frame)
        elif not self._is_told:  # not before the first picture, which must not wait for it
            self._tell_home()

    def open_lesson(self, lesson: Lesson) -> None:
        """Load the lesson's scene into the scanner and show its first step."""
        self._leave()
        self._page = LessonPage(self._scanner, lesson, figures=self.figures)
        self._page.left.clicked.connect(self.close_lesson)
        self._page.outlined.connect(self.outlined)
        self._stack.addWidget(self._page)
        self._stack.setCurrentWidget(self._page)

    @Slot(object, int)
    def resume_lesson(self, lesson: Lesson, step: int) -> None:
        """Go on with a lesson where it was left."""
        self.open_lesson(lesson)
        assert self._page is not None
        self._page.go_to(step)

    @Slot()
    def close_lesson(self) -> None:
        """Go back to the home page; the scanner stays as it is."""
        self._leave()
        self._tell_home()

    @Slot()
    def open_revision(self) -> None:
        self.open_page(RevisionPage(self._learning))

    @Slot()
    def open_paper(self) -> None:
        self.open_page(PaperPage(self._learning))

    @Slot()
    def open_progress(self) -> None:
        self.open_page(DashboardPage(self._learning))

    @Slot()
    def open_console_list(self) -> None:
        page = ConsoleListPage(self._learning)
        page.chosen.connect(self.open_console)
        self.open_page(page)

    @Slot(object)
    def open_console(self, question: ConsoleQuestion) -> None:
        """Set the scanner to the start of a console question."""
        self._leave()
        page = ConsolePage(self._scanner, question, self._learning)
        self.open_page(page)
        page.closed.disconnect()
        page.closed.connect(self.open_console_list)

    def open_page(self, page: PanePage) -> None:
        """Show a page in place of what is shown, with the keyboard."""
        self._leave()
        self._other = page
        page.closed.connect(self.close_lesson)
        page.outlined.connect(self.outlined)
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)
        page.setFocus()

    def _leave(self) -> None:
        if self._page is not None:
            session, lesson = self._page.session, self._page.lesson
            place = None if session.is_last else f"{lesson.name}:{session.index}"
            self._learning.keep(lambda store: store.set_preference(LAST_LESSON, place))
        for page in (self._page, self._other):
            if page is not None:
                self._stack.removeWidget(page)
                page.deleteLater()
                self.outlined.emit(())
        self._page = self._other = None

    def _tell_home(self) -> None:
        self._is_told = True
        self.home.refresh()

    def _home_page(self) -> HomePage:
        try:
            lessons, trouble = list(load_lessons().values()), ""
        except ContentError as error:  # the rest of the window works without lessons
            lessons, trouble = [], str(error)
        page = HomePage(lessons, trouble, self._learning)
        page.lesson_chosen.connect(self.open_lesson)
        page.resumed.connect(self.resume_lesson)
        page.revision.clicked.connect(self.open_revision)
        page.paper.clicked.connect(self.open_paper)
        page.progress.clicked.connect(self.open_progress)
        page.console.clicked.connect(self.open_console_list)
        return page
