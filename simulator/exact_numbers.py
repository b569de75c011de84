"""Numbers and JSON of our files: shown units as decimals, that come back to their last bit."""

import hashlib
import json
from collections.abc import Mapping
from decimal import Context, Decimal, DecimalException
from typing import Any

from physics.settings import Knob, ScanSettings, find_knob

_MOST_DIGITS, _MOST_EXPONENT = 40, 400
_EXACT = Context(prec=60)


def written(value: float, per_si: float) -> float | str:
    """The shortest number that `si` turns into `value`, else its decimal digits as text."""
    for digits in (12, 15, 17):
        shown = float(f"{value * per_si:.{digits}g}")
        if si(Decimal(repr(shown)), per_si) == value:
            return int(shown) if shown == int(shown) else shown
    exact = Context(prec=30).multiply(Decimal(repr(value)), Decimal(repr(per_si)))
    return str(exact)


def si(shown: Decimal, per_si: float) -> float:
    """The SI value of a shown one."""
    return float(_EXACT.divide(shown, Decimal(repr(per_si))))


def written_knob(settings: ScanSettings, knob: Knob) -> Any:
    """What a file says of a knob."""
    value = getattr(settings, knob.field)
    if knob.choices:
        return value
    if knob.n_value > 1:
        return [written(v, knob.per_si) for v in value]
    return written(value, knob.per_si)


def si_knob(name: str, value: Any) -> Any:
    """What the field of a knob holds; ValueError if that is another kind of thing."""
    knob = find_knob(name)
    if knob.choices:
        return str(value)
    if knob.n_value == 1:
        return si(number(name, value), knob.per_si)
    if not isinstance(value, list):
        raise ValueError(f"{name} is {short(value)}; allowed: {knob.range_text()}")
    return tuple(si(number(name, one), knob.per_si) for one in value)


def number(name: str, value: Any) -> Decimal:
    """A number of the file, or its digits as text."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
            raise TypeError
        found = Decimal(value)
        few = len(found.as_tuple().digits) <= _MOST_DIGITS
        if not (found.is_finite() and few and abs(found.adjusted()) <= _MOST_EXPONENT):
            raise TypeError
    except (TypeError, DecimalException):
        raise ValueError(f"{name} is {short(value)}, which is not a number here") from None
    return found


# --- JSON ----------------------------------------------------------------------------------------


def parsed(text: str) -> Any:
    """JSON with exact numbers; ValueError for what JSON does not have, or for a key given twice."""
    return json.loads(
        text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_doubles
    )


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not a number here")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an entry stands in it twice")
    return found


def checksum(scene: Mapping[str, Any]) -> str:
    """Of the values; how the text is broken into lines does not matter."""
    text = json.dumps(scene, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def short(value: Any) -> str:
    """The value as a message names it."""
    return repr(value)[:20] if isinstance(value, str) else str(value)[:20]
