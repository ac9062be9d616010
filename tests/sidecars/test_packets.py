"""What is no XMP is refused in one line; what is XMP is changed only where it must be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photoaesth.sidecars import MalformedPacketError, Wanted, read_marks, write_marks

from .conftest import AT
from .dialects import XMP, described, unwrapped, wrapped

_LAUGHS = (
    '<!DOCTYPE x [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    + "]>\n<x:xmpmeta xmlns:x='adobe:ns:meta/'>&l11;</x:xmpmeta>"
)
_RATED = unwrapped(described(f'{XMP} xmp:Rating="3"'))
MALFORMED = {
    "empty": b"",
    "blank": b" \n\0\0",
    "binary": bytes(range(256)),
    "text": b"stars: 5",
    "JSON": b'{"rating": 5}',
    "cut off": _RATED.encode()[:200],
    "no XMP": b"<html><body>5</body></html>",
    "XMP without RDF": b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
    "tag not closed": _RATED.replace("</rdf:RDF>", "").encode(),
    "prefix not declared": _RATED.replace(XMP, "").encode(),
    "attribute twice": _RATED.replace('xmp:Rating="3"', 'xmp:Rating="3" xmp:Rating="4"').encode(),
    "control character": _RATED.replace('"3"', '"\x07"').encode(),
    "reference to one": _RATED.replace('"3"', '"&#7;"').encode(),
    "not UTF-8": _RATED.replace('"3"', '"ü"').encode("latin-1"),
    "an unknown encoding": _RATED.replace("UTF-8", "klingon").encode(),
    "an encoding of Python's": _RATED.replace("UTF-8", "unicode_escape").encode(),
    "half a character": _RATED.encode("utf-16")[:-1],
    "billion laughs": _LAUGHS.encode(),
    "an entity from a file": (
        "<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/hostname'>]>"
        + described(f'{XMP} xmp:Label="x"', "&f;")
    ).encode(),
    "an entity behind comments": (
        "<!-- a --><?b c?><!DOCTYPE x SYSTEM 'http://localhost:1/x.dtd'>" + _RATED.split("?>")[1]
    ).encode(),
    "an undeclared entity": _RATED.replace('"3"', '"&stars;"').encode(),
    "larger than any": _RATED.replace('"3"', f'"{"3" * 11_000_000}"').encode(),
    "a comment without end": b"<!--" * 10_000,
    "too deep": (wrapped("<a>" * 5000 + "</a>" * 5000, toolkit="x").encode()),
}


@pytest.mark.parametrize("packet", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_xmp_is_refused_in_one_line(packet, at):
    """Reading and writing give one line that reads well behind the name of the file."""
    with pytest.raises(MalformedPacketError) as read:
        read_marks(packet)
    with pytest.raises(MalformedPacketError) as written:
        write_marks(packet, Wanted(rating=3), at=at)

    for reason in (str(read.value), str(written.value)):
        assert "\n" not in reason
        assert 0 < len(reason) < 200


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    """Whatever a file holds, the answer is marks or one clear error."""
    for packet in (data, _RATED.encode()[:150] + data + _RATED.encode()[150:]):
        try:
            read_marks(packet)
        except MalformedPacketError:
            continue


def test_stars_change_one_character(at):
    """Of a sidecar with stars, new stars change the digit and add what is ours at the end."""
    before = _RATED.encode()

    after = write_marks(before, Wanted(rating=4), at=at).packet

    digit = before.index(b'"3"') + 1
    end = before.index(b"\n </rdf:RDF>")
    assert after.startswith(before[:digit] + b"4" + before[digit + 1 : end])
    assert after.endswith(before[end:])


def test_line_ends_and_indentation_are_those_of_the_packet(at):
    """In a packet with Windows line ends, ours are Windows line ends, too."""
    before = unwrapped(described(f'{XMP} xmp:Rating="3"', "\n   <!-- x -->")).replace("\n", "\r\n")

    after = write_marks(before.encode(), Wanted(rating=4, keywords=("a",)), at=at).packet

    assert after.count(b"\n") == after.count(b"\r\n") > before.count("\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_the_encoding_stays(encoding, at):
    """What we add is in the encoding of the packet, its byte order mark kept."""
    before = wrapped(described(f'{XMP} xmp:Label="Žluté 🌞"'), toolkit="x").encode(encoding)

    after = write_marks(before, Wanted(keywords=("style|日本 🌸",)), at=at).packet

    assert "photoaesth|style|日本 🌸" in after.decode(encoding)
    assert after[:4] == before[:4]
    assert read_marks(after).label == "Žluté 🌞"


def test_what_an_encoding_lacks_becomes_a_reference(at):
    """A Latin 1 packet takes words of any script."""
    before = unwrapped(
        described(f'{XMP} xmp:Label="Grün"'),
        declaration='<?xml version="1.0" encoding="ISO-8859-1"?>\n',
    ).encode("latin-1")

    after = write_marks(before, Wanted(keywords=("日本",)), at=at).packet

    assert "Grün".encode("latin-1") in after
    assert "日本" in read_marks(after).keywords


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_is_safe_as_a_keyword_and_as_a_label(keyword, label):
    """Markup, controls, surrogates and marks of direction stay text, and a second write is none."""
    wanted = Wanted(keywords=(keyword,), label=label or None)

    written = write_marks(_RATED.encode(), wanted, at=AT)

    marks = read_marks(written.packet)
    assert marks.rating == 3
    assert all(word.isprintable() or "|" not in word for word in marks.keywords)
    assert write_marks(written.packet, wanted, at=AT).changes == ()


def test_hostile_text_is_text(at):
    """Markup and broken characters arrive as characters, each as itself or as U+FFFD."""
    hostile = '<img src=x onerror="alert(1)">\n\u202e]]>&amp;\x1b\ud800\x00'

    marks = read_marks(write_marks(None, Wanted(keywords=(f"album|{hostile}",)), at=at).packet)

    assert marks.hierarchical == (
        'photoaesth|album|<img src=x onerror="alert(1)"> \u202e]]>&amp;\ufffd\ufffd\ufffd',
    )
