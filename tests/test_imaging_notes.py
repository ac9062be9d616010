"""What a copy says of its making: the program in EXIF, the edit in XMP."""

import io
import json
import shutil
import struct
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from photoaesth.imaging import encode, with_edit, with_software
from photoaesth.imaging.xmp import upright_xmp

SOFTWARE, MAKE, MAKER_NOTE = 0x0131, 0x010F, 0x927C
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
MM = "{http://ns.adobe.com/xap/1.0/mm/}"
EVENT = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"


def parsed(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


def exif_block(tags: dict[int, object], order: str = "<") -> bytes:
    exif = Image.Exif()
    exif.endian = order
    exif.update(tags)
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("before", [{}, {SOFTWARE: "Firmware 1.0"}, {0x9C9B: b"a\0"}], ids=str)
def test_the_program_is_named_and_all_else_stays(order: str, before: dict[int, object]) -> None:
    """The tag is put in or replaced; other tags and directories keep values and places."""
    block = exif_block({MAKE: "Maker", 0x8769: {MAKER_NOTE: b"offsets"}, **before}, order)
    result = with_software(block, "photoaesth 1.2")
    exif = parsed(result)
    assert exif[SOFTWARE] == "photoaesth 1.2"
    assert exif[MAKE] == "Maker"
    assert {k: exif[k] for k in before if k != SOFTWARE} == {
        k: v for k, v in before.items() if k != SOFTWARE
    }
    assert result.index(b"offsets") == block.index(b"offsets")
    (start,) = struct.unpack_from(order + "I", result, 4)
    (count,) = struct.unpack_from(order + "H", result, start)
    tags = [struct.unpack_from(order + "H", result, start + 2 + 12 * n)[0] for n in range(count)]
    assert tags == sorted(exif)


def test_a_photo_without_exif_gets_a_block() -> None:
    """An empty block becomes one with the program alone; a short name is stored in place."""
    assert dict(parsed(with_software(b"", "photoaesth 1.2"))) == {SOFTWARE: "photoaesth 1.2"}
    assert dict(parsed(with_software(b"", "abc"))) == {SOFTWARE: "abc"}


@given(st.binary(max_size=80), st.sampled_from([b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]))
def test_garbage_stays_or_gets_longer(tail: bytes, head: bytes) -> None:
    """No bytes make it fail, and none are lost."""
    block = head + tail
    assert with_software(block, "photoaesth")[8:].startswith(block[8:])


def events(packet: bytes) -> list[dict[str, str]]:
    body = packet.decode().split("?>", 1)[-1].rsplit("<?xpacket", 1)[0]
    root = ET.fromstring(body)  # noqa: S314 - our own text
    found = root.findall(f".//{MM}History/{RDF}Seq/{RDF}li")
    return [{key.removeprefix(EVENT): value for key, value in li.attrib.items()} for li in found]


def packet(description: str) -> bytes:
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" '
        'xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'{description}</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


OURS = {"action": "edited", "softwareAgent": "photoaesth 1.2", "parameters": 'x +1 "EV"'}
EARLIER = '<rdf:li stEvt:action="saved" stEvt:parameters="by &lt;another&gt;"/>'


@pytest.mark.parametrize(
    ("before", "count"),
    [
        (b"", 0),
        (b"no packet at all", 0),
        (packet('<rdf:Description rdf:about=""/>'), 0),
        (packet(f'<rdf:Description rdf:about=""><xmpMM:History><rdf:Seq>{EARLIER}</rdf:Seq>'
                "</xmpMM:History></rdf:Description>"), 1),
        (packet('<rdf:Description rdf:about=""><xmpMM:History><rdf:Seq/>'
                "</xmpMM:History></rdf:Description>"), 0),
    ],
    ids=["none", "garbage", "no history", "history", "empty history"],
)  # fmt: skip
def test_the_edit_comes_last_in_the_history(before: bytes, count: int) -> None:
    """Whatever was there, there is one history, and its last entry is ours."""
    after = with_edit(before, software="photoaesth 1.2", parameters='x +1 "EV"')
    assert len(events(after)) == count + 1
    assert events(after)[-1] == OURS
    twice = with_edit(after, software="photoaesth 1.2", parameters="more")
    assert [event.get("parameters") for event in events(twice)][-2:] == ['x +1 "EV"', "more"]


def test_what_the_user_wrote_stays() -> None:
    """A description in the packet is found unchanged."""
    words = "<dc:description><rdf:Alt><rdf:li>Æ & mine</rdf:li></rdf:Alt></dc:description>"
    words = words.replace("&", "&amp;")
    before = packet(f'<rdf:Description rdf:about="">{words}</rdf:Description>')
    assert words.encode() in with_edit(before, software="p", parameters="x")


@pytest.mark.parametrize(
    "written", ['tiff:Orientation="6"', "<tiff:Orientation>6</tiff:Orientation>"]
)
def test_a_packet_calls_the_picture_upright(written: str) -> None:
    """The orientation, in either notation, becomes 1, and nothing else changes."""
    assert upright_xmp(f"a {written} b".encode()) == f"a {written.replace('6', '1')} b".encode()
    assert upright_xmp(b"nothing \xff") == b"nothing \xff"


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_a_packet_of_any_size_fits_into_a_jpeg(tmp_path: Path) -> None:
    """Lightroom's masks and what was done are there for real exiftool, and it finds no fault."""
    mask = "ab" * 100_000
    large = packet(
        '<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" '
        f'crs:Exposure2012="+0.5" crs:MaskBlob="{mask}"/>'
    )
    note = with_edit(large, software="photoaesth 1", parameters="from blake3:abcd")
    file = tmp_path / "a.jpg"
    file.write_bytes(encode(Image.new("RGB", (32, 24)), format="JPEG", xmp=note))
    read = ["exiftool", "-b", "-j", "-validate", "-XMP:all", str(file)]
    found = json.loads(subprocess.run(read, capture_output=True, text=True, check=True).stdout)[0]
    assert found["Validate"] == "OK"
    assert found["MaskBlob"] == mask
    assert float(found["Exposure2012"]) == 0.5
    assert found["HistoryParameters"] == "from blake3:abcd"
    with Image.open(file) as image:
        assert b"from blake3:abcd" in image.info["xmp"], "it is found without the other segments"


def test_a_large_packet_that_is_no_xml_is_left_out_of_a_jpeg() -> None:
    """Nothing that no program could read is written."""
    data = encode(Image.new("RGB", (32, 24)), format="JPEG", xmp=b"<x" * 50_000)
    with Image.open(io.BytesIO(data)) as image:
        assert "xmp" not in image.info
