"""What the pages of a taste have in common."""

from collections.abc import Sequence
from pathlib import Path

from photoaesth.config import DEFAULT_PROFILE
from photoaesth.domain import Photo
from photoaesth.files import write_result
from photoaesth.report.plots import Mark
from photoaesth.report.taste import taste_page
from photoaesth.report.taste_values import Picture, TastePage
from photoaesth.workflows.pictures import caption, photo_thumbnail
from photoaesth.workflows.taste.report import Estimate


def write_page(values: TastePage, target: Path, *, overwrite: bool) -> None:
    """Write a page.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    content = taste_page(values).encode()
    with write_result(target, ".html", ".htm", overwrite=overwrite) as file:
        file.write(content)


def mark(estimate: Estimate) -> Mark:
    """Return an estimate as it is drawn."""
    return Mark(estimate.value, *estimate.interval, estimate.clear)


def picture(photo: Photo, figures: str) -> Picture | None:
    """Return a photo as it stands on the page; None where there is no picture of it any more."""
    jpeg = photo_thumbnail(photo)
    if jpeg is None:
        return None
    return Picture(photo.path, jpeg, photo.width, photo.height, figures, caption(photo.exif))


def who_is(profile: str) -> str:
    """Return what to call a profile in a sentence."""
    return "you" if profile == DEFAULT_PROFILE else profile


def listed(words: Sequence[str]) -> str:
    """Return one or more words as "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
