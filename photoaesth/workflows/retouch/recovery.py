"""The parameters of an edit of which there are only pictures, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from photoaesth.enhance.fitting import FITTED_SIDE, fit, show_the_same
from photoaesth.errors import UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import decode


@dataclass(frozen=True, slots=True)
class Recovered:
    """An edit that was recovered.

    Attributes:
        original: the photo.
        edited: the picture made from it elsewhere.
        parameters: values by name with which the operations come nearest to it.
        before: mean ΔE2000 between the two pictures.
        after: mean ΔE2000 that is left between the recovered edit and the picture.
    """

    original: Path
    edited: Path
    parameters: Mapping[str, float]
    before: float
    after: float


def recover(original: Path, edited: Path) -> Recovered | str:
    """Find the parameters that lead from one picture to the other; or tell why there are none."""
    pictures = []
    for path in (original, edited):
        try:
            pictures.append(decode(path, min_side=FITTED_SIDE).image)
        except UnreadableImageError as error:
            return f"cannot read {display_path(path)}: {error}"
    if not show_the_same(*pictures):
        return (
            f"{display_path(edited)} shows another part of the photo, or another photo; "
            "export it without crop and rotation"
        )
    found = fit(*pictures)
    return Recovered(original, edited, found.parameters, found.before, found.after)
