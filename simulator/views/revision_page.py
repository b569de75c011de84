"""Revision: what is due today, one question at a time; when each comes back is said at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from lessons.progress import Confidence, Review
from lessons.questions import OUTCOMES, Presentation, mark, present
from lessons.revision import Due, queue, replay
from simulator import theme
from simulator.learning import Learning
from simulator.views.item_card import ItemCard, choices_of
from simulator.views.lesson_parts import GOOD, Prose, push_button, wrapped_label
from simulator.views.pane_page import PanePage

Picture = Callable[[Due], QImage | None]
"""The picture of a question, for those that have one."""


class RevisionPage(PanePage):
    """Choose, say how sure you are, read why; each answer is kept before it is explained."""

    def __init__(self, learning: Learning, picture: Picture | None = None) -> None:
        super().__init__("")
        self.title.setText(self.tr("Revision"))
        self._learning, self._picture = learning, picture
        self._queue: tuple[Due, ...] = queue(
            learning.reviews,
            learning.items,
            learning.clock(),
            learning.plan,
        )
        self._index = -1
        self._answers: list[tuple[str, bool]] = []  # outcome, and whether it was right
        self.card: ItemCard | None = None
        self._presented: Presentation | None = None
        self._asked_at = learning.clock()
        self._sure_row = self._confidence_row()
        self.pinned.addWidget(self._sure_row)
        self.next = self.button(self.tr("Next"), "revision_next")
        self.next.clicked.connect(self.go_on)
        self.go_on()

    @Slot()
    def go_on(self) -> None:
        """The next question; after the last one, what the session came to."""
        self._index += 1
        self.clear_body()
        self.card = None
        self.say(self._learning.trouble)
        self._sure_row.hide()
        self.next.hide()
        if self._index >= len(self._queue):
            self._show_summary()
            return
        due = self._queue[self._index]
        item = self._learning.asked(due)
        self._presented = present(item, due.version)
        about = self.tr("{0} of {1}: {2}")
        said = about.format(self._index + 1, len(self._queue), OUTCOMES[item.outcome])
        self.body.addWidget(wrapped_label(said, quiet=True))
        picture = self._picture(due) if self._picture is not None else None
        self.card = ItemCard(item.stem, choices_of(self._presented), picture)
        self.card.chosen.connect(self._sure_row.show)
        self.body.addWidget(self.card)
        self.body.addStretch(1)
        self.area.verticalScrollBar().setValue(0)
        self._asked_at = self._learning.clock()

    def answer(self, confidence: Confidence) -> None:
        """Keep the option that is chosen, then explain every one."""
        card, presented = self.card, self._presented
        if card is None or presented is None or card.selected is None or not self.next.isHidden():
            return
        due, now = self._queue[self._index], self._learning.clock()
        answer = presented.order[card.selected]
        right = mark(presented.item, answer).correct
        review = Review(
            item=due.item,
            outcome=presented.item.outcome,
            at=now,
            correct=right,
            answer=answer,
            version=due.version,
            confidence=confidence,
            took_s=max(0.0, (now - self._asked_at).total_seconds()),
        )
        kept = self._learning.keep(lambda store: store.record(review))
        self._answers.append((review.outcome, right))
        card.explain()
        self._sure_row.hide()
        self.next.show()
        if kept:
            said = self._next_due(due.item, now)
            verdict = self.tr("✓ Right. {0}") if right else self.tr("✗ Wrong. {0}")
            self.say(verdict.format(said), GOOD if right else theme.NOTICE)
        else:
            self.say(self._learning.trouble)
        self.bring_into_view(card.own_note)

    def _next_due(self, item: str, now: datetime) -> str:
        reviews = self._learning.reviews
        own = [review for review in reviews if review.item == item]
        due = replay(own, self._learning.plan)[item].due.astimezone(now.tzinfo)
        days = (due.date() - now.date()).days
        if days <= 0:
            minutes = max(1, round((due - now) / timedelta(minutes=1)))
            return self.tr("It comes back in {0} min.").format(minutes)
        if days == 1:
            return self.tr("It comes back tomorrow.")
        return self.tr("It comes back in {0} days.").format(days)

    def _show_summary(self) -> None:
        n, right = len(self._answers), sum(was_right for _, was_right in self._answers)
        if not n:
            self.body.addWidget(wrapped_label(self.tr("Nothing is due now. Come back later.")))
            self.body.addStretch(1)
            return
        self.body.addWidget(wrapped_label(self.tr("Done for now"), bold=True))
        summary = Prose()
        lines = [self.tr("{0} of {1} right.").format(right, n), ""]
        for outcome, title in OUTCOMES.items():
            own = [was_right for name, was_right in self._answers if name == outcome]
            if own:
                line = self.tr("- {0} {1}: {2} of {3}")
                lines.append(line.format(outcome, title, sum(own), len(own)))
        summary.set_markdown("\n".join(lines))
        summary.setObjectName("revision_summary")
        self.body.addWidget(summary)
        self.body.addStretch(1)

    def _confidence_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(wrapped_label(self.tr("How sure are you?")), 1)
        for text, name, confidence in (
            (self.tr("&Unsure"), "unsure", Confidence.LOW),
            (self.tr("&Sure"), "sure", Confidence.HIGH),
        ):
            line.addWidget(self._sure_button(text, name, confidence))
        return row

    def _sure_button(self, text: str, name: str, confidence: Confidence) -> QPushButton:
        button = push_button(text)
        button.setObjectName(name)
        button.clicked.connect(lambda: self.answer(confidence))
        return button

    # --- keyboard --------------------------------------------------------------------------------

    def press_digit(self, digit: int) -> None:
        if self.card is not None:
            self.card.choose(digit - 1)

    def press_enter(self) -> None:
        """Sure; then on to the next."""
        if not self.next.isHidden():
            self.go_on()
        else:
            self.answer(Confidence.HIGH)
