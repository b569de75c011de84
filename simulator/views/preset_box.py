"""The choice of presets: as the phantom starts, by region, and the user's own."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QMessageBox, QToolButton, QWidget

from phantoms.presets import Preset, load_presets
from physics.settings import KNOBS
from simulator.errors import UserError, sentence
from simulator.models.scanner import Scanner
from simulator.user_presets import LONGEST_TITLE, UserPresets
from simulator.views.eliding_box import ElidingBox
from simulator.views.knob_control import knob_label
from simulator.views.number_control import number_text
from simulator.words import translate


class PresetBox(QWidget):
    """Shows the preset that was taken last, and takes another."""

    told = Signal(str)
    """What a preset did that one might not expect."""
    failed = Signal(str)

    def __init__(
        self, scanner: Scanner, own: UserPresets | None, parent: QWidget | None = None
    ) -> None:
        """own : None: this user's presets are not kept."""
        super().__init__(parent)
        self._scanner, self._own = scanner, own
        self.box = ElidingBox()
        self.box.setAccessibleName(self.tr("Preset"))
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.box.setToolTip(
            self.tr("Sets the knobs to a start for this region: a start, not an optimum. "
                    "Double-clicked knobs come back to it.")
        )  # fmt: skip
        self.box.setMinimumContentsLength(12)
        self.box.setSizeAdjustPolicy(
            self.box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.activated.connect(self._choose)
        self.more = QToolButton()
        self.more.setText("\N{HORIZONTAL ELLIPSIS}")
        self.more.setAccessibleName(self.tr("Your presets"))
        self.more.setToolTip(self.tr("Save the knobs as your own preset, rename or delete it."))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu = self._make_menu()
        self.more.setMenu(self.menu)
        self.more.setVisible(own is not None)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self.more)
        self._list()
        scanner.changed.connect(self._show)
        self._show()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self.tr("Your &presets"), self)
        save = menu.addAction(self.tr("&Save the knobs as a preset …"))
        save.triggered.connect(self.ask_save)
        self.rename = menu.addAction(self.tr("&Rename this preset …"))
        self.rename.triggered.connect(self.ask_rename)
        self.delete = menu.addAction(self.tr("&Delete this preset …"))
        self.delete.triggered.connect(self.ask_delete)
        return menu

    @property
    def keeps_own(self) -> bool:
        """Whether presets of the user are kept."""
        return self._own is not None

    # --- questions -------------------------------------------------------------------------------

    @Slot()
    def ask_save(self) -> None:
        title = self._ask_title(self.tr("Save preset"), "")
        if title and self._own is not None:
            known = title.strip() in self._own.presets
            if not known or self._sure(self.tr("Replace the preset “%1”?").replace("%1", title)):
                self.save(title, replace=known)

    @Slot()
    def ask_rename(self) -> None:
        if (mine := self._mine) is not None:
            title = self._ask_title(self.tr("Rename preset"), mine.title)
            if title:
                self.rename_to(title)

    @Slot()
    def ask_delete(self) -> None:
        mine = self._mine
        question = self.tr("Delete the preset “%1”?")
        if mine is not None and self._sure(question.replace("%1", mine.title)):
            self.delete_mine()

    def _ask_title(self, heading: str, first: str) -> str:
        text, wanted = QInputDialog.getText(
            self.window(), heading, self.tr("Name of the preset:"), text=first
        )
        return text[:LONGEST_TITLE] if wanted else ""

    def _sure(self, question: str) -> bool:
        answer = QMessageBox.question(self.window(), self.tr("Preset"), question)
        return answer == QMessageBox.StandardButton.Yes

    # --- doing it --------------------------------------------------------------------------------

    def save(self, title: str, *, replace: bool = False) -> None:
        """Keep the knobs as the user's preset, which is then the one that was taken."""
        scanner = self._scanner
        self._change(
            lambda own: own.save(title, scanner.settings, scanner.probe.name, replace=replace)
        )

    def rename_to(self, title: str) -> None:
        if (mine := self._mine) is not None:
            self._change(lambda own: own.rename(mine.title, title))

    def delete_mine(self) -> None:
        if (mine := self._mine) is not None:
            self._change(lambda own: own.delete(mine.title))

    def _change(self, change: Callable[[UserPresets], Preset | None]) -> None:
        if self._own is None:
            return
        try:
            preset = change(self._own)
        except (UserError, ValueError) as error:
            self.failed.emit(sentence(error))
            return
        self._list()
        self._scanner.name_preset(preset)

    # --- showing ---------------------------------------------------------------------------------

    @property
    def _mine(self) -> Preset | None:
        """The preset that was taken, if it is the user's own."""
        preset = self._scanner.preset
        own = self._own.presets.values() if self._own is not None else ()
        return preset if preset in own else None

    def _list(self) -> None:
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItem(self.tr("As the phantom starts"), None)
            self.box.insertSeparator(1)
            for preset in load_presets().values():
                self._add(preset, preset_title(preset), translate("Preset", preset.summary))
            if self._own is not None and self._own.presets:
                self.box.insertSeparator(self.box.count())
                for preset in self._own.presets.values():
                    self._add(preset, preset.title, self.tr("Your own preset."))

    def _add(self, preset: Preset, title: str, tip: str) -> None:
        self.box.addItem(title, preset)
        if preset.probe:
            tip += " " + self.tr("Made for probe %1.").replace("%1", preset.probe)
        self.box.setItemData(self.box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    @Slot(int)
    def _choose(self, row: int) -> None:
        self.take(self.box.itemData(row))

    def take(self, preset: Preset | None) -> None:
        """Take a preset, and say where this probe cannot follow it."""
        try:
            self._scanner.take_preset(preset)
        except ValueError as error:
            self.failed.emit(sentence(error))
            return
        if preset is None:
            self.told.emit(self.tr("Knobs are as the phantom starts."))
            return
        said = self.tr("Preset %1.").replace("%1", preset_title(preset))
        self.told.emit(" ".join([said, *self._shortfalls(preset)]))

    def _shortfalls(self, preset: Preset) -> list[str]:
        """What this probe, or a lock, keeps from being as the preset wants it."""
        found, settings = [], self._scanner.settings
        wanted = preset.applied_to(settings)
        for name in ("frequency_mhz", "depth_mm", "focus_mm"):
            if abs(settings.display(name) - wanted.display(name)) > 1e-6:
                knob = KNOBS[name]
                now = number_text(settings.display(name), knob.decimals, knob.unit)
                asked = number_text(wanted.display(name), knob.decimals, knob.unit)
                text = self.tr("%1: %2 instead of %3 on this probe.")
                text = text.replace("%1", knob_label(knob)).replace("%2", now)
                found.append(text.replace("%3", asked))
        return found

    @Slot()
    def _show(self) -> None:
        preset = self._scanner.preset
        titles = [self.box.itemData(row) for row in range(self.box.count())]
        row = next((i for i, p in enumerate(titles) if p is not None and p == preset), 0)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(row)
        mine = self._mine is not None
        self.rename.setEnabled(mine)
        self.delete.setEnabled(mine)


def preset_title(preset: Preset) -> str:
    """The preset's title in the user's language; a user's own is as it was typed."""
    return translate("Preset", preset.title) if preset.name in load_presets() else preset.title
