"""Which layer feeds which in a Keras model, seen past layers that are taken out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from edgewright.passes.keras_model.rebuild import network_nodes


class Flow:
    """The layers of one model (not of those inside it) and who reads whom."""

    def __init__(self, model: Any) -> None:
        nodes = network_nodes(model)
        self._makers = {id(tensor): node.layer for node in nodes for tensor in _tensors(node.outputs)}
        self._inputs: dict[Any, list[Any]] = {}
        self._readers: dict[Any, list[Any]] = {}
        for node in nodes:
            feeders = [] if node.is_input else [self._makers[id(tensor)] for tensor in node.keras_inputs]
            self._inputs.setdefault(node.layer, []).extend(feeders)
            for feeder in feeders:
                self._readers.setdefault(feeder, []).append(node.layer)
        self._calls = Counter(node.layer for node in nodes)
        self._training = {node.layer for node in nodes if not node.is_input and node.call_kwargs.get("training")}
        self._outputs = {self._makers[id(tensor)] for tensor in model.outputs}
        self._gone: set[Any] = set()

    @property
    def layers(self) -> Iterator[Any]:
        """Layers that are not taken out, each after those that feed it."""
        return (layer for layer in self._inputs if layer not in self._gone)

    @property
    def gone(self) -> set[Any]:
        """Layers that were taken out."""
        return set(self._gone)

    def take_out(self, layer: Any) -> None:
        """Hand the layer's one input on to its readers."""
        self._gone.add(layer)

    def once(self, layer: Any) -> bool:
        """Whether the layer is called one time, and not as in training: a change of it is seen at one place alone."""
        return self._calls[layer] == 1 and layer not in self._training

    def inputs(self, layer: Any) -> list[Any]:
        """The layers that feed `layer`, in the order of its arguments."""
        return [self._present(feeder) for feeder in self._inputs[layer]]

    def readers(self, layer: Any) -> list[Any]:
        """The layers that `layer` feeds; one that reads it twice is there twice."""
        found = []
        for reader in self._readers.get(layer, []):
            found += self.readers(reader) if reader in self._gone else [reader]
        return found

    def is_output(self, layer: Any) -> bool:
        """Whether the model gives out what `layer` makes."""
        past = (reader for reader in self._readers.get(layer, []) if reader in self._gone)
        return layer in self._outputs or any(self.is_output(reader) for reader in past)

    def _present(self, layer: Any) -> Any:
        while layer in self._gone:
            layer = self._inputs[layer][0]
        return layer


def _tensors(outputs: Any) -> list[Any]:
    if isinstance(outputs, dict):
        return [tensor for value in outputs.values() for tensor in _tensors(value)]
    if isinstance(outputs, (list, tuple)):
        return [tensor for value in outputs for tensor in _tensors(value)]
    return [outputs]
