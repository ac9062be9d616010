"""Thumbnails in the cache folder."""

from pathlib import Path

import pytest

from photoaesth import config
from photoaesth.errors import PhotoaesthError
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail, thumbnail_file

HASH = "ab" * 20


def test_thumbnail_is_kept_in_the_cache_by_content() -> None:
    """What is stored under a content hash is found again, below the user's cache folder."""
    assert load_thumbnail(HASH) is None
    store_thumbnail(HASH, b"first")
    store_thumbnail(HASH, b"second")
    assert load_thumbnail(HASH) == b"second"
    assert config.cache_folder() in thumbnail_file(HASH).parents


def test_cache_that_cannot_be_written_is_one_line(home: Path) -> None:
    """A file where the cache folder should be ends in an error that names the place."""
    config.cache_folder().parent.mkdir(parents=True, exist_ok=True)
    config.cache_folder().touch()
    with pytest.raises(PhotoaesthError, match=f"cannot write .*{HASH}"):
        store_thumbnail(HASH, b"picture")
    assert load_thumbnail(HASH) is None
    assert home in thumbnail_file(HASH).parents
