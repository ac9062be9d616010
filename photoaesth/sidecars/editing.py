"""Properties of a packet, changed where they stand; new ones are put beside those of others."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from photoaesth.sidecars.packet import ABOUT, RDF, Packet, Splice
from photoaesth.sidecars.properties import (
    LI,
    VALUE,
    Property,
    Value,
    array_in,
    simple_text,
    value_element,
)

_CONTENT_ATTRIBUTES = frozenset({VALUE, f"{{{RDF}}}parseType", f"{{{RDF}}}resource"})


def put(packet: Packet, values: Mapping[Property, Value], home: Mapping[str, str]) -> bytes:
    """Return a packet in which properties hold other values; all else stays as it is.

    Args:
        packet: the packet.
        values: what they are to hold; None takes one out.
        home: prefixes and namespaces. Properties that are new go into a description that knows
            them all, made at the end of the packet if there is none.
    """
    splices: list[Splice] = []
    new: list[tuple[Property, str | tuple[str, ...]]] = []
    for prop, value in values.items():
        found = _occurrences(packet, prop)
        # Of an array that is there twice, only the first is read; the other is not ours.
        for element in found[:1] if prop.array else found:
            if element.tag == prop.tag:
                splices += _element_changed(packet, element, prop, value)
            else:
                splices.append(_attribute_changed(packet, element, prop, value))
        # No attribute holds an array: one that was an attribute has to become an element.
        is_replaced = prop.array and found and found[0].tag != prop.tag
        if value is not None and (not found or is_replaced):
            new.append((prop, value))
    if new:
        splices.append(_added(packet, new, home))
    return packet.spliced(splices)


def without_empty_descriptions(packet: Packet, namespace: str) -> bytes:
    """Return a packet without the descriptions that declare a namespace and say nothing."""
    splices = []
    for description in packet.descriptions:
        said = [name for name in description.attrib if name not in {ABOUT, "about"}]
        if not said and len(description) == 0 and namespace in _declared(description):
            span = packet.where(description)
            splices.append(Splice(_end_of_text(packet, span.start), span.end, ""))
    return packet.spliced(splices)


def _occurrences(packet: Packet, prop: Property) -> list[etree._Element]:
    """Return a property's elements, and the descriptions that have it as an attribute."""
    found = []
    for description in packet.descriptions:
        if prop.tag in description.attrib:
            found.append(description)
        found += description.iterchildren(prop.tag)
    return found


def _declared(description: etree._Element) -> set[str]:
    outer = description.getparent()
    inherited = {} if outer is None else outer.nsmap
    own = dict(description.nsmap)
    return {uri for prefix, uri in own.items() if inherited.get(prefix) != uri}


def _attribute_changed(
    packet: Packet, description: etree._Element, prop: Property, value: Value
) -> Splice:
    found = packet.attribute(description, prop.tag)
    assert found is not None, "lxml read this attribute in this tag"
    span, quote = found
    if not isinstance(value, str):
        return Splice(span.start, span.end, "")
    text = escape(value, {"'": "&apos;"} if quote == "'" else {'"': "&quot;"})
    return Splice(span.inside, span.close, text)


def _element_changed(
    packet: Packet, element: etree._Element, prop: Property, value: Value
) -> list[Splice]:
    span = packet.where(element)
    if value is None:
        return [Splice(_end_of_text(packet, span.start), span.end, "")]
    array = array_in(element)
    if isinstance(value, tuple) and array is not None:
        return _items_changed(packet, array, value)
    target = packet.where(value_element(element))
    content = _content(packet, prop, value, _indent(packet, span.start))
    return [Splice(target.start, target.end, _filled(packet, value_element(element), content))]


def _filled(packet: Packet, element: etree._Element, content: str) -> str:
    """Return an element with other content, without the attributes that stand for content."""
    span = packet.where(element)
    tag = packet.text[span.start : span.inside]
    for name in _CONTENT_ATTRIBUTES & set(element.attrib):
        found = packet.attribute(element, str(name))
        assert found is not None, "lxml read this attribute in this tag"
        text = packet.text[found[0].start : found[0].end]
        tag = tag.replace(text, "", 1)
    tag = tag.removesuffix(">").removesuffix("/").rstrip()
    return f"{tag}>{content}</{tag[1:].split()[0]}>"


def _items_changed(packet: Packet, array: etree._Element, wanted: Sequence[str]) -> list[Splice]:
    """Take out what is no longer wanted and append what is new; the rest keeps its place."""
    splices = []
    missing = list(wanted)
    items = list(array.iterchildren(LI))
    for item in items:
        text = simple_text(item)
        if text in missing:
            missing.remove(text)
        else:
            span = packet.where(item)
            splices.append(Splice(_end_of_text(packet, span.start), span.end, ""))
    if missing:
        span = packet.where(array)
        indent = _indent(packet, packet.where(items[0]).start if items else span.start)
        lines = _lines(packet, missing, indent if items else f"{indent} ")
        if span.is_self_closing:
            content = lines + packet.line_end + indent
            splices.append(Splice(span.start, span.end, _filled(packet, array, content)))
        else:
            place = _end_of_text(packet, span.close)
            splices.append(Splice(place, place, lines))
    return splices


def _added(
    packet: Packet,
    new: Sequence[tuple[Property, str | tuple[str, ...]]],
    home: Mapping[str, str],
) -> Splice:
    """Return what adds new properties, to the last description that can take them or a new one."""
    for description in reversed(packet.descriptions):
        span = packet.where(description)
        if not span.is_self_closing and home.items() <= description.nsmap.items():
            place = _end_of_text(packet, span.close)
            indent = _indent(packet, span.start) + " "
            return Splice(place, place, _elements(packet, new, home, indent))
    span = packet.where(packet.rdf)
    indent = _indent(packet, span.start) + " "
    end = packet.line_end + indent
    name = _rdf(packet, "Description")
    spaces = "".join(f"{end}  xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in home.items())
    # Without a prefix, an attribute is in no namespace, and so it stands in that packet already.
    about = f"{_rdf(packet, 'about')}={quoteattr(_about(packet))}"
    inside = _elements(packet, new, home, f"{indent} ")
    block = f"{end}<{name} {about}{spaces}>{inside}{end}</{name}>"
    if span.is_self_closing:
        content = block + packet.line_end + indent[:-1]
        return Splice(span.start, span.end, _filled(packet, packet.rdf, content))
    place = _end_of_text(packet, span.close)
    return Splice(place, place, block)


def _elements(
    packet: Packet,
    new: Sequence[tuple[Property, str | tuple[str, ...]]],
    home: Mapping[str, str],
    indent: str,
) -> str:
    """Return properties as elements, each on a line of its own."""
    lines = []
    for prop, value in new:
        is_known = home.get(prop.prefix) == prop.namespace
        space = "" if is_known else f" xmlns:{prop.prefix}={quoteattr(prop.namespace)}"
        content = _content(packet, prop, value, indent)
        lines.append(f"{packet.line_end}{indent}<{prop.name}{space}>{content}</{prop.name}>")
    return "".join(lines)


def _content(packet: Packet, prop: Property, value: str | tuple[str, ...], indent: str) -> str:
    """Return what stands between the tags of a property."""
    if isinstance(value, str):
        return escape(value)
    end = packet.line_end + indent
    array = _rdf(packet, prop.array)
    return f"{end} <{array}>{_lines(packet, value, f'{indent}  ')}{end} </{array}>{end}"


def _lines(packet: Packet, items: Sequence[str], indent: str) -> str:
    """Return the items of an array, each on a line of its own."""
    li = _rdf(packet, "li")
    return "".join(f"{packet.line_end}{indent}<{li}>{escape(item)}</{li}>" for item in items)


def _rdf(packet: Packet, local: str) -> str:
    """Return a name of RDF's as the packet spells it."""
    return f"{packet.rdf.prefix}:{local}" if packet.rdf.prefix else local


def _about(packet: Packet) -> str:
    """Return what the packet is about: all its descriptions say the same (part 1, 7.4)."""
    for description in packet.descriptions:
        about = description.get(ABOUT, description.get("about"))
        if about is not None:
            return about
    return ""


def _end_of_text(packet: Packet, at: int) -> int:
    """Return where the white space before a position begins."""
    return len(packet.text[:at].rstrip())


def _indent(packet: Packet, at: int) -> str:
    """Return the white space at the start of a position's line, if there is nothing else before."""
    line = packet.text[packet.text.rfind("\n", 0, at) + 1 : at]
    return line if not line.strip() else ""
