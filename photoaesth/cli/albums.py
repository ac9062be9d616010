"""`photoaesth albums`: saved rankings."""

from typing import Annotated

import typer

from photoaesth.cli.console import confirm, note, print_json, print_table
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, YesOption, global_options
from photoaesth.cli.query_words import in_words
from photoaesth.cli.rank_outputs import Outputs, output_options, write_outputs

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The album.")]


@app.callback()
@global_options
def _albums(settings: Settings) -> None:
    """List, show and drop what rank --save NAME saved.

    Example: photoaesth albums list
    """


@app.command("list", cls=Command)
@global_options
def _list(settings: Settings) -> None:
    """List your albums: what each asks for, and how many it has.

    Example: photoaesth albums list
    """
    from photoaesth.workflows.albums import list_albums
    from photoaesth.workflows.query import to_json

    known = list_albums(settings.library, settings.profile)
    if settings.json:
        print_json(
            {
                "albums": [
                    {
                        "name": album.name,
                        "query": to_json(album.query) if album.query else None,
                        "words": in_words(album.query) if album.query else None,
                        "photos": album.photos,
                        "problem": album.problem or None,
                        "created_at": album.created_at,
                    }
                    for album in known
                ]
            }
        )
    elif not known:
        note(settings, "No album yet; save one with: photoaesth rank --top 50 --save NAME")
    else:
        rows = [
            (
                album.name,
                "?" if album.photos is None else f"{album.photos:,}",
                album.problem or (in_words(album.query) if album.query else ""),
            )
            for album in known
        ]
        print_table(("album", "photos", "what"), rows, right="photos")


@app.command("show", cls=Command)
@global_options
@output_options
def _show(settings: Settings, name: NameArgument, *, outputs: Outputs) -> None:
    """List the photos that an album has now.

    An album keeps what was asked for, not the photos: as you add and choose, it changes.

    Example: photoaesth albums show harbour --contact-sheet harbour.html
    """
    from photoaesth.workflows.albums import show_album

    query, report = show_album(settings.library, settings.profile, name)
    note(settings, f"Note: {report.note}." if report.note else "")
    if not report.photos:
        note(settings, f"No photo is what this album asks for: {in_words(query)}.")
    write_outputs(settings, report, outputs, title=name, extra={"album": name})


@app.command("drop", cls=Command)
@global_options
def _drop(settings: Settings, name: NameArgument, yes: YesOption = False) -> None:
    """Forget an album; its photos stay as they are.

    Example: photoaesth albums drop harbour
    """
    from photoaesth.workflows.albums import check_album, drop_album

    check_album(settings.library, settings.profile, name)
    confirm(f"Drop album {name!r}?", yes=yes)
    drop_album(settings.library, settings.profile, name)
    if settings.json:
        print_json({"dropped": name})
    else:
        typer.echo(f"Dropped album {name!r}.")
