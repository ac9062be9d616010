"""`photoaesth models`, with a real server in place of the publishers."""

import contextlib
import hashlib
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from photoaesth.cli.app import app
from photoaesth.config import models_folder

CONTENT = b"weights" * 100_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Publisher(http.server.BaseHTTPRequestHandler):
    """Serves the file; while nobody asks for a range of it, stops in the middle of it."""

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append(asked)  # type: ignore[attr-defined]
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("ETag", '"one"')
        self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        middle = max(start, len(CONTENT) // 2)
        self.wfile.write(CONTENT[start:middle])
        self.server.go_on.wait(30)  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):  # whoever asked may be dead
            self.wfile.write(CONTENT[middle:])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[http.server.ThreadingHTTPServer]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Publisher) as server:
        server.daemon_threads = True
        server.asked, server.go_on = [], threading.Event()  # type: ignore[attr-defined]
        server.go_on.set()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def url(server: http.server.ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/nima.hdf5"


def run(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["models", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_list_shows_licence_origin_and_state() -> None:
    """Every file has its name, state, size and licence on one line, and its origin below."""
    lines = run("list").stdout.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("vgg16"))
    assert lines[start].split(maxsplit=1)[1] == "not pulled, about 553.4 MB, BSD-3-Clause"
    assert lines[start + 1] == "  torchvision: VGG-16, trained on ImageNet-1k"
    listed = json.loads(run("list", "--json").stdout)["models"]
    vgg = next(m for m in listed if m["name"] == "vgg16")
    assert vgg["state"] == "not pulled"
    assert vgg["path"] is None
    assert {m["name"] for m in listed if m["state"] == "shipped"} == {
        "efficientnet-lite0",
        "crowd",
        "opinion",
    }


def test_pull_prints_what_is_trusted_from_now_on(url: str) -> None:
    """The first pull prints path, licence and checksum, and says on stderr what that means."""
    result = run("pull", "nima-aesthetic", "--url", url)
    path = models_folder() / "nima-aesthetic.hdf5"
    assert f"Pulled nima-aesthetic (Apache-2.0) to {path}" in result.stdout
    assert f"SHA-256 {SHA256} (first pull)" in result.stdout
    assert "No checksum of this file was known" in result.stderr
    again = run("pull", "nima-aesthetic", "--url", url)
    assert again.stdout.startswith("Already here and sound: nima-aesthetic")
    assert again.stderr == ""


def test_pull_as_json(url: str) -> None:
    """The JSON result has the file's facts and whether it was fetched."""
    arguments = ("pull", "nima-technical", "--url", url, "--sha256", SHA256, "--json")
    pulled = json.loads(run(*arguments).stdout)
    assert pulled["fetched"] is True
    assert (pulled["sha256"], pulled["trusted"]) == (SHA256, "given")
    assert pulled["bytes"] == len(CONTENT)
    assert json.loads(run(*arguments).stdout)["fetched"] is False


def test_a_wrong_file_is_refused(url: str) -> None:
    """What the address gives is not the published vgg16: exit code 1, one line, nothing kept."""
    result = run("pull", "vgg16", "--url", url, code=1)
    assert result.stderr == (
        f"photoaesth: {url} has the SHA-256 {SHA256} instead of "
        "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0; "
        "nothing of it was kept\n"
    )
    assert list(models_folder().iterdir()) == []


def test_a_killed_pull_carries_on(url: str, server: Any) -> None:
    """After kill -9 in the middle of a file, the same command asks for what is missing."""
    command = [sys.executable, "-m", "photoaesth", "models", "pull", "nima-aesthetic"]
    server.go_on.clear()
    process = subprocess.Popen([*command, "--url", url])
    part = models_folder() / "nima-aesthetic.hdf5.part"
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    have = part.stat().st_size
    server.go_on.set()
    server.asked.clear()
    run("pull", "nima-aesthetic", "--url", url, "--sha256", SHA256)
    assert server.asked == [f"bytes={have}-"]
    assert (models_folder() / "nima-aesthetic.hdf5").read_bytes() == CONTENT


def test_an_unknown_name() -> None:
    """A name that means nothing is wrong usage."""
    assert "no weights are called 'vgg'" in run("pull", "vgg", code=2).stderr


def test_verify_names_what_is_damaged(url: str) -> None:
    """A damaged file ends with exit code 1 and the way out, in JSON and in words."""
    run("pull", "nima-aesthetic", "--url", url)
    assert "verified" in run("verify").stdout
    (models_folder() / "nima-aesthetic.hdf5").write_bytes(b"damaged")
    result = run("verify", "nima-aesthetic", code=1)
    assert result.stdout.startswith("nima-aesthetic  damaged")
    assert result.stderr == "nima-aesthetic is damaged; photoaesth models pull nima-aesthetic\n"
    states = json.loads(run("verify", "--json", code=1).stdout)["models"]
    assert [m["state"] for m in states] == [*["verified"] * 3, "damaged"]


def test_a_damaged_shipped_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came with the program comes back with it: it cannot be pulled."""
    changed = tmp_path / "crowd.safetensors"
    changed.write_bytes(b"damaged")
    monkeypatch.setattr("photoaesth.learning.crowd.WEIGHTS_FILE", changed)
    assert run("verify", code=1).stderr == "crowd is damaged; reinstall photoaesth\n"
