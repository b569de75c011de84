"""Kinds of tissue, as overlays tell them apart: names and colours."""

from dataclasses import dataclass

from simulator.words import translate


@dataclass(frozen=True)
class Kind:
    """Tissues that an overlay draws alike. `parts`: words in the names of its tissues."""

    label: str
    colour: str
    parts: tuple[str, ...]


KINDS = (
    Kind("cartilage", "#0083cc", ("cartilage",)),
    Kind("bone, calcium, metal", "#ffffff", ("bone", "calcification", "steel", "wire")),
    Kind("gas", "#8f98a1", ("air", "gas", "lung")),
    Kind("nerve", "#e69f00", ("nerve",)),
    Kind("vessel wall", "#d55e00", ("arterial", "vein")),
    Kind("fluid", "#56b4e9", ("water", "saline", "gel", "fluid", "bursa", "blood")),
    Kind("fat", "#f0e442", ("fat", "heel_pad")),
    Kind("muscle", "#cc79a7", ("muscle",)),
    Kind("tendon, ligament, fascia", "#00b383",
         ("tendon", "tendinous", "ligament", "fascia", "septum")),
    Kind("skin", "#e0b48c", ("skin",)),
)  # fmt: skip
"""The first that fits. Colours after Okabe and Ito 2008, which people of all colour visions tell
apart; blue and green made lighter for a black ground."""
OTHER = Kind("other material", "#c3ced9", ())


def kind_of(tissue: str) -> Kind:
    """The kind of a tissue of the tissue table."""
    for kind in KINDS:
        if any(part in tissue for part in kind.parts):
            return kind
    return OTHER


def plain_name(tissue: str) -> str:
    """A tissue's name without underscores."""
    return tissue.replace("_", " ")


def tissue_text(tissue: str) -> str:
    """A tissue's name in the user's language."""
    return translate("Tissue", plain_name(tissue))


def kind_text(kind: Kind) -> str:
    """A kind's name in the user's language."""
    return translate("Tissue", kind.label)
