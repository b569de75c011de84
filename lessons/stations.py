"""OSCE stations as data: the candidate's task, the scene with its faults, the sheet, the viva.

A station is a file `lessons/osce/NAME.toml`. Every sheet has the 25 marks of `SHEET` in the same
lines. A file says by which rules the program marks its lines (`lessons.station_marking` applies
them), and what the examiner looks for in the others. `load_station` checks all of it.

The sheet follows published checklists (items on probe, orientation, depth, gain, image stored:
pmc.ncbi.nlm.nih.gov/articles/PMC6159323 table 3, BMC Med Educ s12909-020-02338-4 table 4); its
division into 25 marks is this project's own.
"""

from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from lessons.build_parts import Parts, Path
from lessons.lesson import Patch
from lessons.schema import Line, PatchEntry, SceneEntry, Sentence
from lessons.station_rules import Rule, rules_within
from phantoms.checked import MAX_FILE_BYTES, Entry, Name, check, parse_toml
from physics.geometry import Pose
from physics.probe import UnknownNameError
from physics.settings import ScanSettings, find_knob

FOLDER = "osce"

SHEET = {
    "preparation": ("Preparation: identity, consent, hygiene, ergonomics", 4),
    "probe": ("Probe and preset", 2),
    "orientation": ("Orientation", 2),
    "depth": ("Depth", 2),
    "focus": ("Focus", 2),
    "gain": ("Gain and TGC", 3),
    "frequency": ("Frequency, harmonics, compounding: justified", 2),
    "technique": ("Technique: anisotropy, or pressure, corrected and shown", 3),
    "output": ("MI, TI, ALARA", 1),
    "record": ("Calipers, labels, storing", 2),
    "viva": ("Viva", 2),
}
"""Lines of every sheet: title and marks, 25 in all."""
TOTAL = sum(marks for _, marks in SHEET.values())
OF_THE_PROGRAM = ("probe", "depth", "focus", "gain", "technique", "record")
"""Lines that the program marks: 14 of 25."""
GLOBAL_RATING = ("Clear fail", "Borderline", "Clear pass", "Good", "Excellent")
"""The examiner's overall impression, beside the marks."""


class AwardEntry(Entry):
    """Something a mark is given for: by a rule, or by the examiner if there is none."""

    marks: Annotated[int, Field(strict=True, ge=1, le=4)]
    text: Sentence
    """What the candidate has to do, as it stands on the sheet."""
    rule: Rule | None = None


class LineEntry(Entry):
    """A line of the sheet."""

    part: Literal[
        "preparation", "probe", "orientation", "depth", "focus", "gain", "frequency", "technique",
        "output", "record", "viva",
    ]  # fmt: skip
    award: Annotated[list[AwardEntry], Field(min_length=1, max_length=4)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        marks, wanted = sum(award.marks for award in self.award), SHEET[self.part][1]
        if marks != wanted:
            raise ValueError(f"{self.part}: the awards give {marks} marks; they must give {wanted}")
        by_program = self.part in OF_THE_PROGRAM
        for number, award in enumerate(self.award, 1):
            if (award.rule is not None) != by_program:
                must = (
                    "needs a rule: the program" if by_program else "may have no rule: the examiner"
                )
                raise ValueError(f"{self.part}: award {number} {must} marks this line")
        return self


class VivaEntry(Entry):
    """A question of the viva with a model answer."""

    ask: Sentence
    answer: Annotated[str, Field(min_length=1, max_length=1000)]


class StationScene(SceneEntry):
    """Probe, standard view, place and knobs; the rest is as the phantom starts."""

    probe: str | None = None
    view: Name | None = None


class StationFile(Entry):
    """All of a station's file."""

    format: Literal[1]
    name: Name
    title: Line
    minutes: Annotated[int, Field(strict=True, ge=2, le=30)] = 8
    phantom: Name
    start: StationScene
    """With the faults."""
    model: StationScene
    """A scene that earns every mark of depth, focus and gain: the examiner's picture."""
    faults: Annotated[list[Sentence], Field(min_length=1, max_length=8)]
    """What is wrong at the start, for the examiner."""
    candidate: Annotated[str, Field(min_length=1, max_length=1500)]
    """The instruction outside the door."""
    target: PatchEntry
    """What the picture is about; its level says whether the fibres are met squarely."""
    line: Annotated[list[LineEntry], Field(min_length=1)]
    viva: Annotated[list[VivaEntry], Field(min_length=2, max_length=4)]

    @model_validator(mode="after")
    def _has_every_line_once(self) -> Self:
        found = [line.part for line in self.line]
        if found != list(SHEET):
            raise ValueError(f"line: found {found}; the lines of a sheet are {list(SHEET)}")
        return self


@dataclass(frozen=True)
class Scene:
    """Where a station starts, or a model answer: SI values ready for the scanner."""

    probe: str
    pose: Pose
    settings: ScanSettings


@dataclass(frozen=True)
class Award:
    """Something marks are given for."""

    part: str
    number: int
    marks: int
    text: str
    rule: Rule | None

    @property
    def key(self) -> str:
        """Its name on one sheet: `gain 2`."""
        return f"{self.part} {self.number}"


@dataclass(frozen=True)
class Station:
    """A station, checked."""

    name: str
    title: str
    minutes: int
    phantom: str
    start: Scene
    model: Scene
    faults: tuple[str, ...]
    candidate: str
    target: Patch
    awards: tuple[Award, ...]
    """In the order of the sheet."""
    viva: tuple[VivaEntry, ...]

    @property
    def limit_s(self) -> float:
        return 60.0 * self.minutes


def station_names() -> tuple[str, ...]:
    """Names of the stations, in the order of their files."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in _folder().iterdir()
                        if f.name.endswith(".toml")))  # fmt: skip


@cache
def load_station(name: str) -> Station:
    """The station of this name; UnknownNameError (a ValueError) or ContentError."""
    if name not in station_names():
        raise UnknownNameError("station", name, list(station_names()))
    shown_as = f"lessons/{FOLDER}/{name}.toml"
    with _folder().joinpath(f"{name}.toml").open("rb") as stream:
        content = stream.read(MAX_FILE_BYTES)
    return build_station(parse_toml(content, shown_as), shown_as)


def build_station(data: dict[str, Any], shown_as: str) -> Station:
    """The station that a file's contents describe; ContentError names the file and the entry."""
    return _Builder(data, shown_as).station()


class _Builder(Parts):
    def __init__(self, content: dict[str, Any], file: str) -> None:
        super().__init__(content, file)
        self.file = check(StationFile, content, file)
        self.phantom = self.load_phantom(self.file.phantom)

    def station(self) -> Station:
        file = self.file
        awards = [
            self._award(("line", i, "award", k), line.part, k + 1, award)
            for i, line in enumerate(file.line)
            for k, award in enumerate(line.award)
        ]
        return Station(
            name=file.name,
            title=file.title,
            minutes=file.minutes,
            phantom=file.phantom,
            start=self._scene_of("start", file.start),
            model=self._scene_of("model", file.model),
            faults=tuple(file.faults),
            candidate=file.candidate.strip(),
            target=self.patch(("target",), file.target),
            awards=tuple(awards),
            viva=tuple(file.viva),
        )

    def _scene_of(self, key: str, entry: StationScene) -> Scene:
        base, probe = self.first_scene(self.phantom, entry.view, entry.probe, (key,))
        scene = self.scene((key,), entry, base, self.phantom, probe)
        return Scene(probe.name, scene.pose, scene.settings)

    def _award(self, path: Path, part: str, number: int, entry: AwardEntry) -> Award:
        for rule in rules_within(entry.rule):
            knob = getattr(rule, "knob", None)
            if knob is not None:
                self.checked((*path, "rule"), partial(find_knob, knob))
        return Award(part, number, entry.marks, entry.text, entry.rule)


def _folder() -> Any:
    return resources.files("lessons").joinpath(FOLDER)


assert TOTAL == 25
