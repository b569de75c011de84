"""A measured number as a learner reads it."""

import math
from dataclasses import dataclass

from lessons.lesson import Goal, Reading
from lessons.measures import MEASURES


@dataclass(frozen=True)
class Number:
    """A reading with its present value, ready to be shown."""

    reading: Reading
    value: float
    """NaN when what is measured is not in the picture."""

    @property
    def unit(self) -> str:
        return MEASURES[self.reading.measure].unit

    @property
    def text(self) -> str:
        """The value with a true minus sign and no unit; a dash when there is none."""
        return "–" if math.isnan(self.value) else shown(self.value, self.reading)

    @property
    def text_with_unit(self) -> str:
        return with_unit(self.text, self.reading)


def shown(value: float, reading: Reading) -> str:
    """A value of this reading without its unit: a true minus sign, the decimals it has."""
    rounded = round(value, reading.decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    return f"{rounded:.{reading.decimals}f}".replace("-", "−")


def with_unit(text: str, reading: Reading) -> str:
    """`text` followed by the unit, if the measure has one."""
    unit = MEASURES[reading.measure].unit
    return f"{text}{'' if unit == '°' else ' '}{unit}" if unit else text


def wanted(goal: Goal) -> str:
    """The bounds of a goal in words: `at least 10.0 dB`."""
    both = math.isfinite(goal.low) and math.isfinite(goal.high)
    low, high = (shown(bound, goal.reading) if both else "" for bound in (goal.low, goal.high))
    if low and low == high:
        return with_unit(low, goal.reading)
    if low:
        return with_unit(f"{low} to {high}", goal.reading)
    if math.isfinite(goal.low):
        return "at least " + with_unit(shown(goal.low, goal.reading), goal.reading)
    return "at most " + with_unit(shown(goal.high, goal.reading), goal.reading)


def missing(goal: Goal, number: Number) -> str:
    """What to say while this number keeps the goal from being met."""
    if math.isnan(number.value):
        what = goal.reading.target or goal.reading.label
        return f"The {what} is not in the picture: bring it back into view."
    return goal.unmet.replace("{value}", number.text_with_unit)
