"""The journal of writes: what a run did, found again byte for byte."""

from pathlib import Path

import pytest

from photoaesth.library import comparisons, sidecar_journal
from photoaesth.library.database import Library
from photoaesth.library.found import content_hash
from photoaesth.library.sidecar_journal import Entry, WrittenOver

CHANGES = '{"xmp:Rating": [null, "4"]}'


def entry_for(path: Path, before: bytes | None, after: bytes, changes: str) -> Entry:
    return Entry(path, False, before, content_hash(after), changes)


@pytest.fixture
def me(library: Library) -> int:
    return comparisons.profile_id(library, "me")


def test_entries_come_back_as_they_were(library: Library, me: int) -> None:
    """Bytes before, absence, hostile names and changes survive, in the order of paths."""
    changed = entry_for(Path("/p/\udcff\n.xmp"), b"\xff\xfe\0before" * 999, b"after", CHANGES)
    made = entry_for(Path("/p/new.xmp"), None, b"after", CHANGES)
    empty = entry_for(Path("/p/empty.xmp"), b"", b"after", "{}")
    run = sidecar_journal.begin_run(library, me)
    sidecar_journal.record(library, run, [changed, made, empty])
    assert list(sidecar_journal.entries(library, run)) == [empty, made, changed]
    assert sidecar_journal.count(library, run) == 3


def test_a_second_entry_replaces_the_first(library: Library, me: int) -> None:
    """A file that had to be looked at again is journalled once, as it was at last."""
    run = sidecar_journal.begin_run(library, me)
    path = Path("/p/a.xmp")
    sidecar_journal.record(library, run, [entry_for(path, b"one", b"x", CHANGES)])
    sidecar_journal.record(library, run, [entry_for(path, b"two", b"y", CHANGES)])
    assert [entry.before for entry in sidecar_journal.entries(library, run)] == [b"two"]


def test_runs_are_undone_from_the_last(library: Library, me: int) -> None:
    """Each run once, then the one before it; a run that wrote nothing is passed over."""
    runs = [sidecar_journal.begin_run(library, me) for _ in range(3)]
    for run in runs[:2]:
        sidecar_journal.record(library, run, [entry_for(Path("/p/a.xmp"), None, b"x", CHANGES)])
    found = []
    while last := sidecar_journal.last_run(library, me):
        found.append(last.id)
        sidecar_journal.mark_undone(library, last.id)
    assert found == [runs[1], runs[0]]


def test_profiles_have_runs_of_their_own(library: Library, me: int) -> None:
    """Another profile's write is not this one's to undo."""
    run = sidecar_journal.begin_run(library, comparisons.profile_id(library, "other"))
    sidecar_journal.record(library, run, [entry_for(Path("/p/a.xmp"), None, b"x", CHANGES)])
    assert sidecar_journal.last_run(library, me) is None


def test_what_another_profile_wrote_over(library: Library, me: int) -> None:
    """Later writes of others into the same files count, the latest first, until they are undone."""
    runs = {}
    for name, paths in {"me": "abc", "b": "ab", "c": "cd", "d": "e"}.items():
        profile = comparisons.profile_id(library, name)
        runs[name] = sidecar_journal.begin_run(library, profile)
        entries = [entry_for(Path(f"/p/{path}.xmp"), None, b"x", CHANGES) for path in paths]
        sidecar_journal.record(library, runs[name], entries)
    assert sidecar_journal.written_over(library, runs["me"]) == WrittenOver("c", 1)
    sidecar_journal.mark_undone(library, runs["c"])
    assert sidecar_journal.written_over(library, runs["me"]) == WrittenOver("b", 2)
    assert sidecar_journal.written_over(library, runs["b"]) is None
    sidecar_journal.mark_undone(library, runs["b"])
    assert sidecar_journal.written_over(library, runs["me"]) is None


def test_a_withdrawn_entry_is_gone(library: Library, me: int) -> None:
    """What was not written after all is not there to be undone."""
    run = sidecar_journal.begin_run(library, me)
    sidecar_journal.record(library, run, [entry_for(Path("/p/a.xmp"), None, b"x", CHANGES)])
    sidecar_journal.withdraw(library, run, Path("/p/a.xmp"))
    assert sidecar_journal.last_run(library, me) is None


def test_dates_before_ours(library: Library, me: int) -> None:
    """Through a chain of writes, a file leads back to the date that others gave it."""
    path, undated = Path("/p/a.xmp"), Path("/p/b.xmp")
    for before, after in (("2020", "2025"), ("2025", "2026")):
        run = sidecar_journal.begin_run(library, me)
        changes = f'{{"xmp:MetadataDate": ["{before}", "{after}"]}}'
        sidecar_journal.record(library, run, [entry_for(path, b"", after.encode(), changes)])
    new = '{"xmp:MetadataDate": [null, "2026"]}'
    sidecar_journal.record(library, run, [entry_for(undated, None, b"2026", new)])
    assert sidecar_journal.dates_before(library) == {
        (path, content_hash(b"2025")): "2020",
        (path, content_hash(b"2026")): "2020",
        (undated, content_hash(b"2026")): None,
    }
