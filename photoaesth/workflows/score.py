"""Score photos, indexed or not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from photoaesth.domain import Photo, ScoredPhoto, Skipped
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.library import models, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.locations import is_current
from photoaesth.library.scan import Scan
from photoaesth.workflows.finetune import PhotoNetwork
from photoaesth.workflows.profile_model import ProfileModel, profile_model
from photoaesth.workflows.query import EVERY, Query
from photoaesth.workflows.rank import rank_library

_BATCH = 16


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Scores of the photos asked for.

    Attributes:
        photos: best first; `rank` is their place among each other.
        skipped: photos that could not be scored.
        note: one line for the user when the generic model scored; empty otherwise.
    """

    photos: list[ScoredPhoto]
    skipped: list[Skipped]
    note: str


def score(
    library_path: Path,
    profile: str,
    paths: Sequence[Path],
    *,
    device: str = "auto",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> ScoreReport:
    """Score files and the photos in folders; no path means every indexed photo, best first.

    Args:
        library_path: the library; need not exist when paths are given.
        profile: whose taste.
        paths: files or folders.
        device: where photos that are not indexed are embedded.
        on_progress: told about every photo that is done.

    Raises:
        PhotoaesthError: a path does not exist, or a folder holds no photo.
    """
    with open_library(library_path, create=bool(paths)) as library:
        if not paths:
            everything = rank_library(library, profile, Query(count=EVERY))
            return ScoreReport(everything.photos, [], everything.note)
        model = profile_model(library, profile)
        files, skipped = photo_files(paths)
        known = {
            path: photos.photo_by_path(library, path) if is_current(library, path) else None
            for path in files
        }
        vectors = models.embeddings_of(
            library,
            [photo.id for photo in known.values() if photo],
            model.crowd.embedding_name,
        )
        found: list[Path] = []
        embeddings: list[np.ndarray[tuple[int], np.dtype[np.float16]]] = []
        strangers: list[Path] = []
        for path, photo in known.items():
            if photo is not None and photo.id in vectors:
                found.append(path)
                embeddings.append(vectors[photo.id])
            else:
                strangers.append(path)
        for start in range(0, len(strangers), _BATCH):
            part, failed = _embed(strangers[start : start + _BATCH], device)
            skipped += failed
            found += part.keys()
            embeddings += part.values()
            on_progress(start + len(part) + len(failed), len(strangers))
        scores = None
        if model.finetuned:
            scores, failed = _by_network(library, model, {p: known[p] for p in found}, device)
            skipped += failed
            embeddings = [v for p, v in zip(found, embeddings, strict=True) if p in scores]
            found = list(scores)
    if not found:
        return ScoreReport([], skipped, model.note)
    records: list[Photo | None] = [known[path] for path in found]
    scored = model.describe(
        np.stack(embeddings), found, records, list(scores.values()) if scores else None
    )
    return ScoreReport(_best_first(scored), skipped, model.note)


def photo_files(paths: Sequence[Path]) -> tuple[list[Path], list[Skipped]]:
    """Return the files that paths name: files as they are, folders by the photos in them.

    Raises:
        PhotoaesthError: a path does not exist, or a folder holds no photo.
    """
    files: dict[Path, None] = {}
    skipped: list[Skipped] = []
    for path in paths:
        resolved = path.expanduser().resolve()
        if not resolved.exists():
            raise PhotoaesthError(f"there is no {display_path(resolved)}; check the name")
        if resolved.is_file():
            files[resolved] = None
            continue
        if not resolved.is_dir():  # a pipe or a device; reading one could wait for ever
            skipped.append(Skipped(resolved, "neither a file nor a folder"))
            continue
        found = Scan([resolved])
        inside = sorted(file.path for folder in found for file in folder if file.beside is None)
        skipped += found.skipped
        if not inside:
            raise PhotoaesthError(f"there are no photos in {display_path(resolved)}")
        files |= dict.fromkeys(inside)
    return list(files), skipped


def _by_network(
    library: Library, model: ProfileModel, files: Mapping[Path, Photo | None], device: str
) -> tuple[dict[Path, float], list[Skipped]]:
    """Return the scores of files by the profile's network, and the files it cannot see."""
    network = PhotoNetwork(models.network_of(library, model.id), device)
    indexed = network.score([photo for photo in files.values() if photo])
    scores: dict[Path, float] = {}
    skipped: list[Skipped] = []
    for path, photo in files.items():
        try:
            known = indexed.get(photo.id) if photo else None
            scores[path] = network.score_file(path) if known is None else known
        except UnreadableImageError as error:
            skipped.append(Skipped(path, str(error)))
    return scores, skipped


def _embed(
    paths: Sequence[Path], device: str
) -> tuple[dict[Path, "np.ndarray[tuple[int], np.dtype[np.float16]]"], list[Skipped]]:
    from photoaesth.learning.embedder import Embedder
    from photoaesth.learning.model_input import model_input

    inputs, skipped = {}, []
    for path in paths:
        try:
            inputs[path] = model_input(decode(path, min_side=DECODED_SIDE).image)
        except UnreadableImageError as error:
            skipped.append(Skipped(path, str(error)))
    if not inputs:
        return {}, skipped
    vectors = Embedder(device).embed(list(inputs.values()))
    return dict(zip(inputs, vectors, strict=True)), skipped


def _best_first(scored: Sequence[ScoredPhoto]) -> list[ScoredPhoto]:
    ranked = sorted(scored, key=lambda photo: -photo.score)
    return [replace(photo, rank=place) for place, photo in enumerate(ranked, start=1)]
