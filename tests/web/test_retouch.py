"""What the pages of retouching and reranking ask of their server, and what they get."""

import contextlib
import http.client
import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photoaesth.domain import Photo
from photoaesth.web.one_thread import OneThread
from photoaesth.web.rerank import RerankPage
from photoaesth.web.retouch import RetouchPage
from photoaesth.web.server import LocalServer


@dataclass(frozen=True)
class Knob:
    name: str = "exposure"
    family: str = "light"
    unit: str = "EV"
    low: float = -3.0
    high: float = 3.0
    identity: float = 0.0
    description: str = "brighter"


@dataclass(frozen=True)
class PlainPicture:
    """A photo of one colour; an edit shows how far its parameters were moved."""

    photo: Photo
    caption: str = "2026-01-01 10:00 · Camera"

    @property
    def name(self) -> str:
        return self.photo.path.name

    def image(self, pixels: int) -> Image.Image:
        return Image.new("RGB", (pixels, pixels * 2 // 3))

    def edited(self, parameters: Mapping[str, float], pixels: int) -> Image.Image:
        if parameters.keys() - {"exposure"}:
            raise ValueError("unknown parameter")
        grey = round(50 * parameters.get("exposure", 0))
        return Image.new("RGB", (pixels, pixels * 2 // 3), (grey, grey, grey))


@dataclass(frozen=True)
class PlainTask:
    picture: PlainPicture
    number: int
    of: int = 6
    parameters: Mapping[str, float] = field(default_factory=dict)
    rating_before: float | None = None
    rating_after: float | None = None


@dataclass
class MemoryRound:
    """Six photos; what was kept is in `kept`."""

    pictures: Sequence[PlainPicture]
    controls: Sequence[Knob] = (Knob(),)
    altogether: int = 40
    kept: list[tuple[Any, ...]] = field(default_factory=list)
    skipped: int = 0
    stored: bool = False
    broken: Exception | None = None

    @property
    def retouched(self) -> int:
        return len(self.kept)

    @property
    def complete(self) -> bool:
        return self.retouched >= 6

    def next(self) -> PlainTask | None:
        if self.complete:
            return None
        number = len(self.kept)
        return PlainTask(self.pictures[(number + self.skipped) % 6], number + 1)

    def keep(self, task: PlainTask, *edit: Any) -> None:
        if self.broken:
            raise self.broken
        self.kept.append((task.number, *edit))

    def skip(self) -> None:
        self.skipped += 1

    def undo(self) -> Any:
        if not self.kept:
            return None
        if self.stored:
            self.stored = False
            return self.kept.pop()
        number, parameters, before, after = self.kept.pop()
        return PlainTask(self.pictures[number - 1], number, 6, parameters, before, after)

    def store(self, order: Sequence[PlainPicture], rated: Mapping[int, float]) -> None:
        self.stored = True
        self.kept.append(([picture.photo.id for picture in order], dict(rated)))


@dataclass(frozen=True)
class Serving:
    """A page that is being served in a thread of the test."""

    page: Any
    server: LocalServer
    session: MemoryRound

    def request(self, path: str, body: object = None) -> tuple[int, bytes]:
        """Ask as the page does."""
        port, token = self.server.port, self.server.address.partition("token=")[2]
        headers = {"Cookie": f"photoaesth_{port}={token}", "Origin": f"http://127.0.0.1:{port}"}
        headers["Content-Type"] = "application/json"
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as to:
            content = None if body is None else json.dumps(body).encode()
            to.request("GET" if body is None else "POST", path, content, headers)
            response = to.getresponse()
            return response.status, response.read()

    def ask(self, path: str, *, code: int = 200, **body: object) -> Any:
        """Return what a request was answered with."""
        got, content = self.request(path, body or None)
        assert got == code, content
        return json.loads(content) if code in {200, 409} else content.decode()

    def picture(self, path: str) -> Image.Image:
        """Return a picture."""
        code, content = self.request(path)
        assert code == 200, content
        return Image.open(io.BytesIO(content))


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    """Serves a page about six photos."""
    with contextlib.ExitStack() as stack:

        def start(page_class: Any) -> Serving:
            photos = [Photo(70 + n, Path(f"/secret/{n}.jpg"), "0" * 40, 300, 200) for n in range(6)]
            session = MemoryRound([PlainPicture(photo) for photo in photos])
            server = LocalServer()
            thread = stack.enter_context(OneThread(contextlib.nullcontext(session)))
            page = page_class(thread, server.stop)
            started = threading.Event()
            serving = threading.Thread(
                target=server.run, args=(page.app,), kwargs={"started": started.set}
            )
            serving.start()
            stack.callback(serving.join)
            stack.callback(server.stop)
            started.wait()
            return Serving(page, server, session)

        yield start


@pytest.fixture
def table(serve: Callable[..., Serving]) -> Serving:
    """The retouch page."""
    return serve(RetouchPage)


@pytest.fixture
def wall(serve: Callable[..., Serving]) -> Serving:
    """The rerank page."""
    return serve(RerankPage)


def test_a_state_tells_all_that_is_shown(table: Serving) -> None:
    """The photo, the sliders and the progress; nothing of where the photo stands."""
    state = table.ask("/state")
    assert state["task"] == {
        "photo": "1",
        "name": "0.jpg",
        "caption": "2026-01-01 10:00 · Camera",
        "width": 300,
        "height": 200,
        "number": 1,
        "of": 6,
        "parameters": {},
        "before": None,
        "after": None,
    }
    assert state["controls"] == [
        {
            "name": "exposure",
            "family": "light",
            "unit": "EV",
            "low": -3.0,
            "high": 3.0,
            "identity": 0.0,
            "description": "brighter",
        }
    ]
    assert state["progress"] == {"retouched": 0, "altogether": 40, "complete": False}
    assert b"secret" not in table.request("/state")[1]


def test_edits_are_kept_skipped_and_taken_back(table: Serving) -> None:
    """Every write goes on to another turn; undo brings back what was kept."""
    state = table.ask("/state")
    edit = {"parameters": {"exposure": 0.5}, "before": 3, "after": 10}
    state = table.ask("/keep", turn=state["turn"], **edit)
    assert table.session.kept == [(1, {"exposure": 0.5}, 3.0, 10.0)]
    state = table.ask("/skip", turn=state["turn"])
    assert (state["task"]["name"], state["task"]["number"]) == ("2.jpg", 2)
    state = table.ask("/undo", turn=state["turn"])
    assert table.session.kept == []
    shown = {name: state["task"][name] for name in ("parameters", "before", "after")}
    assert shown == edit
    assert table.ask("/undo", turn=state["turn"]) == state


def test_a_late_edit_is_refused(table: Serving) -> None:
    """Of two tabs, the second to store gets 409 with what is on the table now."""
    turn = table.ask("/state")["turn"]
    table.ask("/keep", turn=turn, parameters={}, before=1, after=2)
    state = table.ask("/keep", turn=turn, parameters={}, before=1, after=2, code=409)
    assert len(table.session.kept) == 1
    assert state == table.ask("/state")
    table.ask("/skip", turn=turn, code=409)
    table.ask("/undo", turn=turn, code=409)


@pytest.mark.parametrize(
    "edit",
    [
        {"parameters": {"exposure": 9}, "before": 1, "after": 2},
        {"parameters": {"exposure": True}, "before": 1, "after": 2},
        {"parameters": {"exposure": "1"}, "before": 1, "after": 2},
        {"parameters": {"x": 0}, "before": 1, "after": 2},
        {"parameters": [], "before": 1, "after": 2},
        {"parameters": {}, "before": 11, "after": 2},
        {"parameters": {}, "before": -1, "after": 2},
        {"parameters": {}, "before": None, "after": 2},
        {"parameters": {}, "before": 1},
        {"parameters": {}, "before": True, "after": 2},
        {},
    ],
)
def test_an_edit_must_make_sense(table: Serving, edit: dict[str, Any]) -> None:
    """Unknown parameters, values out of range and missing ratings are refused."""
    state = table.ask("/state")
    table.ask("/keep", turn=state["turn"], **edit, code=400)
    assert table.session.kept == []
    assert table.ask("/state") == state


def test_an_edit_is_shown_as_large_as_asked(table: Serving) -> None:
    """The original and the edit, within bounds; what is no edit is refused."""
    table.ask("/state")
    assert table.picture("/photos/1?pixels=600").size == (600, 400)
    edited = table.picture("/photos/1/edited?pixels=600&exposure=2")
    assert (edited.size, edited.getpixel((9, 9))) == ((600, 400), (100, 100, 100))
    assert table.picture("/photos/1/edited?pixels=99999").size == (1200, 800)
    for query in ("", "pixels=x", "pixels=100&exposure=x", "pixels=100&tint=1"):
        assert table.request(f"/photos/1/edited?{query}")[0] == 400
    for path in ("/photos/2?pixels=100", "/photos/70?pixels=100", "/retouch.py", "/rerank.js"):
        assert table.request(path)[0] == 404


def test_a_failure_ends_the_round(table: Serving) -> None:
    """The page is told, and the program gets the reason."""
    turn = table.ask("/state")["turn"]
    table.session.broken = ZeroDivisionError("disk")
    table.ask("/keep", turn=turn, parameters={}, before=1, after=2, code=500)
    assert table.page.failure is table.session.broken


def test_an_order_is_stored_once_and_taken_back(wall: Serving) -> None:
    """The photos by their numbers, the ratings with them; a late order is refused."""
    state = wall.ask("/state")
    numbers = [photo["photo"] for photo in state["photos"]]
    assert len(numbers) == 6
    assert not {"70", "71"} & set(numbers)
    order = numbers[::-1]
    told = wall.ask("/store", turn=state["turn"], order=order, ratings={"1": 7, "2": 0})
    assert told["stored"]
    assert wall.session.kept == [([75, 74, 73, 72, 71, 70], {70: 7.0, 71: 0.0})]
    wall.ask("/store", turn=state["turn"], order=order, ratings={}, code=409)
    assert len(wall.session.kept) == 1
    assert not wall.ask("/undo", turn=told["turn"])["stored"]
    assert wall.picture("/photos/3?pixels=300").size == (300, 200)
    assert wall.request("/photos/7?pixels=300")[0] == 404


@pytest.mark.parametrize(
    ("order", "ratings"),
    [
        (["1", "2"], {}),
        (["1", "2", "3", "4", "5", "5"], {}),
        (["1", "2", "3", "4", "5", "7"], {}),
        ("123456", {"1": 11}),
        (["1", "2", "3", "4", "5", "6"], {"7": 1}),
        (["1", "2", "3", "4", "5", "6"], {"1": "9"}),
        (["1", "2", "3", "4", "5", "6"], []),
        (None, {}),
    ],
)
def test_an_order_must_be_of_these_photos(wall: Serving, order: object, ratings: object) -> None:
    """All of them, each once, with ratings from 0 to 10; anything else is refused."""
    turn = wall.ask("/state")["turn"]
    wall.ask("/store", turn=turn, order=order, ratings=ratings, code=400)
    assert wall.session.kept == []
