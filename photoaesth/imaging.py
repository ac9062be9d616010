"""Decode and encode pictures: the one place that opens a photo on the CPU.

Whatever a file holds (any mode, any colour profile, any orientation) comes out as upright 8-bit
sRGB. Calls are independent of each other and may run in threads.
"""

import contextlib
import ctypes
import io
import logging
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import (  # the plugins register themselves here, once, not in racing threads
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    ExifTags,
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
    _imaging,
)

from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.srgb import adobe_rgb_profile, from_srgb, to_8bit, to_srgb

MAX_PIXELS = 225_000_000
"""Pixels a file may declare: above the 201 MP of the largest sensors; 0.9 GB once decoded."""

DECODED_SIDE = 768
"""Long side in pixels at which photos are decoded for scoring, the same everywhere so that scores
compare; the model's input is at most 576, the thumbnail 512."""

PHOTO_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".avif", ".bmp", ".gif"}
)
"""Lower-case suffixes of the files `decode` is meant for."""

# Named, because Pillow's other plugins are not for files of unknown origin (EPS runs ghostscript).
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF")

Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow warns above it and refuses above twice that
# What Pillow warns of (odd metadata, mostly) is no concern of whoever reads stderr. Set once for
# the process: warnings.catch_warnings is not safe in threads.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
with contextlib.suppress(AttributeError, OSError):  # where libtiff is linked in, it is not found
    _libtiff = ctypes.CDLL(_imaging.__file__)  # finds the symbols of what it is linked to
    _libtiff.TIFFSetErrorHandler(None)
    _libtiff.TIFFSetWarningHandler(None)

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_PREFIX = b"Exif\0\0"
# The first directory of a TIFF file describes its pixels too; these tags describe the photo.
_PHOTO_TAGS = (0x010E, 0x010F, 0x0110, _ORIENTATION, 0x0131, 0x0132, 0x013B, 0x8298)
_SUB_DIRECTORIES = (0x8769, 0x8825)  # EXIF, GPS
_JPEG_SEGMENT_BYTES = 65_533
_MAX_SIDE = {"JPEG": 65_500, "WEBP": 16_383}
# What broken files raise, told by type and by a word of the message; the first match counts.
_REASONS: tuple[tuple[type[Exception], str, str], ...] = (
    (UnidentifiedImageError, "", "not an image, or its beginning is damaged"),
    (
        Image.DecompressionBombError,
        "",
        f"it declares more than {MAX_PIXELS // 10**6} megapixels (a decompression bomb?)",
    ),
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
        width: upright width of the file in pixels, also when `image` was decoded smaller.
        height: upright height of the file in pixels.
        format: Pillow's name of the file format, one of JPEG, PNG, WEBP, TIFF, AVIF, BMP, GIF.
        exif: the EXIF block from its TIFF header on, as embedded (its orientation still the
            file's); rebuilt from the photo's own tags for TIFF; empty if there is none.
        icc_profile: as embedded; Adobe RGB's where the EXIF data alone says that the file is in
            it; empty for neither, which means sRGB.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    exif: bytes
    icc_profile: bytes


def decode(source: Path | bytes, *, max_side: int | None = None) -> Decoded:
    """Decode a photo to upright 8-bit sRGB.

    The first frame of an animation is taken, transparency is laid over white, an embedded
    profile is converted from (one that is broken or of another colour space is ignored), and so
    is the Adobe RGB that a camera noted in the EXIF data alone.

    Args:
        source: the file, or its bytes.
        max_side: decode smaller, so that the long side has exactly this many pixels; smaller
            pictures are not enlarged. Much faster for JPEG, which decodes at a fraction.

    Raises:
        UnreadableImageError: the file cannot be opened or decoded; the message is the reason.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
            if stream.read(1):
                with Image.open(stream, formats=_FORMATS) as image:
                    return _decode(image, max_side)
    except Exception as error:  # a broken file can raise anything in Pillow's parsers
        raise UnreadableImageError(_reason(error)) from error
    raise UnreadableImageError("the file is empty")


def encode(
    image: Image.Image,
    *,
    format: str,  # noqa: A002 - Pillow's name for it, as in Decoded
    exif: bytes = b"",
    icc_profile: bytes = b"",
    quality: int = 92,
) -> bytes:
    """Return an sRGB picture as the bytes of a file.

    Args:
        image: mode RGB, sRGB.
        format: JPEG, PNG, WEBP or TIFF.
        exif: the block of `Decoded.exif`, embedded upright (see `upright_exif`) and without
            its thumbnail, which shows another picture; left out of a JPEG it does not fit.
        icc_profile: the RGB profile whose colour space the file is to use; one that cannot be
            converted to (CMYK, grey, broken) is replaced by sRGB. None given, none embedded,
            which everybody reads as sRGB.
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
    options: dict[str, object] = {"icc_profile": None}
    if icc_profile:
        image, options["icc_profile"] = from_srgb(image, icc_profile)
    block = upright_exif(exif)
    if format == "JPEG":
        # Full colour resolution: edits saturate colours, and halved chroma smears red edges.
        options |= {"quality": quality, "subsampling": "4:4:4", "optimize": True}
        if len(_EXIF_PREFIX + block) > _JPEG_SEGMENT_BYTES:
            block = b""
    elif format == "WEBP":
        options["quality"] = quality
    elif format == "TIFF":
        # Uncompressed: into others Pillow cannot write the EXIF and GPS directories.
        block = _photo_block(block)
    if block:
        options["exif"] = _EXIF_PREFIX + block
    return _save(image, format, options)


def thumbnail(image: Image.Image, max_side: int = 512, quality: int = 85) -> bytes:
    """Return an sRGB picture as a small JPEG without metadata.

    Args:
        image: mode RGB, sRGB, upright; not enlarged.
        max_side: long side in pixels.
        quality: 1 to 100.
    """
    return _save(_resize(image, _fit(image.size, max_side)), "JPEG", {"quality": quality})


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
        if tag == _ORIENTATION and kind in {1, 3, 4}:  # byte, short, long
            struct.pack_into(order + {1: "B", 3: "H", 4: "I"}[kind], patched, entry + 8, 1)
    if end + 4 <= len(exif):
        (link,) = struct.unpack_from(order + "I", exif, end)
        if link < len(exif):  # else it is no link: the writer left it out
            struct.pack_into(order + "I", patched, end, 0)
    return bytes(patched)


def _decode(image: Image.Image, max_side: int | None) -> Decoded:
    full_size, box = image.size, None
    if max_side and (draft := image.draft(None, _fit(image.size, max_side))):
        box = draft[1]
    image.load()
    if box is None:
        full_size = image.size  # Pillow turns a TIFF upright while it loads
    pixels = to_8bit(image)
    if max_side:
        pixels = _resize(pixels, _fit(full_size, max_side), box)
    icc_profile = _icc_profile(image)
    pixels = to_srgb(pixels, icc_profile)
    orientation = _orientation(image)
    if orientation in _UPRIGHT:
        pixels = pixels.transpose(_UPRIGHT[orientation])
        if orientation >= 5:
            full_size = full_size[::-1]
    if pixels is image:
        pixels = image.copy()  # a plain picture, not tied to the file
    pixels.info = {}  # its transparent colour, profile and orientation have been dealt with
    return Decoded(
        image=pixels,
        width=full_size[0],
        height=full_size[1],
        format="JPEG" if image.format == "MPO" else str(image.format),
        exif=_exif_block(image),
        icc_profile=icc_profile,
    )


def _reason(error: Exception) -> str:
    """Return a short reason for people; the error itself stays as the cause."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    text = str(error).lower()
    reasons = (r for kind, words, r in _REASONS if isinstance(error, kind) and words in text)
    return next(reasons, "the file is damaged")


def _orientation(image: Image.Image) -> int:
    try:
        orientation = image.getexif().get(_ORIENTATION)
    except Exception:  # broken metadata, and so an upright picture
        return 1
    return orientation if isinstance(orientation, int) else 1


def _icc_profile(image: Image.Image) -> bytes:
    embedded = image.info.get("icc_profile")
    if isinstance(embedded, bytes) and embedded:
        return embedded
    return adobe_rgb_profile() if image.mode == "RGB" and _is_tagged_adobe_rgb(image) else b""


def _is_tagged_adobe_rgb(image: Image.Image) -> bool:
    """Return whether the EXIF data says Adobe RGB as cameras do, which embed no profile.

    DCF 2.0 (JEITA CP-3461B), optional files: ColorSpace uncalibrated, interoperability index R03.
    """
    try:
        exif = image.getexif()
        color_space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        interoperability = exif.get_ifd(ExifTags.IFD.Interop)
        return (
            color_space == 0xFFFF and interoperability.get(ExifTags.Interop.InteropIndex) == "R03"
        )
    except Exception:  # broken metadata, and so the usual colour space
        return False


def _exif_block(image: Image.Image) -> bytes:
    embedded = image.info.get("exif")
    if isinstance(embedded, bytes):
        return embedded.removeprefix(_EXIF_PREFIX)
    if image.format == "TIFF" or "Raw profile type exif" in image.info:
        return _photo_block(image)
    return b""


def _photo_block(source: Image.Image | bytes) -> bytes:
    """Return a new EXIF block with the tags that describe the photo, empty if there are none."""
    try:
        if isinstance(source, bytes):
            exif = Image.Exif()
            exif.load(source)
        else:
            exif = source.getexif()
        own = Image.Exif()
        own.update({tag: exif[tag] for tag in _PHOTO_TAGS if tag in exif})
        own.update({tag: exif.get_ifd(tag) for tag in _SUB_DIRECTORIES if tag in exif})
        return own.tobytes().removeprefix(_EXIF_PREFIX) if own else b""
    except Exception:  # broken tags, and tags Pillow reads and cannot write again
        return b""


def _fit(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resize(
    image: Image.Image,
    size: tuple[int, int],
    box: tuple[float, float, float, float] | None = None,
) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _save(image: Image.Image, format_: str, options: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_, **options)
    return stream.getvalue()
