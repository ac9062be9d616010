import json
from pathlib import Path

import pytest

from photoaesth.enhance.operations import PARAMETERS
from photoaesth.enhance.parameters import read_parameters, write_parameters
from photoaesth.errors import PhotoaesthError


def test_parameters_survive_the_round_trip(tmp_path: Path) -> None:
    """What is written is read back, without what changes nothing."""
    target = tmp_path / "look.json"
    values = {p.name: round(p.low / 3, 6) or round(p.high / 3, 6) for p in PARAMETERS}
    write_parameters(target, values)
    assert read_parameters(target) == values
    write_parameters(target, {"exposure": 0.25, "tint": 0.0}, overwrite=True)
    assert read_parameters(target) == {"exposure": 0.25}


def test_nothing_wrong_is_written(tmp_path: Path) -> None:
    """An existing file stays, and a wrong value leaves no file."""
    target = tmp_path / "look.json"
    with pytest.raises(ValueError, match="exposure is 99"):
        write_parameters(target, {"exposure": 99})
    assert not target.exists()
    target.write_text("mine")
    with pytest.raises(FileExistsError):
        write_parameters(target, {})
    assert target.read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "holds no parameters"),
        ("{}", "holds no parameters"),
        ({"photoaesth_parameters": 2, "parameters": {}}, "of version 2"),
        ({"photoaesth_parameters": 1}, "must give a number"),
        ({"photoaesth_parameters": 1, "parameters": {"exposure": "much"}}, "must give a number"),
        ({"photoaesth_parameters": 1, "parameters": {"exposure": True}}, "must give a number"),
        ({"photoaesth_parameters": 1, "parameters": {"glow": 1}}, "unknown parameter: glow"),
        ({"photoaesth_parameters": 1, "parameters": {"exposure": 9}}, "exposure is 9, outside"),
    ],
)
def test_other_files_are_refused_in_one_line(tmp_path: Path, content: object, reason: str) -> None:
    """The error names the file and what is wrong with it."""
    source = tmp_path / "look.json"
    source.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(PhotoaesthError, match=reason) as raised:
        read_parameters(source)
    assert "look.json" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    """A missing file is our own error."""
    with pytest.raises(PhotoaesthError, match="No such file"):
        read_parameters(tmp_path / "none.json")
