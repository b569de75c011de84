"""The scanner's state: phantom, probe, pose, knobs and freeze. The one place where they live."""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

import phantoms
from physics.geometry import MAX_STANDOFF_M, Pose
from physics.probe import Probe, find_probe
from physics.sector import LEAST_SHOWN_M, most_centre_m
from physics.settings import (
    ScanSettings,
    find_knob,
    fitted_to_probe,
    lowest_hz,
    with_possible_looks,
    with_possible_view,
)
from simulator.renderer import Request

FREEZE_AT = "receive"
"""A frozen scanner has stopped sending: only what follows from this stage on can change."""

_RECEIVE_SIDE = frozenset(
    {
        "gain_db",
        "tgc_db",
        "dynamic_range_db",
        "speckle_reduction",
        "rejection_db",
        "edge_enhancement",
        "grey_map",
    }
)
"""What acts on a frozen picture until the engine has told its chain."""


class Chain(Protocol):
    """What the model asks of the engine's pipeline (`physics.pipeline.Pipeline` has it)."""

    @property
    def stages(self) -> Sequence[Any]: ...
    def touched_by(self, name: str) -> tuple[str, ...]: ...


class Scanner(QObject):
    """Everything a picture depends on. Views show it and ask it to change; they hold nothing.

    Knobs are named and valued as on screen (`focus_mm`); `settings` holds SI values.
    While frozen every knob can be turned, but `request` takes from them only what
    acts behind the stored echoes; the rest acts once the scanner runs again.
    """

    changed = Signal()
    """Something of the state is different now."""
    phantom_changed = Signal()
    """A phantom was loaded (`changed` follows)."""

    def __init__(
        self,
        phantom: str,
        *,
        load_phantom: Callable[[str], Any] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._load_phantom = load_phantom or phantoms.load_phantom
        self._chain: Chain | None = None
        self._held: Request | None = None
        self.seed = 1
        self.noise_seed = 1
        self._acquisition = 0
        self._take_phantom(phantom)

    # --- what is -----------------------------------------------------------------------------

    @property
    def phantom(self) -> Any:
        """The loaded `phantoms.Phantom`."""
        return self._phantom

    @property
    def probe(self) -> Probe:
        return self._probe

    @property
    def pose(self) -> Pose:
        return self._pose

    @property
    def settings(self) -> ScanSettings:
        """Knob positions, SI; while frozen they may be ahead of the picture."""
        return self._settings

    @property
    def frozen(self) -> bool:
        return self._held is not None

    def request(self) -> Request:
        """All that the picture to be shown now depends on."""
        if self._held is None:
            return Request(
                phantom=self._phantom.name,
                probe=self._probe.name,
                pose=self._pose,
                settings=self._settings,
                seed=self.seed,
                noise_seed=self.noise_seed,
                acquisition=self._acquisition,
            )
        names = (f.name for f in fields(ScanSettings))
        acting = {name: getattr(self._settings, name) for name in names if self._acts(name)}
        return replace(self._held, settings=replace(self._held.settings, **acting))

    def knob_range(self, name: str) -> tuple[float, float]:
        """Lowest and highest display value that this probe and depth allow."""
        knob = find_knob(name)
        low, high = knob.low, knob.high
        if name == "frequency_mhz":
            low = max(low, lowest_hz(self._settings, self._probe) * knob.per_si)
            high = min(high, self._probe.high_hz * knob.per_si)
        elif name == "depth_mm":
            high = min(high, self._probe.max_depth_m * knob.per_si)
        elif name == "focus_mm":
            low = max(low, self._settings.top_m * knob.per_si)
            high = min(high, self._settings.depth_m * knob.per_si)
        elif name == "top_mm":
            high = min(high, (self._settings.depth_m - LEAST_SHOWN_M) * knob.per_si)
        elif name == "centre_mm":
            most_m = most_centre_m(
                self._probe,
                line_density=self._settings.line_density,
                width_share=self._settings.width_share,
            )
            low, high = -most_m * knob.per_si, most_m * knob.per_si
        return low, high

    def knob_default(self, name: str) -> Any:
        """Display value the knob has when this phantom is loaded on this probe."""
        return fitted_to_probe(self._start_settings(), self._probe).display(name)

    def acts_now(self, name: str) -> bool:
        """Whether turning this knob changes the picture at once (False only in freeze)."""
        return self._held is None or self._acts(find_knob(name).field)

    def waits(self, name: str) -> bool:
        """Whether the knob was turned in freeze and will act only afterwards."""
        if self._held is None or self.acts_now(name):
            return False
        return bool(self._held.settings.display(name) != self._settings.display(name))

    @property
    def pose_waits(self) -> bool:
        """Whether the probe was moved in freeze; the picture follows only afterwards."""
        return self._held is not None and self._held.pose != self._pose

    # --- asking it to change -------------------------------------------------------------------

    def load_phantom(self, name: str, probe: str | None = None) -> None:
        """Take another phantom, with the probe, place and knobs it starts with; runs again."""
        self._take_phantom(name)
        if probe is not None:
            self._take_probe(find_probe(probe))
        self.phantom_changed.emit()
        self.changed.emit()

    def open_scene(self, scene: Request) -> None:
        """Take everything from a saved request; runs again. ValueError, and nothing changes, if
        there is no such phantom or probe."""
        self._take_scene(scene, find_probe(scene.probe))
        self.phantom_changed.emit()
        self.changed.emit()

    def set_probe(self, name: str) -> None:
        """Plug in another probe; knobs it cannot follow go to its nearest; runs again."""
        self._take_probe(find_probe(name))
        self.changed.emit()

    def turn(self, **display_values: Any) -> None:
        """Turn knobs (display names and units). ValueError for a value that cannot be.

        A focus left out of a picture made shallower moves to its edge, and a frequency that
        harmonics could not be sent for moves up. A sector moves with its width, and a zoom with
        the depth, to where they can be. Steering and compounding switch the trapezoid off, and the
        other way round.
        """
        settings = self._settings.turned(**display_values)
        if "frequency_mhz" not in display_values:
            lowest = lowest_hz(settings, self._probe)
            settings = replace(settings, frequency_hz=max(settings.frequency_hz, lowest))
        if {"steer_deg", "compound_angles"} & set(display_values):
            plain = settings.steer_rad == 0 and settings.compound_angles == "1"
            settings = settings if plain else replace(settings, trapezoid="off")
        settings = with_possible_view(with_possible_looks(settings, self._probe), self._probe)
        if "focus_mm" not in display_values:
            settings = _focused_in_picture(settings)
        self._change(settings=settings)

    def turn_tgc(self, index: int, db: float) -> None:
        """Set one TGC slider, 0 = the shallowest."""
        sliders = list(self._settings.tgc_db)
        sliders[index] = db
        self.turn(tgc_db=tuple(sliders))

    def reset_knob(self, name: str) -> None:
        """Turn a knob back to where it was when the phantom was loaded."""
        self.turn(**{name: self.knob_default(name)})

    def move(self, **moves: float) -> None:
        """Put the probe somewhere; it stops at the ends of the phantom's range.

        moves : fields of `physics.geometry.Pose`, those of `pose_ranges`.
        """
        ranges = self.pose_ranges
        within = {name: _within(value, ranges[name]) for name, value in moves.items()}
        self._change(pose=replace(self._pose, **within))

    def recentre(self) -> None:
        """Put the probe back where the phantom starts, or where its standard view is."""
        self._change(pose=self.start_pose)

    def take_view(self, name: str) -> None:
        """Put probe and knobs as a standard view of the phantom wants them; runs again."""
        view = self._phantom.standard_view(name)
        self._stand(name, view.pose, view.probe)
        self.changed.emit()

    @property
    def view_name(self) -> str:
        """The standard view that was taken last; empty if the phantom has none."""
        return self._view_name

    @property
    def start_pose(self) -> Pose:
        """Where this phantom or its standard view starts."""
        pose: Pose = self._phantom.start_pose
        if self._view_name:
            pose = self._phantom.standard_view(self._view_name).pose
        return pose

    @property
    def pose_ranges(self) -> dict[str, tuple[float, float]]:
        """How far the probe may be moved, by field of `Pose`."""
        phantom = self._phantom
        return {
            "slide_m": phantom.slide_range_m,
            "slide_y_m": phantom.slide_y_range_m,
            "turn_rad": phantom.turn_range_rad,
            "tilt_rad": phantom.tilt_range_rad,
            "rock_rad": phantom.rock_range_rad,
            "standoff_m": (0.0, MAX_STANDOFF_M),
            "press_m": (0.0, phantom.press_limit_m),
        }

    @property
    def slide_range_m(self) -> tuple[float, float]:
        return self.pose_ranges["slide_m"]

    def set_frozen(self, frozen: bool) -> None:
        """Stop sending, or send again with the knobs as they stand now."""
        if frozen != self.frozen:
            self._held = self.request() if frozen else None
            if not frozen:
                self._acquisition += 1
            self.changed.emit()

    def set_chain(self, chain: Chain) -> None:
        """Learn the engine's knob-to-stage graph, which says what a freeze still allows."""
        self._chain = chain

    def next_noise(self) -> None:
        """Let the receiver's noise move on by one frame (says nothing to the views)."""
        if not self.frozen:
            self.noise_seed += 1

    # --- inside --------------------------------------------------------------------------------

    def _acts(self, field: str) -> bool:
        """Whether a field of the settings touches nothing before the stored echoes."""
        if self._chain is None:
            return field in _RECEIVE_SIDE
        before = set()
        for stage in self._chain.stages:
            if stage.name == FREEZE_AT:
                break
            before.add(stage.name)
        return not before & set(self._chain.touched_by(field))

    def _start_settings(self) -> ScanSettings:
        if self._view_name:
            return ScanSettings().turned(**self._phantom.standard_view(self._view_name).settings)
        return ScanSettings().turned(**self._phantom.start_settings)

    def _take_phantom(self, name: str) -> None:
        self._phantom = self._load_phantom(name)
        first = next(iter(self._phantom.views), "")
        self._stand(first, self._phantom.start_pose, self._phantom.probe)

    def _stand(self, view_name: str, pose: Pose, probe: str) -> None:
        self._view_name, self._pose = view_name, pose
        self._settings = self._start_settings()
        self._take_probe(find_probe(probe))

    def _take_scene(self, scene: Request, probe: Probe) -> None:
        self._take_phantom(scene.phantom)
        self._take_probe(probe)
        self._pose, self._settings = scene.pose, scene.settings
        self.seed, self.noise_seed = scene.seed, scene.noise_seed

    def _take_probe(self, probe: Probe) -> None:
        self._held = None
        self._acquisition += 1
        self._probe = probe
        self._settings = _focused_in_picture(fitted_to_probe(self._settings, probe))

    def _change(self, *, settings: ScanSettings | None = None, pose: Pose | None = None) -> None:
        settings = settings or self._settings
        pose = pose or self._pose
        if settings != self._settings or pose != self._pose:
            self._settings, self._pose = settings, pose
            self.changed.emit()


def _focused_in_picture(settings: ScanSettings) -> ScanSettings:
    focus_m = min(max(settings.focus_m, settings.top_m), settings.depth_m)
    return replace(settings, focus_m=focus_m)


def differ(before: Request, after: Request) -> bool:
    """Whether anything but the draw of the noise is different."""
    return replace(before, noise_seed=0) != replace(after, noise_seed=0)


def _within(value: float, limits: tuple[float, float]) -> float:
    if not math.isfinite(value):
        raise ValueError(f"the probe cannot be put at {value}")
    return min(max(value, limits[0]), limits[1])
