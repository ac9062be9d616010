"""Which files and folders are passed over: `.photoaesthignore` and `--exclude`.

The patterns are those of gitignore: `*`, `?`, `[…]` and `**`; one with a slash at its beginning or
middle is about a path from the folder it is written for, any other about names at any depth; a
slash at the end means folders only; `!` takes a pattern back; the last that matches decides.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

IGNORE_FILE = ".photoaesthignore"
_MAX_BYTES = 1 << 20  # a list of patterns; anything larger is something else


class _Rule(NamedTuple):
    folder: str  # with the separator at its end
    matches: Callable[[str], bool]
    anchored: bool
    folders_only: bool
    taken_back: bool


class Rules:
    """Patterns of a folder and of those above it.

    Example:
        >>> rules = Rules().within("/photos", ["*.png", "!keep.png", "/drafts/"])
        >>> rules.ignore("/photos/a/b.png", is_folder=False)
        True
    """

    __slots__ = ("_rules",)

    def __init__(self, rules: tuple[_Rule, ...] = ()) -> None:
        self._rules = rules

    def __bool__(self) -> bool:
        """Return whether there is any rule; asking first is quicker than asking of every file."""
        return bool(self._rules)

    def within(self, folder: str, patterns: Iterable[str]) -> "Rules":
        """Return these rules and further ones, for what is below a folder."""
        further = [_parse(line, folder) for line in patterns]
        return Rules(self._rules + tuple(rule for rule in further if rule is not None))

    def ignore(self, path: str, *, is_folder: bool) -> bool:
        """Return whether a path below the folder of every rule is passed over."""
        for rule in reversed(self._rules):
            if rule.folders_only and not is_folder:
                continue
            relative = path[len(rule.folder) :].replace("\\", "/") if rule.anchored else ""
            if rule.matches(relative or re.split(r"[\\/]", path)[-1]):
                return not rule.taken_back
        return False


def read_patterns(file: Path) -> list[str]:
    """Return the lines of an ignore file; bytes that are not UTF-8 are kept as names have them.

    Raises:
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        return stream.read(_MAX_BYTES).decode("utf-8", "surrogateescape").splitlines()


def _parse(line: str, folder: str) -> _Rule | None:
    pattern = line.rstrip()
    if not pattern or pattern.startswith("#"):
        return None
    taken_back = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    anchored = "/" in pattern
    pattern = pattern.lstrip("/")
    if not pattern:
        return None
    # Only here: whoever has no patterns need not wait for it.
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.DOTGLOB | glob.FORCEUNIX
    matcher = glob.compile([pattern], flags=flags)
    if not folder.endswith(("/", "\\")):
        folder += "/"
    return _Rule(folder, matcher.match, anchored, folders_only, taken_back)
