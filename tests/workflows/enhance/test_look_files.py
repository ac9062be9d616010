"""The average look of a run as files, and files in place of a look that is found."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photoaesth.enhance.lut import read_cube, write_cube
from photoaesth.enhance.parameters import read_parameters, write_parameters
from photoaesth.errors import PhotoaesthError
from photoaesth.workflows.enhance import EnhanceOptions, enhance

POINTWISE = {"exposure": 0.3, "temperature": 0.15, "saturation": 0.2, "contrast": 0.1}


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), float)


def test_the_average_look_is_the_mean_of_the_parameters(studio, out: Path, tmp_path: Path) -> None:
    """Each parameter of the file is the mean over the photos; without an output, no copy."""
    look = tmp_path / "look.json"
    report = enhance(studio.library, "me", [studio.root], None, EnhanceOptions(parameters=look))
    assert len(report.enhanced) == 3
    assert all(photo.output is None for photo in report.enhanced)
    assert not out.exists()
    written = read_parameters(look)
    for name in report.enhanced[0].parameters:
        mean = np.mean([photo.parameters[name] for photo in report.enhanced])
        assert written.get(name, 0.0) == pytest.approx(mean, abs=1e-6)
    assert written["exposure"] != 0


def test_exported_parameters_give_the_same_picture(
    studio, out: Path, tmp_path: Path, likes_bright
) -> None:
    """Applied to the photo they came from, they make the same copy, and nothing is scored."""
    photo, look = studio.root / "sub" / "b.png", tmp_path / "look.json"
    (found,) = enhance(studio.library, "me", [photo], out, EnhanceOptions(parameters=look)).enhanced
    calls = likes_bright.calls
    (given,) = enhance(
        studio.library, "me", [photo], out / "again", EnhanceOptions(look=look)
    ).enhanced
    assert likes_bright.calls == calls
    assert (given.score_before, given.score_after) == (None, None)
    assert np.abs(pixels(given.output) - pixels(found.output)).max() <= 1


def test_an_exported_table_gives_the_same_picture(studio, out: Path, tmp_path: Path) -> None:
    """On a pointwise look, the table is within 1/255 of the parameters, all formats alike."""
    parameters, cube = tmp_path / "look.json", tmp_path / "look.cube"
    write_parameters(parameters, POINTWISE)
    photo = studio.draw(studio.root / "large.png", seed=5, size=(300, 200))
    options = EnhanceOptions(look=parameters, cube=cube)
    (by_parameters,) = enhance(studio.library, "me", [photo], out, options).enhanced
    (by_table,) = enhance(
        studio.library, "me", [photo], out / "table", EnhanceOptions(look=cube)
    ).enhanced
    assert by_table.parameters == {}
    difference = np.abs(pixels(by_table.output) - pixels(by_parameters.output))
    assert np.abs(pixels(by_table.output) - pixels(photo)).max() > 20
    assert difference.max() <= 2
    assert (difference > 1).mean() < 0.01


def test_the_table_is_titled_by_the_profile(studio, tmp_path: Path) -> None:
    """Programs show whose look it is."""
    cube = tmp_path / "look.cube"
    enhance(studio.library, "noor", [studio.root], None, EnhanceOptions(cube=cube))
    assert cube.read_text().startswith('TITLE "photoaesth, the look of noor"\n')
    assert read_cube(cube).shape == (33, 33, 33, 3)


@pytest.mark.parametrize("name", ["look.cube", "look.json"])
def test_existing_files_are_refused_before_any_work(
    studio, out: Path, tmp_path: Path, likes_bright, name: str
) -> None:
    """One line, no score computed, no copy written; --overwrite replaces the file."""
    target = tmp_path / name
    target.write_text("mine")
    key = "cube" if name.endswith("cube") else "parameters"
    with pytest.raises(PhotoaesthError, match=f"{name} exists; choose another name or add --over"):
        enhance(studio.library, "me", [studio.root], out, EnhanceOptions(**{key: target}))
    assert (target.read_text(), likes_bright.calls, out.exists()) == ("mine", 0, False)
    enhance(
        studio.library, "me", [studio.root], out, EnhanceOptions(**{key: target}, overwrite=True)
    )
    assert target.read_text() != "mine"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing/look.cube", "there is no folder"), ("folder.cube", "it is a folder")],
)
def test_places_that_cannot_be_written_are_refused(
    studio, out: Path, tmp_path: Path, likes_bright, name: str, reason: str
) -> None:
    """A missing folder, and a folder of that name, are one line before any work."""
    (tmp_path / "folder.cube").mkdir()
    with pytest.raises(PhotoaesthError, match=reason):
        enhance(studio.library, "me", [studio.root], out, EnhanceOptions(cube=tmp_path / name))
    assert (likes_bright.calls, out.exists()) == (0, False)


def test_a_dry_run_writes_no_look(studio, out: Path, tmp_path: Path) -> None:
    """Neither copies nor files of the look appear."""
    options = EnhanceOptions(cube=tmp_path / "look.cube", dry_run=True)
    assert len(enhance(studio.library, "me", [studio.root], out, options).enhanced) == 3
    assert not (tmp_path / "look.cube").exists()


def test_a_damaged_look_is_one_line(studio, out: Path, tmp_path: Path) -> None:
    """What cannot be applied is named, and nothing is written."""
    with pytest.raises(PhotoaesthError, match=r"no file .*none\.json"):
        enhance(
            studio.library, "me", [studio.root], out, EnhanceOptions(look=tmp_path / "none.json")
        )
    for name in ("bad.json", "bad.cube"):
        look = tmp_path / name
        look.write_text(json.dumps({"glow": 1}))
        with pytest.raises(PhotoaesthError, match=f"cannot read .*{name}"):
            enhance(studio.library, "me", [studio.root], out, EnhanceOptions(look=look))
    assert not out.exists()


def test_a_table_of_another_program_is_applied(studio, out: Path, tmp_path: Path) -> None:
    """Two points an axis that swap red and blue swap them in the copy."""
    cube = tmp_path / "swap.cube"
    rows = [f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    cube.write_text("\n".join(["# made elsewhere", "LUT_3D_SIZE 2", *rows]) + "\n")
    photo = studio.root / "sub" / "b.png"
    (done,) = enhance(studio.library, "me", [photo], out, EnhanceOptions(look=cube)).enhanced
    np.testing.assert_allclose(pixels(done.output), pixels(photo)[..., ::-1], atol=1)


def test_the_identity_table_changes_nothing(studio, out: Path, tmp_path: Path) -> None:
    """A look that does nothing leaves every pixel as it is."""
    cube = tmp_path / "none.cube"
    write_cube(cube, {}, title="Nothing")
    photo = studio.root / "sub" / "b.png"
    (done,) = enhance(studio.library, "me", [photo], out, EnhanceOptions(look=cube)).enhanced
    np.testing.assert_array_equal(pixels(done.output), pixels(photo))
