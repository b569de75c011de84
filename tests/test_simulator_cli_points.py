"""Points files from anywhere: good ones are read, all others get one sentence."""

import contextlib
import io
import os
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from cli_fakes import write_points
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from physics.probe import find_probe
from simulator import points_file
from simulator.errors import UserError
from simulator.points_file import check_in_front, read_points


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "points.npz"


def refusal(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_points(path)
    return str(caught.value)


def npy(array: np.ndarray) -> bytes:
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


def pack(path: Path, **members: bytes) -> Path:
    """A zip file of raw members; x_m, z_m and amplitude are good unless given."""
    good = npy(np.full(3, 0.01))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {"x_m": good, "z_m": good, "amplitude": good, **members}.items():
            archive.writestr(f"{name}.npy", data)
    return path


def test_a_good_file_is_read(path):
    points = read_points(write_points(path, y_m=np.array([0, 1e-3, -1e-3])))
    np.testing.assert_array_equal(points.z_m, [10e-3, 20e-3, 30e-3])
    assert points.amplitude.dtype == np.float64
    assert points.y_m is not None
    assert read_points(write_points(path)).y_m is None


def test_compressed_files_and_other_number_types_are_read(path):
    np.savez_compressed(
        path,
        x_m=np.zeros(2, np.float32),
        z_m=np.full(2, 0.01, ">f8"),
        amplitude=np.array([1, -2], np.int16),
    )
    np.testing.assert_array_equal(read_points(path).amplitude, [1.0, -2.0])


def test_arrays_nobody_asked_for_are_never_opened(path):
    write_points(path, extra=np.array([{"pickled": "object"}], dtype=object), text=np.array("hi"))
    assert read_points(path).x_m.size == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"x_m": None}, "no array called x_m"),
        ({"amplitude": None}, "no array called amplitude"),
        ({"x_m": np.zeros(2)}, "differ in length"),
        ({"y_m": np.zeros(4)}, "differ in length"),
        ({"x_m": np.zeros((3, 1))}, "shape (3, 1)"),
        ({"x_m": np.array(0.0)}, "shape ()"),
        ({"x_m": np.array([0, np.nan, 0])}, "x_m[1]"),
        ({"z_m": np.array([0.01, 0.01, np.inf])}, "z_m[2]"),
        ({"y_m": np.array([0, np.nan, 0])}, "y_m[1]"),
        ({"amplitude": np.array([1, 1, -np.inf])}, "amplitude[2]"),
        ({"amplitude": np.array([1, 1, 1e30])}, "allowed"),
        ({"z_m": np.array([10.0, 20.0, 30.0])}, "allowed: -1 to 1 m"),
        ({"amplitude": np.ones(3, complex)}, "real numbers"),
        ({"amplitude": np.ones(3, bool)}, "real numbers"),
        ({"x_m": np.array(["a", "b", "c"])}, "real numbers"),
        ({"x_m": np.zeros(3, [("a", float)])}, "real numbers"),
        ({"x_m": np.array([{}, {}, {}], dtype=object)}, "real numbers"),
        ({k: np.zeros(0) for k in ("x_m", "z_m", "amplitude")}, "no scatterers"),
    ],
)
def test_wrong_contents_are_named(path, changes, says):
    assert says in refusal(write_points(path, **changes))


def test_what_is_no_file_is_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "missing.npz")
    assert "not an ordinary file" in refusal(tmp_path)
    assert "not an ordinary file" in refusal(Path("/dev/zero"))
    os.mkfifo(tmp_path / "pipe")
    assert "not an ordinary file" in refusal(tmp_path / "pipe")
    assert "cannot read" in refusal(tmp_path / ("x" * 300))
    assert "cannot read" in refusal(Path("a\0b"))


@pytest.mark.parametrize(
    "data", [b"", b"x", b"x" * 10_000, npy(np.zeros(5)), b"PK\5\6" + b"\0" * 18]
)
def test_what_is_no_npz_is_refused(path, data):
    path.write_bytes(data)
    assert "x_m, z_m, amplitude" in refusal(path)


def test_a_file_beyond_the_size_limit_is_not_opened(path):
    with open(path, "wb") as file:
        file.truncate(points_file.MAX_FILE_BYTES + 1)  # sparse: takes no room
    assert "MB; allowed" in refusal(path)


def test_a_bomb_is_refused_before_it_is_unpacked(path):
    """200 MB of zeros pack into 0.2 MB; refusing them must not take the memory."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x_m", "z_m", "amplitude"):
            with archive.open(f"{name}.npy", "w") as member:
                for _ in range(200):
                    member.write(bytes(1_000_000))
    tracemalloc.start()
    try:
        assert "too large" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_more_points_than_allowed_are_refused(path, monkeypatch):
    monkeypatch.setattr(points_file, "MAX_POINTS", 2)
    assert "3 points; allowed: up to 2" in refusal(write_points(path))


def test_headers_that_promise_too_much_are_refused(path):
    header = npy(np.zeros(3)).replace(b"(3,), }", b"(4000000,), }".ljust(7))
    assert "cannot be read" in refusal(pack(path, x_m=header))
    header = npy(np.zeros(3)).replace(b"(3,)", b"(-3,)")
    assert "cannot be read" in refusal(pack(path, x_m=header))
    assert "cannot be read" in refusal(pack(path, x_m=b"no npy at all"))


def test_a_directory_of_a_million_entries_is_not_loaded(path):
    write_points(path)
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, len(data) - 10, 900_000_000)
    path.write_bytes(data)
    assert "too many arrays" in refusal(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_read_or_refused_but_never_crash(path, data):
    whole = write_points(path).read_bytes()
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    flips = st.tuples(st.integers(0, max(0, len(damaged) - 1)), st.integers(0, 255))
    for place, value in data.draw(st.lists(flips, max_size=4)):
        if damaged:
            damaged[place] = value
    path.write_bytes(damaged)
    with contextlib.suppress(UserError):
        assert read_points(path).x_m.size == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 20_000), value=st.integers(0, 255))
def test_one_wrong_byte_is_no_crash(path, place, value):
    whole = bytearray(write_points(path).read_bytes())
    whole[place % len(whole)] = value
    path.write_bytes(whole)
    with contextlib.suppress(UserError):
        read_points(path)


def test_points_behind_the_face_are_refused(path):
    points = read_points(write_points(path, z_m=np.array([0.01, 0.0, -0.01])))
    with pytest.raises(UserError, match=r"2 of 3 points.*z_m above 0"):
        check_in_front(points, find_probe("L11-5v"))


def test_on_a_convex_probe_the_arc_is_the_face(path):
    probe = find_probe("C5-2v")
    bulge = probe.radius_m - probe.apothem_m
    x, z = np.zeros(3), np.array([bulge + 1e-4, bulge - 1e-4, 0.05])
    with pytest.raises(UserError, match=r"1 of 3 points.*arc"):
        check_in_front(read_points(write_points(path, x_m=x, z_m=z)), probe)
