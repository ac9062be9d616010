"""Showing a photo of the library: its thumbnail and its caption."""

from photoaesth.domain import Exif, Photo
from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail


def photo_thumbnail(photo: Photo) -> bytes | None:
    """Return a photo's thumbnail as JPEG, made anew if the cache lost it.

    Returns:
        None when it is gone and the photo cannot be read (an absent drive, say).
    """
    jpeg = load_thumbnail(photo.content_hash)
    if jpeg is not None and _is_whole(jpeg):
        return jpeg
    try:
        jpeg = thumbnail(decode(photo.path, min_side=DECODED_SIDE).image)
    except UnreadableImageError:
        return None
    store_thumbnail(photo.content_hash, jpeg)
    return jpeg


def caption(exif: Exif) -> str:
    """Return when and with what a photo was taken, as far as it is known."""
    taken = exif.taken_at.strftime("%Y-%m-%d %H:%M") if exif.taken_at else ""
    return " · ".join(part for part in (taken, exif.camera) if part)


def _is_whole(jpeg: bytes) -> bool:
    return jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9")
