"""The store of drawn pictures."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from photoaesth.cli.compare_screen.gallery import Gallery
from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Terminal


class CountedSide:
    """A photo that counts how often it is asked for, and can be slow."""

    def __init__(self):
        self.asked = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def image(self, pixels):
        self.asked += 1
        assert self.may_go_on.wait(20)
        return Image.new("RGB", (30, 20), "red")


@pytest.fixture
def gallery():
    return Gallery(Canvas(Terminal("blocks")))


def draw(gallery, side, columns=20):
    return gallery.draw(side, columns, 10, zoomed=False)


def test_a_picture_is_drawn_once_per_size(gallery):
    """Another notice costs no drawing; another room does."""
    side = CountedSide()

    assert draw(gallery, side) is draw(gallery, side)
    assert side.asked == 1
    assert draw(gallery, side, columns=10).picture.columns == 10
    assert side.asked == 2


def test_who_comes_second_waits_for_the_first(gallery):
    """A picture that is being drawn in the background is not drawn a second time."""
    side = CountedSide()
    side.may_go_on.clear()
    with ThreadPoolExecutor(2) as pool:
        results = [pool.submit(draw, gallery, side) for _ in range(2)]
        side.may_go_on.set()

        assert results[0].result() is results[1].result()
    assert side.asked == 1


def test_only_the_pictures_of_some_photos_are_kept(gallery):
    """A long sitting does not fill the memory."""
    kept, forgotten = CountedSide(), CountedSide()
    draw(gallery, kept)
    draw(gallery, forgotten)

    gallery.keep_only([kept])
    draw(gallery, kept)
    draw(gallery, forgotten)

    assert (kept.asked, forgotten.asked) == (1, 2)


def test_a_picture_that_failed_in_the_background_fails_in_front(gallery):
    """Nobody waits for ever for a picture that will never be."""
    side = CountedSide()
    side.image = None
    with pytest.raises(TypeError):
        draw(gallery, side)
    with pytest.raises(TypeError):
        draw(gallery, side)
