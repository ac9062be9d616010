"""Where the photos of a question go: numbers only, in character cells."""

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 2  # columns between photos
FRAME_ROWS = 4  # title, progress, notice, keys
MIN_PICTURE_ROWS = 2
_MIN_COLUMNS, _MIN_ROWS, _MIN_WIDTH = 40, 10, 6  # below, pictures would be unrecognisable


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles of one size, each with a photo and the text below it.

    Attributes:
        across: tiles side by side.
        width: columns of a tile.
        height: rows of a tile, its text included.
        text_rows: rows of that text.
    """

    across: int
    width: int
    height: int
    text_rows: int


def too_small(columns: int, rows: int) -> bool:
    """Whether a window has no room for pictures."""
    return columns < _MIN_COLUMNS or rows < _MIN_ROWS


def arrange(
    shapes: Sequence[tuple[int, int]], columns: int, rows: int, text_rows: int
) -> Grid | None:
    """Return the grid that shows photos largest; two always stand side by side.

    Args:
        shapes: width and height of each photo in any unit.
        columns: room for all of them.
        rows: the same, texts included.
        text_rows: rows of text below each photo.

    Returns:
        None when no grid leaves each photo enough room to be recognised.
    """
    count = len(shapes)
    grids = []
    for across in [2] if count == 2 else range(1, count + 1):
        down = -(-count // across)
        width = (columns - GAP * (across - 1)) // across
        height = rows // down
        if width >= _MIN_WIDTH and height - text_rows >= MIN_PICTURE_ROWS:
            grids.append(Grid(across, width, height, text_rows))
    return max(grids, key=lambda grid: _area(shapes, grid), default=None)


def pair_room(columns: int, rows: int) -> tuple[int, int]:
    """Return columns and rows that each photo of a pair has in a window of this size."""
    return max(1, (columns - GAP) // 2), max(1, rows - FRAME_ROWS - 2)


def _area(shapes: Sequence[tuple[int, int]], grid: Grid) -> float:
    """Return how much of the grid the photos cover; a cell is about twice as high as wide."""
    rows = grid.height - grid.text_rows
    scales = [min(grid.width / width, 2 * rows / height) for width, height in shapes]
    return sum(s * s * width * height for s, (width, height) in zip(scales, shapes, strict=True))
