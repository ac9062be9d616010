"""XMP inside photos, and what stands in for it where there is none: IPTC keywords, EXIF stars."""

import dataclasses
from pathlib import Path

from PIL import Image, IptcImagePlugin

from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.imaging.formats import pillow_formats
from photoaesth.imaging.xmp import xmp_of
from photoaesth.sidecars import containers
from photoaesth.sidecars.marks import Marks, read_marks

_EXIF_RATING = 0x4746  # stars, 0 to 5, as Windows and cameras write them
_IPTC_KEYWORDS = (2, 25)  # IPTC-IIM 4.2, data set 2:25
_IPTC_CHARACTER_SET = (1, 90)
_UTF8 = b"\x1b%G"


def embedded_packet(photo: Path) -> bytes:
    """Return the XMP of a photo, without decoding its pixels; empty if it has none.

    Of a JPEG whose XMP did not fit into one segment, main and extended part are one packet again
    (XMP Specification, part 3, 1.1.3.1).

    Args:
        photo: JPEG, TIFF and what is built like it (DNG, most RAW files), PNG, WebP, HEIC, AVIF,
            CR3, JPEG XL.

    Raises:
        PhotoaesthError: it cannot be read; the message names it.
    """
    try:
        with photo.open("rb") as stream:
            packet = containers.xmp_in(stream)
    except OSError as error:
        raise PhotoaesthError(f"cannot read {display_path(photo)}: {error.strerror}") from error
    if packet is not None:
        return packet
    try:  # HEIC and AVIF, whose items their decoders know where to find
        with Image.open(photo, formats=pillow_formats()) as image:
            return xmp_of(image)
    except Exception:  # not a picture, or a broken one: it says nothing
        return b""


def embedded_marks(photo: Path) -> Marks | None:
    """Return what a photo says of itself: by its XMP, else by IPTC keywords and EXIF stars.

    Returns:
        None if it says nothing of the kind.

    Raises:
        MalformedPacketError: its XMP is broken; the message is the reason alone.
        PhotoaesthError: it cannot be read; the message names it.
    """
    packet = embedded_packet(photo)
    marks = read_marks(packet) if packet.strip(b"\0 \t\r\n") else Marks()
    if marks.rating is None or not marks.keywords:
        rating, keywords = _older_marks(photo)
        marks = dataclasses.replace(
            marks,
            rating=rating if marks.rating is None else marks.rating,
            keywords=marks.keywords or keywords,
        )
    return None if marks == Marks() else marks


def _older_marks(photo: Path) -> tuple[int | None, tuple[str, ...]]:
    """Return the stars of a photo's EXIF and the keywords of its IPTC-IIM."""
    try:
        with Image.open(photo, formats=pillow_formats()) as image:
            stars = image.getexif().get(_EXIF_RATING)
            records = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # a RAW file, or broken metadata: nothing is said
        return None, ()
    found = records.get(_IPTC_KEYWORDS, [])
    raw = found if isinstance(found, list) else [found]
    is_utf8 = records.get(_IPTC_CHARACTER_SET) == _UTF8
    words = [word.decode("utf-8" if is_utf8 else "latin-1", "replace").strip() for word in raw]
    rating = stars if isinstance(stars, int) and 0 <= stars <= 5 else None
    return rating, tuple(dict.fromkeys(word for word in words if word))
