"""Sidecars of darktable, digiKam, RawTherapee, exiftool and Immich."""

from .dialects import (
    ACDSEE,
    DARKTABLE,
    DC,
    DIGIKAM,
    EXIF,
    FACES,
    LR,
    MICROSOFT,
    MM,
    RDF,
    REGIONS,
    TIFF,
    XMP,
    Dialect,
    described,
    listed,
    unwrapped,
)

_HISTORY = """
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="exposure"
      darktable:enabled="1"
      darktable:modversion="6"
      darktable:params="00000000a5bd4a3f0000004842000080c00100000001000000"
      darktable:multi_name=""
      darktable:multi_priority="0"
      darktable:blendop_version="13"
      darktable:blendop_params="gz11eJxjYGBgkGAAgRNODESDBnsIHll8ANNSGQM="/>
     <rdf:li
      darktable:num="1"
      darktable:operation="flip"
      darktable:enabled="1"
      darktable:modversion="2"
      darktable:params="ffffffff"
      darktable:multi_name="&lt;b&gt;"
      darktable:multi_priority="0"/>
    </rdf:Seq>
   </darktable:history>"""
_MASKS = f"""
   <darktable:masks_history>
    <rdf:Seq>
     <rdf:li
      darktable:mask_num="1"
      darktable:mask_id="1700000000"
      darktable:mask_type="8"
      darktable:mask_name="brush #1"
      darktable:mask_version="6"
      darktable:mask_points="gz08eJx{"Ab0+" * 50_000}"
      darktable:mask_nb="512"
      darktable:mask_src="0000000000000000"/>
    </rdf:Seq>
   </darktable:masks_history>"""


def _darktable(version: str, rating: str, inside: str, more: str = "") -> bytes:
    return unwrapped(
        described(
            f"{EXIF}\n    {XMP}\n    {MM}\n    {DARKTABLE}\n    {DC}\n    {LR}\n"
            '   exif:DateTimeOriginal="2023:07:01 12:00:00.000"\n'
            f'   xmp:Rating="{rating}"\n'
            '   xmpMM:DerivedFrom="IMG_0001.CR2"\n'
            f"   {more}\n"
            '   darktable:import_timestamp="1688205600"\n'
            '   darktable:change_timestamp="-1"\n'
            f'   darktable:xmp_version="{version}"\n'
            '   darktable:raw_params="0"\n'
            '   darktable:auto_presets_applied="1"\n'
            '   darktable:history_end="2"',
            inside,
        )
    ).encode()


_DARKTABLE_SAYS = {"raw_file_name": "IMG_0001.CR2"}
DARKTABLES = [
    Dialect(
        "darktable 3, colour labels",
        _darktable(
            "3",
            "1",
            "\n   <darktable:masks_history>\n    <rdf:Seq/>\n   </darktable:masks_history>"
            + listed("darktable:colorlabels", "4", "0", kind="Seq")
            + _HISTORY,
        ),
        _DARKTABLE_SAYS | {"rating": 1, "label": "Purple"},
    ),
    Dialect(
        "darktable 4, tags and a mask",
        _darktable(
            "5",
            "4",
            _MASKS
            + listed("dc:subject", "darktable", "format", "cr2", kind="Seq")
            + listed("lr:hierarchicalSubject", "darktable|format|cr2", kind="Seq")
            + _HISTORY,
            'darktable:iop_order_version="2"',
        ),
        _DARKTABLE_SAYS
        | {
            "rating": 4,
            "keywords": ("darktable", "format", "cr2"),
            "hierarchical": ("darktable|format|cr2",),
        },
    ),
    Dialect(
        "darktable 5, rejected",
        _darktable("5", "-1", _HISTORY, 'darktable:history_modversion="1"'),
        _DARKTABLE_SAYS | {"rating": -1},
    ),
    Dialect(
        "darktable, empty lists",
        _darktable(
            "4",
            "0",
            "\n   <dc:subject>\n    <rdf:Seq/>\n   </dc:subject>"
            "\n   <lr:hierarchicalSubject>\n    <rdf:Seq/>\n   </lr:hierarchicalSubject>"
            "\n   <darktable:colorlabels>\n    <rdf:Seq/>\n   </darktable:colorlabels>",
        ),
        _DARKTABLE_SAYS | {"rating": 0},
    ),
]

_TAGS = (
    listed("digiKam:TagsList", "People/Åse", "travel", kind="Seq")
    + listed("dc:subject", "Åse", "travel")
    + listed("lr:hierarchicalSubject", "People|Åse", "travel")
    + listed("MicrosoftPhoto:LastKeywordXMP", "People/Åse", "travel")
)
_DIGIKAM_SAYS = {"keywords": ("Åse", "travel"), "hierarchical": ("People|Åse", "travel")}
DIGIKAMS = [
    Dialect(
        "digiKam, as attributes, with faces",
        unwrapped(
            described(
                f"{XMP} {DIGIKAM} {DC} {LR} {MICROSOFT} {ACDSEE} {FACES} {TIFF}\n"
                '   xmp:CreatorTool="digiKam-8.2.0"\n   xmp:Rating="4"\n   xmp:Label="Green"\n'
                '   MicrosoftPhoto:Rating="75"\n   acdsee:rating="4"\n'
                '   acdsee:categories="&lt;Categories&gt;&lt;/Categories&gt;"\n'
                '   digiKam:PickLabel="3"\n   digiKam:ColorLabel="4"\n   tiff:Orientation="1"',
                _TAGS + REGIONS,
            )
        ).encode(),
        _DIGIKAM_SAYS | {"rating": 4, "label": "Green", "pick": "accepted"},
    ),
    Dialect(
        "digiKam, as elements",
        unwrapped(
            f'  <rdf:Description rdf:about="" {XMP} {DIGIKAM} {DC} {LR} {MICROSOFT}>\n'
            "   <xmp:Rating>2</xmp:Rating>\n   <digiKam:PickLabel>1</digiKam:PickLabel>\n"
            "   <digiKam:ColorLabel>9</digiKam:ColorLabel>"
            + _TAGS
            + "\n   <digiKam:CaptionsAuthorNames/>\n  </rdf:Description>"
        ).encode(),
        _DIGIKAM_SAYS | {"rating": 2, "label": "White", "pick": "rejected"},
    ),
    Dialect(
        "digiKam, pending and nothing else",
        unwrapped(described(f'{DIGIKAM} digiKam:PickLabel="2" digiKam:ColorLabel="0"')).encode(),
        {"pick": "pending"},
    ),
    Dialect(
        "digiKam, tags only",
        unwrapped(described(DIGIKAM, listed("digiKam:TagsList", "a/b", kind="Seq"))).encode(),
        {"hierarchical": ("a|b",)},
    ),
]

OTHERS = [
    Dialect(
        "RawTherapee",
        unwrapped(
            described(f'{XMP} {TIFF} xmp:Rating="5" tiff:Software="RawTherapee 5.11"')
        ).encode(),
        {"rating": 5},
    ),
    Dialect(
        "exiftool, single quotes",
        (
            "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
            "<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 12.57'>\n"
            f"<rdf:RDF {RDF}>\n\n"
            " <rdf:Description rdf:about=''\n  xmlns:dc='http://purl.org/dc/elements/1.1/'>\n"
            "  <dc:subject>\n   <rdf:Bag>\n    <rdf:li>it&#39;s</rdf:li>\n   </rdf:Bag>\n"
            "  </dc:subject>\n </rdf:Description>\n\n"
            " <rdf:Description rdf:about=''\n  xmlns:xmp='http://ns.adobe.com/xap/1.0/'>\n"
            "  <xmp:Rating>3</xmp:Rating>\n </rdf:Description>\n"
            "</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end='w'?>"
        ).encode(),
        {"rating": 3, "keywords": ("it's",)},
    ),
    Dialect(
        "exiftool, compact, as attributes",
        (
            f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF {RDF}><rdf:Description rdf:about='' "
            "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Label='Blue &amp; &quot;old&quot;' "
            "xmp:Rating='1'/></rdf:RDF></x:xmpmeta>"
        ).encode(),
        {"rating": 1, "label": 'Blue & "old"'},
    ),
    Dialect(
        "Immich",
        (
            "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n"
            "<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Image::ExifTool 13.00'>\n"
            f"<rdf:RDF {RDF}>\n <rdf:Description rdf:about=''\n"
            "  xmlns:digiKam='http://www.digikam.org/ns/1.0/'>\n"
            "  <digiKam:TagsList>\n   <rdf:Seq>\n    <rdf:li>trip/day 1</rdf:li>\n"
            "   </rdf:Seq>\n  </digiKam:TagsList>\n </rdf:Description>\n"
            " <rdf:Description rdf:about=''\n  xmlns:xmp='http://ns.adobe.com/xap/1.0/'>\n"
            "  <xmp:Rating>5</xmp:Rating>\n </rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n"
            "<?xpacket end='w'?>"
        ).encode(),
        {"rating": 5, "hierarchical": ("trip|day 1",)},
    ),
]
