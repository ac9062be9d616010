"""What starting up loads: help must come at once, so nothing heavy may be imported for it."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "torchvision", "timm", "numpy", "PIL", "sqlite_utils", "sqlite3", "rich"}
_REPORT = """
import sys
from photoaesth.__main__ import main
sys.argv = ["photoaesth", *sys.argv[1:]]
try:
    main()
finally:
    print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr)
"""


def run(*arguments: str) -> tuple[str, set[str]]:
    """What a command prints, and the packages it has loaded in the end."""
    done = subprocess.run(
        [sys.executable, "-c", _REPORT, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["--help"], "Usage: "),
        (["--version"], "photoaesth "),
        (["index", "--help"], "Usage: "),
        (["comparisons", "import", "--help"], "Usage: "),
    ],
)
def test_help_loads_nothing_heavy(arguments: list[str], printed: str) -> None:
    """Help and version are printed without the libraries that do the work, and without Rich."""
    output, loaded = run(*arguments)
    assert printed in output
    assert "typer" in loaded
    assert loaded & HEAVY == set()
