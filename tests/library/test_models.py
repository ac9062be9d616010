"""Embeddings and models in the database."""

from collections.abc import Callable

import numpy as np

from photoaesth.library import comparisons, models
from photoaesth.library.database import Library
from photoaesth.library.found import content_hash

AddPhoto = Callable[..., int]


def embed(library: Library, photo: int, *numbers: float, space: str = "space") -> None:
    with library.transaction():
        models.store_embedding(library, photo, space, np.array(numbers, np.float16))


def test_embeddings_come_back_exactly(library: Library, add_photo: AddPhoto) -> None:
    """Float16 vectors are read back bit by bit, of the space asked for and no other."""
    first, second = add_photo("a.jpg"), add_photo("b.jpg")
    vector = np.array([0.1, -65504, 6e-8], np.float16)
    embed(library, first, *vector)
    embed(library, second, 1, 2, 3, space="older")
    found = models.embeddings_of(library, [first, second, 99], "space")
    assert list(found) == [first]
    np.testing.assert_array_equal(found[first], vector)
    assert list(models.embeddings_of(library, [first, second], "older")) == [second]


def test_generic_model_is_made_once(library: Library) -> None:
    """The crowd model has one entry per library; another crowd model has another."""
    first = models.generic_model(library, "crowd-1")
    assert models.generic_model(library, "crowd-1") == first
    assert models.generic_model(library, "crowd-2").id != first.id
    assert (first.method, first.kept, first.head) == ("generic", "generic", None)


def test_latest_model_of_a_profile_counts(library: Library) -> None:
    """Training again gives the profile another model and nobody else."""
    me, other = (comparisons.profile_id(library, name) for name in ("me", "other"))
    assert models.latest_model(library, me) is None
    kept = {"method": "personal", "kept": "personal"}
    models.add_model(library, me, "crowd-1", head=b"1", **kept)
    theirs = models.add_model(library, other, "crowd-1", head=b"2", **kept)
    new = models.add_model(library, me, "crowd-1", head=b"3", report={"pairs": 4}, **kept)
    assert models.latest_model(library, me) == new
    assert models.latest_model(library, other) == theirs
    assert (new.head, new.report) == (b"3", {"pairs": 4})


def test_a_later_embedding_has_a_greater_number(library: Library, add_photo: AddPhoto) -> None:
    """Also when the last one was deleted or replaced: scores tell by it what is new to them."""
    photo, other = add_photo("a.jpg"), add_photo("b.jpg")
    numbers = [0]
    for _ in range(2):
        for each in (photo, other, other):
            embed(library, each, 1, 2)
            (number,) = library.connection.execute("SELECT max(id) FROM embeddings").fetchone()
            assert number > numbers[-1]
            numbers.append(number)
        with library.transaction() as connection:
            connection.execute("DELETE FROM embeddings")


def test_content_with_an_embedding_is_found(library: Library, add_photo: AddPhoto) -> None:
    """By its hash and the space; content without an embedding there is not."""
    photo = add_photo("a.jpg", "pixels")
    add_photo("b.jpg", "others")
    embed(library, photo, 1, 2)
    assert models.embedded_photo(library, content_hash(b"pixels"), "space") == photo
    assert models.embedded_photo(library, content_hash(b"pixels"), "older") is None
    assert models.embedded_photo(library, content_hash(b"others"), "space") is None
