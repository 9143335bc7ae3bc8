"""What the compiler writes, what it refuses, and its command line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgewright.compiler import CompileOptions, Core, compile_model
from edgewright.compiler.host import build
from edgewright.compiler.options import compile_options
from edgewright.errors import UserError
from edgewright.sections.compile import Compile
from edgewright.stages.microcontroller.compile import main
from edgewright.tflite.graph import Graph
from edgewright.tflite.reader import parse_model
from testbench.differential.builder import ModelBuilder


def _two_layers() -> bytes:
    builder = ModelBuilder()
    x, y, z = builder.tensor((1, 4), 0.5, 3), builder.tensor((1, 2), 0.25, -1), builder.tensor((1, 2), 1 / 256, -128)
    weights = builder.constant(np.array([[1, 2, 3, 4], [5, 6, 7, -8]], np.int8), 0.125)
    builder.op("FULLY_CONNECTED", [x, weights], [y], version=4)
    builder.op("SOFTMAX", [y], [z], version=2, beta=1.0)
    return builder.finish([x], [z])


def _two_ends() -> bytes:
    builder = ModelBuilder()
    a, b = builder.tensor((3,), 0.5), builder.tensor((3,), dtype="float32")
    q, y, z = builder.tensor((3,), 0.5), builder.tensor((3,), 0.5), builder.tensor((3,), dtype="float32")
    builder.op("QUANTIZE", [b], [q])
    builder.op("ADD", [a, q], [y])
    builder.op("DEQUANTIZE", [q], [z], version=2)
    return builder.finish([a, b], [y, z])


@pytest.fixture
def graph() -> Graph:
    return parse_model(_two_layers(), "two.tflite")


def test_header(graph: Graph) -> None:
    header = compile_model(graph, "two", labels=['say "yes"', "nö"]).files["two.h"]
    for line in (
        "#define TWO_INPUT_BYTES 4",
        "#define TWO_INPUT_DIMS {1, 4}",
        "#define TWO_INPUT_SCALE 0.5f",
        "#define TWO_INPUT_ZERO_POINT (3)",
        "#define TWO_OUTPUT_ELEMENTS 2",
        "#define TWO_LABEL_COUNT 2",
        "ew_status two_invoke(const int8_t *input, int8_t *output, void *arena);",
    ):
        assert line in header.splitlines()


def test_labels_are_escaped(graph: Graph) -> None:
    source = compile_model(graph, "two", labels=['say "yes"', "nö"]).files["two.c"]
    assert r'"say \"yes\""' in source
    assert '"n\\303\\266"' in source


def test_source_says_where_it_comes_from_and_what_each_layer_does(graph: Graph) -> None:
    source = compile_model(graph, "two", command="make it again").files["two.c"]
    assert f"source: two.tflite, sha256 {graph.sha256}" in source
    assert "with:   make it again" in source
    assert re.findall(r"/\* (\d: \w+, operator \d, .*) \*/", source) == [
        "0: FULLY_CONNECTED, operator 0, 1x4 -> 1x2, 8 MACs",
        "1: SOFTMAX, operator 1, 1x2 -> 1x2",
    ]


def test_same_input_same_bytes() -> None:
    first, second = (compile_model(parse_model(_two_layers()), "m") for _ in range(2))
    assert first.files == second.files
    assert first.facts() == second.facts()


def test_only_the_kernels_that_are_used(graph: Graph) -> None:
    kernels = {name for name in compile_model(graph, "two").files if name.startswith("kernels/")}
    assert "kernels/fully_connected_s8_ref.h" in kernels
    assert "kernels/ew_requant.h" in kernels
    assert not any("conv" in name for name in kernels)


def test_no_floating_point_no_heap_in_an_int8_model(graph: Graph) -> None:
    text = "".join(compile_model(graph, "two").files.values())
    code = re.sub(r"/\*.*?\*/|#define \w+_SCALE .*", "", text, flags=re.DOTALL)
    assert not re.search(r"\b(float|double|malloc|free|printf)\b", code)


def test_equal_shapes_share_a_function() -> None:
    builder = ModelBuilder()
    values = [builder.tensor((1, 4, 4, 2), 0.5) for _ in range(4)]
    for number, (x, y) in enumerate(pairwise(values)):
        weights = builder.constant(np.full((2, 1, 1, 2), number + 1, np.int8), 0.1)
        builder.op("CONV_2D", [x, weights], [y], version=3, stride_h=1, stride_w=1)
    source = compile_model(parse_model(builder.finish(values[:1], values[3:])), "m").files["m.c"]
    assert len(re.findall(r"EW_NOINLINE", source)) == 1
    assert "/* Layers 0, 1, 2. */" in source


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_two_ends()), "ends"), tmp_path)
    a, b = np.array([[1, -2, 3]], np.int8), np.array([[0.5, 10.0, -100.0]], np.float32)
    y, z = program.run([a, b])
    assert y.tolist() == [[2, 18, -125]]
    assert z.tolist() == [[0.5, 10.0, -64.0]]


def test_many_samples_keep_their_order(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_two_ends()), "ends"), tmp_path)
    a = np.arange(-128, 127, dtype=np.int8).repeat(9).reshape(-1, 3)
    y, _ = program.run([a, np.zeros(a.shape, np.float32)])
    assert np.array_equal(y, a)


def test_host_run_names_what_does_not_fit(tmp_path: Path) -> None:
    program = build(compile_model(parse_model(_two_layers()), "two"), tmp_path)
    with pytest.raises(UserError, match=r"does not fit input 't0', got 'float32 \[3\]', allowed: int8 \[1, 4\]"):
        program.run([np.zeros(3, np.float32)])


def test_null_and_misaligned_arena_are_refused(tmp_path: Path) -> None:
    compiled = compile_model(parse_model(_two_layers()), "two")
    main_c = """
        #include "two.h"
        static int8_t arena[TWO_ARENA_BYTES + 16] __attribute__((aligned(16)));
        int main(void) {
            int8_t x[TWO_INPUT_BYTES] = {0}, y[TWO_OUTPUT_BYTES];
            return !(two_invoke(0, y, arena) == EW_ERR_NULL && two_invoke(x, 0, arena) == EW_ERR_NULL
                && two_invoke(x, y, 0) == EW_ERR_NULL && two_invoke(x, y, arena + 1) == EW_ERR_ALIGNMENT
                && two_invoke(x, y, arena) == EW_OK);
        }
    """
    build(compiled, tmp_path)
    (tmp_path / "main.c").write_text(main_c)
    subprocess.run(["gcc", "main.c", "two.c", "-o", "two"], cwd=tmp_path, check=True)
    subprocess.run([str(tmp_path / "two")], check=True)


@pytest.mark.parametrize("name", ["", "9lives", "a-b", "while", "näh"])
def test_names_that_are_no_c_identifiers(graph: Graph, name: str) -> None:
    with pytest.raises(UserError, match=r"no C identifier|keyword of C"):
        compile_model(graph, name)


def test_all_that_is_not_supported_in_one_message() -> None:
    builder = ModelBuilder()
    x = builder.tensor((1, 2, 2, 1), 0.5)
    y, z = builder.tensor((1, 4, 4, 1), 0.5), builder.tensor((1, 4, 4, 1), 0.5)
    builder.op("UNIQUE", [x], [y], version=7)
    builder.op("MAX_POOL_2D", [y], [z], version=9, stride_h=0, stride_w=1, filter_height=1, filter_width=1)
    with pytest.raises(UserError) as caught:
        compile_model(parse_model(builder.finish([x], [z]), "bad.tflite"), "m")
    lines = str(caught.value).splitlines()
    tensors = "(int8[1,2,2,1] 't0' -> int8[1,4,4,1] 't1')"
    assert lines[0] == "bad.tflite: 2 things in the model are not supported:"
    assert lines[1].strip() == f"operator 0: UNIQUE version 7: the operator is not supported  {tensors}"
    assert lines[2].strip().startswith("operator 1: MAX_POOL_2D version 9: the version is not supported")
    assert "supported: 1 to 3; stride_h must be at least 1" in lines[2]


def test_a_variant_can_be_asked_for_and_is_checked(graph: Graph) -> None:
    compiled = compile_model(graph, "two", Core(), CompileOptions(variants={0: "ref"}))
    assert compiled.facts()["layers"][0]["variant"] == "ref"
    with pytest.raises(UserError, match="no kernel variant can do it: mve: not for host"):
        compile_model(graph, "two", Core(), CompileOptions(variants={0: "mve"}))
    with pytest.raises(UserError, match="no such layer, got 7, allowed: 0, 1"):
        compile_model(graph, "two", Core(), CompileOptions(variants={7: "ref"}))


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"optimise": "size"}, r"compile.optimise: unknown key, allowed: .*\n.*did you mean 'optimize'"),
        ({"optimize": "fast"}, "compile.optimize: unknown value, got 'fast'"),
        ({"without": "fold_padding"}, "compile.without: has the wrong type, got 'fold_padding', allowed: a list"),
        ({"variants": {"x": "ref"}}, "compile.variants.x: holds what cannot stand here"),
    ],
)
def test_options_that_are_wrong(section: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        main(
            ["--model", "net.tflite", "--name", "net", "--out-dir", "c", "--options", json.dumps({"compile": section})]
        )


def test_options() -> None:
    options = compile_options(Compile(optimize="size", variants={"3": "ref"}, without=["fold_padding"]))
    assert options == CompileOptions("size", {3: "ref"}, frozenset({"fold_padding"}))


def test_stage_writes_sources_and_facts_and_removes_old_kernels(tmp_path: Path) -> None:
    model = tmp_path / "two.tflite"
    model.write_bytes(_two_layers())
    old = tmp_path / "c" / "kernels" / "old_s8_ref.h"
    old.parent.mkdir(parents=True)
    old.write_text("")
    assert main(["--model", str(model), "--name", "two", "--out-dir", str(tmp_path / "c")]) == 0
    facts = json.loads((tmp_path / "c" / "compile.json").read_text())
    assert [layer["op"] for layer in facts["layers"]] == ["FULLY_CONNECTED", "SOFTMAX"]
    assert not old.exists()
    assert all((tmp_path / "c" / name).is_file() for name in facts["files"])
    assert str(tmp_path) not in "".join(path.read_text() for path in (tmp_path / "c").glob("*.[ch]"))


def test_stage_tells_a_missing_model_in_one_line(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "edgewright.stages.microcontroller.compile",
        "--model",
        "no.tflite",
        "--name",
        "m",
        "--out-dir",
        "x",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "error: no.tflite: cannot read the model: No such file or directory\n"
