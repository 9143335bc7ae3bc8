"""Download through Keras into its cache, in a process of its own: `python -m edgewright.datasets._download ...`.

TensorFlow must not enter the process that asks, which may be one that runs tflite_runtime.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from edgewright.errors import ToolError

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def keras_cache() -> Path:
    """The folder in which Keras keeps data sets."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def fetch(name: str, subfolder: str = "", sha256: str | None = None, origin: str = "") -> None:
    """Have Keras download `name` into `keras_cache() / subfolder`; ToolError with the reason when it cannot.

    `origin`: where it is, when not among the data sets of Keras.
    """
    origin = origin or ORIGIN + name
    command = [sys.executable, "-m", __name__, name, str(keras_cache() / subfolder), sha256 or "", origin]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise ToolError(f"{origin}: download failed: {reason[0]}")


def main() -> None:
    """Arguments: name, folder, SHA-256 or "" (then the caller checks the content), where it is."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    from tensorflow import keras

    name, folder, sha256, origin = sys.argv[1:]
    keras.utils.get_file(name, origin, cache_subdir=folder, file_hash=sha256 or None)


if __name__ == "__main__":
    main()
