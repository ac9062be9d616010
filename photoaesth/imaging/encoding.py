"""sRGB pictures as the bytes of a file."""

import io

from PIL import Image, PngImagePlugin

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging.extended_xmp import extended_xmp
from photoaesth.imaging.iptc import iptc_segment
from photoaesth.imaging.metadata import EXIF_PREFIX, photo_block, upright_exif
from photoaesth.imaging.xmp import upright_xmp
from photoaesth.srgb import from_srgb

_JPEG_SEGMENT_BYTES = 65_533
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_TAG = 0x02BC
_MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383}


def encode(
    image: Image.Image,
    *,
    format: str,  # noqa: A002 - Pillow's name for it, as in Decoded
    exif: bytes = b"",
    icc_profile: bytes = b"",
    xmp: bytes = b"",
    iptc: bytes = b"",
    quality: int = 92,
) -> bytes:
    """Return an sRGB picture as the bytes of a file.

    Args:
        image: mode RGB or RGBX, sRGB.
        format: JPEG, PNG, WEBP or TIFF.
        exif: the block of `Decoded.exif`, embedded upright (see `upright_exif`) and without
            its thumbnail, which shows another picture; left out of a JPEG it does not fit.
        icc_profile: the RGB profile whose colour space the file is to use; one that cannot be
            converted to (CMYK, grey, broken) is replaced by sRGB. None given, none embedded,
            which everybody reads as sRGB.
        xmp: an XMP packet, embedded upright.
        iptc: an IPTC-IIM record, which only a JPEG takes.
        quality: 1 to 100, for JPEG and WebP.

    Raises:
        PhotoaesthError: the format cannot hold a picture of that size.
    """
    limit = _MAX_SIDE.get(format)
    if limit and max(image.size) > limit:
        raise PhotoaesthError(
            f"{format} holds at most {limit:,} pixels a side and this picture has "
            f"{max(image.size):,}; choose another format"
        )
    if image.mode == "RGBX" and (format != "JPEG" or icc_profile):
        image = image.convert("RGB")
    options: dict[str, object] = {"icc_profile": None}
    if icc_profile:
        image, options["icc_profile"] = from_srgb(image, icc_profile)
    block, packet = upright_exif(exif), upright_xmp(xmp)
    if format == "JPEG":
        # Full colour resolution: edits saturate colours, and halved chroma smears red edges.
        # Huffman tables are the standard's: ones of its own save 5 % and double the time.
        segments = iptc_segment(iptc)
        if len(EXIF_PREFIX + block) > _JPEG_SEGMENT_BYTES:
            block = b""
        if len(_XMP_PREFIX + packet) > _JPEG_SEGMENT_BYTES:
            packet, rest = extended_xmp(packet)
            segments = rest + segments
        options |= {"quality": quality, "subsampling": "4:4:4", "extra": segments}
    elif format == "WEBP":
        options["quality"] = quality
    elif format == "TIFF":
        # Uncompressed: into others Pillow cannot write the EXIF and GPS directories.
        block = photo_block(block)
    if block:
        options["exif"] = EXIF_PREFIX + block
    if packet and format == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", packet.decode("utf-8", "replace"))
        options["pnginfo"] = texts
    elif packet and format == "TIFF":
        tags = Image.Exif()
        tags.load(block)
        tags[_XMP_TAG] = packet
        options["exif"] = tags
    elif packet:
        options["xmp"] = packet
    return _save(image, format, options)


def thumbnail(image: Image.Image, max_side: int = 512, quality: int = 85) -> bytes:
    """Return an sRGB picture as a small JPEG without metadata.

    Args:
        image: mode RGB, sRGB, upright; not enlarged.
        max_side: long side in pixels.
        quality: 1 to 100.
    """
    scale = max_side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        # Looks like LANCZOS at less than half its time.
        image = image.resize(size, Image.Resampling.HAMMING)
    return _save(image, "JPEG", {"quality": quality})


def _save(image: Image.Image, format_: str, options: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()
