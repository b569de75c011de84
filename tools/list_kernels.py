"""Writes physics/first_kernels.txt: the kernels that a first picture needs, for which types.

`make kernels` runs it after a kernel was added, removed or given other arguments; with --check
it changes nothing and says whether the list is right.
"""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from physics.compiling import LIST, read_list  # noqa: E402

OURS = ("physics.", "phantoms.")
"""Packages that have kernels."""

HEADING = """\
# Kernels that a first picture needs, largest module first: compiled by helper processes at the
# very first start (physics/compiling.py). Written by `make kernels`.
"""


def main() -> int:
    """Write or check the list; the exit status."""
    needed = find_needed()
    listed = read_list()
    if set(needed) == set(listed):
        print(f"physics/{LIST.name} is right: {len(listed)} kernels")
        return 0
    if "--check" in sys.argv:
        print(complaint(needed, listed), file=sys.stderr)
        return 1
    LIST.write_text(HEADING + "".join(f"{job}\n" for job in needed), encoding="utf-8")
    print(f"physics/{LIST.name} now lists {len(needed)} kernels, before {len(listed)}")
    return 0


def complaint(needed: list[str], listed: list[str]) -> str:
    """What is wrong with the list, and what to do."""
    missing = [job for job in needed if job not in listed]
    needless = [job for job in listed if job not in needed]
    parts = [f"lacks {_names(missing)}"] if missing else []
    parts += [f"lists {_names(needless)}, which a first picture does not use"] if needless else []
    return f"physics/{LIST.name} {' and '.join(parts)}: run `make kernels`."


def _names(jobs: list[str]) -> str:
    return ", ".join(job.partition("(")[0].replace(" ", ".") for job in jobs)


def find_needed() -> list[str]:
    """The kernels that the first pictures of all phantoms call, largest module first.

    The first run puts all into numba's cache. In the second, kernels that are called by others
    only do not show up: they come with those.
    """
    for option in ("--render", "--render-and-print"):
        command = [sys.executable, __file__, option]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
        if done.returncode:
            sys.exit(done.stderr)
    return done.stdout.splitlines()


def render_all() -> None:
    """Render the first picture of every phantom in this process."""
    from phantoms import phantom_names
    from simulator.__main__ import set_up_numba

    set_up_numba()
    from simulator.renderer import Renderer, start_request

    renderer = Renderer()
    for name in phantom_names():
        renderer.render(start_request(name))


def called_kernels() -> list[str]:
    """All kernels of the engine that have been compiled or loaded, largest module first.

    The size of a module, and within it of a kernel, is that of its bytecode: it tells well
    enough how long compiling takes.
    """
    from numba.core.dispatcher import Dispatcher

    sizes, found = Counter(), []
    for module in [m for name, m in sys.modules.items() if name.startswith(OURS)]:
        for name, kernel in vars(module).items():
            if isinstance(kernel, Dispatcher) and kernel.py_func.__module__ == module.__name__:
                size = len(kernel.py_func.__code__.co_code)
                sizes[module.__name__] += size
                for types in kernel.signatures:
                    job = f"{module.__name__} {name}({types_text(types)})"
                    found.append((module.__name__, size, job))
    found.sort(key=lambda one: (-sizes[one[0]], one[0], -one[1], one[2]))
    return [job for _, _, job in found]


def types_text(types: tuple) -> str:
    """Argument types in the notation that numba reads back."""
    from numba.core.sigutils import normalize_signature

    text = ", ".join(_type_text(one) for one in types)
    try:
        same = normalize_signature(f"({text})")[0] == types
    except Exception:
        same = False
    if not same:
        sys.exit(f"numba cannot read back {text}: teach tools/list_kernels.py this type")
    return text


def _type_text(one) -> str:
    from numba.core import types

    if one == types.boolean:
        return "boolean"
    if not isinstance(one, types.Array):
        return str(one)
    dtype = _type_text(one.dtype)
    if one.mutable and one.aligned:
        axes = [":"] * one.ndim
        if one.layout in "CF":
            axes[-1 if one.layout == "C" else 0] = "::1"
        return f"{dtype}[{', '.join(axes)}]"
    return f"Array({dtype}, {one.ndim}, '{one.layout}', {not one.mutable}, aligned={one.aligned})"


if __name__ == "__main__":
    if sys.argv[1:] in (["--render"], ["--render-and-print"]):
        render_all()
        if "--render-and-print" in sys.argv:
            print("\n".join(called_kernels()))
    else:
        os.environ.pop("NUMBA_DISABLE_JIT", None)
        sys.exit(main())
