"""The decoder of biases and factors in C: what Python's coder wrote comes out, and broken data does no harm."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from edgewright.coding import decode_channels, encode_channels
from edgewright.kernels.headers import headers
from tests.unit.test_coding_channels import Channels, coarse, same

KERNELS = headers()["weights_channels.h"].parent
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include "weights_channels.h"
/* stdin: size and count, then that many bytes, again and again; stdout: biases, multipliers, shifts. */
int main(void) {
    int32_t ends[2];
    while (fread(ends, 4, 2, stdin) == 2) {
        uint8_t *data = malloc(ends[0] ? (size_t)ends[0] : 1); /* of the very size: ASan sees each byte beyond */
        const size_t count = (size_t)ends[1];
        int32_t *bias = malloc(4 * count), *multiplier = malloc(4 * count);
        int8_t *shift = malloc(count);
        if (fread(data, 1, (size_t)ends[0], stdin) != (size_t)ends[0]) return 1;
        const ew_weights_channels_shape shape = {ends[1], ends[0]};
        ew_weights_channels(&shape, data, bias, multiplier, shift);
        fwrite(bias, 4, count, stdout);
        fwrite(multiplier, 4, count, stdout);
        fwrite(shift, 1, count, stdout);
        free(data), free(bias), free(multiplier), free(shift);
    }
    return 0;
}
"""
FLAGS = ("-O1", "-g", "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsanitize=address,undefined")

Decode = Callable[[Sequence[tuple[bytes, int]]], list[Channels]]


@pytest.fixture(scope="module")
def decode(tmp_path_factory: pytest.TempPathFactory) -> Decode:
    """(data, number of channels) each -> the channels, by the C decoder under sanitizers."""
    folder = tmp_path_factory.mktemp("channels")
    (folder / "main.c").write_text(PROGRAM)
    command = ["cc", *FLAGS, "-fno-sanitize-recover=all", f"-I{KERNELS}", "main.c", "-o", "decoder"]
    subprocess.run(command, check=True, cwd=folder)

    def run(cases: Sequence[tuple[bytes, int]]) -> list[Channels]:
        stream = b"".join(struct.pack("<ii", len(data), count) + data for data, count in cases)
        done = subprocess.run([folder / "decoder"], input=stream, capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stderr.decode()) == (0, "")
        found, at = [], 0
        for _, count in cases:
            bias, multiplier = (np.frombuffer(done.stdout, np.int32, count, at + 4 * count * i) for i in range(2))
            found.append((bias, multiplier, np.frombuffer(done.stdout, np.int8, count, at + 8 * count)))
            at += 9 * count
        return found

    return run


def exact(count: int) -> Channels:
    """Any numbers."""
    random = np.random.default_rng(count)
    bias, multiplier = random.integers(-(2**31), 2**31, count), random.integers(2**30, 2**31, count)
    return bias.astype(np.int32), multiplier.astype(np.int32), random.integers(-30, 32, count).astype(np.int8)


def code_of(channels: Channels) -> bytes:
    code = encode_channels(*channels)
    assert code is not None
    return code.data


def test_the_device_decodes_what_python_codes(decode: Decode) -> None:
    cases = [make(count) for make in (coarse, exact) for count in (1, 2, 10, 33, 200)]
    found = decode([(code_of(case), len(case[0])) for case in cases])
    assert all(same(one, other) for one, other in zip(found, cases, strict=True))


def test_broken_data_does_no_harm(decode: Decode) -> None:
    data, random = code_of(coarse(30)), np.random.default_rng(7)
    cut = [data[:length] for length in range(4, len(data))]
    noise = [random.integers(0, 256, int(size)).astype(np.uint8).tobytes() for size in random.integers(4, 90, 500)]
    found = decode([(each, 30) for each in [*cut, *noise]])
    assert len(found) == len(cut) + 500
    expected = decode_channels(cut[36], 30)
    assert np.array_equal(found[36][1], expected[1])
