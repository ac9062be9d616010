"""What the compare page asks of its server, and what it gets."""

import contextlib
import io
import json
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from PIL import Image

from photoaesth.imaging import decode


def _picture(running: Any, path: str) -> Image.Image:
    code, headers, content = running.request(path)
    assert code == 200, content
    assert headers["Content-Type"] == "image/jpeg"
    return Image.open(io.BytesIO(content))


def _photos(state: Any) -> list[str]:
    return [side["photo"] for side in state["question"]["sides"]]


def test_answers_are_stored_and_the_next_question_comes(running: Any) -> None:
    """Every kind of answer reaches the session; after the last there is no question."""
    state = running.state()
    for reply in (1, "tie", "neither", 2):
        assert state["question"]["number"] == state["progress"]["answered"] + 1
        state = running.write("/answer", turn=state["turn"], reply=reply)
    assert running.session.given == [(1, 1), (2, "tie"), (3, "neither"), (4, 2)]
    assert state["question"] is None
    assert state["progress"]["answered"] == 4
    assert not running.page.sitting.exhausted


def test_a_state_tells_all_that_is_shown(running: Any) -> None:
    """Names, captions, details, sizes and progress."""
    state = running.state()
    left = state["question"]["sides"][0]
    assert left["name"] == "IMG_0.jpg"
    assert left["caption"] == "2026-01-01 10:00 · Camera"
    assert left["details"] == [["Lens", "50 mm f/1.8"], ["Score", "6.4 ± 0.5"]]
    assert (left["width"], left["height"]) == (300, 200)
    assert state["progress"] == {
        "answered": 0,
        "of": 4,
        "choices": 40,
        "sentence": "likely agrees with you on 74 % of new pairs",
    }


def test_a_failed_answer_is_not_given_again(running: Any) -> None:
    """What failed may be stored in part; the same answer once more comes too late."""
    turn = running.state()["turn"]
    running.session.broken = ZeroDivisionError()
    running.write("/answer", turn=turn, reply=0, code=500)
    running.session.broken = None
    with contextlib.suppress(OSError):  # the server is about to end
        running.write("/answer", turn=turn, reply=0, code=409)
    assert running.session.given == []


def test_a_late_answer_is_refused(running: Any) -> None:
    """Of two tabs, the second to answer gets 409 with what is asked now, and nothing is stored."""
    turn = running.state()["turn"]
    running.write("/answer", turn=turn, reply=0)
    state = running.write("/answer", turn=turn, reply=1, code=409)
    assert running.session.given == [(1, 0)]
    assert state == running.state()
    assert running.write("/undo", turn=turn, code=409) == state
    assert running.session.given == [(1, 0)]


def test_undo_asks_again(running: Any) -> None:
    """The question comes back under a new turn; with nothing to undo, nothing changes."""
    first = running.state()
    assert running.write("/undo", turn=first["turn"]) == first
    after = running.write("/answer", turn=first["turn"], reply=0)
    again = running.write("/undo", turn=after["turn"])
    assert running.session.given == []
    assert again["question"] == first["question"]
    assert again["turn"] not in {first["turn"], after["turn"]}
    running.write("/answer", turn=first["turn"], reply=1, code=409)


@pytest.mark.parametrize(
    "reply", [2, -1, True, 0.0, "1", "left", None, [0], {"a": 1}, 10**30, "skip "]
)
def test_an_answer_must_fit_the_question(running: Any, reply: object) -> None:
    """What no pair can be answered with is refused, and the question stays."""
    state = running.state()
    running.write("/answer", turn=state["turn"], reply=reply, code=400)
    assert running.session.given == []
    assert running.state() == state


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [
        (b"not json", "application/json", 400),
        (b"[" * 4000, "application/json", 400),
        (b'["turn"]', "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"{}", "application/json", 409),
        (b'{"turn": 1, "reply": 0}', "text/plain", 415),
        (b'{"turn": 1, "reply": 0}', None, 415),
    ],
)
def test_an_answer_must_be_json(running: Any, content: bytes, kind: str | None, code: int) -> None:
    """A form of another page could send text; what is not JSON of ours is refused."""
    running.state()
    assert running.request("/answer", "POST", content, Content_Type=kind)[0] == code
    assert running.session.given == []


def test_pictures_are_as_large_as_asked(running: Any, side: Callable[..., Any]) -> None:
    """A picture has the pixels that were asked for, at most those that it has."""
    running.session.asked = [[side(1, (3000, 2000)), side(2, (200, 300))]]
    large, small = _photos(running.state())
    assert _picture(running, f"/photos/{large}?pixels=1024").size == (1024, 683)
    assert _picture(running, f"/photos/{large}?pixels=1").size == (64, 43)
    assert _picture(running, f"/photos/{large}/full").size == (3000, 2000)
    assert _picture(running, f"/photos/{small}?pixels=1024").size == (200, 300)
    for pixels in ("", "x", "1e3", "nan"):
        assert running.request(f"/photos/{large}?pixels={pixels}")[0] == 400


def test_pictures_carry_no_metadata(running: Any, side: Callable[..., Any]) -> None:
    """Of a file's comment, EXIF and profile nothing is in the JPEG; its orientation is applied."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret"
    file = io.BytesIO()
    drawn = Image.new("RGB", (300, 200))
    drawn.save(file, "JPEG", comment=b"secret", exif=exif, icc_profile=b"secret")
    one = side(1, picture=decode(file.getvalue()).image)
    running.session.asked = [[one, side(2)]]
    number = _photos(running.state())[0]
    for path in (f"/photos/{number}?pixels=300", f"/photos/{number}/full"):
        picture = _picture(running, path)
        assert picture.size == (200, 300)
        assert sorted(picture.info) == ["jfif", "jfif_density", "jfif_unit", "jfif_version"]
        assert b"secret" in file.getvalue()
        assert b"secret" not in running.request(path)[2]


@pytest.mark.parametrize(
    "path",
    [
        "/photos/999?pixels=300",
        "/photos/0?pixels=300",
        "/photos/-1?pixels=300",
        "/photos/../../../../etc/passwd",
        "/photos/..%2f..%2f..%2fetc%2fpasswd",
        "/photos/%2e%2e/%2e%2e/etc/passwd",
        "/photos/1/../../compare.py",
        "/photos//secret/IMG_0.jpg",
        "/compare.py",
        "/../compare.py",
        "/photos/" + "9" * 5000,
    ],
)
def test_nothing_else_is_served(running: Any, path: str) -> None:
    """There are no paths to climb: numbers of what is asked, five files, and 404."""
    running.state()
    code, _, content = running.request(path)
    assert code in {400, 404}
    assert b"root:" not in content
    assert b"import" not in content


def test_photos_of_long_ago_are_gone(running: Any, side: Callable[..., Any]) -> None:
    """Served are the photos of this question, the next, and two before; no others."""
    running.session.asked = [[side(2 * i), side(2 * i + 1)] for i in range(8)]
    state = running.state()
    first = _photos(state)[0]
    for _ in range(3):
        assert running.request(f"/photos/{first}?pixels=64")[0] == 200
        state = running.write("/answer", turn=state["turn"], reply=0)
    running.write("/answer", turn=state["turn"], reply=0)
    assert running.request(f"/photos/{first}?pixels=64")[0] == 404


def test_what_comes_next_can_be_loaded_before(running: Any) -> None:
    """The photos told ahead can be had at once, and keep their numbers as they come."""
    state = running.state()
    ahead = json.loads(running.request("/ahead")[2])["photos"]
    assert running.request(f"/photos/{ahead[0]}?pixels=64")[0] == 200
    after = running.write("/answer", turn=state["turn"], reply=0)
    assert _photos(after) == ahead
    assert _photos(running.write("/undo", turn=after["turn"])) == _photos(state)


def test_the_size_of_the_page_is_read_ahead(running: Any) -> None:
    """The session is told the size in which the page last wanted its pictures."""
    state = running.state()
    assert running.session.pixels == 2048
    running.request(f"/photos/{_photos(state)[0]}?pixels=1536")
    running.write("/answer", turn=state["turn"], reply=0)
    assert running.session.pixels == 1536


def test_a_photo_that_cannot_be_read_says_why(running: Any) -> None:
    """Zooming into a file that is gone is a 404 with the reason; its preview is still shown."""
    state = running.state()
    for _ in range(3):
        state = running.write("/answer", turn=state["turn"], reply="skip")
    gone = _photos(state)[2]
    code, _, content = running.request(f"/photos/{gone}/full")
    assert (code, content) == (404, b"IMG_9.jpg: there is no such file")
    assert running.request(f"/photos/{gone}?pixels=64")[0] == 200


def test_the_page_asks_nobody_else() -> None:
    """Its files name no other address, and hold no script or style that the policy forbids."""
    folder = resources.files("photoaesth.web")
    files = {
        f.name: f.read_text("utf-8")
        for f in folder.iterdir()
        if f.name.endswith(("html", "css", "js"))
    }
    shared = {"server.js", "sides.js", "rounds.js"}
    assert shared | {"compare.html", "retouch.html", "rerank.html"} <= set(files)
    for name, text in files.items():
        assert set(re.findall(r"https?://[^'\"\s]*", text)) <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"\son\w+=\"|\sstyle=|<style|<script>", text), name
