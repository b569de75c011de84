"""A and B in the window: keeps the present picture, swaps, and tells what differs."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand

from simulator.frame_worker import Finished
from simulator.models.comparison import SIDE, Comparison, Kept
from simulator.models.scanner import Scanner
from simulator.views.compare_bar import CompareBar
from simulator.views.compare_layer import CompareLayer
from simulator.views.differences import differences
from simulator.views.history import History
from simulator.views.image_view import ImageView


class Comparing(QObject):
    """Between the comparison, the scanner and the picture."""

    told = Signal(str)

    def __init__(
        self, scanner: Scanner, image: ImageView, history: History, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._scanner, self._image, self._history = scanner, image, history
        self.model = Comparison(self)
        self.layer = CompareLayer(self.model, image)
        self.bar = CompareBar(self.model)
        self.bar.keep_asked.connect(self.keep)
        self.bar.swap_asked.connect(self.swap)
        self._told: tuple[object, ...] = ()
        self._barless = False
        self.model.changed.connect(self.refresh)
        scanner.changed.connect(self.refresh)

    @Slot()
    def keep(self) -> None:
        """Keep the picture on the screen as A; with nothing shown beside it yet, beside B."""
        kept = self._now()
        if kept is None:
            self.told.emit(self.tr("There is no picture yet."))
            return
        first = self.model.kept is None
        self.model.keep(kept)
        if first:
            self.model.show(SIDE)
        self.told.emit(self.tr("This picture is kept as A. Turn a knob: B is the present picture."))

    @Slot()
    def show_next(self) -> None:
        """Show A and B in the next way; keeps A first if there is none."""
        if self.model.kept is None:
            self.keep()
        else:
            self.model.show_next()

    @Slot()
    def swap(self) -> None:
        """A's settings and place become the scanner's, and what is on the screen becomes A: one
        step to undo. Locked knobs stay, and nothing is swapped while a fault is in. A frozen
        scanner runs again, for A's echoes must be sent for."""
        kept, now = self.model.kept, self._now()
        if kept is None or now is None:
            return
        if self._scanner.faults:
            self.told.emit(self.tr("Take the faults out first."))
            return
        stack = self._history.stack
        stack.beginMacro(self.tr("swap of A and B"))
        stack.push(_Exchange(self.model, kept, now))
        self._scanner.restore(kept.state, keep_locked=True)
        stack.endMacro()
        self._scanner.set_frozen(False)

    def hide_bar(self, hidden: bool) -> None:
        """Leave the picture the bar's room."""
        self._barless = hidden
        self._show_bar()

    @Slot()
    def refresh(self) -> None:
        """Tell what differs between A and the picture on the screen."""
        self._show_bar()
        kept, shown = self.model.kept, self._image.shown
        if kept is None or shown is None:
            return
        concealed = self._scanner.concealed
        known = (kept.request, replace(shown.request, noise_seed=0), concealed)
        if known != self._told:
            self._told = known
            found = differences(kept.request, shown.request, concealed)
            self.bar.tell(found)
            self.layer.tell(found)

    def _show_bar(self) -> None:
        wanted = self.model.kept is not None and not self._barless
        if self.bar.isHidden() == wanted:
            self.bar.setVisible(wanted)

    def _now(self) -> Kept | None:
        """The picture on the screen, and the scanner as that was made."""
        return kept_of(self._image.shown, self._scanner)


class _Exchange(QUndoCommand):
    """Another picture becomes A."""

    def __init__(self, model: Comparison, before: Kept, after: Kept) -> None:
        super().__init__()
        self._model, self._before, self._after = model, before, after

    def undo(self) -> None:
        self._model.keep(self._before)

    def redo(self) -> None:
        self._model.keep(self._after)


def kept_of(shown: Finished | None, scanner: Scanner) -> Kept | None:
    """A finished picture as it is kept: with the state in which the scanner made it."""
    if shown is None:
        return None
    request, state = shown.request, scanner.state
    if (request.phantom, request.probe) != (state.phantom, state.probe):
        state = replace(state, phantom=request.phantom, probe=request.probe, view="", preset=None)
    state = replace(state, pose=request.pose, settings=request.settings)
    return Kept(request, shown.frame.without_signals(), state)
