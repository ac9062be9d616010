"""`photoaesth status`."""

import typer

from photoaesth.cli.console import plural, print_json, skipped_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options
from photoaesth.files import display_path


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("status", cls=Command)(_status)


@global_options
def _status(settings: Settings) -> None:
    """Show what the library holds and what to do next.

    Says how many photos and choices there are, and how well the model predicts your choices.
    With --verbose it names the photos that are missing or unreadable.

    Example: photoaesth status
    """
    from photoaesth.workflows.status import status

    report = status(settings.library, settings.profile, names=settings.verbose)
    counts = report.counts
    if settings.json:
        print_json(
            {
                "library": display_path(report.library.absolute()),
                "profile": report.profile,
                "roots": [
                    {"path": display_path(root), "reachable": there}
                    for root, there in report.roots.items()
                ],
                "photos": counts.photos,
                "offline": counts.offline,
                "missing": counts.missing,
                "files": counts.files,
                "unreadable": counts.unreadable,
                "pending": counts.pending,
                "other_profiles": list(report.other_profiles),
                "choices": report.choices,
                "new_choices": report.new_choices,
                "ratings": report.ratings,
                "new_ratings": report.new_ratings,
                "model": report.model,
                "enhancement_policy": report.enhancement_policy,
                "heldout": report.heldout,
                "next": report.next_step,
                **({"lost": skipped_json(report.lost)} if settings.verbose else {}),
            }
        )
        return
    others = {
        "offline": counts.offline,
        "missing": counts.missing,
        "unreadable": counts.unreadable,
        "waiting to be indexed": counts.pending,
    }
    extra = "".join(f", {count:,} {name}" for name, count in others.items() if count)
    typer.echo(f"Library  {display_path(report.library.absolute())}")
    for root, there in report.roots.items():
        typer.echo(f"Folder   {display_path(root)}{'' if there else ' (offline)'}")
    typer.echo(f"Photos   {counts.photos:,} in {plural(counts.files, 'file')}{extra}")
    if report.other_profiles:
        typer.echo(f"Others   {', '.join(report.other_profiles)} (--profile NAME)")
    new = f", {report.new_choices:,} since the last training" if report.new_choices else ""
    typer.echo(f"Choices  {report.choices:,} by {report.profile}{new}")
    if report.ratings:
        typer.echo(f"Ratings  {report.ratings:,}")
    agreement = ""
    if report.heldout:
        personal, generic = report.heldout["personal"], report.heldout["generic"]
        pairs = plural(report.heldout["pairs"], "held-out choice")
        agreement = f"; on {pairs} personal {personal:.0%}, generic {generic:.0%}"
    typer.echo(f"Model    {report.model}{agreement}")
    if report.enhancement_policy:
        typer.echo("Edits    enhance follows a policy learned from your retouches")
    typer.echo(f"Next     {report.next_step}")
    for photo in report.lost:
        typer.echo(f"  {display_path(photo.path)}: {photo.reason}")
