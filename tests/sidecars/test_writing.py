"""What a write means: whose stars they are, which lists are begun, what goes back."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from photoaesth.sidecars import (
    Change,
    Marks,
    Wanted,
    changes_from_json,
    changes_to_json,
    read_marks,
    restore_marks,
    write_marks,
)
from photoaesth.sidecars.canonical import others_of
from photoaesth.sidecars.packet import Packet
from photoaesth.sidecars.vocabulary import WRITTEN

from .conftest import AT, DIALECTS
from .dialects import ACDSEE, DC, DIGIKAM, LR, MEDIA, MICROSOFT, XMP, described, listed, unwrapped


def packet(attributes: str, inside: str = "") -> bytes:
    """Return a sidecar with some properties."""
    return unwrapped(described(attributes, inside)).encode()


def written(before: bytes | None, **wanted: object) -> bytes:
    """Return a sidecar after a write."""
    return write_marks(before, Wanted(**wanted), at=AT).packet  # type: ignore[arg-type]


def test_a_new_sidecar_says_what_was_wanted():
    """Without a sidecar, one is made."""
    marks = read_marks(written(None, rating=4, score=6.789, label="Red"))

    assert marks == Marks(
        rating=4, own_rating=4, label="Red", own_label="Red", score=6.79, modified=AT
    )


def test_nothing_wanted_makes_no_sidecar():
    """With nothing to say there is nothing to write."""
    assert write_marks(None, Wanted(), at=AT).packet == b""


def test_stars_of_ours_are_known_as_ours_until_somebody_changes_them():
    """Our stars are marked as ours; stars that another gave instead are that person's."""
    ours = written(packet(XMP), rating=4)

    marks = read_marks(ours)
    assert marks.rating == marks.own_rating == 4
    marks = read_marks(ours.replace(b"<xmp:Rating>4", b"<xmp:Rating>5"))
    assert (marks.rating, marks.own_rating) == (5, 4)


def test_stars_that_are_there_stay_their_givers():
    """Where a photographer gave as many stars as we would, they do not become ours."""
    before = packet(f'{XMP} xmp:Rating="4" xmp:Label="Red"')

    after = write_marks(before, Wanted(rating=4, label="Red"), at=AT)

    assert after.packet == before
    assert read_marks(after.packet).own_rating is None


def test_a_rejection_is_said_to_digikam_too_and_taken_back_by_stars():
    """Stars of −1 reject in digiKam; stars above that take its rejection back."""
    rejected = written(packet(XMP), rating=-1)
    assert read_marks(rejected).pick == "rejected"

    starred = read_marks(written(rejected, rating=3))

    assert (starred.rating, starred.pick, starred.own_pick) == (3, None, None)


def test_what_one_program_reads_is_changed_only_where_it_is():
    """The stars of Windows and ACDSee, and Lightroom's flags, follow; they are never begun."""
    before = packet(
        f"{XMP} {MICROSOFT} {ACDSEE} {MEDIA}\n"
        '   xmp:Rating="2" MicrosoftPhoto:Rating="25" acdsee:rating="2" xmpDM:pick="-1" '
        'xmpDM:good="false"'
    )

    after = written(before, rating=5, pick="accepted").decode()

    for said in ('Rating="99"', 'acdsee:rating="5"', 'xmpDM:pick="1"', 'xmpDM:good="true"'):
        assert said in after
    alone = written(packet(XMP), rating=5, pick="accepted")
    assert not any(name in alone for name in (b"MicrosoftPhoto", b"acdsee", b"xmpDM"))


def test_a_list_that_we_begin_takes_over_the_words_of_others():
    """digiKam and darktable read the first list they find: ours must not hide a photographer's."""
    before = packet(DC, listed("dc:subject", "family", "Berlin"))

    marks = read_marks(written(before, keywords=("style|low key",)))

    assert marks.hierarchical == ("family", "Berlin", "photoaesth|style|low key")
    assert marks.keywords == ("family", "Berlin", "low key")


def test_digikams_list_is_followed_and_never_begun():
    """A list of tags by slashes gets ours, a slash in a word told from one between levels."""
    before = packet(f"{DC} {DIGIKAM}", listed("digiKam:TagsList", "People/Åse", kind="Seq"))

    after = written(before, keywords=("album|2024/05",)).decode()

    assert "<rdf:li>photoaesth/album/2024∕05</rdf:li>" in after
    assert read_marks(after.encode()).hierarchical[0] == "People|Åse"
    assert "TagsList" not in written(packet(DC), keywords=("a",)).decode()


def test_keywords_are_replaced_by_the_next_ones_and_words_of_others_stay():
    """The next write takes our old keywords out, but no word that was there before us."""
    before = packet(
        f"{DC} {LR}",
        listed("dc:subject", "low key", "dog") + listed("lr:hierarchicalSubject", "animals|dog"),
    )
    first = written(before, keywords=("style|low key", "style|minimal"))

    second = read_marks(written(first, keywords=("style|soft focus",)))
    none = read_marks(written(first, keywords=()))

    assert second.keywords == ("low key", "dog", "soft focus")
    assert second.hierarchical == ("animals|dog", "photoaesth|style|soft focus")
    assert (none.keywords, none.hierarchical) == (("low key", "dog"), ("animals|dog",))


def test_lists_of_others_keep_every_word():
    """A word that is there twice stays twice, and so does a second list of the same name."""
    before = unwrapped(
        described(DC, listed("dc:subject", "dog", "dog"))
        + "\n"
        + described(DC, listed("dc:subject", "cat"))
    ).encode()

    after = write_marks(before, Wanted(keywords=("style|minimal",)), at=AT)

    lists = after.packet.decode().split("<dc:subject>")
    assert lists[1].count("<rdf:li>dog</rdf:li>") == 2
    assert lists[1].count("<rdf:li>minimal</rdf:li>") == 1
    assert lists[2].partition("</dc:subject>")[0].count("<rdf:li>") == 1
    assert restore_marks(after.packet, after.changes) == before


def test_every_change_is_dated():
    """Whatever changes gets a date, by which Lightroom sees that there is news."""
    before = packet(f'{XMP} xmp:Rating="2" xmp:MetadataDate="2020-01-01T00:00:00Z"')

    assert read_marks(written(before, score=5.0)).modified == AT


def test_changes_say_what_was_and_what_is():
    """A change names a property with what it held before and after; JSON keeps it."""
    changes = write_marks(
        packet(f'{XMP} xmp:Rating="2"'), Wanted(rating=3, keywords=("a",)), at=AT
    ).changes

    assert Change("xmp:Rating", "2", "3") in changes
    assert Change("dc:subject", None, ("a",)) in changes
    assert json.loads(changes_to_json(changes))["xmp:Rating"] == ["2", "3"]
    assert changes_from_json(changes_to_json(changes)) == changes


def test_an_untouched_sidecar_is_restored_to_the_byte():
    """Without a change in between, taking back gives the very bytes of before."""
    before = packet(f'{XMP}\n   xmp:Rating="2"', listed("dc:subject", "x").replace("dc:", "xmp:"))
    after = write_marks(before, Wanted(rating=5, score=9.0, keywords=("a",)), at=AT)

    assert restore_marks(after.packet, after.changes) == before


def test_in_a_changed_sidecar_only_ours_goes_back():
    """Stars, words and settings that another program wrote since stay; ours go."""
    before = packet(f'{XMP} {DC} xmp:Rating="2"', listed("dc:subject", "x"))
    after = write_marks(before, Wanted(rating=5, score=9.0, keywords=("a",)), at=AT)
    since = after.packet.replace(b'xmp:Rating="5"', b'xmp:Rating="1" xmp:Label="Red"').replace(
        b"<rdf:li>x</rdf:li>", b"<rdf:li>x</rdf:li><rdf:li>new</rdf:li>", 1
    )

    marks = read_marks(restore_marks(since, after.changes))

    assert (marks.rating, marks.label, marks.score) == (1, "Red", None)
    assert marks.keywords == ("x", "new")
    assert marks.own_rating is None


def test_a_sidecar_rewritten_as_attributes_is_restored():
    """Lightroom turns our elements into attributes of one description: they go all the same."""
    after = write_marks(packet(f'{XMP} xmp:Label="Red"'), Wanted(rating=5, score=9.0), at=AT)
    since = packet(
        f'{XMP} xmlns:photoaesth="https://photoaesth.invalid/ns/1.0/"\n   xmp:Label="Red"\n'
        '   xmp:Rating="5"\n   photoaesth:Rating="5"\n   photoaesth:Score="9.00"\n'
        f'   xmp:MetadataDate="{AT.isoformat()}"'
    )

    assert read_marks(restore_marks(since, after.changes)) == Marks(label="Red")


def test_a_flag_that_we_took_out_comes_back():
    """What one program alone knows returns with a declaration of its namespace."""
    before = packet(f'{XMP} {MEDIA} xmpDM:pick="1" xmpDM:good="true"')
    after = write_marks(before, Wanted(pick="pending"), at=AT)
    assert b"xmpDM:good" not in after.packet

    restored = restore_marks(after.packet, after.changes)

    assert b">true</xmpDM:good>" in restored
    assert read_marks(restored) == read_marks(before)


_WANTED = st.builds(
    Wanted,
    rating=st.none() | st.integers(-1, 5),
    label=st.none() | st.sampled_from(["Red", "Purple", "Gelb", "<&'\">"]),
    pick=st.none() | st.sampled_from(["rejected", "pending", "accepted"]),
    score=st.none() | st.floats(1, 10),
    keywords=st.none() | st.lists(st.sampled_from(["a", "a|b", "a/b|c", "x", "Åse"])).map(tuple),
)


_SMALL = [dialect for dialect in DIALECTS if len(dialect.packet) < 20_000]


@settings(deadline=None)
@given(st.sampled_from(_SMALL), st.lists(_WANTED, min_size=1, max_size=4))
def test_any_row_of_writes_can_be_taken_back(dialect, row):
    """After any writes, restored from the last to the first, a sidecar says what it said."""
    current = dialect.packet
    noted = []
    for wanted in row:
        after = write_marks(current, wanted, at=AT)
        assert write_marks(after.packet, wanted, at=AT).changes == ()
        noted.append(after.changes)
        current = after.packet

    for changes in reversed(noted):
        current = restore_marks(current, changes)

    assert read_marks(current) == read_marks(dialect.packet)
    ours = {prop.tag for prop in WRITTEN}
    assert others_of(Packet(current), ours) == others_of(Packet(dialect.packet), ours)
