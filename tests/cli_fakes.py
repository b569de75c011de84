"""Stand-ins for the engine that answer at once, and a way to call the command line."""

import sys
import types
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from physics.acoustic_output import AcousticOutput
from physics.frame import Frame
from physics.pipeline import Pipeline

FAKE_OUTPUT = AcousticOutput(
    mi=0.94, tis=0.06, tib=0.06, pressure_pa=3e6, peak_m=18e-3, pulse_intensity_w_m2=2.6e6,
    average_intensity_w_m2=60.0, average_peak_m=16e-3, power_w=4e-3, power_of_centre_w=1e-3,
    pulse_rate_hz=17.5e3,
)  # fmt: skip


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


class CommandLine:
    """Calls `insonate ...` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *args: object) -> Outcome:
        from simulator.__main__ import main

        self._capsys.readouterr()
        try:
            status = main([str(arg) for arg in args])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        return Outcome(status, *self._capsys.readouterr())

    def refused(self, *args: object) -> str:
        """The sentence with which the arguments are refused; fails if they are not, or rudely."""
        outcome = self(*args)
        assert outcome.status == 2, outcome
        assert outcome.out == ""
        lines = outcome.err.splitlines()
        assert len(lines) == 1, outcome.err
        assert lines[0].startswith("insonate: ")
        assert lines[0][-1] in ".?"
        assert "Traceback" not in outcome.err
        return lines[0]


class FakeChain:
    """Noise of the right shape; remembers what it was asked."""

    pipeline = Pipeline(())
    asked: list[dict[str, Any]] = []  # noqa: RUF012 (a test reads it from the class)

    def forget(self) -> None:
        """There is no history."""

    def render(self, **asked: Any) -> Frame:
        FakeChain.asked.append(asked)
        rng = np.random.default_rng([asked["seed"], asked["noise_seed"]])
        iq = rng.normal(size=(6, 40, 2)) @ np.array([1, 1j])
        return Frame(
            picture=rng.integers(0, 256, size=(20, 30)).astype(np.uint8),
            left_m=-0.015,
            right_m=0.015,
            bottom_m=asked["settings"].depth_m,
            iq=iq.astype(np.complex64),
            envelope=np.abs(iq).astype(np.float32),
            line_x_m=np.linspace(-0.015, 0.015, 6),
            sample_z_m=np.linspace(0, asked["settings"].depth_m, 40),
            tgc_curve_db=np.zeros(40, np.float32),
            probe=asked["probe"],
            settings=asked["settings"],
            pose=asked["pose"],
            medium=None,  # type: ignore[arg-type]
            frame_rate_hz=30.0,
            output=FAKE_OUTPUT,
        )


def fake_image_points(x_m: np.ndarray, z_m: np.ndarray, amplitude: np.ndarray, **options: Any):
    shape = (options["line_u"].size, options["sample_z_m"].size)
    return np.full(shape, amplitude.sum(), np.complex64)


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-ins where the commands import the engine from."""
    FakeChain.asked.clear()
    for name, contents in (
        ("physics.imaging_chain", {"BModeChain": FakeChain}),
        ("physics.point_echoes", {"image_points": fake_image_points}),
    ):
        module = types.ModuleType(name)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr("physics.compiling.read_list", list)  # nothing to compile


def home_in(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let logs, caches, progress and pictures of the user lie in `folder`."""
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_PICTURES_DIR"):
        monkeypatch.setenv(variable, str(folder / variable.lower()))
    (folder / "xdg_pictures_dir").mkdir(parents=True)


def write_points(path: Path, **arrays: Any) -> Path:
    """A points file with three scatterers, changed by `arrays` (None leaves one out)."""
    standard = {
        "x_m": np.array([-1e-3, 0.0, 2e-3]),
        "z_m": np.array([10e-3, 20e-3, 30e-3]),
        "amplitude": np.ones(3),
    }
    np.savez(path, **{k: v for k, v in {**standard, **arrays}.items() if v is not None})
    return path
