"""Questions about a picture of the table of artefacts, or of that of knobs turned wrong.

The tables (`artefacts.toml`, `faults.toml`) say what is to be seen where; the picture itself comes from
the engine, with its own place of the probe, knobs and tissue for each seed.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
from pydantic import Field

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Choice, Generator
from lessons.fresh.scene import Mark, Scene
from lessons.questions import Option, Outcome, Words
from phantoms import load_phantom
from phantoms.checked import Entry, Name, check, parse_toml
from physics.geometry import Pose

N_WRONG = 3
_MOST_SEED = 1_000_000
Pair = tuple[float, float]


class Case(Entry):
    """A phantom on which an artefact is to be seen, and where."""

    phantom: Name
    view: Name | None = None
    slide_mm: Pair
    at_mm: Pair
    in_picture: bool = False
    """`at_mm` is of the picture, not of the body."""
    follows: bool = False
    """`at_mm` is a depth seen everywhere: the arrow points to it near the middle of the picture."""
    knobs: dict[Name, tuple[Any, ...]] = Field(default_factory=dict)


class Artefact(Entry):
    """What an artefact is called, how it is recognised, and where it is to be seen."""

    name: Name
    title: Words
    sign: Words
    cause: Words
    because: Words
    source: tuple[Name, ...]
    outcome: Outcome = "LO5"
    not_with: tuple[Name, ...]
    note: str = ""
    case: Annotated[tuple[Case, ...], Field(min_length=1)]


class Fault(Entry):
    """One knob turned wrong, and what cures it."""

    name: Name
    remedy: Words
    sign: Words
    source: tuple[Name, ...]
    turns: dict[Name, tuple[Any, ...]]
    on: tuple[Name, ...]
    not_with: tuple[Name, ...]


class ArtefactFile(Entry):
    """All of `artefacts.toml`."""

    format: Literal[1]
    artefact: tuple[Artefact, ...]


class FaultFile(Entry):
    """All of `faults.toml`."""

    format: Literal[1]
    fault: tuple[Fault, ...]


@cache
def artefacts() -> tuple[Artefact, ...]:
    """The table of artefacts; ContentError for the first thing that is wrong with it."""
    return check(ArtefactFile, *_read("artefacts.toml")).artefact


@cache
def faults() -> tuple[Fault, ...]:
    """The table of faults; ContentError for the first thing that is wrong with it."""
    return check(FaultFile, *_read("faults.toml")).fault


def picture_generators() -> list[Generator]:
    """Two generators for each artefact, "which?" and "why?", and one for each fault."""
    made = []
    for artefact in artefacts():
        prefix = f"{artefact.outcome.lower()}_fresh"
        made.append(
            Generator(
                f"{prefix}_picture_{artefact.name}", artefact.outcome, 1, "analyse",
                artefact.source, partial(which_artefact, artefact=artefact),
            )
        )  # fmt: skip
        made.append(
            Generator(
                f"{prefix}_cause_{artefact.name}", artefact.outcome, 2, "analyse",
                artefact.source, partial(why_artefact, artefact=artefact),
            )
        )  # fmt: skip
    for fault in faults():
        made.append(
            Generator(
                f"lo4_fresh_knob_{fault.name}", "LO4", 2, "analyse", fault.source,
                partial(which_knob, fault=fault),
            )
        )  # fmt: skip
    return made


def which_artefact(draw: Draw, artefact: Artefact) -> Choice:
    """A picture with an arrow, and what the artefact is called."""
    scene = scene_of(draw, draw.choice(artefact.case))
    options = tuple(
        Option(text=one.title, explanation=one.sign, correct=one is artefact)
        for one in (artefact, *_others(draw, artefact, artefacts()))
    )
    return Choice(_noted(artefact.note, "Which artefact is at the arrow?"), options, (scene,))


def why_artefact(draw: Draw, artefact: Artefact) -> Choice:
    """A picture with an arrow, and where the artefact comes from."""
    scene = scene_of(draw, draw.choice(artefact.case))
    options = tuple(
        Option(text=one.cause, explanation=one.because, correct=one is artefact)
        for one in (artefact, *_others(draw, artefact, artefacts()))
    )
    stem = _noted(artefact.note, "Why does the picture look as it does at the arrow?")
    return Choice(stem, options, (scene,))


def which_knob(draw: Draw, fault: Fault) -> Choice:
    """A picture with one knob turned wrong, and what to turn first."""
    phantom = load_phantom(draw.choice(fault.on))
    knobs = tuple((name, draw.choice(values)) for name, values in fault.turns.items())
    knobs = tuple((name, tuple(v) if isinstance(v, list) else v) for name, v in knobs)
    slide = round(base_pose(phantom.name, None).slide_m * 1e3 + draw.grid(-1, 1, 0.5), 3)
    low, high = (round(limit * 1e3, 6) for limit in phantom.slide_range_m)
    pose = (("slide_mm", min(max(slide, low), high)),)
    scene = Scene(phantom.name, None, pose, knobs, 1 + draw.below(_MOST_SEED))
    options = tuple(
        Option(text=one.remedy, explanation=one.sign, correct=one is fault)
        for one in (fault, *_others(draw, fault, faults()))
    )
    return Choice("One control is set wrong. What would you do first?", options, (scene,))


def scene_of(draw: Draw, case: Case) -> Scene:
    """The case, with its place, knobs and tissue drawn, and the arrow where the artefact then is."""
    slide = draw.grid(*case.slide_mm, 0.5)
    knobs = tuple((name, draw.choice(values)) for name, values in case.knobs.items())
    pose = replace(base_pose(case.phantom, case.view), slide_m=slide * 1e-3)
    x, z = (mm * 1e-3 for mm in case.at_mm)
    if case.follows:
        x = pose.slide_m + draw.grid(-6, 6, 2) * 1e-3
    if not case.in_picture:
        x, z = (float(p) for p in pose.to_probe(np.array(x), np.array(z)))
    scene = Scene(case.phantom, case.view, (("slide_mm", slide),), knobs)
    return replace(scene, seed=1 + draw.below(_MOST_SEED), marks=(Mark("arrow", x, z),))


def base_pose(phantom_name: str, view: str | None) -> Pose:
    """Where a view of the phantom has the probe; None: where it is opened."""
    phantom = load_phantom(phantom_name)
    return phantom.start_pose if view is None else phantom.standard_view(view).pose


Row = TypeVar("Row", Artefact, Fault)


def _others(draw: Draw, row: Row, rows: Sequence[Row]) -> list[Row]:
    """Rows that can be offered beside this one: neither of them forbids it."""
    fit = [
        other
        for other in rows
        if other is not row and other.name not in row.not_with and row.name not in other.not_with
    ]
    return draw.some(fit, N_WRONG)


def _noted(note: str, question: str) -> str:
    return f"{note} {question}" if note else question


def _read(name: str) -> tuple[dict[str, Any], str]:
    shown_as = f"lessons/fresh/{name}"
    content = resources.files("lessons").joinpath("fresh", name).read_bytes()
    return parse_toml(content, shown_as), shown_as
