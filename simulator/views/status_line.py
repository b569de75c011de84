"""The line at the foot of the window: what was just done, and what the knobs come from."""

from dataclasses import fields

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from physics.settings import ScanSettings
from simulator.models.scanner import Scanner
from simulator.views.preset_box import preset_title

SAID_MS = 12_000
"""How long a message stands."""


class StatusLine(QStatusBar):
    """Left: messages that come and go. Right: preset, locks, and where help is."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self._stands: tuple[object, ...] = ()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 10, 0)
        self.setAccessibleName(self.tr("Status"))
        self.preset, self.rules = QLabel(), QLabel()
        keys = QLabel(self.tr("F1: keys"))
        for label in (self.preset, self.rules, keys):
            label.setProperty("quiet", True)
            self.addPermanentWidget(label)
        scanner.changed.connect(self._show)
        self._show()

    @Slot(str)
    def say(self, text: str) -> None:
        """Write what was done, for a while."""
        self.showMessage(text, SAID_MS)
        self.setAccessibleDescription(text)

    @Slot()
    def _show(self) -> None:
        scanner, preset = self._scanner, self._scanner.preset
        stands = (scanner.settings, preset, scanner.rules, scanner.view_name, scanner.probe)
        if stands == self._stands:
            return
        self._stands = stands
        start = self.tr("As the phantom starts") if preset is None else preset_title(preset)
        told = self._is_changed() and not scanner.concealed
        text = self.tr("%1, changed") if told else self.tr("%1")
        self.preset.setText(text.replace("%1", start))
        n_locked, n_hidden = len(scanner.locked), len(scanner.hidden)
        rules = self.tr("%1 locked, %2 hidden")
        rules = rules.replace("%1", str(n_locked)).replace("%2", str(n_hidden))
        self.rules.setText(rules if n_locked or n_hidden else "")
        self.rules.setVisible(bool(n_locked or n_hidden))

    def _is_changed(self) -> bool:
        now, start = self._scanner.settings, self._scanner.start_settings
        return any(getattr(now, f.name) != getattr(start, f.name) for f in fields(ScanSettings))
