"""Networks in layers of torch.nn: `python torch_networks.py FOLDER NAME.pt2 NAME.onnx ...` writes them.

It runs in the environment of the importer `torch`, which has nothing but torch. Weights are random and the same each
time; those of batch norm too, and its statistics are those of random inputs.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

SEED = 5
VOCABULARY = 8
_CLASSES, _SIZE = 10, 96


def conv(
    before: int, after: int, kernel: int = 3, stride: int = 1, groups: int = 1, act: type = nn.ReLU6
) -> nn.Sequential:
    """Convolution without bias, batch norm, activation."""
    layer = nn.Conv2d(before, after, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(after), act())


class Residual(nn.Module):
    """What goes in, added to what a body makes of it, or to a shortcut."""

    def __init__(self, body: nn.Module, shortcut: nn.Module | None = None, after: nn.Module | None = None) -> None:
        super().__init__()
        self.body, self.shortcut, self.after = body, shortcut or nn.Identity(), after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        return self.after(self.shortcut(x) + self.body(x))


class Gate(nn.Module):
    """Squeeze and excite: each channel times a number between 0 and 1 that all channels' means decide."""

    def __init__(self, channels: int, inner: int, last: type = nn.Sigmoid, act: type = nn.ReLU) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(nn.Conv2d(channels, inner, 1), act(), nn.Conv2d(inner, channels, 1), last())

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        return x * self.gate(self.pool(x))


class LastStep(nn.Module):
    """A recurrent layer, of which the last step is taken."""

    def __init__(self, layer: nn.Module, after: int) -> None:
        super().__init__()
        self.layer, self.scores = layer, nn.Sequential(nn.Linear(after, 4), nn.Softmax(-1))

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        return self.scores(self.layer(x)[0][:, -1])


class Attention(nn.Module):
    """A transformer's encoder block: attention and layers with GELU, each added and normalized."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.mix = heads, nn.ModuleList(nn.Linear(width, width) for _ in range(4))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.layers = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.scores = nn.Sequential(nn.Linear(width, 4), nn.Softmax(-1))

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        steps, width = x.shape[1:]
        query, key, value = (
            mix(x).reshape(1, steps, self.heads, width // self.heads).transpose(1, 2) for mix in self.mix[:3]
        )
        weights = torch.softmax(query @ key.transpose(-1, -2) / (width // self.heads) ** 0.5, -1)
        x = self.norms[0](x + self.mix[3]((weights @ value).transpose(1, 2).reshape(1, steps, width)))
        return self.scores(self.norms[1](x + self.layers(x)).mean(1))


class TwoInputs(nn.Module):
    """An image and numbers about it; two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.image, self.numbers = (
            nn.Sequential(conv(2, 4, 3, 2), nn.Flatten()),
            nn.Sequential(nn.Linear(5, 6), nn.Tanh()),
        )
        self.scores, self.parts = (
            nn.Sequential(nn.Linear(42, 4), nn.Softmax(-1)),
            nn.Sequential(nn.Linear(42, 2), nn.Sigmoid()),
        )

    def forward(self, image: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """As torch.nn calls it."""
        x = torch.cat([self.image(image), self.numbers(numbers)], 1)
        return self.scores(x), self.parts(x)


class Causal(nn.Module):
    """Dilated convolutions over time that see no later step."""

    def __init__(self) -> None:
        super().__init__()
        pairs = ((4, 1), (6, 2), (6, 4))
        layers = [[nn.ConstantPad1d((2 * d, 0), 0.0), nn.Conv1d(c, 6, 3, dilation=d), nn.ReLU()] for c, d in pairs]
        self.layers = nn.Sequential(*(each for group in layers for each in group))
        self.scores = nn.Sequential(nn.Linear(6, 4), nn.Softmax(-1))

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        return self.scores(self.layers(x).amax(2))


class Words(nn.Module):
    """Word vectors, their mean."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.scores = nn.Embedding(VOCABULARY, 6), nn.Sequential(nn.Linear(6, 4), nn.Softmax(-1))

    def forward(self, x: Tensor) -> Tensor:
        """As torch.nn calls it."""
        return self.scores(self.words(x).mean(1))


def _scores(before: int, classes: int = 4) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(before, classes), nn.Softmax(-1)]


def _pooled(before: int, classes: int = 4) -> list[nn.Module]:
    return [nn.AdaptiveAvgPool2d(1), *_scores(before, classes)]


def _autoencoder() -> nn.Module:
    inner = [layer for pair in ((24, 12), (12, 3), (3, 12)) for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*inner, nn.Linear(12, 24))


def _separable() -> nn.Module:
    blocks = [conv(6, 6, groups=6), conv(6, 8, 1), conv(8, 8, 3, 2, groups=8), conv(8, 8, 1)]
    return nn.Sequential(conv(1, 6, 3, 2), *blocks, *_pooled(8))


def _residual() -> nn.Module:
    same = Residual(nn.Conv2d(4, 4, 3, padding=1), after=nn.ReLU())
    smaller = Residual(nn.Conv2d(4, 8, 3, 2, 1), nn.Conv2d(4, 8, 1, 2), nn.ReLU())
    return nn.Sequential(conv(3, 4), same, smaller, nn.AvgPool2d(4), *_scores(8))


def _upsampling() -> nn.Module:
    down = [conv(2, 4, 3, 2), nn.Upsample(scale_factor=2, mode="nearest"), conv(4, 4), nn.MaxPool2d(2)]
    up = [nn.ConvTranspose2d(4, 4, 2, 2), nn.ReLU(), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(4, 1, 1)]
    return nn.Sequential(*down, *up, nn.Sigmoid())


def _slopes() -> nn.Module:
    kinds = (nn.LeakyReLU(0.1), nn.PReLU(4), nn.ELU(), nn.Hardswish(), nn.SiLU())
    layers = [layer for kind in kinds for layer in (nn.Conv2d(4, 4, 3, padding=1), kind)]
    return nn.Sequential(conv(3, 4), *layers, *_pooled(4))


def _group_norm() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.GroupNorm(2, 8), nn.ReLU(), *_pooled(8))


def _over_time() -> nn.Module:
    layers = [
        nn.Conv1d(4, 6, 5, padding=2),
        nn.BatchNorm1d(6),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.Conv1d(6, 8, 3, 2, 1),
        nn.ReLU(),
    ]
    return nn.Sequential(*layers, nn.AvgPool1d(2), *_scores(16))


def _pruned() -> nn.Module:
    """Half of the weights zero, for good."""
    net = nn.Sequential(conv(3, 6), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU(), *_scores(128))
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            prune.l1_unstructured(layer, "weight", amount=0.5)
            prune.remove(layer, "weight")
    return net


def _mobilenet() -> nn.Module:
    """Howard et al. 2017, arXiv:1704.04861, table 1."""
    layers, before = [conv(3, 32, 3, 2)], 32
    rows = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
    for after, stride in rows:
        layers += [conv(before, before, 3, stride, before), conv(before, after, 1)]
        before = after
    return nn.Sequential(*layers, *_pooled(1024, _CLASSES))


def _mobilenet_v2() -> nn.Module:
    """Sandler et al. 2018, arXiv:1801.04381, table 2."""
    layers, before = [conv(3, 32, 3, 2)], 32
    rows = (
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    )  # fmt: skip
    for widen, after, count, stride in rows:
        for number in range(count):
            inner, step = before * widen, stride if number == 0 else 1
            body = [conv(before, inner, 1)] if widen > 1 else []
            body += [conv(inner, inner, 3, step, inner), conv(inner, after, 1, act=nn.Identity)]
            block = nn.Sequential(*body)
            layers.append(Residual(block) if step == 1 and before == after else block)
            before = after
    return nn.Sequential(*layers, conv(before, 1280, 1), *_pooled(1280, _CLASSES))


def _mobilenet_v3_small() -> nn.Module:
    """Howard et al. 2019, arXiv:1905.02244, table 2."""
    rows = (
        (3, 16, 16, True, nn.ReLU, 2), (3, 72, 24, False, nn.ReLU, 2), (3, 88, 24, False, nn.ReLU, 1),
        (5, 96, 40, True, nn.Hardswish, 2), (5, 240, 40, True, nn.Hardswish, 1), (5, 240, 40, True, nn.Hardswish, 1),
        (5, 120, 48, True, nn.Hardswish, 1), (5, 144, 48, True, nn.Hardswish, 1), (5, 288, 96, True, nn.Hardswish, 2),
        (5, 576, 96, True, nn.Hardswish, 1), (5, 576, 96, True, nn.Hardswish, 1),
    )  # fmt: skip
    layers, before = [conv(3, 16, 3, 2, act=nn.Hardswish)], 16
    for kernel, inner, after, gated, act, stride in rows:
        gate = [Gate(inner, max(8, inner // 4), nn.Hardsigmoid)] if gated else []
        first = [conv(before, inner, 1, act=act), conv(inner, inner, kernel, stride, inner, act)]
        block = nn.Sequential(*first, *gate, conv(inner, after, 1, act=nn.Identity))
        layers.append(Residual(block) if stride == 1 and before == after else block)
        before = after
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(576, 1024), nn.Hardswish(), nn.Linear(1024, _CLASSES)]
    return nn.Sequential(*layers, conv(before, 576, 1, act=nn.Hardswish), *end, nn.Softmax(-1))


def _efficientnet_b0() -> nn.Module:
    """Tan and Le 2019, arXiv:1905.11946, table 1."""
    rows = (
        (1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5),
        (6, 320, 1, 1, 3),
    )  # fmt: skip
    layers, before = [conv(3, 32, 3, 2, act=nn.SiLU)], 32
    for widen, after, count, stride, kernel in rows:
        for number in range(count):
            inner, step = before * widen, stride if number == 0 else 1
            body = [conv(before, inner, 1, act=nn.SiLU)] if widen > 1 else []
            body += [conv(inner, inner, kernel, step, inner, nn.SiLU), Gate(inner, before // 4, act=nn.SiLU)]
            block = nn.Sequential(*body, conv(inner, after, 1, act=nn.Identity))
            layers.append(Residual(block) if step == 1 and before == after else block)
            before = after
    return nn.Sequential(*layers, conv(before, 1280, 1, act=nn.SiLU), *_pooled(1280, _CLASSES))


def _resnet18() -> nn.Module:
    """He et al. 2015, arXiv:1512.03385, table 1."""
    layers: list[nn.Module] = [conv(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for after, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        body = nn.Sequential(conv(before, after, 3, stride, act=nn.ReLU), conv(after, after, act=nn.Identity))
        short = None if stride == 1 and before == after else conv(before, after, 1, stride, act=nn.Identity)
        layers.append(Residual(body, short, nn.ReLU()))
        before = after
    return nn.Sequential(*layers, *_pooled(512, _CLASSES))


def _resnet50() -> nn.Module:
    """He et al. 2015, arXiv:1512.03385, table 1, with the stride in the convolution of 3 x 3."""
    layers: list[nn.Module] = [conv(3, 64, 7, 2, act=nn.ReLU), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for inner, count, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for number in range(count):
            step, after = stride if number == 0 else 1, 4 * inner
            first = [conv(before, inner, 1, act=nn.ReLU), conv(inner, inner, 3, step, act=nn.ReLU)]
            short = None if before == after else conv(before, after, 1, step, act=nn.Identity)
            layers.append(Residual(nn.Sequential(*first, conv(inner, after, 1, act=nn.Identity)), short, nn.ReLU()))
            before = after
    return nn.Sequential(*layers, *_pooled(2048, _CLASSES))


_IMAGE = ((3, _SIZE, _SIZE),)

NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[tuple[int, ...], ...]]] = {
    "attention": (lambda: Attention(8, 2), ((6, 8),)),
    "autoencoder": (_autoencoder, ((24,),)),
    "batch_norm": (lambda: nn.Sequential(conv(3, 6), conv(6, 8), nn.MaxPool2d(2), *_scores(128)), ((3, 8, 8),)),
    "bidirectional": (lambda: LastStep(nn.LSTM(4, 5, batch_first=True, bidirectional=True), 10), ((6, 4),)),
    "causal": (Causal, ((4, 16),)),
    "embedding": (Words, ((6,),)),
    "group_norm": (_group_norm, ((3, 8, 8),)),
    "gru": (lambda: LastStep(nn.GRU(4, 5, batch_first=True), 5), ((6, 4),)),
    "lstm": (lambda: LastStep(nn.LSTM(4, 5, batch_first=True), 5), ((6, 4),)),
    "over_time": (_over_time, ((4, 16),)),
    "pruned": (_pruned, ((3, 8, 8),)),
    "residual": (_residual, ((3, 8, 8),)),
    "separable": (_separable, ((1, 10, 8),)),
    "slopes": (_slopes, ((3, 6, 6),)),
    "softmax_axis": (lambda: nn.Sequential(conv(3, 4), nn.Conv2d(4, 3, 1), nn.Softmax(1)), ((3, 6, 6),)),
    "squeeze_excite": (lambda: nn.Sequential(conv(3, 8), Gate(8, 4), conv(8, 8, 3, 2), *_pooled(8)), ((3, 8, 8),)),
    "two_inputs": (TwoInputs, ((2, 6, 6), (5,))),
    "upsampling": (_upsampling, ((2, 8, 8),)),
    "MobileNet": (_mobilenet, _IMAGE),
    "MobileNetV2": (_mobilenet_v2, _IMAGE),
    "MobileNetV3Small": (_mobilenet_v3_small, _IMAGE),
    "EfficientNetB0": (_efficientnet_b0, _IMAGE),
    "ResNet18": (_resnet18, _IMAGE),
    "ResNet50": (_resnet50, _IMAGE),
}  # fmt: skip
"""How each is made, and the shapes of its inputs without the batch."""


def made(name: str) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """The network and inputs that it takes."""
    torch.manual_seed(SEED)
    build, shapes = NETWORKS[name]
    net = build()
    whole = name == "embedding"
    inputs = [torch.randint(VOCABULARY, (16, *shape)) if whole else torch.randn(16, *shape) for shape in shapes]
    _spread(net)
    if any(isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d) for each in net.modules()):
        with torch.no_grad():
            net.train()(*inputs)  # batch norm takes over what it sees
    return net.eval(), tuple(each[:1] for each in inputs)


def _spread(net: nn.Module) -> None:
    for each in net.modules():
        if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(each.weight, 0.5, 1.5)
            nn.init.uniform_(each.bias, -0.3, 0.3)
            each.momentum = 1.0


def write(name: str, path: Path) -> None:
    """Export it and save that, in the format of the path."""
    net, inputs = made(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.export.export(net, inputs)
        if path.suffix == ".onnx":
            torch.onnx.export(program, f=path, dynamo=True, verbose=False, external_data=False)
        else:
            torch.export.save(program, path)


if __name__ == "__main__":
    for path in map(Path(sys.argv[1]).joinpath, sys.argv[2:]):
        print(path, flush=True)
        write(path.stem, path)
