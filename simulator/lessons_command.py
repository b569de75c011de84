"""`insonate lessons check`: everything that is wrong with the teaching content."""

from lessons.content_check import check_content
from lessons.solving import Render
from physics.compiling import Compiling
from physics.frame import Frame
from physics.geometry import Pose
from physics.settings import ScanSettings
from simulator.errors import say
from simulator.renderer import Renderer, Request


def settled_pictures() -> Render:
    """The engine as `lessons.solving` asks for it."""
    renderer = Renderer()

    def render(phantom: str, probe: str, pose: Pose, settings: ScanSettings) -> Frame:
        return renderer.render_settled(Request(phantom, probe, pose, settings))

    return render


def check_lessons(*, fast: bool, compiling: Compiling | None = None) -> int:
    """Check all content, solve every task unless `fast`, and say what is wrong; the exit status."""
    if compiling is not None and not fast:
        compiling.finish()
    report = check_content(render=None if fast else settled_pictures())
    for fault in report.faults:
        say(fault)
    if report.faults:
        return 2
    print(report.summary())
    return 0
