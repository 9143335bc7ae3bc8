"""Models that run in turn in one firmware: one arena, what they have in common once, each chosen by its name."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.commands import infer
from edgewright.compiler import compile_model, host
from edgewright.devices import Job, qemu_system
from edgewright.devices.tools.firmware import read_firmware
from edgewright.errors import DeviceError, UserError
from edgewright.files import read_json
from edgewright.stages.microcontroller import firmware
from edgewright.tflite.reader import read_model

from .conftest import board_facts, stage_options

M4 = "mps2-an386"
NETS = ("first", "second", "third")
WHOLE = "first_and_second_and_third"


@pytest.fixture(scope="module")
def parts(group: Path) -> Path:
    """Bundles, C and firmware (<name>_fw) of two networks, and of both with the first one under another name."""
    for name in ("first", "second", WHOLE):
        options = json.dumps({**stage_options(M4), "target": "t"})
        arguments = ["--model-dir", str(group / f"{name}_c"), "--out-dir", str(group / f"{name}_fw")]
        assert firmware.main([*arguments, "--options", options]) == 0
    return group


def facts(parts: Path, name: str) -> dict[str, Any]:
    return dict(read_json(parts / f"{name}_fw" / "firmware.json"))


def test_the_arena_is_that_of_the_largest_and_what_is_equal_is_there_once(parts: Path) -> None:
    first, second, whole = (facts(parts, name) for name in ("first", "second", WHOLE))
    arenas = [first["ram"]["arena_bytes"], second["ram"]["arena_bytes"]]
    assert whole["ram"]["arena_bytes"] == max(arenas)
    assert whole["ram"]["static_bytes"] == first["ram"]["static_bytes"]
    assert whole["ram"]["total_bytes"] < sum(arenas)
    weights = [each["flash"]["weights_bytes"] for each in (first, second)]
    assert whole["flash"]["weights_bytes"] <= sum(weights)  # the third has those of the first
    code = [each["flash"]["code_bytes"] for each in (first, second)]
    assert whole["flash"]["code_bytes"] < sum(code) - 0.5 * min(code)


def test_each_answers_in_the_emulator_as_it_does_alone(parts: Path, tmp_path: Path) -> None:
    samples = np.random.default_rng(5).integers(-128, 128, (3, 1, 6, 5, 3), dtype=np.int8)
    options = qemu_system.Options.model_validate({})
    for name in NETS:
        elf = parts / f"{WHOLE}_fw" / "firmware.elf"
        job = Job(Path("m.tflite"), "aot", (samples,), board_facts(M4), elf, select=name)
        found = qemu_system.measure(job, options)
        alone = compile_model(read_model(parts / f"{name}.tflite"), "alone")
        assert found.outputs is not None
        assert np.array_equal(found.outputs.values[0], host.build(alone, tmp_path / name).run([samples])[0])
        assert [layer["op"] for layer in found.figures["layers"]] == ["CONV_2D", "CONV_2D"]


def test_the_harness_of_several_models(parts: Path, tmp_path: Path) -> None:
    image = read_firmware(parts / f"{WHOLE}_fw" / "firmware.elf", "second")
    with qemu_system.connected(image, qemu_system.machine_of(board_facts(M4)), 20.0, tmp_path) as harness:
        assert harness.model() == "second"
        assert harness.command("models") == ["m-models-[first,second,third]"]
        assert "select NAME     : the model that the other commands mean" in harness.command("help")
        harness.load(bytes(range(90)))
        harness.infer(1, 0)
        harness.command("select first")
        assert harness.command("db print")[0] == "m-buffer-00-00-00-00-00-00-00-00"
        for wrong, answer in {
            "select": "Command 'select' requires the name of a model",
            "select fourth": "Unknown model: fourth",
            "output": "No output yet: begin with 'infer'",
        }.items():
            with pytest.raises(DeviceError, match=rf"e-\[{answer}\]"):
                harness.command(wrong)
        assert harness.model() == "first"


def test_which_model_is_meant_has_to_be_said(parts: Path) -> None:
    elf = parts / f"{WHOLE}_fw" / "firmware.elf"
    with pytest.raises(UserError, match="has no such model, got 'none named', allowed: first, second, third"):
        read_firmware(elf)
    with pytest.raises(UserError, match="has no such model, got 'fourth'"):
        read_firmware(elf, "fourth")


def test_inputs_are_run_through_the_one_that_is_named(parts: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(parts / f"{WHOLE}_fw", whole)
    (whole / "c").symlink_to(parts / f"{WHOLE}_c")
    for name in NETS:
        (tmp_path / name).mkdir()
        shutil.copy(parts / f"{name}.tflite", tmp_path / name)
    np.save(tmp_path / "in.npy", np.random.default_rng(7).integers(-128, 128, (2, 1, 6, 5, 3), dtype=np.int8))
    files = ["--input", str(tmp_path / "in.npy"), "--output"]
    answers = {}
    for device, name in (("host", "first"), ("qemu", "first"), ("host", "second")):
        out = tmp_path / f"{name}-{device}.npy"
        assert infer.main([str(whole), "--model", name, "--device", device, *files, str(out)]) == 0
        answers[name, device] = np.load(out)
    assert np.array_equal(answers["first", "host"], answers["first", "qemu"])
    assert answers["first", "host"].shape != answers["second", "host"].shape
    for words, said in (
        ([], "got 'none named', allowed: first, second, third"),
        (["--model", "frist"], "mean 'first'"),
    ):
        with pytest.raises(UserError, match=said):
            infer.main([str(whole), *words, *files, "out.npy"])


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


MAIN = """
#include <first_and_second_and_third.h>
static first_and_second_and_third_arena arena;
static int8_t input[FIRST_INPUT_ELEMENTS], output[SECOND_OUTPUT_ELEMENTS];
int main(void) {
    return (int)first_invoke(input, output, &arena) + (int)second_invoke(input, output, &arena.second)
        + (int)third_invoke(input, output, arena.third.bytes);
}
"""


def test_the_bundle_of_several_runs_its_example(parts: Path, tmp_path: Path) -> None:
    flags = "-std=c99 -O1 -Wall -Wextra -Wconversion -Wpedantic -Werror"
    said = run("make", "run", f"OUT={tmp_path}", f"CFLAGS={flags}", cwd=parts / WHOLE)
    assert [line for line in said.splitlines() if "self-test" in line] == [f"{name}: self-test passed" for name in NETS]


def test_the_bundle_of_several_is_as_small_as_the_firmware(parts: Path, tmp_path: Path) -> None:
    """A project of make for the core, with all three: code and constants against the generated C by itself."""
    m4, link = ["-mcpu=cortex-m4", "-mthumb"], ["-nostartfiles", "-Wl,-e,main", "-Wl,--gc-sections"]
    split = ["-O2", "-ffunction-sections", "-fdata-sections"]
    (tmp_path / "main.c").write_text(MAIN)
    sizes = []
    for source, name in ((parts / f"{WHOLE}_c", "least"), (parts / WHOLE / "src", "product")):
        files = sorted(map(str, source.glob("*.c")))
        run("arm-none-eabi-gcc", *m4, *split, f"-I{source}", "main.c", *files, *link, "-o", name, cwd=tmp_path)
        sizes.append(int(run("arm-none-eabi-size", name, cwd=tmp_path).splitlines()[1].split()[0]))
    assert sizes[1] <= 1.03 * sizes[0]


def test_there_is_an_arena_of_the_largest_by_type(parts: Path, tmp_path: Path) -> None:
    (tmp_path / "main.c").write_text(
        "#include <first_and_second_and_third.h>\nint main(void) { return sizeof(first_and_second_and_third_arena)"
        " != (sizeof(first_arena) > sizeof(second_arena) ? sizeof(first_arena) : sizeof(second_arena)); }\n"
    )
    run("gcc", f"-I{parts / WHOLE / 'src'}", "main.c", "-o", "main", cwd=tmp_path)
    run(tmp_path / "main", cwd=tmp_path)
