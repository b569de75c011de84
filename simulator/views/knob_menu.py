"""What a right click on a knob offers: reset it, and, for lecturers, lock or hide it."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from simulator.models.scanner import Scanner
from simulator.words import translate


def open_knob_menu(scanner: Scanner, name: str, at: QPoint, parent: QWidget) -> QMenu:
    """Open the menu of the knob called `name` at a place of the screen."""
    menu = QMenu(parent)
    locked = name in scanner.locked
    reset = menu.addAction(translate("KnobMenu", "&Reset"))
    reset.setEnabled(not locked)
    reset.triggered.connect(lambda: scanner.reset_knob(name))
    menu.addSeparator()
    lock = menu.addAction(translate("KnobMenu", "&Lock: keeps its value"))
    lock.setCheckable(True)
    lock.setChecked(locked)
    lock.triggered.connect(lambda: scanner.set_aside(locked=scanner.locked ^ {name}))
    hide = menu.addAction(translate("KnobMenu", "&Hide (menu Console shows it again)"))
    hide.triggered.connect(lambda: scanner.set_aside(hidden=scanner.hidden | {name}))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
    return menu
