"""A folder of pictures: one folder a class, or the class in the file's name. Values are float32 in 0..1."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from edgewright.datasets._declared import Examples, library
from edgewright.datasets._examples import Files, examples, labels, sources_of
from edgewright.errors import UserError
from edgewright.sections.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".pgm", ".ppm", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "BMP", "DIB", "GIF", "WEBP", "PPM", "TIFF")
"""What Pillow may take a file for, whatever its name says: for some others it would start a program."""

PICTURES = True
PACKAGES = ("numpy", "pillow")
Side = Annotated[int, Field(ge=1, le=4096)]
_MODES = {"grey": "L", "rgb": "RGB"}


class Options(Files):
    """Keys of `[data]`: pictures are brought to one size, by Pillow's bilinear filter."""

    size: tuple[Side, Side] = Field(description="height and width of every picture", examples=[[96, 96]], strict=False)
    colour: Literal["rgb", "grey"] = Field(default="rgb", description="three channels, or one")


OPTIONS = Options


def sources(options: Options, folder: Path) -> list[Path]:
    """The folders with pictures."""
    return sources_of(options, folder)


def classes(options: Options, folder: Path) -> tuple[str, ...]:
    """Names of the classes, in the order of their numbers."""
    return labels(options, folder, SUFFIXES)


def read(options: Options, path: Path, _task: Task) -> Examples:
    """The pictures below a folder, float32 [N, height, width, 1 or 3] in 0..1."""
    image = library("PIL.Image", "Pillow", 'dataset = "images"')
    return examples(options, path, SUFFIXES, lambda file: _picture(image, file, options))


def _picture(image: Any, path: Path, options: Options) -> NDArray[np.float32]:
    import numpy as np

    height, width = options.size
    try:
        with image.open(path, formats=FORMATS) as opened:
            picture = opened.convert(_MODES[options.colour])
            if picture.size != (width, height):
                picture = picture.resize((width, height), image.Resampling.BILINEAR)
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError) as error:
        raise UserError(str(path), f"is no picture that Pillow reads: {error}") from None
    pixels = np.asarray(picture, np.uint8).reshape(height, width, -1)
    return np.asarray(pixels, np.float32) / np.float32(255)
