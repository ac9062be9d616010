"""What stands on the page of a taste: plain values, texts not yet escaped."""

from dataclasses import dataclass
from pathlib import Path

from photoaesth.report.plots import Mark


@dataclass(frozen=True, slots=True)
class Spreads:
    """Two score distributions over each other.

    Attributes:
        names: of the two.
        ours: probabilities of the scores 1 to 10.
        theirs: the same of whom they are compared with.
    """

    names: tuple[str, str]
    ours: tuple[float, ...]
    theirs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that raises or lowers, drawn from 0.

    Attributes:
        title: what it is of.
        detail: more of that, smaller.
        mark: the number.
        ring: another one, drawn as a ring; None for none.
        ring_name: what that is, in words.
    """

    title: str
    detail: str
    mark: Mark
    ring: Mark | None = None
    ring_name: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars below each other.

    Attributes:
        unit: of the numbers, the title of their column.
        rows: the bars.
        own_scales: whether each has a scale of its own, its numbers being of another unit.
    """

    unit: str
    rows: tuple[Bar, ...]
    own_scales: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How often something was so, beside how often it would be elsewhere.

    Attributes:
        mark: in [0, 1].
        compared: in [0, 1].
        words: both, in a few words.
    """

    mark: Mark
    compared: float
    words: str


@dataclass(frozen=True, slots=True)
class Label:
    """Photos with a label.

    Attributes:
        name: of the label.
        detail: more of that, smaller.
        difference: in points from whom they are compared with; None where not known.
        share: None where not known.
    """

    name: str
    detail: str
    difference: Mark | None = None
    share: Share | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels below each other.

    Attributes:
        columns: titles of the two plots.
        rows: the labels that something is known of.
        left_out: names of those with too little to tell.
    """

    columns: tuple[str, str]
    rows: tuple[Label, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a number went.

    Attributes:
        title: what it is of.
        ends: words for its low and its high end.
        marks: one for each time.
        verdict: whether it changed, in words.
        changed: whether it did.
    """

    title: str
    ends: tuple[str, str]
    marks: tuple[Mark, ...]
    verdict: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Timelines:
    """Numbers over the same times.

    Attributes:
        times: names of them, the oldest first.
        rows: the numbers.
    """

    times: tuple[str, ...]
    rows: tuple[Timeline, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo.

    Attributes:
        path: the file.
        jpeg: an upright sRGB JPEG.
        width: upright width in pixels.
        height: upright height in pixels.
        figures: what is said of it in numbers.
        caption: when and with what it was taken.
    """

    path: Path
    jpeg: bytes
    width: int
    height: int
    figures: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """Photos beside each other."""

    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos side by side.

    Attributes:
        left: the one.
        right: the other.
        captions: over the two.
        words: what is said of them together.
    """

    left: Picture
    right: Picture
    captions: tuple[str, str]
    words: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs below each other."""

    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        title: of the section.
        lead: how to read it, a sentence or two.
        body: what it shows.
    """

    title: str
    lead: str
    body: Spreads | Bars | Labels | Timelines | Pictures | Pairs


@dataclass(frozen=True, slots=True)
class TastePage:
    """Everything on the page.

    Attributes:
        title: of the page.
        summary: the taste in a sentence.
        counts: what it was learned from.
        note: one line where something is to be known first; empty otherwise.
        first: the pictures to begin with.
        first_words: what they are.
        sections: the rest.
    """

    title: str
    summary: str
    counts: str
    note: str
    first: Pictures
    first_words: str
    sections: tuple[Section, ...]
