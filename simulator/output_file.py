"""Files that appear whole or not at all."""

import contextlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from simulator.errors import UserError


def check_target(path: Path, suffix: str) -> Path:
    """The real place that writing to `path` would change; UserError if it cannot be written."""
    if path.suffix.lower() != suffix:
        raise UserError(f"the output '{path}' must have a name that ends in {suffix}")
    try:
        target = Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write '{path}': {_reason(error)}") from None
    try:
        if not target.parent.is_dir():
            raise UserError(f"cannot write '{path}': there is no folder '{target.parent}'")
        mode = target.stat().st_mode
    except FileNotFoundError:
        return target
    except (OSError, ValueError) as error:
        raise UserError(f"cannot write '{path}': {_reason(error)}") from None
    if not stat.S_ISREG(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "not an ordinary file"
        raise UserError(f"cannot write '{path}': it is {kind}")
    if not os.access(target, os.W_OK):
        raise UserError(f"cannot write '{path}': it is read-only")
    return target


class OutputFiles:
    """Opens temporary neighbours of some files and puts them in place together.

    Entered before the work starts, so that an unwritable place is noticed at once.
    Leaving the block normally moves the files into place; an exception deletes them.
    """

    def __init__(self, *wanted: tuple[Path, str]) -> None:
        """wanted : path and required suffix of each file, in the order `write` counts them."""
        self._paths = [path for path, _ in wanted]
        self._targets = [check_target(path, suffix) for path, suffix in wanted]
        if len(set(self._targets)) < len(self._targets):
            raise UserError(f"two outputs cannot share the file '{self._paths[0]}'")
        self._files: list[BinaryIO] = []
        self._temporary: list[Path] = []

    def would_replace(self, path: Path) -> bool:
        """Whether one of the files is `path`."""
        return Path(os.path.realpath(path)) in self._targets

    def __enter__(self) -> "OutputFiles":
        try:
            for path, target in zip(self._paths, self._targets, strict=True):
                temporary = target.with_name(f".insonate-{secrets.token_hex(6)}.part")
                with _told_about(path):
                    self._files.append(open(temporary, "xb"))
                self._temporary.append(temporary)
        except BaseException:
            self._discard()
            raise
        return self

    def write(self, index: int, write: Callable[[BinaryIO], None]) -> None:
        """Let `write` fill the file with this index."""
        with _told_about(self._paths[index]):
            write(self._files[index])
            self._files[index].close()

    def put(self, index: int, content: bytes) -> None:
        """Fill the file with this index with `content`."""

        def write(file: BinaryIO) -> None:
            file.write(content)

        self.write(index, write)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                for temporary, path, target in zip(
                    self._temporary, self._paths, self._targets, strict=True
                ):
                    with _told_about(path):
                        os.replace(temporary, target)
        finally:
            self._discard()

    def _discard(self) -> None:
        for file in self._files:
            with contextlib.suppress(OSError):  # a full disk may refuse the last block
                file.close()
        for temporary in self._temporary:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _told_about(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot write '{path}': {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
