"""Whether a device gives the answers that this machine gives."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgewright import __version__
from edgewright.devices import Job, Outputs, host
from edgewright.errors import DeviceError
from edgewright.tasks import Truths, judged_by, value

_MODULES = {"tflite-runtime": "tflite_runtime", "litert": "ai_edge_litert"}
_TIMEOUT_S = 600.0
_MOST_LOSS = 0.01  # of a share, absolute; of other metrics the share of this machine's


def runs_here(runtime: str) -> bool:
    """Whether this Python has the runtime: tflite-runtime ends at Python 3.11."""
    return importlib.util.find_spec(_MODULES[runtime]) is not None


def host_outputs(job: Job) -> Outputs | None:
    """This machine's answers to a job, by the same runtime; None when that is not installed here.

    Generated C (runtime "aot") is built for this machine.
    """
    return host_outputs_of([job])[0]


def host_outputs_of(jobs: Sequence[Job]) -> list[Outputs] | list[None]:
    """The same of several models of one runtime, which is started once."""
    runtime = jobs[0].runtime
    if runtime == "aot":
        return [_of_generated_c(job) for job in jobs]
    if not runs_here(runtime):
        return [None] * len(jobs)
    return host.infer_all([replace(job, board={}, firmware=None, rounding=Job.rounding) for job in jobs], _TIMEOUT_S)


def _of_generated_c(job: Job) -> Outputs:
    from edgewright.answers import host_c  # the whole C compiler, which other runtimes need not

    answers = host_c.answers(job.model, job.samples, job.rounding, anew=job.anew)
    return Outputs(tuple(answers), None, ("aot", __version__))


def compare(device: Outputs, here: Outputs, where: str, *, exact: bool) -> dict[str, Any]:
    """How well the answers agree, as JSON values.

    Optimized kernels round differently on different processors, which is told and no fault. Reference kernels do not:
    they may differ by one step where a float function of the system's library takes part.

    Args:
        device: the device's answers.
        here: this machine's, of the same shapes.
        where: names the device in messages.
        exact: integers must be equal to the bit; floats, whose functions come from a system's library, close.

    Raises:
        DeviceError: the device computes something else.
    """
    _check_shapes(device, here, where)
    figures = {"with": f"{' '.join(here.runtime)} on the host", **_figures(device.values, here.values)}
    if exact and not (figures["equal"] or (_floats(here.values) and _close(device.values, here.values))):
        raise DeviceError(f"{where}: its answers are not those of the same C on this machine: {figures}")
    if device.reference is None or here.reference is None:
        return {**figures, "reference_kernels": None}
    reference = _figures(device.reference, here.reference)
    if not _close(device.reference, here.reference):
        raise DeviceError(f"{where}: its reference kernels give other answers than this machine's: {reference}")
    return {**figures, "reference_kernels": reference}


def accuracy(
    device: Sequence[NDArray[Any]], here: Sequence[NDArray[Any]], truths: Truths, where: str
) -> dict[str, Any]:
    """What the answers of the device and of this machine are worth, as JSON values.

    Args:
        device: real values of the device's outputs (n, ...), in the order of the task's.
        here: this machine's.
        truths: of these n examples.
        where: names the device in messages.

    Raises:
        DeviceError: the device's is worse by more than a hundredth: what is shipped is worse than what is reported.
    """
    metric = judged_by(truths)
    of_device, of_host = value(device, truths), value(here, truths)
    terms = metric.terms
    most = _MOST_LOSS if terms.share else _MOST_LOSS * abs(of_host)
    if terms.loss(of_host, of_device) > most:
        got, known = terms.show(of_device), terms.show(of_host)
        problem = f"{terms.title} {got} of {len(truths)} test examples, where this machine has {known}"
        raise DeviceError(f"{where}: the model is worse there than the report would say: {problem}")
    values = {"device": round(of_device, 6), "host": round(of_host, 6)}
    return {"metric": metric.name, **terms.as_json(), "samples": len(truths), **values}


def _check_shapes(device: Outputs, here: Outputs, where: str) -> None:
    got, wanted = ([(x.shape, str(x.dtype)) for x in outputs.values] for outputs in (device, here))
    if got != wanted:
        raise DeviceError(f"{where}: answers of shape {got} were given where the model has {wanted}")


def _floats(values: tuple[NDArray[Any], ...]) -> bool:
    return all(np.issubdtype(value.dtype, np.floating) for value in values)


def _figures(device: tuple[NDArray[Any], ...], here: tuple[NDArray[Any], ...]) -> dict[str, Any]:
    difference = max(_difference(a, b) for a, b in zip(device, here, strict=True))
    return {
        "samples": len(device[0]),
        "equal": all(bool(np.array_equal(a, b)) for a, b in zip(device, here, strict=True)),
        "argmax": round(float(np.mean(_argmax(device[0]) == _argmax(here[0]))), 6),
        "max_difference": difference,
    }


def _difference(a: NDArray[Any], b: NDArray[Any]) -> float | int:
    difference = np.abs(a.astype(np.float64) - b.astype(np.float64)).max(initial=0.0)
    return float(difference) if np.issubdtype(a.dtype, np.floating) else int(difference)


def _argmax(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(values.reshape(len(values), -1).argmax(axis=1), np.int64)


def _close(device: tuple[NDArray[Any], ...], here: tuple[NDArray[Any], ...]) -> bool:
    return all(
        np.allclose(a, b, rtol=1e-3, atol=1e-4) if np.issubdtype(a.dtype, np.floating) else _difference(a, b) <= 1
        for a, b in zip(device, here, strict=True)
    )
