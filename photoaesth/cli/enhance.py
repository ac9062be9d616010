"""`photoaesth enhance`."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import finish, note, plural, progress
from photoaesth.cli.enhance_report import print_report
from photoaesth.cli.help import Command
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.cli.photo_filter import filter_options
from photoaesth.errors import UsageError
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.enhance import EnhanceOptions, PhotoFilter


class EditTask(StrEnum):
    """What may be changed."""

    AUTO = "auto"
    EXPOSURE = "exposure"
    COLOR = "color"
    DEHAZE = "dehaze"


class EditMethod(StrEnum):
    """How edits are found."""

    AUTO = "auto"
    SEARCH = "search"
    POLICY = "policy"


class CopyFormat(StrEnum):
    """In which format copies are written."""

    JPEG = "jpeg"
    TIFF = "tiff"
    PNG = "png"
    WEBP = "webp"


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("enhance", cls=Command)(_enhance)


@global_options
@filter_options
def _enhance(
    settings: Settings,
    *,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH", help="Photos or folders.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the copies.")
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="The N best photos of the library, in place of paths."
        ),
    ] = None,
    chosen: "PhotoFilter",
    task: Annotated[
        EditTask | None,
        typer.Option(
            metavar="TASK", help="What to change: auto, exposure, color or dehaze [default: auto]."
        ),
    ] = None,
    method: Annotated[
        EditMethod | None,
        typer.Option(
            metavar="METHOD",
            help="How to find the edit: auto, search (what the model scores best) or policy (what "
            "was learned from your retouches, without any the shipped starter) [default: auto].",
        ),
    ] = None,
    strength: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Share of the edit to make, 0 to 1 [default: 1]."
        ),
    ] = None,
    only_if_better: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="GAIN", help="No copy of photos that gain less than this in score."
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Apply this file of parameters (.json) or table of colours (.cube) to all photos "
            "instead of finding an edit for each.",
        ),
    ] = None,
    straighten: Annotated[
        bool, typer.Option("--straighten", help="Level tilted photos, by their horizon and lines.")
    ] = False,
    crop: Annotated[
        bool, typer.Option("--crop", help="Crop toward the rule of thirds where that pays.")
    ] = False,
    format_: Annotated[
        CopyFormat | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Write copies as jpeg, tiff, png or webp [default: as each photo is, if it is "
            "one of them, else jpeg].",
        ),
    ] = None,
    quality: Annotated[
        int, typer.Option(min=1, max=100, metavar="N", help="Quality of JPEG and WebP, 1 to 100.")
    ] = 92,
    size: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Longer side of the copies in pixels; nothing is enlarged."
        ),
    ] = None,
    preview: Annotated[
        bool,
        typer.Option("--preview", help="Show before and after in the terminal, and write nothing."),
    ] = False,
    preview_sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Show them on a page, and write nothing but the page."
        ),
    ] = None,
    lut: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.cube",
            help="Write the average look as a table of colours for other programs.",
        ),
    ] = None,
    params: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="Write the average look as parameters."),
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many copies to make at once.")
    ] = 2,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace earlier copies, and other files you name.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Pass over photos that have their copy from an earlier run."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be done and write nothing.")
    ] = False,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Write enhanced copies of photos, to your taste.

    Light and colour are changed as far as the model expects you to prefer the result. Originals
    are only read. Copies keep their metadata and colour profile; this library never indexes them.

    The photos are those that you name, or those of the library that pass filters, or the best of
    them with --top.

    Example: photoaesth enhance --top 10 --output ~/Pictures/enhanced
    """
    from photoaesth.workflows.enhance import EnhanceOptions

    options = EnhanceOptions(
        top=top,
        chosen=chosen,
        task=(task or EditTask.AUTO).value,
        method=(method or EditMethod.AUTO).value,
        strength=1.0 if strength is None else strength,
        look=apply,
        straighten=straighten,
        crop=crop,
        least_gain=only_if_better,
        format=format_.name if format_ else None,
        quality=quality,
        longer_side=size,
        cube=lut,
        parameters=params,
        overwrite=overwrite,
        resume=resume,
        dry_run=dry_run,
        jobs=jobs,
        device=device,
    )
    _check_preview(options, preview_sheet, in_terminal=preview)
    _check_photos(paths or [], options)
    _check_files(options, preview_sheet)
    if apply is not None:
        _check_given(apply, options, finding=(task, method, strength, only_if_better))
    if preview or preview_sheet is not None:
        _preview(settings, paths or [], options, preview_sheet)
        return
    if output is None and lut is None and params is None:
        raise UsageError(
            "say where the copies go with --output DIR, or ask for --preview, --lut or --params"
        )
    _write(settings, paths or [], output, options)


def _write(
    settings: Settings, paths: Sequence[Path], output: Path | None, options: "EnhanceOptions"
) -> None:
    from photoaesth.workflows.enhance import enhance

    with progress(settings, "Enhancing") as on_progress:
        report = enhance(
            settings.library, settings.profile, paths, output, options, on_progress=on_progress
        )
    print_report(settings, report, dry_run=options.dry_run)
    verb = "Would write" if options.dry_run else "Wrote"
    if output is not None:
        note(settings, f"{verb} {plural(len(report.enhanced), 'enhanced photo')}.")
    for file in (options.cube, options.parameters):
        if file is not None and report.enhanced:
            of = plural(len(report.enhanced), "photo")
            note(settings, f"{verb} {display_path(file.absolute())}, the average look of {of}.")
    finish(settings, report.skipped)


def _preview(
    settings: Settings, paths: Sequence[Path], options: "EnhanceOptions", sheet: Path | None
) -> None:
    from photoaesth.cli.enhance_preview import preview_in_terminal, preview_on_page

    if sheet is not None:
        preview_on_page(settings, paths, options, sheet)
    else:
        preview_in_terminal(settings, paths, options)


def _check_photos(paths: Sequence[Path], options: "EnhanceOptions") -> None:
    from photoaesth.workflows.enhance import PhotoFilter

    of_library = options.top is not None or options.chosen != PhotoFilter()
    if bool(paths) == of_library:
        raise UsageError("say which photos: either paths, or --top N or filters such as --under")


def _check_preview(options: "EnhanceOptions", sheet: Path | None, *, in_terminal: bool) -> None:
    if not in_terminal and sheet is None:
        return
    if in_terminal and sheet is not None:
        raise UsageError("give either --preview or --preview-sheet, not both")
    if sheet is not None and options.dry_run:
        raise UsageError("--dry-run writes nothing, not even a page; leave out one of the two")
    if options.cube or options.parameters:
        raise UsageError(
            "a preview writes no look; ask for --lut and --params in a run of their own"
        )


def _check_files(options: "EnhanceOptions", sheet: Path | None) -> None:
    """Refuse names that would make a file of one kind look like another, a photo for instance."""
    for option, file, suffixes in (
        ("--lut", options.cube, (".cube",)),
        ("--params", options.parameters, (".json",)),
        ("--preview-sheet", sheet, (".html", ".htm")),
        ("--apply", options.look, (".json", ".cube")),
    ):
        if file is not None and file.suffix.lower() not in suffixes:
            raise UsageError(
                f"{option} takes a name that ends in {' or '.join(suffixes)}, "
                f"not {display_path(file)}"
            )
    if options.resume and (options.cube or options.parameters):
        raise UsageError(
            "--resume passes over photos, whose edits would be missing from the average look; "
            "ask for --lut and --params in a run of their own, without --output"
        )


def _check_given(
    look: Path, options: "EnhanceOptions", *, finding: Sequence[object | None]
) -> None:
    if any(value is not None for value in finding):
        raise UsageError(
            "--apply takes the edit from a file; leave out --task, --method, --strength and "
            "--only-if-better"
        )
    if look.suffix.lower() == ".cube" and (options.cube or options.parameters):
        raise UsageError("a .cube file has no parameters that --lut or --params could write")
