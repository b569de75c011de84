"""Runs a chain of stages and remembers their results. Knows no ultrasound."""

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_REMEMBERED = 2
"""Results kept for each stage besides the present one (or those of all present items): to go back
to."""


@dataclass(frozen=True)
class Stage:
    """One step of the chain and everything it is allowed to look at."""

    name: str
    run: Callable[..., Any]
    inputs: tuple[str, ...] = ()
    """Earlier stages or sources whose values it takes, in the order of its arguments."""
    knobs: tuple[str, ...] = ()
    """Fields of the settings, handed to it by keyword. It is handed no others."""
    by_value: bool = False
    """Its result is a small hashable value: stages that take it run again only if the value
    changes, not whenever it was worked out anew."""
    each: str = ""
    """Earlier `by_value` stage that makes a tuple. This stage runs once for every item of it: of
    that stage and of others that run for each of the same it takes the item's part, of all
    others the whole. A stage without `each` takes the tuple of results."""


@dataclass(frozen=True)
class Source:
    """A value that comes from outside the chain, with the key that stands for it."""

    key: Hashable
    value: Any = field(compare=False)


class Pipeline:
    """Runs stages in order; a stage runs only if something it looks at has changed.

    A result is found again by the values of the stage's knobs and the *tickets* of its
    inputs. A ticket stands for one computed result (or the key of one source), so arrays
    are never compared. `ran` and `milliseconds` tell what the last call of `run` did.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = tuple(stages)
        self.ran: list[str] = []
        self.milliseconds: dict[str, float] = {}
        self._memory: dict[str, OrderedDict[Hashable, tuple[Hashable, Any]]] = {
            stage.name: OrderedDict() for stage in stages
        }
        self._tickets = itertools.count()

    def run(self, settings: Any, sources: Mapping[str, Source]) -> dict[str, Any]:
        """The value of every stage for these settings and sources, by stage name."""
        self.ran, self.milliseconds = [], {}
        tickets: dict[str, Any] = {name: source.key for name, source in sources.items()}
        values: dict[str, Any] = {name: source.value for name, source in sources.items()}
        for stage in self.stages:
            knobs = {name: getattr(settings, name) for name in stage.knobs}
            if not stage.each:
                inputs = [(tickets[name], values[name]) for name in stage.inputs]
                found = self._results(stage, knobs, [inputs])
                tickets[stage.name], values[stage.name] = found[0]
                continue
            split = {s.name for s in self.stages if s.each == stage.each} | {stage.each}
            found = self._results(
                stage,
                knobs,
                [
                    [
                        (tickets[n][i], values[n][i]) if n in split else (tickets[n], values[n])
                        for n in stage.inputs
                    ]
                    for i in range(len(values[stage.each]))
                ],
            )
            tickets[stage.name] = tuple(ticket for ticket, _ in found)
            values[stage.name] = tuple(value for _, value in found)
        return values

    def _results(
        self,
        stage: Stage,
        knobs: dict[str, Any],
        items: list[list[tuple[Hashable, Any]]],
    ) -> list[tuple[Hashable, Any]]:
        """Ticket and value for every list of inputs (their tickets and values): remembered, or
        worked out now. Items with equal inputs share one result."""
        memory = self._memory[stage.name]
        keys = [(tuple(knobs.values()), tuple(ticket for ticket, _ in item)) for item in items]
        for key in keys:  # what is still wanted must not make room for what is new
            if key in memory:
                memory.move_to_end(key)
        room = len(set(keys)) + _REMEMBERED
        for key, item in zip(keys, items, strict=True):
            if key in memory:
                continue
            while len(memory) >= room:
                memory.popitem(last=False)
            started = time.perf_counter()
            value = stage.run(*(value for _, value in item), **knobs)
            spent = 1e3 * (time.perf_counter() - started)
            self.milliseconds[stage.name] = self.milliseconds.get(stage.name, 0.0) + spent
            memory[key] = (value if stage.by_value else next(self._tickets), value)
        if stage.name in self.milliseconds:
            self.ran.append(stage.name)
        return [memory[key] for key in keys]

    def newest(self, name: str) -> Any:
        """What this stage last worked out or was asked for."""
        return next(reversed(self._memory[name].values()))[1]

    def touched_by(self, name: str) -> tuple[str, ...]:
        """Stages that must run again when this knob (settings field) or source changes."""
        touched: list[str] = []
        for stage in self.stages:
            looks_at = {*stage.inputs, stage.each}
            if name in stage.knobs or name in looks_at or looks_at & set(touched):
                touched.append(stage.name)
        return tuple(touched)
