"""Bad phantom files: one sentence that says file, entry, what was found and what is allowed."""

from pathlib import Path

import numpy as np
import pytest

from phantoms import ContentError, load_phantom, phantom_names, read_phantom
from phantoms.catalogue import LIBRARY, read_source
from phantoms.checked import MAX_FILE_BYTES, check
from phantoms.description import PhantomEntry
from physics.geometry import Pose

GOOD = """
format = 1
title = "Jelly"
summary = "A block of jelly."

[start]
probe = "L12-3"
knobs = { frequency_mhz = 8 }

[limits]
slide_mm = [-5, 5]
rock_deg = [-10, 10]
soft_to_mm = 10

[curve.skin]
kind = "flat"
depth_mm = 0

[curve.hill]
kind = "graph"
points_mm = [[-40, 20], [0, 15], [40, 20]]

[frame.hill]
kind = "curve"
curve = "hill"

[[region]]
name = "jelly"
tissue = "muscle"
shape = { kind = "below", curve = "skin" }

[[region]]
name = "stone"
tissue = "calcification"
fibres = "hill"
shape = { kind = "disc", centre_mm = [0, 12], diameter_mm = 4 }

[[wire]]
name = "pins"
material = "nylon_wire"
diameter_mm = 0.1
at_mm = [[0, 20]]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "jelly.toml"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ContentError) as caught:
        read_phantom(write(folder, text))
    message = str(caught.value)
    assert message.startswith("jelly.toml: ")
    assert "\n" not in message
    assert len(message) < 400
    return message


def test_a_good_file_is_read(tmp_path: Path) -> None:
    phantom = read_phantom(write(tmp_path, GOOD))
    assert phantom.name == "jelly"
    assert phantom.region_names == ("gel", "jelly", "stone")
    assert phantom.start_settings == {"frequency_mhz": 8}
    assert len(phantom.wires.x_m) == 1


def test_the_key_follows_the_content(tmp_path: Path) -> None:
    first = read_phantom(write(tmp_path, GOOD)).key
    assert read_phantom(write(tmp_path, GOOD)).key == first
    assert read_phantom(write(tmp_path, GOOD.replace("[0, 12]", "[0, 13]"))).key != first


@pytest.mark.parametrize("name", phantom_names())
def test_a_description_survives_a_round_trip(name: str) -> None:
    entry = check(PhantomEntry, read_source(LIBRARY / f"{name}.toml").data, name)
    assert check(PhantomEntry, entry.model_dump(), name) == entry


@pytest.mark.parametrize("name", phantom_names())
def test_a_file_read_again_gives_the_same_slice(name: str) -> None:
    grid = {"x0_m": -0.01, "dx_m": 5e-4, "n_x": 40, "dz_m": 5e-4, "n_z": 60}
    again = read_phantom(LIBRARY / f"{name}.toml")
    one, two = load_phantom(name).slice(Pose(), **grid), again.slice(Pose(), **grid)
    for key in ("distance_m", "along_m", "across_m", "region_seed", "point_strength"):
        np.testing.assert_array_equal(getattr(one, key), getattr(two, key))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("format = 1", "format = 3", ["format", "1 or 2", "found 3"]),
        ('title = "Jelly"', "", ["title", "missing"]),
        ('summary = "A', 'sumary = "A', ["'sumary'", "did you mean 'summary'"]),
        ("soft_to_mm = 10", "soft_to_cm = 1", ["limits", "'soft_to_cm'", "'soft_to_mm'"]),
        ('tissue = "muscle"', 'tissue = "mussel"', ["'jelly'", "'mussel'", "'muscle'"]),
        ('kind = "disc"', 'kind = "disk"', ["region 2 'stone', shape", "'disk'", "'disc'"]),
        ("diameter_mm = 4", "diameter_mm = -4", ["'stone'", "diameter_mm", "greater than 0", "-4"]),
        ("diameter_mm = 4", "diameter_mm = nan", ["diameter_mm", "finite", "nan"]),
        ("diameter_mm = 4", "diameter_mm = 4000", ["diameter_mm", "500", "4000"]),
        ("diameter_mm = 4", 'diameter_mm = "4"', ["diameter_mm", "number", "'4'"]),
        ("diameter_mm = 4", "diameter_mm = true", ["diameter_mm", "number", "True"]),
        ("diameter_mm = 4", "radius_mm = 2", ["'radius_mm'", "allowed", "diameter_mm"]),
        ("centre_mm = [0, 12]", "centre_mm = [0]", ["centre_mm", "number 2 is missing", "[0]"]),
        ('curve = "skin" }', 'curve = "skinn" }', ["'jelly'", "curve", "'skinn'", "'skin'"]),
        ('fibres = "hill"', 'fibres = "hills"', ["'stone'", "fibres", "'hills'", "'hill'"]),
        ('name = "stone"', 'name = "jelly"', ["two regions", "'jelly'"]),
        ('name = "stone"', 'name = "gel"', ["two regions", "'gel'"]),
        ("[[-40, 20], [0, 15]", "[[-40, 20], [-41, 15]", ["curve, hill", "left to right", "-41"]),
        ('probe = "L12-3"', 'probe = "L12"', ["start", "probe", "'L12'", "L12-3"]),
        ("frequency_mhz = 8", "frequncy_mhz = 8", ["start", "'frequncy_mhz'", "'frequency_mhz'"]),
        ("frequency_mhz = 8", "frequency_mhz = 15", ["start", "frequency_mhz", "15", "4 to 12"]),
        (
            "slide_mm = [-5, 5]",
            "slide_mm = [5, -5]",
            ["limits", "slide_mm", "smaller number first"],
        ),
        ("slide_mm = [-5, 5]", "slide_mm = [1, 5]", ["start", "slide_mm is 0", "1 to 5"]),
        ("soft_to_mm = 10", "soft_to_mm = 2", ["soft_to_mm is 2", "or more"]),
        ("soft_to_mm = 10", "soft_to_mm = 10\npress_mm = -1", ["press_mm", "-1"]),
        ("soft_to_mm = 10", "soft_to_mm = 10\npress_mm = 13", ["press_mm is 13", "12.5 or less"]),
        ("diameter_mm = 4 }", "diameter_mm = 4 }\ndrains_at_kpa = -1", ["drains_at_kpa", "-1"]),
        ("depth_mm = 0", "depth_mm = 2", ["gap", "no region"]),
        ("depth_mm = 0", "depth_mm = -2", ["above the skin", "'jelly'"]),
        ('material = "nylon_wire"', 'material = "nylon"', ["'pins'", "'nylon'", "'nylon_wire'"]),
        ('kind = "curve"\n', 'kind = "pennate"\nangle_deg = 5\n', ["frame, hill", "'curve'"]),
    ],
)
def test_a_mistake_is_told_in_one_sentence(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    assert old in GOOD
    message = complaint(tmp_path, GOOD.replace(old, new, 1))
    for word in words:
        assert word in message, message


def test_a_press_must_leave_half_of_the_tissue_over_bone(tmp_path: Path) -> None:
    """The top of the bone is 10 mm deep."""
    bony = GOOD.replace('"calcification"', '"cortical_bone"')
    read_phantom(write(tmp_path, bony.replace("soft_to_mm = 10", "soft_to_mm = 10\npress_mm = 5")))
    message = complaint(
        tmp_path, bony.replace("soft_to_mm = 10", "soft_to_mm = 10\npress_mm = 5.4")
    )
    assert "press_mm is 5.4" in message
    assert "5.0 or less" in message or "5.1 or less" in message


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ('kind = "rod", from_mm = [0, 12], to_mm = [3, 12], diameter_mm = 2', ["'rod'", "ellipse"]),
        (
            'kind = "ellipse", centre_mm = [0, 12], width_mm = 3, height_mm = 2, turn_deg = 5',
            ["not turned"],
        ),
        ('kind = "disc", centre_mm = [0, 2], diameter_mm = 3', ["2 mm deep", "3.8 or more"]),
    ],
)
def test_only_a_level_ellipse_deep_enough_can_drain(
    tmp_path: Path, shape: str, words: list[str]
) -> None:
    old = 'shape = { kind = "disc", centre_mm = [0, 12], diameter_mm = 4 }'
    message = complaint(tmp_path, GOOD.replace(old, f"drains_at_kpa = 1.3\nshape = {{ {shape} }}"))
    for word in ("'stone'", *words):
        assert word in message, message


SPACE = """
[view.side]
title = "From the side"
look_for = "A stone."
slide_mm = 2
turn_deg = 40

[view.long]
title = "Long axis"
look_for = "A rod."
knobs = { depth_mm = 30 }

[curve.rod]
kind = "path"
points_mm = [[-20, 0, 20], [0, 1, 21], [20, 0, 22]]

[[region]]
name = "rod"
tissue = "tendon"
shape = { kind = "tube", curve = "rod", width_mm = [[-5, 4], [5, 3]], from_mm = -15 }
"""


def in_space(old: str = "", new: str = "") -> str:
    text = GOOD.replace("format = 1", "format = 2").replace(
        "soft_to_mm = 10", "soft_to_mm = 10\nturn_deg = [-45, 45]"
    )
    assert old in SPACE
    return text + SPACE.replace(old, new, 1)


def test_a_body_in_space_is_read(tmp_path: Path) -> None:
    phantom = read_phantom(write(tmp_path, in_space()))
    assert list(phantom.views) == ["side", "long"]
    assert phantom.start_pose == phantom.views["side"].pose
    assert phantom.start_pose.slide_m == pytest.approx(2e-3)
    assert phantom.views["side"].settings == {"frequency_mhz": 8}
    assert phantom.views["long"].settings == {"frequency_mhz": 8, "depth_mm": 30}
    assert phantom.region_at(np.array(0.0), np.array(21e-3), 1e-3) == 3
    assert phantom.region_at(np.array(0.0), np.array(21e-3), 4e-3) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("turn_deg = 40", "turn_deg = 50", ["view 'side'", "turn_deg is 50", "-45 to 45"]),
        ("depth_mm = 30", "depth_mm = 300", ["view 'long'", "depth_mm"]),
        ('title = "Long axis"', "", ["view, long", "title", "missing"]),
        ("[0, 1, 21]", "[-20, 1, 21]", ["curve, rod", "along the axis", "-20 follows -20"]),
        ("[0, 1, 21]", "[0, 21]", ["curve, rod, points_mm 2", "number 3 is missing"]),
        ("[[-5, 4], [5, 3]]", "[[-5, 4], [5, -3]]", ["'rod'", "width_mm", "-3"]),
        ('curve = "rod"', 'curve = "rods"', ["'rod'", "no curve", "'rods'"]),
    ],
)
def test_a_mistake_in_space_is_told_in_one_sentence(
    tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    message = complaint(tmp_path, in_space(old, new))
    for word in words:
        assert word in message, message


def test_a_gap_beside_the_plane_is_found(tmp_path: Path) -> None:
    """A surface that falls away to the sides leaves nothing there."""
    text = in_space().replace(
        'kind = "flat"\ndepth_mm = 0', 'kind = "flat"\ndepth_mm = 0\nround_about_mm = 30'
    )
    assert "there is a gap" in complaint(tmp_path, text)


def test_too_many_regions_are_refused(tmp_path: Path) -> None:
    more = "".join(
        f'[[region]]\nname = "r{i}"\ntissue = "muscle"\nshape = {{ kind = "everything" }}\n'
        for i in range(63)
    )
    message = complaint(tmp_path, GOOD + more)
    assert "region" in message
    assert "63" in message


@pytest.mark.parametrize(
    "content",
    [b"format = ", b"\xff\xfe\x00", b"", b"a = " + b"[" * 200_000, b"\x00" * 100],
    ids=["half a line", "not text", "nothing", "deep", "zeros"],
)
def test_rubbish_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jelly.toml"
    path.write_bytes(content)
    with pytest.raises(ContentError, match=r"jelly\.toml"):
        read_phantom(path)


def test_a_huge_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "jelly.toml"
    with path.open("wb") as file:
        file.truncate(50 * MAX_FILE_BYTES)  # sparse
    with pytest.raises(ContentError, match="larger than 1000 kB"):
        read_phantom(path)


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ContentError, match="cannot be read"):
        read_phantom(tmp_path / name)
