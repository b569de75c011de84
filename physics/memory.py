"""Memory of one frame is kept for the next."""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt(3)."""
_KEPT_BYTES = 512 << 20
_LARGEST_BLOCK_BYTES = 256 << 20


def keep_freed_memory() -> None:
    """Ask the C library not to hand freed arrays back to the system, where it can be asked (glibc).

    A frame makes and drops some 60 MB of arrays. Handed back, they come again page by page,
    cleared by the kernel: a tenth of the time of a frame (benchmarks/README.md).
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK_BYTES)
    libc.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
