"""Everything that is wrong with a phantom file, for `insonate phantom check`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from phantoms.catalogue import read_source
from phantoms.checked import ContentError, check_all, unknown
from phantoms.description import DEFAULT_FRAME, PhantomEntry
from phantoms.reading import check_rock, read_phantom, vessels_of, view_of
from phantoms.tissue import load_tissues


def faults_in(path: Path) -> tuple[str, ...]:
    """A sentence for each fault: file, entry, what was found, what is allowed.

    What can only be seen of a body (gaps, regions that nothing reaches) is told once the file
    itself is in order.
    """
    file = path.name
    try:
        source = read_source(path)
    except ContentError as error:
        return (str(error),)
    entry, faults = check_all(PhantomEntry, source.data, file)
    faults += name_faults(source.data, file)
    if entry is not None:
        faults += _entry_faults(entry, file)
    if not faults:
        try:
            phantom = read_phantom(path)
        except ContentError as error:
            return (str(error),)
        from phantoms.look import body_faults  # takes its time to look all over the body

        assert entry is not None
        faults = body_faults(phantom, entry, file)
    return tuple(dict.fromkeys(faults))


def _entry_faults(entry: PhantomEntry, file: str) -> list[str]:
    checks: list[Callable[[], Any]] = [
        *(lambda name=name: view_of(entry, name, file) for name in entry.view or ["start"]),
        lambda: check_rock(entry.limits, file),
        lambda: vessels_of(entry, file),
    ]
    faults = []
    for check in checks:
        try:
            check()
        except ContentError as error:
            faults.append(str(error))
    return faults


def name_faults(data: dict[str, Any], file: str) -> list[str]:
    """Names of curves, frames, tissues and regions that are not there, in a file as it was read."""
    curves, tissues = _table(data, "curve"), load_tissues()
    frames = {DEFAULT_FRAME: None, **_table(data, "frame")}
    faults = []

    def find(name: Any, kind: str, allowed: Any, where: str) -> None:
        if isinstance(name, str) and name not in allowed:
            faults.append(f"{file}: {where}: " + unknown(kind, name, allowed))

    for name, frame in _table(data, "frame").items():
        if isinstance(frame, dict):
            find(frame.get("curve"), "curve", curves, f"frame '{name}'")
            find(frame.get("base"), "earlier frame", frames, f"frame '{name}'")
    names = []
    for i, region in enumerate(_tables(data, "region"), start=1):
        where = f"region {i} '{region.get('name')}'"
        find(region.get("tissue"), "tissue", tissues, f"{where}, tissue")
        find(region.get("fibres"), "frame", frames, f"{where}, fibres")
        for shape in _shapes(region.get("shape")):
            for key in ("curve", "top", "bottom"):
                find(shape.get(key), "curve", curves, f"{where}, shape, {key}")
        if region.get("name") in names:
            faults.append(f"{file}: {where}: an earlier region has this name; names must differ")
        names.append(region.get("name"))
    for wire in _tables(data, "wire"):
        find(wire.get("material"), "tissue", tissues, f"wire '{wire.get('name')}', material")
    for name, label in _table(data, "label").items():
        if isinstance(label, dict):
            find(label.get("region"), "region", names, f"label '{name}', region")
    return faults


def _shapes(shape: Any) -> Iterator[dict[str, Any]]:
    """A shape and its parts."""
    if isinstance(shape, dict):
        yield shape
        for part in _tables(shape, "parts"):
            yield from _shapes(part)


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _tables(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = data.get(key)
    return [t for t in value if isinstance(t, dict)] if isinstance(value, list) else []
