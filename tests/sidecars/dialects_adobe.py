"""Sidecars of Lightroom, Camera Raw and Bridge."""

from .dialects import (
    CRS,
    DC,
    EVENT,
    EXIF,
    FACES,
    LR,
    MEDIA,
    MM,
    PHOTOSHOP,
    REGIONS,
    TIFF,
    XMP,
    Dialect,
    described,
    listed,
    unwrapped,
    wrapped,
)

_CORE = "Adobe XMP Core 7.0-c000 1.000000, 0000/00/00-00:00:00        "
_SETTINGS = f"""{CRS}
   crs:RawFileName="IMG_0001.CR2"
   crs:Version="16.0"
   crs:ProcessVersion="15.4"
   crs:WhiteBalance="As Shot"
   crs:Exposure2012="+0.35"
   crs:ToneCurveName2012="Linear"
   crs:HasSettings="True\""""
_CURVE = listed("crs:ToneCurvePV2012", "0, 0", "255, 255", kind="Seq")
_HISTORY = """
   <xmpMM:History>
    <rdf:Seq>
     <rdf:li
      stEvt:action="saved"
      stEvt:instanceID="xmp.iid:5d0f0c2e-8a3b-4d35-9b2c-0a6a1e9ad001"
      stEvt:when="2024-05-01T10:11:12+02:00"
      stEvt:softwareAgent="Adobe Photoshop Lightroom Classic 13.2 (Windows)"
      stEvt:changed="/metadata"/>
    </rdf:Seq>
   </xmpMM:History>"""
_MASKS = """
   <crs:MaskGroupBasedCorrections>
    <rdf:Seq>
     <rdf:li>
      <rdf:Description crs:What="Correction" crs:CorrectionAmount="1.000000">
      <crs:CorrectionMasks>
       <rdf:Seq>
        <rdf:li
         crs:What="Mask/Image"
         crs:MaskDigest="31F0B1EBA1F15F8D7C45E2A7F6C1A2B3"/>
       </rdf:Seq>
      </crs:CorrectionMasks>
      </rdf:Description>
     </rdf:li>
    </rdf:Seq>
   </crs:MaskGroupBasedCorrections>"""

LIGHTROOM = [
    Dialect(
        "Lightroom Classic, rated and developed",
        wrapped(
            described(
                f"{XMP} {TIFF} {EXIF} {DC} {LR} {MM} {EVENT} {_SETTINGS}\n"
                '   xmp:ModifyDate="2024-05-01T10:11:12+02:00"\n'
                '   xmp:MetadataDate="2024-05-02T08:00:00+02:00"\n'
                '   xmp:Rating="3"\n   xmp:Label="Red"\n   tiff:Make="Canon"',
                listed("dc:subject", "family", "Berlin")
                + listed("lr:hierarchicalSubject", "family", "Places|Europe|Berlin")
                + _HISTORY
                + _CURVE,
            ),
            toolkit=_CORE,
        ).encode(),
        {
            "rating": 3,
            "label": "Red",
            "keywords": ("family", "Berlin"),
            "hierarchical": ("family", "Places|Europe|Berlin"),
            "raw_file_name": "IMG_0001.CR2",
        },
    ),
    Dialect(
        "Lightroom Classic, masks, no stars",
        wrapped(described(f"{XMP} {_SETTINGS}", _MASKS), toolkit=_CORE).encode(),
        {"raw_file_name": "IMG_0001.CR2"},
    ),
    Dialect(
        "Lightroom Classic, picked",
        wrapped(
            described(f'{XMP} {MEDIA} xmpDM:pick="1" xmpDM:good="true" xmp:Rating="4"'),
            toolkit=_CORE,
        ).encode(),
        {"rating": 4, "pick": "accepted"},
    ),
    Dialect(
        "Lightroom Classic, rejected by its flag",
        wrapped(
            described(f'{XMP} {MEDIA} xmpDM:pick="-1" xmpDM:good="false"'), toolkit=_CORE
        ).encode(),
        {"pick": "rejected"},
    ),
    Dialect(
        "Lightroom, localised label",
        wrapped(
            described(f'{XMP} xmp:Rating="0" xmp:Label="Gelb – später"'), toolkit=_CORE
        ).encode(),
        {"rating": 0, "label": "Gelb – später"},
    ),
    Dialect(
        "Lightroom, faces",
        wrapped(described(f'{XMP} {FACES} xmp:Rating="5"', REGIONS), toolkit=_CORE).encode(),
        {"rating": 5},
    ),
    Dialect(
        "Lightroom mobile, a huge mask",
        wrapped(
            described(f'{XMP} {CRS} xmp:Rating="2" crs:Table_0A="{"zQ9%" * 250_000}"'),
            toolkit=_CORE,
        ).encode(),
        {"rating": 2},
    ),
]

CAMERA_RAW = [
    Dialect(
        "Camera Raw, named by its suffix",
        wrapped(
            described(
                f"{XMP} {PHOTOSHOP} {_SETTINGS}\n"
                '   photoshop:SidecarForExtension="NEF"\n   xmp:Rating="-1"',
                _CURVE,
            ),
            toolkit=_CORE,
        ).encode(),
        {"rating": -1, "sidecar_for": "NEF", "raw_file_name": "IMG_0001.CR2"},
    ),
    Dialect(
        "Camera Raw of 2008, a description for each namespace",
        wrapped(
            f'  <rdf:Description rdf:about="" {XMP}>\n'
            "   <xmp:Rating>4</xmp:Rating>\n   <xmp:Label>Green</xmp:Label>\n"
            "   <xmp:MetadataDate>2008-01-02T03:04:05Z</xmp:MetadataDate>\n"
            "  </rdf:Description>\n"
            f'  <rdf:Description rdf:about="" {CRS}>\n'
            "   <crs:Version>4.3</crs:Version>\n  </rdf:Description>\n"
            f'  <rdf:Description rdf:about="" {DC}>'
            + listed("dc:subject", "Skåne")
            + "\n  </rdf:Description>",
            toolkit="XMP Core 4.1.1",
        ).encode(),
        {"rating": 4, "label": "Green", "keywords": ("Skåne",)},
    ),
    Dialect(
        "Photoshop 7, an old root and an unqualified about",
        (
            b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d" bytes="512"?>\n'
            b'<x:xapmeta xmlns:x="adobe:ns:meta/" x:xaptk="XMP toolkit 2.8.2-33">\n'
            b'<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
            b'<r:Description about="uuid:1234" xmlns:xap="http://ns.adobe.com/xap/1.0/"\n'
            b' xap:Rating="2">\n</r:Description>\n</r:RDF>\n</x:xapmeta>\n<?xpacket end="w"?>'
        ),
        {"rating": 2},
    ),
]

BRIDGE = [
    Dialect(
        "Bridge, rejected",
        wrapped(
            described(
                f'{XMP} {PHOTOSHOP} xmp:Rating="-1" xmp:Label="Reject" photoshop:Urgency="1"'
            ),
            toolkit="Adobe XMP Core 5.6-c140",
        ).encode(),
        {"rating": -1, "label": "Reject"},
    ),
    Dialect(
        "Bridge, label «Approved»",
        wrapped(
            described(f'{XMP} xmp:Label="Approved"'), toolkit="Adobe XMP Core 5.6-c140"
        ).encode(),
        {"label": "Approved"},
    ),
    Dialect(
        "Bridge, Windows line ends",
        wrapped(
            described(
                f'{XMP}\n    xmp:Rating="1"', listed("dc:subject", "x").replace("dc:", "d:")
            ).replace(
                "<rdf:Description", '<rdf:Description xmlns:d="http://purl.org/dc/elements/1.1/"'
            ),
            toolkit="Adobe XMP Core 5.6-c140",
        )
        .replace("\n", "\r\n")
        .encode(),
        {"rating": 1, "keywords": ("x",)},
    ),
    Dialect(
        "Camera Raw preset, nothing of a photo",
        unwrapped(described(f'{CRS} crs:PresetType="Normal"'), declaration="").encode(),
    ),
]
