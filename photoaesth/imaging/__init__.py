"""Decode and encode pictures: the one place that opens a photo on the CPU.

Whatever a file holds (any mode, any colour profile, any orientation) comes out as upright 8-bit
sRGB. Calls are independent of each other and may run in threads.
"""

from photoaesth.imaging.decoding import DECODED_SIDE, Decoded, decode
from photoaesth.imaging.deep import DeepPhoto, decode_deep, encode_deep
from photoaesth.imaging.encoding import encode, thumbnail
from photoaesth.imaging.formats import RAW_SUFFIXES, missing_support, photo_suffixes
from photoaesth.imaging.metadata import upright_exif
from photoaesth.imaging.plain_jpeg import PlainJpeg, plain_jpeg
from photoaesth.imaging.software import with_software
from photoaesth.imaging.xmp import with_edit

__all__ = [
    "DECODED_SIDE",
    "RAW_SUFFIXES",
    "Decoded",
    "DeepPhoto",
    "PlainJpeg",
    "decode",
    "decode_deep",
    "encode",
    "encode_deep",
    "missing_support",
    "photo_suffixes",
    "plain_jpeg",
    "thumbnail",
    "upright_exif",
    "with_edit",
    "with_software",
]
