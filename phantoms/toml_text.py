"""Writing a phantom file: tables, lists of tables, and values on one line."""

import json
import textwrap
from collections.abc import Iterator
from typing import Any


def toml_text(data: dict[str, Any], comment: str) -> str:
    """`data` as a phantom file with a comment at its head."""
    head = ["# " + line for line in textwrap.wrap(comment, 98)]
    plain = {k: v for k, v in data.items() if not _is_table(v) and not _is_tables(v)}
    lines = [*head, "", *_keys(plain)]
    for key, value in data.items():
        if _is_tables(value):
            for table in value:
                lines += ["", f"[[{key}]]", *_keys(table)]
        elif _is_table(value) and value and all(_is_table(v) for v in value.values()):
            for name, table in value.items():
                lines += ["", f"[{key}.{name}]", *_keys(table)]
        elif _is_table(value) and value:
            lines += ["", f"[{key}]", *_keys(value)]
    return "\n".join(lines) + "\n"


def _keys(table: dict[str, Any]) -> Iterator[str]:
    return (f"{key} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
