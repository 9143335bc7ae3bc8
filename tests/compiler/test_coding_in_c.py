"""The decoder of weights in C: what Python's coder wrote comes out, broken data does no harm, and it is small."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgewright.coding import HEADER_BYTES, Form, encode
from edgewright.kernels.headers import headers

KERNELS = headers()["ew_weights_coded.h"].parent
MOST_CODE_BYTES = 656
MOST_RAM_BYTES = 848
EW_OK, EW_ERR_WEIGHTS = 0, 3

PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include "ew_weights_coded.h"
/* stdin: size and count, then that many bytes, again and again; stdout: status, then the weights. */
int main(void) {
    int32_t ends[2];
    while (fread(ends, 4, 2, stdin) == 2) {
        uint8_t *data = malloc((size_t)ends[0] + 1);           /* of the very size: ASan sees each byte beyond */
        data = realloc(data, ends[0] ? (size_t)ends[0] : 1);
        int8_t *weights = calloc((size_t)ends[1] + 1, 1);
        if (fread(data, 1, (size_t)ends[0], stdin) != (size_t)ends[0]) return 1;
        ew_weights d;
        ew_weights_begin(&d, data, ends[0], ends[1]);
        int32_t calls = 0;
        for (int32_t at = ew_weights_skip(&d); at < ends[1]; at += 1 + ew_weights_skip(&d)) {
            weights[at] = (int8_t)d.value;
            if (++calls > ends[1]) return 2;
        }
        const int32_t status = ew_weights_end(&d);
        fwrite(&status, 4, 1, stdout);
        fwrite(weights, 1, (size_t)ends[1], stdout);
        free(data);
        free(weights);
    }
    return 0;
}
"""
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror")

Decode = Callable[[Iterable[tuple[bytes, int]]], list[tuple[int, NDArray[np.int8]]]]


@pytest.fixture(scope="module")
def decode(tmp_path_factory: pytest.TempPathFactory) -> Decode:
    """(data, number of weights) each -> (status, weights) each, by the C decoder under sanitizers."""
    folder = tmp_path_factory.mktemp("decoder")
    (folder / "main.c").write_text(PROGRAM)
    program = folder / "decoder"
    command = ["cc", "-O1", "-g", *WARNINGS, *SANITIZERS, f"-I{KERNELS}", str(folder / "main.c"), "-o", str(program)]
    subprocess.run(command, check=True)

    def run(cases: Iterable[tuple[bytes, int]]) -> list[tuple[int, NDArray[np.int8]]]:
        all_cases = list(cases)
        stream = b"".join(struct.pack("<ii", len(data), count) + data for data, count in all_cases)
        done = subprocess.run([program], input=stream, capture_output=True, check=False, timeout=120)
        assert (done.returncode, done.stderr.decode()) == (0, "")
        found, at = [], 0
        for _, count in all_cases:
            weights = np.frombuffer(done.stdout, np.int8, count, at + 4)
            found.append((struct.unpack_from("<i", done.stdout, at)[0], weights))
            at += 4 + count
        return found

    return run


def weights(count: int, density: float, values: NDArray[np.int64], seed: int) -> NDArray[np.int8]:
    random = np.random.default_rng(seed)
    return np.where(random.random(count) < density, random.choice(values, count), 0).astype(np.int8)


def kinds() -> list[NDArray[np.int8]]:
    """Dense and sparse, all values and few, runs that end with the data and such as go on."""
    every = np.arange(-127, 128)
    found = [
        weights(count, density, values, count)
        for count in (1, 7, 500, 2000)
        for density in (0.0, 0.003, 0.1, 1.0)
        for values in (every, np.array([-90, 3, 55]), np.array([-2, -1, 1, 2]))
    ]
    runs = [
        np.repeat(np.array([0, 5, 0], np.int8), [zeros, 1, after]) for zeros in (125, 126, 252) for after in (0, 126)
    ]
    return [*found, *runs, np.zeros(0, np.int8)]


FORMS = (Form(), Form(1, 124, 3), Form(1, 7, 65535), Form(5, 1), Form(10, 21, 2), Form(25, 4, 1))


def test_the_device_decodes_what_python_codes(decode: Decode) -> None:
    cases = [(symbols, encode(symbols, form)) for symbols in kinds() for form in FORMS if form.fits(symbols.size)]
    assert {form for form in FORMS for symbols, _ in cases if form.fits(symbols.size) and symbols.any()} == set(FORMS)
    outcomes = decode((data, symbols.size) for symbols, data in cases)
    assert [status for status, _ in outcomes] == [EW_OK] * len(cases)
    assert all(np.array_equal(found, symbols) for (_, found), (symbols, _) in zip(outcomes, cases, strict=True))


@pytest.mark.parametrize("form", [Form(1, 13), Form(10, 21, 2)])
@pytest.mark.parametrize("values", [np.arange(-127, 128), np.array([-90, 3, 55])])
def test_broken_data_does_no_harm_and_is_noticed(decode: Decode, form: Form, values: NDArray[np.int64]) -> None:
    symbols = weights(300, 0.2, values, 5)
    data = encode(symbols, form)
    flipped = [bytearray(data) for _ in range(8 * len(data))]
    for bit, changed in enumerate(flipped):
        changed[bit // 8] ^= 1 << bit % 8
    cut = [data[:length] for length in range(len(data))]
    outcomes = decode((bytes(changed), symbols.size) for changed in [*flipped, *cut, data + b"\0"])
    unnoticed = [
        bit // 8
        for bit, (status, found) in enumerate(outcomes)
        if status == EW_OK and not np.array_equal(found, symbols)
    ]
    in_table = {place for place in unnoticed if HEADER_BYTES <= place < HEADER_BYTES + data[1]}
    assert set(unnoticed) <= in_table  # another value of a cluster is as good as any
    assert all(status == EW_ERR_WEIGHTS for status, _ in outcomes[len(flipped) :])


def test_noise_does_no_harm(decode: Decode) -> None:
    random = np.random.default_rng(9)
    noise = []
    for _ in range(3000):
        count = int(random.integers(0, 300))
        kind, group = int(random.choice([0x21, 0x21, 0x55])), int(random.integers(256) >> random.integers(8))
        head = bytes([kind, int(random.integers(256) >> random.integers(8)), group])
        body = random.integers(0, 256, int(random.integers(0, 200))).astype(np.uint8).tobytes()
        noise.append((head + body, count))
    statuses = {status for status, _ in decode(noise)}
    assert EW_ERR_WEIGHTS in statuses


@pytest.mark.skipif(not shutil.which("arm-none-eabi-gcc"), reason="no cross compiler")
def test_small_enough_for_the_smallest_core(tmp_path: Path) -> None:
    uses = """
#include "ew_weights_coded.h"
int32_t use(ew_weights *d, const uint8_t *data) {
    ew_weights_begin(d, data, 100, 100);
    return ew_weights_skip(d) + (int32_t)ew_weights_end(d);
}
"""
    uses += f"typedef char fits[sizeof(ew_weights) <= {MOST_RAM_BYTES} ? 1 : -1];\n"
    (tmp_path / "use.c").write_text(uses)
    command = ["arm-none-eabi-gcc", "-Os", "-mcpu=cortex-m0", "-mthumb", *WARNINGS, f"-I{KERNELS}", "-c", "use.c"]
    subprocess.run([*command, "-o", "use.o"], cwd=tmp_path, check=True)
    listing = subprocess.run(
        ["arm-none-eabi-nm", "-S", "-t", "d", "use.o"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    missing = {line.split()[-1] for line in listing.splitlines() if " U " in line}
    assert missing <= {"memset"}  # which kernels need anyhow; no division of the library
    sizes = {words[3]: int(words[1]) for words in map(str.split, listing.splitlines()) if len(words) == 4}
    assert 300 < sum(size for name, size in sizes.items() if name.startswith("ew_weights_")) <= MOST_CODE_BYTES
