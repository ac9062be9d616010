"""An open library and photos that exist in it only."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from photoaesth.domain import Exif
from photoaesth.library.database import Library, open_library
from photoaesth.library.photos import NewPhoto, content_hash, store_photo
from photoaesth.library.scan import FoundFile


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
        file = FoundFile(Path("/photos", name), size=len(text), mtime_ns=1)
        exif = Exif(taken_at=taken_at, camera=camera)
        with library.transaction():
            return store_photo(library, NewPhoto(file, content_hash(text), 300, 200, exif))

    return add
