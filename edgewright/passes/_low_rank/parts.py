"""The layers that stand in the place of one: they share out its kernel; the last has its name, bias and activation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from edgewright.passes._low_rank.forms import SPATIAL, Form, Spectrum, spatial_factors
from edgewright.passes._low_rank.site import Site
from edgewright.passes.keras_model.rebuild import Part, copied

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

LEAST_VALUE = 1e-12  # singular values below it are zero, and are not divided by
PLAIN = {"use_bias": False, "activation": "linear", "bias_regularizer": None, "bias_constraint": None}
"""Of all layers but the last."""


def parts(found: Spectrum, form: Form, names: set[str]) -> list[Part]:
    """The layers of `form`; names that they take are added to `names`."""
    make = _spatial if form.kind == SPATIAL else _tucker
    pieces = make(found, form)
    before = [_part(found.site, kernel, _free(f"{found.site.layer.name}_{word}", names), changes)
              for word, kernel, changes in pieces[:-1]]  # fmt: skip
    _, kernel, changes = pieces[-1]
    return [*before, _last(found.site, kernel, changes)]


Piece = tuple[str, "Array", dict[str, Any]]  # a word for its name, kernel [height, width, in, out], settings


def _tucker(found: Spectrum, form: Form) -> list[Piece]:
    """Between two kernels the square roots of the singular values are shared, so that their channels have one range."""
    import numpy as np

    site = found.site
    r1, r2 = form.ranks
    kernel = site.kernel
    pieces: list[Piece] = []
    if r1 < site.inputs:
        basis, root = found.in_basis[:, :r1], _root(found.in_values[:r1])
        pieces.append(("in", (basis * root)[None, None], _one_by_one(site)))
        kernel = np.einsum("hwio,ia->hwao", kernel, basis) / root[:, None]
    if r2 == site.outputs:
        return [*pieces, ("core", kernel, {})]
    basis, root = found.out_basis[:, :r2], _root(found.out_values[:r2])
    kernel = np.einsum("hwio,ob->hwib", kernel, basis) / root
    return [*pieces, ("core", kernel, {}), ("out", (basis * root).T[None, None], _one_by_one(site))]


def _spatial(found: Spectrum, form: Form) -> list[Piece]:
    import numpy as np

    site = found.site
    (rank,) = form.ranks
    height, width, inputs, outputs = site.kernel.shape
    left, values, right = spatial_factors(site)
    root = np.sqrt(values[:rank])
    column = (left[:, :rank] * root).reshape(height, 1, inputs, rank)
    row = (root[:, None] * right[:rank]).reshape(1, rank, width, outputs).transpose(0, 2, 1, 3)
    down, across = _along(site.layer, 0), _along(site.layer, 1)
    return [("column", column, down), ("row", row, across)]


def _along(layer: Any, axis: int) -> dict[str, Any]:
    """Strides and dilation along one axis alone."""

    def only(values: tuple[int, int]) -> tuple[int, int]:
        return (values[0], 1) if axis == 0 else (1, values[1])

    return {"strides": only(layer.strides), "dilation_rate": only(layer.dilation_rate)}


def _one_by_one(site: Site) -> dict[str, Any]:
    if type(site.layer).__name__ == "Dense":
        return {}
    ones = tuple(1 for _ in site.layer.kernel_size)
    return {"strides": ones, "dilation_rate": ones, "padding": "valid"}


def _root(values: Array) -> Array:
    import numpy as np

    root: Array = np.sqrt(np.where(values > LEAST_VALUE, values, 1.0))
    return root


def _part(site: Site, kernel: Array, name: str, changes: dict[str, Any]) -> Part:
    layer = copied(site.layer, name=name, **_shape(site.layer, kernel), **changes, **PLAIN)
    return Part(layer, [_as_weights(site.layer, kernel)])


def _last(site: Site, kernel: Array, changes: dict[str, Any]) -> Part:
    layer = copied(site.layer, **_shape(site.layer, kernel), **changes)
    return Part(layer, [_as_weights(site.layer, kernel), *site.layer.get_weights()[1:]])


def _shape(layer: Any, kernel: Array) -> dict[str, Any]:
    """Settings that give the layer this kernel; a constraint on the whole kernel says nothing of its factors."""
    free = {"kernel_constraint": None}
    if type(layer).__name__ == "Dense":
        return {"units": kernel.shape[3], **free}
    return {"filters": kernel.shape[3], "kernel_size": kernel.shape[: len(layer.kernel_size)], **free}


def _as_weights(layer: Any, kernel: Array) -> Any:
    import numpy as np

    spatial = kernel.shape[: len(getattr(layer, "kernel_size", ()))]
    return kernel.reshape(*spatial, *kernel.shape[2:]).astype(np.float32)


def _free(name: str, names: set[str]) -> str:
    while name in names:
        name += "_"
    names.add(name)
    return name
