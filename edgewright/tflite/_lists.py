"""TensorFlow's lists of tensors, in which loops of recurrent layers gather what each turn gives.

Once a loop is unrolled, each list is known element by element: of FlexTensorListReserve, FlexTensorListSetItem and
FlexTensorListStack a PACK is left, and no Flex operator. What is not known stays as it is, and the check tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edgewright.tflite.graph import NONE, Graph, Node

_MOST = 4096
_RESERVE, _SET, _STACK = (f"CUSTOM(FlexTensorList{name})" for name in ("Reserve", "SetItem", "Stack"))

_List = tuple[int, ...]
"""Numbers of the tensors that are its elements, NONE for what was never set."""


class _UnknownError(Exception):
    """A list is not known when it is built."""


def without_lists(graph: Graph) -> Graph:
    """The graph with PACKs in place of lists; as it was when one of them is not known or goes elsewhere."""
    if not any(node.op == _RESERVE for node in graph.nodes):
        return graph
    lists: dict[int, _List] = {}
    try:
        nodes = [left for node in graph.nodes for left in _without(node, graph, lists)]
    except _UnknownError:
        return graph
    return graph if any(number in lists for number in graph.outputs) else replace(graph, nodes=tuple(nodes))


def _without(node: Node, graph: Graph, lists: dict[int, _List]) -> Sequence[Node]:
    """What is left of a node; `lists` gets the list that it gives."""
    if node.op == _RESERVE:
        lists[node.outputs[0]] = (NONE,) * _number(graph, node, 1, _MOST + 1)
    elif node.op == _SET:
        elements = _list(node, lists)
        place = _number(graph, node, 1, len(elements))
        lists[node.outputs[0]] = (*elements[:place], _input(node, 2), *elements[place + 1 :])
    elif node.op == _STACK:
        return (_packed(node, graph, _list(node, lists)),)
    elif node.op == "RESHAPE" and node.inputs[0] in lists:
        lists[node.outputs[0]] = lists[node.inputs[0]]
    elif any(number in lists for number in node.inputs):
        raise _UnknownError
    else:
        return (node,)
    return ()


def _packed(node: Node, graph: Graph, elements: _List) -> Node:
    shapes = {graph.tensors[number].shape for number in elements if number != NONE}
    output = graph.tensors[node.outputs[0]]
    if NONE in elements or [(len(elements), *shape) for shape in shapes] != [output.shape]:
        raise _UnknownError
    return Node(node.index, "PACK", 1, elements, node.outputs, {"axis": 0, "values_count": len(elements)})


def _list(node: Node, lists: dict[int, _List]) -> _List:
    number = _input(node, 0)
    if number not in lists:
        raise _UnknownError
    return lists[number]


def _number(graph: Graph, node: Node, place: int, end: int) -> int:
    """A constant input in 0..end-1."""
    data = graph.tensors[_input(node, place)].data
    if data is None or data.size != 1 or not 0 <= int(data.reshape(-1)[0]) < end:
        raise _UnknownError
    return int(data.reshape(-1)[0])


def _input(node: Node, place: int) -> int:
    if len(node.inputs) <= place or node.inputs[place] == NONE:
        raise _UnknownError
    return node.inputs[place]
