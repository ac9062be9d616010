"""The rated photos most like a person's own: what the regression learns from (Z21, §3.2.1)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

NEIGHBORS = 50  # K of Z21
_CHUNK_ROWS = 16_384  # bounds the memory when a quarter of a million photos are rated


def nearest_rated(personal: Floats, rated: Floats, count: int = NEIGHBORS) -> NDArray[np.int64]:
    """Return each personal photo's nearest rated photos by cosine similarity.

    Args:
        personal: `(P, D)` embeddings.
        rated: `(R, D)` embeddings, float16 and memory-mapped if you like; read chunk by chunk.
        count: K; with fewer rated photos, all of them.

    Returns:
        `(P, min(K, R))` rows of `rated`, the most similar first.
    """
    queries = _unit(personal)
    best = np.empty((len(queries), 0), np.float32)
    rows = np.empty((len(queries), 0), np.int64)
    for start in range(0, len(rated), _CHUNK_ROWS):
        chunk = _unit(rated[start : start + _CHUNK_ROWS])
        numbers = np.broadcast_to(np.arange(start, start + len(chunk)), (len(queries), len(chunk)))
        best = np.concatenate([best, queries @ chunk.T], axis=1)
        rows = np.concatenate([rows, numbers], axis=1)
        kept = np.argpartition(-best, min(count, best.shape[1]) - 1, axis=1)[:, :count]
        best, rows = np.take_along_axis(best, kept, 1), np.take_along_axis(rows, kept, 1)
    order = np.argsort(-best, axis=1, kind="stable")
    return np.take_along_axis(rows, order, axis=1)


def retrieve(personal: Floats, rated: Floats, count: int = NEIGHBORS) -> NDArray[np.int64]:
    """Return the rated photos that are among the nearest of any personal photo, ascending.

    Args:
        personal: `(P, D)` embeddings.
        rated: `(R, D)` embeddings.
        count: K neighbours of each personal photo.
    """
    return np.unique(nearest_rated(personal, rated, count))


def _unit(rows: Floats) -> NDArray[np.float32]:
    wide = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return np.asarray(wide / np.maximum(lengths, 1e-12))
