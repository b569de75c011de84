"""The start of the program: packages, caches, screens, logs, endings."""

import os
import signal
import socket
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
from cli_fakes import CommandLine, FakeChain, home_in, install
from PIL import Image

import simulator.__main__ as start
from simulator import screen
from simulator.errors import sentence
from simulator.options import WindowOptions
from simulator.version import program_version

SCREEN_VARIABLES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    install(monkeypatch)
    home_in(monkeypatch, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys)


@pytest.fixture
def no_screen(monkeypatch) -> None:
    for name in SCREEN_VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def opened(monkeypatch) -> list[WindowOptions]:
    """Options with which windows were opened; none really opens."""
    options: list[WindowOptions] = []
    app = types.ModuleType("simulator.app")
    app.run_window = lambda wanted, **_: options.append(wanted) or 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "simulator.app", app)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return options


def test_version_and_help_are_printed(insonate):
    assert insonate("--version") == (0, f"insonate {program_version()}\n", "")
    for command in ([], ["render"], ["scatterers"], ["knobs"]):
        outcome = insonate(*command, "--help")
        assert outcome.status == 0
        assert "usage: insonate" in outcome.out


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ("rendr", "render"),
        ("--size 1x1", "640x480"),
        ("--size big", "1366x768"),
        ("--phantom supraspinatus_lx", "supraspinatus_lax"),
        ("--probe L99", "L12-3"),
        ("--lesson yoga", "anisotropy"),
        ("--screenshot a.jpg", ".png"),
        ("--screenshot nowhere/a.png", "no folder"),
        ("--phantom qa_block render --out p.png", "come after it"),
        ("--smoke knobs", "come after it"),
    ],
)
def test_bad_options_are_one_sentence(insonate, opened, args, says):
    assert says in insonate.refused(*args.split())
    assert opened == []


def test_window_options_reach_the_window(insonate, opened, tmp_path):
    assert insonate().status == 0
    words = "--phantom qa_block --probe L18-4 --screenshot a.png --size 1366x768 --smoke"
    assert insonate(*words.split()).status == 0
    assert insonate("--fresh").status == 0
    assert opened == [
        WindowOptions(resume=True),
        WindowOptions(
            phantom="qa_block",
            probe="L18-4",
            screenshot=tmp_path / "a.png",
            size=(1366, 768),
            smoke=True,
        ),
        WindowOptions(),
    ]


def test_without_a_screen_the_scene_is_drawn_here(insonate, no_screen, tmp_path):
    status, out, err = insonate()
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 1
    assert str(tmp_path / "insonate.png") in out
    assert "xvfb-run -a" in out
    assert FakeChain.asked[0]["medium"].name == "supraspinatus_lax"
    with Image.open("insonate.png") as png:
        assert png.mode == "L"


def test_without_a_screen_in_an_unwritable_folder_it_is_drawn_elsewhere(
    insonate, no_screen, monkeypatch, tmp_path
):
    monkeypatch.chdir("/proc")
    pictures = tmp_path / "home/xdg_pictures_dir"
    assert str(pictures / "insonate.png") in insonate().out
    assert (pictures / "insonate.png").is_file()
    monkeypatch.setenv("XDG_PICTURES_DIR", "/proc/none")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    place = Path(insonate().out.split("'")[1])
    assert place.is_file()
    assert place.is_relative_to(tmp_path)


def test_what_needs_a_window_needs_a_screen(insonate, no_screen):
    assert "no screen" in insonate.refused("--smoke")
    assert "no screen" in insonate.refused("--screenshot", "a.png")
    assert not Path("a.png").exists()


def test_a_display_that_nobody_serves_is_no_screen(tmp_path):
    assert not screen.has_screen({}, "linux")
    assert not screen.has_screen({"DISPLAY": ":59999"}, "linux")
    assert not screen.has_screen({"DISPLAY": "unix:99999.0"}, "linux")
    assert not screen.has_screen(
        {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}, "linux"
    )
    assert screen.has_screen({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    assert screen.has_screen({"DISPLAY": "something else"}, "linux")
    assert screen.has_screen({}, "darwin")
    assert screen.has_screen({}, "win32")


def test_a_display_that_answers_is_a_screen(tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        environment = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
        assert screen.has_screen(environment, "linux")


def test_missing_system_libraries_are_named_with_their_remedy(insonate, opened, monkeypatch):
    class Broken:
        def find_spec(self, name, *_):
            if name == "PySide6.QtGui":
                raise ImportError("libEGL.so.1: cannot open shared object file")

    for name in [n for n in sys.modules if n.startswith("PySide6.QtGui")]:
        monkeypatch.delitem(sys.modules, name)
    if "PySide6" in sys.modules:
        monkeypatch.delattr(sys.modules["PySide6"], "QtGui", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    message = insonate.refused()
    assert "libEGL.so.1" in message
    assert "apt-get install" in message
    assert opened == []


def test_our_own_packages_are_no_strangers():
    assert start.find_stranger() is None


def run_elsewhere(folder: Path, *args: str, **options) -> subprocess.CompletedProcess:
    """`python -m simulator` in another process whose current folder is searched first."""
    home = Path(start.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(home)])}
    environment["PYTHONPATH"] += os.pathsep + os.environ.get("PYTHONPATH", "")
    return subprocess.run(
        [sys.executable, "-m", "simulator", *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **options,
    )


@pytest.mark.parametrize("shadow", ["physics.py", "phantoms/__init__.py", "lessons/__init__.py"])
def test_a_strange_package_in_front_of_ours_is_one_sentence(tmp_path, shadow):
    (tmp_path / shadow).parent.mkdir(exist_ok=True)
    (tmp_path / shadow).write_text("")
    outcome = run_elsewhere(tmp_path, "probes")
    assert outcome.returncode == 2
    assert len(outcome.stderr.splitlines()) == 1
    assert "another package called" in outcome.stderr


def test_closed_output_is_no_error(tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    home = Path(start.__file__).parents[1]
    outcome = subprocess.run(
        [sys.executable, "-m", "simulator", "knobs"],
        cwd=home,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writer)
    assert (outcome.returncode, outcome.stderr) == (0, b"")


def test_termination_removes_temporary_files(tmp_path):
    script = (
        "import os, sys, time; sys.path.insert(0, sys.argv[1]); import pytest, cli_fakes\n"
        "cli_fakes.install(pytest.MonkeyPatch())\n"
        "def render(self, **asked): print('rendering', flush=True); time.sleep(60)\n"
        "cli_fakes.FakeChain.render = render\n"
        "from simulator.__main__ import main; sys.exit(main(['render', '--out', 'p.png']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(Path(__file__).parent)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(start.__file__).parents[1]),
            "XDG_STATE_HOME": str(tmp_path / ".state"),
        },
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"rendering\n"
        assert any(path.suffix == ".part" for path in tmp_path.iterdir())
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
    assert time.monotonic() - started < 20
    assert [path.name for path in tmp_path.iterdir()] == [".state"]


def test_kernels_are_kept_among_the_users_caches(monkeypatch, tmp_path):
    home_in(monkeypatch, tmp_path / "home")
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    start.set_up_numba()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.is_dir()
    assert folder.is_relative_to(tmp_path)


def test_kernels_go_to_a_private_folder_where_caches_cannot_be_written(monkeypatch):
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/none")
    start.set_up_numba()
    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    assert folder.stat().st_mode & 0o077 == 0
    folder.rmdir()


def test_a_chosen_kernel_folder_is_respected(monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    start.set_up_numba()
    assert os.environ["NUMBA_CACHE_DIR"] == "/somewhere"


def test_the_start_imports_neither_qt_nor_numba():
    code = (
        "import sys, simulator.__main__, simulator.cli, simulator.listings, simulator.options\n"
        "heavy = {'numba', 'PySide6', 'PIL'} & set(sys.modules); sys.exit(str(heavy or ''))"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert outcome.stderr.strip() == ""


def test_verbose_works_before_and_after_the_command(insonate):
    for args in (["--verbose", "probes"], ["probes", "--verbose"]):
        assert "DEBUG simulator.cli" in insonate(*args).err
    assert insonate("probes").err == ""


def test_an_unwritable_log_is_no_obstacle(insonate, monkeypatch):
    def fail(self, **asked):
        raise RuntimeError("broken")

    monkeypatch.setattr(FakeChain, "render", fail)
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    status, _, err = insonate("render", "--out", "p.png")
    assert status == 1
    assert len(err.splitlines()) == 1
    assert "--verbose" in err


def test_sentences():
    assert sentence(ValueError("a\n  b")) == "a b."
    assert sentence(ValueError()) == "ValueError."
    assert sentence("Really?") == "Really?"
