"""The completions in the shells themselves: a line is typed, and what a TAB offers is read back."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from photoaesth.cli.app import app
from photoaesth.cli.options import Device
from photoaesth.cli.photo_list import ListFormat

COMPLETIONS = Path(__file__).parents[2] / "completions"
SHELLS = ("bash", "zsh", "fish", "pwsh")
Complete = Callable[[str], list[str]]

# Both shells insert all that they would offer; `capture` then prints the words of the line.
CAPTURE = """capture() { printf MATCHES; printf '[%s]' "$@"; printf 'END\\n'; }\n"""
BASHRC = (
    CAPTURE
    + r"""
source "$COMPLETIONS/photoaesth.bash"
PS1='READY> '
bind 'set bell-style none' 'set enable-bracketed-paste off'
bind '"\C-t": insert-completions' '"\C-a": beginning-of-line' '"\C-u": kill-whole-line'
"""
)
ZSHRC = (
    CAPTURE
    + r"""
fpath=("$COMPLETIONS" $fpath)
autoload -Uz compinit
compinit -u -D
offer-all() { _main_complete; compstate[insert]=all; compstate[list]=; }
zle -C offer-all complete-word offer-all
bindkey -e
bindkey '^T' offer-all
unset zle_bracketed_paste
setopt no_beep
PS1='READY> '
"""
)


def command_tree(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    yield "".join(f" {word}" for word in words), command
    for name, subcommand in getattr(command, "commands", {}).items():
        yield from command_tree(subcommand, (*words, name))


COMMANDS = dict(command_tree(typer.main.get_command(app)))


def option_names(command: Any) -> list[str]:
    options = (param for param in command.params if param.param_type_name == "option")
    names = [name for option in options for name in (*option.opts, *option.secondary_opts)]
    return sorted([*names, "-h", "--help"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder; on its PATH a `photoaesth` that leaves a trace when it runs."""
    folder = tmp_path_factory.mktemp("home")
    work = folder / "work"
    for name in ("album", "my photos"):
        (work / name).mkdir(parents=True)
    for name in ("IMG_1.jpg", "IMG 2.jpg", "best.html", "choices.csv", "my photos/more.csv"):
        (work / name).touch()
    program = folder / "bin" / "photoaesth"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch '{folder}/was-run'\n")
    program.chmod(0o755)
    return work


def environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder.parent),
        "ZDOTDIR": str(folder.parent),
        "COMPLETIONS": str(COMPLETIONS),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }


def installed(name: str) -> str:
    shell = shutil.which(name)
    if sys.platform == "win32" or shell is None:
        pytest.skip(f"{name} is not installed")
    return shell


def interactive(name: str, folder: Path) -> Any:
    """Start bash or zsh in a terminal wide enough for one line to be one line."""
    shell = installed(name)
    pexpect = pytest.importorskip("pexpect")
    (folder.parent / ".bashrc").write_text(BASHRC)
    (folder.parent / ".zshrc").write_text(ZSHRC)
    child = pexpect.spawn(
        shell,
        ["--noprofile", "-i"] if name == "bash" else ["--no-globalrcs", "-i"],
        cwd=folder,
        env=environment(folder),
        encoding="utf-8",
        dimensions=(50, 1000),
        timeout=60,
    )
    child.delaybeforesend = None
    child.expect("READY> ")
    return child


@pytest.fixture(scope="module", params=SHELLS)
def complete(request: pytest.FixtureRequest, folder: Path) -> Iterator[Complete]:
    """Return what a shell offers for the last word of a line."""
    if request.param == "fish":
        shell = installed("fish")
        yield lambda line: [text.split("\t")[0] for text in fish_offers(shell, folder, line)]
        return
    if request.param == "pwsh":
        shell = installed("pwsh")
        yield lambda line: [text.split("\t")[0] for text in powershell_offers(shell, folder, line)]
        return
    child = interactive(request.param, folder)

    def offers(line: str) -> list[str]:
        child.send(f"\x15{line}\x14\x01capture \r")
        child.expect(r"MATCHES(.*?)END\r\n")
        words = re.findall(r"\[(.*?)\]", child.match[1])
        typed = shlex.split(line)
        return words[len(typed) if line.endswith(" ") else len(typed) - 1 :]

    yield offers
    child.close(force=True)


def fish_offers(shell: str, folder: Path, line: str) -> list[str]:
    script = f"source '{COMPLETIONS}/photoaesth.fish'; complete -C \"$LINE\""
    done = subprocess.run(
        [shell, "--no-config", "-c", script],
        cwd=folder,
        env=environment(folder) | {"LINE": line},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


POWERSHELL = r"""
. (Join-Path $env:COMPLETIONS photoaesth.ps1)
(TabExpansion2 $env:LINE $env:LINE.Length).CompletionMatches |
    ForEach-Object { ($_.CompletionText -replace '^& |''|^\./') + "`t" + $_.ToolTip }
"""


def powershell_offers(shell: str, folder: Path, line: str) -> list[str]:
    """What PowerShell offers, without quotes and the `./` that it puts before a name."""
    done = subprocess.run(
        [shell, "-NoProfile", "-NonInteractive", "-Command", POWERSHELL],
        cwd=folder,
        env=environment(folder) | {"LINE": line, "POWERSHELL_TELEMETRY_OPTOUT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def bare(offers: list[str]) -> list[str]:
    """What is offered, without the `/` or `=` that some shells add, and in order."""
    return sorted({offer.rstrip("/=") for offer in offers})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("photoaesth ind", ["index"]),
        ("photoaesth comparisons im", ["import"]),
        ("photoaesth --library x.db in", ["index"]),
        ("photoaesth --library=x.db -q in", ["index"]),
        ("photoaesth --profile train comparisons --profile list un", ["undo"]),
        ("photoaesth rank --con", ["--contact-sheet"]),
        ("photoaesth rank --top ", []),
        ("photoaesth rank --since ", []),
        ("photoaesth --profile ", []),
        ("photoaesth rank --format ", sorted(ListFormat)),
        ("photoaesth --json rank --top 3 --format nd", ["ndjson"]),
        ("photoaesth score --format=nd", ["--format=ndjson"]),
        ("photoaesth train --device ", sorted(Device)),
        ("photoaesth index ", ["album", "my photos"]),
        ("photoaesth index album ", ["album", "my photos"]),
        ("photoaesth rank --under ", ["album", "my photos"]),
        ("photoaesth enhance --output al", ["album"]),
        ("photoaesth score IMG_", ["IMG_1.jpg"]),
        ("photoaesth --library best", ["best.html"]),
        ("photoaesth rank --per ", ["day", "folder", "month", "week"]),
        ("photoaesth rank --per day ", []),
        ("photoaesth rank --per day 3 --format nd", ["ndjson"]),
        ("photoaesth xmp write --stars al", ["album"]),
        ("photoaesth xmp write --stars --sidecar-style d", ["darktable"]),
        ("photoaesth xmp write --stars=9,8,7,5 --sidecar-style d", ["darktable"]),
    ],
)
def test_a_tab_offers_what_fits(complete: Complete, line: str, expected: list[str]) -> None:
    """Every shell offers exactly the commands, values or paths that make sense at the cursor."""
    offered = bare(complete(line))
    assert offered == expected


@pytest.mark.parametrize(
    "words", [name for name in COMMANDS if hasattr(COMMANDS[name], "commands")]
)
def test_every_subcommand_is_offered(complete: Complete, words: str) -> None:
    """After the program's or a group's name a TAB offers all its commands and nothing else."""
    assert bare(complete(f"photoaesth{words} ")) == sorted(COMMANDS[words].commands)


def test_values_are_offered_right_after_an_equals_sign(complete: Complete) -> None:
    """`--device=` is completed as well as `--device` and a space."""
    offered = complete("photoaesth train --device=")
    assert sorted(offer.removeprefix("--device=") for offer in offered) == sorted(Device)


@pytest.mark.parametrize("complete", ["bash", "zsh"], indirect=True)
def test_nothing_is_offered_for_a_value_that_only_people_know(complete: Complete) -> None:
    """After `--stars=`, a list of scores that may be left out, the line stays as it is."""
    assert complete("photoaesth xmp write --stars=") == ["--stars="]


@pytest.mark.parametrize("words", COMMANDS)
def test_every_option_is_offered(complete: Complete, words: str) -> None:
    """After a dash a TAB offers all options of the command at hand and nothing else."""
    assert bare(complete(f"photoaesth{words} -")) == option_names(COMMANDS[words])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("photoaesth comparisons import ", "choices.csv"),
        ("photoaesth rank --contact-sheet ", "best.html"),
    ],
)
def test_files_of_the_right_kind_come_first(complete: Complete, line: str, name: str) -> None:
    """Where a file of one kind is wanted, only folders come before it."""
    offers = complete(line)
    assert name in offers
    before = offers[: offers.index(name)]
    assert {offer.rstrip("/") for offer in before} <= {"album", "my photos"}


@pytest.mark.parametrize("complete", ["bash", "zsh", "fish"], indirect=True)
@pytest.mark.parametrize("start", ["my\\ photos/", "my\\ photos/mo", "~/work/my\\ photos/"])
def test_escaped_and_home_folders_are_completed(complete: Complete, start: str) -> None:
    """A path goes on where its folder's name was escaped or starts with the tilde."""
    (offer,) = complete(f"photoaesth comparisons import {start}")
    assert offer.endswith("my photos/more.csv")


def test_bash_closes_a_quote(folder: Path) -> None:
    """A TAB after an open quote completes the file's name and closes the quote."""
    child = interactive("bash", folder)
    child.send("photoaesth comparisons import 'my photos/mo\t")
    child.expect_exact("'my photos/more.csv' ")
    child.close(force=True)


def test_bash_without_compopt_completes_too(folder: Path) -> None:
    """In a bash before 4.0, which lacks `compopt`, words and files are offered without a murmur."""
    script = (
        "enable -n compopt; source $COMPLETIONS/photoaesth.bash; complete -p photoaesth;"
        "COMP_WORDS=(photoaesth comparisons import ch) COMP_CWORD=3; _photoaesth;"
        "echo $COMPREPLY; COMP_WORDS=(photoaesth sta) COMP_CWORD=1; _photoaesth; echo $COMPREPLY"
    )
    done = subprocess.run(
        [installed("bash"), "--norc", "-c", script],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "complete -o default -F _photoaesth photoaesth",
        "choices.csv",
        "status",
    ]


def test_zsh_describes_what_it_offers(folder: Path) -> None:
    """zsh shows what commands and options do, brackets and colons of the text included."""
    child = interactive("zsh", folder)
    child.send("photoaesth --library=x.db \t")
    child.expect(r"doctor +-- Check the installation: versions")
    child.send("\x15photoaesth train --\t")
    child.expect_exact("Where to compute: auto, cuda, mps or cpu [default: auto]")
    child.close(force=True)


def test_fish_describes_what_it_offers(folder: Path) -> None:
    """fish shows what commands and options do."""
    shell = installed("fish")
    assert fish_offers(shell, folder, "photoaesth doc") == [
        "doctor\tCheck the installation: versions, device, models, library"
    ]
    assert fish_offers(shell, folder, "photoaesth train --de") == [
        "--device\tWhere to compute: auto, cuda, mps or cpu [default: auto]"
    ]


def test_powershell_describes_what_it_offers(folder: Path) -> None:
    """PowerShell shows what commands and options do."""
    shell = installed("pwsh")
    assert powershell_offers(shell, folder, "photoaesth doc") == [
        "doctor\tCheck the installation: versions, device, models, library"
    ]
    assert powershell_offers(shell, folder, "photoaesth train --de") == [
        "--device\tWhere to compute: auto, cuda, mps or cpu [default: auto]"
    ]


def test_powershell_can_read_its_script() -> None:
    """A parser of PowerShell finds no error in the script, and one once a brace is missing."""
    tree_sitter = pytest.importorskip("tree_sitter")
    grammar = pytest.importorskip("tree_sitter_powershell")
    parser = tree_sitter.Parser(tree_sitter.Language(grammar.language()))
    script = (COMPLETIONS / "photoaesth.ps1").read_text("utf-8-sig")
    assert not parser.parse(script.encode()).root_node.has_error
    assert parser.parse(script.rstrip().removesuffix("}").encode()).root_node.has_error


def powershell_tables() -> dict[str, dict[str, dict[str, str]]]:
    """The tables at the head of the PowerShell script: by name, by command, what is offered."""
    script = (COMPLETIONS / "photoaesth.ps1").read_text("utf-8-sig")
    pair = r"'((?:[^']|'')*)' = '((?:[^']|'')*)'"
    tables = {}
    for name, body in re.findall(r"^    \$(\w+) = @\{\n(.*?)^    \}$", script, re.M | re.S):
        inner = re.findall(r"'([^']*)' = \[ordered\]@\{(.*?)\n        \}", body, re.S)
        tables[name] = {key: dict(re.findall(pair, entries)) for key, entries in inner}
    (everywhere,) = re.findall(r"\$everywhere = \[ordered\]@\{\n(.*?)^    \}$", script, re.M | re.S)
    tables["everywhere"] = {"": dict(re.findall(pair, everywhere))}
    return tables


@pytest.mark.parametrize("words", COMMANDS)
def test_powershell_knows_every_option_and_subcommand(words: str) -> None:
    """The script's tables have each command's options and subcommands, and nothing else."""
    tables = powershell_tables()
    own = tables["options"].get(words, {})
    assert sorted({**own, **tables["everywhere"][""]}) == option_names(COMMANDS[words])
    subcommands = getattr(COMMANDS[words], "commands", {})
    assert list(tables["subcommands"].get(words, {})) == list(subcommands)


def test_the_program_never_runs(complete: Complete, folder: Path) -> None:
    """A TAB starts no Python: the program on the PATH has not been called."""
    assert complete("photoaesth enhance --dev")
    assert not (folder.parent / "was-run").exists()
