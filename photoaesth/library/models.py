"""Embeddings and trained models: derived, and made again when need be."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.library.database import Library, now


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model as the library keeps it.

    Attributes:
        id: the library's number for it; scores refer to it.
        crowd: name of the crowd model it builds on.
        method: how it was trained; `generic` for the crowd model itself.
        kept: `personal`, `finetune` or `policies`, or `generic` when training could not beat the
            crowd.
        head: its parameters; None for the crowd model.
        report: what training printed, as JSON values.
        created_at: UTC, ISO 8601.
    """

    id: int
    crowd: str
    method: str
    kept: str
    head: bytes | None
    report: dict[str, Any]
    created_at: str


# --- embeddings


def store_embedding(
    library: Library, photo_id: int, backbone: str, vector: NDArray[np.float16]
) -> None:
    """Keep a photo's embedding, inside the caller's transaction."""
    library.connection.execute(
        "INSERT OR REPLACE INTO embeddings (photo_id, backbone, vector) VALUES (?, ?, ?)",
        (photo_id, backbone, vector.astype("<f2").tobytes()),
    )


def embedded_photo(library: Library, content_hash: str, backbone: str) -> int | None:
    """Return the photo with this content, in hex, if it has an embedding."""
    row = library.connection.execute(
        "SELECT p.id FROM photos p JOIN embeddings e ON e.photo_id = p.id "
        "WHERE p.content_hash = ? AND e.backbone = ?",
        (bytes.fromhex(content_hash), backbone),
    ).fetchone()
    return row[0] if row else None


def embeddings_of(
    library: Library, photo_ids: Sequence[int], backbone: str
) -> dict[int, NDArray[np.float16]]:
    """Return the embeddings of those of the photos that have one."""
    found: dict[int, NDArray[np.float16]] = {}
    for start in range(0, len(photo_ids), 500):
        part = photo_ids[start : start + 500]
        rows = library.connection.execute(
            "SELECT photo_id, vector FROM embeddings WHERE backbone = ? AND photo_id IN "
            f"({', '.join('?' * len(part))})",
            (backbone, *part),
        )
        found |= {photo_id: np.frombuffer(vector, "<f2") for photo_id, vector in rows}
    return found


# --- models


def generic_model(library: Library, crowd: str) -> StoredModel:
    """Return the library's entry for the crowd model, made when it is new."""
    row = library.connection.execute(
        "SELECT id FROM models WHERE profile_id IS NULL AND crowd = ?", (crowd,)
    ).fetchone()
    if row is None:
        return add_model(library, None, crowd, method="generic", kept="generic")
    return _model(library, row[0])


def add_model(
    library: Library,
    profile: int | None,
    crowd: str,
    *,
    method: str,
    kept: str,
    head: bytes | None = None,
    network: bytes | None = None,
    report: dict[str, Any] | None = None,
) -> StoredModel:
    """Keep a trained model; scores by the profile's earlier ones, and networks, are dropped."""
    with library.transaction() as connection:
        connection.execute(
            "DELETE FROM scores WHERE model_id IN (SELECT id FROM models WHERE profile_id = ?)",
            (profile,),
        )
        connection.execute("UPDATE models SET network = NULL WHERE profile_id = ?", (profile,))
        model_id = connection.execute(
            "INSERT INTO models (profile_id, crowd, method, kept, head, network, report, "
            "created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (profile, crowd, method, kept, head, network, json.dumps(report or {}), now()),
        ).lastrowid
    assert model_id is not None
    return _model(library, model_id)


def latest_model(library: Library, profile: int) -> StoredModel | None:
    """Return the model that was trained last for a profile."""
    row = library.connection.execute(
        "SELECT max(id) FROM models WHERE profile_id = ?", (profile,)
    ).fetchone()
    return None if row[0] is None else _model(library, row[0])


def network_of(library: Library, model_id: int) -> bytes:
    """Return the network that was kept with a model; some megabytes, and so not always read."""
    row = library.connection.execute("SELECT network FROM models WHERE id = ?", (model_id,))
    return bytes(row.fetchone()[0] or b"")


def _model(library: Library, model_id: int) -> StoredModel:
    row = library.connection.execute(
        "SELECT id, crowd, method, kept, head, report, created_at FROM models WHERE id = ?",
        (model_id,),
    ).fetchone()
    number, crowd, method, kept, head, report, created_at = row
    return StoredModel(number, crowd, method, kept, head, json.loads(report), created_at)
