"""TIFF files that Pillow cannot hold, or mixes up: colour in floating point, deep planes."""

import io
import logging

import numpy as np
from PIL import Image, TiffImagePlugin

from photoaesth.imaging.formats import MAX_MEMORY_BYTES, too_large
from photoaesth.imaging.metadata import EXIF_PREFIX, photo_block
from photoaesth.srgb import deep_to_8bit

_HEADERS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two for BigTIFF
_BITS, _PLANAR_CONFIGURATION, _ICC_PROFILE = 0x0102, 0x011C, 0x8773
_SEPARATE = 2
_PHOTOMETRICS = {1, 2}  # black is zero, RGB

logging.getLogger("tifffile").addHandler(logging.NullHandler())


def is_tiff(data: bytes) -> bool:
    """Return whether a file's content begins as a TIFF file does."""
    return data.startswith(_HEADERS)


def is_misread(image: Image.Image) -> bool:
    """Return whether Pillow would take one plane for another: more than 8 bits, plane by plane."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    tags = image.tag_v2
    return tags.get(_PLANAR_CONFIGURATION) == _SEPARATE and max(tags.get(_BITS, (1,))) > 8


def open_deep_tiff(data: bytes) -> Image.Image:
    """Return the first picture of a TIFF file in 8 bits, with its profile and EXIF in `info`.

    Args:
        data: a grey or RGB file, with or without alpha, of any kind of number.

    Raises:
        UnreadableImageError: it would take too much memory.
        Exception: tifffile cannot read it; of whatever type its parsing of a broken file runs into.
    """
    import tifffile  # only here: few runs meet such a file

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages.first
        if page.photometric not in _PHOTOMETRICS or page.dtype is None:
            raise NotImplementedError("unsupported colour model or kind of number")
        # The file, its values, the same in 8 bits, and Pillow's copy of them.
        per_pixel = page.samplesperpixel * (page.dtype.itemsize + 1) + 4
        if len(data) + page.imagewidth * page.imagelength * per_pixel > MAX_MEMORY_BYTES:
            raise too_large(MAX_MEMORY_BYTES // per_pixel)
        values = page.asarray()
        if page.axes.startswith("S"):  # a plane for each colour
            values = np.moveaxis(values, 0, -1)
        icc_profile = page.tags.valueof(_ICC_PROFILE, b"")
    channels = values.shape[2] if values.ndim == 3 else 1
    levels = deep_to_8bit(values, alpha=channels in {2, 4})
    image = Image.fromarray(levels if channels > 1 else levels.reshape(values.shape[:2]))
    image.info = {"icc_profile": icc_profile, "exif": EXIF_PREFIX + photo_block(data)}
    return image
