"""RAW files, through LibRaw: the camera's own preview, or else a rendering at half size."""

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from photoaesth.errors import UnreadableImageError
from photoaesth.imaging.directories import (
    COMPRESSION,
    DNG_VERSION,
    HEIGHT,
    PHOTOMETRIC,
    STRIP_BYTE_COUNTS,
    STRIP_OFFSETS,
    WIDTH,
    Directory,
    read_directories,
)
from photoaesth.imaging.formats import MAX_MEMORY_BYTES, too_large
from photoaesth.imaging.metadata import ORIENTATION, photo_block

if TYPE_CHECKING:
    import rawpy

_MIN_PREVIEW_SIDE = 1_000
# Signatures of the formats that are no TIFF: Fujifilm, Panasonic and Leica, Olympus, Minolta,
# Sigma; Canon's two stand behind the size of a box or of the header.
_MAGICS = (b"FUJIFILMCCD-RAW", b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"\0MRM", b"FOVb")
_CR3, _CRW = b"ftypcrx ", b"HEAPCCDR"
_CR2, _IIQ = b"CR", b"IIII"  # after a TIFF header
_TIFF_HEADERS = {b"II*\0": b"II*\0", b"MM\0*": b"MM\0*"}
_TIFF_HEADERS |= {b"IIRO": b"II*\0", b"IIRS": b"II*\0", b"MMOR": b"MM\0*"}
_CFA, _LINEAR_RAW = 32_803, 34_892  # DNG 1.7, chapter 4
_SENSOR_DATA = {_CFA, _LINEAR_RAW}
# Bytes that a rendering takes for each pixel of the sensor (measured). Linear data have four
# numbers for each, and LibRaw does not halve them.
_BYTES_PER_PIXEL, _BYTES_PER_LINEAR_PIXEL = 8, 22
_JPEG = 7
_ORIENTATIONS = {0: 1, 3: 3, 5: 8, 6: 6}  # of LibRaw's ways to turn a picture
_TURNED = {5, 6, 7, 8}  # orientations that swap width and height
_STDERR = threading.Lock()


@dataclass(frozen=True, slots=True)
class RawFile:
    """What a RAW file shows of its photo.

    Attributes:
        picture: the preview, opened but not decoded, with its EXIF orientation; or a rendering.
        width: upright width of the sensor's picture in pixels.
        height: upright height of the sensor's picture in pixels.
        exif: the block of the file's own tags; empty where the format keeps them elsewhere.
    """

    picture: Image.Image
    width: int
    height: int
    exif: bytes


def is_raw(stream: BinaryIO) -> bool:
    """Return whether a file's content is RAW, whatever its name; leaves the stream at its start."""
    head = stream.read(16)
    try:
        if head[:4] in {b"II*\0", b"MM\0*"}:
            stream.seek(0)
            return head.startswith((_CR2, _IIQ), 8) or any(
                _holds_sensor_data(directory) for directory in read_directories(stream)
            )
        return head.startswith(_MAGICS) or head[4:12] == _CR3 or head[6:14] == _CRW
    finally:
        stream.seek(0)


def open_raw(data: bytes, *, whole: bool) -> RawFile:
    """Open a RAW file and find the picture that shows it best.

    That is the embedded preview if its long side has 1,000 pixels, which looks as the camera
    meant it; else a rendering at half the sensor's size with the camera's white balance.

    Args:
        data: the file.
        whole: prefer the rendering to a preview that is smaller.

    Raises:
        UnreadableImageError: LibRaw cannot use the file.
    """
    import rawpy  # only here: few runs meet a RAW file

    try:
        with rawpy.RawPy() as raw:
            raw.open_buffer(io.BytesIO(data))
            sizes = raw.sizes
            width, height = sizes.width, sizes.height
            orientation = _ORIENTATIONS.get(sizes.flip, 1)
            needed = max(_MIN_PREVIEW_SIDE, max(width, height) // 2 if whole else 0)
            picture = _preview(raw, orientation, needed) or _rendering(raw, data)
    except rawpy.LibRawError as error:
        if isinstance(error, rawpy.LibRawFileUnsupportedError) and (
            found := _unknown_to_libraw(data)
        ):
            return found
        raise UnreadableImageError(
            "a RAW file without a preview whose data is damaged or of an unknown kind"
        ) from error
    if orientation in _TURNED:
        width, height = height, width
    return RawFile(picture, width, height, _exif_block(data))


def _holds_sensor_data(directory: Directory) -> bool:
    return DNG_VERSION in directory or directory.get(PHOTOMETRIC) in _SENSOR_DATA


def _unknown_to_libraw(data: bytes) -> RawFile | None:
    """Return the preview of a RAW file whose compression is newer than LibRaw, if it has one.

    Phones write DNG 1.7 with JPEG XL inside, and a JPEG preview that fills one strip.
    """
    directories = read_directories(io.BytesIO(data))
    sensors = [d for d in directories if d.get(PHOTOMETRIC) in _SENSOR_DATA]
    previews = [d for d in directories if d.get(COMPRESSION) == _JPEG and d not in sensors]
    if not sensors or not previews:
        return None
    largest = max(previews, key=lambda d: d.get(WIDTH, 0))
    start, length = largest.get(STRIP_OFFSETS, 0), largest.get(STRIP_BYTE_COUNTS, 0)
    orientation = directories[0].get(ORIENTATION, 1)
    preview = _oriented(
        Image.open(io.BytesIO(data[start : start + length]), formats=["JPEG"]), orientation
    )
    if max(preview.size) < _MIN_PREVIEW_SIDE:
        return None
    width, height = (max(d.get(side, 0) for d in sensors) for side in (WIDTH, HEIGHT))
    if orientation in _TURNED:
        width, height = height, width
    return RawFile(preview, width, height, photo_block(data))


def _preview(raw: "rawpy.RawPy", orientation: int, needed: int) -> Image.Image | None:
    """Return the largest embedded preview; None if its long side is less than `needed`."""
    import rawpy

    preview: Image.Image
    try:
        shown = raw.extract_thumb().data  # a JPEG, or pixels
        if isinstance(shown, bytes):
            preview = Image.open(io.BytesIO(shown), formats=["JPEG"])
        else:
            preview = Image.fromarray(shown)
    except (rawpy.LibRawError, NotImplementedError, OSError):  # there is none, or an odd one
        return None
    return _oriented(preview, orientation) if max(preview.size) >= needed else None


def _oriented(preview: Image.Image, orientation: int) -> Image.Image:
    """Give a preview the RAW file's EXIF orientation if it has none of its own.

    Most previews are stored as the sensor lay, without a word of it.
    """
    exif = preview.getexif()
    if ORIENTATION not in exif:
        exif[ORIENTATION] = orientation
    return preview


def _rendering(raw: "rawpy.RawPy", data: bytes) -> Image.Image:
    directories = read_directories(io.BytesIO(data))
    is_linear = any(d.get(PHOTOMETRIC) == _LINEAR_RAW for d in directories)
    max_pixels = MAX_MEMORY_BYTES // (_BYTES_PER_LINEAR_PIXEL if is_linear else _BYTES_PER_PIXEL)
    if raw.sizes.raw_width * raw.sizes.raw_height > max_pixels:
        raise too_large(max_pixels)
    with _quiet_stderr():
        pixels = raw.postprocess(half_size=True, use_camera_wb=True, gamma=(2.4, 12.92))
    return Image.fromarray(pixels)


def _exif_block(data: bytes) -> bytes:
    header = _TIFF_HEADERS.get(data[:4])
    return photo_block(header + data[4:]) if header else b""


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keep what LibRaw itself says of damaged data from the terminal.

    It writes to the process's stderr and offers no switch through rawpy.
    """
    with _STDERR:
        try:
            kept = os.dup(2)
        except OSError:  # there is no stderr to protect
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(nowhere)
            os.close(kept)
