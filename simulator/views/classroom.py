"""What a lecturer needs: A and B, a question before the answer, faults, locks, a presentation."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDialog, QInputDialog, QMenu

from simulator.frame_worker import Finished
from simulator.models.comparison import A_ONLY, B_ONLY, BLINK, SIDE, WIPE
from simulator.models.prediction import Prediction
from simulator.models.scanner import differ
from simulator.views.comparing import Comparing, kept_of
from simulator.views.differences import differences
from simulator.views.fault_menu import FaultMenu
from simulator.views.knob_lists import KnobList, KnobRules
from simulator.views.presentation import CAN_BE_SHOWN, Presentation
from simulator.views.question_card import QuestionCard

if TYPE_CHECKING:
    from simulator.views.main_window import MainWindow

LONGEST_QUESTION = 120
_KNOBS = "class/knobs"


class Classroom(QObject):
    """Makes the parts, and stands between new pictures and the screen."""

    told = Signal(str)
    revealed = Signal(object)
    """The `Finished` that was held back."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        # it must not keep the window: Python's collector crashes over a child that does
        self._scanner, self._image, self._memory = window.scanner, window.image, window.memory
        self._stages = window.stages
        self.revealed.connect(window.show_frame)
        self.comparing = Comparing(window.scanner, window.image, window.history, self)
        self.prediction = Prediction(self)
        self.card = QuestionCard(self.prediction, window.image)
        self.faults = FaultMenu(window.scanner, window)
        self.presentation: Presentation | None = None
        self._rules = window.scanner.rules
        for told in (self.comparing.told, self.faults.told):
            told.connect(self.told)
        window.scanner.changed.connect(self._follow)

    def make_presentation(self, window: "MainWindow") -> Presentation:
        """Once the window has all its parts."""
        docks = [window.probe_dock]
        if window.lesson_dock is not None:
            docks.append(window.lesson_dock)
        away = (window.menuBar(), window.status, window.probe, window.rule, window.stages)
        self.presentation = Presentation(window, (*docks, *away, window.console))
        self.presentation.changed.connect(self.comparing.hide_bar)
        kept = self._memory.value(_KNOBS) if self._memory is not None else None
        if isinstance(kept, str):
            self.presentation.choose(kept.split(","))
        return self.presentation

    # --- pictures come in ------------------------------------------------------------------------

    def passed(self, finished: Finished) -> Finished | None:
        """The picture if it may be shown now; None while the class predicts."""
        return self.prediction.passed(finished)

    def after(self, finished: Finished) -> None:
        """A picture was shown: tell what differs, and say nothing of stages that would tell."""
        self.comparing.refresh()
        if self._scanner.concealed:
            self._stages.darken(self.tr("hidden until\nrevealed"))

    @Slot()
    def _follow(self) -> None:
        scanner = self._scanner
        if self.prediction.armed and self._image.shown is not None:
            found = differences(self._image.shown.request, scanner.request(), scanner.concealed)
            arrow = "\N{RIGHTWARDS ARROW}"
            self.card.tell(tuple(f"{d.label}  {d.a} {arrow} {d.b}" for d in found))
        if scanner.rules == self._rules:
            return
        self._rules = scanner.rules
        self._image.tell("")  # what is on the screen may tell too much
        if scanner.concealed:
            self._stages.darken(self.tr("hidden until\nrevealed"))
            self.told.emit(self.tr("Something may be wrong here, and is hidden: V reveals it."))
        elif scanner.locked or scanner.hidden:
            self.told.emit(
                self.tr("Knobs are locked or hidden. Anyone can unlock them: menu Console.")
            )

    # --- freeze and predict ----------------------------------------------------------------------

    @Slot()
    def ask(self, words: str = "") -> None:
        """Keep the picture on the screen as it is, and ask what will happen."""
        kept = kept_of(self._image.shown, self._scanner)
        if kept is None:
            self.told.emit(self.tr("There is no picture yet."))
            return
        self.comparing.model.show(B_ONLY)
        self.comparing.model.keep(kept)
        self.prediction.arm(words)
        self._image.tell("")
        self.told.emit(self.tr("Turn what you like: the class sees the old picture until W."))

    @Slot()
    def ask_or_show(self) -> None:
        """The question if there is none; else the answer, beside the picture before."""
        if not self.prediction.armed:
            self.ask()
            return
        held = self.prediction.reveal()
        if held is not None:
            self.revealed.emit(held)
        before = self.comparing.model.kept
        if before is not None and held is not None and differ(before.request, held.request):
            self.comparing.model.show(SIDE)

    @Slot()
    def ask_in_words(self) -> None:
        title, prompt = self.tr("Freeze and predict"), self.tr("Your question to the class:")
        text, wanted = QInputDialog.getText(self._image.window(), title, prompt)
        if wanted:
            self.ask(text.strip()[:LONGEST_QUESTION])

    # --- the menu --------------------------------------------------------------------------------

    def make_menu(self, window: "MainWindow") -> QMenu:
        """All of it; the presentation has been made."""
        assert self.presentation is not None
        menu = QMenu(self.tr("C&lass"), window)
        self._add(menu, self.tr("&Keep the picture as A"), "K", self.comparing.keep)
        self._add(menu, self.tr("&Next way to compare"), "C", self.comparing.show_next)
        menu.addMenu(self._modes(menu))
        self._add(menu, self.tr("S&wap A and B"), "X", self.comparing.swap)
        menu.addSeparator()
        self._add(menu, self.tr("Freeze and &predict, then show"), "W", self.ask_or_show)
        self._add(menu, self.tr("Predict with your &own question …"), "", self.ask_in_words)
        menu.addSeparator()
        menu.addMenu(self.faults)
        self._add(menu, self.tr("&Lock and hide knobs …"), "", self.open_rules)
        menu.addSeparator()
        self.present = self._add(
            menu, self.tr("Presen&tation"), "F11", self.presentation.toggle, checkable=True
        )
        self.presentation.changed.connect(self.present.setChecked)
        self._add(menu, self.tr("Knobs &in the presentation …"), "", self.open_choice)
        for action in menu.actions():
            window.addAction(action)  # keys go on while the menu bar is away
        window.addAction(self.faults.reveal)
        return menu

    def _modes(self, menu: QMenu) -> QMenu:
        modes, model = QMenu(self.tr("&Compare"), menu), self.comparing.model
        group = QActionGroup(modes)
        actions = {}
        for mode, text in (
            (B_ONLY, self.tr("&B, the present picture, alone")),
            (SIDE, self.tr("A &beside B")),
            (WIPE, self.tr("&Wipe: an edge to drag")),
            (BLINK, self.tr("B&link: by turns")),
            (A_ONLY, self.tr("&A, the kept picture, alone")),
        ):
            action = actions[mode] = modes.addAction(text)
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, mode=mode: model.show(mode))

        def show() -> None:
            actions[model.mode].setChecked(True)
            modes.setEnabled(model.kept is not None)

        model.changed.connect(show)
        show()
        return modes

    @Slot()
    def open_rules(self) -> KnobRules:
        """Ask which knobs are locked and hidden."""
        dialog = KnobRules(self._scanner, self._image.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    @Slot()
    def open_choice(self) -> KnobList:
        """Ask which knobs a presentation shows."""
        presentation = self.presentation
        assert presentation is not None
        note = self.tr("Up to six have room beside the picture.")
        dialog = KnobList(
            self.tr("Knobs in the presentation"), note, [self.tr("Shown")], CAN_BE_SHOWN,
            self._image.window(),
        )  # fmt: skip
        dialog.tick(1, presentation.knobs)

        def done(result: int) -> None:
            if result == QDialog.DialogCode.Accepted:
                presentation.choose(dialog.ticked(1))
                if self._memory is not None:
                    self._memory.setValue(_KNOBS, ",".join(presentation.knobs))
            dialog.deleteLater()

        dialog.finished.connect(done)
        dialog.open()
        return dialog

    def _add(
        self, menu: QMenu, text: str, key: str, slot: object, *, checkable: bool = False
    ) -> QAction:
        action: QAction = menu.addAction(text)
        action.setShortcut(QKeySequence(key))
        action.setCheckable(checkable)
        action.triggered.connect(lambda _=False: slot())  # type: ignore[operator]
        return action
