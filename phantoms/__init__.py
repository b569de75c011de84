"""Tissues and phantoms as data, turned into what `physics` needs."""

from phantoms.checked import ContentError
from phantoms.phantom import Label, Phantom, StandardView
from phantoms.reading import load_phantom, phantom_names, read_phantom

__all__ = [
    "ContentError",
    "Label",
    "Phantom",
    "StandardView",
    "load_phantom",
    "phantom_names",
    "read_phantom",
]
