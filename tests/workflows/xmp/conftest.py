"""Six small photos in a library, and sidecars as other programs write them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from photoaesth.library import comparisons, ratings
from photoaesth.library.database import open_library
from photoaesth.sidecars import Marks, read_marks
from photoaesth.workflows import xmp
from photoaesth.workflows.xmp import (
    UndoReport,
    WriteOptions,
    WritePlan,
    WriteReport,
    XmpImportReport,
)

NAMES = [f"IMG_{number}.jpg" for number in range(1, 7)]


@dataclass
class Desk:
    """The photos, their library, and what is done with their sidecars.

    Attributes:
        root: the folder of the photos.
        library: the library file.
    """

    root: Path
    library: Path

    def plan(self, **options: Any) -> WritePlan:
        """Plan a write."""
        return self.plan_of("me", **options)

    def plan_of(self, profile: str, **options: Any) -> WritePlan:
        """Plan a write of a profile."""
        return xmp.plan_write(self.library, profile, WriteOptions(**options))

    def write(self, profile: str = "me", **options: Any) -> tuple[WritePlan, WriteReport]:
        """Plan a write and carry it out."""
        plan = self.plan_of(profile, **options)
        return plan, xmp.write(self.library, plan)

    def undo(self, profile: str = "me") -> UndoReport:
        """Take the last write of a profile back."""
        last = xmp.last_write(self.library, profile)
        assert last is not None
        return xmp.undo(self.library, last)

    def read(self, *folders: Path, **options: Any) -> XmpImportReport:
        """Import what other programs said."""
        return xmp.import_xmp(self.library, "me", folders, **options)

    def ratings(self) -> dict[str, float]:
        """The ratings that count, by file name."""
        with open_library(self.library) as library:
            profile = comparisons.profile_id(library, "me")
            found = ratings.ratings(library, profile)
            rows = library.connection.execute("SELECT photo_id, path FROM files").fetchall()
        names = {photo: Path(path.decode()).name for photo, path in rows}
        return {names[photo]: value for photo, value in found.items()}

    def rate(self, name: str, value: float | None) -> None:
        """Rate a photo in this program."""
        with open_library(self.library) as library:
            key = str(self.root / name).encode()
            (photo,) = library.connection.execute(
                "SELECT photo_id FROM files WHERE path = ?", (key,)
            ).fetchone()
            profile = comparisons.profile_id(library, "me")
            ratings.set_ratings(library, profile, {photo: value}, source="compare")

    def marks(self, name: str) -> Marks:
        """What a sidecar says."""
        return read_marks((self.root / name).read_bytes())

    def give(self, name: str, **fields: Any) -> bytes:
        """Write a sidecar as another program would; return its bytes."""
        data = packet(**fields)
        (self.root / name).write_bytes(data)
        return data

    def sidecars(self) -> dict[str, bytes]:
        """All sidecars, by name."""
        return {path.name: path.read_bytes() for path in sorted(self.root.glob("*.[xX][mM][pP]"))}

    def runs(self) -> int:
        """How many writes the journal has."""
        with open_library(self.library) as library:
            query = "SELECT count(*) FROM sidecar_runs"
            return int(library.connection.execute(query).fetchone()[0])


def packet(
    rating: object = None,
    label: str = "",
    pick: int | None = None,
    date: str = "",
    keywords: tuple[str, ...] = (),
    hierarchical: tuple[str, ...] = (),
) -> bytes:
    """Return a sidecar with some develop settings, and what somebody said of the photo."""
    said = 'crs:Exposure2012="+0.50"'
    said += "" if rating is None else f' xmp:Rating="{rating}"'
    said += f' xmp:Label="{label}"' if label else ""
    said += f' digiKam:PickLabel="{pick}"' if pick is not None else ""
    said += f' xmp:MetadataDate="{date}"' if date else ""
    lists = ""
    for name, words in (("dc:subject", keywords), ("lr:hierarchicalSubject", hierarchical)):
        items = "".join(f"<rdf:li>{word}</rdf:li>" for word in words)
        lists += f"<{name}><rdf:Bag>{items}</rdf:Bag></{name}>" if words else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:digiKam="http://www.digikam.org/ns/1.0/" {said}>{lists}</rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>""".encode()


@pytest.fixture
def desk(place: Any) -> Desk:
    """Six photos, indexed; no sidecars yet."""
    place.add(*NAMES)
    place.index()
    return Desk(place.root, place.library)


@pytest.fixture
def sidecar() -> Callable[..., bytes]:
    """Makes a sidecar as another program would."""
    return packet
