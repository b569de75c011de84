"""How every kernel of the engine is compiled, said once."""

from collections.abc import Callable
from typing import Any

from numba import njit

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "fastmath": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel: GIL released (the window stays alive), cached on disk, IEEE division.

    Division by zero gives inf as in numpy instead of a check and an exception in every
    loop; `fastmath` lets sums be vectorised. Kernels check nothing: the plain function that
    calls them does. Nobody calls them from C, and leaving that wrapper out saves a tenth of
    the compiling at the very first start.
    """
    compiled: Callable[..., Any] = njit(**_OPTIONS)(function)
    return compiled


def inner_kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """The same for a few lines called in an innermost loop: always put into their caller
    (the echo stage takes a quarter less time)."""
    compiled: Callable[..., Any] = njit(forceinline=True, **_OPTIONS)(function)
    return compiled
