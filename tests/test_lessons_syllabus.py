"""The page that maps outcomes to content is that of today's content."""

from pathlib import Path

from lessons.questions import OUTCOMES
from lessons.syllabus import syllabus_markdown

PAGE = Path(__file__).parents[1] / "docs" / "syllabus.md"


def test_the_syllabus_is_that_of_the_content() -> None:
    assert PAGE.read_text(encoding="utf-8") == syllabus_markdown(), "run: make syllabus"


def test_every_outcome_has_a_lesson() -> None:
    page = syllabus_markdown()
    for outcome, title in OUTCOMES.items():
        part = page.split(f"## {outcome} {title}\n")[1].split("\n## ")[0]
        assert "- Lesson " in part, outcome
