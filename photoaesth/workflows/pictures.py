"""Showing a photo of the library: its thumbnail and its caption."""

from photoaesth.domain import Exif, Photo
from photoaesth.errors import UnreadableImageError
from photoaesth.files import display_path
from photoaesth.imaging import DECODED_SIDE, decode, thumbnail
from photoaesth.library.thumbnails import load_thumbnail, store_thumbnail


def photo_thumbnail(photo: Photo) -> bytes | None:
    """Return a photo's thumbnail as JPEG, made anew if the cache lost it.

    Returns:
        None when it is gone and the photo cannot be read (an absent drive, say).
    """
    jpeg = load_thumbnail(photo.content_hash)
    if jpeg is not None and _is_whole(jpeg):
        return jpeg
    try:
        jpeg = thumbnail(decode(photo.path, min_side=DECODED_SIDE).image)
    except UnreadableImageError:
        return None
    store_thumbnail(photo.content_hash, jpeg)
    return jpeg


def caption(exif: Exif) -> str:
    """Return when and with what a photo was taken, as far as it is known."""
    taken = exif.taken_at.strftime("%Y-%m-%d %H:%M") if exif.taken_at else ""
    return " · ".join(part for part in (taken, exif.camera) if part)


def photo_facts(photo: Photo) -> list[tuple[str, str]]:
    """Return what is known of a photo, as labels and values for people."""
    exif = photo.exif
    facts = [
        ("File", display_path(photo.path)),
        ("Size", f"{photo.width} × {photo.height}, {photo.width * photo.height / 1e6:.1f} MP"),
        ("Taken", exif.taken_at.strftime("%Y-%m-%d %H:%M:%S") if exif.taken_at else ""),
        ("Camera", exif.camera or ""),
        ("Lens", exif.lens or ""),
        ("Exposure", _exposure(exif)),
    ]
    return [(label, value) for label, value in facts if value]


def _exposure(exif: Exif) -> str:
    shutter, bias = exif.exposure_time_s, exif.exposure_bias_ev
    parts = (
        f"{exif.focal_length_mm:.3g} mm" if exif.focal_length_mm else "",
        f"f/{exif.aperture_f:.2g}" if exif.aperture_f else "",
        "" if not shutter else f"1/{1 / shutter:.0f} s" if shutter < 0.3 else f"{shutter:g} s",
        f"ISO {exif.iso}" if exif.iso else "",
        f"{bias:+.1f} EV" if bias else "",
    )
    return " · ".join(part for part in parts if part)


def _is_whole(jpeg: bytes) -> bool:
    return jpeg.startswith(b"\xff\xd8") and jpeg.endswith(b"\xff\xd9")
