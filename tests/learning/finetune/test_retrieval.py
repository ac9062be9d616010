import numpy as np
import pytest

from photoaesth.learning.finetune import retrieval
from photoaesth.learning.finetune.retrieval import nearest_rated, retrieve


def test_planted_neighbours_are_found() -> None:
    """Of 400 photos, those made by turning a personal photo slightly are its nearest, in order."""
    rng = np.random.default_rng(0)
    personal, rated = rng.normal(size=(3, 32)), rng.normal(size=(400, 32))
    planted = rng.permutation(400)[:15].reshape(3, 5)
    for photo, rows in zip(personal, planted, strict=True):
        noise = rng.normal(size=32)
        for step, row in enumerate(rows):
            rated[row] = photo + 0.05 * (step + 1) * noise
    np.testing.assert_array_equal(nearest_rated(personal, rated, 5), planted)
    np.testing.assert_array_equal(retrieve(personal, rated, 5), np.sort(planted.ravel()))


def test_only_directions_count() -> None:
    """(2, 2) is nearer to (1, 1) than (1, 0.9) is, though it is farther away."""
    rated = np.array([[1.0, 0.9], [2.0, 2.0], [-1.0, -1.0]])
    np.testing.assert_array_equal(nearest_rated(np.array([[1.0, 1.0]]), rated, 3), [[1, 0, 2]])


@pytest.mark.parametrize("chunk", [1, 7, 60, 200])
def test_chunks_change_nothing(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading the rated photos in pieces of any size finds what sorting them all finds."""
    monkeypatch.setattr(retrieval, "_CHUNK_ROWS", chunk)
    rng = np.random.default_rng(1)
    personal, rated = rng.normal(size=(4, 8)), rng.normal(size=(60, 8)).astype(np.float16)
    lengths = np.linalg.norm(rated.astype(np.float64), axis=1)
    cosine = personal @ rated.T.astype(np.float64) / lengths
    np.testing.assert_array_equal(
        nearest_rated(personal, rated, 20), np.argsort(-cosine, axis=1)[:, :20]
    )


def test_a_small_set_is_taken_whole() -> None:
    """Fifty neighbours among eight rated photos are those eight."""
    rng = np.random.default_rng(2)
    personal, rated = rng.normal(size=(2, 4)), rng.normal(size=(8, 4))
    assert nearest_rated(personal, rated).shape == (2, 8)
    np.testing.assert_array_equal(retrieve(personal, rated), np.arange(8))


def test_one_photo_reaches_fifty() -> None:
    """K is 50 unless said otherwise."""
    rng = np.random.default_rng(3)
    assert len(retrieve(rng.normal(size=(1, 4)), rng.normal(size=(200, 4)))) == 50
