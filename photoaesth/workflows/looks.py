"""What the photos of a library look like: measured while indexing, and here where it was not."""

import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photoaesth.attributes import ATTRIBUTES, VERSION, looks
from photoaesth.domain import Photo
from photoaesth.learning.model_input import model_input
from photoaesth.library.attributes import (
    AttributeTable,
    Layout,
    attributes_of,
    store,
    unmeasured,
)
from photoaesth.library.database import Library
from photoaesth.library.photos import photos_by_id
from photoaesth.workflows.pictures import photo_thumbnail
from photoaesth.workflows.reading import measure_thumbnail

if TYPE_CHECKING:
    from photoaesth.learning.embedder import Embedder

LAYOUT = Layout(VERSION, len(ATTRIBUTES))
"""Of the attributes that this version measures."""

Progress = Callable[[int, int], None]
"""Called with how many photos are done and how many there are."""

_BATCH = 32  # photos per transaction


def measured(
    library: Library, on_progress: Progress = lambda _done, _total: None
) -> AttributeTable:
    """Return the attributes and labels of all photos that are present.

    Those that are missing are measured first, see `measure_missing`.

    Args:
        library: where.
        on_progress: told how far measuring is; not called when nothing is to be measured.
    """
    measure_missing(library, on_progress)
    return attributes_of(library, LAYOUT)


def measure_missing(library: Library, on_progress: Progress = lambda _done, _total: None) -> None:
    """Measure photos that were indexed before there were attributes, or by a version with others.

    They are measured from their thumbnails; one batch is lost at most when that is interrupted.
    Those whose picture cannot be had now (an absent drive, say) stay unknown, until it can.

    Args:
        library: where.
        on_progress: told how far measuring is; not called when nothing is to be measured.
    """
    waiting = unmeasured(library, LAYOUT)
    if not waiting:
        return
    from photoaesth.learning.embedder import Embedder

    embedder = Embedder()
    for start in range(0, len(waiting), _BATCH):
        part = waiting[start : start + _BATCH]
        _measure(library, embedder, list(photos_by_id(library, part).values()))
        on_progress(start + len(part), len(waiting))


def _measure(library: Library, embedder: "Embedder", photos: Sequence[Photo]) -> None:
    pictures = {photo: jpeg for photo in photos if (jpeg := photo_thumbnail(photo)) is not None}
    if not pictures:
        return
    _, classes = embedder.embed_and_classify([_pixels(jpeg) for jpeg in pictures.values()])
    found = looks(
        [measure_thumbnail(jpeg, photo.width, photo.height) for photo, jpeg in pictures.items()],
        classes,
        [photo.exif for photo in pictures],
    )
    with library.transaction():
        for photo, look in zip(pictures, found, strict=True):
            store(library, LAYOUT, photo.id, look.values, look.labels)


def _pixels(jpeg: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(jpeg)) as image:
        return model_input(image.convert("RGB"))
