"""Which files are photos, and Pillow set up to read them quietly."""

import contextlib
import ctypes
import functools
import importlib.util
import logging
import warnings

import pi_heif
from PIL import (  # the plugins register themselves here, once, not in racing threads
    AvifImagePlugin,  # noqa: F401
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,
    MpoImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
    _imaging,
)

from photoaesth.errors import UnreadableImageError

MAX_MEMORY_BYTES = 920_000_000
"""What decoding one file may take, so that with all else it stays below 1 GB: 230 megapixels of
most formats, above the 201 of the largest sensors."""

RAW_SUFFIXES = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc"}
    | {".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl", ".sr2"}
    | {".srf", ".srw", ".x3f"}
)
"""Lower-case suffixes of what sensors recorded. Without `.raw`, which means too many things."""

_JXL_SUFFIX = ".jxl"
_PILLOW_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".avif", ".bmp", ".gif"}
    | {".heic", ".heif", ".hif"}
)
# Named, because Pillow's other plugins are not for files of unknown origin (EPS runs ghostscript).
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF", "BMP", "GIF")

# Bytes that decoding takes for each pixel, the picture's own 4 among them (measured): libwebp
# keeps two canvases; the others keep the planes of their codec beside two copies in RGB.
_BYTES_PER_PIXEL = {"WEBP": 16, "AVIF": 12, "JXL": 12, "HEIF": 7}
_BYTES_PER_DEEP_PIXEL = 15  # of HEIF with more than 8 bits

Image.MAX_IMAGE_PIXELS = MAX_MEMORY_BYTES // 8  # Pillow warns above and refuses above twice that
# What Pillow warns of (odd metadata, mostly) is no concern of whoever reads stderr. Set once for
# the process: warnings.catch_warnings is not safe in threads.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())
with contextlib.suppress(AttributeError, OSError):  # where libtiff is linked in, it is not found
    _libtiff = ctypes.CDLL(_imaging.__file__)  # finds the symbols of what it is linked to
    _libtiff.TIFFSetErrorHandler(None)
    _libtiff.TIFFSetWarningHandler(None)
# Photos are decoded side by side already; of a file nothing is wanted but its main picture.
pi_heif.register_heif_opener(
    decode_threads=1, thumbnails=False, depth_images=False, aux_images=False
)


@functools.cache
def photo_suffixes() -> frozenset[str]:
    """Return the lower-case suffixes of the files that `decode` reads in this installation."""
    return _PILLOW_SUFFIXES | RAW_SUFFIXES | ({_JXL_SUFFIX} if _has_jxl() else set())


@functools.cache
def missing_support() -> dict[str, str]:
    """Return the suffixes of photos that need an extra, each with the command that adds it."""
    return {} if _has_jxl() else {_JXL_SUFFIX: "pip install 'photoaesth[jxl]'"}


@functools.cache
def pillow_formats() -> tuple[str, ...]:
    """Return the formats that Pillow may try on a file."""
    if not _has_jxl():
        return _FORMATS
    import pylibjxl  # of the extra `jxl`

    pylibjxl.register_pillow()
    return (*_FORMATS, "JXL")


def check_size(image: Image.Image) -> None:
    """Refuse an opened file that has nothing to decode, or too much.

    Raises:
        UnreadableImageError: it has no pixels, or would take more than `MAX_MEMORY_BYTES`.
    """
    if 0 in image.size:
        raise UnreadableImageError("it has no pixels")
    needed = _BYTES_PER_PIXEL.get(str(image.format), 4)
    if image.format == "HEIF" and image.info.get("bit_depth", 8) > 8:
        needed = _BYTES_PER_DEEP_PIXEL
    elif isinstance(image, JpegImagePlugin.JpegImageFile) and image.info.get("progressive"):
        # All coefficients are kept, two bytes each, even to decode at a fraction.
        planes = [across * down for _, across, down, _ in image.layer]
        needed = max(needed, 1 + 2 * sum(planes) // max(planes))
    if image.width * image.height * needed > MAX_MEMORY_BYTES:
        raise too_large(MAX_MEMORY_BYTES // needed)


def too_large(max_pixels: int) -> UnreadableImageError:
    """Return the error for a file that declares more pixels than can be decoded."""
    limit = f"{max_pixels / 10**6:.3g} megapixels"
    return UnreadableImageError(
        f"it declares more than the {limit} that can be decoded in 1 GB (a decompression bomb?)"
    )


def _has_jxl() -> bool:
    return importlib.util.find_spec("pylibjxl") is not None
