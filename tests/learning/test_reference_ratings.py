"""Files of ratings: CSV in three forms, and AVA.txt."""

from pathlib import Path

import numpy as np
import pytest

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.learning.distribution import mean_score
from photoaesth.learning.reference_ratings import read_ava, read_distributions, read_rating_csv

COUNTS = "photo,1,2,3,4,5,6,7,8,9,10\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ratings.csv"


def test_one_line_per_rating(file: Path) -> None:
    """The lowest score of the file becomes 1, the highest 10: of 1 to 7, 4 is in the middle."""
    file.write_text("rater,photo,score\na,x.jpg,1\nb,x.jpg,7\na,y.jpg,4\n")
    distributions = read_rating_csv(file)
    assert distributions["x.jpg"].tolist() == [0.5, *[0] * 8, 0.5]
    assert distributions["y.jpg"].tolist() == [0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0]  # 5.5


def test_one_line_per_photo(file: Path) -> None:
    """A mean score is a distribution with that mean; columns come in any order, with a BOM too."""
    file.write_text("score,notes,photo\n0.25,,x\n0,,y\n1,,z\n", encoding="utf-8-sig")
    means = {photo: mean_score(d) for photo, d in read_rating_csv(file).items()}
    assert means == pytest.approx({"x": 1 + 9 * 0.25, "y": 1, "z": 10})


def test_counts(file: Path) -> None:
    """The number of people who gave each score becomes their share."""
    file.write_text(COUNTS + "x,0,1,0,0,0,0,3,0,0,0\n")
    assert read_rating_csv(file)["x"].tolist() == [0, 0.25, 0, 0, 0, 0, 0.75, 0, 0, 0]


def test_ava(tmp_path: Path) -> None:
    """A line as in the published file: by image id, the ten counts as shares."""
    path = tmp_path / "AVA.txt"
    path.write_text(
        "1 953619 0 1 5 17 38 36 15 6 5 1 1 22 1396\n\n2 953958 10 0 0 0 0 0 0 0 0 0 1 2 3\n"
    )
    distributions = read_ava(path)
    assert list(distributions) == ["953619", "953958"]
    # 1 + 5 + 17 + 38 + 36 + 15 + 6 + 5 + 1 = 124 people
    np.testing.assert_allclose(
        distributions["953619"], np.array([0, 1, 5, 17, 38, 36, 15, 6, 5, 1]) / 124
    )
    assert distributions["953958"][0] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,score\nx,1\n", "does not start with a header photo,score or photo,1,2,…,10"),
        ("", "does not start with a header"),
        ("photo,score\n", "holds no ratings"),
        ("photo,score\nx,3\ny,3\n", "all scores of .* are 3"),
        ("photo,score\nx,1\ny,good\n", "line 3: a score is missing or not a number"),
        ("photo,score\nx,1\ny,nan\n", "line 3: a score is missing or not a number"),
        ("photo,score\nx,1\ny\n", "line 3: a score is missing or not a number"),
        ("photo,score\n,1\n", "line 2: there is no photo"),
        (COUNTS + "x,1,2\n", "line 2: a score is missing"),
        (COUNTS + "x,0,0,0,0,0,0,0,0,0,0\n", "line 2: the counts are negative or all zero"),
        (COUNTS + "x,-1,2,0,0,0,0,0,0,0,0\n", "line 2: the counts are negative"),
    ],
)
def test_a_csv_that_makes_no_sense(file: Path, text: str, said: str) -> None:
    """The file is named, and the line where there is one."""
    file.write_text(text)
    with pytest.raises(PhotoaesthError, match=rf"ratings\.csv.*{said}|{said}"):
        read_rating_csv(file)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1 2 3", "line 1: not the 15 whole numbers of AVA.txt"),
        ("1 953619 0 1 5 17 x 36 15 6 5 1 1 22 1396", "line 1: not the 15"),
        ("1 953619 0 0 0 0 0 0 0 0 0 0 1 22 1396", "line 1: the counts are"),
        ("", "holds no ratings"),
    ],
)
def test_an_ava_that_makes_no_sense(file: Path, line: str, said: str) -> None:
    """A line of other than fifteen numbers is named."""
    file.write_text(line)
    with pytest.raises(PhotoaesthError, match=said):
        read_ava(file)


def test_unreadable_files(file: Path) -> None:
    """A missing file and one that is no text give one line."""
    with pytest.raises(PhotoaesthError, match=r"cannot read .*ratings\.csv: no such file"):
        read_rating_csv(file)
    file.write_bytes(b"photo,score\n\xff\xfe,1\n")
    with pytest.raises(PhotoaesthError, match="is not UTF-8 text"):
        read_rating_csv(file)


def test_exactly_one_kind(file: Path) -> None:
    """Neither and both kinds of file are wrong usage; one is read as what it is said to be."""
    for given in (None, file):
        with pytest.raises(UsageError, match="either --ratings or --ava"):
            read_distributions(ratings=given, ava=given)
    file.write_text("1 7 1 0 0 0 0 0 0 0 0 0 1 2 3\n")
    assert list(read_distributions(ratings=None, ava=file)) == ["7"]
