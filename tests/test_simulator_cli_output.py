"""Output files appear whole or not at all, and unwritable places are noticed first."""

import os
import stat
from pathlib import Path

import pytest

from simulator.errors import UserError
from simulator.output_file import OutputFiles, check_target


def fill(file) -> None:
    file.write(b"new")


def test_files_appear_together_when_the_block_ends(tmp_path):
    first, second = tmp_path / "a.png", tmp_path / "b.npz"
    with OutputFiles((first, ".png"), (second, ".npz")) as output:
        output.write(0, fill)
        assert not first.exists()
        output.write(1, fill)
    assert first.read_bytes() == second.read_bytes() == b"new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.npz"]


def write_and_fail(outputs: OutputFiles, error: type[BaseException]) -> None:
    outputs.write(0, fill)
    raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
def test_nothing_is_left_and_nothing_lost_when_the_work_fails(tmp_path, error):
    old = tmp_path / "a.png"
    old.write_bytes(b"old")
    outputs = OutputFiles((old, ".png"), (tmp_path / "b.npz", ".npz"))
    with pytest.raises(error), outputs:
        write_and_fail(outputs, error)
    assert old.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_failing_disk_is_a_sentence(tmp_path):
    def full(file) -> None:
        raise OSError(28, "No space left on device")

    with (
        pytest.raises(UserError, match=r"a\.png.*No space left"),
        OutputFiles((tmp_path / "a.png", ".png")) as output,
    ):
        output.write(0, full)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing/a.png", "there is no folder"),
        ("a.jpg", "ends in .png"),
        ("a", "ends in .png"),
        ("", "ends in .png"),
        ("x" * 300 + ".png", "too long"),
        ("a\0.png", "null"),
        ("file.png/a.png", "there is no folder"),
        ("folder.png", "a folder"),
        ("pipe.png", "not an ordinary file"),
        ("null.png", "not an ordinary file"),
        ("loop.png", "cannot write"),
    ],
)
def test_unwritable_targets_are_refused(tmp_path, name, says):
    (tmp_path / "file.png").write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "null.png").symlink_to("/dev/null")
    (tmp_path / "loop.png").symlink_to("loop.png")
    before = sorted(p.name for p in tmp_path.iterdir())
    with pytest.raises(UserError, match=says):
        check_target(tmp_path / name if name else Path(name), ".png")
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_unwritable_folders_are_refused_at_the_start():
    with pytest.raises(UserError, match="cannot write"), OutputFiles((Path("/proc/a.png"), ".png")):
        pytest.fail("the work must not start")


@pytest.mark.skipif(os.access("/proc/version", os.W_OK), reason="nothing is read-only to root")
def test_read_only_files_are_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"old")
    (tmp_path / "a.png").chmod(0o444)
    with pytest.raises(UserError, match="read-only"):
        check_target(tmp_path / "a.png", ".png")


def test_two_outputs_cannot_be_one_file(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(UserError, match="share"):
        OutputFiles((tmp_path / "a.png", ".png"), (tmp_path / "link.png", ".png"))


def test_a_link_is_followed_and_stays(tmp_path):
    (tmp_path / "link.png").symlink_to("real.png")
    with OutputFiles((tmp_path / "link.png", ".png")) as output:
        output.write(0, fill)
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_bytes() == b"new"


def test_files_get_the_permissions_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        with OutputFiles((tmp_path / "a.png", ".png")) as output:
            output.write(0, fill)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640
