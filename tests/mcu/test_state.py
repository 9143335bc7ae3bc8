"""Models with state, of int16 and of float32 in the emulator, and in the bundle."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright import cli
from edgewright.devices import Job, _qemu, host, qemu_system
from edgewright.files import read_json
from edgewright.sections.board import Measured
from edgewright.stages.device import measure
from edgewright.stages.microcontroller import compile as compile_stage
from testbench.boards import board, part
from testbench.differential import operators, recurrent
from testbench.differential.network import Network
from testbench.differential.typed import GENERATORS, given
from testbench.streams import FIRST, ring, stream

from .bundles import make_bundle
from .conftest import board_facts, build

M4 = "mps2-an386"


def _typed(dtype: str) -> tuple[bytes, NDArray[Any]]:
    net = Network(np.random.default_rng(4))
    x = given(net, dtype, 1, 5, 4, 3)
    y = GENERATORS["AVERAGE_POOL_2D"](net, GENERATORS["RELU"](net, GENERATORS["CONV_2D"](net, x)))
    samples = np.stack([sample[0] for sample in net.samples(3)])
    return net.builder.finish(net.inputs, [y]), samples


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built(tmp_path_factory.mktemp("ring"), ring(FIRST), np.stack(stream(6)))


def _built(folder: Path, model: bytes, samples: NDArray[Any], name: str = "net") -> Path:
    (folder / "net.tflite").write_bytes(model)
    core = board_facts(M4)["core"]
    facts = {name: core[name] for name in ("cpu", "arch", "dsp", "mve")}
    arguments = ["--model", str(folder / "net.tflite"), "--name", name, "--out-dir", str(folder / "c")]
    options = json.dumps({"core": facts, "compile": {"optimize": "speed"}})
    assert compile_stage.main([*arguments, "--options", options]) == 0
    build(M4, folder / "c", folder)
    np.save(folder / "in.npy", samples)
    return folder


@pytest.mark.parametrize("name", ["state", "invoke", "reset"])
def test_a_model_may_be_called_as_what_its_harness_does(name: str, tmp_path: Path) -> None:
    assert (_built(tmp_path, ring(FIRST), np.stack(stream(1)), name) / "firmware.elf").is_file()


@pytest.mark.parametrize("dtype", ["int16", "float32"])
def test_other_types_are_the_same_here_and_emulated(dtype: str, tmp_path: Path) -> None:
    _same_here_and_emulated(_built(tmp_path, *_typed(dtype)))


def test_a_stream_is_the_same_here_and_emulated(built: Path) -> None:
    _same_here_and_emulated(built)


@pytest.mark.parametrize("op", sorted(recurrent.GENERATORS))
def test_a_state_of_an_operator_behind_a_convolution_is_the_same_here_and_emulated(op: str, tmp_path: Path) -> None:
    """What wake-word models are: kernels of the core and typed ones in one image."""
    net = Network(np.random.default_rng(6))
    x = net.input((1, 5, 4, 8))
    y = recurrent.GENERATORS[op](net, operators.GENERATORS["CONV_2D"](net, x))
    samples = np.stack([sample[0] for sample in net.samples(4)])
    _same_here_and_emulated(_built(tmp_path, net.builder.finish(net.inputs, [y]), samples))
    assert "_dsp" in (tmp_path / "c" / "net.c").read_text()


def _same_here_and_emulated(built: Path) -> None:
    for device in ("host", "qemu"):
        files = ["--input", str(built / "in.npy"), "--output", str(built / f"{device}.npy")]
        assert cli.main(["infer", str(built), *files, "--device", device]) == 0
    np.testing.assert_array_equal(np.load(built / "qemu.npy"), np.load(built / "host.npy"))


def measured(folder: Path, tflite: Path, transport: str, **options: Any) -> Any:
    """latency.json of a model; the measure stage fails where the device's answers are not those of this machine."""
    given = {
        "runtime": "aot",
        "board": part(Measured, board(M4)),
        "measure": {"transport": transport},
        "data": None,
        **options,
    }
    out = folder / f"{transport}.json"
    firmware = ["--firmware", str(folder / "firmware.elf")] if given["runtime"] == "aot" else []
    arguments = ["--model", str(tflite), *firmware, "--out", str(out)]
    assert measure.main([*arguments, "--options", json.dumps(given)]) == 0
    return read_json(out)


def test_a_model_with_state_is_measured_in_the_emulator(built: Path) -> None:
    found = measured(built, built / "net.tflite", "qemu-system")
    assert found["outputs_agree"]["equal"] is True
    assert found["first_instructions"] > 0
    assert "first_us" not in found
    assert len(found["instructions_all"]) == found["runs"]


def test_a_model_with_state_is_measured_on_a_board(built: Path, tmp_path: Path) -> None:
    machine = qemu_system.machine_of(board_facts(M4))
    with _qemu.emulated(machine, built / "firmware.elf", tmp_path) as emulation:
        emulation.start()
        chosen = {"transport": "serial", "port": emulation.url, "runs": 3}
        found = measured(built, built / "net.tflite", "serial", measure=chosen)
    assert found["outputs_agree"]["equal"] is True
    assert found["first_us"] >= 0


@pytest.mark.parametrize("runtime", ["litert", "tflite-runtime"])
def test_a_runtime_starts_afresh_for_what_is_compared(runtime: str, tmp_path: Path) -> None:
    """Warm-up and timed inferences leave nothing in the answers."""
    pytest.importorskip({"litert": "ai_edge_litert", "tflite-runtime": "tflite_runtime"}[runtime])
    net = Network(np.random.default_rng(6))
    y = recurrent.lstm_float(net, given(net, "float32", 1, 5, 2, 3))
    (tmp_path / "net.tflite").write_bytes(net.builder.finish(net.inputs, [y]))
    samples = np.stack([sample[0] for sample in net.samples(4)])
    job = Job(tmp_path / "net.tflite", runtime, (samples,), has_state=True)
    fresh = host.infer(job, 60.0).values[0]
    for runs in (1, 5):
        found = host.measure(job, host.Options(runs=runs, warmup=1))
        assert found.outputs is not None
        np.testing.assert_array_equal(found.outputs.values[0], fresh)
        assert found.figures["first_us"] > 0
    again = np.concatenate([samples[:1], samples])
    assert (host.infer(replace(job, samples=(again,)), 60.0).values[0][1:] != fresh).any(), "the state does not matter"


def test_the_bundle_resets_the_state(built: Path, tmp_path: Path) -> None:
    made = make_bundle(tmp_path, (built / "net.tflite").read_bytes(), "net")
    assert "net_invoke(input, output, arena, state)" in (made / "README.md").read_text()
    sources = sorted(map(str, (made / "src").glob("*.c")))
    command = ["gcc", "-Wall", "-Wextra", "-Werror", "-Isrc", *sources, "examples/main/main.c", "-o", "main", "-lm"]
    subprocess.run(command, cwd=made, check=True)
    said = subprocess.run([made / "main"], check=True, capture_output=True, text=True).stdout
    assert said.startswith("self-test: passed\n")
