"""A sitting in memory, for what the server adds to it."""

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photoaesth.domain import Photo
from photoaesth.errors import PhotoaesthError
from photoaesth.web.compare import ComparePage
from photoaesth.web.contract import Reply
from photoaesth.web.one_thread import OneThread
from photoaesth.web.server import LocalServer


@dataclass(frozen=True)
class DrawnSide:
    """A photo of one colour; the file of a missing one cannot be read."""

    photo: Photo
    picture: Image.Image
    missing: bool = False

    @property
    def name(self) -> str:
        return self.photo.path.name

    @property
    def caption(self) -> str:
        return "2026-01-01 10:00 · Camera"

    def details(self) -> list[tuple[str, str]]:
        return [("Lens", "50 mm f/1.8"), ("Score", "6.4 ± 0.5")]

    def image(self, pixels: int) -> Image.Image:
        assert pixels > 0
        return self.picture

    def full(self) -> Image.Image:
        if self.missing:
            raise PhotoaesthError(f"{self.name}: there is no such file")
        return self.picture


@dataclass(frozen=True)
class PlainQuestion:
    sides: tuple[DrawnSide, ...]
    number: int
    of: int | None
    remark: str = ""


@dataclass(frozen=True)
class PlainProgress:
    answered: int
    choices: int
    of: int | None
    sentence: str = "likely agrees with you on 74 % of new pairs"


@dataclass
class MemorySession:
    """Asks about the given photos in turn and remembers the answers.

    Attributes:
        given: the answers, as the server stored them.
        threads: the threads that called.
        broken: makes the next answer fail.
    """

    asked: Sequence[Sequence[DrawnSide]]
    pixels: int = 0
    given: list[tuple[int, Reply]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    broken: Exception | None = None

    @property
    def complete(self) -> bool:
        return len(self.given) >= len(self.asked)

    def next(self) -> PlainQuestion | None:
        self.threads.add(threading.get_ident())
        return None if self.complete else self._question()

    def answer(self, question: PlainQuestion, reply: Reply) -> None:
        self.threads.add(threading.get_ident())
        if self.broken:
            raise self.broken
        self.given.append((question.number, reply))

    def undo(self) -> PlainQuestion | None:
        if not self.given:
            return None
        self.given.pop()
        return self._question()

    def peek(self) -> PlainQuestion | None:
        after = len(self.given) + 1
        if after >= len(self.asked):
            return None
        return PlainQuestion(tuple(self.asked[after]), after + 1, len(self.asked))

    def progress(self) -> PlainProgress:
        return PlainProgress(len(self.given), 40 + len(self.given), len(self.asked))

    def _question(self) -> PlainQuestion:
        number = len(self.given)
        return PlainQuestion(tuple(self.asked[number]), number + 1, len(self.asked))


@pytest.fixture(scope="session")
def side() -> Callable[..., DrawnSide]:
    """Makes a photo."""

    def make(
        number: int,
        size: tuple[int, int] = (300, 200),
        *,
        missing: bool = False,
        picture: Image.Image | None = None,
    ) -> DrawnSide:
        picture = picture or Image.new("RGB", size, (40 * number % 256, 90, 120))
        photo = Photo(number, Path(f"/secret/IMG_{number}.jpg"), "0" * 40, *picture.size)
        return DrawnSide(photo, picture, missing)

    return make


@pytest.fixture
def session(side: Callable[..., DrawnSide]) -> MemorySession:
    """Three pairs and a burst of three."""
    pairs = [[side(2 * i), side(2 * i + 1)] for i in range(3)]
    return MemorySession([*pairs, [side(7), side(8), side(9, missing=True)]])


@pytest.fixture
def opened(session: MemorySession) -> contextlib.AbstractContextManager[MemorySession]:
    """The session, to be opened once; one error gets a line for people, as in a library."""

    @contextlib.contextmanager
    def opening() -> Iterator[MemorySession]:
        session.threads.add(threading.get_ident())
        try:
            yield session
        except ZeroDivisionError as error:
            raise PhotoaesthError("the disk is full") from error

    return opening()


@dataclass(frozen=True)
class Running:
    """A page that is being served in a thread of the test.

    Attributes:
        page: what is served.
        server: by whom; its address holds the token.
        session: what the page asks.
    """

    page: ComparePage
    server: LocalServer
    session: MemorySession

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    @property
    def token(self) -> str:
        return self.server.address.partition("token=")[2]

    @property
    def cookie(self) -> str:
        return f"photoaesth_{self.server.port}={self.token}"

    def request(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str | None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Ask as the page does, other `headers` apart; one of None is left out."""
        wanted = {"Cookie": self.cookie, "Origin": self.origin, "Content-Type": "application/json"}
        wanted |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in wanted.items() if value is not None}
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def state(self) -> Any:
        """Return what is asked now."""
        code, _, content = self.request("/state")
        assert code == 200
        return json.loads(content)

    def write(self, path: str, *, code: int = 200, **body: object) -> Any:
        """Return what a write was answered with."""
        got, _, content = self.request(path, "POST", json.dumps(body).encode())
        assert got == code, content
        return json.loads(content) if code in {200, 409} else content.decode()


@pytest.fixture
def running(
    session: MemorySession, opened: contextlib.AbstractContextManager[MemorySession]
) -> Iterator[Running]:
    """The compare page on a free port, served by the real server."""
    server = LocalServer()
    with contextlib.suppress(PhotoaesthError), OneThread(opened) as thread:
        page = ComparePage(thread, server.stop)
        started = threading.Event()
        serving = threading.Thread(
            target=server.run, args=(page.app,), kwargs={"started": started.set}
        )
        serving.start()
        started.wait()
        yield Running(page, server, session)
        server.stop()
        serving.join()
