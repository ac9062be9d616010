"""Names and camera names that want to be code, commands or formulas show as text everywhere."""

import csv
import io
import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from photoaesth.files import display_path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows forbids such names")

_NAMES = (
    b"<img src=x onerror=alert(1)>.jpg",
    b"<script>alert(2)<script>.jpg",
    b"\"' onload='alert(3)' x=\".jpg",
    b"&lt;b&gt; &amp; $title ${cards}.jpg",
    b"two\nlines\r\tand a tab.jpg",
    b"\x1b[31mred\x1b]0;title\x07.jpg",
    "turned \u202egpj.exe.jpg".encode(),
    "isolated \u2066x\u2069 \u200b\u200f\ufeff.jpg".encode(),
    "\u05e9\u05dc\u05d5\u05dd 1.jpg".encode(),
    "é".encode() * 123 + b".jpg",  # 250 bytes
    b"caf\xe9 \xff\xfe.jpg",
    b"=cmd|' ,C'!A0.jpg",
    b"-rf.jpg",
    b"+1.jpg",
    b"@SUM(A1).jpg",
    b"\t=1+1.jpg",
    b"'=1.jpg",
    b"--help.jpg",
    b" .jpg",
    b"*?[a].jpg",
)
_CAMERA = "=HYPERLINK(<b onclick='alert(4)'>\x1b[31m\u202e"
_ALL = ("--top", "99")
_MODEL_TAG = 0x0110


@pytest.fixture(scope="module")
def hostile(
    tmp_path_factory: pytest.TempPathFactory,
    make_program: Callable[[Path], Any],
    draw_photo: Callable[..., Path],
) -> Any:
    """The program with photos of such names in its library, all by a camera of such a name."""
    program = make_program(tmp_path_factory.mktemp("hostile"))
    exif = Image.Exif()
    exif[_MODEL_TAG] = _CAMERA
    for seed, name in enumerate(_NAMES):
        path = program.photos / os.fsdecode(name)
        plain = draw_photo(program.home / "plain.jpg", seed, exif=exif.tobytes())
        path.parent.mkdir(exist_ok=True)
        try:
            plain.rename(path)
        except OSError:  # macOS takes no bytes that are not UTF-8
            plain.unlink()
    assert len(_names(program)) > len(_NAMES) / 2
    program("index", program.photos)
    return program


def test_terminal_and_json_show_harmless_text(hostile: Any) -> None:
    """In every format each photo is one line or one value, and no character commands anything."""
    expected = _shown(hostile)
    table = _printable(hostile("rank", *_ALL).stdout).splitlines()
    assert len(table) == 1 + len(expected)
    assert sorted(line[line.index(str(hostile.photos)) :] for line in table[1:]) == expected
    assert (
        sorted(_printable(hostile("rank", *_ALL, "--format", "paths").stdout).splitlines())
        == expected
    )
    in_json = json.loads(_printable(hostile("rank", *_ALL, "--json").stdout))["photos"]
    lines = _printable(hostile("rank", *_ALL, "--format", "ndjson").stdout).splitlines()
    for photos in (in_json, [json.loads(line) for line in lines]):
        assert sorted(photo["path"] for photo in photos) == expected
        (camera,) = {photo["camera"] for photo in photos}
        assert camera.startswith("=HYPERLINK(<b onclick='alert(4)'>")
    for command in ("status", "score", "doctor"):
        result = hostile(command)
        _printable(result.stdout + result.stderr)


def test_raw_paths_are_the_bytes_on_disk(hostile: Any) -> None:
    """`-0` is for programs, which want the name as it is."""
    raw = hostile("rank", *_ALL, "-0").stdout.split(b"\0")
    assert raw.pop() == b""
    folder = os.fsencode(hostile.photos)
    assert sorted(raw) == sorted(folder + b"/" + name for name in _names(hostile))


def test_no_cell_is_a_formula(hostile: Any) -> None:
    """In CSV the camera that begins like a formula has a quote before it; a path has none."""
    text = _printable(hostile("rank", *_ALL, "--format", "csv").stdout)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["path"] for row in rows) == _shown(hostile)
    cells = [cell for row in rows for cell in row.values()]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert all(row["camera"].startswith("'=HYPERLINK(") for row in rows)


def test_choices_survive_the_way_out_and_back(hostile: Any, tmp_path: Path) -> None:
    """Names of all these bytes are written to CSV and found again, every one."""
    paths = [os.fsencode(hostile.photos) + b"/" + name for name in _names(hostile)]
    rows = [
        b",".join(b'"' + path.replace(b'"', b'""') + b'"' for path in pair)
        for pair in itertools.pairwise(paths)
    ]
    (tmp_path / "in.csv").write_bytes(b"\n".join([b"winner,loser", *rows]))
    imported = hostile.json("comparisons", "import", tmp_path / "in.csv")
    assert (imported["imported"], imported["skipped"]) == (len(paths) - 1, [])
    out = tmp_path / "out.csv"
    hostile("comparisons", "export", out)
    again = hostile.json("comparisons", "import", out, "--profile", "other")
    assert (again["imported"], again["skipped"]) == (len(paths) - 1, [])
    listed = [hostile.json("comparisons", "list", "--profile", p) for p in ("me", "other")]
    pairs = [[(c["left"], c["right"]) for c in found["comparisons"]] for found in listed]
    assert pairs[0] == pairs[1]
    _printable(hostile("comparisons", "list").stdout)


@pytest.mark.parametrize("how", ["--link", "--copy", "--hardlink"])
def test_an_album_has_the_same_names(hostile: Any, tmp_path: Path, how: str) -> None:
    """Byte for byte, and a second run finds them all."""
    for made in (len(_names(hostile)), 0):
        report = hostile.json("rank", *_ALL, "--album", tmp_path / "album", how)["album_folder"]
        assert (report["made"], report["others"], report["skipped"]) == (made, 0, [])
    album = os.fsencode(tmp_path / "album")
    names = sorted(name for name in os.listdir(album) if name != b".photoaesthignore")  # noqa: PTH208
    assert names == _names(hostile)
    for name in names:
        photo = os.fsencode(hostile.photos) + b"/" + name
        assert (
            Path(os.fsdecode(album + b"/" + name)).read_bytes()
            == Path(os.fsdecode(photo)).read_bytes()
        )


@pytest.fixture(scope="module")
def sheet(hostile: Any) -> Path:
    page = hostile.home / "best.html"
    hostile("rank", *_ALL, "--contact-sheet", page)
    return page


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    page = chromium.new_page()
    yield page
    page.close()


def test_in_the_contact_sheet_nothing_runs(hostile: Any, sheet: Path, tab: Any) -> None:
    """The browser shows every name as it is listed, asks for nothing, and opens no alert."""
    events: list[str] = []
    tab.on("console", lambda message: events.append(message.text))
    tab.on("pageerror", lambda error: events.append(str(error)))
    tab.on("dialog", lambda dialog: (events.append(dialog.message), dialog.dismiss()))
    tab.on("request", lambda request: events.append(request.url))
    tab.goto(sheet.as_uri())
    names = tab.locator(".card .name")
    expected = [text.removeprefix(f"{hostile.photos}/") for text in _shown(hostile)]
    assert sorted(names.evaluate_all("all => all.map((name) => name.textContent)")) == expected
    titles = names.evaluate_all("all => all.map((name) => name.title)")
    assert sorted(titles) == _shown(hostile)
    captions = tab.locator(".card .caption").all_inner_texts()
    assert all(text.startswith("=HYPERLINK(<b onclick='alert(4)'>") for text in captions)
    for _ in names.all():
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.keyboard.press("Escape")
    assert tab.locator("[onerror], [onload], [onclick], [onfocus]").count() == 0
    assert tab.locator("script").count() == 1
    assert [event for event in events if not event.startswith("data:image/jpeg")] == [
        sheet.as_uri()
    ]


def test_the_contact_sheet_stays_valid_html(
    sheet: Path, html_problems: Callable[..., list[str]]
) -> None:
    """The W3C's checker finds nothing in it."""
    assert html_problems(sheet) == []


def _names(program: Any) -> list[bytes]:
    return sorted(os.listdir(os.fsencode(program.photos)))  # noqa: PTH208  # as bytes


def _shown(program: Any) -> list[str]:
    """The paths as they are shown, sorted."""
    folder = os.fsencode(program.photos)
    return sorted(display_path(folder + b"/" + name) for name in _names(program))


def _printable(output: bytes) -> str:
    """Decode what the program printed, and check that it is text on lines."""
    text = output.decode("utf-8")
    bad = {character for character in text if not character.isprintable()} - {"\n"}
    assert bad == set()
    return text
