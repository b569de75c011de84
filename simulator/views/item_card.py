"""A question with numbered options; after the answer, every option with its explanation."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from lessons.lesson import Choice
from lessons.questions import Presentation
from simulator import theme
from simulator.views.lesson_parts import GOOD, Choices, Note, Prose

_PICTURE_EM = 16
"""How wide a picture is, in line heights: it fits the narrowest pane."""


def choices_of(presented: Presentation) -> tuple[Choice, ...]:
    """The options as shown."""
    return tuple(Choice(o.text, o.correct, o.explanation) for o in presented.options)


class ItemCard(QWidget):
    """Stem, picture if there is one, options. An option may be chosen again until `explain`."""

    chosen = Signal(int)
    """Place of the option as shown."""

    def __init__(
        self,
        stem: str,
        choices: Sequence[Choice],
        picture: QImage | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._choices = tuple(choices)
        self.selected: int | None = None
        self._is_explained = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.stem = Prose(bold=True)
        self.stem.set_markdown(stem)
        column.addWidget(self.stem)
        if picture is not None:
            column.addWidget(self._picture(picture))
        numbered = [Choice(f"{i}. {c.text}", c.correct, c.why) for i, c in enumerate(choices, 1)]
        self.options = Choices(numbered)
        self.options.chosen.connect(self.choose)
        column.addWidget(self.options)
        self.notes = [Note() for _ in choices]
        for note in self.notes:
            column.addWidget(note)

    @property
    def is_right(self) -> bool:
        return self.selected is not None and self._choices[self.selected].correct

    @property
    def own_note(self) -> QWidget:
        """The explanation of the option that was chosen."""
        return self if self.selected is None else self.notes[self.selected]

    def choose(self, place: int) -> None:
        """Choose an option, as a click on it does; one that does not exist is left alone."""
        if self._is_explained:
            self.options.show_answer(self.selected)  # a click has put the dot elsewhere
            return
        if not 0 <= place < len(self._choices):
            return
        self.selected = place
        self.options.show_answer(place)
        self.chosen.emit(place)

    def explain(self) -> None:
        """Say of every option why it is right or wrong; nothing can be chosen any more."""
        self._is_explained = True
        for i, (choice, note) in enumerate(zip(self._choices, self.notes, strict=True)):
            if choice.correct:
                verdict, colour = self.tr("✓ {0}: right"), GOOD
            elif i == self.selected:
                verdict, colour = self.tr("✗ {0}: your answer"), theme.NOTICE
            else:
                verdict, colour = self.tr("✗ {0}: wrong"), theme.QUIET
            note.say(verdict.format(i + 1), choice.why, colour=colour)

    def _picture(self, picture: QImage) -> QLabel:
        label = QLabel()
        width = _PICTURE_EM * self.fontMetrics().height()
        label.setPixmap(
            QPixmap.fromImage(picture).scaledToWidth(
                width, Qt.TransformationMode.SmoothTransformation
            )
        )
        return label
