"""IPTC-IIM in JPEGs: by-lines, captions and copyright, as agencies and older programs write them.

It lies in the segment APP13 among Photoshop's image resources (Adobe Photoshop File Formats
Specification); only resource 0x0404 is kept, since others hold previews of the picture as it was.
"""

from PIL import Image

_RESOURCE = 0x0404
_HEADER = b"Photoshop 3.0\0"
_SEGMENT_BYTES = 65_533
_MARKER = b"\xff\xed"


def iptc_of(image: Image.Image) -> bytes:
    """Return the IPTC-IIM record of an opened file; empty if there is none."""
    resources = image.info.get("photoshop", {})
    found = resources.get(_RESOURCE, b"") if isinstance(resources, dict) else b""
    return found if isinstance(found, bytes) else b""


def iptc_segment(record: bytes) -> bytes:
    """Return a JPEG segment that holds a record; empty if there is none, or it does not fit."""
    if not record:
        return b""
    padding = b"\0" * (len(record) % 2)
    block = b"8BIM" + _RESOURCE.to_bytes(2, "big") + b"\0\0" + len(record).to_bytes(4, "big")
    content = _HEADER + block + record + padding
    if len(content) > _SEGMENT_BYTES:
        return b""
    return _MARKER + (len(content) + 2).to_bytes(2, "big") + content
