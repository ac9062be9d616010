"""XMP sidecars and embedded XMP: what other programs keep there is merged, never replaced."""

from photoaesth.sidecars.embedded import embedded_marks, embedded_packet
from photoaesth.sidecars.exiftool import EMBEDDABLE_SUFFIXES, ExifTool
from photoaesth.sidecars.marks import Marks, Pick, read_marks
from photoaesth.sidecars.names import SidecarFolder, Style
from photoaesth.sidecars.packet import MalformedPacketError
from photoaesth.sidecars.writing import (
    ROOT_KEYWORD,
    Change,
    Wanted,
    Written,
    changes_from_json,
    changes_to_json,
    restore_marks,
    write_marks,
)

__all__ = [
    "EMBEDDABLE_SUFFIXES",
    "ROOT_KEYWORD",
    "Change",
    "ExifTool",
    "MalformedPacketError",
    "Marks",
    "Pick",
    "SidecarFolder",
    "Style",
    "Wanted",
    "Written",
    "changes_from_json",
    "changes_to_json",
    "embedded_marks",
    "embedded_packet",
    "read_marks",
    "restore_marks",
    "write_marks",
]
