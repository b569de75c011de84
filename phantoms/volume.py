"""Shapes from volumes of labels: signed distances on nodes, in a file beside the phantom."""

import hashlib
import io
import math
import struct
import tokenize
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from phantoms.checked import ContentError, unknown
from phantoms.curves import Curve, Points

UNIT_M = 1e-7
"""Distances are whole numbers of this, m."""
MOST_M = 3e-3
"""Distances are cut here, m."""
MOST_FILE_BYTES = 64_000_000
MOST_BYTES = 128_000_000
"""Of all distances together, unpacked."""
MOST_PARTS = 62
MEMBERS = ("distance", "parts", "origin_mm", "step_mm")
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, EOFError, KeyError,
    ValueError, TypeError, OSError, OverflowError, RuntimeError,
)  # fmt: skip
"""What unpacking raises for a damaged or foreign file (RuntimeError: an encrypted one)."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Distances of some parts on a common grid.

    distance : int16 [n_part, n_x, n_y, n_z], units of `UNIT_M`. origin_m : X, Y, Z of the first
    node.
    """

    parts: tuple[str, ...]
    distance: np.ndarray
    origin_m: tuple[float, float, float]
    step_m: float
    key: str = ""
    """Hash of the file."""

    def part(self, name: str, where: str) -> "Volume":
        """One part as a shape; ContentError, beginning with `where`, if there is none."""
        if name not in self.parts:
            raise ContentError(f"{where}: " + unknown("part of the volume", name, self.parts))
        return Volume(self.distance[self.parts.index(name)], self.origin_m, self.step_m)


@dataclass(frozen=True, eq=False)
class Volume:
    """A shape known on nodes: linear between them, beyond the last ones as it is there.

    distance : int16 [n_x, n_y, n_z]. Nodes are no farther apart than the labels were, so its
    surface is as smooth as these were made; linear pieces leave errors of step^2 / (8 radius).
    """

    distance_units: np.ndarray
    origin_m: tuple[float, float, float]
    step_m: float

    def distance(self, points: Points) -> np.ndarray:
        per = np.float32(1.0 / self.step_m)
        base, part = [], []
        places = zip((points.x_m, points.y_m, points.z_m), self.origin_m,
                     self.distance_units.shape, strict=True)  # fmt: skip
        for place, first, n in places:
            u = np.clip((place - np.float32(first)) * per, 0, np.float32(n - 1))
            i = np.minimum(u.astype(np.int32), n - 2)
            base.append(i)
            part.append(u - i)
        total: Any = np.float32(0.0)
        for corner in range(8):
            bits = [(corner >> axis) & 1 for axis in range(3)]
            weight: Any = np.float32(1.0)
            for w, bit in zip(part, bits, strict=True):
                weight = weight * (w if bit else np.float32(1.0) - w)
            at = tuple(i + bit for i, bit in zip(base, bits, strict=True))
            total = total + weight * self.distance_units[at]
        return np.broadcast_to(np.asarray(total * np.float32(UNIT_M), np.float32), points.shape)

    def put_into(self, program: Any) -> None:
        program.volume(self.distance_units, self.origin_m, self.step_m, UNIT_M)

    def keeps_near(self, curve: Curve) -> bool:
        return False


def pack_distance(distance_m: np.ndarray) -> np.ndarray:
    """int16, units of `UNIT_M`, cut at `MOST_M`."""
    return np.round(np.clip(distance_m, -MOST_M, MOST_M) / UNIT_M).astype(np.int16)


def grid_bytes(grid: Grid) -> bytes:
    """The contents of a volume file."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        distance=grid.distance,
        parts=np.array(grid.parts, "U40"),
        origin_mm=np.array(grid.origin_m) * 1e3,
        step_mm=np.array(grid.step_m * 1e3),
    )
    return file.getvalue()


def read_grid(path: Path) -> Grid:
    """The distances in a file; ContentError if it is not one of ours or too large.

    Sizes are looked at before anything is unpacked, and nothing in it is run (no pickle).
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MOST_FILE_BYTES else b""
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContentError(f"{path.name}: cannot be read ({reason})") from None
    if size > MOST_FILE_BYTES:
        raise ContentError(
            f"{path.name}: is larger than {MOST_FILE_BYTES // 1_000_000} MB, the most allowed"
        )
    try:
        arrays = _arrays(content, path.name)
    except ContentError:
        raise
    except _DAMAGE:
        raise ContentError(f"{path.name}: is no volume of a phantom, or damaged") from None
    grid = Grid(
        parts=tuple(str(name) for name in arrays["parts"]),
        distance=arrays["distance"],
        origin_m=tuple(float(v) * 1e-3 for v in arrays["origin_mm"]),  # type: ignore[arg-type]
        step_m=float(arrays["step_mm"]) * 1e-3,
        key=hashlib.sha256(content).hexdigest(),
    )
    finite = all(math.isfinite(v) and abs(v) < 1.0 for v in (*grid.origin_m, grid.step_m))
    if not finite or not 1e-5 <= grid.step_m <= 5e-3 or len(grid.parts) != len(grid.distance):
        raise ContentError(f"{path.name}: its nodes are not where those of a phantom can be")
    return grid


_KINDS = {
    "distance": ("<i2", 4),
    "parts": ("<U40", 1),
    "origin_mm": ("<f8", 1),
    "step_mm": ("<f8", 0),
}


def _arrays(content: bytes, file: str) -> dict[str, np.ndarray]:
    arrays = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in MEMBERS:
            packed = archive.getinfo(f"{name}.npy").compress_type
            if packed not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("compression")
            with archive.open(f"{name}.npy") as member:
                arrays[name] = _array(member, name, file)
    if arrays["origin_mm"].shape != (3,) or min(arrays["distance"].shape[1:]) < 2:
        raise ValueError("shape")
    return arrays


def _array(member: IO[bytes], name: str, file: str) -> np.ndarray:
    """One array, of the kind and size that it must have."""
    version = np.lib.format.read_magic(member)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, is_fortran, dtype = read[version](member)
    kind, n_axis = _KINDS[name]
    if dtype != np.dtype(kind) or len(shape) != n_axis or is_fortran:
        raise ContentError(
            f"{file}: '{name}' is {dtype}{list(shape)}; allowed: {kind}, {n_axis} axes"
        )
    if any(n < 0 for n in shape):
        raise ValueError("shape")
    n_byte = math.prod(shape) * dtype.itemsize
    if n_byte > MOST_BYTES or (name == "parts" and shape[0] > MOST_PARTS):
        raise ContentError(
            f"{file}: '{name}' holds {n_byte / 1e6:.0f} MB; allowed: {MOST_BYTES / 1e6:.0f}"
        )
    data = member.read(n_byte)
    if len(data) != n_byte:
        raise EOFError
    return np.frombuffer(data, dtype).reshape(shape)
