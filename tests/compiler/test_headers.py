"""The model as C: compiles alone everywhere, says what it is, and holds the model's bytes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edgewright import __version__
from edgewright import c_text as c
from edgewright.errors import UserError
from edgewright.stages.model.headers import main
from testbench.nets import Net, to_tflite

COMPILERS = {
    "gcc": ["gcc", "-std=c99"],
    "g++": ["g++", "-std=c++17", "-x", "c++"],
    "clang": ["clang", "-std=c99"],
    "clang++": ["clang++", "-std=c++17", "-x", "c++"],
    "arm": ["arm-none-eabi-gcc", "-std=c99"],
}
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror"]
LABELS = ['"quoted"', "back\\slash", "what??/", "é1", "日本", "tab\tnew\nline", "*/ /*", "%d", "", "\x7f0"]

PRINT = """
#include "m_tflite.h"
#include <stdint.h>
#include <stdio.h>
int main(void)
{
    if ((uintptr_t)m_tflite % 16 != 0) return 1;
    fwrite(m_tflite, 1, m_tflite_len, stdout);
    for (int i = 0; i < M_TFLITE_LABEL_COUNT; i++) fprintf(stderr, "%s%c", m_tflite_labels[i], 0);
    return 0;
}
"""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    net = Net()
    x = net.input((1, 4), scale=0.00392156886, zero=-128)
    path = tmp_path / "m.tflite"
    path.write_bytes(to_tflite(net.graph(net.dense(x, np.ones((10, 4), np.int8), scale=1 / 256, zero=-128))))
    return path


def write(model: Path, name: str = "m", labels: list[str] | None = None, *more: str) -> tuple[str, str]:
    header, source = model.with_name(f"{model.stem}_tflite.h"), model.with_name(f"{model.stem}_tflite.c")
    options = json.dumps({"name": name, "labels": labels or [], "command": f"scons target=rpi model={name}"})
    files = ["--model", str(model), "--header", str(header), "--source", str(source)]
    assert main([*files, "--options", options, *more]) == 0
    return header.read_text(), source.read_text()


@pytest.mark.parametrize("compiler", sorted(COMPILERS))
def test_both_files_compile_alone_without_a_warning(model: Path, compiler: str) -> None:
    if shutil.which(COMPILERS[compiler][0]) is None:
        pytest.skip(f"no {COMPILERS[compiler][0]}")
    write(model, labels=LABELS)
    for file in ("m_tflite.h", "m_tflite.c"):
        command = [*COMPILERS[compiler], *STRICT, "-c", file, "-o", "out.o"]
        subprocess.run(command, cwd=model.parent, check=True)


@pytest.mark.parametrize("compiler", ["gcc", "g++"])
def test_a_program_gets_the_bytes_and_the_labels_back(model: Path, compiler: str) -> None:
    write(model, labels=LABELS)
    (model.parent / "print.c").write_text(PRINT)
    command = [*COMPILERS[compiler], *STRICT, "print.c", "m_tflite.c", "-o", "print"]
    subprocess.run(command, cwd=model.parent, check=True)
    done = subprocess.run([model.parent / "print"], capture_output=True, check=True)
    assert done.stdout == model.read_bytes()
    assert done.stderr.decode().split("\0")[:-1] == LABELS


def test_the_header_says_all_that_the_code_must_know(model: Path) -> None:
    header, source = write(model, labels=LABELS)
    digest = hashlib.sha256(model.read_bytes()).hexdigest()
    wanted = [
        f"model    m, {model.stat().st_size} bytes, sha256 {digest}",
        f"made by  Edgewright {__version__}: scons target=rpi model=m",
        "#define M_TFLITE_INPUT_DIMS {1, 4}",
        "#define M_TFLITE_INPUT_ELEMENTS 4",
        "#define M_TFLITE_INPUT_SCALE 0.003921569f",
        "#define M_TFLITE_INPUT_ZERO_POINT (-128)",
        "#define M_TFLITE_OUTPUT_DIMS {1, 10}",
        "#define M_TFLITE_OUTPUT_SCALE 0.00390625f",
        "#define M_TFLITE_OUTPUT_COUNT 1",
        "#define M_TFLITE_LABEL_COUNT 10",
        f'#define M_TFLITE_SHA256 "{digest}"',
        f'#define M_TFLITE_TOOL_VERSION "{__version__}"',
    ]
    assert [line for line in wanted if line not in header] == []
    assert str(model.parent) not in header + source


def test_several_inputs_are_numbered_and_the_same_model_gives_the_same_text(tmp_path: Path) -> None:
    net = Net()
    path = tmp_path / "two.tflite"
    path.write_bytes(to_tflite(net.graph(net.add(net.input((1, 2, 2, 3)), net.input((1, 2, 2, 3), zero=5)))))
    header, source = write(path, "two")
    assert "#define TWO_TFLITE_INPUT_COUNT 2" in header
    assert "#define TWO_TFLITE_INPUT_1_ZERO_POINT 5" in header
    assert "labels[" not in header + source
    assert write(path, "two") == (header, source)


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("kws", "kws"),
        ("my-model v2", "my_model_v2"),
        ("3d", "m_3d"),
        ("__x__y", "x_y"),
        ("émile", "mile"),
        ("*/", "model"),
    ],
)
def test_any_name_becomes_an_identifier(name: str, symbol: str) -> None:
    assert c.identifier(name) == symbol


def test_a_name_cannot_break_out_of_the_comment(model: Path) -> None:
    header, source = write(model, "evil*/ int x; /*??=")
    assert header.count("*/") == header.count("/*")
    assert "??=" not in header + source


@pytest.mark.parametrize("bits", [0x3B808081, 0x3DCCCCCD, 0x00000001, 0x3F800000, 0x7F7FFFFF, 0x4B800001, 0x33D6BF95])
def test_floats_are_printed_exactly(bits: int) -> None:
    value = np.uint32(bits).view(np.float32)
    literal = c.number(float(value))
    assert re.fullmatch(r"[0-9.e+-]+f", literal)
    assert "." in literal or "e" in literal
    assert np.float32(literal[:-1]) == value


def test_templates_of_the_user_come_first(model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/model_array.h.j2").write_text("/* mine: {{ symbol }} */\n")
    header, source = write(model, "m", None, "--templates", str(tmp_path / "mine"))
    assert header == "/* mine: m_tflite */\n"
    assert "m_tflite[M_TFLITE_BYTES]" in source


@pytest.mark.parametrize(("text", "said"), [("{{ symbl }}", "symbl"), ("\n{% if %}", "model_array.h.j2:2")])
def test_a_faulty_template_is_named(model: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/model_array.h.j2").write_text(text)
    with pytest.raises(UserError, match=re.escape(said)):
        write(model, "m", None, "--templates", str(tmp_path / "mine"))
    assert not model.with_name("m_tflite.h").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ('{"lables": []}', "did you mean 'labels'?"),
        ('{"labels": "cat"}', "has the wrong type"),
        ('{"labels": ["cat"]}', "not as many as outputs"),
    ],
)
def test_wrong_options_are_refused(model: Path, options: str, said: str) -> None:
    files = ["--model", str(model), "--header", str(model.with_suffix(".h")), "--source", str(model.with_suffix(".c"))]
    with pytest.raises(UserError, match=re.escape(said)):
        main([*files, "--options", options])
