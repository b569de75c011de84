"""Numbers on the command line: finite ones, whole ones, and `start:stop:step`."""

import argparse
import math
from collections.abc import Callable

import numpy as np


def finite(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"'{text}' is not a finite number")
    return value


def between(low: float, high: float) -> Callable[[str], float]:
    """Reader of a finite number from `low` to `high`, both allowed."""

    def read(text: str) -> float:
        value = finite(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not allowed; allowed: {low:g} to {high:g}")
        return value

    return read


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reader of a whole number from `low` to `high`, both allowed."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"'{text}' is not allowed; allowed: whole numbers from {low} to {high}"
            )
        return value

    return read


def spaced(max_count: int, largest: float = 1e6) -> Callable[[str], np.ndarray]:
    """Reader of `start:stop:step`: float64[n], evenly spaced, with `stop` if a step lands on it.

    "Lands on it" allows for rounding: a millionth of a step. At most `max_count`
    numbers, none beyond +-`largest`.
    """

    def read(text: str) -> np.ndarray:
        parts = text.split(":")
        if len(parts) != 3:
            raise argparse.ArgumentTypeError(f"'{text}' is not a range; write start:stop:step")
        start, stop, step = (finite(part) for part in parts)
        if step <= 0 or stop < start:
            raise argparse.ArgumentTypeError(
                f"'{text}' holds nothing; the step must be above 0 and stop not below start"
            )
        if max(abs(start), abs(stop)) > largest:
            raise argparse.ArgumentTypeError(f"'{text}' goes beyond {largest:g}")
        if (stop - start) / step > max_count - 1 + 1e-6:
            raise argparse.ArgumentTypeError(
                f"'{text}' holds too many numbers; at most {max_count}"
            )
        count = math.floor((stop - start) / step + 1e-6) + 1
        return start + step * np.arange(count)

    return read


def size(text: str) -> tuple[int, int]:
    """Reader of a window size in pixels, such as 1366x768."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write it like 1366x768")
    if not (640 <= int(width) <= 7680 and 480 <= int(height) <= 4320):
        raise argparse.ArgumentTypeError(
            f"{text} is not allowed; allowed: 640x480 to 7680x4320 pixels"
        )
    return int(width), int(height)
