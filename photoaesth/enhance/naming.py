"""Where enhanced copies go, and in which format."""

import os
from pathlib import Path

SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
"""The formats copies are written in, with the file suffixes that mean them, the usual first."""


def format_of(path: Path) -> str | None:
    """Return the key of `SUFFIXES` that a file's name means; None for formats not written."""
    suffix = path.suffix.lower()
    return next((name for name, suffixes in SUFFIXES.items() if suffix in suffixes), None)


def output_path(
    source: Path,
    output_folder: Path,
    base: Path | None = None,
    *,
    suffix: str = "-enhanced",
    format: str | None = None,  # noqa: A002 - Pillow's name for it
) -> Path:
    """Return where the copy of a photo goes: the stem, `suffix`, then the file suffix.

    Args:
        source: the photo.
        output_folder: the folder for copies.
        base: a folder above the photo; the folders between the two are kept below
            `output_folder`. None, or a folder that is not above it, keeps none.
        suffix: put after the stem.
        format: a key of `SUFFIXES`; None keeps the photo's own format where it is one of them
            and makes a JPEG of any other.
    """
    own = format_of(source)
    wanted = format or own or "JPEG"
    file_suffix = source.suffix if wanted == own else SUFFIXES[wanted][0]
    folder = output_folder
    if base is not None:
        # Without "..", or a copy could land outside the output folder; not resolved, because
        # the folders between are those the user sees, symbolic links among them.
        source_folder, above = (Path(os.path.abspath(p)) for p in (source.parent, base))  # noqa: PTH100
        if source_folder.is_relative_to(above):
            folder = output_folder / source_folder.relative_to(above)
    return folder / f"{source.stem}{suffix}{file_suffix}"
