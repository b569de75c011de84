"""Files of the user that cannot be read are set aside, one beside the other."""

from pathlib import Path

from simulator.user_folder import put_aside


def test_a_file_put_aside_replaces_none_that_was_before(tmp_path: Path) -> None:
    path = tmp_path / "presets.json"
    for content in ("first", "second", "third"):
        path.write_text(content)
        assert put_aside(path) is not None
    found = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert found == {
        "presets.json.broken": "first",
        "presets.json.broken-2": "second",
        "presets.json.broken-3": "third",
    }
