"""Reading the photos that a network looks at by itself."""

from pathlib import Path

from PIL import Image

from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode


def read_photo(path: Path) -> Image.Image:
    """Return a photo as it is decoded for indexing.

    Raises:
        PhotoaesthError: it cannot be read; by then it was measured, so this is no bad photo to
            pass over but one that has gone.
    """
    try:
        return decode(path, min_side=DECODED_SIDE).image
    except UnreadableImageError as error:
        raise PhotoaesthError(f"cannot read {display_path(path)}: {error}") from error
