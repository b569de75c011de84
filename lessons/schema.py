"""The shape of `lesson.toml` and of a console question: which entries there are, and of what kind.

Display units (mm, degrees, knob names as on the console). What an entry *refers to*
(phantom, region, knob, patch, reading) is checked by `lessons.build`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from lessons.questions import Outcome
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
    preset: str | None = None
    """A preset of the scanner, before `knobs` are turned."""
    knobs: dict[str, Any] = Field(default_factory=dict)


class PatchEntry(Entry):
    """A piece of tissue to measure: a region, cut to a window in body coordinates."""

    name: Name
    label: Line
    region: str
    x_mm: Window | None = None
    z_mm: Window | None = None


class WireEntry(Entry):
    """A wire of the phantom, named by its place in the phantom's file."""

    name: Name
    label: Line
    at_mm: Annotated[list[Length], Field(min_length=2, max_length=2)]


class ReadingEntry(Entry):
    """A measure applied to a patch, to one patch `re` another, to wires, or to the whole scanner:
    what a measure needs is in `lessons.measures`."""

    name: Name
    label: Line
    measure: str
    patch: str | None = None
    re: str | None = None
    wire: str | None = None
    re_wire: str | None = None


class FigureEntry(SceneEntry):
    """A picture for the text: the lesson's start with what is said here changed, or the first or a
    named view of another phantom."""

    name: Name
    phantom: str | None = None
    view: str | None = None
    probe: str | None = None
    crop_mm: Annotated[list[Length], Field(min_length=4, max_length=4)] | None = None
    """Left, right, top and bottom of what is shown, in the probe frame."""


class MoveEntry(SceneEntry):
    """One move of an example: what is turned from the move before, and what is said about it."""

    say: Sentence
    seconds: Annotated[Number, Field(ge=1.0, le=30.0)] = 5.0


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


class Question(Entry):
    """A question: `item`, which is one of the bank's, or `ask` with `choices`."""

    item: Name | None = None
    ask: Sentence | None = None
    choices: Annotated[list[ChoiceEntry], Field(min_length=2, max_length=6)] | None = None


class QuestionStepEntry(_StepEntry, Question):
    """A page with one question."""

    kind: Literal["question"]


class WorkedStepEntry(_StepEntry):
    """A page with an example that is shown move by move."""

    kind: Literal["worked"]
    moves: Annotated[list[MoveEntry], Field(min_length=1, max_length=12)]


class FadedStepEntry(_StepEntry):
    """An example whose last moves are left to the learner, judged on the picture. What all moves
    lead to is the solution."""

    kind: Literal["faded"]
    moves: Annotated[list[MoveEntry], Field(min_length=2, max_length=12)]
    left_to_you: Annotated[int, Field(strict=True, ge=1, le=11)] = 1
    """How many of the last moves are not shown."""
    ask: Sentence
    goals: Annotated[list[GoalEntry], Field(min_length=1, max_length=4)]
    hint: Sentence
    reason: Annotated[str, Field(min_length=1, max_length=1200)]


class SourcesStepEntry(Entry):
    """The page with the lesson's `sources`; it has no section in text.md."""

    kind: Literal["sources"]
    name: Name
    title: Line


class TaskStepEntry(_StepEntry):
    """A page with something to do, judged on the picture."""

    kind: Literal["task"]
    ask: Sentence
    goals: Annotated[list[GoalEntry], Field(min_length=1, max_length=4)]
    hint: Sentence
    reason: Annotated[str, Field(min_length=1, max_length=1200)]
    solution: SceneEntry


StepEntry = Annotated[
    ReadStepEntry
    | QuestionStepEntry
    | WorkedStepEntry
    | FadedStepEntry
    | TaskStepEntry
    | SourcesStepEntry,
    Field(discriminator="kind"),
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
    outcomes: Annotated[list[Outcome], Field(min_length=1, max_length=4)]
    """What it teaches of the syllabus, the chief one first."""
    sources: list[Sentence] = Field(default_factory=list, max_length=12)
    patch: list[PatchEntry] = Field(default_factory=list, max_length=12)
    wire: list[WireEntry] = Field(default_factory=list, max_length=12)
    reading: list[ReadingEntry] = Field(default_factory=list, max_length=16)
    figure: list[FigureEntry] = Field(default_factory=list, max_length=12)
    step: Annotated[list[StepEntry], Field(min_length=1, max_length=30)]


class ConsoleGoalEntry(GoalEntry):
    """A goal of a console question: what it is worth, and the physics that explains it."""

    marks: Annotated[int, Field(strict=True, ge=1, le=10)] = 1
    reason: Sentence


class LimitsEntry(Entry):
    """What must be kept to while the goals are reached."""

    steps: Annotated[int, Field(strict=True, ge=1, le=20)]
    """Most steps: settled changes of one knob or one part of the pose."""
    not_above_start: list[str] = Field(default_factory=list, max_length=4)
    """Readings that must not end higher than they began, as shown."""
    marks: Annotated[int, Field(strict=True, ge=0, le=5)] = 1
    """For each limit that is kept, once all goals are met."""


class TurnEntry(SceneEntry):
    """One or more changes of a solution, from the turn before."""


class RouteEntry(Entry):
    """Another way to the goals."""

    title: Line
    turns: Annotated[list[TurnEntry], Field(min_length=1, max_length=12)]


class ConsoleFile(Entry):
    """All of a file of `lessons/console/`: a picture to be put right at the console."""

    format: Literal[1]
    name: Name
    title: Line
    request: Sentence
    """The clinical request, one sentence."""
    outcome: Outcome
    difficulty: Annotated[int, Field(strict=True, ge=1, le=3)]
    phantom: str
    view: str | None = None
    probe: str | None = None
    start: SceneEntry
    sources: Annotated[list[Sentence], Field(min_length=1, max_length=8)]
    patch: list[PatchEntry] = Field(default_factory=list, max_length=12)
    wire: list[WireEntry] = Field(default_factory=list, max_length=12)
    reading: Annotated[list[ReadingEntry], Field(min_length=1, max_length=16)]
    goal: Annotated[list[ConsoleGoalEntry], Field(min_length=1, max_length=8)]
    limits: LimitsEntry
    solution: Annotated[list[TurnEntry], Field(min_length=1, max_length=12)]
    alternative: list[RouteEntry] = Field(default_factory=list, max_length=4)
    why: Question
