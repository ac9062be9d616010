"""The pictures of one question: whole, or the sharpest detail of each."""

from collections.abc import Sequence
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
    """Draws the sides of one question; what was drawn once is kept."""

    def __init__(self, sides: Sequence["Side"], canvas: "Canvas") -> None:
        self._sides = sides
        self._canvas = canvas
        self._kept: dict[tuple[int, int, int, bool], Shown] = {}

    def draw(self, place: int, columns: int, rows: int, *, zoomed: bool) -> Shown:
        """Draw the side at `place` in at most so many cells.

        A photo that cannot be read for zooming stays whole, and the words say why.
        """
        key = (place, columns, rows, zoomed)
        if key not in self._kept:
            draw = self._detail if zoomed else self._whole
            self._kept[key] = draw(place, columns, rows)
        return self._kept[key]

    def _whole(self, place: int, columns: int, rows: int) -> Shown:
        image = self._sides[place].image(max(self._canvas.room_px(columns, rows)))
        return Shown(self._canvas.draw(image, columns, rows, place))

    def _detail(self, place: int, columns: int, rows: int) -> Shown:
        from photoaesth.perceptual import sharpest_detail

        try:
            image = self._sides[place].full()
        except PhotoaesthError as error:
            return Shown(self._whole(place, columns, rows).picture, str(error))
        room = self._canvas.room_px(columns, rows)
        scale = 1.0 if self._canvas.real else _scale_in_blocks(room, image.size)
        width, height = (round(pixels / scale) for pixels in room)
        box = _around(sharpest_detail(image), (width, height), image.size)
        detail = image.crop(box)  # black where it reaches beyond a small photo
        part = f"{min(width, image.width):,} × {min(height, image.height):,}"
        words = f"{scale:.0%} · {part} of {image.width:,} × {image.height:,} pixels"
        return Shown(self._canvas.draw(detail, columns, rows, place), words)


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
