"""An open library and photos that exist in it only."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

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
        name: str,
        content: str | None = None,
        *,
        taken_at: datetime | None = None,
        camera: str | None = None,
    ) -> int:
        text = (content or name).encode()
        file = FoundFile(os.fsencode(Path("/photos", name)), size=len(text), mtime_ns=1)
        exif = Exif(taken_at=taken_at, camera=camera)
        with library.transaction():
            return store_photo(library, NewPhoto(file, content_hash(text), 300, 200, 0, exif))

    return add
