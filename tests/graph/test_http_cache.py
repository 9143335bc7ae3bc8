"""A cache on a server: what is made there once is taken elsewhere, checked, and nothing depends on the server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.scons._http_cache import Server, _file_in, _key, _result
from tests.graph.conftest import Project

MODEL = "build/models/tiny/float.h5"


class StandIn(ThreadingHTTPServer):
    """A server that holds what it is sent, as bazel-remote does: contents have to have their hash."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.is_read_only = False
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        found = self.server.held.get(self.path)
        self.answer(200 if found is not None else 404, found or b"")

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(f"PUT {self.path}")
        kind, name = self.path.strip("/").split("/")
        if self.server.is_read_only:
            self.answer(403)
        elif kind == "cas" and hashlib.sha256(content).hexdigest() != name:
            self.answer(400)
        else:
            self.server.held[self.path] = content
            self.answer(200)

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


def test_one_that_may_only_be_read(server: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.is_read_only = True
    one = Server(server.url)
    for name in ("a", "b"):
        one.keep(name, entry(tmp_path))
    assert len(server.asked) == 1
    assert capsys.readouterr().err.count("may only be read") == 1
    assert not one.fetch("a", tmp_path / "found")


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
    server.is_read_only = True
    result = other.built("train", cache=server.url, environment={"EDGEWRIGHT_CACHE": str(tmp_path / "two")})
    assert f"Retrieved `{MODEL}' from cache" in result.out
    assert other.outputs() == made
    assert server.held == held
