"""What lessons and console questions are made of, checked and converted to SI: scenes, patches,
wires, readings, goals, questions."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

import phantoms
from lessons import schema
from lessons.lesson import Choice, Goal, Move, Patch, Reading, Scene, Wire
from lessons.measures import MEASURES, NEEDS
from lessons.question_bank import load_bank
from lessons.questions import present
from phantoms.checked import ContentError, ManyFaultsError, faults_of, unknown
from phantoms.presets import find_preset
from physics.geometry import MAX_STANDOFF_M
from physics.probe import Probe, UnknownNameError, find_probe
from physics.settings import ScanSettings, check_for_probe, fitted_to_probe

_T = TypeVar("_T")
Path = tuple[str | int, ...]
"""A place in a file: keys, and indices of lists."""

_WIRE_M = 0.05e-3
"""A wire lies within this of where the lesson says it does."""

_LINK = re.compile(r"\]\(([^)]*)\)")
FIGURE = "figure:"


class Parts:
    """Holds what entries may refer to while they are checked one by one."""

    def __init__(self, content: dict[str, Any], file: str) -> None:
        self.content, self.toml_file = content, file
        self.faults: list[str] = []
        self.patches: dict[str, Patch] = {}
        self.wires: dict[str, Wire] = {}
        self.readings: dict[str, Reading] = {}

    # --- phantom, probe, what is measured ------------------------------------------------------

    def load_phantom(self, name: str, path: Path = ("phantom",)) -> Any:
        try:
            return phantoms.load_phantom(name)
        except UnknownNameError as error:
            raise self.error(path, str(error)) from None

    def first_scene(
        self, phantom: Any, view: str | None, probe: str | None, path: Path = ()
    ) -> tuple[Scene, Probe]:
        """How a phantom, or its standard view of this name, is opened; and on which probe."""
        pose, knobs, suggested = phantom.start_pose, phantom.start_settings, phantom.probe
        if view is not None:
            found = self.checked((*path, "view"), lambda: phantom.standard_view(view))
            pose, knobs, suggested = found.pose, found.settings, found.probe
        used = self.checked((*path, "probe"), lambda: find_probe(probe or suggested))
        return Scene(pose, fitted_to_probe(ScanSettings().turned(**knobs), used)), used

    def take_targets(self, file: schema.LessonFile | schema.ConsoleFile) -> None:
        """Patches, wires and readings; ManyFaultsError with everything that is wrong in them."""
        for kind in ("patch", "wire", "reading"):
            self.no_name_twice(kind, getattr(file, kind))
        self.patches = {p.name: p for p in self.each("patch", file.patch, self.patch)}
        self.wires = {w.name: w for w in self.each("wire", file.wire, self._wire)}
        self.raise_faults()
        self.readings = {r.name: r for r in self.each("reading", file.reading, self._reading)}
        self.raise_faults()

    def patch(self, path: Path, entry: schema.PatchEntry) -> Patch:
        self.look_up((*path, "region"), "region", entry.region, self.phantom.region_names)
        return Patch(
            name=entry.name,
            label=entry.label,
            region=entry.region,
            x_m=self._window((*path, "x_mm"), entry.x_mm),
            z_m=self._window((*path, "z_mm"), entry.z_mm),
        )

    def _window(self, path: Path, ends_mm: list[float] | None) -> tuple[float, float] | None:
        if ends_mm is None:
            return None
        low, high = self.ordered(path, ends_mm)
        return low * 1e-3, high * 1e-3

    def _wire(self, path: Path, entry: schema.WireEntry) -> Wire:
        x_m, z_m = (value * 1e-3 for value in entry.at_mm)
        wires = self.phantom.wires
        if not wires.x_m.size:
            raise self.error(path, f"phantom {self.phantom.name} has no wires")
        away = np.hypot(wires.x_m - x_m, wires.z_m - z_m)
        i = int(np.argmin(away))
        if away[i] > _WIRE_M:
            raise self.error(
                (*path, "at_mm"),
                f"found {entry.at_mm}; phantom {self.phantom.name} has no wire there, the nearest "
                f"is at [{wires.x_m[i] * 1e3:g}, {wires.z_m[i] * 1e3:g}]",
            )
        return Wire(entry.name, entry.label, float(wires.x_m[i]), float(wires.z_m[i]))

    def _reading(self, path: Path, entry: schema.ReadingEntry) -> Reading:
        self.look_up((*path, "measure"), "measure", entry.measure, list(MEASURES))
        measure = MEASURES[entry.measure]
        needs = " and ".join(f"'{need}'" for need in measure.needs)
        for key in measure.needs:
            if getattr(entry, key) is None:
                raise self.error(path, f"'{key}' is missing; {entry.measure} needs {needs}")
        places: dict[str, Any] = {}
        for key in NEEDS:
            name = getattr(entry, key)
            if name is None:
                continue
            if key not in measure.needs:
                raise self.error((*path, key), f"found '{name}'; {entry.measure} takes no '{key}'")
            known: Mapping[str, Patch | Wire] = self.patches if key in NEEDS[:2] else self.wires
            self.look_up((*path, key), "wire" if "wire" in key else "patch", name, list(known))
            places[key] = known[name]
        return Reading(
            entry.name,
            entry.label,
            entry.measure,
            places.get("patch"),
            places.get("re"),
            places.get("wire"),
            places.get("re_wire"),
            decimals=measure.decimals,
        )

    # --- scenes ----------------------------------------------------------------------------------

    def scene(
        self, path: Path, entry: schema.SceneEntry, base: Scene, phantom: Any, probe: Probe
    ) -> Scene:
        """`base` with what the entry names changed, inside what phantom and probe allow."""
        degree = math.pi / 180
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
            if value is None:
                continue
            lowest, highest = low / unit, high / unit
            if not lowest - 1e-6 <= value <= highest + 1e-6:
                said = "mm" if key.endswith("mm") else "degrees"
                raise self.error(
                    (*path, key),
                    f"found {value:g}; phantom {phantom.name} allows {lowest:g} to {highest:g} "
                    f"{said}",
                )
            moves[field] = value * unit
        knobs, settings = (*path, "knobs"), base.settings
        if entry.preset is not None:
            preset = self.checked((*path, "preset"), lambda: find_preset(entry.preset or ""))
            settings = fitted_to_probe(preset.applied_to(settings), probe)
        settings = self.checked(knobs, lambda: settings.turned(**entry.knobs))
        self.checked(knobs, lambda: check_for_probe(settings, probe))
        return Scene(replace(base.pose, **moves), settings)

    def route(
        self, path: Path, entries: Sequence[schema.SceneEntry], start: Scene
    ) -> tuple[Scene, ...]:
        """Scenes after each of several changes, each from the one before."""
        scenes, here = [], start
        for i, entry in enumerate(entries):
            before, here = here, self.scene((*path, i), entry, here, self.phantom, self.probe)
            if here == before:
                raise self.error((*path, i), "changes nothing; turn a knob or move the probe")
            scenes.append(here)
        return tuple(scenes)

    def moves(
        self, path: Path, entries: Sequence[schema.MoveEntry], start: Scene
    ) -> tuple[Move, ...]:
        """The moves of an example. A move may only say something about the picture as it is."""
        moves, here = [], start
        for i, entry in enumerate(entries):
            here = self.scene((*path, i), entry, here, self.phantom, self.probe)
            moves.append(Move(here, entry.say, entry.seconds))
        return tuple(moves)

    # --- goals and questions -------------------------------------------------------------------

    def goal(self, path: Path, entry: schema.GoalEntry) -> Goal:
        reading = self.reading_called((*path, "reading"), entry.reading)
        low, high = -math.inf, math.inf
        if entry.between is not None:
            if entry.at_least is not None or entry.at_most is not None:
                raise self.error(path, "has 'between' and another bound; one of them is enough")
            low, high = self.ordered((*path, "between"), entry.between)
        low = low if entry.at_least is None else entry.at_least
        high = high if entry.at_most is None else entry.at_most
        if low == -math.inf and high == math.inf:
            raise self.error(path, "has no bound; give 'at_least', 'at_most' or 'between'")
        if low > high:
            raise self.error(path, f"found at_least {low:g} and at_most {high:g}; none fits both")
        if "{value}" not in entry.unmet:
            raise self.error((*path, "unmet"), "must say the number: put {value} where it goes")
        return Goal(reading, low, high, entry.unmet)

    def reading_called(self, path: Path, name: str) -> Reading:
        self.look_up(path, "reading", name, list(self.readings))
        return self.readings[name]

    def question(self, path: Path, entry: schema.Question) -> tuple[str, tuple[Choice, ...]]:
        """What is asked, and the answers: the file's own or those of an item of the bank."""
        if entry.item is not None:
            if entry.ask is not None or entry.choices is not None:
                raise self.error(path, "has 'item' and 'ask' or 'choices'; one is enough")
            items = self.checked((*path, "item"), lambda: load_bank().items)
            self.look_up((*path, "item"), "question of the bank", entry.item, list(items))
            item = items[entry.item]
            return item.stem, tuple(
                Choice(option.text, option.correct, option.explanation)
                for option in present(item, 0).options
            )
        for key in ("ask", "choices"):
            if getattr(entry, key) is None:
                raise self.error(
                    (*path, key),
                    "is missing; a question has 'ask' and 'choices', or an 'item' of the bank",
                )
        assert entry.ask is not None
        assert entry.choices is not None
        return entry.ask, self._choices(path, entry.choices)

    def _choices(self, path: Path, entries: list[schema.ChoiceEntry]) -> tuple[Choice, ...]:
        n_correct = sum(entry.correct for entry in entries)
        if n_correct != 1:
            raise self.error(
                (*path, "choices"), f"{n_correct} are marked correct; exactly one must be"
            )
        choices = []
        for i, entry in enumerate(entries):
            needed, other = ("why", "why_not") if entry.correct else ("why_not", "why")
            if getattr(entry, other) is not None:
                raise self.error((*path, "choices", i), f"has '{other}'; needs '{needed}' instead")
            why = getattr(entry, needed)
            if why is None:
                raise self.error((*path, "choices", i), f"'{needed}' is missing")
            choices.append(Choice(entry.text, entry.correct, why))
        return tuple(choices)

    # --- saying what is wrong ------------------------------------------------------------------

    def each(self, kind: str, entries: Iterable[Any], make: Callable[[Path, Any], _T]) -> list[_T]:
        """What `make` makes of each entry that is right; the others are noted in `faults`."""
        made = []
        for i, entry in enumerate(entries):
            try:
                made.append(make((kind, i), entry))
            except ContentError as error:
                self.faults += faults_of(error)
        return made

    def one(self, key: str, make: Callable[[Path], _T]) -> _T | None:
        """What `make` makes of the entry called `key`; None, and noted, if it is wrong."""
        try:
            return make((key,))
        except ContentError as error:
            self.faults += faults_of(error)
            return None

    def raise_faults(self) -> None:
        """Raise ManyFaultsError if anything was wrong so far."""
        if self.faults:
            raise ManyFaultsError(self.faults)

    def no_name_twice(self, kind: str, entries: Iterable[Any]) -> None:
        seen: set[str] = set()
        for i, entry in enumerate(entries):
            if entry.name in seen:
                error = self.error(
                    (kind, i, "name"),
                    f"found '{entry.name}' again; every {kind} needs a name of its own",
                )
                self.faults.append(str(error))
            seen.add(entry.name)

    def ordered(self, path: Path, ends: list[float]) -> tuple[float, float]:
        low, high = ends
        if low >= high:
            raise self.error(path, f"found {ends}; the first number must be the smaller one")
        return low, high

    def look_up(self, path: Path, kind: str, name: str, allowed: Sequence[str]) -> None:
        if name not in allowed:
            raise self.error(path, unknown(kind, name, allowed))

    def checked(self, path: Path, make: Callable[[], _T]) -> _T:
        """What `make` returns; its ValueError or TypeError as a message about this entry."""
        try:
            return make()
        except (ValueError, TypeError) as error:
            raise self.error(path, str(error)) from None

    def error(self, path: Path, problem: str) -> ContentError:
        return ContentError(f"{self.toml_file}: {_entry_name(self.content, path)}: {problem}")

    phantom: Any
    probe: Probe


def links_in(markdown: str) -> list[str]:
    """Where links and figures of a text lead."""
    return _LINK.findall(markdown)


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
