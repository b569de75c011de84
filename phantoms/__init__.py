"""Tissues and phantoms as data, turned into what `physics` needs."""

from phantoms.catalogue import BLOCK, Heading, library_headings, phantom_names
from phantoms.checked import ContentError
from phantoms.phantom import Label, Phantom, StandardView
from phantoms.reading import load_phantom, read_phantom

__all__ = [
    "BLOCK",
    "ContentError",
    "Heading",
    "Label",
    "Phantom",
    "StandardView",
    "library_headings",
    "load_phantom",
    "phantom_names",
    "read_phantom",
]
