"""What `taste diff` finds: plain values, for the terminal and for JSON."""

from dataclasses import dataclass

from photoaesth.domain import Photo
from photoaesth.workflows.taste.report import Estimate, TenBins


@dataclass(frozen=True, slots=True)
class AttributeDifference:
    """How differently an attribute moves two profiles' scores.

    Attributes:
        name: key of the attribute.
        title: for people.
        low: word for its low end.
        high: word for its high end.
        first: points of score for one standard deviation more, for the first profile.
        second: for the second.
        difference: first less second.
    """

    name: str
    title: str
    low: str
    high: str
    first: float
    second: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class LabelDifference:
    """How differently two profiles place the photos with a label.

    Attributes:
        label: its name.
        photos: how many have it.
        first: mean score for the first profile.
        second: for the second.
        difference: first less second, each measured against all photos of the library.
    """

    label: str
    photos: int
    first: float
    second: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class PartingPhoto:
    """A photo that one profile likes and the other does not.

    Attributes:
        photo: the library's record.
        first: its score for the first profile.
        second: for the second.
    """

    photo: Photo
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class TasteDifference:
    """Two profiles side by side.

    Attributes:
        first: name of the one.
        second: name of the other.
        notes: a line for each profile that the generic model speaks for.
        photos: how many photos both scored.
        sample: how many of them stand for all.
        srcc: Spearman's correlation of the scores; NaN where all scores of one are the same.
        agreement: share of the pairs of photos that both order alike, in [0, 1].
        distributions: ten bins for the first and for the second.
        means: mean scores.
        emd: earth mover's distance of the distributions.
        attributes: the largest difference first.
        styles: those of enough photos, the largest difference first.
        contents: likewise.
        first_likes: photos that the first likes and the second does not, most so first.
        second_likes: the other way round.
    """

    first: str
    second: str
    notes: tuple[str, ...]
    photos: int
    sample: int
    srcc: float
    agreement: float
    distributions: tuple[TenBins, TenBins]
    means: tuple[float, float]
    emd: float
    attributes: tuple[AttributeDifference, ...]
    styles: tuple[LabelDifference, ...]
    contents: tuple[LabelDifference, ...]
    first_likes: tuple[PartingPhoto, ...]
    second_likes: tuple[PartingPhoto, ...]
