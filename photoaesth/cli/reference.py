"""`photoaesth reference`: rated photo sets for retrieval."""

from pathlib import Path
from typing import Annotated

import typer

from photoaesth.cli.console import (
    finish,
    note,
    plural,
    print_json,
    print_table,
    progress,
    skipped_json,
)
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Device, DeviceOption, Settings, global_options
from photoaesth.files import display_path

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
@global_options
def _reference(settings: Settings) -> None:
    """Add and list sets of rated photos.

    A network that learns a taste learns first from those that are most like your photos.

    Example: photoaesth reference list
    """


@app.command("add", cls=Command)
@global_options
def _add(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the set.")],
    photos: Annotated[Path, typer.Option(metavar="DIR", help="The folder with the photos.")],
    ratings: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Columns photo and score, or photo and 1 to 10."),
    ] = None,
    ava: Annotated[
        Path | None,
        typer.Option(metavar="FILE.txt", help="AVA.txt as published, instead of a CSV."),
    ] = None,
    backbone: Annotated[
        str,
        typer.Option(metavar="NAME", help="efficientnet-lite0, vgg16 or timm:NAME."),
    ] = "efficientnet-lite0",
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Weights for that backbone, if not the pulled ones."),
    ] = None,
    device: DeviceOption = Device.AUTO,
) -> None:
    """Measure rated photos and keep what was measured.

    A CSV has one line per rating (rater,photo,score or photo,score; any scale, higher is better)
    or one per photo with the number of ratings at each score (photo,1,2,3,4,5,6,7,8,9,10). Photos
    that are missing or broken are named and passed over. Interrupted, the same command carries on.

    Example: photoaesth reference add mine --photos rated --ratings ratings.csv
    """
    from photoaesth.workflows.reference import add_reference

    with progress(settings, "Measuring") as on_progress:
        report = add_reference(
            name,
            photos,
            ratings=ratings,
            ava=ava,
            backbone=backbone,
            weights=weights,
            device=device,
            on_progress=on_progress,
        )
    if settings.json:
        print_json(
            {
                "name": report.name,
                "photos": report.photos,
                "backbone": report.backbone,
                "path": display_path(report.path),
                "skipped": skipped_json(report.skipped),
            }
        )
    else:
        typer.echo(f"Added {report.name}: {plural(report.photos, 'photo')}, {report.backbone}.")
        note(settings, f"Kept in {display_path(report.path)}; it holds no images.")
    finish(settings, report.skipped)


@app.command("list", cls=Command)
@global_options
def _list(settings: Settings) -> None:
    """List the reference sets. The shipped one is what the crowd model was learned from.

    Example: photoaesth reference list
    """
    from photoaesth.workflows.reference import list_references

    references = list_references()
    if settings.json:
        print_json(
            {
                "references": [
                    {
                        "name": info.name,
                        "photos": info.photos,
                        "backbone": info.backbone,
                        "folder": display_path(info.folder) if info.folder else None,
                        "path": display_path(info.path) if info.path else None,
                    }
                    for info in references
                ]
            }
        )
        return
    rows = [
        (
            info.name,
            f"{info.photos:,}",
            info.backbone,
            display_path(info.folder) if info.folder else "no images",
        )
        for info in references
    ]
    print_table(("name", "photos", "backbone", "images"), rows, right="photos")
