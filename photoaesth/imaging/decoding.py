"""Photos from files, as upright 8-bit sRGB."""

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging.deep_tiff import is_misread, is_tiff, open_deep_tiff
from photoaesth.imaging.formats import MAX_MEMORY_BYTES, check_size, pillow_formats, too_large
from photoaesth.imaging.iptc import iptc_of
from photoaesth.imaging.metadata import (
    exif_block_of,
    icc_profile_of,
    name_colour_space,
    orientation_of,
    transfer_of,
    upright,
)
from photoaesth.imaging.raw import is_raw, open_raw
from photoaesth.imaging.xmp import xmp_of
from photoaesth.srgb import shrink, to_sdr, to_srgb

DECODED_SIDE = 576
"""Least long side in pixels at which photos are decoded for scoring, the same everywhere so that
scores compare: the widest of the model's inputs; the thumbnail has 512."""

# What broken files raise, told by type and by a word of the message; the first match counts.
_REASONS: tuple[tuple[type[Exception], str, str], ...] = (
    (UnidentifiedImageError, "", "not an image, or its beginning is damaged"),
    (Image.DecompressionBombError, "", str(too_large(MAX_MEMORY_BYTES // 4))),
    (MemoryError, "", "there is not enough memory to decode it"),
    (EOFError, "", "the file is cut off"),
    (Exception, "trunc", "the file is cut off"),
    (Exception, "not enough", "the file is cut off"),
    (Exception, "support", "a variant of its format that cannot be read"),
    (Exception, "unknown", "a variant of its format that cannot be read"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A photo's pixels and what came with them.

    Attributes:
        image: mode RGB, 8 bit, sRGB, upright.
        width: upright width of the file in pixels, also when `image` was decoded smaller; for RAW
            that of the sensor's picture.
        height: upright height of the file in pixels.
        format: Pillow's name of the file format, one of JPEG, PNG, WEBP, TIFF, AVIF, HEIF, JXL,
            BMP, GIF; RAW for what a sensor recorded.
        exif: the EXIF block from its TIFF header on, as embedded (its orientation still the
            file's); rebuilt from the photo's own tags for TIFF and RAW; empty if there is none.
        icc_profile: as embedded; else of the colour space that the file only names (Adobe RGB in
            EXIF; Display P3 or BT.2020 in HEIF and AVIF); empty for neither, which means sRGB.
        xmp: the XMP packet as embedded; empty if there is none.
        iptc: the IPTC-IIM record of a JPEG; empty if there is none.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    exif: bytes
    icc_profile: bytes
    xmp: bytes = b""
    iptc: bytes = b""


def decode(source: Path | bytes, *, min_side: int | None = None) -> Decoded:
    """Decode a photo to upright 8-bit sRGB.

    The first frame of an animation is taken, transparency is laid over white, an embedded
    profile is converted from (one that is broken or of another colour space is ignored), and so
    is a colour space that the file only names. High dynamic range is compressed. Of RAW files the
    camera's preview is taken, or a rendering at half size, see `raw.open_raw`.

    Args:
        source: the file, or its bytes.
        min_side: decode smaller, to the least whole fraction of the width and height whose long
            side still has this many pixels; a JPEG may be left up to twice as large, because
            libjpeg decodes at 1/2, 1/4 and 1/8 alone. Never enlarges.

    Raises:
        UnreadableImageError: the file cannot be opened or decoded; the message is the reason.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
            if is_raw(stream):
                return _decode_raw(stream.read(), min_side)
            if stream.read(1):
                return _decode_stream(stream, min_side)
    except UnreadableImageError:
        raise
    except Exception as error:  # a broken file can raise anything in the decoders' parsers
        raise UnreadableImageError(_reason(error)) from error
    raise UnreadableImageError("the file is empty")


def _decode_stream(stream: BinaryIO, min_side: int | None) -> Decoded:
    try:
        with Image.open(stream, formats=pillow_formats()) as image:
            if not is_misread(image):
                if image.format == "AVIF":
                    name_colour_space(image, stream)
                return _decode(image, min_side)
    except UnidentifiedImageError:
        stream.seek(0)
        if not is_tiff(stream.read(4)):
            raise
    stream.seek(0)
    return replace(_decode(open_deep_tiff(stream.read()), min_side), format="TIFF")


def _decode(image: Image.Image, min_side: int | None) -> Decoded:
    check_size(image)
    width, height = image.size
    factor = _whole_factor(image.size, min_side)
    if factor > 1:
        # JPEG alone takes part: it is decoded at 1/8, 1/4 or 1/2, in a third of the time.
        image.draft(None, (max(1, width // factor), max(1, height // factor)))
    drafted = image.size != (width, height)
    image.load()
    if not drafted:
        width, height = image.size  # Pillow turns a TIFF upright while it loads
    pixels = shrink(image, _whole_factor(image.size, min_side))
    icc_profile = icc_profile_of(image)
    pixels = to_srgb(to_sdr(pixels, transfer_of(image)), icc_profile)
    orientation = orientation_of(image)
    pixels = upright(pixels, orientation)
    if orientation >= 5:
        width, height = height, width
    if pixels is image:
        pixels = image.copy()  # a plain picture, not tied to the file
    pixels.info = {}  # its transparent colour, profile and orientation have been dealt with
    return Decoded(
        image=pixels,
        width=width,
        height=height,
        format="JPEG" if image.format == "MPO" else str(image.format),
        exif=exif_block_of(image),
        icc_profile=icc_profile,
        xmp=xmp_of(image),
        iptc=iptc_of(image),
    )


def _decode_raw(data: bytes, min_side: int | None) -> Decoded:
    raw = open_raw(data, whole=min_side is None)
    with raw.picture as picture:
        decoded = _decode(picture, min_side)
    return replace(
        decoded,
        width=raw.width,
        height=raw.height,
        format="RAW",
        exif=raw.exif or decoded.exif,
    )


def _whole_factor(size: tuple[int, int], min_side: int | None) -> int:
    """Return by what whole number the sides can be divided so that the long one is enough."""
    return max(size) // min_side or 1 if min_side else 1


def _reason(error: Exception) -> str:
    """Return a short reason for people; the error itself stays as the cause."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error).lower()
    reasons = (r for kind, words, r in _REASONS if isinstance(error, kind) and words in text)
    return next(reasons, "the file is damaged")
