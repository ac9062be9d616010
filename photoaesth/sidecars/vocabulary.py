"""The properties that we read and write, and what their values mean."""

from typing import Final, Literal

from photoaesth.sidecars.properties import Property

NAMESPACE: Final = "https://photoaesth.invalid/ns/1.0/"
"""Our own. `.invalid` is nobody's (RFC 2606): it names, and leads nowhere."""

_XMP = ("xmp", "http://ns.adobe.com/xap/1.0/")
_DIGIKAM = ("digiKam", "http://www.digikam.org/ns/1.0/")
_LIGHTROOM = ("lr", "http://ns.adobe.com/lightroom/1.0/")
_DUBLIN_CORE = ("dc", "http://purl.org/dc/elements/1.1/")
_OWN = ("photoaesth", NAMESPACE)
_ACDSEE = ("acdsee", "http://ns.acdsee.com/iptc/1.0/")
_MEDIA = ("xmpDM", "http://ns.adobe.com/xmp/1.0/DynamicMedia/")
# Windows itself writes some properties with and some without the slash at the end.
_MICROSOFT = ("MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0/")
_OTHER_MICROSOFT = ("MicrosoftPhoto_1_", "http://ns.microsoft.com/photo/1.0")

HOME: Final = dict([_XMP, _DUBLIN_CORE, _LIGHTROOM, _DIGIKAM, _OWN])
"""The prefixes and namespaces of all that we may add."""

RATING = Property(*_XMP, "Rating")
LABEL = Property(*_XMP, "Label")
METADATA_DATE = Property(*_XMP, "MetadataDate")
MODIFY_DATE = Property(*_XMP, "ModifyDate")
SUBJECT = Property(*_DUBLIN_CORE, "subject", "Bag")
HIERARCHICAL = Property(*_LIGHTROOM, "hierarchicalSubject", "Bag")
TAGS_LIST = Property(*_DIGIKAM, "TagsList", "Seq")
PICK_LABEL = Property(*_DIGIKAM, "PickLabel")
COLOR_LABEL = Property(*_DIGIKAM, "ColorLabel")

OWN_SCORE = Property(*_OWN, "Score")
OWN_RATING = Property(*_OWN, "Rating")
OWN_LABEL = Property(*_OWN, "Label")
OWN_PICK = Property(*_OWN, "Pick")
OWN_SUBJECT = Property(*_OWN, "subject", "Bag")

MICROSOFT_RATING = Property(*_MICROSOFT, "Rating")
OTHER_MICROSOFT_RATING = Property(*_OTHER_MICROSOFT, "Rating")
LAST_KEYWORDS = Property(*_MICROSOFT, "LastKeywordXMP", "Bag")
OTHER_LAST_KEYWORDS = Property(*_OTHER_MICROSOFT, "LastKeywordXMP", "Bag")
ACDSEE_RATING = Property(*_ACDSEE, "rating")
ACDSEE_TAGGED = Property(*_ACDSEE, "tagged")
DARKTABLE_LABELS = Property("darktable", "http://darktable.sf.net/", "colorlabels", "Seq")
PICK_FLAG = Property(*_MEDIA, "pick")
GOOD = Property(*_MEDIA, "good")
TAGGED = Property("photomechanic", "http://ns.camerabits.com/photomechanic/1.0/", "Tagged")
CATALOG_SETS = Property(
    "mediapro", "http://ns.iview-multimedia.com/mediapro/1.0/", "CatalogSets", "Bag"
)
SIDECAR_FOR = Property("photoshop", "http://ns.adobe.com/photoshop/1.0/", "SidecarForExtension")
RAW_FILE_NAME = Property("crs", "http://ns.adobe.com/camera-raw-settings/1.0/", "RawFileName")
DERIVED_FROM = Property("xmpMM", "http://ns.adobe.com/xap/1.0/mm/", "DerivedFrom")

WRITTEN: Final = (
    *(RATING, MICROSOFT_RATING, OTHER_MICROSOFT_RATING, ACDSEE_RATING, OWN_RATING),
    *(LABEL, COLOR_LABEL, OWN_LABEL),
    *(PICK_LABEL, PICK_FLAG, GOOD, OWN_PICK),
    *(SUBJECT, HIERARCHICAL, TAGS_LIST, OWN_SUBJECT),
    *(OWN_SCORE, METADATA_DATE),
)
"""All that we ever write."""

DARKTABLE_COLORS: Final = {"0": "Red", "1": "Yellow", "2": "Green", "3": "Blue", "4": "Purple"}
"""The colours of `darktable:colorlabels`."""

DIGIKAM_COLORS: Final = {
    "1": "Red",
    "2": "Orange",
    "3": "Yellow",
    "4": "Green",
    "5": "Blue",
    "6": "Magenta",
    "7": "Gray",
    "8": "Black",
    "9": "White",
}
"""The colours of `digiKam:ColorLabel`."""

PICKS: Final[dict[str, Literal["rejected", "pending", "accepted"]]] = {
    "1": "rejected",
    "2": "pending",
    "3": "accepted",
}
"""The values of `digiKam:PickLabel`."""

MICROSOFT_PERCENT: Final = {-1: "0", 0: "0", 1: "1", 2: "25", 3: "50", 4: "75", 5: "99"}
"""Stars as Windows spells them."""

PICK_FLAGS: Final = {"rejected": ("-1", "false"), "accepted": ("1", "true")}
"""Picks as Lightroom spells them, in `xmpDM:pick` and `xmpDM:good`; others are `0` and nothing."""
