"""Downloads from a real server on this machine, which can cut connections and change its mind."""

import errno
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from photoaesth.errors import PhotoaesthError, UsageError
from photoaesth.files import display_path
from photoaesth.learning import download as module
from photoaesth.learning.download import download, file_sha256

CONTENT = bytes(range(256)) * 4096  # 1 MB: several chunks
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """Serves one file at `/weights.bin`.

    Attributes:
        content: the file.
        etag: its ETag; empty for none.
        cut_at: break the connection off after so many bytes of an answer; 0 never does.
        ranges: whether Range requests are answered in part.
        upstream: for a proxy, the port of the server behind it.
        requests: what was asked: method or proxied address, Range, If-Range.
    """

    daemon_threads = True

    def __init__(self, handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.content = CONTENT
        self.etag = '"one"'
        self.cut_at = 0
        self.ranges = True
        self.upstream = 0
        self.requests: list[tuple[str, str | None, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/weights.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted, condition = self.headers["Range"], self.headers["If-Range"]
        self.server.requests.append((self.path, wanted, condition))
        if not self.path.endswith("/weights.bin"):
            self.send_error(404)
            return
        content, start = self.server.content, 0
        if wanted and self.server.ranges and condition == self.server.etag:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.end_headers()
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if self.server.etag:
            self.send_header("ETag", self.server.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = start + self.server.cut_at if self.server.cut_at else None
        self.wfile.write(content[start:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        pass


class Proxy(Handler):
    """A forwarding proxy: it is asked for whole addresses and fetches them itself."""

    def do_GET(self) -> None:
        self.server.requests.append((self.path, None, None))
        direct = build_opener(ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{self.server.upstream}/weights.bin") as answer:
            body = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(handler: type[Handler] = Handler) -> Server:
        server = Server(handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    return serve()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "weights.bin"


def left(target: Path) -> set[str]:
    """The names of the files in the target's folder."""
    return {path.name for path in target.parent.iterdir()}


PARTS = {"weights.bin.part", "weights.bin.part.json"}


def interrupt(server: Server, target: Path, size: int = 400_000) -> None:
    """Fetch so many bytes, then lose the connection."""
    server.cut_at = size
    with pytest.raises(PhotoaesthError, match="the same command carries on"):
        download(server.url, target, sha256=SHA256)
    server.cut_at = 0
    server.requests.clear()
    assert left(target) == PARTS
    assert target.with_name("weights.bin.part").stat().st_size == size


@pytest.mark.parametrize("known", [SHA256, SHA256.upper(), SHA256[:8], ""])
def test_a_whole_file(server: Server, target: Path, known: str) -> None:
    """The file is there with its checksum, known in full, in part or not; nothing else is."""
    steps: list[tuple[int, int]] = []
    found = download(
        server.url,
        target,
        sha256=known,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert found == SHA256 == file_sha256(target)
    assert target.read_bytes() == CONTENT
    assert left(target) == {"weights.bin"}
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert len(steps) >= 4
    assert steps == sorted(steps)


def test_a_cut_connection_is_resumed(server: Server, target: Path) -> None:
    """Only what is missing is asked for, on condition that the file is the same."""
    interrupt(server, target)
    steps: list[int] = []
    download(server.url, target, sha256=SHA256, on_progress=lambda done, _: steps.append(done))
    assert server.requests == [("/weights.bin", "bytes=400000-", '"one"')]
    assert target.read_bytes() == CONTENT
    assert left(target) == {"weights.bin"}
    assert steps[0] > 400_000


def test_resumed_after_ctrl_c(server: Server, target: Path) -> None:
    """What arrived before Ctrl-C is kept and counts."""

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(server.url, target, sha256=SHA256, on_progress=stop)
    have = target.with_name("weights.bin.part").stat().st_size
    assert have > 0
    server.requests.clear()
    download(server.url, target, sha256=SHA256)
    assert server.requests == [("/weights.bin", f"bytes={have}-", '"one"')]
    assert target.read_bytes() == CONTENT


def test_a_file_that_changed_is_fetched_from_the_start(server: Server, target: Path) -> None:
    """A new ETag means another file: the old part is not mixed with it."""
    interrupt(server, target)
    server.content, server.etag = CONTENT[::-1], '"two"'
    new = hashlib.sha256(server.content).hexdigest()
    assert download(server.url, target, sha256=new) == new
    assert target.read_bytes() == server.content


def test_an_interruption_while_a_changed_file_arrives(server: Server, target: Path) -> None:
    """The part then belongs to the new file, and is resumed as such."""
    interrupt(server, target)
    server.content, server.etag = CONTENT[::-1], '"two"'
    interrupt(server, target, size=500_000)
    download(server.url, target)
    assert server.requests == [("/weights.bin", "bytes=500000-", '"two"')]
    assert target.read_bytes() == server.content


@pytest.mark.parametrize("etag", ["", 'W/"one"'])
def test_without_a_strong_etag_nothing_is_resumed(server: Server, target: Path, etag: str) -> None:
    """If the server cannot say that the file is the same, all of it is fetched again."""
    server.etag = etag
    interrupt(server, target)
    download(server.url, target, sha256=SHA256)
    assert server.requests == [("/weights.bin", None, None)]
    assert target.read_bytes() == CONTENT


def test_a_server_without_ranges(server: Server, target: Path) -> None:
    """A whole answer to a Range request replaces the part."""
    server.ranges = False
    interrupt(server, target)
    download(server.url, target, sha256=SHA256)
    assert server.requests[0][1] == "bytes=400000-"
    assert target.read_bytes() == CONTENT


def test_a_part_of_another_address_is_dropped(
    serve: Callable[..., Server], server: Server, target: Path
) -> None:
    """What came from one place is not completed from another."""
    interrupt(server, target)
    mirror = serve()
    download(mirror.url, target, sha256=SHA256)
    assert mirror.requests == [("/weights.bin", None, None)]
    assert target.read_bytes() == CONTENT


def test_a_complete_part_needs_only_its_name(server: Server, target: Path) -> None:
    """Interrupted between the last byte and the name, nothing is fetched again."""
    interrupt(server, target)
    target.with_name("weights.bin.part").write_bytes(CONTENT)
    download(server.url, target, sha256=SHA256)
    assert server.requests == [("/weights.bin", "bytes=1048576-", '"one"')]
    assert left(target) == {"weights.bin"}


def test_a_part_that_is_too_long_is_dropped(server: Server, target: Path) -> None:
    """More than the file has cannot be a part of it; the next attempt starts afresh."""
    interrupt(server, target)
    target.with_name("weights.bin.part").write_bytes(CONTENT + b"more")
    with pytest.raises(PhotoaesthError, match="dropped; run the command again"):
        download(server.url, target, sha256=SHA256)
    assert left(target) == set()
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_damaged_note_costs_only_the_part(server: Server, target: Path) -> None:
    """A part without a readable note of its origin is fetched again."""
    interrupt(server, target)
    target.with_name("weights.bin.part.json").write_text("{")
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_keeps_nothing(server: Server, target: Path) -> None:
    """Another file than expected is refused, whole or resumed, and leaves nothing behind."""
    wrong = "0" * 64
    with pytest.raises(PhotoaesthError, match=f"SHA-256 {SHA256} instead of {wrong}"):
        download(server.url, target, sha256=wrong)
    assert left(target) == set()
    interrupt(server, target)
    with pytest.raises(PhotoaesthError, match="nothing of it was kept"):
        download(server.url, target, sha256=wrong)
    assert left(target) == set()


def test_a_wrong_download_leaves_the_old_file(server: Server, target: Path) -> None:
    """A file that is there already stays until a verified one replaces it."""
    target.parent.mkdir()
    target.write_bytes(b"old")
    with pytest.raises(PhotoaesthError):
        download(server.url, target, sha256="0" * 64)
    assert target.read_bytes() == b"old"
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT


def test_through_a_proxy(
    serve: Callable[..., Server], server: Server, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With http_proxy set, the file of a host that only the proxy can reach arrives."""
    proxy = serve(Proxy)
    proxy.upstream = server.server_port
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
    url = "http://weights.invalid/weights.bin"
    assert download(url, target, sha256=SHA256) == SHA256
    assert proxy.requests == [(url, None, None)]
    assert [path for path, _, _ in server.requests] == ["/weights.bin"]


def test_no_such_file(server: Server, target: Path) -> None:
    """404 names the address and the option that names another."""
    url = server.url.replace("weights", "nothing")
    with pytest.raises(PhotoaesthError, match=rf"no file at {url} \(404\); --url"):
        download(url, target)
    assert left(target) == set()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9/weights.bin", "cannot reach 127.0.0.1:9: Connection refused; check"),
        ("http://weights.invalid/weights.bin", "cannot reach weights.invalid: .*; check"),
    ],
)
def test_no_network(url: str, said: str, target: Path) -> None:
    """A host that does not answer is named in one line."""
    with pytest.raises(PhotoaesthError, match=said):
        download(url, target)


def test_a_server_that_goes_silent(target: Path, serve: Callable[..., Server]) -> None:
    """After the time allowed without a byte the attempt ends, and the part stays."""
    released = threading.Event()

    class Silent(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("ETag", '"one"')
            self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            self.wfile.write(CONTENT[:300_000])
            released.wait(10)

    server = serve(Silent)
    with pytest.raises(PhotoaesthError, match=r"was lost \(timed out\); the same command"):
        download(server.url, target, timeout_s=0.2)
    released.set()
    assert left(target) == PARTS


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "weights.bin"])
def test_only_http_is_fetched(url: str, target: Path) -> None:
    """Other addresses are refused before anything is opened."""
    with pytest.raises(UsageError, match="only http and https"):
        download(url, target)
    assert not target.parent.exists()


def test_a_full_disk(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said in one line, and what had room is kept for the next attempt."""
    real = module._chunks

    def failing(*arguments: object) -> Iterator[bytes]:
        yield next(real(*arguments))
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_chunks", failing)
        with pytest.raises(PhotoaesthError, match=f"{display_path(target)}: the disk is full"):
            download(server.url, target, sha256=SHA256)
    assert left(target) == PARTS
    download(server.url, target, sha256=SHA256)
    assert target.read_bytes() == CONTENT
