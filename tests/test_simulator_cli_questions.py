"""`insonate questions`."""

from pathlib import Path

import pytest

from lessons.question_bank import load_bank
from phantoms.checked import parse_toml
from simulator.__main__ import main


def lo4() -> list[str]:
    return [name for name, item in load_bank().items.items() if item.outcome == "LO4"]


@pytest.mark.parametrize(("form", "name"), [("moodle", "q.xml"), ("gift", "q.gift")])
def test_questions_go_out_and_come_back_as_a_bank_file(
    form: str, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, back = tmp_path / name, tmp_path / "bank.toml"
    argv = ["questions", "export", "--format", form, "--outcome", "LO4", "--out", str(file)]
    assert main(argv) == 0
    assert main(["questions", "import", str(file), "--out", str(back)]) == 0
    said = capfd.readouterr()
    assert f"{len(lo4())} questions" in said.out
    assert "lo4_gain_acts_on: misconception: the format has no place for it" in said.err
    assert "lo4_gain_acts_on: id: the program's bank has it already" in said.err
    assert [item["id"] for item in parse_toml(back.read_bytes(), "bank")["item"]] == lo4()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bomb.xml", '<!DOCTYPE q [<!ENTITY a "a">]><quiz>&a;</quiz>', "entities are not allowed"),
        ("q.gift", "Only words.", "no question in it can be imported"),
        ("q.doc", "x", "ends in .xml, .gift, .txt"),
    ],
)
def test_what_cannot_be_imported_is_said_and_leaves_no_file(
    name: str, content: str, words: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content)
    out = tmp_path / "bank.toml"
    assert main(["questions", "import", str(tmp_path / name), "--out", str(out)]) == 2
    assert words in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_unknown_outcome_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "q.xml")]
    assert main(["questions", "export", "--format", "moodle", "--outcome", "LO12", *out]) == 2
    assert "'LO12' is none of LO1" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("form", "name"), [("aiken", "q.txt"), ("qti", "q.zip"), ("anki", "q.apkg")]
)
def test_formats_that_are_only_written(
    form: str, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    if form == "anki":
        pytest.importorskip("genanki")
    file = str(tmp_path / name)
    argv = ["questions", "export", "--format", form, "--outcome", "LO4", "--out", file]
    assert main(argv) == 0
    assert f"{len(lo4())} questions" in capfd.readouterr().out
