"""Who gets an answer from a local page, and who may change anything."""

import json
import socket
from typing import Any

import pytest

_EVERYTHING = ["/", "/compare.css", "/compare.js", "/state", "/ahead", "/photos/1?pixels=300"]


def _raw(port: int, text: str) -> int:
    """Send a request byte by byte as written; return the status."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode("latin-1"))
        return int(connection.recv(100).split()[1])


def test_the_address_opens_the_page_and_a_cookie_the_rest(running: Any) -> None:
    """The token of the address is good for the page; it comes back as a cookie for all else."""
    address = running.server.address.removeprefix(running.origin)
    code, headers, page = running.request(address, Cookie=None, Sec_Fetch_Site="none")
    assert code == 200
    assert b"<!DOCTYPE html>" in page
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert cookie == running.cookie
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict"]
    running.state()
    for path in _EVERYTHING:
        assert running.request(path)[0] == 200, path


@pytest.mark.parametrize("path", [*_EVERYTHING, "/state?token=TOKEN", "/nothing"])
@pytest.mark.parametrize("cookie", [None, "photoaesth_1=TOKEN", "PORT=x", "PORT=", "%%%;=;;"])
def test_without_the_token_nothing_is_told(running: Any, path: str, cookie: str | None) -> None:
    """No cookie, another port's, a wrong or a broken one: 403, and no cookie in return."""
    named = cookie and cookie.replace("TOKEN", running.token)
    named = named and named.replace("PORT", f"photoaesth_{running.server.port}")
    path = path.replace("TOKEN", running.token)
    code, headers, content = running.request(path, Cookie=named)
    assert code == 403
    assert "Set-Cookie" not in headers
    assert running.token.encode() not in content


def test_the_token_is_new_for_every_run(running: Any) -> None:
    """Another server has another token, and both are long."""
    from photoaesth.web.server import LocalServer

    other = LocalServer().address.partition("token=")[2]
    assert other != running.token
    assert len(other) >= 32


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("Host: 127.0.0.1:PORT", 200),
        ("Host: localhost:PORT", 200),
        ("Host: evil.example", 403),
        ("Host: evil.example:PORT", 403),
        ("Host: 127.0.0.1", 403),
        ("Host: 127.0.0.1:1", 403),
        ("Host: 127.0.0.1:PORT.evil.example", 403),
        ("Host: 127.0.0.1:PORT@evil.example", 403),
        ("Host: 127.0.0.1:PORT\nHost: evil.example", 400),
        ("Host: evil.example\nX-Forwarded-Host: 127.0.0.1:PORT", 403),
    ],
)
def test_only_our_own_names_are_answered(running: Any, host: str, code: int) -> None:
    """A name that somebody's DNS leads to 127.0.0.1 gets nothing, even with the cookie."""
    port = str(running.server.port)
    request = f"GET /state HTTP/1.1\n{host}\nCookie: {running.cookie}\nConnection: close\n\n"
    assert _raw(running.server.port, request.replace("PORT", port)) == code


def test_a_wrong_name_gets_no_cookie(running: Any) -> None:
    """Not even with the token in the address."""
    address = running.server.address.removeprefix(running.origin)
    code, headers, _ = running.request(address, Host=f"evil.example:{running.server.port}")
    assert code == 403
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "https://127.0.0.1:PORT", "http://localhost:PORT"],
)
@pytest.mark.parametrize("path", ["/answer", "/undo", "/end"])
def test_only_the_page_may_write(running: Any, path: str, origin: str | None) -> None:
    """A write with another origin, or none, is refused and changes nothing."""
    turn = running.state()["turn"]
    body = json.dumps({"turn": turn, "reply": 0}).encode()
    named = origin and origin.replace("PORT", str(running.server.port))
    assert running.request(path, "POST", body, Origin=named)[0] == 403
    assert running.session.given == []
    assert running.state()["turn"] == turn


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_other_pages_cannot_show_photos(running: Any, site: str) -> None:
    """What a browser says was asked for by another page is refused."""
    photo = running.state()["question"]["sides"][0]["photo"]
    path = f"/photos/{photo}?pixels=300"
    assert running.request(path, Sec_Fetch_Site="same-origin")[0] == 200
    assert running.request(path, Sec_Fetch_Site=site)[0] == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/"), ("POST", "/state"), ("GET", "/answer"), ("GET", "/undo"), ("GET", "/end")]
    + [(method, "/answer") for method in ("PUT", "DELETE", "OPTIONS", "TRACE")],
)
def test_other_methods_are_refused(running: Any, method: str, path: str) -> None:
    """Reading does not write, and no method does that is not meant to."""
    running.state()
    assert running.request(path, method, b"{}")[0] == 405
    assert running.session.given == []


def test_bodies_are_short_and_measured(running: Any) -> None:
    """A long body is refused unread, one of unknown length too."""
    running.state()
    assert running.request("/answer", "POST", b" " * 5000)[0] == 413
    head = f"POST /answer HTTP/1.1\nHost: 127.0.0.1:{running.server.port}\n"
    head += f"Origin: {running.origin}\nCookie: {running.cookie}\n"
    assert _raw(running.server.port, head + "Transfer-Encoding: chunked\n\n") == 411
    assert _raw(running.server.port, head + "Content-Length: 999999999\n\n") == 413


@pytest.mark.parametrize("path", ["/", "/compare.js", "/state", "/photos/1?pixels=99", "/nothing"])
@pytest.mark.parametrize("known", [True, False])
def test_every_response_is_closed_to_others(running: Any, path: str, known: bool) -> None:
    """Refusals included: nothing is stored, framed, sniffed, or told to other sites."""
    running.state()
    _, headers, _ = running.request(path, Cookie=running.cookie if known else None)
    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers
    assert "Server" not in headers
