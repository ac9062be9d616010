"""Previews as a page."""

from pathlib import Path

from photoaesth.files import write_result
from photoaesth.imaging import thumbnail
from photoaesth.report.before_after import SheetEdit, before_after_sheet
from photoaesth.workflows.enhance.options import Preview

_SIDE = 800  # pixels of the longer side of each picture


class Sheet:
    """Collects previews for a page."""

    def __init__(self) -> None:
        self._edits: list[SheetEdit] = []

    def add(self, preview: Preview, changes: str) -> None:
        """Put a photo at the end of the page.

        Args:
            preview: the photo and its edit.
            changes: what was done, in words.
        """
        photo = preview.photo
        before, after = (thumbnail(image, _SIDE) for image in (preview.before, preview.after))
        self._edits.append(
            SheetEdit(photo.source, before, after, photo.score_before, photo.score_after, changes)
        )

    def write(self, target: Path, *, title: str, overwrite: bool = False) -> None:
        """Write the page.

        Raises:
            PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
        """
        content = before_after_sheet(self._edits, title=title).encode()
        with write_result(target, ".html", ".htm", overwrite=overwrite) as file:
            file.write(content)
