import numpy as np
import pytest

from photoaesth.domain import Exif
from photoaesth.library import models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.photo_scores import photo_scores
from photoaesth.library.scores import store_scores

SPACE = "space"


@pytest.fixture
def library(tmp_path):
    """Three photos whose embeddings were stored in another order than they were."""
    with open_library(tmp_path / "library.db", create=True) as opened:
        with opened.transaction():
            ids = [
                photos.store_photo(
                    opened, NewPhoto(FoundFile(key, 1, 1), content_hash(key), 3, 2, n, Exif())
                )
                for n, key in enumerate((b"/a", b"/b", b"/c"))
            ]
            for photo in reversed(ids):
                models.store_embedding(opened, photo, SPACE, np.zeros(4, np.float16))
        yield opened


def number(library: Library, photo: int) -> int:
    row = library.connection.execute("SELECT id FROM embeddings WHERE photo_id = ?", (photo,))
    return row.fetchone()[0]


def test_scores_come_by_photo(library: Library) -> None:
    """Each photo gets the score of its own embedding; one without a score is left out."""
    model = models.generic_model(library, "crowd")
    numbers = sorted(number(library, photo) for photo in (1, 3))
    by_number = {number(library, 1): 4.5, number(library, 3): 8.25}
    store_scores(
        library, model.id, numbers, np.array([by_number[n] for n in numbers]), np.full(2, 0.5)
    )
    found = photo_scores(library, model.id, SPACE)
    assert found.photos.tolist() == [1, 3]
    assert found.scores.tolist() == [4.5, 8.25]
    assert found.sds.tolist() == [0.5, 0.5]


def test_a_model_that_scored_nothing_has_no_scores(library: Library) -> None:
    """Neither for photos of its space, nor where there is none."""
    model = models.generic_model(library, "crowd")
    for space in (SPACE, "other"):
        assert len(photo_scores(library, model.id, space).photos) == 0
