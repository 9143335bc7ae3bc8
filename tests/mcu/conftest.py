"""A small model built for every board, once a session, and its harness on this machine under sanitizers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.arch import architecture_of
from edgewright.devices import qemu_system
from edgewright.devices._base import Job
from edgewright.files import hashes, read_json, write_json
from edgewright.images import sources
from edgewright.images.model import read_library
from edgewright.sections.board import Ported
from edgewright.stages.microcontroller import firmware
from testbench.boards import board, part

ROOT = Path(__file__).parents[2]
TINY = Path(__file__).parent / "tiny_model"
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror")
SANITIZERS = ("-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
HANGS, READS_NOWHERE, OVERFLOWS, TRAPS = 1, 2, 3, 4


@cache
def board_facts(name: str) -> dict[str, Any]:
    return board(name).model_dump()


def stage_options(name: str, **chosen: Any) -> dict[str, Any]:
    return {"target": "test", "board_name": name, "board": part(Ported, board(name)), "firmware": chosen}


def build(board: str, model: Path, out: Path, **chosen: Any) -> Path:
    """firmware.elf of a model for a board."""
    options = json.dumps(stage_options(board, **chosen))
    assert firmware.main(["--model-dir", str(model), "--out-dir", str(out), "--options", options]) == 0
    return out / "firmware.elf"


def sign(model: Path) -> None:
    """Have compile.json list the files of a model as they are."""
    facts = read_json(model / "compile.json")
    write_json(model / "compile.json", {**facts, "files": hashes(model, facts["files"])})


Builder = Callable[..., Path]


@pytest.fixture(scope="session")
def tiny_firmware(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """tiny_firmware(board, defect=0): the small model's firmware.elf."""

    @cache
    def built(board: str, defect: int = 0) -> Path:
        model = TINY
        if defect:
            model = tmp_path_factory.mktemp("model") / "c"
            shutil.copytree(TINY, model)
            source = (model / "tiny.c").read_text()
            (model / "tiny.c").write_text(f"#define TINY_DEFECT {defect}\n{source}")
            sign(model)
        return build(board, model, tmp_path_factory.mktemp(board))

    return built


@pytest.fixture(scope="session")
def group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bundles `first` and `second`, the first network once more as `third`, and all three in one: only to be read."""
    from .bundles import make_group, small_network  # which takes its boards from here

    folder = tmp_path_factory.mktemp("group")
    make_group(folder, {"first": small_network(1), "second": small_network(2, 7), "third": small_network(1)})
    return folder


def tiny_inputs(count: int) -> NDArray[np.int8]:
    return np.random.default_rng(3).integers(-128, 128, (count, 1, 40), dtype=np.int8)


def tiny_outputs(inputs: NDArray[np.int8]) -> NDArray[np.int8]:
    """What the small model computes, from the formula in its header."""
    rows = np.arange(40) * 7
    weights = np.stack([(rows + row * 13) % 11 - 5 for row in range(4)])
    sums = inputs.reshape(-1, 40).astype(np.int64) @ weights.T
    first = np.clip(np.trunc(sums / 64), -128, 127)
    return np.clip(first + 1, -128, 127).astype(np.int8).reshape(-1, 1, 4)


def job(elf: Path, board: str, inputs: NDArray[np.int8]) -> Job:
    return Job(Path("tiny.tflite"), "aot", (inputs,), board_facts(board), elf)


def measured(elf: Path, board: str, inputs: NDArray[np.int8], **options: Any) -> Any:
    return qemu_system.measure(job(elf, board, inputs), qemu_system.Options.model_validate(options))


@dataclass(frozen=True)
class HostHarness:
    """The harness as a program of this machine."""

    path: Path

    def run(self, sent: bytes) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(self.path)], input=sent, capture_output=True, timeout=60, check=False)

    @contextmanager
    def listening(self) -> Iterator[tuple[str, bytearray]]:
        """The URL of a port behind which it runs, and all that it says."""
        said = bytearray()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._serve, args=(listener, said), daemon=True).start()
            yield f"socket://127.0.0.1:{listener.getsockname()[1]}", said

    def _serve(self, listener: socket.socket, said: bytearray) -> None:
        pipe = subprocess.PIPE
        with suppress(OSError), subprocess.Popen([str(self.path)], stdin=pipe, stdout=pipe, bufsize=0) as process:
            connection, _ = listener.accept()
            with connection:
                threading.Thread(target=_copy, args=(connection.recv, process.stdin), daemon=True).start()
                while data := os.read(process.stdout.fileno(), 4096):  # type: ignore[union-attr]
                    said += data
                    connection.sendall(data)

    def say(self, text: str) -> list[str]:
        """Lines of the answer, without those at the start."""
        done = self.run(text.encode())
        assert done.returncode == 0, done.stderr.decode()
        answer = done.stdout.decode("ascii")
        assert answer.replace("\r\n", "").isprintable()
        lines = answer.split("\r\n")
        assert lines[:2] == ["m-init-done", "m-ready"]
        assert lines[-1] == ""
        return lines[2:-1]


def _copy(read: Callable[[int], bytes], to: IO[bytes]) -> None:
    with suppress(OSError), to:
        while data := read(4096):
            to.write(data)


@pytest.fixture(scope="session")
def harness_sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The harness, the host port and the small model laid out as the firmware stage does."""
    folder = tmp_path_factory.mktemp("host") / "sources"
    folder.mkdir()
    library = read_library(TINY)
    sources.lay_out(folder, library, sources.port_folder("host"), architecture_of("armv7e-m"))
    sources.render_glue(folder, [], library, "host", "tiny01")
    return folder


@pytest.fixture(scope="session")
def host_harness(harness_sources: Path) -> HostHarness:
    includes = ["-Iports/host", "-Iharness", "-Iports", "-Imodel"]
    files = [*sources.c_files(harness_sources, "harness", "ports/host"), "glue.c"]
    program = harness_sources / "harness_host"
    common = ["gcc", *WARNINGS, *SANITIZERS, *includes]
    model = [*common, "-include", "harness/ew_profile.h", "-c", "model/tiny.c", "-o", "tiny.o"]
    link = [*common, *files, "tiny.o", "-o", program.name]
    for command in (model, link):
        subprocess.run(command, cwd=harness_sources, check=True)
    return HostHarness(program)
