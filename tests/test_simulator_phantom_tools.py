"""`insonate phantom`: check, preview, atlas and import from the command line."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import volume_fakes as fake
from cli_fakes import CommandLine
from PIL import Image

from phantoms import catalogue, load_phantom, phantom_headings, phantom_names
from simulator import atlas, contact_sheet, phantom_command
from simulator.renderer import Renderer, start_request
from simulator.tissue_colours import tissue_colour

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def insonate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(catalogue, "_opened", {})
    load_phantom.cache_clear()
    return CommandLine(capsys)


def broken(name: str, old: str, new: str) -> Path:
    source = ROOT / "phantoms" / "library" / "supraspinatus_lax.toml"
    text = source.read_text(encoding="utf-8")
    assert old in text
    path = Path(f"{name}.toml")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


BROKEN = {
    "wrong_unit": ("soft_to_mm = 15", "soft_to_cm = 1.5", ["'soft_to_cm'", "'soft_to_mm'"]),
    "unknown_tissue": ('tissue = "bursa"', 'tissue = "bursae"', ["'bursae'", "mean 'bursa'"]),
    "missing_key": ('kind = "flat"\ndepth_mm = 0', 'kind = "flat"', ["curve, skin, depth_mm"]),
    "crossing": (
        "[18, 5.2]", "[18, 0.5]", ["cross", "X = ", "above the upper"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_one_sentence_and_status_2(insonate: CommandLine, name: str) -> None:
    old, new, words = BROKEN[name]
    status, out, err = insonate("phantom", "check", broken(name, old, new))
    assert (status, out) == (2, "")
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if all(word in line for word in words)]
    assert lines, err
    assert all(line.startswith(f"insonate: {name}.toml: ") for line in err.splitlines())


def test_the_library_and_a_name_can_be_checked(
    insonate: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = ("muscle_block", "soft_tissue_gas")
    monkeypatch.setattr(phantom_command, "phantom_names", lambda: two)
    assert insonate("phantom", "check") == (0, "2 phantoms in order.\n", "")
    assert insonate("phantom", "check", "qa_block") == (0, "1 phantom in order.\n", "")
    status, _, err = insonate("phantom", "check", "qa_blok")
    assert status == 2
    assert "did you mean 'qa_block'" in err
    status, _, err = insonate("phantom", "check", "nothing.toml")
    assert status == 2
    assert "cannot be read" in err


# --- contact sheets ------------------------------------------------------------------------------


def test_a_sheet_shows_every_view_as_it_is_as_tissues_and_as_b_mode() -> None:
    phantom = load_phantom("biceps_groove")
    sheet = contact_sheet.contact_sheet(phantom, Renderer())
    assert sheet.width > 2 * contact_sheet.PANEL
    pixels = np.asarray(sheet).reshape(-1, 3)
    for tissue in ("tendon", "muscle", "subcutaneous_fat", "cortical_bone"):
        assert (pixels == tissue_colour(tissue)).all(axis=1).sum() > 500, tissue
    assert len(contact_sheet.as_jpeg(sheet)) <= contact_sheet.MOST_BYTES


def test_a_single_view_is_shown_turned_too() -> None:
    (_, _, first), (title, _, second) = contact_sheet.views_of(load_phantom("muscle_block"))
    assert first == start_request("muscle_block")
    assert abs(second.pose.turn_rad - first.pose.turn_rad) == pytest.approx(np.pi / 2)
    assert "90" in title


def test_colours_of_tissues_that_touch_differ_in_lightness() -> None:
    """So that they can be told apart whatever colours one sees (ITU-R BT.601 luma)."""

    def luma(name: str) -> float:
        r, g, b = tissue_colour(name)
        return 0.299 * r + 0.587 * g + 0.114 * b

    for one, other in (
        ("muscle", "subcutaneous_fat"), ("muscle", "tendon"), ("muscle", "fascia_aponeurosis"),
        ("tendon", "tendon_degenerate"), ("tendon", "cortical_bone"), ("ligament", "tendon"),
        ("nerve_fascicle", "nerve_epineurium"), ("blood", "arterial_wall"), ("blood", "muscle"),
        ("skin_dermis", "subcutaneous_fat"), ("muscle", "cortical_bone"), ("bursa", "tendon"),
    ):  # fmt: skip
        assert abs(luma(one) - luma(other)) > 12, (one, other)


def test_preview_writes_a_picture_or_nothing(insonate: CommandLine) -> None:
    assert insonate("phantom", "preview", "muscle_block", "--out", "sheet.png")[0] == 0
    with Image.open("sheet.png") as picture:
        assert picture.width > 900
    status, _, err = insonate("phantom", "preview", "muscle_block", "--out", "sheet.gif")
    assert status == 2
    assert "must have a name that ends in .png" in err
    assert insonate("phantom", "preview", "muscle_blok", "--out", "x.png")[0] == 2
    assert sorted(p.name for p in Path().iterdir()) == ["sheet.png"]


# --- the atlas -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", phantom_names())
def test_every_phantom_is_in_the_atlas(name: str) -> None:
    """If not: `insonate phantom atlas --out docs`."""
    page = (ROOT / "docs" / atlas.PAGE).read_text(encoding="utf-8")
    phantom = load_phantom(name)
    assert f"### {phantom.title}\n\n`{name}`" in page
    for view in phantom.views.values():
        assert view.look_for in page
    sheet = ROOT / "docs" / atlas.FIGURES / f"{name}.jpg"
    assert 10_000 < sheet.stat().st_size <= contact_sheet.MOST_BYTES
    assert f"({atlas.FIGURES}/{name}.jpg)" in page


def test_the_atlas_has_nothing_that_is_gone() -> None:
    sheets = {path.stem for path in (ROOT / "docs" / atlas.FIGURES).iterdir()}
    assert sheets == {heading.name for heading in phantom_headings() if heading.group != "opened"}


def test_layers_of_the_atlas_are_those_of_the_body() -> None:
    rows = atlas.layers(load_phantom("biceps_groove"))
    assert [row[0] for row in rows][:3] == ["skin", "subcutaneous fat", "deltoid fascia"]
    assert rows[0][2] == 0.0
    for (_, _, _, bottom), (_, _, top, _) in pairwise(rows):
        assert bottom == pytest.approx(top)


def test_a_head_comment_is_one_paragraph() -> None:
    text = "# One *two*.\n# Three.\n\n# Not this.\nformat = 1\n"
    assert atlas.head_comment(text) == "One \\*two\\*. Three."


# --- import --------------------------------------------------------------------------------------


def test_a_volume_becomes_a_phantom_that_opens_by_its_path(insonate: CommandLine) -> None:
    fake.write_volume(Path("thigh_volume.nii.gz"))
    Path("map.toml").write_text(fake.MAP, encoding="utf-8")
    status, out, err = insonate("phantom", "import", "thigh_volume.nii.gz", "--tissues", "map.toml")
    assert (status, err) == (0, "")
    assert "4 labels became the phantom 'thigh_volume.toml'" in out
    assert insonate("phantom", "check", "thigh_volume.toml")[0] == 0
    status, _, err = insonate("render", "--phantom", "thigh_volume.toml", "--out", "p.png")
    assert (status, err) == (0, "")
    assert [h.name for h in phantom_headings() if h.group == "opened"] == ["thigh_volume"]
    status, _, err = insonate(
        "phantom", "import", "thigh_volume.nii.gz", "--tissues", "map.toml", "--out", "map.toml"
    )
    assert status == 2
    assert "would replace 'map.toml'" in err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[label.7]", "[label.8]"), "label: 7 of v.nii.gz is not in it"),
        (("origin_mm = [12.0", "origin_mm = [112.0"), "does not lie under the probe"),
        (('name = "bone"', 'name = "Bone"'), "label, 7, name"),
    ],
)
def test_an_import_that_fails_leaves_no_file(
    insonate: CommandLine, change: tuple[str, str], words: str
) -> None:
    fake.write_volume(Path("v.nii.gz"))
    text = fake.MAP.replace(*change, 1)
    Path("map.toml").write_text(text, encoding="utf-8")
    status, out, err = insonate("phantom", "import", "v.nii.gz", "--tissues", "map.toml")
    assert (status, out) == (2, "")
    assert words in err
    assert sorted(p.name for p in Path().iterdir()) == ["map.toml", "v.nii.gz"]


# --- phantoms by their path ----------------------------------------------------------------------


def test_a_phantom_can_be_opened_by_its_path(insonate: CommandLine) -> None:
    path = broken("my_shoulder", 'title = "Supraspinatus', 'title = "My supraspinatus')
    words = ("render", "--phantom", path, "--out", "p.png", "--save-scene", "s.insonate")
    assert insonate(*words) == (0, "", "")
    assert insonate("render", "--scene", "s.insonate", "--out", "q.png") == (0, "", "")
    assert Path("p.png").read_bytes() == Path("q.png").read_bytes()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("./missing_one.toml", "cannot be read"),
        ("./qa_block.toml", "another phantom is called 'qa_block'"),
        ("./Big File.toml", "lower-case"),
        ("./phantom.txt", "ends in .toml"),
    ],
)
def test_a_path_that_cannot_be_a_phantom_is_told(
    insonate: CommandLine, name: str, words: str
) -> None:
    status, _, err = insonate("render", "--phantom", name, "--out", "p.png")
    assert status == 2
    assert words in err
    assert not Path("p.png").exists()
