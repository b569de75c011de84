"""`insonate lessons check`: one line, or everything that is wrong."""

import pytest
from cli_fakes import CommandLine, home_in

from lessons.content_check import ContentReport
from simulator import lessons_command


@pytest.fixture
def insonate(capsys, monkeypatch, tmp_path) -> CommandLine:
    home_in(monkeypatch, tmp_path / "home")
    monkeypatch.chdir(tmp_path)
    return CommandLine(capsys)


def test_content_in_order_is_one_line(insonate):
    outcome = insonate("lessons", "check", "--fast")
    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.out.count("\n") == 1
    assert "questions (" in outcome.out
    assert "console questions, 7 OSCE stations and" in outcome.out
    assert outcome.out.endswith("are in order; no task was solved (--fast).\n")


def test_every_fault_is_a_sentence_of_its_own(insonate, monkeypatch):
    faults = ("lessons/bank/a.toml: item 1 'x': id: wrong", "lessons/bank/b.toml: is not TOML")
    report = ContentReport(1, 1, 2, 3, faults)
    monkeypatch.setattr(lessons_command, "check_content", lambda render: report)
    outcome = insonate("lessons", "check", "--fast")
    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err.splitlines() == [f"insonate: {fault}." for fault in faults]


def test_without_fast_every_task_is_solved(insonate, monkeypatch):
    def check(render):
        assert render == "an engine"
        return ContentReport(1, 2, 3, 4, (), solved=True)

    monkeypatch.setattr(lessons_command, "check_content", check)
    monkeypatch.setattr(lessons_command, "settled_pictures", lambda: "an engine")
    monkeypatch.setattr("physics.compiling.read_list", list)
    outcome = insonate("lessons", "check")
    assert outcome.out.startswith(
        "1 lesson, 2 console questions, 0 OSCE stations and 7 questions (3 single"
    )
    assert outcome.out.endswith("are in order.\n")


def test_anything_else_is_refused_in_one_sentence(insonate):
    assert "ACTION" in insonate.refused("lessons")
    assert "check" in insonate.refused("lessons", "chek")
    assert "come after it" in insonate.refused("--smoke", "lessons", "check")
