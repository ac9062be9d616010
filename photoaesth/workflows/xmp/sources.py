"""What is said of a photo already, in its sidecars and in itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from photoaesth.domain import Skipped
from photoaesth.errors import PhotoaesthError
from photoaesth.files import display_path
from photoaesth.library.database import Library
from photoaesth.library.photo_files import PhotoFile, as_indexed, photo_files
from photoaesth.sidecars import (
    MalformedPacketError,
    Marks,
    SidecarFolder,
    embedded_marks,
    read_marks,
)
from photoaesth.workflows.xmp.places import why_missing


@dataclass(frozen=True, slots=True)
class Source:
    """A place that says something of a photo.

    Attributes:
        path: a sidecar, or the photo itself.
        embedded: whether it is the photo.
        marks: what it says.
        at: when that was changed last: by its own word, else by the file's time.
    """

    path: Path
    embedded: bool
    marks: Marks
    at: datetime


def named_files(library: Library, paths: Sequence[Path]) -> list[PhotoFile]:
    """Return the photos' files that paths name: files and folders; all when there are none.

    Raises:
        PhotoaesthError: a path names none.
    """
    known = [as_indexed(path) for path in paths]
    for path in known:
        if not photo_files(library, under=[path]):
            raise PhotoaesthError(
                f"{display_path(path)} is no indexed photo and no folder with any; "
                "index it first: photoaesth index DIR"
            )
    return photo_files(library, under=known)


class Folders:
    """Listings of folders, each made once."""

    def __init__(self) -> None:
        self._listed: dict[Path, SidecarFolder] = {}

    def of(self, photo: Path) -> SidecarFolder:
        """Return the listing of a photo's folder.

        Raises:
            PhotoaesthError: it cannot be listed.
        """
        folder = photo.parent
        if folder not in self._listed:
            self._listed[folder] = SidecarFolder(folder)
        return self._listed[folder]


def sources_of(files: Sequence[PhotoFile], folders: Folders) -> tuple[list[Source], list[Skipped]]:
    """Read what the sidecars of a photo's files, and the files themselves, say.

    Returns:
        The sources, Adobe's sidecars first and photos last, and what cannot be read.
    """
    sources: list[Source] = []
    skipped: list[Skipped] = []
    for file in files:
        try:
            sidecars = folders.of(file.path).sidecars(file.path)
        except PhotoaesthError as error:
            skipped.append(Skipped(file.path.parent, str(error)))
            continue
        for path, embedded in [*((path, False) for path in sidecars), (file.path, True)]:
            try:
                marks = embedded_marks(path) if embedded else read_marks(path.read_bytes())
                if marks is not None:
                    sources.append(
                        Source(path, embedded, marks, marks.modified or changed_at(path))
                    )
            except FileNotFoundError:  # gone since it was listed, or indexed
                skipped.append(Skipped(path, why_missing(path)))
            except OSError as error:
                skipped.append(Skipped(path, f"cannot be read: {error.strerror}".lower()))
            except (MalformedPacketError, PhotoaesthError) as error:
                skipped.append(Skipped(path, str(error)))
    return sources, skipped


def own_ratings(sources: Collection[Source]) -> frozenset[int]:
    """Return the stars that we wrote of a photo, into whichever of its sources.

    Other programs copy them from one into another; they stay ours.
    """
    return frozenset(
        source.marks.own_rating for source in sources if source.marks.own_rating is not None
    )


def given_stars(source: Source, own: Collection[int]) -> int | None:
    """Return the stars that somebody gave a photo, −1 if they rejected it; None if nobody did.

    Args:
        source: one that speaks of it.
        own: the stars that we wrote of it: they are nobody's.
    """
    marks = source.marks
    if marks.pick == "rejected" and marks.own_pick != "rejected" and -1 not in own:
        return -1
    return None if marks.rating in {None, 0, *own} else marks.rating


def given_label(source: Source) -> str | None:
    """Return the label that somebody gave a photo, unless it was us."""
    marks = source.marks
    return None if marks.label == marks.own_label else marks.label


def changed_at(path: Path) -> datetime:
    """Return when a file was changed last, as the file system says."""
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
