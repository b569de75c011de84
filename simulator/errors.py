"""One place that turns exceptions into one sentence for the user and an entry in the log."""

import contextlib
import logging
import logging.handlers
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs

OUR_PACKAGES = ("simulator", "lessons", "phantoms", "physics")

log = logging.getLogger(__name__)


class UserError(Exception):
    """Something the user can put right; the message is the sentence shown."""


def sentence(error: BaseException | str) -> str:
    """The error on one line that ends like a sentence."""
    text = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", str(error)).strip()
    text = text or type(error).__name__
    return text if text[-1] in ".!?" else text + "."


@contextlib.contextmanager
def users_fault() -> Iterator[None]:
    """What is refused inside (a ValueError) is the user's to put right."""
    try:
        yield
    except ValueError as error:
        raise UserError(str(error)) from error


def say(error: BaseException | str) -> None:
    """Print `insonate: <sentence>` on stderr."""
    print(f"insonate: {sentence(error)}", file=sys.stderr)


def log_path() -> Path:
    """Where unexpected errors are written down."""
    return Path(platformdirs.user_log_path("insonate", appauthor=False)) / "insonate.log"


def start_logging(verbose: bool = False) -> None:
    """Send warnings and errors to the log file, or, if `verbose`, everything to stderr."""
    root = logging.getLogger()
    for old in [h for h in root.handlers if getattr(h, "insonate", False)]:
        root.removeHandler(old)
        old.close()
    handler = _stderr_handler() if verbose else _file_handler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.insonate = True  # type: ignore[attr-defined]  # ours, to be replaced next time
    root.addHandler(handler)
    for name in OUR_PACKAGES:
        logging.getLogger(name).setLevel(logging.DEBUG if verbose else logging.WARNING)


def report_unexpected(error: BaseException) -> None:
    """Write the traceback to the log and tell the user in one sentence where it is."""
    log.error("unexpected error", exc_info=error)
    what = f"an error that Insonate did not expect ({type(error).__name__}: {error})"
    what = sentence(what).rstrip(".")
    if _logs_to_file() and log_path().is_file():
        say(f"{what} stopped it; the details are in {log_path()}")
    else:
        say(f"{what} stopped it; run it again with --verbose to see the details")


def _stderr_handler() -> logging.Handler:
    return logging.StreamHandler(sys.stderr)


def _file_handler() -> logging.Handler:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError:
        return logging.NullHandler()
    return logging.handlers.RotatingFileHandler(
        path, maxBytes=1_000_000, backupCount=2, encoding="utf-8", delay=True
    )


def _logs_to_file() -> bool:
    return any(
        isinstance(h, logging.handlers.RotatingFileHandler) and getattr(h, "insonate", False)
        for h in logging.getLogger().handlers
    )
