"""A cache on a server: what is made there once is taken elsewhere, checked, and nothing depends on the server."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.scons import _http_cache
from edgewright.scons._http_cache import Server, _file_in, _key, _result
from tests.graph.conftest import Project

CUT = -1
"""In place of a status: the connection is closed, and nothing is read."""

MODEL = "build/models/tiny/float.h5"


class StandIn(ThreadingHTTPServer):
    """A server that holds what it is sent, as bazel-remote does: contents have to have their hash."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refuses: dict[str, int] = {}
        """Statuses by method, and by the first letters of the path behind it."""
        self.drips = False
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        found = self.server.held.get(self.path)
        if status := self.refused():
            self.answer(status)
        elif self.server.drips and self.path.startswith("/cas") and found:
            self.drip(found)
        else:
            self.answer(200 if found is not None else 404, found or b"")

    def do_PUT(self) -> None:
        self.server.asked.append(f"PUT {self.path}")
        kind, name = self.path.strip("/").split("/")
        if self.server.refuses.get("PUT") == CUT:  # as Go's servers end a request whose content nobody wants
            self.close_connection = True
            return
        content = self.rfile.read(int(self.headers["Content-Length"]))
        if status := self.refused():
            self.answer(status)
        elif kind == "cas" and hashlib.sha256(content).hexdigest() != name:
            self.answer(400)
        else:
            self.server.held[self.path] = content
            self.answer(200)

    def refused(self) -> int | None:
        found = (
            status for start, status in self.server.refuses.items() if f"{self.command} {self.path}".startswith(start)
        )
        return next(found, None)

    def drip(self, content: bytes) -> None:
        """A byte at a time, and the time of the build passes."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(0.02)

    def answer(self, status: int, content: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def entry(folder: Path, content: bytes = b"entry") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "entry").write_bytes(content)
    return folder / "entry"


def test_what_one_keeps_another_fetches(server: StandIn, tmp_path: Path) -> None:
    content = bytes(range(256)) * 9000
    Server(server.url).keep("name", entry(tmp_path, content))
    assert Server(server.url).fetch("name", tmp_path / "other/found")
    assert (tmp_path / "other/found").read_bytes() == content
    assert not Server(server.url).fetch("another", tmp_path / "none")
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("damage", [b"entrz", b"entr", b"entry and more", b""])
def test_a_content_with_another_hash_is_not_taken(
    server: StandIn, tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    Server(server.url).keep("name", entry(tmp_path))
    server.held[f"/cas/{hashlib.sha256(b'entry').hexdigest()}"] = damage
    assert not Server(server.url).fetch("name", tmp_path / "found")
    assert [path.name for path in tmp_path.iterdir()] == ["entry"]
    assert "has not the hash" in capsys.readouterr().err


def test_what_is_damaged_is_sent_anew(server: StandIn, tmp_path: Path) -> None:
    """One damaged content costs no more than itself."""
    Server(server.url).keep("name", entry(tmp_path))
    server.held[f"/cas/{hashlib.sha256(b'entry').hexdigest()}"] = b"damaged"
    finder = Server(server.url)
    assert not finder.fetch("name", tmp_path / "found")
    finder.keep("name", entry(tmp_path))
    assert finder.fetch("name", tmp_path / "found")


@pytest.mark.parametrize(
    "answer", [b"", b"\x12", b"\x12\xff", b"\x0a\x01x", b"\x12\x02\x10\x01", b"<html>", b"\xff" * 40]
)
def test_an_answer_that_is_none(server: StandIn, tmp_path: Path, answer: bytes) -> None:
    server.held[f"/ac/{_key('name')}"] = answer
    assert not Server(server.url).fetch("name", tmp_path / "found")
    assert not (tmp_path / "found").exists()


def test_the_message_is_an_action_result() -> None:
    """By hand, as the schema of Bazel's remote execution has it."""
    digest = "ab" * 32
    known = b"\x0a\x40" + digest.encode() + b"\x10\xac\x02"
    file = b"\x0a\x08artifact" + b"\x12" + bytes([len(known)]) + known
    assert _result(digest, 300) == b"\x12" + bytes([len(file)]) + file
    assert _file_in(_result(digest, 300)) == (digest, 300)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "may only be read;"),
        (403, "may only be read;"),
        (405, "may only be read;"),
        (500, "takes nothing more: 500 Internal Server Error;"),
        (507, "takes nothing more: 507 Insufficient Storage;"),
        (CUT, "takes nothing more: "),
    ],
)
def test_one_that_takes_nothing_may_be_read(
    server: StandIn, tmp_path: Path, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told of once, and not asked again to keep anything."""
    Server(server.url).keep("there", entry(tmp_path))
    server.asked.clear()
    server.refuses["PUT"] = status
    one = Server(server.url)
    for name in ("a", "b"):
        one.keep(name, entry(tmp_path, bytes(8 << 20)))
    assert [text.partition("/")[0] for text in server.asked] == ["PUT "]
    said = capsys.readouterr().err
    assert said.count("warning:") == 1
    assert f"{told}" in said
    assert "what is made is not kept there" in said
    assert one.fetch("there", tmp_path / "found")
    assert (tmp_path / "found").read_bytes() == b"entry"


def test_one_that_takes_nothing_large_is_sent_what_is_smaller(
    server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As nginx without `client_max_body_size`."""
    one = Server(server.url)
    server.refuses["PUT"] = 413
    for name in ("a", "b"):
        one.keep(name, entry(tmp_path, bytes(2 << 20)))
    said = capsys.readouterr().err
    assert said.count("warning:") == 1
    assert "takes nothing so large as 2.0 MiB; what is smaller is kept there" in said
    server.refuses.clear()
    one.keep("small", entry(tmp_path))
    assert one.fetch("small", tmp_path / "found")


@pytest.mark.parametrize("at", ["GET /ac", "GET /cas"])
def test_one_that_fails_in_the_middle_is_left(
    server: StandIn, tmp_path: Path, at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Server(server.url)
    one.keep("a", entry(tmp_path))
    assert one.fetch("a", tmp_path / "found")
    (tmp_path / "found").unlink()
    server.refuses[at] = 500
    for name in ("a", "b"):
        assert not one.fetch(name, tmp_path / "found")
    one.keep("b", entry(tmp_path))
    assert not (tmp_path / "found").exists()
    said = capsys.readouterr().err
    assert said.count("warning:") == 1
    assert "cannot be used: 500 Internal Server Error; the build goes on without" in said


def test_one_that_hardly_sends_is_left(
    server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each byte comes in time, and all of them would take hours."""
    monkeypatch.setattr(_http_cache, "_TIMEOUT_S", 0.2)
    one = Server(server.url)
    one.keep("a", entry(tmp_path, b"e" * 4096))
    server.drips = True
    assert not one.fetch("a", tmp_path / "found")
    assert not (tmp_path / "found").exists()
    assert "cannot be used: it sent " in capsys.readouterr().err


def test_a_server_that_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = Server("http://127.0.0.1:9")
    for name in ("a", "b"):
        assert not one.fetch(name, tmp_path / "found")
        one.keep(name, entry(tmp_path))
    assert capsys.readouterr().err.count("the build goes on without") == 1


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host:99999", "http://me:word@host", "http://host?x"])
def test_what_is_no_server(url: str) -> None:
    with pytest.raises(UserError, match="is no server of a cache"):
        Server(url)


def test_builds_share_a_server(server: StandIn, project: Project, tmp_path: Path) -> None:
    """What one made, another with another folder takes; one that may not write takes it, too."""
    project.built("train", cache=server.url, environment={"EDGEWRIGHT_CACHE": str(tmp_path / "one")})
    made, held = project.outputs(), dict(server.held)
    other = project.clone(tmp_path / "clone")
    server.refuses["PUT"] = 403
    result = other.built("train", cache=server.url, environment={"EDGEWRIGHT_CACHE": str(tmp_path / "two")})
    assert f"Retrieved `{MODEL}' from cache" in result.out
    assert other.outputs() == made
    assert server.held == held
