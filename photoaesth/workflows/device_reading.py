"""JPEGs decoded where the backbone runs: a GPU does it many at a time."""

from collections.abc import Sequence

from PIL import Image

from photoaesth.imaging import thumbnail
from photoaesth.learning.gpu_decode import DeviceDecoded, decode_on_device
from photoaesth.library.exif import read_exif
from photoaesth.library.found import NewPhoto
from photoaesth.library.thumbnails import store_thumbnail
from photoaesth.perceptual import perceptual_hash
from photoaesth.workflows.reading import Compressed, Failure, NewContent, develop, measure_thumbnail

_AT_ONCE = 4  # decoded images of 24 megapixels take 0.3 GB of the device


def decode_compressed(photos: Sequence[Compressed], device: str) -> list[NewContent | Failure]:
    """Decode JPEGs that the readers left as they are, and keep their thumbnails.

    What the device cannot decode is decoded here, on the CPU.

    Args:
        photos: in any number.
        device: torch device.

    Raises:
        PhotoaesthError: a thumbnail cannot be written.
    """
    results: list[NewContent | Failure] = []
    for start in range(0, len(photos), _AT_ONCE):
        part = photos[start : start + _AT_ONCE]
        decoded = decode_on_device(
            [photo.data for photo in part], [photo.jpeg.orientation for photo in part], device
        )
        results += [_result(*both) for both in zip(part, decoded, strict=True)]
    return results


def _result(photo: Compressed, decoded: DeviceDecoded | None) -> NewContent | Failure:
    if decoded is None:
        return develop(photo.file, photo.content_hash, photo.data)
    small = Image.fromarray(decoded.thumbnail)
    jpeg = thumbnail(small)
    store_thumbnail(photo.content_hash, jpeg)
    exif = read_exif(photo.jpeg.exif)
    new = NewPhoto(
        photo.file,
        photo.content_hash,
        decoded.width,
        decoded.height,
        perceptual_hash(small),
        exif,
    )
    measured = measure_thumbnail(jpeg, decoded.width, decoded.height)
    return NewContent(new, decoded.inputs, measured)
