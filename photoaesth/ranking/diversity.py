"""A selection that is good without showing the same thing again and again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

TRADE_OFF = 0.7
"""λ: how much being good counts against being new. See docs/benchmarks.md for what others do."""


def diverse(
    relevance: NDArray[np.floating],
    vectors: NDArray[np.floating],
    count: int,
    *,
    trade_off: float = TRADE_OFF,
) -> NDArray[np.integer[Any]]:
    """Choose by maximal marginal relevance, the best first.

    Carbonell & Goldstein 1998, "The use of MMR, diversity-based reranking": each next item has the
    greatest λ · relevance - (1 - λ) · similarity, to that of the items before which it is most
    similar to. Similarity is the cosine, and none where it is negative. Greedy, O(N · D · count).

    Args:
        relevance: `(N,)` in [0, 1].
        vectors: `(N, D)` what is similar to what, centred.
        count: how many; all where there are fewer.
        trade_off: λ in [0, 1]; 1 is the order of relevance.

    Returns:
        Their places; the earlier of equal ones first.
    """
    rows = np.array(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 0, lengths, 1)
    worth = trade_off * np.asarray(relevance, np.float64)
    similarity = np.zeros(len(rows), np.float32)
    places = np.empty(min(count, len(rows)), np.int64)
    for number in range(len(places)):
        place = int(np.argmax(worth - (1 - trade_off) * similarity))
        places[number] = place
        worth[place] = -np.inf
        np.maximum(similarity, rows @ rows[place], out=similarity)
    return places
