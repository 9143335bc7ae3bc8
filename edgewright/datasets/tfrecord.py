"""TFRecord files of tf.train.Example, read by TensorFlow: a file, or a folder of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from edgewright import kinds
from edgewright.datasets._declared import Declared, Examples, names_of, places
from edgewright.datasets._files import expanded
from edgewright.errors import UserError
from edgewright.sections.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PACKAGES = ("numpy", "tensorflow")
Length = Annotated[int, Field(ge=1)]


class Options(Declared):
    """Keys of `[data]`."""

    shape: list[Length] = Field(min_length=1, description="of one example", examples=[[96, 96, 3]])
    x: kinds.Line = Field(default="x", description="name of the feature that is the input")
    y: kinds.Line = Field(default="y", description="name of the feature that is told: numbers, or a name of a class")
    holds: Literal["numbers", "bytes", "picture"] = Field(
        default="numbers",
        description="what the input is: a list of numbers; one byte a value, in 0..255; an encoded picture, in 0..1",
    )


OPTIONS = Options


def sources(options: Options, folder: Path) -> list[Path]:
    """The files, or folders of them."""
    return list(places(options, folder).values())


def classes(options: Options, _folder: Path) -> tuple[str, ...]:
    """The names that the section gives; those in the files are not looked for at every build."""
    return names_of(options, ())


def read(options: Options, path: Path, _task: Task) -> Examples:
    """The examples, float32 [N, *shape]."""
    import numpy as np
    import tensorflow as tf

    files = [str(each) for each in expanded([path], "[data] path")]
    xs: list[NDArray[np.float32]] = []
    ys, groups = [], []
    try:
        for number, record in enumerate(tf.data.TFRecordDataset(files).as_numpy_iterator()):
            where = f"{path}: example {number}"
            features = tf.train.Example.FromString(record).features.feature
            xs.append(_input(tf, features, options, where))
            ys.append(_truth(_feature(features, options.y, where), options, where))
            if options.group is not None:
                groups.append(_text(_feature(features, options.group, where)[0]))
    except (tf.errors.OpError, ValueError) as error:
        raise UserError(str(path), f"is no TFRecord of tf.train.Example: {str(error).splitlines()[0]}") from None
    if not xs:
        raise UserError(str(path), "holds no example")
    return Examples(np.stack(xs), ys if options.classes else np.array(ys), groups or None)


def _feature(features: Any, name: str, where: str) -> list[Any]:
    if name not in features:
        raise UserError(where, "has no such feature", got=name, allowed=sorted(features))
    kind = features[name].WhichOneof("kind")
    values = list(getattr(features[name], kind).value) if kind else []
    if not values:
        raise UserError(where, f"feature {name} is empty")
    return values


def _input(tf: Any, features: Any, options: Options, where: str) -> NDArray[np.float32]:
    import numpy as np

    values: Any = _feature(features, options.x, where)
    if options.holds == "picture":
        pixels = tf.io.decode_image(values[0], channels=options.shape[-1], expand_animations=False).numpy()
        values = pixels.astype(np.float32) / np.float32(255)
    elif options.holds == "bytes":
        values = np.frombuffer(values[0], np.uint8)
    found = np.asarray(values, np.float32)
    if found.size != int(np.prod(options.shape)):
        raise UserError(where, f"feature {options.x} is of another size", got=found.size, allowed=f"{options.shape}")
    return found.reshape(options.shape)


def _truth(values: list[Any], options: Options, where: str) -> Any:
    if isinstance(values[0], bytes):
        if options.classes is None:
            hint = 'name them in their order: classes = ["...", "..."]'
            raise UserError(where, f"feature {options.y} is a text", got=_text(values[0]), hint=hint)
        return _text(values[0])
    if options.classes is None:
        return values[0] if len(values) == 1 else values
    if not 0 <= values[0] < len(options.classes):
        raise UserError(where, "a label has no name in classes", got=values[0], allowed=options.classes)
    return options.classes[int(values[0])]


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
