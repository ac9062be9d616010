"""An open library and photos that exist in it only."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from photoaesth.domain import Exif
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.photos import store_photo


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """A new library, open."""
    with open_library(tmp_path / "library.db", create=True) as opened:
        yield opened


@pytest.fixture
def add_photo(library: Library) -> Callable[..., int]:
    """Store a photo at a path below /photos; the content is its name unless given."""

    def add(
        name: str, content: str | None = None, *, size: tuple[int, int] = (300, 200), **exif: Any
    ) -> int:
        text = (content or name).encode()
        file = FoundFile(os.fsencode(Path("/photos", name)), size=len(text), mtime_ns=1)
        new = NewPhoto(file, content_hash(text), *size, 0, Exif(**exif))
        with library.transaction():
            return store_photo(library, new)

    return add
