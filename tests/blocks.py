"""Reading numbers from pictures of the blocks in the library: places in body coordinates, mm."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from phantoms import load_phantom
from physics.frame import Frame
from physics.probe import find_probe
from simulator.renderer import Renderer, Request, start_request

RENDERER = Renderer()

Where = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Which places (X, Z in mm) are meant: bool."""


def request(name: str, view: str, *, seed: int = 1, **knobs: Any) -> Request:
    """A view of a block, with some of its knobs turned (display names)."""
    start = start_request(name, None, view)
    settings = start.settings.turned(**knobs) if knobs else start.settings
    return replace(start, seed=seed, settings=settings)


def frame_of(
    name: str, view: str, *, seed: int = 1, pose: dict[str, float] | None = None, **knobs: Any
) -> Frame:
    """The picture; `pose` moves the probe (SI)."""
    asked = request(name, view, seed=seed, **knobs)
    return RENDERER.render(replace(asked, pose=replace(asked.pose, **(pose or {}))))


def frame_without(
    name: str, view: str, swapped: dict[str, str], *, seed: int = 1, **knobs: Any
) -> Frame:
    """The same view of a block in which some regions have become the tissue of another one."""
    phantom, asked = load_phantom(name), request(name, view, seed=seed, **knobs)
    tissue, frame = phantom.region_tissue.copy(), phantom.region_frame.copy()
    for region, like in swapped.items():
        i, j = (phantom.region_names.index(n) for n in (region, like))
        tissue[i], frame[i] = tissue[j], frame[j]
    return RENDERER.chain.render(
        medium=replace(phantom, region_tissue=tissue, region_frame=frame),
        medium_key=(name, tuple(swapped)), probe=find_probe(asked.probe), pose=asked.pose,
        settings=asked.settings, seed=seed, noise_seed=1, acquisition=1,
    )  # fmt: skip


def places_mm(frame: Frame) -> tuple[np.ndarray, np.ndarray]:
    """X and Z of every sample, [line, sample]; the probe is level and not turned. The middle of a
    convex face lies below the surface that its ends touch."""
    x, z = frame.lines.place(frame.lines.u[:, None], frame.sample_z_m[None, :])
    z = np.broadcast_to(z + frame.probe.sagitta_m, (frame.lines.n, frame.sample_z_m.size))
    return 1e3 * np.broadcast_to(x + frame.pose.slide_m, z.shape), 1e3 * z


def level_db(frames: Frame | list[Frame], where: Where) -> float:
    """Mean power of the samples that are meant, dB."""
    frames = frames if isinstance(frames, list) else [frames]
    power = [np.abs(f.iq[where(*places_mm(f))]) ** 2 for f in frames]
    return float(10 * np.log10(np.concatenate(power).mean()))


def box(left: float, right: float, top: float, bottom: float) -> Where:
    return lambda x, z: (x >= left) & (x <= right) & (z >= top) & (z <= bottom)


def within(x_mm: float, z_mm: float, radius_mm: float) -> Where:
    return lambda x, z: np.hypot(x - x_mm, z - z_mm) < radius_mm


def brightest(frame: Frame, where: Where) -> tuple[float, float, float]:
    """X, Z (mm) and level (dB) of the largest of the samples that are meant."""
    x, z = places_mm(frame)
    amplitude = np.where(where(x, z), np.abs(frame.iq), 0.0)
    at = np.unravel_index(amplitude.argmax(), amplitude.shape)
    return float(x[at]), float(z[at]), float(20 * np.log10(amplitude[at]))


def across(frame: Frame, z_mm: float, half_mm: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    """X (mm) of every line of a flat probe and the largest level (dB) within a depth."""
    rows = np.abs(1e3 * frame.sample_z_m - z_mm) < half_mm
    level = 20 * np.log10(np.abs(frame.iq[:, rows]).max(axis=1))
    return 1e3 * (frame.line_x_m + frame.pose.slide_m), level
