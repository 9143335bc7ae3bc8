"""Data sets, one module each; `fashion_mnist.py` is the data set "fashion-mnist" because it is there.

A data-set module has

    LABELS: tuple[str, ...]              names of the classes, in the order of their numbers
    NUM_CLASSES: int
    INPUT_SHAPE: tuple[int, ...]         of one example, channels last: (28, 28, 1)
    TRAIN_EXAMPLES, TEST_EXAMPLES: int
    sources() -> list[Path]              local files, or folders of them, whose content decides what `load` gives; empty
                                         where the module itself pins the content by checksum. Cheap: called for every
                                         build.
    load() -> Dataset                    UserError when the data are damaged or can be had nowhere
    load(limit) -> Dataset               or so: at least the first `limit` training and test examples, all where it is
                                         None; what is not asked for need not be made

Importing one is cheap, and TensorFlow enters no process through here: the stages that run a device's runtime load
data too. A `models/<m>/model.py` that brings its own data is such a module as well: `load` and `LABELS` are needed, the
rest is optional. All files of models/<m>/ count as its data; its `sources()` names what lies elsewhere.
"""

from edgewright.datasets._base import (
    Dataset,
    Split,
    load_data,
    sources_of,
    split,
    training_examples,
)
from edgewright.datasets._files import expanded, own_files

__all__ = [
    "Dataset",
    "Split",
    "expanded",
    "load_data",
    "own_files",
    "sources_of",
    "split",
    "training_examples",
]
