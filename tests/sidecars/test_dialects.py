"""Sidecars of every dialect: read, merged into, and put back."""

import dataclasses
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from photoaesth.sidecars import Marks, Wanted, read_marks, restore_marks, write_marks

from .conftest import DIALECTS

_OURS = re.compile(
    r"\{https://photoaesth\.invalid/ns/1\.0/\}|\}(Rating|Label|MetadataDate|PickLabel|ColorLabel|"
    r"pick|good|rating|subject|hierarchicalSubject|TagsList)$"
)
WANTED = Wanted(
    rating=4, label="Blue", pick="accepted", score=7.25, keywords=("style|low key", "stars|4")
)
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def others(packet: bytes) -> bytes:
    """Return what is not ours, canonically, by a parser of the test's own."""
    root = etree.fromstring(packet.rstrip(b"\0") if packet[:1] == b"<" and packet[1] else packet)
    for node in list(root.iter()):
        if not isinstance(node.tag, str) or node.getparent() is None:
            continue
        for name in [name for name in node.attrib if _OURS.search(name)]:
            del node.attrib[name]
        if _OURS.search(node.tag) and node.getparent().tag == f"{RDF}Description":
            node.getparent().remove(node)
    for node in list(root.iter(f"{RDF}Description")):
        if len(node) == 0 and not set(node.attrib) - {f"{RDF}about", "about"}:
            node.getparent().remove(node)
    for node in root.iter():
        node.text = (node.text or "").strip() or None
        node.tail = (node.tail or "").strip() or None
    return etree.tostring(root, method="c14n", exclusive=True)


def test_there_are_forty_dialects_at_least():
    """Every dialect has a name of its own, and there are more than forty."""
    assert len({dialect.name for dialect in DIALECTS}) == len(DIALECTS) >= 40


def test_what_a_sidecar_says_is_read(dialect):
    """Stars, labels, picks and keywords are read from every dialect as its program means them."""
    marks = dataclasses.replace(read_marks(dialect.packet), modified=None)

    assert marks == Marks(**dialect.says)


def test_a_write_says_what_was_wanted_and_leaves_the_rest(dialect, at):
    """After a write our words are there, and all else is equal canonically."""
    written = write_marks(dialect.packet, WANTED, at=at)

    marks = read_marks(written.packet)
    assert (marks.rating, marks.label, marks.pick, marks.score) == (4, "Blue", "accepted", 7.25)
    assert {"photoaesth|style|low key", "photoaesth|stars|4"} <= set(marks.hierarchical)
    assert set(dialect.says.get("keywords", ())) < set(marks.keywords)
    assert set(dialect.says.get("hierarchical", ())) < set(marks.hierarchical)
    assert marks.modified == at
    assert others(written.packet) == others(dialect.packet)


def test_a_second_write_changes_nothing(dialect, at):
    """Writing the same again gives the very same bytes and no changes."""
    first = write_marks(dialect.packet, WANTED, at=at).packet

    again = write_marks(first, WANTED, at=datetime(2030, 1, 1, tzinfo=UTC))

    assert again.packet == first
    assert again.changes == ()


def test_nothing_wanted_leaves_the_very_same_bytes(dialect, at):
    """A write that has nothing to say returns the packet as it is."""
    assert write_marks(dialect.packet, Wanted(), at=at).packet == dialect.packet


def test_restoring_puts_everything_back(dialect, at):
    """What a write changed goes back: the packet says what it said, and all else is as it was."""
    written = write_marks(dialect.packet, WANTED, at=at)

    restored = restore_marks(written.packet, written.changes)

    assert read_marks(restored) == read_marks(dialect.packet)
    assert others(restored) == others(dialect.packet)
    assert b"<photoaesth:" not in restored.replace(b"\0", b"")


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_has_nothing_new_to_warn_of(tmp_path, at):
    """exiftool reads our words from every dialect, and warns of nothing that was not there."""
    for number, dialect in enumerate(DIALECTS):
        (tmp_path / f"{number:02d}-before.xmp").write_bytes(dialect.packet)
        written = write_marks(dialect.packet, WANTED, at=at).packet
        (tmp_path / f"{number:02d}-after.xmp").write_bytes(written)

    told = _exiftool(tmp_path, "-validate", "-warning", "-error", "-a")
    said = _exiftool(tmp_path, "-XMP-xmp:Rating", "-XMP-xmp:Label", "-XMP-photoaesth:Score")

    for number, dialect in enumerate(DIALECTS):
        before, after = (
            {line for line in told[f"{number:02d}-{when}.xmp"] if not line.startswith("Validate")}
            for when in ("before", "after")
        )
        if any("Improperly enclosed" in line for line in before):
            continue  # exiftool does not read RDF whose elements have no prefix
        assert after <= before, dialect.name
        fields = dict(line.split(": ", 1) for line in said[f"{number:02d}-after.xmp"])
        assert fields["Label"] == "Blue", dialect.name
        assert fields["Score"] == "7.25", dialect.name
        if dialect.says.get("rating") != 4:  # else its text stays, "+4.0" for example
            assert fields["Rating"] == "4", dialect.name


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_has_nothing_to_warn_of_in_a_new_sidecar(tmp_path, at):
    """A sidecar that we make is without fault for exiftool."""
    for name, wanted in (("all.xmp", WANTED), ("stars.xmp", Wanted(rating=3))):
        (tmp_path / name).write_bytes(write_marks(None, wanted, at=at).packet)

    told = _exiftool(tmp_path, "-validate", "-warning", "-error", "-a")
    assert told == {"all.xmp": ["Validate: OK"], "stars.xmp": ["Validate: OK"]}


def _exiftool(folder: Path, *tags: str) -> dict[str, list[str]]:
    """Return what exiftool says of each file of a folder, a line for each tag."""
    said = subprocess.run(
        ["exiftool", "-config", "", "-S", *tags, *sorted(folder.iterdir())],
        capture_output=True,
        check=False,
    ).stdout.decode("utf-8", "replace")  # it takes what is Latin 1 for UTF-8
    answers: dict[str, list[str]] = {}
    for line in said.splitlines():
        if line.startswith("======== "):
            lines = answers.setdefault(Path(line.removeprefix("======== ")).name, [])
        elif not line.startswith(" "):  # else the count of files at the end
            lines.append(line)
    return answers
