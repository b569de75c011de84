"""Works out what is drawn of a phantom, away from the window's thread."""

import logging
import threading
from typing import Any

from PySide6.QtCore import QObject, Signal

from phantoms.surfaces import Body, body_of

log = logging.getLogger(__name__)


class BodyLoader(QObject):
    """Gives the body of the phantom asked for last."""

    ready = Signal(object)
    """A `phantoms.surfaces.Body`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""

    def load(self, phantom: Any) -> None:
        """Ask for a body; `ready` follows, if nobody asks for another one before."""
        self._wanted = phantom.name
        threading.Thread(target=self._work, args=(phantom,), name="body", daemon=True).start()

    def _work(self, phantom: Any) -> None:
        try:
            self._tell(body_of(phantom))
        except Exception:  # the block alone is drawn, which says where the probe is
            log.exception("the body of %s cannot be drawn", phantom.name)

    def _tell(self, body: Body) -> None:
        if body.name != self._wanted:
            return
        try:
            self.ready.emit(body)
        except RuntimeError:  # the window has gone
            log.debug("nobody waits for %s", body.name)
