"""The rerank page: the photos of a round as originals, rated anew and put in order."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from photoaesth.web.one_thread import OneThread
from photoaesth.web.page import Page, json_object, pixels_wanted
from photoaesth.web.retouch import MAX_PIXELS, MIN_PIXELS, rating
from photoaesth.web.retouch_contract import Picture, RerankSession
from photoaesth.web.sitting import NoSuchAnswerError

_FILES = {
    "/": "rerank.html",
    "/compare.css": "compare.css",
    "/retouch.css": "retouch.css",
    "/rerank.css": "rerank.css",
    "/rerank.js": "rerank.js",
    "/rounds.js": "rounds.js",
    "/server.js": "server.js",
}


class RerankPage(Page[RerankSession]):
    """A round of reranking in the browser.

    Args:
        session: the photos, and the one thread that may touch them.
        stop: called when the page ended the round, and when it failed.
    """

    def __init__(self, session: OneThread[RerankSession], stop: Callable[[], None]) -> None:
        # Numbers say nothing of the library; the photos stay the same for the whole sitting.
        pictures = session.do(lambda opened: opened.pictures)
        self._pictures: dict[str, Picture] = {
            str(number): picture for number, picture in enumerate(pictures, start=1)
        }
        self._turn = 1
        routes = [
            Route("/state", self._state, methods=["GET"]),
            Route("/store", self._store, methods=["POST"]),
            Route("/undo", self._undo, methods=["POST"]),
            Route("/end", self._end, methods=["POST"]),
            Route("/photos/{number}", self._photo, methods=["GET"]),
        ]
        super().__init__(session, stop, _FILES, routes)

    async def _state(self, _: Request) -> Response:
        return await self._after(None, lambda _: None)

    async def _store(self, request: Request) -> Response:
        body = await json_object(request)
        try:
            order, rated = self._order(body.get("order")), self._ratings(body.get("ratings"))
        except NoSuchAnswerError as error:
            raise HTTPException(400, "That is no order of these photos.") from error
        return await self._after(body, lambda session: session.store(order, rated))

    async def _undo(self, request: Request) -> Response:
        return await self._after(await json_object(request), lambda session: session.undo())

    async def _end(self, _: Request) -> Response:
        response = await self._after(None, lambda _: None)
        self.stop()
        return response

    async def _after(
        self, body: Mapping[str, object] | None, change: Callable[[RerankSession], object]
    ) -> Response:
        """Make a change and tell how things are then; 409 if it came too late."""

        def change_and_look(session: RerankSession) -> tuple[dict[str, Any], int]:
            if body is not None:
                if body.get("turn") != self._turn:
                    return self._state_of(session), 409
                self._turn += 1  # even if this fails: nothing is stored twice
                change(session)
            return self._state_of(session), 200

        return JSONResponse(*await self.ask(change_and_look))

    async def _photo(self, request: Request) -> Response:
        picture = self._pictures.get(request.path_params["number"])
        if picture is None:
            raise HTTPException(404, "That photo is not of this round.")
        pixels = pixels_wanted(request, MIN_PIXELS, MAX_PIXELS)
        return await self.jpeg(lambda: picture.image(pixels), pixels)

    def _state_of(self, session: RerankSession) -> dict[str, Any]:
        return {
            "turn": self._turn,
            "photos": [
                {
                    "photo": number,
                    "name": picture.name,
                    "caption": picture.caption,
                    "width": picture.photo.width,
                    "height": picture.photo.height,
                }
                for number, picture in self._pictures.items()
            ],
            "stored": session.stored,
            "altogether": session.altogether,
        }

    def _order(self, given: object) -> list[Picture]:
        if not isinstance(given, list) or sorted(map(str, given)) != sorted(self._pictures):
            raise NoSuchAnswerError
        return [self._pictures[str(number)] for number in given]

    def _ratings(self, given: object) -> dict[int, float]:
        if not isinstance(given, dict) or not given.keys() <= self._pictures.keys():
            raise NoSuchAnswerError
        return {self._pictures[number].photo.id: rating(value) for number, value in given.items()}
