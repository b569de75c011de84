"""Colours of tissues on maps: hues of Okabe and Ito, told apart by lightness too."""

import zlib
from collections.abc import Sequence

_COLOURS = {
    "coupling_gel": "#ffffff",
    "water_20c": "#f2f9fd",
    "water_37c": "#f2f9fd",
    "saline_37c": "#f2f9fd",
    "synovial_fluid": "#d3ecf9",
    "bursa": "#a5d5f0",
    "blood": "#6e1212",
    "skin_epidermis": "#b3608f",
    "skin_dermis": "#dda6c4",
    "subcutaneous_fat": "#f7ec8e",
    "fibrous_septum": "#a9a08a",
    "fascia_aponeurosis": "#7d7d7d",
    "muscle": "#d97a45",
    "tendon": "#56b4e9",
    "tendon_degenerate": "#0072b2",
    "ligament": "#009e73",
    "nerve_mean": "#e69f00",
    "nerve_fascicle": "#ffcf70",
    "nerve_epineurium": "#a87200",
    "arterial_wall": "#b3382e",
    "vein_wall": "#8795c4",
    "hyaline_cartilage": "#b9e8d6",
    "fibrocartilage": "#5cc2a0",
    "cortical_bone": "#efe9dc",
    "trabecular_bone": "#cfc4a6",
    "bone_marrow_yellow": "#e0d060",
    "calcification": "#141414",
    "air": "#3a3a3a",
    "gas_bubbles": "#5a5a5a",
    "lung_inflated": "#4a4a4a",
    "steel_needle": "#2b3a55",
    "tmm_agar": "#cccccc",
    "tmm_block": "#bdbdbd",
}
_OTHERS = ("#c9b7e0", "#8f7fb5", "#e3c3a0", "#9fc28b", "#d08080", "#7fb0b0", "#e8d8b8", "#93a0ad")


def tissue_colour(name: str) -> tuple[int, int, int]:
    """The colour of a tissue; one that has none gets one by its name, always the same."""
    text = _COLOURS.get(name) or _OTHERS[zlib.crc32(name.encode()) % len(_OTHERS)]
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def is_light(colour: Sequence[int]) -> bool:
    """Whether dark writing is read better on it (ITU-R BT.601 luma)."""
    r, g, b = colour
    return 0.299 * r + 0.587 * g + 0.114 * b > 140


def shown_name(name: str) -> str:
    """A tissue's name as it is written on a map."""
    return name.replace("_", " ")
