"""Write the shell completions, the man page and the command reference from the live program.

    python completions/generate.py          write them
    python completions/generate.py --check  exit with 1 and name the files that are out of date

The files are in the repository, so that installing needs no shell and TAB needs no Python.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import bash
import fish
import man_page
import markdown
import powershell
import zsh
from command_tree import Command, read_program

ROOT = Path(__file__).resolve().parents[1]
RENDERERS: dict[str, Callable[[Command], str]] = {
    "completions/photoaesth.bash": bash.render,
    "completions/_photoaesth": zsh.render,
    "completions/photoaesth.fish": fish.render,
    "completions/photoaesth.ps1": powershell.render,
    "completions/photoaesth.1": man_page.render,
    "docs/commands.md": markdown.render,
}


def main() -> int:
    """Run the script; return its exit code."""
    parser = argparse.ArgumentParser(description="Write completions, man page and reference.")
    parser.add_argument("--check", action="store_true", help="change nothing, name stale files")
    check = parser.parse_args().check
    program = read_program()
    stale = []
    for name, render in RENDERERS.items():
        path = ROOT / name
        text = render(program)
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{name} is out of date" if check else f"wrote {name}")
    if check and stale:
        print("run: python completions/generate.py", file=sys.stderr)
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
