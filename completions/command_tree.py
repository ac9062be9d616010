"""The program's commands as plain values, read from the live program.

What a value is completed with follows from its metavar, the one thing that says it to users
as well: `DIR` is a folder, `FILE.csv` a file of that kind, `PERIOD N` are two values, and `[LIST]`
may be left out. Choices come from the parameter itself.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, get_args

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
    "PHOTO": Kind.FILE,
    "DIR": Kind.DIR,
    "N": Kind.TEXT,
    "DATE": Kind.TEXT,
    "N,…": Kind.TEXT,
    "NAME": Kind.TEXT,
    "NAME,…": Kind.TEXT,
    "NEW_NAME": Kind.TEXT,
    "PROFILE_A": Kind.TEXT,
    "PROFILE_B": Kind.TEXT,
    "TEXT": Kind.TEXT,
    "URL": Kind.TEXT,
    "HEX": Kind.TEXT,
    "GLOB": Kind.TEXT,
    "FILTER": Kind.TEXT,
    "SHARE": Kind.TEXT,
    "GAIN": Kind.TEXT,
    "SCORE": Kind.TEXT,
    "RANGE": Kind.TEXT,
    "PERCENT": Kind.TEXT,
    "9,8,7,5": Kind.TEXT,
    "KINDS": Kind.TEXT,
    "LABEL=STARS,…": Kind.TEXT,
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
    """An option.

    Attributes:
        names: as typed, the short one first.
        spelling: names and metavar, as in help.
        metavar: what help calls all it takes; empty for a flag.
        description: help text with the default.
        values: what it takes, in order; none for a flag.
        may_stand_alone: whether its value may be left out, and follows an `=` if it is there.
        everywhere: whether every command has it.
    """

    names: tuple[str, ...]
    spelling: str
    metavar: str
    description: str
    values: tuple[Value, ...]
    may_stand_alone: bool
    everywhere: bool

    @property
    def words_taken(self) -> int:
        """How many of the words after it are its values."""
        return 0 if self.may_stand_alone else len(self.values)


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
            number of values in one command and another one elsewhere (which completions could not
            tell apart).
    """
    import typer

    from photoaesth.cli.app import app

    program = _read(typer.main.get_command(app), None)
    taken: dict[str, int] = {}
    for command in program.walk():
        for option in command.options:
            for name in option.names:
                if taken.setdefault(name, option.words_taken) != option.words_taken:
                    raise ValueError(f"{name} takes other values in {command.name} than elsewhere")
    return program


def options_by_words(program: Command) -> dict[int, list[str]]:
    """Return the names of the options that take words, sorted, by how many they take."""
    names: dict[int, set[str]] = {}
    for command in program.walk():
        for option in command.options:
            if option.words_taken:
                names.setdefault(option.words_taken, set()).update(option.names)
    return {words: sorted(names[words]) for words in sorted(names)}


def path(command: Command, *more: str) -> str:
    """Return how scripts call a command, and what follows it: each word after a space."""
    return "".join(f" {word}" for word in (*command.words, *more))


def value_places(program: Command) -> Iterator[tuple[str, Option, Value]]:
    """Yield where a value is typed, of which option, and what is typed there.

    A place is a command's path with the option's name; with a ` +` for each value after it.
    """
    for command in program.walk():
        for option in command.options if command is program else command.own_options:
            for name in option.names:
                for later, value in enumerate(reversed(option.values)):
                    yield path(command, name, *["+"] * later), option, value


def argument_places(program: Command) -> Iterator[tuple[str, Value]]:
    """Yield where an argument is typed and what is typed there.

    A place is a command's path, with ` +` where the command has an argument already.
    """
    for command in program.walk():
        for argument in command.arguments:
            yield path(command), argument.value
            if argument.repeated:
                yield path(command, "+"), argument.value


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
    names = sorted(param.opts, key=len) + sorted(param.secondary_opts, key=len)
    metavar = "" if param.is_flag else param.metavar
    return Option(
        names=tuple(names),
        spelling=spelling(param),
        metavar=metavar,
        description=description(param),
        values=_values(param, context, metavar.strip("[]").split()) if metavar else (),
        may_stand_alone=metavar.startswith("["),
        everywhere=is_global(param),
    )


def _argument(param: Any, context: Any) -> Argument:
    (value,) = _values(param, context, [param.metavar])
    return Argument(
        spelling=spelling(param),
        description=description(param),
        value=value,
        required=param.required,
        repeated=param.nargs == -1,
    )


def _values(param: Any, context: Any, metavars: list[str]) -> tuple[Value, ...]:
    if param.nargs > 1:  # a tuple, whose members Typer does not complete
        kinds = get_args(param.type_descriptor.annotation)
        choices = [[str(c.value) for c in k] if issubclass(k, Enum) else [] for k in kinds]
    else:
        offered = param.shell_complete(context, "")
        choices = [[item.value for item in offered if item.type == "plain"]]
    pairs = zip(metavars, choices, strict=True)
    return tuple(_value(param.name, metavar, tuple(allowed)) for metavar, allowed in pairs)


def _value(name: str, metavar: str, choices: tuple[str, ...]) -> Value:
    if choices:
        return Value(Kind.CHOICE, metavar, choices=choices)
    file = re.fullmatch(r"FILE(\.\w+)", metavar)
    if file:
        return Value(Kind.FILE, metavar, suffix=file[1])
    if metavar not in _KINDS:
        raise ValueError(f"{name}: no completion is known for the metavar {metavar}")
    return Value(_KINDS[metavar], metavar)
