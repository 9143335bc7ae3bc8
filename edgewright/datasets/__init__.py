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

and may have

    load_test(limit) -> (x, y)           the test part of `load(limit)`, where it is quicker to read that alone
    found() -> Path | None               where its files lie on this machine; None: they would be downloaded
    HINT: str                            how to get them, for `edgewright doctor`

A form of files that a person declares in model.toml, as `images.py`, has instead

    OPTIONS: type[Declared]              its keys of `[data]`: those of `_declared.Declared` and its own
    sources(options, folder) -> list[Path]
                                         the files and folders that the examples lie in; `folder` is the model's
    classes(options, folder) -> tuple[str, ...]
                                         names of the classes; cheap, as it is asked for every build
    read(options, path, task) -> Examples
                                         what lies in one of those places; it is split and checked for it
    PACKAGES: tuple[str, ...]            Python packages that decide what is read; with "tensorflow" it is started
    PICTURES: bool                       may be left out: whether examples are pictures with values of 0 to 1

Importing one is cheap, and TensorFlow enters no process through here: the stages that run a device's runtime load
data too. A `models/<m>/model.py` that brings its own data is such a module as well: `load` and `LABELS` are needed, the
rest is optional. All files of models/<m>/ count as its data; its `sources()` names what lies elsewhere.
"""

from edgewright.datasets._base import (
    declared_classes,
    declared_files,
    is_declared,
    load_data,
    load_part,
    sources_of,
    training_examples,
)
from edgewright.datasets._files import expanded, own_files
from edgewright.datasets._look import oddities
from edgewright.datasets._prepared import read_prepared, write_prepared
from edgewright.datasets._splits import Dataset, Split, Splits, split

__all__ = [
    "Dataset",
    "Split",
    "Splits",
    "declared_classes",
    "declared_files",
    "expanded",
    "is_declared",
    "load_data",
    "load_part",
    "oddities",
    "own_files",
    "read_prepared",
    "sources_of",
    "split",
    "training_examples",
    "write_prepared",
]
