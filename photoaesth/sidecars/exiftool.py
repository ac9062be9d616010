"""Writing XMP into photos, by exiftool: the one program that knows all their formats."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from photoaesth.errors import PhotoaesthError, UnreadableImageError
from photoaesth.files import atomic_write, display_path
from photoaesth.sidecars.canonical import others_of
from photoaesth.sidecars.embedded import embedded_packet
from photoaesth.sidecars.other_data import other_data_digest
from photoaesth.sidecars.packet import MalformedPacketError, Packet

EMBEDDABLE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".tif", ".tiff", ".dng", ".png", ".webp"}
    | {".heic", ".heif", ".hif", ".avif"}
)
"""Lower-case suffixes of photos that may be written into; RAW files never are, but for DNG."""

# A segment's content less what names it as XMP. exiftool would split no packet that is larger,
# and it throws away the further segments of one that is split (extended XMP).
_JPEG_BYTES = 65_533 - len(b"http://ns.adobe.com/xap/1.0/\0")
_READY = b"{ready}"
_FOLDER_PREFIX = "photoaesth-exiftool-"
_ABANDONED_S = 3600
# Told to stay open, exiftool waits on for more when its input ends. This stands between, and tells
# it to end then: it would outlive us when we are killed.
_FEEDER = r"""
import os
while words := os.read(0, 65536):
    os.write(1, words)
os.write(1, b"-stay_open\nFalse\n")
"""
_CHUNK_BYTES = 1 << 20
_MISSING = (
    "writing into photos needs exiftool, which is not installed; install it "
    "(Debian and Ubuntu: apt install libimage-exiftool-perl; others: https://exiftool.org) "
    "or write sidecars"
)


class _Refusal(Exception):  # noqa: N818 - it ends in an error that names the photo
    """Why a photo is not written into."""


class ExifTool:
    """One running exiftool, for many photos, as a context manager.

    It works on copies with plain names in a folder of its own, so that no name of a photo has to
    pass through its list of arguments, and no half-written file stands beside photos.
    """

    def __init__(self) -> None:
        """Find exiftool.

        Raises:
            PhotoaesthError: it is not installed; the package that brings it is named.
        """
        program = shutil.which("exiftool")
        if program is None:
            raise PhotoaesthError(_MISSING)
        self._program = program

    def __enter__(self) -> Self:
        _remove_abandoned_folders()
        self._folder = tempfile.TemporaryDirectory(prefix=_FOLDER_PREFIX)
        self._feeder = subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-I", "-S", "-c", _FEEDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._feeder.stdout
        # A configuration of the user's own could change what is written: `-config` and nothing.
        self._process = subprocess.Popen(  # noqa: S603 - what `which` found, and our own words
            [self._program, "-config", "", "-stay_open", "True", "-@", "-"],
            stdin=self._feeder.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._feeder.stdout.close()  # exiftool has it now
        return self

    def __exit__(self, *_: object) -> None:
        assert self._feeder.stdin
        assert self._process.stdout
        with contextlib.suppress(OSError):  # the feeder has ended
            self._feeder.stdin.close()
        for process in (self._process, self._feeder):
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def embed(self, photo: Path, packet: bytes) -> None:
        """Put a packet into a photo in the place of the one it has.

        A copy is written and compared: only when its picture, EXIF and all else are the same does
        it take the photo's place, in one step, with the photo's permissions. Its time is new:
        backups and other programs tell by it that the file changed.

        Args:
            photo: one with a suffix of `EMBEDDABLE_SUFFIXES`; of a symbolic link, the file it
                leads to.
            packet: what `write_marks` returned for what `embedded_packet` read; empty takes the
                XMP out.

        Raises:
            PhotoaesthError: nothing was written, and why; the photo is untouched.
        """
        place = Path(os.path.realpath(photo))
        copy = Path(self._folder.name, f"photo{place.suffix.lower()}")
        try:
            before = place.stat()
            shutil.copyfile(place, copy)
            self._write(copy, packet)
            _check(place, copy, packet)
            with copy.open("rb") as source, atomic_write(place, overwrite=True) as target:
                shutil.copyfileobj(source, target, _CHUNK_BYTES)
                _check_untouched(place, before)
        except OSError as error:
            raise _refused(photo, error.strerror or str(error)) from error
        except (_Refusal, UnreadableImageError, MalformedPacketError) as error:
            raise _refused(photo, str(error)) from error
        finally:
            copy.unlink(missing_ok=True)

    def _write(self, copy: Path, packet: bytes) -> None:
        """Let exiftool write a packet into a file."""
        with copy.open("rb") as stream:
            is_jpeg = stream.read(2) == b"\xff\xd8"
        if is_jpeg and len(packet) > _JPEG_BYTES:
            raise _Refusal(
                f"its XMP would take {len(packet) / 1000:.0f} kB, more than the "
                f"{_JPEG_BYTES / 1000:.0f} kB that exiftool writes into a JPEG; use a sidecar"
            )
        block = copy.with_name("packet.xmp")
        block.write_bytes(packet)
        # With its group named: `-XMP<=` would write EXIF anew, too, maker notes included.
        task = f"-XMP:XMP<={block}" if packet else "-XMP:XMP="
        said = self._run("-charset", "filename=utf8", "-overwrite_original", task, str(copy))
        if "1 image files updated" not in said:
            reason = next((line for line in said.splitlines() if line.startswith("Error")), said)
            raise _Refusal(_without_place(reason, copy))

    def _run(self, *arguments: str) -> str:
        """Run one task; return all that exiftool said."""
        assert self._feeder.stdin
        assert self._process.stdout
        lines = "\n".join([*arguments, "-execute", ""])
        said: list[bytes] = []
        try:
            self._feeder.stdin.write(lines.encode())
            self._feeder.stdin.flush()
        except OSError as error:
            raise _Refusal("exiftool ended before it was done") from error
        for line in self._process.stdout:
            if line.startswith(_READY):
                return b"".join(said).decode("utf-8", "replace")
            said.append(line)
        raise _Refusal("exiftool ended before it was done")


def _remove_abandoned_folders() -> None:
    """Remove the folders, with a copy of a photo, that killed runs of this user have left.

    Only those that are older than an hour, as others may be those of a run that goes on.
    """
    latest = time.time() - _ABANDONED_S
    for remains in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's: it cannot be removed
            if remains.stat().st_mtime < latest:
                shutil.rmtree(remains)


def _check(photo: Path, copy: Path, packet: bytes) -> None:
    """Make sure that a copy has the XMP that it was to have, and else nothing new."""
    if other_data_digest(photo) != other_data_digest(copy):
        raise _Refusal("more of it than its XMP would change")
    if _canonical(embedded_packet(copy)) != _canonical(packet):
        raise _Refusal("exiftool did not write what it was given")


def _canonical(packet: bytes) -> bytes:
    return others_of(Packet(packet), ()) if packet else b""


def _check_untouched(photo: Path, before: os.stat_result) -> None:
    now = photo.stat()
    if (now.st_mtime_ns, now.st_size) != (before.st_mtime_ns, before.st_size):
        raise _Refusal("another program changed it meanwhile")


def _refused(photo: Path, reason: str) -> PhotoaesthError:
    return PhotoaesthError(f"cannot write into {display_path(photo)}: {reason}")


def _without_place(reason: str, copy: Path) -> str:
    """Return an error of exiftool's without the name of the copy."""
    return reason.strip().partition("\n")[0].removeprefix("Error: ").replace(f" - {copy}", "")
