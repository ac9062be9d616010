"""What an evaluation has finished, one line each, so that an interrupted one carries on."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from photoaesth.config import cache_folder
from photoaesth.files import write_error
from photoaesth.learning.evaluation.protocol import Figures

Key = tuple[str, str, str]
"""Split, method, rater."""


@dataclass(frozen=True, slots=True)
class RaterResult:
    """What became of one rater under one method.

    Attributes:
        shots: by number of shots; a sentence where the rater could not be tested.
        curve: figures by number of pairs, for `random` and, where the method can, `active`.
    """

    shots: dict[int, Figures | str]
    curve: dict[str, dict[int, Figures]] = field(default_factory=dict)


class Journal:
    """An append-only file of results; a line cut off by a crash is done again.

    Example:
        `with Journal(journal_file(fingerprint)) as journal: journal.add(key, result)`
    """

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        self.done: dict[Key, RaterResult] = {} if fresh else _load(path)
        self._path = path
        self._fresh = fresh
        self._file: TextIO

    def __enter__(self) -> "Journal":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w" if self._fresh else "a", encoding="utf-8")
            self._write("\n")  # ends a line that a crash cut off
        except OSError as error:
            raise write_error(self._path, error) from error
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, key: Key, result: RaterResult) -> None:
        """Keep a result.

        Raises:
            PhotoaesthError: the disk is full.
        """
        self.done[key] = result
        try:
            self._write(json.dumps({"key": key, **asdict(result)}) + "\n")
        except OSError as error:
            raise write_error(self._path, error) from error

    def _write(self, line: str) -> None:
        self._file.write(line)
        self._file.flush()


def journal_file(parts: Iterable[bytes]) -> Path:
    """Return where an evaluation's results are kept.

    Args:
        parts: everything that they depend on; the code of the package is added to it.
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in (*parts, *_sources()):
        digest.update(len(part).to_bytes(8, "little") + part)
    return cache_folder() / "evaluations" / f"{digest.hexdigest()}.jsonl"


def _sources() -> list[bytes]:
    """Return the code and the weights that results come from."""
    learning = Path(__file__).parents[1]
    sources = [
        *learning.rglob("*.py"),
        *learning.rglob("*.safetensors"),
        *(learning.parent / "ranking").rglob("*.py"),
    ]
    return [source.read_bytes() for source in sorted(sources)]


def _load(path: Path) -> dict[Key, RaterResult]:
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    done: dict[Key, RaterResult] = {}
    for line in lines:
        try:
            entry = json.loads(line)
            split, method, rater = entry["key"]
            done[split, method, rater] = _result(entry)
        except (ValueError, KeyError, TypeError):
            continue
    return done


def _result(entry: dict[str, Any]) -> RaterResult:
    return RaterResult(
        {
            int(shots): found if isinstance(found, str) else _figures(found)
            for shots, found in entry["shots"].items()
        },
        {
            rule: {int(count): _figures(found) for count, found in by_count.items()}
            for rule, by_count in entry["curve"].items()
        },
    )


def _figures(found: dict[str, Any]) -> Figures:
    table = found.pop("calibration")
    return Figures(**found, calibration=None if table is None else tuple(map(tuple, table)))
