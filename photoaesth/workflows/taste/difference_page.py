"""What `taste diff` found, in the words and pictures of its page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from photoaesth.report.taste_values import (
    Bar,
    Bars,
    Label,
    Labels,
    Pictures,
    Section,
    Spreads,
    TastePage,
)
from photoaesth.workflows.taste.difference_report import (
    AttributeDifference,
    LabelDifference,
    PartingPhoto,
    TasteDifference,
)
from photoaesth.workflows.taste.page_parts import listed, mark, picture, write_page
from photoaesth.workflows.why import attribute_word

_MOST_BARS = 14
_WORDS = 4  # of the sentence that sums up


def write_difference_page(
    report: TasteDifference, target: Path, *, overwrite: bool = False
) -> None:
    """Write the page of two profiles side by side: one file that needs no other.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    write_page(difference_page(report), target, overwrite=overwrite)


def difference_page(report: TasteDifference) -> TastePage:
    """Return the page; photos whose thumbnail is gone and cannot be made again are left out."""
    return TastePage(
        title=f"{report.first} and {report.second}",
        summary=_summary(report),
        counts=f"From {report.photos:,} photos",
        note=" ".join(f"{line[:1].upper()}{line[1:]}." for line in report.notes),
        first=_pictures(report, report.first_likes),
        first_words=f"Liked by {report.first}, not by {report.second}.",
        sections=tuple(_sections(report)),
    )


def _summary(report: TasteDifference) -> str:
    sentence = f"Of two photos, both prefer the same one {report.agreement:.0%} of the time."
    clear = [each for each in report.attributes if each.difference.clear][:_WORDS]
    if clear:
        words = [
            attribute_word(each.name, each.high if each.difference.value > 0 else each.low)
            for each in clear
        ]
        sentence += f" Liked more by {report.first}: {listed(words)}."
    return sentence


def _sections(report: TasteDifference) -> Iterator[Section]:
    if report.second_likes:
        yield Section(
            f"Liked by {report.second}, not by {report.first}",
            "Photos whose scores are farthest apart the other way round.",
            _pictures(report, report.second_likes),
        )
    first, second = report.distributions
    yield Section(
        "How scores are spread",
        f"The mean score of these photos is {report.means[0]:.2f} for {report.first} and "
        f"{report.means[1]:.2f} for {report.second}. The earth mover’s distance between the two "
        f"distributions is {report.emd:.3f}, Spearman’s correlation of the scores "
        f"{report.srcc:.2f}.",
        Spreads((report.first, report.second), first, second),
    )
    if report.attributes:
        yield Section(
            "Where attributes part them",
            f"By how many points one standard deviation more of an attribute raises the scores of "
            f"{report.first} more than those of {report.second}, with 95 % intervals; pale bars "
            "may be chance.",
            Bars("Points", tuple(_bar(report, each) for each in report.attributes[:_MOST_BARS])),
        )
    for title, labels in (("Styles", report.styles), ("Contents", report.contents)):
        if labels:
            yield _labels(report, title, labels)


def _bar(report: TasteDifference, each: AttributeDifference) -> Bar:
    effects = f"{report.first} {each.first:+.2f}, {report.second} {each.second:+.2f}"
    return Bar(each.title, f"{each.low} → {each.high} · {effects}", mark(each.difference))


def _labels(report: TasteDifference, title: str, labels: Sequence[LabelDifference]) -> Section:
    rows = tuple(
        Label(
            name=each.label,
            detail=f"{each.photos:,} photos · {report.first} {each.first:.1f}, "
            f"{report.second} {each.second:.1f}",
            difference=mark(each.difference),
        )
        for each in labels
    )
    return Section(
        title,
        f"By how many points these photos stand higher for {report.first} than for "
        f"{report.second}, each measured against all photos. Hollow dots may be chance.",
        Labels((f"higher than for {report.second}", ""), rows),
    )


def _pictures(report: TasteDifference, photos: Sequence[PartingPhoto]) -> Pictures:
    shown = (
        picture(one.photo, f"{report.first} {one.first:.1f} · {report.second} {one.second:.1f}")
        for one in photos
    )
    return Pictures(tuple(one for one in shown if one))
