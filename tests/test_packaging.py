"""The wheel holds our four packages, whole, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("simulator", "physics", "phantoms", "lessons")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    # hatchling is installed with the test tools, so this needs no network
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("insonate-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_wheel_has_exactly_the_four_packages(wheel_names):
    top_level = {name.split("/")[0] for name in wheel_names}
    assert {name for name in top_level if not name.endswith(".dist-info")} == set(PACKAGES)


def test_wheel_carries_every_source_and_data_file(wheel_names):
    on_disk = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix in {".py", ".toml", ".md", ".csv", ".png", ".svg", ".npz"}
    }
    assert on_disk <= wheel_names, f"not in the wheel: {sorted(on_disk - wheel_names)}"
    assert any(name.endswith(".toml") for name in wheel_names)


def test_no_test_folder_shadows_a_package():
    """A tests/physics/__init__.py would make `import physics` find the tests."""
    assert not list((ROOT / "tests").rglob("__init__.py"))
    shadows = [ROOT / place / package for place in ("tests", "benchmarks") for package in PACKAGES]
    assert not [path for path in shadows if path.exists() or path.with_suffix(".py").exists()]
