from pathlib import Path

import pytest

from photoaesth.learning.evaluation.journal import Journal, RaterResult, journal_file
from photoaesth.learning.evaluation.protocol import Figures

FIGURES = Figures(0.1 + 0.2, -0.5, 1 / 3, 0.7, tuple((float(n), 0.5, n / 2) for n in range(10)))
PLAIN = Figures(0.4, 0.4, 0.3, 0.6, None)
RESULT = RaterResult(
    {10: FIGURES, 100: "fewer than 100 rated photos"}, {"random": {10: PLAIN, 20: FIGURES}}
)
KEY = ("photo set 1", "personal", 'r"1\n')


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "evaluation.jsonl"


def test_results_come_back_as_they_were(file: Path) -> None:
    """Every number to its last bit, reasons and missing tables included."""
    with Journal(file) as journal:
        assert journal.done == {}
        journal.add(KEY, RESULT)
    assert Journal(file).done == {KEY: RESULT}


def test_a_line_cut_off_is_done_again_and_harms_no_other(file: Path) -> None:
    """After a crash in the middle of a line, earlier lines count and new ones are whole."""
    with Journal(file) as journal:
        journal.add(("s", "m", "first"), RESULT)
        journal.add(("s", "m", "second"), RESULT)
    whole = file.read_bytes()
    for cut in range(len(whole) // 2 + 20, len(whole) - 1, 40):
        file.write_bytes(whole[:cut])
        with Journal(file) as journal:
            assert set(journal.done) == {("s", "m", "first")}
            journal.add(KEY, RESULT)
        assert Journal(file).done == {("s", "m", "first"): RESULT, KEY: RESULT}


def test_fresh_forgets(file: Path) -> None:
    """Asked to begin anew, nothing from before is used or kept."""
    with Journal(file) as journal:
        journal.add(KEY, RESULT)
    with Journal(file, fresh=True) as journal:
        assert journal.done == {}
    assert Journal(file).done == {}


def test_results_are_there_at_once(file: Path) -> None:
    """A process killed right after a rater has lost nothing of that rater."""
    with Journal(file) as journal:
        journal.add(KEY, RESULT)
        assert Journal(file).done == {KEY: RESULT}


def test_the_file_depends_on_every_part(home: Path) -> None:
    """Other inputs, or the same ones cut elsewhere, have a journal of their own."""
    files = [journal_file(parts) for parts in ([b"ab"], [b"a", b"b"], [b"ab", b""], [b"ac"])]
    assert len(set(files)) == 4
    assert journal_file([b"ab"]) == files[0]
    assert files[0].is_relative_to(home)
