"""The compare page: its files, its questions, its pictures."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from importlib import resources
from typing import Any

from PIL import Image
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from photoaesth.errors import PhotoaesthError
from photoaesth.imaging import thumbnail
from photoaesth.web.contract import Session, Side
from photoaesth.web.one_thread import OneThread
from photoaesth.web.sitting import NoSuchAnswerError, Sitting, StaleTurnError

_FILES = {
    "/": ("compare.html", "text/html"),
    "/compare.css": ("compare.css", "text/css"),
    "/compare.js": ("compare.js", "text/javascript"),
    "/sides.js": ("sides.js", "text/javascript"),
    "/viewport.js": ("viewport.js", "text/javascript"),
}
_MIN_PIXELS, _MAX_PIXELS = 64, 4096  # longer side of a picture that fits a window
_MAX_JPEG_SIDE = 65_500
_QUALITY = 90
_AT_ONCE = 2  # pictures that are made at a time: those of a pair


class ComparePage:
    """A sitting in the browser.

    Args:
        session: the questions, and the one thread that may ask for them.
        stop: called when the page ended the sitting, and when the session failed.

    Attributes:
        app: the ASGI application; a `Guard` must stand before it.
        sitting: what is asked.
        failure: what the session failed with; nothing is asked after that.
    """

    def __init__(self, session: OneThread[Session[Any]], stop: Callable[[], None]) -> None:
        self.sitting = session.do(Sitting)
        self.failure: Exception | None = None
        self._session = session
        self._stop = stop
        self._encoders = asyncio.Semaphore(_AT_ONCE)
        self.app = Starlette(
            routes=[
                *(Route(path, _file(*file), methods=["GET"]) for path, file in _FILES.items()),
                Route("/state", self._state, methods=["GET"]),
                Route("/ahead", self._ahead, methods=["GET"]),
                Route("/answer", self._answer, methods=["POST"]),
                Route("/undo", self._undo, methods=["POST"]),
                Route("/end", self._end, methods=["POST"]),
                Route("/photos/{number}", self._photo, methods=["GET"]),
                Route("/photos/{number}/full", self._full, methods=["GET"]),
            ]
        )

    async def _state(self, _: Request) -> Response:
        return await self._after(lambda: None)

    async def _ahead(self, _: Request) -> Response:
        """Tell which photos come next, for the page to load them; none while that is not known."""
        photos = await self._session.call(lambda _: self.sitting.ahead())
        return JSONResponse({"photos": photos})

    async def _answer(self, request: Request) -> Response:
        body = await _json(request)
        return await self._after(lambda: self.sitting.answer(body.get("turn"), body.get("reply")))

    async def _undo(self, request: Request) -> Response:
        body = await _json(request)
        return await self._after(lambda: self.sitting.undo(body.get("turn")))

    async def _end(self, _: Request) -> Response:
        response = await self._after(lambda: None)
        self._stop()
        return response

    async def _after(self, change: Callable[[], None]) -> Response:
        """Make a change and tell what is asked then; 409 if it came too late."""

        def change_and_look(_: Session[Any]) -> tuple[dict[str, Any], int]:
            try:
                change()
            except StaleTurnError:
                return self.sitting.state(), 409
            return self.sitting.state(), 200

        try:
            return JSONResponse(*await self._session.call(change_and_look))
        except NoSuchAnswerError as error:
            raise HTTPException(400, "The question has no such answer.") from error
        except Exception as error:  # whatever it is, the sitting cannot go on
            self.failure = self.failure or error
            self._stop()
            raise HTTPException(500, "The sitting broke off; the terminal says why.") from error

    async def _photo(self, request: Request) -> Response:
        side = self._side(request)
        try:
            pixels = int(request.query_params.get("pixels", ""))
        except ValueError as error:
            raise HTTPException(400, "How many pixels?") from error
        pixels = max(_MIN_PIXELS, min(pixels, _MAX_PIXELS))
        self.sitting.pixels = pixels
        return await self._jpeg(lambda: side.image(pixels), pixels)

    async def _full(self, request: Request) -> Response:
        try:
            return await self._jpeg(self._side(request).full, _MAX_JPEG_SIDE)
        except PhotoaesthError as error:
            raise HTTPException(404, str(error)) from error

    def _side(self, request: Request) -> Side:
        side = self.sitting.side(request.path_params["number"])
        if side is None:
            raise HTTPException(404, "That photo is not part of what is asked.")
        return side

    async def _jpeg(self, picture: Callable[[], Image.Image], max_side: int) -> Response:
        async with self._encoders:
            jpeg = await asyncio.to_thread(lambda: thumbnail(picture(), max_side, _QUALITY))
        return Response(jpeg, media_type="image/jpeg")


async def _json(request: Request) -> Mapping[str, object]:
    if request.headers.get("content-type") != "application/json":
        raise HTTPException(415, "JSON is wanted.")
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "That is not JSON.") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "An object is wanted.")
    return body


def _file(name: str, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    content = resources.files("photoaesth.web").joinpath(name).read_bytes()

    async def serve(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return serve
