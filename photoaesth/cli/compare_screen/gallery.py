"""The pictures of photos: whole, or the sharpest detail of each."""

import threading
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.picture import Picture

if TYPE_CHECKING:
    from photoaesth.graphics.canvas import Canvas
    from photoaesth.workflows.compare import Side

# Pixels of a photo that the longer side of a detail shows where pictures are made of characters:
# at 100 % it would be a few blots, and an eye must be recognisable as one.
_DETAIL_IN_BLOCKS = 320


@dataclass(frozen=True, slots=True)
class Shown:
    """A side as it is shown, and in words what part of it that is ("" for all of it)."""

    picture: Picture
    words: str = ""


class Gallery:
    """Draws photos for one size of one terminal; what was drawn once is kept.

    Several threads may draw: who comes second for a picture waits for the first. Photos are told
    apart by being the same object.
    """

    def __init__(self, canvas: "Canvas") -> None:
        self._canvas = canvas
        self._lock = threading.Lock()
        self._kept: dict[tuple[Side, int, int, bool], Future[Shown]] = {}

    def draw(self, side: "Side", columns: int, rows: int, *, zoomed: bool) -> Shown:
        """Draw a photo in at most so many cells.

        A photo that cannot be read for zooming stays whole, and the words say why.

        Args:
            side: the photo.
            columns: the most cells it may take.
            rows: the most lines.
            zoomed: its sharpest detail instead of all of it.
        """
        key = (side, columns, rows, zoomed)
        with self._lock:
            shown = self._kept.get(key)
            is_new = shown is None
            if shown is None:
                shown = self._kept[key] = Future()
        if is_new:
            draw = self._detail if zoomed else self._whole
            try:
                shown.set_result(draw(side, columns, rows))
            except BaseException as error:
                shown.set_exception(error)
                raise
        return shown.result()

    def keep_only(self, sides: "Collection[Side]") -> None:
        """Forget the pictures of all other photos."""
        with self._lock:
            self._kept = {key: shown for key, shown in self._kept.items() if key[0] in sides}

    def _whole(self, side: "Side", columns: int, rows: int) -> Shown:
        image = side.image(max(self._canvas.room_px(columns, rows)))
        return Shown(self._canvas.draw(image, columns, rows))

    def _detail(self, side: "Side", columns: int, rows: int) -> Shown:
        from photoaesth.perceptual import sharpest_detail

        try:
            image = side.full()
        except PhotoaesthError as error:
            return Shown(self._whole(side, columns, rows).picture, str(error))
        room = self._canvas.room_px(columns, rows)
        scale = 1.0 if self._canvas.real else _scale_in_blocks(room, image.size)
        width, height = (round(pixels / scale) for pixels in room)
        box = _around(sharpest_detail(image), (width, height), image.size)
        detail = image.crop(box)  # black where it reaches beyond a small photo
        part = f"{min(width, image.width):,} × {min(height, image.height):,}"
        words = f"{scale:.0%} · {part} of {image.width:,} × {image.height:,} pixels"
        return Shown(self._canvas.draw(detail, columns, rows), words)


def _scale_in_blocks(room: tuple[int, int], whole: tuple[int, int]) -> float:
    """Return how large a detail is shown: not smaller than the whole, and at most 100 %."""
    fitting = min(room[0] / whole[0], room[1] / whole[1])
    return min(1.0, max(fitting, max(room) / _DETAIL_IN_BLOCKS))


def _around(
    centre: tuple[float, float], size: tuple[int, int], whole: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return the box of this size nearest to a centre, in fractions, that lies within a picture.

    Where the box is larger than the picture, the picture stands in its middle.
    """
    left, top = (
        (available - wanted) // 2
        if wanted > available
        else min(max(0, round(c * available - wanted / 2)), available - wanted)
        for c, wanted, available in zip(centre, size, whole, strict=True)
    )
    return left, top, left + size[0], top + size[1]
