"""Reading phantom files: the library, and what must hold for a file to be used."""

import hashlib
import math
import zlib
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from phantoms.build import MM, build_geometry
from phantoms.catalogue import Source, find_file, read_source
from phantoms.checked import ContentError, check, unknown
from phantoms.contact import MAX_SQUEEZE, STILL_M
from phantoms.curves import Points
from phantoms.description import (
    GEL,
    POSE_KEYS,
    DiscEntry,
    EllipseEntry,
    LabelEntry,
    LimitsEntry,
    PhantomEntry,
    StartEntry,
    VolumeEntry,
)
from phantoms.phantom import DEEPEST_M, Label, Phantom, StandardView, Wires
from phantoms.presets import find_preset
from phantoms.tissue import REFERENCE_MHZ, TISSUE_FILE, find_tissue, load_tissues, pack
from phantoms.vessels import LEAST_DEPTH, Vessel
from phantoms.volume import Grid, read_grid
from physics.geometry import Pose
from physics.probe import find_probe
from physics.settings import ScanSettings, check_for_probe

DEGREE = math.pi / 180
MAX_PRESS = 0.5
"""The face may be pressed in by this part of the soft tissue over bone."""
FACE_MARGIN_M = 0.022
"""Half a probe face and a little more: how far beyond the slide range tissue must reach, m."""


@cache
def load_phantom(name: str) -> Phantom:
    """The library's phantom called `name`, or that in the file at this path, which is then known
    by its stem; UnknownNameError (a ValueError) if there is none."""
    return read_phantom(find_file(name))


def read_phantom(path: Path) -> Phantom:
    """The phantom in one file; ContentError saying file, entry, what was found and allowed."""
    file = path.name
    source = read_source(path)
    entry = check(PhantomEntry, source.data, file)
    views = _views(entry, file)
    opening = next(iter(views.values()))
    names = [GEL] + [_tissue_name(r.tissue, f"{file}: region '{r.name}'") for r in entry.region]
    used = list(dict.fromkeys(names))
    region_names = ("gel", *(region.name for region in entry.region))
    twice = {n for n in region_names if region_names.count(n) > 1}
    if twice:
        raise ContentError(f"{file}: two regions are called '{min(twice)}'; names must differ")
    volumes = read_volumes(entry, source)
    geometry = build_geometry(entry, file, volumes)
    levels = [0.0] + [region.backscatter_db for region in entry.region]
    limits = entry.limits
    phantom = Phantom(
        name=path.stem,
        title=entry.title,
        summary=entry.summary,
        teaches=entry.teaches,
        region_of_body=entry.region_of_body,
        sides=MappingProxyType(entry.sides.model_dump(exclude_none=True) if entry.sides else {}),
        variant_of=entry.variant_of,
        key=_key(source.content, TISSUE_FILE.read_bytes(), *(v.key for v in volumes.values())),
        probe=opening.probe,
        start_pose=opening.pose,
        start_settings=opening.settings,
        slide_range_m=_scaled(limits.slide_mm, MM),
        rock_range_rad=_scaled(limits.rock_deg, DEGREE),
        slide_y_range_m=_scaled(limits.slide_y_mm, MM),
        turn_range_rad=_scaled(limits.turn_deg, DEGREE),
        tilt_range_rad=_scaled(limits.tilt_deg, DEGREE),
        soft_depth_m=limits.soft_to_mm * MM,
        press_limit_m=limits.press_mm * MM,
        region_names=region_names,
        region_tissue=np.array([used.index(name) for name in names], np.int32),
        region_frame=np.array([0, *geometry.shape_frames], np.int32),
        region_seed=np.array([zlib.crc32(n.encode()) >> 8 for n in region_names], np.int32),
        region_backscatter=np.array(
            [0.0 if db <= -100 else 10 ** (db / 10) for db in levels], np.float32
        ),
        tissues=pack(used),
        geometry=geometry,
        wires=Wires(np.empty(0), np.empty(0), np.empty(0)),
        labels=MappingProxyType({k: _label(v) for k, v in entry.label.items()}),
        views=MappingProxyType(views if entry.view else {}),
        vessels=tuple(vessels_of(entry, file)),
    )
    _check_filled(phantom, file)
    object.__setattr__(phantom, "wires", _wires(entry, phantom, names, file))
    return phantom


def _key(*contents: bytes | str) -> str:
    return hashlib.sha256(
        b"".join(c if isinstance(c, bytes) else c.encode() for c in contents)
    ).hexdigest()


def read_volumes(entry: PhantomEntry, source: Source) -> dict[str, Grid]:
    """Every volume file that a phantom names, from beside it or beside its parents."""
    files = dict.fromkeys(
        shape.file
        for region in entry.region
        for shape in (region.shape, *getattr(region.shape, "parts", ()))
        if isinstance(shape, VolumeEntry)
    )
    volumes = {}
    for file in files:
        beside = [folder / file for folder in source.folders if (folder / file).is_file()]
        volumes[file] = read_grid(beside[0] if beside else source.folders[0] / file)
    return volumes


def _tissue_name(name: str, where: str) -> str:
    if name not in load_tissues():
        raise ContentError(f"{where}: " + unknown("tissue", name, load_tissues()))
    return name


def _scaled(limits: tuple[float, float], unit: float) -> tuple[float, float]:
    return limits[0] * unit, limits[1] * unit


def _label(entry: LabelEntry) -> Label:
    x, *y, z = entry.at_mm
    return Label(entry.text, x, z, *y)


def _views(entry: PhantomEntry, file: str) -> dict[str, StandardView]:
    """The standard views, or [start] as the only one."""
    views = {name: view_of(entry, name, file) for name in entry.view or ["start"]}
    check_rock(entry.limits, file)
    return views


def view_of(entry: PhantomEntry, name: str, file: str) -> StandardView:
    """One standard view; `start` is that of a file without views."""
    view = entry.view[name] if entry.view else entry.start
    where = f"{file}: view '{name}'" if entry.view else f"{file}: start"
    probe = view.probe or entry.start.probe
    try:
        knobs = {**_preset_knobs(entry.start), **entry.start.knobs, **view.knobs}
        settings = ScanSettings.from_display(knobs)
        check_for_probe(settings, find_probe(probe))
    except (ValueError, TypeError) as error:
        raise ContentError(f"{where}: {error}") from None
    for key in POSE_KEYS:
        low, high = getattr(entry.limits, key)
        if not low <= getattr(view, key) <= high:
            raise ContentError(
                f"{where}, {key} is {getattr(view, key):g}; limits allow {low:g} to {high:g}"
            )
    pose = Pose(
        view.slide_mm * MM, view.rock_deg * DEGREE, view.tilt_deg * DEGREE,
        slide_y_m=view.slide_y_mm * MM, turn_rad=view.turn_deg * DEGREE,
    )  # fmt: skip
    title = getattr(view, "title", entry.title)
    look_for = getattr(view, "look_for", entry.summary)
    return StandardView(name, title, look_for, probe, pose, MappingProxyType(knobs))


def _preset_knobs(start: StartEntry) -> dict[str, Any]:
    return dict(find_preset(start.preset).knobs) if start.preset else {}


def check_rock(limits: LimitsEntry, file: str) -> None:
    """ContentError if too little tissue gives way for the steepest rock."""
    steepest = max(abs(v) for v in limits.rock_deg) * DEGREE
    needed = FACE_MARGIN_M * math.sin(steepest) / MAX_SQUEEZE / MM
    if limits.soft_to_mm < needed:
        raise ContentError(
            f"{file}: limits, soft_to_mm is {limits.soft_to_mm:g}; rocking that far needs "
            f"{needed:.1f} or more"
        )


def vessels_of(entry: PhantomEntry, file: str) -> list[Vessel]:
    """Every region whose fluid can leave; ContentError for one that is no disc or ellipse."""
    vessels = []
    for region in entry.region:
        if region.drains_at_kpa is None:
            continue
        shape, where = region.shape, f"{file}: region '{region.name}'"
        if isinstance(shape, DiscEntry):
            width, height = shape.diameter_mm, shape.diameter_mm
        elif isinstance(shape, EllipseEntry) and shape.turn_deg == 0:
            width, height = shape.width_mm, shape.height_mm
        else:
            raise ContentError(
                f"{where}: drains_at_kpa is only for a disc or an ellipse that is not turned; "
                f"found kind '{shape.kind}'"
            )
        x_mm, z_mm = shape.centre_mm
        if z_mm < height * LEAST_DEPTH:
            raise ContentError(
                f"{where}: its middle is {z_mm:g} mm deep; a region that drains needs "
                f"{height * LEAST_DEPTH:.1f} or more"
            )
        half = width * MM / 2, height * MM / 2
        vessels.append(Vessel(x_mm * MM, z_mm * MM, *half, region.drains_at_kpa * 1e3))
    return vessels


def _check_filled(phantom: Phantom, file: str) -> None:
    """Wherever the face may be there is skin at Z = 0 and tissue below it."""
    low, high = phantom.slide_range_m
    x = np.linspace(low - FACE_MARGIN_M, high + FACE_MARGIN_M, 200)[:, None]
    z = np.concatenate([[-1e-4], np.linspace(1e-4, DEEPEST_M, 300)])[None, :]
    region = phantom.region_at(x, z)
    _check_press(phantom, region[:, 1:], z[0, 1:], file)
    _check_covered(phantom, x, z, 0.0, region != 0, file)
    beside, turned = phantom.slide_y_range_m, max(abs(a) for a in phantom.turn_range_rad)
    if beside == (0.0, 0.0) and turned == 0.0:
        return
    reach = FACE_MARGIN_M * math.sin(min(turned, math.pi / 2))
    for y in np.linspace(beside[0] - reach, beside[1] + reach, 9):
        covered = np.zeros((50, 101), np.bool_)
        points = Points(*(a.astype(np.float32) for a in (x[::4], z[:, ::3], np.array([[y]]))))
        for shape in phantom.geometry.shapes:
            covered |= np.broadcast_to(shape.distance(points) < 0, covered.shape)
            if covered[:, 1:].all():  # the rest could only lie above the skin
                break
        _check_covered(phantom, x[::4], z[:, ::3], float(y), covered, file)


def _check_covered(
    phantom: Phantom, x: np.ndarray, z: np.ndarray, y: float, covered: np.ndarray, file: str
) -> None:
    """That all but the first row, which lies above the skin, is covered."""
    wrong = ~covered
    wrong[:, 0] = covered[:, 0]
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        what = "nothing may lie above the skin (Z = 0), but" if j == 0 else "there is a gap:"
        name = phantom.region_names[phantom.region_at(x[i, 0], z[0, j], y)]
        beside = f"{y / MM:.1f}, " if y else ""
        raise ContentError(
            f"{file}: {what} at [{x[i, 0] / MM:.1f}, {beside}{z[0, j] / MM:.1f}] mm there is "
            + (f"region '{name}'" if j == 0 else "no region")
        )


def _check_press(phantom: Phantom, region: np.ndarray, z: np.ndarray, file: str) -> None:
    """Nowhere is more than a part of the soft tissue to be pressed away."""
    skeletal = np.array([False] + [tissue.skeletal for tissue in phantom.tissue_of_region[1:]])
    bone = skeletal[region]
    thin = float(np.where(bone.any(axis=1), z[bone.argmax(axis=1)], z[-1]).min())
    allowed = MAX_PRESS * min(thin, STILL_M)
    if phantom.press_limit_m > allowed:
        raise ContentError(
            f"{file}: limits, press_mm is {phantom.press_limit_m / MM:g}; soft tissue is "
            f"{min(thin, STILL_M) / MM:.1f} mm thick at its thinnest, which allows "
            f"{allowed / MM:.1f} or less"
        )


def _wires(entry: PhantomEntry, phantom: Phantom, tissue: list[str], file: str) -> Wires:
    """Every wire, with the strength that its radius and impedance give at 7 MHz."""
    x: list[float] = []
    z: list[float] = []
    strength: list[float] = []
    for group in entry.wire:
        material = find_tissue(_tissue_name(group.material, f"{file}: wire '{group.name}'"))
        for at_x, at_z in group.at_mm:
            place = phantom.region_at(np.array(at_x * MM), np.array(at_z * MM))
            around = find_tissue(tissue[int(place)])
            z1, z2 = around.impedance_rayl, material.impedance_rayl
            wavenumber = 2 * math.pi * REFERENCE_MHZ * 1e6 / around.speed_m_s
            radius = group.diameter_mm * MM / 2
            x.append(at_x * MM)
            z.append(at_z * MM)
            strength.append((z2 - z1) / (z2 + z1) * math.sqrt(radius * wavenumber / (4 * math.pi)))
    return Wires(np.array(x), np.array(z), np.array(strength))
