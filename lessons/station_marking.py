"""Marks that follow from what a candidate did: pure functions of a log of events.

The window writes the log (it lists what every event must hold); nothing here looks at a clock or
at a picture. Knobs and parts of the pose are named and valued as on screen.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from lessons import station_rules as rules
from lessons.echo_measures import level_db
from lessons.sight import Sight
from lessons.stations import OF_THE_PROGRAM, Award, Scene, Station
from physics.frame import Frame
from physics.settings import KNOBS

LEAST_ANGLED_DEG = 5.0
"""Less heel-toe and tilt than this searches for nothing; chosen for teaching (a tendon turns
iso-echoic to muscle 2 to 7 degrees off: Crass et al., Radiology 1988;167:499)."""
LATE_S = 1.0
"""Events so much after time is up still count: a click needs its time; chosen."""

_NOT_ACTING = frozenset(
    {"gain_db", "tgc_db", "dynamic_range_db", "persistence", "speckle_reduction", "rejection_db",
     "edge_enhancement", "grey_map"}
)  # fmt: skip
"""Knobs that change no level: those of `measures.acting_on_levels`."""

_DEGREE = math.pi / 180
_POSE_PARTS = {
    "slide_mm": ("slide_m", 1e-3),
    "slide_y_mm": ("slide_y_m", 1e-3),
    "turn_deg": ("turn_rad", _DEGREE),
    "tilt_deg": ("tilt_rad", _DEGREE),
    "rock_deg": ("rock_rad", _DEGREE),
    "standoff_mm": ("standoff_m", 1e-3),
    "press_mm": ("press_m", 1e-3),
}
"""Field of `Pose` and its unit, by the name on screen."""
_ANGLES = ("rock_deg", "tilt_deg")

Value = float | str | tuple[float, ...]


@dataclass(frozen=True)
class KnobTurned:
    """A knob now has this display value."""

    at_s: float
    knob: str
    value: Value


@dataclass(frozen=True)
class ProbeMoved:
    """A part of the pose (`rock_deg`) now has this value."""

    at_s: float
    part: str
    value: float


@dataclass(frozen=True)
class ProbeChosen:
    """Another probe was plugged in."""

    at_s: float
    probe: str


@dataclass(frozen=True)
class LevelSeen:
    """A settled picture was shown, with this level of the target; NaN where it is out of view."""

    at_s: float
    level_db: float


@dataclass(frozen=True)
class Measurement:
    """A caliper was set or moved: distance in mm, ellipse in mm^2, angle in degrees."""

    at_s: float
    tool: str
    value: float


@dataclass(frozen=True)
class ImageSaved:
    """The picture shown was stored."""

    at_s: float
    level_db: float = math.nan
    n_label: int = 0
    """Notes, arrows and body marks on it."""


Event = KnobTurned | ProbeMoved | ProbeChosen | LevelSeen | Measurement | ImageSaved


@dataclass(frozen=True)
class Given:
    """What the program gives for one award of the sheet."""

    award: Award
    earned: bool

    @property
    def marks(self) -> int:
        return self.award.marks if self.earned else 0


@dataclass(frozen=True)
class _Picture:
    """An image saved, with the state it was made in."""

    probe: str
    knobs: Mapping[str, Value]
    pose: Mapping[str, float]
    level_db: float
    n_label: int
    angled_deg: float
    """Widest range of heel-toe or tilt until then."""


@dataclass
class _Run:
    """The log, read once from front to back."""

    pictures: list[_Picture] = field(default_factory=list)
    range_of: dict[str, tuple[float, float]] = field(default_factory=dict)
    measured: list[Measurement] = field(default_factory=list)
    best_db: dict[tuple[object, ...], float] = field(default_factory=dict)
    """Highest level of the target, by all that levels depend on."""

    def note(self, key: tuple[object, ...], level_db: float) -> None:
        if level_db > self.best_db.get(key, -math.inf):  # never so for NaN
            self.best_db[key] = level_db

    def below_best_db(self, picture: _Picture) -> float:
        """Re the best of the whole run: the dark picture may be saved before the bright one."""
        key = _levels_key(picture.probe, picture.knobs)
        return self.best_db.get(key, math.nan) - picture.level_db


def mark_station(station: Station, events: Iterable[Event]) -> tuple[Given, ...]:
    """The awards that the program decides, in the order of the sheet.

    Events after time is up do not count. What was not saved was not shown: without an image no
    setting earns a mark. Of measurements the last with a tool counts.
    """
    run = _read(station.start, [e for e in events if e.at_s <= station.limit_s + LATE_S])
    return tuple(
        Given(award, award.rule is not None and _holds(award.rule, run))
        for award in station.awards
        if award.part in OF_THE_PROGRAM
    )


def awarded(given: Sequence[Given], examiner: Mapping[str, int] | None = None) -> dict[str, int]:
    """Marks by award key, those of the examiner added; for `StationRun.awarded` and the sheet."""
    return {one.award.key: one.marks for one in given} | dict(examiner or {})


def target_level_db(station: Station, frame: Frame, region_names: Sequence[str]) -> float:
    """Level of the station's target in a picture, for `LevelSeen` and `ImageSaved`."""
    return level_db(Sight(frame, region_names), station.target)


def events_between(at_s: float, before: Scene, after: Scene) -> list[Event]:
    """What was done to the scanner between two of its states; for whoever writes the log."""
    events: list[Event] = []
    if after.probe != before.probe:
        events.append(ProbeChosen(at_s, after.probe))
    old, new = before.settings.to_display(), after.settings.to_display()
    events += [KnobTurned(at_s, knob, new[knob]) for knob in KNOBS if new[knob] != old[knob]]
    was, now = shown_pose(before), shown_pose(after)
    events += [ProbeMoved(at_s, part, now[part]) for part in now if now[part] != was[part]]
    return events


def shown_pose(scene: Scene) -> dict[str, float]:
    """Every part of a scene's pose as on screen."""
    return {name: getattr(scene.pose, part) / unit for name, (part, unit) in _POSE_PARTS.items()}


def _read(start: Scene, events: Sequence[Event]) -> _Run:
    probe = start.probe
    knobs: dict[str, Value] = dict(start.settings.to_display())
    pose = shown_pose(start)
    run = _Run(range_of={part: (value, value) for part, value in pose.items()})
    for event in events:
        match event:
            case KnobTurned():
                knobs[event.knob] = event.value
            case ProbeChosen():
                probe = event.probe
            case ProbeMoved():
                pose[event.part] = event.value
                low, high = run.range_of[event.part]
                run.range_of[event.part] = min(low, event.value), max(high, event.value)
            case Measurement():
                run.measured.append(event)
            case LevelSeen():
                run.note(_levels_key(probe, knobs), event.level_db)
            case ImageSaved():
                run.note(_levels_key(probe, knobs), event.level_db)
                angled = max(run.range_of[part][1] - run.range_of[part][0] for part in _ANGLES)
                run.pictures.append(
                    _Picture(probe, dict(knobs), dict(pose), event.level_db, event.n_label, angled)
                )
    return run


def _levels_key(probe: str, knobs: Mapping[str, Value]) -> tuple[object, ...]:
    """Levels compare while this stays the same."""
    return (probe, *(knobs.get(name) for name in KNOBS if name not in _NOT_ACTING))


def _holds(rule: rules.Rule, run: _Run) -> bool:
    last = run.pictures[-1] if run.pictures else None
    match rule:
        case rules.All():
            return all(_holds(one, run) for one in rule.of)
        case rules.Swept():
            low, high = run.range_of.get(rule.pose, (0.0, 0.0))
            return high - low >= rule.at_least
        case rules.Measured():
            own = [m.value for m in run.measured if m.tool == rule.tool]
            return bool(own) and rule.low <= own[-1] <= rule.high
        case rules.Labelled():
            return any(p.n_label >= rule.at_least for p in run.pictures)
        case rules.Saved():
            return len(run.pictures) >= rule.at_least
        case rules.PoseBetween():
            return any(rule.low <= p.pose[rule.pose] <= rule.high for p in run.pictures)
        case rules.TargetDark():
            return any(run.below_best_db(p) >= rule.below_db for p in run.pictures)
    if last is None:
        return False
    match rule:
        case rules.ProbeIs():
            return last.probe in rule.probes
        case rules.KnobIs():
            return last.knobs[rule.knob] in rule.choices
        case rules.KnobBetween():
            value = last.knobs[rule.knob]
            numbers = value if isinstance(value, tuple) else (value,)
            return all(rule.low <= float(number) <= rule.high for number in numbers)
        case rules.TargetBright():
            return run.below_best_db(last) <= rule.within_db and last.angled_deg >= LEAST_ANGLED_DEG
    raise AssertionError(rule)


assert set(_POSE_PARTS) == set(get_args(rules.PosePart))
