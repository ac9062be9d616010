"""What there is to know of one photo before it is explained, whether or not it is indexed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photoaesth.attributes import looks, measure
from photoaesth.domain import Exif, Photo
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.library import models, photos
from photoaesth.library.attributes import attributes_of
from photoaesth.library.database import Library
from photoaesth.library.locations import is_current
from photoaesth.library.photo_files import as_indexed
from photoaesth.workflows.looks import LAYOUT
from photoaesth.workflows.profile_model import ProfileModel

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """One photo as the models see it.

    Attributes:
        path: the file.
        photo: the library's record; None for a photo that is not indexed.
        embedding: `(D,)`.
        attributes: `(A,)`; NaN where unknown.
        score: by the profile's network where it has one and the photo is not indexed; else None.
    """

    path: Path
    photo: Photo | None
    embedding: Floats
    attributes: Floats
    score: float | None

    @property
    def photo_id(self) -> int | None:
        """The library's number for it."""
        return self.photo.id if self.photo else None


def read_photo_facts(library: Library, model: ProfileModel, path: Path, device: str) -> PhotoFacts:
    """Read what is known of a photo, or find it out from the file.

    Args:
        library: where it may be indexed.
        model: in whose space it is embedded.
        path: the photo; one that is indexed need not be reachable now.
        device: where it is embedded.

    Raises:
        PhotoaesthError: there is no such photo, or it cannot be read.
    """
    named = as_indexed(path)
    # As `rank` lists it, a link perhaps; else the file that a link leads to.
    path = named if photos.photo_by_path(library, named) else path.expanduser().resolve()
    there = path.is_file()
    photo = photos.photo_by_path(library, path)
    if photo is not None and (is_current(library, path) or not there):
        space = model.crowd.embedding_name
        vector = models.embeddings_of(library, [photo.id], space).get(photo.id)
        if vector is not None:
            values = attributes_of(library, LAYOUT, [photo.id]).values[0]
            return PhotoFacts(path, photo, vector, values, None)
    if not there:
        kind = "is a folder, not a photo" if path.is_dir() else "is neither a file nor indexed"
        raise PhotoaesthError(f"{display_path(path)} {kind}; check the name")
    return _stranger(library, model, path, device)


def _stranger(library: Library, model: ProfileModel, path: Path, device: str) -> PhotoFacts:
    from photoaesth.learning.embedder import Embedder
    from photoaesth.learning.model_input import model_input
    from photoaesth.workflows.finetune import PhotoNetwork

    try:
        image = decode(path, min_side=DECODED_SIDE).image
    except UnreadableImageError as error:
        raise PhotoaesthError(f"cannot read {display_path(path)}: {error}") from error
    pixels = model_input(image)
    vectors, classes = Embedder(device).embed_and_classify([pixels])
    (look,) = looks([measure(pixels, *image.size)], classes, [Exif()])
    score = None
    if model.finetuned:
        network = PhotoNetwork(models.network_of(library, model.id), device)
        score = network.score_file(path)
    return PhotoFacts(path, None, vectors[0], look.values, score)
