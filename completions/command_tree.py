"""The program's commands as plain values, read from the live program.

What a value is completed with follows from its metavar, the one thing that says it to users
as well: `DIR` is a folder, `FILE.csv` a file of that kind. Choices come from the parameter itself.
"""

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from photoaesth.cli.help import description, is_global, spelling, usage_pieces

PROGRAM = "photoaesth"
CODE_INDENT = "    "  # of a paragraph that is code
_EXAMPLE = "Example: "
_PREFORMATTED = "\b\n"  # Click's mark


class Kind(Enum):
    """What a shell can offer for a value."""

    FILE = auto()
    DIR = auto()
    CHOICE = auto()
    TEXT = auto()  # numbers, dates, names: nothing


_KINDS = {
    "FILE": Kind.FILE,
    "PATH": Kind.FILE,
    "DIR": Kind.DIR,
    "N": Kind.TEXT,
    "DATE": Kind.TEXT,
    "N,…": Kind.TEXT,
    "NAME": Kind.TEXT,
    "NAME,…": Kind.TEXT,
    "TEXT": Kind.TEXT,
    "URL": Kind.TEXT,
    "HEX": Kind.TEXT,
    "GLOB": Kind.TEXT,
    "FILTER": Kind.TEXT,
    "SHARE": Kind.TEXT,
    "GAIN": Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Value:
    """What an option or argument takes.

    Attributes:
        kind: how it is completed.
        metavar: how help calls it.
        choices: all it may be, for `Kind.CHOICE`.
        suffix: how the names of its files end (`.csv`), for `Kind.FILE`; empty for any.
    """

    kind: Kind
    metavar: str
    choices: tuple[str, ...] = ()
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """An option; `value` is None for a flag.

    Attributes:
        names: as typed, the short one first.
        spelling: names and metavar, as in help.
        description: help text with the default.
        value: what it takes.
        everywhere: whether every command has it.
    """

    names: tuple[str, ...]
    spelling: str
    description: str
    value: Value | None
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument; the last one of a command may be repeated."""

    spelling: str
    description: str
    value: Value
    required: bool
    repeated: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command or group.

    Attributes:
        words: its name, as typed after the program's; empty for the program itself.
        summary: the first sentence of its help.
        paragraphs: its help without the example; one of code is indented by `CODE_INDENT`.
        example: a command line.
        usage: its usage line.
        options: in the order of help.
        arguments: in order.
        commands: its subcommands.
    """

    words: tuple[str, ...]
    summary: str
    paragraphs: tuple[str, ...]
    example: str
    usage: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple["Command", ...]

    @property
    def name(self) -> str:
        """The name with the program's, as typed: `photoaesth comparisons import`."""
        return " ".join((PROGRAM, *self.words))

    @property
    def own_options(self) -> tuple[Option, ...]:
        """The options that not every command has."""
        return tuple(option for option in self.options if not option.everywhere)

    def walk(self) -> Iterator["Command"]:
        """Yield this command and all below it, each before its subcommands."""
        yield self
        for command in self.commands:
            yield from command.walk()


def read_program() -> Command:
    """Return the program's commands.

    Raises:
        ValueError: a command has no example, a metavar is not known here, or an option takes a
            value in one command and none in another (which completions could not tell apart).
    """
    import typer

    from photoaesth.cli.app import app

    program = _read(typer.main.get_command(app), None)
    takes_value: dict[str, bool] = {}
    for command in program.walk():
        for option in command.options:
            for name in option.names:
                if takes_value.setdefault(name, option.value is not None) != bool(option.value):
                    raise ValueError(f"{name} is a flag in one command and not in {command.name}")
    return program


def value_options(program: Command) -> list[str]:
    """Return the names of all options that take a value, sorted."""
    options = (option for command in program.walk() for option in command.options)
    return sorted({name for option in options if option.value for name in option.names})


def _read(source: Any, parent: Any) -> Command:
    context = source.context_class(source, info_name=source.name, parent=parent)
    if parent is None:
        context.help_option_names = source.context_settings["help_option_names"]
    words = tuple(context.command_path.split()[1:])
    params = [p for p in source.get_params(context) if not p.hidden]
    subcommands = getattr(source, "commands", {}).values()
    paragraphs, example = _help(source.help or "", " ".join((PROGRAM, *words)))
    trailing = ["COMMAND [ARGS]..."] if subcommands else []
    return Command(
        words=words,
        summary=source.get_short_help_str(200),
        paragraphs=paragraphs,
        example=example,
        usage=" ".join([PROGRAM, *words, *usage_pieces(params), *trailing]),
        options=tuple(_option(p, context) for p in params if p.param_type_name == "option"),
        arguments=tuple(_argument(p, context) for p in params if p.param_type_name == "argument"),
        commands=tuple(_read(command, context) for command in subcommands if not command.hidden),
    )


def _help(text: str, name: str) -> tuple[tuple[str, ...], str]:
    """Split a help text into its paragraphs and its example."""
    paragraphs = []
    example = ""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith(_EXAMPLE):
            example = paragraph.removeprefix(_EXAMPLE)
        elif paragraph.startswith(_PREFORMATTED):
            heading, *lines = paragraph.removeprefix(_PREFORMATTED).splitlines()
            paragraphs += [heading, textwrap.indent(textwrap.dedent("\n".join(lines)), CODE_INDENT)]
        else:
            paragraphs.append(" ".join(paragraph.split()))
    if not example.startswith(PROGRAM):
        raise ValueError(f'the help of {name} lacks a line "{_EXAMPLE}{PROGRAM} ..."')
    return tuple(paragraphs), example


def _option(param: Any, context: Any) -> Option:
    return Option(
        names=tuple(sorted(param.opts, key=len)),
        spelling=spelling(param),
        description=description(param),
        value=None if param.is_flag else _value(param, context),
        everywhere=is_global(param),
    )


def _argument(param: Any, context: Any) -> Argument:
    return Argument(
        spelling=spelling(param),
        description=description(param),
        value=_value(param, context),
        required=param.required,
        repeated=param.nargs == -1,
    )


def _value(param: Any, context: Any) -> Value:
    offered = param.shell_complete(context, "")
    if choices := tuple(item.value for item in offered if item.type == "plain"):
        return Value(Kind.CHOICE, param.metavar, choices=choices)
    stem, dot, suffix = param.metavar.partition(".")
    if stem not in _KINDS:
        raise ValueError(f"{param.name}: no completion is known for the metavar {param.metavar}")
    return Value(_KINDS[stem], param.metavar, suffix=dot + suffix)
