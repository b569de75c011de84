"""Freeze and predict: what is turned acts, but the class still sees the picture before."""

from PySide6.QtCore import QObject, Signal

from simulator.frame_worker import Finished


class Prediction(QObject):
    """Holds new pictures back from when it is armed until it is revealed."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._armed = False
        self._held: Finished | None = None
        self._words = ""

    @property
    def armed(self) -> bool:
        """Whether pictures are held back."""
        return self._armed

    @property
    def words(self) -> str:
        """The lecturer's own question; empty: the usual one."""
        return self._words

    def arm(self, words: str = "") -> None:
        """Hold back all pictures from now on."""
        self._armed, self._words, self._held = True, words, None
        self.changed.emit()

    def passed(self, finished: Finished) -> Finished | None:
        """The picture, if it may be shown; the newest of the others is kept for `reveal`."""
        if not self._armed:
            return finished
        self._held = finished
        return None

    def reveal(self) -> Finished | None:
        """Hold back no more; the newest picture that was, None if there was none."""
        held, self._held, self._armed = self._held, None, False
        self.changed.emit()
        return held
