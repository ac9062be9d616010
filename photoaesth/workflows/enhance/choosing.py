"""Which photos are enhanced, where their copies go, and what must not be written."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.enhance.naming import output_path
from photoaesth.enhance.origin import origin_of
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path, write_error
from photoaesth.library import excluded, locations, photos
from photoaesth.library.database import Library
from photoaesth.library.found import content_hash
from photoaesth.workflows.enhance.options import EnhanceOptions, EnhanceReport
from photoaesth.workflows.query import EVERY, Query
from photoaesth.workflows.rank import rank_library
from photoaesth.workflows.score import photo_files

_COPY_STEM = re.compile(r".*-enhanced(-\d+)?")  # as `output_path` and `_targets` name copies


@dataclass(frozen=True, slots=True)
class Job:
    """A photo to be enhanced, and where its copy goes; None for nowhere."""

    source: Path
    target: Path | None


def output_folder(output: Path, *, dry_run: bool) -> Path:
    """Return the folder for copies, absolute; it need not exist.

    Raises:
        PhotoaesthError: it is a file, or nothing may be written there.
    """
    folder = output.expanduser().resolve()
    if folder.exists() and not folder.is_dir():
        raise PhotoaesthError(f"{display_path(folder)} is a file; choose a folder for --output")
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not dry_run and not os.access(there, os.W_OK):
        raise PhotoaesthError(f"cannot write to {display_path(there)}; choose another --output")
    return folder


def choose(
    library: Library,
    profile: str,
    paths: Sequence[Path],
    output: Path | None,
    options: EnhanceOptions,
    report: EnhanceReport,
) -> list[Job]:
    """Return the photos that are to be enhanced; the report hears of the others.

    Args:
        library: where.
        profile: whose best photos, without paths.
        paths: photos or folders.
        output: folder for the copies, absolute; None for no copies.
        options: what else is asked for.
        report: what was skipped and what was passed over is added to it.

    Raises:
        PhotoaesthError: a path does not exist.
    """
    sources = (
        _named(library, paths, report) if paths else _of_library(library, profile, options, report)
    )
    if output is None:
        return [Job(source, None) for source in sources]
    chosen = []
    for source, target in _targets(sources, output, options.format).items():
        if options.resume and _is_copy(source, target):
            report.resumed += 1
        elif reason := _refusal(library, target, sources, overwrite=options.overwrite):
            report.skipped.append(Skipped(source, reason))
        else:
            chosen.append(Job(source, target))
    return chosen


def exists(target: Path) -> str:
    """Return the reason for a copy that is not written because its place is taken."""
    return f"{display_path(target)} exists; --overwrite replaces it"


def _named(
    library: Library, paths: Sequence[Path], report: EnhanceReport
) -> dict[Path, Path | None]:
    """Return the photos with the folder below which each keeps its place among the copies."""
    ours = excluded.output_paths(library)
    sources: dict[Path, Path | None] = {}
    for path in paths:
        files, skipped = photo_files([path])
        base = path.expanduser().resolve()
        report.skipped += skipped
        for file in files:
            if not base.is_dir():
                sources.setdefault(file, None)
            elif file not in ours and not _is_any_copy(file):
                sources.setdefault(file, base)
    return sources


def _of_library(
    library: Library, profile: str, options: EnhanceOptions, report: EnhanceReport
) -> dict[Path, Path | None]:
    """Return the best photos that pass the filters, the same way."""
    count = EVERY if options.top is None else options.top
    ranked = rank_library(library, profile, Query(options.chosen, count))
    report.note = ranked.note
    roots = locations.roots(library)
    return {
        photo.path: next((root for root in roots if root in photo.path.parents), None)
        for photo in ranked.photos
    }


def _targets(
    sources: Mapping[Path, Path | None], output: Path, format_: str | None
) -> dict[Path, Path]:
    """Return where each copy goes; those that would share a name are numbered."""
    targets: dict[Path, Path] = {}
    taken: set[str] = set()
    for source, base in sources.items():
        wanted = output_path(source, output, base, format=format_)
        target, number = wanted, 2
        while str(target).casefold() in taken:  # many disks do not tell A from a
            target = wanted.with_stem(f"{wanted.stem}-{number}")
            number += 1
        taken.add(str(target).casefold())
        targets[source] = target
    return targets


def _is_copy(source: Path, target: Path) -> bool:
    """Return whether an earlier run made this copy of what the photo is now."""
    try:
        origin = origin_of(target)
        return bool(origin) and origin == content_hash(source.read_bytes())
    except OSError:  # there is none
        return False


def _is_any_copy(file: Path) -> bool:
    """Return whether a file is a copy by its name and its note: other libraries' are copies too."""
    try:
        return bool(_COPY_STEM.fullmatch(file.stem) and origin_of(file))
    except OSError:  # whoever decodes it says what is wrong
        return False


def _refusal(
    library: Library, target: Path, sources: Mapping[Path, object], *, overwrite: bool
) -> str | None:
    """Return why a target must not be written, before time is spent on what would go there."""
    try:
        return _taken(library, target, sources, overwrite=overwrite)
    except OSError as error:  # a name that is too long with the suffix, for instance
        return str(write_error(target, error))


def _taken(
    library: Library, target: Path, sources: Mapping[Path, object], *, overwrite: bool
) -> str | None:
    place = target.resolve()  # a link must not lead to a photo
    if place in sources or photos.photo_by_path(library, place) is not None:
        return (
            f"{display_path(target)} is a photo, and photos are never replaced; "
            "choose another --output"
        )
    if target.is_symlink():
        return f"{display_path(target)} is a link; choose another --output"
    if not target.exists():
        return None
    if not overwrite:
        return exists(target)
    # A copy without a note, as XMP has no room in some JPEGs, is known by its content.
    if origin_of(target) or excluded.is_output(library, content_hash(target.read_bytes())):
        return None
    return (
        f"{display_path(target)} was not written by enhance, and photos are never replaced; "
        "choose another --output"
    )
