"""The list of console questions: outcome, difficulty, and what came of them so far."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal

from lessons.build_console import load_console
from lessons.console import ConsoleQuestion
from lessons.progress import ConsoleRun
from lessons.questions import OUTCOMES
from phantoms import ContentError
from simulator import theme
from simulator.learning import Learning
from simulator.views.lesson_parts import GOOD, push_button, wrapped_label
from simulator.views.pane_page import PanePage


class ConsoleListPage(PanePage):
    """Choose a question by a click or by its digit."""

    chosen = Signal(object)

    def __init__(self, learning: Learning) -> None:
        super().__init__("")
        self.title.setText(self.tr("Console questions"))
        self._questions: tuple[ConsoleQuestion, ...] = ()
        try:
            self._questions = tuple(load_console().values())
        except ContentError as error:
            self.say(str(error))
        runs = learning.console_runs
        if learning.trouble:
            self.say(learning.trouble)
        self.body.addWidget(
            wrapped_label(
                self.tr("A picture is wrong: put it right with knobs and probe."), quiet=True
            )
        )
        for number, question in enumerate(self._questions, 1):
            self._add(number, question, [run for run in runs if run.question == question.name])
        self.body.addStretch(1)

    def press_digit(self, digit: int) -> None:
        if digit <= len(self._questions):
            self.chosen.emit(self._questions[digit - 1])

    def _add(self, number: int, question: ConsoleQuestion, runs: Iterable[ConsoleRun]) -> None:
        self.body.addWidget(wrapped_label(f"{number}. {question.title}", bold=True))
        about = self.tr("{0} ({1}), difficulty {2} of 3")
        self.body.addWidget(
            wrapped_label(
                about.format(question.outcome, OUTCOMES[question.outcome], question.difficulty),
                quiet=True,
            )
        )
        state = wrapped_label(self._state(runs))
        state.setObjectName(f"state_{question.name}")
        passed = any(run.passed and not run.helped for run in runs)
        state.setStyleSheet(f"color: {GOOD if passed else theme.QUIET};")
        self.body.addWidget(state)
        start = push_button(self.tr("Start"))
        start.setObjectName(f"console_{question.name}")
        start.setAccessibleName(self.tr("Start the question: {0}").format(question.title))
        start.clicked.connect(lambda: self.chosen.emit(question))
        self.body.addWidget(start, 0, Qt.AlignmentFlag.AlignLeft)

    def _state(self, runs: Iterable[ConsoleRun]) -> str:
        """The best that was done without help, else with it."""
        own = [run for run in runs if not run.helped]
        best = max(own or runs, key=lambda run: (run.passed, run.marks), default=None)
        if best is None:
            return self.tr("Not done yet")
        if best.passed:
            text = self.tr("✓ Done with help") if best.helped else self.tr("✓ Done")
        else:
            text = self.tr("Tried")
        return self.tr("{0}: {1} of {2} marks").format(text, best.marks, best.most_marks)
