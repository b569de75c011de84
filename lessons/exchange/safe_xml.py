"""XML of strangers -> elements, within limits.

Expat is told to refuse any document type, so there are no entities to expand and none to fetch:
what `defusedxml` does with `forbid_dtd`. Depth and number of elements are counted as they come.
"""

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from lessons.exchange.common import MOST_BYTES
from phantoms.checked import ContentError

DEEPEST = 60
MOST_ELEMENTS = 400_000


def parse_xml(content: bytes, name: str) -> Element:
    """The root element; ContentError naming the file `name`."""
    if len(content) > MOST_BYTES:
        raise ContentError(f"{name}: is larger than the {MOST_BYTES // 10**6} MB allowed")
    builder, parser = TreeBuilder(), expat.ParserCreate()
    depth = n_elements = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, n_elements
        depth, n_elements = depth + 1, n_elements + 1
        if depth > DEEPEST:
            raise ContentError(f"{name}: is nested deeper than the {DEEPEST} elements allowed")
        if n_elements > MOST_ELEMENTS:
            raise ContentError(f"{name}: has more than the {MOST_ELEMENTS} elements allowed")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise ContentError(f"{name}: declares a document type; entities are not allowed here")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, ContentError):
            raise
        raise ContentError(f"{name}: is not valid XML: {error}") from None
    return builder.close()
