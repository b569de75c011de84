"""Promises about the repository itself: pinned versions, and no index address in any file."""

import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent

# Hosts of package registries, in pieces so that this file does not name one itself.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "ana" + "conda.org",
    "ana" + "conda.com",
    "np" + "mjs.org",
    "cra" + "tes.io",
    "deb.deb" + "ian.org",
]


def git(*arguments):
    try:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("git is not installed")


@pytest.fixture(scope="module")
def tracked_files():
    """Files in the repository, and new ones that git does not ignore."""
    listing = git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listing.returncode != 0:
        pytest.skip("not a git working copy")
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


@pytest.fixture(scope="module")
def pinned():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_no_file_names_a_package_registry(tracked_files):
    found = []
    for path in tracked_files:
        content = path.read_bytes().lower()
        found += [f"{path.name}: {host}" for host in REGISTRY_HOSTS if host.encode() in content]
    assert not found


def test_the_lock_file_of_uv_is_ignored(tracked_files):
    assert git("check-ignore", "--quiet", "uv.lock").returncode == 0
    assert "uv.lock" not in {path.name for path in tracked_files}


def test_requirements_lock_holds_exact_versions_and_no_address(pinned):
    for requirement in pinned:
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert requirement.url is None, requirement


def test_requirements_lock_agrees_with_pyproject(pinned):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for requirement in map(Requirement, wanted):
        name = requirement.name.lower()
        versions = [
            specifier.version for pin in pinned if pin.name == name for specifier in pin.specifier
        ]
        assert any(requirement.specifier.contains(version) for version in versions), (
            f"{requirement} is not met by requirements.lock ({versions}): run `make lock`"
        )


def test_pyside_stays_below_6_12(pinned):
    """See test_pyside_guard.py for the reason."""
    qt = [pin for pin in pinned if pin.name.startswith(("pyside", "shiboken"))]
    versions = {pin.name: str(pin.specifier) for pin in qt}
    assert set(versions) == {"pyside6-essentials", "shiboken6"}
    assert all(version.startswith("==6.11.") for version in versions.values()), versions
    assert metadata.version("PySide6-Essentials").startswith("6.11.")
