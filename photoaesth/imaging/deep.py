"""Photos of 16 bits a channel, read and written without losing any: RGB in PNG and TIFF."""

import io
import struct
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, TiffImagePlugin, TiffTags

from photoaesth.imaging.formats import MAX_MEMORY_BYTES
from photoaesth.imaging.metadata import (
    exif_block_of,
    icc_profile_of,
    orientation_of,
    photo_block,
    upright_exif,
)
from photoaesth.imaging.xmp import upright_xmp, xmp_of
from photoaesth.processes import available_cores
from photoaesth.srgb import matrix_profile

Values = NDArray[np.uint16]
"""`(H, W, 3)`, red first."""

_STRIP_PIXELS = 1 << 18
# How to bring each orientation upright, for an array of rows (TIFF 6.0, section 8).
_UPRIGHT: dict[int, Callable[[Values], Values]] = {
    2: lambda v: v[:, ::-1],
    3: lambda v: v[::-1, ::-1],
    4: lambda v: v[::-1],
    5: lambda v: v.swapaxes(0, 1),
    6: lambda v: v.swapaxes(0, 1)[:, ::-1],
    7: lambda v: v[::-1, ::-1].swapaxes(0, 1),
    8: lambda v: v.swapaxes(0, 1)[::-1],
}
_FAST = 4  # of zlib's levels, in half the time of its usual one and 2 % larger
_BITS, _COMPRESSION, _PHOTOMETRIC, _STRIP_OFFSETS = 0x0102, 0x0103, 0x0106, 0x0111
_WIDTH, _HEIGHT, _SAMPLES, _ROWS_PER_STRIP, _STRIP_BYTES = 0x0100, 0x0101, 0x0115, 0x0116, 0x0117
_XMP, _ICC_PROFILE = 0x02BC, 0x8773
_SUB_DIRECTORIES = (0x8769, 0x8825)  # EXIF, GPS


@dataclass(frozen=True, slots=True)
class DeepPhoto:
    """A photo of 16 bits a channel.

    Attributes:
        values: sRGB, upright, contiguous.
        exif: as in `Decoded`.
        icc_profile: as in `Decoded`.
        xmp: as in `Decoded`.
    """

    values: Values
    exif: bytes
    icc_profile: bytes
    xmp: bytes


def decode_deep(source: Path) -> DeepPhoto | None:
    """Decode a photo to 16-bit sRGB where it has that many bits.

    Returns:
        None for all that is left to `decode`: photos of 8 bits, those that are no plain RGB with
        a matrix profile (with transparency, grey, in planes, with a profile of tables), those
        above 115 megapixels, and broken ones.
    """
    try:
        return _decode(source)
    except Exception:  # whatever is wrong, `decode` has a name for it
        return None


def _decode(source: Path) -> DeepPhoto | None:
    image = _open(source, upper=True)
    if image is None or image.width * image.height * 8 > MAX_MEMORY_BYTES:
        return None
    icc_profile, exif, xmp = icc_profile_of(image), exif_block_of(image), xmp_of(image)
    try:
        profile = matrix_profile(icc_profile)
    except ValueError:
        return None
    image.load()  # which turns a TIFF upright
    orientation = orientation_of(image)
    values = np.empty((image.height, image.width, 3), np.uint16)
    _fill(values, image, lambda rows, part: np.left_shift(part, 8, out=rows))
    image.close()
    image = _open(source, upper=False)
    assert image is not None
    image.load()
    _fill(values, image, lambda rows, part: np.bitwise_or(rows, part, out=rows))
    if profile:
        _convert(values, profile.to_srgb)
    if orientation in _UPRIGHT:
        values = np.ascontiguousarray(_UPRIGHT[orientation](values))
    return DeepPhoto(values, exif, icc_profile, xmp)


def _open(source: Path, *, upper: bool) -> ImageFile.ImageFile | None:
    """Open a file of 16-bit RGB so that Pillow, which keeps 8 bits, keeps the upper or lower ones.

    Its unpackers for either order of bytes take the upper byte; the one for the other order takes
    the lower. None for other files.
    """
    image = Image.open(source, formats=("PNG", "TIFF"))
    mode = _raw_mode(image)
    if mode is None:
        image.close()
    elif not upper:
        other = {"RGB;16L": "RGB;16B", "RGB;16B": "RGB;16L"}[mode]
        image.tile = [
            tile._replace(args=(other, *tile.args[1:]) if isinstance(tile.args, tuple) else other)
            for tile in image.tile
        ]
    return image if mode else None


def _raw_mode(image: ImageFile.ImageFile) -> str | None:
    """Return the order of bytes in an opened file of 16-bit RGB in Pillow's words, else None."""
    modes = {tile.args[0] if isinstance(tile.args, tuple) else tile.args for tile in image.tile}
    mode = str(modes.pop()) if len(modes) == 1 else ""
    if mode == "RGB;16N":  # what libtiff decodes
        mode = "RGB;16L" if sys.byteorder == "little" else "RGB;16B"
    plain = image.mode == "RGB" and "transparency" not in image.info
    return mode if plain and mode in {"RGB;16L", "RGB;16B"} else None


def encode_deep(
    values: Values,
    *,
    format: str,  # noqa: A002 - Pillow's name for it, as in Decoded
    exif: bytes = b"",
    icc_profile: bytes = b"",
    xmp: bytes = b"",
) -> bytes:
    """Return a picture of 16 bits a channel as the bytes of a file.

    Args:
        values: sRGB; changed to the values of the profile, in place.
        format: PNG or TIFF.
        exif: as for `encode`.
        icc_profile: a matrix profile whose colour space the file is to use; empty for sRGB.
        xmp: an XMP packet.

    Raises:
        ValueError: the profile is no matrix profile.
    """
    profile = matrix_profile(icc_profile)
    if profile:
        _convert(values, profile.from_srgb)
    write = _png if format == "PNG" else _tiff
    return write(values, upright_exif(exif), icc_profile, upright_xmp(xmp))


def _png(values: Values, exif: bytes, icc_profile: bytes, xmp: bytes) -> bytes:
    """PNG Specification, third edition; each row holds its differences from pixel to pixel."""
    height, width = values.shape[:2]
    header = struct.pack(">2I5B", width, height, 16, 2, 0, 0, 0)
    chunks = [b"\x89PNG\r\n\x1a\n", _chunk(b"IHDR", header)]
    if icc_profile:
        chunks.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(icc_profile)))
    if xmp:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    if exif:
        chunks.append(_chunk(b"eXIf", exif))
    packer = zlib.compressobj(_FAST)
    for rows in _strips(values):
        strip = values[rows].astype(">u2").view(np.uint8)
        lines = np.empty((len(strip), 1 + 6 * width), np.uint8)
        lines[:, 0] = 1  # filter type Sub
        pixels = strip.reshape(len(strip), 6 * width)
        lines[:, 1:7] = pixels[:, :6]
        np.subtract(pixels[:, 6:], pixels[:, :-6], out=lines[:, 7:])
        chunks.append(_chunk(b"IDAT", packer.compress(lines.data)))
    chunks += [_chunk(b"IDAT", packer.flush()), _chunk(b"IEND", b"")]
    return b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _tiff(values: Values, exif: bytes, icc_profile: bytes, xmp: bytes) -> bytes:
    """TIFF 6.0, uncompressed, in one strip."""
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    block = photo_block(exif)
    if block:
        described = Image.Exif()
        described.load(block)
        directory.update(described)
        for tag in _SUB_DIRECTORIES:
            if tag in described:
                directory[tag] = described.get_ifd(tag)
    height, width = values.shape[:2]
    directory[_WIDTH], directory[_HEIGHT] = width, height
    directory[_BITS], directory[_SAMPLES] = (16, 16, 16), 3
    directory[_COMPRESSION], directory[_PHOTOMETRIC] = 1, 2  # none, RGB
    directory[_ROWS_PER_STRIP], directory[_STRIP_BYTES] = height, values.nbytes
    directory[_STRIP_OFFSETS] = (0,)  # `save` adds where the directories end
    if icc_profile:
        directory.tagtype[_ICC_PROFILE] = TiffTags.UNDEFINED
        directory[_ICC_PROFILE] = icc_profile
    if xmp:
        directory.tagtype[_XMP] = TiffTags.BYTE
        directory[_XMP] = xmp
    stream = io.BytesIO()
    directory.save(stream)
    stream.write(values.astype("<u2", copy=False).data)
    return stream.getvalue()


def _fill(values: Values, image: Image.Image, put: Callable[[Values, Values], object]) -> None:
    for rows in _strips(values):
        part = image.crop((0, rows.start, image.width, rows.stop))
        put(values[rows], np.asarray(part).astype(np.uint16))


def _convert(values: Values, conversion: Callable[[Values], Values]) -> None:
    with ThreadPoolExecutor(available_cores()) as pool:
        strips = [values[rows] for rows in _strips(values)]
        list(pool.map(lambda strip: np.copyto(strip, conversion(strip)), strips))


def _strips(values: Values) -> list[slice]:
    height, width = values.shape[:2]
    rows = max(1, _STRIP_PIXELS // width)
    return [slice(top, min(top + rows, height)) for top in range(0, height, rows)]
