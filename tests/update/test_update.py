"""Updates: small, exact, only for the model that they are for, and never the end of a working model."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from zstandard import ZstdCompressor

from edgewright.coding._delta import CONTEXTS, decode_delta, encode_delta
from edgewright.coding.update import HEADER_BYTES, apply_update, make_update, read_header
from edgewright.errors import UserError
from edgewright.stages.model.transmit import ZSTD_LEVEL
from edgewright.tflite.reader import parse_model

HERE = Path(__file__).parent
ZOO = HERE.parents[1] / "testbench/zoo/files"
FIRMWARE = HERE.parents[1] / "firmware" / "update"
FLAGS = ("-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Wconversion", "-Werror",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all")  # fmt: skip
FORMAT, DAMAGED, MODEL, VERSION, SPACE = 2, 3, 4, 5, 6
RNG = np.random.default_rng

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="no C compiler")


def weights(seed: int, count: int = 3000) -> np.ndarray:
    """int8, half of them zero."""
    source = RNG(seed)
    return (source.normal(0, 20, count) * (source.random(count) < 0.5)).clip(-127, 127).astype(np.int8)


def retrained(old: bytes) -> bytes:
    """A file in which some weights moved a little, with a few bytes more at the front and other ones at the end."""
    source, body = RNG(9), np.frombuffer(old, np.int8).copy()
    moved = (source.random(body.size) < 0.2) & (body != 0)
    body[moved] += source.integers(-2, 3, int(moved.sum())).astype(np.int8)
    return b"header" + body.tobytes()[:-100] + source.bytes(140)


OLD = weights(1).tobytes()
NEW = retrained(OLD)


@pytest.fixture(scope="module")
def update() -> bytes:
    return make_update(OLD, NEW, model="kws", versions=(1, 2))


def compiled(folder: Path, *sources: Path) -> Path:
    program = folder / "program"
    command = [
        "gcc",
        *FLAGS,
        "-I",
        str(FIRMWARE),
        *map(str, sources),
        str(FIRMWARE / "ew_update.c"),
        "-o",
        str(program),
    ]
    subprocess.run(command, check=True)
    return program


@pytest.fixture(scope="module")
def flash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("flash"), HERE / "flash.c")


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("device"), FIRMWARE / "example" / "main.c")


@pytest.mark.parametrize(
    ("old", "new"),
    [(OLD, NEW), (NEW, OLD), (b"", NEW), (OLD, b""), (OLD, OLD), (OLD, OLD * 2), (OLD, OLD[::-1]), (b"a", b"b")],
)
@pytest.mark.parametrize("version", [1, 2])
def test_the_new_file_comes_back(old: bytes, new: bytes, version: int) -> None:
    assert decode_delta(old, encode_delta(old, new, version), len(new), version) == new


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60), st.binary(max_size=40))))
def test_any_file_comes_back(old: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    new = old
    for place, gone, more in edits:
        new = new[:place] + more + new[place + gone :]
    assert decode_delta(old, encode_delta(old, new), len(new)) == new


def test_an_update_is_small(update: bytes) -> None:
    whole = len(zlib.compress(NEW, 9))
    assert len(update) < whole / 2
    assert len(make_update(OLD, OLD, model="kws", versions=(1, 2))) < HEADER_BYTES + 16


@pytest.mark.parametrize("old", [b"", RNG(5).bytes(2000), OLD])
def test_what_a_file_repeats_is_sent_once(old: bytes) -> None:
    part = RNG(3).bytes(300)
    new = part + bytes(900) + part[40:] + b"ab" * 200 + part
    sent = encode_delta(old, new)
    assert len(sent) < 300 + 60 < 0.5 * len(encode_delta(old, new, 1))
    assert decode_delta(old, sent, len(new)) == new


@pytest.mark.parametrize("name", ["residual", "separable", "gru", "attention"])
def test_an_update_is_never_larger_than_the_new_file_by_zstd(name: str) -> None:
    new = (ZOO / "tf-int8" / f"{name}.tflite").read_bytes()
    old = trained_anew(new)
    assert len(old) == len(new)
    assert len(make_update(old, new, model="m", versions=(1, 2))) < len(ZstdCompressor(level=ZSTD_LEVEL).compress(new))


@pytest.mark.parametrize(
    ("other", "name"), [("separable", "residual"), ("residual", "causal"), ("separable", "bidirectional")]
)
def test_an_update_takes_from_another_network_what_is_common(other: str, name: str) -> None:
    old, new = ((ZOO / "tf-int8" / f"{each}.tflite").read_bytes() for each in (other, name))
    sent = encode_delta(old, new)
    assert HEADER_BYTES + len(sent) < len(ZstdCompressor(level=ZSTD_LEVEL).compress(new))
    assert decode_delta(old, sent, len(new)) == new


def test_literals_follow_from_the_bytes_before_them() -> None:
    words = RNG(6).integers(-300, 300, 500).astype("<i4").tobytes()
    dense = RNG(8).normal(0, 25, 2000).clip(-127, 127).astype(np.int8).tobytes()
    apart = len(encode_delta(b"", words)) + len(encode_delta(b"", dense))
    assert len(encode_delta(b"", words + dense)) < apart + 60
    assert len(encode_delta(b"", words)) < 0.85 * len(encode_delta(b"", words, 1))


def trained_anew(file: bytes) -> bytes:
    """The same network with every constant in another order, and other scales."""
    source, made = RNG(7), bytearray(file)
    for tensor in parse_model(file).tensors.values():
        if tensor.data is not None:
            replace(made, file, tensor.data, source.permutation(tensor.data.reshape(-1)))
        if tensor.quantization is not None:
            scales = tensor.quantization.scales
            replace(made, file, scales, scales * source.uniform(0.8, 1.25, scales.shape).astype(np.float32))
    return bytes(made)


def replace(made: bytearray, file: bytes, values: np.ndarray, others: np.ndarray) -> None:
    at = file.find(values.tobytes())
    if at >= 0:
        made[at : at + values.nbytes] = others.tobytes()


def test_contexts_are_those_of_the_device() -> None:
    assert f"#define EW_UPDATE_CONTEXTS {CONTEXTS}" in (FIRMWARE / "ew_update.h").read_text()


def test_a_device_takes_updates_of_the_first_format(running: Device) -> None:
    first = make_update(OLD, NEW, model="kws", versions=(1, 2), version_of_format=1)
    assert first[:4] == b"EWU1"
    assert apply_update(OLD, first, model="kws", version=1) == NEW
    assert running.update(first) == 0
    assert running.model == NEW


def test_a_device_repeats_what_it_has_made_itself(running: Device) -> None:
    part = RNG(4).bytes(700)
    new = part + NEW + part[3:] + bytes(1000) + part + b"xyz" * 300
    assert running.update(make_update(OLD, new, model="kws", versions=(1, 2))) == 0
    assert running.model == new


@pytest.mark.parametrize("case", ["cut", "flip", "short", "forge", "bad"])
def test_a_whole_model_is_active_whatever_happens(case: str, flash: Path, update: bytes, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("old", "new", "update")]
    for file, content in zip(files, (OLD, NEW, update), strict=True):
        file.write_bytes(content)
    done = subprocess.run([flash, case, *files], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    least = {"cut": len(NEW), "flip": 8 * len(update), "bad": len(NEW) // 256}
    assert int(done.stdout) >= least.get(case, len(update) - HEADER_BYTES)


class Device:
    """The example, with its flash in a file."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.program, self.folder = program, folder

    def __call__(self, *words: object) -> int:
        command = [str(self.program), str(self.folder / "flash.bin"), *map(str, words)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    def update(self, content: bytes, *more: object) -> int:
        (self.folder / "update").write_bytes(content)
        return self("update", self.folder / "update", *more)

    @property
    def model(self) -> bytes:
        assert self("boot", self.folder / "model") == 0
        return (self.folder / "model").read_bytes()


@pytest.fixture
def running(device: Path, tmp_path: Path) -> Device:
    (tmp_path / "old").write_bytes(OLD)
    found = Device(device, tmp_path)
    assert found("install", "kws", 1, tmp_path / "old") == 0
    return found


def test_the_example_goes_from_version_to_version(running: Device, update: bytes) -> None:
    assert running.model == OLD
    assert running.update(update, 1500) == 65  # the power fails
    assert running.model == OLD
    assert running.update(update) == 0
    assert running.model == NEW
    assert running.update(update) == VERSION
    third = make_update(NEW, OLD, model="kws", versions=(2, 3))
    assert running.update(third) == 0
    assert running.model == OLD


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (lambda: make_update(OLD, NEW, model="other", versions=(1, 2)), MODEL),
        (lambda: make_update(OLD, NEW, model="kws", versions=(3, 4)), VERSION),
        (lambda: make_update(NEW, OLD, model="kws", versions=(1, 2)), VERSION),
        (lambda: make_update(OLD, bytes(600 << 10), model="kws", versions=(1, 2)), SPACE),
        (lambda: b"no update at all, but long enough to be one", FORMAT),
        (lambda: make_update(OLD, NEW, model="kws", versions=(1, 2))[:-1], DAMAGED),
    ],
)
def test_what_is_not_for_it_is_refused(made, status: int, running: Device) -> None:  # type: ignore[no-untyped-def]
    assert running.update(made()) == status
    assert running.model == OLD


def test_a_device_without_a_model_says_so(device: Path, tmp_path: Path, update: bytes) -> None:
    (tmp_path / "flash.bin").write_bytes(b"\xff" * (1 << 20))
    assert Device(device, tmp_path).update(update) == 1


def refused(message: str, old: bytes = OLD, **changes: object) -> None:
    given = {"update": make_update(OLD, NEW, model="kws", versions=(1, 2)), "model": "kws", "version": 1, **changes}
    with pytest.raises(UserError, match=message):
        apply_update(old, **given)  # type: ignore[arg-type]


def test_the_host_refuses_the_same(update: bytes) -> None:
    assert apply_update(OLD, update, model="kws", version=1) == NEW
    assert read_header(update).new_version == 2
    refused("for another model", model="other")
    refused("for another version", version=2)
    refused("for another version", old=NEW)
    refused("no update file", update=b"EWU3" + update[4:])
    refused("truncated or changed", update=b"EWU1" + update[4:])
    refused("truncated or changed", update=update[:-1])
    refused("truncated or changed", update=update[:-1] + bytes([update[-1] ^ 1]))
    refused("truncated or changed|does not give", update=forged(update))


def forged(update: bytes) -> bytes:
    """Another delta with a checksum that fits."""
    changed = update[:36] + bytes([update[40] ^ 0x55]) + update[41:]
    head = changed[:36]
    delta = bytes([update[40] ^ 0x55]) + update[41:]
    return head + struct.pack("<I", zlib.crc32(head + delta)) + delta


def test_versions_have_to_differ() -> None:
    with pytest.raises(UserError, match="no two versions"):
        make_update(OLD, NEW, model="kws", versions=(1, 1))
