"""Bundles in whole projects: of CMake in C++, of make for a Cortex-M; code as small as that of the firmware."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from edgewright.arch import architecture_of
from edgewright.images.toolchain import LEVELS, Toolchain

M4 = ("-mcpu=cortex-m4", "-mthumb")
MOST = 1.03
"""Times the code bytes of the firmware's own build."""

CMAKE = """
cmake_minimum_required(VERSION 3.13)
project(product LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
add_subdirectory(lib/first)
add_subdirectory(lib/second)
add_executable(product main.cpp)
target_link_libraries(product PRIVATE first second)
target_compile_options(product PRIVATE -Wall -Wextra -Wconversion -Wpedantic -Wold-style-cast -Werror)
enable_testing()
add_test(NAME product COMMAND product)
"""
MAIN_CPP = """
#include <array>
#include <cstdint>
#include <cstdio>

#include <first_selftest.h>
#include <second_selftest.h>

namespace {
first_arena arena_of_first;
second_arena arena_of_second;
}

int main() {
    std::array<std::int8_t, FIRST_OUTPUT_ELEMENTS> output{};
    const auto status = first_invoke(first_samples[0].input, output.data(), &arena_of_first);
    std::printf("%d\\n", static_cast<int>(first_best(output.data())));
    return status == EW_OK && first_selftest(&arena_of_first) == EW_OK && second_selftest(&arena_of_second) == EW_OK
        ? 0 : 1;
}
"""
MAKEFILE = """
# As STM32CubeMX writes makefiles.
TARGET = product
BUILD_DIR = out
C_SOURCES = %s
C_INCLUDES = -I.
include lib/first/first.mk
C_SOURCES  += $(FIRST_C_SOURCES)
C_INCLUDES += $(FIRST_C_INCLUDES)
CC = arm-none-eabi-gcc
MCU = -mcpu=cortex-m4 -mthumb
CFLAGS = $(MCU) -O2 -Wall -Wextra -Werror -fdata-sections -ffunction-sections $(C_INCLUDES)
OBJECTS = $(addprefix $(BUILD_DIR)/,$(addsuffix .o,$(basename $(notdir $(C_SOURCES)))))
vpath %%.c $(sort $(dir $(C_SOURCES)))
$(BUILD_DIR)/$(TARGET).elf: $(OBJECTS)
	$(CC) $(MCU) $(OBJECTS) -nostartfiles -Wl,-e,main -Wl,--gc-sections -o $@
$(BUILD_DIR)/%%.o: %%.c | $(BUILD_DIR)
	$(CC) -c $(CFLAGS) $< -o $@
$(BUILD_DIR)/%%.o: %%.cpp | $(BUILD_DIR)
	arm-none-eabi-g++ -std=c++17 -fno-exceptions -fno-rtti -c $(CFLAGS) $< -o $@
$(BUILD_DIR):
	mkdir $@
"""
MAIN_C = """
#include <first.h>
static first_arena arena;
static int8_t input[FIRST_INPUT_ELEMENTS], output[FIRST_OUTPUT_ELEMENTS];
int main(void) { return (int)first_invoke(input, output, &arena); }
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def text_bytes(elf: Path) -> int:
    return int(run("arm-none-eabi-size", elf, cwd=elf.parent).splitlines()[1].split()[0])


@pytest.fixture(scope="module")
def least(group: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Bytes of code and constants of the program of MAIN_C, compiled as the firmware stage compiles a model."""
    folder = tmp_path_factory.mktemp("least") / "c"
    shutil.copytree(group / "first_c", folder)
    (folder / "obj").mkdir()
    (folder / "main.c").write_text(MAIN_C)
    toolchain = Toolchain(architecture_of("armv7e-m"), "arm-none-eabi-gcc", M4, folder)
    objects = [toolchain.compile(name, [LEVELS["balanced"], "-I."]) for name in ("main.c", "first.c")]
    link = ["-nostartfiles", "-Wl,-e,main", "-Wl,--gc-sections", "-o", "least.elf"]
    run("arm-none-eabi-gcc", *M4, *objects, *link, cwd=folder)
    return text_bytes(folder / "least.elf")


def test_a_cmake_project_of_cpp_with_two_models(group: Path, tmp_path: Path) -> None:
    (tmp_path / "lib").symlink_to(group)
    (tmp_path / "CMakeLists.txt").write_text(CMAKE)
    (tmp_path / "main.cpp").write_text(MAIN_CPP)
    run("cmake", "-S", ".", "-B", "build", cwd=tmp_path)
    run("cmake", "--build", "build", cwd=tmp_path)
    run("ctest", cwd=tmp_path / "build")


def test_a_cmake_project_for_the_core_without_a_build_type(group: Path, least: int, tmp_path: Path) -> None:
    (tmp_path / "lib").symlink_to(group)
    (tmp_path / "main.c").write_text(MAIN_C)
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(product C)\nadd_subdirectory(lib/first)\n"
        "add_executable(product main.c)\ntarget_link_libraries(product PRIVATE first)\n"
        "target_link_options(product PRIVATE -nostartfiles -Wl,-e,main -Wl,--gc-sections)\n"
    )
    cross = ["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]
    cross += ["-DCMAKE_C_COMPILER=arm-none-eabi-gcc", f"-DCMAKE_C_FLAGS={' '.join(M4)}"]
    run("cmake", "-S", ".", "-B", "build", *cross, cwd=tmp_path)
    run("cmake", "--build", "build", cwd=tmp_path)
    assert text_bytes(tmp_path / "build" / "product") <= MOST * least


@pytest.mark.parametrize("source", ["main.c", "main.cpp"])
def test_a_project_of_make(group: Path, least: int, tmp_path: Path, source: str) -> None:
    (tmp_path / "lib").symlink_to(group)
    (tmp_path / source).write_text(MAIN_C)
    (tmp_path / "Makefile").write_text(MAKEFILE % source)
    run("make", cwd=tmp_path)
    assert text_bytes(tmp_path / "out" / "product.elf") <= MOST * least


IDF = """
cmake_minimum_required(VERSION 3.13)
project(product C)
add_compile_options(-Og -ffunction-sections -fdata-sections)  # as ESP-IDF compiles by default
set(ESP_PLATFORM 1)
function(idf_component_register)
    cmake_parse_arguments(COMPONENT "" "" "SRCS;INCLUDE_DIRS" ${ARGN})
    add_library(component STATIC ${COMPONENT_SRCS})
    target_include_directories(component PUBLIC ${COMPONENT_INCLUDE_DIRS})
    set(COMPONENT_LIB component PARENT_SCOPE)
endfunction()
add_subdirectory(components/first)
add_executable(product main.c)
target_link_libraries(product PRIVATE component)
target_link_options(product PRIVATE -nostartfiles -Wl,-e,main -Wl,--gc-sections)
"""


def test_a_component_of_esp_idf(group: Path, least: int, tmp_path: Path) -> None:
    """What its CMakeLists.txt says to ESP-IDF, with a function of CMake in the place of IDF's own."""
    (tmp_path / "components").symlink_to(group)
    (tmp_path / "main.c").write_text(MAIN_C)
    (tmp_path / "CMakeLists.txt").write_text(IDF)
    cross = ["-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"]
    cross += ["-DCMAKE_C_COMPILER=arm-none-eabi-gcc", f"-DCMAKE_C_FLAGS={' '.join(M4)}"]
    run("cmake", "-S", ".", "-B", "build", *cross, cwd=tmp_path)
    run("cmake", "--build", "build", cwd=tmp_path)
    assert text_bytes(tmp_path / "build" / "product") <= MOST * least
