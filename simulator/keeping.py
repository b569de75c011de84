"""What this user has from one run to the next: last state, own presets, the window's place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings

from simulator.last_state import read_last, save_last
from simulator.models.scanner import Scanner
from simulator.user_presets import OWN, UserPresets

_PRESET = "scanner/own_preset"


class Keeping:
    """Reads it at the start and writes it at the end; without a memory it does neither."""

    def __init__(
        self, scanner: Scanner, memory: QSettings | None, folder: Path | None = None
    ) -> None:
        """memory : None keeps nothing. folder : None takes the user's configuration folder."""
        self._scanner, self.memory, self._folder = scanner, memory, folder
        self.presets: UserPresets | None = None
        self._trouble = ""
        if memory is not None:
            self.presets = UserPresets(folder)
            self._trouble = self.presets.read()

    def begin(self, *, resume: bool) -> Iterator[str]:
        """Put the scanner where it stood, if wanted; sentences about what could not be read."""
        if self._trouble:
            yield self._trouble
        if self.memory is None or not resume:
            return
        last, trouble = read_last(self._folder)
        if trouble:
            yield trouble
        if last is not None:
            self._scanner.open_scene(*last)
            self._name_own_preset()

    def end(self) -> None:
        """Keep where the scanner stands. A full disk does not keep the window from closing."""
        if self.memory is None:
            return
        preset = self._scanner.preset
        own = preset is not None and preset.name.startswith(OWN)
        self.memory.setValue(_PRESET, preset.title if preset is not None and own else "")
        save_last(self._scanner.running_request(), self._scanner.desk, self._folder)

    def _name_own_preset(self) -> None:
        title = self.memory.value(_PRESET) if self.memory is not None else None
        own = self.presets.presets.get(str(title)) if self.presets is not None else None
        if own is not None:
            self._scanner.restore(replace(self._scanner.state, preset=own))
