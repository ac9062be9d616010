"""What goes wrong with single files; a folder that refuses all, or is away, is named once."""

import errno
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.workflows.xmp.places import ChangedMeanwhileError, ProtectedError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Troubles:
    """The files of a run that were left as they are.

    Attributes:
        may_pass: whether some of them could be written another time.
    """

    def __init__(self) -> None:
        self.may_pass = False
        self._skipped: list[Skipped] = []
        self._refused = Counter[Path]()
        self._reasons: dict[Path, str] = {}

    def add(self, path: Path, reason: str) -> None:
        """Note a file that is left as it is for good."""
        self._skipped.append(Skipped(path, reason))

    def refuses(self, folder: Path) -> bool:
        """Return whether a folder refused a file before, or is away; if so, count one more."""
        if folder not in self._refused:
            return False
        self._refused[folder] += 1
        return True

    @contextmanager
    def around(self, path: Path) -> Iterator[None]:
        """Note what goes wrong with a file inside the block.

        Raises:
            PhotoaesthError, OSError: the disk is full; no other file would fare better.
        """
        try:
            yield
        except ChangedMeanwhileError:
            self.may_pass = True
            self.add(path, "another program changed it meanwhile; run the command again")
        except ProtectedError as error:
            self.may_pass = True
            self.add(path, str(error))
        except (PhotoaesthError, OSError) as error:
            cause = _refusal_behind(error)
            if cause is None:
                self.add(path, str(error))
                return
            if cause.errno in _FULL:
                raise
            reason = (cause.strerror or str(cause)).lower()
            is_away = cause.errno in _GONE and not path.parent.is_dir()
            if is_away:
                reason = "it is not there; connect its drive, or move it back"
            self.may_pass |= is_away or cause.errno not in _GONE
            if is_away or cause.errno in _REFUSED:
                self._refused[path.parent] += 1
                self._reasons[path.parent] = reason
            else:
                self.add(path, reason)

    def skipped(self) -> list[Skipped]:
        """Return all of them, folders that refused with the number of their files."""
        folders = [
            Skipped(folder, f"{self._reasons[folder]}; files left as they are: {count:,}")
            for folder, count in self._refused.items()
        ]
        return self._skipped + folders


def _refusal_behind(error: BaseException | None) -> OSError | None:
    """Return what the system said that an error comes from."""
    while error is not None and not isinstance(error, OSError):
        error = error.__cause__
    return error
