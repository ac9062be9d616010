"""Fetching one large file: verified before it counts, resumed after an interruption.

What has arrived waits in `NAME.part`, with `NAME.part.json` saying what it is a part of. Only a
complete file of the right SHA-256 gets the name that was asked for.
"""

import contextlib
import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from photoaesth import __version__
from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import write_error

_CHUNK = 1 << 18  # bytes
_TIMEOUT_S = 30.0  # without a single byte
_AGAIN = "the same command carries on"


def download(
    url: str,
    target: Path,
    *,
    sha256: str = "",
    on_progress: Callable[[int, int], None] = lambda done, total: None,
    timeout_s: float = _TIMEOUT_S,
) -> str:
    """Fetch a file; `target` appears only complete and verified.

    Proxies are taken from the environment (`https_proxy`, `no_proxy`, …). A part from an earlier
    attempt is completed by a Range request if the server says by ETag or date (`If-Range`) that
    the file is still the same, and dropped otherwise.

    Args:
        url: http or https.
        target: where to put it; its folder is made.
        sha256: what the file must have: 64 hex digits, or the first of them (at least 8); empty
            if nobody knows.
        on_progress: called with the bytes that are there and those there will be.
        timeout_s: how long to wait for the server to send anything.

    Returns:
        The file's SHA-256, 64 hex digits.

    Raises:
        UsageError: not an http address.
        PhotoaesthError: the file is not there, the connection failed or broke off, the disk is
            full (what has arrived is kept for the next attempt), or the SHA-256 is wrong (nothing
            is kept).
    """
    if urlsplit(url).scheme not in {"http", "https"}:
        raise UsageError(f"cannot pull from {url}: only http and https addresses are fetched")
    part = target.with_name(f"{target.name}.part")
    origin = part.with_name(f"{part.name}.json")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _complete(url, part, origin, on_progress, timeout_s)
        found = file_sha256(part)
        if not found.startswith(sha256.lower()):
            _discard(part, origin)
            raise PhotoaesthError(
                f"{url} has the SHA-256 {found} instead of {sha256}; nothing of it was kept"
            )
        part.replace(target)
    except OSError as error:
        raise write_error(target, error) from error
    origin.unlink(missing_ok=True)
    _flush_folder(target.parent)
    return found


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _complete(
    url: str,
    part: Path,
    origin: Path,
    on_progress: Callable[[int, int], None],
    timeout_s: float,
) -> None:
    """Fetch what `part` lacks of the file."""
    have, validator = _resumable(url, part, origin)
    try:
        response = _open(url, have, validator, timeout_s)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                raise PhotoaesthError(_refusal(url, error)) from error
            if error.headers.get("Content-Range") == f"bytes */{have}":
                return  # nothing was lacking but the name
        _discard(part, origin)
        raise PhotoaesthError(
            f"what is here of {url} does not fit it any more and was dropped; run the command again"
        ) from error
    with response:
        # 206: the rest is coming. 200: all of it is, because the file has changed or the server
        # does not know ranges.
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0
        elif _range_start(response) != have:
            _discard(part, origin)
            raise PhotoaesthError(f"{_host(url)} sent another part than asked; try again")
        length = int(response.headers.get("Content-Length") or 0)
        total = have + length
        with part.open("ab" if have else "wb") as file:
            # Only now, when nothing of another version is left in the part.
            origin.write_text(json.dumps({"url": url, "validator": _validator(response)}))
            try:
                for chunk in _chunks(response, url):
                    file.write(chunk)
                    have += len(chunk)
                    on_progress(have, max(total, have))
            finally:  # what has arrived counts after Ctrl-C and after a crash of the machine
                file.flush()
                os.fsync(file.fileno())
    if length and have != total:
        raise PhotoaesthError(f"{_host(url)} broke off after {have:,} of {total:,} bytes; {_AGAIN}")


def _resumable(url: str, part: Path, origin: Path) -> tuple[int, str]:
    """Return how much of the file is here and what identifies it; (0, "") to start afresh."""
    try:
        known = json.loads(origin.read_text())
        size = part.stat().st_size
        validator = str(known["validator"])
        same = known["url"] == url
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""
    return (size, validator) if same and validator and size else (0, "")


def _open(url: str, have: int, validator: str, timeout_s: float) -> http.client.HTTPResponse:
    headers = {"User-Agent": f"photoaesth/{__version__}"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": validator}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the scheme was checked
    # Built anew: urlopen's own opener remembers the proxies of the process's first request.
    opener = urllib.request.build_opener()
    try:
        response: http.client.HTTPResponse = opener.open(request, timeout=timeout_s)
    except urllib.error.HTTPError:
        raise
    except (OSError, http.client.HTTPException) as error:  # URLError is an OSError
        reason = getattr(error, "reason", error)
        detail = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise PhotoaesthError(
            f"cannot reach {_host(url)}: {detail}; check the connection and the proxy settings"
        ) from error
    return response


def _chunks(response: http.client.HTTPResponse, url: str) -> Iterator[bytes]:
    while True:
        try:
            chunk = response.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise PhotoaesthError(
                f"the connection to {_host(url)} was lost "
                f"({str(error) or type(error).__name__}); {_AGAIN}"
            ) from error
        if not chunk:
            return
        yield chunk


def _validator(response: http.client.HTTPResponse) -> str:
    """Return what tells this version of the file from others; a weak ETag does not (RFC 9110)."""
    etag = response.headers.get("ETag", "")
    if etag and not etag.startswith("W/"):
        return str(etag)
    return str(response.headers.get("Last-Modified", ""))


def _range_start(response: http.client.HTTPResponse) -> int:
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _refusal(url: str, error: urllib.error.HTTPError) -> str:
    if error.code in {http.HTTPStatus.NOT_FOUND, http.HTTPStatus.GONE}:
        return f"there is no file at {url} ({error.code}); --url names another place to get it"
    return f"{_host(url)} refused {url}: {error.code} {error.reason}"


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _discard(*files: Path) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename last through a power cut; Windows has no way to ask for it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
