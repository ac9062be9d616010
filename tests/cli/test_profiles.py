"""`photoaesth profiles`, `backup` and `restore`, as they are typed."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from photoaesth.cli.app import app
from photoaesth.domain import Exif, Outcome, Source
from photoaesth.library.comparisons import NewComparison, add_comparisons, profile_id
from photoaesth.library.database import open_library
from photoaesth.library.found import FoundFile, NewPhoto, content_hash
from photoaesth.library.photos import store_photo
from photoaesth.library.ratings import set_ratings

Run = Callable[..., Result]


@pytest.fixture
def run(home: Path) -> Run:
    """Run the program on a library with the profiles `me`, who chose once, and `guest`."""
    with open_library(home / "library.db", create=True) as library:
        ids = []
        with library.transaction():
            for name in ("a", "b"):
                file = FoundFile(os.fsencode(f"/photos/{name}.jpg"), 1, 1)
                new = NewPhoto(file, content_hash(name.encode()), 3, 2, 0, Exif())
                ids.append(store_photo(library, new))
        answer = NewComparison(*ids, Outcome.LEFT)
        add_comparisons(library, profile_id(library, "me"), [answer], source=Source.RANDOM)
        set_ratings(library, profile_id(library, "guest"), {ids[0]: 0.5}, source="import")
        profile_id(library, "typo")
    return lambda *words: CliRunner().invoke(app, list(words))


def known(run: Run) -> dict[str, int]:
    listed = json.loads(run("profiles", "list", "--json").stdout)["profiles"]
    return {profile["name"]: profile["choices"] for profile in listed}


def test_profiles_are_listed_renamed_and_dropped(run: Run) -> None:
    """The three commands do what they say, and say what they did."""
    assert known(run) == {"guest": 0, "me": 1}
    assert "me             1        0          0  never" in run("profiles", "list").stdout
    assert run("profiles", "rename", "me", "noor").stdout == "Profile 'me' is 'noor' now.\n"
    assert run("profiles", "drop", "guest", "--yes").stdout == "Dropped profile 'guest'.\n"
    assert known(run) == {"noor": 1}


def test_choices_are_not_dropped_unasked(run: Run) -> None:
    """Without a terminal and without --yes, a profile that has chosen stays."""
    refused = run("profiles", "drop", "me")
    assert refused.exit_code == 2
    assert "Delete profile 'me' with 1 choice for good?" in refused.stderr
    assert known(run) == {"guest": 0, "me": 1}
    assert run("profiles", "drop", "me", "--yes").exit_code == 0
    assert known(run) == {"guest": 0}


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a Unix terminal")
def test_on_a_terminal_it_asks(run: Run) -> None:
    """No is the answer when only Enter is pressed; y drops the profile."""
    import pexpect

    for answer, left in (("", {"guest": 0, "me": 1}), ("y", {"guest": 0})):
        words = ["-m", "photoaesth", "profiles", "drop", "me"]
        child = pexpect.spawn(sys.executable, words, timeout=120, encoding="utf-8")
        child.expect(r"for good\? \[y/N\]: ")
        child.sendline(answer)
        child.expect(pexpect.EOF)
        child.close()
        assert known(run) == left


def test_a_backup_brings_back_what_was_dropped(run: Run, tmp_path: Path) -> None:
    """Backup, drop, restore: the choices are there again, and the library between is kept."""
    copy = tmp_path / "copy.db"
    assert "is sound" in run("backup", str(copy)).stdout
    assert run("backup", str(copy)).exit_code == 1, "an existing file is not replaced"
    run("profiles", "drop", "me", "--yes")
    assert run("restore", str(copy)).exit_code == 2, "it asks before it replaces a library"
    restored = json.loads(run("restore", str(copy), "--yes", "--json").stdout)
    assert Path(restored["replaced"]).exists()
    assert known(run) == {"guest": 0, "me": 1}
