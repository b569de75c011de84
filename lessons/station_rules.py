"""What a mark of a station may depend on: conditions on the event log, as data."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from phantoms.checked import Entry, Number

PosePart = Literal[
    "slide_mm", "slide_y_mm", "turn_deg", "tilt_deg", "rock_deg", "standoff_mm", "press_mm"
]
_Count = Annotated[int, Field(strict=True, ge=1, le=10)]


class ProbeIs(Entry):
    """The last image saved was made with one of these probes."""

    kind: Literal["probe_is"]
    probes: Annotated[list[str], Field(min_length=1)]


class KnobBetween(Entry):
    """In the last image saved this knob (of several numbers: each) was within bounds."""

    kind: Literal["knob_between"]
    knob: str
    low: Number
    high: Number


class KnobIs(Entry):
    """In the last image saved this knob was one of these choices."""

    kind: Literal["knob_is"]
    knob: str
    choices: Annotated[list[str], Field(min_length=1)]


class PoseBetween(Entry):
    """In some image saved this part of the pose was within bounds."""

    kind: Literal["pose_between"]
    pose: PosePart
    low: Number
    high: Number


class Swept(Entry):
    """This part of the pose was moved through at least so much in all."""

    kind: Literal["swept"]
    pose: PosePart
    at_least: Number


class TargetBright(Entry):
    """The last image saved shows the target within so many dB of its best level with the same
    knobs, and the probe had been angled before."""

    kind: Literal["target_bright"]
    within_db: Number


class TargetDark(Entry):
    """Some image saved shows the target so many dB below its best level with the same knobs."""

    kind: Literal["target_dark"]
    below_db: Number


class Measured(Entry):
    """A measurement of this kind has come out within bounds."""

    kind: Literal["measured"]
    tool: Literal["distance", "ellipse", "angle"]
    low: Number
    """mm; of an ellipse its area in mm^2, of an angle degrees."""
    high: Number


class Labelled(Entry):
    """At least so many notes, arrows or body marks stand on an image saved."""

    kind: Literal["labelled"]
    at_least: _Count = 1


class Saved(Entry):
    """At least so many images were saved."""

    kind: Literal["saved"]
    at_least: _Count = 1


class All(Entry):
    """Every one of several conditions holds."""

    kind: Literal["all"]
    of: Annotated[list["Rule"], Field(min_length=2, max_length=4)]


Rule = Annotated[
    ProbeIs
    | KnobBetween
    | KnobIs
    | PoseBetween
    | Swept
    | TargetBright
    | TargetDark
    | Measured
    | Labelled
    | Saved
    | All,
    Field(discriminator="kind"),
]

All.model_rebuild()


def rules_within(rule: Rule | None) -> Iterator[Rule]:
    """The rule and, if it joins others, each of them."""
    if rule is not None:
        yield rule
    if isinstance(rule, All):
        for one in rule.of:
            yield from rules_within(one)
