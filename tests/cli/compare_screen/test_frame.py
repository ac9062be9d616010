"""The frames of compare: what stands where, in windows of every size."""

from pathlib import Path
from types import SimpleNamespace

import pyte
import pytest
from PIL import Image
from rich.cells import cell_len

from photoaesth.cli.compare_screen.display import Frame
from photoaesth.cli.compare_screen.frame import compose
from photoaesth.cli.compare_screen.gallery import Gallery
from photoaesth.cli.compare_screen.keys import answer_to
from photoaesth.cli.compare_screen.look import Look
from photoaesth.errors import PhotoaesthError
from photoaesth.graphics.canvas import Canvas
from photoaesth.graphics.picture import Terminal

SENTENCE = "likely agrees with you on 74% of new pairs · about 25 more would settle your top 20"
DETAILS = [("Lens", "50 mm f/1.8"), ("Exposure", "1/250 s"), ("Score", "6.4 ± 0.5")]
RED, BLUE = "ff0000", "0000ff"


class FakeSide:
    """A photo of one colour, and how large it was asked for."""

    def __init__(self, name="a.jpg", caption="c", color="#ff0000", size=(300, 200), details=()):
        self.name, self.caption = name, caption
        self.photo = SimpleNamespace(width=size[0], height=size[1], path=Path("/photos") / name)
        self.asked: list[int] = []
        self._image = Image.new("RGB", size, color)
        self._details = list(details)

    def details(self):
        return self._details

    def image(self, pixels):
        self.asked.append(pixels)
        return self._image

    def full(self):
        return self._image


def pair(left=None, right=None, **changes):
    sides = (
        left or FakeSide("left.jpg"),
        right or FakeSide("right.jpg", color="#0000ff"),
    )
    return question(*sides, **changes)


def burst(count):
    return question(*(FakeSide(f"IMG_{n}.jpg", details=DETAILS) for n in range(1, count + 1)))


def question(*sides, number=1, of=20, choices=43, remark=""):
    return SimpleNamespace(sides=sides, number=number, of=of, choices=choices, remark=remark)


def frame(asked, columns=100, rows=30, *, sentence="", canvas=None, **look) -> Frame:
    gallery = Gallery(canvas or Canvas(Terminal("blocks")))
    progress = SimpleNamespace(sentence=sentence)
    return compose(asked, progress, Look(**look), gallery, (columns, rows))


def seen(shown: Frame, columns=300) -> list[str]:
    """Return the text of a frame by rows, as a terminal shows it, its styles taken out."""
    screen = pyte.Screen(columns, max(1, len(shown.lines)))
    pyte.Stream(screen).feed("\r\n".join(shown.lines))
    return [line.rstrip() for line in screen.display]


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 6, 7, 9, 10, 11, 24, 80])
@pytest.mark.parametrize(
    "look",
    [
        {},
        {"notice": "a notice that is long " * 5},
        {"details": True},
        {"zoomed": True},
        {"help": True},
    ],
)
@pytest.mark.parametrize("count", [2, 3, 9])
def test_no_window_is_too_small_or_too_large(rows, look, count):
    """Any size is filled with exactly its rows, and none of them is longer than its columns."""
    sides = [FakeSide("長い名前" * 9, "caption " * 9, details=DETAILS * 3) for _ in range(count)]
    asked = question(*sides, remark="you chose 写真.jpg before; 4 other choices speak for b.jpg")
    for columns in (1, 2, 3, 5, 8, 13, 21, 39, 40, 41, 61, 80, 300):
        shown = frame(asked, columns, rows, sentence=SENTENCE, **look)

        assert len(shown.lines) == rows
        assert max(map(cell_len, seen(shown))) <= columns


def test_a_pair_has_everything_in_its_place():
    """Title and progress on top, names and captions below the photos, notice and keys last."""
    asked = pair(remark="you chose left.jpg before")
    shown = seen(frame(asked, sentence=SENTENCE, notice="took the last answer back"))

    assert shown[0].strip() == "question 1 of 20 · 43 choices so far"
    assert shown[1].strip() == SENTENCE
    names = next(row for row, line in enumerate(shown) if "left.jpg" in line)
    assert shown[names].split() == ["left.jpg", "right.jpg"]
    assert shown[names + 1].split() == ["c", "c"]
    assert shown[27].strip() == "you chose left.jpg before"
    assert shown[28].strip() == "took the last answer back"
    assert shown[29].strip() == (
        "← left   → right   = tie   s skip   u undo   x neither   z zoom   i info   o open   "
        "? help   q quit"
    )


@pytest.mark.parametrize(
    ("columns", "keys"),
    [
        (
            80,
            "← left → right = tie s skip u undo x neither z zoom i info o open ? help q quit",
        ),
        (60, "← left   → right   = tie   s skip   u undo   ? help   q quit"),
        (40, "← → = s u x z i o ? q"),
    ],
)
def test_the_keys_are_as_wordy_as_the_window_is_wide(columns, keys):
    """In a narrow window the words go first, those of rare keys before the others."""
    assert seen(frame(pair(), columns, 24))[-1].strip() == keys


@pytest.mark.parametrize(
    ("columns", "said"),
    [(100, SENTENCE), (60, "about 25 more would settle your top 20")],
)
def test_progress_is_cut_between_its_parts(columns, said):
    """Half a forecast would be no forecast."""
    assert seen(frame(pair(), columns, 24, sentence=SENTENCE))[1].strip() == said


@pytest.mark.parametrize(
    ("number", "of", "choices", "title"),
    [
        (3, 20, 1043, "question 3 of 20 · 1,043 choices so far"),
        (1, None, 1, "question 1 · 1 choice so far"),
    ],
)
def test_the_title_says_how_far_one_is(number, of, choices, title):
    """A sitting without an end counts its questions only."""
    assert seen(frame(pair(number=number, of=of, choices=choices)))[0].strip() == title


def test_in_a_tiny_window_names_and_keys_stay_longest():
    """Two rows are enough to choose by name, among two and among nine."""
    assert seen(frame(pair(), 30, 3))[:2] == ["← left.jpg", "→ right.jpg"]
    assert seen(frame(pair(), 30, 2)) == [
        "← left.jpg → right.jpg",
        "← → = s u x z i o ? q",
    ]
    assert seen(frame(burst(9), 30, 6)) == [
        "1 IMG_1.jpg 2 IMG_2.jpg",
        "3 IMG_3.jpg 4 IMG_4.jpg",
        "5 IMG_5.jpg 6 IMG_6.jpg",
        "7 IMG_7.jpg 8 IMG_8.jpg",
        "9 IMG_9.jpg",
        "1…9 = s u x z i o ? q",
    ]


@pytest.mark.parametrize("count", range(3, 10))
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (300, 80), (60, 60)])
def test_a_burst_is_a_grid_with_numbers(count, size):
    """Every photo has its number and its own place; no picture covers another."""
    shown = frame(burst(count), *size)

    text = "\n".join(seen(shown))
    for number in range(1, count + 1):
        assert f"{number} · IMG_{number}.jpg" in text
    assert f"1…{count} keep" in text
    screen = pyte.Screen(*size)
    pyte.Stream(screen).feed("\r\n".join(shown.lines))
    red = sum(cell.fg == RED for row in screen.buffer.values() for cell in row.values())
    assert red >= count * 12  # the least picture is 6 × 2


def test_a_grid_uses_the_window_well():
    """Nine photos of 3:2 in a window of 2:1 stand three by three."""
    shown = seen(frame(burst(9), 120, 36))

    names = [line.split("·") for line in shown if "IMG_" in line]
    assert [len(row) - 1 for row in names] == [3, 3, 3]


def test_details_stand_below_each_photo():
    """Labels align, and the pictures give up the rows."""
    asked = pair(FakeSide(details=DETAILS), FakeSide(details=DETAILS[:1]))
    shown = seen(frame(asked, details=True))

    row = next(row for row, line in enumerate(shown) if "Lens" in line)
    assert shown[row] == f"{'Lens      50 mm f/1.8':51}Lens  50 mm f/1.8"
    assert shown[row + 1] == "Exposure  1/250 s"
    assert shown[row + 2] == "Score     6.4 ± 0.5"
    assert "▀" in shown[row - 3]
    assert "Lens" not in "".join(seen(frame(asked)))


def test_details_replace_pictures_where_there_is_no_room_for_both():
    """In ten rows, what was asked for is shown: the details."""
    asked = pair(FakeSide(details=DETAILS), FakeSide(details=DETAILS))
    shown = seen(frame(asked, 40, 10, details=True))

    assert "Lens" in shown[4]
    assert "Score" in shown[6]
    assert "▀" not in "".join(shown)


def test_zoom_shows_the_sharpest_detail_and_says_how_large():
    """Of a photo of 4,000 × 3,000, half blocks show 320 pixels across, around the detail."""
    photo = Image.new("RGB", (4000, 3000), "#ff0000")
    detail = Image.effect_noise((400, 400), 120).convert("RGB")
    photo.paste(detail, (2800, 1800))
    side = FakeSide(size=(4000, 3000))
    side.full = lambda: photo
    shown = frame(pair(side), 100, 30, zoomed=True)

    assert "15% · 320 × 313 of 4,000 × 3,000 pixels" in "\n".join(seen(shown))
    screen = pyte.Screen(100, 30)
    pyte.Stream(screen).feed("\r\n".join(shown.lines))
    left = [screen.buffer[y][x].fg for y in range(4, 24) for x in range(2, 47)]
    assert RED not in left  # nothing but the detail


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ((96, 64), "51% · 96 × 64 of 96 × 64 pixels"),  # as large as the whole photo is shown
        ((30, 20), "100% · 30 × 20 of 30 × 20 pixels"),
    ],
)
def test_zoom_never_shows_less_than_the_whole_photo_does(size, words):
    """A photo that fits anyway does not become smaller by zooming, nor larger than it is."""
    assert words in "\n".join(seen(frame(pair(FakeSide(size=size)), zoomed=True)))


class RealPixels(Canvas):
    """A terminal with kitty's pictures in cells of 10 × 20 pixels; it keeps what it is to draw."""

    def __init__(self):
        super().__init__(Terminal("kitty", (10, 20)))
        self.drawn: list[Image.Image] = []

    def draw(self, image, columns, rows):
        self.drawn.append(image)
        return super().draw(image, columns, rows)


def test_where_there_are_pixels_zoom_is_one_to_one():
    """490 × 480 pixels of room show as many of the photo; a small photo is not enlarged."""
    canvas = RealPixels()
    large, small = FakeSide(size=(4000, 3000)), FakeSide(size=(105, 85))
    shown = frame(pair(large, small), canvas=canvas, zoomed=True)

    assert [image.size for image in canvas.drawn] == [(490, 480)] * 2
    assert canvas.drawn[1].getbbox() == (
        193,
        198,
        193 + 105,
        198 + 85,
    )  # black around it
    text = "\n".join(seen(shown))
    assert "100% · 490 × 480 of 4,000 × 3,000 pixels" in text
    assert "100% · 105 × 85 of 105 × 85 pixels" in text


def test_pictures_that_are_not_text_get_their_cells():
    """Each is placed at the cell where text would have drawn it, and the cells are left blank."""
    asked = pair(FakeSide("left.jpg"), FakeSide("right.jpg", size=(200, 300)))
    shown = frame(asked, canvas=RealPixels())

    # 490 × 327 pixels take 17 of 24 rows; 320 × 480 take 32 of 49 columns
    assert [(o.row, o.column) for o in shown.overlays] == [(2 + 3, 0), (2, 51 + 8)]
    assert all(o.picture.overlay.startswith("\x1b_Ga=p,") for o in shown.overlays)
    assert len(shown.uploads) == 2
    assert seen(shown)[2:26] == [""] * 24
    assert [side.asked for side in asked.sides] == [[490], [490]]


def test_pictures_of_one_frame_have_numbers_of_their_own():
    """Otherwise the terminal would show the last of nine photos nine times."""
    shown = frame(burst(9), 120, 40, canvas=RealPixels())

    codes = [o.picture.overlay for o in shown.overlays]
    numbers = {code.partition("i=")[2].partition(",")[0] for code in codes}
    assert len(numbers) == 9


def test_a_photo_that_cannot_be_zoomed_stays_whole_with_the_reason():
    """The question can still be answered."""
    broken = FakeSide("left.jpg")

    def full():
        raise PhotoaesthError("the file is cut off")

    broken.full = full
    text = "\n".join(seen(frame(pair(broken), zoomed=True)))

    assert "the file is cut off" in text
    assert "▀" * 40 in text


def test_names_cannot_command_the_terminal():
    """Control characters in names, captions, details and remarks are shown as what they are."""
    evil = FakeSide("\x1b[2Jevil\n.jpg", "c\x07", details=[("\x1b[2Jl", "v\x9b2J")])
    asked = pair(evil, FakeSide("\u202egpj.exe"), remark="r\x1b[2J")
    shown = frame(asked, 100, 40, details=True, notice="n\x1b[2J", sentence="s\x1b[2J")

    assert "\x1b[2J" not in "".join(shown.lines)
    text = "\n".join(seen(shown))
    for harmless in (
        r"\x1b[2Jevil\x0a.jpg",
        r"c\x07",
        r"\xe2\x80\xaegpj.exe",
        r"v\xc2\x9b2J",
    ):
        assert harmless in text


def test_wide_characters_take_two_cells():
    """Chinese and Japanese names stand in the middle of their half and move nothing else."""
    left = FakeSide("山の写真" * 20 + "_0042.jpg", "富士フイルム")
    screen = pyte.Screen(100, 30)
    pyte.Stream(screen).feed("\r\n".join(frame(pair(left)).lines))

    row = next(y for y, line in enumerate(screen.display) if "山" in line)
    cells = screen.buffer[row]
    left_half = "".join(cells[x].data for x in range(49))
    assert left_half.startswith("山の写真山の")
    assert "…" in left_half
    assert left_half.rstrip().endswith("_0042.jpg")  # files are told apart by the end
    assert "".join(cells[x].data for x in range(51, 100)).strip() == "right.jpg"
    caption = "".join(screen.buffer[row + 1][x].data for x in range(49))
    assert caption.index("富") == (49 - 12) // 2


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (80, 24), (300, 80)])
def test_the_help_names_every_key(columns, rows):
    """Whatever the size from 40 × 10 on, no key is left out."""
    for asked, choosing in ((pair(), "←"), (burst(5), "1…5")):
        text = "\n".join(seen(frame(asked, columns, rows, help=True)))
        for key in (choosing, "=", "s", "x", "u", "z", "i", "o", "?", "q"):
            assert f"{key} " in text


@pytest.mark.parametrize(
    ("keys", "photos", "answers"),
    [
        (("left", "h", "1"), 2, [0] * 3),
        (("right", "l", "2"), 2, [1] * 3),
        (("1", "3", "5"), 5, [0, 2, 4]),
        (("=", "s", "x", "u", "q"), 2, ["tie", "skip", "neither", "undo", "quit"]),
        (("3", "0", "y", "up", "enter", "²"), 2, [None] * 6),
        (("6", "left", "l"), 5, [None] * 3),  # in a grid, there is no left
    ],
)
def test_keys_are_answers(keys, photos, answers):
    """A pair is answered by side, a burst by number, both by the same other keys."""
    assert [answer_to(key, photos) for key in keys] == answers
