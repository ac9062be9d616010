"""The documentation tells the truth: its commands run, and print what the pages show."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer

from photoaesth.cli.app import app
from photoaesth.samples.album import Sample, draw_album
from photoaesth.workflows.demo import answer_questions

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "commands.md"  # generated; its examples are those of the help screens
PAGES = [ROOT / "README.md", *sorted(set((ROOT / "docs").glob("*.md")) - {REFERENCE})]
FROM_SCRATCH = {"README.md", "first-session.md"}  # the pages that begin without a library

# What is not run, and why. Its options are checked all the same.
NOT_RUN = {
    r"(make|pip|pipx) ": "installs this program or runs it from the checkout",
    r"photoaesth (--profile \w+ )?compare": "asks questions; test_compare_terminal.py answers",
    r"photoaesth (retouch|rerank)$": "opens a page and waits for people",
    r"photoaesth index --watch": "goes on until it is interrupted",
    r"photoaesth models pull": "uses the network",
    r"photoaesth (evaluate|reference add|train --method finetune)": "needs photos with ratings",
    r"photoaesth train --method policies": "takes minutes; tests/workflows/policies has it",
    r"photoaesth demo": "takes most of a minute; tests/e2e/test_demo.py runs it",
}
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command of a page: where it stands, what is typed, and what is shown below it."""

    page: Path
    line: int
    command: str
    shown: list[str]

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line} {self.command}"

    @property
    def reason_not_to_run(self) -> str | None:
        return next((why for what, why in NOT_RUN.items() if re.match(what, self.command)), None)


def steps(page: Path) -> Iterator[Step]:
    """Read the commands of a page in order; one that ends in a backslash goes on below."""
    text = page.read_text("utf-8")
    for block in _BLOCK.finditer(text):
        step = None
        for number, line in enumerate(block[1].splitlines(), text[: block.start()].count("\n") + 2):
            if line.startswith("$ "):
                if step:
                    yield step
                step = Step(page, number, line.removeprefix("$ "), [])
            elif step and step.command.endswith("\\"):
                more = step.command.removesuffix("\\") + line.strip()
                step = Step(page, step.line, more, [])
            else:
                assert step, f"{page.name}:{number}: a block of commands begins with a prompt"
                step.shown.append(line)
        assert step, f"{page.name}: a block of commands has no command"
        yield step


def calls(command: str) -> Iterator[list[str]]:
    """Read the arguments of each `photoaesth` of a command line, also in a pipe."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;<>"):
            if words and words[0] == "photoaesth":
                yield words[1:]
            words = []
        else:
            words.append(word)


def parse(command: Any, arguments: list[str], parent: Any = None) -> None:
    """Let the program's own parser read arguments, without running the command.

    Raises:
        UsageError: an option, argument or command does not exist or has a wrong value.
    """
    context = command.make_context(command.name or "photoaesth", arguments, parent=parent)
    rest = [*context._protected_args, *context.args]
    if rest:
        _, subcommand, rest = command.resolve_command(context, rest)
        parse(subcommand, rest, context)


EVERY_STEP = [step for page in [*PAGES, REFERENCE] for step in steps(page)]
CALLS = [(step, call) for step in EVERY_STEP for call in calls(step.command)]


@pytest.mark.parametrize(("step", "arguments"), CALLS, ids=str)
def test_the_program_knows_what_is_typed(step: Step, arguments: list[str]) -> None:
    """Every command of the documentation exists, with all its options."""
    try:
        parse(typer.main.get_command(app), arguments)
    except typer.Exit:
        pass
    except Exception as error:
        raise AssertionError(f"{step}: {error}") from error


def test_the_check_of_options_can_fail() -> None:
    """An option or command that does not exist is found."""
    for wrong in (["rank", "--no-such-option"], ["no-such-command"], ["rank", "--top", "many"]):
        with pytest.raises(Exception, match=r"(?i)no such|valid"):
            parse(typer.main.get_command(app), wrong)


def test_each_exception_is_needed() -> None:
    """Every reason not to run a command is one of a command that is there."""
    used = {step.reason_not_to_run for step in EVERY_STEP}
    assert set(NOT_RUN.values()) <= used


@dataclass(frozen=True)
class World:
    """Where Noor's home is laid anew for every page, and what it is laid from.

    Attributes:
        home: the same place for every page, as a library holds whole paths.
        fresh: drawn photos and the program, never run.
        trained: the same, indexed and trained on the answers of the simulated photographer; with
            some edits of hers, and with choices of Anna, who likes it colourful.
        album: the drawn photos.
    """

    home: Path
    fresh: Path
    trained: Path
    album: list[Sample]

    def lay(self, state: Path) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(state, self.home, copy_function=shutil.copy2)

    def answer(self) -> None:
        """Let the demo's simulated photographer answer its sixty questions."""
        library = self.home / ".local" / "share" / "photoaesth" / "library.db"
        answer_questions(library, "me", self.album)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Draw, index and train once; it takes most of a minute."""
    place = tmp_path_factory.mktemp("docs").resolve()
    home = place / "noor"
    album = draw_album(home / "Pictures")
    program = home / "bin" / "photoaesth"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m photoaesth "$@"\n')
    program.chmod(0o755)
    made = World(home, place / "fresh", place / "trained", album)
    shutil.copytree(home, made.fresh, copy_function=shutil.copy2)
    assert run(home, "photoaesth index ~/Pictures").returncode == 0
    made.answer()
    traits = {sample.path: sample.traits["colourfulness"] for sample in album}
    rows = [f"{max(pair, key=traits.get)},{min(pair, key=traits.get)}" for pair in pairwise(traits)]
    (home / ".anna.csv").write_text("\n".join(["winner,loser", *rows]) + "\n", "utf-8")
    rows = [f"{path},-0.5,-0.3" for path in list(traits)[:8]]
    (home / ".edits.csv").write_text(
        "\n".join(["photo,exposure,saturation", *rows]) + "\n", "utf-8"
    )
    for command in (
        "train",
        "--profile anna comparisons import .anna.csv",
        "--profile anna train",
        "retouch import .edits.csv",
    ):
        done = run(home, f"photoaesth {command}")
        assert done.returncode == 0, done.stdout
    home.rename(made.trained)
    return made


def run(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line in a home, as its owner would; stdout and stderr as one text."""
    own = {name: text for name, text in os.environ.items() if not name.startswith("PHOTOAESTH_")}
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    return subprocess.run(
        [bash, "-o", "pipefail", "-c", command],
        cwd=home,
        env=own
        | {
            "HOME": str(home),
            "PATH": f"{home / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",  # or stdout would come after stderr
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "XDG_DATA_HOME": str(home / ".local/share"),
            "OMP_NUM_THREADS": "1",
            "LC_ALL": "C.UTF-8",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )


@pytest.mark.timeout(1200)  # a page of twenty commands on a busy machine
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_can_be_followed(page: Path, world: World) -> None:
    """All commands of a page succeed in order, and print what the page shows, but for numbers."""
    world.lay(world.fresh if page.name in FROM_SCRATCH else world.trained)
    for step in steps(page):
        if step.reason_not_to_run:
            if "compare" in step.command and page.name in FROM_SCRATCH:
                world.answer()
            continue
        done = run(world.home, step.command)
        assert done.returncode == 0, f"{step}\n{done.stdout}"
        if step.shown:
            printed = done.stdout.replace(str(world.home), "/home/noor").splitlines()
            assert agree(step.shown, printed), f"{step}\n{done.stdout}"


def agree(shown: list[str], printed: list[str]) -> bool:
    """Tell whether lines were printed as a page shows them, where `…` is any number of lines."""
    expected = [line.strip() for line in shown if line.strip()]
    pattern = [r"(.*\n)*" if line == "…" else re.escape(bare(line)) + "\n" for line in expected]
    text = "".join(f"{bare(line)}\n" for line in printed if line.strip())
    return bool(re.fullmatch("".join(pattern), text))


def bare(line: str) -> str:
    """Return a line without what another machine may see another way: numbers, photos, sliders."""
    line = re.sub(r"/home/noor/\S.*?\.(jpe?g|png|heic|tiff?|webp)\b", "PHOTO", line, flags=re.I)
    line = re.sub(r"^ *\d.* PHOTO", "a row of PHOTO", line)
    line = re.sub(r"^ *\w+ [-+]\d\.\d\d,.*", "sliders", line)
    line = re.sub(r"[-+−]?\d[\d.,:]*", "0", line)
    return " ".join(line.split())


def test_what_was_printed_is_compared() -> None:
    """Numbers and photos may differ, words may not; three dots stand for lines left out."""
    assert agree(["Used 60 choices."], ["Used 7 choices."])
    assert agree(["first", "…", "last"], ["first", "a", "b", "last"])
    assert agree(["1 9.3 A /home/noor/a b.jpg"], ["1 2.5 B /home/noor/c.png"])
    assert agree(["  tint -0.27, shadows +0.01, …"], ["  contrast +0.10, saturation -0.50"])
    assert not agree(["Used 60 choices."], ["Used 60 ratings."])
    assert not agree(["first"], ["first", "second"])
    assert not agree(["first", "second"], ["first"])
