"""A graph that a rewrite changes in place: each change costs what it touches, and not the whole graph."""

from __future__ import annotations

from dataclasses import fields, replace

from edgewright.tflite.graph import Graph, Node


class Draft(Graph):
    """As the graph that it begins as, for reading; `done` gives the graph that it has become.

    A change of a node is seen by its readers at once. Tensors stay those of the graph.
    """

    def __init__(self, graph: Graph) -> None:
        for field in fields(graph):
            if field.name != "nodes":
                object.__setattr__(self, field.name, getattr(graph, field.name))
        nodes, makers, readers = dict[int, Node](), dict[int, int](), dict[int, dict[int, None]]()
        for place, node in enumerate(graph.nodes):
            nodes[place] = node
            makers |= dict.fromkeys(node.outputs, place)
            for number in node.inputs:
                readers.setdefault(number, {})[place] = None
        object.__setattr__(self, "_graph", graph)
        object.__setattr__(self, "_at", nodes)
        object.__setattr__(self, "_makers", makers)
        object.__setattr__(self, "_readers", readers)

    _graph: Graph
    _at: dict[int, Node]
    _makers: dict[int, int]
    _readers: dict[int, dict[int, None]]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes as they are now."""
        return tuple(self._at[place] for place in sorted(self._at))

    def places(self) -> list[int]:
        """Where nodes stand, in order; a node keeps its place while it is there."""
        return sorted(self._at)

    def at(self, place: int) -> Node | None:
        """The node at a place, None when it was removed."""
        return self._at.get(place)

    def producer(self, tensor: int) -> Node | None:
        place = self._makers.get(tensor)
        return None if place is None else self._at[place]

    def consumers(self, tensor: int) -> list[Node]:
        return [self._at[place] for place in sorted(self._readers.get(tensor, ()))]

    def put(self, place: int, node: Node | None) -> None:
        """Another node, or none, at a place that has one."""
        old = self._at.pop(place)
        for number in old.outputs:
            del self._makers[number]
        for number in set(old.inputs):
            del self._readers[number][place]
        if node is not None:
            self._at[place] = node
            self._makers |= dict.fromkeys(node.outputs, place)
            for number in node.inputs:
                self._readers.setdefault(number, {})[place] = None

    def place_of(self, node: Node) -> int:
        """Where a node with outputs stands."""
        return self._makers[node.outputs[0]]

    def bypass(self, place: int, index: int = 0) -> bool:
        """Remove a node whose output 0 is its input `index`; False when the model's ends stand in the way."""
        node = self._at[place]
        source, output = node.inputs[index], node.outputs[0]
        if self.tensors[source].is_variable or self.tensors[output].is_variable:
            return False  # a state changes while its copies last
        if output not in self.outputs:
            self.put(place, None)
            self._rename(output, source)
            return True
        if source in self.outputs or source in self.inputs or self.tensors[source].is_constant:
            return False
        self.put(place, None)
        self._rename(source, output)
        return True

    def _rename(self, old: int, new: int) -> None:
        """Every mention of a tensor in nodes replaced by another."""
        places = {*self._readers.get(old, ()), *([self._makers[old]] if old in self._makers else [])}
        for place in places:
            node = self._at[place]
            inputs = tuple(new if tensor == old else tensor for tensor in node.inputs)
            outputs = tuple(new if tensor == old else tensor for tensor in node.outputs)
            self.put(place, replace(node, inputs=inputs, outputs=outputs))

    def done(self) -> Graph:
        """The graph as it is now."""
        return self._graph.with_(nodes=self.nodes)
