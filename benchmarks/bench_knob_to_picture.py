"""From a turned knob to the picture: L12-3, 192 lines x 40 mm, for each phantom.

Every repeat sets a value that the chain has not seen lately, so that nothing is remembered
that a user would not have in memory either.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import measuring

GOAL_MEMORY_MB = 700.0
_SHOWN_SHARE = 0.04
"""Stages with less than this part of the time are summed up as the rest."""


@dataclass(frozen=True)
class Turn:
    """One thing a user does; `change` gives the i-th request made from the first one."""

    name: str
    change: Callable
    goal_ms: float | None = None


def turns() -> tuple[Turn, ...]:
    """What is timed. Goals are those of the first specification, on two cores."""

    def knob(**value_of):
        return lambda request, i: replace(
            request,
            settings=replace(request.settings, **{k: f(i) for k, f in value_of.items()}),
        )

    def move(field, step):
        return lambda request, i: replace(
            request,
            pose=replace(request.pose, **{field: getattr(request.pose, field) + step * (i + 1)}),
        )

    def probe(request, i):
        # a new depth each time, or the chain would still know both probes' beams
        return replace(
            request,
            probe=("L18-4", "L12-3")[i % 2],
            settings=replace(request.settings, depth_m=0.040 - 1e-5 * i),
        )

    return (
        Turn("noise only", lambda request, i: replace(request, noise_seed=2 + i)),
        Turn("gain", knob(gain_db=lambda i: -5 + 0.3 * i), 6.0),
        Turn("TGC", knob(tgc_db=lambda i: (0.2 * i,) * 8), 6.0),
        Turn("dynamic range", knob(dynamic_range_db=lambda i: 40 + i)),
        Turn("focus", knob(focus_m=lambda i: 0.012 + 5e-4 * i), 40.0),
        Turn("frequency", knob(frequency_hz=lambda i: (6 + 0.15 * i) * 1e6), 40.0),
        Turn("slide", move("slide_m", 1e-4), 50.0),
        Turn("rock", move("rock_rad", 2e-3), 50.0),
        Turn("tilt", move("tilt_rad", 2e-3), 50.0),
        Turn("turn", move("turn_rad", -2e-3), 50.0),
        Turn("depth", knob(depth_m=lambda i: 0.040 - 1e-4 * i)),
        Turn("probe", probe),
    )


def main() -> None:
    options = measuring.parse_options(__doc__.splitlines()[0])
    n_thread = measuring.use_threads(options.threads)
    from phantoms import phantom_names

    before = measuring.print_heading(
        f"Knob to picture: ms from a change to the finished picture, "
        f"median of {options.repeats}, threads: {n_thread}"
    )
    for name in [options.phantom] if options.phantom else phantom_names():
        _bench_phantom(name, options.repeats)
    memory = measuring.peak_memory_mb()
    if memory is not None:
        print(f"\nPeak memory without the window {memory:.0f} MB (goal {GOAL_MEMORY_MB:.0f} MB)")
    measuring.print_footing(before)


def _bench_phantom(name: str, n: int) -> None:
    from physics.constants import MACHINE_SPEED_M_S
    from simulator.renderer import Renderer, start_request

    renderer = Renderer()
    start = start_request(name, "L12-3")
    start = replace(start, settings=replace(start.settings, depth_m=0.040))
    n_line = renderer.render(start).line_x_m.size
    sound_ms = 1e3 * n_line * 2 * start.settings.depth_m / MACHINE_SPEED_M_S
    print(f"\n{name}: {n_line} lines x 40 mm; sound itself needs {sound_ms:.1f} ms for a frame")
    print(f"{'turned':14}{'median':>8}{'p95':>8}{'goal':>6}{'of goal':>9}{'of sound':>9}  stages")
    for turn in turns():
        renderer.render(start)
        spent: Counter[str] = Counter()

        def render(i: int, turn: Turn = turn, spent: Counter = spent) -> None:
            spent.update(renderer.render(turn.change(start, i)).milliseconds)

        times = measuring.timed(render, n=n)
        goal, of_goal = "", ""
        if turn.goal_ms is not None:
            goal, of_goal = f"{turn.goal_ms:.0f}", f"{times.median / turn.goal_ms:.2f}"
        print(
            f"{turn.name:14}{times.median:8.1f}{times.p95:8.1f}{goal:>6}{of_goal:>9}"
            f"{times.median / sound_ms:9.2f}  {_shares(spent)}"
        )


def _shares(spent: Counter) -> str:
    total = sum(spent.values()) or 1.0
    shown = [(stage, ms / total) for stage, ms in spent.most_common() if ms / total > _SHOWN_SHARE]
    parts = [f"{stage} {share:.0%}" for stage, share in shown]
    rest = 1 - sum(share for _, share in shown)
    return ", ".join([*parts, f"rest {rest:.0%}"] if rest > 0.005 else parts)


if __name__ == "__main__":
    main()
