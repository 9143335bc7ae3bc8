"""What a phone is given and what comes back: the C program that runs LiteRT, its libraries, a job, and the answer.

The kit is a folder in the user's cache that holds all that the program needs: itself, LiteRT's C library from the wheel
for 64-bit Arm, and the C library of Debian with its loader. It so runs on any 64-bit Arm kernel of Linux, whatever else
the device has installed.
"""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from edgewright import kinds
from edgewright.devices._base import Job, Outputs
from edgewright.devices.tools import device_cache, system_root
from edgewright.devices.tools.run import Program, need, run_tool
from edgewright.errors import DeviceError, UserError
from edgewright.files import sha256_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from edgewright.tflite.graph import Graph

RUNTIME, PACKAGE, ARCH = "litert", "ai-edge-litert", "arm64"
SOURCE = Path(__file__).with_name("litert_run.c")
PROGRAM, LIBRARY, LOADER = "litert_run", "libLiteRt.so", "ld-linux-aarch64.so.1"
MODEL, SAMPLES, OUTPUTS, ANSWER = "model.tflite", "samples.bin", "outputs.bin", "answer.json"
COMPILER = Program("aarch64-linux-gnu-gcc", "apt-get install gcc-aarch64-linux-gnu libc6-dev-arm64-cross")
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-s")
_LIBRARIES = ("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libgcc_s.so.1", "libstdc++.so.6")
_CPUS, _MOST_CPUS = re.compile(r"\d+(-\d+)?(, ?\d+(-\d+)?)*"), 64
_FNV_OFFSET, _FNV_PRIME, _64_BITS = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1


@dataclass(frozen=True)
class Kit:
    """The files that run a model, and the version of LiteRT in them."""

    folder: Path
    version: str

    @property
    def files(self) -> list[Path]:
        """What goes to the device."""
        return sorted(self.folder.iterdir())


@dataclass(frozen=True)
class Call:
    """How the program is called; `cpus` is a bit mask, 0 for all; `mark` counts in place of timing."""

    runs: int
    warmup: int
    threads: int = 1
    cpus: int = 0
    xnnpack: bool = True
    mark: bool = False


class Answer(BaseModel):
    """The JSON object that the program writes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    protocol: Literal[1]
    threads: int
    kernels: Literal["xnnpack", "builtin"]
    input_bytes: list[int]
    output_bytes: list[int]
    first_ns: list[int]
    times_ns: list[int]
    samples: int
    peak_rss_bytes: int = Field(ge=0)
    outputs_fnv1a: str = Field(pattern=r"^[0-9a-f]{16}$")


def _checked_cpus(value: object) -> object:
    if value is None or (isinstance(value, str) and _CPUS.fullmatch(value) and _ranges(value)):
        return value
    raise PydanticCustomError("unit", "not a list of CPUs", {"allowed": 'numbers and ranges, for instance "4-7"'})


def _ranges(cpus: str) -> list[range] | None:
    """The ranges of a list; None when one of them is empty or reaches too far."""
    found = []
    for part in cpus.split(","):
        first, dash, last = part.strip().partition("-")
        found.append(range(int(first), int(last if dash else first) + 1))
    return found if all(len(numbers) and numbers[-1] < _MOST_CPUS for numbers in found) else None


Cpus = Annotated[Annotated[str, kinds.CPUS] | None, BeforeValidator(_checked_cpus)]
"""CPUs by number, as taskset takes them: "4-7", "0,2"."""


def mask_of(cpus: str | None) -> int:
    """The bit mask of checked `Cpus`; 0 for None."""
    ranges = _ranges(cpus) if cpus else None
    return sum({1 << cpu for numbers in ranges or () for cpu in numbers})


def ensure_kit() -> Kit:
    """The kit, built when it is not in the cache.

    Raises:
        ToolError: a tool is missing, or something cannot be downloaded.
    """
    sysroot = system_root.ensure_sysroot(ARCH, RUNTIME)
    need(COMPILER.name, COMPILER.hint)
    recipe = {
        "recipe": sysroot.record["recipe"],
        "source": sha256_file(SOURCE),
        "flags": list(_FLAGS),
        "libraries": list(_LIBRARIES),
        "cc": run_tool("asking the compiler for its version", [COMPILER.name, "-dumpfullversion"], 30.0).strip(),
    }
    folder = device_cache.ensure(f"phone-{ARCH}", recipe, lambda folder: _build(sysroot, folder))
    return Kit(folder, sysroot.record["wheels"][PACKAGE])


def _build(sysroot: system_root.Sysroot, folder: Path) -> None:
    command = [COMPILER.name, *_FLAGS, "-o", str(folder / PROGRAM), str(SOURCE), "-ldl"]
    run_tool("building the program that measures on phones", command, 60.0)
    shutil.copyfile(sysroot.site / "ai_edge_litert" / LIBRARY, folder / LIBRARY)
    for name in (LOADER, *_LIBRARIES):
        found = next(iter(sorted(sysroot.debian.glob(f"usr/lib/aarch64-linux-gnu/{name}"))), None)
        shutil.copyfile((found or sysroot.debian / "usr/lib" / name).resolve(), folder / name)
    for name in (LOADER, PROGRAM):
        (folder / name).chmod(0o755)


def check_runtime(job: Job) -> None:
    """UserError unless the job is for LiteRT."""
    if job.runtime != RUNTIME:
        raise UserError("runtime", "does not run on a phone", got=job.runtime, allowed=RUNTIME)


def check_states(job: Job) -> None:
    """UserError when the model has a state in a form that LiteRT's C interface does not load: a variable tensor."""
    from edgewright.tflite.reader import read_model

    graph = read_model(job.model) if job.has_state else None
    for view in graph.views() if graph else ():
        if view.node.op != "READ_VARIABLE" and any(tensor and tensor.is_variable for tensor in view.inputs):
            problem = "is not for phones: LiteRT's C interface takes no variable tensors"
            got = f"{view.node.op} (operator {view.node.index})"
            hint = (
                '[quantize] recurrent = "steps" unrolls LSTMs; or measure by `benchmark` in [measure] of transport adb'
            )
            raise UserError(job.model.name, problem, got=got, hint=hint)


def sample_bytes(job: Job) -> bytes:
    """All inputs of the first sample, of the second, and so on."""
    return b"".join(values[index].tobytes() for index in range(job.count) for values in job.samples)


def arguments(job: Job, call: Call, kit: str, model: str, samples: str) -> list[str]:
    """The command line, for a folder on the device into which the outputs and the answer go.

    `kit` is the kit's folder there, `model` and `samples` are files. The loader is called by name: a phone has no
    /lib/ld-linux-aarch64.so.1.
    """
    words = [f"{kit}/{LOADER}", "--library-path", kit, f"{kit}/{PROGRAM}", f"{kit}/{LIBRARY}", model, samples]
    words += [OUTPUTS, ANSWER]
    words += [f"{name}={getattr(call, name)}" for name in ("runs", "warmup", "threads")]
    words += [f"cpus={call.cpus:x}", f"kernels={_kernels(call)}"]
    return [*words, *(["state=1"] if job.has_state else []), *(["mark=1"] if call.mark else [])]


def _kernels(call: Call) -> str:
    return "xnnpack" if call.xnnpack else "builtin"


def read_answer(where: str, folder: Path, job: Job, call: Call, version: str) -> tuple[Answer, Outputs]:
    """The answer and the outputs that the program left in `folder`.

    Raises:
        DeviceError: they make no sense, do not belong together, or are not to what was asked.
    """
    answer = _parse(where, folder / ANSWER)
    raw = (folder / OUTPUTS).read_bytes() if (folder / OUTPUTS).is_file() else b""
    if f"{fnv1a(raw):016x}" != answer.outputs_fnv1a:
        raise DeviceError(f"{where}: the file of outputs is not the one that the device wrote")
    timed = (0, 0) if call.mark else (int(job.has_state), call.runs)
    wanted = (call.threads, _kernels(call), *timed, job.count)
    got = (answer.threads, answer.kernels, len(answer.first_ns), len(answer.times_ns), answer.samples)
    if got != wanted or min([*answer.first_ns, *answer.times_ns], default=1) <= 0:
        raise DeviceError(f"{where}: the answer is not to what was asked: {answer.model_dump_json()[:300]}")
    from edgewright.tflite.reader import read_model  # with numpy: a build that has nothing to do need not wait for it

    values = _split(where, raw, read_model(job.model), answer, job.count)
    return answer, Outputs(values, None, (RUNTIME, version))


def _parse(where: str, path: Path) -> Answer:
    try:
        return Answer.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError:
        raise DeviceError(f"{where}: the measuring program left no answer") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise DeviceError(f"{where}: the answer makes no sense: {faults}") from None
    except ValueError as error:
        raise DeviceError(f"{where}: the answer is no JSON: {error}") from None


def _split(where: str, raw: bytes, graph: Graph, answer: Answer, count: int) -> tuple[NDArray[Any], ...]:
    """One array (count, *shape) for each output of the model."""
    import numpy as np

    tensors = [graph.tensors[number] for number in graph.outputs]
    sizes = [math.prod(tensor.shape) * np.dtype(tensor.dtype).itemsize for tensor in tensors]
    if sizes != answer.output_bytes or len(raw) != count * sum(sizes):
        raise DeviceError(f"{where}: outputs of {answer.output_bytes} bytes, where the model has {sizes}")
    rows = np.frombuffer(raw, np.uint8).reshape(count, -1)
    values, start = [], 0
    for tensor, size in zip(tensors, sizes, strict=True):
        part = np.ascontiguousarray(rows[:, start : start + size])
        values.append(part.view(tensor.dtype).reshape(count, *tensor.shape))
        start += size
    return tuple(values)


def fnv1a(data: bytes) -> int:
    """The 64-bit hash FNV-1a of Fowler, Noll and Vo."""
    value = _FNV_OFFSET
    for byte in data:
        value = (value ^ byte) * _FNV_PRIME & _64_BITS
    return value


def versions(kit: Kit) -> Mapping[str, str]:
    """What took part, for the record."""
    return {PACKAGE: kit.version}
