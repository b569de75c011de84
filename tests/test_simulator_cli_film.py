"""`insonate render` into other files than PNG: DICOM, sweeps as loops, scenes in and out."""

import io
import json
from pathlib import Path

import numpy as np
import pydicom
import pytest
from cli_fakes import CommandLine, FakeChain, install
from PIL import Image

from simulator.scene_file import read_scene, write_scene


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    return CommandLine(capsys)


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name != ".state")


def test_the_suffix_says_which_kind_of_file_is_written(insonate):
    for suffix in ("png", "gif", "dcm"):
        assert insonate("render", "--out", f"p.{suffix}") == (0, "", "")
    with Image.open("p.png") as png, Image.open("p.gif") as gif:
        np.testing.assert_array_equal(np.asarray(gif.convert("L")), np.asarray(png))
        np.testing.assert_array_equal(pydicom.dcmread("p.dcm").pixel_array, np.asarray(png))


def test_a_sweep_of_the_probe_is_a_loop_of_one_picture_a_step(insonate):
    assert insonate("render", "--sweep", "slide_mm=-1:1:0.5", "--out", "s.dcm").status == 0
    slides = [asked["pose"].slide_m * 1e3 for asked in FakeChain.asked]
    assert slides == pytest.approx([-1, -0.5, 0, 0.5, 1])
    data = pydicom.dcmread("s.dcm")
    assert (data.NumberOfFrames, data.FrameTime) == (5, 100)
    assert json.loads(data.ImageComments)["slide_mm"] == -1


def test_any_knob_that_is_a_number_can_be_swept(insonate):
    assert insonate("render", "--sweep", "focus_mm=10:30:10", "--out", "s.gif").status == 0
    assert [asked["settings"].display("focus_mm") for asked in FakeChain.asked] == [10, 20, 30]
    assert insonate("render", "--sweep", "gain_db=-3:3:3", "--out", "s.mp4").status == 0
    assert files() == ["s.gif", "s.mp4"]


def test_a_saved_scene_renders_the_same_picture(insonate):
    asked = "--phantom muscle_block --set gain_db=3 --slide-mm -1.5 --tilt-deg 2 --seed 4"
    insonate("render", *asked.split(), "--noise-seed", 9, "--out", "a.png", "--save-scene",
             "a.insonate")  # fmt: skip
    assert insonate("render", "--scene", "a.insonate", "--out", "b.png") == (0, "", "")
    first, second = FakeChain.asked
    assert (first.pop("medium"), second.pop("medium")) != (None, None)
    assert first == second
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


def test_options_turn_what_a_scene_begins_with(insonate):
    insonate("render", "--phantom", "muscle_block", "--seed", 4, "--tilt-deg", 3, "--out", "a.png",
             "--save-scene", "a.insonate")  # fmt: skip
    insonate("render", "--scene", "a.insonate", "--set", "gain_db=7", "--slide-mm", 2, "--out",
             "b.png", "--save-scene", "b.insonate")  # fmt: skip
    request = read_scene(Path("b.insonate"))
    assert (request.phantom, request.seed, request.noise_seed) == ("muscle_block", 4, 4)
    assert request.settings.gain_db == 7
    assert request.pose.slide_m == pytest.approx(2e-3)
    assert request.pose.tilt_rad == read_scene(Path("a.insonate")).pose.tilt_rad > 0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ("--out p.mp4", ".png, .gif or .dcm"),
        ("--out p.tif", ".png, .gif or .dcm"),
        ("--sweep slide_mm=-1:1:1 --out p.png", ".gif, .mp4 or .dcm"),
        ("--sweep slide_mm=-99:99:1 --out p.gif", "slide_mm is -99"),
        ("--sweep focus_mm=10:300:10 --out p.gif", "focus_mm is"),
        ("--sweep depth_mm=20:30:5 --out p.gif", "same depth and width"),
        ("--sweep grey_map=1:2:1 --out p.gif", "number to sweep"),
        ("--sweep slide=1:2:1 --out p.gif", "slide_mm"),
        ("--sweep slide_mm --out p.gif", "NAME=START:STOP:STEP"),
        ("--sweep slide_mm=0:1:0.0001 --out p.gif", "at most 400"),
        ("--sweep slide_mm=-1:1:1 --out p.gif --npz f.npz", "--npz"),
        ("--scene none.insonate --out p.png", "cannot be read"),
        ("--scene bad.insonate --out p.png", "not a JSON text"),
        ("--scene good.insonate --phantom qa_block --out p.png", "leave --phantom"),
        ("--out p.png --save-scene s.json", ".insonate"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(insonate, args, says):
    from simulator.renderer import start_request

    Path("bad.insonate").write_bytes(b"PK\x03\x04")
    scene = io.BytesIO()
    write_scene(scene, start_request())
    Path("good.insonate").write_bytes(scene.getvalue())
    assert says in insonate.refused("render", *args.split())
    assert files() == ["bad.insonate", "good.insonate"]
