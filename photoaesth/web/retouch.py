"""The retouch page: a photo, its edit as the sliders move, and two ratings."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from photoaesth.web.one_thread import OneThread
from photoaesth.web.page import Page, json_object, pixels_wanted
from photoaesth.web.retouch_contract import Picture, RetouchSession, Task
from photoaesth.web.sitting import NoSuchAnswerError, StaleTurnError

_FILES = {
    "/": "retouch.html",
    "/compare.css": "compare.css",
    "/retouch.css": "retouch.css",
    "/retouch.js": "retouch.js",
    "/rounds.js": "rounds.js",
    "/server.js": "server.js",
}
MIN_PIXELS, MAX_PIXELS = 64, 1200  # longer side of a picture
_RECENT_PICTURES = 3  # that are served: this one, and for tabs that are behind


class RetouchPage(Page[RetouchSession]):
    """A round of retouching in the browser.

    Args:
        session: the round, and the one thread that may touch it.
        stop: called when the page ended the round, and when it failed.
    """

    def __init__(self, session: OneThread[RetouchSession], stop: Callable[[], None]) -> None:
        self._table = session.do(_Table)
        routes = [
            Route("/state", self._state, methods=["GET"]),
            Route("/keep", self._keep, methods=["POST"]),
            Route("/skip", self._skip, methods=["POST"]),
            Route("/undo", self._undo, methods=["POST"]),
            Route("/end", self._end, methods=["POST"]),
            Route("/photos/{number}", self._photo, methods=["GET"]),
            Route("/photos/{number}/edited", self._edited, methods=["GET"]),
        ]
        super().__init__(session, stop, _FILES, routes)

    async def _state(self, _: Request) -> Response:
        return await self._after(lambda: None)

    async def _keep(self, request: Request) -> Response:
        body = await json_object(request)
        return await self._after(lambda: self._table.keep(body))

    async def _skip(self, request: Request) -> Response:
        body = await json_object(request)
        return await self._after(lambda: self._table.skip(body.get("turn")))

    async def _undo(self, request: Request) -> Response:
        body = await json_object(request)
        return await self._after(lambda: self._table.undo(body.get("turn")))

    async def _end(self, _: Request) -> Response:
        response = await self._after(lambda: None)
        self.stop()
        return response

    async def _after(self, change: Callable[[], None]) -> Response:
        """Make a change and tell what is on the table then; 409 if it came too late."""

        def change_and_look(_: RetouchSession) -> tuple[dict[str, Any], int]:
            try:
                change()
            except StaleTurnError:
                return self._table.state(), 409
            return self._table.state(), 200

        try:
            return JSONResponse(*await self.ask(change_and_look, NoSuchAnswerError))
        except NoSuchAnswerError as error:
            raise HTTPException(400, "That is no edit with two ratings from 0 to 10.") from error

    async def _photo(self, request: Request) -> Response:
        picture = self._picture(request)
        pixels = pixels_wanted(request, MIN_PIXELS, MAX_PIXELS)
        return await self.jpeg(lambda: picture.image(pixels), pixels)

    async def _edited(self, request: Request) -> Response:
        picture = self._picture(request)
        pixels = pixels_wanted(request, MIN_PIXELS, MAX_PIXELS)
        given = {name: value for name, value in request.query_params.items() if name != "pixels"}
        try:
            parameters = {name: float(value) for name, value in given.items()}
            return await self.jpeg(lambda: picture.edited(parameters, pixels), pixels)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error

    def _picture(self, request: Request) -> Picture:
        picture = self._table.picture(request.path_params["number"])
        if picture is None:
            raise HTTPException(404, "That photo is not on the table.")
        return picture


class _Table:
    """What is on the table now. Every change begins a new turn, so that nothing is stored twice.

    The session's thread calls it; only `picture` is for all.
    """

    def __init__(self, session: RetouchSession) -> None:
        self._session = session
        self._turn = 0
        self._task: Task | None = None
        self._pictures: dict[str, Picture] = {}  # replaced, not changed: others read it
        self._numbers = itertools.count(1)

    def state(self) -> dict[str, Any]:
        """Return all that the page shows, as JSON."""
        if self._turn == 0:
            self._begin(self._session.next())
        return {
            "turn": self._turn,
            "task": self._task and self._shown(self._task),
            "controls": [
                {
                    "name": control.name,
                    "family": control.family,
                    "unit": control.unit,
                    "low": control.low,
                    "high": control.high,
                    "identity": control.identity,
                    "description": control.description,
                }
                for control in self._session.controls
            ],
            "progress": {
                "retouched": self._session.retouched,
                "altogether": self._session.altogether,
                "complete": self._session.complete,
            },
        }

    def keep(self, body: Mapping[str, object]) -> None:
        """Store the edit of a turn and go on to the next photo.

        Args:
            body: as the page's JSON has it, and so of any content.

        Raises:
            StaleTurnError: that turn is over.
            NoSuchAnswerError: it is no edit with two ratings.
        """
        self._check(body.get("turn"))
        if self._task is None:
            raise NoSuchAnswerError
        edit = self._parameters(body.get("parameters"))
        before, after = (rating(body.get(name)) for name in ("before", "after"))
        self._turn += 1  # even if this fails: nothing is stored twice
        self._session.keep(self._task, edit, before, after)
        self._begin(self._session.next())

    def skip(self, turn: object) -> None:
        """Go on to the next photo; raises as `keep`."""
        self._check(turn)
        if self._task is None:
            raise NoSuchAnswerError
        self._session.skip()
        self._begin(self._session.next())

    def undo(self, turn: object) -> None:
        """Take back the last edit and show it; nothing changes when there is none."""
        self._check(turn)
        task = self._session.undo()
        if task is not None:
            self._begin(task)

    def picture(self, number: str) -> Picture | None:
        """Return the photo of a number that a recent state named; None for any other."""
        return self._pictures.get(number)

    def _check(self, turn: object) -> None:
        if turn != self._turn:
            raise StaleTurnError

    def _begin(self, task: Task | None) -> None:
        self._turn += 1
        self._task = task
        if task is not None:
            recent = list(self._pictures.items())[1 - _RECENT_PICTURES :]
            self._pictures = {**dict(recent), str(next(self._numbers)): task.picture}

    def _shown(self, task: Task) -> dict[str, Any]:
        picture = task.picture
        return {
            "photo": next(reversed(self._pictures)),
            "name": picture.name,
            "caption": picture.caption,
            "width": picture.photo.width,
            "height": picture.photo.height,
            "number": task.number,
            "of": task.of,
            "parameters": dict(task.parameters),
            "before": task.rating_before,
            "after": task.rating_after,
        }

    def _parameters(self, given: object) -> dict[str, float]:
        if not isinstance(given, dict):
            raise NoSuchAnswerError
        controls = {control.name: control for control in self._session.controls}
        for name, value in given.items():
            control = controls.get(name)
            if (
                control is None
                or isinstance(value, bool)
                or not isinstance(value, int | float)
                or not control.low <= value <= control.high
            ):
                raise NoSuchAnswerError
        return {name: float(value) for name, value in given.items()}


def rating(given: object) -> float:
    """Return a rating from 0 to 10 that a page sent.

    Raises:
        NoSuchAnswerError: it is none.
    """
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given <= 10:
        raise NoSuchAnswerError
    return float(given)
