"""What a lesson asks of the scanner: to take its scene, and whether it still has it."""

from dataclasses import fields
from typing import Any, Protocol

from PySide6.QtCore import SignalInstance

from lessons.lesson import Scene
from physics.frame import Frame
from physics.geometry import Pose
from physics.probe import Probe
from physics.settings import ScanSettings


class Scanner(Protocol):
    """What the pane asks of `simulator.models.scanner.Scanner`."""

    @property
    def changed(self) -> SignalInstance: ...
    @property
    def phantom(self) -> Any: ...
    @property
    def probe(self) -> Probe: ...
    @property
    def pose(self) -> Pose: ...
    @property
    def settings(self) -> ScanSettings: ...
    @property
    def frozen(self) -> bool: ...
    def load_phantom(self, name: str, probe: str | None = None) -> None: ...
    def set_frozen(self, frozen: bool) -> None: ...
    def turn(self, **display_values: Any) -> None: ...
    def move(self, **moves: float) -> None: ...


class Staged(Protocol):
    """What has a phantom and a probe of its own: a lesson, a console question."""

    @property
    def phantom(self) -> str: ...
    @property
    def probe(self) -> str: ...


def load_scene(scanner: Scanner, lesson: Staged, scene: Scene) -> None:
    """Put the scanner, running, into a scene of this lesson."""
    if not has_scene(scanner, lesson):
        scanner.load_phantom(lesson.phantom, lesson.probe)
    scanner.set_frozen(False)
    scanner.turn(**scene.settings.to_display())
    scanner.move(**{field.name: getattr(scene.pose, field.name) for field in fields(Pose)})


def has_scene(scanner: Scanner, lesson: Staged) -> bool:
    """Whether the scanner has the lesson's phantom and probe."""
    return bool(scanner.phantom.name == lesson.phantom and scanner.probe.name == lesson.probe)


def is_current(scanner: Scanner, frame: Frame) -> bool:
    """Whether this picture shows what probe and knobs say now."""
    return bool(frame.pose == scanner.pose and frame.settings == scanner.settings)
