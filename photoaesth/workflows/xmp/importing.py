"""Take over stars, picks, labels and keywords that were given in other programs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.library import comparisons, ratings, sidecar_journal
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import content_hash
from photoaesth.library.keywords import keywords_of, set_keywords
from photoaesth.library.photo_files import PhotoFile
from photoaesth.library.ratings import Rating
from photoaesth.sidecars import ROOT_KEYWORD
from photoaesth.workflows.xmp.places import read_packet
from photoaesth.workflows.xmp.sources import (
    Folders,
    Source,
    changed_at,
    given_label,
    given_stars,
    named_files,
    own_ratings,
    sources_of,
)

Progress = Callable[[int, int], None]
_SOURCE = "xmp"
_ACCEPTED_STARS = 4  # what a photo that was picked and not starred counts as


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one source says of a photo, as a rating.

    Attributes:
        path: the sidecar, or the photo itself.
        stars: −1 (rejected) to 5.
        at: when it was said.
    """

    path: Path
    stars: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """A photo of which two programs say different things.

    Attributes:
        photo: one of its files.
        opinions: what is said, the one that counts first.
    """

    photo: Path
    opinions: tuple[Opinion, ...]


@dataclass(slots=True)
class XmpImportReport:
    """What an import found.

    Attributes:
        photos: how many photos were looked at.
        imported: how many have another rating than before, or none any more.
        known: how many ratings say nothing new.
        kept: how many photos keep the newer rating that was given here.
        ours: how many photos carry no stars but those that we wrote.
        keywords: how many photos have other keywords than before.
        conflicts: photos of which two programs say different things.
        skipped: files that cannot be read, and why.
    """

    photos: int = 0
    imported: int = 0
    known: int = 0
    kept: int = 0
    ours: int = 0
    keywords: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def import_xmp(
    library_path: Path,
    profile: str,
    folders: Sequence[Path],
    *,
    labels: Mapping[str, int] | None = None,
    on_progress: Progress = lambda done, total: None,
) -> XmpImportReport:
    """Take over what sidecars and photos say: ratings for the profile, keywords for all.

    Where several say different things, the newest counts. Stars that we wrote ourselves are
    nobody's. A rating that was given in this program gives way only to one that is newer and that
    no earlier import brought; one that an import brought goes when its stars are taken back.

    Args:
        library_path: the library.
        profile: whose ratings.
        folders: folders or files; all photos when empty.
        labels: stars that labels stand for, by the label's name, of photos without stars or pick.
        on_progress: told about every photo that is done.

    Raises:
        PhotoaesthError: a path is no indexed photo, nor a folder with any.
    """
    meaning = {name.casefold(): stars for name, stars in (labels or {}).items()}
    report = XmpImportReport()
    with open_library(library_path) as library:
        number = comparisons.profile_id(library, profile)
        standing = ratings.standing(library, number)
        last = ratings.last_from(library, number, _SOURCE)
        photos: dict[int, list[PhotoFile]] = {}
        for file in named_files(library, folders):
            photos.setdefault(file.photo_id, []).append(file)
        listings = Folders()
        dates = sidecar_journal.dates_before(library)
        written = {path for path, _ in dates}
        values: dict[int, float | None] = {}
        words: dict[int, set[str]] = {}
        for photo, files in photos.items():
            sources, skipped = sources_of(files, listings)
            report.skipped += skipped
            report.photos += 1
            on_progress(report.photos, len(photos))
            if skipped:  # half of what is said would pass for all of it
                continue
            words[photo] = _keywords(sources)
            dated = [_dated(source, written, dates) for source in sources]
            opinions = _opinions(dated, meaning)
            if not opinions:
                _without_stars(report, photo, sources, standing, values)
                continue
            if len({opinion.stars for opinion in opinions}) > 1:
                report.conflicts.append(Conflict(files[0].path, tuple(opinions)))
            value = max(opinions[0].stars, 0) / 5
            if _is_news(value, opinions[0].at, standing.get(photo), last.get(photo)):
                values[photo] = value
            elif standing[photo].value == value:
                report.known += 1
            else:
                report.kept += 1
        report.imported = ratings.set_ratings(library, number, values, source=_SOURCE)
        report.keywords = _store_keywords(library, words)
    return report


def _opinions(sources: Sequence[Source], labels: Mapping[str, int]) -> list[Opinion]:
    """Return what sources say as stars, the one that counts first: the newest."""
    own = own_ratings(sources)
    found = []
    for source in sources:
        stars = given_stars(source, own)
        if stars is None and source.marks.pick == "accepted" != source.marks.own_pick:
            stars = _ACCEPTED_STARS
        if stars is None:
            stars = labels.get((given_label(source) or "").casefold())
        if stars is not None:
            found.append(Opinion(source.path, stars, source.at))
    return sorted(found, key=lambda opinion: opinion.at, reverse=True)


def _dated(
    source: Source, written: Collection[Path], dates: Mapping[tuple[Path, str], str | None]
) -> Source:
    """Return a source with the date of somebody's last word, where the date in it is ours.

    Not all programs date what they change: if one did change it, the file's time says when.
    """
    if source.path not in written:
        return source
    packet = read_packet(source.path, embedded=source.embedded)
    if packet is None:  # taken away just now
        return source
    key = source.path, content_hash(packet)
    if key not in dates:
        return replace(source, at=max(source.at, changed_at(source.path)))
    try:
        before = datetime.fromisoformat(dates[key] or "")
    except ValueError:  # it had none: theirs is older than anything that has one
        before = datetime.min.replace(tzinfo=UTC)
    return replace(source, at=before if before.tzinfo else before.replace(tzinfo=UTC))


def _without_stars(
    report: XmpImportReport,
    photo: int,
    sources: Sequence[Source],
    standing: Mapping[int, Rating],
    values: dict[int, float | None],
) -> None:
    """Note that nobody rates a photo: a rating that an import brought was taken back."""
    if own_ratings(sources):
        report.ours += 1
    elif sources and photo in standing and standing[photo].source == _SOURCE:
        values[photo] = None


def _is_news(value: float, at: datetime, standing: Rating | None, last: float | None) -> bool:
    """Return whether a rating that was found is to count from now on."""
    if standing is None:
        return True
    if standing.value == value:
        return False
    if standing.source == _SOURCE:
        return True
    return value != last and at > datetime.fromisoformat(standing.created_at)


def _keywords(sources: Sequence[Source]) -> set[str]:
    """Return what others called a photo; where `places|Italy` is there, `Italy` is not also.

    Of words that differ in case alone only one is kept, the first in the order of characters.
    """
    hierarchical = {word for source in sources for word in source.marks.hierarchical}
    levels = {level.casefold() for word in hierarchical for level in word.split("|")}
    flat = {word for source in sources for word in source.marks.keywords}
    words = {word for word in hierarchical if word.split("|")[0] != ROOT_KEYWORD}
    words |= {word for word in flat if word.casefold() not in levels}
    return set({word.casefold(): word for word in sorted(words, reverse=True)}.values())


def _store_keywords(library: Library, words: Mapping[int, set[str]]) -> int:
    """Store the keywords of photos; return how many have others than before."""
    before = keywords_of(library, list(words))
    changed = {
        p: found for p, found in words.items() if _folded(found) != _folded(before.get(p, ()))
    }
    with library.transaction():
        for photo, found in changed.items():
            set_keywords(library, photo, sorted(found))
    return len(changed)


def _folded(words: Iterable[str]) -> set[str]:
    return {word.casefold() for word in words}
