#!/usr/bin/env bash
# Does Keras 3 read the .h5 file that it has just written?
#
# One would guess: yes, as it reads its .keras file; .h5 is called legacy, but saving to it gives nothing but a warning
#   of that.
# What happens: where a layer came of arithmetic with a number, as x + 3.0, saving succeeds and loading ends in a
#   ValueError on positional arguments. MobileNetV3Small of keras.applications is such a model (its hard swish adds 3),
#   MobileNetV2 is not. The same models come back from .keras.
# Versions: keras 3.15.1, tensorflow 2.21.0, Python 3.11, Linux x86-64. Seen on 2026-11-30.
# For a user: save as .keras; an .h5 file that was read once is no sign that the next one will be.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"${PYTHON:-python3.11}" -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet keras==3.15.1 tensorflow==2.21.0

cd "$dir"
TF_CPP_MIN_LOG_LEVEL=3 KERAS_BACKEND=tensorflow "$dir/venv/bin/python" - 2> /dev/null <<'PYTHON'
import sys
from importlib.metadata import version

import keras


def arithmetic():
    x = keras.Input((4,))
    return keras.Model(x, x + 3.0)


def application(name):
    return getattr(keras.applications, name)(weights=None, classes=3, input_shape=(64, 64, 3))


def outcome(model, path):
    model.save(path)
    try:
        keras.saving.load_model(path)
    except ValueError as error:
        return f"{type(error).__name__}: {str(error).split('.')[0]}"
    return "read"


print(", ".join(f"{name} {version(name)}" for name in ("keras", "tensorflow")))
models = {"x + 3.0": arithmetic()} | {name: application(name) for name in ("MobileNetV2", "MobileNetV3Small")}
got = {}
for name, model in models.items():
    for suffix in (".keras", ".h5"):
        got[name, suffix] = outcome(model, "model" + suffix)
        print(f"{name}, {suffix}: {got[name, suffix]}")
refused = {key for key, said in got.items() if said.startswith("ValueError: Only input tensors")}
if refused != {("x + 3.0", ".h5"), ("MobileNetV3Small", ".h5")} or set(got.values()) - {"read"} != {got["x + 3.0", ".h5"]}:
    sys.exit("changed: this is no longer what was seen")
PYTHON
# Seen:
#   keras 3.15.1, tensorflow 2.21.0
#   x + 3.0, .keras: read
#   x + 3.0, .h5: ValueError: Only input tensors may be passed as positional arguments
#   MobileNetV2, .keras: read
#   MobileNetV2, .h5: read
#   MobileNetV3Small, .keras: read
#   MobileNetV3Small, .h5: ValueError: Only input tensors may be passed as positional arguments
