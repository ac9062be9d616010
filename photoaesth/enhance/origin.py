"""Which photo a copy was made from: noted in the copy, so that it holds wherever the copy goes."""

import re
from pathlib import Path

_FROM = "from blake3:"
_NOTED = re.compile(_FROM.encode() + b"([0-9a-f]+)")


def origin_note(content_hash: str) -> str:
    """Return the words of a copy for the hash of its photo's content, in hex."""
    return f"{_FROM}{content_hash}"


def origin_of(copy: Path) -> str:
    """Return the hash that stands in a copy; empty if it is none of ours.

    Raises:
        OSError: it cannot be read.
    """
    # XMP packets stand in all formats as they are; a copy of a copy has its own note last.
    noted = _NOTED.findall(copy.read_bytes())
    return str(noted[-1].decode()) if noted else ""
