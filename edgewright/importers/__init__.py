"""What somebody brings in place of a model of the project: each module that does not begin with "_" takes some.

The contract of an importer `importers/<name>.py` (out of tree: an entry point of the group "edgewright.importers"):

    SUFFIXES: tuple[str, ...]
        ends of the names that it takes: (".tflite",). No two importers take the same.
    PATTERN: str                                    # where no suffix can tell: a regular expression for the whole name
    CALLED: tuple[str, ...]                         # where the ends of names say too little
        how messages call what it takes.
    PACKAGES: tuple[str, ...]
        Python packages that its result depends on.
    FILES: tuple[str, ...]                          # where there are some
        files of Edgewright that it depends on and does not import, as patterns.

and one of these three:

    read(path: Path) -> bytes
        the file as a .tflite. UserError: it cannot be read, or is none of its kind.

    look(source: str) -> Look
        what can be told without TensorFlow and without running anything of it, quickly: the graph is made from it.
    prepare(say: Callable[[str], None]) -> None     # where it needs more than Python packages of this environment
        makes it, once, and says before what that costs.
    bring(tf, source: str, form: str) -> Brought
        the model in memory, in one of the forms "keras" and "tflite"; "keras" is asked for where `look` offers it.
        What it says of a model is proven on numbers: `Brought.answer` gives those of the origin.

    look, prepare                                   # as above, of a converter in processes of its own
    convert(source: str) -> Converted
        the model as a float .tflite. Nothing of TensorFlow is in memory while that works.
    opened(source: str, converted: Converted) -> Brought
        the same, ready to be proven; `Brought.run` gives the answers of the .tflite without TensorFlow.

What they give is checked as a hostile file, whoever made it. Importing an importer is cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Answer = Callable[[Sequence["NDArray[Any]"]], Sequence["NDArray[Any]"]]
"""Inputs of a model, each with a batch of one, to its outputs."""


@dataclass(frozen=True)
class Look:
    """What is known of a source before it is imported.

    Attributes:
        files: what is read of it, paths as the source's own.
        keras: whether it becomes a Keras model, which compression passes work on.
        stops: why it does not, each "name (Class)" of a layer, or a sentence.
    """

    files: tuple[str, ...]
    keras: bool = False
    stops: tuple[str, ...] = ()


@dataclass(frozen=True)
class Input:
    """One input of a model, with a batch of one; its name is the origin's."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Converted:
    """What a converter made of a model: a float .tflite, and `known`, all else that the proof needs, as JSON values."""

    tflite: bytes
    known: dict[str, Any]


@dataclass(frozen=True)
class Brought:
    """A model that was imported: `keras`, of tf-keras, or `tflite`, float32.

    Attributes:
        origin: what it was and what opened it: "Keras 3.15.1".
        inputs: of the imported model, in order.
        answer: the origin's own answers to such inputs, in the order of the imported model's outputs.
        facts: what else the report says of it.
        run: the answers of such a .tflite to `inputs`; None: TensorFlow gives them.
    """

    origin: str
    inputs: tuple[Input, ...]
    answer: Answer
    keras: Any = None
    tflite: bytes | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    run: Callable[[bytes], Answer] | None = None
