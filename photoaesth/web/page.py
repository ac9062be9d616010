"""What every local page is made of: its files, a session behind it, pictures, an end."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources
from typing import Generic, TypeVar

from PIL import Image
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from photoaesth.imaging import thumbnail
from photoaesth.web.one_thread import OneThread

_QUALITY = 90
_AT_ONCE = 2  # pictures that are made at a time: those of a pair
_MEDIA_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}

Held = TypeVar("Held")
Result = TypeVar("Result")


class Page(Generic[Held]):
    """A page and the session that it shows.

    Args:
        session: the session, and the one thread that may touch it.
        stop: called when the page ended the session, and when the session failed.
        files: by address, the files of this package that are the page.
        routes: everything else.

    Attributes:
        app: the ASGI application; a `Guard` must stand before it.
        failure: what the session failed with; nothing is asked of it after that.
    """

    def __init__(
        self,
        session: OneThread[Held],
        stop: Callable[[], None],
        files: Mapping[str, str],
        routes: Sequence[Route],
    ) -> None:
        self.failure: Exception | None = None
        self.session = session
        self.stop = stop
        self._encoders = asyncio.Semaphore(_AT_ONCE)
        shown = [Route(path, _file(name), methods=["GET"]) for path, name in files.items()]
        self.app = Starlette(routes=[*shown, *routes])

    async def ask(self, change: Callable[[Held], Result], *refusals: type[Exception]) -> Result:
        """Return what the session says.

        Args:
            change: called in the session's thread.
            refusals: what it may raise without failing; raised again.

        Raises:
            HTTPException: it failed; the session is over.
        """
        try:
            return await self.session.call(change)
        except refusals:
            raise
        except Exception as error:  # whatever it is, the session cannot go on
            self.failure = self.failure or error
            self.stop()
            raise HTTPException(500, "The sitting broke off; the terminal says why.") from error

    async def jpeg(self, picture: Callable[[], Image.Image], max_side: int) -> Response:
        """Return a picture, made in a thread of its own, its longer side at most `max_side`."""
        async with self._encoders:
            jpeg = await asyncio.to_thread(lambda: thumbnail(picture(), max_side, _QUALITY))
        return Response(jpeg, media_type="image/jpeg")


async def json_object(request: Request) -> Mapping[str, object]:
    """Return what a request says.

    Raises:
        HTTPException: it is no JSON object.
    """
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, "JSON is wanted.")
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "That is not JSON.") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "An object is wanted.")
    return body


def pixels_wanted(request: Request, least: int, most: int) -> int:
    """Return how large a picture is asked for, within bounds.

    Raises:
        HTTPException: the address does not say.
    """
    try:
        pixels = int(request.query_params.get("pixels", ""))
    except ValueError as error:
        raise HTTPException(400, "How many pixels?") from error
    return max(least, min(pixels, most))


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = resources.files("photoaesth.web").joinpath(name).read_bytes()
    media_type = _MEDIA_TYPES[name.rpartition(".")[2]]

    async def serve(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return serve
