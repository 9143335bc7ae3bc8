"""A cache on the real server that docs/machines.md shows, with the configuration that stands there."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgewright.scons._http_cache import Server
from tests.graph.conftest import ROOT, Project
from tests.graph.test_http_cache import MODEL, entry
from tests.remote.cluster import free_port

AROUND = """\
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
access_log off;
{server}
}}
"""


class Nginx:
    """The server; `is_open` says whether we may write."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (folder / "held").mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, is_open: bool = True) -> None:
        block = re.search(r"```nginx\n(.*?)```", (ROOT / "docs/machines.md").read_text(), re.DOTALL)
        assert block
        server = block[1].replace("127.0.0.1:8080", f"127.0.0.1:{self.port}")
        server = server.replace("/srv/builds", str(self.folder / "held"))
        server = server if is_open else server.replace("allow 127.0.0.1; ", "")
        user = "user root;" if os.getuid() == 0 else ""
        (self.folder / "conf").write_text(AROUND.format(user=user, folder=self.folder, server=server))
        words = ["nginx", "-e", str(self.folder / "errors"), "-p", str(self.folder), "-c", str(self.folder / "conf")]
        self._process = subprocess.Popen(words)
        self._await()

    def _await(self) -> None:
        end = time.monotonic() + 30
        while not self._answers():
            assert time.monotonic() < end, (self.folder / "errors").read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", self.port)) == 0

    def end(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()

    def held(self) -> dict[str, bytes]:
        """Files by their paths."""
        top = self.folder / "held"
        found = [path for path in top.rglob("*") if path.is_file()]
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    if shutil.which("nginx") is None:
        pytest.skip("no nginx: apt-get install nginx-light")
    (tmp_path / "nginx").mkdir()
    made = Nginx(tmp_path / "nginx")
    yield made
    made.end()


def test_builds_share_it(nginx: Nginx, project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One writes, another folder takes; who may not write takes, too, and is told."""
    nginx.start()
    project.built("train", cache=nginx.url, environment={"EDGEWRIGHT_CACHE": str(tmp_path / "one")})
    held = nginx.held()
    assert {name.partition("/")[0] for name in held} == {"ac", "cas"}
    nginx.end()
    nginx.start(is_open=False)
    other = project.clone(tmp_path / "clone")
    result = other.built("train", cache=nginx.url, environment={"EDGEWRIGHT_CACHE": str(tmp_path / "two")})
    assert f"Retrieved `{MODEL}' from cache" in result.out
    assert other.outputs() == project.outputs()
    Server(nginx.url).keep("name", entry(tmp_path))
    assert "may only be read" in capsys.readouterr().err
    assert nginx.held() == held


def test_large_contents_and_what_is_no_entry(nginx: Nginx, tmp_path: Path) -> None:
    nginx.start()
    content = os.urandom(3 << 20)
    Server(nginx.url).keep("name", entry(tmp_path, content))
    assert Server(nginx.url).fetch("name", tmp_path / "found")
    assert (tmp_path / "found").read_bytes() == content
    assert not Server(nginx.url).fetch("another", tmp_path / "none")
    assert len(nginx.held()) == 2
    connection = http.client.HTTPConnection("127.0.0.1", nginx.port)
    for method, path in (("PUT", "/other"), ("PUT", f"/cas/../{'a' * 64}"), ("DELETE", f"/{next(iter(nginx.held()))}")):
        connection.request(method, path, b"x" if method == "PUT" else None)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (404, 405), (method, path)
    connection.close()
    assert len(nginx.held()) == 2
