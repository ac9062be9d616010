"""`photoaesth doctor`."""

from dataclasses import asdict

import typer

from photoaesth.cli.console import print_json
from photoaesth.cli.help import Command
from photoaesth.cli.options import Settings, global_options


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("doctor", cls=Command)(_doctor)


@global_options
def _doctor(settings: Settings) -> None:
    """Check the installation: versions, device, models, library.

    The model files are compared with their checksums. Exits with 1 if anything is wrong.

    Example: photoaesth doctor
    """
    from photoaesth.workflows.doctor import doctor

    checks = doctor(settings.library)
    if settings.json:
        print_json({"checks": [asdict(check) for check in checks]})
    else:
        for check in checks:
            typer.echo(f"{'ok  ' if check.ok else 'BAD '} {check.name:17} {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
