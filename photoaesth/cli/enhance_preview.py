"""Before and after, side by side: in the terminal or on a page."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from photoaesth.cli.compare_screen.display import window_size, write
from photoaesth.cli.console import finish, note, progress
from photoaesth.cli.enhance_report import changes, note_passed_over, print_report, scores
from photoaesth.cli.options import Settings
from photoaesth.cli.terminal.keys import raw_terminal
from photoaesth.cli.terminal.probe import probe
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.graphics.picture import Picture
    from photoaesth.workflows.enhance import EnhanceOptions, EnhanceReport, Preview

_GAP = 2  # columns between the two pictures
_WORDS = 5  # lines of text below them, the prompt's included


def preview_on_page(
    settings: Settings, paths: Sequence[Path], options: "EnhanceOptions", target: Path
) -> None:
    """Write a page that shows what `enhance` would make of photos.

    Raises:
        PhotoaesthError: the page exists and is not to be replaced, or what `preview` raises.
    """
    from photoaesth.workflows.enhance import check_targets, preview
    from photoaesth.workflows.enhance.sheet import Sheet

    check_targets((target,), overwrite=options.overwrite)
    sheet = Sheet()
    with progress(settings, "Enhancing") as on_progress:
        report = preview(
            settings.library,
            settings.profile,
            paths,
            options,
            on_preview=lambda shown: sheet.add(shown, changes(shown.photo)),
            on_progress=on_progress,
        )
    if report.enhanced:
        title = f"Before and after, for {settings.profile}"
        sheet.write(target, title=title, overwrite=options.overwrite)
    print_report(settings, report, dry_run=True)
    if report.enhanced:
        note(settings, f"Wrote {display_path(target.absolute())}")
    finish(settings, report.skipped)


def preview_in_terminal(
    settings: Settings, paths: Sequence[Path], options: "EnhanceOptions"
) -> None:
    """Draw what `enhance` would make of photos, each as soon as it is known.

    Raises:
        PhotoaesthError: there is no terminal to draw on, or what `preview` raises.
    """
    if settings.json:
        raise UsageError("--preview draws pictures, which are no JSON; ask for --preview-sheet")
    from photoaesth.workflows.enhance import preview

    screen = _Screen()
    report: EnhanceReport = preview(
        settings.library, settings.profile, paths, options, on_preview=screen.show
    )
    note(settings, f"Note: {report.note}." if report.note else "")
    note_passed_over(settings, report)
    finish(settings, report.skipped)


class _Screen:
    """The terminal, written on line by line: what was shown can be scrolled back to."""

    def __init__(self) -> None:
        if not sys.stdout.isatty():
            raise PhotoaesthError(
                "cannot show pictures: standard output is not a terminal; "
                "--preview-sheet FILE.html writes a page"
            )
        from photoaesth.graphics.canvas import Canvas
        from photoaesth.graphics.picture import Terminal

        if sys.stdin.isatty():
            with raw_terminal():
                terminal = probe("auto", write)
        else:  # it cannot be asked what it can show
            terminal = Terminal("blocks")
        self._canvas = Canvas(terminal, color=not os.environ.get("NO_COLOR"))

    def show(self, shown: "Preview") -> None:
        """Draw a photo before and after, with what was done to it below."""
        columns, rows = window_size()
        width, height = max(1, (columns - _GAP) // 2), max(1, rows - _WORDS)
        pair = [self._canvas.draw(image, width, height) for image in (shown.before, shown.after)]
        name = display_path(shown.photo.source)
        write(f"{side_by_side(*pair)}{name}{scores(shown.photo)}\n  {changes(shown.photo)}\n\n")


def side_by_side(left: "Picture", right: "Picture") -> str:
    """Return what draws two pictures from the cursor's line on, which is left below them.

    Args:
        left: before.
        right: after; it may be higher or lower.
    """
    height = max(len(left.lines), len(right.lines))
    gap, away = " " * _GAP, left.columns + _GAP
    lines = []
    for row in range(height):
        line = left.lines[row] if row < len(left.lines) else " " * left.columns
        if row < len(right.lines):
            line += gap + right.lines[row]
        lines.append(line)
    uploads = "".join(
        piece for picture in (left, right) if picture.upload for piece in picture.upload.pieces
    )
    # Drawn over the lines when these have made room, which may scroll the window.
    overlays = "".join(
        f"\x1b7\x1b[{height}A\x1b[{column}G{picture.overlay}\x1b8"
        for picture, column in ((left, 1), (right, away + 1))
        if picture.overlay
    )
    return uploads + "\n".join(lines) + "\n" + overlays
