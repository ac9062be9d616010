"""The server of a local page: where it listens, how it ends."""

import contextlib
import socket
import threading
from typing import Any

import pytest

from photoaesth.errors import PhotoaesthError
from photoaesth.web.one_thread import OneThread
from photoaesth.web.server import LocalServer


def _has_ended(running: Any) -> bool:
    """Wait until nobody listens any more."""
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", running.server.port), 0.1).close()
        except OSError:
            return True
        threading.Event().wait(0.05)
    return False


def test_only_this_machine_is_served(running: Any) -> None:
    """The server listens on 127.0.0.1, not on the network."""
    assert running.server.address.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match=r".+"):
        socket.create_connection(
            (socket.gethostbyname("127.0.0.2"), running.server.port), 2
        ).close()


def test_a_taken_port_is_said_so() -> None:
    """One line names the port and what to do."""
    first = LocalServer()
    with pytest.raises(PhotoaesthError) as refusal:
        LocalServer(first.port)
    assert str(refusal.value) == (
        f"cannot serve the page at 127.0.0.1:{first.port}: another program uses it; "
        "choose another with --port, or leave it out for any free one"
    )


def test_a_port_can_be_wished_for() -> None:
    """A free port is taken as it was named."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    assert LocalServer(port).port == port


def test_ending_on_the_page_ends_the_server(running: Any) -> None:
    """The page gets its summary first; then nobody listens any more."""
    state = running.state()
    running.write("/answer", turn=state["turn"], reply=0)
    assert running.write("/end")["progress"]["answered"] == 1
    assert _has_ended(running)


def test_one_thread_asks(running: Any) -> None:
    """Opened, asked and answered from one thread, whatever comes from where."""
    state = running.state()
    clients = [
        threading.Thread(
            target=running.request, args=("/answer", "POST", b'{"turn": 1, "reply": 0}')
        )
        for _ in range(8)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert len(running.session.threads) == 1
    assert running.session.given == [(1, 0)]
    assert running.state()["question"]["number"] == state["question"]["number"] + 1


def test_a_session_that_fails_ends_the_sitting(running: Any) -> None:
    """The page hears that it is over, the server stops, and the caller can learn why."""
    turn = running.state()["turn"]
    running.session.broken = ZeroDivisionError("no room")
    said = running.write("/answer", turn=turn, reply=0, code=500)
    assert said == "The sitting broke off; the terminal says why."
    assert running.page.failure is running.session.broken
    assert _has_ended(running)
    assert running.session.given == []


def test_what_went_wrong_gets_the_words_of_the_session(opened: Any) -> None:
    """An error of the block reaches the context that was opened, in its thread."""
    with pytest.raises(PhotoaesthError, match="the disk is full"), OneThread(opened):
        raise ZeroDivisionError


def test_what_cannot_be_opened_is_not_asked() -> None:
    """An error at opening comes out as it is, and no thread is left behind."""

    @contextlib.contextmanager
    def closed() -> Any:
        raise PhotoaesthError("there is no library")
        yield

    before = threading.active_count()
    with pytest.raises(PhotoaesthError, match="no library"), OneThread(closed()):
        pytest.fail("it was opened")
    assert threading.active_count() == before
