"""From nothing to the first picture: with no compiled kernels on disk, and with them.

Every start is a fresh process with its own folder for compiled kernels. `make bench` runs
this too; it ignores --repeats and --threads.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import measuring

ROOT = Path(__file__).resolve().parents[1]
GOAL_FIRST_S, GOAL_LATER_S = 10.0, 3.0
_SHOWN_KERNELS = 12


def main() -> None:
    options = measuring.parse_options(__doc__.splitlines()[0])
    phantom = options.phantom or "supraspinatus_lax"
    before = measuring.print_heading(f"Start to first picture: {phantom}, s")
    print(f"\n{'':34}{'first ever':>12}{'later':>8}")
    with tempfile.TemporaryDirectory(prefix="insonate-bench-") as folder:
        picture = str(Path(folder) / "picture.png")
        render = ["render", "--phantom", phantom, "--out", picture]
        _print_starts("insonate render", render, Path(folder) / "render")
        window = ["--phantom", phantom, "--screenshot", picture]
        _print_starts(f"window, goal {GOAL_FIRST_S:.0f} and {GOAL_LATER_S:.0f}", window,
                      Path(folder) / "window")  # fmt: skip
        cache = Path(folder) / "inside"
        first, later = (_look_inside(phantom, cache) for _ in range(2))
    for key, label in (
        ("import", "  of which importing the engine"),
        ("frame", "  of which the first frame"),
        ("next_frame", "  a second frame, gain turned"),
    ):
        print(f"{label:34}{first[key]:12.2f}{later[key]:8.2f}")
    _print_kernels(first["kernels"])
    measuring.print_footing(before)


def _print_starts(label: str, arguments: list[str], cache: Path) -> None:
    """Wall time of `insonate ...` from start to exit, without and with compiled kernels."""
    first, later = (_start(arguments, cache) for _ in range(2))
    print(f"{label:34}{first:12.2f}{later:8.2f}")


def _start(arguments: list[str], cache: Path) -> float:
    started = time.perf_counter()
    _run([sys.executable, "-m", "simulator", *arguments], cache)
    return time.perf_counter() - started


def _look_inside(phantom: str, cache: Path) -> dict:
    code = "import bench_startup; bench_startup.child()"
    return json.loads(_run([sys.executable, "-c", code, phantom], cache).splitlines()[-1])


def _run(command: list[str], cache: Path) -> str:
    environment = dict(os.environ, NUMBA_CACHE_DIR=str(cache), QT_QPA_PLATFORM="offscreen")
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"'{' '.join(command[1:])}' failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def child() -> None:
    """Runs in the fresh process: prints what took how long as one line of JSON."""
    from dataclasses import replace

    started = time.perf_counter()
    from simulator.renderer import Renderer, start_request

    renderer = Renderer()  # imports the engine and numba
    imported = time.perf_counter()
    from numba.core.event import install_recorder

    with install_recorder("numba:compile") as recorder:
        request = start_request(sys.argv[1])
        renderer.render(request)
    framed = time.perf_counter()
    gain_db = request.settings.gain_db + 1
    renderer.render(replace(request, settings=replace(request.settings, gain_db=gain_db)))
    told = {
        "import": imported - started,
        "frame": framed - imported,
        "next_frame": time.perf_counter() - framed,
        "kernels": compile_times(recorder.buffer),
    }
    print(json.dumps(told))


def compile_times(events: list) -> dict[str, tuple[float, int]]:
    """Seconds of compiling and number of signatures by kernel, slowest first.

    A kernel's time is its own: what it spends on compiling kernels it calls is theirs.
    """
    own: Counter[str] = Counter()
    signatures: Counter[str] = Counter()
    open_kernels: list[list] = []  # name, start, time of the kernels it called
    for stamp, event in events:
        if event.is_start:
            function = event.data["dispatcher"].py_func
            package = function.__module__.split(".")[0]
            name = function.__name__ if package == "physics" else f"({package}'s own)"
            open_kernels.append([name, stamp, 0.0])
        else:
            name, since, of_others = open_kernels.pop()
            own[name] += stamp - since - of_others
            signatures[name] += 1
            if open_kernels:
                open_kernels[-1][2] += stamp - since
    return {name: (seconds, signatures[name]) for name, seconds in own.most_common()}


def _print_kernels(kernels: dict[str, tuple[float, int]]) -> None:
    total = sum(seconds for seconds, _ in kernels.values())
    print(f"\nCompiling {len(kernels)} kernels takes {total:.2f} s; the slowest by themselves:")
    for name, (seconds, n) in list(kernels.items())[:_SHOWN_KERNELS]:
        times = f"  (for {n} sets of argument types)" if n > 1 else ""
        print(f"  {name:24}{seconds:6.2f}{times}")


if __name__ == "__main__":
    main()
