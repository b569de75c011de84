"""An engine for tests of the window: answers at once with a picture of speckle."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from cli_fakes import FAKE_OUTPUT

from phantoms import load_phantom
from physics.frame import Frame
from physics.geometry import Pose
from physics.imaging_chain import B_MODE
from physics.looks import Look, lines_of
from physics.pipeline import Pipeline
from physics.probe import find_probe
from physics.sector import plan_sector
from physics.zones import plan_zones
from simulator.renderer import Request


def fake_chain() -> Pipeline:
    """The engine's own knob-to-stage graph, without its work."""
    return Pipeline([replace(stage, run=len) for stage in B_MODE])


@dataclass(frozen=True, eq=False)
class FakePhantom:
    """What the scanner's model asks of a phantom; what drawings of the body ask is a real one's."""

    name: str = "block"
    title: str = "Block"
    summary: str = "A block."
    probe: str = "L12-3"
    start_pose: Pose = field(default_factory=lambda: Pose(2e-3, 0.0))
    start_settings: dict[str, Any] = field(
        default_factory=lambda: {"frequency_mhz": 8, "depth_mm": 40, "focus_mm": 18}
    )
    slide_range_m: tuple[float, float] = (-15e-3, 15e-3)
    rock_range_rad: tuple[float, float] = (-0.25, 0.25)
    slide_y_range_m: tuple[float, float] = (0.0, 0.0)
    turn_range_rad: tuple[float, float] = (0.0, 0.0)
    tilt_range_rad: tuple[float, float] = (-0.5, 0.5)
    press_limit_m: float = 4e-3
    views: dict[str, Any] = field(default_factory=dict)
    region_names: tuple[str, ...] = ("muscle",)

    def __getattr__(self, name: str) -> Any:
        return getattr(load_phantom("muscle_block"), name)


PHANTOMS = {p.name: p for p in (FakePhantom(), FakePhantom("wires", "Wires", probe="L18-4"))}


def speckle(request: Request) -> np.ndarray:
    """uint8 [400, 384]: speckle that any knob changes."""
    rng = np.random.default_rng(request.noise_seed)
    level = rng.rayleigh(60.0, (400, 384)) * 10 ** (request.settings.gain_db / 40)
    return np.clip(level, 0, 255).astype(np.uint8)


class FakeEngine:
    """Request -> Frame without physics."""

    def __init__(self, picture: Any = speckle) -> None:
        self.chain = fake_chain()
        self.requests: list[Request] = []
        self._picture = picture

    def __call__(self, request: Request) -> Frame:
        self.requests.append(request)
        probe = find_probe(request.probe)
        settings = request.settings
        depth_m, top_m = settings.depth_m, settings.top_m
        sector = plan_sector(
            probe,
            line_density=settings.line_density,
            width_share=settings.width_share,
            centre_m=settings.centre_m,
        )
        zones = plan_zones(
            focal_zones=settings.focal_zones,
            focus_m=settings.focus_m,
            depth_m=depth_m,
            top_m=top_m,
        )
        lines = lines_of(probe, Look(), sector)
        left_m, right_m = lines.edge_u * lines.metre_per_u
        sample_z_m = np.linspace(0, depth_m, 500)
        eighths = (np.arange(8) + 0.5) / 8 * depth_m
        tgc_db = 800 * sample_z_m + np.interp(sample_z_m, eighths, settings.tgc_db)
        before = self.requests[-2] if len(self.requests) > 1 else None
        ran = tuple(stage.name for stage in self.chain.stages)
        if before is not None and before.settings == request.settings:
            ran = ran if before.pose != request.pose else self.chain.touched_by("noise_seed")
        return Frame(
            picture=self._picture(request),
            left_m=left_m,
            right_m=right_m,
            top_m=top_m,
            bottom_m=depth_m,
            iq=np.zeros((2, 2), np.complex64),
            envelope=np.zeros((2, 2), np.float32),
            line_x_m=probe.element_u,
            sample_z_m=sample_z_m,
            tgc_curve_db=tgc_db.astype(np.float32),
            probe=probe,
            settings=settings,
            pose=request.pose,
            medium=None,  # type: ignore[arg-type]  # the window does not look at it
            frame_rate_hz=1540 / (2 * depth_m * probe.n_element),
            output=FAKE_OUTPUT,
            lines=lines,
            foci_m=zones.focus_m,
            ran=ran,
            milliseconds=dict.fromkeys(ran, 3.2),
        )
