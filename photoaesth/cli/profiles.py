"""`photoaesth profiles`: whose tastes the library knows."""

from typing import TYPE_CHECKING, Annotated

import typer

from photoaesth.cli.console import confirm, note, plural, print_json, print_table
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, YesOption, global_options

if TYPE_CHECKING:
    from photoaesth.workflows.profiles import Profile

app = typer.Typer(cls=Group, no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The profile.")]


@app.callback()
@global_options
def _profiles(settings: Settings) -> None:
    """List, rename and drop profiles.

    --profile NAME makes a new one in any command.

    Example: photoaesth profiles list
    """


@app.command("list", cls=Command)
@global_options
def _list(settings: Settings) -> None:
    """List the profiles and what each has said.

    Example: photoaesth profiles list
    """
    from photoaesth.workflows.profiles import list_profiles

    known = list_profiles(settings.library)
    if settings.json:
        print_json(
            {
                "profiles": [
                    {
                        "name": profile.name,
                        "choices": profile.choices,
                        "ratings": profile.ratings,
                        "retouches": profile.retouches,
                        "trained_at": profile.trained_at,
                    }
                    for profile in known
                ]
            }
        )
    elif not known:
        note(settings, "No profile yet; start one with: photoaesth compare")
    else:
        rows = [
            [p.name, f"{p.choices:,}", f"{p.ratings:,}", f"{p.retouches:,}", _day(p.trained_at)]
            for p in known
        ]
        header = ["profile", "choices", "ratings", "retouches", "trained"]
        print_table(header, rows, right="choices ratings retouches")


@app.command("rename", cls=Command)
@global_options
def _rename(
    settings: Settings,
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(metavar="NEW_NAME", help="Its name from now on.")],
) -> None:
    """Give a profile another name.

    Example: photoaesth profiles rename me noor
    """
    from photoaesth.workflows.profiles import rename_profile

    rename_profile(settings.library, name, new_name)
    if settings.json:
        print_json({"profile": new_name, "was": name})
    else:
        typer.echo(f"Profile {name!r} is {new_name!r} now.")


@app.command("drop", cls=Command)
@global_options
def _drop(settings: Settings, name: NameArgument, yes: YesOption = False) -> None:
    """Delete a profile and everything that it said.

    Its choices, ratings, retouches, models, saved albums and the journal of its sidecars go.
    Photos, sidecars and the other profiles stay as they are. `photoaesth backup` first keeps it.

    Example: photoaesth profiles drop guest
    """
    from photoaesth.workflows.profiles import drop_profile, list_profiles

    for profile in list_profiles(settings.library):
        if profile.name == name and profile.has_anything:
            confirm(f"Delete profile {name!r} with {_said(profile)} for good?", yes=yes)
    drop_profile(settings.library, name)
    if settings.json:
        print_json({"dropped": name})
    else:
        typer.echo(f"Dropped profile {name!r}.")


def _said(profile: "Profile") -> str:
    counts = {
        "choice": profile.choices,
        "rating": profile.ratings,
        "retouched photo": profile.retouches,
        "album": profile.albums,
    }
    said = [plural(count, noun) for noun, count in counts.items() if count]
    if profile.sidecar_runs:
        said.append("what xmp undo needs for its sidecars")
    return ", ".join(said)


def _day(time: str | None) -> str:
    return time[:10] if time else "never"
