"""`insonate phantom check`: every fault of a file, one sentence each, and what a body shows."""

from pathlib import Path

import pytest

from phantoms import phantom_names
from phantoms.catalogue import LIBRARY
from phantoms.check import faults_in

GOOD = """
format = 1
title = "Jelly"
summary = "A block of jelly."

[start]
probe = "L12-3"

[limits]
slide_mm = [-5, 5]
rock_deg = [-10, 10]
soft_to_mm = 10

[curve.skin]
kind = "flat"
depth_mm = 0

[curve.top]
kind = "graph"
points_mm = [[-40, 10], [0, 12], [40, 11]]

[curve.bottom]
kind = "graph"
points_mm = [[-40, 20], [0, 18], [40, 20]]

[[region]]
name = "fat"
tissue = "subcutaneous_fat"
shape = { kind = "below", curve = "skin" }

[[region]]
name = "jelly"
tissue = "muscle"
shape = { kind = "layer", top = "top", bottom = "bottom" }

[[region]]
name = "base"
tissue = "tendon"
shape = { kind = "below", curve = "bottom" }

[[region]]
name = "stone"
tissue = "calcification"
shape = { kind = "disc", centre_mm = [0, 15], diameter_mm = 0.2 }

[label.jelly]
text = "Jelly"
at_mm = [0, 14]
"""


def faults(folder: Path, *changes: tuple[str, str]) -> tuple[str, ...]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "jelly.toml"
    path.write_text(text, encoding="utf-8")
    found = faults_in(path)
    for fault in found:
        assert fault.startswith("jelly.toml: ")
        assert "\n" not in fault
    return found


@pytest.mark.parametrize("name", phantom_names())
def test_the_library_is_in_order(name: str) -> None:
    assert faults_in(LIBRARY / f"{name}.toml") == ()


def test_a_good_file_has_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path) == ()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        ('title = "Jelly"\n', "titel = 3\n"),
        ("soft_to_mm = 10", "soft_to_cm = 1"),
        ("depth_mm = 0", 'depth_mm = "0 mm"'),
        ('tissue = "muscle"', 'tissue = "mussel"'),
        ('bottom = "bottom"', 'bottom = "button"'),
        ("diameter_mm = 0.2", "diameter_mm = -2"),
        ('name = "base"', 'name = "base"\nfibres = "grain"'),
        ('text = "Jelly"', 'text = "Jelly"\nregion = "jely"'),
    )
    for words in (
        ("'titel'", "did you mean 'title'"),
        ("title", "missing"),
        ("limits", "'soft_to_cm'", "did you mean 'soft_to_mm'"),
        ("curve, skin", "depth_mm", "'0 mm'"),
        ("region 2 'jelly', tissue", "'mussel'", "'muscle'"),
        ("region 2 'jelly', shape, bottom", "did you mean 'bottom'"),
        ("region 4 'stone'", "diameter_mm", "greater than 0", "-2"),
        ("region 3 'base', fibres", "'grain'", "there are: body"),
        ("label 'jelly', region", "did you mean 'jelly'"),
    ):
        assert any(all(word in fault for word in words) for fault in found), (words, found)


def test_every_view_outside_its_limits_is_told(tmp_path: Path) -> None:
    views = "".join(
        f'[view.v{i}]\ntitle = "V"\nlook_for = "Jelly."\nslide_mm = {i}\n' for i in (7, 3, 9)
    )
    found = faults(tmp_path, ("[limits]", views + "[limits]"))
    assert ["slide_mm is 7" in found[0], "slide_mm is 9" in found[1]] == [True, True]
    assert len(found) == 2


def test_surfaces_that_cross_are_told_and_can_be_allowed(tmp_path: Path) -> None:
    change = ("[0, 18], [40, 20]", "[0, 8], [40, 20]")
    stone = ("centre_mm = [0, 15]", "centre_mm = [20, 15]")
    label = ("at_mm = [0, 14]", "at_mm = [20, 14]")
    (found,) = faults(tmp_path, change, stone, label)
    for word in ("region 2 'jelly'", "'top' and 'bottom' cross", "X = ", "may_cross = true"):
        assert word in found
    depth = float(found.split(" mm above")[0].rsplit(" ", 1)[1])
    assert depth == pytest.approx(4.0, abs=0.15)
    allowed = ('name = "jelly"', 'name = "jelly"\nmay_cross = true')
    assert faults(tmp_path, change, stone, label, allowed) == ()


def test_layers_one_below_the_other_must_stay_so(tmp_path: Path) -> None:
    deep = '[curve.deep]\nkind = "graph"\npoints_mm = [[-40, 30], [0, 16], [40, 30]]\n[limits]'
    below = ("[label.jelly]", '[[region]]\nname = "deep"\ntissue = "muscle"\n'
             'shape = { kind = "below", curve = "deep" }\n[label.jelly]')  # fmt: skip
    (found,) = faults(tmp_path, ("[limits]", deep), below)
    assert "surfaces of regions 'base' and 'deep' cross" in found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("centre_mm = [0, 15]", "centre_mm = [0, 90]", "no probe can look"),
        ("centre_mm = [0, 15]", "centre_mm = [300, 15]", "no probe can look"),
        (
            '[[region]]\nname = "stone"',
            '[[region]]\nname = "lid"\ntissue = "muscle"\nshape = { kind = "below", curve = '
            '"bottom", offset_mm = -0.5 }\n[[region]]\nname = "stone"',
            "region 3 'base': is nowhere to be seen: it is covered by 'lid'",
        ),
    ],
)
def test_a_region_that_nothing_reaches_is_told(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    (found,) = faults(tmp_path, (old, new))
    assert words in found


def test_a_label_must_stand_near_what_it_names(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, ("at_mm = [0, 14]", "at_mm = [0, 5]"))
    assert "label 'jelly': at_mm is [0.0, 5.0], which lies in region 'fat'" in found
    assert faults(tmp_path, ("at_mm = [0, 14]", "at_mm = [0, 10]")) == ()


def test_a_gap_is_told_once_the_file_is_in_order(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, ("depth_mm = 0", "depth_mm = 2"))
    assert "there is a gap" in found


def test_a_variant_is_checked_with_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(
        'variant_of = "muscle_block"\ntitle = "Other"\nsummary = "Other."\n'
        '[[region]]\nname = "muscle"\ntissue = "mussel"\n[limit]\nslide_mm = [0, 1]\n'
    )
    found = faults_in(path)
    assert len(found) == 2
    assert all(fault.startswith("other.toml: ") for fault in found)


@pytest.mark.parametrize("content", [b"format = ", b"\xff", b""])
def test_rubbish_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jelly.toml"
    path.write_bytes(content)
    assert faults_in(path)
