"""Which lessons, questions and stations teach which outcome: the page docs/syllabus.md."""

from lessons.build_console import load_console
from lessons.fresh.all import GENERATORS
from lessons.loader import load_lessons
from lessons.question_bank import load_bank
from lessons.questions import OUTCOMES

_HEAD = """\
# Syllabus

What of Unit 1 is taught where. Outcomes are in this project's words. The page is made from the
content: `make syllabus`.

| Outcome | Lessons | Console questions | Items of the bank | Fresh questions |
|---|---|---|---|---|
"""


def syllabus_markdown() -> str:
    """The page: a table of numbers, then each outcome with its lessons and console questions."""
    lessons, console = load_lessons().values(), load_console().values()
    items: list[str] = [item.outcome for item in load_bank().items.values()]
    fresh: list[str] = [made.outcome for made in GENERATORS.values()]
    rows, parts = [], []
    for outcome, title in OUTCOMES.items():
        taught = [lesson for lesson in lessons if outcome in lesson.outcomes]
        asked = [question for question in console if question.outcome == outcome]
        rows.append(
            f"| {outcome} {title} | {len(taught)} | {len(asked)} "
            f"| {items.count(outcome)} | {fresh.count(outcome)} |"
        )
        lines = [f"\n## {outcome} {title}\n"]
        lines += [
            f"- Lesson **{lesson.title}** (`{lesson.name}`): {lesson.summary}" for lesson in taught
        ]
        lines += [
            f"- Console question **{one.title}** (`{one.name}`): {one.request}" for one in asked
        ]
        parts += lines if len(lines) > 1 else [*lines, "Questions only."]
    return _HEAD + "\n".join(rows) + "\n" + "\n".join(parts) + "\n"
