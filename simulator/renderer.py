"""From a request to a picture: the phantom by its name, and the engine. Knows no Qt."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

from phantoms import load_phantom
from physics.frame import Frame
from physics.geometry import Pose
from physics.memory import keep_freed_memory
from physics.pipeline import Pipeline
from physics.probe import Probe, find_probe
from physics.settings import ScanSettings, fitted_to_probe

DEFAULT_PHANTOM = "supraspinatus_lax"


@dataclass(frozen=True)
class Request:
    """Everything that a picture depends on: equal requests give equal pictures.

    With persistence it also depends on the pictures before (`Renderer.render_settled`).
    """

    phantom: str
    probe: str
    pose: Pose
    settings: ScanSettings
    seed: int = 1
    """Which tissue: where the echoes lie."""
    noise_seed: int = 1
    """Which moment: how the electronic noise falls."""
    acquisition: int = 1
    """Which run of the scanner, from one freeze to the next: persistence starts anew with it."""


def differ(before: Request, after: Request) -> bool:
    """Whether anything but the draw of the noise is different."""
    return replace(before, noise_seed=0) != replace(after, noise_seed=0)


class Chain(Protocol):
    """What the renderer needs of `physics.imaging_chain.BModeChain`."""

    pipeline: Pipeline

    def render(
        self,
        *,
        medium: Any,
        medium_key: Any,
        probe: Probe,
        pose: Pose,
        settings: ScanSettings,
        seed: int,
        noise_seed: int,
        acquisition: int,
    ) -> Frame: ...

    def forget(self) -> None: ...


class Renderer:
    """Renders requests and remembers, through its chain, what the next one may need.

    Making one imports the engine (a second or two): the window does it off the GUI
    thread. Use one renderer from one thread at a time.
    """

    def __init__(self, chain: Chain | None = None) -> None:
        """chain : the imaging chain; None makes a B-mode chain."""
        if chain is None:
            from physics.imaging_chain import BModeChain  # numba is slow to import

            chain = BModeChain()
            keep_freed_memory()
        self.chain: Chain = chain
        self._phantoms: dict[str, Any] = {}

    def render(self, request: Request) -> Frame:
        """The picture for `request`, and the signals behind it; with persistence after the last.

        Raises ValueError for a phantom or probe that does not exist, or knobs it does not have.
        """
        phantom = self._phantoms.get(request.phantom)
        if phantom is None:
            phantom = self._phantoms[request.phantom] = load_phantom(request.phantom)
        return self.chain.render(
            medium=phantom,
            medium_key=phantom.key,
            probe=find_probe(request.probe),
            pose=request.pose,
            settings=request.settings,
            seed=request.seed,
            noise_seed=request.noise_seed,
            acquisition=request.acquisition,
        )

    def render_settled(self, request: Request) -> Frame:
        """The picture for `request` once the probe has been held still: the same every time.

        With persistence the moments before are rendered first, with the noise seeds
        noise_seed + n, ..., noise_seed + 1 (n: `physics.persistence.frames_to_settle`), so
        that the newest echoes, the frame's `iq`, are those without persistence.
        """
        if request.settings.persistence > 0:
            from physics.persistence import frames_to_settle  # brings numba

            self.chain.forget()
            for back in range(frames_to_settle(request.settings.persistence), 0, -1):
                self.render(replace(request, noise_seed=request.noise_seed + back))
        return self.render(request)


def start_request(
    phantom_name: str = DEFAULT_PHANTOM,
    probe_name: str | None = None,
    view_name: str | None = None,
) -> Request:
    """How scanning `phantom_name` begins: its pose and settings, on its probe or another.

    On another probe the settings are moved into what that probe can do. view_name : one of its
    standard views instead of the first.
    """
    phantom = load_phantom(phantom_name)
    pose, start, suggested = phantom.start_pose, phantom.start_settings, phantom.probe
    if view_name is not None:
        view = phantom.standard_view(view_name)
        pose, start, suggested = view.pose, view.settings, view.probe
    probe = find_probe(probe_name or suggested)
    settings = ScanSettings.from_display(start)
    return Request(
        phantom=phantom.name,
        probe=probe.name,
        pose=pose,
        settings=fitted_to_probe(settings, probe),
    )
