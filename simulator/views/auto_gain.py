"""Automatic gain: keeps the last two pictures with their echoes, and sets the knobs from them."""

from PySide6.QtCore import QObject, Signal, Slot

from physics.settings import N_TGC
from simulator.faults import MASK
from simulator.frame_worker import Finished
from simulator.models.scanner import Scanner, differ
from simulator.views.number_control import number_text


class AutoGain(QObject):
    """Needs two pictures that differ only in their noise; waits for the second if need be."""

    told = Signal(str)
    """What was done, or why not: one sentence."""

    def __init__(self, scanner: Scanner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self._pair: tuple[Finished, ...] = ()
        self._wanted = False

    def take(self, finished: Finished) -> None:
        """Look at a new picture."""
        if finished.frame.iq.size == 0:
            return
        last = self._pair[-1:]
        same_scene = bool(last) and not differ(last[0].request, finished.request)
        new_noise = same_scene and last[0].request.noise_seed != finished.request.noise_seed
        self._pair = (*last, finished) if new_noise else (finished,)
        if self._wanted:
            self.press()

    @Slot()
    def press(self) -> None:
        """Set gain and TGC, now or with the next picture."""
        self._wanted = False
        if len(self._pair) == 2 and self._is_current():
            self._set()
        elif self._scanner.frozen:
            self.told.emit(self.tr("Automatic gain needs a second picture: unfreeze first."))
        else:
            self._wanted = True

    def _is_current(self) -> bool:
        return not differ(self._pair[-1].request, self._scanner.request())

    def _set(self) -> None:
        from physics.level_gain import level_gain  # brings numba

        levelled = level_gain(self._pair[1].frame, self._pair[0].frame)
        if levelled is None:
            self.told.emit(self.tr("Automatic gain found no tissue in this picture."))
            return
        self._scanner.turn(gain_db=levelled.gain_db, tgc_db=levelled.tgc_db)
        gain = number_text(levelled.gain_db, 0, "dB", signed=True)
        gain = MASK if "gain_db" in self._scanner.concealed else gain
        said = self.tr("Automatic gain: %1, TGC levelled where there are echoes (%2 of %3 depths).")
        said = said.replace("%1", gain).replace("%2", str(levelled.n_zone))
        self.told.emit(said.replace("%3", str(N_TGC)))
