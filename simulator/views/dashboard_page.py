"""How far the learner is: outcomes, answers day by day, time."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QWidget

from lessons.dashboard import Dashboard, dashboard
from simulator.learning import Learning
from simulator.views.lesson_parts import wrapped_label
from simulator.views.pane_page import PanePage

DAYS_SHOWN = 10
"""Newest days with answers that are listed."""


def board_of(learning: Learning) -> Dashboard:
    """The numbers now."""
    return dashboard(
        learning.reviews,
        learning.items,
        learning.clock(),
        learning.plan,
        learning.station_runs,
    )


class DashboardPage(PanePage):
    """Small tables with bars; every bar has its number beside it."""

    def __init__(self, learning: Learning) -> None:
        super().__init__("")
        self.title.setText(self.tr("Your progress"))
        board = board_of(learning)
        self.say(learning.trouble)
        minutes = round(board.time_s / 60)
        told = self.tr("{0} of {1} outcomes mastered. {2} min so far.")
        self.body.addWidget(
            wrapped_label(told.format(board.n_mastered, len(board.outcomes), minutes))
        )
        self._heading(self.tr("Questions passed (right twice in a row)"))
        passed = [
            (f"{one.outcome} {one.title}", one.passed_share, f"{one.n_passed} / {one.n_item}")
            for one in board.outcomes
        ]
        self.body.addWidget(_bars(passed))
        self._heading(self.tr("Right answers by day"))
        days = [
            (str(day.day), day.accuracy, f"{day.n_right} / {day.n_answer}")
            for day in board.days[-DAYS_SHOWN:]
        ]
        if days:
            self.body.addWidget(_bars(days))
        else:
            self.body.addWidget(wrapped_label(self.tr("No answers yet."), quiet=True))
        self.body.addStretch(1)

    def _heading(self, text: str) -> None:
        self.body.addWidget(wrapped_label(text, bold=True))


def _bars(rows: list[tuple[str, float, str]]) -> QWidget:
    """A row each: what, a bar for its share, its numbers."""
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(0, 3)
    grid.setColumnStretch(1, 2)
    for row, (what, share, numbers) in enumerate(rows):
        bar = QProgressBar()
        bar.setRange(0, 100)
        bar.setValue(round(100 * share))
        bar.setTextVisible(False)
        bar.setMaximumHeight(bar.fontMetrics().height() // 2)
        bar.setMinimumWidth(1)
        bar.setAccessibleName(f"{what}: {numbers}")
        grid.addWidget(wrapped_label(what, quiet=True), row, 0)
        grid.addWidget(bar, row, 1)
        grid.addWidget(QLabel(numbers), row, 2, Qt.AlignmentFlag.AlignRight)
    return table
