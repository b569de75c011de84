"""Runs a chain of stages and remembers their results. Knows no ultrasound."""

import itertools
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_REMEMBERED = 3
"""Results kept for each stage: the present one and two to go back to."""


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
        tickets: dict[str, Hashable] = {name: source.key for name, source in sources.items()}
        values: dict[str, Any] = {name: source.value for name, source in sources.items()}
        for stage in self.stages:
            knobs = {name: getattr(settings, name) for name in stage.knobs}
            key = (tuple(knobs.values()), tuple(tickets[name] for name in stage.inputs))
            memory = self._memory[stage.name]
            if key in memory:
                memory.move_to_end(key)
            else:
                started = time.perf_counter()
                value = stage.run(*(values[name] for name in stage.inputs), **knobs)
                self.milliseconds[stage.name] = 1e3 * (time.perf_counter() - started)
                memory[key] = (value if stage.by_value else next(self._tickets), value)
                self.ran.append(stage.name)
                if len(memory) > _REMEMBERED:
                    memory.popitem(last=False)
            tickets[stage.name], values[stage.name] = memory[key]
        return values

    def touched_by(self, name: str) -> tuple[str, ...]:
        """Stages that must run again when this knob (settings field) or source changes."""
        touched: list[str] = []
        for stage in self.stages:
            if name in stage.knobs or name in stage.inputs or set(touched) & set(stage.inputs):
                touched.append(stage.name)
        return tuple(touched)
