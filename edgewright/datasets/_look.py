"""What looks wrong in data that are in order: said before a training, because a training does not say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from edgewright.datasets._splits import Splits
from edgewright.sections.task import Task
from edgewright.several import each, named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgewright.several import Values

FAR = 1000.0
"""How many times the deviation of one column may be that of another."""

SHOWN = 5
PARTS = ("train", "validation", "test")


def oddities(splits: Splits, task: Task) -> list[str]:
    """One line for each thing that a person should know of the data; empty where nothing is odd."""
    found = [line for x in each(splits.train_x) for line in _columns(x)]
    found += _twice(splits)
    for name, kind in _outputs(task).items():
        truths = {part: named(splits.part(part)[1], [name])[name] for part in PARTS}
        if kind == "classification":
            found += [f"{name}: {line}" if name else line for line in _classes(truths)]
        elif kind == "regression":
            found += [f"{name}: {line}" if name else line for line in _targets(truths["train"])]
    return found


def _outputs(task: Task) -> dict[str, str]:
    return {output.name: output.kind for output in task.outputs} or {"": task.kind}


def _columns(x: NDArray[np.float32]) -> Iterator[str]:
    """Of tables [N, columns] and of series [N, steps, channels]; a picture may well have a constant border."""
    import numpy as np

    if x.ndim not in (2, 3) or len(x) < 2:
        return
    flat = x.reshape(-1, x.shape[-1]).astype(np.float64)
    deviations = flat.std(axis=0)
    constant = np.flatnonzero(flat.max(axis=0) == flat.min(axis=0))
    if len(constant):
        yield f"{_listed('column', constant)} of the training inputs never changes: nothing can be learned from it"
    changing = np.flatnonzero(deviations > 0)
    if len(changing) < 2:
        return
    least, most = changing[deviations[changing].argmin()], changing[deviations[changing].argmax()]
    if deviations[most] > FAR * deviations[least]:
        told = f"column {most} deviates by {deviations[most]:.4g} and column {least} by {deviations[least]:.4g}"
        yield f"{told}: bring all to one scale, else the small ones are not seen, least of all in int8"


def _twice(splits: Splits) -> Iterator[str]:
    """Examples that are judged by, and were learned from."""
    known = set(_each(splits.train_x))
    for name in PARTS[1:]:
        x, _ = splits.part(name)
        if again := sum(digest in known for digest in _each(x)):
            yield f"{again:,} of {len(x):,} {name} examples are training examples too: its figures say too much"


def _each(x: Values) -> Iterator[bytes]:
    """A digest of each example, of all its inputs."""
    arrays = each(x)
    return (blake2b(b"".join(a[i].tobytes() for a in arrays), digest_size=16).digest() for i in range(len(x)))


def _classes(truths: Mapping[str, NDArray[np.int64]]) -> Iterator[str]:
    import numpy as np

    trained = set(np.unique(truths["train"]).tolist())
    if len(trained) == 1:
        yield f"all training examples are of one class, {next(iter(trained))}"
    elif 0 not in trained:
        yield f"classes count from 0, and no training example is of class 0, but of {_listed('class', sorted(trained))}"
    elif gaps := sorted(set(range(max(trained))) - trained):
        yield f"{_listed('class', gaps)} has no training example"
    for name in PARTS[1:]:
        if strange := sorted(set(np.unique(truths[name]).tolist()) - trained):
            said = f"{_listed('class', strange)} is in the {name} data and not in the training data"
            in_order = name == "validation" and bool((np.diff(truths["train"]) >= 0).all())
            yield said + (": the examples are sorted by class, shuffle them in load()" if in_order else "")


def _targets(truth: NDArray[np.float32]) -> Iterator[str]:
    import numpy as np

    flat = truth.reshape(len(truth), -1)
    if len(constant := np.flatnonzero(flat.max(axis=0) == flat.min(axis=0))):
        yield f"{_listed('number', constant)} that is to be told is the same for all training examples"


def _listed(what: str, numbers: Sequence[int] | NDArray[np.int64]) -> str:
    some = ", ".join(str(int(number)) for number in numbers[:SHOWN])
    return f"{what} {some}" + (f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else "")
