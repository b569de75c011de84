"""What a frozen picture may still change: all that acts on echoes which are in."""

from collections.abc import Sequence
from typing import Any, Protocol

FREEZE_AT = "receive"
"""A frozen scanner has stopped sending: only what follows from this stage on can change."""

_RECEIVE_SIDE = frozenset(
    {
        "gain_db",
        "tgc_db",
        "dynamic_range_db",
        "speckle_reduction",
        "rejection_db",
        "edge_enhancement",
        "grey_map",
    }
)
"""What acts on a frozen picture until the engine has told its chain."""


class Chain(Protocol):
    """What the model asks of the engine's pipeline (`physics.pipeline.Pipeline` has it)."""

    @property
    def stages(self) -> Sequence[Any]: ...
    def touched_by(self, name: str) -> tuple[str, ...]: ...


def acts_when_frozen(field: str, chain: Chain | None) -> bool:
    """Whether a field of the settings touches nothing before the stored echoes.

    chain : None until the engine is there.
    """
    if chain is None:
        return field in _RECEIVE_SIDE
    before = set()
    for stage in chain.stages:
        if stage.name == FREEZE_AT:
            break
        before.add(stage.name)
    return not before & set(chain.touched_by(field))
