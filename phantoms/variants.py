"""Variants: a phantom file that says only how it differs from another, its parent."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from phantoms.checked import ContentError, Entry, Name, check, unknown

OWN = ("title", "summary")
"""What a variant never takes from its parent."""
LISTS = ("region", "wire")
"""Lists of tables with names: a name that the parent has changes that table."""


class _VariantEntry(Entry):
    """What only a variant may say."""

    variant_of: Name
    remove: Annotated[tuple[str, ...], Field(max_length=200)] = ()


def inherit(parent: dict[str, Any], change: dict[str, Any], file: str) -> dict[str, Any]:
    """What a variant's file means, written out; ContentError naming `file`.

    What it removes goes first; then tables are put over the parent's key by key, or instead of
    them where they give another `kind`. Regions with new names stand `after` or `before` another.
    """
    own = {key: change[key] for key in _VariantEntry.model_fields if key in change}
    data = {key: value for key, value in parent.items() if key not in OWN}
    for path in check(_VariantEntry, own, file).remove:
        data = _without(data, path.split("."), f"{file}: remove, '{path}'")
    lists = {key: change[key] for key in LISTS if key in change}
    rest = {key: value for key, value in change.items() if key not in ("remove", *LISTS)}
    data = _over(data, rest)
    for key, tables in lists.items():
        data[key] = _listed(data.get(key, []), tables, key, file)
    return data


def _over(parent: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = dict(parent)
    for key, value in change.items():
        before = merged.get(key)
        if isinstance(before, dict) and isinstance(value, dict) and _is_alike(before, value):
            merged[key] = _over(before, value)
        else:
            merged[key] = value
    return merged


def _is_alike(before: dict[str, Any], value: dict[str, Any]) -> bool:
    return "kind" not in value or value["kind"] == before.get("kind")


def _listed(parent: Any, tables: Any, key: str, file: str) -> Any:
    """A parent's list of tables with the variant's among them."""
    if not _are_tables(parent) or not _are_tables(tables):
        return tables  # the checker says what is wrong with it
    merged = list(parent)
    for i, table in enumerate(tables, start=1):
        where = f"{file}: {key} {i} '{str(table.get('name'))[:40]}'"
        table, at = _placed(table, _names(merged), key, where)
        old = next((t for t in merged if t.get("name") == table.get("name")), None)
        if old is None:
            merged.insert(len(merged) if at is None else at, table)
            continue
        place = merged.index(old)
        if at is None:
            merged[place] = _over(old, table)
        else:
            del merged[place]
            merged.insert(at - (place < at), _over(old, table))
    return merged


def _placed(
    table: dict[str, Any], names: list[Any], key: str, where: str
) -> tuple[dict[str, Any], int | None]:
    """The table without `after` and `before`, and the place that they say."""
    if key != "region":
        return table, None
    said = [word for word in ("after", "before") if word in table]
    if len(said) == 2:
        raise ContentError(f"{where}: says both after and before; one of them is enough")
    rest = {k: v for k, v in table.items() if k not in said}
    if not said:
        if table.get("name") in names:
            return rest, None
        raise ContentError(
            f"{where}: the parent has no region of this name, so it is new and must say "
            f"after = or before = which region it stands; there are: {_listing(names)}"
        )
    neighbour = table[said[0]]
    if neighbour not in names:
        raise ContentError(f"{where}, {said[0]}: " + unknown("region", str(neighbour), names))
    if neighbour == table.get("name"):
        raise ContentError(f"{where}, {said[0]}: names the region itself")
    return rest, names.index(neighbour) + (said[0] == "after")


def _without(data: Any, path: list[str], where: str) -> Any:
    """`data` without the entry at the end of `path`."""
    first, rest = path[0], path[1:]
    if isinstance(data, list) and _are_tables(data):
        names = _names(data)
        _find(first, names, where)
        i = names.index(first)
        return data[:i] + ([_without(data[i], rest, where)] if rest else []) + data[i + 1 :]
    if not isinstance(data, dict):
        raise ContentError(f"{where}: there is nothing called '{first}' in it")
    _find(first, data, where)
    if rest:
        return {**data, first: _without(data[first], rest, where)}
    return {key: value for key, value in data.items() if key != first}


def _find(name: str, names: Iterable[Any], where: str) -> None:
    names = [str(n) for n in names]
    if name not in names:
        raise ContentError(
            f"{where}: the parent has no such entry: {unknown('entry', name, names)}"
        )


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(table, dict) for table in value)


def _names(tables: list[dict[str, Any]]) -> list[Any]:
    return [table.get("name") for table in tables]


def _listing(names: list[Any]) -> str:
    return ", ".join(str(n) for n in names) or "none"
