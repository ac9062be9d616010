"""Finding photo files in folders, in an order that shows variety early."""

import itertools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from photoaesth.config import cache_folder
from photoaesth.domain import Skipped
from photoaesth.imaging import PHOTO_SUFFIXES

# Photos all the same: whoever has them wants to know that they are passed over.
_RAW_SUFFIXES = {".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2"}
_UNSUPPORTED_SUFFIXES = frozenset({*_RAW_SUFFIXES, ".srw", ".heic", ".heif", ".jxl"})
# Folders of previews and thumbnails that other programs keep beside photos.
_FOREIGN_FOLDERS = frozenset({"@eaDir", "#recycle", "$RECYCLE.BIN"})
_FOREIGN_SUFFIXES = (".lrdata", ".lrcat-data", ".photoslibrary", ".cocatalogdb")


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with a photo's suffix.

    Attributes:
        path: absolute.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since 1970.
    """

    path: Path
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Scan:
    """What a walk through folders found.

    Attributes:
        folders: files with a photo's suffix, one list per folder, in order of names.
        ignored: how many other files there are.
        unsupported: how many of those are photos in a format that is not read yet.
        skipped: folders and files that could not be looked at.
    """

    folders: list[list[FoundFile]] = field(default_factory=list)
    ignored: int = 0
    unsupported: int = 0
    skipped: list[Skipped] = field(default_factory=list)

    def spread(self) -> list[FoundFile]:
        """Return all files so that every beginning of the list is a fair sample.

        Folders take turns; within one, the next file is the one farthest from those before it
        (the van der Corput order: first, middle, quarters, …). So the first 200 photos of a
        library of any size already show its variety.
        """
        turns = itertools.zip_longest(*(_van_der_corput(files) for files in self.folders))
        return [file for turn in turns for file in turn if file is not None]


def scan(roots: Iterable[Path]) -> Scan:
    """Walk folders and list the photos in them.

    Hidden files and folders, thumbnails of ours, previews of other programs and links are passed
    over: what a link points to inside the roots is found by itself, and what is outside is not
    asked for.

    Args:
        roots: absolute, existing folders; one inside another is walked once.
    """
    found = Scan()
    for root in _outermost(roots):
        _walk(root, found)
    return found


def _outermost(roots: Iterable[Path]) -> list[Path]:
    unique = sorted(set(roots))
    return [root for root in unique if not any(other in root.parents for other in unique)]


def _walk(root: Path, found: Scan) -> None:
    ours = cache_folder().resolve()  # thumbnails; only Linux hides the folder they are in
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listing = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            found.skipped.append(Skipped(folder, _reason(error)))
            continue
        files: list[FoundFile] = []
        for entry in listing:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir():
                if not _is_foreign(entry.name) and Path(entry.path) != ours:
                    waiting.append(Path(entry.path))
            elif (suffix := Path(entry.name).suffix.lower()) in PHOTO_SUFFIXES and entry.is_file():
                _stat(entry, files, found.skipped)
            else:
                found.ignored += 1
                found.unsupported += suffix in _UNSUPPORTED_SUFFIXES
        if files:
            found.folders.append(files)


def _stat(entry: os.DirEntry[str], files: list[FoundFile], skipped: list[Skipped]) -> None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        skipped.append(Skipped(Path(entry.path), _reason(error)))
        return
    files.append(FoundFile(Path(entry.path), status.st_size, status.st_mtime_ns))


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN_FOLDERS or name.lower().endswith(_FOREIGN_SUFFIXES)


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _van_der_corput(files: Sequence[FoundFile]) -> list[FoundFile]:
    bits = max(len(files) - 1, 1).bit_length()
    order = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(2**bits))
    return [files[index] for index in order if index < len(files)]
