"""What a file says about its photo beside the pixels: EXIF blocks, orientation, colour space."""

import struct
from typing import BinaryIO

from PIL import ExifTags, Image

from photoaesth.srgb import adobe_rgb_profile, cicp_profile

EXIF_PREFIX = b"Exif\0\0"
"""What stands before an EXIF block in a JPEG segment and in what Pillow reads and writes."""

ORIENTATION = 0x0112
"""The EXIF tag of how to turn a picture upright, 1 to 8 (TIFF 6.0, section 8)."""

# The first directory of a TIFF file describes its pixels too; these tags describe the photo.
_PHOTO_TAGS = (0x010E, 0x010F, 0x0110, ORIENTATION, 0x0131, 0x0132, 0x013B, 0x8298)
_SUB_DIRECTORIES = (0x8769, 0x8825)  # EXIF, GPS
_MAKER_NOTE = 0x927C  # its offsets hold in the file it is from alone, and it can be megabytes
_AVIF_HEAD_BYTES = 4_096
_SRGB = (1, 13)  # primaries and transfer characteristics (ITU-T H.273, tables 2 and 3)
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return a picture turned as an EXIF orientation asks; `image` itself if it stays.

    Args:
        image: any mode.
        orientation: 1 to 8 (TIFF 6.0, section 8); others leave the picture as it is.
    """
    method = _TRANSPOSE.get(orientation)
    return image if method is None else image.transpose(method)


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation of an opened file; 1, upright, where it has no usable one."""
    if image.format == "JXL":  # the decoder has turned it; EXIF says nothing (ISO/IEC 18181-2)
        return 1
    try:
        orientation = image.getexif().get(ORIENTATION)
    except Exception:  # broken metadata, and so an upright picture
        return 1
    return orientation if isinstance(orientation, int) and orientation in _TRANSPOSE else 1


def icc_profile_of(image: Image.Image) -> bytes:
    """Return the embedded profile, or that of the colour space the file names; empty for sRGB."""
    embedded = image.info.get("icc_profile")
    if isinstance(embedded, bytes) and embedded:
        return embedded
    if image.mode == "RGB" and _is_tagged_adobe_rgb(image):
        return adobe_rgb_profile()
    return cicp_profile(_cicp(image)[0])


def transfer_of(image: Image.Image) -> int:
    """Return the curve of a file's values as a code of ITU-T H.273, table 3; 13 is sRGB's."""
    return _cicp(image)[1]


def exif_block_of(image: Image.Image) -> bytes:
    """Return the EXIF block from its TIFF header on, empty if there is none.

    That of a TIFF is rebuilt from the tags that describe the photo.
    """
    embedded = image.info.get("exif")
    if isinstance(embedded, bytes):
        return embedded.removeprefix(EXIF_PREFIX)
    if image.format == "TIFF" or "Raw profile type exif" in image.info:
        return photo_block(image)
    return b""


def photo_block(source: Image.Image | bytes) -> bytes:
    """Return a new EXIF block with the tags that describe the photo, empty if there are none."""
    try:
        if isinstance(source, bytes):
            exif = Image.Exif()
            exif.load(source)
        else:
            exif = source.getexif()
        own = Image.Exif()
        own.update({tag: exif[tag] for tag in _PHOTO_TAGS if tag in exif})
        for tag in _SUB_DIRECTORIES:
            if tag in exif:
                own[tag] = {k: v for k, v in exif.get_ifd(tag).items() if k != _MAKER_NOTE}
        return own.tobytes().removeprefix(EXIF_PREFIX) if own else b""
    except Exception:  # broken tags, and tags Pillow reads and cannot write again
        return b""


def upright_exif(exif: bytes) -> bytes:
    """Return an EXIF block that calls the picture upright and has no thumbnail.

    Only the orientation's value and the link to the thumbnail's directory are overwritten, in
    place, so maker notes keep the offsets they rely on.

    Args:
        exif: block from its TIFF header on (TIFF 6.0, section 2).

    Returns:
        A block of the same length; empty if the header or the first directory is broken.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return b""
    (start,) = struct.unpack_from(order + "I", exif, 4)
    if start + 2 > len(exif):
        return b""
    (entries,) = struct.unpack_from(order + "H", exif, start)
    end = start + 2 + 12 * entries
    if end > len(exif):
        return b""
    patched = bytearray(exif)
    for entry in range(start + 2, end, 12):
        tag, kind = struct.unpack_from(order + "HH", exif, entry)
        if tag == ORIENTATION and kind in {1, 3, 4}:  # byte, short, long
            struct.pack_into(order + {1: "B", 3: "H", 4: "I"}[kind], patched, entry + 8, 1)
    if end + 4 <= len(exif):
        (link,) = struct.unpack_from(order + "I", exif, end)
        if link < len(exif):  # else it is no link: the writer left it out
            struct.pack_into(order + "I", patched, end, 0)
    return bytes(patched)


def _is_tagged_adobe_rgb(image: Image.Image) -> bool:
    """Return whether the EXIF data says Adobe RGB as cameras do, which embed no profile.

    DCF 2.0 (JEITA CP-3461B), optional files: ColorSpace uncalibrated, interoperability index R03.
    """
    block = image.info.get("exif")
    if isinstance(block, bytes) and b"R03" not in block:
        return False  # as nearly always: saves reading three directories
    try:
        exif = image.getexif()
        color_space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        interoperability = exif.get_ifd(ExifTags.IFD.Interop)
        return (
            color_space == 0xFFFF and interoperability.get(ExifTags.Interop.InteropIndex) == "R03"
        )
    except Exception:  # broken metadata, and so the usual colour space
        return False


def _cicp(image: Image.Image) -> tuple[int, int]:
    """Return primaries and transfer characteristics as codes of ITU-T H.273; sRGB's by default."""
    nclx = image.info.get("nclx_profile")  # of pi-heif
    if not isinstance(nclx, dict) or image.info.get("icc_profile"):
        return _SRGB
    return nclx["color_primaries"], nclx["transfer_characteristics"]


def name_colour_space(image: Image.Image, stream: BinaryIO) -> None:
    """Note in an opened AVIF's `info` the colour space that it names, as pi-heif does for HEIF.

    Pillow leaves it out. The first `colr` box is the main picture's (ISO/IEC 14496-12, 12.1.5).
    """
    stream.seek(0)
    head = stream.read(_AVIF_HEAD_BYTES)
    at = head.find(b"colrnclx") + 8
    if 8 <= at <= len(head) - 4:
        primaries, transfer = struct.unpack_from(">HH", head, at)
        image.info["nclx_profile"] = {
            "color_primaries": primaries,
            "transfer_characteristics": transfer,
        }
