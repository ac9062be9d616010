"""What `taste --from retouches` found, in the words and pictures of its page."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from photoaesth.config import DEFAULT_PROFILE
from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import thumbnail
from photoaesth.library import comparisons
from photoaesth.library.database import Library, open_library
from photoaesth.report.plots import Mark
from photoaesth.report.taste_values import (
    Bar,
    Bars,
    Label,
    Labels,
    Pair,
    Pairs,
    Pictures,
    Section,
    Share,
    Spreads,
    TastePage,
)
from photoaesth.workflows.taste.edits import Edit, edits_of
from photoaesth.workflows.taste.page_parts import listed, mark, picture, who_is, write_page
from photoaesth.workflows.taste.retouch_report import AttributeChange, LabelChange, RetouchReport
from photoaesth.workflows.why import attribute_word

_MOST_BARS = 14
_MOST_PAIRS = 12
_WORDS = 4  # of the sentence that sums up


def write_retouch_page(
    library_path: Path, report: RetouchReport, target: Path, *, overwrite: bool = False
) -> None:
    """Write the page of what a profile's edits do: one file that needs no other.

    Args:
        library_path: the library, for the pictures.
        report: what was found.
        target: the page.
        overwrite: replace an existing file.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    with open_library(library_path) as library:
        pairs = Pairs(tuple(_pairs(library, report.profile)))
    write_page(retouch_page(report, pairs), target, overwrite=overwrite)


def retouch_page(report: RetouchReport, pairs: Pairs) -> TastePage:
    """Return the page.

    Args:
        report: what was found.
        pairs: photos before and after.
    """
    own = report.profile == DEFAULT_PROFILE
    counts = (
        f"{report.retouches:,} retouches",
        f"{report.copies:,} enhanced copies of photos retouched or put in order",
        f"{report.rated:,} rated",
        f"{report.ordered:,} put in order",
    )
    return TastePage(
        title="What your edits do" if own else f"What the edits of {report.profile} do",
        summary=_summary(report),
        counts=f"From {' · '.join(counts)}",
        note=f"{report.note[:1].upper()}{report.note[1:]}." if report.note else "",
        first=Pictures(()),
        first_words="",
        sections=tuple(_sections(report, pairs)),
    )


def _summary(report: RetouchReport) -> str:
    clear = [each for each in report.attributes if each.change.clear][:_WORDS]
    if not clear:
        return "No attribute changes clearly: the edits differ from photo to photo."
    words = [
        attribute_word(each.name, each.high if each.change.value > 0 else each.low)
        for each in clear
    ]
    return f"They bring out: {listed(words)}."


def _sections(report: RetouchReport, pairs: Pairs) -> Iterator[Section]:
    if pairs.pairs:
        yield Section("Before and after", "Those that were rated highest come first.", pairs)
    if report.attributes:
        yield Section(
            "What changes",
            "Edit less original, photo by photo, in the unit of each attribute, with 95 % "
            "intervals; every bar has a scale of its own, and pale ones may be chance. Edits weigh "
            f"by their rating and their place in the order, as much as {report.effective:.0f} "
            "edits of equal weight.",
            Bars("Change", tuple(map(_bar, report.attributes[:_MOST_BARS])), own_scales=True),
        )
    for title, changes in (("Styles", report.styles), ("Contents", report.contents)):
        if changes:
            yield Section(
                title,
                "How many of the edits have a label; the tick is how many of their originals "
                "have it. Hollow dots may be chance.",
                Labels(("", "share of the edits"), tuple(map(_label, changes))),
            )
    gain = report.gain
    yield Section(
        "How scores are spread",
        f"For {who_is(report.profile)} the edits have a mean score of {report.score:.2f}, "
        f"{gain.value:+.2f} points ({gain.interval[0]:+.2f} to {gain.interval[1]:+.2f}) from "
        "their originals.",
        Spreads(("edits", "originals"), report.after, report.before),
    )


def _bar(each: AttributeChange) -> Bar:
    unit = f" {each.unit}" if each.unit else ""
    sides = f"{each.before:.3g} → {each.after:.3g}{unit}"
    return Bar(each.title, f"{each.low} → {each.high} · {sides}", mark(each.change))


def _label(each: LabelChange) -> Label:
    low, high = each.change.interval
    share = Mark(
        each.after,
        max(0.0, each.before + low),
        min(1.0, each.before + high),
        clear=each.change.clear,
    )
    words = f"{each.before:.0%} → {each.after:.0%}"
    return Label(each.label, "", share=Share(share, each.before, words))


def _pairs(library: Library, profile: str) -> Iterator[Pair]:
    """Return the highest rated edits that can be shown; what is not asked for is not rendered."""
    edits = edits_of(library, comparisons.profile_id(library, profile))
    rated_first = sorted(edits, key=lambda edit: -(edit.rating or 0))
    return islice(filter(None, map(_pair, rated_first)), _MOST_PAIRS)


def _pair(edit: Edit) -> Pair | None:
    try:
        _, after = edit.pictures()
    except (UnreadableImageError, ValueError):  # gone, or with a parameter of old
        return None
    before = picture(edit.photo, "")
    if before is None:
        return None
    width, height = after.size
    jpeg = thumbnail(after)
    edited = replace(before, jpeg=jpeg, width=width, height=height, path=edit.copy or before.path)
    rated = "" if edit.rating is None else f"rated {10 * edit.rating:.0f} of 10"
    kind = "retouched" if edit.copy is None else "enhanced"
    return Pair(before, edited, ("Before", "After"), " · ".join(filter(None, (kind, rated))))
