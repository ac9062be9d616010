"""Options that every command takes, before or after its name."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from photoaesth import __version__
from photoaesth.config import DEFAULT_PROFILE, default_library


class Device(StrEnum):
    """Where to compute."""

    AUTO = "auto"
    CUDA = "cuda"
    MPS = "mps"
    CPU = "cpu"


DeviceOption = Annotated[
    Device, typer.Option(metavar="DEVICE", help="Where to compute: auto, cuda, mps or cpu.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; go on.")]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the global options say.

    Attributes:
        library: the SQLite file.
        profile: whose taste.
        json: print JSON to stdout.
        quiet: no progress and no notes.
        verbose: name every photo that was skipped.
    """

    library: Path
    profile: str
    json: bool
    quiet: bool
    verbose: bool


def _version(wanted: bool) -> None:  # Typer calls it so
    if wanted:
        typer.echo(f"photoaesth {__version__}")
        raise typer.Exit


_GLOBAL_OPTIONS: dict[str, Any] = {
    "library": Annotated[
        Path | None,
        typer.Option(
            help="The library file [env: PHOTOAESTH_LIBRARY; default: in the user data folder].",
            metavar="FILE",
        ),
    ],
    "profile": Annotated[
        str | None,
        typer.Option(help=f"Whose taste [default: {DEFAULT_PROFILE}].", metavar="NAME"),
    ],
    "json_output": Annotated[bool, typer.Option("--json", help="Print the result as JSON.")],
    "quiet": Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress and no notes."),
    ],
    "verbose": Annotated[
        bool, typer.Option("--verbose", "-v", help="Name every photo that was skipped.")
    ],
    "version": Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_version, is_eager=True
        ),
    ],
}


# Every command has them, with the one Click adds.
GLOBAL_NAMES = frozenset(_GLOBAL_OPTIONS) | {"help"}


def global_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command or group the global options; its first argument receives the `Settings`.

    An option given after the command's name wins over the same one before it.
    """
    own_parameters = list(inspect.signature(function).parameters.values())[1:]
    added = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None if name in {"library", "profile"} else False,
            annotation=annotation,
        )
        for name, annotation in _GLOBAL_OPTIONS.items()
    ]
    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )

    @functools.wraps(function)
    def run(context: typer.Context, **values: Any) -> None:
        given = {name: values.pop(name) for name in _GLOBAL_OPTIONS}
        outer = context.obj or {}
        context.obj = outer | {name: value for name, value in given.items() if value}
        function(_settings(context.obj), **values)

    keywords = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own_parameters]
    parameters = [context, *keywords, *added]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del run.__dict__["__wrapped__"]  # Typer would look through to the bare function
    return run


def _settings(given: dict[str, Any]) -> Settings:
    library = given.get("library")
    return Settings(
        library=library.expanduser() if library else default_library(),
        profile=given.get("profile") or DEFAULT_PROFILE,
        json=bool(given.get("json_output")),
        quiet=bool(given.get("quiet")),
        verbose=bool(given.get("verbose")),
    )
