"""What the whole window shows: composed from a question, never printed here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from photoaesth.cli.compare_screen.display import Frame, Overlay
from photoaesth.cli.compare_screen.gallery import Gallery
from photoaesth.cli.compare_screen.keys import explained, key_line, wrapped_keys
from photoaesth.cli.compare_screen.layout import FRAME_ROWS, too_small
from photoaesth.cli.compare_screen.look import Look
from photoaesth.cli.compare_screen.text import (
    BOLD,
    DIM,
    PLAIN,
    centred,
    parts_that_fit,
    shorten,
)
from photoaesth.cli.compare_screen.tiles import tiles

if TYPE_CHECKING:
    from photoaesth.workflows.compare import Progress, Question


def compose(
    question: "Question", progress: "Progress", look: Look, gallery: Gallery, size: tuple[int, int]
) -> Frame:
    """Return the frame for a window of that many columns and rows, whatever they are."""
    columns, rows = size
    if look.help:
        return Frame(_help(len(question.sides), columns, rows))
    remark = [centred(question.remark, columns, BOLD)] if question.remark else []
    room = rows - FRAME_ROWS - len(remark)
    body = None
    if not too_small(columns, rows):
        body = tiles(question, look, gallery, columns, room)
    if body is None:
        return Frame(_text_only(question, progress, look, columns, rows))

    spare = room - len(body.lines)
    head = [
        centred(title(question), columns, DIM),
        centred(parts_that_fit(progress.sentence, columns), columns, DIM),
        *[""] * (spare // 2),
    ]
    foot = [
        *[""] * (spare - spare // 2),
        *remark,
        centred(look.notice, columns, BOLD),
        key_line(len(question.sides), columns),
    ]
    overlays = [Overlay(len(head) + o.row, o.column, o.picture) for o in body.overlays]
    return Frame([*head, *body.lines, *foot], overlays)


def title(question: "Question") -> str:
    """Return how far one is: "question 3 of 20 · 43 choices so far"."""
    end = "" if question.of is None else f" of {question.of}"
    choices = "1 choice" if question.choices == 1 else f"{question.choices:,} choices"
    return f"question {question.number}{end} · {choices} so far"


def _text_only(
    question: "Question", progress: "Progress", look: Look, columns: int, rows: int
) -> list[str]:
    """Return the lines that matter most in a window too small for pictures."""
    ranked = [  # the smaller the number, the longer a line stays as the window shrinks
        (4, shorten(title(question), columns)),
        (6, shorten(parts_that_fit(progress.sentence, columns), columns)),
        *_listed(question, columns, rows),
        (2, shorten(question.remark, columns)),
        (3, shorten(look.notice, columns)),
        (1, key_line(len(question.sides), columns)),
    ]
    kept = sorted(range(len(ranked)), key=lambda i: ranked[i][0])[:rows]
    return [ranked[i][1] for i in sorted(kept)] + [""] * (rows - len(kept))


def _listed(question: "Question", columns: int, rows: int) -> list[tuple[int, str]]:
    """Return names and captions with their ranks; names share lines where rows are few."""
    sides = question.sides
    marks = "←→" if len(sides) == 2 else "123456789"
    across = 1
    while across < len(sides) and -(-len(sides) // across) + 1 > rows:
        across += 1
    if across == 1:
        return [
            line
            for mark, side in zip(marks, sides, strict=False)
            for line in (
                (0, shorten(f"{mark} {side.name}", columns, tail=columns // 3)),
                (5, shorten(f"  {side.caption}", columns)),
            )
        ]
    width = max(1, columns // across - 1)
    names = [
        shorten(f"{mark} {side.name}", width, tail=width // 3)
        for mark, side in zip(marks, sides, strict=False)
    ]
    starts = range(0, len(names), across)
    return [(0, shorten(" ".join(names[i : i + across]), columns)) for i in starts]


def _help(photos: int, columns: int, rows: int) -> list[str]:
    """Return the page that explains the keys, shorter in a window that is too small for it."""
    entries = explained(photos)
    keys = max(len(key) for key, _ in entries)
    width = keys + 2 + max(len(text) for _, text in entries)
    if columns < width or rows < len(entries):
        return _filled([shorten(line, columns) for line in wrapped_keys(photos, columns)], rows)
    lines = [f"{BOLD}{key:>{keys}}{PLAIN}  {text}" for key, text in entries]
    if rows >= len(entries) + 4:
        lines = [f"{BOLD}Keys{PLAIN}", "", *lines, "", f"{DIM}any key goes back{PLAIN}"]
    margin = " " * ((columns - width) // 2)
    return _filled([margin + line for line in lines], rows)


def _filled(lines: Sequence[str], rows: int) -> list[str]:
    """Return exactly so many lines, those given in the middle."""
    above = max(0, rows - len(lines)) // 2
    return ([""] * above + [*lines] + [""] * rows)[:rows]
