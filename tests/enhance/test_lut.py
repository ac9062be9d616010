from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter

from photoaesth.enhance.lut import POINTS, Cube, read_cube, write_cube
from photoaesth.enhance.operations import apply, to_vector
from photoaesth.errors import PhotoaesthError

LOOK = {"exposure": 0.3, "temperature": 0.2, "saturation": 0.2, "shadows": 0.05, "contrast": 0.1}


def test_a_cube_file_round_trips(tmp_path: Path) -> None:
    """Each row read back is what the operations make of its colour, red varying fastest."""
    target = tmp_path / "look.cube"
    write_cube(target, LOOK, title="Mine")
    table = read_cube(target)
    assert table.shape == (33, 33, 33, 3)
    blue, green, red = 3, 20, 31
    color = torch.tensor([red, green, blue]).view(1, 3, 1, 1) / (POINTS - 1)
    expected = apply(color, to_vector(LOOK)[None]).flatten().numpy()
    np.testing.assert_allclose(table[blue, green, red], expected, atol=2e-6)


def test_the_file_is_laid_out_as_the_specification_says(tmp_path: Path) -> None:
    """The head has title, domain and size, then come 33³ rows of three numbers in [0, 1]."""
    target = tmp_path / "look.cube"
    write_cube(target, LOOK, title='My "look"\nof 2024')
    lines = target.read_text("ascii").splitlines()
    assert lines[:4] == [
        'TITLE "My  look  of 2024"',
        "DOMAIN_MIN 0 0 0",
        "DOMAIN_MAX 1 1 1",
        "LUT_3D_SIZE 33",
    ]
    assert len(lines) == 4 + 33**3
    assert all(0 <= float(n) <= 1 for line in lines[4:] for n in line.split())


def test_another_program_gets_the_look_from_it(tmp_path: Path) -> None:
    """Pillow's 3-D table, fed with the file, shows the picture as the operations do."""
    target = tmp_path / "look.cube"
    write_cube(target, LOOK, title="Mine")
    y, x = np.mgrid[0:1:96j, 0:1:128j]
    levels = np.uint8(255 * np.stack([x, 0.5 + 0.4 * np.sin(5 * y + x), (x + y) / 2], axis=-1))
    table = ImageFilter.Color3DLUT(33, read_cube(target).ravel())
    shown = np.asarray(Image.fromarray(levels).filter(table), np.float32)
    pixels = torch.from_numpy(levels).permute(2, 0, 1)[None] / 255
    expected = apply(pixels, to_vector(LOOK)[None])[0].permute(1, 2, 0).numpy() * 255
    assert np.abs(shown - expected).mean() < 0.6
    assert np.abs(shown - expected).max() < 3


def test_local_operations_are_left_out(tmp_path: Path) -> None:
    """A look of local operations alone is the identity table."""
    target = tmp_path / "look.cube"
    write_cube(target, {"clarity": 0.5, "vignette": 1.0}, title="Local")
    axis = np.linspace(0, 1, 33)
    expected = np.stack(np.meshgrid(axis, axis, axis, indexing="ij")[::-1], axis=-1)
    np.testing.assert_allclose(read_cube(target), expected, atol=1e-6)


def test_an_existing_file_stays(tmp_path: Path) -> None:
    """Nothing is replaced unless asked for."""
    target = tmp_path / "look.cube"
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        write_cube(target, LOOK, title="")
    assert target.read_text() == "mine"


HEAD = "LUT_3D_SIZE 2\n"
ROWS = "0 0 0\n" * 8


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "damaged"),
        (HEAD + "0 0 0\n" * 7, "damaged"),
        (HEAD + "0 0\n" * 8, "damaged"),
        (HEAD + "0 0 0\n" * 7 + "0 0 nan\n", "damaged"),
        ("LUT_3D_SIZE two\n" + ROWS, "damaged"),
        ("LUT_1D_SIZE 8\n" + ROWS, "1-D"),
        ("LUT_3D_SIZE\n" + ROWS, "damaged"),
        ("DOMAIN_MIN 0 0 0\nDOMAIN_MAX 4 4 4\n" + HEAD + ROWS, "beyond"),
        ("DOMAIN_MIN -1 -1 -1\n" + HEAD + ROWS, "beyond"),
        ("LUT_3D_INPUT_RANGE 0.0 4.0\n" + HEAD + ROWS, "beyond"),
        ("LUT_3D_INPUT_RANGE 0.0\n" + HEAD + ROWS, "damaged"),
    ],
)
def test_broken_files_are_refused_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    """A file that is cut off or of another kind is named, with what is wrong."""
    source = tmp_path / "look.cube"
    source.write_text(content)
    with pytest.raises(PhotoaesthError, match=reason):
        read_cube(source)


@pytest.mark.parametrize(
    "head",
    [
        "# made elsewhere\n\n" + HEAD,
        '\ufeffTITLE "with a mark"\n' + HEAD,
        "\ufeff" + HEAD,
        'TITLE\t"tabs"\nLUT_3D_SIZE\t2\nDOMAIN_MIN\t0\t0\t0\nDOMAIN_MAX\t1.0\t1.0\t1.0\n',
        HEAD + "LUT_3D_INPUT_RANGE 0.0 1.0\n",
        "DOMAIN_MAX 1 1 1\nDOMAIN_MIN 0 0 0\n" + HEAD,
    ],
    ids=["comments", "mark and title", "mark", "tabs", "range", "greatest first"],
)
def test_files_of_other_programs_are_read(tmp_path: Path, head: str) -> None:
    """They have comments, a byte order mark, tabs, a domain of another name, and other sizes."""
    source = tmp_path / "look.cube"
    source.write_text(head + ROWS, "utf-8")
    assert read_cube(source).shape == (2, 2, 2, 3)


@pytest.mark.parametrize(("kind", "channels"), [(np.uint8, 4), (np.uint16, 3)])
def test_a_table_maps_photos_of_8_and_16_bits(kind: type, channels: int) -> None:
    """Every pixel becomes what linear interpolation in the table says, to half a level."""
    axis = np.linspace(0, 1, 5, dtype=np.float32)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    table = np.stack([0.5 * red, 1 - green, 0.25 + blue / 2], axis=-1).astype(np.float32)
    greatest = np.iinfo(kind).max
    photo = np.random.default_rng(1).integers(0, greatest, (700, 800, channels), kind)
    before = photo[..., :3] / greatest
    Cube("linear", table).render(photo)
    expected = np.stack(
        [0.5 * before[..., 0], 1 - before[..., 1], 0.25 + before[..., 2] / 2], axis=-1
    )
    assert np.abs(photo[..., :3] - expected * greatest).max() <= 0.51
