"""`edgewright serve`: who is let in, what is shown, and a browser in which a build goes on."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvicorn
from axe_playwright_python.base import AXE_SCRIPT

from edgewright import live
from edgewright.errors import UserError
from edgewright.files import write_json, write_text
from edgewright.home import home
from edgewright.pipeline import Made
from edgewright.server import app_of, serve, state
from testbench.browser import PATIENCE_MS, Tab, watched
from testbench.pages import sample

TOKEN, COOKIE = "open-sesame", "edgewright-test"
STAGES = (("train net", ()), ("quantize net <b>", (0,)), ("report on net", (1,)))
LOGS = {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.75}


@contextmanager
def served(project: Path, names: tuple[str, ...] = ("127.0.0.1",)) -> Iterator[int]:
    """The server in a thread; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = app_of(project, TOKEN, names, COOKIE)
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one build."""
    folder, build = tmp_path_factory.mktemp("project"), sample()
    made = Made.in_folder("build/mcu/net")
    write_json(folder / made.report, build.report)
    write_json(folder / made.history, {"schema": 1, "command": build.command, "lines": list(build.history)})
    write_text(folder / made.page, "<!doctype html><title>the build's own page</title>")
    write_text(folder / "secret.svg", "<svg/>")
    write_text(folder / "build/mcu/net/net.tflite", "weights")
    (folder / "build/mcu/net/outside.svg").symlink_to(folder / "secret.svg")
    return folder


@pytest.fixture(scope="module")
def port(project: Path) -> Iterator[int]:
    with served(project) as found:
        yield found


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


def asked(port: int, path: str, *, method: str = "GET", **headers: str) -> Answer:
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, headers=headers)
        found = connection.getresponse()
        return Answer(found.status, found.headers, found.read())


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(home())}
KNOWN = {"Cookie": f"{COOKIE}={TOKEN}"}


@pytest.mark.parametrize(
    "path", ["/", "/events", "/build/mcu/net/report.html", "/nowhere", "/?token=wrong", "/?token=%C3%A9"]
)
def test_without_the_token_nothing_is_told(port: int, path: str) -> None:
    answer = asked(port, path)
    assert answer.status == 403
    assert b"holds the token" in answer.body


def test_the_token_moves_from_the_address_into_a_cookie(port: int) -> None:
    answer = asked(port, f"/?token={TOKEN}")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert f"{COOKIE}={TOKEN}; HttpOnly" in answer.headers["Set-Cookie"]
    page = asked(port, "/", **KNOWN)
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert 'href="build/mcu/net/report.html"' in page.body.decode()


def test_a_name_that_is_not_ours_is_refused(port: int) -> None:
    assert asked(port, "/", Host="page.of.elsewhere", **KNOWN).status == 400


def test_pages_of_builds_are_shown_and_nothing_else_of_the_folder(port: int) -> None:
    assert b"own page" in asked(port, "/build/mcu/net/report.html", **KNOWN).body
    for path in (
        "mcu/net/report.json",
        "mcu/net/net.tflite",
        "mcu/net/outside.svg",
        "../secret.svg",
        "%2e%2e/secret.svg",
        "%00.svg",
        f"{'long' * 2000}.svg",
    ):
        assert asked(port, f"/build/{path}", **KNOWN).status == 404, path
    assert asked(port, "/build/report.html", **KNOWN).headers["Location"] == "/"


def test_pages_are_for_reading(port: int) -> None:
    assert asked(port, "/", method="POST", **KNOWN).status == 405


def test_an_address_in_use_is_told(project: Path, port: int) -> None:
    with pytest.raises(UserError, match="cannot be listened on"):
        serve(project, "127.0.0.1", port)


def test_the_command_ends_well_by_ctrl_c_and_refuses_a_folder_that_is_no_project(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edgewright.commands.serve", "--port", "0"]
    away = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (away.returncode, "no SConstruct is in it" in away.stderr) == (2, True)
    (tmp_path / "SConstruct").touch()
    with subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().split()[-1]
        port, token = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{32})", address).groups()  # type: ignore[union-attr]
        assert asked(int(port), f"/?token={token}").status == 303
        assert asked(int(port), "/").status == 403
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0


def test_a_build_is_followed_in_a_browser(browser: Any, project: Path, tmp_path: Path, shots: Path) -> None:
    """Stages and epochs appear as they come, names are text, axe-core finds nothing, and the end is shown."""
    folder = tmp_path / "project"
    shutil.copytree(project, folder, symlinks=True)
    build = live.Build(folder / "build" / live.FILE, "scons target=mcu", STAGES)
    with served(folder) as port, pytest.MonkeyPatch.context() as patch:
        tab = followed(browser, port)
        tab.page.wait_for_selector("html[data-live=none]")
        build.begin(0)
        patch.setenv(live.VARIABLE, build.environment()[live.VARIABLE])
        live.tell("epoch", title="train net", epoch=1, epochs=3, logs=LOGS)
        live.tell("step", title="train net", epoch=2, epochs=3, step=4, steps=9, logs={"loss": 0.4})
        tab.page.wait_for_selector("html[data-live=runs]")
        tab.page.wait_for_selector("#live-trainings svg")
        assert "Building: scons target=mcu" in tab.page.inner_text("#live-state")
        assert "epoch 1 of 3, step 4 of 9" in tab.page.inner_text(".training .note")
        assert tab.page.get_attribute("#live-bar", "aria-valuenow") == "0"
        live.tell("epoch", title="train net", epoch=2, epochs=3, logs=LOGS)
        tab.page.wait_for_function(
            "() => document.querySelector('.training .note').textContent.includes('epoch 2 of 3')"
        )
        build.end(0, 0)
        build.begin(1)
        tab.page.wait_for_function("() => document.getElementById('live-bar').getAttribute('aria-valuenow') === '1'")
        tab.page.click("#live-details summary")
        assert "quantize net <b> runs" in tab.page.inner_text("#live-stages")
        tab.page.evaluate(AXE_SCRIPT)
        faults = tab.page.evaluate("axe.run(document)")["violations"]
        assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in faults] == []
        for width in (390, 1440):
            tab.page.set_viewport_size({"width": width, "height": 900})
            assert tab.overflow() <= 0
            tab.page.screenshot(path=shots / f"live-{width}.png", full_page=True)
        build.end(1, 3)
        build.close()
        tab.page.wait_for_selector("html[data-live=failed]")
        tab.page.wait_for_function(
            "() => document.getElementById('live-stage').textContent.includes('failed: quantize net')"
        )
        assert tab.complaints == []
        tab.page.close()


def followed(browser: Any, port: int) -> Tab:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    tab = watched(page, f"http://127.0.0.1:{port}/")
    page.goto(f"http://127.0.0.1:{port}/?token={TOKEN}")
    page.wait_for_selector("html[data-drawn]")
    return tab


def test_what_stood_before_a_stage_that_runs_was_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / live.FILE
    build = live.Build(path, "scons", STAGES)
    assert state(path)["state"] == "none"
    build.begin(2)
    found = state(path)
    assert (found["state"], [stage["state"] for stage in found["stages"]]) == ("runs", ["kept", "kept", "runs"])
    build.end(2, 0)
    build.close()
    assert (state(path)["state"], state(path)["stages"][2]["state"]) == ("done", "done")


def test_a_build_that_was_killed_is_no_build_that_runs(tmp_path: Path) -> None:
    path = tmp_path / live.FILE
    write_text(
        path, json.dumps({"event": "build", "time": 1, "stages": [{"title": "a", "needs": []}]}) + '\n{"event": "beg'
    )
    assert state(path)["state"] == "stopped"


def test_lines_that_no_build_writes_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / live.FILE
    stages = [{"title": "a", "needs": 5}, {"title": ["b"], "needs": [0, -1, "x", 9]}, "c"]
    rows = [
        {"event": "build", "time": 1, "stages": stages},
        {"event": "begin", "time": 2, "stage": 0},
        {"event": "begin", "time": 2, "stage": 1},
        {"event": "epoch", "time": 3, "epoch": 1, "process": ["p"], "logs": {"loss": 0.5}},
    ]
    bad = '{"event": "end", "time": 1e999, "stage": 0}\n{"event": "over", "time": NaN}\n' + "[" * 100_000
    write_text(path, "\n".join([*map(json.dumps, rows), bad]))
    found = state(path)
    json.dumps(found, allow_nan=False)
    assert [stage["state"] for stage in found["stages"]] == ["runs", "runs"]
    assert found["trainings"][0]["rows"] == [{"epoch": 1, "loss": 0.5}]
    write_text(path, json.dumps({"event": "build", "time": 1, "stages": 7}))
    assert state(path)["stages"] == []


def test_a_second_build_in_the_folder_does_not_speak_for_the_first(tmp_path: Path) -> None:
    path = tmp_path / live.FILE
    first, second = (live.Build(path, name, STAGES) for name in ("first", "second"))
    first.begin(0)
    second.begin(1)
    second.close()
    assert second.environment() == {live.VARIABLE: ""}
    assert (state(path)["command"], state(path)["state"]) == ("first", "runs")
    assert [stage["state"] for stage in state(path)["stages"]] == ["runs", "waiting", "waiting"]


def test_one_pass_may_train_several_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / live.FILE
    build = live.Build(path, "scons", STAGES)
    build.begin(0)
    monkeypatch.setenv(live.VARIABLE, str(path))
    for epoch in (1, 2, 1):
        live.tell("epoch", title="low_rank net", epoch=epoch, epochs=2, logs={"loss": 1 / epoch})
    assert [[row["epoch"] for row in training["rows"]] for training in state(path)["trainings"]] == [[1, 2], [1]]
    assert state(path)["trainings"][0]["rows"][1] == {"epoch": 2, "loss": 0.5}


def test_a_loss_that_is_no_number_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / live.FILE
    path.touch()
    monkeypatch.setenv(live.VARIABLE, str(path))
    live.tell("epoch", title="train net", epoch=1, epochs=2, logs={"loss": float("nan")})
    assert path.read_bytes() == b""


def test_nobody_looks_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(live.VARIABLE, str(tmp_path / "not-begun"))
    live.tell("over")
    assert list(tmp_path.iterdir()) == []


def test_commands_that_are_no_build_are_followed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `edgewright advise` does: each candidate is a stage, and what it trains tells of itself."""
    path = tmp_path / live.FILE
    build = live.Build(path, "edgewright advise mcu net", [("scan prune", ()), ("scan cluster", ())])
    monkeypatch.setenv(live.VARIABLE, "of another build")
    with build.stage(0):
        live.tell("epoch", title="prune net", epoch=1, epochs=1, logs={"loss": 0.5})
    with pytest.raises(ZeroDivisionError), build.stage(1):
        raise ZeroDivisionError
    build.close()
    assert os.environ[live.VARIABLE] == "of another build"
    found = state(path)
    assert [stage["state"] for stage in found["stages"]] == ["done", "failed"]
    assert [training["title"] for training in found["trainings"]] == ["prune net"]
