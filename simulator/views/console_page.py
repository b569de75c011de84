"""A console question on its way: the request, goals as they stand, marks, and why.

It sets the scanner to the start and tells the session every change; what is judged is judged by
`lessons.console_session`.
"""

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from lessons.console import ConsoleQuestion
from lessons.console_session import ConsoleSession, Result, differences
from lessons.lesson import Scene
from lessons.progress import ConsoleRun
from physics.frame import Frame
from physics.settings import KNOBS
from simulator import theme
from simulator.learning import Learning
from simulator.placing import POSE
from simulator.views.goal_rows import GoalRows
from simulator.views.item_card import ItemCard
from simulator.views.lesson_parts import GOOD, Note, Prose, wrapped_label
from simulator.views.lesson_scene import Scanner, has_scene, is_current, load_scene
from simulator.views.overlays import outlines_of
from simulator.views.pane_page import PanePage
from simulator.words import move_name

REST_MS = 700
"""Turned with wheel or keys, a knob that rests so long has been let go of; chosen."""
LOOK_MS = 50
"""How often it is looked whether a pressed mouse button was let go of."""


class ConsolePage(PanePage):
    """One attempt after another at one question."""

    def __init__(self, scanner: Scanner, question: ConsoleQuestion, learning: Learning) -> None:
        super().__init__(question.title)
        self._scanner, self.question, self._learning = scanner, question, learning
        self._frame: Frame | None = None
        self._started: datetime = learning.clock()
        self._judge_asked = self.helped = self._loading = False
        self._why: ItemCard | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._settle)
        self._build()
        self._begin()
        scanner.changed.connect(self._follow)

    # --- the scanner -----------------------------------------------------------------------------

    @Slot()
    def reset(self) -> None:
        """Another attempt from the start. Help that was taken is not forgotten."""
        self._begin()

    def _begin(self) -> None:
        self.session = ConsoleSession(self.question, ())
        self._judge_asked = False
        self._started = self._learning.clock()
        self._drop_why()
        self._verdict.say("", "", colour=GOOD)
        self._rows.show_state((), ())
        self._load(self.question.start)
        self.session = ConsoleSession(self.question, self._scanner.phantom.region_names)
        self.say(self.tr("Measuring …"), theme.QUIET)

    def _load(self, scene: Scene) -> None:
        self._frame, self._loading = None, True
        try:
            load_scene(self._scanner, self.question, scene)
        finally:
            self._loading = False
        self.outlined.emit(())

    @property
    def _scene(self) -> Scene:
        return Scene(self._scanner.pose, self._scanner.settings)

    @Slot()
    def _follow(self) -> None:
        """Tell the session what was turned."""
        if self._loading:
            return
        if not has_scene(self._scanner, self.question):
            self._frame = None
            self.outlined.emit(())
            self.say(self.tr("This question needs its own phantom and probe: press Reset."))
            return
        if self._scanner.frozen:
            self.say(self.tr("The picture is frozen: unfreeze it to scan on."))
        elif self.session.has_begun:
            self.say("")
        if self.session.has_begun:
            self.session.change(self._scene, self._at_s())
            held = QApplication.mouseButtons() != Qt.MouseButton.NoButton
            self._rest.start(LOOK_MS if held else REST_MS)

    @Slot()
    def _settle(self) -> None:
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._rest.start(LOOK_MS)
            return
        if self.session.has_begun:
            self.session.settle(self._at_s())
            self._show_state()

    def show_frame(self, frame: Frame) -> None:
        """Measure a picture of what is set now."""
        scanner = self._scanner
        if not has_scene(scanner, self.question) or not is_current(scanner, frame):
            return
        if not self.session.has_begun:
            if differences(self.question.start, self._scene):
                self._load(self.question.start)  # turned before there was a picture to start from
                return
            self.session.begin(frame, 0.0)
            self._started = self._learning.clock()
            self.say("")
        self._frame = frame
        self._show_state()
        patches = [goal.goal.reading.patch for goal in self.question.goals]
        shown = tuple(dict.fromkeys(patch for patch in patches if patch is not None))
        self.outlined.emit(outlines_of(frame, shown, scanner.phantom.region_names))
        if self._judge_asked:
            self.judge()

    def _show_state(self) -> None:
        if self._frame is not None and self.session.has_begun:
            self._rows.show_state(*self.session.observe(self._frame))

    # --- marks -----------------------------------------------------------------------------------

    @Slot()
    def judge(self) -> None:
        """Judge the picture of what is set now; wait for it if it is not there yet."""
        if not has_scene(self._scanner, self.question):
            self._follow()
            return
        if self._scanner.frozen:
            self.say(self.tr("The picture is frozen: unfreeze it to be judged."))
            return
        frame = self._frame
        self._judge_asked = frame is None or not is_current(self._scanner, frame)
        if frame is None or self._judge_asked:
            self.say(self.tr("Measuring …"), theme.QUIET)
            return
        self._rest.stop()
        result = self.session.judge(frame, self._at_s())
        self._show_state()
        self.say("")
        self._show_result(result)
        if not self._learning.keep(lambda store: store.record_console(self._run(result))):
            self.say(self._learning.trouble)

    def _run(self, result: Result) -> ConsoleRun:
        return ConsoleRun(
            question=self.question.name,
            started=self._started,
            took_s=self._at_s(),
            marks=result.marks,
            most_marks=result.most_marks,
            n_step=result.n_step,
            passed=result.passed,
            helped=self.helped,
        )

    def _show_result(self, result: Result) -> None:
        marks = self.tr("{0} of {1} marks").format(result.marks, result.most_marks)
        if self.helped:
            marks += self.tr(" (with help)")
        sentences = result.residual_faults or tuple(goal.sentence for goal in result.goals)
        said = "\n\n".join(sentences)
        verdict = ("✓ " if result.passed else "") + marks
        self._verdict.say(verdict, said, colour=GOOD if result.passed else theme.NOTICE)
        if result.passed:
            self._ask_why()
        self.bring_into_view(self._verdict)

    @Slot()
    def show_solution(self) -> None:
        """Set the scanner to the stored solution; the attempt counts as helped."""
        self.helped = True
        route = self.question.routes[0]
        turns = [self._said(*pair) for pair in zip(
            (self.question.start, *route.scenes), route.scenes, strict=False
        )]  # fmt: skip
        self._load(route.scenes[-1])
        self._follow()
        listed = "\n".join(f"- {turn}" for turn in turns)
        self._verdict.say(
            self.tr("A solution (this counts as helped)"), listed, colour=theme.ACCENT
        )
        self._ask_why()
        self.bring_into_view(self._verdict)

    def _said(self, before: Scene, after: Scene) -> str:
        """What one turn of a route changes, in display units."""
        parts = []
        for name, (_, now) in differences(before, after).items():
            if name in KNOBS:
                knob = KNOBS[name]
                parts.append(f"{knob.label}: {_shown(now)} {knob.unit}".rstrip())
            else:
                part = next(part for part in POSE.values() if part.field == name)
                parts.append(f"{move_name(name)}: {part.shown(after.pose):.1f} {part.unit}")
        return "; ".join(parts)

    # --- why -------------------------------------------------------------------------------------

    def _ask_why(self) -> None:
        if self._why is not None:
            return
        why = self.question.why
        self._why = ItemCard(why.ask, why.choices)
        self._why.chosen.connect(self._answer_why)
        self.body.insertWidget(self.body.indexOf(self._verdict) + 1, self._why)
        self._why.show()  # at once, not when the event loop runs

    @Slot(int)
    def _answer_why(self, place: int) -> None:
        assert self._why is not None
        if self.session.has_begun:
            self.session.answer_why(place, self._at_s())
        self._why.explain()
        self.bring_into_view(self._why.own_note)

    def _drop_why(self) -> None:
        if self._why is not None:
            self._why.setParent(None)
            self._why.deleteLater()
            self._why = None

    # --- arrangement -----------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        if self._why is not None:
            self._why.choose(digit - 1)

    def press_enter(self) -> None:
        self.judge()

    def _at_s(self) -> float:
        return max(0.0, (self._learning.clock() - self._started).total_seconds())

    def _build(self) -> None:
        limits = self.tr("At most {0} steps: a step is a knob or a movement let go of.")
        request = Prose()
        request.set_markdown(self.question.request)
        self._verdict, self._rows = Note(), GoalRows()
        for widget in (
            request,
            wrapped_label(limits.format(self.question.limits.steps), quiet=True),
            self._verdict,
        ):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.pinned.addWidget(self._rows)
        for text, name, slot in (
            (self.tr("Reset"), "console_reset", self.reset),
            (self.tr("Solution"), "console_solution", self.show_solution),
            (self.tr("Judge"), "console_judge", self.judge),
        ):
            self.button(text, name).clicked.connect(slot)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(f"{number:g}" for number in value)
    return str(value)
