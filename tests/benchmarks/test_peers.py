"""Other compilers' C is counted and compared as ours is, and the page says what the figures say."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from edgewright.files import read_json
from edgewright.home import home
from edgewright.spec import load_project
from edgewright.tflite.reader import parse_model
from testbench.nets import Net, tflm, to_tflite
from testbench.peers import interface
from testbench.peers.mend import mended
from testbench.peers.network import Network

RESULTS = home() / "benchmarks/results"


def flat(elements: int = 40) -> bytes:
    """A network that moves its input."""
    net = Net()
    return to_tflite(net.graph(net.reshape(net.input((1, elements // 4, 4, 1)), (1, elements))))


def test_c_that_is_not_ours_is_counted_and_its_wrong_bytes_are_seen(tmp_path: Path) -> None:
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool}")
    made = tmp_path / "made"
    (made / "inner").mkdir(parents=True)
    (made / "peer.h").write_text("#include <stdint.h>\nvoid run(const int8_t *in, int8_t *out, uint8_t *own);\n")
    (made / "inner/peer.c").write_text(
        '#include "peer.h"\n'
        "void run(const int8_t *in, int8_t *out, uint8_t *own) {\n"
        "    for (volatile int i = 0; i < 40; i++) out[i] = in[i];\n"
        "    own[99] = 1;\n"
        "    out[OFF] = (int8_t)(out[OFF] ^ 2);\n"
        "}\n"
    )
    sources = interface.Sources(("peer.h", "inner/peer.c"), "peer.h", "run(input, output, arena);", 100, ("OFF 7",))
    (made / interface.SOURCES).write_text(json.dumps(asdict(sources)))
    network = Network(tmp_path, "tiny", flat())
    found = network.measured("none", "way", "size", made, load_project(home(), home()).targets["mcu"])
    assert (found["differing"], found["most"]) == (2, 2)  # a byte of each of two samples
    assert 40 * 6 < found["instructions"] < 40 * 20
    assert 40 < found["flash_bytes"] < 4096
    assert 112 + 2 * 48 < found["ram_bytes"] < 1024


def test_a_mended_file_computes_what_it_did() -> None:
    net = Net()
    x = net.dense(net.input((1, 8)), np.arange(24).reshape(3, 8) - 12)
    scores = to_tflite(net.graph(x))
    whole = to_tflite(net.graph(net.op("SOFTMAX", [x], (1, 3), 1 / 256, -128, 2, beta=1.0)))
    fixed, said = mended(whole, "net")
    assert said == ["SOFTMAX cut", "bias of FULLY_CONNECTED added", "scales of biases added"]
    assert all(number >= 0 for node in parse_model(fixed).nodes for number in node.inputs)
    samples = [np.full((1, 8), value, np.int8) for value in (-128, 3, 127)]
    assert np.array_equal(tflm(fixed, samples), tflm(scores, samples))


def test_what_a_peer_refuses_is_told_apart_from_what_breaks(tmp_path: Path) -> None:
    script = (
        "from testbench.peers.interface import main\n"
        "class NoError(Exception): pass\n"
        "def generate(model, way, out): raise {}('because')\n"
        "main(generate)\n"
    )
    for kind, code in (("NoError", 3), ("KeyError", 1)):
        words = [sys.executable, "-c", script.format(kind), "m.tflite", "way", str(tmp_path)]
        done = subprocess.run(words, cwd=home(), capture_output=True, text=True, check=False)
        assert done.returncode == code
        assert "because" in done.stderr.splitlines()[-1]


def test_the_committed_page_is_that_of_the_committed_figures(tmp_path: Path) -> None:
    shutil.copy(RESULTS / "peers.json", tmp_path)
    command = [sys.executable, "-m", "benchmarks.peers", "--table-only", "--results", str(tmp_path)]
    subprocess.run(command, cwd=home(), capture_output=True, check=True)
    assert (tmp_path / "peers.md").read_text() == (RESULTS / "peers.md").read_text()
    networks = {row["network"] for row in read_json(RESULTS / "peers.json")["rows"]}
    assert networks == {"kws", "ic", "vww", "ad"}


def test_the_page_on_latency_has_the_tables_of_the_committed_estimates(tmp_path: Path) -> None:
    shutil.copy(RESULTS / "cycles.json", tmp_path)
    page = tmp_path / "latency.md"
    shutil.copy(home() / "docs/latency.md", page)
    places = ["--results", str(tmp_path), "--page", str(page)]
    command = [sys.executable, "-m", "benchmarks.peers.cycles", "--table-only", *places]
    subprocess.run(command, cwd=home(), capture_output=True, check=True)
    assert page.read_text() == (home() / "docs/latency.md").read_text()
