"""The drop-in C library: compiled alone, out of tree, by CMake, for this machine and for a Cortex-M."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright.errors import UserError
from edgewright.files import read_json
from edgewright.stages import bundle

from .conftest import TINY

FLAGS = "-std=c99 -Wall -Wextra -Wconversion -Werror"
CROSS = (
    "-DCMAKE_SYSTEM_NAME=Generic",
    "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
    "-DCMAKE_C_COMPILER=arm-none-eabi-gcc",
)


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("arrays")
    (folder / "tiny_tflite.h").write_text("extern const unsigned char tiny_tflite[4];\n")
    (folder / "tiny_tflite.c").write_text(
        '#include "tiny_tflite.h"\nconst unsigned char tiny_tflite[4] = {1, 2, 3, 4};\n'
    )
    return folder / "tiny_tflite.h", folder / "tiny_tflite.c"


def make(arrays: tuple[Path, Path], out: Path, model: Path = TINY, *more: str) -> Path:
    header, source = map(str, arrays)
    arguments = ["--model-dir", str(model), "--tflite-header", header, "--tflite-source", source, "--out-dir", str(out)]
    assert bundle.main([*arguments, *more]) == 0
    return out


@pytest.fixture(scope="module")
def made(arrays: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(arrays, tmp_path_factory.mktemp("bundle") / "tiny")


def cmake(source: Path, build: Path, *definitions: str) -> None:
    configure = ["cmake", "-S", str(source), "-B", str(build), f"-DCMAKE_C_FLAGS={FLAGS}", *definitions]
    for command in (configure, ["cmake", "--build", str(build)]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_host_build_out_of_tree(made: Path, tmp_path: Path) -> None:
    before = sorted(made.rglob("*"))
    shutil.copytree(made, tmp_path / "alone")
    cmake(tmp_path / "alone", tmp_path / "build")
    said = subprocess.run([tmp_path / "build" / "tiny_example"], capture_output=True, text=True, check=True).stdout
    assert said == "1 1 1 1\n"
    subprocess.run(["cmake", "--build", tmp_path / "build", "--target", "tiny_tflite"], check=True, capture_output=True)
    assert (tmp_path / "build" / "libtiny_tflite.a").is_file()
    assert sorted(made.rglob("*")) == before


def test_cross_build(made: Path, tmp_path: Path) -> None:
    cmake(made, tmp_path, *CROSS, f"-DCMAKE_C_FLAGS={FLAGS} -mcpu=cortex-m4 -mthumb")
    names = subprocess.run(["arm-none-eabi-nm", tmp_path / "libtiny.a"], capture_output=True, text=True, check=True)
    assert " T tiny_invoke" in names.stdout


def test_as_a_part_of_another_project(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "tiny")
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(app C)\nadd_subdirectory(tiny)\n"
        "add_executable(app app.c)\ntarget_link_libraries(app PRIVATE tiny)\n"
    )
    (tmp_path / "app.c").write_text(
        "#include <tiny.h>\nint main(void) { return tiny_invoke(0, 0, 0) != EW_ERR_NULL; }\n"
    )
    cmake(tmp_path, tmp_path / "build")
    subprocess.run([tmp_path / "build" / "app"], check=True)


def test_sketch_compiles_as_cpp(made: Path, tmp_path: Path) -> None:
    (tmp_path / "sketch.cpp").write_text(
        "struct { void begin(long) {} void println(const char *) {} } Serial;\nvoid delay(long) {}\n"
        + (made / "examples" / "sketch" / "sketch.ino").read_text()
    )
    subprocess.run(
        ["g++", "-Wall", "-Wextra", "-fsyntax-only", f"-I{made / 'src'}", "sketch.cpp"], cwd=tmp_path, check=True
    )


def test_descriptions_for_package_managers(made: Path) -> None:
    properties = dict(line.split("=", 1) for line in (made / "library.properties").read_text().splitlines())
    assert properties["name"] == "tiny"
    assert properties["includes"] == "tiny.h"
    described = json.loads((made / "library.json").read_text())
    assert described["name"] == "tiny"
    assert described["build"]["srcDir"] == "src"
    assert "cmake: zephyr" in (made / "zephyr" / "module.yml").read_text()
    assert "        ../src/tiny.c\n" in (made / "zephyr" / "CMakeLists.txt").read_text()


def test_listing_and_what_is_left_out(made: Path) -> None:
    listed = read_json(made / "bundle.json")["files"]
    there = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert there == {*listed, "bundle.json"}
    assert "src/tiny.c" in listed
    assert "LICENSE" in listed


def test_files_of_an_earlier_bundle_go(arrays: tuple[Path, Path], tmp_path: Path) -> None:
    out = make(arrays, tmp_path / "out")
    (out / "mine.txt").write_text("kept")
    shutil.copytree(TINY, tmp_path / "c")
    facts = read_json(TINY / "compile.json")
    fewer = dict(list(facts["files"].items())[:-1])
    (tmp_path / "c" / "compile.json").write_text(json.dumps({**facts, "files": fewer}))
    make(arrays, out, tmp_path / "c")
    assert not (out / "src" / "tiny_weights.h").exists()
    assert (out / "mine.txt").is_file()


def test_a_folder_made_anew_holds_nothing_foreign(arrays: tuple[Path, Path], tmp_path: Path) -> None:
    out = make(arrays, tmp_path / "out")
    (out / "src/stray.c").write_text("int stray;\n")
    (out / "bundle.json").unlink()
    make(arrays, out, TINY, "--anew")
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert there == {*read_json(out / "bundle.json")["files"], "bundle.json"}


def test_missing_model(arrays: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"compile\.json: is missing"):
        make(arrays, tmp_path / "out", tmp_path)


def test_a_damaged_source_goes_into_no_bundle(arrays: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.copytree(TINY, tmp_path / "c")
    (tmp_path / "c" / "tiny_weights.h").write_text("/* nothing */\n")
    with pytest.raises(UserError, match=r"tiny_weights\.h: is not what was built"):
        make(arrays, tmp_path / "out", tmp_path / "c")
