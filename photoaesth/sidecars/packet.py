"""An XMP packet as it stands in a file: what lxml reads in it, and where that is in the text.

lxml says what a packet means; the positions of its tags allow edits that leave every other
character, line end, prefix and quote as another program wrote it.
"""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from photoaesth.errors import PhotoaesthError

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
"""The namespace of RDF (XMP Specification, part 1, 7.2)."""

ABOUT = f"{{{RDF}}}about"
"""The attribute that says what a description describes."""

EMPTY_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="photoaesth">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n'
    " </rdf:RDF>\n"
    "</x:xmpmeta>\n"
    '<?xpacket end="w"?>\n'
).encode()
"""A packet in which nothing is said yet."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FIRST_BYTES = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["']""")
_ONE_BYTE_ENCODINGS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
_TOKEN = re.compile(
    r"""<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<(?:[^<>"']|"[^"]*"|'[^']*')*+>""", re.DOTALL
)
_ATTRIBUTE = re.compile(r"""\s+([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


class MalformedPacketError(PhotoaesthError):
    """What should be XMP is not; the message is the reason alone.

    The caller knows the path and names it; the reason reads well after a colon
    (`IMG_1.xmp: it is not well-formed XML`).
    """


@dataclass(frozen=True, slots=True)
class Span:
    """Where an element stands in the text of a packet, as indices of characters.

    Attributes:
        start: its `<`.
        inside: behind its start tag.
        close: the `<` of its end tag; `inside` where it has none (`<a/>`).
        end: behind all of it.
    """

    start: int
    inside: int
    close: int
    end: int

    @property
    def is_self_closing(self) -> bool:
        """Whether there is no end tag."""
        return self.close == self.end


@dataclass(frozen=True, slots=True)
class Splice:
    """A replacement of the characters from `start` up to `end` by `text`."""

    start: int
    end: int
    text: str


class Packet:
    """A parsed packet.

    Attributes:
        text: all of it, the wrapper and the padding included, without a byte order mark.
        rdf: its `rdf:RDF` element.
    """

    def __init__(self, data: bytes) -> None:
        """Parse a packet.

        Args:
            data: a sidecar, or what is embedded in a photo.

        Raises:
            MalformedPacketError: it is not XMP, or holds what no XMP has (a DTD, entities).
        """
        self._mark, self._encoding, self.text = _decoded(data)
        self._tree = _tree(self.text)
        rdf = next(self._tree.iter(f"{{{RDF}}}RDF"), None)
        if rdf is None:
            raise MalformedPacketError("it is XML, but not XMP (it has no rdf:RDF)")
        self.rdf: etree._Element = rdf

    @property
    def descriptions(self) -> list[etree._Element]:
        """The `rdf:Description` elements that hold properties, in order."""
        return list(self.rdf.iterchildren(f"{{{RDF}}}Description"))

    @cached_property
    def properties(self) -> dict[str, str | etree._Element]:
        """The first of each property by name: an attribute's text, or an element."""
        found: dict[str, str | etree._Element] = {}
        for description in self.descriptions:
            for name, text in description.attrib.items():
                found.setdefault(str(name), str(text))
            for element in description.iterchildren("*"):
                found.setdefault(str(element.tag), element)
        return found

    @property
    def line_end(self) -> str:
        """What ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def where(self, element: etree._Element) -> Span:
        """Return where one of the packet's elements stands."""
        return self._spans[element]

    def attribute(self, element: etree._Element, name: str) -> tuple[Span, str] | None:
        """Find an attribute's text.

        Args:
            element: one of the packet's.
            name: in lxml's notation, `{namespace}local`.

        Returns:
            From the white space before it (`start`) over its value (`inside` to `close`) to
            behind its closing quote (`end`), and that quote; None if it has no such attribute.
        """
        span = self.where(element)
        for match in _ATTRIBUTE.finditer(self.text, span.start, span.inside):
            prefix, _, local = match[1].rpartition(":")
            namespace = element.nsmap.get(prefix) if prefix else None
            if (f"{{{namespace}}}{local}" if namespace else local) == name:
                value = match.span(2) if match[2] is not None else match.span(3)
                return Span(match.start(), *value, match.end()), self.text[value[1]]
        return None

    def spliced(self, splices: Iterable[Splice]) -> bytes:
        """Return the packet with some of its text replaced, in its own encoding.

        Args:
            splices: they must not overlap; several insertions at one place keep their order.
        """
        parts = []
        at = 0
        for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
            assert at <= splice.start, "edits of a packet overlap"
            parts += [self.text[at : splice.start], splice.text]
            at = splice.end
        text = "".join([*parts, self.text[at:]])
        return self._mark + text.encode(self._encoding, "xmlcharrefreplace")

    @cached_property
    def _spans(self) -> dict[etree._Element, Span]:
        elements = [node for node in self._tree.iter() if isinstance(node.tag, str)]
        return dict(zip(elements, _spans(self.text), strict=True))


def _decoded(data: bytes) -> tuple[bytes, str, str]:
    """Return a packet's byte order mark, its encoding and its text."""
    if not data.strip(b"\0\t\n\r "):
        raise MalformedPacketError("it is empty")
    mark, encoding = next(
        ((mark, name) for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), (b"", "")
    )
    body = data[len(mark) :]
    if not encoding:
        encoding = next((name for first, name in _FIRST_BYTES if body.startswith(first)), "")
    declared = _DECLARED.match(body)
    if not encoding:
        encoding = _codec(declared[1].decode()) if declared else "utf-8"
    try:
        return mark, encoding, body.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedPacketError(f"it is not valid {encoding.upper()}") from error


def _codec(declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = ""
    if name not in _ONE_BYTE_ENCODINGS:
        raise MalformedPacketError(f"its encoding, {declared}, is none that XMP has")
    return name


def _tree(text: str) -> etree._Element:
    """Parse a packet's text, whatever encoding it declares, with nothing but itself."""
    prolog = _PROLOG.match(text)
    if prolog and text.startswith("<!DOCTYPE", prolog.end()):
        raise MalformedPacketError("it has a DTD, which no XMP has")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_blank_text=False,
    )
    try:
        return etree.fromstring(text.rstrip("\0").encode(), parser)
    except etree.XMLSyntaxError as error:
        reason = " ".join(error.msg.split())
        raise MalformedPacketError(f"it is not well-formed XML ({reason})") from error


def _spans(text: str) -> list[Span]:
    """Return where the elements of a well-formed text stand, in document order."""
    spans: list[Span] = []
    opened: list[int] = []
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if text.startswith(("<!", "<?"), start):
            continue
        if text.startswith("</", start):
            own = opened.pop()
            spans[own] = Span(spans[own].start, spans[own].inside, start, end)
            continue
        if not text.endswith("/>", start, end):
            opened.append(len(spans))
        spans.append(Span(start, end, end, end))
    return spans
