"""Small copies of photos in the cache folder, named by content hash; they can be made again."""

from pathlib import Path

from photoaesth.config import cache_folder
from photoaesth.files import atomic_write, write_error


def thumbnail_file(content_hash: str) -> Path:
    """Return where the thumbnail of a photo with this content is kept."""
    return cache_folder() / "thumbnails" / content_hash[:2] / f"{content_hash}.jpg"


def store_thumbnail(content_hash: str, jpeg: bytes) -> None:
    """Keep a thumbnail.

    Raises:
        PhotoaesthError: the disk is full or the cache folder is read-only.
    """
    target = thumbnail_file(content_hash)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(target, error) from error
    with atomic_write(target, overwrite=True) as file:
        file.write(jpeg)


def load_thumbnail(content_hash: str) -> bytes | None:
    """Return a kept thumbnail's JPEG, or None when it has to be made again."""
    try:
        return thumbnail_file(content_hash).read_bytes()
    except OSError:
        return None
