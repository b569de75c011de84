"""How lessons and console questions must be built and worded: rules that a program can check.

The order of a lesson (predict, see it done, finish it, do it alone, be asked) follows what is known
of examples that fade out and of tests after learning; it is this project's choice.
"""

import re
from collections.abc import Iterator

from lessons.build_parts import FIGURE
from lessons.console import ConsoleQuestion
from lessons.lesson import (
    FadedStep,
    Lesson,
    QuestionStep,
    ReadStep,
    SourcesStep,
    Step,
    TaskStep,
    WorkedStep,
)
from lessons.question_rules import SHORTEST_EXPLANATION, text_problems

MOST_WORDS = 140
"""Of one step's text: it must fit the pane without much scrolling."""

LEAST_QUESTIONS = 2
"""After the last task."""

_MIDDLE = ("question", "worked", "faded", "task")
_FIGURE_LINK = re.compile(r"!\[([^\]]*)\]\(" + FIGURE + r"\w*\)")


def lesson_rule_faults(lesson: Lesson, shown_as: str) -> Iterator[str]:
    """A sentence for everything about the order and the words of a lesson that is not as it should
    be. shown_as : what messages call the lesson's folder."""
    toml, text = f"{shown_as}/lesson.toml", f"{shown_as}/text.md"
    for problem in _order_problems(lesson.steps):
        yield f"{toml}: step: {problem}"
    for number, step in enumerate(lesson.steps, 1):
        n_word = len(step.text.split())
        if n_word > MOST_WORDS and not isinstance(step, SourcesStep):
            yield (
                f"{text}: section '# {step.name}': found {n_word} words; "
                f"at most {MOST_WORDS} are allowed"
            )
        for problem in text_problems(_FIGURE_LINK.sub(r"\1", step.text)):
            yield f"{text}: section '# {step.name}': {problem}"
        for place, words in _said(step):
            for problem in text_problems(words):
                yield f"{toml}: step {number} '{step.name}', {place}: {problem}"
        if isinstance(step, QuestionStep) and step.item is None:
            reasons = [choice.why for choice in step.choices]
            yield from (
                f"{toml}: step {number} '{step.name}', {problem}"
                for problem in _reason_problems(reasons)
            )


def console_rule_faults(question: ConsoleQuestion, shown_as: str) -> Iterator[str]:
    """The same for the words of a console question. shown_as : what messages call the folder."""
    file = f"{shown_as}/{question.name}.toml"
    said = [
        ("title", question.title),
        ("request", question.request),
        ("why, ask", question.why.ask),
    ]
    for i, goal in enumerate(question.goals, 1):
        said += [(f"goal {i}, unmet", goal.goal.unmet), (f"goal {i}, reason", goal.reason)]
    for i, choice in enumerate(question.why.choices, 1):
        said += [(f"why, choices {i}", choice.text), (f"why, choices {i}", choice.why)]
    for place, words in said:
        for problem in text_problems(words):
            yield f"{file}: {place}: {problem}"
    if question.why.item is None:
        for problem in _reason_problems([choice.why for choice in question.why.choices]):
            yield f"{file}: why, {problem}"


def _order_problems(steps: tuple[Step, ...]) -> Iterator[str]:
    kinds = [_kind(step) for step in steps]
    if kinds[0] != "read":
        yield f"the first is a '{kinds[0]}'; a lesson begins with 'read', its aim"
    if kinds[-2:] != ["read", "sources"]:
        found = "', '".join(kinds[-2:])
        yield f"the last are '{found}'; a lesson ends with 'read', its summary, and 'sources'"
    left = list(kinds)
    for kind, before in zip(_MIDDLE, ("the aim", *_MIDDLE), strict=False):
        if kind not in left:
            yield (
                f"there is no '{kind}' after {before}; a lesson has 'question' (predict), "
                "'worked', 'faded' and 'task' in this order"
            )
            return
        left = left[left.index(kind) + 1 :]
    last_task = max(i for i, kind in enumerate(kinds) if kind == "task")
    n_question = kinds[last_task:].count("question")
    if n_question < LEAST_QUESTIONS:
        yield (
            f"found {n_question} after the last task that are a 'question'; "
            f"at least {LEAST_QUESTIONS} are needed"
        )


def _kind(step: Step) -> str:
    for kind, name in (
        (SourcesStep, "sources"),
        (ReadStep, "read"),
        (QuestionStep, "question"),
        (WorkedStep, "worked"),
        (FadedStep, "faded"),
        (TaskStep, "task"),
    ):
        if isinstance(step, kind):
            return name
    raise AssertionError(step)


def _said(step: Step) -> Iterator[tuple[str, str]]:
    """Words of a step outside text.md, with what messages call their place."""
    if isinstance(step, QuestionStep | TaskStep):
        yield "ask", step.ask
    if isinstance(step, QuestionStep):
        for i, choice in enumerate(step.choices, 1):
            yield f"choices {i}", choice.text
            yield f"choices {i}", choice.why
    if isinstance(step, WorkedStep | FadedStep):
        for i, move in enumerate(step.moves, 1):
            yield f"moves {i}, say", move.say
    if isinstance(step, TaskStep):
        yield "hint", step.hint
        yield "reason", step.reason
        for i, goal in enumerate(step.goals, 1):
            yield f"goals {i}, unmet", goal.unmet


def _reason_problems(reasons: list[str]) -> Iterator[str]:
    for i, reason in enumerate(reasons, 1):
        if len(reason) < SHORTEST_EXPLANATION:
            yield (
                f"choices {i}: found a reason of {len(reason)} letters; "
                f"at least {SHORTEST_EXPLANATION} are needed to explain anything"
            )
        if reason in reasons[: i - 1]:
            yield f"choices {i}: has the reason of choices {reasons.index(reason) + 1}"
