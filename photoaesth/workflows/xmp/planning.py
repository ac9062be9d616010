"""Decide what `xmp write` writes: nothing is written here."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.library import comparisons
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import content_hash
from photoaesth.library.photo_files import PhotoFile, photo_files
from photoaesth.sidecars import EMBEDDABLE_SUFFIXES, Style, Wanted, write_marks
from photoaesth.workflows.profile_model import profile_model, score_all
from photoaesth.workflows.query import EVERY, Query
from photoaesth.workflows.xmp.options import WriteOptions
from photoaesth.workflows.xmp.places import read_packet
from photoaesth.workflows.xmp.sources import Folders, named_files, sources_of
from photoaesth.workflows.xmp.words import Words, photos_of, words_for

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One file that is to say something else.

    Attributes:
        path: the sidecar, or the photo itself.
        file: the photo's file.
        embedded: whether `path` is the photo.
        wanted: what it is to say.
        seen: content hash of the packet that is there; None where there is none.
    """

    path: Path
    file: PhotoFile
    embedded: bool
    wanted: Wanted
    seen: str | None


@dataclass(slots=True)
class WritePlan:
    """What a write would do.

    Attributes:
        profile: number of the profile whose taste it is.
        photos: how many photos were looked at.
        writes: the files to write, each once, in the order of their photos' paths.
        unchanged: how many files say all of it already.
        stars: how many photos are to get so many stars that they do not have.
        kept: photos whose stars or label somebody gave: those stay.
        skipped: files that cannot be read, and why.
        note: one line for the user where the generic model scored; empty otherwise.
    """

    profile: int
    photos: int = 0
    writes: list[PlannedWrite] = field(default_factory=list)
    unchanged: int = 0
    stars: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    note: str = ""


def plan_write(
    library_path: Path,
    profile: str,
    options: WriteOptions,
    *,
    on_progress: Progress = lambda done, total: None,
) -> WritePlan:
    """Look at photos and their sidecars, and say what a write would do.

    Raises:
        PhotoaesthError: a path is no indexed photo, nor a folder with any.
    """
    with open_library(library_path) as library:
        model = profile_model(library, profile)
        score_all(library, model)
        words = words_for(library, profile, model, options)
        chosen = Query(options.chosen, count=EVERY)
        asked = photos_of(library, profile, model, chosen)
        plan = WritePlan(comparisons.profile_id(library, profile), note=model.note)
        photos = _photos(library, asked, options.paths)
        folders = Folders()
        taken = set[Path]()
        for done, (files, among) in enumerate(photos, start=1):
            _plan_photo(plan, files, among, words, folders, taken)
            on_progress(done, len(photos))
    plan.photos = len(photos)
    return plan


def _plan_photo(
    plan: WritePlan,
    files: Sequence[PhotoFile],
    among: Sequence[PhotoFile],
    words: Words,
    folders: Folders,
    taken: set[Path],
) -> None:
    """Plan the writes of one photo: all of its files are read, those `among` them written.

    What is `taken` is planned already: no file gets the words of two photos.
    """
    sources, skipped = sources_of(files, folders)
    if skipped:  # whether somebody rated it is not known
        plan.skipped += skipped
        return
    wanted, kept = words.of(files[0].photo_id, sources)
    plan.kept += kept
    is_rated_anew = False
    for file in among:
        for path, embedded in _targets(file, files, words.options, folders):
            if path in taken:
                continue
            taken.add(path)
            try:
                packet = read_packet(path, embedded=embedded)
                changes = write_marks(packet, wanted, at=datetime.now(UTC)).changes
            except (PhotoaesthError, OSError) as error:
                plan.skipped.append(Skipped(path, str(error)))
                continue
            if not changes:
                plan.unchanged += 1
                continue
            known_by = None if packet is None else content_hash(packet)
            plan.writes.append(PlannedWrite(path, file, embedded, wanted, known_by))
            is_rated_anew |= any(change.field == "xmp:Rating" for change in changes)
    if is_rated_anew and wanted.rating is not None:
        plan.stars[wanted.rating] += 1


def _targets(
    file: PhotoFile, files: Sequence[PhotoFile], options: WriteOptions, folders: Folders
) -> list[tuple[Path, bool]]:
    """Return where a file's words go, and whether that is the photo itself."""
    folder = folders.of(file.path)
    there = folder.sidecars(file.path)
    if options.embed and file.path.suffix.lower() in EMBEDDABLE_SUFFIXES:
        return [(file.path, True), *((path, False) for path in there)]
    if not there and options.style == Style.ADOBE and _has_raw_beside(file, files):
        return []
    return [(path, False) for path in folder.targets(file.path, Style(options.style))]


def _has_raw_beside(file: PhotoFile, files: Sequence[PhotoFile]) -> bool:
    """Return whether the RAW file of the same shot is beside a file: Adobe's `IMG.xmp` is its."""
    return any(
        other.companion and not file.companion and other.path.with_suffix("") == stem
        for stem in [file.path.with_suffix("")]
        for other in files
    )


def _photos(
    library: Library, ids: Iterable[int], paths: Sequence[Path]
) -> list[tuple[list[PhotoFile], list[PhotoFile]]]:
    """Return all the files of each photo, and those that paths name; photos by path."""
    by_photo: dict[int, list[PhotoFile]] = {photo: [] for photo in ids}
    for file in photo_files(library):
        if file.photo_id in by_photo:
            by_photo[file.photo_id].append(file)
    named = set(named_files(library, paths))
    found = [(files, [f for f in files if f in named]) for files in by_photo.values()]
    return sorted(
        ((files, among) for files, among in found if among), key=lambda both: both[1][0].path
    )
