"""The guard of a merge sees any change to what others wrote, and none of form alone."""

import pytest

from photoaesth.sidecars.canonical import others_of
from photoaesth.sidecars.packet import Packet

from .dialects import CRS, DC, XMP, described, listed, unwrapped

_BEFORE = unwrapped(
    described(f'{XMP} {CRS} {DC} xmp:Rating="3" crs:Version="16"', listed("dc:title", "a", "b"))
)
_OURS = frozenset({"{http://ns.adobe.com/xap/1.0/}Rating"})


def others(text: str) -> bytes:
    """Return the canonical form of a sidecar without its stars."""
    return others_of(Packet(text.encode()), _OURS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"16"', '"17"'),
        ('crs:Version="16"', ""),
        ("crs:Version", "crs:Versions"),
        ("<rdf:li>a</rdf:li>", ""),
        ("<rdf:li>a<", "<rdf:li>a <"),
        ("<rdf:Bag>", "<rdf:Bag><!-- x -->"),
        ("camera-raw-settings/1.0/", "camera-raw-settings/2.0/"),
        ('rdf:about=""', 'rdf:about="x"'),
    ],
)
def test_a_change_to_the_words_of_others_is_seen(old, new):
    """Any value, name, order or comment that changes gives another form."""
    assert old in _BEFORE
    assert others(_BEFORE.replace(old, new)) != others(_BEFORE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('xmp:Rating="3"', 'xmp:Rating="5"'),
        ('xmp:Rating="3"', ""),
        ("\n", "\r\n"),
        ("\n    <rdf:Bag>", "<rdf:Bag>"),
        ('"16"', "'16'"),
        (" </rdf:RDF>", f' <rdf:Description rdf:about="" {XMP}/>\n </rdf:RDF>'),
    ],
)
def test_ours_and_form_are_not(old, new):
    """Our own properties, quotes, line ends, indentation and empty descriptions do not count."""
    assert old in _BEFORE
    assert others(_BEFORE.replace(old, new)) == others(_BEFORE)
