"""Reading a NIfTI volume of labels, nothing larger than allowed, and where its voxels lie.

The header is looked at before anything else is unpacked, and never more is read than it announces:
a small file that unpacks to a huge one costs no memory. nibabel knows the format; reading is ours.
"""

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from phantoms.checked import ContentError

MOST_BYTES = 256_000_000
MOST_VOXELS = 64_000_000
MOST_BEFORE = 1_000_000
"""Bytes of header and extensions before the voxels."""
LARGEST_LABEL = 65_535
VOXEL_MM = 0.02, 5.0
_HEADER_BYTES = 540
SHEAR = 1e-3
"""Largest cosine between two axes of voxels."""


@dataclass(frozen=True, eq=False)
class LabelVolume:
    """Labels by voxel, and where voxels lie.

    labels : uint16 [i, j, k]. affine : float64 [4, 4], from (i, j, k) to mm to the right, front and
    top of the body (RAS).
    """

    labels: np.ndarray
    affine: np.ndarray

    @property
    def spacing_mm(self) -> np.ndarray:
        """float64 [3]: distance between neighbours along each axis of voxels."""
        lengths: np.ndarray = np.linalg.norm(self.affine[:3, :3], axis=0)
        return lengths


def read_labels(path: Path) -> LabelVolume:
    """The volume in a `.nii` or `.nii.gz` file; ContentError with one sentence if it is none."""
    if not path.name.lower().endswith((".nii", ".nii.gz")):
        raise ContentError(f"{path.name}: the name of a volume must end in .nii or .nii.gz")
    with _opened(path) as file:
        start = file.read(_HEADER_BYTES)
        header = _header(start, path.name)
        with _header_read(path.name):
            shape, dtype, offset = _layout(header, path.name)
            affine = _affine(header, path.name)
            slope, inter = header.get_slope_inter()
        n_byte = math.prod(shape) * dtype.itemsize
        content = start + file.read(max(offset + n_byte - len(start), 0))
        if len(content) < offset + n_byte:
            raise ContentError(
                f"{path.name}: ends after {len(content)} bytes; its header announces "
                f"{offset + n_byte}"
            )
    values = np.frombuffer(content, dtype, math.prod(shape), offset).reshape(shape, order="F")
    return LabelVolume(_as_labels(values, slope, inter, path.name), affine)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The file, unpacked as it is read; what goes wrong as one sentence."""
    try:
        with path.open("rb") as raw:
            packed = path.name.lower().endswith(".gz")
            yield gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[misc]
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise ContentError(f"{path.name}: is damaged, or not packed with gzip") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ContentError(f"{path}: cannot be read ({reason})") from None


def _header(start: bytes, file: str) -> Any:
    from nibabel.nifti1 import Nifti1Header  # takes a moment to import
    from nibabel.nifti2 import Nifti2Header
    from nibabel.spatialimages import HeaderDataError

    for kind in (Nifti1Header, Nifti2Header):
        size = kind.sizeof_hdr
        if len(start) >= size and size in (_int(start, "little"), _int(start, "big")):
            try:
                header = kind(binaryblock=start[:size], check=True)
            except (HeaderDataError, ValueError) as error:
                raise ContentError(f"{file}: its header is damaged ({error})") from None
            if not bytes(header["magic"]).startswith(b"n+"):
                break
            return header
    raise ContentError(f"{file}: is not a NIfTI volume in one file")


@contextmanager
def _header_read(file: str) -> Iterator[None]:
    """What nibabel makes of a damaged header inside, as one sentence (ContentError)."""
    from nibabel.spatialimages import HeaderDataError

    try:
        yield
    except ContentError:
        raise
    except (HeaderDataError, KeyError, ValueError, OverflowError) as error:
        raise ContentError(f"{file}: its header is damaged ({error})") from None


def _int(start: bytes, order: Any) -> int:
    return int.from_bytes(start[:4], order)


def _layout(header: Any, file: str) -> tuple[tuple[int, ...], np.dtype, int]:
    """Shape, kind of number and place of the voxels, all of them small enough."""
    shape = tuple(int(n) for n in header.get_data_shape())
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3 or min(shape) < 2:
        found = " x ".join(map(str, shape)) or "nothing"
        raise ContentError(f"{file}: holds {found} voxels; allowed: three axes of 2 or more each")
    dtype = header.get_data_dtype()
    if dtype.kind not in "iuf" or dtype.names:
        raise ContentError(f"{file}: its voxels are {_kind(dtype)}; labels must be whole numbers")
    n_voxel = math.prod(shape)
    n_byte = n_voxel * dtype.itemsize
    if n_voxel > MOST_VOXELS or n_byte > MOST_BYTES:
        raise ContentError(
            f"{file}: its header announces {n_voxel / 1e6:.0f} million voxels in "
            f"{n_byte / 1e6:.0f} MB; allowed: {MOST_VOXELS / 1e6:.0f} million and "
            f"{MOST_BYTES / 1e6:.0f} MB, so crop it first"
        )
    offset = float(header["vox_offset"])
    if not 0 <= offset <= MOST_BEFORE:
        raise ContentError(
            f"{file}: its voxels begin at byte {offset:g}; allowed: up to {MOST_BEFORE}"
        )
    return shape, dtype, int(offset)


def _kind(dtype: np.dtype) -> str:
    if dtype.names:
        return "colours"
    return "complex numbers" if dtype.kind == "c" else f"of kind {dtype}"


def _affine(header: Any, file: str) -> np.ndarray:
    unit = header.get_xyzt_units()[0]
    if unit not in ("mm", "unknown"):
        raise ContentError(f"{file}: its unit of length is '{unit}'; allowed: mm")
    if int(header["qform_code"]) == 0 and int(header["sform_code"]) == 0:
        raise ContentError(
            f"{file}: does not say how it lies in the body (its qform and sform codes are 0)"
        )
    affine = np.asarray(header.get_best_affine(), np.float64)
    axes = affine[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not np.isfinite(affine).all() or not (lengths > 0).all():
        raise ContentError(f"{file}: the axes of its voxels are not finite")
    low, high = VOXEL_MM
    if not (low <= lengths.min() and lengths.max() <= high):
        shown = " x ".join(f"{v:g}" for v in np.round(lengths, 4))
        raise ContentError(
            f"{file}: its voxels measure {shown} mm; allowed: {low:g} to {high:g} mm "
            "(is its unit of length right?)"
        )
    cosines = (axes / lengths).T @ (axes / lengths) - np.eye(3)
    if np.abs(cosines).max() > SHEAR:
        raise ContentError(f"{file}: the axes of its voxels are not at right angles")
    return affine


def _as_labels(
    values: np.ndarray, slope: float | None, inter: float | None, file: str
) -> np.ndarray:
    scaled = (slope, inter or 0.0) != (1.0, 0.0)
    if slope is not None and scaled:
        values = values * float(slope) + float(inter or 0.0)
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):
            is_whole = bool((np.rint(values) == values).all())
        if not is_whole:
            raise ContentError(
                f"{file}: holds numbers that are not whole; labels must be (a probability map or a "
                "grey picture is none)"
            )
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > LARGEST_LABEL:
        raise ContentError(
            f"{file}: holds labels from {low:g} to {high:g}; allowed: 0 to {LARGEST_LABEL}"
        )
    return values.astype(np.uint16)
