"""The states of a model: variables by handle (VAR_HANDLE ...) and variable tensors, brought into one form.

In the graph that comes out a state is an entry of `Graph.states`, and a tensor says which state it is. READ_VARIABLE
has the state's tensor as its input. ASSIGN_VARIABLE has the value as its input and a new tensor, which is the state
from there on, as its output. VAR_HANDLE is gone, and so is CALL_ONCE of a subgraph that does no more than give
variables their first, constant content: that is what they hold after a reset. A node that does not fit stays as it
is, for the compiler to tell of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from edgewright.tflite.control import Part
from edgewright.tflite.graph import ITEM_BYTES, NONE, Node, State, Tensor

Key = tuple[str, str]
"""Container and shared name of a variable."""

_USES = ("READ_VARIABLE", "ASSIGN_VARIABLE")


@dataclass(frozen=True)
class Resolved:
    """Nodes, tensors and states of a graph."""

    nodes: tuple[Node, ...]
    tensors: Mapping[int, Tensor]
    states: tuple[State, ...]


def resolve(
    nodes: Sequence[Node], tensors: Mapping[int, Tensor], variables: set[int], subgraph: Callable[[int], Part | None]
) -> Resolved:
    """Bring the states of a graph into the form above.

    Args:
        nodes: of the main subgraph, in order.
        tensors: of the main subgraph.
        variables: numbers of its variable tensors.
        subgraph: another subgraph by its number, None when there is none.
    """
    resolver = _Resolver(tensors, subgraph)
    resolver.add_tensors(sorted(variables))
    kept = [new for node in nodes for new in resolver.node(node)]
    return Resolved(tuple(kept), resolver.tensors, tuple(resolver.states))


class _Resolver:
    def __init__(self, tensors: Mapping[int, Tensor], subgraph: Callable[[int], Part | None]) -> None:
        self.tensors = dict(tensors)
        self.states: list[State] = []
        self._subgraph = subgraph
        self._next = max(tensors, default=-1) + 1
        self._handles: dict[int, Key] = {}
        self._first: dict[Key, Tensor] = {}
        self._now: dict[Key, int] = {}

    def add_tensors(self, numbers: Sequence[int]) -> None:
        """States for variable tensors; as in TensorFlow Lite Micro an int8 one begins as its zero point."""
        for number in numbers:
            tensor = self.tensors[number]
            if tensor.dtype in ITEM_BYTES and tensor.dtype != "resource" and not tensor.is_constant:
                self.tensors[number] = replace(tensor, state=self._add(tensor, None))

    def node(self, node: Node) -> Iterator[Node]:
        """What stands for a node."""
        if node.op == "VAR_HANDLE" and len(node.outputs) == 1:
            self._handles[node.outputs[0]] = key_of(node)
        elif node.op == "CALL_ONCE":
            yield from () if self._called_once(node) else (node,)
        elif node.op in _USES and node.inputs and node.inputs[0] in self._handles:
            yield self._use(node, self._handles[node.inputs[0]])
        else:
            yield node

    def _called_once(self, node: Node) -> bool:
        """Take the first contents of variables from a subgraph; False when it does anything else."""
        part = None if self._now else self._subgraph(int(node.options.get("init_subgraph_index", 0)))
        contents = None if part is None else first_contents(part.nodes, part.tensors)
        self._first.update(contents or {})
        return contents is not None

    def _use(self, node: Node, key: Key) -> Node:
        is_read = node.op == "READ_VARIABLE"
        shown = (node.outputs if is_read else node.inputs[1:])[:1]
        if len(node.inputs) != (1 if is_read else 2) or len(shown) != 1 or shown[0] == NONE:
            return node
        current = self._current(key, self.tensors[shown[0]])
        if is_read:
            return replace(node, inputs=(current,))
        self._now[key] = self._tensor(replace(self.tensors[current], name=key[1]))
        return replace(node, inputs=shown, outputs=(self._now[key],))

    def _current(self, key: Key, like: Tensor) -> int:
        """The tensor that is the variable now; a variable has the type of its first content, or of its first use."""
        if key not in self._now:
            first = self._first.get(key)
            like = replace(first or like, name=key[1], data=None)
            self._now[key] = self._tensor(replace(like, state=self._add(like, first)))
        return self._now[key]

    def _add(self, like: Tensor, first: Tensor | None) -> int:
        zero = like.quantization.zero_point if like.quantization and like.dtype == "int8" else 0
        data = first.data if first else None
        self.states.append(State(like.name or f"state {len(self.states)}", like.shape, like.dtype, zero & 0xFF, data))
        return len(self.states) - 1

    def _tensor(self, like: Tensor) -> int:
        self.tensors[self._next] = replace(like, id=self._next)
        self._next += 1
        return self._next - 1


def key_of(node: Node) -> Key:
    """What variable a VAR_HANDLE names."""
    return str(node.options.get("container") or ""), str(node.options.get("shared_name") or "")


def first_contents(nodes: Sequence[Node], tensors: Mapping[int, Tensor]) -> dict[Key, Tensor] | None:
    """The constants that a subgraph assigns to variables, None when it does anything else."""
    handles: dict[int, Key] = {}
    found: dict[Key, Tensor] = {}
    for node in nodes:
        if node.op == "VAR_HANDLE" and len(node.outputs) == 1:
            handles[node.outputs[0]] = key_of(node)
            continue
        if node.op != "ASSIGN_VARIABLE" or len(node.inputs) != 2 or node.inputs[0] not in handles:
            return None
        value = tensors.get(node.inputs[1])
        if value is None or not value.is_constant or value.dtype not in ITEM_BYTES:
            return None
        found[handles[node.inputs[0]]] = value
    return found
