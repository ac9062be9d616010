"""Read what the camera wrote about a photo."""

import io
import logging
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import exifread

from photoaesth.domain import Exif
from photoaesth.imaging import upright_exif

# What it complains of shows as missing fields; nobody needs to read it on stderr.
logging.getLogger("exifread").setLevel(logging.CRITICAL)

_MAX_READS = 100_000  # an ordinary block takes some 1,500
_MAX_TEXT = 80
_DATE = re.compile(r"(\d{4})[:/.-](\d\d)[:/.-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_DATE_TAGS = (
    ("EXIF DateTimeOriginal", "EXIF SubSecTimeOriginal"),
    ("EXIF DateTimeDigitized", "EXIF SubSecTimeDigitized"),
    ("Image DateTime", "EXIF SubSecTime"),
)
_YEARS = range(1826, 2101)  # from the first photograph on; clocks that were never set say 0 or 2255
_ISO_OVERFLOW = 65_535  # ISOSpeedRatings has 16 bits; beyond, the value stands in another tag
_ISO_MAX = (
    10_000_000  # twice the most a camera has offered; nonsense could exceed SQLite's integers
)

_BIAS_MAX_EV = 20.0  # cameras offer 5; APEX values reach 99.99 for "unknown" (EXIF 2.32, annex C)

_Tags = Mapping[str, Any]


def read_exif(block: bytes) -> Exif:
    """Return what an EXIF block says; fields it says nothing usable about are None.

    Args:
        block: from its TIFF header on, as in `photoaesth.imaging.Decoded.exif`; may be broken,
            for which nothing is raised.
    """
    try:
        # Without the thumbnail's directory, whose damage would cost us the rest.
        stream = _BoundedStream(upright_exif(block))
        tags: _Tags = exifread.process_file(stream, details=False)
    except Exception:  # exifread raises whatever its parsing of a broken block runs into
        return Exif()
    latitude = _coordinate(tags, "Latitude", "NS", 90)
    longitude = _coordinate(tags, "Longitude", "EW", 180)
    located = latitude is not None and longitude is not None
    return Exif(
        taken_at=_taken_at(tags),
        camera=_camera(_text(tags, "Image Make"), _text(tags, "Image Model")),
        lens=_text(tags, "EXIF LensModel"),
        focal_length_mm=_positive(tags, "EXIF FocalLength"),
        aperture_f=_positive(tags, "EXIF FNumber"),
        exposure_time_s=_positive(tags, "EXIF ExposureTime"),
        iso=_iso(tags),
        latitude=latitude if located else None,
        longitude=longitude if located else None,
        exposure_bias_ev=_exposure_bias(tags),
    )


class _BoundedStream(io.BytesIO):
    """Bytes that can be read a limited number of times.

    A block of a few kilobytes can hold many links to one directory of many values, which
    exifread would read again for each link, for hours.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads_left = _MAX_READS

    def read(self, size: int | None = -1, /) -> bytes:
        self._reads_left -= 1
        if self._reads_left < 0:
            raise EOFError("the EXIF block holds too many values")
        return super().read(size)


def _text(tags: _Tags, name: str) -> str | None:
    """Return a text tag on one line, without control characters; None if that leaves nothing."""
    tag = tags.get(name)
    value = "" if tag is None else tag.values
    if isinstance(value, bytes):  # exifread keeps what is not UTF-8
        value = value.decode("latin-1")
    if not isinstance(value, str):
        return None
    printable = "".join(c if c.isprintable() else " " for c in value.split("\0", 1)[0])
    return " ".join(printable.split())[:_MAX_TEXT] or None


def _finite(value: Any) -> float | None:
    if isinstance(value, tuple):  # exifread's form of a floating-point number
        (value,) = value
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _number(tags: _Tags, name: str) -> float | None:
    """Return the first number of a tag."""
    tag = tags.get(name)
    if tag is None or not tag.values or isinstance(tag.values, str | bytes):
        return None
    return _finite(tag.values[0])


def _positive(tags: _Tags, name: str) -> float | None:
    """Return the first number of a tag; None for 0, which stands for unknown."""
    number = _number(tags, name)
    return number if number is not None and number > 0 else None


def _taken_at(tags: _Tags) -> datetime | None:
    for name, fraction_name in _DATE_TAGS:
        match = _DATE.match(_text(tags, name) or "")
        if match is None:
            continue
        fraction = re.match(r"\d+", _text(tags, fraction_name) or "")
        microsecond = int(fraction[0][:6].ljust(6, "0")) if fraction else 0
        year, month, day, hour, minute, second = map(int, match.groups())
        try:
            moment = datetime(  # noqa: DTZ001 - naive, see domain.Exif
                year, month, day, hour, minute, second, microsecond
            )
        except ValueError:  # month 0, hour 24, …
            continue
        if year in _YEARS:
            return moment
    return None


def _camera(make: str | None, model: str | None) -> str | None:
    """Join make and model; makers repeat their name, or a part of it, in the model's."""
    if make is None or model is None:
        return make or model
    brand, *_ = re.split(r"[\W_]+", model.casefold())
    return model if brand in re.split(r"[\W_]+", make.casefold()) else f"{make} {model}"


def _iso(tags: _Tags) -> int | None:
    for name in ("EXIF ISOSpeedRatings", "EXIF RecommendedExposureIndex", "EXIF ISOSpeed"):
        value = _positive(tags, name)
        if value is not None and value != _ISO_OVERFLOW and value <= _ISO_MAX:
            return round(value)
    return None


def _exposure_bias(tags: _Tags) -> float | None:
    bias = _number(tags, "EXIF ExposureBiasValue")
    return bias if bias is not None and abs(bias) <= _BIAS_MAX_EV else None


def _coordinate(tags: _Tags, axis: str, hemispheres: str, limit: float) -> float | None:
    """Return degrees, positive towards the first of the two hemispheres.

    EXIF 2.32, 4.6.6: degrees, minutes and seconds as three ratios.
    """
    hemisphere = (_text(tags, f"GPS GPS{axis}Ref") or " ")[0].upper()
    tag = tags.get(f"GPS GPS{axis}")
    if tag is None or hemisphere not in hemispheres or len(tag.values) != 3:
        return None
    degrees, minutes, seconds = map(_finite, tag.values)
    if degrees is None or minutes is None or seconds is None:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not 0 <= value <= limit:
        return None
    return value if hemisphere == hemispheres[0] else -value
