"""Scores in the database."""

from collections.abc import Callable

import numpy as np
import pytest

from photoaesth.library import comparisons, models, scores
from photoaesth.library.database import Library

AddPhoto = Callable[..., int]


@pytest.fixture
def generic(library: Library) -> int:
    """The id of the generic model."""
    return models.generic_model(library, "crowd-1").id


@pytest.fixture
def embed(library: Library, add_photo: AddPhoto) -> Callable[..., int]:
    """Store photos with an embedding that is their number in the library; return the last one's."""

    def add(*names: str, content: str | None = None, space: str = "space") -> int:
        for name in names:
            photo = add_photo(f"{name}.jpg", content)
            with library.transaction():
                models.store_embedding(library, photo, space, np.array([photo, 0], np.float16))
        (number,) = library.connection.execute("SELECT max(id) FROM embeddings").fetchone()
        return int(number)

    return add


def store(library: Library, model: int, given: dict[int, float]) -> None:
    values = np.array(list(given.values()))
    scores.store_scores(library, model, list(given), values, values / 10)


def stored(library: Library, model: int) -> dict[int, float]:
    known = scores.scores_by(library, model)
    np.testing.assert_allclose(known.sds, known.scores / 10, rtol=1e-6)
    return dict(zip(known.embeddings.tolist(), known.scores.tolist(), strict=True))


def waiting(library: Library, model: int) -> list[list[int]]:
    """The chunks that are handed out, each stored before the next, as scoring does."""
    chunks = []
    for part in scores.unscored(library, model, "space"):
        chunks.append(part.embeddings)
        store(library, model, dict.fromkeys(part.embeddings, 5.0))
    return chunks


@pytest.mark.parametrize("block", [3, 65_536])
def test_scores_come_back(
    library: Library, generic: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever blocks they lie in, and in whatever order they came, the last of each counts."""
    monkeypatch.setattr(scores, "_BLOCK", block)
    assert stored(library, generic) == {}
    store(library, generic, {7: 2.5, 2: 9.0, 3: 1.0})
    store(library, generic, {100: 4.0, 3: 6.5, 1: 3.0})
    assert stored(library, generic) == {1: 3.0, 2: 9.0, 3: 6.5, 7: 2.5, 100: 4.0}
    other = models.generic_model(library, "crowd-2").id
    assert stored(library, other) == {}


def test_unscored_photos_are_handed_out_until_none_is_left(
    library: Library, generic: int, embed: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks cover every embedding of the space without a score once, in order, and only those."""
    monkeypatch.setattr(scores, "_CHUNK_ROWS", 2)
    first = embed("a")
    embed("other", space="older")
    embed("b", "c", "d")
    (part, *_) = scores.unscored(library, generic, "space")
    assert part.embeddings == [first, first + 2]
    np.testing.assert_array_equal(part.vectors, [[1, 0], [3, 0]])
    assert waiting(library, generic) == [[first, first + 2], [first + 3, first + 4]]
    assert waiting(library, generic) == []
    last = embed("e")
    assert waiting(library, generic) == [[last]]


def test_a_changed_photo_waits_again(
    library: Library, generic: int, embed: Callable[..., int]
) -> None:
    """Its new content has another embedding, which no score is about, whatever is reused."""
    old = embed("a")
    assert waiting(library, generic) == [[old]]
    new = embed("a", content="after")
    assert new > old
    assert waiting(library, generic) == [[new]]
    assert scores.unscored_photos(library, generic, "space") == {}


def test_photos_that_were_passed_over_wait(
    library: Library, generic: int, embed: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be scored when others were is asked for again; what is gone is not."""
    monkeypatch.setattr(scores, "_BLOCK", 4)
    numbers = {name: embed(name) for name in "abcdef"}
    ids = {name: number for number, name in enumerate("abcdef", start=1)}
    photos_of = scores.unscored_photos(library, generic, "space")
    assert photos_of == {ids[name]: numbers[name] for name in "abcdef"}
    store(library, generic, {numbers["b"]: 5.0, numbers["e"]: 5.0})
    with library.transaction() as connection:
        connection.execute("DELETE FROM embeddings WHERE id = ?", (numbers["d"],))
    assert scores.unscored_photos(library, generic, "space") == {
        ids[name]: numbers[name] for name in "acf"
    }


def test_training_again_drops_the_profiles_scores(library: Library) -> None:
    """Those of the profile's earlier model go, and nobody else's."""
    me, other = (comparisons.profile_id(library, name) for name in ("me", "other"))
    kept = {"method": "personal", "kept": "personal"}
    old, theirs = (
        models.add_model(library, profile, "crowd-1", **kept).id for profile in (me, other)
    )
    for model in (old, theirs):
        store(library, model, {1: 5.0})
    models.add_model(library, me, "crowd-1", **kept)
    assert (stored(library, old), stored(library, theirs)) == ({}, {1: 5.0})
