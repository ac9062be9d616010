"""The cameras that took the album, and what they write into a file."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

_SHUTTERS_S = (
    *(1 / n for n in (4000, 2000, 1000, 500, 250, 125, 60, 30, 15, 8, 4, 2)),
    *(1.0, 2.0, 4.0, 8.0, 15.0, 30.0),
)
_APERTURES_F = (1.4, 1.8, 2.0, 2.8, 4.0, 5.6, 8.0, 11.0)
_ISOS = (100, 200, 400, 800, 1600, 3200, 6400)


@dataclass(frozen=True)
class Camera:
    """A camera that does not exist.

    Attributes:
        make: its maker.
        model: its model.
        lens: the lens on it.
        focal_mm: shortest and longest focal length of the lens.
        widest_f: the lens's smallest f-number.
        name: the file names it gives, for `str.format` with a number.
        gps: whether it knows where it is.
    """

    make: str
    model: str
    lens: str
    focal_mm: tuple[int, int]
    widest_f: float
    name: str
    gps: bool = False


CAMERAS = (
    Camera("Halden", "Halden M3", "Halden 24-70mm F2.8", (24, 70), 2.8, "IMG_{:04d}.JPG"),
    Camera("Kestrin", "Alto 7", "Alto 18-135mm F4", (18, 135), 4.0, "DSC{:05d}.jpg"),
    Camera("Veltra", "GX Pocket", "Veltra 35mm F2", (35, 35), 2.0, "VGX_{:04d}.JPG"),
    Camera("Tamis", "Tamis Phone 4", "Tamis Phone 4 6mm F1.8", (6, 6), 1.8, "PIC_{:04d}.jpg", True),
)


@dataclass(frozen=True)
class Exposure:
    """Aperture as f-number, time in seconds, and ISO sensitivity."""

    aperture_f: float
    time_s: float
    iso: int


def expose(camera: Camera, light_ev: float, rng: np.random.Generator) -> Exposure:
    """Return settings with which the camera records a place of `light_ev` (at ISO 100).

    By t = N² / 2^EV · 100 / ISO. By day the sensitivity is the lowest that can be held by
    hand; below EV 0 the camera stands on a tripod.
    """
    apertures = [f for f in _APERTURES_F if f >= camera.widest_f]
    wished = (
        apertures[int(rng.integers(1, min(4, len(apertures))))] if light_ev > 9 else apertures[0]
    )
    longest = 1 / 60 if light_ev > 0 else 15.0
    for iso in _ISOS:
        time_s = wished**2 / 2**light_ev * 100 / iso
        if time_s <= longest:
            break
    return Exposure(wished, min(_SHUTTERS_S, key=lambda s: abs(np.log(s / time_s))), iso)


def exif_of(
    camera: Camera,
    exposure: Exposure,
    *,
    taken_at: datetime,
    focal_mm: int,
    orientation: int = 1,
    position: tuple[float, float] | None = None,
) -> Image.Exif:
    """Return the EXIF block of a picture.

    Args:
        camera: what took it.
        exposure: its settings.
        taken_at: local time, to the millisecond.
        focal_mm: focal length.
        orientation: EXIF orientation, 1 to 8.
        position: degrees north and east, or None.
    """
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = camera.make
    exif[ExifTags.Base.Model] = camera.model
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    details[ExifTags.Base.SubsecTimeOriginal] = f"{taken_at.microsecond // 1000:03d}"
    details[ExifTags.Base.LensModel] = camera.lens
    details[ExifTags.Base.FocalLength] = IFDRational(focal_mm, 1)
    details[ExifTags.Base.FNumber] = IFDRational(round(exposure.aperture_f * 10), 10)
    details[ExifTags.Base.ExposureTime] = (
        IFDRational(1, round(1 / exposure.time_s))
        if exposure.time_s < 1
        else IFDRational(round(exposure.time_s), 1)
    )
    details[ExifTags.Base.ISOSpeedRatings] = exposure.iso
    if position is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for degrees, names, ref, value in (
            (position[0], "NS", ExifTags.GPS.GPSLatitudeRef, ExifTags.GPS.GPSLatitude),
            (position[1], "EW", ExifTags.GPS.GPSLongitudeRef, ExifTags.GPS.GPSLongitude),
        ):
            place[ref] = names[degrees < 0]
            place[value] = _sexagesimal(abs(degrees))
    return exif


def _sexagesimal(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    hundredths = round(degrees * 360_000)
    minutes, hundredths = divmod(hundredths, 6000)
    return (
        IFDRational(minutes // 60, 1),
        IFDRational(minutes % 60, 1),
        IFDRational(hundredths, 100),
    )
