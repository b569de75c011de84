"""Tissues and phantoms as data, turned into what `physics` needs."""

from phantoms.catalogue import BLOCK, OPENED, Heading, phantom_headings, phantom_names
from phantoms.checked import ContentError
from phantoms.phantom import Label, Phantom, StandardView
from phantoms.reading import load_phantom, read_phantom

__all__ = [
    "BLOCK",
    "OPENED",
    "ContentError",
    "Heading",
    "Label",
    "Phantom",
    "StandardView",
    "load_phantom",
    "phantom_headings",
    "phantom_names",
    "read_phantom",
]
