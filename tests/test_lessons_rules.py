"""The order and the words of a lesson: what is not as it should be is said."""

from dataclasses import replace

import pytest

from lessons import load_lesson
from lessons.lesson_rules import lesson_rule_faults

LESSON = load_lesson("anisotropy")


def without(*names: str):
    return replace(LESSON, steps=tuple(s for s in LESSON.steps if s.name not in names))


def changed(name: str, **fields):
    steps = tuple(replace(s, **fields) if s.name == name else s for s in LESSON.steps)
    return replace(LESSON, steps=steps)


def test_the_model_lesson_has_no_fault():
    assert list(lesson_rule_faults(LESSON, "here")) == []


@pytest.mark.parametrize(
    ("lesson", "expected"),
    [
        (without("aim"), "the first is a 'question'; a lesson begins with 'read'"),
        (without("predict"), "there is no 'worked' after question"),
        (without("watch"), "there is no 'worked' after question"),
        (without("finish"), "there is no 'faded' after worked"),
        (without("cause", "cure"), "there is no 'task' after faded"),
        (without("tear_or_tilt"), "found 1 after the last task"),
        (without("summary"), "the last are 'question', 'sources'"),
        (without("sources"), "the last are 'question', 'read'"),
        (changed("why", text="word " * 141), "'# why': found 141 words; at most 140"),
        (changed("why", text="a color"), "section '# why': found 'color'"),
        (changed("why", text="a $formula"), "section '# why': found 1 dollar signs"),
        (changed("why", text="<b>bold</b>"), "section '# why': found HTML"),
        (changed("why", text="$\\frac{1}{2$"), "braces must match"),
        (changed("cause", hint="in the center"), "step 5 'cause', hint: found 'center'"),
        (changed("cause", reason="the fiber"), "step 5 'cause', reason: found 'fiber'"),
    ],
)
def test_a_broken_rule_is_said(lesson, expected):
    (said,) = list(lesson_rule_faults(lesson, "here"))
    assert expected in said
    assert said.startswith("here/")


def test_a_reason_must_explain_and_be_its_own():
    step = next(s for s in LESSON.steps if s.name == "tear_or_tilt")
    short = replace(step.choices[1], why="No.")
    twice = replace(step.choices[2], why=step.choices[0].why)
    lesson = changed("tear_or_tilt", choices=(step.choices[0], short, twice, step.choices[3]))
    said = [fault.split("', ")[1] for fault in lesson_rule_faults(lesson, "here")]
    assert said == [
        "choices 2: found a reason of 3 letters; at least 25 are needed to explain anything",
        "choices 3: has the reason of choices 1",
    ]
