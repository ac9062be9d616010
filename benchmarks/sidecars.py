"""How fast sidecars are imported, written and taken back.

    python benchmarks/sidecars.py [--photos 5000]

Makes a library of photos that share one picture, each with a Lightroom sidecar, in a folder that is
gone at the end. Times are of the processor.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from photoaesth.domain import Exif
from photoaesth.learning.crowd import load_crowd_model
from photoaesth.library import locations, models, photos
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.workflows import xmp

Result = TypeVar("Result")

SIDECAR = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:Rating="{stars}"
   xmp:MetadataDate="2024-05-06T07:08:09+02:00"
   crs:Version="15.3"
   crs:Exposure2012="+0.45"
   crs:ToneCurveName2012="Linear">
   <dc:subject><rdf:Bag><rdf:li>coast</rdf:li><rdf:li>evening</rdf:li></rdf:Bag></dc:subject>
   <lr:hierarchicalSubject><rdf:Bag><rdf:li>places|coast</rdf:li></rdf:Bag></lr:hierarchicalSubject>
   <crs:ToneCurvePV2012><rdf:Seq>{curve}</rdf:Seq></crs:ToneCurvePV2012>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
CURVE = "".join(f"<rdf:li>{x}, {x}</rdf:li>" for x in range(0, 256, 8))


def main() -> None:
    """Make the library, then time what `photoaesth xmp` does with it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=5000)
    count = parser.parse_args().photos
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CACHE_HOME"] = place
        library = Path(place, "library.db")
        make(library, Path(place, "photos"), count)

        def timed(what: str, do: Callable[[], Result]) -> Result:
            started = time.process_time()
            result = do()
            seconds = time.process_time() - started
            print(f"{what:<30} {seconds:6.1f} s  {count / seconds:7.0f} photos/s")
            return result

        options = xmp.WriteOptions(stars=(), overwrite=True)
        timed("import", lambda: xmp.import_xmp(library, "me", ()))
        timed("import, nothing new", lambda: xmp.import_xmp(library, "me", ()))
        plan = timed("plan of a write", lambda: xmp.plan_write(library, "me", options))
        timed("write, every file flushed", lambda: xmp.write(library, plan))
        timed("plan, nothing to write", lambda: xmp.plan_write(library, "me", options))
        last = xmp.last_write(library, "me")
        timed("undo", lambda: xmp.undo(library, last))


def make(library_path: Path, folder: Path, count: int) -> None:
    """Make photos, sidecars, and a library that knows them without having read them."""
    crowd, rng = load_crowd_model(), np.random.default_rng(0)
    folder.mkdir()
    picture = folder.parent / "picture.jpg"
    Image.new("RGB", (300, 200), "teal").save(picture)
    with open_library(library_path, create=True) as library, library.transaction():
        locations.add_root(library, folder)
        for number in range(count):
            photo = folder / f"{number // 500:03}" / f"IMG_{number:05}.jpg"
            photo.parent.mkdir(exist_ok=True)
            photo.write_bytes(picture.read_bytes())
            sidecar = SIDECAR.format(stars=number % 6, curve=CURVE)
            photo.with_suffix(".xmp").write_text(sidecar, "utf-8")
            status = photo.stat()
            file = FoundFile(os.fsencode(photo), status.st_size, status.st_mtime_ns)
            known = NewPhoto(file, content_hash(str(number).encode()), 300, 200, number, Exif())
            photo_id = photos.store_photo(library, known)
            vector = rng.normal(size=crowd.projection.size).astype(np.float16)
            models.store_embedding(library, photo_id, crowd.embedding_name, vector)


if __name__ == "__main__":
    main()
