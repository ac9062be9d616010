"""Group what indexing found: bursts, brackets, panoramas, near-duplicates."""

import numpy as np
from numpy.typing import NDArray

from photoaesth.imaging import decode
from photoaesth.learning.crowd import CrowdModel
from photoaesth.library import groups, models, photos
from photoaesth.library.database import Library
from photoaesth.library.groups import Day, Taken
from photoaesth.ranking.groups import Frame, Hashes, near_duplicates, series
from photoaesth.workflows.pictures import photo_thumbnail

_GREY_SIDE = 64  # pixels; the thresholds for panoramas were measured at it


def group_new_photos(library: Library, crowd: CrowdModel) -> None:
    """Bring the groups up to date with the photos that are new or changed since the last time.

    Series are looked for on the days of these photos, copies among all; interrupted, the next
    call carries on.
    """
    grouping = _Grouping(library, crowd)
    for day in groups.days_to_group(library):
        grouping.find_series(day)
    grouping.find_copies()


class _Grouping:
    def __init__(self, library: Library, crowd: CrowdModel) -> None:
        self._library = library
        self._crowd = crowd

    def find_series(self, day: Day) -> None:
        """Group a day's photos anew."""
        taken = groups.taken_on(self._library, day, self._crowd.embedding_name)
        ids = [photo.photo for photo in taken]
        looks = self._looks(np.array(ids, np.int64))
        frames = [_frame(*both) for both in zip(taken, looks, strict=True)]
        found = series(frames, self._grey_of)
        with self._library.transaction():
            groups.dissolve(self._library, ids)
            for group in found:
                groups.add_group(self._library, group.kind, group.photos)

    def find_copies(self) -> None:
        """Give every new photo that copies another the group of that one."""
        space = self._crowd.embedding_name
        new = Hashes(*groups.hashes_of_new(self._library, space).T)
        copies: dict[int, int] = {}
        if len(new):
            originals = Hashes(*groups.hashes_of_originals(self._library, space).T)
            copies = near_duplicates(new, originals, self._looks)
        with self._library.transaction():
            groups.add_copies(self._library, copies)
            groups.mark_grouped(self._library)

    def _looks(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        space = self._crowd.embedding_name
        vectors = models.embeddings_of(self._library, ids.tolist(), space)
        rows = [vectors[photo] for photo in ids.tolist()]
        return self._crowd.projection.looks(np.array(rows).reshape(len(rows), -1))

    def _grey_of(self, photo: int) -> NDArray[np.uint8]:
        record = photos.photos_by_id(self._library, [photo])[photo]
        jpeg = photo_thumbnail(record)
        if jpeg is None:  # neither thumbnail nor file can be read: it overlaps with nothing
            return np.zeros((_GREY_SIDE, _GREY_SIDE), np.uint8)
        return np.asarray(decode(jpeg, min_side=_GREY_SIDE).image.convert("L"))


def _frame(taken: Taken, look: NDArray[np.float32]) -> Frame:
    exif = taken.exif
    assert exif.taken_at is not None
    return Frame(
        photo=taken.photo,
        camera=exif.camera,
        taken_at=exif.taken_at,
        exposure_time_s=exif.exposure_time_s,
        aperture_f=exif.aperture_f,
        iso=exif.iso,
        exposure_bias_ev=exif.exposure_bias_ev,
        focal_length_mm=exif.focal_length_mm,
        width=taken.width,
        height=taken.height,
        perceptual_hash=taken.perceptual_hash,
        look=look,
    )
