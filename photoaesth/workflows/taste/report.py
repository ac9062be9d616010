"""What `taste` finds of one profile: plain values, for the terminal, for JSON and for the page.

Every interval holds the true number in 95 of 100 cases, as far as the model's own doubt is right.
Many labels and attributes are looked at: an estimate is *clear* where the false discovery rate of
all those in its table is below 5 % (Benjamini & Hochberg 1995).
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from photoaesth.domain import Photo

Interval = tuple[float, float]
TenBins = tuple[float, ...]
"""Probabilities of the scores 1 to 10; they sum to 1."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number that is not known exactly.

    Attributes:
        value: the best guess.
        interval: 95 % interval.
        clear: whether it is other than what it is compared with, nothing or a stated number.
    """

    value: float
    interval: Interval
    clear: bool


@dataclass(frozen=True, slots=True)
class Distributions:
    """How scores are spread, for the profile and for the crowd.

    Attributes:
        personal: mean of the photos' distributions for the profile.
        generic: the same by the generic model.
        personal_mean: mean score, in (1, 10).
        generic_mean: the same by the generic model.
        emd: between the two: the root of the mean squared difference of their cumulated
            probabilities (Talebi & Milanfar 2018, eq. 2 with r = 2), in [0, 1].
    """

    personal: TenBins
    generic: TenBins
    personal_mean: float
    generic_mean: float
    emd: float


@dataclass(frozen=True, slots=True)
class LabelChoices:
    """What the choices say of a label without any model.

    Attributes:
        pairs: decided pairs in which just one photo has the label; of a repeated pair, the last
            answer.
        chosen: in how many the photo with the label was chosen.
        share: of those pairs, with Wilson's interval; clear where it is other than `expected`.
        expected: the share that the generic model would have said.
    """

    pairs: int
    chosen: int
    share: Estimate
    expected: float


@dataclass(frozen=True, slots=True)
class LabelTaste:
    """What a profile thinks of the photos with a label: a style, or a content.

    Attributes:
        label: its name.
        weak: whether it is told wrongly of many photos; see docs/benchmarks.md.
        photos: how many present photos have it.
        distributions: of these photos; None for too few.
        difference: by how many points of score they stand higher for the profile than for the
            crowd, each measured against all photos of the library; None for too few photos, and
            while the generic model speaks.
        choices: what the choices say; None for too few pairs.
    """

    label: str
    weak: bool
    photos: int
    distributions: Distributions | None
    difference: Estimate | None
    choices: LabelChoices | None


@dataclass(frozen=True, slots=True)
class AttributeDriver:
    """How an attribute moves scores; those that go together share what they do.

    Attributes:
        name: key of the attribute.
        title: for people.
        low: word for its low end.
        high: word for its high end.
        effect: points of score for one standard deviation more of it in this library.
        beyond: of that, what the generic model does not have; None while the generic model speaks.
        chosen: the same effect by the choices alone, without any model of photos: a logistic
            regression, in points by the slope of choices. A model trusts choices only so far,
            and so this may be greater than `effect`. None for too few choices.
    """

    name: str
    title: str
    low: str
    high: str
    effect: Estimate
    beyond: Estimate | None
    chosen: Estimate | None

    @property
    def end(self) -> str:
        """The word for what is liked: the end that has the higher scores."""
        return self.high if self.effect.value >= 0 else self.low


@dataclass(frozen=True, slots=True)
class Driving:
    """What raises and lowers scores.

    Attributes:
        attributes: the strongest effect first.
        explained: share of the variance of scores that all attributes together foretell of photos
            that they were not found on, in [0, 1]. The rest is in what no attribute measures, or
            too few photos to tell.
        sample: how many photos it was found on.
    """

    attributes: tuple[AttributeDriver, ...]
    explained: float
    sample: int

    @property
    def foretells(self) -> bool:
        """Whether `explained` is worth a word: it is not 0 %."""
        return self.explained >= 0.005


class Verdict(StrEnum):
    """What became of the liking for an attribute over time."""

    RISING = "rising"
    FALLING = "falling"
    CHANGING = "changing"
    STEADY = "steady"

    @property
    def words(self) -> str:
        """What to tell people."""
        return _VERDICT_WORDS[self]


_VERDICT_WORDS = {
    Verdict.RISING: "more and more of it",
    Verdict.FALLING: "less and less of it",
    Verdict.CHANGING: "to and fro",
    Verdict.STEADY: "no change to see",
}


@dataclass(frozen=True, slots=True)
class Window:
    """Choices that were made one after the other.

    Attributes:
        start: UTC time of the first, ISO 8601.
        end: of the last.
        choices: decided choices.
    """

    start: str
    end: str
    choices: int


@dataclass(frozen=True, slots=True)
class AttributeOverTime:
    """An attribute of the chosen photos, less that of the rejected ones.

    Attributes:
        name: key of the attribute.
        title: for people.
        low: word for its low end.
        high: word for its high end.
        differences: for every window the mean difference in standard deviations of the library;
            clear where the interval leaves out zero.
        verdict: whether the liking changed. It is found from how far the choices stray from what
            a constant taste would have chosen of the same pairs: later pairs may be harder.
    """

    name: str
    title: str
    low: str
    high: str
    differences: tuple[Estimate, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class OverTime:
    """How the taste moved.

    Attributes:
        windows: equally many choices each, the oldest first.
        attributes: those that drive the scores most, in the order of `Driving`.
    """

    windows: tuple[Window, ...]
    attributes: tuple[AttributeOverTime, ...]

    def names(self, shown: slice) -> tuple[str, ...]:
        """Return when each window began, or which choices it has where that tells none apart.

        Args:
            shown: what is told of a time, as part of its ISO 8601 text.
        """
        starts = tuple(window.start[shown] for window in self.windows)
        if len(set(starts)) == len(starts):
            return starts
        ends = accumulate(window.choices for window in self.windows)
        return tuple(
            f"{end - window.choices + 1}-{end}"
            for window, end in zip(self.windows, ends, strict=True)
        )


@dataclass(frozen=True, slots=True)
class TastePhoto:
    """A photo that says something about the taste.

    Attributes:
        photo: the library's record.
        score: for the profile, in (1, 10).
        sd: the model's doubt, in points.
        generic: for the crowd.
    """

    photo: Photo
    score: float
    sd: float
    generic: float


@dataclass(frozen=True, slots=True)
class SurprisingChoice:
    """A choice that the others did not lead to expect.

    Attributes:
        chosen: the photo that was preferred.
        rejected: the other one.
        probability: of that choice, by the model without it, in (0, 1).
        rated: whether two ratings imply it; else it was made.
    """

    chosen: TastePhoto
    rejected: TastePhoto
    probability: float
    rated: bool


@dataclass(frozen=True, slots=True)
class TasteReport:
    """A profile's aesthetic distribution and what drives it.

    Attributes:
        profile: whose.
        personal: whether the profile's own model speaks; else the generic one does.
        note: one line for the user when it does not; empty otherwise.
        photos: how many present photos are scored.
        sample: how many of them stand for all where a look at every one would take long.
        choices: choices and ties that count.
        ratings: photos rated.
        distributions: of all photos.
        styles: every style, the largest clear difference from the crowd first, then the others.
        contents: every content, likewise.
        driving: what raises and lowers scores; None for fewer than 30 photos.
        over_time: how the taste moved; None for too few choices to compare two times.
        typical: photos that are liked, and like what is liked.
        surprising: choices that the model finds least likely without them.
        above_crowd: photos that the profile likes better than the crowd does, most so first.
        below_crowd: photos that the crowd likes better.
    """

    profile: str
    personal: bool
    note: str
    photos: int
    sample: int
    choices: int
    ratings: int
    distributions: Distributions
    styles: tuple[LabelTaste, ...]
    contents: tuple[LabelTaste, ...]
    driving: Driving | None
    over_time: OverTime | None
    typical: tuple[TastePhoto, ...]
    surprising: tuple[SurprisingChoice, ...]
    above_crowd: tuple[TastePhoto, ...]
    below_crowd: tuple[TastePhoto, ...]
