"""Filling in scripts: shell code is full of `$`, `%` and braces, so places are `@NAME@`."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"^([ \t]*)(.*?)@([A-Z_]+)@", re.MULTILINE)


def fill(template: str, parts: Mapping[str, str]) -> str:
    """Return a template with its places filled; a part's lines are indented like its place.

    A line that holds nothing but a place disappears with an empty part.

    Raises:
        KeyError: the template has a place without a part.
    """

    def filled(place: re.Match[str]) -> str:
        indent, before, name = place.groups()
        return indent + before + parts[name].replace("\n", f"\n{indent}")

    text = template
    while _PLACE.search(text):  # a line may have several
        text = _PLACE.sub(filled, text)
    return re.sub(r"\n[ \t]+(?=\n)", "", text)
