"""The middle of the window: photos with their names, side by side or in a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photoaesth.cli.compare_screen.display import Overlay
from photoaesth.cli.compare_screen.gallery import Gallery, Shown
from photoaesth.cli.compare_screen.layout import GAP, Grid, arrange
from photoaesth.cli.compare_screen.look import Look
from photoaesth.cli.compare_screen.text import BOLD, DIM, centred, table
from photoaesth.graphics.picture import Picture

if TYPE_CHECKING:
    from photoaesth.workflows.compare import Question, Side

_Details = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Tiles:
    """Photos with their texts.

    Attributes:
        lines: top to bottom, equally wide.
        overlays: pictures that are more than text; rows count from the first line.
    """

    lines: Sequence[str]
    overlays: Sequence[Overlay]


def tiles(
    question: "Question", look: Look, gallery: Gallery, columns: int, rows: int
) -> Tiles | None:
    """Return the photos of a question in at most so many cells; None if they do not fit."""
    sides = question.sides
    details: list[_Details] = [side.details() if look.details else () for side in sides]
    grid = _grid(sides, look, columns, rows, max(map(len, details)))
    if grid is None:
        return None
    lines: list[str] = []
    overlays: list[Overlay] = []
    for first in range(0, len(sides), grid.across):
        row = range(first, min(first + grid.across, len(sides)))
        shown = [_draw(gallery, sides[place], grid, look) for place in row]
        height = max(len(each.picture.lines) for each in shown)
        for column, picture in enumerate(each.picture for each in shown):
            if picture.overlay or picture.upload:
                above, before = _margins(picture, grid.width, height)
                left = column * (grid.width + GAP) + before
                overlays.append(Overlay(len(lines) + above, left, picture))
        blocks = [
            _centred_picture(each.picture, grid.width, height)
            + _texts(sides, place, look, each.words, details[place], grid)
            for place, each in zip(row, shown, strict=True)
        ]
        lines += [(" " * GAP).join(cells) for cells in zip(*blocks, strict=True)]
    return Tiles(lines, overlays)


def _grid(
    sides: Sequence["Side"], look: Look, columns: int, rows: int, details: int
) -> Grid | None:
    """Return where the photos go; details that leave too little for pictures replace them."""
    shapes = [(side.photo.width, side.photo.height) for side in sides]
    names = 2 if _has_caption(sides, look) else 1
    grid = arrange(shapes, columns, rows, names + details)
    if grid is None and details and (grid := arrange(shapes, columns, rows, names)):
        return Grid(grid.across, grid.width, grid.height, text_rows=grid.height)
    return grid


def _has_caption(sides: Sequence["Side"], look: Look) -> bool:
    """Photos of a burst were all taken at once; only how far they are zoomed is worth a row."""
    return len(sides) == 2 or look.zoomed


def _draw(gallery: Gallery, side: "Side", grid: Grid, look: Look) -> Shown:
    rows = grid.height - grid.text_rows
    if not rows:
        return Shown(Picture(0, ()))
    return gallery.draw(side, grid.width, rows, zoomed=look.zoomed)


def _margins(picture: Picture, width: int, height: int) -> tuple[int, int]:
    """Return the rows above and the columns before a picture that stands in the middle."""
    return (height - len(picture.lines)) // 2, (width - picture.columns) // 2


def _centred_picture(picture: Picture, width: int, height: int) -> list[str]:
    above, before = _margins(picture, width, height)
    after = width - before - picture.columns
    lines = [" " * before + line + " " * after for line in picture.lines]
    blank = " " * width
    return [blank] * above + lines + [blank] * (height - above - len(lines))


def _texts(
    sides: Sequence["Side"], place: int, look: Look, words: str, details: _Details, grid: Grid
) -> list[str]:
    """Return what is said below a photo, in exactly the rows that the grid has for it."""
    side, width = sides[place], grid.width
    name = side.name if len(sides) == 2 else f"{place + 1} · {side.name}"
    lines = [centred(name, width, BOLD, tail=width // 3)]
    if _has_caption(sides, look):
        lines.append(centred(words or side.caption, width, DIM))
    lines += table(details, width)
    return lines[: grid.text_rows] + [" " * width] * (grid.text_rows - len(lines))
