"""Which questions make a student's paper: by the weights of the course, in versions of its own."""

from dataclasses import dataclass

from lessons.fresh.all import GENERATORS
from lessons.fresh.draw import Draw
from lessons.fresh.generator import Fresh
from lessons.papers import BLUEPRINT, apportion
from lessons.questions import Presentation, present

_MOST_SEED = 10**9


@dataclass(frozen=True)
class Question:
    """A question of a paper, as it is printed."""

    fresh: Fresh
    shown: Presentation

    @property
    def letter(self) -> str:
        """Letter of the right option."""
        return "ABCDE"[self.shown.order.index(self.fresh.item.key)]


@dataclass(frozen=True)
class Paper:
    """What one student is asked."""

    student: int
    """From 1."""
    questions: tuple[Question, ...]


def _topic(name: str) -> str:
    """ "Which artefact?" and "why?" give one another away: only one of them is in a paper."""
    return name.replace("_cause_", "_picture_")


def most_items() -> int:
    """Longest paper in which no question comes twice."""
    there = {
        o: len({_topic(name) for name, made in GENERATORS.items() if made.outcome == o})
        for o in BLUEPRINT
    }
    n = 1
    while all(seats <= there[outcome] for outcome, seats in apportion(n + 1, BLUEPRINT).items()):
        n += 1
    return n


def make_paper(seed: int, student: int, n_item: int) -> Paper:
    """The paper of a student: same seed, same paper. ValueError if it is too long.

    Outcomes come in their order; which questions stand for one, and their numbers, pictures and
    options' order, are drawn for each student.
    """
    if not 1 <= n_item <= most_items():
        raise ValueError(f"a paper of {n_item} questions; allowed: 1 to {most_items()}")
    draw = Draw(f"paper:{seed}:{student}")
    questions = []
    for outcome, n in apportion(n_item, BLUEPRINT).items():
        names = sorted(name for name, made in GENERATORS.items() if made.outcome == outcome)
        while n > 0:
            name = draw.choice(names)
            names = [other for other in names if _topic(other) != _topic(name)]
            n -= 1
            version = draw.below(_MOST_SEED)
            fresh = GENERATORS[name].version(version)
            questions.append(Question(fresh, present(fresh.item, version)))
    return Paper(student, tuple(questions))
