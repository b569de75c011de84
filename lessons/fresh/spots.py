"""Questions answered by a place on the picture: by a letter on paper, by a click on the screen.

The right place is worked out from the geometry of the phantom, not from the picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Choice, Generator
from lessons.fresh.pictures import base_pose
from lessons.fresh.scene import Mark, Scene, Spot
from lessons.questions import Option
from phantoms import load_phantom
from physics.geometry import Pose

LETTERS = "ABCDE"
Pair = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """A place of the body, mm, and what an answer that chooses it is told."""

    x_mm: float
    z_mm: float
    why: str
    misconception: str | None = None


def on_picture(
    draw: Draw,
    stem: str,
    scene: Scene,
    pose: Pose,
    places: Sequence[Place],
    tolerance_mm: float,
) -> Choice:
    """The first place is the right one; letters are given by lot."""
    order = draw.some(range(len(places)), len(places))
    marks, options, spot = [], [], None
    for letter, i in zip(LETTERS, order, strict=False):
        x, z = (
            float(p)
            for p in pose.to_probe(np.array(places[i].x_mm * 1e-3), np.array(places[i].z_mm * 1e-3))
        )
        marks.append(Mark("cross", x, z, letter))
        options.append(
            Option(
                text=f"Cross {letter}",
                explanation=places[i].why,
                correct=i == 0,
                misconception=places[i].misconception,
            )
        )
        if i == 0:
            spot = Spot(x, z, tolerance_mm * 1e-3)
    scene = replace(scene, marks=tuple(marks))
    return Choice(stem, tuple(options), (scene,), spot, in_order=True)


def extent_mm(phantom: str, region: str, x_mm: float, z_mm: tuple[float, float]) -> Pair:
    """Top and bottom of a region straight below x, mm; ValueError if it is not there."""
    found = load_phantom(phantom)
    z = np.arange(z_mm[0], z_mm[1], 0.02)
    inside = found.region_at(np.array(x_mm * 1e-3), z * 1e-3) == found.region_names.index(region)
    if not inside.any():
        raise ValueError(f"{phantom} has no {region} at {x_mm:g} mm")
    return float(z[inside][0]), float(z[inside][-1])


def _begin(
    draw: Draw, phantom: str, slide: Pair, view: str | None = None, **knobs: Any
) -> tuple[Scene, Pose]:
    at = draw.grid(*slide, 0.5)
    scene = Scene(phantom, view, (("slide_mm", at),), tuple(knobs.items()), 1 + draw.below(10**6))
    return scene, replace(base_pose(phantom, view), slide_m=at * 1e-3)


def _enhanced(draw: Draw) -> Choice:
    scene, pose = _begin(
        draw, "block_enhancement", (-4, 4), frequency_mhz=draw.choice((9, 10, 11, 12))
    )
    x = draw.grid(-8, -2, 1)
    top, bottom = extent_mm("block_enhancement", "pool", x, (0, 30))
    places = (
        Place(x, bottom + 3, "Below the fluid the sound has lost less than beside it, so the same tissue is brighter."),
        Place(x, (top + bottom) / 2, "In the fluid itself: it makes no echoes at all.", "enhancement_is_reflection"),
        Place(x, top - 2, "Above the fluid nothing has changed yet.", "depth_and_side_mixed_up"),
        Place(9, 13, "Beside the fluid, at its own depth, sound has come through the block alone."),
    )  # fmt: skip
    return on_picture(draw, "Which cross lies in tissue that is shown too bright because of what lies above it?", scene, pose, places, 2.5)  # fmt: skip


def _far_wall(draw: Draw) -> Choice:
    scene, pose = _begin(draw, "muscle_block", (0, 8), frequency_mhz=draw.choice((7, 8, 9)))
    top, bottom = extent_mm("muscle_block", "cyst", 11, (8, 30))
    places = (
        Place(11, bottom, "The far wall: it faces the beam, and is the lower border of the fluid."),
        Place(11, top, "This is the near wall, which the sound meets first.", "depth_and_side_mixed_up"),
        Place(11, bottom + 5, "Tissue below the cyst, brightened by enhancement.", "enhancement_is_fluid"),
        Place(11, (top + bottom) / 2, "Fluid in the middle of the cyst: no wall is here.", "shadow_and_fluid_mixed_up"),
    )  # fmt: skip
    return on_picture(draw, "Which cross marks the far wall of the cyst, where its enhancement begins?", scene, pose, places, 0.8)  # fmt: skip


def _mirrored(draw: Draw) -> Choice:
    scene, pose = _begin(draw, "block_mirror", (-2, 5), frequency_mhz=draw.choice((6, 7)))
    what, (x, z) = draw.choice((("cyst", (4.0, 12.0)), ("wire", (10.0, 16.0))))
    far_x, far_z = _reflected(x, z)
    name = {"cyst": "the dark disc", "wire": "the bright point"}[what]
    places = (
        Place(far_x, far_z, "As far below the plate as the real one lies above it, at a right angle to the plate."),
        Place(x, z, "This is the real one: the sound came straight to it.", "artefact_is_real"),
        Place(x, 2 * (21.65 + 0.364 * x) - z, "Straight below, as if the plate were level; a mirror counts at a right angle to itself.", "beams_are_straight"),
        Place(-12, 17.3, "The plate itself, which is the mirror."),
    )  # fmt: skip
    return on_picture(draw, f"A smooth plate slopes across the picture. Which cross marks the mirror image of {name} above it?", scene, pose, places, 1.2)  # fmt: skip


def _reflected(x_mm: float, z_mm: float) -> Pair:
    """The place mirrored at the plate of `block_mirror`, whose curve its file gives."""
    (x0, z0), (x1, z1) = (-120.0, -22.03), (120.0, 65.33)
    along = np.array([x1 - x0, z1 - z0]) / np.hypot(x1 - x0, z1 - z0)
    offset = np.array([x_mm - x0, z_mm - z0])
    mirrored = np.array([x0, z0]) + 2 * (offset @ along) * along - offset
    return float(mirrored[0]), float(mirrored[1])


def _first_reverberation(draw: Draw) -> Choice:
    scene, pose = _begin(draw, "block_reverberation", (-8, 8), frequency_mhz=draw.choice((7, 8, 9)))
    x = pose.slide_m * 1e3
    places = (
        Place(x - 8, 20.1, "The first line below both plates: the sound went between them once more."),
        Place(x - 3, 10, "The upper plate: a real surface.", "artefact_is_real"),
        Place(x + 3, 15, "The lower plate: a real surface, 5 mm deeper.", "artefact_is_real"),
        Place(x + 8, 25.2, "A reverberation too, but the second: two more bounces."),
    )  # fmt: skip
    return on_picture(draw, "Two plates lie in this block, and nothing else. Which cross marks the first line that is no plate?", scene, pose, places, 1.0)  # fmt: skip


_TARGETS = {-34.0: 3, -46.0: -3, -58.0: -6}
"""Grey targets of `qa_block` by X, mm, and their level, dB (its file)."""


def _target(draw: Draw) -> Choice:
    scene, pose = _begin(draw, "qa_block", (-47, -45), frequency_mhz=draw.choice((6, 7, 8)), dynamic_range_db=draw.choice((46, 50)), compound_angles="5")  # fmt: skip
    wanted = draw.choice(list(_TARGETS))
    others = [x for x in _TARGETS if x != wanted]

    def told(level: int) -> str:
        return f"This target is {'+' if level > 0 else chr(0x2212)}{abs(level)} dB against the block around it."

    places = (
        Place(wanted, 30, told(_TARGETS[wanted])),
        *(Place(x, 30, told(_TARGETS[x]), "decibel_slip") for x in others),
        Place(-40, 38, "This is the block itself, 0 dB.", "speckle_is_structure"),
    )
    sign = "+" if _TARGETS[wanted] > 0 else "\N{MINUS SIGN}"
    return on_picture(draw, f"Round targets of a test block are +3, {chr(0x2212)}3 and {chr(0x2212)}6 dB against it. Which cross lies in that of {sign}{abs(_TARGETS[wanted])} dB?", scene, pose, places, 3.5)  # fmt: skip


SPOTS = [
    Generator("lo5_fresh_spot_enhanced", "LO5", 1, "apply", ("us_artifacts",), _enhanced),
    Generator("lo5_fresh_spot_far_wall", "LO5", 1, "apply", ("us_artifacts",), _far_wall),
    Generator("lo5_fresh_spot_mirror", "LO5", 2, "apply", ("us_artifacts",), _mirrored),
    Generator("lo5_fresh_spot_reverberation", "LO5", 2, "apply", ("us_artifacts",), _first_reverberation),
    Generator("lo8_fresh_spot_target", "LO8", 3, "apply", ("cirs040",), _target),
]  # fmt: skip
