"""Walking through folders: which photo files there are."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from photoaesth.config import cache_folder
from photoaesth.domain import Skipped
from photoaesth.imaging import RAW_SUFFIXES, missing_support, photo_suffixes
from photoaesth.library.found import FoundFile
from photoaesth.library.ignoring import IGNORE_FILE, Rules, read_patterns

# What cameras write beside a RAW file, in order of preference.
_DEVELOPED_SUFFIXES = (b".jpg", b".jpeg", b".jpe", b".heic", b".heif", b".hif")
_RAW_ENDINGS = tuple(suffix.encode() for suffix in RAW_SUFFIXES)
# Folders of previews and thumbnails that other programs keep beside photos.
_SIDECAR = ".xmp"  # it belongs to a photo, and `xmp import` reads it
_FOREIGN_FOLDERS = frozenset({"@eaDir", "#recycle", "$RECYCLE.BIN"})
_FOREIGN_SUFFIXES = (".lrdata", ".lrcat-data", ".photoslibrary", ".cocatalogdb")

_Inode = tuple[int, int | str]


class Scan:
    """A walk through folders; iterate over it once to get their photo files, folder by folder.

    Hidden files and folders, thumbnails of ours, previews of other programs, and what an ignore
    file names are passed over. A symbolic link to something inside the roots is followed, unless
    the walk meets its target anyway; so nothing is listed twice and loops end.

    Attributes:
        ignored: how many other files there are.
        unsupported: how many of those are photos in a format that this installation cannot read.
        skipped: folders and files that could not be looked at.
        unseen: keys of files and folders that were left out on request, and of links to outside
            the roots: nothing is known of them, not even that they are gone.
    """

    def __init__(
        self, roots: Iterable[Path], *, exclude: Sequence[str] = (), follow_symlinks: bool = False
    ) -> None:
        """Prepare to walk.

        Args:
            roots: absolute, existing folders; one inside another is walked once.
            exclude: patterns of what to leave out, each for every root.
            follow_symlinks: whether links may lead outside the roots.
        """
        self.ignored = 0
        self.unsupported = 0
        self.skipped: list[Skipped] = []
        self.unseen: list[bytes] = []
        self._roots = _outermost(roots)
        self._exclude = exclude
        self._follow_symlinks = follow_symlinks
        self._suffixes = photo_suffixes()
        self._ours = str(cache_folder().resolve())  # only Linux hides the folder it is in
        self._visited = set[_Inode]()  # folders
        self._linked = set[_Inode]()  # files that were met through links
        self._links: list[tuple[str, Rules, Rules]] = []

    def __iter__(self) -> Iterator[list[FoundFile]]:
        """Yield the files with a photo's suffix of each folder that has any, by name."""
        for root in self._roots:
            place = str(root)
            yield from self._walk(place, Rules(), Rules().within(place, self._exclude))
        while self._links:  # after the folders, to know which targets they hold
            yield from self._follow(*self._links.pop(0))

    def _walk(self, top: str, ignored: Rules, excluded: Rules) -> Iterator[list[FoundFile]]:
        waiting = [(top, ignored)]
        while waiting:
            folder, rules = waiting.pop()
            try:
                if not self._is_first_visit(folder):
                    continue
                with os.scandir(folder) as entries:
                    listing = sorted(entries, key=lambda entry: entry.name)
                if any(entry.name == IGNORE_FILE for entry in listing):
                    rules = rules.within(folder, read_patterns(Path(folder, IGNORE_FILE)))
            except OSError as error:
                self.skipped.append(Skipped(Path(folder), _reason(error)))
                continue
            files: list[FoundFile] = []
            left_out = len(self.unseen)
            for entry in listing:
                try:
                    self._look(entry, rules, excluded, waiting, files)
                except OSError as error:
                    self.skipped.append(Skipped(Path(entry.path), _reason(error)))
            if files:
                yield _pair(files, self.unseen[left_out:])

    def _look(
        self,
        entry: os.DirEntry[str],
        rules: Rules,
        excluded: Rules,
        waiting: list[tuple[str, Rules]],
        files: list[FoundFile],
    ) -> None:
        """Sort an entry of a folder in: further folders, photo files, or none of our business."""
        if entry.name.startswith("."):
            return
        is_folder = entry.is_dir(follow_symlinks=False)
        if rules and rules.ignore(entry.path, is_folder=is_folder):
            self.ignored += not is_folder
        elif excluded and excluded.ignore(entry.path, is_folder=is_folder):
            self.unseen.append(os.fsencode(entry.path))
        elif entry.is_symlink() or _is_junction(entry):
            self._links.append((entry.path, rules, excluded))
        elif is_folder:
            if not _is_foreign(entry.name) and entry.path != self._ours:
                waiting.append((entry.path, rules))
        elif not entry.is_file(follow_symlinks=False):
            self.ignored += 1  # reading a pipe would wait for ever
        elif self._is_photo(entry.name):
            self._stat(entry, files)

    def _is_first_visit(self, folder: str) -> bool:
        inode = _inode(folder)
        if inode in self._visited:
            return False
        self._visited.add(inode)
        return True

    def _is_photo(self, name: str) -> bool:
        """Return whether a name is a photo's; count it as ignored if it is no photo's at all."""
        _, dot, suffix = name.rpartition(".")
        suffix = dot + suffix.lower()
        if suffix in self._suffixes:
            return True
        self.ignored += suffix != _SIDECAR
        self.unsupported += suffix in missing_support()
        return False

    def _stat(self, entry: os.DirEntry[str], files: list[FoundFile]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.skipped.append(Skipped(Path(entry.path), _reason(error)))
            return
        files.append(FoundFile(os.fsencode(entry.path), status.st_size, status.st_mtime_ns))

    def _follow(self, link: str, rules: Rules, excluded: Rules) -> Iterator[list[FoundFile]]:
        target = Path(os.path.realpath(link))
        inside = any(root == target or root in target.parents for root in self._roots)
        if not inside and not self._follow_symlinks:
            self.unseen.append(os.fsencode(link))
            self.ignored += 1
            return
        try:
            if target.is_dir():
                yield from self._walk(link, rules, excluded)
            elif self._is_photo(link) and not self._is_listed(target):
                status = target.stat()
                if not stat.S_ISREG(status.st_mode):
                    self.ignored += 1
                    return
                yield [FoundFile(os.fsencode(link), status.st_size, status.st_mtime_ns)]
        except OSError as error:
            self.skipped.append(Skipped(Path(link), _reason(error)))

    def _is_listed(self, target: Path) -> bool:
        """Return whether a file is listed under its own name or through another link."""
        own_name = not target.name.startswith(".") and target.suffix.lower() in self._suffixes
        inode = _inode(target)
        if inode in self._linked or (own_name and _inode(target.parent) in self._visited):
            return True
        self._linked.add(inode)
        return False


def _inode(path: str | Path) -> _Inode:
    """Return what two names of one file or folder have in common.

    Raises:
        OSError: there is no such file, or it may not be looked at.
    """
    status = os.stat(path)  # noqa: PTH116  # a Path for each folder costs more than the call
    if status.st_ino:
        return status.st_dev, status.st_ino
    return status.st_dev, os.path.realpath(path)  # some network drives number nothing


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is Windows' other kind of link to a folder."""
    return bool(getattr(entry, "is_junction", bool)())  # of Python 3.12


def _outermost(roots: Iterable[Path]) -> list[Path]:
    unique = sorted(set(roots))
    return [root for root in unique if not any(other in root.parents for other in unique)]


def _is_foreign(name: str) -> bool:
    return name in _FOREIGN_FOLDERS or name.lower().endswith(_FOREIGN_SUFFIXES)


def _pair(files: list[FoundFile], left_out: Iterable[bytes]) -> list[FoundFile]:
    """Say of each RAW file of a folder which developed file of the same shot is beside it.

    Also if that one was left out on request: the two are still one photo.
    """
    if not any(file.key.lower().endswith(_RAW_ENDINGS) for file in files):
        return files
    developed: dict[tuple[bytes, bytes], bytes] = {}
    for key in [*(file.key for file in files), *left_out]:
        developed.setdefault(_stem_and_suffix(key), key)

    def beside(key: bytes) -> bytes | None:
        stem, _ = _stem_and_suffix(key)
        matches = (developed.get((stem, suffix)) for suffix in _DEVELOPED_SUFFIXES)
        return next((match for match in matches if match is not None), None)

    return [
        file._replace(beside=beside(file.key)) if file.key.lower().endswith(_RAW_ENDINGS) else file
        for file in files
    ]


def _stem_and_suffix(key: bytes) -> tuple[bytes, bytes]:
    stem, suffix = os.path.splitext(key.lower())  # noqa: PTH122  # bytes: lower() is ASCII's
    return stem, suffix


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
