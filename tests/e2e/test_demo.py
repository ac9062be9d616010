"""The demo, which is what a new user runs first."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_demo_runs_to_its_end(program: Any) -> None:
    """Without photos or library, `demo` learns a taste, and shows best photos and copies.

    Its stdout is JSON alone, and the user's own library is not made.
    """
    report = program.json("demo", "--output", program.home / "demo")
    assert report["pairs"] == 400
    assert report["personal"] > report["generic"]
    sheet = Path(report["contact_sheet"]).read_text("utf-8")
    assert sheet.count("<img ") >= 5
    assert len(list(Path(report["enhanced"]).rglob("*-enhanced*"))) == 3
    assert not program.library.exists()


def test_the_demo_refuses_a_folder_of_something_else(program: Any) -> None:
    """A folder that the demo did not make is named and left as it is."""
    folder = program.home / "mine"
    folder.mkdir()
    (folder / "mine.txt").write_text("precious")
    line = program.failure("demo", "--output", folder)
    assert f"{folder} holds other things" in line
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_the_demo_of_own_photos_needs_a_terminal(
    program: Any, draw_small: Callable[..., list[Path]]
) -> None:
    """`demo --photos` asks questions; where nobody can answer, it says so before all else."""
    draw_small(program.photos, 2)
    line = program.failure("demo", "--photos", program.photos, "--output", program.home / "demo")
    assert line == "photoaesth: demo --photos asks you questions; run it in a terminal"
