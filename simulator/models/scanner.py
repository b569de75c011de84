"""The scanner's state: phantom, probe, pose, knobs and freeze. The one place where they live."""

import math
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

import phantoms
from phantoms.presets import Preset, load_presets
from physics.geometry import MAX_STANDOFF_M, Pose
from physics.probe import Probe, find_probe
from physics.settings import ScanSettings, find_knob, fitted_to_probe
from simulator.desk import Desk, Display, check_names
from simulator.faults import Injection, masked_by, put_in, taken_out
from simulator.models import knob_limits
from simulator.models.freeze import Chain, acts_when_frozen
from simulator.models.knob_limits import focused_in_picture
from simulator.models.state import State
from simulator.renderer import Request, differ

__all__ = ["Chain", "Scanner", "State", "differ"]


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
        self._display = Display()
        self._hidden: frozenset[str] = frozenset()
        self._locked: frozenset[str] = frozenset()
        self._faults: tuple[Injection, ...] = ()
        self._secret = False
        self._preset: Preset | None = None
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
            return self.running_request()
        names = (f.name for f in fields(ScanSettings))
        acting = {
            name: getattr(self._settings, name)
            for name in names
            if acts_when_frozen(name, self._chain)
        }
        return replace(self._held, settings=replace(self._held.settings, **acting))

    def running_request(self) -> Request:
        """What would be scanned if it were not frozen."""
        return Request(
            phantom=self._phantom.name,
            probe=self._probe.name,
            pose=self._pose,
            settings=self._settings,
            seed=self.seed,
            noise_seed=self.noise_seed,
            acquisition=self._acquisition,
        )

    @property
    def display(self) -> Display:
        """How the picture is put on the screen."""
        return self._display

    @property
    def preset(self) -> Preset | None:
        """The preset that knobs go back to; None: as the phantom or its view starts."""
        return self._preset

    @property
    def hidden(self) -> frozenset[str]:
        """Knobs that the console does not show."""
        return self._hidden

    @property
    def locked(self) -> frozenset[str]:
        """Knobs that keep their value, whatever `turn` asks for."""
        return self._locked

    @property
    def faults(self) -> tuple[Injection, ...]:
        """What was put in by `inject`, oldest first."""
        return self._faults

    @property
    def concealed(self) -> frozenset[str]:
        """Knobs whose values the class is not to see."""
        return masked_by(self._faults) if self._secret else frozenset()

    @property
    def rules(self) -> tuple[object, ...]:
        """What a lecturer has set up, and no hand is to undo."""
        return self._hidden, self._locked, self._faults, self._secret

    @property
    def state(self) -> State:
        """Where everything stands, to come back to with `restore`."""
        return State(
            phantom=self._phantom.name,
            view=self._view_name,
            probe=self._probe.name,
            preset=self._preset,
            pose=self._pose,
            settings=self._settings,
            display=replace(self._display, overlays=frozenset()),
        )

    @property
    def desk(self) -> Desk:
        """What a scene keeps besides the request. A user's own preset is not in it: another user
        does not have it."""
        preset = self._preset.name if self._preset is not None else ""
        return Desk(
            view=self._view_name,
            preset=preset if preset in load_presets() else "",
            display=self._display,
            hidden=self._hidden,
            locked=self._locked,
            faults=self._faults,
            secret=self._secret,
        )

    def knob_range(self, name: str) -> tuple[float, float]:
        """Lowest and highest display value that this probe and depth allow."""
        return knob_limits.knob_range(name, self._settings, self._probe)

    @property
    def frequency_steps_mhz(self) -> dict[str, float]:
        """Frequency of penetration, general and resolution on this probe, MHz."""
        return knob_limits.frequency_steps_mhz(self._settings, self._probe)

    def knob_default(self, name: str) -> Any:
        """Display value the knob starts with on this probe: that of the preset, or the
        phantom's."""
        return self.start_settings.display(name)

    @property
    def start_settings(self) -> ScanSettings:
        """Where preset or phantom start the knobs on this probe."""
        start = fitted_to_probe(self._start_settings(), self._probe)
        return focused_in_picture(start)

    def acts_now(self, name: str) -> bool:
        """Whether turning this knob changes the picture at once (False only in freeze)."""
        return self._held is None or acts_when_frozen(find_knob(name).field, self._chain)

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

    def open_scene(self, scene: Request, desk: Desk | None = None) -> None:
        """Take everything from a saved request; runs again. ValueError, and nothing changes, if
        there is no such phantom or probe."""
        self._take_scene(scene, find_probe(scene.probe), desk or Desk())
        self.phantom_changed.emit()
        self.changed.emit()

    def restore(self, state: State, *, keep_locked: bool = False) -> None:
        """Go back to where everything stood. A freeze goes on unless phantom or probe change.

        keep_locked : locked knobs stay, as near as the probe then allows.
        """
        settings = self._with_locked(state.settings) if keep_locked else state.settings
        if state.phantom != self._phantom.name:
            self._take_phantom(state.phantom)
            self.phantom_changed.emit()
        self._view_name, self._preset = state.view, state.preset
        if state.probe != self._probe.name:
            self._take_probe(find_probe(state.probe))
        if settings != state.settings:
            settings = focused_in_picture(fitted_to_probe(settings, self._probe))
        self._pose, self._settings = state.pose, settings
        self._display = replace(state.display, overlays=self._display.overlays)
        self.changed.emit()

    def take_preset(self, preset: Preset | None) -> None:
        """Set the knobs to a preset's values, as near as this probe can; None: as the phantom
        starts. Locked knobs stay. ValueError for a preset that cannot be."""
        old, self._preset = self._preset, preset
        try:
            start = self._start_settings()
        except ValueError:
            self._preset = old
            raise
        fitted = fitted_to_probe(self._with_locked(start), self._probe)
        self._settings = focused_in_picture(fitted)
        self.changed.emit()

    def name_preset(self, preset: Preset | None) -> None:
        """Say which preset the knobs come from, without turning any."""
        if preset != self._preset:
            self._preset = preset
            self.changed.emit()

    def show_as(self, display: Display) -> None:
        """Put the picture on the screen in another way; nothing is computed."""
        if display != self._display:
            self._display = display
            self.changed.emit()

    def set_aside(
        self, *, hidden: Iterable[str] | None = None, locked: Iterable[str] | None = None
    ) -> None:
        """Say which knobs the console hides and which keep their value (None: as they are)."""
        hidden = self._hidden if hidden is None else frozenset(hidden)
        locked = self._locked if locked is None else frozenset(locked)
        check_names(hidden | locked)
        if (hidden, locked) != (self._hidden, self._locked):
            self._hidden, self._locked = hidden, locked
            self.changed.emit()

    def inject(self, fault: str, *, secret: bool = False) -> None:
        """Put a fault in, whatever is locked; UnknownNameError if there is none of that name.

        secret : keep it, and all that are in already, from the class until `keep_secret(False)`.
        """
        after = focused_in_picture(put_in(fault, self._settings, self._probe))
        self._faults += (Injection.between(fault, self._settings, after),)
        self._secret, self._settings = self._secret or secret, after
        self.changed.emit()

    def keep_secret(self, secret: bool) -> None:
        """Keep the faults from the class, or reveal them."""
        if secret != self._secret:
            self._secret = secret
            self.changed.emit()

    def mend(self) -> None:
        """Take all faults out: what they turned goes back to where it was."""
        mended = fitted_to_probe(taken_out(self._faults, self._settings), self._probe)
        self._settings, self._faults, self._secret = focused_in_picture(mended), (), False
        self.changed.emit()

    def set_probe(self, name: str) -> None:
        """Plug in another probe; knobs it cannot follow go to its nearest; runs again."""
        self._take_probe(find_probe(name))
        self.changed.emit()

    def turn(self, **display_values: Any) -> None:
        """Turn knobs (display names and units), and what has to follow them (`knob_limits.turned`).

        Locked knobs stay as they are. ValueError for a value that cannot be.
        """
        free = {name: value for name, value in display_values.items() if name not in self._locked}
        self._change(settings=knob_limits.turned(self._settings, self._probe, **free))

    def turn_tgc(self, index: int, db: float) -> None:
        """Set one TGC slider, 0 = the shallowest."""
        sliders = list(self._settings.tgc_db)
        sliders[index] = db
        self.turn(tgc_db=tuple(sliders))

    def reset_knob(self, name: str) -> None:
        """Turn a knob back to where preset or phantom start it."""
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

    def _start_settings(self) -> ScanSettings:
        if self._preset is not None:
            return self._preset.applied_to(self._settings)
        if self._view_name:
            return ScanSettings().turned(**self._phantom.standard_view(self._view_name).settings)
        return ScanSettings().turned(**self._phantom.start_settings)

    def _take_phantom(self, name: str) -> None:
        self._phantom = self._load_phantom(name)
        self._faults, self._secret = (), False
        first = next(iter(self._phantom.views), "")
        self._display = replace(self._display, zoom=1.0, middle=(0.5, 0.5))
        self._stand(first, self._phantom.start_pose, self._phantom.probe)

    def _stand(self, view_name: str, pose: Pose, probe: str) -> None:
        self._view_name, self._pose, self._preset = view_name, pose, None
        self._settings = self._start_settings()
        self._take_probe(find_probe(probe))

    def _with_locked(self, settings: ScanSettings) -> ScanSettings:
        fields_ = (find_knob(name).field for name in self._locked)
        return replace(settings, **{f: getattr(self._settings, f) for f in fields_})

    def _take_scene(self, scene: Request, probe: Probe, desk: Desk) -> None:
        self._take_phantom(scene.phantom)
        self._take_probe(probe)
        self._pose, self._settings = scene.pose, scene.settings
        self.seed, self.noise_seed = scene.seed, scene.noise_seed
        self._view_name = desk.view or self._view_name
        self._preset = load_presets().get(desk.preset)
        self._display, self._hidden, self._locked = desk.display, desk.hidden, desk.locked
        self._faults, self._secret = desk.faults, desk.secret

    def _take_probe(self, probe: Probe) -> None:
        self._held = None
        self._acquisition += 1
        self._probe = probe
        self._settings = focused_in_picture(fitted_to_probe(self._settings, probe))

    def _change(self, *, settings: ScanSettings | None = None, pose: Pose | None = None) -> None:
        settings = settings or self._settings
        pose = pose or self._pose
        if settings != self._settings or pose != self._pose:
            self._settings, self._pose = settings, pose
            self.changed.emit()


def _within(value: float, limits: tuple[float, float]) -> float:
    if not math.isfinite(value):
        raise ValueError(f"the probe cannot be put at {value}")
    return min(max(value, limits[0]), limits[1])
