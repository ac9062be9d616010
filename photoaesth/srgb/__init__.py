"""Colour: any Pillow picture to 8-bit sRGB, and sRGB into a profile's colour space."""

from photoaesth.srgb.conversion import from_srgb, is_srgb, to_srgb
from photoaesth.srgb.depth import deep_to_8bit, shrink, to_8bit
from photoaesth.srgb.hdr import to_sdr
from photoaesth.srgb.matrix_profile import MatrixProfile, matrix_profile
from photoaesth.srgb.profiles import adobe_rgb_profile, cicp_profile

__all__ = [
    "MatrixProfile",
    "adobe_rgb_profile",
    "cicp_profile",
    "deep_to_8bit",
    "from_srgb",
    "is_srgb",
    "matrix_profile",
    "shrink",
    "to_8bit",
    "to_sdr",
    "to_srgb",
]
