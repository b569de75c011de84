"""The shape of `lesson.toml`: which entries there are, and of what kind.

Display units (mm, degrees, knob names as on the console). What an entry *refers to*
(phantom, region, knob, patch, reading) is checked by `lessons.build`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from phantoms.checked import Degrees, Entry, Length, Name, Number

Line = Annotated[str, Field(min_length=1, max_length=120)]
Sentence = Annotated[str, Field(min_length=1, max_length=600)]
Window = Annotated[list[Length], Field(min_length=2, max_length=2)]
"""[low, high], mm."""
Bounds = Annotated[list[Number], Field(min_length=2, max_length=2)]
"""[low, high], in the unit of the measure."""


class SceneEntry(Entry):
    """Where the probe stands and which knobs are turned; the rest is as at the lesson's start."""

    slide_mm: Length | None = None
    slide_y_mm: Length | None = None
    turn_deg: Degrees | None = None
    tilt_deg: Degrees | None = None
    rock_deg: Degrees | None = None
    standoff_mm: Length | None = None
    """Gel between face and skin."""
    press_mm: Length | None = None
    knobs: dict[str, Any] = Field(default_factory=dict)


class PatchEntry(Entry):
    """A piece of tissue to measure: a region, cut to a window in body coordinates."""

    name: Name
    label: Line
    region: str
    x_mm: Window | None = None
    z_mm: Window | None = None


class ReadingEntry(Entry):
    """A measure applied to one patch, or to one patch `re` another."""

    name: Name
    label: Line
    measure: str
    patch: str
    re: str | None = None


class GoalEntry(Entry):
    """Bounds for a reading, and the sentence shown while it is outside them."""

    reading: str
    at_least: Number | None = None
    at_most: Number | None = None
    between: Bounds | None = None
    unmet: Sentence


class ChoiceEntry(Entry):
    """An answer: the correct one has `why`, every other one `why_not`."""

    text: Sentence
    correct: bool = False
    why: Sentence | None = None
    why_not: Sentence | None = None


class _StepEntry(Entry):
    name: Name
    title: Line
    shows: list[str] = Field(default_factory=list, max_length=6)
    start: SceneEntry | None = None


class ReadStepEntry(_StepEntry):
    """A page to read."""

    kind: Literal["read"]


class QuestionStepEntry(_StepEntry):
    """A page with one question."""

    kind: Literal["question"]
    ask: Sentence
    choices: Annotated[list[ChoiceEntry], Field(min_length=2, max_length=6)]


class TaskStepEntry(_StepEntry):
    """A page with something to do, judged on the picture."""

    kind: Literal["task"]
    ask: Sentence
    goals: Annotated[list[GoalEntry], Field(min_length=1, max_length=4)]
    hint: Sentence
    reason: Annotated[str, Field(min_length=1, max_length=1200)]
    solution: SceneEntry


StepEntry = Annotated[
    ReadStepEntry | QuestionStepEntry | TaskStepEntry, Field(discriminator="kind")
]


class LessonFile(Entry):
    """All of `lesson.toml`."""

    format: Literal[1]
    name: Name
    title: Line
    summary: Sentence
    phantom: str
    probe: str
    start: SceneEntry = SceneEntry()
    sources: list[Sentence] = Field(default_factory=list, max_length=12)
    patch: list[PatchEntry] = Field(default_factory=list, max_length=12)
    reading: list[ReadingEntry] = Field(default_factory=list, max_length=12)
    step: Annotated[list[StepEntry], Field(min_length=1, max_length=30)]
