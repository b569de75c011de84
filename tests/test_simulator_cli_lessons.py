"""`insonate lessons check`: one line, or everything that is wrong."""

import pytest
from cli_fakes import CommandLine, home_in

from lessons import content_check
from lessons.content_check import ContentReport


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    home_in(monkeypatch, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys)


def test_content_in_order_is_one_line(insonate):
    outcome = insonate("lessons", "check")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.count("\n") == 1
    assert "questions (" in outcome.out
    assert outcome.out.endswith("are in order.\n")


def test_every_fault_is_a_sentence_of_its_own(insonate, monkeypatch):
    faults = ("lessons/bank/a.toml: item 1 'x': id: wrong", "lessons/bank/b.toml: is not TOML")
    monkeypatch.setattr(content_check, "check_content", lambda: ContentReport(1, 2, 3, faults))
    outcome = insonate("lessons", "check")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [f"insonate: {fault}." for fault in faults]


def test_anything_else_is_refused_in_one_sentence(insonate):
    assert "ACTION" in insonate.refused("lessons")
    assert "check" in insonate.refused("lessons", "chek")
    assert "come after it" in insonate.refused("--smoke", "lessons", "check")
