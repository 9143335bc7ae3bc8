"""The ways to split a kernel: what each costs, and what it keeps.

Tucker-2 (Y.-D. Kim et al., "Compression of Deep Convolutional Neural Networks for Fast and Low Power Mobile
Applications", 2016, arXiv:1511.06530): 1 x 1 from the inputs to r1 channels, the kernel's size from r1 to r2, 1 x 1
from r2 to the outputs. The bases are the singular vectors of the kernel unfolded along inputs and along outputs, so
that the energy kept is that of the core: all ranks are judged from one table. Where r1 is all the inputs or r2 all the
outputs that 1 x 1 layer falls away; of a dense layer this leaves the plain singular value decomposition.

Spatial (M. Jaderberg, A. Vedaldi, A. Zisserman, "Speeding up Convolutional Neural Networks with Low Rank Expansions",
2014, arXiv:1405.3866): a column of the kernel's height to r channels, then a row of its width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from edgewright.passes._low_rank.site import Site

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

TUCKER, SPATIAL = "tucker", "spatial"
LEAST_SAVING = 0.1  # of the multiply-accumulates: every further layer costs time and a tensor of its own


class Form(NamedTuple):
    """One way to split a layer.

    `ranks`: (r1, r2) of tucker, (r,) of spatial; `kept`: share of the kernel's sum of squares, 0..1.
    """

    kind: str
    ranks: tuple[int, ...]
    macs: int
    weights: int
    kept: float


@dataclass(frozen=True)
class Spectrum:
    """What the forms of one layer keep.

    Attributes:
        site: the layer.
        core: the kernel in the bases of inputs and outputs, [height, width, a, b].
        in_basis: [in, a], a column each; out_basis: [out, b]; by falling singular value. No more columns than the
            kernel unfolded along them can have singular values: a = min(in, taps * out), b = min(out, taps * in).
        in_values: singular values of the kernel unfolded along its inputs; out_values: along its outputs.
    """

    site: Site
    core: Array
    in_basis: Array
    out_basis: Array
    in_values: Array
    out_values: Array


def spectrum(site: Site) -> Spectrum:
    """The bases of inputs and outputs, and the kernel in them."""
    import numpy as np

    kernel = site.kernel
    in_values, in_basis = _basis(kernel.transpose(2, 0, 1, 3).reshape(site.inputs, -1))
    out_values, out_basis = _basis(kernel.transpose(3, 0, 1, 2).reshape(site.outputs, -1))
    core = np.einsum("hwio,ia,ob->hwab", kernel, in_basis, out_basis, optimize=True)
    return Spectrum(site, core, in_basis, out_basis, in_values, out_values)


def _basis(unfolded: Array) -> tuple[Array, Array]:
    """Singular values and left singular vectors of a matrix, as many as its shorter side."""
    import numpy as np

    if unfolded.shape[0] > unfolded.shape[1]:  # a dense layer behind a feature map: its rows' products fill no memory
        left, values, _ = np.linalg.svd(unfolded, full_matrices=False)
        return values, left
    squares, vectors = np.linalg.eigh(unfolded @ unfolded.T)
    return np.sqrt(np.maximum(squares[::-1], 0)), vectors[:, ::-1]


def spatial_factors(site: Site) -> tuple[Array, Array, Array]:
    """U, S, Vt of the kernel as a matrix [height * in, width * out]."""
    import numpy as np

    height, width, inputs, outputs = site.kernel.shape
    matrix = site.kernel.transpose(0, 2, 1, 3).reshape(height * inputs, width * outputs)
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return left, values, right


def forms(found: Spectrum, multiple: int) -> list[Form]:
    """The forms that save, ranks being multiples of `multiple`: none costs as much as another and keeps less.

    By falling multiply-accumulates, so also by falling `kept`.
    """
    every = [*_all_tucker(found, multiple), *_all_spatial(found.site, multiple)]
    best: list[Form] = []
    for form in sorted(every, key=lambda form: (form.macs, -form.kept, form.weights)):
        if not best or form.kept > best[-1].kept:
            best.append(form)
    return best[::-1]


def saves(site: Site, form: Form) -> bool:
    """Whether the form has fewer weights and clearly fewer multiply-accumulates than the layer."""
    return form.macs <= (1 - LEAST_SAVING) * site.macs and form.weights < site.weights


def tucker(found: Spectrum, r1: int, r2: int) -> Form:
    """The form with these ranks, or with the highest that the kernel can have."""
    import numpy as np

    site = found.site
    most_in, most_out = found.core.shape[2:]
    r1 = r1 if r1 == site.inputs else min(r1, most_in)
    r2 = r2 if r2 == site.outputs else min(r2, most_out)
    kept = float(np.square(found.core[:, :, :r1, :r2]).sum() / max(np.square(site.kernel).sum(), 1e-30))
    return _tucker(site, r1, r2, kept)


def spatial(site: Site, rank: int) -> Form:
    """The form with this rank."""
    import numpy as np

    values = np.square(spatial_factors(site)[1])
    return _spatial(site, rank, float(values[:rank].sum() / max(values.sum(), 1e-30)))


def has_spatial(site: Site) -> bool:
    """Whether the kernel has height and width."""
    return site.kernel.shape[0] > 1 and site.kernel.shape[1] > 1


def _all_tucker(found: Spectrum, multiple: int) -> list[Form]:
    import numpy as np

    site = found.site
    energy = np.square(found.core).sum(axis=(0, 1)).cumsum(axis=0).cumsum(axis=1)
    energy /= max(energy[-1, -1], 1e-30)
    most_in, most_out = energy.shape
    both = [
        (r1, r2)
        for r1 in (*_ranks(multiple, site.inputs, most_in), site.inputs)
        for r2 in (*_ranks(multiple, site.outputs, most_out), site.outputs)
        if site.taps > 1 or r1 == site.inputs  # the two ways of a 1 x 1 kernel are one
    ]
    made = (_tucker(site, r1, r2, float(energy[min(r1, most_in) - 1, min(r2, most_out) - 1])) for r1, r2 in both)
    return [form for form in made if saves(site, form)]


def _ranks(multiple: int, channels: int, most: int) -> range:
    """Multiples below `channels`, up to the highest rank there is."""
    return range(multiple, min(channels, most + 1), multiple)


def _all_spatial(site: Site, multiple: int) -> list[Form]:
    if not has_spatial(site):
        return []
    values = spatial_factors(site)[1] ** 2
    energy = values.cumsum() / max(values.sum(), 1e-30)
    made = (_spatial(site, rank, float(energy[rank - 1])) for rank in range(multiple, len(energy), multiple))
    return [form for form in made if saves(site, form)]


def _tucker(site: Site, r1: int, r2: int, kept: float) -> Form:
    into = site.inputs * r1 if r1 < site.inputs else 0
    core = site.taps * r1 * r2
    out = r2 * site.outputs if r2 < site.outputs else 0
    macs = into * site.places_in + (core + out) * site.places_out
    return Form(TUCKER, (r1, r2), macs, into + core + out, kept)


def _spatial(site: Site, rank: int, kept: float) -> Form:
    height, width = site.kernel.shape[:2]
    column, row = height * site.inputs * rank, width * rank * site.outputs
    macs = column * site.places_between + row * site.places_out
    return Form(SPATIAL, (rank,), int(macs), int(column + row), kept)
