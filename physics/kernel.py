"""How every kernel of the engine is compiled, said once."""

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a kernel: GIL released (the window stays alive), cached on disk, IEEE division.

    Division by zero gives inf as in numpy instead of a check and an exception in every
    loop; `fastmath` lets sums be vectorised. Kernels check nothing: the plain function that
    calls them does. Nobody calls them from C, and leaving that wrapper out saves a tenth of
    the compiling at the very first start.
    """
    options: dict[str, Any] = {"no_cfunc_wrapper": True, "error_model": "numpy"}
    compiled: Callable[..., Any] = njit(nogil=True, cache=True, fastmath=True, **options)(function)
    return compiled
