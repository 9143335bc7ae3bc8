"""The generated C of a model as the firmware and the bundle take it: what stands in its compile.json."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgewright.c_constants import ENDING, constant_arrays
from edgewright.errors import UserError
from edgewright.files import MANIFEST, Shape, check_manifest, misfit, read_json, read_manifest

FACTS = "compile.json"
_TENSOR: Shape = {"bytes": int, "dtype": str, "shape": [int]}
_SHAPE: Shape = {**MANIFEST, "name": str}
_MODEL: Shape = {"name": str, "inputs": [_TENSOR], "outputs": [_TENSOR], "layers": [{"op": str}]}
_CTYPES = {"float32": "float", "bool": "int8_t"}
_LAYER = re.compile(r"(?:(?P<model>\w+)_)?layer_(?P<layer>\d+)_\w+")


@dataclass(frozen=True)
class Port:
    """An input or output tensor of the model.

    Attributes:
        field: its name in C: "input", or "input_0" where inputs or outputs are several.
        macro: prefix of its constants in <model>.h: "KWS_INPUT", or "KWS_INPUT_0".
        start: its first byte where all inputs, or all outputs, lie one after the other.
    """

    field: str
    macro: str
    start: int
    facts: Mapping[str, Any]

    @property
    def bytes(self) -> int:
        """Its size."""
        return int(self.facts["bytes"])

    @property
    def offset(self) -> int | None:
        """Where in the arena it may lie; None for an input that comes by rows."""
        found = self.facts["arena_offset"]
        return None if found is None else int(found)

    @property
    def is_quantized(self) -> bool:
        """Whether its numbers stand for real values, and the header converts between both."""
        return self.facts.get("scale") is not None and self.facts["dtype"] in ("int8", "uint8", "int16")

    @property
    def ctype(self) -> str:
        """C type of an element."""
        return _CTYPES.get(self.facts["dtype"], f"{self.facts['dtype']}_t")

    @property
    def elements(self) -> int:
        """How many values it holds."""
        return math.prod(self.facts["shape"])


@dataclass(frozen=True)
class GeneratedModel:
    """A model of generated C."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The C prefix of the model."""
        return str(self.facts["name"])

    @property
    def macro(self) -> str:
        """Prefix of the constants in <model>.h."""
        return self.name.upper()

    @property
    def state_bytes(self) -> int:
        """Bytes that the model keeps from one call to the next; 0 for a model without state."""
        return int(self.facts.get("state_bytes", 0))

    @property
    def unpack(self) -> str | None:
        """When its weights are unpacked: "startup" (to RAM), "install" (to flash); None where none are."""
        when = self.facts.get("unpack")
        return None if when is None else str(when)

    @property
    def takes_rows(self) -> bool:
        """Whether it is given its input row by row."""
        return bool(self.facts.get("rows"))

    @property
    def needs(self) -> list[str]:
        """Conditions of C's preprocessor under which its kernels compile; none where they are portable."""
        return list(self.facts.get("needs", ()))

    @property
    def labels(self) -> list[str]:
        """Names of the classes."""
        return list(self.facts.get("labels", ()))

    @property
    def plan(self) -> dict[str, Any]:
        """What it needs of memory, as model_memory.h.j2 takes it."""
        return {
            "arena_bytes": int(self.facts["arena_bytes"]),
            "state_bytes": self.state_bytes,
            "weights_bytes": int(self.facts.get("unpacked_bytes", 0)),
            "ends": [*self.inputs, *self.outputs],
        }

    @property
    def inputs(self) -> list[Port]:
        """The inputs, in the order of `<model>_inputs`."""
        return self._ports("inputs", "INPUT")

    @property
    def outputs(self) -> list[Port]:
        """The outputs, in the order of `<model>_outputs`."""
        return self._ports("outputs", "OUTPUT")

    def _ports(self, key: str, macro: str) -> list[Port]:
        tensors: Sequence[Mapping[str, Any]] = self.facts[key]
        single = len(self.facts["inputs"]) == len(self.facts["outputs"]) == 1
        ports, start = [], 0
        for index, tensor in enumerate(tensors):
            suffix = "" if single else f"_{index}"
            field = f"{macro}{suffix}"
            ports.append(Port(field.lower(), f"{self.macro}_{field}", start, tensor))
            start += int(tensor["bytes"])
        return ports

    @property
    def peak_layer(self) -> str:
        """The layer that sets the size of the arena: "CONV_2D (layer 2)"; empty for a model without layers."""
        index, layers = self.facts["peak_layer"], self.facts["layers"]
        return f"{layers[index]['op']} (layer {index})" if layers else ""


@dataclass(frozen=True)
class Constant:
    """A constant array: its name in C, the model and the number of the layer that it was made for, and its size."""

    name: str
    model: str
    layer: int
    bytes: int


@dataclass(frozen=True)
class Library:
    """A folder of generated C: a model, or several that were compiled together.

    Attributes:
        name: what its files are named after; of a model alone its own.
        models: in the order in which they were named.
        files: sources and headers of all; paths relative to the folder.
    """

    folder: Path
    name: str
    models: tuple[GeneratedModel, ...]
    files: tuple[str, ...]

    @property
    def sources(self) -> list[str]:
        """What is compiled."""
        return [name for name in self.files if name.endswith(".c")]

    @property
    def macro(self) -> str:
        """Prefix of constants that are named after the whole."""
        return self.name.upper()

    @property
    def has_several(self) -> bool:
        """Whether models share it."""
        return len(self.models) > 1

    @property
    def largest(self) -> GeneratedModel:
        """The model that sets the size of the arena."""
        return max(self.models, key=lambda model: int(model.facts.get("arena_bytes", 0)))

    @property
    def needs(self) -> list[str]:
        """Conditions of C's preprocessor under which its kernels compile."""
        return sorted({need for model in self.models for need in model.needs})

    @property
    def source_sha256(self) -> str:
        """Of the file that it was made of; of several their hashes' hash."""
        hashes = [str(model.facts["source_sha256"]) for model in self.models]
        return hashlib.sha256("".join(hashes).encode()).hexdigest() if self.has_several else hashes[0]

    def weight_names(self) -> frozenset[str]:
        """Names of the constant arrays that hold weights."""
        return frozenset(array.name for array in constant_arrays(self._weights()))

    def constants(self) -> list[Constant]:
        """The constant arrays that layers read."""
        found = ((array, _LAYER.fullmatch(array.name)) for array in constant_arrays(self._weights()))
        return [
            Constant(array.name, layer["model"] or self.name, int(layer["layer"]), array.bytes)
            for array, layer in found
            if layer
        ]

    def _weights(self) -> str:
        path = self.folder / f"{self.name}{ENDING}"
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def read_library(folder: Path) -> Library:
    """The generated C in `folder`; UserError when there is none, or not what was generated."""
    path = folder / FACTS
    if not path.is_file():
        raise UserError(str(path), "is missing", hint="make the C code of the model first: the compile stage writes it")
    facts = read_json(path, _SHAPE)
    alone = "models" not in facts
    if problem := misfit(facts, _MODEL if alone else {"models": [_MODEL]}):
        raise UserError(str(path), f"is damaged: {problem}", hint="a file in build/ is made anew by the next build")
    files = read_manifest(path)
    check_manifest(folder, files)
    models = tuple(GeneratedModel(folder, each) for each in ([facts] if alone else facts["models"]))
    return Library(folder, facts["name"], models, tuple(files))
