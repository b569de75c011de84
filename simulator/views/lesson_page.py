"""One lesson on its way: text, task or question, the measured number, and the reason.

It asks the scanner to take the lesson's scene and reads the pictures that are shown;
everything that is judged is judged by `lessons.session`.
"""

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from lessons.lesson import Lesson, QuestionStep, Scene, TaskStep, WorkedStep
from lessons.session import LessonSession, Report
from physics.frame import Frame
from simulator import theme
from simulator.figures import FigureMaker
from simulator.prose import figure_names
from simulator.views.example_player import ExamplePlayer
from simulator.views.lesson_parts import (
    GOOD,
    Choices,
    Dots,
    Note,
    Prose,
    Readout,
    push_button,
    scrolling,
    wrapped_label,
)
from simulator.views.lesson_scene import Scanner, has_scene, is_current, load_scene
from simulator.views.overlays import outlines_of


class LessonPage(QWidget):
    """One lesson, step by step. The number and what is missing never scroll away."""

    outlined = Signal(object)
    """The outlines to draw in the picture just shown (`simulator.views.overlays.Outline`)."""

    def __init__(
        self,
        scanner: Scanner,
        lesson: Lesson,
        parent: QWidget | None = None,
        *,
        figures: FigureMaker | None = None,
    ) -> None:
        """figures : makes those of the texts; without it their captions are shown."""
        super().__init__(parent)
        self._scanner, self._lesson, self._figures = scanner, lesson, figures
        self._frame: Frame | None = None  # the last picture of this lesson's scene
        self._settled = False
        self._hints_shown = 0
        self._choices: Choices | None = None
        self._body = QVBoxLayout()
        self._build()
        self._load(lesson.start)
        self.session = LessonSession(lesson, scanner.phantom.region_names)
        scanner.changed.connect(self._check_scene)
        if figures is not None:
            figures.made.connect(self._show_text)
        self._show_step()

    @property
    def lesson(self) -> Lesson:
        return self._lesson

    # --- pictures ------------------------------------------------------------------------------

    def show_frame(self, frame: Frame) -> None:
        """Measure a picture. After a scene was loaded, older pictures are not counted."""
        if not has_scene(self._scanner, self._lesson):
            return
        current = is_current(self._scanner, frame)
        self._settled = self._settled or current
        if not self._settled:
            return
        self._frame = frame
        self._show_report(self.session.observe(frame, judge=current))
        self._outline()

    def _load(self, scene: Scene) -> None:
        load_scene(self._scanner, self._lesson, scene)
        self._forget_frame()

    def _forget_frame(self) -> None:
        self._settled, self._frame = False, None
        self._outline()

    def _outline(self) -> None:
        """Show in the picture what the number is measured in: the tissue, not the place."""
        if self._frame is None:
            self.outlined.emit(())
            return
        names = self._scanner.phantom.region_names
        self.outlined.emit(outlines_of(self._frame, self.session.patches, names))

    @Slot()
    def _check_scene(self) -> None:
        """Say so when phantom, probe or freeze keep the lesson from going on."""
        if not has_scene(self._scanner, self._lesson):
            self._forget_frame()
            self._readout.show_numbers(())
        self._show_obstacle()

    def _show_obstacle(self) -> None:
        astray = not has_scene(self._scanner, self._lesson)
        self._reload.setVisible(astray)
        if astray:
            self._say(self.tr("This lesson needs its own phantom and probe."), theme.NOTICE)
        elif self._scanner.frozen and isinstance(self.session.step, TaskStep):
            self._say(self.tr("The picture is frozen: unfreeze it to scan on."), theme.NOTICE)
        elif self._frame is None:
            self._say(self.tr("Measuring …") if self.session.step.shows else "", theme.QUIET)

    # --- steps ---------------------------------------------------------------------------------

    def go_to(self, index: int) -> None:
        """Show a step of the lesson."""
        start = self.session.go_to(index)
        if start is not None:
            self._load(start)
        self._show_step()

    @Slot()
    def _go_on(self) -> None:
        """The next step; after the last one, back to the list."""
        if self.session.is_last:
            self.left.click()
        else:
            self.go_to(self.session.index + 1)

    def _show_step(self) -> None:
        session, step = self.session, self.session.step
        self._hints_shown = 0
        self._title.setText(step.title)
        self._show_text()
        self._player.show_example(session)
        asks = isinstance(step, QuestionStep | TaskStep)
        self._ask.setVisible(asks)
        self._ask.set_markdown(step.ask if isinstance(step, QuestionStep | TaskStep) else "")
        self._hint_note.say("", "", colour=theme.ACCENT)
        self._reason_note.say("", "", colour=GOOD)
        self._show_choices(step.choices if isinstance(step, QuestionStep) else ())
        self._hint.setVisible(isinstance(step, TaskStep))
        self._hint.setText(self.tr("Hint"))
        self._readout.show_numbers(())
        self._say("", theme.QUIET)
        if isinstance(step, QuestionStep) and session.answered is not None:
            self._show_verdict(session.answered)
        self._show_progress()
        self._scroll.verticalScrollBar().setValue(0)
        self._show_obstacle()
        if self._frame is not None:
            self._show_report(session.observe(self._frame, judge=False))
        self._outline()

    @Slot()
    def _show_text(self) -> None:
        """The text with the figures that are there; called again when one more is."""
        text = self.session.step.text
        wanted = [self._lesson.figures[name] for name in figure_names(text)]
        there = self._figures.of(wanted) if self._figures is not None else {}
        self._text.set_markdown(text, there)

    @Slot(object)
    def _take_move(self, scene: Scene) -> None:
        self._load(scene)
        self._show_obstacle()
        self._show_progress()

    def _show_choices(self, choices: tuple[Any, ...]) -> None:
        if self._choices is not None:
            self._choices.setParent(None)
            self._choices.deleteLater()
            self._choices = None
        if choices:
            self._choices = Choices(choices)
            self._choices.chosen.connect(self._answer)
            self._body.insertWidget(self._body.indexOf(self._ask) + 1, self._choices)

    @Slot(int)
    def _answer(self, index: int) -> None:
        self.session.answer(index)
        self._show_verdict(index)
        self._show_progress()
        self._bring_into_view(self._reason_note)

    def _show_verdict(self, index: int) -> None:
        step = self.session.step
        if not isinstance(step, QuestionStep) or self._choices is None:
            return
        self._choices.show_answer(index)
        choice = step.choices[index]
        verdict = self.tr("✓ Right") if choice.correct else self.tr("✗ Think again")
        colour = GOOD if choice.correct else theme.NOTICE
        self._reason_note.say(verdict, choice.why, colour=colour)

    @Slot()
    def _help(self) -> None:
        """First press: the hint. Second: the probe goes where the task is solved."""
        step = self.session.step
        if not isinstance(step, TaskStep):
            return
        self._hints_shown += 1
        if self._hints_shown == 1:
            self._player.stop()
            self._hint_note.say(self.tr("Hint"), step.hint, colour=theme.ACCENT)
            self._hint.setText(self.tr("Show me"))
            self._bring_into_view(self._hint_note)
        else:
            self._load(self.session.show_solution())
            self._show_obstacle()

    def _show_report(self, report: Report) -> None:
        self._readout.show_numbers(report.numbers, met=report.met)
        if self._scanner.frozen:
            return  # the message about the freeze stays
        if report.sentence:
            tick = "✓ " if report.met else ""
            self._say(tick + report.sentence, GOOD if report.met else theme.TEXT)
        else:
            self._say("", theme.QUIET)
        self._show_progress()

    def _show_progress(self) -> None:
        session, step = self.session, self.session.step
        self._dots.show_progress(session.progress, session.index)
        self._back.setEnabled(session.index > 0)
        done = session.is_done or not isinstance(step, QuestionStep | TaskStep | WorkedStep)
        onward = self.tr("Finish") if session.is_last else self.tr("Next")
        self._next.setText(onward if done else self.tr("Skip"))
        if isinstance(step, TaskStep) and session.is_done and self._reason_note.isHidden():
            self._reason_note.say(self.tr("✓ Done"), step.reason, colour=GOOD)
            self._bring_into_view(self._reason_note)

    def _say(self, text: str, colour: str) -> None:
        self._status.setStyleSheet(f"color: {colour};")
        self._status.setText(text)
        self._status.setVisible(bool(text) or isinstance(self.session.step, TaskStep))

    def _bring_into_view(self, widget: QWidget) -> None:
        self._body.activate()  # a widget just shown has no place yet
        self._scroll.ensureWidgetVisible(widget)

    # --- arrangement ---------------------------------------------------------------------------

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.addLayout(self._header())
        column.addWidget(self._scrolled_part(), 1)
        column.addLayout(self._pinned_part())
        column.addLayout(self._footer())

    def _header(self) -> QVBoxLayout:
        self.left = push_button(self.tr("All lessons"))
        self._dots = Dots()
        self._title = wrapped_label(bold=True)
        large = QFont(self._title.font())
        large.setPointSizeF(1.25 * large.pointSizeF())
        self._title.setFont(large)
        top = QHBoxLayout()
        top.addWidget(self._dots, 1)
        top.addWidget(self.left)
        header = QVBoxLayout()
        header.addLayout(top)
        header.addWidget(wrapped_label(self._lesson.title, quiet=True))
        header.addWidget(self._title)
        return header

    def _scrolled_part(self) -> QScrollArea:
        self._text, self._ask = Prose(), Prose(bold=True)
        self._hint_note, self._reason_note = Note(), Note()
        body = QWidget()
        body.setLayout(self._body)
        self._body.setContentsMargins(0, 0, 6, 0)
        for widget in (self._text, self._ask, self._hint_note, self._reason_note):
            self._body.addWidget(widget)
        self._body.addStretch(1)
        self._scroll = scrolling(body)
        return self._scroll

    def _pinned_part(self) -> QVBoxLayout:
        self._player, self._readout = ExamplePlayer(), Readout()
        self._player.moved.connect(self._take_move)
        self._status = wrapped_label()
        self._status.setAlignment(Qt.AlignmentFlag.AlignTop)
        # three lines are kept free, so that the pane does not jump while the probe moves
        self._status.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self._status.setObjectName("lesson_status")
        self._reload = push_button(self.tr("Back to the lesson's scene"))
        self._reload.clicked.connect(self._return_to_scene)
        pinned = QVBoxLayout()
        for widget in (self._player, self._readout, self._status, self._reload):
            pinned.addWidget(widget)
        return pinned

    @Slot()
    def _return_to_scene(self) -> None:
        self._load(self.session.scene)
        self._show_obstacle()

    def _footer(self) -> QHBoxLayout:
        self._back = push_button(self.tr("Back"))
        self._hint = push_button(self.tr("Hint"))
        self._next = push_button(self.tr("Next"))
        self._back.clicked.connect(lambda: self.go_to(self.session.index - 1))
        self._hint.clicked.connect(self._help)
        self._next.clicked.connect(self._go_on)
        footer = QHBoxLayout()
        footer.addWidget(self._back)
        footer.addStretch(1)
        footer.addWidget(self._hint)
        footer.addStretch(1)
        footer.addWidget(self._next)
        return footer
