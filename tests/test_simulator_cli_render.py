"""`insonate render` and the listings, with a stand-in for the engine."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_fakes import FAKE_OUTPUT, CommandLine, FakeChain, install
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from physics.settings import KNOBS


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    return CommandLine(capsys)


def files() -> list[str]:
    return sorted(path.name for path in Path().iterdir() if path.name != ".state")


def test_picture_and_frame_are_written(insonate):
    asked = "--phantom supraspinatus_lax --probe L12-3 --set frequency_mhz=10 --set focus_mm=20"
    asked += " --set depth_mm=40 --slide-mm 0 --rock-deg 0 --seed 1 --out p.png --npz f.npz"
    assert insonate("render", *asked.split()) == (0, "", "")
    assert files() == ["f.npz", "p.png"]
    with np.load("f.npz", allow_pickle=False) as frame, Image.open("p.png") as png:
        arrays = {"iq", "line_x_m", "sample_z_m", "picture"}
        assert set(frame) == {*arrays, "settings_json", "output_json"}
        assert frame["iq"].dtype == np.complex64
        assert frame["iq"].shape == (frame["line_x_m"].size, frame["sample_z_m"].size)
        assert frame["picture"].dtype == np.uint8
        assert png.mode == "L"
        np.testing.assert_array_equal(np.asarray(png), frame["picture"])
        told = json.loads(str(frame["settings_json"]))
        assert json.loads(png.text["Description"]) == told
        sent = json.loads(str(frame["output_json"]))
    assert sent == FAKE_OUTPUT.to_dict()
    assert told["phantom"] == "supraspinatus_lax"
    assert (told["frequency_mhz"], told["focus_mm"], told["depth_mm"]) == (10, 20, 40)
    assert (told["probe"], told["seed"], told["slide_mm"], told["rock_deg"]) == ("L12-3", 1, 0, 0)
    assert told["tgc_db"] == [0.0] * 8


def test_knobs_pose_and_seed_reach_the_engine(insonate):
    tgc = "tgc_db=0,1,2,3,4,5,6,-7.5"
    insonate(
        *["render", "--set", tgc, "--set", "tx_apodisation=hann", "--set", "gain_db=-3"],
        *["--slide-mm", "-2.5", "--rock-deg", "-3e0", "--seed", 7, "--out", "p.png"],
        *["--standoff-mm", "8", "--press-mm", "1.5"],
    )
    (asked,) = FakeChain.asked
    assert asked["settings"].tgc_db == (0, 1, 2, 3, 4, 5, 6, -7.5)
    assert asked["settings"].tx_apodisation == "hann"
    assert asked["settings"].gain_db == -3
    assert asked["pose"].slide_m == pytest.approx(-2.5e-3)
    assert asked["pose"].rock_rad == pytest.approx(np.radians(-3))
    assert asked["pose"].standoff_m == pytest.approx(8e-3)
    assert asked["pose"].press_m == pytest.approx(1.5e-3)
    assert (asked["seed"], asked["noise_seed"]) == (7, 7)


def test_a_standard_view_and_a_turned_probe_reach_the_engine(insonate):
    phantom = ["render", "--phantom", "biceps_groove", "--out", "p.png"]
    insonate(*phantom, "--view", "long", "--slide-y-mm", "-2")
    insonate(*phantom, "--turn-deg", "30", "--tilt-deg", "-5")
    long, turned = (asked["pose"] for asked in FakeChain.asked)
    assert (long.turn_rad, long.slide_y_m) == pytest.approx((0, -2e-3))
    assert (turned.turn_rad, turned.tilt_rad) == pytest.approx(np.radians((30, -5)))
    wrong = insonate(*phantom, "--view", "longs")
    assert wrong.status == 2
    assert "did you mean 'long'" in wrong.err


def test_without_options_the_phantom_says_how_to_start(insonate):
    from phantoms import load_phantom

    insonate("render", "--phantom", "qa_block", "--out", "p.png")
    phantom = load_phantom("qa_block")
    (asked,) = FakeChain.asked
    assert asked["medium_key"] == phantom.key
    assert asked["probe"].name == phantom.probe
    assert asked["pose"] == phantom.start_pose
    for name, value in phantom.start_settings.items():
        assert asked["settings"].display(name) == pytest.approx(value)


def test_another_probe_starts_within_what_it_can_do(insonate, monkeypatch):
    from phantoms import load_phantom

    deep = replace(load_phantom("qa_block"), start_settings={"depth_mm": 60, "frequency_mhz": 4})
    monkeypatch.setattr("simulator.renderer.load_phantom", lambda name: deep)
    assert insonate("render", "--probe", "L18-4", "--out", "p.png").status == 0
    started = FakeChain.asked[0]["settings"]
    assert (started.depth_m, started.frequency_hz) == (0.045, 6e6)


def test_the_same_seed_gives_the_same_files_and_another_seed_other_noise(insonate):
    for name, *seed in (("a", "--seed", 1), ("b", "--seed", 1), ("c", "--seed", 2)):
        insonate("render", *seed, "--out", f"{name}.png", "--npz", f"{name}.npz")
    insonate("render", "--noise-seed", 2, "--out", "d.png")
    picture = {name: Path(f"{name}.png").read_bytes() for name in "abcd"}
    assert picture["a"] == picture["b"]
    assert picture["a"] != picture["c"]
    assert picture["a"] != picture["d"]
    with np.load("a.npz") as a, np.load("b.npz") as b, np.load("c.npz") as c:
        np.testing.assert_array_equal(a["iq"], b["iq"])
        assert not np.array_equal(a["iq"], c["iq"])


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ("--phantom supraspinatus", "supraspinatus_lax"),
        ("--probe L12-4", "L12-3"),
        ("--probe C5-2v --set frequency_mhz=3.5 --set steer_deg=10", "convex"),
        ("--set focus=20", "focus_mm"),
        ("--set frequency_mhz=99", "2 to 18 MHz"),
        ("--set frequency_mhz=nan", "2 to 18 MHz"),
        ("--set frequency_mhz=inf", "2 to 18 MHz"),
        ("--set frequency_mhz=fast", "not a number"),
        ("--set frequency_mhz=1,2", "not a number"),
        ("--set frequency_mhz=", "KNOB=VALUE"),
        ("--set frequency_mhz", "KNOB=VALUE"),
        ("--set =3", "KNOB=VALUE"),
        ("--set", "expected one argument"),
        ("--probe L12-3 --set frequency_mhz=18", "L12-3 allows 4 to 12 MHz"),
        ("--probe L12-3 --set depth_mm=200", "L12-3 allows up to 60 mm"),
        ("--set centre_mm=3", "width_percent 100 probe L12-3 allows only 0 mm"),
        ("--set top_mm=33", "depth_mm 35 allows up to 30 mm"),
        ("--set focal_zones=5", "one of 1, 2, 3, 4"),
        ("--set focal_zones=2 --set focus_mm=40", "focal_zones 2 allows 0 to 35 mm"),
        ("--set tgc_db=0,0", "8 numbers"),
        ("--set tgc_db=0,0,0,0,0,0,0,99", "-20 to 20"),
        ("--set tgc_db=a,b,c,d,e,f,g,h", "not numbers"),
        ("--set tx_apodisation=round", "rect, hann"),
        ("--slide-mm 1000", "--slide-mm is 1000; phantom supraspinatus_lax allows"),
        ("--slide-mm nan", "finite"),
        ("--slide-mm -inf", "finite"),
        ("--rock-deg -90", "--rock-deg is -90; phantom supraspinatus_lax allows"),
        ("--rock-deg steep", "not a number"),
        ("--standoff-mm -1", "--standoff-mm is -1; phantom supraspinatus_lax allows 0 to 20 mm"),
        ("--standoff-mm 25", "--standoff-mm is 25; phantom supraspinatus_lax allows 0 to 20 mm"),
        ("--press-mm 4", "--press-mm is 4; phantom supraspinatus_lax allows 0 to 2 mm"),
        ("--press-mm -0.5", "--press-mm is -0.5; phantom supraspinatus_lax allows 0 to 2 mm"),
        ("--press-mm hard", "not a number"),
        ("--seed -1", "whole numbers"),
        ("--seed 1.5", "whole numbers"),
        ("--seed 99999999999999999999", "whole numbers"),
        ("--out missing/p.png", "no folder"),
        ("--out /proc/p.png", "cannot write"),
        ("--out /dev/null", ".png"),
        ("--out p.jpg", ".png"),
        ("--npz f.txt", ".npz"),
        ("--npz missing/f.npz", "no folder"),
        ("--frobnicate", "unrecognized arguments: --frobnicate"),
        ("--pha x", "unrecognized arguments"),
        ("stray", "unrecognized arguments"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(insonate, args, says):
    assert says in insonate.refused("render", "--out", "p.png", *args.split())
    assert files() == []
    assert FakeChain.asked == []


def test_out_is_required(insonate):
    assert "--out" in insonate.refused("render")


def test_control_characters_in_arguments_stay_on_one_line(insonate):
    insonate.refused("render", "--out", "p.png", "--set", "a\nb=1")
    insonate.refused("render", "--out", "p.png", "stray\n\x1b[31m\u2028words")


numeric_knobs = st.sampled_from([k for k in KNOBS.values() if not k.choices and k.n_value == 1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    knob=numeric_knobs,
    share=st.floats(0, 1) | st.floats(allow_nan=True, allow_infinity=True),
)
def test_knobs_are_taken_in_their_range_and_refused_outside(insonate, knob, share):
    value = knob.low + share * (knob.high - knob.low)
    if knob.whole and math.isfinite(value):
        value = round(value)
    args = ("render", "--probe", "L12-3", "--set", f"{knob.name}={value!r}", "--out", "p.png")
    of_this_scan = {
        "frequency_mhz": (4, 12),
        "depth_mm": (10, 60),
        "top_mm": (0, 30),  # 5 mm above the depth the phantom starts with
        "centre_mm": (0, 0),  # a whole sector cannot be moved
    }
    allowed = of_this_scan.get(knob.name, (knob.low, knob.high))
    Path("p.png").unlink(missing_ok=True)
    if allowed[0] <= value <= allowed[1]:
        assert insonate(*args).status == 0
        assert files() == ["p.png"]
    elif not allowed[0] * (1 - 1e-6) - 1e-6 <= value <= allowed[1] * (1 + 1e-6) + 1e-6:
        assert "allow" in insonate.refused(*args)
        assert files() == []


def test_failures_of_the_engine_leave_no_file_and_name_the_log(insonate, monkeypatch):
    def fail(self, **asked):
        raise RuntimeError("the beam\nbroke")

    monkeypatch.setattr(FakeChain, "render", fail)
    status, _, err = insonate("render", "--out", "p.png")
    assert status == 1
    assert len(err.splitlines()) == 1
    log = Path(".state/insonate/log/insonate.log").absolute()
    assert str(log) in err
    assert "Traceback" in log.read_text()
    assert files() == []


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, 130), (MemoryError, 1), (SystemExit(143), 143)]
)
def test_interruptions_leave_no_file(insonate, monkeypatch, error, status):
    def stop(self, **asked):
        raise error

    monkeypatch.setattr(FakeChain, "render", stop)
    outcome = insonate("render", "--out", "p.png")
    assert outcome.status == status
    assert "Traceback" not in outcome.err
    assert files() == []


def test_listings_have_one_aligned_line_each(insonate):
    from phantoms import phantom_headings
    from physics.probe import load_probes

    for command, names in (
        ("phantoms", [heading.name for heading in phantom_headings()]),
        ("probes", load_probes()),
        ("knobs", KNOBS),
    ):
        status, out, err = insonate(command)
        assert (status, err) == (0, "")
        assert [line.split()[0] for line in out.splitlines()] == list(names)
        assert len(json.loads(insonate(command, "--json").out)) == len(names)


def test_every_default_in_the_list_of_knobs_can_be_set(insonate):
    rows = json.loads(insonate("knobs", "--json").out)
    turns = [f"--set={row['name']}={row['default']}" for row in rows]
    assert insonate("render", *turns, "--out", "p.png").status == 0
    assert all(row["range"] and row["meaning"] for row in rows)


def test_the_engine_itself_gives_equal_pictures_for_equal_requests(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    real = CommandLine(capsys)
    assert real("prepare").status == 0  # else the first picture says that it compiles
    for name, *seed in (("a", "--seed", 1), ("b", "--seed", 1), ("c", "--noise-seed", 2)):
        words = ["render", "--out", f"{name}.png", "--npz", f"{name}.npz", *seed]
        assert real(*words) == (0, "", "")
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    with np.load("a.npz") as a, np.load("b.npz") as b, np.load("c.npz") as c:
        np.testing.assert_array_equal(a["iq"], b["iq"])
        assert np.isfinite(a["iq"]).all()
        assert a["iq"].shape == (a["line_x_m"].size, a["sample_z_m"].size)
        # other noise in the same tissue: alike where echoes are strong
        assert not np.array_equal(a["iq"], c["iq"])
        assert np.abs(a["iq"] - c["iq"]).max() < 0.1 * np.abs(a["iq"]).max()


@pytest.mark.parametrize("seed", [0, 1_000_000])
def test_the_engine_takes_every_seed_that_is_allowed(capsys, monkeypatch, tmp_path, seed):
    monkeypatch.chdir(tmp_path)
    assert CommandLine(capsys)("render", "--seed", seed, "--out", "p.png") == (0, "", "")
