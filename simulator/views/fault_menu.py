"""Faults with one click, hidden from the class or not, and the list that reveals them."""

import random

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from physics.settings import KNOBS
from simulator.faults import FAULTS
from simulator.models.scanner import Scanner
from simulator.theme import QUIET
from simulator.views.differences import value_text
from simulator.views.knob_control import knob_label
from simulator.views.notices import open_page
from simulator.words import translate


class FaultMenu(QMenu):
    """Puts faults in and takes them out."""

    told = Signal(str)

    def __init__(self, scanner: Scanner, parent: QWidget) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.setTitle(self.tr("&Faults"))
        self.hide_them = self.addAction(self.tr("&Hide from the class"))
        self.hide_them.setCheckable(True)
        self.hide_them.setToolTip(self.tr("Masks the values that would tell."))
        self.hide_them.triggered.connect(self._set_secret)
        self.addSeparator()
        for fault in FAULTS.values():
            action = self.addAction(fault_label(fault.name))
            action.triggered.connect(lambda _=False, name=fault.name: self.put_in(name))
        self.addSeparator()
        surprise = self.addAction(self.tr("One by &chance, hidden"))
        surprise.triggered.connect(self.surprise)
        self.addSeparator()
        self.reveal = self.addAction(self.tr("&Reveal"))
        self.reveal.setShortcut(QKeySequence("V"))
        self.reveal.triggered.connect(self.toggle_revealed)
        mend = self.addAction(self.tr("&Mend all"))
        mend.triggered.connect(self.mend)
        scanner.changed.connect(self._show)

    def put_in(self, name: str) -> None:
        """Put a fault in; hidden if the box says so."""
        secret = self.hide_them.isChecked()
        self._scanner.inject(name, secret=secret)
        said = self.tr("A fault is in, and hidden.") if secret else fault_label(name)
        self.told.emit(said)

    @Slot()
    def surprise(self) -> None:
        """Put in one that not even the lecturer knows."""
        self.hide_them.setChecked(True)
        self.put_in(random.choice(list(FAULTS)))

    @Slot()
    def toggle_revealed(self) -> QMessageBox | None:
        """Reveal with a list what was hidden, or hide it again."""
        if not self._scanner.faults:
            self.told.emit(self.tr("There is no fault in."))
            return None
        if not self._scanner.concealed:
            self._scanner.keep_secret(True)
            self.told.emit(self.tr("The faults are hidden again."))
            return None
        self._scanner.keep_secret(False)
        return open_page(self.window(), self.tr("What was wrong"), revelation(self._scanner))

    @Slot()
    def mend(self) -> None:
        """Take all faults out."""
        if self._scanner.faults:
            self._scanner.mend()
        self.told.emit(self.tr("There is no fault in."))

    @Slot(bool)
    def _set_secret(self, secret: bool) -> None:
        if self._scanner.faults:
            self._scanner.keep_secret(secret)

    @Slot()
    def _show(self) -> None:
        if self._scanner.faults:
            self.hide_them.setChecked(bool(self._scanner.concealed))


def fault_label(name: str) -> str:
    """The fault's name in the user's language."""
    return translate("Fault", FAULTS[name].label)


def revelation(scanner: Scanner) -> str:
    """Faults, what they look like, and their knobs: before, with the fault, and now; rich text."""
    page = []
    head = (
        translate("FaultMenu", "Knob"),
        translate("FaultMenu", "Before"),
        translate("FaultMenu", "With the fault"),
        translate("FaultMenu", "Now"),
    )
    for injection in scanner.faults:
        rows = [head]
        for name, before, after in injection.changes:
            values = (before, after, scanner.settings.display(name))
            texts = (value_text(name, value) for value in values)
            rows.append((knob_label(KNOBS[name]), *texts))  # type: ignore[arg-type]
        cells = "".join(
            "<tr>" + "".join(f"<td style='padding-right: 18px'>{c}</td>" for c in row) + "</tr>"
            for row in rows
        )
        signs = translate("Fault", FAULTS[injection.fault].signs)
        page.append(
            f"<h3>{fault_label(injection.fault)}</h3><p>{signs}</p>"
            f"<table style='color: {QUIET}'>{cells}</table>"
        )
    return "".join(page)
