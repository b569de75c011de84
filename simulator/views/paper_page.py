"""A mock paper: the clock, flags, back and forth, handing in, result by outcome, errors."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout

from lessons.papers import KINDS, TITLES, draw_paper
from lessons.progress import ProgressError
from lessons.questions import OUTCOMES
from lessons.sitting import PaperResult, Sitting, begin, unfinished
from simulator import theme
from simulator.learning import Learning
from simulator.views.item_card import ItemCard, choices_of
from simulator.views.lesson_parts import Prose, push_button, wrapped_label
from simulator.views.pane_page import PanePage

TICK_MS = 500


class PaperPage(PanePage):
    """Choose a kind of paper, or go on with the one begun; then one question at a time."""

    def __init__(self, learning: Learning) -> None:
        super().__init__("")
        self.title.setText(self.tr("Mock paper"))
        self._learning, self._items = learning, learning.bank
        self.sitting: Sitting | None = None
        self.place = 0
        self.flags: set[int] = set()
        self.card: ItemCard | None = None
        self._hand_in_asked = False
        self.clock = wrapped_label()
        self.clock.setObjectName("paper_clock")
        self.pinned.addWidget(self.clock)
        self.flag = push_button(self.tr("Flag"))
        self.flag.setCheckable(True)
        self.flag.setObjectName("paper_flag")
        self.flag.toggled.connect(self._set_flag)
        self.hand_in = push_button(self.tr("Hand in"))
        self.hand_in.setObjectName("paper_hand_in")
        self.hand_in.clicked.connect(self.ask_hand_in)
        row = QHBoxLayout()
        row.addWidget(self.flag)
        row.addWidget(self.hand_in)
        self.pinned.addLayout(row)
        self.back = self.button(self.tr("Back"), "paper_back")
        self.next = self.button(self.tr("Next"), "paper_next")
        self.back.clicked.connect(lambda: self.go_to(self.place - 1))
        self.next.clicked.connect(lambda: self.go_to(self.place + 1))
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self._show_clock)
        self._show_running(False)
        self._offer()

    # --- beginning -------------------------------------------------------------------------------

    def _offer(self) -> None:
        try:
            left = unfinished(self._learning.store)
        except ProgressError as error:
            left = None
            self.say(f"{error}.")
        if left is not None:
            self._take(left)
            return
        for kind in KINDS:
            button = push_button(self.tr("Begin"))
            button.setObjectName(f"paper_{kind}")
            button.clicked.connect(lambda _=False, kind=kind: self.begin(kind))
            self.body.addWidget(wrapped_label(TITLES[kind], bold=True))
            self.body.addWidget(button)
        note = self.tr("The clock runs on while the program is closed.")
        self.body.addWidget(wrapped_label(note, quiet=True))
        self.body.addStretch(1)

    def begin(self, kind: str) -> None:
        """Draw a paper and start its clock."""
        try:
            store = self._learning.store
            seed = len(store.sittings()) + 1
            paper = draw_paper("frcr" if kind == "frcr" else "sba", seed, self._items)
            self._take(begin(store, paper))
        except ValueError as error:  # ProgressError is one
            self.say(f"{error}.")

    def _take(self, sitting: Sitting) -> None:
        self.sitting = sitting
        if sitting.remaining_s() <= 0.0:
            self._finish()
            return
        self._show_running(True)
        self._tick.start()
        self._show_clock()
        n = len(sitting.paper.items)
        self.go_to(next((i for i in range(n) if i not in sitting.answers), 0))

    # --- one question ----------------------------------------------------------------------------

    def go_to(self, place: int) -> None:
        """Show the question at a place of the paper."""
        if self.sitting is None or not 0 <= place < len(self.sitting.paper.items):
            return
        paper, self.place = self.sitting.paper, place
        self._hand_in_asked = False
        self.say("")
        self.clear_body()
        self.flag.setChecked(place in self.flags)
        self.back.setEnabled(place > 0)
        self.next.setEnabled(place < len(paper.items) - 1)
        self._show_counts()
        heading = [part.heading for part in paper.parts for _ in part.items][place]
        if heading:
            self.body.addWidget(wrapped_label(heading, quiet=True))
        if paper.items[place] not in self._items:
            self.card = None
            gone = self.tr("This question is no longer in the bank; it is not counted.")
            self.body.addWidget(wrapped_label(gone))
            self.body.addStretch(1)
            return
        presented = self.sitting.presentation(place, self._items)
        self.card = ItemCard(presented.item.stem, choices_of(presented))
        answer = self.sitting.answers.get(place)
        if answer is not None:
            self.card.choose(presented.order.index(answer))
        self.card.chosen.connect(lambda shown: self._answer(presented.order[shown]))
        self.body.addWidget(self.card)
        self.body.addStretch(1)

    def _answer(self, answer: int) -> None:
        assert self.sitting is not None
        try:
            if not self.sitting.answer(self.place, answer):
                self._finish()
                return
        except ProgressError as error:
            self.say(f"{error}.")
        else:
            self._show_counts()

    def _set_flag(self, flagged: bool) -> None:
        (self.flags.add if flagged else self.flags.discard)(self.place)
        self._show_counts()

    def _show_counts(self) -> None:
        if self.sitting is None:
            return
        n = len(self.sitting.paper.items)
        flagged = ", ".join(str(place + 1) for place in sorted(self.flags))
        said = self.tr("Question {0} of {1}; {2} answered").format(
            self.place + 1, n, len(self.sitting.answers)
        )
        if flagged:
            said += self.tr("; flagged: {0}").format(flagged)
        self.say(said, theme.QUIET)

    @Slot()
    def _show_clock(self) -> None:
        if self.sitting is None:
            return
        left = self.sitting.remaining_s()
        if left <= 0.0:
            self._finish()
            return
        minutes, seconds = divmod(int(left), 60)
        self.clock.setText(self.tr("Time left: {0}:{1}").format(minutes, f"{seconds:02d}"))

    # --- the end ---------------------------------------------------------------------------------

    @Slot()
    def ask_hand_in(self) -> None:
        """Hand in at the second press; the first says what is still open."""
        assert self.sitting is not None
        if self._hand_in_asked:
            self._finish()
            return
        self._hand_in_asked = True
        n_open = len(self.sitting.paper.items) - len(self.sitting.answers)
        self.say(self.tr("{0} without an answer. Press again to hand in.").format(n_open))

    def _finish(self) -> None:
        assert self.sitting is not None
        self._tick.stop()
        try:
            result = self.sitting.hand_in(self._items)
        except ProgressError as error:
            self.say(f"{error}.")
            return
        self._show_running(False)
        self.say("")
        self._show_result(result)

    def _show_result(self, result: PaperResult) -> None:
        self.clear_body()
        total = self.tr("{0} of {1} right, {2} without an answer")
        score = result.total
        self.body.addWidget(
            wrapped_label(total.format(score.right, score.total, score.unanswered), bold=True)
        )
        line = self.tr("- {0} {1}: {2} of {3}")
        rows = [
            line.format(name, OUTCOMES[name], one.right, one.total)
            for name, one in result.by_outcome.items()
        ]
        table = Prose()
        table.set_markdown("\n".join(rows))
        table.setObjectName("paper_result")
        self.body.addWidget(table)
        if result.faults:
            self.body.addWidget(wrapped_label(self.tr("Look at these again"), bold=True))
        assert self.sitting is not None
        for fault in result.faults:
            presented = self.sitting.presentation(fault.place, self._items)
            card = ItemCard(f"({fault.place + 1}) {fault.item.stem}", choices_of(presented))
            if fault.answer is not None:
                card.choose(presented.order.index(fault.answer))
            card.explain()
            self.body.addWidget(card)
        self.body.addStretch(1)
        self.area.verticalScrollBar().setValue(0)

    def _show_running(self, running: bool) -> None:
        for widget in (self.clock, self.flag, self.hand_in, self.back, self.next):
            widget.setVisible(running)

    # --- keyboard --------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        if self.card is not None and not self.next.isHidden():
            self.card.choose(digit - 1)

    def press_enter(self) -> None:
        if not self.next.isHidden():
            self.go_to(self.place + 1)
