"""Sidecars as many programs write them, with what each says of its photo.

Written by hand with the field names, prefixes, quotes and orders of the real ones.
"""

from dataclasses import dataclass, field
from typing import Any

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
XMP = 'xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
LR = 'xmlns:lr="http://ns.adobe.com/lightroom/1.0/"'
CRS = 'xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"'
MM = 'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"'
EVENT = 'xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"'
PHOTOSHOP = 'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
TIFF = 'xmlns:tiff="http://ns.adobe.com/tiff/1.0/"'
EXIF = 'xmlns:exif="http://ns.adobe.com/exif/1.0/"'
DARKTABLE = 'xmlns:darktable="http://darktable.sf.net/"'
DIGIKAM = 'xmlns:digiKam="http://www.digikam.org/ns/1.0/"'
MICROSOFT = 'xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"'
ACDSEE = 'xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"'
MEDIA = 'xmlns:xmpDM="http://ns.adobe.com/xmp/1.0/DynamicMedia/"'
FACES = (
    'xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" '
    'xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#" '
    'xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
)

_PADDING = "\n".join([" " * 100] * 4)
REGIONS = """
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="6000" stDim:h="4000" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li>
       <rdf:Description mwg-rs:Name="Åse &lt;i&gt; &amp; Co" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.41" stArea:y="0.3" stArea:w="0.08" stArea:h="0.12"
          stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>"""


@dataclass(frozen=True)
class Dialect:
    """A sidecar and what it says.

    Attributes:
        name: the program, and what is special.
        packet: its bytes.
        says: fields of `Marks`; the others are as if nothing were said.
    """

    name: str
    packet: bytes
    says: dict[str, Any] = field(default_factory=dict)


def listed(prop: str, *items: str, kind: str = "Bag") -> str:
    """Return an array as Adobe's toolkit writes it."""
    lines = "".join(f"\n     <rdf:li>{item}</rdf:li>" for item in items)
    return f"\n   <{prop}>\n    <rdf:{kind}>{lines}\n    </rdf:{kind}>\n   </{prop}>"


def wrapped(body: str, *, toolkit: str, padding: str = _PADDING) -> str:
    """Return a packet in its wrapper, as Adobe's toolkit writes it."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{toolkit}">\n'
        f" <rdf:RDF {RDF}>\n{body}\n </rdf:RDF>\n</x:xmpmeta>\n"
        f'{padding}<?xpacket end="w"?>'
    )


def described(attributes: str, inside: str = "") -> str:
    """Return a description with its properties as attributes and inside."""
    start = f'  <rdf:Description rdf:about=""\n    {attributes}'
    return f"{start}>{inside}\n  </rdf:Description>" if inside else f"{start}/>"


def unwrapped(body: str, *, declaration: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    """Return a packet without a wrapper, as exiv2 writes sidecars."""
    return (
        f'{declaration}<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">\n'
        f" <rdf:RDF {RDF}>\n{body}\n </rdf:RDF>\n</x:xmpmeta>\n"
    )
