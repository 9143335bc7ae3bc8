"""Random operators that move data, and those of images and matrices: (network, input) -> output."""

from __future__ import annotations

from typing import Any

import numpy as np

from testbench.differential.builder import Value
from testbench.differential.network import ACTIVATIONS, Generator, Network

SAME, VALID = 0, 1


def transpose(net: Network, x: Value) -> Value:
    """Dimensions in any order."""
    order = net.random.permutation(len(x.shape))
    return net.builder.op("TRANSPOSE", [x, _ints(net, order)], [net.moved(x, [x.shape[i] for i in order])])


def take(net: Network, x: Value) -> Value:
    """SLICE of any part."""
    begin = [net.between(0, size - 1) for size in x.shape]
    size = [net.between(1, whole - b) for whole, b in zip(x.shape, begin, strict=True)]
    given = [-1 if b + s == whole and net.chance(0.5) else s for b, s, whole in zip(begin, size, x.shape, strict=True)]
    return net.builder.op("SLICE", [x, _ints(net, begin), _ints(net, given)], [net.moved(x, size)])


def strided_slice(net: Network, x: Value) -> Value:
    """Strides of either sign, begin, end and shrink masks."""
    begin, end, strides, shape = [], [], [], []
    masks = {"begin_mask": 0, "end_mask": 0, "shrink_axis_mask": 0}
    for i, size in enumerate(x.shape):
        stride = net.pick(1, 1, 1, 2, 3, -1, -2)
        first, last = net.between(0, size - 1), net.between(0, size - 1)
        first, last = (
            (min(first, last), max(first, last) + 1) if stride > 0 else (max(first, last), min(first, last) - 1)
        )
        if net.chance(0.15):
            masks["shrink_axis_mask"] |= 1 << i
            stride, last = 1, first + 1
        else:
            open_begin, open_end = net.chance(0.2), net.chance(0.2) or last < 0
            masks["begin_mask"] |= open_begin << i
            masks["end_mask"] |= open_end << i
            shape.append(len(range(size)[slice(None if open_begin else first, None if open_end else last, stride)]))
        begin.append(first - size if net.chance(0.2) else first)
        end.append(last - size if net.chance(0.2) and 0 <= last < size else last)
        strides.append(stride)
    inputs = [x, *(_ints(net, numbers) for numbers in (begin, end, strides))]
    return net.builder.op("STRIDED_SLICE", inputs, [net.moved(x, shape)], version=2, **masks)


def strided_slice_new_axes(net: Network, x: Value) -> Value:
    """New axes and an ellipsis: LiteRT alone takes them."""
    place = net.between(0, 2)
    taken = [slice(None, None, net.pick(1, 2, -1)) for _ in range(3)]
    spec: list[Any] = [*taken[:place], None, *taken[place:]][: net.between(2, 4)]
    spec = spec if len(spec) == 4 or net.chance(0.5) else [*spec, Ellipsis]
    spec = [Ellipsis, *spec[:2]] if net.chance(0.3) else spec
    shape = np.empty(x.shape)[tuple(spec)].shape
    numbers = [each.step if isinstance(each, slice) else 1 for each in spec]
    masks = {
        "begin_mask": (1 << len(spec)) - 1,
        "end_mask": (1 << len(spec)) - 1,
        "new_axis_mask": sum(1 << i for i, each in enumerate(spec) if each is None),
        "ellipsis_mask": sum(1 << i for i, each in enumerate(spec) if each is Ellipsis),
    }
    inputs = [x, _ints(net, [0] * len(spec)), _ints(net, [0] * len(spec)), _ints(net, numbers)]
    return net.builder.op("STRIDED_SLICE", inputs, [net.moved(x, shape)], version=2, **masks)


def split(net: Network, x: Value) -> Value:
    """Along any dimension."""
    axis = net.between(0, len(x.shape) - 1)
    counts = [n for n in range(1, 5) if x.shape[axis] % n == 0]
    count = net.pick(*counts)
    parts = [net.moved(x, _with(x.shape, axis, x.shape[axis] // count)) for _ in range(count)]
    where = net.builder.constant(np.array(axis - len(x.shape) if net.chance(0.3) else axis, np.int32))
    return net.builder.op("SPLIT", [where, x], parts, version=2, shown=net.between(0, count - 1), num_splits=count)


def split_v(net: Network, x: Value) -> Value:
    """Along any dimension, one size perhaps left open."""
    axis = net.between(0, len(x.shape) - 1)
    ends = sorted({net.between(1, x.shape[axis]) for _ in range(net.between(0, 2))} | {x.shape[axis]})
    sizes = [int(size) for size in np.diff([0, *ends])]
    parts = [net.moved(x, _with(x.shape, axis, size)) for size in sizes]
    given = list(sizes)
    if net.chance(0.3):
        given[net.between(0, len(sizes) - 1)] = -1
    inputs = [x, _ints(net, given), net.builder.constant(np.array(axis, np.int32))]
    return net.builder.op("SPLIT_V", inputs, parts, shown=net.between(0, len(sizes) - 1), num_splits=len(sizes))


def pack(net: Network, x: Value) -> Value:
    """With itself and another tensor of its shape."""
    x = net.builder.op("RESHAPE", [x, _ints(net, (x.shape[0] * x.shape[1], *x.shape[2:]))],
                       [net.moved(x, (x.shape[0] * x.shape[1], *x.shape[2:]))]) if len(x.shape) == 4 else x  # fmt: skip
    parts = [x, net.given(x.shape, x.scale, x.zero_point), x][: net.between(1, 3)]
    axis = net.between(0, len(x.shape))
    shape = [*x.shape[:axis], len(parts), *x.shape[axis:]]
    signed = axis - len(shape) if net.chance(0.3) else axis
    return net.builder.op("PACK", parts, [net.moved(x, shape)], values_count=len(parts), axis=signed)


def unpack(net: Network, x: Value) -> Value:
    """Along any dimension."""
    axis = net.between(0, len(x.shape) - 1)
    shape = [size for i, size in enumerate(x.shape) if i != axis]
    parts = [net.moved(x, shape) for _ in range(x.shape[axis])]
    signed = axis - len(x.shape) if net.chance(0.3) else axis
    return net.builder.op("UNPACK", [x], parts, shown=net.between(0, len(parts) - 1), num=len(parts), axis=signed)


def gather(net: Network, x: Value) -> Value:
    """By constant or computed indices, with batch dimensions."""
    axis = net.between(0, len(x.shape) - 1)
    batch = net.between(0, axis) if net.chance(0.3) else 0
    count = net.between(1, 4)
    shape = (*x.shape[:batch], *((count,) if net.chance(0.6) else (count, 2)))
    indices = net.builder.constant(net.random.integers(0, x.shape[axis], shape).astype(np.int32))
    if net.chance(0.4):
        indices = _computed_indices(net, shape, x.shape[axis])
    y = net.moved(x, (*x.shape[:axis], *shape[batch:], *x.shape[axis + 1 :]))
    signed = axis - len(x.shape) if net.chance(0.3) else axis
    return net.builder.op("GATHER", [x, indices], [y], version=2, axis=signed, batch_dims=batch)


def _computed_indices(net: Network, shape: tuple[int, ...], size: int) -> Value:
    """Places of the greatest of `size` elements."""
    scores = net.input((*shape, size))
    axis = net.builder.constant(np.array(len(shape), np.int32))
    return net.builder.op("ARG_MAX", [scores, axis], [net.builder.tensor(shape, dtype="int32")], output_type=2)


def padv2(net: Network, x: Value) -> Value:
    """With any value."""
    paddings = net.random.integers(0, 3, (len(x.shape), 2)).astype(np.int32)
    shape = [size + int(before + after) for size, (before, after) in zip(x.shape, paddings, strict=True)]
    value = net.builder.constant(np.array(net.between(-128, 127), np.int8), x.scale, x.zero_point)
    return net.builder.op("PADV2", [x, net.builder.constant(paddings), value], [net.like(x, shape)], version=2)


def mirror_pad(net: Network, x: Value) -> Value:
    """Both modes."""
    mode = net.pick(0, 1)  # REFLECT, SYMMETRIC
    paddings = [[net.between(0, min(2, size - 1 + mode)) for _ in range(2)] for size in x.shape]
    shape = [size + before + after for size, (before, after) in zip(x.shape, paddings, strict=True)]
    amounts = net.builder.constant(np.array(paddings, np.int32))
    return net.builder.op("MIRROR_PAD", [x, amounts], [net.moved(x, shape)], version=2, mode=mode)


def _resize(name: str) -> Generator:
    def make(net: Network, x: Value) -> Value:
        size = [net.pick(1, 2 * n, net.between(1, 3 * n)) for n in x.shape[1:3]]
        corners, centers = ((False, False), (True, False), (False, True))[net.between(0, 2)]
        y = net.moved(x, (x.shape[0], *size, x.shape[3]))
        options = {"align_corners": corners, "half_pixel_centers": centers}
        return net.builder.op(name, [x, _ints(net, size)], [y], version=3, **options)

    return make


def depth_to_space(net: Network, x: Value) -> Value:
    """Blocks of 1 to 3 pixels; the input is widened to have channels enough."""
    block = net.pick(1, 2, 2, 3)
    n, h, w, c = x.shape
    wide = net.moved(x, (n, h, w, c * block * block))
    x = net.builder.op("CONCATENATION", [x] * (block * block), [wide], version=2, axis=3)
    return net.builder.op("DEPTH_TO_SPACE", [x], [net.moved(x, (n, h * block, w * block, c))], block_size=block)


def space_to_depth(net: Network, x: Value) -> Value:
    """Blocks that divide the image."""
    n, h, w, c = x.shape
    block = net.pick(*[b for b in (1, 2, 3, 4) if h % b == 0 and w % b == 0])
    y = net.moved(x, (n, h // block, w // block, c * block * block))
    return net.builder.op("SPACE_TO_DEPTH", [x], [y], block_size=block)


def squeeze(net: Network, x: Value) -> Value:
    """Dimensions of 1 dropped."""
    ones = [i for i, size in enumerate(x.shape) if size == 1]
    shape = [size for size in x.shape if size != 1] or [1]
    ones = ones[1:] if len(shape) + len(ones) > len(x.shape) else ones
    return net.builder.op("SQUEEZE", [x], [net.moved(x, shape)], squeeze_dims=ones)


def expand_dims(net: Network, x: Value) -> Value:
    """A dimension of 1 added."""
    x = net.builder.op(
        "RESHAPE", [x, _ints(net, (x.shape[0], -1))], [net.moved(x, (x.shape[0], int(np.prod(x.shape[1:]))))]
    )
    axis = net.between(0, 2)
    shape = [*x.shape[:axis], 1, *x.shape[axis:]]
    return net.builder.op("EXPAND_DIMS", [x, net.builder.constant(np.array(axis, np.int32))], [net.moved(x, shape)])


def batch_matmul(net: Network, x: Value) -> Value:
    """Either side transposed, batches broadcast, a constant or computed second operand."""
    rank = net.pick(2, 3, 4, 4)
    x = _rank(net, x, rank)
    adj_x, adj_y = net.chance(0.4), net.chance(0.4)
    rows, depth = x.shape[-2:] if not adj_x else x.shape[:-3:-1]
    columns = net.between(1, 6)
    batches = [size if net.chance(0.7) else 1 for size in x.shape[:-2]]
    if all(size == 1 for size in x.shape[:-2]) and rank > 2 and net.chance(0.5):
        batches[-1] = net.between(1, 3)
    shape = [*batches, *((columns, depth) if adj_y else (depth, columns))]
    other = net.given(shape, net.scale(), net.zero_point())
    if net.chance(0.3):
        other = net.builder.constant(net.int8(shape), net.scale(), net.zero_point())
    y = net.output((*np.broadcast_shapes(x.shape[:-2], batches), rows, columns), net.scale_for(x.scale * other.scale))
    return net.builder.op("BATCH_MATMUL", [x, other], [y], version=2, adj_x=adj_x, adj_y=adj_y)


def _rank(net: Network, x: Value, rank: int) -> Value:
    """With its first dimensions joined."""
    shape = (int(np.prod(x.shape[: len(x.shape) - rank + 1])), *x.shape[len(x.shape) - rank + 1 :])
    return net.builder.op("RESHAPE", [x, _ints(net, shape)], [net.moved(x, shape)]) if rank < len(x.shape) else x


def transpose_conv(net: Network, x: Value) -> Value:
    """Any window and stride, both paddings, with and without bias."""
    n, h, w, c = x.shape
    out_c, k_h, k_w = net.between(1, 5), net.pick(1, 2, 3, 5), net.pick(1, 2, 3, 4)
    s_h, s_w, padding = net.pick(1, 2, 2, 3), net.pick(1, 2, 2, 3), net.pick(SAME, VALID)
    size = (h * s_h, w * s_w) if padding == SAME else ((h - 1) * s_h + max(k_h, s_h), (w - 1) * s_w + max(k_w, s_w))
    weights, scales = net.weights((out_c, k_h, k_w, c), out_c, axis=0)
    real = float(np.max(scales)) * x.scale
    y = net.output((n, *size, out_c), net.scale_for(real))
    inputs = [_ints(net, y.shape), weights, x, net.bias(out_c, scales * np.float32(x.scale))]
    inputs = inputs if inputs[3] else inputs[:3]
    options = {"padding": padding, "stride_h": s_h, "stride_w": s_w}
    options |= {"fused_activation_function": net.pick(*ACTIVATIONS)} if net.chance(0.3) else {}
    return net.builder.op("TRANSPOSE_CONV", inputs, [y], version=3, **options)


def _ints(net: Network, values: Any) -> Value:
    return net.builder.constant(np.array(list(values), np.int32))


def _with(shape: tuple[int, ...], axis: int, size: int) -> list[int]:
    return [size if i == axis else n for i, n in enumerate(shape)]


GENERATORS: dict[str, Generator] = {
    "TRANSPOSE": transpose,
    "SLICE": take,
    "STRIDED_SLICE": strided_slice,
    "SPLIT": split,
    "SPLIT_V": split_v,
    "PACK": pack,
    "UNPACK": unpack,
    "GATHER": gather,
    "PADV2": padv2,
    "MIRROR_PAD": mirror_pad,
    "RESIZE_BILINEAR": _resize("RESIZE_BILINEAR"),
    "RESIZE_NEAREST_NEIGHBOR": _resize("RESIZE_NEAREST_NEIGHBOR"),
    "DEPTH_TO_SPACE": depth_to_space,
    "SPACE_TO_DEPTH": space_to_depth,
    "SQUEEZE": squeeze,
    "EXPAND_DIMS": expand_dims,
    "BATCH_MATMUL": batch_matmul,
    "TRANSPOSE_CONV": transpose_conv,
}

LITERT: dict[str, Generator] = {"STRIDED_SLICE": strided_slice_new_axes}
"""Those that TensorFlow Lite Micro does not run: LiteRT's reference kernels do."""
