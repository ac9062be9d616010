"""Write enhanced copies of photos, toward a profile's taste."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from photoaesth.domain import Skipped
from photoaesth.enhance.copies import output_path, write_copy
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode
from photoaesth.library import excluded, locations, photos
from photoaesth.library.database import Library, open_library
from photoaesth.library.found import content_hash
from photoaesth.workflows.rank import PhotoFilter, rank_library
from photoaesth.workflows.score import photo_files

if TYPE_CHECKING:
    from photoaesth.workflows.enhance.proposing import Proposer


@dataclass(frozen=True, slots=True)
class Enhanced:
    """One copy, written or planned.

    Attributes:
        source: the photo.
        output: the copy.
        parameters: values of the image operations by name.
        score_before: the profile's score of the photo as it is, on the small copy.
        score_after: the same of the copy.
    """

    source: Path
    output: Path
    parameters: Mapping[str, float]
    score_before: float
    score_after: float


@dataclass(slots=True)
class EnhanceReport:
    """What was written.

    Attributes:
        written: copies, in the order of the photos asked for.
        skipped: photos without a copy, and why.
        note: one line for the user when the generic model guided the search; empty otherwise.
    """

    written: list[Enhanced] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    note: str = ""


def enhance(
    library_path: Path,
    profile: str,
    paths: Sequence[Path],
    output: Path,
    *,
    top: int | None = None,
    overwrite: bool = False,
    dry_run: bool = False,
    device: str = "auto",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> EnhanceReport:
    """Find the parameters that the profile likes best and write copies with them.

    Args:
        library_path: the library; need not exist when paths are given.
        profile: whose taste.
        paths: photos or folders.
        output: folder for the copies; made if need be, and never indexed.
        top: enhance the profile's best photos instead of `paths`.
        overwrite: replace copies that exist. A photo of the library, or one of those to be
            enhanced, is never replaced.
        dry_run: find parameters, write nothing.
        device: where the score is computed.
        on_progress: told about every photo that is done.

    Raises:
        PhotoaesthError: a path does not exist, the output folder cannot be made, the disk is full.
    """
    from photoaesth.workflows.enhance.proposing import Proposer

    output = output.expanduser().resolve()
    if output.exists() and not output.is_dir():
        raise PhotoaesthError(f"{display_path(output)} is a file; choose a folder for --output")
    with open_library(library_path, create=bool(paths)) as library:
        report = EnhanceReport()
        sources = _sources(library, profile, paths, top, report)
        proposer = Proposer(library, profile, device=device)
        report.note = proposer.note
        targets = _targets(sources, output)
        on_progress(0, len(targets))
        for done, (source, target) in enumerate(targets.items(), start=1):
            result = _refusal(library, target, sources, overwrite=overwrite) or _copy(
                library, source, target, proposer, overwrite=overwrite, dry_run=dry_run
            )
            if isinstance(result, Enhanced):
                report.written.append(result)
            else:
                report.skipped.append(Skipped(source, result))
            on_progress(done, len(targets))
    return report


def _sources(
    library: Library,
    profile: str,
    paths: Sequence[Path],
    top: int | None,
    report: EnhanceReport,
) -> dict[Path, Path | None]:
    """Return the photos with the folder below which each keeps its place among the copies."""
    if top is not None:
        best = rank_library(library, profile, limit=top, best_first=True, chosen=PhotoFilter())
        roots = locations.roots(library)
        return {
            photo.path: next((root for root in roots if root in photo.path.parents), None)
            for photo in best.photos
        }
    ours = excluded.output_paths(library)
    sources: dict[Path, Path | None] = {}
    for path in paths:
        files, skipped = photo_files([path])
        base = path.expanduser().resolve()
        report.skipped += skipped
        for file in files:
            if file not in ours or not base.is_dir():
                sources.setdefault(file, base if base.is_dir() else None)
    return sources


def _targets(sources: Mapping[Path, Path | None], output: Path) -> dict[Path, Path]:
    """Return where each copy goes; those that would share a name are numbered."""
    targets: dict[Path, Path] = {}
    taken: set[str] = set()
    for source, base in sources.items():
        wanted = output_path(source, output, base)
        target, number = wanted, 2
        while str(target).casefold() in taken:  # many disks do not tell A from a
            target = wanted.with_stem(f"{wanted.stem}-{number}")
            number += 1
        taken.add(str(target).casefold())
        targets[source] = target
    return targets


def _refusal(
    library: Library, target: Path, sources: Mapping[Path, object], *, overwrite: bool
) -> str | None:
    """Return why a target must not be written, before time is spent on what would go there."""
    place = target.resolve()  # a link must not lead to a photo
    if place in sources or photos.photo_by_path(library, place) is not None:
        return (
            f"{display_path(target)} is a photo, and photos are never replaced; "
            "choose another --output"
        )
    return _exists(target) if target.exists() and not overwrite else None


def _copy(
    library: Library,
    source: Path,
    target: Path,
    proposer: "Proposer",
    *,
    overwrite: bool,
    dry_run: bool,
) -> Enhanced | str:
    """Find parameters and write a copy with them; return it, or why there is none."""
    try:
        image = decode(source, min_side=DECODED_SIDE).image
        proposal = proposer.propose(image)
        if not dry_run:
            write_copy(
                source,
                target,
                proposal.parameters,
                overwrite=overwrite,
                before_writing=lambda content: excluded.remember_output(
                    library, target, content_hash(content)
                ),
            )
    except UnreadableImageError as error:
        return str(error)
    except FileExistsError:
        return _exists(target)
    return Enhanced(
        source, target, proposal.parameters, proposal.score_before, proposal.score_after
    )


def _exists(target: Path) -> str:
    return f"{display_path(target)} exists; --overwrite replaces it"
