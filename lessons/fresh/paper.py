"""Which questions make a student's paper: by the weights of the course, in versions of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from lessons.fresh.all import GENERATORS
from lessons.fresh.draw import Draw
from lessons.fresh.generator import Fresh
from lessons.questions import Presentation, present

WEIGHTS: Mapping[str, int] = {
    "LO1": 15, "LO2": 12, "LO3": 13, "LO4": 20, "LO5": 20, "LO6": 8, "LO7": 7, "LO8": 5,
}  # fmt: skip
"""Per cent of a paper of Unit 1 for each learning outcome (chosen for teaching: a recommended
blueprint; courses weigh as they like)."""

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


def places(n_item: int) -> dict[str, int]:
    """How many of `n_item` questions belong to each outcome: shares by largest remainders."""
    shares = {
        outcome: n_item * weight / sum(WEIGHTS.values()) for outcome, weight in WEIGHTS.items()
    }
    whole = {outcome: int(share) for outcome, share in shares.items()}
    by_rest = sorted(shares, key=lambda o: (whole[o] - shares[o], o))
    for outcome in by_rest[: n_item - sum(whole.values())]:
        whole[outcome] += 1
    return whole


def _topic(name: str) -> str:
    """ "Which artefact?" and "why?" give one another away: only one of them is in a paper."""
    return name.replace("_cause_", "_picture_")


def most_items() -> int:
    """Longest paper in which no question comes twice."""
    there = {
        o: len({_topic(name) for name, made in GENERATORS.items() if made.outcome == o})
        for o in WEIGHTS
    }
    n = 1
    while all(places(n + 1)[outcome] <= there[outcome] for outcome in WEIGHTS):
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
    for outcome, n in places(n_item).items():
        names = sorted(name for name, made in GENERATORS.items() if made.outcome == outcome)
        while n > 0:
            name = draw.choice(names)
            names = [other for other in names if _topic(other) != _topic(name)]
            n -= 1
            version = draw.below(_MOST_SEED)
            fresh = GENERATORS[name].version(version)
            questions.append(Question(fresh, present(fresh.item, version)))
    return Paper(student, tuple(questions))
