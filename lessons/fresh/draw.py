"""Draws that are the same for a seed on every machine and in every version of Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """A stream of choices that belongs to one name: digests, because `random` and numpy may
    change what they make of a seed."""

    def __init__(self, name: str) -> None:
        self._name, self._count = name, 0

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        digest = hashlib.sha256(f"{self._name}:{self._count}".encode()).digest()
        self._count += 1
        return int.from_bytes(digest[:8], "big") % n

    def choice(self, values: Sequence[T]) -> T:
        """One of the values."""
        return values[self.below(len(values))]

    def some(self, values: Sequence[T], n: int) -> list[T]:
        """`n` different ones of the values, in the order drawn."""
        left = list(values)
        return [left.pop(self.below(len(left))) for _ in range(n)]

    def grid(self, low: float, high: float, step: float) -> float:
        """low, low + step, ... up to high: a decimal number with no digits left by arithmetic."""
        n = round((high - low) / step)
        return round(low + step * self.below(n + 1), 9)
