"""Help screens that say what a user needs, alike under every supported Typer.

Typer's own add the Python type of every value and write ranges as `x>=1`, in a way that differs
from version to version. Here the metavar, the help text, the default and whether an option is
required say it all. The man page and the command reference use the same words.
"""

from collections.abc import Iterable
from typing import Any

from typer.core import TyperCommand, TyperGroup

from photoaesth.cli.options import GLOBAL_NAMES


def spelling(param: Any) -> str:
    """Return how a parameter is written: `-q, --quiet`, `--top N` or `[PATH]...`."""
    if param.param_type_name == "argument":
        name = param.metavar if param.required else f"[{param.metavar}]"
        return f"{name}..." if param.nargs == -1 else name
    names = ", ".join(sorted(param.opts, key=len))
    return names if param.is_flag else f"{names} {param.metavar}"


def description(param: Any) -> str:
    """Return the help text of a parameter with its default, or that it is required."""
    if param.param_type_name == "option" and param.required:
        remark = "required"
    elif param.default is not None and param.default is not False:
        remark = f"default: {param.default}"
    else:
        return str(param.help)
    return f"{param.help.removesuffix('.')} [{remark}]."


def is_global(param: Any) -> bool:
    """Return whether every command has this option."""
    return param.name in GLOBAL_NAMES


def usage_pieces(params: Iterable[Any]) -> list[str]:
    """Return what follows a command's name in its usage line: what it needs by name."""
    shown = (p for p in params if p.param_type_name == "argument" or p.required)
    return ["[OPTIONS]", *(spelling(p) for p in shown)]


class Command(TyperCommand):
    """A command with our help screen."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return the pieces of the usage line."""
        return usage_pieces(self.get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections for arguments and options."""
        _write_parameters(self.get_params(ctx), formatter)


class Group(TyperGroup):
    """A group of commands with our help screen; they come in the order of registration."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order they were registered, not sorted."""
        return list(self.commands)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the sections for commands and options."""
        self.format_commands(ctx, formatter)
        _write_parameters(self.get_params(ctx), formatter)


def _write_parameters(params: list[Any], formatter: Any) -> None:
    shown = [param for param in params if not param.hidden]
    arguments = [p for p in shown if p.param_type_name == "argument"]
    options = [p for p in shown if p.param_type_name == "option"]
    sections = {
        "Arguments": arguments,
        "Options": [p for p in options if not is_global(p)],
        "Global options": [p for p in options if is_global(p)],
    }
    for heading, members in sections.items():
        if members:
            with formatter.section(heading):
                formatter.write_dl([(spelling(p), description(p)) for p in members])
