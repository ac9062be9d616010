"""`compare --browser` as the user has it: the real program, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from photoaesth.library import comparisons, ratings
from photoaesth.library.database import open_library
from photoaesth.library.photos import photos_by_id

_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def stored(album: Any) -> Callable[[], list[tuple[str, str, str]]]:
    """What the library holds by now: names left and right, and the outcome."""

    def read() -> list[tuple[str, str, str]]:
        with open_library(album.library) as library:
            answers = comparisons.comparisons(library, comparisons.profile_id(library, "me"))
            ids = {photo for answer in answers for photo in (answer.left, answer.right)}
            photos = photos_by_id(library, list(ids))
        name = {photo: found.path.name for photo, found in photos.items()}
        return [(name[a.left], name[a.right], a.outcome.value) for a in answers]

    return read


def _names(page: Any) -> list[str]:
    return list(page.locator("figcaption b").all_text_contents())


def _expect_question(page: Any, number: int) -> None:
    from playwright.sync_api import expect

    expect(page.locator("#progress")).to_have_text(re.compile(rf"^{number}\b"))


def _notice(page: Any, text: str) -> None:
    from playwright.sync_api import expect

    expect(page.locator("#notice")).to_have_text(text)


def _swipe(page: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A finger from one point to another."""
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", start)
    for step in (0.25, 0.5, 0.75, 1):
        send("touchMove", tuple(a + (b - a) * step for a, b in zip(start, end, strict=True)))
    send("touchEnd")


def test_a_sitting_is_found_in_the_database(
    sit_down: Callable[..., Any], stored: Callable[[], Any], album: Any
) -> None:
    """Keys, clicks and buttons answer; what the page counts is stored as it was shown."""
    sitting = sit_down()
    page = sitting.open()
    expected = []
    replies: list[tuple[Callable[[], Any], str]] = [
        (lambda: page.keyboard.press("ArrowLeft"), "left"),
        (lambda: page.keyboard.press("l"), "right"),
        (lambda: page.keyboard.press("2"), "right"),
        (page.locator(".frame").first.click, "left"),
        (lambda: page.keyboard.press("="), "tie"),
        (page.get_by_role("button", name="Skip").click, "skip"),
    ]
    for number, (reply, outcome) in enumerate(replies, start=1):
        _expect_question(page, number)
        left, right = _names(page)
        expected.append((left, right, outcome))
        reply()
    _expect_question(page, len(replies) + 1)
    assert stored() == expected

    low = set(_names(page))
    page.keyboard.press("x")
    _expect_question(page, len(replies) + 2)
    with open_library(album.library) as library:
        rated = ratings.ratings(library, comparisons.profile_id(library, "me"))
        photos = photos_by_id(library, list(rated))
    assert {photo.path.name for photo in photos.values()} == low
    assert max(rated.values()) < 5

    assert sitting.opened.read_text() == sitting.address
    page.keyboard.press("q")
    page.get_by_role("region", name="7 answers now, 5 choices altogether").wait_for()
    assert sitting.end().startswith("7 answers now, 5 choices altogether.")
    assert sitting.complaints == []
    origin = sitting.address.partition("?")[0]
    assert all(url.startswith((origin, "data:")) for url in sitting.requests)
    assert page.url == origin  # the secret does not stay in the address bar


def test_undo_goes_back_and_forward_again(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """Undo takes back what is stored and shows the same photos; with nothing left it says so."""
    page = sit_down().open()
    shown = []
    for number in (1, 2):
        _expect_question(page, number)
        shown.append(_names(page))
        page.keyboard.press("ArrowRight")
    _expect_question(page, 3)
    shown.append(_names(page))
    for number in (2, 1):
        page.keyboard.press("u")
        _expect_question(page, number)
        assert _names(page) == shown[number - 1]
        assert len(stored()) == number - 1
    page.keyboard.press("u")
    _notice(page, "There is nothing to undo in this sitting.")
    for number in (1, 2):
        page.keyboard.press("ArrowLeft")
        _expect_question(page, number + 1)
        assert _names(page) == shown[number]
    assert [outcome for *_, outcome in stored()] == ["left", "left"]


def test_a_phone_is_swiped(sit_down: Callable[..., Any], stored: Callable[[], Any]) -> None:
    """In a small window swiping left chooses the first photo, right the second."""
    page = sit_down(**_PHONE).open()
    tools = page.locator("#tools button")
    assert min(tools.nth(i).bounding_box()["height"] for i in range(tools.count())) >= 48
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    expected = [(*_names(page), "right")]
    page.locator(".frame").nth(1).tap()
    for number, (end, outcome) in enumerate([(60, "left"), (340, "right")], start=2):
        _expect_question(page, number)
        expected.append((*_names(page), outcome))
        _swipe(page, (200, 300), (170, 300))  # too short
        _swipe(page, (200, 300), (end, 560))  # rather down than aside
        _swipe(page, (200, 300), (end, 310))
    _expect_question(page, 4)
    assert stored() == expected


def test_zoom_is_the_same_on_both(sit_down: Callable[..., Any], stored: Callable[[], Any]) -> None:
    """Both photos are shown at 100 %, move together, and a click returns without an answer."""
    page = sit_down(viewport={"width": 800, "height": 500}).open()

    def boxes() -> list[dict[str, float]]:
        return [frame.bounding_box() for frame in page.locator(".canvas").all()]

    fitted = boxes()
    page.mouse.move(150, 150)
    page.keyboard.press("z")
    assert page.locator("#percent").inner_text() == "100 %"
    whole = page.locator(".canvas img:not(.preview)")
    whole.nth(1).wait_for()
    sizes = []
    for image in whole.all():  # a pixel of the photo is one of the screen
        width, height = image.evaluate("i => [i.naturalWidth, i.naturalHeight]")
        box = image.bounding_box()
        # The photo fills its box in one direction.
        assert min(box["width"] / width, box["height"] / height) == pytest.approx(1, abs=0.01)
        sizes.append((width, height))
    before = boxes()
    page.mouse.down()
    page.mouse.move(130, 140, steps=4)
    page.mouse.up()
    page.mouse.wheel(5, 7)

    def moved() -> list[float]:
        return [
            new[axis] - old[axis]
            for old, new in zip(before, boxes(), strict=True)
            for axis in ("x", "y")
        ]

    # The same part of each photo: by as much as one is larger, it moves more.
    across, down = (other / one for one, other in zip(*sizes, strict=True))
    expected = pytest.approx([-25, -17, -25 * across, -17 * down], abs=0.5)
    for _ in range(100):  # the wheel's event comes in its own time
        if moved() == expected:
            break
        page.wait_for_timeout(50)
    assert moved() == expected
    page.mouse.click(150, 150)
    assert page.locator("#percent").inner_text() == "Zoom"
    assert boxes() == fitted
    assert stored() == []


def test_two_tabs_do_not_answer_twice(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """What the other tab answered is refused in this one, which shows what is asked now."""
    sitting = sit_down()
    one, other = sitting.open(), sitting.open()
    assert _names(one) == _names(other)
    one.keyboard.press("ArrowLeft")
    _expect_question(one, 2)
    other.keyboard.press("ArrowRight")
    _notice(other, "Another window was quicker; this is how things are now.")
    _expect_question(other, 2)
    assert _names(one) == _names(other)
    assert [outcome for *_, outcome in stored()] == ["left"]


def test_a_program_that_is_gone_is_said_so(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """Nothing counts that was not stored; a message says what to do."""
    sitting = sit_down()
    page = sitting.open()
    page.keyboard.press("ArrowLeft")
    _expect_question(page, 2)
    sitting.process.kill()
    sitting.process.wait()
    page.keyboard.press("ArrowLeft")
    trouble = page.get_by_role("alertdialog", name="photoaesth does not answer")
    trouble.wait_for()
    assert "start it again" in trouble.inner_text()
    _expect_question(page, 2)
    assert page.locator(".chosen").count() == 0
    assert len(stored()) == 1


def test_ctrl_c_ends_with_the_summary(sit_down: Callable[..., Any]) -> None:
    """Ctrl-C in the terminal ends a sitting as q does on the page."""
    sitting = sit_down()
    page = sitting.open()
    page.keyboard.press("ArrowLeft")
    _expect_question(page, 2)
    assert sitting.end(interrupt=True).startswith("1 answer now, 1 choice altogether.")


def test_the_last_question_can_be_taken_back(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """After as many answers as were to be given, the page asks whether to undo or to finish."""
    sitting = sit_down("--pairs", "1")
    page = sitting.open()
    page.keyboard.press("ArrowLeft")
    over = page.get_by_role("region", name="That was the last question")
    over.wait_for()
    over.get_by_role("button", name="Undo").click()
    over.wait_for(state="hidden")
    page.keyboard.press("ArrowRight")
    over.get_by_role("button", name="Finish").click()
    assert sitting.end().startswith("1 answer now, 1 choice altogether.")
    assert [outcome for *_, outcome in stored()] == ["right"]


def test_the_keeper_of_a_burst_is_numbered(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """A burst is a grid with numbers; the chosen photo is preferred to each of the others."""
    page = sit_down("--within", "bursts").open()
    names = _names(page)
    assert len(names) == 3
    assert page.locator("figcaption kbd").all_text_contents() == ["1", "2", "3"]
    page.keyboard.press("2")
    _expect_question(page, 2)
    preferred = {
        (left, right) if outcome == "left" else (right, left) for left, right, outcome in stored()
    }
    assert preferred == {(names[1], names[0]), (names[1], names[2])}


def test_the_keyboard_reaches_everything(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """Tab goes from the photos to the buttons, all with names; Enter chooses, and focus stays."""
    page = sit_down().open()
    focused = (
        "document.activeElement.innerText.trim() || document.activeElement.querySelector('img').alt"
    )
    left, right = _names(page)
    page.keyboard.press("Tab")
    assert page.evaluate(focused).startswith(f"Left: {left}")
    page.keyboard.press("Tab")
    assert page.evaluate(focused).startswith(f"Right: {right}")
    page.keyboard.press("Enter")
    _expect_question(page, 2)
    assert page.evaluate(focused).startswith(f"Right: {_names(page)[1]}")
    assert stored() == [(left, right, "right")]
    for name in ("Tie", "Skip", "Neither", "Undo", "Zoom", "Info", "Help", "Finish"):
        page.keyboard.press("Tab")
        assert page.evaluate(focused).startswith(name)
    page.keyboard.press("g")
    _notice(page, "? shows the keys.")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.get_by_text("Score", exact=True).first.wait_for()
    assert len(stored()) == 1


def test_a_double_click_is_one_answer(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """The second click does not answer the pair that came meanwhile."""
    page = sit_down().open()
    page.locator(".frame").first.click()
    _expect_question(page, 2)
    page.mouse.move(300, 300)
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.keyboard.press("ArrowRight")
    _expect_question(page, 3)
    assert [outcome for *_, outcome in stored()] == ["left", "right"]


def test_a_key_held_down_is_one_answer(
    sit_down: Callable[..., Any], stored: Callable[[], Any]
) -> None:
    """The keyboard's repetition answers nothing that was not looked at."""
    page = sit_down().open()
    page.keyboard.down("ArrowLeft")
    _expect_question(page, 2)
    for _ in range(5):
        page.keyboard.down("ArrowLeft")
    page.keyboard.up("ArrowLeft")
    page.keyboard.press("ArrowRight")
    _expect_question(page, 3)
    assert [outcome for *_, outcome in stored()] == ["left", "right"]
