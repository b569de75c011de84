"""The angle between the middle of the beam and the fibres at the focus, and how to make it 90°."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from phantoms.contact import Contact
from phantoms.curves import Points
from phantoms.surfaces import FIBRES, kinds_of
from physics.geometry import Pose

PERPENDICULAR_RAD = math.radians(3.0)
"""Fibres this near to a right angle are called perpendicular, others oblique. Chosen for
teaching."""
LONG_RAD, SHORT_RAD = math.radians(15.0), math.radians(75.0)
"""An image plane less than this off the fibres shows their long axis, more than that their short
axis. Chosen for teaching."""
SEARCH_M = 2e-3
"""Fibres this far above or below the focus still count."""
_N_SEARCH = 17


@dataclass(frozen=True)
class FibreAngle:
    """What the central beam meets at the focus.

    region : name of the fibrous region, empty if there is none.
    off_rad : angle between beam and fibres short of 90 degrees, >= 0.
    plane_rad : angle between the image plane and the fibres as seen along the beam, 0 to pi / 2.
    cure : field of `Pose` that makes the angle 90 degrees (`rock_rad` or `tilt_rad`), empty if none
    does. cure_rad : by how much it has to change. within : whether the phantom allows that.
    fibre : unit vector (X, Y, Z) along the fibres in the body. depth_m : where on the beam, m.
    """

    region: str
    off_rad: float = 0.0
    plane_rad: float = 0.0
    cure: str = ""
    cure_rad: float = 0.0
    within: bool = True
    fibre: tuple[float, float, float] = (1.0, 0.0, 0.0)
    depth_m: float = 0.0

    @property
    def is_perpendicular(self) -> bool:
        return bool(self.region) and self.off_rad <= PERPENDICULAR_RAD

    @property
    def is_long_axis(self) -> bool:
        return self.plane_rad <= LONG_RAD

    @property
    def is_short_axis(self) -> bool:
        return self.plane_rad >= SHORT_RAD


def fibre_angle(
    phantom: Any, pose: Pose, focus_m: float, ranges: dict[str, tuple[float, float]] | None = None
) -> FibreAngle:
    """Of the fibrous region nearest to the focus on the central beam, within `SEARCH_M` of it; a
    tendon or ligament goes before muscle and fascia.

    ranges : limits of a pose's fields (`Scanner.pose_ranges`), which say whether a cure is within.

    What is pressed gives way as `phantoms.contact` says, also under a level face: where the tissue
    comes from is a guess to a fraction of a millimetre, of which fibres know nothing.
    """
    depths = focus_m + np.linspace(-SEARCH_M, SEARCH_M, _N_SEARCH)
    depths = depths[depths > 0]
    at = _at_rest(phantom, pose, depths)
    regions = phantom.region_at(at[0], at[2], at[1])
    tissues = [tissue.fibrous_per_cm_sr > 0 for tissue in phantom.tissue_of_region]
    kinds = ["", *kinds_of(phantom)]
    fibrous = np.array(tissues)[regions]
    drawn = np.array([kind == FIBRES for kind in kinds])[regions]
    fibrous = fibrous & drawn if (fibrous & drawn).any() else fibrous
    if not fibrous.any():
        return FibreAngle("")
    nearest = int(np.argmin(np.where(fibrous, np.abs(depths - focus_m), np.inf)))
    region = int(regions[nearest])
    frame = list(phantom.geometry.frames.values())[int(phantom.region_frame[region])]
    x, y, z = (part[nearest : nearest + 1].astype(np.float32) for part in at)
    fibre = frame.fibre(Points(x, z, y))[:, 0]
    cure, by_rad, within = _cure(pose, fibre, ranges)
    across, aside, deeper = pose.rotation.T @ fibre
    return FibreAngle(
        region=phantom.region_names[region],
        off_rad=math.asin(min(abs(deeper), 1.0)),
        plane_rad=math.atan2(abs(aside), abs(across)),
        cure=cure,
        cure_rad=by_rad,
        within=within,
        fibre=(float(fibre[0]), float(fibre[1]), float(fibre[2])),
        depth_m=float(depths[nearest]),
    )


def _at_rest(phantom: Any, pose: Pose, z_m: np.ndarray) -> tuple[np.ndarray, ...]:
    """Undeformed (X, Y, Z) of places on the central beam."""
    x, y, z = pose.place(np.zeros_like(z_m), 0.0, z_m)
    along, _ = pose.along_face(np.zeros_like(z_m), z_m)
    slope = math.tan(pose.rock_rad) * math.cos(pose.tilt_rad)
    contact = Contact(pose.slide_m, slope, phantom.soft_depth_m, pose.standoff_m - pose.press_m)
    depth, _ = contact.material_depth(along.astype(np.float32), z.astype(np.float32))
    return x, y, depth.astype(np.float64)


def _cure(
    pose: Pose, fibre: np.ndarray, ranges: dict[str, tuple[float, float]] | None
) -> tuple[str, float, bool]:
    """The one of heel-toe and tilt that turns the beam square to the fibres by the smaller angle.

    The beam's direction, in axes that are turned but neither tilted nor rocked, is
    (-sin r, cos r sin t, cos r cos t) with rock r and tilt t (`Pose.rotation`); its product with
    the fibre (gx, gy, gz) there is to be zero.
    """
    c, s = math.cos(pose.turn_rad), math.sin(pose.turn_rad)
    gx, gy, gz = c * fibre[0] + s * fibre[1], c * fibre[1] - s * fibre[0], fibre[2]
    rock, tilt = pose.rock_rad, pose.tilt_rad
    cures = []
    upright = math.sin(tilt) * gy + math.cos(tilt) * gz
    if abs(gx) > 1e-6:
        cures.append(("rock_rad", math.atan(upright / gx) - rock))
    size, wanted = math.hypot(gy, gz), math.tan(rock) * gx
    if size > abs(wanted):
        middle, half = math.atan2(gy, gz), math.acos(wanted / size)
        turns = [_wrapped(middle + sign * half - tilt) for sign in (1, -1)]
        cures.append(("tilt_rad", min(turns, key=abs)))
    cures = [cure for cure in cures if abs(cure[1]) < math.pi / 4]
    if not cures:
        return "", 0.0, False
    name, by_rad = min(cures, key=lambda cure: abs(cure[1]))
    if ranges is None:
        return name, by_rad, True
    low, high = ranges[name]
    there = getattr(replace(pose, **{name: getattr(pose, name) + by_rad}), name)
    return name, by_rad, bool(low - 1e-9 <= there <= high + 1e-9)


def _wrapped(angle_rad: float) -> float:
    return math.remainder(angle_rad, 2 * math.pi)


def plain_name(region: str) -> str:
    """`supraspinatus_tendon` as it is written for a reader."""
    return region.replace("_", " ").capitalize()
