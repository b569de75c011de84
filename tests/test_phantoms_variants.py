"""Variants of phantoms: a file that says only how it differs from its parent."""

from pathlib import Path

import numpy as np
import pytest

from phantoms import ContentError, load_phantom, phantom_headings, phantom_names, read_phantom
from phantoms.catalogue import GROUPS, read_source
from phantoms.variants import inherit

VARIANT = """
variant_of = "muscle_block"
title = "Another block"
summary = "A block with something else in it."
"""


def write(folder: Path, text: str = "", name: str = "other", head: str = VARIANT) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(head + text, encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(ContentError) as caught:
        read_phantom(path)
    message = str(caught.value)
    assert message.startswith(f"{path.name}: ")
    assert "\n" not in message
    return message


def test_a_variant_that_changes_nothing_is_its_parent(tmp_path: Path) -> None:
    child, parent = read_phantom(write(tmp_path)), load_phantom("muscle_block")
    assert (child.title, child.variant_of) == ("Another block", "muscle_block")
    assert child.key != parent.key
    assert child.region_names == parent.region_names
    assert child.start_settings == parent.start_settings
    x, z = np.linspace(-0.02, 0.02, 50)[:, None], np.linspace(0.001, 0.05, 60)[None, :]
    np.testing.assert_array_equal(child.region_at(x, z), parent.region_at(x, z))


def test_tables_are_changed_key_by_key(tmp_path: Path) -> None:
    child = read_phantom(
        write(tmp_path, "[start.knobs]\ndepth_mm = 30\n\n[limits]\nslide_mm = [-4, 4]\n")
    )
    parent = load_phantom("muscle_block")
    assert child.start_settings == {**parent.start_settings, "depth_mm": 30}
    assert child.slide_range_m == pytest.approx((-4e-3, 4e-3))
    assert child.rock_range_rad == parent.rock_range_rad


def test_another_kind_replaces_a_table() -> None:
    parent = {"curve": {"a": {"kind": "flat", "depth_mm": 3}, "b": {"kind": "flat", "depth_mm": 5}}}
    graph = {"kind": "graph", "points_mm": [[0, 1], [1, 2]]}
    change = {"variant_of": "p", "curve": {"a": graph, "b": {"depth_mm": 6}, "c": graph}}
    merged = inherit(parent, change, "f")
    assert merged["curve"] == {"a": graph, "b": {"kind": "flat", "depth_mm": 6}, "c": graph}


def regions(*tables: dict[str, object], remove: tuple[str, ...] = ()) -> list[dict[str, object]]:
    parent = {"region": [{"name": n, "tissue": "t", "shape": {"kind": "k", "a": 1}} for n in "abc"]}
    change = {"variant_of": "p", "region": list(tables), "remove": list(remove)}
    found: list[dict[str, object]] = inherit(parent, change, "f")["region"]
    return found


def test_regions_are_changed_added_moved_and_removed() -> None:
    found = regions(
        {"name": "b", "tissue": "u", "shape": {"a": 2}},
        {"name": "d", "after": "a"},
        {"name": "e", "before": "d"},
        {"name": "a", "after": "b"},
        remove=("region.c",),
    )
    assert [r["name"] for r in found] == ["e", "d", "b", "a"]
    assert found[2] == {"name": "b", "tissue": "u", "shape": {"kind": "k", "a": 2}}
    assert found[0] == {"name": "e"}


def test_a_region_removed_can_be_drawn_anew() -> None:
    found = regions({"name": "a", "after": "c", "x": 1}, remove=("region.a", "region.b.tissue"))
    assert found[2] == {"name": "a", "x": 1}
    assert found[0] == {"name": "b", "shape": {"kind": "k", "a": 1}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[region]]\nname = "cysts"\n', ["region 1 'cysts'", "after", "before", "muscle"]),
        ('[[region]]\nname = "x"\nafter = "mussel"\n', ["'x', after", "'mussel'", "'muscle'"]),
        ('[[region]]\nname = "x"\nafter = "x"\n', ["'x', after", "no region"]),
        ('[[region]]\nname = "x"\nafter = "skin"\nbefore = "skin"\n', ["both"]),
        ('[[region]]\nname = "muscle"\ntissue = "mussel"\n', ["'muscle'", "'mussel'"]),
        ("[limit]\nslide_mm = [0, 1]\n", ["'limit'", "did you mean 'limits'"]),
        ("[curve.skin]\ndepth = 0\n", ["curve, skin", "'depth'", "'depth_mm'"]),
    ],
)
def test_a_mistake_in_a_variant_is_told(tmp_path: Path, text: str, words: list[str]) -> None:
    message = complaint(write(tmp_path, text))
    for word in words:
        assert word in message, message


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ('remove = ["region.mussel"]', ["'region.mussel'", "did you mean 'muscle'"]),
        ('remove = ["regions.muscle"]', ["'regions.muscle'", "did you mean 'region'"]),
        ('remove = ["curve.skin"]', ["region 1 'skin'", "no curve is called 'skin'"]),
        ('remove = ["title"]', ["'title'", "no such entry"]),
        ('remove = ["format.x"]', ["'format.x'", "nothing called 'x'"]),
        ("remove = 3", ["remove", "found 3"]),
        ("remove = [3]", ["remove", "found 3"]),
    ],
)
def test_only_what_the_parent_has_can_be_removed(
    tmp_path: Path, head: str, words: list[str]
) -> None:
    message = complaint(write(tmp_path, head + "\n"))
    for word in words:
        assert word in message, message


def test_a_variant_has_its_own_title_and_summary(tmp_path: Path) -> None:
    message = complaint(write(tmp_path, head='variant_of = "muscle_block"\n'))
    assert "title: this key is missing" in message


def test_a_parent_that_is_not_there_is_said(tmp_path: Path) -> None:
    message = complaint(write(tmp_path, head=VARIANT.replace("muscle", "mussle")))
    assert "variant_of: no phantom is called 'mussle_block'" in message
    assert "did you mean 'muscle_block'" in message


def test_a_variant_can_have_variants_and_its_key_follows_its_parent(tmp_path: Path) -> None:
    parent = write(tmp_path, "[start]\nslide_mm = 3\n", "first")
    child = write(tmp_path, name="second", head=VARIANT.replace("muscle_block", "first"))
    one = read_phantom(child)
    assert one.start_pose.slide_m == pytest.approx(3e-3)
    parent.write_text(parent.read_text().replace("= 3", "= 4"))
    two = read_phantom(child)
    assert two.start_pose.slide_m == pytest.approx(4e-3)
    assert one.key != two.key


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_circle_of_variants_is_refused(tmp_path: Path, length: int) -> None:
    for i in range(length):
        head = VARIANT.replace("muscle_block", f"v{(i + 1) % length}")
        path = write(tmp_path, name=f"v{i}", head=head)
    with pytest.raises(ContentError, match="circle: ") as caught:
        read_source(path)
    assert len(str(caught.value)) < 300


def test_headings_hold_every_phantom_variants_after_their_parents() -> None:
    headings = phantom_headings()
    names = [heading.name for heading in headings]
    assert sorted(names) == list(phantom_names())
    for i, heading in enumerate(headings):
        phantom = load_phantom(heading.name)
        assert (heading.title, heading.summary) == (phantom.title, phantom.summary)
        assert heading.group == (phantom.region_of_body or "block")
        if phantom.variant_of:
            assert phantom.variant_of in names[:i]
    groups = [GROUPS.index(h.group) for h in headings if h.variant_of is None]
    assert groups == sorted(groups)
