"""Where a scanner stands: what a hand can change, and take back."""

from dataclasses import dataclass

from phantoms.presets import Preset
from physics.geometry import Pose
from physics.settings import ScanSettings
from simulator.desk import Display


@dataclass(frozen=True)
class State:
    """All that a hand can change and take back: the scanner can be put back into it."""

    phantom: str
    view: str
    probe: str
    preset: Preset | None
    pose: Pose
    settings: ScanSettings
    display: Display
