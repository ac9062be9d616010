"""Sidecars of Capture One, Photo Mechanic, ON1, ACDSee, DxO, Windows and others."""

from .dialects import (
    ACDSEE,
    DC,
    EXIF,
    LR,
    MICROSOFT,
    PHOTOSHOP,
    XMP,
    Dialect,
    described,
    listed,
    unwrapped,
    wrapped,
)

STUDIO = [
    Dialect(
        "Capture One",
        unwrapped(
            f'  <rdf:Description rdf:about="" {XMP} {DC} {LR} {PHOTOSHOP}>\n'
            "   <photoshop:Urgency>1</photoshop:Urgency>\n"
            "   <xmp:Label>Red</xmp:Label>\n   <xmp:Rating>4</xmp:Rating>"
            + listed("dc:subject", "model", "studio")
            + listed("lr:hierarchicalSubject", "people|model", "studio")
            + "\n  </rdf:Description>",
            declaration="",
        ).encode(),
        {
            "rating": 4,
            "label": "Red",
            "keywords": ("model", "studio"),
            "hierarchical": ("people|model", "studio"),
        },
    ),
    Dialect(
        "Capture One, only a creator",
        unwrapped(
            f'  <rdf:Description rdf:about="" {DC}>'
            + listed("dc:creator", "A. Photographer", kind="Seq")
            + "\n  </rdf:Description>"
        ).encode(),
    ),
    Dialect(
        "Photo Mechanic, tagged",
        wrapped(
            described(
                f"{XMP} {PHOTOSHOP} "
                'xmlns:photomechanic="http://ns.camerabits.com/photomechanic/1.0/"\n'
                '   photomechanic:Prefs="1:2:3:004711"\n   photomechanic:ColorClass="2"\n'
                '   photomechanic:Tagged="True"\n   photomechanic:PMVersion="PM6"\n'
                '   xmp:Rating="3"'
            ),
            toolkit="XMP Core 4.4.0",
        ).encode(),
        {"rating": 3, "pick": "accepted"},
    ),
    Dialect(
        "Photo Mechanic, not tagged",
        wrapped(
            described(
                'xmlns:photomechanic="http://ns.camerabits.com/photomechanic/1.0/"\n'
                '   photomechanic:Tagged="False"'
            ),
            toolkit="XMP Core 4.4.0",
        ).encode(),
    ),
    Dialect(
        "ON1 Photo RAW",
        wrapped(
            described(f'{XMP} xmlns:on1="http://ns.on1.com/xmp/1.0/" on1:Liked="1" xmp:Rating="5"'),
            toolkit="Adobe XMP Core 5.5.0",
        ).encode(),
        {"rating": 5},
    ),
    Dialect(
        "ACDSee",
        unwrapped(
            described(
                f'{ACDSEE} acdsee:rating="3" acdsee:tagged="True"\n   acdsee:caption="x"',
                listed("acdsee:keywords", "a", kind="Bag"),
            )
        ).encode(),
        {"rating": 3, "pick": "accepted"},
    ),
    Dialect(
        "DxO PhotoLab",
        unwrapped(
            f'  <rdf:Description rdf:about="" {XMP} {LR}>\n'
            "   <xmp:Rating>2</xmp:Rating>\n   <xmp:CreatorTool>DxO PhotoLab 7</xmp:CreatorTool>"
            + listed("lr:hierarchicalSubject", "nature|bird")
            + "\n  </rdf:Description>"
        ).encode(),
        {"rating": 2, "hierarchical": ("nature|bird",)},
    ),
    Dialect(
        "Windows Photos",
        (
            "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\r\n"
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b" '
            f"{MICROSOFT}><MicrosoftPhoto:Rating>75</MicrosoftPhoto:Rating></rdf:Description>"
            '<rdf:Description rdf:about="uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b" '
            f"{XMP}><xmp:Rating>4</xmp:Rating></rdf:Description></rdf:RDF></x:xmpmeta>\r\n"
            "                                                  \n<?xpacket end='w'?>"
        ).encode(),
        {"rating": 4},
    ),
    Dialect(
        "Windows Photo Gallery, percent alone",
        unwrapped(
            described(
                'xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0" '
                'MicrosoftPhoto:Rating="99"',
                listed("MicrosoftPhoto:LastKeywordXMP", "trip/sea"),
            )
        ).encode(),
        {"rating": 5, "hierarchical": ("trip|sea",)},
    ),
    Dialect(
        "Media Pro",
        unwrapped(
            described(
                f'{XMP} xmlns:mediapro="http://ns.iview-multimedia.com/mediapro/1.0/" '
                'xmp:Rating="1"',
                listed("mediapro:CatalogSets", "Jobs|2019"),
            )
        ).encode(),
        {"rating": 1, "hierarchical": ("Jobs|2019",)},
    ),
    Dialect(
        "Nikon NX Studio",
        unwrapped(
            described(
                f"{XMP} {EXIF} "
                'xmlns:nine="http://ns.nikon.com/nine/1.0/" nine:Label="0" nine:Rating="3"\n'
                '   xmp:Rating="3"'
            )
        ).encode(),
        {"rating": 3},
    ),
]
