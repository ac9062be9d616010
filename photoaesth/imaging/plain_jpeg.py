"""JPEGs that another decoder may decode as well: nothing about their colours has to be known."""

import io
from dataclasses import dataclass

from PIL import Image

from photoaesth.imaging.metadata import exif_block_of, icc_profile_of, orientation_of
from photoaesth.srgb import is_srgb

_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True, slots=True)
class PlainJpeg:
    """What a decoder of pixels alone does not tell of a JPEG.

    Attributes:
        orientation: EXIF's number for how its pixels stand, 1 to 8.
        exif: the EXIF block from its TIFF header on; empty if there is none.
    """

    orientation: int
    exif: bytes


def plain_jpeg(data: bytes) -> PlainJpeg | None:
    """Return what is known of a JPEG in sRGB, RGB or grey; None for any other file.

    Only the header is looked at: that the rest can be decoded is for the decoder to find out.

    Args:
        data: the whole file.
    """
    if not data.startswith(_JPEG):
        return None
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if image.mode not in {"RGB", "L"} or not is_srgb(icc_profile_of(image)):
                return None
            return PlainJpeg(orientation_of(image), exif_block_of(image))
    except Exception:  # a broken header; `decode` says what is wrong with it
        return None
