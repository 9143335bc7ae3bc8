"""What runs a model on a device."""

from typing import Literal

Runtime = Literal["aot", "tflite-runtime", "litert"]
