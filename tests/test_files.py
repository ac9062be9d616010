import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import atomic_write, display_path, write_result


def test_a_file_appears_whole_and_alone(tmp_path):
    """The target holds what was written, and nothing else is in the folder."""
    target = tmp_path / "out.jpg"
    with atomic_write(target) as file:
        file.write(b"pixels")
        assert not target.exists()
    assert target.read_bytes() == b"pixels"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, PhotoaesthError])
@pytest.mark.parametrize("overwrite", [False, True])
def test_an_interrupted_write_leaves_nothing_behind(tmp_path, failure, overwrite):
    """Whatever ends the block early, no file is made, none is changed, and the cause gets out."""
    old, new = tmp_path / "old.jpg", tmp_path / "new.jpg"
    old.write_bytes(b"old")
    for target in (old, new) if overwrite else (new,):
        with pytest.raises(failure), atomic_write(target, overwrite=overwrite) as file:
            _write_and_raise(file, failure)
    assert list(tmp_path.iterdir()) == [old]
    assert old.read_bytes() == b"old"


def test_an_existing_target_is_refused(tmp_path):
    """Without overwrite an existing file stays as it is."""
    target = tmp_path / "out.jpg"
    target.write_bytes(b"old")
    with pytest.raises(FileExistsError), atomic_write(target) as file:
        file.write(b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("hard_links", [True, False])
def test_a_target_made_in_the_meantime_is_refused(tmp_path, hard_links, monkeypatch):
    """A file that appears during the write is kept, also where there are no hard links."""
    if not hard_links:
        monkeypatch.setattr(os, "link", _refuse(errno.EPERM))
    target = tmp_path / "out.jpg"
    with pytest.raises(FileExistsError), atomic_write(target) as file:
        target.write_bytes(b"theirs" if file.write(b"ours") else b"")
    assert target.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_system_without_hard_links_will_do(tmp_path, monkeypatch):
    """On exFAT and the like a new file is put in place by renaming."""
    monkeypatch.setattr(os, "link", _refuse(errno.EPERM))
    with atomic_write(tmp_path / "out.jpg") as file:
        file.write(b"pixels")
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"pixels"]


def test_of_many_writers_one_wins(tmp_path):
    """Of threads that write the same new file exactly one succeeds."""
    target = tmp_path / "out.jpg"

    def write(number: int) -> bool:
        try:
            with atomic_write(target) as file:
                file.write(bytes([number]) * 1000)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, ok in enumerate(pool.map(write, range(32))) if ok]
    assert len(won) == 1
    assert target.read_bytes() == bytes(won) * 1000


def test_overwrite_replaces(tmp_path):
    """With overwrite the new bytes take the old ones' place."""
    target = tmp_path / "out.jpg"
    target.write_bytes(b"old and longer")
    with atomic_write(target, overwrite=True) as file:
        file.write(b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_so(tmp_path, code, monkeypatch):
    """A full disk or quota is named, with the file and the way out; the old file stays."""
    target = tmp_path / "out.jpg"
    target.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", _refuse(code))
    with (
        pytest.raises(PhotoaesthError, match=r"out\.jpg: the disk is full; free some space"),
        atomic_write(target, overwrite=True) as file,
    ):
        file.write(b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no file size limit to set")
def test_a_write_the_system_cuts_short_leaves_nothing(tmp_path):
    """When the system really stops a write halfway, the folder is left as it was."""
    code = """
import resource, signal, sys
from pathlib import Path
from photoaesth.errors import PhotoaesthError
from photoaesth.files import atomic_write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with atomic_write(Path(sys.argv[1])) as file:
        for _ in range(100):
            file.write(bytes(10_000))
except PhotoaesthError as error:
    print(error)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "out.jpg")]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.startswith("cannot write ")
    assert "too large" in result.stdout
    assert result.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    """A target in a folder that does not exist is one line, not a traceback."""
    target = tmp_path / "gone" / "out.jpg"
    with pytest.raises(PhotoaesthError, match=r"cannot write .*out\.jpg"), atomic_write(target):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no permission bits")
def test_a_written_file_is_as_readable_as_any_other(tmp_path):
    """The permissions are those of a plainly written file, not of a private temporary one."""
    plain, target = tmp_path / "plain", tmp_path / "out.jpg"
    plain.write_bytes(b"")
    with atomic_write(target):
        pass
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no permission bits")
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755, 0o444])
def test_a_replaced_file_keeps_its_permissions(tmp_path, mode):
    """Overwriting a private file leaves it private, a shared one shared."""
    target = tmp_path / "out.jpg"
    target.write_bytes(b"old")
    target.chmod(mode)
    with atomic_write(target, overwrite=True) as file:
        file.write(b"new")
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"new", mode)


@pytest.mark.parametrize("old", [b"old", None])
def test_a_symbolic_link_is_followed_to_what_is_replaced(tmp_path, old):
    """Overwriting through a link writes the file it leads to, existing or not; the link stays."""
    (tmp_path / "elsewhere").mkdir()
    link, target = tmp_path / "out.jpg", tmp_path / "elsewhere" / "real.jpg"
    _link_or_skip(link, target)
    if old is not None:
        target.write_bytes(old)
    with atomic_write(link, overwrite=True) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_symbolic_link_to_nothing_is_refused(tmp_path):
    """Without overwrite a link counts as an existing file, even where it leads nowhere."""
    link = tmp_path / "out.jpg"
    _link_or_skip(link, tmp_path / "gone.jpg")
    with pytest.raises(FileExistsError), atomic_write(link) as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == [link]


@pytest.mark.parametrize(
    "error",
    [FileNotFoundError(errno.ENOENT, "gone"), OSError(errno.EIO, "input"), FileExistsError()],
)
def test_an_error_of_another_file_is_not_the_targets(tmp_path, error):
    """What the block fails at elsewhere gets out as it is, not as a failure to write."""
    with pytest.raises(type(error)) as caught, atomic_write(tmp_path / "out.jpg") as file:
        _write_and_raise(file, error)
    assert caught.value is error
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (Path("été 2024/日本.jpg"), str(Path("été 2024/日本.jpg"))),
        (b"caf\xe9.jpg", r"caf\xe9.jpg"),
        (Path("two\nlines\t.jpg"), r"two\x0alines\x09.jpg"),
        (b"\x1b[31mred\xff", r"\x1b[31mred\xff"),
        ("rtl\u202e.jpg".encode(), r"rtl\xe2\x80\xae.jpg"),
    ],
)
def test_paths_are_shown_on_one_harmless_line(path, shown):
    """Control characters and bytes that are not UTF-8 are spelt out; the rest is left alone."""
    assert display_path(path) == shown


def _write_and_raise(file: BinaryIO, failure: BaseException | type[BaseException]) -> None:
    file.write(b"half")
    raise failure


def _link_or_skip(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this user may not make symbolic links here")


def _refuse(code: int):
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


def test_a_result_never_takes_the_name_of_a_photo(tmp_path: Path) -> None:
    """Whatever --overwrite says, a page is not written over what is called a JPEG."""
    photo, page = tmp_path / "a.jpg", tmp_path / "a.HTML"
    photo.write_bytes(b"pixels")
    with pytest.raises(UsageError, match=r"ends in \.html"), write_result(photo, ".html") as file:
        file.write(b"page")
    assert photo.read_bytes() == b"pixels"
    with write_result(page, ".html", ".htm") as file:
        file.write(b"page")
    with pytest.raises(PhotoaesthError, match="add --overwrite"), write_result(page, ".html"):
        pass
    assert page.read_bytes() == b"page"
