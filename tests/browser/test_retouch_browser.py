"""`retouch` and `rerank` as the user has them: the real program, in a real browser."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from photoaesth.library import comparisons, ratings, retouches
from photoaesth.library.database import open_library
from photoaesth.library.photos import photos_by_id

_TIMEOUT_MS = 30_000  # for what a busy machine does late


@dataclass
class Round:
    """A running page.

    Attributes:
        process: the program.
        address: where its page is, as printed.
        page: a tab with the page.
        requests: the addresses of all that the page asked for.
        complaints: what it wrote to the console, and its errors.
    """

    process: "subprocess.Popen[str]"
    address: str
    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self) -> Any:
        """Return the tab, its first pictures shown."""
        self.page.set_default_timeout(_TIMEOUT_MS)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(self.address)
        self.page.locator("#table:not([aria-busy])").wait_for()
        return self.page

    def end(self, *, interrupt: bool = False) -> str:
        """Wait until the program ends by itself, or by Ctrl-C; return what it printed."""
        if interrupt:
            self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, err
        return out


@pytest.fixture
def play(chromium: Any, album: Any) -> Iterator[Callable[..., Round]]:
    """Starts `retouch` or `rerank` about the album, in a window of its own."""
    rounds: list[Round] = []

    def start(*command: str) -> Round:
        process = subprocess.Popen(
            [sys.executable, "-m", "photoaesth", *command],
            env=os.environ | {"BROWSER": "true", "OMP_NUM_THREADS": "1"},
            cwd=album.library.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        said = process.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", said)
        assert address, said + process.stderr.read()
        page = chromium.new_page(viewport={"width": 1280, "height": 800})
        rounds.append(Round(process, address[0], page))
        return rounds[-1]

    yield start
    for each in rounds:
        each.page.close()
        each.process.kill()
        each.process.communicate()


@dataclass(frozen=True)
class Stored:
    """What the library holds by now, by names of files."""

    edits: list[tuple[str, dict[str, float], float | None, float | None]]
    orders: list[list[str]]
    ratings: dict[str, float]


@pytest.fixture
def stored(album: Any) -> Callable[[], Stored]:
    """Reads the library."""

    def read() -> Stored:
        with open_library(album.library) as library:
            me = comparisons.profile_id(library, "me")
            edits = retouches.retouches(library, me)
            orders = retouches.orders(library, me)
            rated = ratings.ratings(library, me)
            ids = {edit.photo for edit in edits} | {p for o in orders for p in o.photos}
            names = {n: p.path.name for n, p in photos_by_id(library, [*ids, *rated]).items()}
        return Stored(
            [(names[e.photo], e.parameters, e.rating_before, e.rating_after) for e in edits],
            [[names[photo] for photo in order.photos] for order in orders],
            {names[photo]: value for photo, value in rated.items()},
        )

    return read


def _expect(page: Any, selector: str, text: str | re.Pattern[str]) -> None:
    from playwright.sync_api import expect

    expect(page.locator(selector)).to_have_text(text)


def _expect_photo(page: Any, number: int) -> str:
    """Wait for a photo of the round; return its name."""
    _expect(page, "#progress", re.compile(rf"^{number}\b"))
    return str(page.locator("#name").inner_text())


def _move(page: Any, name: str, value: float) -> None:
    """Move a slider, as a hand does, to a place."""
    page.locator(f"input[name={name}]").fill(str(value))


def _edit_shows(page: Any, parameters: str) -> None:
    """Wait until the edit that is seen was made with these parameters."""
    from playwright.sync_api import expect

    picture = page.locator("#edit img:not(.original)")
    expect(picture).to_have_attribute("src", re.compile(f"pixels=[0-9]+{parameters}$"))


def test_a_round_is_found_in_the_database(
    play: Callable[..., Round], stored: Callable[[], Stored]
) -> None:
    """Sliders, ratings, next, undo and skip; what the page says is what is stored."""
    sitting = play("retouch", "--photos", "3")
    page = sitting.open()
    first = _expect_photo(page, 1)
    _move(page, "exposure", 0.5)
    _move(page, "saturation", -0.4)
    _edit_shows(page, "&exposure=0.5&saturation=-0.4")
    page.keyboard.press("Enter")
    _expect(page, "#notice", "Rate both first, from 0 to 10; or skip the photo with s.")
    assert stored().edits == []
    page.keyboard.press("4")
    page.keyboard.press("1")
    page.keyboard.press("0")
    page.keyboard.press("Enter")
    second = _expect_photo(page, 2)
    edit = (first, {"exposure": 0.5, "saturation": -0.4}, 0.4, 1.0)
    assert stored() == Stored([edit], [], {first: 0.4})

    page.locator("#before label").nth(7).click()
    page.locator("#after label").nth(9).click()
    page.get_by_role("button", name="Next").click()
    third = _expect_photo(page, 3)
    page.keyboard.press("u")
    assert _expect_photo(page, 2) == second
    assert page.locator("#before input").nth(7).is_checked()
    assert stored().edits == [edit]
    assert stored().ratings == {first: 0.4}
    page.keyboard.press("Shift+Digit2")
    page.keyboard.press("n")
    assert _expect_photo(page, 3) == third
    assert stored().edits[1:] == [(second, {}, 0.2, 0.9)]

    page.keyboard.press("s")
    _expect(page, "#name", re.compile(f"^(?!{re.escape(third)}$)"))
    for digit in "56":
        page.keyboard.press(digit)
    page.keyboard.press("Enter")
    page.get_by_role("region", name="That was the last photo of this round").wait_for()
    page.keyboard.press("q")
    page.get_by_role("region", name="3 retouched now, 3 altogether").wait_for()
    assert sitting.end() == "3 retouched now, 3 altogether.\n"
    assert third not in {name for name, *_ in stored().edits}
    assert sitting.complaints == []
    origin = sitting.address.partition("?")[0]
    assert all(url.startswith((origin, "data:")) for url in sitting.requests)
    assert page.url == origin  # the secret does not stay in the address bar


def test_the_sliders_are_those_of_the_registry(play: Callable[..., Round]) -> None:
    """Each parameter has one, with its range and unit; a double click and r take them back."""
    from photoaesth.enhance.operations import PARAMETERS

    page = play("retouch").open()
    ranges = page.locator("#sliders input").evaluate_all(
        "all => all.map(i => [i.name, Number(i.min), Number(i.max), i.valueAsNumber])"
    )
    expected = [[p.name, p.low, p.high, p.identity] for p in PARAMETERS]
    assert sorted(ranges) == sorted(expected)
    units = page.locator("#sliders small").all_inner_texts()
    assert sorted(units) == sorted(p.unit for p in PARAMETERS)
    _move(page, "contrast", 0.3)
    _move(page, "tint", 0.2)
    _edit_shows(page, ".*contrast=0.3.*")
    page.locator("label:has(input[name=contrast]) .label").dblclick()
    _edit_shows(page, "&tint=0.2")
    page.keyboard.press("r")
    _edit_shows(page, "")


def test_before_and_after_take_the_same_place(play: Callable[..., Round]) -> None:
    """b shows the original in place of the edit, and so does a held mouse button."""
    page = play("retouch").open()
    _move(page, "exposure", -3)
    _edit_shows(page, "&exposure=-3")

    def seen() -> list[bool]:
        return [picture.is_visible() for picture in page.locator("#edit img").all()]

    assert seen() == [True, False]
    page.keyboard.press("b")
    assert seen() == [False, True]
    assert page.locator("#shown").inner_text() == "Before"
    page.keyboard.press("b")
    page.locator("#edit").hover()
    page.mouse.down()
    assert seen() == [False, True]
    page.mouse.up()
    assert seen() == [True, False]


def test_photos_are_put_in_order_by_keys(
    play: Callable[..., Round], stored: Callable[[], Stored]
) -> None:
    """Shift and arrows move a photo, digits rate it, Enter stores both, u takes them back."""
    page = play("retouch", "--photos", "3").open()
    names = []
    for number in (1, 2, 3):
        names.append(_expect_photo(page, number))
        page.keyboard.press("5")
        page.keyboard.press("7")
        page.keyboard.press("Enter")
    page.keyboard.press("q")
    page.get_by_role("region", name="3 retouched now").wait_for()

    sitting = play("rerank")
    page = sitting.open()

    def order() -> list[str]:
        return list(page.locator(".photo b").all_inner_texts())

    shown = order()
    assert sorted(shown) == sorted(names)
    page.locator(".photo").first.focus()
    page.keyboard.press("8")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("3")
    moved = [shown[1], shown[2], shown[0]]
    assert order() == moved
    page.keyboard.press("Enter")
    over = page.get_by_role("region", name="The order is stored")
    over.wait_for()
    rated = dict.fromkeys(names, 0.5) | {shown[0]: 0.8, shown[2]: 0.3}
    assert (stored().orders, stored().ratings) == ([moved], rated)
    page.keyboard.press("u")
    over.wait_for(state="hidden")
    assert (stored().orders, stored().ratings) == ([], dict.fromkeys(names, 0.5))
    page.keyboard.press("u")
    assert order() == [shown[1], shown[0], shown[2]]
    page.keyboard.press("Enter")
    over.wait_for()
    page.keyboard.press("q")
    assert sitting.end() == "The order is stored; 1 order altogether.\n"
    assert stored().orders == [[shown[1], shown[0], shown[2]]]
    assert sitting.complaints == []


def test_photos_are_dragged_into_order(
    play: Callable[..., Round], stored: Callable[[], Stored], album: Any
) -> None:
    """A photo dropped on another takes its place."""
    from photoaesth.library.retouches import NewRetouch

    with open_library(album.library) as library:
        me = comparisons.profile_id(library, "me")
        ids = sorted(photos_by_id(library, list(range(1, 5))))
        edits = [NewRetouch(photo, "round", {}) for photo in ids]
        retouches.add_retouches(library, me, edits, source="retouch")
    page = play("rerank").open()
    cards = page.locator(".photo")
    shown = list(page.locator(".photo b").all_inner_texts())
    boxes = [card.bounding_box() for card in cards.all()]
    points = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 3) for b in boxes]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[2], steps=8)
    page.mouse.up()
    assert page.locator(".photo b").all_inner_texts()[2] == shown[0]
    page.get_by_role("button", name="Store").click()
    page.get_by_role("region", name="The order is stored").wait_for()
    assert stored().orders[0][2] == shown[0]


def test_ctrl_c_keeps_what_was_stored(
    play: Callable[..., Round], stored: Callable[[], Stored]
) -> None:
    """Ctrl-C in the terminal ends a round as q does on the page."""
    sitting = play("retouch")
    page = sitting.open()
    for key in ("5", "6", "Enter"):
        page.keyboard.press(key)
    _expect_photo(page, 2)
    assert sitting.end(interrupt=True) == "1 retouched now, 1 altogether.\n"
    assert len(stored().edits) == 1
