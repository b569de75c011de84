"""Numbers read from a picture: named pure functions of a `Frame`.

Levels are taken from the echoes before gain and TGC sliders, so turning those changes no
measure. What the scanner adds by itself against the average loss of soft tissue is added
here too, so that tissues at different depths compare as they do on its screen.

The medium in the frame says which echo belongs to which tissue. The scanner shows places
wrong by what the speed of sound in the tissue differs from 1540 m/s (half a millimetre at
the deep side of a tendon), so a patch keeps away from the surfaces round it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lessons.lesson import Patch, Reading
from physics.frame import Frame
from physics.settings import ScanSettings

_LEAST_AREA_M2 = 2e-6
"""A patch with less than this in the picture is not measured: 2 mm^2 hold about 40
independent speckles at 10 MHz, and the mean of 40 is uncertain by 0.7 dB."""

_BORDER_M = 0.5e-3
"""A patch leaves out what is nearer than this to another tissue: see above."""

_ANY = ScanSettings()

_MEDIAN_TO_MEAN_DB = 10.0 * math.log10(1.0 / math.log(2.0))
"""Mean re median of the power of speckle (which is exponentially distributed), dB."""


@dataclass(frozen=True)
class Measure:
    """What a measure is called on screen and what it needs."""

    name: str
    unit: str
    meaning: str
    is_difference: bool = False
    """Compares the patch with a second one (`re`)."""
    is_re_best: bool = False
    """Compares the patch with the best level it has shown in this run of the lesson."""


MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("level_db", "dB", "echo level of speckle, re a perfect mirror 20 mm deep"),
        Measure("level_difference_db", "dB", "echo level re that of another patch",
                is_difference=True),
        Measure("level_below_best_db", "dB", "how far the level lies below the best one seen",
                is_re_best=True),
    )
}  # fmt: skip


def level_db(frame: Frame, patch: Patch, region_names: Sequence[str]) -> float:
    """Echo level of a patch of tissue, dB re a perfect plane mirror 20 mm deep.

    The median of |iq|^2 after the scanner's own compensation, scaled so that for speckle it
    equals the mean power, which is the backscatter. Unlike the mean it is not swayed by
    a few bright lines: septa in muscle, a bone surface next door. NaN when too little of the
    patch is in the picture.
    """
    power = _powers_in(frame, patch, region_names)
    if power is None:
        return math.nan
    median = float(np.median(power))
    return 10.0 * math.log10(median) + _MEDIAN_TO_MEAN_DB if median > 0.0 else math.nan


def level_difference_db(level_db: float, re_level_db: float) -> float:
    """Echo level of one patch re another, dB; NaN if either is out of the picture."""
    return level_db - re_level_db


def level_below_best_db(level_db: float, best_db: float) -> float:
    """How far a level lies below `best_db`, dB: 0 at the best, positive below it.

    A level above `best_db` *is* the best, so the result is never negative; NaN stays NaN.
    """
    return math.nan if math.isnan(level_db) else max(best_db, level_db) - level_db


def acting_on_levels(settings: ScanSettings) -> ScanSettings:
    """`settings` without what no level depends on: pictures that agree in this can be compared."""
    return replace(
        settings,
        gain_db=_ANY.gain_db,
        tgc_db=_ANY.tgc_db,
        dynamic_range_db=_ANY.dynamic_range_db,
        persistence=_ANY.persistence,
        speckle_reduction=_ANY.speckle_reduction,
        rejection_db=_ANY.rejection_db,
        edge_enhancement=_ANY.edge_enhancement,
        grey_map=_ANY.grey_map,
    )


def read(reading: Reading, level_of: Callable[[Patch], float], best_db: float) -> float:
    """The number that `reading` asks for, in the unit of its measure.

    level_of : `level_db` of a patch in the picture that is read.
    best_db : highest level of `reading.patch` so far with these settings; only measures re
        the best use it.
    """
    measure, level = MEASURES[reading.measure], level_of(reading.patch)
    if measure.is_difference:
        assert reading.re_patch is not None  # the loader has checked
        return level_difference_db(level, level_of(reading.re_patch))
    if measure.is_re_best:
        return level_below_best_db(level, best_db)
    return level


def patch_distance_m(frame: Frame, patch: Patch, region_names: Sequence[str]) -> np.ndarray:
    """float64[n_x, n_z]: how far outside the patch the points of the medium's grid lie, m.

    Below zero is what is measured: well inside the patch's region and inside its windows.
    A point belongs to the last region that covers it, so later ones cut holes.
    """
    medium = frame.medium
    if len(region_names) != len(medium.distance_m):
        raise ValueError(
            f"the picture has {len(medium.distance_m)} regions, the lesson's phantom "
            f"{len(region_names)}: this is a picture of another phantom"
        )
    region = region_names.index(patch.region)
    distance = medium.distance_m[region] + _BORDER_M
    for later in medium.distance_m[region + 1 :]:
        distance = np.maximum(distance, _BORDER_M - later)
    # from the slice's upper edge: a convex face is pressed in that far
    x, z = frame.pose.to_body(medium.x_m[:, None], medium.z_m[None, :] - medium.z0_m)
    for window, place in ((patch.x_m, x), (patch.z_m, z)):
        if window is not None:
            distance = np.maximum(distance, np.maximum(window[0] - place, place - window[1]))
    return distance


def _powers_in(frame: Frame, patch: Patch, region_names: Sequence[str]) -> np.ndarray | None:
    """float64[n]: compensated |iq|^2 of the samples in the patch; None if too little is in view."""
    medium = frame.medium
    on_grid = patch_distance_m(frame, patch, region_names) < 0.0
    # nearest grid point of every line and sample; what lies beyond the grid is not in it
    x, z = frame.lines.place(frame.lines.u[:, None], frame.sample_z_m[None, :])
    i = np.rint((x - medium.x0_m) / medium.dx_m).astype(np.intp)
    j = np.rint((z - medium.z0_m) / medium.dz_m).astype(np.intp)
    n_x, n_z = on_grid.shape
    inside = (i >= 0) & (i < n_x) & (j >= 0) & (j < n_z)
    inside &= (z >= frame.top_m) & (z <= frame.bottom_m)
    inside &= on_grid[np.clip(i, 0, n_x - 1), np.clip(j, 0, n_z - 1)]

    n_least = _LEAST_AREA_M2 / (_spacing(frame.line_x_m) * _spacing(frame.sample_z_m))
    if inside.sum() < max(1.0, n_least):
        return None
    power = frame.iq.real.astype(np.float64) ** 2 + frame.iq.imag**2
    return (power * _own_gain(frame))[inside]


def _own_gain(frame: Frame) -> np.ndarray:
    """float64[n_sample]: power gain by depth with all sliders in the middle."""
    from physics.receive import tgc_curve_db  # brings the engine in, which is there by now

    settings = frame.settings
    curve_db = tgc_curve_db(
        frame.sample_z_m,
        frequency_hz=settings.frequency_hz,
        depth_m=settings.depth_m,
        tgc_db=(0.0,) * len(settings.tgc_db),
    )
    return 10.0 ** (curve_db / 10.0)


def _spacing(places_m: np.ndarray) -> float:
    return float(places_m[-1] - places_m[0]) / (len(places_m) - 1)
