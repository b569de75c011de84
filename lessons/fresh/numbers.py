"""How numbers are written in questions."""

import math

BEFORE = ("MI", "TIS", "F")
"""What has no unit but a name that stands before the number."""

DIGITS = 3
"""Significant digits of answers: a tenth of a per cent to a per cent."""


def rounded(value: float, digits: int = DIGITS) -> float:
    """`value` as a reader sees it."""
    return float(f"{value:.{digits}g}")


def shown(value: float, unit: str, digits: int = DIGITS) -> str:
    """Number and unit: `0.154 mm`, `-6.02 dB` with a true minus, `77 000 Hz`."""
    number = rounded(value, digits)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(number)))) if number else 0
    text = f"{abs(number):.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    elif len(text) > 4:
        text = f"{int(text):,}".replace(",", "\N{NO-BREAK SPACE}")
    text = ("\N{MINUS SIGN}" if number < 0 else "") + text
    if unit in BEFORE:
        return f"{unit} {text}"
    if unit == "°":
        return text + unit
    return f"{text} {unit}" if unit else text
