"""Pictures without an engine, and a short lesson about them: flat layers of known level."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cli_fakes import FAKE_OUTPUT

from lessons.lesson import (
    Choice,
    Goal,
    Lesson,
    Patch,
    QuestionStep,
    Reading,
    ReadStep,
    Scene,
    TaskStep,
)
from phantoms.phantom import Wires
from physics.frame import Frame
from physics.geometry import Pose
from physics.medium import Slice
from physics.probe import find_probe
from physics.receive import tgc_curve_db
from physics.scan_lines import ScanLines
from physics.settings import ScanSettings

REGION_NAMES = ("muscle", "tendon")
TENDON_Z_M = (15e-3, 21e-3)
SPECKLE_DB = -10 * math.log10(math.log(2))
"""Mean re median of the power of speckle."""


@dataclass(frozen=True)
class FakePhantom:
    """Muscle with a flat tendon 15 to 21 mm deep."""

    name: str = "flat_tendon"
    title: str = "Flat tendon"
    probe: str = "L12-3"
    region_names: tuple[str, ...] = REGION_NAMES
    start_pose: Pose = field(default_factory=Pose)
    slide_range_m: tuple[float, float] = (-10e-3, 10e-3)
    rock_range_rad: tuple[float, float] = (-math.radians(15), math.radians(15))
    slide_y_range_m: tuple[float, float] = (0.0, 0.0)
    turn_range_rad: tuple[float, float] = (0.0, 0.0)
    tilt_range_rad: tuple[float, float] = (-0.5, 0.5)
    press_limit_m: float = 4e-3
    views: dict[str, Any] = field(default_factory=dict)
    wires: Wires = field(
        default_factory=lambda: Wires(np.array([0.0]), np.array([10e-3]), np.array([1.0]))
    )

    @property
    def start_settings(self) -> dict[str, Any]:
        return {"depth_mm": 40}


def fake_frame(
    level_db: Mapping[str, float] | None = None,
    *,
    pose: Pose | None = None,
    settings: ScanSettings | None = None,
    probe: str = "L12-3",
) -> Frame:
    """A picture of `FakePhantom` whose regions have these levels, dB (default 0)."""
    level_db = level_db or {}
    pose, settings = pose or Pose(), settings or ScanSettings()
    array = find_probe(probe)
    x0_m, dx_m, dz_m, n_x, n_z = -22e-3, 0.2e-3, 0.1e-3, 221, 401
    x = x0_m + np.arange(n_x)[:, None] * dx_m
    _, body_z = pose.to_body(x, np.arange(n_z)[None, :] * dz_m)
    tendon = np.maximum(TENDON_Z_M[0] - body_z, body_z - TENDON_Z_M[1])
    distance = np.stack([np.full_like(tendon, -1.0), tendon]).astype(np.float32)

    line_x_m = array.element_u
    sample_z_m = np.arange(1000) * 40e-6
    _, z = pose.to_body(line_x_m[:, None], sample_z_m[None, :])
    in_tendon = (TENDON_Z_M[0] < z) & (z < TENDON_Z_M[1])
    levels = np.where(in_tendon, level_db.get("tendon", 0.0), level_db.get("muscle", 0.0))
    phase = np.random.default_rng(3).uniform(0, 2 * np.pi, levels.shape)
    # the measures assume speckle: what they call its mean is 1.6 dB above the median
    own_db = tgc_curve_db(
        sample_z_m, frequency_hz=settings.frequency_hz, depth_m=settings.depth_m, tgc_db=(0,) * 8
    )
    amplitude = 10 ** ((levels - own_db - SPECKLE_DB) / 20)
    iq = (amplitude * np.exp(1j * phase)).astype(np.complex64)
    gain = 10 ** (settings.gain_db / 20)
    return Frame(
        picture=np.zeros((40, 40), np.uint8),
        left_m=float(line_x_m[0]),
        right_m=float(line_x_m[-1]),
        bottom_m=settings.depth_m,
        iq=iq,
        envelope=(np.abs(iq) * gain).astype(np.float32),
        line_x_m=line_x_m,
        lines=ScanLines(array.pitch_u, array.n_element),
        sample_z_m=sample_z_m,
        tgc_curve_db=np.zeros(len(sample_z_m), np.float32),
        probe=array,
        settings=settings,
        pose=pose,
        medium=_slice(x0_m, dx_m, dz_m, distance),
        frame_rate_hz=50.0,
        output=FAKE_OUTPUT,
    )


def tilted_frame(rock_rad: float, *, settings: ScanSettings | None = None) -> Frame:
    """As if the tendon lost 1.2 dB for every degree of rocking, and muscle nothing."""
    lost_db = 1.2 * abs(math.degrees(rock_rad))
    return fake_frame(
        {"tendon": -40.0 - lost_db, "muscle": -48.0}, pose=Pose(0.0, rock_rad), settings=settings
    )


def _slice(x0_m: float, dx_m: float, dz_m: float, distance_m: np.ndarray) -> Slice:
    n_region, nothing = len(distance_m), np.zeros(0)
    flat = np.zeros((1, *distance_m.shape[1:]), np.float32)
    return Slice(
        x0_m=x0_m,
        dx_m=dx_m,
        dz_m=dz_m,
        distance_m=distance_m,
        region_tissue=np.zeros(n_region, np.int32),
        region_frame=np.zeros(n_region, np.int32),
        along_m=flat,
        across_m=flat,
        region_seed=np.zeros(n_region, np.int32),
        region_backscatter=np.ones(n_region, np.float32),
        tissues=None,  # type: ignore[arg-type]  # no measure looks at it
        point_x_m=nothing,
        point_z_m=nothing,
        point_strength=nothing,
    )


TENDON = Patch("tendon", "tendon", "tendon")
MUSCLE = Patch("muscle", "muscle", "muscle")
DROP = Reading("drop", "tendon below its best", "level_below_best_db", TENDON)
MUSCLE_DROP = Reading("muscle_drop", "muscle below its best", "level_below_best_db", MUSCLE)
CONTRAST = Reading("contrast", "tendon re muscle", "level_difference_db", TENDON, MUSCLE)


def scene(rock_deg: float) -> Scene:
    """A scene of `LESSON` with the probe rocked."""
    return Scene(Pose(0.0, math.radians(rock_deg)), ScanSettings())


LESSON = Lesson(
    name="tilt",
    title="Tilt",
    summary="Tilt a tendon.",
    phantom="flat_tendon",
    probe="L12-3",
    start=scene(0),
    readings=(DROP, MUSCLE_DROP, CONTRAST),
    steps=(
        QuestionStep(
            "predict", "Predict", "text", ask="What?",
            choices=(Choice("no", False, "because not"), Choice("yes", True, "because so")),
        ),
        TaskStep(
            "cause", "Cause", "text", shows=(DROP, CONTRAST), ask="Rock.",
            goals=(
                Goal(DROP, 10.0, math.inf, "Only {value} so far."),
                Goal(MUSCLE_DROP, -math.inf, 3.0, "The muscle fell too, by {value}."),
            ),
            hint="further", reason="angle", solution=scene(12),
        ),
        ReadStep("compare", "Compare", "text", shows=(CONTRAST,)),
        TaskStep(
            "cure", "Cure", "text", shows=(DROP,), start=scene(-10), ask="Back.",
            goals=(Goal(DROP, -math.inf, 2.0, "Still {value} below."),),
            hint="back", reason="angle", solution=scene(0),
        ),
    ),
)  # fmt: skip
