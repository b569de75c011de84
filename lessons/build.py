"""What the files of a lesson say -> `Lesson`, every entry checked and converted to SI."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import phantoms
from lessons import schema
from lessons.lesson import (
    Choice,
    Goal,
    Lesson,
    Patch,
    QuestionStep,
    Reading,
    ReadStep,
    Scene,
    Step,
    TaskStep,
)
from lessons.measures import MEASURES
from phantoms.checked import ContentError, check, unknown
from physics.geometry import MAX_STANDOFF_M
from physics.probe import UnknownNameError, find_probe
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe

_T = TypeVar("_T")
_Path = tuple[str | int, ...]
"""A place in lesson.toml: keys, and indices of lists."""


def build_lesson(
    content: dict[str, Any], sections: dict[str, str], *, toml_file: str, text_file: str
) -> Lesson:
    """The lesson that the contents of lesson.toml and the sections of text.md describe.

    toml_file, text_file : what messages call the files.
    Raises ContentError for the first thing that is wrong.
    """
    return _Builder(content, sections, toml_file, text_file).lesson()


class _Builder:
    """Holds what entries may refer to while they are checked one by one."""

    def __init__(
        self, content: dict[str, Any], sections: dict[str, str], toml_file: str, text_file: str
    ) -> None:
        self.content, self.toml_file = content, toml_file
        self.sections, self.text_file = sections, text_file
        self.file = file = check(schema.LessonFile, content, toml_file)
        self._no_name_twice()
        self._match_sections()
        try:
            self.phantom = phantoms.load_phantom(file.phantom)
        except UnknownNameError as error:
            raise self._error(("phantom",), str(error)) from None
        self.probe = self._checked(("probe",), lambda: find_probe(file.probe))
        settings = ScanSettings().turned(**self.phantom.start_settings)
        base = Scene(self.phantom.start_pose, fitted_to_probe(settings, self.probe))
        self.start = self._scene(("start",), file.start, base)
        self.patches = {p.name: self._patch(("patch", i), p) for i, p in enumerate(file.patch)}
        self.readings = {
            r.name: self._reading(("reading", i), r) for i, r in enumerate(file.reading)
        }

    def lesson(self) -> Lesson:
        file = self.file
        return Lesson(
            name=file.name,
            title=file.title,
            summary=file.summary,
            phantom=file.phantom,
            probe=file.probe,
            start=self.start,
            readings=tuple(self.readings.values()),
            steps=tuple(self._step(("step", i), s) for i, s in enumerate(file.step)),
            sources=tuple(file.sources),
        )

    def _patch(self, path: _Path, entry: schema.PatchEntry) -> Patch:
        self._look_up((*path, "region"), "region", entry.region, self.phantom.region_names)
        return Patch(
            name=entry.name,
            label=entry.label,
            region=entry.region,
            x_m=self._window((*path, "x_mm"), entry.x_mm),
            z_m=self._window((*path, "z_mm"), entry.z_mm),
        )

    def _window(self, path: _Path, ends_mm: list[float] | None) -> tuple[float, float] | None:
        if ends_mm is None:
            return None
        low, high = self._ordered(path, ends_mm)
        return low * 1e-3, high * 1e-3

    def _ordered(self, path: _Path, ends: list[float]) -> tuple[float, float]:
        low, high = ends
        if low >= high:
            raise self._error(path, f"found {ends}; the first number must be the smaller one")
        return low, high

    def _reading(self, path: _Path, entry: schema.ReadingEntry) -> Reading:
        self._look_up((*path, "measure"), "measure", entry.measure, list(MEASURES))
        patches = list(self.patches)
        self._look_up((*path, "patch"), "patch", entry.patch, patches)
        if MEASURES[entry.measure].is_difference:
            if entry.re is None:
                raise self._error(path, f"'re' is missing; {entry.measure} compares two patches")
            self._look_up((*path, "re"), "patch", entry.re, patches)
        elif entry.re is not None:
            raise self._error((*path, "re"), f"found '{entry.re}'; {entry.measure} takes no 're'")
        re_patch = None if entry.re is None else self.patches[entry.re]
        return Reading(
            entry.name, entry.label, entry.measure, self.patches[entry.patch], re_patch=re_patch
        )

    def _step(self, path: _Path, entry: schema.StepEntry) -> Step:
        start = entry.start and self._scene((*path, "start"), entry.start, self.start)
        common: dict[str, Any] = {
            "name": entry.name,
            "title": entry.title,
            "text": self.sections[entry.name],
            "shows": tuple(
                self._reading_called((*path, "shows", i), name)
                for i, name in enumerate(entry.shows)
            ),
            "start": start,
        }
        if isinstance(entry, schema.ReadStepEntry):
            return ReadStep(**common)
        if isinstance(entry, schema.QuestionStepEntry):
            return QuestionStep(**common, ask=entry.ask, choices=self._choices(path, entry.choices))
        return TaskStep(
            **common,
            ask=entry.ask,
            goals=tuple(
                self._goal((*path, "goals", i), goal) for i, goal in enumerate(entry.goals)
            ),
            hint=entry.hint,
            reason=entry.reason,
            solution=self._scene((*path, "solution"), entry.solution, start or self.start),
        )

    def _choices(self, path: _Path, entries: list[schema.ChoiceEntry]) -> tuple[Choice, ...]:
        n_correct = sum(entry.correct for entry in entries)
        if n_correct != 1:
            raise self._error(
                (*path, "choices"), f"{n_correct} are marked correct; exactly one must be"
            )
        choices = []
        for i, entry in enumerate(entries):
            needed, other = ("why", "why_not") if entry.correct else ("why_not", "why")
            if getattr(entry, other) is not None:
                raise self._error((*path, "choices", i), f"has '{other}'; needs '{needed}' instead")
            why = getattr(entry, needed)
            if why is None:
                raise self._error((*path, "choices", i), f"'{needed}' is missing")
            choices.append(Choice(entry.text, entry.correct, why))
        return tuple(choices)

    def _goal(self, path: _Path, entry: schema.GoalEntry) -> Goal:
        reading = self._reading_called((*path, "reading"), entry.reading)
        low, high = -math.inf, math.inf
        if entry.between is not None:
            if entry.at_least is not None or entry.at_most is not None:
                raise self._error(path, "has 'between' and another bound; one of them is enough")
            low, high = self._ordered((*path, "between"), entry.between)
        low = low if entry.at_least is None else entry.at_least
        high = high if entry.at_most is None else entry.at_most
        if low == -math.inf and high == math.inf:
            raise self._error(path, "has no bound; give 'at_least', 'at_most' or 'between'")
        if low > high:
            raise self._error(path, f"found at_least {low:g} and at_most {high:g}; none fits both")
        if "{value}" not in entry.unmet:
            raise self._error((*path, "unmet"), "must say the number: put {value} where it goes")
        return Goal(reading, low, high, entry.unmet)

    def _reading_called(self, path: _Path, name: str) -> Reading:
        self._look_up(path, "reading", name, list(self.readings))
        return self.readings[name]

    def _scene(self, path: _Path, entry: schema.SceneEntry, base: Scene) -> Scene:
        """`base` with what the entry names changed, inside what phantom and probe allow."""
        phantom, degree = self.phantom, math.pi / 180
        moves = {}
        for key, field, unit, (low, high) in (
            ("slide_mm", "slide_m", 1e-3, phantom.slide_range_m),
            ("slide_y_mm", "slide_y_m", 1e-3, phantom.slide_y_range_m),
            ("turn_deg", "turn_rad", degree, phantom.turn_range_rad),
            ("tilt_deg", "tilt_rad", degree, phantom.tilt_range_rad),
            ("rock_deg", "rock_rad", degree, phantom.rock_range_rad),
            ("standoff_mm", "standoff_m", 1e-3, (0.0, MAX_STANDOFF_M)),
            ("press_mm", "press_m", 1e-3, (0.0, phantom.press_limit_m)),
        ):
            value = getattr(entry, key)
            if value is not None:
                said = "mm" if key.endswith("mm") else "degrees"
                self._in_range((*path, key), value, low / unit, high / unit, said)
                moves[field] = value * unit
        knobs = (*path, "knobs")
        settings = self._checked(knobs, lambda: base.settings.turned(**entry.knobs))
        self._checked(knobs, lambda: check_for_probe(settings, self.probe))
        return Scene(replace(base.pose, **moves), settings)

    def _in_range(self, path: _Path, value: float, low: float, high: float, unit: str) -> None:
        if not low - 1e-6 <= value <= high + 1e-6:
            raise self._error(
                path,
                f"found {value:g}; phantom {self.phantom.name} allows {low:g} to {high:g} {unit}",
            )

    def _match_sections(self) -> None:
        """Every step has a section of text, every section a step."""
        names = [entry.name for entry in self.file.step]
        for name in self.sections:
            if name not in names:
                raise ContentError(f"{self.text_file}: {unknown('step', name, names)}")
        for name in names:
            if not self.sections.get(name):
                raise ContentError(f"{self.text_file}: section '# {name}' is missing or empty")

    def _no_name_twice(self) -> None:
        for kind in ("patch", "reading", "step"):
            seen: set[str] = set()
            for i, entry in enumerate(getattr(self.file, kind)):
                if entry.name in seen:
                    raise self._error(
                        (kind, i, "name"),
                        f"found '{entry.name}' again; every {kind} needs a name of its own",
                    )
                seen.add(entry.name)

    def _look_up(self, path: _Path, kind: str, name: str, allowed: Sequence[str]) -> None:
        if name not in allowed:
            raise self._error(path, unknown(kind, name, allowed))

    def _checked(self, path: _Path, make: Callable[[], _T]) -> _T:
        """What `make` returns; its ValueError or TypeError as a message about this entry."""
        try:
            return make()
        except (ValueError, TypeError) as error:
            raise self._error(path, str(error)) from None

    def _error(self, path: _Path, problem: str) -> ContentError:
        return ContentError(f"{self.toml_file}: {_entry_name(self.content, path)}: {problem}")


def _entry_name(content: Mapping[str, Any], path: Sequence[str | int]) -> str:
    """A place in the file as its author would say it: `step 2 'cause', goals 1, reading`."""
    words: list[str] = []
    here: Any = content
    for part in path:
        if isinstance(part, int):
            here = here[part]
            words[-1] += f" {part + 1}"
            if isinstance(here, dict) and "name" in here:
                words[-1] += f" '{here['name']}'"
        else:
            here = here.get(part, {})  # an entry that was left out can be wrong too
            words.append(part)
    return ", ".join(words)
