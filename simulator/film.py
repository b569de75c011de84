"""One picture or a loop of them, and the files that hold it: PNG, GIF, MP4, DICOM."""

import importlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from physics.frame import Frame
from simulator.errors import UserError
from simulator.picture_file import write_png
from simulator.version import program_version

PAUSE_MS = 10
"""GIF counts time in hundredths of a second; shorter pauses are shown as long ones by viewers."""
H264_QUALITY = 16
"""Constant rate factor: at 16 a decoded picture of speckle is about one grey level off."""

UNEQUAL = (
    "the pictures of a loop must show the same depth and width; what changes them cannot be in one"
)


@dataclass(frozen=True)
class Film:
    """Pictures of one size and scale, what they are of, and how fast they follow each other."""

    frames: tuple[Frame, ...]
    interval_s: float
    description: str
    """What the first picture was made with, as one JSON object (`picture_file.settings_json`)."""
    phantom: str
    title: str
    """The phantom's."""

    def __post_init__(self) -> None:
        """ValueError unless all pictures have one size and one scale."""
        if not all(frame.same_scale(self.frames[0]) for frame in self.frames):
            raise ValueError(UNEQUAL)

    @property
    def pictures(self) -> tuple[np.ndarray, ...]:
        """uint8 [row, column] each."""
        return tuple(np.ascontiguousarray(frame.picture) for frame in self.frames)


Writer = Callable[[BinaryIO, Film], None]


def write_gif(file: BinaryIO, film: Film) -> None:
    """A loop with all 256 greys, exactly as they are; equal neighbours become one longer picture.

    Pauses are whole hundredths of a second, the nearest to `interval_s`.
    """
    pictures = [Image.fromarray(picture) for picture in film.pictures]
    pauses = {}
    if len(pictures) > 1:
        pause_ms = max(round(film.interval_s * 1e3 / PAUSE_MS), 2) * PAUSE_MS
        pauses = {"save_all": True, "append_images": pictures[1:], "duration": pause_ms, "loop": 0}
    comment = f"Insonate {program_version()}, simulated: {film.description}".encode()
    pictures[0].save(file, format="GIF", comment=comment, **pauses)


def write_mp4(file: BinaryIO, film: Film) -> None:
    """H.264 video that common players know; odd sizes get a black edge of one pixel."""
    import imageio_ffmpeg

    n_row, n_column = film.pictures[0].shape
    size = (n_column + n_column % 2, n_row + n_row % 2)
    with tempfile.TemporaryDirectory(prefix="insonate-") as folder:
        path = Path(folder) / "film.mp4"
        options = ["-crf", str(H264_QUALITY), "-preset", "fast", "-movflags", "+faststart"]
        options += ["-metadata", f"title=Insonate, simulated: {film.title}"]
        options += ["-metadata", f"comment={film.description}"]
        encoder = imageio_ffmpeg.write_frames(
            str(path), size, pix_fmt_in="gray", pix_fmt_out="yuv420p", fps=1 / film.interval_s,
            codec="libx264", quality=None, macro_block_size=2, output_params=options,
            ffmpeg_log_level="error",
        )  # fmt: skip
        encoder.send(None)
        try:
            for picture in film.pictures:
                edge = ((0, size[1] - n_row), (0, size[0] - n_column))
                encoder.send(np.pad(picture, edge))
        finally:
            encoder.close()
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)


def _write_one_png(file: BinaryIO, film: Film) -> None:
    write_png(file, film.frames[0].picture, film.description)


def _write_dicom(file: BinaryIO, film: Film) -> None:
    from simulator.dicom_file import write_dicom

    write_dicom(file, film)


@dataclass(frozen=True)
class Format:
    """A kind of file."""

    name: str
    write: Writer
    one: bool = True
    """Whether it can hold a single picture."""
    many: bool = True
    """Whether it can hold a loop."""
    module: str = ""
    """Optional module that it needs."""
    package: str = ""
    """What brings the module."""


FORMATS = {
    ".png": Format("PNG", _write_one_png, many=False),
    ".gif": Format("GIF", write_gif),
    ".mp4": Format("MP4", write_mp4, one=False, module="imageio_ffmpeg", package="imageio-ffmpeg"),
    ".dcm": Format("DICOM", _write_dicom, module="pydicom", package="pydicom"),
}
"""By suffix."""


def format_for(path: Path, *, loop: bool) -> tuple[str, Format]:
    """Suffix and format of a file with this name; UserError if pictures cannot be saved in it."""
    able = {s: f for s, f in FORMATS.items() if (f.many if loop else f.one)}
    suffix = path.suffix.lower()
    if suffix not in able:
        what = "a loop of pictures" if loop else "one picture"
        *most, last = able
        raise UserError(
            f"the output '{path}' is to hold {what}, so its name must end in "
            f"{', '.join(most)} or {last}"
        )
    _check_installed(able[suffix])
    return suffix, able[suffix]


def _check_installed(kind: Format) -> None:
    if not kind.module:
        return
    try:
        importlib.import_module(kind.module)
    except ImportError:
        raise UserError(
            f"{kind.name} files need the Python package '{kind.package}', which is not installed; "
            f"install it with 'uv pip install {kind.package}'"
        ) from None
