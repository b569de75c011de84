"""Saves pictures, loops and scenes, and opens scenes; the questions, not the formats."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QBuffer, QObject, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from phantoms import load_phantom
from physics.frame import Frame
from simulator.desk import mirrored
from simulator.errors import UserError, sentence
from simulator.film import Film, format_for
from simulator.models.scanner import Scanner
from simulator.output_file import OutputFiles
from simulator.picture_file import describe
from simulator.renderer import Request
from simulator.scene_file import SUFFIX, read_scene_and_desk, write_scene
from simulator.views.image_view import ImageView
from simulator.views.review_bar import ReviewBar

log = logging.getLogger(__name__)


class Saving(QObject):
    """What the File menu does."""

    failed = Signal(str)
    """One sentence for the user."""
    _ended = Signal(str, str)

    def __init__(
        self, scanner: Scanner, image: ImageView, review: ReviewBar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._scanner, self._image, self._review = scanner, image, review
        self._folder = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.PicturesLocation
        )
        self._thread: threading.Thread | None = None
        self._ended.connect(self._tell)

    # --- questions -------------------------------------------------------------------------------

    @Slot()
    def ask_picture(self) -> None:
        if self._image.shown is None:
            self.failed.emit(self.tr("There is no picture yet."))
            return
        whole = self.tr("Picture with its marks, PNG (*.png)")
        alone = self.tr("Picture alone, PNG (*.png)")
        kinds = {whole: ".png", alone: ".png", self.tr("Picture alone, DICOM (*.dcm)"): ".dcm"}
        path, kind = self._ask_where(self.tr("Save picture"), "insonate", kinds)
        if path is not None:
            self.save_picture(path, with_marks=kind == whole)

    @Slot()
    def ask_loop(self) -> None:
        if len(self._review.cine.loop) < 2:
            self.failed.emit(self.tr("There is no loop yet: scan for some seconds first."))
            return
        kinds = {
            self.tr("Video, MP4 (*.mp4)"): ".mp4",
            self.tr("Animated picture, GIF (*.gif)"): ".gif",
            self.tr("DICOM, multi-frame (*.dcm)"): ".dcm",
        }
        path, _ = self._ask_where(self.tr("Save loop"), "insonate", kinds)
        if path is not None:
            self.save_loop(path)

    @Slot()
    def ask_scene(self) -> None:
        kinds = {self.tr("Scene of Insonate (*.insonate)"): SUFFIX}
        path, _ = self._ask_where(self.tr("Save scene"), self._scanner.phantom.name, kinds)
        if path is not None:
            self.save_scene(path)

    @Slot()
    def ask_which_scene(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._image.window(), self.tr("Open scene"), self._folder,
            self.tr("Scene of Insonate (*.insonate)"),
        )  # fmt: skip
        if name:
            self._folder = str(Path(name).parent)
            self.open_scene(Path(name))

    def _ask_where(self, title: str, name: str, kinds: dict[str, str]) -> tuple[Path | None, str]:
        """The file to write, with a suffix of its kind, and the kind; None if nothing is wanted."""
        first = str(Path(self._folder) / (name + next(iter(kinds.values()))))
        text, kind = QFileDialog.getSaveFileName(
            self._image.window(), title, first, ";;".join(kinds)
        )
        if not text:
            return None, kind
        path = Path(text)
        if path.suffix.lower() not in kinds.values():
            path = path.with_name(path.name + kinds.get(kind, next(iter(kinds.values()))))
        self._folder = str(path.parent)
        return path, kind

    # --- doing it --------------------------------------------------------------------------------

    def save_picture(self, path: Path, *, with_marks: bool) -> None:
        """The picture that is shown: as on the screen, or by itself."""
        shown = self._image.shown
        if shown is None:
            return
        if with_marks and path.suffix.lower() == ".png":
            content = _png(self._image)
            self._write(path, ".png", lambda file: _put(content, file))
            return
        film = Film((self._as_shown(shown.frame),), 0.1, *self._about(shown.request))
        self._save_film(path, film, loop=False)

    def save_loop(self, path: Path) -> None:
        """The trimmed loop, in a thread of its own: a video may take seconds."""
        cine = self._review.cine
        frames = tuple(self._as_shown(shot.frame) for shot in cine.loop)
        if len(frames) < 2:
            return
        about = self._about(cine.loop[0].request)
        self._save_film(path, Film(frames, cine.interval_s, *about), loop=True)

    def save_scene(self, path: Path) -> None:
        """What is shown when frozen, else what the scanner is set to."""
        shown = self._image.shown
        standing = shown if self._scanner.frozen else None
        request = standing.request if standing is not None else self._scanner.request()
        desk = self._scanner.desk
        self._write(path, SUFFIX, lambda file: write_scene(file, request, desk))

    def open_scene(self, path: Path) -> None:
        """Set the scanner to a scene; what is wrong with the file is said, and nothing changes."""
        try:
            self._scanner.open_scene(*read_scene_and_desk(path))
        except ValueError as error:
            self.failed.emit(sentence(error))

    def wait(self) -> None:
        """Until what is being saved is on disk."""
        if self._thread is not None:
            self._thread.join()

    def _as_shown(self, frame: Frame) -> Frame:
        """Flipped if the screen is. A read zoom is not saved: the file has all pixels."""
        return mirrored(frame) if self._scanner.display.flipped else frame

    def _about(self, request: Request) -> tuple[str, str, str]:
        """Description, phantom and title, as a film takes them."""
        return describe(request), request.phantom, load_phantom(request.phantom).title

    def _save_film(self, path: Path, film: Film, *, loop: bool) -> None:
        try:
            suffix, kind = format_for(path, loop=loop)
        except UserError as error:
            self.failed.emit(sentence(error))
            return
        self._write(path, suffix, lambda file: kind.write(file, film))

    def _write(self, path: Path, suffix: str, write: Callable[[BinaryIO], None]) -> None:
        if self._thread is not None and self._thread.is_alive():
            self.failed.emit(self.tr("The last file is still being saved; try again in a moment."))
            return
        self._image.tell(self.tr("Saving %1 …").replace("%1", path.name))
        job = (path, suffix, write)
        self._thread = threading.Thread(target=self._work, args=job, name="saving")
        self._thread.start()

    def _work(self, path: Path, suffix: str, write: Callable[[BinaryIO], None]) -> None:
        try:
            with OutputFiles((path, suffix)) as output:
                output.write(0, write)
        except (UserError, ValueError) as error:
            self._ended.emit("", sentence(error))
        except Exception as error:
            log.exception("saving %s failed", path)
            self._ended.emit("", sentence(f"'{path}' could not be saved ({error})"))
        else:
            self._ended.emit(path.name, "")

    @Slot(str, str)
    def _tell(self, saved: str, trouble: str) -> None:
        if trouble:
            self.failed.emit(trouble)
        else:
            self._image.tell(self.tr("Saved %1").replace("%1", saved))


def _png(widget: QWidget) -> bytes:
    """What a widget looks like."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return bytes(buffer.data().data())


def _put(content: bytes, file: BinaryIO) -> None:
    file.write(content)
