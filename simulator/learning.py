"""What this user has learned, as panes read and keep it; trouble with the file is one sentence."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from lessons.fresh.all import PICTURELESS
from lessons.progress import (
    Clock,
    ConsoleRun,
    ProgressError,
    ProgressStore,
    Review,
    StationRun,
    local_now,
)
from lessons.question_bank import load_bank
from lessons.questions import Item
from lessons.revision import NEW_PER_DAY, Due, Plan
from phantoms import ContentError


class Learning:
    """The store of progress and the questions there are. Never raises: `trouble` says what is
    wrong. If the file cannot be opened, answers are kept until the window is closed."""

    def __init__(self, path: Path | None, clock: Clock = local_now) -> None:
        """path : None keeps everything in memory only. The file is opened when it is needed."""
        self._path, self.clock = path, clock
        self._store: ProgressStore | None = None
        self._items: Mapping[str, Item] | None = None
        self.trouble = ""

    @property
    def store(self) -> ProgressStore:
        if self._store is None:
            try:
                self._store = ProgressStore(self._path, self.clock)
                self.trouble = self._store.notice or self.trouble
            except ProgressError as error:
                self._store = ProgressStore(None, self.clock)
                said = QCoreApplication.translate(
                    "Learning", "{0}; answers are kept only until the window is closed."
                )
                self.trouble = said.format(error)
        return self._store

    @property
    def items(self) -> Mapping[str, Item]:
        """The questions by id, fresh ones as version 0; none if the bank cannot be read."""
        if self._items is None:
            fresh = {name: made.version(0).item for name, made in PICTURELESS.items()}
            self._items = {**self.bank, **fresh}
        return self._items

    @property
    def bank(self) -> Mapping[str, Item]:
        """The questions that are always the same."""
        try:
            return load_bank().items
        except ContentError as error:
            self.trouble = str(error)
            return {}

    def asked(self, due: Due) -> Item:
        """The item of `due` in its version: fresh numbers each time it comes back."""
        if due.item in PICTURELESS:
            return PICTURELESS[due.item].version(due.version).item
        return self.items[due.item]

    @property
    def plan(self) -> Plan:
        """As the preferences say, as far as they can be read."""
        new = NEW_PER_DAY
        exam: date | None = None
        with contextlib.suppress(ValueError):
            new = int(self.preference("new_per_day") or new)
        with contextlib.suppress(ValueError):
            exam = date.fromisoformat(self.preference("exam_date"))
        return Plan(new, exam)

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The log of answers; empty if it cannot be read, as everything here."""
        with self._told():
            return self.store.reviews()
        return ()

    @property
    def console_runs(self) -> tuple[ConsoleRun, ...]:
        with self._told():
            return self.store.console_runs()
        return ()

    @property
    def station_runs(self) -> tuple[StationRun, ...]:
        with self._told():
            return self.store.station_runs()
        return ()

    def preference(self, name: str) -> str:
        """A word the learner chose; empty if there is none."""
        with self._told():
            return self.store.preference(name) or ""
        return ""

    def keep(self, what: Callable[[ProgressStore], object]) -> bool:
        """Write to the store; False if it could not be."""
        with self._told():
            what(self.store)
            return True
        return False

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ProgressError as error:
            self.trouble = f"{error}."
