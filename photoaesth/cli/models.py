"""`photoaesth models`: weights of backbones and heads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photoaesth.cli.console import note, print_json, progress
from photoaesth.cli.help import Command, Group
from photoaesth.cli.options import Settings, global_options
from photoaesth.files import display_path

if TYPE_CHECKING:
    from photoaesth.workflows.models import Model

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
@global_options
def _models(settings: Settings) -> None:
    """List, pull and verify the weights of backbones and heads.

    Example: photoaesth models list
    """


@app.command("list", cls=Command)
@global_options
def _list(settings: Settings) -> None:
    """List what is here and what can be pulled.

    With licence, origin and size, where it is on disk and its SHA-256. Any model of timm can be
    pulled too, as timm:NAME.

    Example: photoaesth models list
    """
    from photoaesth.workflows.models import list_models

    _print_models(settings, list_models())


@app.command("pull", cls=Command)
@global_options
def _pull(
    settings: Settings,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, see models list.")],
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Another place to get the same file.")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option("--sha256", metavar="HEX", help="What the file must hash to.")
    ] = None,
) -> None:
    """Fetch a weights file; the only command that uses the network.

    The file counts only with the right SHA-256. Where none is published, give one with --sha256, or
    that of the first pull is printed, kept and required ever after. Proxies are taken from the
    environment. Interrupted, the same command carries on.

    Example: photoaesth models pull vgg16
    """
    from photoaesth.workflows.models import FIRST_PULL, pull_model

    with progress(settings, "Pulling (kB)") as show:
        report = pull_model(
            name,
            url=url or "",
            sha256=sha256 or "",
            on_progress=lambda done, total: show(done // 1000, total // 1000),
        )
    model = report.model
    if settings.json:
        print_json({**_model_json(model), "fetched": report.fetched})
        return
    assert model.path is not None
    verb = "Pulled" if report.fetched else "Already here and sound:"
    typer.echo(f"{verb} {model.name} ({model.license}) to {display_path(model.path)}")
    typer.echo(f"SHA-256 {model.sha256} ({model.trusted})")
    if report.fetched and model.trusted == FIRST_PULL:
        note(
            settings,
            "No checksum of this file was known; if its publisher shows one, compare it with this. "
            "From now on it must be this one.",
        )


@app.command("verify", cls=Command)
@global_options
def _verify(
    settings: Settings,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Its name; all files without one.")
    ] = None,
) -> None:
    """Compare shipped and pulled files with their checksums. Exits with 1 if one is damaged.

    Example: photoaesth models verify
    """
    from photoaesth.workflows.models import State, verify_models

    models = verify_models(name)
    _print_models(settings, models)
    damaged = [model for model in models if model.state is State.DAMAGED]
    for model in damaged:
        shipped = model.trusted == State.SHIPPED
        way_out = "reinstall photoaesth" if shipped else f"photoaesth models pull {model.name}"
        note(settings, f"{model.name} is damaged; {way_out}")
    if damaged:
        raise typer.Exit(1)


def _print_models(settings: Settings, models: "Sequence[Model]") -> None:
    if settings.json:
        print_json({"models": [_model_json(model) for model in models]})
        return
    width = max(len(model.name) for model in models)
    for model in models:
        about = "" if model.path else "about "
        size = f"{about}{model.size / 1e6:,.1f} MB" if model.size else "size unknown"
        typer.echo(f"{model.name:{width}}  {model.state.value}, {size}, {model.license}")
        typer.echo(f"  {model.origin}")
        if model.path:
            typer.echo(f"  {display_path(model.path)}")
        if model.sha256:
            typer.echo(f"  SHA-256 {model.sha256} ({model.trusted})")


def _model_json(model: "Model") -> dict[str, Any]:
    return {
        "name": model.name,
        "state": model.state.value,
        "license": model.license,
        "origin": model.origin,
        "bytes": model.size or None,
        "sha256": model.sha256 or None,
        "trusted": model.trusted or None,
        "path": display_path(model.path) if model.path else None,
    }
