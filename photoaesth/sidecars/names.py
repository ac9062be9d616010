"""Which sidecars are whose: `IMG.xmp` and `IMG.CR2.xmp`, and photos that share a name.

Adobe and Capture One put the sidecar of `IMG.CR2` at `IMG.xmp`, darktable and digiKam at
`IMG.CR2.xmp`. darktable's further versions of a photo (`IMG_01.CR2.xmp`) are edits of their own:
they are neither read nor written.
"""

import os
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import RAW_SUFFIXES, missing_support, photo_suffixes
from photoaesth.sidecars.marks import read_marks
from photoaesth.sidecars.packet import MalformedPacketError

SUFFIX = ".xmp"


class Style(StrEnum):
    """How new sidecars are named."""

    ADOBE = "adobe"
    DARKTABLE = "darktable"
    BOTH = "both"


class SidecarFolder:
    """The sidecars and photos of one folder, as they were when it was listed.

    Names are compared without regard to case and to how accents are composed: what is one file
    on macOS or Windows is one everywhere.
    """

    def __init__(self, folder: Path, names: Collection[str] | None = None) -> None:
        """List a folder.

        Args:
            folder: the folder.
            names: what is in it, where that is known already.

        Raises:
            PhotoaesthError: it cannot be listed.
        """
        self._folder = folder
        if names is None:
            try:
                names = os.listdir(folder)  # noqa: PTH208 - names alone, for folders of thousands
            except OSError as error:
                raise PhotoaesthError(f"cannot list {folder}: {error.strerror}") from error
        suffixes = photo_suffixes() | missing_support().keys()
        self._sidecars: dict[str, list[str]] = {}
        self._photos: dict[str, list[str]] = {}
        self._photo_names: set[str] = set()
        self._owners: dict[str, str | None] = {}
        for name in sorted(names):
            stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
            if suffix.lower() == SUFFIX:
                self._sidecars.setdefault(_key(stem), []).append(name)
            elif suffix.lower() in suffixes:
                self._photos.setdefault(_key(stem), []).append(name)
                self._photo_names.add(_key(name))

    def sidecars(self, photo: Path) -> tuple[Path, ...]:
        """Return the sidecars that are there for a photo of this folder: Adobe's first."""
        found = []
        if self._is_owner(photo):
            found += self._named(photo, photo.stem)
        found += self._named(photo, photo.name)
        return tuple(self._folder / name for name in found)

    def targets(self, photo: Path, style: Style) -> tuple[Path, ...]:
        """Return the sidecars to write for a photo: those that are there, else new ones.

        A new `IMG.xmp` that would be taken for another photo's becomes `IMG.DNG.xmp`.
        """
        found = self.sidecars(photo)
        if found:
            return found
        own = self._folder / (photo.name + SUFFIX)
        shared = self._folder / (photo.stem + SUFFIX)
        if style is Style.DARKTABLE or not self._is_owner(photo):
            return (own,)
        return (shared,) if style is Style.ADOBE else (shared, own)

    def _named(self, photo: Path, stem: str) -> list[str]:
        """Return the sidecars of a stem; where case tells several apart, only the very same."""
        names = self._sidecars.get(_key(stem), [])
        exact = [name for name in names if name[: -len(SUFFIX)] == stem]
        return exact if exact or self._twins(photo) else names

    def _twins(self, photo: Path) -> set[str]:
        """Return the other photos here whose names are the same but for case and accents."""
        names = self._photos.get(_key(photo.stem), [])
        if photo.name not in names:  # not as it was indexed: it may be that other one
            return set()
        return {name for name in names if _key(name) == _key(photo.name)} - {photo.name}

    def _is_owner(self, photo: Path) -> bool:
        """Return whether `IMG.xmp` is, or would be, this photo's among all called `IMG.*`.

        The sidecar may say so itself. Else it is the RAW file's, for programs embed what they
        have to say in other formats, DNG among them; DNG comes before JPEG. Two of a kind share
        nothing.
        """
        key = _key(photo.stem)
        if key not in self._owners:
            self._owners[key] = self._owner(key)
        if self._owners[key] != _key(photo.name):
            return False
        return all(Path(twin).stem != photo.stem for twin in self._twins(photo))

    def _owner(self, stem: str) -> str | None:
        """Return whose the sidecar of a stem is, as a key; None if that is in doubt."""
        if stem in self._photo_names:  # `IMG.CR2.xmp` beside `IMG.CR2` and `IMG.CR2.jpg`
            return None
        rivals = [_key(name) for name in self._photos.get(stem, [])]
        for name in self._sidecars.get(stem, []):
            said = _said_owner(self._folder / name, rivals)
            if said is not None:
                return said or None
        for is_likely in (_is_sensor_data, _is_raw, bool):
            likely = [rival for rival in rivals if is_likely(rival)]
            if likely:
                return likely[0] if len(likely) == 1 else None
        return None


def _said_owner(sidecar: Path, rivals: Collection[str]) -> str | None:
    """Return which photo a sidecar names; empty if it names one that is not there."""
    try:
        marks = read_marks(sidecar.read_bytes())
    except (OSError, MalformedPacketError):  # whoever reads or writes it will say so
        return None
    stem, suffix = os.path.splitext(_key(marks.raw_file_name or ""))  # noqa: PTH122 - a name
    if marks.sidecar_for:
        suffix = f".{marks.sidecar_for.lower().lstrip('.')}"
    elif stem != _key(sidecar.stem):  # none, or the photo's name before both were renamed
        return None
    return next((rival for rival in rivals if rival.endswith(suffix)), "")


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _is_raw(name: str) -> bool:
    return os.path.splitext(name)[1] in RAW_SUFFIXES  # noqa: PTH122 - a name, not a path


def _is_sensor_data(name: str) -> bool:
    return _is_raw(name) and not name.endswith(".dng")
