"""What grouping needs to know of a photo, and the groups it makes."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from photoaesth.domain import GroupKind

Look = NDArray[np.floating]
"""`(D,)`: photos whose pictures are alike have a large cosine.

The part of an embedding that tells what is in the picture, centred on the average photo: its
principal directions. Statistics of tone and colour, which every edit moves, and the logits of
the second opinion, which are alike for all photos, have to be left out.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A photo as one frame of a series.

    Attributes:
        photo: the library's number for it.
        camera: make and model; None is taken for a camera of its own.
        taken_at: capture time; a time zone is ignored, as of one camera all have the same.
        exposure_time_s: shutter time in seconds.
        aperture_f: f-number.
        iso: sensitivity.
        exposure_bias_ev: exposure compensation or step of a bracketed series, in EV.
        focal_length_mm: focal length in mm.
        width: upright width in pixels.
        height: upright height in pixels.
        perceptual_hash: from `photoaesth.perceptual.perceptual_hash`.
        look: see `Look`.
    """

    photo: int
    camera: str | None
    taken_at: datetime
    exposure_time_s: float | None
    aperture_f: float | None
    iso: int | None
    exposure_bias_ev: float | None
    focal_length_mm: float | None
    width: int
    height: int
    perceptual_hash: int
    look: Look


@dataclass(frozen=True, slots=True)
class Group:
    """Photos that belong together.

    Attributes:
        kind: why.
        photos: at least two, in order of time.
    """

    kind: GroupKind
    photos: tuple[int, ...]
