"""`insonate phantom import`: a volume of labels becomes a phantom of two files."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from phantoms.check import faults_in
from simulator.errors import UserError, users_fault
from simulator.output_file import OutputFiles


def import_volume(volume: Path, tissues: Path, out: Path | None) -> int:
    """Write the phantom beside the volume, or to `out` (a .toml, or a folder for it)."""
    from phantoms.volume_import import make_phantom

    stem = volume.name.split(".")[0]
    target = volume.with_name(f"{stem}.toml") if out is None else out
    if target.is_dir():
        target = target / f"{stem}.toml"
    name = target.stem
    with OutputFiles((target, ".toml"), (target.with_suffix(".npz"), ".npz")) as output:
        if output.would_replace(tissues) or output.would_replace(volume):
            raise UserError(f"the phantom would replace '{tissues}'; give it another name by --out")
        with users_fault():
            made = make_phantom(volume, tissues, name)
        _check(made.toml, made.volume, name)
        output.write(0, lambda file: _write(file, made.toml.encode()))
        output.write(1, lambda file: _write(file, made.volume))
    print(
        f"{made.n_region} labels became the phantom '{target}' with its volume '{name}.npz'; "
        f"open it with: insonate --phantom {target}"
    )
    return 0


def _check(toml: str, volume: bytes, name: str) -> None:
    """UserError with the first fault of a phantom that is not written yet."""
    with tempfile.TemporaryDirectory(prefix="insonate-") as folder:
        path = Path(folder) / f"{name}.toml"
        path.write_text(toml, encoding="utf-8")
        path.with_suffix(".npz").write_bytes(volume)
        faults = faults_in(path)
    if faults:
        raise UserError(faults[0])


def _write(file: BinaryIO, content: bytes) -> None:
    file.write(content)
