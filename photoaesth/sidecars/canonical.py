"""What others say in a packet, in one canonical form, to make sure that a merge leaves it alone."""

import copy
from collections.abc import Collection

from lxml import etree

from photoaesth.sidecars.packet import ABOUT, RDF, Packet


def others_of(packet: Packet, ours: Collection[str]) -> bytes:
    """Return all of a packet but some properties, canonically.

    Exclusive C14N (W3C, 2002) with comments; indentation, and descriptions that say nothing but
    what they are about, are left out.

    Args:
        packet: the packet.
        ours: the properties to leave out, in lxml's notation.
    """
    root = copy.deepcopy(packet.rdf.getroottree().getroot())
    rdf = next(root.iter(f"{{{RDF}}}RDF"))
    for description in rdf.findall(f"{{{RDF}}}Description"):
        for name in [name for name in description.attrib if name in ours]:
            del description.attrib[name]
        for element in [child for child in description if child.tag in ours]:
            description.remove(element)
        if len(description) == 0 and not set(description.attrib) - {ABOUT, "about"}:
            rdf.remove(description)
    for node in root.iter():
        if len(node) and not (node.text or "").strip():
            node.text = None
        if not (node.tail or "").strip():
            node.tail = None
    if not (rdf.text or "").strip():  # also where it is left without children
        rdf.text = None
    return etree.tostring(root, method="c14n", exclusive=True, with_comments=True)
