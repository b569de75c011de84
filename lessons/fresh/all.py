"""Every generator of fresh items, by name."""

from itertools import chain

from lessons.fresh.generator import Fresh, Generator
from lessons.fresh.lo1 import LO1
from lessons.fresh.lo2 import LO2
from lessons.fresh.lo3 import LO3
from lessons.fresh.lo4 import LO4
from lessons.fresh.lo5 import LO5
from lessons.fresh.lo6 import LO6
from lessons.fresh.lo7 import LO7
from lessons.fresh.lo8 import LO8
from lessons.fresh.pairs import PAIRS
from lessons.fresh.pictures import picture_generators
from lessons.fresh.spots import SPOTS
from physics.probe import UnknownNameError

PICTURELESS = {made.name: made for made in chain(LO1, LO2, LO3, LO4, LO5, LO6, LO7, LO8)}
"""Those that can be shown without an engine."""
GENERATORS: dict[str, Generator] = {
    made.name: made for made in chain(PICTURELESS.values(), picture_generators(), PAIRS, SPOTS)
}


def fresh_item(name: str, seed: int) -> Fresh:
    """The version of an item that belongs to a seed; UnknownNameError if there is no such item."""
    if name not in GENERATORS:
        raise UnknownNameError("fresh question", name, list(GENERATORS))
    return GENERATORS[name].version(seed)
