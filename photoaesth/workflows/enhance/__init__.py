"""Write enhanced copies of photos, toward a profile's taste."""

from collections.abc import Callable, Sequence
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import display_path, remove_abandoned_parts
from photoaesth.library.database import Library, open_library
from photoaesth.library.filters import PhotoFilter
from photoaesth.workflows.enhance.choosing import Job, choose, output_folder
from photoaesth.workflows.enhance.exports import check_targets, write_exports
from photoaesth.workflows.enhance.options import Enhanced, EnhanceOptions, EnhanceReport, Preview

__all__ = [
    "EnhanceOptions",
    "EnhanceReport",
    "Enhanced",
    "PhotoFilter",
    "Preview",
    "check_targets",
    "enhance",
    "preview",
]

# Finding and making edits loads torch, which takes seconds: what is wrong with the question is
# said before that, and so their modules are imported late.

Progress = Callable[[int, int], None]


def enhance(
    library_path: Path,
    profile: str,
    paths: Sequence[Path],
    output: Path | None,
    options: EnhanceOptions | None = None,
    *,
    on_progress: Progress = lambda done, total: None,
) -> EnhanceReport:
    """Find the edits that a profile likes best and write copies with them.

    Args:
        library_path: the library; need not exist when paths are given.
        profile: whose taste.
        paths: photos or folders; none for photos of the library, see `EnhanceOptions`.
        output: folder for the copies; made if need be, and never indexed. None for no copies,
            only the files of the average look.
        options: what else is asked for.
        on_progress: told about every photo that is done.

    Raises:
        PhotoaesthError: a path does not exist, a file of the average look does and is not to be
            replaced, the output folder cannot be made, the disk is full.
    """
    options = options or EnhanceOptions()
    folder = output_folder(output, dry_run=options.dry_run) if output is not None else None
    check_targets((options.cube, options.parameters), overwrite=options.overwrite)
    _check_look(options)
    with open_library(library_path, create=bool(paths)) as library:
        report = EnhanceReport()
        jobs = choose(library, profile, paths, folder, options, report)
        if options.resume and not options.dry_run:
            for folder in {job.target.parent for job in jobs if job.target}:
                remove_abandoned_parts(folder)
        if jobs:
            _run(library, profile, jobs, options, report, on_progress)
    if report.enhanced and not options.dry_run:
        write_exports(report.enhanced, options, title=f"photoaesth, the look of {profile}")
    return report


def preview(
    library_path: Path,
    profile: str,
    paths: Sequence[Path],
    options: EnhanceOptions | None = None,
    *,
    on_preview: Callable[[Preview], None],
    on_progress: Progress = lambda done, total: None,
) -> EnhanceReport:
    """Show what `enhance` would make of photos, and write nothing.

    Args:
        library_path: as for `enhance`.
        profile: as for `enhance`.
        paths: as for `enhance`.
        options: as for `enhance`; those about writing do not matter.
        on_preview: shown each photo, in the order of the report.
        on_progress: as for `enhance`.

    Raises:
        PhotoaesthError: a path does not exist.
    """
    options = options or EnhanceOptions()
    _check_look(options)
    with open_library(library_path, create=bool(paths)) as library:
        report = EnhanceReport()
        jobs = choose(library, profile, paths, None, options, report)
        if not jobs:
            return report
        from photoaesth.workflows.enhance.finding import Finder

        finder = Finder(library, profile, options)
        report.note = report.note or finder.note  # the ranking may have said it
        on_progress(0, len(jobs))
        for done, job in enumerate(jobs, start=1):
            try:
                shown = finder.preview(job.source)
            except UnreadableImageError as error:
                report.skipped.append(Skipped(job.source, str(error)))
            else:
                if options.gains_enough(shown.photo):
                    report.enhanced.append(shown.photo)
                    on_preview(shown)
                else:
                    report.not_better += 1
            on_progress(done, len(jobs))
    return report


def _run(
    library: Library,
    profile: str,
    jobs: Sequence[Job],
    options: EnhanceOptions,
    report: EnhanceReport,
    on_progress: Progress,
) -> None:
    """Find edits one after the other; copies are made meanwhile."""
    from photoaesth.workflows.enhance.finding import Finder
    from photoaesth.workflows.enhance.making import Copies, Outcome

    finder = Finder(library, profile, options)
    report.note = report.note or finder.note  # the ranking may have said it
    outcomes: dict[int, Outcome | None] = {}

    def note(number: int, outcome: Outcome | None) -> None:
        outcomes[number] = outcome
        on_progress(len(outcomes), len(jobs))

    on_progress(0, len(jobs))
    with Copies(library, options, note) as copies:
        for number, job in enumerate(jobs):
            try:
                found = finder.find(job.source)
            except UnreadableImageError as error:
                note(number, str(error))
                continue
            photo = found.photo(job.source, job.target)
            if not options.gains_enough(photo):
                note(number, None)
            elif job.target is None or options.dry_run:
                note(number, photo)
            else:
                copies.make(number, job.source, job.target, found)
        copies.finish()
    for number, job in enumerate(jobs):
        match outcomes[number]:
            case Enhanced() as photo:
                report.enhanced.append(photo)
            case str() as reason:
                report.skipped.append(Skipped(job.source, reason))
            case None:
                report.not_better += 1


def _check_look(options: EnhanceOptions) -> None:
    if options.look is not None and not options.look.is_file():
        raise PhotoaesthError(f"there is no file {display_path(options.look)}; check the name")
