"""The compare page: its files, its questions, its pictures."""

from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from photoaesth.errors import PhotoaesthError
from photoaesth.web.contract import Session, Side
from photoaesth.web.one_thread import OneThread
from photoaesth.web.page import Page, json_object, pixels_wanted
from photoaesth.web.sitting import NoSuchAnswerError, Sitting, StaleTurnError

_FILES = {
    "/": "compare.html",
    "/compare.css": "compare.css",
    "/compare.js": "compare.js",
    "/server.js": "server.js",
    "/sides.js": "sides.js",
    "/viewport.js": "viewport.js",
}
_MIN_PIXELS, _MAX_PIXELS = 64, 4096  # longer side of a picture that fits a window
_MAX_JPEG_SIDE = 65_500


class ComparePage(Page[Session[Any]]):
    """A sitting in the browser.

    Args:
        session: the questions, and the one thread that may ask for them.
        stop: called when the page ended the sitting, and when the session failed.

    Attributes:
        sitting: what is asked.
    """

    def __init__(self, session: OneThread[Session[Any]], stop: Callable[[], None]) -> None:
        self.sitting = session.do(Sitting)
        routes = [
            Route("/state", self._state, methods=["GET"]),
            Route("/ahead", self._ahead, methods=["GET"]),
            Route("/answer", self._answer, methods=["POST"]),
            Route("/undo", self._undo, methods=["POST"]),
            Route("/end", self._end, methods=["POST"]),
            Route("/photos/{number}", self._photo, methods=["GET"]),
            Route("/photos/{number}/full", self._full, methods=["GET"]),
        ]
        super().__init__(session, stop, _FILES, routes)

    async def _state(self, _: Request) -> Response:
        return await self._after(lambda: None)

    async def _ahead(self, _: Request) -> Response:
        """Tell which photos come next, for the page to load them; none while that is not known."""
        photos = await self.session.call(lambda _: self.sitting.ahead())
        return JSONResponse({"photos": photos})

    async def _answer(self, request: Request) -> Response:
        body = await json_object(request)
        return await self._after(lambda: self.sitting.answer(body.get("turn"), body.get("reply")))

    async def _undo(self, request: Request) -> Response:
        body = await json_object(request)
        return await self._after(lambda: self.sitting.undo(body.get("turn")))

    async def _end(self, _: Request) -> Response:
        response = await self._after(lambda: None)
        self.stop()
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
            return JSONResponse(*await self.ask(change_and_look, NoSuchAnswerError))
        except NoSuchAnswerError as error:
            raise HTTPException(400, "The question has no such answer.") from error

    async def _photo(self, request: Request) -> Response:
        side = self._side(request)
        pixels = pixels_wanted(request, _MIN_PIXELS, _MAX_PIXELS)
        self.sitting.pixels = pixels
        return await self.jpeg(lambda: side.image(pixels), pixels)

    async def _full(self, request: Request) -> Response:
        try:
            return await self.jpeg(self._side(request).full, _MAX_JPEG_SIDE)
        except PhotoaesthError as error:
            raise HTTPException(404, str(error)) from error

    def _side(self, request: Request) -> Side:
        side = self.sitting.side(request.path_params["number"])
        if side is None:
            raise HTTPException(404, "That photo is not part of what is asked.")
        return side
