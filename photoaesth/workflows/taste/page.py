"""What `taste` found, in the words and pictures of its page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from photoaesth.config import DEFAULT_PROFILE
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
    Timeline,
    Timelines,
)
from photoaesth.workflows.taste.page_parts import listed, mark, picture, who_is, write_page
from photoaesth.workflows.taste.report import (
    AttributeDriver,
    Driving,
    Estimate,
    LabelTaste,
    OverTime,
    TastePhoto,
    TasteReport,
    Verdict,
)
from photoaesth.workflows.why import attribute_word

_CROWD = "the crowd"
_MOST_BARS = 14
_WORDS = 4  # of the sentence that sums up


def page_of(report: TasteReport) -> TastePage:
    """Return the page of a profile's taste.

    Photos whose thumbnail is gone and cannot be made again are left out.
    """
    counts = (
        f"{report.photos:,} photos",
        f"{report.choices:,} choices",
        f"{report.ratings:,} ratings",
    )
    return TastePage(
        title=_title(report),
        summary=_summary(report),
        counts=f"From {' · '.join(counts)}",
        note=f"{report.note[:1].upper()}{report.note[1:]}." if report.note else "",
        first=_scored_pictures(report.typical, personal=report.personal),
        first_words="Typical photos: liked, and like what else is liked.",
        sections=tuple(_sections(report)),
    )


def _title(report: TasteReport) -> str:
    if not report.personal:
        return "The crowd’s taste"
    own = report.profile == DEFAULT_PROFILE
    return "Your taste" if own else f"The taste of {report.profile}"


def write_taste_page(report: TasteReport, target: Path, *, overwrite: bool = False) -> None:
    """Write the page of a profile's taste: one file that needs no other.

    Raises:
        PhotoaesthError: the target exists and `overwrite` is false, or cannot be written.
    """
    write_page(page_of(report), target, overwrite=overwrite)


def _sections(report: TasteReport) -> Iterator[Section]:
    """Yield the sections that there is something to show in."""
    who = who_is(report.profile)
    yield _spread(report, who)
    if report.driving:
        yield _drivers(report.driving)
    for title, labels in (("Styles", report.styles), ("Contents", report.contents)):
        if report.personal or any(label.choices for label in labels):
            yield _labels(title, who, labels, personal=report.personal)
    if report.over_time:
        yield _timelines(report.over_time)
    for likes, others, photos in (
        (who, _CROWD, report.above_crowd),
        (_CROWD, who, report.below_crowd),
    ):
        if photos:
            yield Section(
                f"Better liked by {likes} than by {others}",
                "Photos whose scores are farthest apart, as far as the two scales compare.",
                _scored_pictures(photos, personal=report.personal),
            )
    if report.surprising:
        yield Section(
            "Surprising choices",
            f"Choices that {_expecting(report)} would not have led to expect: exceptions, slips, "
            "or something that the model does not see.",
            Pairs(tuple(_surprises(report))),
        )


def _spread(report: TasteReport, who: str) -> Section:
    spread, title = report.distributions, "How scores are spread"
    if not report.personal:
        return Section(
            title,
            f"The mean score of these photos is {spread.generic_mean:.2f} for {_CROWD}, whose "
            f"scores are taken for those of {who} until they are trained.",
            Spreads((f"taken for {who}", _CROWD), spread.personal, spread.generic),
        )
    return Section(
        title,
        f"The mean score of these photos is {spread.personal_mean:.2f} for {who} and "
        f"{spread.generic_mean:.2f} for {_CROWD}. The earth mover’s distance between the two "
        f"distributions is {spread.emd:.3f}.",
        Spreads((who, _CROWD), spread.personal, spread.generic),
    )


def _expecting(report: TasteReport) -> str:
    """Return what the probabilities of choices are found by."""
    return "all the others" if report.personal else f"{_CROWD}’s taste"


def _summary(report: TasteReport) -> str:
    """Return the taste in a sentence or two: what is clear first, else what it leans to."""
    drivers = report.driving.attributes if report.driving else ()
    told = [(driver, told) for driver in drivers if (told := _clearest(driver)).clear]
    clear = bool(told)
    shown = told or [(driver, driver.effect) for driver in drivers]
    words = [
        attribute_word(driver.name, driver.high if effect.value > 0 else driver.low)
        for driver, effect in shown[:_WORDS]
    ]
    if not words:
        return "There are too few photos to say what drives these scores."
    sentence = (
        f"likes most: {listed(words)}."
        if clear
        else f"seems to like: {listed(words)}; no single attribute is sure yet."
    )
    if not report.personal:
        return f"The crowd {sentence}"
    sentence = f"{sentence[:1].upper()}{sentence[1:]}"
    apart = sorted(
        (beyond.value, attribute_word(driver.name, driver.high if beyond.value > 0 else driver.low))
        for driver in drivers
        if (beyond := driver.beyond) and beyond.clear
    )
    farthest = sorted(apart, key=lambda one: -abs(one[0]))[:_WORDS]
    if farthest:
        sentence += f" Where it leaves {_CROWD}: {listed([word for _, word in farthest])}."
    return sentence


def _clearest(driver: AttributeDriver) -> Estimate:
    """Return the effect by the model, else, where only that is clear, by the choices alone."""
    by_choices = driver.chosen
    unsure = not driver.effect.clear
    return by_choices if unsure and by_choices and by_choices.clear else driver.effect


def _drivers(driving: Driving) -> Section:
    shown = driving.attributes[:_MOST_BARS]
    ring = any(driver.beyond for driver in shown)
    return Section(
        "What raises and lowers scores",
        "Points of score for one standard deviation more of an attribute, with 95 % intervals; "
        "pale bars may be chance. Attributes that go together share what they do: read similar "
        "bars as one."
        + (f" Rings show how much of it {_CROWD} does not share." if ring else "")
        + (f" {_foretold(driving)}" if driving.foretells else ""),
        Bars(
            "Points",
            tuple(
                Bar(
                    title=driver.title,
                    detail=f"{driver.low} → {driver.high}",
                    mark=mark(driver.effect),
                    ring=mark(driver.beyond) if driver.beyond else None,
                    ring_name=f"beyond {_CROWD}",
                )
                for driver in shown
            ),
        ),
    )


def _foretold(driving: Driving) -> str:
    return (
        f"Found on {driving.sample:,} photos, all attributes together foretell "
        f"{driving.explained:.0%} of what differs between the scores of others; the rest is in "
        "what none of them measures."
    )


def _labels(title: str, who: str, labels: Sequence[LabelTaste], *, personal: bool) -> Section:
    known = [label for label in labels if label.difference or label.choices]
    higher = (
        f"Left: by how many points these photos stand higher for {who} than for {_CROWD}, each "
        "measured against all photos. Right: how "
    )
    return Section(
        title,
        f"{higher if personal else 'How '}often one of them was chosen over another photo; "
        f"the tick is what {_CROWD} would have said. Hollow dots may be chance.",
        Labels(
            (f"higher than for {_CROWD}", "chosen"),
            tuple(
                Label(
                    name=label.label,
                    detail=f"{label.photos:,} photos{', often mistaken' if label.weak else ''}",
                    difference=mark(label.difference) if label.difference else None,
                    share=_share(label),
                )
                for label in known
            ),
            tuple(
                f"{label.label} ({label.photos})"
                for label in labels
                if label.photos and label not in known
            ),
        ),
    )


def _share(label: LabelTaste) -> Share | None:
    choices = label.choices
    if choices is None:
        return None
    words = f"{choices.share.value:.0%} of {choices.pairs} pairs, {_CROWD} {choices.expected:.0%}"
    return Share(mark(choices.share), choices.expected, words)


def _timelines(over_time: OverTime) -> Section:
    windows = over_time.windows
    return Section(
        "How it moved",
        "What was chosen less what was rejected, in standard deviations of an attribute. Each dot "
        f"is {windows[0].choices} choices or so, the oldest on the left.",
        Timelines(
            over_time.names(slice(10)),
            tuple(
                Timeline(
                    title=attribute.title,
                    ends=(attribute.low, attribute.high),
                    marks=tuple(mark(difference) for difference in attribute.differences),
                    verdict=attribute.verdict.words,
                    changed=attribute.verdict is not Verdict.STEADY,
                )
                for attribute in over_time.attributes
            ),
        ),
    )


def _surprises(report: TasteReport) -> Iterator[Pair]:
    for choice in report.surprising:
        left, right = (
            picture(one.photo, _figures(one, personal=report.personal))
            for one in (choice.chosen, choice.rejected)
        )
        if left and right:
            how = "; two ratings imply it" if choice.rated else ""
            words = f"{choice.probability:.0%} likely by {_expecting(report)}{how}"
            yield Pair(left, right, ("Preferred", "Rejected"), words)


def _scored_pictures(photos: Sequence[TastePhoto], *, personal: bool) -> Pictures:
    shown = (picture(one.photo, _figures(one, personal=personal)) for one in photos)
    return Pictures(tuple(one for one in shown if one))


def _figures(one: TastePhoto, *, personal: bool) -> str:
    if not personal:
        return f"{_CROWD} {one.generic:.1f}"
    return f"{one.score:.1f} ± {one.sd:.1f} · {_CROWD} {one.generic:.1f}"
