"""A lesson as frozen values: patches of tissue, readings of the picture, steps to take.

Lengths are in metres and angles in radians here; the files have mm and degrees
(`lessons.schema`), converted once by `lessons.loader`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from physics.geometry import Pose
from physics.settings import ScanSettings


@dataclass(frozen=True)
class Patch:
    """A piece of tissue that is measured. It stays with the tissue when the probe moves."""

    name: str
    label: str
    """What the learner calls it: `tendon`."""
    region: str
    """Region of the phantom; only points that belong to it count."""
    x_m: tuple[float, float] | None = None
    z_m: tuple[float, float] | None = None
    """Window in body coordinates (along the skin, depth below it), m; None: no limit."""


@dataclass(frozen=True)
class Wire:
    """A thin wire of the phantom, known by its place: it is not searched for in the picture."""

    name: str
    label: str
    x_m: float
    z_m: float
    """Place in the body at rest, m."""


@dataclass(frozen=True)
class Reading:
    """A number read from the picture: a measure (`lessons.measures`) of patches or wires."""

    name: str
    label: str
    measure: str
    patch: Patch | None = None
    re_patch: Patch | None = None
    """What the patch is compared with, for measures of a difference."""
    wire: Wire | None = None
    re_wire: Wire | None = None
    decimals: int = 1
    """Digits after the point that a learner sees; goals are judged on the number as shown."""

    @property
    def target(self) -> str:
        """What it is measured at, as a learner calls it."""
        places = (self.patch, self.re_patch, self.wire, self.re_wire)
        return " or ".join(place.label for place in places if place is not None)


@dataclass(frozen=True)
class Goal:
    """Bounds that a reading has to keep, and what to say while it does not."""

    reading: Reading
    low: float
    high: float
    unmet: str
    """Sentence with `{value}` where the number goes."""

    def is_met(self, value: float) -> bool:
        """Whether `value`, rounded as it is shown, keeps the bounds; never so for NaN."""
        return math.isfinite(value) and (
            self.low <= round(value, self.reading.decimals) <= self.high
        )


@dataclass(frozen=True)
class Scene:
    """Where the probe is and how the scanner is set."""

    pose: Pose
    settings: ScanSettings


@dataclass(frozen=True)
class Move:
    """One thing done at the console or with the probe, and what is said about it."""

    scene: Scene
    """Where probe and knobs are after it."""
    say: str
    seconds: float
    """How long the commentary stands before the next move when the example plays by itself."""


@dataclass(frozen=True)
class Figure:
    """A picture in a text, rendered by the engine when the text is read."""

    name: str
    phantom: str
    probe: str
    scene: Scene
    crop_m: tuple[float, float, float, float] | None = None
    """Left, right, top and bottom of the part shown, in the probe frame, m; None: all of it."""


@dataclass(frozen=True)
class Choice:
    """One answer to a question, with the reason why it is right or wrong."""

    text: str
    correct: bool
    why: str


@dataclass(frozen=True)
class Step:
    """One page of a lesson. `text` is Markdown."""

    name: str
    title: str
    text: str
    shows: tuple[Reading, ...] = ()
    """Readings shown beside the text; the first one large."""
    start: Scene | None = None
    """Scene loaded when the step begins; None: leave the scanner as it is."""


@dataclass(frozen=True)
class ReadStep(Step):
    """Text to read, with live readings if it shows any."""


@dataclass(frozen=True)
class QuestionStep(Step):
    """A question with one right answer and a reason for every answer."""

    ask: str = ""
    choices: tuple[Choice, ...] = ()
    item: str | None = None
    """Id of the question in the bank, if it comes from there."""


@dataclass(frozen=True)
class WorkedStep(Step):
    """A worked example: moves of an expert, replayed with their reasons. It always has a start."""

    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class TaskStep(Step):
    """Something to do with the probe or the knobs, judged on the picture."""

    ask: str = ""
    goals: tuple[Goal, ...] = ()
    """All must be met by one and the same picture."""
    hint: str = ""
    reason: str = ""
    """The physics, shown once the goals are met (Markdown)."""
    solution: Scene | None = None
    """One of the scenes that meet the goals."""


@dataclass(frozen=True)
class FadedStep(TaskStep):
    """An example whose last moves are left to the learner. It always has a start."""

    moves: tuple[Move, ...] = ()
    """Those that are shown."""


@dataclass(frozen=True)
class SourcesStep(ReadStep):
    """Where it can all be read up; its text is made from the lesson's sources."""


@dataclass(frozen=True)
class Lesson:
    """Everything a learner does and reads in one sitting."""

    name: str
    title: str
    summary: str
    phantom: str
    probe: str
    start: Scene
    readings: tuple[Reading, ...]
    steps: tuple[Step, ...]
    outcomes: tuple[str, ...] = ()
    """Outcomes of the syllabus (`lessons.questions.OUTCOMES`), the chief one first."""
    sources: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
