"""What menus and shortcuts do: one place for all actions of the window."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QStyle

from simulator.views import icons
from simulator.views.display_controls import FlipAction
from simulator.words import CONSENSUS, SYNONYMS, call_moves, moves_called

if TYPE_CHECKING:
    from simulator.views.main_window import MainWindow

Key = str | QKeySequence.StandardKey


class Actions(QObject):
    """Makes the menus; actions that others want to show too are attributes."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        # it must not keep the window: Python's collector crashes over a child that does
        self._stack = stack = window.history.stack
        self.undo = self._action("", "Ctrl+Z", stack.undo)
        self.undo.setIconText(self.tr("Undo"))
        self.redo = self._action("", "Ctrl+Shift+Z", stack.redo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.redo.setIconText(self.tr("Redo"))
        window.history.changed.connect(self._show_steps)
        self._show_steps()
        self.flip = FlipAction(window.scanner, self)
        self.auto = self._action(self.tr("&Automatic gain"), "O", window.auto_gain.press)
        for menu in self._menus(window):
            window.menuBar().addMenu(menu)

    def _menus(self, window: "MainWindow") -> tuple[QMenu, ...]:
        """The menu bar, from left to right."""
        first = self._file(window), self._edit(window), self._view(window), self._console(window)
        return (
            *first,
            window.insight_menu,
            window.measure_menu,
            window.classroom.make_menu(window),
            self._help(window),
        )

    @Slot()
    def _show_steps(self) -> None:
        """Say what would be taken back, and what done again."""
        stack = self._stack
        for action, can, text, label, tip in (
            (self.undo, stack.canUndo(), stack.undoText(), self.tr("&Undo %1"),
             self.tr("Takes the last turn of a knob or movement of the probe back (Ctrl+Z).")),
            (self.redo, stack.canRedo(), stack.redoText(), self.tr("&Redo %1"),
             self.tr("Does again what was taken back (Ctrl+Shift+Z).")),
        ):  # fmt: skip
            action.setEnabled(can)
            action.setText(label.replace("%1", text).strip())
            action.setToolTip(tip)

    def _file(self, window: "MainWindow") -> QMenu:
        menu, saving = QMenu(self.tr("&File"), window), window.saving
        self._add(menu, self.tr("&Open scene …"), "Ctrl+O", saving.ask_which_scene, icons.OPEN)
        self._add(menu, self.tr("&Save scene …"), "Ctrl+S", saving.ask_scene, icons.SAVE)
        self._add(menu, self.tr("Save &picture …"), "Ctrl+P", saving.ask_picture)
        self._add(menu, self.tr("Save &loop …"), "Ctrl+L", saving.ask_loop)
        menu.addSeparator()
        self._add(menu, self.tr("&Quit"), QKeySequence.StandardKey.Quit, window.close)
        return menu

    def _edit(self, window: "MainWindow") -> QMenu:
        menu = QMenu(self.tr("&Edit"), window)
        menu.addAction(self.undo)
        menu.addAction(self.redo)
        return menu

    def _view(self, window: "MainWindow") -> QMenu:
        menu = QMenu(self.tr("&View"), window)
        if window.lesson_dock is not None:
            toggle = window.lesson_dock.toggleViewAction()
            toggle.setShortcut(QKeySequence("F9"))
            menu.addAction(toggle)
        self._probe(menu, window)
        self.names = self._add(menu, self.tr("&Names of structures"), "L", window.image.show_names)
        self.names.setCheckable(True)
        menu.addSeparator()
        menu.addAction(self.flip)
        zoom = window.console.read_zoom
        self._add(menu, self.tr("Read zoom: &larger"), "Z", zoom.larger)
        self._add(menu, self.tr("Read zoom: &smaller"), "Shift+Z", zoom.smaller)
        self._add(menu, self.tr("Read zoom: &whole picture"), "", zoom.whole)
        menu.addSeparator()
        full = self._add(menu, self.tr("&Full screen"), "Shift+F11", window.set_full_screen)
        full.setCheckable(True)
        return menu

    def _probe(self, menu: QMenu, window: "MainWindow") -> None:
        """The probe's two panels, and the words for its movements."""
        toggle = window.probe_dock.toggleViewAction()
        toggle.setText(self.tr("&Probe in 3-D"))
        toggle.setShortcut(QKeySequence("F8"))
        menu.addAction(toggle)
        self.sliders = self._action(self.tr("Probe s&liders"), "Shift+F8", lambda: None)
        self.sliders.setCheckable(True)
        self.sliders.setChecked(True)
        self.sliders.toggled.connect(window.show_sliders)
        menu.addAction(self.sliders)
        words = QMenu(self.tr("&Words for movements"), window)
        self.words = QActionGroup(words)
        for which, text in (
            (CONSENSUS, self.tr("Heel-toe, tilt, rotation (consensus)")),
            (SYNONYMS, self.tr("Rock, fan, turn (synonyms)")),
        ):
            action = QAction(text, words)
            action.setCheckable(True)
            action.setData(which)
            self.words.addAction(action)
            words.addAction(action)
        self.words.triggered.connect(self._use_words)
        words.aboutToShow.connect(self._show_words)
        menu.addMenu(words)

    @Slot(QAction)
    def _use_words(self, action: QAction) -> None:
        call_moves(action.data())

    @Slot()
    def _show_words(self) -> None:
        for action in self.words.actions():
            action.setChecked(action.data() == moves_called())

    def _console(self, window: "MainWindow") -> QMenu:
        menu = QMenu(self.tr("&Console"), window)
        scanner = window.scanner
        menu.addAction(self.auto)
        if window.console.presets.keeps_own:
            menu.addMenu(window.console.presets.menu)
        reset = self.tr("&Reset all knobs to their start")
        self._add(menu, reset, "", lambda: scanner.take_preset(scanner.preset))
        menu.addSeparator()
        unlock = self.tr("&Unlock all knobs and show those that are hidden")
        self._add(menu, unlock, "", lambda: scanner.set_aside(hidden=(), locked=()))
        return menu

    def _help(self, window: "MainWindow") -> QMenu:
        menu = QMenu(self.tr("&Help"), window)
        keys = self._add(menu, self.tr("&Keys"), "F1", window.show_keys)
        keys.setShortcuts([QKeySequence("F1"), QKeySequence("?")])
        self._add(menu, self.tr("&About Insonate"), "", window.show_about)
        return menu

    def _add(
        self,
        menu: QMenu,
        text: str,
        key: Key,
        slot: Callable[..., object],
        picture: QStyle.StandardPixmap | None = None,
    ) -> QAction:
        action = self._action(text, key, slot)
        if picture is not None:
            action.setIcon(icons.icon(picture))
        menu.addAction(action)
        return action

    def _action(self, text: str, key: Key, slot: Callable[..., object]) -> QAction:
        action = QAction(QIcon(), text, self)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(slot)
        return action
