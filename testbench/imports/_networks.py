"""Which networks there are in which format, and how each file is made: in a process with the right Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edgewright.home import home
from edgewright.importers import onnx, torch
from testbench.zoo import keras_networks, onnx_networks

APPLICATIONS = ("MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0", "ResNet50")
"""Of keras.applications: inputs of 96 x 96 x 3, ten classes, weights at random."""

CONVOLUTIONAL = (
    *("autoencoder", "batch_norm", "causal", "group_norm", "residual", "separable", "slopes", "squeeze_excite"),
    *("two_inputs", "upsampling", "over_time", "pruned", *APPLICATIONS, "ResNet18"),
)
"""Nets of the kinds that every format has to bring in whole."""

FORMATS = {
    "keras2-h5": (".h5", "Keras 2, .h5"),
    "keras2-keras": (".keras", "Keras 2, .keras"),
    "keras3-keras": (".keras", "Keras 3, .keras"),
    "keras3-h5": (".h5", "Keras 3, .h5"),
    "saved-model": ("/", "SavedModel, of Keras 3's export"),
    "onnx": (".onnx", "ONNX"),
    "torch": (".pt2", "PyTorch, .pt2"),
}
"""Ends of names, and what they are."""

TORCH = (
    *("attention", "autoencoder", "batch_norm", "bidirectional", "causal", "embedding", "group_norm", "gru", "lstm"),
    *("over_time", "pruned", "residual", "separable", "slopes", "softmax_axis", "squeeze_excite", "two_inputs"),
    *("upsampling", *APPLICATIONS, "ResNet18"),
)
"""Those of testbench/zoo/torch_networks.py, which nothing imports: it needs torch."""

LARGE = (*APPLICATIONS, "ResNet18")
"""ONNX has those that torch writes; the C of these runs on this machine: no emulated board has so much memory."""

_SIZE, _CLASSES = 96, 10


def networks(form: str) -> tuple[str, ...]:
    """Names of the networks that there are in a format."""
    if form == "onnx":
        return (*onnx_networks.NETWORKS, *LARGE)
    if form == "torch":
        return TORCH
    return (*keras_networks.NETWORKS, *APPLICATIONS)


def path_of(work: Path, form: str, name: str) -> str:
    """Where a file lies; a folder has "/" at its end."""
    return f"{work / form / name}{FORMATS[form][0]}"


def make(form: str, work: Path) -> None:
    """Write the files of a format that are not there; `python -m testbench.imports._networks FORM FOLDER`."""
    (work / form).mkdir(parents=True, exist_ok=True)
    write = _writer(form)
    for name in networks(form):
        path = path_of(work, form, name)
        if not Path(path).exists():
            print(path, flush=True)
            write(name, path)


def _writer(form: str) -> Callable[[str, str], None]:
    if form in {"onnx", "torch"}:
        return _write_there
    keras = _keras(2 if form.startswith("keras2") else 3)

    def write(name: str, path: str) -> None:
        model = _network(keras, name)
        model.export(path, verbose=False) if form == "saved-model" else model.save(path)

    return write


def _write_there(name: str, path: str) -> None:
    """In the environment of a converter: ours has neither onnx nor torch."""
    by_torch = path.endswith(".pt2") or name in LARGE
    environment = torch.ENVIRONMENT if by_torch else onnx.ENVIRONMENT
    environment.make(print)
    script = home() / "testbench" / "zoo" / f"{'torch' if by_torch else 'onnx'}_networks.py"
    subprocess.run([environment.program, "-I", script, Path(path).parent, Path(path).name], check=True)


def _keras(version: int) -> Any:
    os.environ.update({"TF_USE_LEGACY_KERAS": str(int(version == 2)), "TF_CPP_MIN_LOG_LEVEL": "2"})
    from tensorflow import keras

    return keras


def _network(keras: Any, name: str) -> Any:
    if name not in APPLICATIONS:
        return keras_networks.build(keras, name, None)
    keras.utils.set_random_seed(1)
    made = getattr(keras.applications, name)
    model = made(weights=None, input_shape=(_SIZE, _SIZE, 3), classes=_CLASSES)
    keras_networks.spread(model)  # as they are drawn, nothing of the input is left at the end
    return model


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
