"""Each stage of the imaging chain alone: CPU time of all threads, and time on the clock.

CPU time hardly changes when other programs use the cores; time on the clock does.
"""

import statistics
import time
from dataclasses import replace
from typing import Any

import measuring

from physics.pipeline import Stage


def main() -> None:
    options = measuring.parse_options(__doc__.splitlines()[0])
    n_thread = measuring.use_threads(options.threads)
    from phantoms import phantom_names

    before = measuring.print_heading(
        f"Stages alone: L12-3, 192 lines x 40 mm, ms, median of {options.repeats}, "
        f"threads: {n_thread}"
    )
    for name in [options.phantom] if options.phantom else phantom_names():
        _bench_phantom(name, options.repeats)
    measuring.print_footing(before)


def _bench_phantom(name: str, n: int) -> None:
    from phantoms import load_phantom
    from physics.imaging_chain import B_MODE
    from physics.probe import find_probe
    from simulator.renderer import start_request

    start = start_request(name, "L12-3")
    settings = replace(start.settings, depth_m=0.040)
    values: dict[str, Any] = {
        "medium": load_phantom(name),
        "probe": find_probe(start.probe),
        "pose": start.pose,
        "seed": start.seed,
        "noise_seed": start.noise_seed,
        "history": None,
    }
    print(f"\n{name}")
    print(f"{'stage':14}{'CPU':>8}{'least':>8}{'clock':>8}{'cores':>7}")
    for stage in B_MODE:
        # one look: its part of what is made for each look
        of_looks = {one.name for one in B_MODE if one.each} | {"looks"}
        arguments = [
            values[key][0] if stage.each and key in of_looks else values[key]
            for key in stage.inputs
        ]
        knobs = {key: getattr(settings, key) for key in stage.knobs}
        value = stage.run(*arguments, **knobs)  # compile outside the clock
        values[stage.name] = (value,) if stage.each else value
        cpu: list[float] = []

        def run(
            _: int,
            stage: Stage = stage,
            arguments: list[Any] = arguments,
            knobs: dict[str, Any] = knobs,
            cpu: list[float] = cpu,
        ) -> None:
            started = time.process_time()
            stage.run(*arguments, **knobs)
            cpu.append(1e3 * (time.process_time() - started))

        clock = measuring.timed(run, n=n).median
        cpu_ms = statistics.median(cpu)
        print(f"{stage.name:14}{cpu_ms:8.2f}{min(cpu):8.2f}{clock:8.2f}{cpu_ms / clock:7.1f}")


if __name__ == "__main__":
    main()
