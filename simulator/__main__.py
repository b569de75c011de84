"""Start of the program: `insonate`, or `python -m simulator`.

Imports nothing but the standard library until it is clear that the packages found
are ours and where numba may keep its compiled kernels.
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib import util
from pathlib import Path

SIBLINGS = ("physics", "phantoms", "lessons")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; its exit status: 0, 2 for what the user can put right, 1 for a defect."""
    try:
        stranger = find_stranger()
        if stranger:
            print(f"insonate: {stranger}", file=sys.stderr)
            return 2
        set_up_numba()
        status = _run(sys.argv[1:] if argv is None else argv)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone: `insonate knobs | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def find_stranger() -> str | None:
    """A sentence if a package that is not ours answers to one of our packages' names."""
    home = Path(__file__).resolve().parents[1]
    for name in SIBLINGS:
        try:
            spec = util.find_spec(name)
        except (ImportError, ValueError):
            spec = None
        if spec is None:
            return f"the package '{name}' is missing from {home}; install Insonate again."
        origin = Path(spec.origin or next(iter(spec.submodule_search_locations or ["."])))
        if origin.resolve() != home / name / "__init__.py":
            return (
                f"another package called '{name}' ({origin}) hides Insonate's own; "
                "install Insonate in a fresh environment and start it from another folder."
            )
    return None


def set_up_numba() -> None:
    """Before numba is imported: name a folder for compiled kernels that this user may write.

    And no colours in numba's messages: preparing them takes a twentieth of the compiling.
    """
    os.environ.setdefault("NUMBA_DISABLE_ERROR_MESSAGE_HIGHLIGHTING", "1")
    if os.environ.get("NUMBA_CACHE_DIR") or "numba" in sys.modules:
        return
    import platformdirs

    folder = Path(platformdirs.user_cache_path("insonate", appauthor=False)) / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="insonate-numba-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)


def _run(argv: Sequence[str]) -> int:
    from simulator import cli, errors

    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack a letter
    try:
        return cli.run(argv)
    except errors.UserError as error:
        errors.say(error)
        return 2
    except MemoryError:
        errors.say("there is not enough memory for this")
        return 1
    except (BrokenPipeError, KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        errors.report_unexpected(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
