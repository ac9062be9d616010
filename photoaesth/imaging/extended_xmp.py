"""XMP packets that are too large for one segment of a JPEG, in several."""

import hashlib
import struct

from lxml import etree

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_HISTORY = "{http://ns.adobe.com/xap/1.0/mm/}History"
_NOTE = "http://ns.adobe.com/xmp/note/"
_PREFIX = b"http://ns.adobe.com/xmp/extension/\0"
_PART_BYTES = 65_000
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode()
_END = b'<?xpacket end="w"?>'
_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + _RDF.encode() + b'">'
    b"<rdf:Description/></rdf:RDF></x:xmpmeta>"
)


def extended_xmp(packet: bytes) -> tuple[bytes, bytes]:
    """Split a packet into the one of the first segment and the segments of the rest.

    Adobe's XMP Specification, part 3 (2020), 1.1.3.1: the first packet names the rest by its MD5.
    It holds the list of what was done to the photo, so that this is found without the rest.

    Args:
        packet: XMP, of any size.

    Returns:
        The packet of the first segment, and whole APP1 segments to follow it; both empty where
        `packet` is no XML.
    """
    try:
        whole = etree.fromstring(packet, _parser())
    except etree.XMLSyntaxError:
        return b"", b""
    first = etree.fromstring(_EMPTY, _parser())
    description = first[0][0]
    for part in whole.iter(f"{{{_RDF}}}Description"):
        if about := part.get(f"{{{_RDF}}}about"):
            description.set(f"{{{_RDF}}}about", about)
    for history in whole.findall(f".//{_HISTORY}"):
        description.append(history)
    rest = etree.tostring(whole, encoding="utf-8")
    guid = hashlib.md5(rest, usedforsecurity=False).hexdigest().upper()
    description.set(f"{{{_NOTE}}}HasExtendedXMP", guid)
    segments = bytearray()
    for start in range(0, len(rest), _PART_BYTES):
        place = struct.pack(">II", len(rest), start)
        body = _PREFIX + guid.encode() + place + rest[start : start + _PART_BYTES]
        segments += b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    return _BEGIN + etree.tostring(first, encoding="utf-8") + _END, bytes(segments)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
