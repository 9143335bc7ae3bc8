"""Reader of the IDX format (the MNIST data sets) that trusts nothing in the file.

Layout, big endian: two zero bytes, a type code (8 = unsigned byte), the number of dimensions, one uint32 a dimension,
then the elements. Source: the description on the MNIST page, http://yann.lecun.com/exdb/mnist/
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from edgewright.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNSIGNED_BYTE = 8


def read(path: Path, shape: tuple[int, ...], sha256: str, hint: str) -> NDArray[np.uint8]:
    """The array in a gzip-compressed IDX file.

    Args:
        path: the file.
        shape: the shape that it must have; nothing larger is ever read.
        sha256: hex digest of the uncompressed file (the compressed bytes differ between distributors).
        hint: what the user can do about a damaged file.

    Returns:
        uint8 array of `shape`.
    """
    import numpy as np

    header = struct.pack(f">HBB{len(shape)}I", 0, UNSIGNED_BYTE, len(shape), *shape)
    size = len(header) + int(np.prod(shape))
    raw = _decompress(path, size, hint)
    _check_header(path, raw[: len(header)], header, hint)
    if len(raw) != size:
        raise UserError(str(path), "wrong number of elements", got=f"{len(raw)} bytes", allowed=f"{size}", hint=hint)
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise UserError(str(path), "the content is not that of the published data set (SHA-256 differs)", hint=hint)
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape)


def _decompress(path: Path, size: int, hint: str) -> bytes:
    """At most one byte more than `size`, so that a bomb stays small and an overlong file is noticed."""
    try:
        with gzip.open(path, "rb") as file:
            return file.read(size + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(str(path), f"not a whole gzip file ({error})", hint=hint) from error
    except OSError as error:
        raise UserError(str(path), f"cannot be read ({error.strerror})", hint=hint) from error


def _check_header(path: Path, got: bytes, want: bytes, hint: str) -> None:
    if got[:4] != want[:4]:
        raise UserError(str(path), "wrong IDX magic", got=got[:4].hex(), allowed=want[:4].hex(), hint=hint)
    if got != want:
        sizes = struct.unpack(f">{len(got[4:]) // 4}I", got[4 : len(got) // 4 * 4])
        allowed = str(struct.unpack(f">{len(want[4:]) // 4}I", want[4:]))
        raise UserError(str(path), "wrong dimensions", got=sizes, allowed=allowed, hint=hint)
