"""Runs a chain of stages and remembers their results. Knows no ultrasound."""

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


@dataclass(frozen=True)
class Source:
    """A value that comes from outside the chain, with the key that stands for it."""

    key: Hashable
    value: Any = field(compare=False)


class Pipeline:
    """Runs stages in order; a stage runs only if something it looks at has changed.

    The key of a result is the stage's name, the values of its knobs and the *keys* of
    its inputs: arrays are never compared. `ran` and `milliseconds` tell what the last
    call of `run` did.
    """

    def __init__(self, stages: Sequence[Stage]) -> None:
        self.stages = tuple(stages)
        self.ran: list[str] = []
        self.milliseconds: dict[str, float] = {}
        self._memory: dict[str, OrderedDict[Hashable, Any]] = {s.name: OrderedDict() for s in stages}

    def run(self, settings: Any, sources: Mapping[str, Source]) -> dict[str, Any]:
        """The value of every stage for these settings and sources, by stage name."""
        self.ran, self.milliseconds = [], {}
        keys: dict[str, Hashable] = {name: source.key for name, source in sources.items()}
        values: dict[str, Any] = {name: source.value for name, source in sources.items()}
        for stage in self.stages:
            knobs = {name: getattr(settings, name) for name in stage.knobs}
            key = (tuple(knobs.values()), tuple(keys[name] for name in stage.inputs))
            memory = self._memory[stage.name]
            if key in memory:
                memory.move_to_end(key)
            else:
                started = time.perf_counter()
                memory[key] = stage.run(*(values[name] for name in stage.inputs), **knobs)
                self.milliseconds[stage.name] = 1e3 * (time.perf_counter() - started)
                self.ran.append(stage.name)
                if len(memory) > _REMEMBERED:
                    memory.popitem(last=False)
            keys[stage.name] = (stage.name, key)
            values[stage.name] = memory[key]
        return values

    def touched_by(self, name: str) -> tuple[str, ...]:
        """Stages that must run again when this knob (settings field) or source changes."""
        touched: list[str] = []
        for stage in self.stages:
            if name in stage.knobs or name in stage.inputs or set(touched) & set(stage.inputs):
                touched.append(stage.name)
        return tuple(touched)
