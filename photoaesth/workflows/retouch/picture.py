"""A photo on the table: its picture in the sizes that a page asks for, as it is and edited."""

import threading
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from photoaesth.domain import Photo
from photoaesth.enhance.preview import Preview
from photoaesth.files import display_path
from photoaesth.imaging import decode
from photoaesth.workflows.pictures import caption

PREVIEW_SIDE = 1200
"""Pixels of the longer side of what is shown, at the most."""

_SIZES = 2  # in which edits are seen: while a slider moves, and when it rests


class Picture:
    """One photo. Its pictures may be asked for from any thread.

    Args:
        photo: the library's record.

    Raises:
        UnreadableImageError: the file cannot be read now.
    """

    def __init__(self, photo: Photo) -> None:
        self.photo = photo
        self._image = _fitted(decode(photo.path, min_side=PREVIEW_SIDE).image, PREVIEW_SIDE)
        self._lock = threading.Lock()
        self._previews: dict[tuple[int, int], Preview] = {}

    @property
    def name(self) -> str:
        """The file's name, printable."""
        return display_path(Path(self.photo.path.name))

    @property
    def caption(self) -> str:
        """When and with what it was taken."""
        return caption(self.photo.exif)

    def image(self, pixels: int) -> Image.Image:
        """Return it upright in sRGB, its longer side `pixels` or what there is."""
        return _fitted(self._image, pixels)

    def edited(self, parameters: Mapping[str, float], pixels: int) -> Image.Image:
        """Return what an edit makes of it.

        Args:
            parameters: values by name; those left out change nothing.
            pixels: the longer side.

        Raises:
            ValueError: a parameter is unknown or out of its range.
        """
        size = _size(self._image, pixels)
        with self._lock:
            preview = self._previews.pop(size, None) or Preview(_fitted(self._image, pixels))
            last = list(self._previews.items())[1 - _SIZES :]
            self._previews = {**dict(last), size: preview}
            return preview.render(parameters)


def _fitted(image: Image.Image, pixels: int) -> Image.Image:
    size = _size(image, pixels)
    return image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)


def _size(image: Image.Image, pixels: int) -> tuple[int, int]:
    scale = min(1, pixels / max(image.size))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))
