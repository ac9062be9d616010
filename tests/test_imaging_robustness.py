import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from photoaesth.imaging import photo_suffixes

SHARED = Path(__file__).parents[2] / "shared" / "data"
DECODE_ALL = """
import json, sys, time
from pathlib import Path
from photoaesth.errors import UnreadableImageError
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library.exif import read_exif
files = []
for path in Path(sys.argv[1]).read_text().splitlines():
    started = time.perf_counter()
    try:
        decoded = decode(Path(path), min_side=DECODED_SIDE)
        thumbnail(decoded.image)
        read_exif(decoded.exif)
        outcome = "decoded" if decoded.image.mode == "RGB" else decoded.image.mode
        enough = min(DECODED_SIDE, max(decoded.width, decoded.height))
        outcome = outcome if max(decoded.image.size) >= enough else "size"
    except UnreadableImageError as error:
        outcome = "refused" if str(error) else "without a reason"
    files.append({"path": path, "outcome": outcome, "seconds": time.perf_counter() - started})
# Not ru_maxrss: on Linux that remembers the test runner this process was forked from.
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
peak = next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
print(json.dumps({"files": files, "peak_bytes": peak}))
"""


@pytest.fixture
def decode_all(tmp_path_factory):
    """Decode files in a fresh process, whose stderr and memory are its own."""

    def run(paths: list[Path]) -> subprocess.CompletedProcess[str]:
        listing = tmp_path_factory.mktemp("listing") / "paths.txt"
        listing.write_text("\n".join(map(str, paths)))
        command = [sys.executable, "-c", DECODE_ALL, str(listing)]
        return subprocess.run(command, capture_output=True, text=True, check=True)

    return run


def test_nothing_is_written_to_stderr(decode_all, tmp_path):
    """Neither Python's warnings nor libtiff's own messages reach the terminal."""
    broken, large = tmp_path / "broken.tif", tmp_path / "large.png"
    Image.effect_noise((300, 300), 50).save(broken, compression="tiff_lzw")
    tiff = broken.read_bytes()
    broken.write_bytes(tiff[:200] + bytes(2000) + tiff[2200:])
    Image.new("1", (10_000, 12_000)).save(large)  # as many pixels as Pillow warns of
    result = decode_all(sorted(tmp_path.iterdir()))
    assert result.stderr == ""
    assert [row["outcome"] for row in json.loads(result.stdout)["files"]] == ["refused", "decoded"]


@pytest.mark.shared_data
def test_hostile_files_decode_or_are_refused(decode_all):
    """Files of any name end in a thumbnail or a reason, quickly, quietly, in bounded memory."""
    if not SHARED.is_dir():
        pytest.skip("the development photos are not beside the checkout")
    result = decode_all([p for p in SHARED.glob("hostile-images/**/*") if p.is_file()])
    report = json.loads(result.stdout)
    assert result.stderr == ""
    assert {row["outcome"] for row in report["files"]} == {"decoded", "refused"}
    assert max(row["seconds"] for row in report["files"]) < 5
    assert report["peak_bytes"] < 1e9


@pytest.mark.shared_data
def test_camera_photos_decode(decode_all):
    """Photos straight from thirty makes of camera all decode."""
    if not SHARED.is_dir():
        pytest.skip("the development photos are not beside the checkout")
    photos = [p for p in SHARED.glob("camera-photos/*") if p.suffix.lower() in photo_suffixes()]
    report = json.loads(decode_all(photos).stdout)
    assert max(row["seconds"] for row in report["files"]) < 5
    assert report["peak_bytes"] < 1e9
    assert [row["outcome"] for row in report["files"]] == ["decoded"] * len(photos)
    assert len(photos) > 30
