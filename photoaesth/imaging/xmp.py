"""XMP packets: read from an opened file, noting what was done to the photo."""

import re
from xml.sax.saxutils import quoteattr

from PIL import Image

_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    "</rdf:RDF></x:xmpmeta>\n"
    '<?xpacket end="w"?>'
)
_HISTORY = re.compile(r"(<xmpMM:History[^>]*>\s*<rdf:Seq[^>]*?)(?:/>|(>.*?)</rdf:Seq>)", re.DOTALL)
_ORIENTATION = re.compile(
    r"""(tiff:Orientation\s*(?:=\s*["']|>))\s*[2-8]\s*(?=["']|</tiff:Orientation)"""
)
_ABOUT = re.compile(r"""rdf:about\s*=\s*("[^"]*"|'[^']*')""")
_NAMESPACES = (
    'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
    'xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"'
)


def xmp_of(image: Image.Image) -> bytes:
    """Return the XMP packet of an opened file; empty if there is none."""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    return packet.encode() if isinstance(packet, str) else bytes(packet)


def upright_xmp(packet: bytes) -> bytes:
    """Return a packet that calls the picture upright, else as it is."""
    text = packet.decode("utf-8", "surrogateescape")
    return _ORIENTATION.sub(r"\g<1>1", text).encode("utf-8", "surrogateescape")


def with_edit(packet: bytes, *, software: str, parameters: str) -> bytes:
    """Return a packet with one more entry in the list of what was done to the photo.

    That list, xmpMM:History, is where editors note their work (XMP Specification, part 2, 1.2.4):
    nothing of the user's own words is touched.

    Args:
        packet: the source's; one that is empty or without RDF is replaced by a new one.
        software: name and version.
        parameters: what was done.
    """
    text = packet.decode("utf-8", "surrogateescape")
    if "</rdf:RDF>" not in text:
        text = _EMPTY
    entry = (
        f'<rdf:li xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
        f'stEvt:action="edited" stEvt:softwareAgent={quoteattr(software)} '
        f"stEvt:parameters={quoteattr(parameters)}/>"
    )
    history = _HISTORY.search(text)
    if history:
        before = (history[1] + (history[2] or ">")).rstrip()
        noted = f"{before}\n{entry}\n</rdf:Seq>"
        text = text[: history.start()] + noted + text[history.end() :]
    else:
        about = _ABOUT.search(text)  # all descriptions of a packet have the same
        added = (
            f"<rdf:Description rdf:about={about[1] if about else chr(34) * 2} {_NAMESPACES}>"
            f"<xmpMM:History><rdf:Seq>\n{entry}\n</rdf:Seq></xmpMM:History></rdf:Description>\n"
        )
        at = text.rindex("</rdf:RDF>")
        text = text[:at] + added + text[at:]
    return text.encode("utf-8", "surrogateescape")
