"""Reads point scatterers from an NPZ file that may come from anywhere.

Nothing is decompressed before its size is known from the file's directory, and
nothing is unpickled. Arrays that are not asked for are never opened.
"""

import logging
import math
import stat
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from physics.probe import Probe
from simulator.errors import UserError

MAX_FILE_BYTES = 1_000_000_000
MAX_POINTS = 5_000_000
MAX_DISTANCE_M = 1.0
MAX_AMPLITUDE = 1e12
_MAX_DIRECTORY_BYTES = 1_000_000
_MAX_HEADER_BYTES = 10_000
_ALLOWED = "a points file is an npz with the arrays x_m, z_m, amplitude and, if wanted, y_m"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Points:
    """Point scatterers in the probe frame; float64 [n_point] each."""

    x_m: np.ndarray
    z_m: np.ndarray
    amplitude: np.ndarray
    y_m: np.ndarray | None = None
    """Across the image plane; None stands for zeros."""


def read_points(path: Path) -> Points:
    """The scatterers in `path`; UserError with one sentence if anything about it is wrong."""
    _check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = _read_arrays(path, archive)
    except UserError:
        raise
    except MemoryError:
        raise UserError(f"there is not enough memory to read '{path}'") from None
    except Exception as error:  # whatever a damaged or hostile file provokes is the file's fault
        log.info("reading %s failed", path, exc_info=True)
        raise UserError(f"'{path}' cannot be read ({error}); {_ALLOWED}") from None
    _check_values(path, arrays)
    return Points(**arrays)


def check_in_front(points: Points, probe: Probe) -> None:
    """UserError if a point is not in front of the probe's face."""
    if probe.is_convex:
        above = np.hypot(points.x_m, points.z_m + probe.apothem_m) - probe.radius_m
    else:
        above = points.z_m
    behind = np.flatnonzero(~(above > 0))
    if behind.size:
        first = behind[0]
        raise UserError(
            f"{behind.size} of {above.size} points do not lie in front of the face of {probe.name} "
            f"(point {first}: x_m = {points.x_m[first]:g}, z_m = {points.z_m[first]:g}); "
            + (
                "allowed: outside the arc of the face"
                if probe.is_convex
                else "allowed: z_m above 0"
            )
        )


def _check_file(path: Path) -> None:
    """UserError unless `path` is an ordinary file of bearable size with a plain zip directory."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"'{path}' is not an ordinary file; {_ALLOWED}")
        if status.st_size > MAX_FILE_BYTES:
            raise UserError(
                f"'{path}' has {status.st_size / 1e6:.0f} MB; allowed: up to "
                f"{MAX_FILE_BYTES / 1e6:.0f} MB"
            )
        with open(path, "rb") as file:
            file.seek(max(0, status.st_size - 42))
            tail = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"cannot read '{path}': {reason}") from None
    _check_directory(path, tail)


def _check_directory(path: Path, tail: bytes) -> None:
    """UserError unless the last bytes end a zip file whose directory is short.

    Opening a zip file reads its whole directory into memory, so its size is looked up
    first: end record of 22 bytes (APPNOTE 4.3.16), no comment; before it, in files
    too large for us only, a zip64 locator of 20 bytes.
    """
    end, before = tail[-22:], tail[:-22]
    if len(end) < 22 or not end.startswith(b"PK\5\6") or not end.endswith(b"\0\0"):
        raise UserError(f"'{path}' is not a complete npz file; {_ALLOWED}")
    (directory_bytes,) = struct.unpack_from("<I", end, 12)
    if directory_bytes > _MAX_DIRECTORY_BYTES or before.startswith(b"PK\6\7"):
        raise UserError(f"'{path}' holds too many arrays; {_ALLOWED}")


def _read_arrays(path: Path, archive: zipfile.ZipFile) -> dict[str, np.ndarray]:
    names = archive.namelist()
    arrays = {}
    for name in ("x_m", "z_m", "amplitude", "y_m"):
        if f"{name}.npy" in names:
            arrays[name] = _read_array(path, archive, name)
        elif name != "y_m":
            raise UserError(f"'{path}' has no array called {name}; {_ALLOWED}")
    return arrays


def _read_array(path: Path, archive: zipfile.ZipFile, name: str) -> np.ndarray:
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > MAX_POINTS * 16 + _MAX_HEADER_BYTES:
        raise UserError(f"{name} in '{path}' is too large; allowed: up to {MAX_POINTS} points")
    with archive.open(member) as stream:
        shape, dtype = _read_header(stream)
    if len(shape) != 1:
        raise UserError(f"{name} in '{path}' has shape {shape}; allowed: one row of numbers")
    if shape[0] > MAX_POINTS:
        raise UserError(f"{name} in '{path}' has {shape[0]} points; allowed: up to {MAX_POINTS}")
    if dtype.kind not in "iuf":
        raise UserError(f"{name} in '{path}' holds {dtype}; allowed: real numbers")
    with archive.open(member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False).astype(np.float64)


def _read_header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type that an npy member announces."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = np.lib.format.read_array_header_2_0  # 3.0 differs in field names only
    shape, _, dtype = read(stream)
    return shape, dtype


def _check_values(path: Path, arrays: dict[str, np.ndarray]) -> None:
    lengths = {name: array.size for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UserError(
            f"the arrays in '{path}' differ in length ({found}); allowed: equal lengths"
        )
    if not lengths["x_m"]:
        raise UserError(f"'{path}' holds no scatterers; allowed: 1 to {MAX_POINTS}")
    for name, array in arrays.items():
        largest = MAX_AMPLITUDE if name == "amplitude" else MAX_DISTANCE_M
        wrong = np.flatnonzero(~(np.abs(array) <= largest))  # catches NaN too
        if wrong.size:
            value = array[wrong[0]]
            unit = "" if name == "amplitude" else " m"
            allowed = (
                f"-{largest:g} to {largest:g}{unit}" if math.isfinite(value) else "finite numbers"
            )
            raise UserError(f"{name}[{wrong[0]}] in '{path}' is {value:g}; allowed: {allowed}")
