"""The drop-in C library: compiled alone, out of tree, by CMake and make, for this machine and for a Cortex-M."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from edgewright.errors import UserError
from edgewright.files import read_json, write_json
from edgewright.pipeline._together import PARTS
from edgewright.stages.microcontroller import portable

from . import pack_schema
from .bundles import make_bundle, make_group, pack, small_network

FLAGS = "-std=c99 -Wall -Wextra -Wconversion -Wpedantic -Werror"
CROSS = (
    "-DCMAKE_SYSTEM_NAME=Generic",
    "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
    "-DCMAKE_C_COMPILER=arm-none-eabi-gcc",
)
M4 = "-mcpu=cortex-m4 -mthumb"


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a bundle `tiny` and all that it is made of lie in."""
    folder = tmp_path_factory.mktemp("bundle")
    make_bundle(folder, small_network(), "tiny")
    return folder


@pytest.fixture(scope="module")
def made(parts: Path) -> Path:
    return parts / "tiny"


@pytest.fixture
def copied(parts: Path, tmp_path: Path) -> Path:
    """What the bundle is made of, to be spoilt."""
    shutil.copytree(parts, tmp_path / "parts")
    return tmp_path / "parts"


def cmake(source: Path, build: Path, *definitions: str) -> str:
    configure = ["cmake", "-S", str(source), "-B", str(build), f"-DCMAKE_C_FLAGS={FLAGS}", *definitions]
    said = ""
    for command in (configure, ["cmake", "--build", str(build), "--verbose"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        said += done.stdout
    return said


def test_host_build_out_of_tree(made: Path, tmp_path: Path) -> None:
    before = sorted(made.rglob("*"))
    shutil.copytree(made, tmp_path / "alone")
    cmake(tmp_path / "alone", tmp_path / "build")
    said = subprocess.run([tmp_path / "build" / "tiny_example"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("self-test: passed\nsample 0: class ")
    assert len(said.splitlines()) == 5
    subprocess.run(["cmake", "--build", tmp_path / "build", "--target", "tiny_tflite"], check=True, capture_output=True)
    assert (tmp_path / "build" / "libtiny_tflite.a").is_file()
    assert sorted(made.rglob("*")) == before


def test_make_builds_the_library_and_runs_the_example(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "alone")
    command = ["make", "-C", str(tmp_path / "alone"), "run", f"CFLAGS=-O1 {FLAGS}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "self-test: passed\n" in said
    assert (tmp_path / "alone" / "build" / "libtiny.a").is_file()


def _functions(library: Path) -> int:
    said = subprocess.run(["arm-none-eabi-size", "-t", library], capture_output=True, text=True, check=True).stdout
    return int(said.splitlines()[-1].split()[0])


def test_code_is_optimized_whatever_the_project_is_built_for(made: Path, tmp_path: Path) -> None:
    sizes = {}
    for kind in ("", "Debug", "Release"):
        definitions = (f"-DCMAKE_C_FLAGS={FLAGS} {M4}", f"-DCMAKE_BUILD_TYPE={kind}")
        cmake(made, tmp_path / f"b{kind}", *CROSS, *definitions)
        sizes[kind] = _functions(tmp_path / f"b{kind}" / "libtiny.a")
    assert sizes[""] == sizes["Release"] == sizes["Debug"]
    cmake(made, tmp_path / "own", *CROSS, f"-DCMAKE_C_FLAGS={FLAGS} {M4}", "-DTINY_OPTIMIZE=-Os")
    assert _functions(tmp_path / "own" / "libtiny.a") < sizes[""]
    cmake(made, tmp_path / "none", *CROSS, f"-DCMAKE_C_FLAGS={FLAGS} {M4}", "-DTINY_OPTIMIZE=")
    assert _functions(tmp_path / "none" / "libtiny.a") > 1.5 * sizes[""]


def test_sections_of_the_linker_script(made: Path, tmp_path: Path) -> None:
    sections = ("-DTINY_WEIGHTS_SECTION=.qspi", "-DTINY_CODE_SECTION=.itcm")
    cmake(made, tmp_path, *CROSS, f"-DCMAKE_C_FLAGS={FLAGS} {M4}", *sections)
    command = ["arm-none-eabi-size", "-A", tmp_path / "libtiny.a"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    of_model = said.split("tiny_portable")[0]
    sizes = {line.split()[0]: int(line.split()[1]) for line in of_model.splitlines() if line.startswith(".")}
    assert sizes[".qspi"] > 200
    assert sizes[".itcm"] > 500
    assert sum(size for name, size in sizes.items() if name.startswith(".text")) == 0


def test_the_arena_goes_where_its_section_is(made: Path, tmp_path: Path) -> None:
    (tmp_path / "app.c").write_text("#include <tiny.h>\nEW_ARENA tiny_arena arena;\n")
    command = ["arm-none-eabi-gcc", *M4.split(), "-c", f"-I{made / 'src'}", '-DEW_ARENA_SECTION=".dtcm"', "app.c"]
    subprocess.run(command, cwd=tmp_path, check=True)
    command = ["arm-none-eabi-nm", "-f", "sysv", tmp_path / "app.o"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (line,) = (line for line in said.splitlines() if line.startswith("arena"))
    assert line.split("|")[-1].strip() == ".dtcm"


def test_names_of_the_library(made: Path, tmp_path: Path) -> None:
    cmake(made, tmp_path, *CROSS, f"-DCMAKE_C_FLAGS={FLAGS} {M4}")
    command = ["arm-none-eabi-nm", "--extern-only", tmp_path / "libtiny.a"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in said.splitlines()]
    defined = {words[2] for words in lines if len(words) == 3}
    foreign = {words[1] for words in lines if len(words) == 2 and words[0] == "U"} - defined
    assert "tiny_invoke" in defined
    assert all(name.startswith("tiny_") for name in defined)
    assert {name for name in foreign if not name.startswith(("__aeabi_", "mem"))} == set()


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


CALLS = """
#include <stdlib.h>
#include <tiny_selftest.h>
static tiny_arena arena;
static int is(ew_status found, ew_status right) { return found == right ? 0 : 1; }
int main(void)
{
    int8_t output[TINY_OUTPUT_ELEMENTS] = {0};
    int bad = is(tiny_check_arena(&arena, sizeof arena), EW_OK);
    bad += is(tiny_check_arena(0, sizeof arena), EW_ERR_NULL);
    bad += is(tiny_check_arena(&arena, sizeof arena - 1), EW_ERR_SIZE);
    bad += is(tiny_check_arena(arena.bytes + 1, sizeof arena), EW_ERR_ALIGNMENT);
    bad += is(tiny_selftest(arena.bytes + 1), EW_ERR_ALIGNMENT);
    bad += is(tiny_invoke(tiny_samples[1].input, output, arena.bytes + 4), EW_ERR_ALIGNMENT);
    bad += is(tiny_invoke(tiny_samples[1].input, output, &arena), EW_OK);
    for (int i = 0; i < TINY_OUTPUT_ELEMENTS; i++) {
        bad += output[i] != tiny_samples[1].output[i];
    }
    bad += tiny_quantize_input(0.0f) != -4;
    bad += tiny_quantize_input(0.125f) != -1; /* 2.5 steps of 0.05 above -4, away from zero */
    bad += tiny_quantize_input(1e30f) != 127;
    bad += tiny_quantize_input(-1e30f) != -128;
    bad += tiny_dequantize_output(6) < 0.29f || tiny_dequantize_output(6) > 0.31f;
    const int32_t best = tiny_best(output);
    for (int i = 0; i < TINY_OUTPUT_ELEMENTS; i++) {
        bad += output[i] > output[best] || (output[i] == output[best] && i < best);
    }
    bad += tiny_best_from(output, tiny_dequantize_output(output[best])) != best;
    bad += tiny_best_from(output, 1e9f) != -1;
    return bad;
}
"""


@pytest.mark.parametrize("compiler", [["gcc", "-std=c99"], ["clang", "-std=c17"], ["g++", "-std=c++17", "-xc++"]])
def test_the_calls_of_the_header(made: Path, tmp_path: Path, compiler: list[str]) -> None:
    (tmp_path / "app.c").write_text(CALLS)
    flags = ["-Wall", "-Wextra", "-Wconversion", "-Wpedantic", "-Werror", f"-I{made / 'src'}"]
    if compiler[0] == "g++":
        flags.append("-Wold-style-cast")
    subprocess.run([*compiler, *flags, "-c", "app.c", "-o", "app.o"], cwd=tmp_path, check=True)
    sources = sorted(map(str, (made / "src").glob("*.c")))
    subprocess.run(["gcc", "-fsanitize=undefined", "app.o", *sources, "-o", "app"], cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "app"], check=True)


def test_two_models_in_one_program(made: Path, tmp_path: Path) -> None:
    other = make_bundle(tmp_path, small_network(5, 3), "other", "mps2-an385")
    (tmp_path / "app.c").write_text(
        "#include <tiny_selftest.h>\n#include <other_selftest.h>\n"
        "static union { tiny_arena tiny; other_arena other; } arena;\n"
        "int main(void) { return tiny_selftest(&arena) != EW_OK || other_selftest(&arena) != EW_OK; }\n"
    )
    sources = sorted(str(path) for bundle in (made, other) for path in (bundle / "src").glob("*.c"))
    includes = [f"-I{made / 'src'}", f"-I{other / 'src'}"]
    subprocess.run(["gcc", *FLAGS.split(), *includes, "app.c", *sources, "-o", "app"], cwd=tmp_path, check=True)
    subprocess.run([tmp_path / "app"], check=True)


def test_sketch_compiles_as_cpp(made: Path, tmp_path: Path) -> None:
    (tmp_path / "sketch.cpp").write_text(
        "struct Port {\n  void begin(long) {}\n  template <class T> void print(T) {}\n"
        "  template <class T> void println(T) {}\n};\n"
        "static Port Serial;\nstatic void delay(long) {}\n" + (made / "examples/sketch/sketch.ino").read_text()
    )
    command = ["g++", "-Wall", "-Wextra", "-fsyntax-only", f"-I{made / 'src'}", "sketch.cpp"]
    subprocess.run(command, cwd=tmp_path, check=True)


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
    assert {"src/tiny.c", "src/tiny_portable.c", "src/tiny_selftest.c", "LICENSE"} <= set(listed)
    assert "src/tiny_layers.h" not in listed


def test_portable_kernels_are_not_doubled(tmp_path: Path) -> None:
    made = make_bundle(tmp_path, small_network(), "tiny", "qemu-virt-rv32imc")
    assert not (made / "src" / "tiny_portable.c").exists()
    assert "EW_PORTABLE" not in (made / "src" / "tiny_memory.h").read_text()


def test_files_of_an_earlier_bundle_go(copied: Path) -> None:
    out = pack(copied, "tiny", copied / "out")
    (out / "mine.txt").write_text("kept")
    facts = read_json(copied / "tiny_c" / "compile.json")
    fewer = {name: digest for name, digest in facts["files"].items() if name != "tiny_weights.h"}
    write_json(copied / "tiny_c" / "compile.json", {**facts, "files": fewer})
    pack(copied, "tiny", out)
    assert not (out / "src" / "tiny_weights.h").exists()
    assert (out / "mine.txt").is_file()


def test_a_folder_made_anew_holds_nothing_foreign(copied: Path) -> None:
    out = pack(copied, "tiny", copied / "out")
    (out / "src/stray.c").write_text("int stray;\n")
    (out / "bundle.json").unlink()
    pack(copied, "tiny", out, "--anew")
    there = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert there == {*read_json(out / "bundle.json")["files"], "bundle.json"}


def test_missing_model(copied: Path) -> None:
    shutil.rmtree(copied / "tiny_c")
    with pytest.raises(UserError, match=r"compile\.json: is missing"):
        pack(copied, "tiny", copied / "out")


def test_a_damaged_source_goes_into_no_bundle(copied: Path) -> None:
    (copied / "tiny_c" / "tiny_weights.h").write_text("/* nothing */\n")
    with pytest.raises(UserError, match=r"tiny_weights\.h: is not what was built"):
        pack(copied, "tiny", copied / "out")


def test_portable_code_of_another_model_is_refused(copied: Path, tmp_path: Path) -> None:
    make_bundle(tmp_path / "other", small_network(3), "tiny")
    shutil.copytree(tmp_path / "other" / "tiny_portable", copied / "tiny_portable", dirs_exist_ok=True)
    with pytest.raises(UserError, match="is not of the model in"):
        pack(copied, "tiny", copied / "out")


def test_samples_that_do_not_fit_are_refused(copied: Path) -> None:
    place = copied / "tiny_portable" / "samples.json"
    facts = read_json(place)
    facts["samples"][0]["inputs"][0] += "00"
    write_json(place, facts)
    with pytest.raises(UserError, match="does not fit TINY_INPUT, got '91 bytes', allowed: 90"):
        pack(copied, "tiny", copied / "out")


def test_wrong_numbers_fail_the_self_test(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made / "src", tmp_path / "src")
    source = tmp_path / "src" / "tiny_portable_weights.h"
    lines = source.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if "int8_t" in line) + 1
    lines[place] = lines[place].replace("1", "2").replace("7", "3")
    source.write_text("\n".join(lines) + "\n")
    (tmp_path / "app.c").write_text(
        "#include <tiny_selftest.h>\nstatic tiny_arena a;\nint main(void) { return tiny_selftest(&a); }\n"
    )
    subprocess.run(["gcc", "-Isrc", "app.c", *map(str, sorted((tmp_path / "src").glob("*.c"))), "-o", "app"],
                   cwd=tmp_path, check=True)  # fmt: skip
    assert subprocess.run([tmp_path / "app"], check=False).returncode == 6  # EW_ERR_ANSWER


def test_the_pack_names_files_that_are_there(made: Path) -> None:
    root = ET.parse(made / "Edgewright.tiny.pdsc").getroot()
    named = [str(file.get("name")) for file in root.iter("file")]
    assert [name for name in named if not (made / name).exists()] == []
    assert {f"src/{path.name}" for path in (made / "src").glob("*.c")} <= set(named)
    assert (root.findtext("vendor"), root.findtext("name")) == ("Edgewright", "tiny")


LONG = "a_model_whose_name_says_what_it_is_for_and_when"
NAMES = [("m",), (LONG, "and_another_with_a_name_of_some_length")]


@pytest.mark.parametrize("names", NAMES)
def test_a_pack_is_valid_whatever_the_model_is_called(tmp_path: Path, names: tuple[str, ...]) -> None:
    """C takes names that a component of a pack, or an Arduino library, cannot have."""
    nets = {name: small_network(seed) for seed, name in enumerate(names)}
    out = make_group(tmp_path, nets) if len(nets) > 1 else make_bundle(tmp_path, nets[names[0]], names[0])
    text = (out / f"Edgewright.{'_and_'.join(names)}.pdsc").read_text()
    assert pack_schema.faults(text) == []
    fields = dict(line.split("=", 1) for line in (out / "library.properties").read_text().splitlines())
    assert re.fullmatch(LIBRARY_PROPERTIES["name"], fields["name"])
    known = {f"{name}{part}" for name in (*names, "_and_".join(names)) for part in PARTS}
    beginnings = tuple(f"{name}_" for name in names)
    called = {path.stem for path in out.rglob("*.[ch]") if path.stem.startswith(beginnings)}
    assert called <= known  # by which models are refused whose names are those of another's files


def test_the_pack_is_valid_by_its_schema_and_nothing_else_is(made: Path) -> None:
    text = (made / "Edgewright.tiny.pdsc").read_text()
    assert pack_schema.faults(text) == []
    for right, wrong in {
        'Csub="tiny"': f'Csub="{LONG}"',
        'Cgroup="Model" ': "",
        "<license>LICENSE</license>": "<licence>LICENSE</licence>",
        "</releases>": "</releases><releases/>",
        'category="doc"': 'category="text"',
        "<name>tiny": "<name>tiny.one",
        'schemaVersion="1.7.7"': 'schemaVersion="1.7.7-a"',
    }.items():
        assert right in text
        assert pack_schema.faults(text.replace(right, wrong))


LIBRARY_PROPERTIES = {
    "name": r"[a-zA-Z][a-zA-Z0-9 _.\-]{0,62}",
    "version": r"\d+\.\d+\.\d+",
    "author": ".+",
    "maintainer": "(?i)(?!arduino).+",
    "sentence": ".+",
    "paragraph": ".*",
    "category": "Data Processing",
    "url": r"urn:sha256:[0-9a-f]{64}",
    "architectures": r"\*",
    "includes": r"tiny\.h",
    "license": ".+",
}
"""What arduino-lint's published schema of the compliance "specification" asks of each field."""


def test_fields_of_the_arduino_library(made: Path) -> None:
    fields = dict(line.split("=", 1) for line in (made / "library.properties").read_text().splitlines())
    assert set(fields) == set(LIBRARY_PROPERTIES)
    assert {name for name, form in LIBRARY_PROPERTIES.items() if not re.fullmatch(form, fields[name])} == set()
    assert [path.stem for path in (made / "examples").rglob("*.ino")] == ["sketch"]


def run_tool(name: str, *arguments: str, home: Path) -> str:
    """A tool of a package manager; the test is skipped where it is not installed."""
    program = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"{name} is not installed")
    environment = {**os.environ, "HOME": str(home), "PLATFORMIO_CORE_DIR": str(home)}
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_component_of_esp_idf(made: Path, tmp_path: Path) -> None:
    options = ["--name", "tiny", "--project-dir", str(made), "--dest-dir", str(tmp_path / "dist")]
    run_tool("compote", "component", "pack", *options, home=tmp_path)
    (archive,) = (tmp_path / "dist").glob("tiny_*.tgz")
    with tarfile.open(archive) as packed:
        names = {name.removeprefix("./") for name in packed.getnames()}
    assert {"CMakeLists.txt", "idf_component.yml", "src/tiny.c", "src/tiny_portable.c"} <= names


@pytest.mark.slow
def test_a_library_of_platformio(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "tiny")
    described = json.loads((tmp_path / "tiny" / "library.json").read_text())
    del described["license"]  # the list of licences that it is held against would come from the internet
    write_json(tmp_path / "tiny" / "library.json", described)
    run_tool("pio", "pkg", "pack", str(tmp_path / "tiny"), "-o", str(tmp_path / "tiny.tar.gz"), home=tmp_path / "home")
    with tarfile.open(tmp_path / "tiny.tar.gz") as packed:
        names = set(packed.getnames())
    assert {"library.json", "src/tiny.c", "examples/sketch/sketch.ino"} <= names


@pytest.mark.slow
def test_a_module_of_zephyr(made: Path) -> None:
    kconfiglib = pytest.importorskip("kconfiglib")
    parsed = kconfiglib.Kconfig(str(made / "zephyr" / "Kconfig"), warn_to_stderr=False)
    assert parsed.syms["TINY"].nodes[0].prompt[0] == "Neural network tiny"
    assert parsed.warnings == []


@pytest.mark.parametrize("name", ["my-model", "1st", "int", "string"])
def test_a_name_that_c_does_not_take(name: str, tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(small_network())
    arguments = ["--model", str(tmp_path / "net.tflite"), "--name", name, "--out-dir", str(tmp_path / "out")]
    with pytest.raises(UserError, match=r"--name|name: "):
        portable.main(arguments)
    assert not (tmp_path / "out").exists()
