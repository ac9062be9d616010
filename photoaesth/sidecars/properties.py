"""Properties of a packet, read in all their forms.

A simple property is an attribute of an `rdf:Description` or an element in it; an array is a
`Bag`, `Seq` or `Alt` of `rdf:li` (XMP Specification, part 1, 7.4 to 7.9).
"""

import re
from dataclasses import dataclass

from lxml import etree

from photoaesth.sidecars.packet import RDF, Packet

Value = str | tuple[str, ...] | None
"""What a property holds: a text, the items of an array, or nothing since it is absent."""

_ARRAYS = frozenset(f"{{{RDF}}}{kind}" for kind in ("Bag", "Seq", "Alt"))
LI = f"{{{RDF}}}li"
VALUE = f"{{{RDF}}}value"
# XML 1.0, 2.2: these characters can be in no document, not even as references.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Property:
    """A property that we read or write.

    Attributes:
        prefix: the usual one; packets may have another.
        namespace: its URI.
        local: its name.
        array: `Bag` or `Seq`; empty for a simple one.
    """

    prefix: str
    namespace: str
    local: str
    array: str = ""

    @property
    def name(self) -> str:
        """Its usual name, such as `xmp:Rating`."""
        return f"{self.prefix}:{self.local}"

    @property
    def tag(self) -> str:
        """Its name in lxml's notation."""
        return f"{{{self.namespace}}}{self.local}"


def printable(text: str) -> str:
    """Return a text that XML can hold: forbidden characters become U+FFFD, white space is plain."""
    return " ".join(_FORBIDDEN.sub("\ufffd", text).split())


def value_of(packet: Packet, prop: Property) -> Value:
    """Return what a property holds, without white space around it; the first of several."""
    found = packet.properties.get(prop.tag)
    if found is None:
        return None
    if isinstance(found, str):
        return (found,) if prop.array else found.strip()
    return _items(found) if prop.array else simple_text(found).strip()


def text_of(packet: Packet, prop: Property) -> str | None:
    """Return what a simple property holds; None where it is absent."""
    value = value_of(packet, prop)
    return value if isinstance(value, str) else None


def items_of(packet: Packet, prop: Property) -> tuple[str, ...]:
    """Return the items of an array; none where it is absent."""
    value = value_of(packet, prop)
    return value if isinstance(value, tuple) else ()


def simple_text(element: etree._Element) -> str:
    """Return the text of an element, also of one with qualifiers (part 1, 7.8)."""
    qualified = value_element(element)
    if qualified is not element:
        return simple_text(qualified)
    for node in (element, *element):
        if node.get(VALUE) is not None:
            return str(node.get(VALUE))
    return (element.text or "") + "".join(child.tail or "" for child in element)


def value_element(element: etree._Element) -> etree._Element:
    """Return the element that holds a simple property's text: itself, or its `rdf:value`."""
    return next(element.iterdescendants(VALUE), element)


def array_in(element: etree._Element) -> etree._Element | None:
    """Return the `rdf:Bag`, `Seq` or `Alt` of a property."""
    return next((child for child in element if child.tag in _ARRAYS), None)


def _items(element: etree._Element) -> tuple[str, ...]:
    array = array_in(element)
    if array is None:  # a single word without an array, as some write it
        text = simple_text(element).strip()
        return (text,) if text else ()
    return tuple(simple_text(item) for item in array.iterchildren(LI))
