"""`insonate scatterers`: what goes in, what comes out, what is refused."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from cli_fakes import CommandLine, install, write_points

import physics
from physics.settings import KNOBS
from simulator.scatterers_command import UNDERSTOOD

USUAL = (
    "--points points.npz --probe L11-5v --set frequency_mhz=7.6 --set focus_mm=20 "
    "--set tx_f_number=2 --set rx_f_number=1.5 --set tx_apodisation=rect "
    "--set rx_apodisation=hann --line-x-mm -6:6:0.15 --depth-mm 5:35:0.025 --out iq.npz"
)


@pytest.fixture
def real(capsys, monkeypatch, tmp_path) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    write_points(Path("points.npz"))
    return CommandLine(capsys)


@pytest.fixture
def insonate(real, monkeypatch) -> CommandLine:
    install(monkeypatch)
    return real


def usual(**changes: str | None) -> list[str]:
    """The usual arguments; `line_x_mm="0:1:1"` changes one, None leaves it out."""
    words = USUAL.split()
    for name, value in changes.items():
        option = "--" + name.replace("_", "-")
        if option in words:
            at = words.index(option)
            del words[at : at + 2]
        if value is not None:
            words += [option, value]
    return ["scatterers", *words]


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name != ".state")


def test_the_file_holds_echoes_lines_and_depths(insonate):
    assert insonate(*usual()) == (0, "", "")
    with np.load("iq.npz", allow_pickle=False) as result:
        assert set(result) == {"iq", "line_x_m", "sample_z_m", "settings_json"}
        assert result["iq"].dtype == np.complex64
        assert result["iq"].shape == (81, 1201)
        np.testing.assert_allclose(result["line_x_m"][[0, -1]], [-6e-3, 6e-3])
        np.testing.assert_allclose(result["sample_z_m"][[0, -1]], [5e-3, 35e-3])
        told = json.loads(str(result["settings_json"]))
    assert told["probe"] == "L11-5v"
    assert told["frequency_mhz"] == 7.6
    assert told["rx_apodisation"] == "hann"
    assert (told["attenuation_db_cm_mhz"], told["planar"]) == (0, False)


def test_on_a_convex_probe_lines_are_angles(insonate):
    write_points(Path("points.npz"), z_m=np.full(3, 0.05))
    words = "--points points.npz --probe C5-2v --line-deg -20:20:1 --depth-mm 20:150:0.1"
    assert insonate("scatterers", *words.split(), "--out", "iq.npz") == (0, "", "")
    with np.load("iq.npz") as result:
        assert "line_x_m" not in result
        np.testing.assert_allclose(np.degrees(result["line_rad"]), np.arange(-20, 21))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"probe": "L11-5"}, "L11-5v"),
        ({"probe": None}, "--probe"),
        ({"points": "missing.npz"}, "No such file"),
        ({"points": "."}, "not an ordinary file"),
        ({"points": None}, "--points"),
        ({"out": None}, "--out"),
        ({"out": "nowhere/iq.npz"}, "no folder"),
        ({"out": "/proc/iq.npz"}, "cannot write"),
        ({"out": "points.npz"}, "overwrite"),
        ({"line_x_mm": None}, "--line-x-mm --line-deg is required"),
        ({"line_x_mm": None, "line_deg": "-6:6:1"}, "L11-5v is linear"),
        ({"line_deg": "-6:6:1"}, "not allowed with"),
        ({"probe": "C5-2v"}, "frequency_mhz is 7.6; probe C5-2v"),
        ({"line_x_mm": "-60:60:1"}, "allows -19.2 to 19.2 mm"),
        ({"line_x_mm": "-6:6:0.001"}, "at most 4096"),
        ({"line_x_mm": "-6:6"}, "start:stop:step"),
        ({"line_x_mm": "-6:6:nan"}, "finite"),
        ({"depth_mm": "-5:35:0.025"}, "0 mm or deeper"),
        ({"depth_mm": "5:35:0"}, "above 0"),
        ({"depth_mm": "5:35:1e-5"}, "at most 200000"),
        ({"depth_mm": "5:3500:1"}, "beyond 300"),
        ({"depth_mm": "0:300:0.0016", "line_x_mm": "-6:6:0.01"}, "50000000"),
        ({"attenuation_db_cm_mhz": "-0.5"}, "0 to 10"),
        ({"attenuation_db_cm_mhz": "nan"}, "finite"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(insonate, changes, says):
    assert says in insonate.refused(*usual(**changes))
    assert files() == ["points.npz"]


@pytest.mark.parametrize("knob", [k for k in KNOBS if k not in UNDERSTOOD])
def test_a_knob_that_would_change_nothing_is_refused_with_those_that_do(insonate, knob):
    says = insonate.refused(*usual(), "--set", f"{knob}=1")
    assert f"--set {knob} would change nothing" in says
    assert all(name in says for name in UNDERSTOOD)
    assert files() == ["points.npz"]


def test_the_knobs_that_points_heed_are_those_that_their_code_reads():
    text = (Path(physics.__file__).parent / "point_echoes.py").read_text(encoding="utf-8")
    read = set(re.findall(r"\bsettings\.(\w+)", text))
    assert read == {KNOBS[name].field for name in UNDERSTOOD}


@pytest.mark.parametrize(
    "arrays",
    [
        {"z_m": np.array([0.01, np.nan, 0.01])},
        {"z_m": np.array([0.01, 0.0, 0.01])},
        {"z_m": np.array([0.01, -0.02, 0.01])},
        {"amplitude": None},
        {k: np.zeros(0) for k in ("x_m", "z_m", "amplitude")},
    ],
)
def test_bad_points_are_one_sentence_and_no_file(insonate, arrays):
    write_points(Path("points.npz"), **arrays)
    insonate.refused(*usual())
    assert files() == ["points.npz"]


def test_points_show_where_they_are(real):
    """Through the engine itself: three points, three peaks, within a line and 0.1 mm."""
    status, _, err = real(*usual(line_x_mm="-3:3:0.25", depth_mm="5:35:0.05"), "--planar")
    assert (status, err) == (0, "")
    with np.load("iq.npz") as result:
        level = np.abs(result["iq"])
        lines, depths = result["line_x_m"], result["sample_z_m"]
    assert np.isfinite(level).all()
    for x, z in ((-1e-3, 10e-3), (0.0, 20e-3), (2e-3, 30e-3)):
        near = np.abs(depths - z) < 3e-3
        line, sample = np.unravel_index(level[:, near].argmax(), level[:, near].shape)
        assert abs(lines[line] - x) < 0.3e-3
        assert abs(depths[near][sample] - z) < 0.1e-3


def test_a_line_does_not_depend_on_the_lines_imaged_with_it(real):
    from physics.point_echoes import image_points
    from physics.probe import find_probe
    from physics.settings import ScanSettings

    words = "--points points.npz --probe L12-3 --planar --line-x-mm -2:2:0.2 --depth-mm 8:12:0.1"
    assert real("scatterers", *words.split(), "--out", "iq.npz") == (0, "", "")
    with np.load("iq.npz") as result, np.load("points.npz") as points:
        for line in (0, 10, 17):
            alone = image_points(
                points["x_m"],
                points["z_m"],
                points["amplitude"],
                probe=find_probe("L12-3"),
                settings=ScanSettings(),
                line_u=result["line_x_m"][line : line + 1],
                sample_z_m=result["sample_z_m"],
                planar=True,
            )
            floor = 1e-5 * np.abs(result["iq"]).max()
            np.testing.assert_allclose(result["iq"][line : line + 1], alone, atol=floor)
