"""The generated files: completions, man page and command reference follow the program."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from photoaesth.cli.app import app

ROOT = Path(__file__).parents[1]
GENERATED = (
    "completions/photoaesth.bash",
    "completions/_photoaesth",
    "completions/photoaesth.fish",
    "completions/photoaesth.ps1",
    "completions/photoaesth.1",
    "docs/commands.md",
)


def command_tree(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    yield " ".join(("photoaesth", *words)), command
    for name, subcommand in getattr(command, "commands", {}).items():
        yield from command_tree(subcommand, (*words, name))


COMMANDS = dict(command_tree(typer.main.get_command(app)))


def generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "completions" / "generate.py", *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the generator and all it wrote."""
    shutil.copytree(ROOT / "completions", tmp_path / "completions")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "commands.md", tmp_path / "docs")
    return tmp_path


def help_screen(name: str, columns: int = 80) -> str:
    arguments = [*name.split()[1:], "--help"]
    result = CliRunner().invoke(
        app, arguments, env={"COLUMNS": str(columns)}, terminal_width=columns
    )
    assert result.exit_code == 0
    return result.stdout


def test_nothing_generated_is_stale() -> None:
    """Every generated file says what the program says now."""
    done = generate(ROOT, "--check")
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize("name", GENERATED)
def test_a_stale_file_is_named_and_written_anew(copy: Path, name: str) -> None:
    """--check names the one file that was changed and leaves it so; without it, it is restored."""
    good = (copy / name).read_bytes()
    (copy / name).write_bytes(good.replace(b"--overwrite", b"--replace") + b"\n")
    changed = (copy / name).read_bytes()
    done = generate(copy, "--check")
    assert (done.returncode, done.stdout) == (1, f"{name} is out of date\n")
    assert (copy / name).read_bytes() == changed
    done = generate(copy)
    assert (done.returncode, done.stdout) == (0, f"wrote {name}\n")
    assert (copy / name).read_bytes() == good


def test_a_missing_file_is_written(copy: Path) -> None:
    """A generated file that is not there counts as stale."""
    (copy / GENERATED[0]).unlink()
    assert generate(copy, "--check").stdout == f"{GENERATED[0]} is out of date\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_an_example_that_can_be_copied(name: str) -> None:
    """The help of every command has one example, of that very command, on one line."""
    examples = re.findall(r"^  Example: (.*)$", help_screen(name), re.MULTILINE)
    assert len(examples) == 1
    assert examples[0].startswith(name)
    documented = re.search(r"^ *Example: (.*)$", COMMANDS[name].help, re.MULTILINE)
    assert documented is not None
    assert examples[0] == documented[1]  # not broken to fit 80 columns


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_screen_fits_and_has_no_type_noise(name: str) -> None:
    """In 80 columns nothing is cut off or too wide, and no Python type is shown."""
    screen = help_screen(name)
    assert max(map(len, screen.splitlines())) <= 80
    for noise in ("...\n", "x>=", "<", "{", "[[", "None", "INTEGER"):
        assert noise not in screen.split("\n", 1)[1]  # the usage line may end in "..."


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_documented(name: str) -> None:
    """The man page and the command reference have each command with its options."""
    manual = (ROOT / "completions" / "photoaesth.1").read_text(encoding="utf-8")
    reference = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    if name != "photoaesth":
        manual = section(manual.replace("\\-", "-"), f".SS {name}", ".S")
        reference = section(reference, f"## {name}", "## ")
    else:
        manual = section(manual.replace("\\-", "-"), ".SH OPTIONS", ".SH")
        reference = section(reference, "## Global options", "## ")
    shared = {"library", "profile", "json_output", "quiet", "verbose", "version"}
    for param in COMMANDS[name].params:
        if name == "photoaesth" or param.name not in shared:
            for spelled in param.opts if param.param_type_name == "option" else [param.metavar]:
                assert spelled in manual
                assert spelled in reference


def section(text: str, heading: str, following: str) -> str:
    """What stands between a heading and the next one."""
    _, found, rest = f"{text}\n".partition(f"\n{heading}\n")
    assert found
    return rest.split(f"\n{following}", 1)[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_choices_stand_in_the_help(name: str) -> None:
    """An option with a fixed set of values names all of them in its help text."""
    context = typer.Context(COMMANDS[name])
    for param in COMMANDS[name].params:
        choices = [c.value for c in param.shell_complete(context, "") if c.type == "plain"]
        assert [choice for choice in choices if choice not in param.help] == []


def test_the_man_page_is_clean() -> None:
    """groff formats the page without a warning, and nothing of it is lost."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", "-P-cbou", ROOT / "completions" / "photoaesth.1"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stderr == ""
    for text in ("-0, --null", "%LOCALAPPDATA%\\photoaesth", "~/Pictures", "Keys: ← or →", "130"):
        assert text in done.stdout


def test_markdown_links_lead_somewhere() -> None:
    """Every link of the command reference leads to a heading of it."""
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    anchors = {h.replace(" ", "-").lower() for h in re.findall(r"^## (.*)$", text, re.MULTILINE)}
    links = re.findall(r"\]\(#(.*?)\)", text)
    assert len(links) == len(COMMANDS) - 1
    assert set(links) <= anchors
