"""A taste on one self-contained HTML page: what drives it, how it is spread, pictures."""

import base64
from pathlib import Path
from string import Template

from photoaesth.files import display_path
from photoaesth.report.page import fitted, html_text, page, picture_bytes
from photoaesth.report.plots import (
    Mark,
    bar_plot,
    common_limits,
    distribution_plot,
    interval_plot,
    timeline_plot,
)
from photoaesth.report.taste_values import (
    Bar,
    Bars,
    Label,
    Labels,
    Pair,
    Pairs,
    Picture,
    Pictures,
    Section,
    Spreads,
    TastePage,
    Timeline,
    Timelines,
)

_SECTION = Template("""\
<section aria-labelledby="section-$number">
<h2 id="section-$number">$title</h2>
<p class="lead">$lead</p>
$body
</section>
""")
_FIGURE = Template("""\
<figure class="picture" style="--ratio: $ratio">
<button type="button" class="frame" aria-label="Enlarge $name">\
<img src="data:image/jpeg;base64,$jpeg" width="$width" height="$height" alt="$name" \
decoding="async"></button>
<figcaption><span class="figures">$figures</span> <span class="name" title="$path">$name</span> \
<span class="caption">$caption</span></figcaption>
</figure>
""")
_PAIR = Template("""\
<li class="pair">
<div class="two">
<div><p class="side">$first</p>
$left</div>
<div><p class="side">$second</p>
$right</div>
</div>
<p class="words">$words</p>
</li>
""")


def taste_page(values: TastePage) -> str:
    """Return the page; it loads nothing from anywhere.

    Pictures are kept as they are while they fit into 10 MB together, and made smaller when they
    do not, so that the page stays below 15 MB.
    """
    bodies = [values.first, *(section.body for section in values.sections)]
    limit = picture_bytes(sum(map(_count_pictures, bodies)))
    return page(
        "taste.html",
        title=html_text(values.title),
        summary=html_text(values.summary),
        counts=html_text(values.counts),
        note=f'<p class="note">{html_text(values.note)}</p>' if values.note else "",
        first=_first(values, limit) if values.first.pictures else "",
        sections="".join(
            _section(section, number, limit) for number, section in enumerate(values.sections, 1)
        ),
    )


def _first(values: TastePage, limit: int) -> str:
    strip = _pictures(values.first, limit, kind="strip first")
    return f'{strip}<p class="more">{html_text(values.first_words)}</p>'


def _section(section: Section, number: int, limit: int) -> str:
    match section.body:
        case Spreads() as spreads:
            body = _spreads(spreads)
        case Bars() as bars:
            body = _bars(bars)
        case Labels() as labels:
            body = _labels(labels)
        case Timelines() as timelines:
            body = _timelines(timelines)
        case Pictures() as pictures:
            body = _pictures(pictures, limit)
        case Pairs() as pairs:
            body = f'<ul class="pairs">{"".join(_pair(one, limit) for one in pairs.pairs)}</ul>'
    title, lead = html_text(section.title), html_text(section.lead)
    return _SECTION.substitute(number=number, title=title, lead=lead, body=body)


# --- plots, each with its numbers


def _spreads(spreads: Spreads) -> str:
    first, second = map(html_text, spreads.names)
    rows = "".join(
        f'<tr><th scope="row">{score}</th><td>{ours:.1%}</td><td>{theirs:.1%}</td></tr>'
        for score, (ours, theirs) in enumerate(zip(spreads.ours, spreads.theirs, strict=True), 1)
    )
    plot = distribution_plot(spreads.ours, spreads.theirs, spreads.names)
    key = f'<span class="bars">{first}</span> <span class="steps">{second}</span>'
    table = f"<table>{_head('Score', first, second)}<tbody>{rows}</tbody></table>"
    numbers = f"<details><summary>In numbers</summary>{table}</details>"
    return f'<p class="key">{key}</p>{plot}{numbers}'


def _bars(bars: Bars) -> str:
    common = common_limits([bar.mark for bar in bars.rows], 0.0)
    rows = "".join(
        _bar(bar, common_limits([bar.mark], 0.0) if bars.own_scales else common)
        for bar in bars.rows
    )
    head = _head("Attribute", "", html_text(bars.unit))
    return f'<table class="plots bars">{head}<tbody>{rows}</tbody></table>'


def _bar(bar: Bar, limits: tuple[float, float]) -> str:
    label = f"{bar.title}: {_words(bar.mark)}"
    if bar.ring:
        label += f"; {bar.ring_name} {_words(bar.ring)}"
    plot = bar_plot(bar.mark, limits, label=label, ring=bar.ring.value if bar.ring else None)
    cells = f'<td class="drawn">{plot}</td><td class="number">{_number(bar.mark)}</td>'
    return f"<tr>{_row_head(bar.title, bar.detail)}{cells}</tr>"


def _labels(labels: Labels) -> str:
    few = html_text(", ".join(labels.left_out))
    more = f'<p class="more">Too few to tell: {few}.</p>' if few else ""
    if not labels.rows:
        return more
    first, second = map(html_text, labels.columns)
    differences = [label.difference for label in labels.rows if label.difference]
    cells = [[_row_head(label.name, label.detail)] for label in labels.rows]
    titles = [""]
    if differences:
        titles += [first, ""]
        limits = common_limits(differences, 0.0)
        for row, label in zip(cells, labels.rows, strict=True):
            row.append(_difference(label, limits, labels.columns[0]))
    if any(label.share for label in labels.rows):
        titles.append(second)
        for row, label in zip(cells, labels.rows, strict=True):
            row.append(_share(label, labels.columns[1]))
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in cells)
    return f'<table class="plots labels">{_head(*titles)}<tbody>{rows}</tbody></table>{more}'


def _difference(label: Label, limits: tuple[float, float], column: str) -> str:
    if label.difference is None:
        return '<td class="drawn"></td><td class="number"></td>'
    words = f"{label.name}, {column}: {_words(label.difference)}"
    plot = interval_plot(label.difference, limits, compared=0.0, label=words)
    return f'<td class="drawn">{plot}</td><td class="number">{_number(label.difference)}</td>'


def _share(label: Label, column: str) -> str:
    if label.share is None:
        return '<td class="share"></td>'
    words = f"{label.name}, {column}: {label.share.words}"
    plot = interval_plot(label.share.mark, (0.0, 1.0), compared=label.share.compared, label=words)
    return f'<td class="share">{plot}<small>{html_text(label.share.words)}</small></td>'


def _timelines(timelines: Timelines) -> str:
    limits = common_limits([mark for row in timelines.rows for mark in row.marks], 0.0)
    cards = "".join(_timeline(row, timelines.times, limits) for row in timelines.rows)
    return f'<ul class="timelines">{cards}</ul>'


def _timeline(row: Timeline, times: tuple[str, ...], limits: tuple[float, float]) -> str:
    told = "; ".join(f"{t}: {_words(mark)}" for t, mark in zip(times, row.marks, strict=True))
    low, high = map(html_text, row.ends)
    plot = timeline_plot(row.marks, limits, label=f"{row.title}: {told}")
    kind = "changed" if row.changed else "steady"
    return (
        f'<li><h3>{html_text(row.title)}</h3><p class="end">{high}</p>{plot}'
        f'<p class="end">{low}</p><p class="times"><span>{html_text(times[0])}</span> '
        f"<span>{html_text(times[-1])}</span></p>"
        f'<p class="verdict {kind}">{html_text(row.verdict)}</p></li>'
    )


def _head(*titles: str) -> str:
    """Return the head of a table; an empty title stands over a plot or a number."""
    cells = "".join(f'<th scope="col">{title}</th>' if title else "<td></td>" for title in titles)
    return f"<thead><tr>{cells}</tr></thead>"


def _row_head(title: str, detail: str) -> str:
    return f'<th scope="row">{html_text(title)} <small>{html_text(detail)}</small></th>'


def _words(mark: Mark) -> str:
    return f"{_signed(mark.value)} ({_signed(mark.low)} to {_signed(mark.high)})"


def _number(mark: Mark) -> str:
    kind = "clear" if mark.clear else "unclear"
    return (
        f'<span class="{kind}">{_signed(mark.value)}</span> '
        f"<small>{_signed(mark.low)} to {_signed(mark.high)}</small>"
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


# --- pictures


def _count_pictures(body: object) -> int:
    match body:
        case Pictures(pictures):
            return len(pictures)
        case Pairs(pairs):
            return 2 * len(pairs)
        case _:
            return 0


def _pictures(strip: Pictures, limit: int, *, kind: str = "strip") -> str:
    return f'<div class="{kind}">{"".join(_figure(one, limit) for one in strip.pictures)}</div>'


def _pair(pair: Pair, limit: int) -> str:
    return _PAIR.substitute(
        first=html_text(pair.captions[0]),
        second=html_text(pair.captions[1]),
        left=_figure(pair.left, limit),
        right=_figure(pair.right, limit),
        words=html_text(pair.words),
    )


def _figure(picture: Picture, limit: int) -> str:
    return _FIGURE.substitute(
        ratio=f"{picture.width / max(1, picture.height):.3f}",
        jpeg=base64.b64encode(fitted(picture.jpeg, limit)).decode(),
        width=picture.width,
        height=picture.height,
        figures=html_text(picture.figures),
        name=html_text(display_path(Path(picture.path.name))),
        path=html_text(display_path(picture.path)),
        caption=html_text(picture.caption),
    )
