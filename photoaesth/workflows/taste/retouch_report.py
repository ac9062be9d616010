"""What `taste --from retouches` finds: what a profile's own edits do to its photos."""

from dataclasses import dataclass

from photoaesth.domain import Skipped
from photoaesth.workflows.taste.report import Estimate, TenBins


@dataclass(frozen=True, slots=True)
class AttributeChange:
    """What the edits do to an attribute.

    Attributes:
        name: key of the attribute.
        title: for people.
        low: word for its low end.
        high: word for its high end.
        unit: of the numbers; empty for a plain ratio.
        before: weighted mean of the originals.
        after: of the edits.
        change: after less before, photo by photo; clear where it is other than none.
    """

    name: str
    title: str
    low: str
    high: str
    unit: str
    before: float
    after: float
    change: Estimate


@dataclass(frozen=True, slots=True)
class LabelChange:
    """What the edits do to a style or a content.

    Attributes:
        label: its name.
        before: weighted share of the originals that have it, in [0, 1].
        after: of the edits.
        change: after less before.
    """

    label: str
    before: float
    after: float
    change: Estimate


@dataclass(frozen=True, slots=True)
class RetouchReport:
    """The aesthetic distribution of a profile's edits, beside that of their originals.

    Every edit weighs by its rating and its place in the order; where either is not known, as much
    as the mean of the others.

    Attributes:
        profile: whose.
        retouches: photos that the profile retouched, as far as they can be rendered.
        copies: enhanced copies that still exist of photos that it retouched or put in an order.
        rated: how many of the edits were rated.
        ordered: how many stand in an order.
        effective: how many edits of equal weight would tell as much (Kish 1965).
        personal: whether the profile's own model scored; else the generic one did.
        note: one line for the user when it did not; empty otherwise.
        before: weighted mean distribution of the scores of the originals.
        after: of the edits.
        score: mean score of the edits, in (1, 10).
        gain: their scores less their originals'.
        attributes: the largest clear change first, in standard deviations of the originals.
        styles: every style that an original or an edit has, the largest change first.
        contents: every content, likewise.
        skipped: edits whose photo cannot be read now, and why.
    """

    profile: str
    retouches: int
    copies: int
    rated: int
    ordered: int
    effective: float
    personal: bool
    note: str
    before: TenBins
    after: TenBins
    score: float
    gain: Estimate
    attributes: tuple[AttributeChange, ...]
    styles: tuple[LabelChange, ...]
    contents: tuple[LabelChange, ...]
    skipped: tuple[Skipped, ...]
