r"""The measuring program: one file that runs on the device with nothing but numpy and a TFLite runtime.

    python3 _on_device.py --runtime tflite-runtime --model model.tflite --samples samples.npz --outputs outputs.npz \
        --runs 50 --warmup 5

It prints one line, `EDGEWRIGHT-ANSWER ` and a JSON object, and exits with 0; what went wrong is in the
object's "error". The same file runs on this machine, inside an emulator and on a remote device, so it must not
import Edgewright, and it keeps to Python 3.8.

samples.npz holds `input_0`, `input_1`, ...: shape (n, *shape of the input). outputs.npz gets `output_0`, ... of shape
(n, *shape of the output), and `reference_0`, ... for the first --check samples, run with the reference kernels.
With --mark no time is taken; each inference is instead fenced by two system calls that the emulator's plugin sees.

    python3 _on_device.py --each tflite-runtime 03 FOLDER

runs several models and prints a line for each: FOLDER/00/options.json is the first one's command line. Each runs in a
child, forked from a process that has imported the runtime, so that neither the others nor their number move a count.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

MARKER = "EDGEWRIGHT-ANSWER "
EACH = "--each"
NOW = "now"  # the folder of the model that runs: names of other lengths and hashes would move a count
PROTOCOL = 1
RUNTIMES = {
    "tflite-runtime": ("tflite_runtime.interpreter", "tflite-runtime"),
    "litert": ("ai_edge_litert.interpreter", "ai-edge-litert"),
}
MARK = 0x45444745  # "EDGE": no such prctl exists, so the kernel refuses it and nothing else happens
BEGIN, END = 1, 2


def parse(argv: list[str]) -> argparse.Namespace:
    """What the command line says of one model."""
    parser = argparse.ArgumentParser(description="Run and measure a .tflite model.")
    parser.add_argument("--runtime", choices=sorted(RUNTIMES), required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--samples", required=True)
    parser.add_argument("--outputs", required=True)
    parser.add_argument("--runs", type=int, default=0, help="inferences that are measured")
    parser.add_argument("--warmup", type=int, default=0, help="inferences before them that are not")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--check", type=int, default=0, help="samples to run with the reference kernels as well")
    parser.add_argument("--state", action="store_true", help="the model has a state: measure the first inference, too")
    parser.add_argument("--anew", action="store_true", help="the state begins anew with each sample")
    parser.add_argument("--mark", action="store_true", help="fence the inferences for a counter instead of timing them")
    return parser.parse_args(argv)


def interpreter(options: argparse.Namespace, *, reference: bool = False) -> Any:
    """A TFLite interpreter with its tensors allocated.

    The reference kernels are held against the same kernels on another machine. They are no oracle: of int8 SUM they
    have negative sums wrong, on every machine alike.
    """
    module = importlib.import_module(RUNTIMES[options.runtime][0])
    resolvers = module.OpResolverType
    resolver = resolvers.BUILTIN_REF if reference else resolvers.AUTO
    made = module.Interpreter(
        model_path=options.model, num_threads=options.threads, experimental_op_resolver_type=resolver
    )
    made.allocate_tensors()
    return made


def load_samples(path: str) -> list[Any]:
    """The arrays input_0, input_1, ... of an .npz file."""
    with np.load(path, allow_pickle=False) as file:
        return [file[f"input_{index}"] for index in range(len(file.files))]


def feed(model: Any, samples: list[Any], number: int) -> None:
    """Put sample `number` into the model's inputs."""
    for detail, values in zip(model.get_input_details(), samples):  # noqa: B905, strict= came with Python 3.10
        model.set_tensor(detail["index"], values[number])


def infer(model: Any, samples: list[Any], count: int, anew: bool = False) -> list[Any]:
    """The answers to the first `count` samples, one array for each output; `anew`: a state is that of the beginning."""
    details = model.get_output_details()
    answers: list[list[Any]] = [[] for _ in details]
    for number in range(count):
        if anew:
            model.reset_all_variables()
        feed(model, samples, number)
        model.invoke()
        for detail, values in zip(details, answers):  # noqa: B905
            values.append(model.get_tensor(detail["index"]))
    return [np.stack(values) for values in answers]


def timed(model: Any, runs: int) -> list[int]:
    """Wall time of each of `runs` inferences in nanoseconds."""
    times = []
    for _ in range(runs):
        begin = time.perf_counter_ns()
        model.invoke()
        times.append(time.perf_counter_ns() - begin)
    return times


def marked(model: Any, runs: int) -> list[int]:
    """Run `runs` inferences, each between two marks."""
    prctl, invoke = ctypes.CDLL(None).prctl, model.invoke
    for _ in range(runs):
        prctl(MARK, BEGIN)
        invoke()
        prctl(MARK, END)
    return []


def measure(model: Any, samples: list[Any], options: argparse.Namespace) -> tuple[list[int], list[int]]:
    """Measure the inference of the first sample: (the first one of a model with state, those after the warm-up)."""
    run = marked if options.mark else timed
    feed(model, samples, 0)
    first = run(model, 1) if options.state and options.runs else []
    for _ in range(options.warmup):
        model.invoke()
    return first, run(model, options.runs)


def cpu_name() -> str:
    """What the processor, or the board, calls itself."""
    try:
        return Path("/proc/device-tree/model").read_text().strip("\0\n ")
    except OSError:
        pass
    try:
        lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        return os.uname().machine
    names = [value.strip() for key, _, value in lines if key.strip() in ("model name", "Hardware")]
    return names[0] if names else os.uname().machine


def peak_rss_bytes() -> int:
    """The most memory that this process has had in use."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def text_of(path: str | Path) -> str | None:
    """Content of a file of the kernel's; None when there is no such file here."""
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def number_of(path: str | Path) -> int | None:
    """The same as a number; None as well when it is none."""
    try:
        return int(text_of(path) or "")
    except ValueError:
        return None


def temperature_mc() -> int | None:
    """Thousandths of a degree Celsius of the hottest sensor."""
    zones = [number_of(path) for path in Path("/sys/class/thermal").glob("thermal_zone*/temp")]
    return max((zone for zone in zones if zone is not None), default=None)


def firmware_flags() -> int | None:
    """What the firmware of a Raspberry Pi says of throttling: bits 0 to 3 now, 16 to 19 since it was started."""
    files = [text_of(path) for path in Path("/sys/devices/platform").glob("soc*/soc*firmware/get_throttled")]
    try:
        return int(files[0] or "", 16) if files else int(vcgencmd().partition("=")[2], 16)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def vcgencmd() -> str:
    """The same from the program that every Raspberry Pi OS has: "throttled=0x0"."""
    command = ["vcgencmd", "get_throttled"]
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=5, check=False
    ).stdout.decode()


def condition() -> dict[str, Any]:
    """Clock rate and temperature of the device now; None for what it does not tell."""
    cpufreq = Path("/sys/devices/system/cpu/cpu0/cpufreq")
    return {
        "governor": text_of(cpufreq / "scaling_governor"),
        "clock_khz": number_of(cpufreq / "scaling_cur_freq"),
        "clock_limit_khz": number_of(cpufreq / "scaling_max_freq"),
        "clock_max_khz": number_of(cpufreq / "cpuinfo_max_freq"),
        "temperature_mc": temperature_mc(),
        "firmware_flags": firmware_flags(),
    }


def store(path: str, outputs: list[Any], reference: list[Any]) -> str:
    """Write outputs.npz; gives its SHA-256."""
    arrays = {f"output_{index}": values for index, values in enumerate(outputs)}
    arrays.update({f"reference_{index}": values for index, values in enumerate(reference)})
    np.savez(path, **arrays)
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def work(options: argparse.Namespace) -> dict[str, Any]:
    """All that is asked for, as the answer's object."""
    samples = load_samples(options.samples)
    model = interpreter(options)
    before = condition() if options.runs and not options.mark else None
    first, times = measure(model, samples, options)
    after = condition() if before else None
    peak = peak_rss_bytes()
    if options.state:
        model = interpreter(options)  # its state at its beginning; resources outlive reset_all_variables()
    outputs = infer(model, samples, len(samples[0]), options.anew)
    checker = interpreter(options, reference=True) if options.check else None
    reference = infer(checker, samples, options.check, options.anew) if checker else []
    return {
        "runtime": options.runtime,
        "runtime_version": importlib.metadata.version(RUNTIMES[options.runtime][1]),
        "python": ".".join(map(str, sys.version_info[:3])),
        "numpy": np.__version__,
        "machine": os.uname().machine,
        "cpu": cpu_name(),
        "threads": options.threads,
        "first_ns": first,
        "times_ns": times,
        "peak_rss_bytes": peak,
        "before": before,
        "after": after,
        "outputs_sha256": store(options.outputs, outputs, reference),
    }


def main(argv: list[str] | None = None) -> int:
    """Run, and print the answers."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [EACH]:
        return each(*words[1:])
    answer(parse(words))
    return 0


def each(runtime: str, count: str, folder: str) -> int:
    """Run the models of a folder, one after the other; gives the first exit code that is not 0.

    All children are forked before any of them runs, from one state of this process: its counts depend on the addresses
    of what is free there. Each waits for the number of a model, and ends where none comes. Of a signal that ends one,
    this process ends, too.
    """
    importlib.import_module(RUNTIMES[runtime][0])
    waiting, giving = os.pipe()
    for _ in range(int(count)):
        if os.fork() == 0:
            os.close(giving)
            in_child(waiting, folder)
    for number in range(int(count)):
        os.write(giving, bytes([number]))
        status = os.wait()[1]
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), os.WTERMSIG(status))
        if os.WEXITSTATUS(status):
            return 1
    return 0


def in_child(waiting: int, folder: str) -> None:
    """Run the model whose number comes, and end this process."""
    code = 1
    try:
        if turn := os.read(waiting, 1):
            place, now = f"{folder}/{turn[0]:02}", f"{folder}/{NOW}"
            os.rename(place, now)  # noqa: PTH104, a Path is more memory
            answer(parse(json.loads(Path(now, "options.json").read_text())))
            os.rename(now, place)  # noqa: PTH104
            code = 0
    finally:
        os._exit(code)


def answer(options: argparse.Namespace) -> None:
    """Run a model, and print the answer."""
    try:
        found = work(options)
    except Exception as error:  # noqa: BLE001, whatever it is, the other side must hear of it
        found = {"error": f"{type(error).__name__}: {error}"}
    print(MARKER + json.dumps(dict(found, protocol=PROTOCOL), sort_keys=True), flush=True)


if __name__ == "__main__":
    sys.exit(main())
