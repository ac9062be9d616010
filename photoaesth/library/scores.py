"""Scores of photos by models: derived, and made anew for the whole library after each training.

A model's scores lie in blocks of half a megabyte, by the number of the embedding that each was
made from, so that a million are written in a moment and read in another. A photo whose content
changes gets another embedding, with a greater number; a score is never taken for that of another
content.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photoaesth.library.database import Library

_BLOCK = 65_536  # embeddings
_CHUNK_ROWS = 32_768


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model says of N photos.

    Attributes:
        embeddings: `(N,)` numbers of the embeddings, ascending.
        scores: `(N,)` on 1–10.
        sds: `(N,)` their standard deviations, in points.
    """

    embeddings: NDArray[np.int64]
    scores: NDArray[np.float32]
    sds: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Unscored:
    """N embeddings that a model has not scored.

    Attributes:
        embeddings: their numbers, ascending.
        vectors: `(N, D)`.
    """

    embeddings: list[int]
    vectors: NDArray[np.float16]


def store_scores(
    library: Library,
    model_id: int,
    embeddings: Sequence[int],
    scores: NDArray[np.floating],
    sds: NDArray[np.floating],
) -> None:
    """Keep the scores that a model gives to embeddings, in one transaction.

    Args:
        library: where.
        model_id: which model.
        embeddings: numbers of N embeddings.
        scores: `(N,)` on 1–10.
        sds: `(N,)` their standard deviations, in points.
    """
    blocks, places = np.divmod(np.asarray(embeddings, np.int64), _BLOCK)
    values = np.stack([scores, sds], axis=1).astype("<f4")
    with library.transaction() as connection:
        for block in np.unique(blocks).tolist():
            row = connection.execute(
                "SELECT scores FROM scores WHERE model_id = ? AND block = ?", (model_id, block)
            ).fetchone()
            stored = _values(row[0]).copy() if row else np.full((_BLOCK, 2), np.nan, "<f4")
            stored[places[blocks == block]] = values[blocks == block]
            connection.execute(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                (model_id, block, stored.tobytes()),
            )


def scores_by(library: Library, model_id: int) -> Scores:
    """Return all the scores of a model, those of embeddings that are gone included."""
    numbers, values = _all_places(library, model_id)
    scored = np.flatnonzero(~np.isnan(values[:, 0]))
    return Scores(numbers[scored], values[scored, 0], values[scored, 1])


def unscored(library: Library, model_id: int, backbone: str) -> Iterator[Unscored]:
    """Yield the embeddings that have come since a model scored last, in chunks.

    Args:
        library: where.
        model_id: a model that scores all that it is given, in this order.
        backbone: the space of its embeddings.
    """
    last = _last_scored(library, model_id)
    while rows := library.connection.execute(
        "SELECT id, vector FROM embeddings WHERE id > ? AND backbone = ? ORDER BY id LIMIT ?",
        (last, backbone, _CHUNK_ROWS),
    ).fetchall():
        vectors = np.frombuffer(b"".join(row[1] for row in rows), "<f2")
        last = rows[-1][0]
        yield Unscored([row[0] for row in rows], vectors.reshape(len(rows), -1))


def unscored_photos(library: Library, model_id: int, backbone: str) -> dict[int, int]:
    """Return the photos that a model has not scored, with the numbers of their embeddings.

    Those that could not be scored when others were are among them.
    """
    numbers, values = _all_places(library, model_id)
    last = _last_scored(library, model_id)
    passed_over = numbers[np.isnan(values[:, 0]) & (numbers < last)]
    rows = library.connection.execute(
        "SELECT photo_id, id FROM embeddings WHERE backbone = :space AND id > :last UNION ALL "
        "SELECT photo_id, id FROM embeddings WHERE backbone = :space "
        "AND id IN (SELECT value FROM json_each(:passed_over))",
        {"space": backbone, "last": last, "passed_over": json.dumps(passed_over.tolist())},
    )
    return dict(sorted(rows.fetchall()))


def _last_scored(library: Library, model_id: int) -> int:
    """Return the greatest number of an embedding that has a score; 0 when none has."""
    row = library.connection.execute(
        "SELECT block, scores FROM scores WHERE model_id = ? ORDER BY block DESC LIMIT 1",
        (model_id,),
    ).fetchone()
    if row is None:
        return 0
    block, blob = row
    return int(block * _BLOCK + np.flatnonzero(~np.isnan(_values(blob)[:, 0]))[-1])


def _all_places(library: Library, model_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return `(N,)` numbers of embeddings and `(N, 2)` score and doubt; no score is NaN."""
    rows = library.connection.execute(
        "SELECT block, scores FROM scores WHERE model_id = ? ORDER BY block", (model_id,)
    ).fetchall()
    firsts = np.array([block * _BLOCK for block, _ in rows], np.int64)
    numbers = (firsts[:, None] + np.arange(_BLOCK)).ravel()
    return numbers, _values(b"".join(blob for _, blob in rows))


def _values(blob: bytes) -> NDArray[np.float32]:
    return np.frombuffer(blob, "<f4").reshape(-1, 2)
