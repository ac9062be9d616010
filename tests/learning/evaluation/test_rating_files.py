from pathlib import Path

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.learning.evaluation.rating_files import (
    categories_of,
    number,
    read_categories,
    read_ratings,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ratings.csv"


def test_ratings_are_read(file: Path) -> None:
    """Columns come in any order, others are passed over; a byte order mark does no harm."""
    file.write_text('\ufeffphoto,score, rater,note\nä.jpg,3.5,ann,hm\n"x,y",-1e3,bob,\n', "utf-8")
    assert read_ratings(file) == [("ann", "ä.jpg", 3.5), ("bob", "x,y", -1000.0)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "does not start with the header rater,photo,score"),
        (b"rater,photo\na,b\n", "does not start with the header rater,photo,score"),
        (b"rater,photo,score\n", "holds no ratings"),
        (b"rater,photo,score\na,b,1\na,b,good\n", "line 3: the score 'good' is not a number"),
        (b"rater,photo,score\na,b,nan\n", "line 2: the score 'nan' is not a number"),
        (b"rater,photo,score\na,b,inf\n", "line 2: the score 'inf' is not a number"),
        (b"rater,photo,score\na,b\n", "line 2: there is no score"),
        (b"rater,photo,score\n,b,1\n", "line 2: there is no rater"),
        (b"rater,photo,score\na,b,1\na,\xff,1\n", "line 3: the text is not UTF-8"),
        (b'rater,photo,score\na,b,1\na,"b,1\n', "line 3: unexpected end of data"),
    ],
)
def test_a_bad_file_is_told_by_its_line(file: Path, content: bytes, message: str) -> None:
    """What is wrong is said in one line with the file's name and the number of the line."""
    file.write_bytes(content)
    with pytest.raises(PhotoaesthError) as raised:
        read_ratings(file)
    assert str(raised.value).startswith(str(file))
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_named(file: Path) -> None:
    """A file that is not there ends in a sentence, not in a traceback."""
    with pytest.raises(PhotoaesthError, match=r"cannot read .*ratings.csv: no such file"):
        read_ratings(file)


def test_numbers_are_shared_by_all_files() -> None:
    """A rater and a photo have one number in every file, in the order of their names."""
    study = number([("z", "b", 1)], [("a", "b", 2)], [("m", "a", 3)], ["b", "a"])
    assert (study.raters, study.photos) == (("a", "m", "z"), ("a", "b"))
    assert (study.train.rater.tolist(), study.train.photo.tolist()) == ([2], [1])
    assert (study.test.rater.tolist(), study.test.photo.tolist()) == ([0], [1])
    assert study.crowd is not None
    assert (study.crowd.rater.tolist(), study.crowd.photo.tolist()) == ([1], [0])


def test_repeated_ratings_count_as_their_mean_and_unusable_photos_not_at_all() -> None:
    """Scores 1 and 4 of one photo are 2.5; the rows of a photo that cannot be read are gone."""
    rows = [("a", "x", 1.0), ("a", "x", 4.0), ("a", "broken", 7.0)]
    study = number(rows, rows, None, ["x"])
    assert study.train.score.tolist() == [2.5]
    assert study.crowd is None


def test_categories(file: Path) -> None:
    """Every photo of the study has a category, and only one."""
    file.write_text("photo,category\nx,Scene\ny,Person\nx,Scene\n")
    study = number([("a", "y", 1.0), ("a", "x", 1.0)], [], None, ["x", "y"])
    assert categories_of(study, read_categories(file)) == ["Scene", "Person"]
    with pytest.raises(PhotoaesthError, match="1 rated photos have no category, 'y' among them"):
        categories_of(study, {"x": "Scene"})
    file.write_text("photo,category\nx,Scene\nx,Person\n")
    with pytest.raises(PhotoaesthError, match="line 3: 'x' was 'Scene' before"):
        read_categories(file)
