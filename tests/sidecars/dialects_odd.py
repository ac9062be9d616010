"""Packets in forms that XML and RDF allow and few programs write."""

from .dialects import DC, LR, RDF, XMP, Dialect, described, listed, unwrapped, wrapped

_PLAIN = wrapped(described(f'{XMP} xmp:Rating="3"'), toolkit="x")
_MINIMAL = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {RDF}/></x:xmpmeta>'

ODD = [
    Dialect("nothing said, self-closing", _MINIMAL.encode()),
    Dialect("nothing said", _MINIMAL.replace("/></x:", "></rdf:RDF></x:").encode()),
    Dialect(
        "RDF without a root of Adobe's",
        (
            f'<rdf:RDF {RDF}>\n<rdf:Description {XMP} xmp:Rating="4">\n'
            "</rdf:Description>\n</rdf:RDF>"
        ).encode(),
        {"rating": 4},
    ),
    Dialect("UTF-8 with a byte order mark", b"\xef\xbb\xbf" + _PLAIN.encode(), {"rating": 3}),
    Dialect("UTF-16, little end first", _PLAIN.encode("utf-16-le"), {"rating": 3}),
    Dialect(
        "UTF-16, big end first, with a mark",
        b"\xfe\xff" + _PLAIN.encode("utf-16-be"),
        {"rating": 3},
    ),
    Dialect("UTF-32", _PLAIN.encode("utf-32-le"), {"rating": 3}),
    Dialect(
        "Latin 1",
        unwrapped(
            described(f'{XMP} xmp:Label="Grün"'),
            declaration='<?xml version="1.0" encoding="ISO-8859-1"?>\n',
        ).encode("latin-1"),
        {"label": "Grün"},
    ),
    Dialect("NUL bytes behind it", _PLAIN.encode() + b"\0" * 64, {"rating": 3}),
    Dialect(
        "comments, instructions and CDATA",
        unwrapped(
            "  <!-- <xmp:Rating>1</xmp:Rating> -->\n  <?other <a b='>'>?>\n"
            f'  <rdf:Description rdf:about="" {XMP} {DC}>\n   <!-- a > b -->\n'
            "   <xmp:Label><![CDATA[<Red> & ]]></xmp:Label><!-- tail -->\n"
            "   <xmp:Rating><!-- one -->5</xmp:Rating>\n  </rdf:Description>\n  <!-- end -->"
        ).encode(),
        {"rating": 5, "label": "<Red> &"},
    ),
    Dialect(
        "other prefixes",
        unwrapped(
            '  <rdf:Description rdf:about="" xmlns:q="http://ns.adobe.com/xap/1.0/" '
            'xmlns:xmp="urn:not-adobe" xmlns:digiKam="urn:not-digikam" q:Rating="2" '
            'xmp:Rating="9" digiKam:PickLabel="3"/>'
        ).encode(),
        {"rating": 2},
    ),
    Dialect(
        "namespaces declared at the root, no rdf prefix",
        (
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/" {XMP} {DC}>\n'
            '<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
            '<Description about=""><xmp:Rating>3</xmp:Rating>\n'
            "<dc:subject><Bag><li>a</li></Bag></dc:subject></Description>\n</RDF></x:xmpmeta>"
        ).encode(),
        {"rating": 3, "keywords": ("a",)},
    ),
    Dialect(
        "white space, signs and decimals",
        unwrapped(
            f"  <rdf:Description rdf:about='' {XMP}>\n   <xmp:Rating>\n    +4.0\n   </xmp:Rating>\n"
            "  </rdf:Description>"
        ).encode(),
        {"rating": 4},
    ),
    Dialect(
        "a qualified rating",
        unwrapped(
            f'  <rdf:Description rdf:about="" {XMP} xmlns:q="urn:q">\n'
            '   <xmp:Rating rdf:parseType="Resource"><rdf:value>4</rdf:value>'
            "<q:by>me</q:by></xmp:Rating>\n  </rdf:Description>"
        ).encode(),
        {"rating": 4},
    ),
    Dialect(
        "a rating that is none",
        unwrapped(described(f'{XMP} xmp:Rating="five" xmp:Label=""')).encode(),
    ),
    Dialect(
        "a rating out of range",
        unwrapped(described(f'{XMP} xmp:Rating="97"')).encode(),
    ),
    Dialect(
        "a keyword without a list, and one as attribute",
        unwrapped(
            f'  <rdf:Description rdf:about="" {DC} {LR} lr:hierarchicalSubject="a|b">\n'
            "   <dc:subject>alone</dc:subject>\n  </rdf:Description>"
        ).encode(),
        {"keywords": ("alone",), "hierarchical": ("a|b",)},
    ),
    Dialect(
        "an alternative in languages",
        unwrapped(
            f'  <rdf:Description rdf:about="" {DC} {XMP} xmp:Rating="1">\n   <dc:title>\n'
            '    <rdf:Alt>\n     <rdf:li xml:lang="x-default">A &#x1F600; b</rdf:li>\n'
            '     <rdf:li xml:lang="ar">صورة</rdf:li>\n    </rdf:Alt>\n   </dc:title>\n'
            "  </rdf:Description>"
        ).encode(),
        {"rating": 1},
    ),
    Dialect(
        "the same rating twice",
        unwrapped(
            described(f'{XMP} xmp:Rating="2"')
            + f'\n  <rdf:Description rdf:about="" {XMP}>'
            + "<xmp:Rating>2</xmp:Rating></rdf:Description>"
        ).encode(),
        {"rating": 2},
    ),
    Dialect(
        "tabs, and everything on one line",
        (
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\t<rdf:RDF {RDF}>\t<rdf:Description\trdf:about=""'
            f'\t{XMP}\txmp:Rating = "4"\t>\t</rdf:Description\t>\t</rdf:RDF >\t</x:xmpmeta>'
        ).encode(),
        {"rating": 4},
    ),
    Dialect(
        "unknown properties of an unknown program",
        unwrapped(
            '  <rdf:Description rdf:about="" xmlns:z="urn:example:z" z:a="1&#10;2&#9;3">\n'
            '   <z:nested rdf:parseType="Literal"><b xmlns="urn:b">x</b></z:nested>\n'
            '   <z:link rdf:resource="http://example.com/?a=1&amp;b=2"/>'
            + listed("z:seq", "", " ", kind="Seq")
            + "\n  </rdf:Description>"
        ).encode(),
    ),
]
